"""On a warehouse's holiday nothing is loaded and no truck leaves: deliveries are for other days, late loads wait."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.doors import timetable
from kaopt.fulfilment.fields import DAY_OF, DUE_DAY, FIRST_DAY, LEAVE, TRACED, WEEK_OF
from kaopt.fulfilment.loops import calls, trips
from kaopt.fulfilment.loops.trace import CHECKED_IN, KIND_OF, MINUTE
from kaopt.fulfilment.state import orders_of, pools_of
from kaopt.fulfilment.world import live_traced
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Calendars
from tests.fulfilment.helpers import calm, fill, ready
from tests.fulfilment.test_sites import DAILY, warehouses
from tests.fulfilment.yards import DUE, TODAY, an_order, yard
from tests.worlds import table

START = date(2027, 1, 4)
HOUR = 60


def closed(*spans: tuple[int, int]) -> Network:
    """One warehouse, `home`, closed from a day to another, both included."""
    first, last = ([START + timedelta(days=span[n]) for span in spans] for n in range(2))
    rows = table(Calendars, len(spans), who=["home"] * len(spans), first=first, last=last)
    return Network(warehouses=warehouses("home"), calendars=rows)


def daily(*spans: tuple[int, int], travel: int = HOUR, weeks: int = 4, **supply: Any) -> Scenario:
    """Deliveries every day between 08:00 and 12:00."""
    columns = {"order_days": (DAILY,), "window_open": 480, "window_close": 720, "travel_minutes": travel}
    return calm(1, 1, weeks, account_columns=columns, supply=supply, network=closed(*spans))


def days_of(world: Scenario) -> list[tuple[int, int]]:
    """(day, week) of every delivery, after asserting that each week's parts make a whole."""
    due, share = timetable(world, range(world.weeks))
    rows = [
        (int(one[DAY_OF]), int(one[WEEK_OF])) for one, part in zip(due[0], share[0], strict=True) if part[1] > part[0]
    ]
    parts = np.zeros(world.weeks)
    np.add.at(parts, due[0, :, WEEK_OF], share[0, :, 1] - share[0, :, 0])
    assert parts == pytest.approx(np.ones(world.weeks))
    return rows


@pytest.mark.parametrize(
    ("travel", "missing"),
    [
        (HOUR, {9, 10}),  # leaves on the same day
        (11 * HOUR, {9, 10}),  # planned arrival 11:00: leaves at 00:00
        (11 * HOUR + 1, {10, 11}),  # leaves at 23:59 of the day before
        (35 * HOUR, {10, 11}),
        (35 * HOUR + 1, {11, 12}),
    ],
)
def test_no_delivery_for_which_a_truck_would_leave_on_a_holiday(travel: int, missing: set[int]) -> None:
    days = {day for day, _ in days_of(daily((9, 10), travel=travel))}
    assert days == set(range(28)) - missing


def test_a_week_for_which_no_truck_can_leave_is_delivered_after_it() -> None:
    assert [one for one in days_of(daily((7, 14))) if one[1] in (1, 2)] == [(15, 1)] + [(d, 2) for d in range(15, 21)]


def test_without_a_holiday_of_the_warehouse_nothing_changes() -> None:
    """A calendar for somebody else, and none at all."""
    plain = daily((100, 100))
    assert days_of(plain) == [(day, day // WEEK) for day in range(28)]


def test_a_year_keeps_the_holidays_and_serves_everything_else() -> None:
    """No dock is booked and no truck is at a gate on the holidays; every case comes on another day."""
    world = daily((9, 10), (16, 16), weeks=5, load_minutes=40)
    year = live_traced(ready(world), 0)
    rows = year.ledger.trace[: year.counters[TRACED]]
    at_gate = set((rows[rows[:, KIND_OF] == CHECKED_IN, MINUTE] // DAY).tolist())
    assert at_gate.isdisjoint({9, 10, 16}) and {8, 11, 15, 17} <= at_gate
    length, zero = 40, year.inputs.terms.span[FIRST_DAY] * DAY // 40 - 1
    booked = {(int(slot) + zero) * length // DAY for slot in np.flatnonzero(year.pools.loading[0])}
    assert booked.isdisjoint({9, 10, 16}) and {8, 11} <= booked
    assert fill(year) == 1 and year.ledger.cases[:, :, 0].sum() > 0


# late loads ----------------------------------------------------------------------------------------------------------


def loaded(now: int, leave: int, *spans: tuple[int, int]) -> int:
    """Minute of the clock at which a truck that is loaded from `now` on arrives; 72 minutes away, no time limit."""
    state = yard(network=closed(*spans))
    slot, one = an_order(state), np.zeros(6, np.int64)
    order = orders_of(state).order[slot]
    order[DUE_DAY], order[LEAVE] = DUE + 5, leave
    trips.load(state, slot, (0, now), one)
    return int(one[0])


@pytest.mark.parametrize(
    ("now", "leave", "spans", "leaves"),
    [
        (TODAY, TODAY + 500, [], TODAY + 500),
        (TODAY, TODAY + 500, [(DUE + 1, DUE + 1)], TODAY + 500),
        (TODAY, TODAY, [], TODAY + 36),
        (TODAY, TODAY + 500, [(DUE, DUE)], TODAY + DAY + 36),  # cannot be loaded before the next day
        (TODAY, TODAY + 500, [(DUE, DUE + 1)], TODAY + 2 * DAY + 36),
        (TODAY + DAY - 36, TODAY, [(DUE + 1, DUE + 1)], TODAY + 2 * DAY),  # loaded at midnight: leaves when it is over
        (TODAY + DAY - 37, TODAY, [(DUE + 1, DUE + 1)], TODAY + DAY - 1),
        (TODAY, TODAY + DAY + 5, [(DUE + 1, DUE + 1)], TODAY + 2 * DAY),  # loaded before, and yet not on that day
    ],
)
def test_a_truck_that_is_late_waits_for_the_end_of_the_holidays(
    now: int, leave: int, spans: list[tuple[int, int]], leaves: int
) -> None:
    assert loaded(now, leave, *spans) == leaves + 72


def test_loading_is_reserved_before_the_holidays_where_that_is_too_late() -> None:
    """Departure at 08:00 after two holidays: the slot before it is free; at 00:10 it is that of the eve."""
    slots = 36
    for departure, expected in ((TODAY + 480, TODAY + 480 - 480 % slots - slots), (TODAY + 10, TODAY - 2 * DAY)):
        state = yard(network=closed((DUE - 2, DUE - 1)))
        at = int(calls.reserve(state, 0, TODAY - 5 * DAY, (departure, 1)))
        assert expected - slots <= at <= expected and at % slots == 0
        assert pools_of(state).loading.sum() == 1
