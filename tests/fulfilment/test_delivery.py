"""The way from the shelf to the customer's dock, one step at a time and to the minute; the world is that of `yards`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    AMOUNT,
    AWAY,
    BORN,
    DOCK_MINUTES,
    LATE_DOCK,
    LATE_LOAD,
    LATE_TRIP,
    PICK_SECONDS,
    PICKED,
    PIECES,
    TRUCK,
    TRUCK_MINUTES,
    WHEN,
    WRONG_LINES,
)
from kaopt.fulfilment.loops import calls, hours, pools, receipt, trips
from kaopt.fulfilment.state import count_of, goods_of, ledger_of, orders_of, pools_of
from tests.fulfilment.helpers import unhurried
from tests.fulfilment.yards import DEPARTS, LOAD_AT, TODAY, an_order, at_home, book, occupy, stocked, trip, yard

DOCKS, TRUCKS = range(2)


# loading slots and crews ---------------------------------------------------------------------------------------------


def test_loading_is_reserved_in_the_last_slot_that_ends_before_the_departure() -> None:
    """Slots of 36 minutes count from the clock's zero: TODAY is slot 120, and minute 498 lies in slot 133."""
    state = yard(docks=1)
    starts = [calls.reserve(state, 0, TODAY, (TODAY + DEPARTS, 1)) for _ in range(3)]
    assert [start - TODAY for start in starts] == [432, 396, 360]
    assert all(start + 36 <= TODAY + DEPARTS for start in starts)


def test_several_trucks_reserve_several_slots_and_loading_begins_with_the_first() -> None:
    assert calls.reserve(yard(docks=2), 0, TODAY, (TODAY + DEPARTS, 4)) - TODAY == 396
    assert calls.reserve(yard(docks=4), 0, TODAY, (TODAY + DEPARTS, 4)) - TODAY == 432


@pytest.mark.parametrize(("minute", "slot"), [(432, 432), (433, 468), (490, 504), (600, 612)])
def test_an_order_that_is_late_already_loads_in_the_next_slot(minute: int, slot: int) -> None:
    assert calls.reserve(yard(), 0, TODAY + minute, (TODAY + DEPARTS, 1)) - TODAY == slot


def test_loading_is_level_before_a_common_departure() -> None:
    """Two docks, slots of an hour, 3 to 9 of the day: the latest free ones are taken, two by two; the rest queues."""
    state, leave = yard(docks=2, load_minutes=60), TODAY + 10 * 60

    def first(loads: int, since: int) -> int:
        return int(calls.reserve(state, 0, TODAY + since * 60, (leave, loads)) - TODAY) // 60

    booked = pools_of(state).loading[0]
    assert [first(loads, 3) for loads in (1, 1, 1, 3)] == [9, 9, 8, 7]
    assert booked[booked > 0].tolist() == [2, 2, 2]
    assert first(1, 7) == 9  # no slot is free any more
    assert first(9, 5) == 5
    assert booked[booked > 0].tolist() == [2, 2, 2, 2, 2]
    nobody = yard(docks=0, load_minutes=60)
    assert calls.reserve(nobody, 0, TODAY, (TODAY + 5 * 60, 1)) == TODAY + 4 * 60


@pytest.mark.parametrize(("now", "busy", "room"), [(360, 0, 720), (360, 600, 620), (432, 0, 0), (433, 0, 350)])
def test_crews_pick_what_their_time_before_loading_allows(now: int, busy: int, room: int) -> None:
    """Two crews of 300 cases an hour from 06:00: 72 minutes until the slot at 07:12 are 720 cases.

    Ten minutes of other work cost 100; an order of 07:13 loads at 07:48, 35 minutes later; time is never negative.
    """
    state = stocked(yard(pick_crews=2, pick_rate=300), 5000)
    start = hours.worked(np.array([360, 1320]), TODAY + now)
    pools_of(state).crew[0] = start + busy
    slot = an_order(state, 5000)
    calls.attempt(state, slot, TODAY + now, 1)
    assert orders_of(state).order[slot, PICKED] == room


@pytest.mark.parametrize(("rate", "seconds"), [(300, 42), (250, 51)])
def test_picking_keeps_the_crews_for_whole_seconds(rate: int, seconds: int) -> None:
    """7 cases at 600 an hour are 42 seconds; at 500 an hour 50.4, rounded up."""
    state = stocked(yard(pick_crews=2, pick_rate=rate), 14)
    start, pool = hours.worked(np.array([360, 1320]), TODAY + 360), pools_of(state)
    calls.attempt(state, an_order(state, 7), TODAY + 360, 1)
    assert pool.crew[0] == start + seconds and pool.busy[0, PICK_SECONDS] == seconds
    calls.attempt(state, an_order(state, 7, week=-1), TODAY + 360, 1)
    assert pool.crew[0] == start + 2 * seconds and pool.busy[0, PICK_SECONDS] == seconds  # the warm-up does not count
    calls.attempt(state, an_order(state, 7), TODAY + 360, 1)
    assert pool.crew[0] == start + 2 * seconds  # nothing is left to pick


