"""Drivers who get to know their customers, who leave, and trucks that are hired."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import LATE_LOAD, LATE_TRIP
from kaopt.fulfilment.loops import drivers as loop
from kaopt.fulfilment.policies.drivers import crews
from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.state import pools_of
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Warehouses
from kaopt.scenario.transport_settings import Drivers, Transport
from tests.fulfilment.helpers import calm, exactly, live, lost, ready, unhurried
from tests.worlds import table

WINDOW = {"window_open": 510, "window_close": 630, "travel_minutes": 60}
STRANGE = {"unfamiliar": 0.5, "unfamiliar_minutes": 90, "unfamiliar_cv": 0.0}


def staffed(accounts: int = 1, weeks: int = 20, transport: dict[str, Any] | None = None, **roster: Any) -> Scenario:
    """Half of all strangers come half an hour after closing; the roster is as told."""
    how = Transport(drivers=Drivers(**roster), **(transport or {}))
    return calm(accounts, 1, weeks, account_columns=WINDOW, supply={**STRANGE, "transport": how})


def chances(world: Scenario, days: list[int], d: int = 0) -> list[float]:
    """The chance that each of some trips to a door has a driver who does not know it."""
    state = begin(ready(world), 0)
    return [float(loop.strangeness(state, d, day, day * 2**20)) for day in days]


# learning ------------------------------------------------------------------------------------------------------------


def test_each_visit_takes_a_share_off_the_chance() -> None:
    assert chances(staffed(count=1, learning=0.3), [0, 2, 4, 7]) == pytest.approx([0.5, 0.35, 0.245, 0.1715])


def test_training_is_worth_visits() -> None:
    assert chances(staffed(count=1, learning=0.3, training=2), [0, 2]) == pytest.approx([0.245, 0.1715])


def test_every_door_has_to_be_learned() -> None:
    world = staffed(2, count=1, learning=0.5)
    state = begin(ready(world), 0)
    told = [float(loop.strangeness(state, d, 0, 0)) for d in (0, 0, 1, 0)]
    assert told == pytest.approx([0.5, 0.25, 0.5, 0.125])
    assert pools_of(state).visits[0, :2].tolist() == [3, 1]


def test_a_roster_that_never_learns_is_a_year_without_one() -> None:
    """The same chance for the same uniform: no figure of the year differs."""
    nobody, somebody = live(staffed()), live(staffed(count=4, learning=0.0))
    assert all(np.array_equal(a, b) for a, b in zip(nobody.ledger, somebody.ledger, strict=True))
    assert lost(nobody)[LATE_TRIP] == pytest.approx(0.5, abs=0.15)


def test_who_leaves_takes_his_knowledge_along() -> None:
    """All leave in a year, so all leave in every week: within one the driver learns, in the next a new one comes."""
    world = staffed(count=1, learning=0.3, turnover=1.0, training=1)
    assert chances(world, [0, 2, 6, 7, 9, 35]) == pytest.approx([0.35, 0.245, 0.1715, 0.35, 0.245, 0.35])


def test_turnover_is_that_of_a_year() -> None:
    """Of 400 drivers a quarter leaves in 52 weeks and a day; asked at the end, each has been looked at week by week."""
    world = staffed(weeks=60, count=400, learning=0.3, turnover=0.25, training=0)
    state = begin(ready(world), 0)
    visits = pools_of(state).visits
    visits[:, 0], visits[:, 1] = 7, -1
    for n in range(400):
        loop.replace(state, 0, n, 51)
    stayed = (visits[:, 0] == 7).mean()
    expected = 0.75 ** (52 * 7 / 365)
    assert abs(stayed - expected) <= 4 * (expected * (1 - expected) / 400) ** 0.5
    assert (visits[:, 1] == 51).all()


# who goes where ------------------------------------------------------------------------------------------------------


def test_a_pool_serves_all_doors_of_its_warehouse() -> None:
    first, count = crews(np.array([0, 1, 0, 1]), np.array([6, 4]), "pool")
    assert first.tolist() == [0, 6, 0, 6] and count.tolist() == [6, 4, 6, 4]


def test_dedicated_drivers_are_shared_out_evenly() -> None:
    first, count = crews(np.array([0, 1, 0, 0]), np.array([7, 2]), "dedicated")
    assert first.tolist() == [0, 7, 2, 4] and count.tolist() == [2, 2, 2, 3]
    first, count = crews(np.array([0, 0, 0]), np.array([2]), "dedicated")
    assert first.tolist() == [0, 0, 1] and count.tolist() == [1, 1, 1]


rosters = st.lists(st.integers(0, 9), min_size=3, max_size=3)


@unhurried
@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), rosters, st.sampled_from(["pool", "dedicated"]))
def test_drivers_stay_with_their_warehouse(warehouse: list[int], drivers: list[int], rule: str) -> None:
    first, many = crews(np.array(warehouse), np.array(drivers), rule)
    for p, one, size in zip(warehouse, first, many, strict=True):
        begins, ends = sum(drivers[:p]), sum(drivers[: p + 1])
        assert drivers[p] == size == 0 or (begins <= one and one + size <= ends and size >= 1)
    if rule == "dedicated":  # nobody is idle where there are doors enough
        for p in set(warehouse):
            used = {
                n for q, one, size in zip(warehouse, first, many, strict=True) if q == p for n in range(one, one + size)
            }
            assert len(used) >= min(drivers[p], warehouse.count(p))


def test_every_warehouse_has_its_own_roster() -> None:
    """The table's figure, and that of the settings where it has none; drivers are keyed by warehouse and number."""
    places = table(Warehouses, 2, warehouse=["P", "Q"], drivers=[nan, 2.0])
    columns = {**WINDOW, "warehouse": ["P", "Q"]}
    transport = Transport(drivers=Drivers(count=3, learning=0.5, turnover=0.9))
    given_ = {"supply": {**STRANGE, "transport": transport}, "network": Network(warehouses=places)}
    state = begin(ready(calm(2, 1, account_columns=columns, **given_)), 0)
    assert pools_of(state).visits.shape == (5, 3)
    for day in range(20):
        loop.strangeness(state, 1, day, day * 2**20)
    assert pools_of(state).visits[:3, 1].sum() == 0 < pools_of(state).visits[3:, 1].sum()


