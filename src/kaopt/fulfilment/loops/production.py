"""Making goods: at each review, per SKU, enough to cover the forecast until the next lot can be free."""

from __future__ import annotations

from math import ceil
from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AT_LEAST_LOT,
    CASES,
    COUNTED,
    COVER_DAYS,
    FADES,
    FIRST,
    FIRST_DAY,
    FIXED,
    LAST,
    LOT_ABOVE,
    LOT_CASES,
    LOT_RULE,
    MADE,
    MULTIPLE,
    REVIEW_DAYS,
    WHOLE_LOTS,
)

JUST = 1e-9  # a whole number of cases stays that number when it is rounded up


@compiled
def expected(state: Any, where: Any, days: Any) -> Any:
    """Forecast demand of (warehouse, SKU) from the start of day `days[0]` to the start of day `days[1]`; case."""
    seen = state.forecast[where[0], where[1]]
    last = len(seen) - 1
    return seen[min(days[1] - state.span[FIRST_DAY], last)] - seen[min(days[0] - state.span[FIRST_DAY], last)]


@compiled
def lead_of(state: Any, where: Any) -> Any:
    """Days from the review that decides on a lot until it is free stock of the warehouse."""
    m = state.makes[where[1]]
    return state.plant[m, FIXED] + state.lane[m, where[0]]


@compiled
def span_of(state: Any, where: Any) -> Any:
    """Days that a review must cover: until the lot of the next review is free."""
    return lead_of(state, where) + state.plant[state.makes[where[1]], REVIEW_DAYS]


@compiled
def target(state: Any, where: Any, day: Any) -> Any:
    """Order-up-to level: demand until the lot after this one is free, and the buffer of the day; case."""
    p, s = where
    buffer = state.buffer[p, s, min(day - state.span[FIRST_DAY], state.buffer.shape[2] - 1)]
    return expected(state, where, (day, day + span_of(state, where))) + buffer


@compiled
def cover(state: Any, where: Any, day: Any) -> Any:
    """Demand of the days that a lot covers, from the day on which it is free; case."""
    free = day + lead_of(state, where)
    return expected(state, where, (free, free + state.sku[where[1], COVER_DAYS]))


@compiled
def lot(state: Any, s: Any, day: Any) -> Any:
    """The smallest lot for all warehouses together: the technical minimum, and the cover of their demand; case."""
    cases = 0.0
    for p in range(state.coming.shape[0]):
        cases += cover(state, (p, s), day)
    return max(state.sku_rate[s, LOT_CASES], cases)


@compiled
def fading(state: Any, where: Any, day: Any) -> Any:
    """Stock that will be too old for the strictest account before the forecast needs it, up to the end of the span.

    Expected outdating as in the EWA policy (Broekmeulen and van Donselaar 2009, Computers & Operations Research 36):
    the oldest goes first, at the pace of the forecast.
    """
    p, s = where
    if state.sku[s, FADES] < 0:
        return 0.0
    end, gone, used = day + span_of(state, where), 0.0, 0.0
    for i in range(state.ends[p, s, FIRST], state.ends[p, s, LAST]):
        cases, last = state.cells[p, s, i, CASES], state.cells[p, s, i, MADE] + state.sku[s, FADES]
        if last + 1 < end:
            sold = min(cases, max(expected(state, where, (day, max(last + 1, day))) - used, 0.0))
            gone += cases - sold
            used += sold
    return gone


@compiled
def gap(state: Any, where: Any, day: Any, owed: Any) -> Any:
    """What is missing to the target, given the stock that counts, what is on its way, and what is owed; case."""
    if expected(state, where, (day, day + span_of(state, where) + 7)) <= 0:
        return 0.0
    has = state.report[COUNTED, where[0], where[1]] + state.coming[where] - fading(state, where, day) - owed
    return max(target(state, where, day) - has, 0.0)


@compiled
def amount(state: Any, s: Any, day: Any, missing: Any) -> Any:
    """Whole cases of a SKU to make for all warehouses, given what they miss together."""
    if missing <= JUST:
        return 0
    rule, least, cases = state.sku[s, LOT_RULE], lot(state, s, day), missing
    if rule == AT_LEAST_LOT:
        cases = max(missing, least)
    elif rule == LOT_ABOVE:
        cases = missing + least
    elif rule == WHOLE_LOTS:
        whole = max(ceil(least - JUST), 1)
        cases = ceil(missing / whole - JUST) * whole
    return rounded(state, s, max(cases, state.sku_rate[s, LOT_CASES]))


@compiled
def rounded(state: Any, s: Any, cases: Any) -> Any:
    """Whole cases, up to the lot multiple."""
    multiple = max(state.sku[s, MULTIPLE], 1)
    return ceil(ceil(cases - JUST) / multiple) * multiple
