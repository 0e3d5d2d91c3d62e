"""Every kind of cell at the edge of what it may hold, read from real files; and what an empty cell stands for."""

from __future__ import annotations

from dataclasses import fields
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kaopt.errors import Fault, InputError
from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.tables import Accounts, Skus, Treatments
from tests.scenario.files import FILES, read, write

# one table with a single further column; the second row leaves it empty
FORMS = {
    "accounts": "account,{0}\nW,{1}\nZ,\n",
    "skus": "sku,list_price,unit_cost,{0}\ncola,40,20,{1}\ntea,50,22.5,\n",
    "mechanics": "treatment,family,{0}\ncut,price,{1}\nstack,display,\n",
    "response": "account,sku,{0}\nW,*,{1}\nZ,*,\n",
}


def with_cell(root: Path, table: str, column: str, text: str) -> Path:
    quoted = '"' + text.replace('"', '""') + '"'
    return write(root, **{table: FORMS[table].format(column, quoted)})


def faults_of(folder: Path, *overrides: str) -> tuple[Fault, ...]:
    with pytest.raises(InputError) as caught:
        read(folder, *overrides)
    return caught.value.faults


def first(world: Scenario, table: str, column: str) -> Any:
    place = {"accounts": world.accounts, "skus": world.skus, "mechanics": world.treatments, "response": world.response}
    values = getattr(place[table], column)
    return values[0, 0] if table == "response" else values[0]


ALLOWED: list[tuple[str, str, str, Any]] = [
    ("accounts", "compliance", "0", 0.0),
    ("accounts", "compliance", "1", 1.0),
    ("accounts", "compliance", "100%", 1.0),
    ("accounts", "compliance", "5‰", 0.005),
    ("accounts", "compliance", "３３％", 0.33),
    ("accounts", "acceptance_age", "2 / 3", 2 / 3),
    ("accounts", "acceptance_age", "1/1", 1.0),
    ("accounts", "customer_growth", "-99.9%", -0.999),
    ("accounts", "customer_growth", "10", 10.0),
    ("accounts", "customer_growth", "0", 0.0),
    ("accounts", "sales_target", "0", 0.0),
    ("accounts", "sales_target", "440万", 4_400_000.0),
    ("accounts", "sales_target", "¥1,200.50", 1200.5),
    ("accounts", "sales_target", "1.2亿元", 120_000_000.0),
    ("accounts", "last_year_cases", "1.2万箱", 12_000.0),
    ("accounts", "last_year_cases", "3k", 3000.0),
    ("accounts", "display_slots", "0", 0),
    ("accounts", "display_slots", "1e9", 10**9),
    ("accounts", "display_slots", "2.0", 2),
    ("accounts", "promotions_due", "12次", 12),
    ("accounts", "notice_days", "0", 0),
    ("accounts", "notice_days", "6w", 42),
    ("accounts", "notice_days", "45天", 45),
    ("accounts", "grace_minutes", "1.5h", 90),
    ("accounts", "grace_minutes", "90 min", 90),
    ("accounts", "window_open", "00:00", 0),
    ("accounts", "window_open", "8:05", 485),
    ("accounts", "window_open", "08:30:00", 510),
    ("accounts", "window_close", "24:00", 1440),
    ("accounts", "window_close", "00:01", 1),
    ("accounts", "order_days", "7", (7,)),
    ("accounts", "order_days", "Sun|mon|1", (1, 7)),
    ("accounts", "order_days", "周五、星期三", (3, 5)),
    ("accounts", "name", "Big, store", "Big, store"),
    ("accounts", "name", "  spaced  ", "spaced"),
    ("skus", "high_margin", "是", True),
    ("skus", "high_margin", "YES", True),
    ("skus", "high_margin", "0", False),
    ("skus", "lot_cover_weeks", "0.001", 0.001),
    ("skus", "safety_weeks", "-0.5", -0.5),
    ("skus", "safety_weeks", "50%", 0.5),
    ("skus", "demand_cv", "0", 0.0),
    ("skus", "lot_cases", "0", 0.0),
    ("mechanics", "pass_through", "0", 0.0),
    ("mechanics", "pass_through", "150%", 1.5),
    ("mechanics", "lengths", "1-3|6", (1, 2, 3, 6)),
    ("mechanics", "lengths", "2|1|2", (1, 2)),
    ("mechanics", "depth", "100%", 1.0),
    ("mechanics", "slots", "0", 0),
    ("mechanics", "settled", "sell_out", "sell_out"),
    ("accounts", "vat", "13%", 0.13),
    ("accounts", "retailer_profit_last_year", "-1.2万", -12_000.0),
    ("response", "forward_buy", "2.5", 2.5),
    ("response", "forward_weeks", "3", 3),
    ("response", "elasticity", "0", 0.0),
    ("response", "elasticity", "−2.5", -2.5),  # a true minus sign
    ("response", "fatigue", "1", 1.0),
    ("response", "dip_weeks", "3", 3),
    ("response", "dip", "0", 0.0),
]


