"""The way from the shelf to the customer's dock, one step at a time and to the minute.

One account with a window from 08:30 to 10:30, 72 minutes away; planned arrival 09:30, so the truck leaves at 08:18
(minute 498) and its loading of 36 minutes should begin at 07:42 (minute 462).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import delivery, kernels, stock
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.kernels import LATE_DOCK, LATE_LOAD, LATE_TRIP
from kaopt.fulfilment.pools import NEVER, Pool
from kaopt.fulfilment.year import Year, begin
from tests.fulfilment.helpers import calm, ready, unhurried

WINDOW = {"window_open": 510, "window_close": 630, "travel_minutes": 72, "unload_minutes": 30, "dock_count": 1}
LEAVE, LOAD_AT = 498, 462
TODAY = 3 * DAY  # midnight of the delivery day


def year_at(minute: int, account: dict[str, Any] | None = None, **supply: Any) -> Year:
    """A year whose clock stands at this minute of the delivery day, nothing booked."""
    world = calm(1, 1, 4, account_columns={**WINDOW, **(account or {})}, supply={"load_minutes": 36, **supply})
    year = begin(ready(world), 0)
    year.env = simpy.Environment(TODAY + minute)
    return year


def an_order(capacity: int = 1000, week: int = 0) -> stock.Order:
    day = 3 if week >= 0 else 3 - 7
    return stock.Order(0, day, week, 1, 3, day, capacity, day * DAY + LEAVE)


def book(pool: Pool, until: int) -> None:
    """Every server of the pool is busy until then."""
    for _ in list(pool.free):
        pool.keep(TODAY + until)


# loading slots and crews ---------------------------------------------------------------------------------------------


def test_loading_is_reserved_in_the_last_slot_that_ends_before_the_departure() -> None:
    """Slots of 36 minutes count from the clock's zero: TODAY is slot 120, and minute 498 lies in slot 133."""
    year = year_at(0, docks=1)
    starts = [delivery.load_slot(year, TODAY + LEAVE, 1) for _ in range(3)]
    assert [start - TODAY for start in starts] == [432, 396, 360]
    assert all(start + 36 <= TODAY + LEAVE for start in starts)


def test_several_trucks_reserve_several_slots_and_loading_begins_with_the_first() -> None:
    assert delivery.load_slot(year_at(0, docks=2), TODAY + LEAVE, 4) - TODAY == 396
    assert delivery.load_slot(year_at(0, docks=4), TODAY + LEAVE, 4) - TODAY == 432


@pytest.mark.parametrize(("minute", "slot"), [(432, 432), (433, 468), (490, 504), (600, 612)])
def test_an_order_that_is_late_already_loads_in_the_next_slot(minute: int, slot: int) -> None:
    assert delivery.load_slot(year_at(minute), TODAY + LEAVE, 1) - TODAY == slot


def test_crews_pick_what_their_time_before_loading_allows() -> None:
    """Two crews of 300 cases an hour from 06:00: 72 minutes are 720 cases; ten minutes of other work cost 100."""
    year = year_at(360, pick_crews=2, pick_rate=300)
    start, room = delivery.pick_room(year, TODAY + 432)
    assert start == year.shift.worked(TODAY + 360) and room == 720
    year.crews.keep(start + 600)
    assert delivery.pick_room(year, TODAY + 432) == (start + 600, 620)
    assert delivery.pick_room(year, TODAY + 360)[1] == 0  # no time is left, and time is never negative


def test_picking_keeps_the_crews_for_whole_seconds() -> None:
    """7 cases at 600 an hour are 42 seconds; at 500 an hour 50.4, rounded up."""
    for rate, seconds in ((300, 42), (250, 51)):
        year = year_at(360, pick_crews=2, pick_rate=rate)
        start, _ = delivery.pick_room(year, TODAY + 432)
        nothing = (np.zeros((1, 2), np.int64), np.zeros((0, 3), np.int64))
        delivery.book_pick(year, start, an_order(), (*nothing, 7))
        assert year.crews.free == [start + seconds] and year.busy[0] == seconds
        delivery.book_pick(year, start, an_order(), (*nothing, 0))
        assert year.crews.free == [start + seconds]
        delivery.book_pick(year, start + seconds, an_order(week=-1), (*nothing, 7))
        assert year.crews.free == [start + 2 * seconds] and year.busy[0] == seconds  # the warm-up does not count


