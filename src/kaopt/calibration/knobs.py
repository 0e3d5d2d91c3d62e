"""Knobs: where each one turns in a world, what it stands at, and the world with all of them turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import exp, log
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from kaopt.errors import Fault, InputError
from kaopt.scenario.catalogue import KEYS, TABLES
from kaopt.scenario.cells import frozen, matches
from kaopt.scenario.columns import Bools, Column, Floats, columns_of
from kaopt.scenario.kinds import parse
from kaopt.scenario.ledger_settings import Knob
from kaopt.scenario.model import Scenario
from kaopt.scenario.quantities import AMOUNTS, Wrong
from kaopt.scenario.sources import suggest

SECTION = "supply"  # settings outside it do not change what the warehouse delivers
DIGITS = 6  # significant digits of a found value: what is written is what was tried


@dataclass(frozen=True, eq=False)
class Dial:
    """A knob's place in a world: a setting of the supply side (`rows` is None), or rows of a table's column."""

    knob: Knob
    number: int  # of the knob in the file, for faults
    path: tuple[str, ...]  # (supply, name, …) or (table, column)
    rows: Bools | None = None
    whole: bool = False  # takes whole numbers only

    @property
    def name(self) -> str:
        """`skus.lot_cover_weeks of s* x` where rows of a pattern are multiplied."""
        rows = "" if self.rows is None or self.knob.of == "*" else f" of {self.knob.of}"
        return ".".join(self.path) + rows + (" x" if self.knob.how == "times" else "")

    def natural(self, unit: float) -> float:
        """The knob's value at a place between its bounds, 0 to 1, in the digits that are kept."""
        low, high = self.knob.low, self.knob.high
        logs = self.knob.scale == "log"
        value = exp(log(low) + unit * log(high / low)) if logs else low + unit * (high - low)
        return min(max(float(f"{value:.{DIGITS}g}"), low), high)

    def unit(self, value: float) -> float:
        """The place of a value between the bounds, 0 to 1."""
        low, high = self.knob.low, self.knob.high
        inside = min(max(value, low), high)
        if self.knob.scale == "log":
            return (log(inside) - log(low)) / (log(high) - log(low))
        return (inside - low) / (high - low)

    def slope(self, unit: float) -> float:
        """How fast the value changes with its place: the factor of a standard error."""
        low, high = self.knob.low, self.knob.high
        return self.natural(unit) * log(high / low) if self.knob.scale == "log" else high - low


def dials_of(world: Scenario) -> tuple[Dial, ...]:
    """Every knob of the scenario with its place. Raises InputError with all that is wrong with them."""
    dials, faults = [], []
    for number, knob in enumerate(world.calibrate.knobs):
        try:
            dials.append(_dial(world, number, knob))
        except Wrong as wrong:
            place = f"calibrate.knobs.{number}"
            faults.append(Fault("scenario.yaml", None, place, knob.setting, wrong.expected, wrong.remedy))
    if faults:
        raise InputError(faults)
    return tuple(dials)


def value_at(world: Scenario, dial: Dial) -> float:
    """Where a knob stands: the setting, the mean of its rows, or 1 where it multiplies."""
    if dial.knob.how == "times":
        return 1.0
    if dial.rows is None:
        return float(reduce(getattr, dial.path, world))  # type: ignore[arg-type]
    return float(np.mean(_column(world, dial)[dial.rows]))


def turned(world: Scenario, dials: Sequence[Dial], values: Sequence[float]) -> Scenario:
    """The world with every knob at its value."""
    for dial, value in zip(dials, values, strict=True):
        if dial.rows is None:
            world = replace(world, supply=_with(world.supply, dial.path[1:], value))
        else:
            table = replace(getattr(world, dial.path[0]), **{dial.path[1]: column_at(world, dial, value)})
            world = replace(world, **{dial.path[0]: table})
    return world


