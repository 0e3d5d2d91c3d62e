"""The customer's gate to the minute: early and late trucks, appointments, other suppliers' trucks at the docks."""

from __future__ import annotations

from dataclasses import replace
from math import floor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    EARLY,
    LATE_DOCK,
    LATE_LOAD,
    LATE_MINUTES,
    LATE_TRIP,
    OTIF_ORDERS,
)
from kaopt.fulfilment.loops import gates, trips
from kaopt.fulfilment.state import orders_of, pools_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from tests.fulfilment.helpers import calm, live, lost, unhurried
from tests.fulfilment.test_doors import points
from tests.fulfilment.yards import DUE, TODAY, an_order, at_home, occupy, trip, yard


def at(door: dict[str, Any], **supply: Any) -> Any:
    """A state in which the account's one door has further rules."""
    return yard(door.pop("account_columns", None), Network(doors=points({"door": "A1", **door})), **supply)


def says(state: Any, *arrivals: int, waited: int = 0) -> list[list[int]]:
    """Verdict, day, punctual and when it is home again (minute of the delivery day), truck by truck of one order."""
    slot, rows = an_order(state), np.stack([trip(one, 80, waited) for one in arrivals])
    said = np.zeros((len(arrivals), 4), np.int64)
    pools_of(state).size[trips.TRUCK_POOL, 0] = 0
    trips.book(state, slot, rows)
    for t in trips.by_arrival(rows, 0, len(rows)):
        trips.settle(state, slot, (rows, t, TODAY), said[t])
    said[:, 3] -= TODAY + DAY  # the goods are free a day later
    return [list(row) for row in said.tolist()]


# early and late ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arrive", "said"), [(479, [EARLY, DUE, 0, 479 + 80]), (480, [-1, DUE, 1, 540 + 80])])
def test_a_truck_that_is_too_early_is_refused_and_another_waits(arrive: int, said: list[int]) -> None:
    """Open at 08:30; from half an hour before, trucks may wait."""
    assert says(at({"early_minutes": 30.0}), arrive) == [said]


def test_early_trucks_wait_where_nothing_is_said() -> None:
    assert says(at({}), 0) == [[-1, DUE, 1, 540 + 80]]


@pytest.mark.parametrize(
    ("arrive", "said", "minutes"),
    [
        (630, [-1, DUE, 1, 660 + 80], 0),
        (631, [-1, DUE, 0, 661 + 80], 1),
        (1439, [-1, DUE, 0, 1469 + 80], 809),
        (1440, [LATE_TRIP, DUE + 1, 0, 1440 + 80], 810),
    ],
)
def test_a_late_truck_is_accepted_that_day_and_its_minutes_are_counted(
    arrive: int, said: list[int], minutes: int
) -> None:
    state = at({"late": "accept"})
    assert says(state, arrive) == [said]
    assert orders_of(state).order[0, LATE_MINUTES] == minutes


def test_a_late_truck_waits_for_the_next_days_window() -> None:
    """One dock, half an hour each: received at 08:30 and 09:00 of the next day, so that the goods are a day older."""
    state = at({"late": "next_day"})
    tomorrow = DAY + 510
    assert says(state, 631, 640) == [[-1, DUE + 1, 0, tomorrow + 30 + 80], [-1, DUE + 1, 0, tomorrow + 60 + 80]]
    assert at_home(state) == [tomorrow + 110, tomorrow + 140]
    # they have the dock before the trucks of that day: whoever comes at 08:40 is unloaded from 09:30 on
    gates.meet(state, 0, DUE + 1, TODAY + DAY + 520)
    assert pools_of(state).dock[0, 0] == TODAY + DAY + 570


def test_a_truck_for_which_the_dock_is_free_too_late_waits_as_well() -> None:
    state = at({"late": "next_day"})
    occupy(state, 640)
    assert says(state, 600) == [[-1, DUE + 1, 0, DAY + 540 + 80]]


@pytest.mark.parametrize(("rule", "due"), [("refuse", LATE_LOAD), ("accept", -1), ("next_day", -1)])
def test_late_trucks_are_sent_where_they_are_not_refused(rule: str, due: int) -> None:
    """The only truck is home at 10:00: it cannot be there by 10:30."""
    state = at({"late": rule}, trucks=1)
    pools_of(state).truck[0, 0] = TODAY + 600
    slot, one = an_order(state), np.zeros(6, np.int64)
    trips.load(state, slot, (0, TODAY + 462), one)
    assert one[trips.SENT_ON] == (due < 0)


# appointments --------------------------------------------------------------------------------------------------------


def test_trucks_are_served_in_their_slots() -> None:
    """Slots of half an hour: two trucks for one dock are planned from 09:00 on."""
    state = at({"appointment_minutes": 30})
    assert says(state, 500, 500) == [[-1, DUE, 1, 540 + 30 + 80], [-1, DUE, 1, 570 + 30 + 80]]


@pytest.mark.parametrize(("arrive", "said"), [(600, [1, 630]), (601, [0, 660])])
def test_who_misses_his_slot_waits_for_the_next_free_one(arrive: int, said: list[int]) -> None:
    """Planned for 09:30 to 10:00: until then the slot is kept; a minute later it is that of 10:30, and not punctual."""
    state = at({"appointment_minutes": 30})
    assert says(state, arrive) == [[-1, DUE, said[0], said[1] + 80]]


def test_a_slot_that_another_truck_has_is_not_free() -> None:
    """The second has 09:30; the first misses 09:00 by a minute, so that 10:00 is the next for it."""
    state = at({"appointment_minutes": 30})
    assert says(state, 571, 575) == [[-1, DUE, 0, 600 + 30 + 80], [-1, DUE, 1, 575 + 30 + 80]]


