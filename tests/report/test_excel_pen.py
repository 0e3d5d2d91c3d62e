"""How a cell is written: numbers as numbers, text as text, nothing where there is nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from kaopt.report.excel_pen import Field, Pen, shown_width, widen, workbook_bytes
from kaopt.report.excel_words import SAYS, say


def written(fill: Callable[[Pen, Any], object], *, data_only: bool = False) -> Any:
    """The sheet that `fill` makes, read again."""
    content = workbook_bytes(lambda pen: (fill(pen, pen.book.add_worksheet("x")), None)[1], "a title")
    return load_workbook(io.BytesIO(content), data_only=data_only)["x"]


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        (3, "count", 3),
        (2.5, "amount", 2.5),
        (np.float64(2.5), "share", 2.5),
        (np.int64(7), "count", 7),
        (nan, "amount", None),
        (inf, "amount", None),
        (-inf, "amount", None),
        (None, "text", None),
        ("", "text", None),
        (True, "text", "yes"),
        (np.bool_(False), "text", "no"),
        (date(2027, 1, 4), "date", datetime(2027, 1, 4)),
        ("00123", "text", "00123"),
        ("5", "amount", "5"),
        ("=1+1", "text", "=1+1"),
    ],
)
def test_a_cell_holds_what_it_was_given(value: object, kind: str, found: object) -> None:
    cell = written(lambda pen, sheet: pen.put(sheet, (0, 0), value, kind))["A1"]
    assert cell.value == found
    assert cell.data_type != "f"


@pytest.mark.parametrize(("text", "guarded"), [("=1", True), ("+1", True), ("-1", True), ("@x", True), ("a=1", False)])
def test_text_that_looks_like_a_formula_is_marked_as_text(text: str, guarded: bool) -> None:
    """Whoever edits the cell later edits a text still."""
    assert written(lambda pen, sheet: pen.put(sheet, (0, 0), text))["A1"].quotePrefix is guarded


FIELDS = [
    Field("name", ["a", "b"]),
    Field("amount of money", [1.5, nan], "amount", total=True, note="what it means"),
    Field("share", [0.5, 0.25], "share"),
]


@pytest.mark.parametrize("data_only", [True, False])
def test_a_table_with_its_sum(data_only: bool) -> None:
    ends = []
    sheet = written(lambda pen, sheet: ends.append(pen.table(sheet, FIELDS, top=1, total="sum")), data_only=data_only)
    assert [cell.value for cell in sheet[2]] == ["name", "amount of money", "share"]
    assert [cell.value for cell in sheet[5]] == ["sum", 1.5 if data_only else "=SUM(B3:B4)", None]
    assert sheet["B2"].comment.text == "what it means"
    assert sheet["C3"].number_format == "0.0%"
    assert ends == [5]


def test_a_table_without_rows_has_no_sum() -> None:
    ends = []
    sheet = written(lambda pen, sheet: ends.append(pen.table(sheet, [Field("n", [], "amount", total=True)])))
    assert sheet.max_row == ends[0] == 1


def test_columns_are_as_wide_as_their_cells_and_headers_as_high_as_their_words() -> None:
    fields = [Field("n", ["x" * 30]), Field("a header of many words", [1.0], "amount"), Field("z", ["y" * 99])]

    def fill(pen: Pen, sheet: Any) -> None:
        pen.table(sheet, fields)
        widen(sheet, fields)

    sheet = written(fill)
    width = {name: sheet.column_dimensions[name].width for name in "ABC"}
    assert 30 <= width["A"] <= 34
    assert width["B"] < 14
    assert width["C"] < 46  # nobody wants to scroll over one sentence
    assert sheet.row_dimensions[1].height > 40


def test_formats_are_made_once() -> None:
    found = []
    written(lambda pen, sheet: found.extend([pen.style("amount"), pen.style("amount"), pen.style("amount", bold=True)]))
    assert found[0] is found[1]
    assert found[0] is not found[2]


@pytest.mark.parametrize(("value", "kind", "width"), [("客户", "text", 4), (nan, "share", 3), (0.5, "share", 4)])
def test_widths(value: object, kind: str, width: int) -> None:
    assert shown_width(value, kind) >= width - 3


def test_every_word_is_there_in_both_languages() -> None:
    assert all(len(pair) == 2 and all(pair) for pair in SAYS.values())
    for english, chinese in SAYS.values():
        assert sorted(part.split("}")[0] for part in english.split("{")[1:]) == sorted(
            part.split("}")[0] for part in chinese.split("{")[1:]
        )


def test_a_word_that_nobody_knows_stays() -> None:
    assert say("my_rule", "zh") == "my_rule"
    assert say("sales", "zh") == "销售收入"
    assert say("quarter", "en", number=2) == "quarter 2"
