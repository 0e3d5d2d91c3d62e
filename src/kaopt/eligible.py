"""Which promotion events may be planned at all: open, listed, priced, early enough, or signed already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from kaopt.scenario.columns import Bools, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Events:
    """Promotion events as aligned arrays with [O] entries; weeks 0-based."""

    account: Ints
    sku: Ints
    week: Ints
    weeks: Ints
    treatment: Ints


def eligible_events(world: Scenario, accounts: Ints | None = None) -> Events:
    """Every event that no rule shuts out by itself, and every one that stands, sorted and without doubles.

    `accounts`: of these accounts only (increasing ids), None: of all.
    """
    some = np.arange(world.shape[0]) if accounts is None else accounts
    open_weeks, in_time = open_cells(world, some), notice_kept(world)[some]
    signed = committed(world)
    signed = signed[:, np.isin(signed[0], some)]
    kinds = [(length, k) for k, lengths in enumerate(world.treatments.lengths) for length in lengths]
    forms = sorted({*kinds, *zip(*signed[3:].tolist(), strict=True)})  # length and mechanic, as offers are sorted
    offered = np.zeros((*open_weeks.shape[:2], world.weeks, len(forms)), bool)
    for n, (length, k) in enumerate(forms):
        starts = world.weeks - length + 1
        if starts <= 0 or length not in world.treatments.lengths[k]:
            continue
        run = open_weeks[:, :, k, :starts] & in_time[:, None, k, :starts]
        for j in range(1, length):
            run &= open_weeks[:, :, k, j : j + starts]
        offered[:, :, :starts, n] = run
    for account, sku, week, length, k in signed.T.tolist():
        offered[some.tolist().index(account), sku, week, forms.index((length, k))] = True
    a, s, w, form = np.nonzero(offered)
    of_length, of_mechanic = np.array(forms, dtype=np.int64).reshape(-1, 2).T
    return Events(some[a], s, w, of_length[form], of_mechanic[form])


def open_cells(world: Scenario, accounts: Ints | None = None) -> Bools:
    """[A, S, K, W] the treatment may be active: listed, not closed, not forbidden, with a retail price above zero.

    `accounts`: A are these, None: all.
    """
    some = np.arange(world.shape[0]) if accounts is None else accounts
    cut = world.treatments.depth * world.treatments.pass_through
    priced = world.base_price[some] > 0  # False for NaN too
    sold = world.listed[some][:, :, None, None] & (cut < 1)[:, None]
    cells: Bools = world.eligible[some] & sold & priced[:, :, None, :]
    for lock in world.locks:
        if lock.kind == "forbidden" and lock.account in some:
            which = slice(None) if lock.treatment < 0 else lock.treatment
            place = int(np.searchsorted(some, lock.account))
            cells[place, lock.sku, which, lock.week : lock.week + lock.weeks] = False
    return cells


def notice_kept(world: Scenario) -> Bools:
    """[A, K, W] an event that starts in week w can still be arranged: by the account's notice and from today."""
    lead = world.treatments.lead_time
    agreed = lead[None, :] <= world.accounts.notice_days[:, None]
    left = np.full(world.weeks, np.iinfo(np.int64).max)
    if world.planned_on is not None:
        left = np.array([(world.start + timedelta(weeks=w) - world.planned_on).days for w in range(world.weeks)])
    needed = np.maximum(lead, world.fences[0])  # nothing new inside the frozen fence
    kept: Bools = agreed[:, :, None] & (left[None, None, :] >= needed[None, :, None])
    return kept


def committed(world: Scenario) -> Ints:
    """[5, n] the events that are signed already, or inside a fence; they stand whatever else is closed."""
    rows = [
        (x.account, x.sku, x.week, x.weeks, x.treatment)
        for x in (*world.locks, *world.standing)
        if x.kind in ("committed", "given") and x.treatment >= 0 and x.week < world.weeks
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 5).T