# loading -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "dock", "truck", "arrive", "waited"),
    [
        (462, 0, 0, 570, 0),  # as planned
        (300, 0, 0, 570, 0),  # loaded early: waits in the yard for its departure
        (463, 0, 0, 571, 0),  # begun a minute late by the plan, not by a queue
        (462, 463, 0, 571, 1),
        (462, 0, 500, 608, 38),
        (462, 490, 500, 608, 38),  # the later of dock and truck
        (462, 522, 0, 630, 60),  # the last minute in which it can still come in time
        (300, 400, 0, 570, 0),  # waited for a dock and yet left as planned
    ],
)
def test_a_truck_leaves_when_it_is_loaded_and_its_time_has_come(
    now: int, dock: int, truck: int, arrive: int, waited: int
) -> None:
    year = year_at(now, docks=1, trucks=1)
    book(year.docks, dock)
    book(year.trucks, truck)
    start = max(now, dock, truck)
    trip = delivery.load(year, an_order(), 0)
    assert (trip.arrive - TODAY, trip.back, trip.waited) == (arrive, 72, waited)
    assert year.docks.free == [TODAY + start + 36]
    assert year.trucks.free == []  # away until it is home
    assert year.busy[1:] == [36, -(TODAY + start)]


@pytest.mark.parametrize(("dock", "sent"), [(522, True), (523, False)])
@pytest.mark.parametrize("pool", ["docks", "trucks"])
def test_a_truck_that_can_only_be_late_is_not_sent(pool: str, dock: int, sent: bool) -> None:
    """Loaded from 08:42 to 09:18 and 72 minutes on the road: 10:30 sharp. A minute later nobody drives."""
    year = year_at(462, docks=1, trucks=1)
    book(getattr(year, pool), dock)
    before = (list(year.docks.free), list(year.trucks.free))
    trip = delivery.load(year, an_order(), 0)
    assert (trip.arrive != delivery.NOT_SENT) == sent
    if not sent:
        assert (year.docks.free, year.trucks.free) == before and year.busy == [0, 0, 0]


def test_grace_is_time_in_which_a_truck_is_still_sent() -> None:
    for grace, sent in ((0, False), (9, False), (10, True)):
        year = year_at(462, {"grace_minutes": grace}, docks=1)
        book(year.docks, 532)
        assert (delivery.load(year, an_order(), 0).arrive != delivery.NOT_SENT) == sent


def test_a_driver_who_does_not_know_the_customer_comes_later_but_not_home_later() -> None:
    year = year_at(462, unfamiliar=1.0, unfamiliar_minutes=45, unfamiliar_cv=0.0)
    assert delivery.load(year, an_order(), 0)[1:] == (TODAY + 570 + 45, 72, 0)


# the gate ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrive", "waited", "dock", "said", "left"),
    [
        (400, 0, 0, (-1, True), 540),  # waits for the opening at 08:30
        (630, 0, 0, (-1, True), 660),
        (631, 0, 0, (-1, False), 661),  # in the grace of a quarter of an hour: accepted, not punctual
        (645, 0, 0, (-1, False), 675),
        (646, 0, 0, (LATE_TRIP, False), 646),
        (646, 1, 0, (LATE_LOAD, False), 646),  # without that minute in our yard it would have come in time
        (650, 4, 0, (LATE_TRIP, False), 650),
        (650, 5, 0, (LATE_LOAD, False), 650),
        (600, 0, 645, (-1, True), 675),  # the customer's dock is free at the last minute
        (600, 0, 646, (LATE_DOCK, True), 645),  # sent home when the window is over
    ],
)
def test_what_the_gate_says(arrive: int, waited: int, dock: int, said: tuple[int, bool], left: int) -> None:
    year, door = year_at(300, {"grace_minutes": 15}, trucks=1, return_days=2), Pool(1)
    door.keep(TODAY + dock)
    year.trucks.take()
    verdict, free = delivery.settle(year, an_order(), delivery.Trip(0, TODAY + arrive, 80, waited), door)
    assert verdict == (said[0], 3, said[1])
    assert year.trucks.free == [TODAY + left + 80]
    assert free == TODAY + left + 80 + 2 * DAY
    # only an accepted truck holds the customer's dock
    assert door.free == [TODAY + (left if said[0] < 0 else dock)]
    assert year.busy[2] == TODAY + left + 80


