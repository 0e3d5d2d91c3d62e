"""From the loading dock to the customer's: each truck of an order is loaded, driven, checked in and unloaded."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    CLOSE,
    DELAY_CV,
    DELAY_MEAN,
    DOCK_MINUTES,
    DOCKS,
    DOOR,
    DUE_DAY,
    GRACE,
    HOME,
    LATE_DOCK,
    LATE_LOAD,
    LATE_TRIP,
    LEAVE,
    LOAD_CV,
    LOAD_MINUTES,
    OPEN,
    PICKED,
    PUNCTUAL,
    RECEIVED,
    RETURN_DAYS,
    TRAVEL,
    TRIP_CV,
    TRUCK_MINUTES,
    TRUCK_ROOM,
    UNFAMILIAR,
    UNLOAD,
    VERDICT,
    WAREHOUSE,
    WEEK,
)
from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.calls import weekday

TRUCKS_A_DAY = 2**20  # cells of luck set aside for one door's day
ARRIVE, BACK, WAITED, SENT_ON = range(4)  # a trip: minute of arrival, minutes home, minutes waited in the yard, sent
GATE_POOL, TRUCK_POOL = range(2)  # rows of Pools.size


@compiled
def journey(state: Any, d: Any, cell: Any) -> Any:
    """Whole minutes of one truck's loading, trip, and delay by a driver who does not know the customer."""
    keys, who = state.keys, state.door_key[d]
    p = state.door[d, WAREHOUSE]
    rate = state.place_rate[p]
    load = state.place[p, LOAD_MINUTES] * luck.lognormal(keys[luck.LOAD], who, cell, rate[LOAD_CV])
    trip = state.door[d, TRAVEL] * luck.lognormal(keys[luck.TRIP], who, cell, rate[TRIP_CV])
    delay = 0.0
    if luck.uniform(keys[luck.DRIVER], who, cell) < rate[UNFAMILIAR]:
        delay = rate[DELAY_MEAN] * luck.lognormal(keys[luck.DELAY], who, cell, rate[DELAY_CV])
    return floor(load + 0.5), floor(trip + 0.5), floor(delay + 0.5)


@compiled
def send(state: Any, slot: Any, now: Any) -> Any:
    """Load and drive the order's trucks; returns [T, ·] what became of each.

    Trucks that the fleet cannot send at once go as earlier ones come home.
    """
    order = state.order[slot]
    d = order[DOOR]
    p = state.door[d, WAREHOUSE]
    room = state.place[p, TRUCK_ROOM]
    count = -(-order[PICKED] // room)
    fleet = np.zeros((count, 4), np.int64)
    queue = np.full(state.door[d, DOCKS], -pools.NEVER, np.int64)
    trips = np.zeros((count, 4), np.int64)
    done = 0
    while done < count:
        # a wave: as many trucks as the fleet has at home or will have back, in the order in which they arrive
        wave = min(count - done, max(state.size[TRUCK_POOL, p], 1))
        for t in range(done, done + wave):
            load(state, slot, (t, now), trips[t])
        for t in by_arrival(trips, done, done + wave):
            settle(state, slot, (trips[t], now, queue), fleet[t])
        done += wave
    return fleet


@compiled
def by_arrival(trips: Any, first: Any, last: Any) -> Any:
    """The trips first … last - 1 in the order in which they arrive."""
    turn = np.arange(first, last)
    for i in range(1, len(turn)):
        j = i
        while j > 0 and trips[turn[j - 1], ARRIVE] > trips[turn[j], ARRIVE]:
            turn[j - 1], turn[j] = turn[j], turn[j - 1]
            j -= 1
    return turn


@compiled
def load(state: Any, slot: Any, which: Any, trip: Any) -> None:
    """Load one truck at the first free dock with the first free truck, unless it can only come too late.

    `which` = (truck, now). Writes the trip.
    """
    order = state.order[slot]
    d, truck, now = order[DOOR], which[0], which[1]
    p = state.door[d, WAREHOUSE]
    gates, trucks = state.size[GATE_POOL, p], state.size[TRUCK_POOL, p]
    start = max(pools.start(state.gate[p], gates, now), pools.start(state.truck[p], trucks, now))
    last = order[DUE_DAY] * DAY + state.window[d, weekday(state, order[DUE_DAY]), CLOSE] + state.door[d, GRACE]
    trip[SENT_ON] = 0
    if max(start + state.place[p, LOAD_MINUTES], order[LEAVE]) + state.door[d, TRAVEL] > last:
        return
    minutes, drive, delay = journey(state, d, order[DUE_DAY] * TRUCKS_A_DAY + truck)
    pools.keep(state.gate[p], gates, start + minutes)
    state.size[TRUCK_POOL, p] = pools.take(state.truck[p], trucks)
    if order[WEEK] >= 0:
        state.busy[p, DOCK_MINUTES] += minutes
        state.busy[p, TRUCK_MINUTES] -= start
    # loaded early, the truck waits in the yard for its departure
    leave = max(start + minutes, order[LEAVE])
    trip[ARRIVE], trip[BACK], trip[SENT_ON] = leave + drive + delay, drive, 1
    trip[WAITED] = leave - max(now + minutes, order[LEAVE])


@compiled
def settle(state: Any, slot: Any, what: Any, said: Any) -> None:
    """What the customer's gate says of one truck; `what` = (trip, now, the door's docks). Writes `said`."""
    order = state.order[slot]
    trip, now, queue = what
    d, day = order[DOOR], order[DUE_DAY]
    door, window = state.door[d], state.window[d, weekday(state, day)]
    p, midnight = door[WAREHOUSE], day * DAY
    if not trip[SENT_ON]:
        said[VERDICT], said[RECEIVED], said[PUNCTUAL], said[HOME] = LATE_LOAD, day, 0, now
        return
    check_in, last = max(trip[ARRIVE], midnight + window[OPEN]), midnight + window[CLOSE] + door[GRACE]
    turn = pools.start(queue, len(queue), check_in)
    if check_in > last:
        # the finer cause: would it have come in time, had it not stood in our own yard?
        verdict, leave = LATE_LOAD if check_in - trip[WAITED] <= last else LATE_TRIP, check_in
    elif turn > last:
        verdict, leave = LATE_DOCK, last
    else:
        verdict, leave = -1, turn + door[UNLOAD]
        pools.keep(queue, len(queue), leave)
    home = leave + trip[BACK]
    state.size[TRUCK_POOL, p] = pools.give(state.truck[p], state.size[TRUCK_POOL, p], home)
    state.busy[p, TRUCK_MINUTES] += home * (order[WEEK] >= 0)
    said[VERDICT], said[RECEIVED] = verdict, check_in // DAY
    said[PUNCTUAL] = check_in <= midnight + window[CLOSE]
    said[HOME] = home + state.place[p, RETURN_DAYS] * DAY
