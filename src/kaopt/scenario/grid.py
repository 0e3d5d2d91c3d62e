"""A table by column: headers matched to the declared columns, rows checked for shape, overlays patched by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kaopt.errors import Fault
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.columns import Column, columns_of
from kaopt.scenario.quantities import clean
from kaopt.scenario.sources import Origin, suggest
from kaopt.scenario.table_file import Row, Sheet

TOTALS = {
    "合计",
    "总计",
    "小计",
    "总和",
    "汇总",
    "total",
    "totals",
    "sum",
    "subtotal",
    "sub-total",
    "grand total",
    "all",
}
FREE = ("plan",)  # tables whose further columns are read over
MORE_THAN_ONCE = "is there twice"


@dataclass(frozen=True)
class Grid:
    """Cells of text by canonical column, [rows] each; `` where a column or cell is not there.

    `patched`: the place of a cell that an overlay changed. `skipped`: keys of rows that had to be left out.
    """

    name: str
    columns: dict[str, list[str]]
    origins: Sequence[Origin]
    patched: dict[tuple[int, str], Origin] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    head: Origin = field(default_factory=lambda: Origin(""))  # the place of the table as a whole

    def __len__(self) -> int:
        return len(self.origins)

    def cell(self, row: int, column: str) -> str:
        """The text of a cell, empty where the column is not there."""
        return self.columns[column][row] if column in self.columns else ""

    def origin(self, row: int, column: str) -> Origin:
        """Where a cell came from."""
        return self.patched.get((row, column), self.origins[row])

    def key(self, row: int) -> tuple[str, ...]:
        """What tells this row from the others; whole numbers without leading zeros."""
        cells = (self.cell(row, one).strip() for one in KEYS[self.name])
        return tuple(str(int(cell)) if cell.isascii() and cell.isdigit() else cell for cell in cells)


def columns(name: str) -> dict[str, Column]:
    """The declared columns of a table."""
    return dict(columns_of(TABLES[name]))


def folded(header: str) -> str:
    """A header without its case, spaces and dashes."""
    return clean(header).casefold().replace(" ", "_").replace("-", "_")


def to_grid(name: str, sheet: Sheet, faults: list[Fault], *, patching: bool = False, free: bool = False) -> Grid:
    """The sheet by declared column; faults of headers, of the rows' shape and of their keys are appended.

    A table that patches a base's needs its keys only. `free`: further columns are read over.
    """
    grid = shaped(name, sheet, faults, patching=patching, free=free)
    faults.extend(_doubles(grid))
    return grid


def shaped(name: str, sheet: Sheet, faults: list[Fault], *, patching: bool = False, free: bool = False) -> Grid:
    """As `to_grid`, for a part of a table: its keys are not compared."""
    places = match(name, sheet, faults, free=free or name in FREE)
    faults.extend(_lacking(name, sheet, places, patching))
    keys = [one for one, spec in columns(name).items() if spec.kind == "id" and one in places]
    good: list[Row] = []
    skipped: set[str] = set()
    for row in sheet.rows:
        if fault := _misshapen(row, sheet, {key: places[key] for key in keys}):
            faults.append(fault)
            skipped |= {row.cells[places[key]].strip() for key in keys if places[key] < len(row.cells)}
        else:
            good.append(row)
    cells = {column: [row.cells[at] for row in good] for column, at in places.items()}
    origins = sheet.origins((row.line for row in good), places)
    return Grid(name, cells, origins, skipped=frozenset(skipped), head=sheet.origin())


def match(name: str, sheet: Sheet, faults: list[Fault], *, free: bool) -> dict[str, int]:
    """Canonical column -> its place in the row; `free`: other columns are read over."""
    names = {folded(one): one for one in columns(name)}
    names |= {folded(alias): one for one, spec in columns(name).items() for alias in spec.zh}
    places: dict[str, int] = {}
    for at, header in enumerate(sheet.header):
        column = names.get(folded(header))
        unused = not header and not any(row.cells[at].strip() for row in sheet.rows if at < len(row.cells))
        if column is None and (free or unused):
            continue
        if column is None:
            known = [*columns(name), *(alias for spec in columns(name).values() for alias in spec.zh)]
            column, remedy = header or f"column {at + 1}", suggest(header, known) or "See docs/dictionary.md"
            expected = "is not a column of this table" if header else "must have a name"
            faults.append(
                sheet.origin(None, {column: at}).fault(
                    column, header or "nothing", expected, remedy if header else "Name it, or empty it"
                )
            )
        elif column in places:
            first = sheet.header[places[column]]
            expected = f"{MORE_THAN_ONCE}, first as {first!r}"
            faults.append(sheet.origin(None, {column: at}).fault(column, header, expected, "Keep one of them"))
        else:
            places[column] = at
    return places


def _lacking(name: str, sheet: Sheet, places: dict[str, int], patching: bool) -> Iterator[Fault]:
    """Columns that must be there and are not."""
    for column, spec in columns(name).items():
        if spec.required and column not in places and not (patching and column not in KEYS.get(name, ())):
            also = f" (or {', '.join(spec.zh)})" if spec.zh else ""
            remedy = f"Add the column {column!r}{also}: {spec.doc}"
            yield sheet.origin().fault(column, "nothing", "must be a column of this table", remedy)


def _misshapen(row: Row, sheet: Sheet, keys: dict[str, int]) -> Fault | None:
    """A row with too many or too few cells, or with totals in it."""
    wide, many = len(sheet.header), len(row.cells)
    if many != wide:
        remedy = "Put cells that hold a separator in quotes; leave an empty cell where nothing is meant"
        return sheet.origin(row.line).fault(None, f"{many} cells", f"must have {wide} cells like the header", remedy)
    for key, at in keys.items():
        if clean(row.cells[at]).rstrip(":").casefold() in TOTALS:
            found = row.cells[at].strip()
            return sheet.origin(row.line, keys).fault(
                key, found, "must be one row of the table, not its sum", "Delete this row"
            )
    return None


def _doubles(grid: Grid) -> Iterator[Fault]:
    """Keys that are there twice."""
    if grid.name not in KEYS:
        return
    first: dict[tuple[str, ...], int] = {}
    for row in range(len(grid)):
        key = grid.key(row)
        if key in first:
            shown = ", ".join(key)
            expected = f"{MORE_THAN_ONCE}, first in line {grid.origins[first[key]].line}"
            yield grid.origins[row].fault(", ".join(KEYS[grid.name]), shown, expected, "Keep one of these rows")
        first.setdefault(key, row)


def patch(below: Grid, above: Grid) -> Grid:
    """The base's table with an overlay's rows: known keys change the cells that are given, new keys add rows.

    A table without keys: eligibility's rows come after the base's (later rows win); a plan replaces the base's.
    """
    if above.name not in KEYS:
        return above if above.name in FREE else _extend(below, above, list(range(len(above))))
    if any(
        spec.required and key not in above.columns
        for key, spec in columns(above.name).items()
        if key in KEYS[above.name]
    ):
        return below  # the fault has been noted
    rows = {below.key(row): row for row in range(len(below))}
    cells = {
        column: list(below.columns.get(column) or [""] * len(below)) for column in {**below.columns, **above.columns}
    }
    patched = dict(below.patched)
    fresh = []
    for row in range(len(above)):
        at = rows.get(above.key(row))
        if at is None:
            fresh.append(row)
            continue
        for column, texts in above.columns.items():
            if column not in KEYS[above.name] and texts[row].strip():
                cells[column][at] = texts[row]
                patched[at, column] = above.origins[row]
    return _extend(replace(below, columns=cells, patched=patched), above, fresh)


def _extend(below: Grid, above: Grid, rows: list[int]) -> Grid:
    """The rows of `below`, then the given rows of `above`."""
    cells: dict[str, Any] = {}
    for column in {**below.columns, **above.columns}:
        first = below.columns.get(column) or [""] * len(below)
        cells[column] = [*first, *(above.cell(row, column) for row in rows)]
    origins = [*below.origins, *(above.origins[row] for row in rows)]
    return replace(below, columns=cells, origins=origins, skipped=below.skipped | above.skipped)
