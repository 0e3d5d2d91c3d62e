"""Shifts, delivery days and the timetable of an order, by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment.calendar import DAY, Due, Shift, deliveries, weekday
from kaopt.fulfilment.policies.dispatch import Door, call_day, leave_minute, reserve
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


DOOR = Door(open=510, close=630, last=630, travel=72, docks=2, unload=30)


def test_trucks_leave_in_time_for_the_window() -> None:
    plan = supply(dispatch_slack=60)
    assert leave_minute(DOOR, plan, 1) == 630 - 60 - 72
    assert leave_minute(DOOR, plan, 4) == 630 - 60 - 30 - 72  # a second round at the customer's two docks
    assert leave_minute(DOOR, plan, 7) == 510 - 72  # four rounds would be before opening: arrive when it opens
    assert leave_minute(DOOR, supply(dispatch_slack=300), 1) == 510 - 72


def test_an_account_without_a_window_is_served_at_noon() -> None:
    assert leave_minute(Door(open=0, close=1439, last=1439, travel=600, docks=2, unload=30), supply(), 1) == 120


@pytest.mark.parametrize(("travel", "trucks", "day"), [(72, 1, -1), (600, 1, -2), (72, 60, -2), (2000, 1, -3)])
def test_orders_come_in_on_the_day_before_loading(travel: int, trucks: int, day: int) -> None:
    """Three docks, 36 minutes a load: one truck of a near account loads in the morning, sixty take twelve hours."""
    door = Door(open=510, close=630, last=630, travel=travel, docks=2, unload=0)
    assert call_day(door, supply(docks=3, load_minutes=36), trucks) == day


def test_loading_is_level_before_a_common_departure() -> None:
    """Two docks, slots 3 to 9: the latest free ones are taken, two by two; who finds none will queue."""
    booked: dict[int, int] = {}
    firsts = [reserve(booked, 2, range(3, 10), loads) for loads in (1, 1, 1, 3)]
    assert firsts == [9, 9, 8, 7]
    assert booked == {9: 2, 8: 2, 7: 2}
    assert reserve(booked, 2, range(7, 10), 1) == 9
    assert reserve(booked, 2, range(5, 10), 9) == 5
    assert booked == {9: 2, 8: 2, 7: 2, 6: 2, 5: 2}
    assert reserve({}, 0, range(5), 1) == 4