# loading -------------------------------------------------------------------------------------------------------------


def loaded(state: Any, now: int) -> np.ndarray:
    """The trip of an order's first truck."""
    one = np.zeros(6, np.int64)
    trips.load(state, an_order(state), (0, TODAY + now), one)
    return one


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
    state = yard(docks=1, trucks=1)
    book(state, DOCKS, dock)
    book(state, TRUCKS, truck)
    start, one = max(now, dock, truck), loaded(state, now)
    assert one.tolist() == trip(arrive, 72, waited).tolist()
    assert pools_of(state).gate[0].tolist() == [TODAY + start + 36]
    assert at_home(state) == []  # away until it is home
    assert pools_of(state).busy[0, [DOCK_MINUTES, TRUCK_MINUTES]].tolist() == [36, -(TODAY + start)]


@pytest.mark.parametrize(("until", "sent"), [(522, 1), (523, 0)])
@pytest.mark.parametrize("pool", [DOCKS, TRUCKS])
def test_a_truck_that_can_only_be_late_is_not_sent(pool: int, until: int, sent: int) -> None:
    """Loaded from 08:42 to 09:18 and 72 minutes on the road: 10:30 sharp. A minute later nobody drives."""
    state = yard(docks=1, trucks=1)
    book(state, pool, until)
    before = pools_of(state).gate.copy(), at_home(state)
    assert loaded(state, 462)[trips.SENT_ON] == sent
    if not sent:
        assert np.array_equal(pools_of(state).gate, before[0]) and at_home(state) == before[1]
        assert not pools_of(state).busy.any()


@pytest.mark.parametrize(("grace", "sent"), [(0, 0), (9, 0), (10, 1)])
def test_grace_is_time_in_which_a_truck_is_still_sent(grace: int, sent: int) -> None:
    state = yard({"grace_minutes": grace}, docks=1)
    book(state, DOCKS, 532)
    assert loaded(state, 462)[trips.SENT_ON] == sent


def test_a_driver_who_does_not_know_the_customer_comes_later_but_not_home_later() -> None:
    state = yard(unfamiliar=1.0, unfamiliar_minutes=45, unfamiliar_cv=0.0)
    assert loaded(state, 462).tolist() == trip(570 + 45, 72, 0).tolist()


# the gate ------------------------------------------------------------------------------------------------------------


def gate(state: Any, one: np.ndarray, now: int = 300) -> list[int]:
    """What the gate says of one truck of an order: verdict, day, punctual, home again (minute of the delivery day)."""
    said, slot = np.zeros(4, np.int64), an_order(state)
    trips.settle(state, slot, (one[None], 0, TODAY + now), said)
    said[3] -= TODAY
    return list(said.tolist())


@pytest.mark.parametrize(
    ("arrive", "waited", "busy", "said", "left"),
    [
        (400, 0, 0, (-1, 1), 540),  # waits for the opening at 08:30
        (630, 0, 0, (-1, 1), 660),
        (631, 0, 0, (-1, 0), 661),  # in the grace of a quarter of an hour: accepted, not punctual
        (645, 0, 0, (-1, 0), 675),
        (646, 0, 0, (LATE_TRIP, 0), 646),
        (646, 1, 0, (LATE_LOAD, 0), 646),  # without that minute in our yard it would have come in time
        (650, 4, 0, (LATE_TRIP, 0), 650),
        (650, 5, 0, (LATE_LOAD, 0), 650),
        (600, 0, 645, (-1, 1), 675),  # the customer's dock is free at the last minute
        (600, 0, 646, (LATE_DOCK, 1), 645),  # sent home when the window is over
    ],
)
def test_what_the_gate_says(arrive: int, waited: int, busy: int, said: tuple[int, int], left: int) -> None:
    state = yard({"grace_minutes": 15}, trucks=1, return_days=2)
    door = occupy(state, busy)
    pools_of(state).size[trips.TRUCK_POOL, 0] = 0  # it is away
    assert gate(state, trip(arrive, 80, waited)) == [said[0], 3, said[1], left + 80 + 2 * DAY]
    assert at_home(state) == [left + 80]
    # only an accepted truck holds the customer's dock
    assert door.tolist() == [TODAY + (left if said[0] < 0 else busy)]
    assert pools_of(state).busy[0, TRUCK_MINUTES] == TODAY + left + 80


