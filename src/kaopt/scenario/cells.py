"""From cells of text to typed columns: kinds, defaults, references; every wrong cell a fault at its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from kaopt.errors import Fault
from kaopt.scenario.columns import Column
from kaopt.scenario.grid import Grid, columns
from kaopt.scenario.kinds import parse
from kaopt.scenario.quantities import Wrong
from kaopt.scenario.sources import suggest
from kaopt.scenario.table_file import Unread

PATTERNED = ("response", "eligibility", "agreements", "capacity", "fees", "clauses")  # tables whose ids may hold *
ARRAYS: Mapping[str, Any] = {"Floats": np.float64, "Ints": np.int64, "Bools": np.bool_}


@dataclass(frozen=True, eq=False)
class Cast:
    """What cells may refer to: ids by table (None: that table is missing, nothing is said), and the horizon."""

    ids: Mapping[str, frozenset[str] | None]
    start: date | None = None
    weeks: int | None = None


@dataclass(frozen=True, eq=False)
class Typed:
    """A table's values by column, [rows] each; None in a cell that was wrong. `given`: the cell was not empty."""

    grid: Grid
    values: dict[str, list[Any]]
    given: dict[str, list[bool]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.grid)

    def rows(self, *names: str) -> Iterable[tuple[int, tuple[Any, ...]]]:
        """Row numbers with the named values, rows with a wrong cell among them left out."""
        for row, values in enumerate(zip(*(self.values[name] for name in names), strict=True)):
            if None not in values:
                yield row, values

    @cached_property
    def whole(self) -> bool:
        """True where no row was left out and no cell was wrong."""
        return not self.grid.skipped and all(None not in column for column in self.values.values())


def read_cells(grid: Grid, cast: Cast, faults: list[Fault]) -> Typed:
    """Every declared column with its values; faults are appended."""
    values: dict[str, list[Any]] = {}
    given: dict[str, list[bool]] = {}
    for name, spec in columns(grid.name).items():
        if name in grid.columns:
            values[name] = _column(grid, name, spec, (cast, faults))
            given[name] = [bool(text.strip()) for text in grid.columns[name]]
        else:
            values[name] = [None if spec.required else spec.default] * len(grid)
            given[name] = [False] * len(grid)
    return Typed(grid, values, given)


def _column(grid: Grid, name: str, spec: Column, where: tuple[Cast, list[Fault]]) -> list[Any]:
    cast, faults = where
    known: dict[str, Any] = {}  # a text that was read once need not be read again
    wrong: dict[str, Wrong] = {}
    values: list[Any] = []
    for row, text in enumerate(grid.columns[name]):
        if isinstance(text, Unread):
            faults.append(text.fault)
            values.append(None)
            continue
        if text not in known and text not in wrong:
            try:
                known[text] = _value(text, spec, cast, grid.name)
            except Wrong as error:
                wrong[text] = error
        if text in wrong:
            expected = f"{wrong[text].expected} ({spec.doc})" if text.strip() else wrong[text].expected
            found = text.strip() or "nothing"
            faults.append(grid.origin(row, name).fault(name, found, expected, wrong[text].remedy))
        values.append(known.get(text))
    return values


def _value(text: str, spec: Column, cast: Cast, table: str) -> Any:
    """The value of one cell; raises Wrong."""
    if not text.strip():
        if spec.required:
            raise Wrong(f"must be given: {spec.doc}", "Fill the cell, or delete the row")
        return spec.default
    pattern = spec.kind == "id" and table in PATTERNED and "*" in text
    value = text.strip() if pattern else _parsed(text, spec, cast)
    if spec.refers is not None and (ids := cast.ids.get(spec.refers)) is not None:
        known = any(matches(value, ids)) if pattern else value in ids
        if not known and value != "*":
            raise Wrong(f"must be an id of the table {spec.refers}", suggest(value, sorted(ids)))
    return value


def matches(pattern: str, ids: Iterable[str]) -> list[bool]:
    """Which ids a name or a pattern with `*` means."""
    form = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    return [form.fullmatch(one) is not None for one in ids]


def _parsed(text: str, spec: Column, cast: Cast) -> Any:
    try:
        return parse(spec.kind, text)
    except Wrong as error:
        if error.day is None or cast.start is None:
            raise
        number = (error.day - cast.start).days // 7 + 1
        inside = 1 <= number <= (cast.weeks or 0)
        remedy = f"This day lies in week {number}: write {number}" if inside else "This day lies outside the horizon"
        raise Wrong(error.expected, remedy, day=error.day) from None


def to_table(kind: type, values: Mapping[str, list[Any]]) -> Any:
    """A frozen table of `kind` with read-only arrays, from columns without a wrong cell."""
    made = {}
    for one in fields(kind):
        dtype = ARRAYS.get(str(one.type))
        made[one.name] = tuple(values[one.name]) if dtype is None else frozen(np.array(values[one.name], dtype=dtype))
    return kind(**made)


def frozen(array: Any) -> Any:
    """The array, read-only from now on."""
    array.setflags(write=False)
    return array
