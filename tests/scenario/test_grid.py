"""Tables by column: which header is which column, what a patch does, and that it does no more."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import Fault
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.cells import Cast, Typed, matches, read_cells, to_table
from kaopt.scenario.columns import columns_of
from kaopt.scenario.cross import ranges
from kaopt.scenario.grid import TOTALS, Grid, patch, to_grid
from kaopt.scenario.sources import Origin, suggest
from kaopt.scenario.table_file import Row, Sheet
from kaopt.scenario.tables import Skus

FREE = Cast({})


def sheet(header: str, *rows: str, file: str = "t.csv") -> Sheet:
    body = tuple(Row(line, tuple(row.split(","))) for line, row in enumerate(rows, start=2))
    return Sheet(file, 1, tuple(header.split(",")), body)


def grid(name: str, header: str, *rows: str, file: str = "t.csv", patching: bool = False) -> Grid:
    faults: list[Fault] = []
    found = to_grid(name, sheet(header, *rows, file=file), faults, patching=patching)
    assert faults == [], [str(one) for one in faults]
    return found


def typed(one: Grid, cast: Cast = FREE) -> Typed:
    faults: list[Fault] = []
    found = read_cells(one, cast, faults)
    assert faults == [], [str(fault) for fault in faults]
    return found


ALIASES = [(t, c, alias) for t, kind in TABLES.items() for c, spec in columns_of(kind) for alias in (c, *spec.zh)]


@pytest.mark.parametrize(("table", "column", "alias"), ALIASES, ids=str)
def test_every_header_of_every_column_is_known(table: str, column: str, alias: str) -> None:
    faults: list[Fault] = []
    found = to_grid(table, sheet(alias, "1"), faults, patching=True)
    assert column in found.columns
    assert not any("is not a column" in one.expected for one in faults)


@pytest.mark.parametrize("word", [*sorted(TOTALS), "TOTAL", "合计：", "Ｔｏｔａｌ"])
def test_rows_of_totals_are_known_by_their_word(word: str) -> None:
    faults: list[Fault] = []
    found = to_grid("base", sheet("account,sku,cases", "W,cola,1", f"{word},,1", "W,tea,2"), faults)
    assert [(one.line, one.column) for one in faults] == [(3, "account")]
    assert found.columns["sku"] == ["cola", "tea"]


def test_a_total_in_a_name_is_no_row_of_totals() -> None:
    assert len(grid("accounts", "account,name", "W,Total Wine", "sum-mart,x")) == 2


def test_plan_tables_may_have_more_columns_others_not() -> None:
    assert set(grid("plan", "account,sku,week,treatment,cases,", "W,cola,1,cut,5,").columns) == {
        "account",
        "sku",
        "week",
        "treatment",
    }
    faults: list[Fault] = []
    to_grid("locks", sheet("account,sku,week,lock,cases", "W,cola,1,must,5"), faults)
    assert [one.column for one in faults] == ["cases"]


def test_keys_with_and_without_leading_zeros_or_spaces() -> None:
    one = grid("base", "account,sku,week,cases", "W, cola ,01,5")
    assert one.key(0) == ("W", "cola", "1")
    assert grid("base", "account,sku,cases", "W,cola,5").key(0) == ("W", "cola", "")


def test_a_patch_by_hand() -> None:
    below = grid("skus", "sku,list_price,unit_cost", "cola,40,20", "tea,50,25", file="base.csv")
    above = grid("skus", "sku,unit_cost,brand", "tea,26,Leaf", "milk,9,", "cola,,", file="mine.csv", patching=True)
    whole = patch(below, above)
    assert whole.columns == {
        "sku": ["cola", "tea", "milk"],
        "list_price": ["40", "50", ""],
        "unit_cost": ["20", "26", "9"],
        "brand": ["", "Leaf", ""],
    }
    assert str(whole.origin(1, "unit_cost")) == "mine.csv:2"
    assert str(whole.origin(1, "list_price")) == "base.csv:3"
    assert str(whole.origin(2, "unit_cost")) == "mine.csv:3"
    assert below.columns["unit_cost"] == ["20", "25"]  # the base stays as it was


def test_tables_without_keys() -> None:
    rules = "account,treatment,allowed"
    both = patch(grid("eligibility", rules, "*,*,yes"), grid("eligibility", "sku,allowed", "cola,no"))
    assert both.columns == {"account": ["*", ""], "treatment": ["*", ""], "allowed": ["yes", "no"], "sku": ["", "cola"]}
    plan = grid("plan", "account,sku,week,treatment", "W,cola,1,cut")
    assert patch(plan, grid("plan", "account,sku,week,treatment", "Z,tea,2,cut")).columns["account"] == ["Z"]


ROWS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]), st.tuples(*[st.sampled_from(["", "1", "2"])] * 2), max_size=4
)


def sku_grid(rows: dict[str, tuple[str, str]]) -> Grid:
    return Grid(
        "skus",
        {"sku": list(rows), "list_price": [x for x, _ in rows.values()], "unit_cost": [y for _, y in rows.values()]},
        [Origin("t", i) for i in range(len(rows))],
    )


@given(ROWS, ROWS)
def test_a_patch_is_a_dictionary_update_cell_by_cell(below: dict[str, Any], above: dict[str, Any]) -> None:
    expected = {key: list(cells) for key, cells in below.items()}
    for key, cells in above.items():
        old = expected.get(key, ["", ""])
        expected[key] = [new or was for new, was in zip(cells, old, strict=True)]
    whole = patch(sku_grid(below), sku_grid(above))
    assert whole.columns["sku"] == list(expected)
    assert whole.columns["list_price"] == [cells[0] for cells in expected.values()]
    assert whole.columns["unit_cost"] == [cells[1] for cells in expected.values()]


@given(ROWS, ROWS, ROWS)
def test_patches_in_steps(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    a, b, c = sku_grid(one), sku_grid(two), sku_grid(three)
    assert patch(patch(a, b), c).columns == patch(a, patch(b, c)).columns
    assert patch(a, a).columns == a.columns


def test_cells_take_their_kind_or_the_default() -> None:
    table = typed(grid("skus", "sku,list_price,unit_cost,high_margin,shelf_life", "cola,¥40,20,是,", "tea,50,25,,6w"))
    skus = to_table(Skus, table.values)
    assert skus.sku == ("cola", "tea")
    assert skus.list_price.tolist() == [40, 50]
    assert skus.high_margin.tolist() == [True, False]
    assert skus.shelf_life.tolist() == [365, 42]
    assert skus.shelf_life.dtype == np.int64
    assert table.given["shelf_life"] == [False, True]
    assert table.given["brand"] == [False, False]


def test_rows_with_a_wrong_cell_are_left_out_of_what_is_judged() -> None:
    faults: list[Fault] = []
    table = read_cells(grid("skus", "sku,list_price,unit_cost", "cola,x,1", "tea,2,y", "milk,3,3"), FREE, faults)
    assert [values for _, values in table.rows("sku", "list_price", "unit_cost")] == [("milk", 3.0, 3.0)]
    assert [values for _, values in table.rows("sku", "list_price")] == [("tea", 2.0), ("milk", 3.0)]
    assert not table.whole
    assert len(faults) == 2


def test_a_wrong_text_is_a_fault_in_each_row_where_it_stands() -> None:
    faults: list[Fault] = []
    read_cells(grid("skus", "sku,list_price,unit_cost", "a,x,1", "b,x,1", "c,x,1"), FREE, faults)
    assert [one.line for one in faults] == [2, 3, 4]


def test_references_and_dates() -> None:
    cast = Cast({"accounts": frozenset({"W"}), "skus": None, "mechanics": frozenset()}, date(2027, 1, 4), 4)
    faults: list[Fault] = []
    rows = ("w,anything,4 Jan 2027,cut", "W,anything,2027-02-01,", "W,anything,31 Jan 2027,")
    read_cells(grid("locks", "account,sku,week,treatment,lock", *(row + ",must" for row in rows)), cast, faults)
    found = {(one.line, one.column): one.remedy for one in faults}
    assert set(found) == {(2, "account"), (2, "week"), (2, "treatment"), (3, "week"), (4, "week")}
    assert found[2, "account"] == "Did you mean 'W'?"
    assert found[2, "week"] == "This day lies in week 1: write 1"
    assert found[3, "week"] == "This day lies outside the horizon"  # the 29th day of four weeks
    assert found[4, "week"] == "This day lies in week 4: write 4"  # the 28th


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", [1, 1, 1, 1]),
        ("A*", [1, 1, 0, 0]),
        ("*1", [1, 0, 1, 0]),
        ("A1", [1, 0, 0, 0]),
        ("*[x]", [0, 0, 0, 1]),
        ("", [0, 0, 0, 0]),
        ("a*", [0] * 4),
    ],
)
def test_patterns(pattern: str, expected: list[int]) -> None:
    assert matches(pattern, ("A1", "A2", "B1", "C[x]")) == [bool(one) for one in expected]


@given(st.sets(st.integers(1, 60), min_size=1))
def test_ranges_say_the_same_numbers(numbers: set[int]) -> None:
    said: set[int] = set()
    for part in ranges(numbers).split(", "):
        first, _, last = part.partition("-")
        said |= set(range(int(first), int(last or first) + 1))
    assert said == numbers


@pytest.mark.parametrize(
    ("name", "known", "words"),
    [
        ("budgett", ["budget", "rules"], "Did you mean 'budget'?"),
        ("BUDGET", ["budget", "rules"], "Did you mean 'budget'?"),
        ("zzz", ["budget", "rules"], "Known: budget, rules"),
        ("zzz", [f"name{i}" for i in range(30)], ""),
        ("zzz", [], ""),
    ],
)
def test_suggestions(name: str, known: list[str], words: str) -> None:
    assert suggest(name, known) == words


def test_keys_are_columns() -> None:
    for name, keys in KEYS.items():
        assert set(keys) <= {column for column, _ in columns_of(TABLES[name])}
