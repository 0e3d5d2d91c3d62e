"""Large tables typed part by part: compact columns, places without objects, keys compared across parts."""

from __future__ import annotations

from array import array

from kaopt.errors import Fault
from kaopt.scenario.cells import Cast, Typed
from kaopt.scenario.in_batches import Rows, longer, typed
from kaopt.scenario.sources import Origin
from kaopt.scenario.table_file import Row, Sheet

HEADER = ("account", "sku", "week", "cases")
KNOWN = Cast({"accounts": frozenset({"W", "Z"}), "skus": frozenset({"tea"}), "seasons": frozenset()}, None, 52)


def part(file: str, *rows: tuple[str, ...]) -> Sheet:
    return Sheet(file, 1, HEADER, tuple(Row(n, cells) for n, cells in enumerate(rows, 1)))


def table(*sheets: Sheet) -> tuple[Typed, list[Fault]]:
    faults: list[Fault] = []
    return typed("base", sheets, Origin("base"), KNOWN, faults), faults


def test_numbers_are_arrays_names_stand_once_and_no_text_is_kept() -> None:
    found, faults = table(part("a", ("W", "tea", "1", "2.5")), part("b", ("W", "tea", "2", "3")))
    assert not faults
    assert found.values["cases"] == array("d", [2.5, 3.0]) and found.values["week"] == array("q", [1, 2])
    assert found.values["account"] == ["W", "W"] and found.values["account"][0] is found.values["account"][1]
    assert found.grid.columns == {}
    assert list(found.given["cases"]) == [1, 1] and list(found.given["price"]) == [0, 0]
    assert list(found.rows("sku", "cases")) == [(0, ("tea", 2.5)), (1, ("tea", 3.0))]
    assert found.whole and len(found) == 2


def test_a_wrong_cell_is_nothing_and_the_others_stay() -> None:
    second = part("b", ("W", "tea", "2", "x"), ("Z", "tea", "1", "4"))
    found, faults = table(part("a", ("W", "tea", "1", "2.5")), second)
    assert [str(one).partition(":")[0] for one in faults] == ["b"]
    assert found.values["cases"] == [2.5, None, 4.0]
    assert not found.whole
    assert [row for row, _ in found.rows("cases")] == [0, 2]


def test_a_sum_below_the_rows_is_left_out_and_the_next_row_keeps_its_line() -> None:
    found, faults = table(part("a", ("W", "tea", "1", "2"), ("合计", "tea", "1", "2"), ("W", "tea", "2", "3")))
    assert [fault.line for fault in faults] == [2]
    assert [one.line for one in found.grid.origins] == [1, 3]
    assert not found.whole


def test_each_later_one_of_equal_keys_is_told_with_the_first() -> None:
    row = ("W", "tea", "1", "2")
    _, faults = table(part("a", row, ("Z", "tea", "1", "9")), part("b", row), part("c", ("Z", "tea", "2", "1"), row))
    assert [(one.file, one.line) for one in faults] == [("b", 1), ("c", 2)]
    assert all("is there twice, first in a:1" in one.expected and one.found == "W, tea, 1" for one in faults)


def test_where_a_key_is_wrong_keys_are_not_compared() -> None:
    row = ("W", "tea", "1", "2")
    _, faults = table(part("a", row, row, ("Q", "tea", "1", "2")))
    assert [(one.line, one.column) for one in faults] == [(3, "account")]


def test_a_table_without_parts_is_empty() -> None:
    found, faults = table()
    assert len(found) == 0 and not faults and str(found.grid.head) == "base"


def test_places_are_made_when_asked_for() -> None:
    rows = Rows([], array("q"), array("q"))
    rows.add([Origin("a", 1), Origin("a", 4)])
    rows.add([])
    rows.add([Origin("a", 5)])
    rows.add([Origin("b", 1)])
    assert rows.files == ["a", "b"]
    assert list(rows) == [Origin("a", 1), Origin("a", 4), Origin("a", 5), Origin("b", 1)]
    assert rows[1:3] == [Origin("a", 4), Origin("a", 5)] and rows[-1] == Origin("b", 1)


def test_a_column_is_an_array_as_long_as_all_of_it_is_known() -> None:
    texts: dict[str, str] = {}
    column = longer(array("d", [1.0]), [2.0], texts)
    assert column == array("d", [1.0, 2.0])
    assert longer(longer(column, [None], texts), [3.0], texts) == [1.0, 2.0, None, 3.0]
