"""Several warehouses and plants: who gets what, what a week's capacity holds, what breaks down, what finds no room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.fulfilment import luck, sites
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import (
    AMOUNT_MADE,
    BORN_ON,
    CHANGEOVERS,
    COUNTED,
    CUT,
    FREE_ON,
    KIND,
    MADE_CASES,
    ON_HAND,
    OPENING_CASES,
    PLACE,
    PLANNED,
    STANDSTILL,
)
from kaopt.fulfilment.loops import hours, nights, plants, production, timing
from kaopt.fulfilment.opening import standstills
from kaopt.fulfilment.state import goods_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Calendars, Lanes, OpeningLots, Plants, Warehouses
from tests.fulfilment.helpers import calm, fill, live, ready, unhurried, years
from tests.worlds import table

MONDAY = 7
DAILY = (1, 2, 3, 4, 5, 6, 7)


def warehouses(*ids: str, **columns: Any) -> Warehouses:
    made: Warehouses = table(Warehouses, len(ids), warehouse=ids, **columns)
    return made


def plant_table(*ids: str, **columns: Any) -> Plants:
    made: Plants = table(Plants, len(ids), plant=ids, **columns)
    return made


def net(world: Scenario, **tables: Any) -> Scenario:
    return replace(world, network=Network(**tables))


def two(shares: tuple[float, float] = (70.0, 70.0), **given_: Any) -> Scenario:
    """Two accounts, each served every day from a warehouse of its own; cases a week."""
    base = np.array(shares)[:, None, None] * np.ones((2, 1, 8))
    columns = {"order_days": (DAILY, DAILY), "warehouse": ("north", "south")} | given_.pop("account_columns", {})
    tables = given_.pop("tables", {})
    world = calm(2, 1, base_cases=base, account_columns=columns, **given_)
    return net(world, warehouses=warehouses("north", "south"), **tables)


def reviewed(world: Scenario, counted: Any, day: int = MONDAY) -> list[tuple[int, int, int]]:
    """(warehouse, SKU, cases) of the lots that a review begins, with so much stock that counts."""
    state = begin(ready(world), 0)
    goods = goods_of(state)
    goods.report[COUNTED] = np.array(counted)
    plants.review(state, day)
    return [(int(b[PLACE]), int(b[KIND]), int(b[AMOUNT_MADE])) for b in goods_of(state).batch if b[AMOUNT_MADE] > 0]


# warehouses ----------------------------------------------------------------------------------------------------------


def test_a_warehouse_overrides_what_supply_says_where_its_row_says_something() -> None:
    world = net(calm(), warehouses=warehouses("a", "b", docks=[np.nan, 7], pick_rate=[120.5, np.nan]))
    whole, rates = sites.places(world)
    assert whole[:, 3].tolist() == [50, 7] and rates[:, 0].tolist() == [120.5, 300.0]
    alone, _ = sites.places(calm())
    assert np.array_equal(whole[0, :9], alone[0, :9])


def test_a_world_with_one_named_warehouse_and_plant_is_the_world_without_tables() -> None:
    plain = calm(2, 2, sku_columns={"demand_cv": 0.4})
    named = net(plain, warehouses=warehouses("here"), plants=plant_table("works"))
    one, two_ = live(plain), live(named)
    # only the point of the lot cycle at which the year opens is drawn by the warehouse's name
    assert np.array_equal(one.orders.wanted, two_.orders.wanted)
    assert np.array_equal(one.inputs.terms.buffer, two_.inputs.terms.buffer)
    assert np.array_equal(one.inputs.terms.forecast, two_.inputs.terms.forecast)


def test_each_account_is_served_from_its_own_warehouse() -> None:
    """The south has no crews: its account gets nothing, the north's everything."""
    world = two()
    year = live(replace(world, network=Network(warehouses=warehouses("north", "south", pick_crews=[50, 0]))))
    assert year.ledger.cases[0, :, 1].tolist() == [70] * 8 and year.ledger.cases[1, :, 1].sum() == 0
    assert year.goods.coming.shape == (2, 1)


