"""A file of rows as cells of text with their lines. What comes after this page does not know what a CSV is.

A workbook's sheet is read into the same `Sheet` by `kaopt.scenario.workbook`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kaopt.errors import Fault
from kaopt.scenario.sources import Origin, Reading

DELIMITERS = (",", ";", "\t")


class Unread(str):
    """A cell whose text cannot be had; its fault is told where the cell is needed. As a text it is its address."""

    __slots__ = ("fault",)
    fault: Fault

    def __new__(cls, fault: Fault) -> Unread:
        """The cell that this fault is about."""
        text = super().__new__(cls, fault.cell)
        text.fault = fault
        return text


@dataclass(frozen=True)
class Row:
    """One row: the line it starts in, and its cells as typed."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A table as people keep it: header cells, and rows of cells."""

    file: str
    header_line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    letters: tuple[str, ...] = ()  # of a workbook's columns: A, B, …

    def origin(self, line: int | None = None, places: Mapping[str, int] | None = None) -> Origin:
        """The place of a line, of the header where none is given; `places` are the columns of its cells by name."""
        letters = {name: self.letters[at] for name, at in (places or {}).items()} if self.letters else None
        return Origin(self.file, line or self.header_line, letters)

    def origins(self, lines: Iterable[int], places: Mapping[str, int]) -> list[Origin]:
        """The places of many lines."""
        letters = self.origin(None, places).letters
        return [Origin(self.file, line, letters) for line in lines]


def read_table(path: Path, reading: Reading) -> Sheet | None:
    """The sheet in a CSV file; None where it cannot be used (its faults are in `reading`)."""
    text = reading.text(path)
    if text is None:
        return None
    file = reading.label(path)
    rows: list[Row] = []
    try:
        rows.extend(_rows(text))
    except csv.Error as error:
        line = rows[-1].line + 1 if rows else 1
        remedy = 'Close every quote (") that is opened, in the same cell'
        reading.faults.append(Origin(file, line).fault(None, str(error), "must be a table with closed quotes", remedy))
        return None
    if not rows:
        remedy = "Write a first line with the names of the columns"
        reading.faults.append(Origin(file, 1).fault(None, "nothing", "must be a table", remedy))
        return None
    head, *body = rows
    width = max((i + 1 for i, cell in enumerate(head.cells) if cell.strip()), default=0)
    return Sheet(file, head.line, tuple(cell.strip() for cell in head.cells[:width]), tuple(_fit(body, width)))


def _rows(text: str) -> Iterator[Row]:
    """Every row that holds anything, with the line that it starts in."""
    lines = io.StringIO(text, newline="")  # breaks lines as editors count them
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True, skipinitialspace=True)
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(start, tuple(cells))
        start = reader.line_num + 1


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that the first line with anything in it uses most, outside quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _fit(rows: list[Row], width: int) -> Iterator[Row]:
    """Rows without the empty cells that spreadsheets leave behind the last column."""
    for row in rows:
        cells = row.cells
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        yield Row(row.line, cells)