@pytest.mark.parametrize(("table", "column", "text", "value"), ALLOWED)
def test_what_a_cell_may_hold(tmp_path: Path, table: str, column: str, text: str, value: Any) -> None:
    found = first(read(with_cell(tmp_path, table, column, text)), table, column)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


REFUSED: list[tuple[str, str, str, str]] = [
    ("accounts", "compliance", "1.0001", "must be between 0 and 1"),
    ("accounts", "compliance", "-0.0001", "must be between 0 and 1"),
    ("accounts", "compliance", "100.1%", "must be between 0 and 1"),
    ("accounts", "compliance", "33", "Did you mean 33%?"),
    ("accounts", "compliance", "1/0", "nothing can be divided by 0"),
    ("accounts", "compliance", "¥1", "must be a share"),
    ("accounts", "customer_growth", "-100%", "must be above -1 and at most 10"),
    ("accounts", "customer_growth", "10.01", "must be above -1 and at most 10"),
    ("accounts", "sales_target", "-0.01", "must be at least 0"),
    ("accounts", "sales_target", "1,5", "Write the decimal point as '.'"),
    ("accounts", "sales_target", "(1200)", "with a minus sign"),
    ("accounts", "sales_target", "12箱", "the unit '箱' does not fit"),
    ("accounts", "last_year_cases", "¥5", "must be a number of cases"),
    ("accounts", "display_slots", "1.5", "must be a whole number"),
    ("accounts", "display_slots", "-1", "must be between 0 and 1e+09"),
    ("accounts", "display_slots", "1000000001", "must be between 0 and 1e+09"),
    ("accounts", "notice_days", "0.5w", "must be a whole number of days"),
    ("accounts", "notice_days", "3h", "the unit 'h' does not fit"),
    ("accounts", "grace_minutes", "0.1h30", "must be a whole number of minutes"),
    ("accounts", "window_open", "24:01", "between 00:00 and 24:00"),
    ("accounts", "window_open", "12:60", "between 00:00 and 24:00"),
    ("accounts", "window_open", "8", "Write it like 08:30"),
    ("accounts", "window_close", "00:00", "must be after window_open (00:00)"),
    ("accounts", "order_days", "8", "must be days of the week"),
    ("accounts", "order_days", "Mon|", "must be days of the week"),
    ("accounts", "name", "#REF!", "an error of the spreadsheet"),
    ("accounts", "sales_target", "nan", "must be a finite number"),
    ("accounts", "sales_target", "1e999", "must be"),
    ("skus", "high_margin", "maybe", "must be yes or no"),
    ("skus", "lot_cover_weeks", "0", "must be above 0"),
    ("skus", "demand_cv", "-0.1", "must be at least 0"),
    ("mechanics", "lengths", "0-2", "from 1, each range from small to large"),
    ("mechanics", "lengths", "3-1", "from 1, each range from small to large"),
    ("mechanics", "lengths", "1-Feb", "a spreadsheet has made a date of it"),
    ("mechanics", "depth", "101%", "must be between 0 and 1"),
    ("mechanics", "settled", "sellout", "Did you mean 'sell_out'?"),
    ("response", "forward_buy", "-1", "must be at least 0"),
    ("accounts", "vat", "13", "Did you mean 13%?"),
    ("response", "elasticity", "0.001", "must be at most 0"),
    ("response", "fatigue", "1.01", "must be between 0 and 1"),
    ("response", "dip_weeks", "2.5", "must be a whole number"),
]