def test_a_truck_that_was_not_sent_leaves_its_goods_in_the_warehouse() -> None:
    state, door = yard(), pools_of(yard()).dock[0]
    assert gate(state, trip(0, sent=trips.NOT_SENT), 477) == [LATE_LOAD, 3, 0, 477]
    assert (
        pools_of(state).dock[0].tolist() == door.tolist() == [-pools.NEVER]
        and len(at_home(state)) == 500
        and not pools_of(state).busy.any()
    )


@pytest.mark.parametrize(("arrive", "day"), [(1439, 3), (1440, 4), (1559, 4)])
def test_goods_that_arrive_after_midnight_are_a_day_older(arrive: int, day: int) -> None:
    state = yard({"window_close": 1439, "grace_minutes": 120})
    assert gate(state, trip(arrive))[:3] == [-1, day, arrive <= 1439]


# an order of several trucks ------------------------------------------------------------------------------------------


def shipped(cases: int, account: dict[str, Any] | None = None, **supply: Any) -> tuple[Any, np.ndarray, list[int]]:
    """An order of truckloads of 10 cases: its state, the pieces on their way home [n, (truck, born, cases)], and when
    each truck with goods is home."""
    state = yard(account, truck_cases=10, **supply)
    slot = an_order(state, cases, picked=True)
    count = receipt.ship(state, slot, TODAY + LOAD_AT)
    assert count_of(state)[WRONG_LINES] == 0
    orders = orders_of(state)
    pieces = orders.piece[slot, : orders.order[slot, PIECES]] if count else np.zeros((0, 5), np.int64)
    back = pieces[pieces[:, TRUCK] >= 0] if count else pieces
    return state, back[:, [TRUCK, BORN, AMOUNT]], (orders.follow[:count, WHEN] - TODAY).tolist()


def test_one_truck_that_is_home_too_late_cannot_go_again() -> None:
    """Home at 570 + 30 + 72 = 672: the second truckload of 5 cases stays, free stock again at once."""
    state, back, homes = shipped(15, trucks=1)
    assert back.tolist() == [[1, 2, 5]] and homes == [LOAD_AT]
    ledger = ledger_of(state)
    assert ledger.lost[0, 0, LATE_LOAD] == 5 and ledger.cases[0, 0].tolist() == [15, 10]
    assert ledger.counts[0, :5].tolist() == [1, 0, 1, 0, 0]


def test_refused_goods_are_free_a_day_after_their_truck_is_home() -> None:
    """The driver needs 73 minutes more: at 10:43 the gate is closed, and the truck is home 72 minutes later."""
    state, back, homes = shipped(10, trucks=1, unfamiliar=1.0, unfamiliar_minutes=73, unfamiliar_cv=0.0)
    assert back.tolist() == [[0, 2, 10]] and homes == [570 + 73 + 72 + DAY]
    assert ledger_of(state).lost[0, 0, LATE_TRIP] == 10


def test_one_truck_goes_twice_where_there_is_time() -> None:
    """Open until 16:00: the truck is home at 672, loads until 708 and is back at the customer's at 780."""
    state, back, _ = shipped(15, {"window_close": 960}, trucks=1)
    assert len(back) == 0 and ledger_of(state).counts[0, :5].tolist() == [1, 1, 1, 1, 1]
    assert at_home(state) == [780 + 30 + 72]
    minutes = pools_of(state).busy[0, [DOCK_MINUTES, TRUCK_MINUTES]].tolist()
    assert minutes == [72, (570 + 30 + 72 - LOAD_AT) + (780 + 30 + 72 - 672)]


@unhurried
@given(st.integers(1, 95), st.integers(0, 4), st.integers(0, 3), st.integers(1, 3))
def test_every_case_that_is_sent_is_accepted_or_comes_back(cases: int, trucks: int, gates: int, doors: int) -> None:
    state, back, homes = shipped(cases, {"dock_count": doors}, trucks=trucks, docks=gates)
    ledger, accepted = ledger_of(state), int(ledger_of(state).cases[0, 0, 1])
    assert len(homes) == len(set(back[:, 0].tolist()))
    assert accepted + back[:, 2].sum() == cases == accepted + ledger.lost.sum()
    assert goods_of(state).flow[AWAY, 0] == back[:, 2].sum()
    assert len(at_home(state)) == trucks  # everybody comes home
    assert accepted <= 10 * trucks  # home at 672 at the soonest, so nobody goes twice
    assert (accepted > 0) == (trucks > 0 and gates > 0)
