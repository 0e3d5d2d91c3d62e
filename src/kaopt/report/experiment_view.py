"""What the page of an experiment shows, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kaopt.scenario.settings import Words

Ends = tuple[float, float, float]  # mean, low, high


@dataclass(frozen=True)
class Column:
    """A measure. `unit`: share, money, day, case; `better`: 1, -1, or 0; `below`: a contract level."""

    label: str
    measure: str
    unit: str
    account: str
    better: int
    below: float | None


@dataclass(frozen=True)
class Point:
    """One figure of one policy: itself, its difference from the baseline, its chance of missing the contract level."""

    figure: Ends
    difference: Ends | None
    p: float | None  # adjusted for all policies
    correlation: float | None
    missed: Ends | None


@dataclass(frozen=True)
class Line:
    """One policy."""

    name: str
    years: int
    state: str
    dominated_by: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class ExperimentView:
    """The whole page. `lead`: column of the measure that decides, `money`: the one that it is drawn against."""

    name: Words
    currency: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    baseline: int
    lead: int
    money: int | None
    half_width: float | None
    confidence: float
    choice: Mapping[str, Any] | None