@pytest.mark.parametrize(("table", "column", "text", "words"), REFUSED)
def test_what_a_cell_may_not_hold(tmp_path: Path, table: str, column: str, text: str, words: str) -> None:
    (fault,) = faults_of(with_cell(tmp_path, table, column, text))
    assert (fault.file, fault.line, fault.column) == (f"tables/{table}.csv", 2, column)
    assert words in str(fault)


def test_a_message_word_for_word(tmp_path: Path) -> None:
    (fault,) = faults_of(with_cell(tmp_path, "accounts", "acceptance_age", "1.7"))
    assert str(fault) == (
        "tables/accounts.csv:2 acceptance_age = 1.7: must be between 0 and 1 "
        "(maximum age at receipt as a share of shelf life). Write it like 0.33, 33% or 1/3"
    )


@pytest.mark.parametrize(
    ("table", "content", "column"),
    [
        ("skus", "sku,list_price,unit_cost\ncola,,20\ntea,50,22.5\n", "list_price"),
        ("skus", "sku,list_price,unit_cost\ncola,40,\ntea,50,22.5\n", "unit_cost"),
        ("mechanics", "treatment,family\ncut,\nstack,display\n", "family"),
        ("base", "account,sku,cases\nW,cola,\nW,tea,50\nZ,cola,80\n", "cases"),
        ("locks", "account,sku,week,lock\nW,cola,,must\n", "week"),
        ("seasons", "season,week,index\ns,1,\ns,2,1\ns,3,1\ns,4,1\n", "index"),
    ],
)
def test_a_cell_that_must_be_filled(tmp_path: Path, table: str, content: str, column: str) -> None:
    (fault,) = faults_of(write(tmp_path, **{table: content}))
    assert (fault.line, fault.column, fault.found) == (2, column, "nothing")
    assert fault.expected.startswith("must be given")


@pytest.mark.parametrize(
    ("table", "content", "column", "words"),
    [
        ("accounts", "account\nW*\nZ\n", "account", "must be a plain name"),
        ("skus", "sku,list_price,unit_cost\ncola,0,20\ntea,50,22.5\n", "list_price", "must be above 0"),
        ("skus", "sku,list_price,unit_cost\ncola,40,-1\ntea,50,22.5\n", "unit_cost", "must be at least 0"),
        ("base", "account,sku,cases\nW,cola,-1\nW,tea,50\nZ,cola,80\n", "cases", "must be at least 0"),
        ("base", "account,sku,cases,price\nW,cola,1,0\nW,tea,50,\nZ,cola,80,\n", "price", "must be above 0"),
        ("locks", "account,sku,week,lock\nW,cola,0,must\n", "week", "must be between 1 and 1e+09"),
        ("locks", "account,sku,week,lock\nW,cola,1.5,must\n", "week", "must be the number of a week"),
        ("base", "account,sku,cases\nW,cola,100\nW,coal,50\nZ,cola,80\n", "sku", "Did you mean 'cola'?"),
    ],
)
def test_wrong_cells_of_columns_that_must_be_there(
    tmp_path: Path, table: str, content: str, column: str, words: str
) -> None:
    told = [one for one in faults_of(write(tmp_path, **{table: content})) if one.file == f"tables/{table}.csv"]
    assert [one.column for one in told] == [column]
    assert words in str(told[0])