def test_a_truck_that_was_not_sent_leaves_its_goods_in_the_warehouse() -> None:
    year, door = year_at(477), Pool(1)
    said, free = delivery.settle(year, an_order(), delivery.Trip(0, delivery.NOT_SENT, 0, 0), door)
    assert said == (LATE_LOAD, 3, False) and free == TODAY + 477
    assert door.free == [-NEVER] and len(year.trucks.free) == 500 and year.busy == [0, 0, 0]


def test_goods_that_arrive_after_midnight_are_a_day_older() -> None:
    year = year_at(300, {"window_close": 1439, "grace_minutes": 120})
    for arrive, day in ((1439, 3), (1440, 4), (1559, 4)):
        said, _ = delivery.settle(year, an_order(), delivery.Trip(0, TODAY + arrive, 80, 0), Pool(1))
        assert said == (-1, day, arrive <= 1439)


# an order of several trucks ------------------------------------------------------------------------------------------


def goods(cases: int) -> delivery.Picked:
    """One line of this many cases, made a day before delivery, all picked."""
    lines = np.zeros((1, 2 + kernels.CAUSES), np.int64)
    lines[0, kernels.ORDERED] = cases
    return lines, np.array([[0, 2, cases]]), cases


def sent(cases: int, account: dict[str, Any] | None = None, **supply: Any) -> tuple[Year, np.ndarray, list[int]]:
    year = year_at(LOAD_AT, account, truck_cases=10, **supply)
    year.terms.flow[kernels.AWAY] = year.terms.flow[kernels.OPENING] = cases
    back, homes, wrong = delivery.send(year, an_order(), goods(cases))
    assert wrong == 0
    return year, back, homes


def test_one_truck_that_is_home_too_late_cannot_go_again() -> None:
    """Home at 570 + 30 + 72 = 672: the second truckload of 5 cases stays, free stock again at once."""
    year, back, homes = sent(15, trucks=1)
    assert back.tolist() == [[1, 0, 2, 5]]
    assert homes == [TODAY + 672 + DAY, TODAY + LOAD_AT]
    assert year.ledger.lost[0, 0, LATE_LOAD] == 5 and year.ledger.cases[0, 0].tolist() == [15, 10]
    assert year.ledger.counts.tolist() == [[1, 0, 1, 0, 0]]


def test_one_truck_goes_twice_where_there_is_time() -> None:
    """Open until 16:00: the truck is home at 672, loads until 708 and is back at the customer's at 780."""
    wide = {"window_close": 960}
    year, back, _ = sent(15, wide, trucks=1)
    assert len(back) == 0 and year.ledger.counts.tolist() == [[1, 1, 1, 1, 1]]
    assert year.trucks.free == [TODAY + 780 + 30 + 72]
    assert year.busy[1:] == [72, (570 + 30 + 72 - LOAD_AT) + (780 + 30 + 72 - 672)]


@unhurried
@given(st.integers(1, 95), st.integers(0, 4), st.integers(0, 3), st.integers(1, 3))
def test_every_case_that_is_sent_is_accepted_or_comes_back(cases: int, trucks: int, docks: int, doors: int) -> None:
    year, back, homes = sent(cases, {"dock_count": doors}, trucks=trucks, docks=docks)
    accepted = int(year.ledger.cases[0, 0, 1])
    assert len(homes) == -(-cases // 10)
    assert accepted + back[:, 3].sum() == cases == accepted + year.ledger.lost.sum()
    assert year.terms.flow[kernels.AWAY, 0] == back[:, 3].sum()
    assert len(year.trucks.free) == trucks  # everybody comes home
    assert accepted <= 10 * trucks  # home at 672 at the soonest, so nobody goes twice
    assert (accepted > 0) == (trucks > 0 and docks > 0)
