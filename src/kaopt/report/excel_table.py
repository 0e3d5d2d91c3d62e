"""One table as a sheet to fill in: headers that explain themselves, drop-downs, number formats, ids that stay text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from kaopt.report.excel_pen import DARK, INK, PALE, Pen, shown_width
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.cells import PATTERNED
from kaopt.scenario.columns import Column, columns_of
from kaopt.scenario.contract_rows import UNFILLED
from kaopt.scenario.dictionary import allowed, default_of
from kaopt.scenario.grid import folded
from kaopt.scenario.kinds import parse
from kaopt.scenario.quantities import AMOUNTS, Wrong
from kaopt.scenario.receiving import CLAUSES
from kaopt.scenario.sites import LEAD_LAWS

ROOM = 1000  # empty rows below the table that have drop-downs too
SHARES = ("share", "rate")
FAMILIES = ("price", "display", "feature", "gift")
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {  # what a text column knows; a family may be another word
    ("mechanics", "family"): FAMILIES,
    ("mechanics", "settled"): ("sell_in", "sell_out"),
    ("locks", "lock"): ("must", "forbidden", "committed"),
    ("agreements", "what"): ("promotions", "activities", "displays", "cases", "revenue"),
    ("agreements", "family"): ("*", *FAMILIES),
    ("fees", "family"): ("*", *FAMILIES),
    ("fees", "per"): ("year", "quarter", "month"),
    ("rebates", "measure"): ("revenue", "cases"),
    ("rebates", "kind"): ("all_unit", "stepped"),
    ("receiving", "unfilled"): UNFILLED,
    ("plants", "lead_law"): LEAD_LAWS,
    ("clauses", "clause"): CLAUSES,
    ("clauses", "period"): ("month", "quarter", "year"),
}
OPEN = ("family",)  # columns whose drop-down only proposes


@dataclass(frozen=True)
class Table:
    """A table's name, and its header and rows of text; nothing but the declared columns where there are none."""

    name: str
    cells: Sequence[Sequence[str]]

    @cached_property
    def columns(self) -> tuple[tuple[str, Column], ...]:
        """What must be given and what is in use come first, then what may be added; in the order of the dictionary."""
        used = set(self._given)
        return tuple(sorted(columns_of(TABLES[self.name]), key=lambda one: not (one[1].required or one[0] in used)))

    @cached_property
    def _given(self) -> dict[str, int]:
        """Declared column -> its place in the header."""
        names: dict[str, str] = {}
        for name, spec in columns_of(TABLES[self.name]):
            names |= {folded(one): name for one in (name, *spec.zh)}
        header = self.cells[0] if self.cells else ()
        return {names[folded(title)]: at for at, title in enumerate(header) if folded(title) in names}

    def texts(self, name: str) -> list[str]:
        """The cells of a column."""
        at = self._given.get(name)
        return [row[at].strip() if at is not None and at < len(row) else "" for row in self.cells[1:]]

    def __len__(self) -> int:
        return max(len(self.cells) - 1, 0)