DEFAULTS: dict[type, dict[str, Any]] = {
    Accounts: {
        "name": "", "name_zh": "", "segment": "", "channel": "", "region": "", "team": "",
        "last_year_revenue": nan, "last_year_cases": nan, "sales_target": nan, "customer_growth": nan,
        "category_revenue": nan, "notice_days": 60, "on_invoice": 0.0, "rebate": 0.0, "contract_fee": 0.0,
        "logistics": 0.0, "retail_markup": 0.25, "compliance": 1.0, "display_slots": 1_000_000,
        "promotions_due": 0, "displays_due": 0, "payment_days": 0, "credit_limit": inf,
        "compliance_se": 0.0, "acceptance_age": 1.0,
        "order_days": (1, 3, 5), "window_open": 0, "window_close": 1440, "grace_minutes": 0,
        "travel_minutes": 60, "dock_count": 2, "unload_minutes": 30, "penalty_rate": 0.0, "mismatch": 0.0,
        "fill_target": nan, "tier": 0, "vat": 0.0, "retailer_profit_last_year": nan,
        "warehouse": "", "call_offs": 0.0, "call_off_lead": 1440,
    },
    Skus: {
        "name": "", "name_zh": "", "brand": "", "category": "", "cluster": "", "high_margin": False,
        "shelf_life": 365, "lot_cases": 0.0, "lot_cover_weeks": 1.0, "safety_weeks": 0.5, "demand_cv": 0.2,
        "opening_cases": 0.0, "stop_age": 1.0, "scrap_age": 1.0, "plant": "", "lot_multiple": 0.0, "pallet_cases": 60,
        "level_cases": nan, "intake_cases": 0.0,
    },
    Treatments: {
        "name": "", "name_zh": "", "depth": 0.0, "pass_through": 1.0, "display": 0.0, "feature": 0.0,
        "gift": 0.0, "lengths": (1,), "lead_time": 0, "fixed_cost": 0.0, "weekly_cost": 0.0, "unit_cost": 0.0,
        "slots": 0, "settled": "sell_in",
    },
}  # fmt: skip
BARE = {
    "accounts": "account\nW\nZ\n",
    "skus": "sku,list_price,unit_cost\ncola,40,20\ntea,50,22.5\n",
    "mechanics": "treatment,family\ncut,price\nstack,display\n",
}


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float) and isnan(expected):
        return isnan(found)
    return bool(found == expected)


def parts(world: Scenario) -> dict[type, Any]:
    return {Accounts: world.accounts, Skus: world.skus, Treatments: world.treatments}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Tables with the columns that must be there and no other."""
    return read(write(tmp_path_factory.mktemp("bare"), **BARE))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """Tables with every column, empty cells where they may be."""
    tables = {}
    for (name, text), kind in zip(BARE.items(), DEFAULTS, strict=True):
        head, *rows = text.splitlines()
        more = list(DEFAULTS[kind])
        lines = [",".join([head, *more]), *(row + "," * len(more) for row in rows)]
        tables[name] = "\n".join(lines) + "\n"
    return read(write(tmp_path_factory.mktemp("empty"), **tables))


@pytest.mark.parametrize("kind", DEFAULTS, ids=lambda kind: kind.__name__)
def test_every_optional_column_has_its_default_here(kind: type) -> None:
    assert {name for name, spec in columns_of(kind) if not spec.required} == set(DEFAULTS[kind])


CELLS = [(kind, name) for kind, columns in DEFAULTS.items() for name in columns]


@pytest.mark.parametrize(("kind", "column"), CELLS, ids=lambda one: getattr(one, "__name__", one))
def test_a_default_reaches_the_array(bare: Scenario, empty: Scenario, kind: type, column: str) -> None:
    for world in (bare, empty):
        values = getattr(parts(world)[kind], column)
        assert len(values) == 2
        assert all(same(value, DEFAULTS[kind][column]) for value in values)


def test_arrays_have_the_type_that_they_declare(bare: Scenario) -> None:
    kinds = {"Floats": np.float64, "Ints": np.int64, "Bools": np.bool_}
    for part in parts(bare).values():
        for one in fields(part):
            if str(one.type) in kinds:
                assert getattr(part, one.name).dtype == kinds[str(one.type)], one.name


def test_the_second_row_keeps_the_default_where_the_first_speaks(tmp_path: Path) -> None:
    world = read(with_cell(tmp_path, "accounts", "notice_days", "6w"))
    assert world.accounts.notice_days.tolist() == [42, 60]
    assert read(with_cell(tmp_path, "response", "cross", "40%")).response.cross.tolist() == [[0.4, 0.4], [0.0, 0.0]]


def test_a_limit_without_a_maximum_has_no_end(tmp_path: Path) -> None:
    scenario = FILES["scenario.yaml"] + "budget: {by_account: tables/budgets.csv}\n"
    (line,) = read(write(tmp_path, scenario=scenario, budgets="account,min\nW,5\n")).budget
    assert (line.low, line.high) == (5.0, inf)


@pytest.mark.parametrize("locks", ["account,sku,week,lock\nW,cola,1,\n", "account,sku,week\nW,cola,1\n"])
def test_a_lock_without_its_kind_is_told_like_any_other_fault(tmp_path: Path, locks: str) -> None:
    (fault,) = faults_of(write(tmp_path, locks=locks))
    assert (fault.file, fault.column) == ("tables/locks.csv", "lock")
