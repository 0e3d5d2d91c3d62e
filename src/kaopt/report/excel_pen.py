"""How our workbooks look, in one place: fonts, fills, number formats, columns as wide as what stands in them.

Text of users is always written as text, never as a formula; the same content gives the same bytes.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from textwrap import wrap
from typing import Any

import numpy as np

INK, DARK, PALE, LINE, GREY = "#1f2937", "#1f3a5f", "#e8edf3", "#d5dbe3", "#6b7280"
GOOD, BAD = "#15803d", "#b91c1c"
NUMBERS = {
    "text": "@",
    "amount": "#,##0",
    "exact": "#,##0.00",
    "count": "0",
    "share": "0.0%",
    "index": "0.000",
    "date": "yyyy-mm-dd",
}
RISKY = ("=", "+", "-", "@", "\t")  # how a text begins that a spreadsheet might take for a formula
WIDEST = 44
YES_NO = {True: "yes", False: "no"}
MADE = datetime(2000, 1, 1)  # a workbook that bore the time of its writing would never be the same twice


@dataclass(frozen=True)
class Field:
    """One column of a table: its header, its cells, how they are shown, whether a sum stands below."""

    title: str
    cells: Sequence[Any]
    kind: str = "text"
    total: bool = False
    note: str = ""  # shown where the reader points at the header


@dataclass(frozen=True, eq=False)
class Pen:
    """A workbook that is being written, and the formats made for it so far."""

    book: Any
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def style(self, kind: str = "text", **more: Any) -> Any:
        """A format; asked for twice it is the same one."""
        wanted = {"font_name": "Arial", "font_size": 10, "font_color": INK, "num_format": NUMBERS[kind]} | more
        wanted |= {"valign": "vcenter"} | ({"align": "left"} if kind == "text" and "align" not in more else {})
        key = tuple(sorted(wanted.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(wanted)
        return self.made[key]

    def head(self, **more: Any) -> Any:
        """The format of a header."""
        base: dict[str, Any] = {"bold": True, "font_color": "#ffffff", "bg_color": DARK, "text_wrap": True}
        return self.style("text", **(base | more))

    def put(self, sheet: Any, at: tuple[int, int], value: Any, kind: str = "text", **more: Any) -> None:
        """One cell: numbers as numbers, dates as dates, everything else as text; nothing where there is nothing."""
        if is_number(value) and isfinite(value):
            sheet.write_number(*at, float(value), self.style(kind, **more))
        elif value is None or is_number(value) or value == "":
            sheet.write_blank(*at, None, self.style(kind, **more))
        elif isinstance(value, date):
            sheet.write_datetime(*at, value, self.style(kind, **more))
        else:
            text = YES_NO[bool(value)] if isinstance(value, (bool, np.bool_)) else str(value)
            guard = {"quote_prefix": True} if text.startswith(RISKY) else {}
            sheet.write_string(*at, text, self.style("text", **guard, **more))

    def sum(self, sheet: Any, at: tuple[int, int], cells: str, value: tuple[float, str]) -> None:
        """A formula that adds up `cells`, with its value for readers that do not calculate."""
        total, kind = value
        sheet.write_formula(*at, f"=SUM({cells})", self.style(kind, bold=True, top=1, border_color=LINE), total)

    def table(self, sheet: Any, fields: Sequence[Field], *, top: int = 0, total: str = "total") -> int:
        """A table with its header in row `top` (from 0) and sums below it; returns the row after it."""
        rows = max((len(one.cells) for one in fields), default=0)
        sums = rows > 0 and any(one.total for one in fields)
        if sums:
            self.put(sheet, (top + rows + 1, 0), total, bold=True, top=1, border_color=LINE)
        for column, one in enumerate(fields):
            right = {} if one.kind == "text" else {"align": "right"}
            sheet.write_string(top, column, one.title, self.head(**right))
            if one.note:
                sheet.write_comment(top, column, one.note, {"author": "", "x_scale": 2.2, "y_scale": 1.4})
            for row, value in enumerate(one.cells, start=top + 1):
                self.put(sheet, (row, column), value, one.kind)
            if one.total and sums:
                self._total(sheet, (top + rows + 1, column), one, rows)
        return top + rows + 1 + sums

    def _total(self, sheet: Any, at: tuple[int, int], one: Field, rows: int) -> None:
        from xlsxwriter.utility import xl_range

        total = sum(float(value) for value in one.cells if is_number(value) and isfinite(value))
        self.sum(sheet, at, xl_range(at[0] - rows, at[1], at[0] - 1, at[1]), (total, one.kind))


def is_number(value: Any) -> bool:
    """True for what has a number format."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def widen(sheet: Any, fields: Sequence[Field], *, least: int = 8, top: int = 0) -> None:
    """Columns as wide as their longest cell, within reason; the header in row `top` is as high as its words need."""
    lines = 1
    for column, one in enumerate(fields):
        cells = [shown_width(value, one.kind) for value in one.cells[:400]]
        word = max((shown_width(part, "text") for part in one.title.split()), default=0)
        width = min(max([least, word, *cells]) + 2, WIDEST)
        sheet.set_column(column, column, width)
        lines = max(lines, len(wrap(one.title, width - 1)))
    sheet.set_row(top, 14 * lines + 8)


def shown_width(value: Any, kind: str) -> int:
    """Characters that a cell takes; Chinese ones are twice as wide."""
    if is_number(value):
        return len(f"{float(value):,.0f}") + (3 if kind in ("exact", "share", "index") else 0)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in str(value or ""))


def workbook_bytes(fill: Callable[[Pen], None], title: str) -> bytes:
    """The bytes of a workbook that `fill` writes."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, {"in_memory": True, **plain}) as book:
        book.set_properties({"title": title, "author": "kaopt", "created": MADE})
        fill(Pen(book))
    return buffer.getvalue()
