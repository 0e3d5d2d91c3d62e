"""A better plan from the plan at hand: a part of the year is chosen anew while the rest is held, part after part.

A year of many accounts is too much for the solver at once: in ten thousand columns it finds less within minutes than
in two thousand, held to what the rest of the plan leaves, within seconds. Parts are cut where plans trade: some SKUs
at all accounts (what is produced), some weeks (slots, a season's budget), some accounts (agreements, fees, tiers). What
is beside the events is always free. A plan never gets worse. Large neighbourhood search: Shaw (1998), Using constraint
programming and local search methods to solve vehicle routing problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.settle import remaining
from kaopt.allocation.solver.process import Stopped
from kaopt.allocation.solver.solve import Limits, Solution, solve
from kaopt.scenario.columns import Bools, Floats, Ints

ROOM = 2_500  # events that a part chooses from
NODES = 20  # of the solver on one part
FINE = 0.1  # share of the asked gap within which the solver need not search on in one part
WHOLE = 1e-6  # a column of the relaxation this near 0 or 1 is there
PACE = 0.1  # of what is lacking: a round that gains less is the last


def bettered(found: Search, near: Ints, effort: int = 1) -> None:
    """Choose part after part of the plan at hand anew, among the columns `near` and its own, while that gains.

    `effort` multiplies the solver's nodes. Nothing happens without a plan, or where it is not known what events are.
    """
    if found.x is None or found.target is None:
        return
    luck = np.random.default_rng(found.aim.limits.seed)
    while True:
        before = found.objective
        for name, events in parts(found, near, luck):
            if found.ended:
                return
            limits = found.limits(effort * NODES, found.aim.gap * FINE)
            solved_anew(found, np.flatnonzero(events), limits)
            found.tell("better", f"{name} chosen anew")
        if found.ended or found.objective - before < PACE * (found.target - before):
            return


def agreed(found: Search, relaxed: Floats, effort: int = 1) -> None:
    """Choose anew where the plan at hand and a relaxation [N] disagree; events that both take stay taken.

    Danna, Rothberg and Le Pape (2005), Exploring relaxation induced neighborhoods to improve MIP solutions.
    """
    places = found.aim.places
    if found.x is None or places is None or found.ended:
        return
    both = (relaxed > 1 - WHOLE) & (found.x > 0.5) & (places.block >= 0)
    columns = np.flatnonzero(((relaxed > WHOLE) | (found.x > 0) | (places.block < 0)) & ~both)
    solved_anew(found, columns, found.limits(effort * NODES, found.aim.gap))
    found.tell("better", "where the relaxation disagrees chosen anew")


def parts(found: Search, near: Ints, luck: np.random.Generator) -> Iterator[tuple[str, Bools]]:
    """What is chosen anew, one after the other: its name, and its columns [N] as the plan then is."""
    assert found.x is not None
    worth_it = np.zeros(len(found.x), dtype=bool)
    worth_it[near] = True
    for name, label in labels(found):
        marked = (worth_it | (found.x > 0)) & (label >= 0)
        size = np.bincount(label[marked])
        names = np.flatnonzero(size)
        # neighbouring weeks share slots and calendars; accounts and SKUs meet others each time
        order = np.roll(names, luck.integers(max(len(names), 1))) if name == "weeks" else luck.permutation(names)
        for some in even(order, size[order]):
            yield name, (label < 0) | (np.isin(label, some) & (worth_it | (found.x > 0)))


def labels(found: Search) -> list[tuple[str, Ints]]:
    """What parts are made of: labels [N], -1 beside the events; the kind that costs the solver least comes first."""
    places, groups = found.aim.places, found.aim.groups
    if places is None:
        return []
    named = [("SKUs", places.sku), ("weeks", places.week), ("accounts", groups[0] if groups else None)]
    return [(name, label) for name, label in named if label is not None and len(np.unique(label[label >= 0])) > 1]


def even(order: Ints, size: Ints) -> list[Ints]:
    """Names in their order, cut into parts of about the same size, two at least and none much above `ROOM`."""
    count = max(ceil(size.sum() / ROOM), 2)
    middle = np.cumsum(size) - size / 2
    place = np.floor(middle * count / max(size.sum(), 1)).astype(int)
    return [order[place == k] for k in range(count) if np.any(place == k)]


def solved_anew(found: Search, columns: Ints, limits: Limits) -> Solution:
    """What the solver makes of some columns, the others held as the plan at hand has them; better plans are offered."""
    base = found.program.low if found.x is None else found.x

    def widened(x: Floats) -> Floats:
        whole = base.copy()
        whole[columns] = x
        return whole

    whole = len(columns) == len(base)
    answer = solve(
        found.program if whole else remaining(found.program, base, columns, kept=found.x is not None),
        limits,
        start=None if found.x is None else base[columns],
        listener=found.aim.listener,
        save=lambda x: found.offer(widened(x)),
        child=found.child,
    )
    if answer.x is not None:
        found.offer(widened(answer.x))
    if answer.status == "interrupted":
        raise Stopped("interrupted", answer.detail)
    return answer
