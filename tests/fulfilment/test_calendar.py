"""Shifts, delivery days and the timetable of an order, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment.calendar import DAY, Due, deliveries, weekday
from kaopt.fulfilment.loops import hours, timing
from tests.fulfilment.helpers import calm, ready, unhurried
from tests.fulfilment.yards import yard

MONDAY = date(2027, 1, 4)


def worked(start: int, end: int, minute: int) -> int:
    """Seconds of shift until a minute, for a shift from `start` to `end`."""
    return int(hours.worked(np.array([start, end]), minute))


def test_the_pickers_clock_stands_still_at_night() -> None:
    shift = 6 * 60, 22 * 60
    assert worked(*shift, 0) == 0 and worked(*shift, 6 * 60) == 0
    assert worked(*shift, 7 * 60) == 3600
    assert worked(*shift, 23 * 60) == worked(*shift, DAY + 5 * 60) == 16 * 3600
    assert worked(*shift, -DAY) == -16 * 3600
    assert worked(*shift, -60) == 0
    assert worked(600, 600, 5 * DAY) == 0


@unhurried
@given(st.integers(-5000, 5000), st.integers(0, 5000), st.integers(0, DAY), st.integers(0, DAY))
def test_shift_time_is_what_lies_inside_the_shift(start: int, minutes: int, a: int, b: int) -> None:
    opens, closes = min(a, b), max(a, b)
    inside = sum(opens <= minute % DAY < closes for minute in range(start, start + minutes))
    assert worked(opens, closes, start + minutes) - worked(opens, closes, start) == 60 * inside


def test_deliveries_are_on_the_accounts_days() -> None:
    assert list(deliveries(MONDAY, (1, 5), range(-1, 1))) == [
        Due(-7, -1, 0),
        Due(-3, -1, 1),
        Due(0, 0, 0),
        Due(4, 0, 1),
    ]
    thursday = date(2027, 1, 7)
    assert [due.day for due in deliveries(thursday, (1, 5), range(1))] == [1, 4]  # Friday, then Monday
    assert [weekday(thursday, day) for day in (-1, 0, 4)] == [3, 4, 1]


def test_an_account_without_a_delivery_day_is_a_fault() -> None:
    with pytest.raises(InputError, match="delivery day"):
        ready(calm(1, 1, account_columns={"order_days": ((),)}))


DOOR: dict[str, Any] = {"dock_count": 2, "unload_minutes": 30}


def leaves(trucks: int, account: dict[str, Any], **supply: Any) -> int:
    """Minute of the delivery day at which an order's trucks should leave."""
    return int(timing.departure(yard(account, **supply), 0, 10, trucks)) - 10 * DAY


def test_trucks_leave_in_time_for_the_window() -> None:
    assert leaves(1, DOOR, dispatch_slack=60) == 630 - 60 - 72
    assert leaves(4, DOOR, dispatch_slack=60) == 630 - 60 - 30 - 72  # a second round at the customer's two docks
    assert leaves(7, DOOR, dispatch_slack=60) == 510 - 72  # four rounds would be before opening: arrive when it opens
    assert leaves(1, DOOR, dispatch_slack=300) == 510 - 72


def test_an_account_without_a_window_is_served_at_noon() -> None:
    assert leaves(1, {"window_open": 0, "window_close": 1440, "travel_minutes": 600}) == 120


@pytest.mark.parametrize(("travel", "trucks", "day"), [(72, 1, -1), (600, 1, -2), (72, 60, -2), (2000, 1, -3)])
def test_orders_come_in_on_the_day_before_loading(travel: int, trucks: int, day: int) -> None:
    """Three docks, 36 minutes a load: one truck of a near account loads in the morning, sixty take twelve hours."""
    state = yard({"travel_minutes": travel, "dock_count": 2, "unload_minutes": 0}, docks=3, dispatch_slack=60)
    assert timing.call_day(state, 0, 10, trucks) == 10 + day
