"""Days, shifts and delivery dates. The clock counts minutes from 00:00 of the first day, warm-up before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

DAY = 24 * 60
WEEK = 7


class Due(NamedTuple):
    """A delivery that an account expects."""

    day: int  # of the horizon, 0-based; negative in the warm-up
    week: int  # of the horizon
    part: int  # which of the week's deliveries, from 0


@dataclass(frozen=True)
class Shift:
    """The hours of every day in which the warehouse picks, minutes of the day."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Minutes of work a day."""
        return max(self.end - self.start, 0)

    def worked(self, minute: int) -> int:
        """Seconds of shift from 00:00 of day 0 to `minute`: the clock of the pickers, which stands still at night."""
        day, clock = divmod(minute, DAY)
        length = self.end - self.start
        if length <= 0 or clock <= self.start:
            return 60 * day * max(length, 0)
        return 60 * (day * length + min(clock - self.start, length))


def weekday(start: date, day: int) -> int:
    """Monday = 1 … Sunday = 7, `day` days after `start`."""
    return (start.isoweekday() - 1 + day) % WEEK + 1


def deliveries(start: date, order_days: tuple[int, ...], weeks: range) -> Iterator[Due]:
    """Every delivery date of the weeks (each 7 days from the horizon's first weekday), in order."""
    offsets = [offset for offset in range(WEEK) if weekday(start, offset) in order_days]
    for week in weeks:
        for part, offset in enumerate(offsets):
            yield Due(week * WEEK + offset, week, part)
