"""A user's own policy of every family: what a setting can say, a function can say with the same year, case by case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kaopt.errors import InputError
from kaopt.fulfilment.policies.contracts import accepted_ages
from kaopt.fulfilment.policies.ordering import cover
from kaopt.fulfilment.year import Year
from kaopt.own_policies import FAMILIES, with_policies
from kaopt.scenario.demand_settings import Demand
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Stock
from kaopt.scenario.transport_settings import Transport
from kaopt.service import FINE_CAUSES
from tests import worlds
from tests.fulfilment.helpers import calm, live, lost

Tables = dict[str, Any]
TWO = {"acceptance_age": [0.5, 1.0]}
SHORT = {"safety_weeks": -0.7, "shelf_life": 60, "demand_cv": 0.5}  # production makes less than both want
OLD = {"lot_cover_weeks": 4.0, "shelf_life": 40, "demand_cv": 0.3}  # lots last longer than A1 accepts
MORNING = {"window_open": 510, "window_close": 630}
STRANGE = {"unfamiliar": 0.5, "unfamiliar_minutes": 90, "unfamiliar_cv": 0.0, "trip_cv": 0.3}
PEAK = (0.1, 0.1, 0.1, 0.7)
UPLIFT = worlds.plan([(0, 0, 6, 2, 0), (0, 0, 12, 2, 0)])


def share(*causes: str) -> Callable[[Year], float]:
    """The share of the value that is lost to these causes."""
    return lambda year: float(sum(lost(year)[FINE_CAUSES.index(one)] for one in causes))


def first_fill(year: Year) -> float:
    """Case fill of account A1."""
    ordered, accepted = year.ledger.cases[0].sum(axis=0)
    return float(accepted / ordered)


def stock_age(year: Year) -> float:
    """Mean age of the stock, days."""
    on_hand, ages = year.goods.days[:2].sum(axis=(1, 2))
    return float(ages / on_hand)


def stock(year: Year) -> float:
    """Case-nights."""
    return float(year.goods.days[0].sum())


def peak(year: Year) -> float:
    """Orders of the greatest week."""
    return float(year.orders.volume.max())


def aged(year: Year) -> float:
    """Cases that the aged-stock ladder took."""
    return float(year.ledger.aged.sum())


@dataclass(frozen=True)
class Case:
    """A world, the same with another setting, the function that says the same, and what must rise (or fall: -1)."""

    family: str
    plain: Callable[[], Scenario]
    setting: Callable[[], Scenario]
    function: Callable[[Scenario, Tables], Tables]
    figure: Callable[[Year], float]
    sign: int


def two(sku: Tables, **supply: Any) -> Scenario:
    """A strict and a lenient account, one SKU, a year."""
    return calm(2, 1, 52, account_columns=TWO, sku_columns=sku, supply=supply)


def tiered(*tier: int) -> Scenario:
    columns = TWO | {"tier": list(tier)}
    rule = Stock(serve="strict_first")
    return calm(2, 1, 52, account_columns=columns, sku_columns=SHORT, supply={"stock": rule})


def driven(**transport: Any) -> Scenario:
    """Two accounts in the morning; half of all strangers come after closing."""
    return calm(2, 1, 52, account_columns=MORNING, supply={**STRANGE, "transport": Transport(**transport)})


def roster(rule: str) -> Scenario:
    return driven(drivers={"count": 2, "rule": rule, "learning": 0.05})


def slack(minutes: int) -> Scenario:
    return calm(1, 1, 20, account_columns=MORNING, supply={**STRANGE, "dispatch_slack": minutes})


def told(days: int) -> Scenario:
    return calm(1, 1, 20, account_columns={"notice_days": days}, sku_columns={"safety_weeks": 0.3})


def ordered(**demand: Any) -> Scenario:
    return calm(1, 1, 20, supply={"demand": Demand(**demand)})


def laddered(at: float) -> Scenario:
    rung = {"at": at, "way": "markdown", "price": 0.5}
    return calm(1, 1, 52, sku_columns=OLD, supply={"stock": Stock(ladder=(rung,))})


def put(name: str, value: Any) -> Callable[[Scenario, Tables], Tables]:
    """The function that fills a table with one figure, or with what `value` makes of world and table."""

    def function(world: Scenario, tables: Tables) -> Tables:
        tables[name][:] = value(world, tables[name]) if callable(value) else value
        return tables

    return function


def own_driver(world: Scenario, tables: Tables) -> Tables:
    return {"first": np.arange(2), "count": np.ones(2)}


def half_a_week(world: Scenario, tables: Tables) -> Tables:
    """50 of the 100 cases that A1 wants in a week."""
    assert tables["level"].shape == (1, 1, 1, 60) and tables["age"].tolist() == [[30]]
    return tables | {"level": np.full((1, 1, 1, 60), 50)}


CASES = (
    Case(
        "issuing",
        lambda: two(OLD | {"shelf_life": 9999}, issue="fifo"),
        lambda: two(OLD | {"shelf_life": 9999}, issue="lifo"),
        put("newest_first", True),
        stock_age,
        1,
    ),
    Case(
        "gate",
        lambda: two(OLD, gate=False),
        lambda: two(OLD, gate=True),
        put("sent", lambda world, _: accepted_ages(world)),
        share("age"),
        -1,
    ),
    Case(
        "stop_age",
        lambda: two(OLD),
        lambda: two(OLD, stock=Stock(stop_age=0.2)),
        put("stop", lambda _, stop: np.array([[8], [40]])),
        share("stock_too_old"),
        1,
    ),
    Case("tiers", lambda: tiered(2, 1), lambda: tiered(1, 2), put("tier", lambda _, tier: 1 - tier), first_fill, 1),
    Case(
        "reserves",
        lambda: two(SHORT, stock=Stock(serve="lenient_first")),
        lambda: two(SHORT, stock=Stock(serve="lenient_first", protect="reserve", reserve_weeks={1: 0.5})),
        half_a_week,
        first_fill,
        1,
    ),
    Case(
        "safety_stock",
        lambda: two({"safety_weeks": 0.0, "demand_cv": 0.3}),
        lambda: two({"safety_weeks": 0.5, "demand_cv": 0.3}),
        put("buffer", 100.0),  # half of the two accounts' 200 cases a week
        stock,
        1,
    ),
    Case(
        "lots",
        lambda: two({"lot_cover_weeks": 1.0}),
        lambda: two({"lot_cover_weeks": 5.0}),
        put("cover_days", 35),
        stock,
        1,
    ),
    Case("dispatch", lambda: slack(60), lambda: slack(15), put("arrival", 615), share("late_trip"), 1),
    Case("drivers", lambda: roster("pool"), lambda: roster("dedicated"), own_driver, share("late_trip"), -1),
    Case("notice", lambda: told(0), lambda: told(60), put("seen", True), share("no_stock"), -1),
    Case(
        "phasing",
        ordered,
        lambda: ordered(phasing=PEAK),
        put("held", lambda world, _: cover(Demand(phasing=PEAK), ("A1",), range(-8, world.weeks))),
        peak,
        1,
    ),
    Case("ladder", lambda: laddered(0.9), lambda: laddered(0.3), put("age", 12), aged, 1),
)


def same(one: Year, other: Year) -> bool:
    """The same goods and the same books."""
    return all(
        np.array_equal(a, b)
        for mine, its in ((one.ledger, other.ledger), (one.goods, other.goods))
        for a, b in zip(mine, its, strict=True)
    )


def test_every_family_has_its_case() -> None:
    assert {"production", *(one.family for one in CASES)} == set(FAMILIES)


@pytest.mark.parametrize("case", CASES, ids=[one.family for one in CASES])
def test_a_function_can_say_what_a_setting_says(case: Case) -> None:
    """The function's year is the setting's, bit by bit, and moves as it must; giving back what came changes nothing."""
    plan = UPLIFT if case.family == "notice" else None
    world = case.plain()
    plain, wanted = live(world, plan), live(case.setting(), plan)
    own = live(replace(world, own_policies={case.family: case.function}), plan)
    idle = live(replace(world, own_policies={case.family: lambda world, tables: tables}), plan)
    assert same(own, wanted) and not same(own, plain)
    assert case.sign * (case.figure(own) - case.figure(plain)) > 0
    assert same(idle, plain)


def test_the_tables_are_copies() -> None:
    """A function that spoils what it was given, and answers with what that was, changes nothing."""

    def spoil(world: Scenario, tables: Tables) -> Tables:
        good = {name: table.copy() for name, table in tables.items()}
        for table in tables.values():
            table[:] = 0
        return good

    world = slack(60)
    families = dict.fromkeys((name for name in FAMILIES if name != "production"), spoil)
    assert same(live(replace(world, own_policies=families)), live(world))


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        ("None", "NoneType", "must return a mapping of newest_first, any_lot"),
        ("{'newest_first': tables['any_lot']}", "newest_first", "must return a mapping of newest_first, any_lot"),
        ("tables | {'any_lot': [0]}", "any_lot of 1", "must be a table of 2 whole figures, from 0 to 1"),
        ("tables | {'any_lot': 0}", "any_lot of one figure", "a table of 2 whole figures"),
        ("tables | {'any_lot': [0, 2]}", "any_lot[1] = 2", "from 0 to 1"),
        ("tables | {'any_lot': [0.5, 1]}", "any_lot[0] = 0.5", "whole figures"),
        ("tables | {'any_lot': [float('nan'), 1]}", "any_lot[0] = nan", "from 0 to 1"),
        ("tables | {'any_lot': ['yes', 'no']}", "any_lot = ['yes', 'no']", "whole figures"),
        ("tables['newest']", "KeyError: 'newest'", "must run without an error"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(tmp_path: Path, said: str, found: str, expected: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"def issuing(world, tables):\n    return {said}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        live(with_policies(calm(2), file))
    (fault,) = caught.value.faults
    assert (fault.column, fault.found) == ("issuing", found) and expected in fault.expected and fault.remedy
    assert (fault.line, fault.file) == ((2, str(file)) if "KeyError" in found else (None, "policies"))


@pytest.mark.parametrize(
    ("family", "name", "value", "expected"),
    [
        ("gate", "sent", -1, "2 x 1 whole figures, 0 or more"),
        ("safety_stock", "buffer", np.inf, "figures, 0 or more"),
        ("safety_stock", "buffer", -1.0, "figures, 0 or more"),
        ("dispatch", "arrival", 1440, "2 x 7 whole figures, from 0 to 1439"),
        ("drivers", "first", 2, "from 0 to 2"),
    ],
)
def test_figures_that_cannot_be_are_faults(family: str, name: str, value: float, expected: str) -> None:
    """No negative age or stock, no arrival on another day, no driver who is not on the roster."""

    def function(world: Scenario, tables: Tables) -> Tables:
        return tables | {name: np.full(tables[name].shape, value)}

    with pytest.raises(InputError, match=expected):
        live(replace(roster("pool"), own_policies={family: function}))
