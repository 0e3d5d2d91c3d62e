"""Every eligible promotion event with its effects by week: the table that both models read.

An event's effects are simulated once, alone against doing nothing; the rows of the rules are linear in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from kaopt.response.model import strength
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario

CREDIT_TOLERANCE = 1e-6  # money: an event that stands on the hurdle but for rounding has passed it


@dataclass(frozen=True, eq=False)
class Effects:
    """What events change, week by week; entries sorted by offer, `start[o]:start[o+1]` belong to offer o.

    Own active weeks first, then the dip, then cluster mates. All relative to doing nothing.
    """

    start: Ints  # [O + 1]
    offer: Ints  # [E]
    sku: Ints  # [E] whose sales change
    week: Ints  # [E] 0-based
    cases: Floats  # [E] case
    net_revenue: Floats  # [E] money, after the event's spend of that week
    spend: Floats  # [E] money of trade spend accrued that week
    contribution: Floats  # [E] money


@dataclass(frozen=True, eq=False)
class Offers:
    """Eligible events; aligned arrays with [O] entries, sorted by account, SKU, week, weeks, treatment."""

    account: Ints
    sku: Ints
    week: Ints  # first week, 0-based
    weeks: Ints  # length
    treatment: Ints
    base_cases: Floats  # of the SKU over the active weeks, without the event
    cases: Floats  # of the SKU over the active weeks, with it
    incremental_cases: Floats  # net of dip and of what cluster mates lose
    net_revenue: Floats  # incremental, money
    spend: Floats  # trade spend, money
    contribution: Floats  # incremental, money
    credit: Floats  # cases that count as profitable volume
    value: Floats  # coefficient in the objective, in its unit
    effects: Effects

    def __len__(self) -> int:
        """Number of offers."""
        return len(self.account)


@dataclass(frozen=True, eq=False)
class Events:
    """Promotion events as aligned arrays with [O] entries; weeks 0-based."""

    account: Ints
    sku: Ints
    week: Ints
    weeks: Ints
    treatment: Ints


@dataclass(frozen=True, eq=False)
class Marks:
    """Effects on ln cases, one entry per offer, SKU and week touched, [E] entries."""

    offer: Ints
    sku: Ints
    week: Ints
    effect: Floats
    active: Bools  # in the event's own promoted weeks


def make_offers(world: Scenario) -> Offers:
    """Everything that may be promoted, with what each event brings, costs and takes from other weeks and SKUs.

    Sorted by account, SKU, week, weeks, treatment. Memory is linear in offers x weeks touched.
    """
    events = eligible_events(world)
    marks = marks_of(world, events)
    effects = effects_of(world, events, marks)
    base = world.base_cases[events.account[marks.offer], marks.sku, marks.week]

    def total(amount: Floats) -> Floats:
        return np.bincount(effects.offer, weights=amount, minlength=len(events.account)).astype(float)

    spend, contribution, added = total(effects.spend), total(effects.contribution), total(effects.cases)
    earns = contribution >= world.objective.hurdle * spend - CREDIT_TOLERANCE
    credit = np.where(earns, added, 0.0)
    return Offers(
        account=events.account,
        sku=events.sku,
        week=events.week,
        weeks=events.weeks,
        treatment=events.treatment,
        base_cases=total(np.where(marks.active, base, 0.0)),
        cases=total(np.where(marks.active, base + effects.cases, 0.0)),
        incremental_cases=added,
        net_revenue=total(effects.net_revenue),
        spend=spend,
        contribution=contribution,
        credit=credit,
        value=value_of(world, credit, contribution),
        effects=effects,
    )


def value_of(world: Scenario, credit: Floats, contribution: Floats) -> Floats:
    """[O] what an offer is worth in the objective: cases for `profitable_volume`, else money."""
    aim = world.objective
    if aim.maximize == "profitable_volume":
        return credit + aim.tie * contribution
    if aim.maximize == "value":
        return contribution + aim.case_value * credit
    return contribution


def eligible_events(world: Scenario) -> Events:
    """Every event that no rule shuts out by itself, and every committed one, sorted and without doubles."""
    open_weeks, in_time = open_cells(world), notice_kept(world)
    found = [committed(world)]
    for k, lengths in enumerate(world.treatments.lengths):
        for length in lengths:
            starts = world.weeks - length + 1
            if starts <= 0:
                continue
            run = open_weeks[:, :, k, :starts] & in_time[:, None, k, :starts]
            for j in range(1, length):
                run &= open_weeks[:, :, k, j : j + starts]
            a, s, w = np.nonzero(run)
            found.append(np.stack([a, s, w, np.full(len(a), length), np.full(len(a), k)]).astype(np.int64))
    every = np.concatenate(found, axis=1)
    every = every[:, np.lexsort(every[::-1])]
    fresh = np.ones(every.shape[1], bool)
    fresh[1:] = (every[:, 1:] != every[:, :-1]).any(axis=0)
    return Events(*every[:, fresh])


def open_cells(world: Scenario) -> Bools:
    """[A, S, K, W] the treatment may be active: listed, not closed, not forbidden, with a retail price above zero."""
    cut = world.treatments.depth * world.treatments.pass_through
    priced = world.base_price > 0  # False for NaN too
    cells: Bools = world.eligible & world.listed[:, :, None, None] & priced[:, :, None, :] & (cut < 1)[:, None]
    for lock in world.locks:
        if lock.kind == "forbidden":
            which = slice(None) if lock.treatment < 0 else lock.treatment
            cells[lock.account, lock.sku, which, lock.week : lock.week + lock.weeks] = False
    return cells


def notice_kept(world: Scenario) -> Bools:
    """[A, K, W] an event that starts in week w can still be arranged: by the account's notice and from today."""
    lead = world.treatments.lead_time
    agreed = lead[None, :] <= world.accounts.notice_days[:, None]
    left = np.full(world.weeks, np.iinfo(np.int64).max)
    if world.planned_on is not None:
        left = np.array([(world.start + timedelta(weeks=w) - world.planned_on).days for w in range(world.weeks)])
    kept: Bools = agreed[:, :, None] & (left[None, None, :] >= lead[None, :, None])
    return kept


