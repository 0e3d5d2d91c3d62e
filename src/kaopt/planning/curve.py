"""The nouns of a frontier: a point, and the curve with what lies between its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

EQUAL = 1e-9  # relative: a difference that only rounding makes


@dataclass(frozen=True, eq=False)
class Point:
    """One value of the setting and the plan there; figures as in its certificate.json and scorecard.json."""

    status: str  # optimal, stopped, interrupted; infeasible; no plan
    value: float = 0.0
    share: float | None = None  # of the scenario's own value
    certificate: Mapping[str, Any] = field(default_factory=dict)
    scorecard: Mapping[str, Any] = field(default_factory=dict)
    events: int = 0
    conflicts: tuple[tuple[str, ...], ...] = ()
    message: str = ""
    seconds: float = 0.0  # wall
    plan: Plan | None = None

    @property
    def made(self) -> bool:
        """True where there is a plan."""
        return bool(self.certificate)

    def at(self, *path: str) -> float | None:
        """A figure of the scorecard's total; None where it does not apply."""
        found: Any = self.scorecard["total"]
        for step in path:
            found = found[step]
        return None if isinstance(found, Mapping) else found

    @property
    def objective(self) -> float:
        """The certificate's."""
        return float(self.certificate["objective"])

    @property
    def bound(self) -> float:
        """The certificate's; infinite where nothing is proven."""
        found = self.certificate["bound"]
        return float("inf") if found is None else float(found)

    @property
    def contribution(self) -> float:
        """Gained by promotions, planned, money."""
        return float(self.at("profit", "planned", "incremental_contribution") or 0.0)

    @property
    def cases(self) -> float:
        """Gained by promotions, net, planned."""
        return float(self.at("profit", "planned", "incremental_cases") or 0.0)

    @property
    def spend(self) -> float:
        """Of promotions, planned, money."""
        return float(self.at("profit", "trade_spend", "promotions") or 0.0)


@dataclass(frozen=True)
class Step:
    """Between two neighbouring plans: objective per unit of the setting, and between what it must lie."""

    first: float
    last: float
    worth: float  # of the plans found
    least: float  # of the best plans there are, as far as the bounds tell
    most: float
    contribution: float  # money per unit of the setting, of the plans found


@dataclass(frozen=True, eq=False)
class Frontier:
    """Plans along one setting. `asked`: how many points were asked for; fewer are there where it was `stopped`."""

    path: str
    own: float | None
    world: Scenario
    points: tuple[Point, ...]
    asked: int
    stopped: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """What one more unit of the setting is worth between neighbours; nothing where it changes the objective."""
        made = [point for point in self.points if point.made]
        if self.path.startswith("objective."):
            return ()
        return tuple(step(one, other) for one, other in pairwise(made))

    @property
    def dominated(self) -> tuple[bool, ...]:
        """For each point: another plan sells no fewer cases, earns no less, spends no more, and is better in one."""
        return tuple(point.made and is_dominated(point, self.points) for point in self.points)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        from kaopt.planning.curve_show import as_dict

        return as_dict(self)

    def text(self, language: str = "en") -> str:
        """The table for people, in English or Chinese (`zh`)."""
        from kaopt.planning.curve_show import text

        return text(self, language)

    def __str__(self) -> str:
        return self.text()

    def to_html(self, path: str | Path, language: str = "en") -> Path:
        """Write one self-contained page with a chart in both languages; `language` is shown first."""
        from kaopt.planning.curve_show import page
        from kaopt.runs import write_text

        return write_text(Path(path), page(self, language))


def step(one: Point, other: Point) -> Step:
    """Between two plans."""
    width = other.value - one.value
    return Step(
        one.value,
        other.value,
        (other.objective - one.objective) / width,
        (other.objective - one.bound) / width,
        (other.bound - one.objective) / width,
        (other.contribution - one.contribution) / width,
    )


def is_dominated(point: Point, others: Sequence[Point]) -> bool:
    """True where some other plan is as good in every way and better in one."""
    mine = (point.cases, point.contribution, -point.spend)
    for other in others:
        if other is point or not other.made:
            continue
        theirs = (other.cases, other.contribution, -other.spend)
        signs = [0 if alike(a, b) else 1 if b > a else -1 for a, b in zip(mine, theirs, strict=True)]
        if min(signs) >= 0 and max(signs) > 0:
            return True
    return False


def alike(a: float, b: float) -> bool:
    """Equal but for rounding."""
    return abs(a - b) <= EQUAL * max(abs(a), abs(b))
