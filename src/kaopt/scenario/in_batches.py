"""A large table typed batch by batch, so that it never stands in memory as text: numbers as arrays, names once each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

import numpy as np
import pandas as pd

from kaopt.errors import Fault
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.cells import Cast, Typed, read_cells
from kaopt.scenario.grid import MORE_THAN_ONCE, Grid, shaped
from kaopt.scenario.sources import Origin
from kaopt.scenario.table_file import Sheet

CODES = {"Floats": "d", "Ints": "q"}  # kinds of columns that can be arrays


@dataclass(frozen=True, eq=False)
class Rows(Sequence[Origin]):
    """Places of rows without an object for each: which file, which line."""

    files: list[str]
    file: array[int]
    line: array[int]

    def __len__(self) -> int:
        return len(self.line)

    @overload
    def __getitem__(self, at: int) -> Origin: ...
    @overload
    def __getitem__(self, at: slice) -> list[Origin]: ...
    def __getitem__(self, at: int | slice) -> Origin | list[Origin]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        return Origin(self.files[self.file[at]], self.line[at])

    def add(self, origins: Sequence[Origin]) -> None:
        """The rows of one more batch, all of one file."""
        if origins and (not self.files or self.files[-1] != origins[0].file):
            self.files.append(origins[0].file)
        self.file.extend([len(self.files) - 1] * len(origins))
        self.line.extend(one.line or 0 for one in origins)


def typed(name: str, sheets: Iterable[Sheet], head: Origin, cast: Cast, faults: list[Fault]) -> Typed:
    """The table's values; faults are appended. Its grid knows places only."""
    rows, texts, skipped = Rows([], array("q"), array("q")), dict[Any, Any](), set[str]()
    values: dict[str, Any] = {
        one.name: array(CODES[str(one.type)]) if str(one.type) in CODES else [] for one in fields(TABLES[name])
    }
    given: dict[str, Any] = {column: bytearray() for column in values}
    for sheet in sheets:
        grid = shaped(name, sheet, faults)
        part = read_cells(grid, cast, faults)
        rows.add(grid.origins)
        skipped |= grid.skipped
        for column, so_far in values.items():
            values[column] = longer(so_far, part.values[column], texts)
            given[column].extend(part.given[column])
    found = Typed(Grid(name, {}, rows, skipped=frozenset(skipped), head=head), values, given)
    faults.extend(doubles(found))
    return found


def longer(so_far: Any, more: list[Any], texts: dict[Any, Any]) -> Any:
    """A column with the values of one more batch; with a wrong cell, None, it is an array no longer."""
    if isinstance(so_far, array) and None in more:
        so_far = list(so_far)
    so_far.extend(more if isinstance(so_far, array) else [texts.setdefault(one, one) for one in more])
    return so_far


def doubles(table: Typed) -> Iterator[Fault]:
    """Keys that are there twice; a row with a wrong cell is told as such."""
    keys = KEYS.get(table.grid.name, ())
    columns: list[Any] = [table.values[one] for one in keys]
    if not keys or not len(table) or any(None in one for one in columns):
        return
    code = np.zeros(len(table), dtype=np.int64)
    for one in columns:
        number, names = pd.factorize(np.array(one) if isinstance(one, array) else pd.Series(one, dtype=object))
        code = code * len(names) + number
    order = np.argsort(code, kind="stable")
    fresh = np.concatenate([[True], np.diff(code[order]) > 0])
    first = order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]
    for row, before in sorted(zip(order[~fresh].tolist(), first[~fresh].tolist(), strict=True)):
        shown = ", ".join(str(one[row]) for one in columns)
        expected = f"{MORE_THAN_ONCE}, first in {table.grid.origins[before]}"
        yield table.grid.origins[row].fault(", ".join(keys), shown, expected, "Keep one of these rows")