def test_an_unknown_warehouse_or_plant_is_named() -> None:
    with pytest.raises(InputError, match="west"):
        ready(two(account_columns={"warehouse": ("north", "west")}))
    with pytest.raises(InputError, match="mill"):
        ready(calm(1, 1, sku_columns={"plant": ("mill",)}))


def test_another_warehouse_leaves_the_luck_of_the_first_alone() -> None:
    """The opening stock of a warehouse is drawn by its name, wherever it stands in the table."""
    world = two(sku_columns={"lot_cover_weeks": 6.0, "demand_cv": 0.3})
    turned = replace(world, network=Network(warehouses=warehouses("south", "north")))
    one, other = (goods_of(begin(ready(here), 3)) for here in (world, turned))
    assert np.array_equal(one.cells[0], other.cells[1]) and np.array_equal(one.cells[1], other.cells[0])
    assert not np.array_equal(one.cells[0], one.cells[1])


# one lot for several warehouses --------------------------------------------------------------------------------------


def test_a_lot_serves_all_warehouses_each_what_it_misses_and_the_rest_by_what_it_sells() -> None:
    """Targets 155 and 77.5; a lot covers a week of both: 105. North misses 55 and south 20: 30 are left, two to one."""
    world = two((70.0, 35.0), sku_columns={"lot_cover_weeks": 1.0})
    assert reviewed(world, [[100], [57.5]]) == [(0, 0, 55 + 20), (1, 0, 20 + 10)]


def test_nobody_gets_a_lot_that_nobody_misses() -> None:
    assert reviewed(two(), [[155], [155]]) == []
    assert reviewed(two(), [[154], [155]]) == [(0, 0, 71), (1, 0, 69)]  # 1 + 69.5 and 69.5


@unhurried
@given(st.lists(st.floats(0, 500), min_size=2, max_size=2), st.integers(1, 900))
def test_shares_are_whole_and_add_up(gaps: list[float], cases: int) -> None:
    """Largest remainder: each part is its exact share rounded down or up, and together they are the lot."""
    state = begin(ready(two((70.0, 30.0))), 0)
    missing = np.array(gaps)[:, None]
    parts = plants.shares(state, 0, MONDAY, (missing, cases))
    assert parts.sum() == cases and parts.min() >= 0
    total = sum(gaps)
    by_demand = np.array([0.7, 0.3])
    exact = (
        np.array(gaps) * min(1, cases / total) + max(cases - total, 0) * by_demand if total > 0 else cases * by_demand
    )
    assert np.abs(parts - exact).max() < 1 + 1e-6


def test_a_longer_road_raises_the_target_and_delays_the_lot() -> None:
    lanes = table(Lanes, 1, plant=("works",), warehouse=("south",), days=3)
    world = two(tables={"plants": plant_table("works"), "lanes": lanes}, sku_columns={"safety_weeks": 0.0})
    state = begin(ready(world), 0)
    assert production.target(state, (0, 0), MONDAY) == pytest.approx(120)
    assert production.target(state, (1, 0), MONDAY) == pytest.approx(150)
    plants.review(state, MONDAY)
    assert [int(b[FREE_ON]) for b in goods_of(state).batch[:2]] == [MONDAY + 5, MONDAY + 8]


# plants --------------------------------------------------------------------------------------------------------------


def making(skus: int, **columns: Any) -> Scenario:
    """One plant, SKUs that sell 70 a week each, lots of a week, no safety stock: targets of 120."""
    world = calm(
        1,
        skus,
        base_cases=np.full((1, skus, 8), 70.0),
        account_columns={"order_days": (DAILY,)},
        sku_columns={"safety_weeks": 0.0} | columns.pop("sku_columns", {}),
    )
    return net(world, plants=plant_table("works", **columns))