def column_at(world: Scenario, dial: Dial, value: float) -> Any:
    """The whole column of a table with the knob at `value`."""
    assert dial.rows is not None
    before = _column(world, dial)
    after = np.where(dial.rows, before * value if dial.knob.how == "times" else value, before)
    return frozen((np.rint(after) if dial.whole else after).astype(before.dtype))


def _column(world: Scenario, dial: Dial) -> Floats:
    column: Floats = getattr(getattr(world, dial.path[0]), dial.path[1])
    return column


def _dial(world: Scenario, number: int, knob: Knob) -> Dial:
    """One knob's place, its bounds tried at both ends; raises Wrong."""
    if not knob.low < knob.high:
        raise Wrong("must have low below high", "Give the least and the greatest value")
    if knob.scale == "log" and knob.low <= 0:
        raise Wrong("must have low above 0 on a log scale", "Raise `low`, or write `scale: linear`")
    path = tuple(knob.setting.split("."))
    if path[0] == SECTION and len(path) > 1:
        if knob.how == "times":
            raise Wrong("must be set, not multiplied: it is a single value", "Leave `how` out")
        dial = Dial(knob, number, path)
        for end in (knob.low, knob.high):
            _with(world.supply, path[1:], end)
        return replace(dial, whole=_is_whole(world.supply, path[1:]))
    dial = _in_table(world, Dial(knob, number, path))
    spec = dict(columns_of(TABLES[path[0]]))[path[1]]
    for end in (knob.low, knob.high):
        for value in set(column_at(world, dial, end)[dial.rows].tolist()):
            _allowed(spec, value)
    return dial


def _in_table(world: Scenario, dial: Dial) -> Dial:
    """The rows that a knob of a table turns; raises Wrong."""
    tables = [name for name in TABLES if hasattr(world, name) and name in KEYS]
    if len(dial.path) != 2 or dial.path[0] not in tables:
        names = ", ".join(f"{name}.COLUMN" for name in tables)
        raise Wrong(f"must be a setting {SECTION}.NAME or {names}", "See docs/dictionary.md")
    name, column = dial.path
    numbers = [one for one, spec in columns_of(TABLES[name]) if spec.kind in AMOUNTS]
    if column not in numbers:
        raise Wrong(f"must be a column of numbers of the table {name}", suggest(column, numbers))
    table = getattr(world, name)
    rows = np.array(matches(dial.knob.of, getattr(table, KEYS[name][0])))
    if not rows.any():
        raise Wrong(f"must turn some rows; no row of {name} is {dial.knob.of!r}", "See `of`")
    return replace(dial, rows=rows, whole=getattr(table, column).dtype == np.int64)


def _allowed(spec: Column, value: float) -> None:
    """Raises Wrong where a table's column cannot hold the value."""
    try:
        parse(spec.kind, repr(value))
    except Wrong as wrong:
        raise Wrong(f"must stay in bounds that the column allows: {value:g} {wrong.expected}", wrong.remedy) from None


def _with(section: BaseModel, path: tuple[str, ...], value: float) -> Any:
    """A section with one setting at another value, as its own parser reads it; raises Wrong."""
    fields = type(section).model_fields
    if path[0] not in fields:
        raise Wrong("must be a setting of the supply side", suggest(path[0], fields))
    inner = getattr(section, path[0])
    if len(path) > 1 and isinstance(inner, BaseModel):
        return section.model_copy(update={path[0]: _with(inner, path[1:], value)})
    if len(path) > 1 or isinstance(inner, bool) or not isinstance(inner, (int, float)):
        raise Wrong("must be a single number", "Name one number of docs/dictionary.md, section supply")
    given = round(value) if isinstance(inner, int) else value
    kind: Any = Annotated[(fields[path[0]].annotation, *fields[path[0]].metadata)]
    try:
        return section.model_copy(update={path[0]: TypeAdapter(kind).validate_python(repr(given))})
    except ValidationError as error:
        raise Wrong(error.errors()[0]["msg"].removeprefix("Value error, "), "Move the bound") from None


def _is_whole(section: BaseModel, path: tuple[str, ...]) -> bool:
    return isinstance(reduce(getattr, path, section), int)
