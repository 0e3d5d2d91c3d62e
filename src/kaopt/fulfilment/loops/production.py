"""Making goods: each week, per SKU and warehouse, enough to cover the forecast until the next lot can be free."""

from __future__ import annotations

from math import ceil
from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AMOUNT_MADE,
    BATCHES,
    BORN_ON,
    COUNTED,
    COVER_DAYS,
    FIRST_DAY,
    FREE_ON,
    KIND,
    LEAD_DAYS,
    LOT_CASES,
    MADE_CASES,
    PLACE,
    SAFETY_WEEKS,
)
from kaopt.fulfilment.loops.slots import longer

JUST = 1e-9  # a whole number of cases stays that number when it is rounded up


@compiled
def expected(state: Any, where: Any, days: Any) -> Any:
    """Forecast demand of (warehouse, SKU) from the start of day `days[0]` to the start of day `days[1]`; case."""
    seen = state.forecast[where[0], where[1]]
    last = len(seen) - 1
    return seen[min(days[1] - state.span[FIRST_DAY], last)] - seen[min(days[0] - state.span[FIRST_DAY], last)]


@compiled
def target(state: Any, where: Any, day: Any) -> Any:
    """Order-up-to level: demand until the lot after this one is free, and the safety weeks; case."""
    span = state.plant[state.makes[where[1]], LEAD_DAYS] + 7
    weeks = -(-span // 7)
    weekly = expected(state, where, (day, day + 7 * weeks)) / weeks
    return expected(state, where, (day, day + span)) + state.sku_rate[where[1], SAFETY_WEEKS] * weekly


@compiled
def lot(state: Any, where: Any, day: Any) -> Any:
    """The smallest lot: the technical minimum, and its cover of demand from when it is free; case."""
    s = where[1]
    free = day + state.plant[state.makes[s], LEAD_DAYS]
    return max(state.sku_rate[s, LOT_CASES], expected(state, where, (free, free + state.sku[s, COVER_DAYS])))


@compiled
def wanted(state: Any, where: Any, day: Any) -> Any:
    """What production starts today, whole cases, given the stock that counts and what is on its way."""
    gap = target(state, where, day) - state.report[COUNTED, where[0], where[1]] - state.coming[where]
    lead = state.plant[state.makes[where[1]], LEAD_DAYS]
    if gap <= JUST or expected(state, where, (day, day + lead + 14)) <= 0:
        return 0
    return ceil(max(gap, lot(state, where, day)) - JUST)


@compiled
def make(state: Any, where: Any, day: Any, cases: Any) -> None:
    """A batch of a SKU is begun for a warehouse."""
    if state.count[BATCHES] == state.batch.shape[0]:
        state.batch = longer(state.batch)
    p, s = where
    batch = state.batch[state.count[BATCHES]]
    batch[FREE_ON], batch[BORN_ON] = day + state.plant[state.makes[s], LEAD_DAYS], day
    batch[PLACE], batch[KIND], batch[AMOUNT_MADE] = p, s, cases
    state.count[BATCHES] += 1
    state.coming[p, s] += cases
    state.flow[MADE_CASES, s] += cases


@compiled
def review(state: Any, day: Any) -> None:
    """The weekly review of all plants."""
    for p in range(state.coming.shape[0]):
        for s in range(state.coming.shape[1]):
            cases = wanted(state, (p, s), day)
            if cases > 0:
                make(state, (p, s), day, cases)