def test_who_runs_out_first_is_made_first() -> None:
    """Three SKUs miss 90, 60 and 40: 150 cases a week hold the neediest, whole, and a part of the next."""
    world = making(3, capacity=150.0, sku_columns={"lot_cover_weeks": 0.01})
    assert reviewed(world, [[80, 30, 60]]) == [(0, 1, 90), (0, 2, 60)]
    assert reviewed(world, [[60, 80, 30]]) == [(0, 0, 60), (0, 2, 90)]
    assert reviewed(making(3, capacity=120.0, sku_columns={"lot_cover_weeks": 0.01}), [[80, 30, 60]]) == [
        (0, 1, 90),
        (0, 2, 30),
    ]


def test_changeovers_take_capacity_and_a_lot_below_its_minimum_is_not_begun() -> None:
    small = {"lot_cover_weeks": 0.01}
    assert reviewed(making(3, capacity=150.0, changeover=20.0, sku_columns=small), [[80, 30, 60]]) == [
        (0, 1, 90),  # 150 - 20
        (0, 2, 20),  # 150 - 110 - 20
    ]
    least = small | {"lot_cases": 30.0}
    assert reviewed(making(3, capacity=150.0, changeover=20.0, sku_columns=least), [[80, 30, 60]]) == [(0, 1, 90)]
    packs = small | {"lot_multiple": 12.0}
    assert reviewed(making(2, capacity=100.0, sku_columns=packs), [[0, 0]]) == [(0, 0, 96)]


def test_every_case_that_capacity_cuts_is_counted() -> None:
    world = making(3, capacity=120.0, sku_columns={"lot_cover_weeks": 0.01})
    state = begin(ready(world), 0)
    goods_of(state).report[COUNTED] = np.array([[80, 30, 60]])
    plants.review(state, MONDAY)
    output = goods_of(state).output[0]
    assert output[PLANNED] + output[CUT] == 40 + 90 + 60
    assert output[[PLANNED, CUT, CHANGEOVERS, STANDSTILL]].tolist() == [120, 70, 2, 0]


def test_less_capacity_serves_less_and_enough_serves_all() -> None:
    """140 cases a week are wanted: half the capacity fills half, in the long run; a tenth more than enough, all."""
    fills = [fill(live(making(2, capacity=cases))) for cases in (70.0, 105.0, 154.0)]
    assert fills[2] == 1.0 and fills[0] < fills[1] < 1.0
    made = live(making(2, capacity=70.0)).goods
    assert made.output[0, PLANNED] <= 70 * 8


def test_a_plant_that_works_half_the_days_begins_on_them_and_holidays_take_capacity() -> None:
    """Capacity is of a usual week: 70 on Monday to Friday; two holidays leave 42."""
    start = date(2027, 1, 4)
    closed = table(
        Calendars, 1, who=("works",), first=(start + timedelta(MONDAY),), last=(start + timedelta(MONDAY + 1),)
    )
    week = ((1, 2, 3, 4, 5),)
    usual, fewer = (
        replace(
            making(1, capacity=70.0, works=week),
            network=Network(plants=plant_table("works", capacity=70.0, works=week), **more),
        )
        for more in ({}, {"calendars": closed})
    )
    for world, cases, begins in ((usual, 70, MONDAY), (fewer, 42, MONDAY + 2)):
        state = begin(ready(world), 0)
        goods_of(state).report[COUNTED] = 0
        plants.review(state, MONDAY)
        batch = goods_of(state).batch[0]
        assert (batch[AMOUNT_MADE], batch[BORN_ON]) == (cases, begins)


