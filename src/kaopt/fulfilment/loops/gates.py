"""At the customer's gate: who is let in when, who waits for a dock, who comes too early or too late."""

from __future__ import annotations

from math import floor
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    APPOINTMENT,
    ARRIVALS,
    CLOSE,
    DOCKS,
    DOOR,
    DUE_DAY,
    FROM_CLOSE,
    GRACE,
    LATE_RULE,
    LEAVE,
    NEXT_OTHER,
    NIGHT_BEFORE,
    OPEN,
    OTHERS,
    OVERNIGHT,
    REFUSED,
    SEEN_DAY,
    TRAVEL,
    UNLOAD,
    UNLOAD_CV,
    UNLOAD_LAW,
    UNTIL,
)
from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.hours import weekday
from kaopt.fulfilment.loops.timing import arrival

# a trip: minute of arrival, minutes home, minutes waited in the yard, sent (2: hired), its slot, 1 where it missed that
ARRIVE, BACK, WAITED, SENT_ON, BOOKED, MISSED = range(6)
TICK = 1000  # the clock of other trucks counts thousandths of a minute
OTHERS_A_DAY = 2**20  # cells of luck for the trucks of others at one door on one day


@compiled
def closing(state: Any, slot: Any) -> Any:
    """The minute of the clock after which a truck of this order is late: the window closes, a call-off's moment."""
    order = state.order[slot]
    if order[UNTIL] != 0:
        return order[UNTIL]
    return order[DUE_DAY] * DAY + state.window[order[DOOR], weekday(state, order[DUE_DAY]), CLOSE]


@compiled
def beyond(state: Any, slot: Any, delay: Any) -> Any:
    """A delay that records have shown was counted from what was agreed: minutes from the planned arrival to that."""
    order = state.order[slot]
    if delay == 0 or state.door_rate[order[DOOR], FROM_CLOSE] == 0:
        return 0
    return max(closing(state, slot) - order[LEAVE] - state.door[order[DOOR], TRAVEL], 0)


@compiled
def latest(state: Any, slot: Any) -> Any:
    """The last minute of the clock at which a truck of an order is let in: closing and grace; that day where late ones
    are accepted, and the next where they wait."""
    door, last = state.door[state.order[slot, DOOR]], closing(state, slot)
    day = state.order[slot, DUE_DAY]
    last += door[GRACE]
    if door[LATE_RULE] != REFUSED:
        last = max(last, (day + door[LATE_RULE]) * DAY - 1)
    return last


@compiled
def book(state: Any, slot: Any, trips: Any) -> None:
    """Slots for an order's trucks: the first in that of the planned arrival, as many in each as there are docks."""
    order = state.order[slot]
    d, day = order[DOOR], order[DUE_DAY]
    window, docks = state.window[d, weekday(state, day)], state.door[d, DOCKS]
    length = window[APPOINTMENT]
    if length == 0:
        return
    last = max((window[CLOSE] - window[OPEN]) // length - 1, 0)
    first = max(arrival(state, d, day, len(trips)) - window[OPEN], 0) // length
    for t in range(len(trips)):
        trips[t, BOOKED] = day * DAY + window[OPEN] + min(first + t // docks, last) * length


@compiled
def slot_of(state: Any, slot: Any, trips: Any, t: Any) -> Any:
    """When a truck with an appointment is served: at its slot, or in the next free one where it has missed it."""
    order, trip = state.order[slot], trips[t]
    d, day = order[DOOR], order[DUE_DAY]
    window, door = state.window[d, weekday(state, day)], state.door[d]
    length, opens = window[APPOINTMENT], day * DAY + window[OPEN]
    if trip[ARRIVE] <= trip[BOOKED] + length + door[GRACE]:
        return max(trip[ARRIVE], trip[BOOKED])
    n = -(-(trip[ARRIVE] - opens) // length)
    trip[BOOKED], trip[MISSED] = -1, 1
    while True:
        taken = 0
        for other in range(len(trips)):
            taken += trips[other, BOOKED] == opens + n * length
        if taken < door[DOCKS]:
            break
        n += 1
    trip[BOOKED] = opens + n * length
    return trip[BOOKED]


@compiled
def meet(state: Any, d: Any, day: Any, until: Any) -> None:
    """The trucks that stayed overnight, and those of others that come up to a minute, take the docks before ours."""
    crowd, docks, door = state.crowd[d], state.dock[d], state.door[d]
    window = state.window[d, weekday(state, day)]
    count, rate = door[DOCKS], state.door_rate[d, ARRIVALS]
    if crowd[SEEN_DAY] < day:
        opens = day * DAY + window[OPEN]
        crowd[SEEN_DAY], crowd[OTHERS], crowd[NEXT_OTHER] = day, 0, opens * TICK
        if rate > 0:
            crowd[NEXT_OTHER] += gap(state, d, (day, 0), rate)
        if crowd[NIGHT_BEFORE] == day:
            for _ in range(crowd[OVERNIGHT]):
                pools.keep(docks, count, pools.start(docks, count, opens) + door[UNLOAD])
    if rate == 0 or crowd[SEEN_DAY] != day or window[APPOINTMENT] > 0:
        return
    last = min(until, day * DAY + window[CLOSE])
    while crowd[NEXT_OTHER] // TICK <= last:
        takes = unloading(state, d, (luck.UNLOAD_OTHER, day * OTHERS_A_DAY + crowd[OTHERS]))
        pools.keep(docks, count, pools.start(docks, count, crowd[NEXT_OTHER] // TICK) + takes)
        crowd[OTHERS] += 1
        crowd[NEXT_OTHER] += gap(state, d, (day, crowd[OTHERS]), rate)


@compiled
def unloading(state: Any, d: Any, what: Any) -> Any:
    """Whole minutes of unloading one truck at a door; `what` = (purpose, cell) of luck."""
    cv, law = state.door_rate[d, UNLOAD_CV], state.span[UNLOAD_LAW]
    if cv == 0 and law != luck.EXPONENTIAL:
        return state.door[d, UNLOAD]
    factor = luck.factor(law, state.keys[what[0]], state.door_key[d], what[1], cv)
    return max(floor(state.door[d, UNLOAD] * factor + 0.5), 0)


@compiled
def gap(state: Any, d: Any, which: Any, rate: Any) -> Any:
    """From one truck of another supplier to the next; `which` = (day, number)."""
    cell = which[0] * OTHERS_A_DAY + which[1]
    return floor(60 * TICK / rate * luck.exponential(state.keys[luck.CROWD], state.door_key[d], cell) + 0.5)


@compiled
def stay(state: Any, d: Any, day: Any) -> Any:
    """A truck waits for the opening of the next day; returns when it is unloaded, after those who wait already."""
    crowd, door = state.crowd[d], state.door[d]
    tomorrow = day + 1
    if crowd[NIGHT_BEFORE] != tomorrow:
        crowd[NIGHT_BEFORE], crowd[OVERNIGHT] = tomorrow, 0
    turn = crowd[OVERNIGHT] // door[DOCKS]
    crowd[OVERNIGHT] += 1
    return tomorrow * DAY + state.window[d, weekday(state, tomorrow), OPEN] + turn * door[UNLOAD]