def test_appointments_keep_the_queue_away() -> None:
    """Sixty trucks an hour at one dock: without an appointment nobody is served in time."""
    for minutes, verdict in ((0, LATE_DOCK), (30, -1)):
        state = at({"appointment_minutes": minutes, "arrivals": 60.0})
        assert says(state, 570)[0][0] == verdict


# other suppliers' trucks ---------------------------------------------------------------------------------------------


def by_hand(state_luck: tuple[np.ndarray, int], docks: int, rate: float, until: int) -> int:
    """When a dock is free for a truck that comes at a minute of the delivery day, one arrival after another."""
    keys, who = state_luck
    free, clock, n = [0] * docks, 510 * 1000, 0
    while True:
        clock += floor(60_000 / rate * luck.exponential(keys[luck.CROWD], who, DUE * gates.OTHERS_A_DAY + n) + 0.5)
        if clock // 1000 > until:
            return max(until, min(free))
        first = free.index(min(free))
        free[first] = max(free[first], clock // 1000) + 30
        n += 1


@pytest.mark.parametrize("docks", [1, 2, 3])
@pytest.mark.parametrize("rate", [1.0, 3.0, 8.0])
def test_the_queue_before_us_is_that_of_keyed_arrivals(docks: int, rate: float) -> None:
    keyed = luck.keys_of(11, 0), np.uint64(luck.name_key("A1"))
    for arrive in (515, 560, 600, 630):
        state = at({"arrivals": rate, "dock_count": float(docks), "grace_minutes": 600.0})
        turn = by_hand(keyed, docks, rate, arrive)
        assert says(state, arrive)[0][3] == turn + 30 + 80


@unhurried
@given(st.floats(0.5, 12), st.integers(1, 4), st.integers(510, 630))
def test_another_dock_never_keeps_a_truck_longer(rate: float, docks: int, arrive: int) -> None:
    few, more = (
        says(at({"arrivals": rate, "dock_count": float(count), "grace_minutes": 900.0}), arrive)[0][3]
        for count in (docks, docks + 1)
    )
    assert more <= few


# a simulation: what never makes it worse -----------------------------------------------------------------------------

LATE = slice(2 + LATE_LOAD, 2 + LATE_DOCK + 1)
NARROW = {"window_open": 510, "window_close": 630, "travel_minutes": 90, "unload_minutes": 30, "dock_count": 1}


def rough(door: dict[str, Any] | None = None, account: dict[str, Any] | None = None, **supply: Any) -> Scenario:
    """Trips and drivers are uncertain, a truck takes 60 cases; goods keep, and there is always enough of them."""
    accounts = supply.pop("accounts", 2)
    risky = {"trip_cv": 0.4, "unfamiliar": 0.3, "truck_cases": 60.0, "load_cv": 0.3} | supply
    world = calm(
        accounts, 2, 10, account_columns={**NARROW, **(account or {})}, supply=risky, sku_columns={"safety_weeks": 4}
    )
    if door is None:
        return world
    rows = [{"door": name, "account": name, **door} for name in world.accounts.account]
    return replace(world, network=Network(doors=points(*rows)))


def late(world: Scenario, replication: int) -> np.ndarray:
    """[A, W] value that was late, for whatever cause."""
    value = live(world, replication=replication).ledger.value
    found: np.ndarray = value[:, :, LATE].sum(axis=2)
    return found


ONE_DOCK = {"arrivals": 2.0, "dock_count": 1.0}
WIDE = {"dock_count": 50}  # nobody queues


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (rough(), rough(account={"window_open": 450, "window_close": 690}, dispatch_slack=120)),  # the same departure
        (rough(dispatch_slack=30), rough(dispatch_slack=60)),
        (rough(), rough(account={"grace_minutes": 15})),
        (rough(ONE_DOCK, truck_cases=600.0), rough({**ONE_DOCK, "dock_count": 2.0}, truck_cases=600.0)),
        (rough({"arrivals": 2.0}), rough({"arrivals": 0.0})),
        (rough(account=WIDE, accounts=1, trucks=1), rough(account=WIDE, accounts=1, trucks=2)),
        (rough({"late": "refuse"}), rough({"late": "accept"})),
    ],
    ids=["window", "slack", "grace", "customer's docks", "other trucks", "fleet", "late rule"],
)
def test_what_helps_never_makes_a_week_of_an_account_later(worse: Scenario, better: Scenario) -> None:
    """Under the same luck, week by week and account by account; and somewhere it does help.

    More docks of a customer are compared where each order is one truck, since a plan for more trucks leaves earlier.
    More trucks are where one account has them for itself: in between accounts a truck that is not sent for one is at
    home for the other, so that some weeks are better with fewer.
    """
    pairs = [(late(worse, r), late(better, r)) for r in range(4)]
    assert all((after <= before + 1e-9).all() for before, after in pairs)
    assert sum(float((before - after).sum()) for before, after in pairs) > 0


def test_late_rules_trade_refusals_for_late_receipts() -> None:
    """Refused, late trucks cost value; accepted or received a day later they do not, and yet are not on time."""
    refuse, accept, wait = (live(rough({"late": rule})) for rule in ("refuse", "accept", "next_day"))
    assert lost(refuse)[LATE_TRIP] > 0 and lost(accept)[LATE_TRIP] == lost(wait)[LATE_TRIP] == 0
    for year in (accept, wait):
        assert 0 < year.ledger.counts[:, OTIF_ORDERS].sum() < year.ledger.counts[:, 2].sum()


def test_refusing_early_trucks_costs_and_its_cause_is_early() -> None:
    year = live(rough({"early_minutes": 0.0}, dispatch_slack=120))
    assert lost(year)[EARLY] > 0.1
    assert lost(live(rough(dispatch_slack=120)))[EARLY] == 0
