"""Warehouses, plants, lanes, calendars and opening lots, read from files; what cannot be is told with its place."""

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path

import numpy as np
import pytest

from kaopt.errors import InputError
from kaopt.scenario.production_settings import Production, Safety
from tests.scenario.files import FILES, read, write

HOUSES = "warehouse,shift_start,docks,truck_cases,pallets\nnorth,05:30,4,,\nsouth,,,1200,800\n"
WORKS = (
    "plant,capacity,lead_days,quarantine,works,yield_mean,outage\nbrewery,5000,3d,2,Mon|Tue|Wed,97%,2%\nmill,,,,,,\n"
)


def test_without_the_tables_there_are_none(tmp_path: Path) -> None:
    network = read(write(tmp_path)).network
    assert (network.warehouses, network.plants, network.lanes, network.calendars, network.lots) == (None,) * 5


def test_what_a_warehouse_leaves_open_is_not_a_number(tmp_path: Path) -> None:
    table = read(write(tmp_path, warehouses=HOUSES)).network.warehouses
    assert table is not None and table.warehouse == ("north", "south")
    assert table.shift_start[0] == 330 and np.isnan(table.shift_start[1])
    assert table.docks[0] == 4 and table.truck_cases[1] == 1200 and table.pallets[1] == 800
    assert np.isnan(table.pallets[0]) and np.isnan(table.trucks).all()


def test_plants_have_their_week_and_their_luck(tmp_path: Path) -> None:
    table = read(write(tmp_path, plants=WORKS)).network.plants
    assert table is not None and table.capacity.tolist() == [5000, inf]
    assert table.works == ((1, 2, 3), (1, 2, 3, 4, 5, 6, 7))
    assert table.yield_mean.tolist() == [0.97, 1.0] and table.outage.tolist() == [0.02, 0.0]
    assert table.lead_days[0] == 3 and np.isnan(table.lead_days[1]) and table.quarantine.tolist() == [2, 0]


def test_accounts_and_skus_name_theirs_in_chinese_too(tmp_path: Path) -> None:
    accounts = "客户,渠道,发货仓\nW,hyper,south\nZ,trade,\n"
    skus = "品项,出厂价,成本,生产工厂,批量倍数,每托箱数\ncola,40,20,mill,12,48\ntea,50,22.5,,,\n"
    world = read(write(tmp_path, accounts=accounts, skus=skus, warehouses=HOUSES, plants=WORKS))
    assert world.accounts.warehouse == ("south", "") and world.skus.plant == ("mill", "")
    assert world.skus.lot_multiple.tolist() == [12, 0] and world.skus.pallet_cases.tolist() == [48, 60]


def test_lanes_calendars_and_lots(tmp_path: Path) -> None:
    tables = {
        "lanes": "plant,warehouse,days\nmill,south,3\n",
        "calendars": "who,first,last\nmill,2027-01-30,2027-02-05\nW,2027/1/18,\n",
        "lots": "sku,warehouse,age,free_in,cases\ncola,south,12,,400\ntea,,0,5,1200\n",
    }
    network = read(write(tmp_path, warehouses=HOUSES, plants=WORKS, **tables)).network
    assert network.lanes is not None and network.lanes.days.tolist() == [3]
    assert network.calendars is not None and network.calendars.first == (date(2027, 1, 30), date(2027, 1, 18))
    assert network.calendars.last == (date(2027, 2, 5), "")
    assert network.lots is not None and network.lots.cases.tolist() == [400, 1200]
    assert network.lots.warehouse == ("south", "") and network.lots.free_in.tolist() == [0, 5]


@pytest.mark.parametrize(
    ("table", "text", "words"),
    [
        (
            "lanes",
            "plant,warehouse,days\nmill,west,3\n",
            r"lanes.csv:2 warehouse = west: must be an id of the table ware",
        ),
        ("lots", "sku,cases\nbeer,3\n", r"lots.csv:2 sku = beer: must be an id of the table skus"),
        ("calendars", "who,first\nmill,soon\n", r"calendars.csv:2 first = soon: must be"),
        ("plants", "plant,works\nmill,Mon|Someday\n", r"plants.csv:2 works"),
        ("warehouses", "warehouse,docks\nnorth,2.5\n", r"warehouses.csv:2 docks = 2.5"),
        ("warehouses", "warehouse\nnorth\nnorth\n", r"warehouses.csv:3"),
        (
            "skus",
            FILES["tables/skus.csv"].replace("high_margin", "plant").replace("no", "farm"),
            r"plant = farm: must be",
        ),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, table: str, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(write(tmp_path, **({"warehouses": HOUSES, "plants": WORKS} | {table: text})))


def test_the_settings_of_production(tmp_path: Path) -> None:
    text = (
        FILES["scenario.yaml"]
        + "supply: {production: {rule: nQ, safety: {rule: fill, fill: 97%}, prebuild_weeks: 3}}\n"
    )
    found = read(write(tmp_path, scenario=text)).supply.production
    assert found == Production(rule="nQ", safety=Safety(rule="fill", fill=0.97), prebuild_weeks=3)
    assert read(write(tmp_path, "plain")).supply.production == Production()
    with pytest.raises(InputError, match=r"supply.production.rule"):
        read(write(tmp_path, "wrong", scenario=text.replace("nQ", "guess")))


def test_policies_of_production_are_packages_that_a_scenario_can_change(tmp_path: Path) -> None:
    ways = {
        name: read(write(tmp_path, name), f"supply.policy={name}").supply for name in ("fresh_lots", "steady_service")
    }
    assert all(way.position == "age_aware" and way.production.cap_lots for way in ways.values())
    assert ways["steady_service"].production == Production(
        cap_lots=True, prebuild_weeks=3, safety=Safety(rule="fill", fill=0.98)
    )
    said = ("supply.policy=steady_service", "supply.production.safety.fill=95%", "supply.production.prebuild_weeks=0")
    changed = read(write(tmp_path, "changed"), *said).supply.production
    assert changed == Production(cap_lots=True, safety=Safety(rule="fill", fill=0.95))
