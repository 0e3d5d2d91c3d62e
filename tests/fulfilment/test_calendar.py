"""Shifts, delivery days and the timetable of an order, by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment.calendar import DAY, Due, Shift, deliveries, weekday
from kaopt.fulfilment.policies.dispatch import Door, load_minute
from tests.fulfilment.helpers import calm, ready, supply, unhurried

MONDAY = date(2027, 1, 4)


def test_the_pickers_clock_stands_still_at_night() -> None:
    shift = Shift(6 * 60, 22 * 60)
    assert shift.worked(0) == 0 and shift.worked(6 * 60) == 0
    assert shift.worked(7 * 60) == 3600
    assert shift.worked(23 * 60) == shift.worked(DAY + 5 * 60) == 16 * 3600
    assert shift.worked(-DAY) == -16 * 3600
    assert shift.worked(-60) == 0
    assert Shift(600, 600).worked(5 * DAY) == 0


@unhurried
@given(st.integers(-5000, 5000), st.integers(0, 5000), st.integers(0, DAY), st.integers(0, DAY))
def test_shift_time_is_what_lies_inside_the_shift(start: int, minutes: int, a: int, b: int) -> None:
    opens, closes = min(a, b), max(a, b)
    inside = sum(opens <= minute % DAY < closes for minute in range(start, start + minutes))
    shift = Shift(opens, closes)
    assert shift.worked(start + minutes) - shift.worked(start) == 60 * inside


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


def test_loading_starts_in_time_for_the_window() -> None:
    door = Door(open=510, close=630, last=630, travel=72, docks=2, unload=30)
    assert load_minute(door, supply(dispatch_slack=60, load_minutes=36, docks=3), 1) == 630 - 60 - 72 - 36
    # seven trucks: three rounds at our three docks, four rounds at the customer's two
    # close - slack - 3 x 30 would be before opening: arrive when the window opens
    assert load_minute(door, supply(dispatch_slack=60, load_minutes=36, docks=3), 7) == 510 - 72 - 3 * 36
    assert load_minute(door, supply(dispatch_slack=300, load_minutes=36), 1) == 510 - 72 - 36


def test_an_account_without_a_window_is_served_at_noon() -> None:
    door = Door(open=0, close=1439, last=1439, travel=600, docks=2, unload=30)
    assert load_minute(door, supply(load_minutes=36), 1) == 720 - 600 - 36
