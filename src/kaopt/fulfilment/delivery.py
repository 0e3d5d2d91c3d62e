"""From the shelf to the customer's dock: picking time, loading, the trip, the window, the way home."""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.docking import receive
from kaopt.fulfilment.kernels import LATE_DOCK, LATE_LOAD, LATE_TRIP, journey
from kaopt.fulfilment.policies.dispatch import reserve
from kaopt.fulfilment.pools import Pool
from kaopt.fulfilment.stock import Order
from kaopt.fulfilment.year import Year
from kaopt.scenario.columns import Ints

HOUR = 3600  # the pickers' clock counts seconds
TRUCKS_A_DAY = 2**20  # cells of luck set aside for one account's day
NOT_SENT = -1
Picked = tuple[Ints, Ints, int]  # lines [L, 2 + C], pieces [P, 3], cases picked


class Trip(NamedTuple):
    """One truck on its way; minutes of the clock."""

    truck: int
    arrive: int
    back: int  # minutes of the way home
    waited: int  # minutes that it left later because it stood for a dock or a truck


def load_slot(year: Year, leave: int, trucks: int) -> int:
    """Reserve the docks for the order's trucks, as late as they are free before the departure; when loading begins."""
    supply = year.inputs.supply
    length = max(supply.load_minutes, 1)
    soonest = -(-year.now // length)
    slots = range(soonest, max(leave // length, soonest + 1))
    return reserve(year.loading, supply.docks, slots, trucks) * length


def pick_room(year: Year, deadline: int) -> tuple[int, int]:
    """When the crews can begin (second of shift), and how many cases they can pick before loading begins."""
    supply = year.inputs.supply
    start = year.crews.start(year.shift.worked(year.now))
    seconds = max(year.shift.worked(deadline) - start, 0)
    return start, floor(seconds * supply.pick_rate * supply.pick_crews / HOUR)


def book_pick(year: Year, start: int, order: Order, picked: Picked) -> None:
    """The crews are busy with the order for as long as its cases take."""
    supply, cases = year.inputs.supply, picked[2]
    if cases:
        seconds = ceil(cases * HOUR / (supply.pick_rate * supply.pick_crews))
        year.crews.keep(start + seconds)
        year.busy[0] += seconds * (order.week >= 0)


def send(year: Year, order: Order, picked: Picked) -> tuple[Ints, list[int], int]:
    """Load the order's trucks and live their trips through.

    Returns the goods that come back [M, 4], the minute at which each truck's goods are free stock again, and the
    number of lines that do not add up. Trucks that the fleet cannot send at once go as earlier ones come home.
    """
    room = year.inputs.truck_room
    count = -(-picked[2] // room)
    fleet, homes = np.empty((count, 3), np.int64), [0] * count
    dock = Pool(year.inputs.doors[order.account].docks)
    wave = max(year.inputs.supply.trucks, 1)
    for first in range(0, count, wave):
        trips = [load(year, order, truck) for truck in range(first, min(first + wave, count))]
        if len(trips) > 1:
            trips.sort(key=lambda one: one.arrive)
        for trip in trips:
            said, homes[trip.truck] = settle(year, order, trip, dock)
            fleet[trip.truck, 0], fleet[trip.truck, 1], fleet[trip.truck, 2] = said
    back, wrong = receive(picked, (room, fleet), order, year.terms, year.ledger)
    return back, homes, wrong


def load(year: Year, order: Order, truck: int) -> Trip:
    """Load one truck at the first free dock with the first free truck, unless it can only come too late."""
    inputs, now = year.inputs, year.now
    door, supply = inputs.doors[order.account], inputs.supply
    start = max(year.docks.start(now), year.trucks.start(now))
    if max(start + supply.load_minutes, order.leave) + door.travel > order.day * DAY + door.last:
        return Trip(truck, NOT_SENT, 0, 0)
    who, cell = year.terms.account_keys[order.account], order.day * TRUCKS_A_DAY + truck
    minutes, trip, delay = journey(year.terms.keys, who, cell, inputs.laws[order.account])
    year.docks.keep(start + minutes)
    year.trucks.take()
    if order.week >= 0:
        year.busy[1] += minutes
        year.busy[2] -= start
    # loaded early, the truck waits in the yard for its departure
    leave = max(start + minutes, order.leave)
    return Trip(truck, leave + trip + delay, trip, leave - max(now + minutes, order.leave))


def settle(year: Year, order: Order, trip: Trip, dock: Pool) -> tuple[tuple[int, int, bool], int]:
    """What the gate says: (cause of refusal or -1, day of check-in, punctual), and when its refused goods are free."""
    door, midnight = year.inputs.doors[order.account], order.day * DAY
    if trip.arrive == NOT_SENT:
        return (LATE_LOAD, order.day, False), year.now
    check_in, last = max(trip.arrive, midnight + door.open), midnight + door.last
    turn = dock.start(check_in)
    if check_in > last:
        # the finer cause: would it have come in time, had it not stood in our own yard?
        verdict, leave = LATE_LOAD if check_in - trip.waited <= last else LATE_TRIP, check_in
    elif turn > last:
        verdict, leave = LATE_DOCK, last
    else:
        verdict, leave = -1, turn + door.unload
        dock.keep(leave)
    year.trucks.give(leave + trip.back)
    year.busy[2] += (leave + trip.back) * (order.week >= 0)
    free = leave + trip.back + year.inputs.supply.return_days * DAY
    return (verdict, check_in // DAY, check_in <= midnight + door.close), free