def committed(world: Scenario) -> Ints:
    """[5, n] the events that are signed already; they stand whatever else is closed."""
    rows = [
        (x.account, x.sku, x.week, x.weeks, x.treatment)
        for x in world.locks
        if x.kind == "committed" and x.treatment >= 0 and x.week < world.weeks
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 5).T


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [O]: which entry belongs to which o, and its place there: 2, 0, 1 -> (0, 0, 2), (0, 1, 0)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def marks_of(world: Scenario, events: Events) -> Marks:
    """What each event does to ln cases: active weeks, dip, cluster mates; formulas in `kaopt.response.model`."""
    how, a, s, ends = world.response, events.account, events.sku, events.week + events.weeks
    with np.errstate(divide="ignore", invalid="ignore"):  # a cut of 100 % is never offered
        first = strength(world)[a, s, events.treatment]
    kept = 1 - how.fatigue[a, s]
    offer, j = ragged(np.minimum(ends, world.weeks) - events.week)
    week, effect = events.week[offer] + j, first[offer] * kept[offer] ** j
    own = Marks(offer, s[offer], week, effect, np.ones(len(offer), bool))

    length = how.dip_weeks[a, s]
    dipped, lag = ragged(np.where(how.dip[a, s] > 0, np.clip(world.weeks - ends, 0, length), 0))
    share = how.dip[a, s][dipped] * (length[dipped] - lag) / np.maximum(length[dipped], 1)
    last = (first * kept ** (events.weeks - 1))[dipped]
    dip = Marks(dipped, s[dipped], ends[dipped] + lag, -share * last, np.zeros(len(dipped), bool))
    return joined(own, dip, mates_of(world, events, own))


def mates_of(world: Scenario, events: Events, own: Marks) -> Marks:
    """What the active weeks `own` take from the other SKUs of the cluster."""
    cluster = np.array(world.skus.cluster)
    everyone = np.arange(len(cluster))
    mates = [everyone[(cluster == c) & (c != "") & (everyone != s)] for s, c in enumerate(cluster)]
    count = np.array([len(m) for m in mates], dtype=np.int64)
    start, flat = np.cumsum(count) - count, np.concatenate(mates)
    cross = world.response.cross[events.account, events.sku]
    mark, nth = ragged(np.where(cross[own.offer] != 0, count[own.sku], 0))
    offer, mate = own.offer[mark], flat[start[own.sku[mark]] + nth]
    sold = world.listed[events.account[offer], mate]
    offer, mate, mark = offer[sold], mate[sold], mark[sold]
    return Marks(offer, mate, own.week[mark], -cross[offer] * own.effect[mark], np.zeros(len(mark), bool))


def joined(*parts: Marks) -> Marks:
    """All marks sorted by offer, the parts' order kept within each."""
    offer = np.concatenate([p.offer for p in parts])
    order = np.argsort(offer, kind="stable")
    sku, week, effect, active = (
        np.concatenate([getattr(p, name) for p in parts])[order] for name in ("sku", "week", "effect", "active")
    )
    return Marks(offer[order], sku, week, effect, active)


def effects_of(world: Scenario, events: Events, marks: Marks) -> Effects:
    """The marks in cases and money; spend accrues with the sales of the active weeks, lump sums in the first."""
    what, o = world.treatments, marks.offer
    account, k = events.account[o], events.treatment[o]
    base = world.base_cases[account, marks.sku, marks.week]
    cases = base * np.expm1(marks.effect)
    per_case = world.skus.list_price[marks.sku] * what.depth[k] + what.unit_cost[k]
    opening = np.where(marks.week == events.week[o], what.fixed_cost[k], 0.0)
    spend = np.where(marks.active, (base + cases) * per_case + what.weekly_cost[k] + opening, 0.0)
    return Effects(
        start=np.searchsorted(o, np.arange(len(events.account) + 1)),
        offer=o,
        sku=marks.sku,
        week=marks.week,
        cases=cases,
        net_revenue=cases * world.net_per_case[account, marks.sku] - spend,
        spend=spend,
        contribution=cases * world.margin_per_case[account, marks.sku] - spend,
    )