def late_share(world: Scenario, years: int = 4) -> float:
    return float(np.mean([lost(live(world, replication=r))[LATE_TRIP] for r in range(years)]))


def test_learning_training_and_fewer_leavers_never_make_a_week_later() -> None:
    """The driver of a trip and the uniform of his knowing the way stay what they are: only the chance falls."""

    def late(**roster: Any) -> np.ndarray:
        found: np.ndarray = live(staffed(2, count=5, **roster)).ledger.value[:, :, 2 + LATE_TRIP]
        return found

    steps = [
        late(learning=0.1, turnover=0.9),
        late(learning=0.1, turnover=0.0),
        late(learning=0.3),
        late(learning=0.3, training=4),
    ]
    for worse, better in pairwise(steps):
        assert (better <= worse).all() and better.sum() < worse.sum()


def test_dedicated_drivers_know_their_customers_sooner() -> None:
    """Eight doors, eight drivers, n deliveries to each: a door's own driver has seen it n times, one of a pool n / 8.

    With learning 0.3 the late share of n = 60 deliveries is near 0.5 sum 0.7^k / 60 = 0.028 for a driver of its own;
    in the pool it is the same sum over visits that come an eighth as fast.
    """
    own, pool = (late_share(staffed(8, count=8, rule=rule), 2) for rule in ("dedicated", "pool"))
    before = 8 * 3  # deliveries of the warm-up to each door: a door's own driver knows the way already
    assert own <= 0.5 * 0.7**before + 0.001 < pool


# hired trucks --------------------------------------------------------------------------------------------------------


def short(price: float | None, **given: Any) -> Scenario:
    """A delivery of 300 cases, ten truckloads, with four trucks that cannot go twice before the gate closes."""
    supply = {"trucks": 4, "truck_cases": 30.0, "transport": Transport(hire_price=price), **given}
    account = {**WINDOW, "order_days": ((3,),), "dock_count": 50}
    return calm(1, 1, 6, base_cases=np.full((1, 1, 6), 300.0), account_columns=account, supply=supply)


def test_hired_trucks_carry_what_the_fleet_cannot_in_time() -> None:
    alone, hired = live(short(None)), live(short(900.0))
    assert lost(alone)[LATE_LOAD] == pytest.approx(0.6) and alone.ledger.hired.tolist() == [0]
    assert lost(hired).sum() == 0 and hired.ledger.hired.tolist() == [6 * 6]


def test_no_truck_is_hired_where_the_fleet_or_the_docks_would_not_let_it() -> None:
    """Ten trucks need none; without a dock a hired truck cannot be loaded either; without a fleet all are hired."""
    assert live(short(900.0, trucks=10)).ledger.hired.sum() == 0
    assert live(short(900.0, docks=0)).ledger.hired.sum() == 0
    assert live(short(900.0, trucks=0)).ledger.hired.tolist() == [6 * 10]


def test_hired_drivers_do_not_learn() -> None:
    world = short(900.0, transport=Transport(hire_price=900.0, drivers=Drivers(count=3, learning=1.0)), **STRANGE)
    year = live(world)
    visits = pools_of(year.state).visits[:, 0].sum()
    assert visits == 4 * 14  # four own trucks a week of warm-up and horizon
    assert lost(year)[LATE_TRIP] > 0.15  # six of ten go with strangers, half of whom are late


def test_drivers_are_keyed_by_name() -> None:
    """The driver of a trip does not depend on other accounts."""
    few, many = (begin(ready(staffed(n, count=9, learning=0.2)), 0) for n in (1, 3))
    for state in (few, many):
        for day in range(30):
            loop.strangeness(state, 0, day, day * 2**20)
    assert np.array_equal(pools_of(few).visits[:, 0], pools_of(many).visits[:, 0])
    assert luck.PURPOSES[luck.ROSTER] == "roster"


def test_a_hired_truck_costs_its_price() -> None:
    """Six trucks in each of six weeks, 900 each, in every year."""
    world = short(900.0)
    two = replace(world, supply=world.supply.model_copy(update={"replications": exactly(2)}))
    cost = simulate(two, Plan.nothing()).hire_cost
    assert cost is not None and cost.tolist() == [[32_400.0], [32_400.0]]


@pytest.mark.parametrize(("home_by", "late"), [(11 * 60 + 45, 0.0), (11 * 60 + 44, 1.0)])
def test_no_driver_is_sent_who_would_not_be_home_in_time(home_by: int, late: float) -> None:
    """Planned arrival 09:30, an hour and a quarter to unload, an hour home: 11:45."""
    drivers = Drivers(home_by=home_by)
    account = {**WINDOW, "unload_minutes": 75}
    supply = {"transport": Transport(drivers=drivers), "dispatch_slack": 60}
    assert lost(live(calm(1, 1, 6, account_columns=account, supply=supply)))[LATE_LOAD] == late
    hired = {**supply, "transport": Transport(drivers=drivers, hire_price=500.0)}
    year = live(calm(1, 1, 6, account_columns=account, supply=hired))
    assert lost(year).sum() == 0 and year.ledger.hired.tolist() == [18 * late]