def test_before_a_warehouses_holiday_its_orders_are_picked_on_the_last_open_day() -> None:
    """Thursday's goods are picked on Wednesday; with Tuesday and Wednesday closed, on Monday, in its hours."""
    start = date(2027, 1, 4)
    closed = table(Calendars, 1, who=("here",), first=(start + timedelta(8),), last=(start + timedelta(9),))
    slow = {"order_days": ((4,),), "travel_minutes": 60}
    world = calm(1, 1, base_cases=np.full((1, 1, 8), 160.0), account_columns=slow)
    house = warehouses("here", pick_crews=1, pick_rate=10.0)  # 160 cases in the 16 hours of a day
    usual, fewer = net(world, warehouses=house), net(world, warehouses=house, calendars=closed)
    assert [timing.call_day(begin(ready(one), 0), 0, 10, 1) for one in (usual, fewer)] == [9, 7]
    assert [timing.call_day(begin(ready(one), 0), 0, 17, 1) for one in (usual, fewer)] == [16, 16]
    state = begin(ready(fewer), 0)
    seconds = [hours.open_seconds(state, 0, day * 1440) for day in range(7, 12)]
    assert np.diff(seconds).tolist() == [57600, 0, 0, 57600]
    noon = hours.open_seconds(state, 0, 8 * 1440 + 720)
    assert noon == seconds[1]
    assert live(usual).ledger.cases[0, :, 1].tolist() == live(fewer).ledger.cases[0, :, 1].tolist() == [160] * 8


def test_a_calendar_of_a_stranger_is_a_fault() -> None:
    closed = table(Calendars, 1, who=("nobody",), first=(date(2027, 1, 4),))
    with pytest.raises(InputError, match="nobody"):
        ready(net(calm(), calendars=closed))


def test_each_sku_is_made_by_its_plant_on_the_plants_day() -> None:
    world = calm(1, 2, sku_columns={"plant": ("slow", "fast")}, base_cases=np.full((1, 2, 8), 70.0))
    both = plant_table(
        "fast", "slow", lead_days=[2, 12], quarantine=[0, 2], review_weekday=[1, 3], freeze_days=[7, np.nan]
    )
    world = net(world, plants=both)
    inputs = ready(world)
    assert inputs.terms.makes.tolist() == [1, 0]
    assert inputs.terms.lane[:, 0].tolist() == [2, 14]
    assert inputs.terms.plant[:, 1].tolist() == [9, 35]  # notice that a promotion needs: freeze and lead
    state = begin(inputs, 0)
    assert [[plants.reviews(state, m, day) for day in range(7)].index(True) for m in (0, 1)] == [0, 2]


def test_what_is_made_is_planned_cases_times_the_lots_yield() -> None:
    world = making(1, yield_mean=0.8, sku_columns={"lot_cases": 100.0})
    state = begin(ready(world), 0)
    goods_of(state).report[COUNTED] = 0
    plants.review(state, MONDAY)
    planned = int(goods_of(state).batch[0, AMOUNT_MADE])
    before = int(goods_of(state).flow[MADE_CASES, 0])
    nights.release(state, MONDAY + 5)
    assert goods_of(state).flow[MADE_CASES, 0] - before == round(0.8 * planned) - planned
    assert goods_of(state).coming[0, 0] == 0


def test_yield_varies_lot_by_lot_around_its_mean_and_lowers_the_fill_rate() -> None:
    noisy = making(1, yield_cv=0.5)
    parts = []
    for one in years(noisy, 30):
        flow, planned = one.goods.flow, one.goods.output[0, PLANNED]
        parts.append(flow[MADE_CASES, 0] / max(planned, 1))
    assert np.std(parts) > 0.05
    steady, shaky = (np.mean([fill(one) for one in years(world, 10)]) for world in (making(1), noisy))
    assert shaky < steady


def test_a_breakdown_stops_the_plant_for_whole_days_and_costs_fill() -> None:
    calm_plant, weak = making(1, capacity=75.0), making(1, capacity=75.0, outage=0.5, outage_days=4.0)
    still = [int(one.goods.output[0, STANDSTILL]) for one in years(weak, 20)]
    assert (
        min(still) >= 0
        and np.mean(still) > 5
        and all(one.goods.output[0, STANDSTILL] == 0 for one in years(calm_plant, 2))
    )
    sound, broken = (np.mean([fill(one) for one in years(world, 20)]) for world in (calm_plant, weak))
    assert broken < sound - 0.02


