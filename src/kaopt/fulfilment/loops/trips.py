"""From the loading dock to the customer's: each truck of an order is loaded, driven, checked in and unloaded."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCOUNT,
    AT_LOADING,
    DELAY,
    DELAY_SPREAD,
    DOCK_MINUTES,
    DOOR,
    DRIVERS,
    DUE_DAY,
    EARLY,
    GRACE,
    HIRES,
    HOME,
    HOME_BY,
    LATE_LOAD,
    LATE_MINUTES,
    LEAVE,
    LOAD_CV,
    LOAD_LAW,
    LOAD_MINUTES,
    PICKED,
    PUNCTUAL,
    RECEIVED,
    RETURN_DAYS,
    STRANGE,
    TRAVEL,
    TRIP_CV,
    TRIP_LAW,
    TRUCK_MINUTES,
    TRUCK_ROOM,
    UNLOAD,
    VERDICT,
    WAREHOUSE,
    WEEK,
)
from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.admission import TRUCKS_A_DAY, admit, cell_of, waited
from kaopt.fulfilment.loops.drivers import strangeness
from kaopt.fulfilment.loops.gates import ARRIVE, BACK, MISSED, SENT_ON, WAITED, beyond, book, closing, latest
from kaopt.fulfilment.loops.hours import open_from
from kaopt.fulfilment.loops.trace import tell_truck

GATE_POOL, TRUCK_POOL = range(2)  # rows of Pools.size
NOT_SENT, OWN, HIRED = range(3)  # SENT_ON


@compiled
def journey(state: Any, d: Any, cell: Any, hired: Any) -> Any:
    """Whole minutes of one truck's loading, trip, and delay by a driver who does not know the customer."""
    keys, who = state.keys, state.door_key[d]
    p = state.door[d, WAREHOUSE]
    rate = state.place_rate[p]
    law = state.span[TRIP_LAW]
    load = state.place[p, LOAD_MINUTES] * luck.factor(state.span[LOAD_LAW], keys[luck.LOAD], who, cell, rate[LOAD_CV])
    trip = state.door[d, TRAVEL] * luck.factor(law, keys[luck.TRIP], who, cell, rate[TRIP_CV])
    own = state.door_rate[d]
    delay, chance = 0.0, own[STRANGE]
    if state.door[d, DRIVERS] > 0 and not hired:
        chance = strangeness(state, d, cell // TRUCKS_A_DAY, cell)
    if luck.uniform(keys[luck.DRIVER], who, cell) < chance:
        delay = own[DELAY] * luck.factor(law, keys[luck.DELAY], who, cell, own[DELAY_SPREAD])
    drive = max(floor(trip + 0.5), 0)
    return max(floor(load + 0.5), 0), drive, max(floor(delay + 0.5), -drive)


@compiled
def send(state: Any, slot: Any, now: Any) -> Any:
    """Load and drive the order's trucks; returns [T, ·] what became of each.

    Trucks that the fleet cannot send at once go as earlier ones come home, unless others are hired.
    """
    order = state.order[slot]
    d = order[DOOR]
    p = state.door[d, WAREHOUSE]
    room = state.place[p, TRUCK_ROOM]
    count = -(-order[PICKED] // room)
    fleet = np.zeros((count, 4), np.int64)
    trips = np.zeros((count, 6), np.int64)
    book(state, slot, trips)
    done = 0
    while done < count:
        # a wave: as many trucks as the fleet has at home or will have back, in the order in which they arrive
        wave = min(count - done, max(state.size[TRUCK_POOL, p], 1))
        if state.place[p, HIRES]:
            wave = count - done
        for t in range(done, done + wave):
            load(state, slot, (t, now), trips[t])
        for t in by_arrival(trips, done, done + wave):
            settle(state, slot, (trips, t, now), fleet[t])
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

    `which` = (truck, now). Where trucks can be hired, one is when only then the order is in time. Writes the trip.
    """
    order = state.order[slot]
    d, truck, now = order[DOOR], which[0], which[1]
    p = state.door[d, WAREHOUSE]
    gates, trucks = state.size[GATE_POOL, p], state.size[TRUCK_POOL, p]
    ready = open_from(state, p, pools.start(state.gate[p], gates, now))
    start = open_from(state, p, max(ready, pools.start(state.truck[p], trucks, now)))
    takes, travel = state.place[p, LOAD_MINUTES], state.door[d, TRAVEL]
    trip[SENT_ON] = NOT_SENT
    late, hired = over_hours(state, d, open_from(state, p, max(start + takes, order[LEAVE]))), False
    if state.place[p, HIRES]:
        close = closing(state, slot) + state.door[d, GRACE]
        in_time = max(ready + takes, order[LEAVE]) + travel <= close
        hired = in_time and (late or max(start + takes, order[LEAVE]) + travel > close)
        start = ready if hired else start
    if late and not hired:
        return
    if open_from(state, p, max(start + takes, order[LEAVE])) + travel > latest(state, slot):
        return
    minutes, drive, delay = journey(state, d, cell_of(order) + truck, hired)
    delay += beyond(state, slot, delay)
    pools.keep(state.gate[p], gates, start + minutes)
    if hired:
        state.hired[state.door[d, ACCOUNT]] += order[WEEK] >= 0
    else:
        state.size[TRUCK_POOL, p] = pools.take(state.truck[p], trucks)
    waited(state, order, (AT_LOADING, start - now))
    if order[WEEK] >= 0:
        state.busy[p, DOCK_MINUTES] += minutes
        state.busy[p, TRUCK_MINUTES] -= start * (not hired)
    # loaded early, the truck waits in the yard for its departure
    leave = open_from(state, p, max(start + minutes, order[LEAVE]))
    trip[ARRIVE], trip[BACK], trip[SENT_ON] = leave + drive + delay, drive, HIRED if hired else OWN
    trip[WAITED] = leave - max(now + minutes, order[LEAVE])


@compiled
def over_hours(state: Any, d: Any, leave: Any) -> Any:
    """Leaving then, a driver of our own would not be home by the end of his day, were the trip just the mean."""
    door, end = state.door[d], state.place[state.door[d, WAREHOUSE], HOME_BY]
    if end < 0:
        return False
    return leave + 2 * door[TRAVEL] + door[UNLOAD] > leave // DAY * DAY + end


@compiled
def settle(state: Any, slot: Any, what: Any, said: Any) -> None:
    """What the customer's gate says of one truck; `what` = (trips, which, now). Writes `said`."""
    order = state.order[slot]
    trips, t, now = what
    d, day, trip = order[DOOR], order[DUE_DAY], trips[t]
    p = state.door[d, WAREHOUSE]
    if trip[SENT_ON] == NOT_SENT:
        said[VERDICT], said[RECEIVED], said[PUNCTUAL], said[HOME] = LATE_LOAD, day, 0, now
        tell_truck(state, slot, now, t, LATE_LOAD)
        return
    close = closing(state, slot)
    verdict, check_in, leave = admit(state, slot, trips, t)
    tell_truck(state, slot, check_in, t, verdict)
    home = leave + trip[BACK]
    if trip[SENT_ON] == OWN:
        state.size[TRUCK_POOL, p] = pools.give(state.truck[p], state.size[TRUCK_POOL, p], home)
        state.busy[p, TRUCK_MINUTES] += home * (order[WEEK] >= 0)
    said[VERDICT], said[RECEIVED] = verdict, check_in // DAY
    said[PUNCTUAL] = check_in <= close and verdict != EARLY and trip[MISSED] == 0
    said[HOME] = home + state.place[p, RETURN_DAYS] * DAY
    order[LATE_MINUTES] += max(check_in - close, 0)
