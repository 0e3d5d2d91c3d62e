"""The nouns of a comparison: a plan with its scorecard, a measure over all plans, and the whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kaopt.comparison.differences import Differences, Event


@dataclass(frozen=True, eq=False)
class Side:
    """One plan that is compared. `scorecard` is the content of its scorecard.json, the only source of figures."""

    name: str
    scorecard: Mapping[str, Any]
    scenario: str = ""
    run: str = ""  # its folder; empty for a scorecard in memory
    certificate: Mapping[str, Any] | None = None
    events: tuple[Event, ...] | None = None  # None: not known
    settings: Mapping[str, Any] = field(default_factory=dict)  # of its scenario, resolved
    inputs: Mapping[str, str] = field(default_factory=dict)  # file -> sha256


@dataclass(frozen=True)
class Figure:
    """One figure of one plan: `low` and `high` where it was simulated; `value` None where it does not apply."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""  # it does not apply


@dataclass(frozen=True)
class Cell:
    """One measure of one plan, both ways, and against its target."""

    planned: Figure
    delivered: Figure
    target: float | None
    met: bool | None
    gives_up: float | None  # against the best plan, in the measure's unit; 0 for the best


@dataclass(frozen=True)
class Line:
    """One measure over all plans. `basis`: delivered where all plans are simulated or nobody plans it, else planned.

    `gives_up` is of the basis, and unknown where only some plans have it.
    """

    kpi: str  # one of the five, or money
    measure: str
    kind: str  # amount, percent, index, count
    lead: bool  # the figure that stands for the KPI
    better: str  # more, less, or empty where neither is better
    basis: str
    cells: Mapping[str, Cell]  # by plan
    best: tuple[str, ...]  # plans that nobody beats


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plans side by side. `dominated`: plan -> plans that are no worse in any of the five KPIs and better in one."""

    sides: tuple[Side, ...]
    lines: tuple[Line, ...]
    dominated: Mapping[str, tuple[str, ...]]
    calendar: tuple[Differences, ...]  # from the first plan to each other one
    warnings: tuple[tuple[str, str], ...]  # in English and Chinese
    draw: Callable[[Comparison, str], str] | None = None  # how it becomes a page

    @property
    def names(self) -> tuple[str, ...]:
        """The plans in their order."""
        return tuple(side.name for side in self.sides)

    def line(self, kpi: str, measure: str) -> Line:
        """One measure over all plans."""
        return next(one for one in self.lines if (one.kpi, one.measure) == (kpi, measure))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        from kaopt.comparison.show import as_dict

        return as_dict(self)

    def text(self, language: str = "en") -> str:
        """The table for people, in English or Chinese (`zh`)."""
        from kaopt.comparison.show import text

        return text(self, language)

    def __str__(self) -> str:
        return self.text()

    def to_html(self, path: str | Path, language: str = "en") -> Path:
        """Write one self-contained page in both languages; `language` is shown first."""
        from kaopt.runs import write_text

        assert self.draw is not None, "made by kaopt.compare"
        return write_text(Path(path), self.draw(self, language))
