"""When an order is picked, loaded and sent, so that it meets its delivery window."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from kaopt.fulfilment.calendar import DAY
from kaopt.scenario.settings import Supply

NOON = DAY // 2
LAST_MINUTE = DAY - 1  # 24:00 belongs to the next day


@dataclass(frozen=True)
class Door:
    """How an account receives; minutes of the day of delivery."""

    open: int
    close: int
    last: int  # close and grace
    travel: int  # mean trip from the warehouse, minute
    docks: int
    unload: int  # minute per truck

    def aim(self, slack: int, trucks: int) -> int:
        """The planned arrival: `slack` before the window closes, earlier by the queue of the order's own trucks.

        An account that receives all day is aimed at for noon.
        """
        if self.open <= 0 and self.close >= LAST_MINUTE:
            return NOON
        queue = self.unload * (ceil(trucks / self.docks) - 1)
        return max(self.open, self.close - slack - queue)


def leave_minute(door: Door, supply: Supply, trucks: int) -> int:
    """When the order's trucks should leave, relative to 00:00 of the delivery day."""
    return door.aim(supply.dispatch_slack, trucks) - door.travel


def call_day(door: Door, supply: Supply, trucks: int) -> int:
    """The day on which the order comes in, relative to the delivery day: the day before its loading must begin."""
    loads = ceil(trucks / max(supply.docks, 1)) * supply.load_minutes
    return (leave_minute(door, supply, trucks) - loads) // DAY - 1


def reserve(booked: dict[int, int], docks: int, slots: range, loads: int) -> int:
    """Reserve the latest free loading slots, so that docks are kept level before a common departure time.

    `booked` counts the loads of each slot and is changed; `slots` are those in time. Returns the first slot reserved;
    loads that find none will queue for a dock.
    """
    slot = first = slots.stop - 1
    for _ in range(loads):
        while slot >= slots.start and booked.get(slot, 0) >= docks:
            slot -= 1
        if slot < slots.start:
            break
        booked[slot] = booked.get(slot, 0) + 1
        first = slot
    return first
