"""What is kept back from an order line: hidden while its goods are taken, and shown again.

Kept is what is last in turn, the freshest where the oldest goes first: as many cases as the tiers that are stricter
than the order's account are owed of goods that all of them accept, and what is pegged to promotion orders of this week
and the next.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCOUNT,
    CASES,
    DOOR,
    FIRST,
    LAST,
    LAST_DAY,
    MADE,
    SKU,
    TIER,
    WAREHOUSE,
    WARMUP,
    WEEK,
)


@compiled
def guarded(state: Any) -> Any:
    """Whether anything is kept back from anyone."""
    return state.guard_age.shape[0] > 0 or state.pegged.shape[0] > 0


@compiled
def owed(state: Any, slot: Any, s: Any, made: Any) -> Any:
    """Cases that are kept, among the lots made on day `made` or later: for stricter tiers, for promotion orders."""
    order = state.order[slot]
    d, week = order[DOOR], order[WEEK] + state.span[WARMUP]
    p, a, age, tiers, pegs = state.door[d, WAREHOUSE], state.door[d, ACCOUNT], order[LAST_DAY] - made, 0, 0
    pegging = state.pegged.shape[0] > 0
    if pegging and state.pegged[a, s, week]:
        return 0, 0  # what is kept is kept for this line
    for g in range(min(state.serving[d, TIER], state.guard_age.shape[0])):
        if age <= state.guard_age[g, s]:
            tiers = max(tiers, state.guard_level[p, g, s, week])
    if pegging and age <= state.peg_age[s]:
        pegs = still_pegged(state, (p, s), week)
        if week + 1 < state.peg_week.shape[2]:
            pegs += state.peg_week[p, s, week + 1]
    return tiers, pegs


@compiled
def still_pegged(state: Any, where: Any, week: Any) -> Any:
    """Cases pegged to the week's promotion orders that are still to come."""
    p, s = where
    if week > state.peg[1, p, s]:
        state.peg[0, p, s], state.peg[1, p, s] = state.peg_week[p, s, week], week
    return state.peg[0, p, s] if week == state.peg[1, p, s] else 0


@compiled
def use_peg(state: Any, slot: Any, s: Any, cases: Any) -> None:
    """A promotion order has been given some of the cases that were pegged."""
    order = state.order[slot]
    d, week = order[DOOR], order[WEEK] + state.span[WARMUP]
    if state.pegged.shape[0] > 0 and state.pegged[state.door[d, ACCOUNT], s, week]:
        p = state.door[d, WAREHOUSE]
        state.peg[0, p, s] = max(still_pegged(state, (p, s), week) - cases, 0)


@compiled
def hide(state: Any, slot: Any, n: Any, oldest: Any) -> Any:
    """Hide what is kept from a line; returns the cases of each lot and, of lots made from `oldest` on, their sum."""
    s, p = state.line[slot, n, SKU], state.door[state.order[slot, DOOR], WAREHOUSE]
    cells, ends = state.cells[p, s], state.ends[p, s]
    hidden = np.zeros(ends[LAST], np.int64)
    tiers = pegs = fit = 0
    for i in range(ends[LAST] - 1, ends[FIRST] - 1, -1):
        lot = cells[i]
        for_tiers, for_pegs = owed(state, slot, s, lot[MADE])
        pegged = min(max(for_pegs - pegs, 0), lot[CASES])
        kept = min(max(for_tiers - tiers, 0), lot[CASES] - pegged)
        hidden[i] = pegged + kept
        pegs, tiers = pegs + pegged, tiers + kept
        fit += hidden[i] * (lot[MADE] >= oldest)
        lot[CASES] -= hidden[i]
    return hidden, fit


@compiled
def show(state: Any, where: Any, hidden: Any) -> None:
    """What was hidden lies there again."""
    p, s = where
    cells, ends = state.cells[p, s], state.ends[p, s]
    for i in range(len(hidden)):
        if hidden[i] > 0:
            cells[i, CASES] += hidden[i]
            ends[FIRST], ends[LAST] = min(ends[FIRST], i), max(ends[LAST], i + 1)
