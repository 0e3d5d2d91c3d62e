"""Orders that are too small for a truck wait and go with the door's next delivery."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    ALL_ORDERS,
    BY_ORDER,
    BY_OTIF,
    DAY_OF,
    DOOR,
    FULL,
    LATE,
    LATE_CAUSE,
    LATE_LOAD,
    LINES,
    LOST,
    ON_REQUEST,
    ORDERED,
    SKU,
    TRUCK_ROOM,
    WAIT_DAYS,
    WAREHOUSE,
    WARMUP,
    WEEK,
    WEEK_OF,
)


@compiled
def consolidate(state: Any, slot: Any, n: Any) -> Any:
    """Let the `n`-th delivery wait where a truck would not be full enough; returns lines to be sent, and trucks.

    What waits joins the lines of the next delivery, whose order then counts as late: not all of it comes on the day
    that was asked for. An order that waits counts as an order that was not in full on its day.
    """
    order, lines = state.order[slot], state.line[slot]
    d, held = order[DOOR], state.held[order[DOOR]]
    p, skus = state.door[d, WAREHOUSE], len(held) - 1
    room, waiting, fresh = state.place[p, TRUCK_ROOM], 0, 0
    for s in range(skus):
        waiting += held[s]
    for i in range(order[LINES]):
        fresh += lines[i, ORDERED]
    if waiting == 0:
        held[skus] = state.due[d, n, DAY_OF]
    after = next_day(state, d, n)
    if 0 < waiting + fresh < state.place_rate[p, FULL] * room and 0 <= after - held[skus] <= state.place[p, WAIT_DAYS]:
        for i in range(order[LINES]):
            held[lines[i, SKU]] += lines[i, ORDERED]
        if order[WEEK] >= 0 and fresh > 0:
            state.counts[state.door[d, ACCOUNT], ALL_ORDERS] += 1
            state.blamed[state.door[d, ACCOUNT], BY_ORDER, LATE_LOAD] += 1
            state.blamed[state.door[d, ACCOUNT], BY_OTIF, LATE_LOAD] += 1
        return 0, 0
    if waiting > 0:
        join(state, slot)
    return order[LINES], -(-(waiting + fresh) // room)


@compiled
def next_day(state: Any, d: Any, n: Any) -> Any:
    """The day of the door's next delivery for which anything is ordered; far in the past where there is none."""
    due, share, a = state.due[d], state.share[d], state.door[d, ACCOUNT]
    for m in range(n + 1, len(due)):
        if share[m, 1] > share[m, 0] and state.volume[a, due[m, WEEK_OF] + state.span[WARMUP]] > 0:
            return due[m, DAY_OF]
    return -(2**40)


@compiled
def join(state: Any, slot: Any) -> None:
    """What has waited goes with this order, line by line in the order of SKUs."""
    order, lines = state.order[slot], state.line[slot]
    held = state.held[order[DOOR]]
    for i in range(order[LINES]):
        held[lines[i, SKU]] += lines[i, ORDERED]
    count = 0
    for s in range(len(held) - 1):
        if held[s] > 0:
            line = lines[count]
            line[SKU], line[ORDERED], line[ACCEPTED], line[LOST], line[ON_REQUEST] = s, held[s], 0, 0, 0
            held[s] = 0
            count += 1
    order[LINES], order[LATE], order[LATE_CAUSE] = count, 1, LATE_LOAD
