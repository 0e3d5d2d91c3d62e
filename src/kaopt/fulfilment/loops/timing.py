"""When an order comes in, when its trucks should leave, and how long their loading takes."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCOUNT,
    APPOINTMENT,
    ARRIVAL,
    DAY_OF,
    DOCKS,
    DOOR,
    DUE_DAY,
    GATES,
    LEAD,
    LOAD_MINUTES,
    MOMENT,
    OPEN,
    TRAVEL,
    TRUCK_ROOM,
    UNLOAD,
    WAREHOUSE,
    WARMUP,
    WEEK_OF,
)
from kaopt.fulfilment.loops.hours import holiday, weekday


@compiled
def arrival(state: Any, d: Any, day: Any, trucks: Any) -> Any:
    """Minute of the delivery day at which an order's first truck should arrive, earlier by the queue of the others."""
    door, window = state.door[d], state.window[d, weekday(state, day)]
    each = window[APPOINTMENT] if window[APPOINTMENT] > 0 else door[UNLOAD]
    queue = each * (-(-trucks // door[DOCKS]) - 1)
    return max(min(window[OPEN], window[ARRIVAL]), window[ARRIVAL] - queue)


@compiled
def departure(state: Any, d: Any, day: Any, trucks: Any) -> Any:
    """Minute of the clock at which the order's trucks should leave."""
    return day * DAY + arrival(state, d, day, trucks) - state.door[d, TRAVEL]


@compiled
def call_day(state: Any, d: Any, day: Any, trucks: Any) -> Any:
    """The day on which the order comes in: the last open day before the one on which its loading must begin.

    Of call-offs: on average.
    """
    if state.door[d, LEAD] > 0:
        return (day * DAY + DAY // 2 - state.door[d, LEAD]) // DAY
    p = state.door[d, WAREHOUSE]
    comes = (departure(state, d, day, trucks) - loading(state, p, trucks)) // DAY - 1
    while holiday(state, p, comes):
        comes -= 1
    return comes


@compiled
def call_days(state: Any, d: Any, due: Any) -> Any:
    """[N] the day on which each delivery of a door comes in as an order; `due` [N, ·] as in Terms."""
    days = np.zeros(len(due), np.int64)
    for n in range(len(due)):
        days[n] = call_day(state, d, due[n, DAY_OF], 1)
    return days


@compiled
def called_on(state: Any, slot: Any) -> Any:
    """The day on which this order comes in."""
    order = state.order[slot]
    if order[MOMENT] != 0:
        return (order[MOMENT] - state.door[order[DOOR], LEAD]) // DAY
    return call_day(state, order[DOOR], order[DUE_DAY], 1)


@compiled
def loading(state: Any, p: Any, trucks: Any) -> Any:
    """Minutes in which so many trucks are loaded at the docks of a warehouse."""
    return -(-trucks // max(state.place[p, GATES], 1)) * state.place[p, LOAD_MINUTES]


@compiled
def trucks_planned(state: Any, d: Any, n: Any) -> Any:
    """How many trucks the `n`-th delivery of a door will need, from its share of the week's cases; 0: no order."""
    cases = state.volume[state.door[d, ACCOUNT], state.due[d, n, WEEK_OF] + state.span[WARMUP]]
    share = state.share[d, n, 1] - state.share[d, n, 0]
    return ceil(cases * share / state.place[state.door[d, WAREHOUSE], TRUCK_ROOM] - 1e-9)