def table_sheet(pen: Pen, table: Table, there: set[str]) -> None:
    """Write a table; `there` are the tables that drop-downs can refer to."""
    sheet = pen.book.add_worksheet(table.name)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.set_row(0, 24)
    keys = KEYS.get(table.name, ())
    for at, (name, spec) in enumerate(table.columns):
        values = [typed(text, spec) for text in table.texts(name)]
        form = format_of(spec, values)
        sheet.set_column(at, at, _width(name, values), pen.style("text", num_format=form))
        strong = {"bg_color": DARK, "font_color": "#ffffff"} if spec.required else {"bg_color": PALE, "font_color": INK}
        sheet.write_string(0, at, name, pen.head(**strong))
        note = "\n".join(note_of(spec))
        lines = sum(1 + shown_width(line, "text") // 44 for line in note.split("\n"))
        sheet.write_comment(0, at, note, {"author": "", "width": 320, "height": 22 + 16 * lines, "font_size": 9})
        for row, value in enumerate(values, start=1):
            side = {"align": "right"} if isinstance(value, float) else {}
            pen.put(sheet, (row, at), value, "text", num_format=form, **side)
        for rule in _validations(table.name, name, spec, there):
            sheet.data_validation(1, at, len(table) + ROOM, at, rule)
    sheet.freeze_panes(1, sum(name in keys for name, _ in table.columns[: len(keys)]))
    if len(table):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def typed(text: str, spec: Column) -> str | float | None:
    """What stands in the cell: a number where the text means exactly one, yes or no, else the text itself."""
    if not text:
        return None
    try:
        value = parse(spec.kind, text)
    except Wrong:  # a pattern, or something that `kaopt check` will tell
        return text
    if spec.kind == "flag":
        return "yes" if value else "no"
    if spec.kind not in AMOUNTS and spec.kind != "week":
        return text
    exact = float(f"{value:.16G}") == value  # a workbook keeps sixteen digits
    return float(value) if exact and "/" not in text else text


def format_of(spec: Column, values: Sequence[str | float | None]) -> str:
    """The number format of a column: as many decimals as its values need."""
    if spec.kind not in AMOUNTS or spec.kind == "week":
        return "0" if spec.kind == "week" else "@"
    numbers = [value * (100 if spec.kind in SHARES else 1) for value in values if isinstance(value, float)]
    whole = all(abs(value - round(value)) < 1e-9 for value in numbers)
    if spec.kind in SHARES:
        return "0%" if whole and numbers else "0.0%"
    if spec.kind in ("money", "signed_money", "cases", "factor") and numbers:
        return "#,##0" if whole else "#,##0.00"
    return "General"


def note_of(spec: Column) -> Iterator[str]:
    """What a column means, in both languages where there are words for it."""
    yield " · ".join(spec.zh) if spec.zh else ""
    yield spec.doc
    if spec.unit:
        yield f"unit 单位: {spec.unit}"
    yield f"allowed 可填: {allowed(spec)}".replace("`", "")
    default = default_of(spec).strip("*") or "empty 空"
    yield "required 必填" if spec.required else f"default 缺省: {default}"


def _width(name: str, values: Sequence[str | float | None]) -> float:
    longest = max((shown_width(value, "text") for value in values[:400]), default=0)
    return min(max(len(name) + 4, longest + 2, 9), 40)


def _validations(table: str, name: str, spec: Column, there: set[str]) -> Iterator[dict[str, Any]]:
    """The drop-down of a column, or the range of its numbers; what a person may write otherwise is let through."""
    if spec.kind == "flag":
        yield {"validate": "list", "source": ["yes", "no"], "error_message": "yes / no"}
    elif (table, name) in CHOICES:
        choice = {"validate": "list", "source": list(CHOICES[table, name])}
        yield choice | ({"show_error": False} if name in OPEN else {"error_message": ", ".join(CHOICES[table, name])})
    elif spec.refers in there and spec.kind in ("id", "text"):
        key = KEYS[spec.refers][0]
        column = xl_col_to_name(_key_column(spec.refers, key))
        source = f"={spec.refers}!${column}$2:${column}${ROOM + 1}"
        free = table in PATTERNED or spec.refers == "seasons"
        error = {"show_error": False} if free else {"error_message": f"{spec.refers}!{column}"}
        yield {"validate": "list", "source": source, **error}
    elif spec.kind in AMOUNTS and AMOUNTS[spec.kind].bounded:
        yield _range(spec)


def _key_column(table: str, key: str) -> int:
    """Where the ids of a table stand: keys must be given and therefore keep their place."""
    return [name for name, spec in columns_of(TABLES[table]) if spec.required].index(key)


def _range(spec: Column) -> dict[str, Any]:
    """The range of a number as a warning: 440万, 45d or 1/3 are texts that may stand here too."""
    amount = AMOUNTS[spec.kind]
    low, high = amount.low, amount.high
    rule: dict[str, Any] = {"validate": "decimal", "error_type": "warning", "error_title": spec.kind}
    rule["error_message"] = f"{amount.range()}, such as {amount.example}"[:255]
    if low == float("-inf"):
        return rule | {"criteria": "<=", "value": high}
    if high == float("inf"):
        return rule | {"criteria": ">" if amount.above else ">=", "value": low}
    return rule | {"criteria": "between", "minimum": low, "maximum": high}
