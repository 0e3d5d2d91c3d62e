"""One sheet of a workbook as header and rows of text; what cannot be read carries its fault along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kaopt.errors import Fault
from kaopt.scenario.sources import Origin
from kaopt.scenario.table_file import Row, Sheet, Unread
from kaopt.scenario.workbook_cells import text_of
from kaopt.scenario.workbook_flaws import Cell, Flaws

SAVE = "Open the workbook in Excel and save it, or write the value"


@dataclass(frozen=True)
class Page:
    """A sheet's name in messages and its rows as they are, blank ones left out."""

    file: str
    rows: tuple[Row, ...]

    @property
    def head(self) -> Row:
        """The first row that holds anything: the header."""
        return self.rows[0]

    def header(self, column: int) -> str:
        """The header over a column (from 1)."""
        cells = self.head.cells
        return cells[column - 1].strip() if column <= len(cells) else ""


def page_of(worksheet: Any, file: str, flaws: Flaws) -> Page:
    """The rows that hold anything; a formula without a value is something."""
    unread: dict[int, list[int]] = defaultdict(list)
    for line, column in flaws.uncalculated:
        unread[line].append(column)
    worksheet.reset_dimensions()  # what a file says about its own size is often wrong
    return Page(file, tuple(_filled(worksheet, unread)))


def _filled(worksheet: Any, unread: Mapping[int, list[int]]) -> Iterator[Row]:
    for line, cells in enumerate(worksheet.iter_rows(), start=1):
        texts = tuple(map(_text, cells))
        if line in unread or any(text.strip() for text in texts):
            yield Row(line, texts)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    return text_of(value, cell.number_format if isinstance(value, (int, float)) else "")


def sheet_of(page: Page, flaws: Flaws, faults: list[Fault]) -> Sheet:
    """The page as a table: as wide as anything in it, each cell that cannot be read with its fault."""
    unread = {**_uncalculated(page, flaws), **_merged(page, flaws)}
    width = max(_width(row) for row in page.rows)
    head = page.head.line
    for (line, _), cell in unread.items():
        if line == head:
            faults.append(cell.fault)
    by_line: dict[int, dict[int, Unread]] = defaultdict(dict)
    for (line, column), cell in unread.items():
        by_line[line][column] = cell
    rows = tuple(_fitted(row, width, by_line.get(row.line, {})) for row in page.rows[1:])
    header = tuple(page.header(column) for column in range(1, width + 1))
    return Sheet(page.file, head, header, rows, tuple(letters(column) for column in range(1, width + 1)))


def _width(row: Row) -> int:
    """The last column that holds anything."""
    return max((at for at, text in enumerate(row.cells, start=1) if text.strip()), default=0)


def _fitted(row: Row, width: int, unread: Mapping[int, Unread]) -> Row:
    cells = row.cells if len(row.cells) == width else (*row.cells[:width], *[""] * (width - len(row.cells)))
    if not unread:
        return Row(row.line, cells)
    return Row(row.line, tuple(unread.get(column, text) for column, text in enumerate(cells, start=1)))


def _uncalculated(page: Page, flaws: Flaws) -> dict[Cell, Unread]:
    """Formulas without a value: one fault for a whole column of them."""
    lines: dict[int, list[int]] = defaultdict(list)
    for line, column in sorted(flaws.uncalculated):
        lines[column].append(line)
    found: dict[Cell, Unread] = {}
    for column, many in lines.items():
        more = f", and {len(many) - 1} more below" if len(many) > 1 else ""
        expected = "must have a value: this formula was never calculated"
        fault = _fault(page, (many[0], column), f"a formula without a value{more}", (expected, SAVE))
        found |= dict.fromkeys(((line, column) for line in many), Unread(fault))
    return found


def _merged(page: Page, flaws: Flaws) -> dict[Cell, Unread]:
    """The cells that lie under a merged one, in rows that hold anything."""
    lines = {row.line for row in page.rows}
    found: dict[Cell, Unread] = {}
    for top, left, bottom, right in flaws.merged:
        shown = f"{letters(left)}{top}:{letters(right)}{bottom} merged"
        expected = "must be single cells: every row of a table stands for itself"
        fault = _fault(page, (top, left), shown, (expected, "Unmerge them and fill every cell"))
        under = ((line, column) for line in lines & set(range(top, bottom + 1)) for column in range(left, right + 1))
        found |= dict.fromkeys((cell for cell in under if cell != (top, left)), Unread(fault))
    return found


def _fault(page: Page, cell: Cell, found: str, words: tuple[str, str]) -> Fault:
    """A fault of one cell, under the name of its column."""
    line, column = cell
    name = page.header(column) or f"column {column}"
    return Origin(page.file, line, {name: letters(column)}).fault(name, found, *words)


def letters(column: int) -> str:
    """The name of a column (from 1): A, B, …, Z, AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