def test_breakdowns_are_as_frequent_and_as_long_as_said() -> None:
    """1 - exp(-1 / m) of the lengths ceil(m x exponential) are 1 day: mean 1 / (1 - exp(-1 / m))."""
    world = making(1, outage=0.05, outage_days=2.0)
    inputs = ready(world)
    closed = [1 - standstills(inputs.sites, inputs.terms, luck.keys_of(5, r)) for r in range(400)]
    weeks = closed[0].shape[1] // 7
    mean = np.mean([one.sum() for one in closed])
    expected = weeks * 0.05 / (1 - np.exp(-0.5))
    error = np.std([one.sum() for one in closed]) / 20
    assert (
        abs(mean - expected) < 4 * error + 0.05 * expected
    )  # two breakdowns may overlap, the last may outlast the year


# storage -------------------------------------------------------------------------------------------------------------


def test_what_finds_no_room_waits_at_the_plant() -> None:
    """Three pallets of 30: a fourth waits until there is room, and every day of it is counted."""
    columns = {"sku_columns": {"lot_cover_weeks": 4.0, "pallet_cases": 30}}
    world = calm(1, 1, base_cases=np.full((1, 1, 8), 70.0), account_columns={"order_days": (DAILY,)}, **columns)
    roomy = live(world)
    tight = live(net(world, warehouses=warehouses("here", pallets=3)))
    assert tight.goods.outside[0] > 0 == roomy.goods.outside[0]
    assert tight.goods.cells[..., 2].sum() <= 90
    assert fill(tight) == 1.0  # what waits at the plant comes as soon as there is room: 90 cases last for nine days


# a snapshot ----------------------------------------------------------------------------------------------------------


def snap(**columns: Any) -> OpeningLots:
    made: OpeningLots = table(
        OpeningLots, len(columns["cases"]), **({"sku": ("S1",) * len(columns["cases"])} | columns)
    )
    return made


def test_a_snapshot_opens_the_year_without_luck() -> None:
    world = net(calm(1, 1, base_cases=np.full((1, 1, 8), 70.0)), lots=snap(age=[20, 3], cases=[100.0, 50.0]))
    goods = [goods_of(begin(ready(world), r)) for r in range(3)]
    assert all(np.array_equal(one.cells, goods[0].cells) for one in goods)
    assert goods[0].flow[OPENING_CASES].tolist() == [150]
    rows = goods[0].cells[0, 0, : goods[0].ends[0, 0, 1]]
    assert [(int(-row[1]), int(row[2])) for row in rows] == [(20, 100), (3, 50)]
    assert ready(world).warmup == 0 and ready(world).first_day == -7


def test_from_a_snapshot_production_begins_with_the_horizon() -> None:
    """40 cases in stock and 60 more on day 10; nothing else is made before day 0: sales end when they are gone."""
    lots = snap(age=[0, 0], cases=[40.0, 60.0], free_in=[0, 10])
    daily_ = {"order_days": (DAILY,), "travel_minutes": 60}
    world = net(
        calm(1, 1, base_cases=np.full((1, 1, 8), 70.0), account_columns=daily_, supply={"lead_days": 60}), lots=lots
    )
    year = live(world)
    weekly = year.ledger.cases[0, :, 1].tolist()
    assert weekly[0] == 40 and sum(weekly) == 100
    # at midnight: 30, 20 and 10 of the first lot, whose first ten were picked the day before; 60, 50 … of the second
    assert year.goods.days[ON_HAND, 0, 0] == 60 + 210


def test_a_snapshot_has_whole_cases_of_known_skus() -> None:
    with pytest.raises(InputError, match="whole"):
        ready(net(calm(), lots=snap(cases=[1.5])))
    with pytest.raises(InputError, match="S9"):
        ready(net(calm(), lots=snap(sku=("S9",), cases=[1.0])))
