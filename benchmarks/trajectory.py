"""How a search went: best plan and bound against CPU seconds, and when it first reached a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf, isfinite

from kaopt.allocation.solver.solve import relative_gap


@dataclass(frozen=True)
class Point:
    """What was known after so many CPU seconds; None where there was no plan, or no bound, yet."""

    cpu: float
    objective: float | None
    bound: float | None


@dataclass(frozen=True)
class Reached:
    """The proven gap from so many CPU seconds on; infinite before there are a plan and a bound."""

    cpu: float
    gap: float


def gaps(points: Iterable[Point]) -> Iterator[Reached]:
    """The gap between the best plan and the best bound so far, at each point in the order of time."""
    objective, bound = -inf, inf
    for one in sorted(points, key=lambda point: point.cpu):
        objective = max(objective, -inf if one.objective is None else one.objective)
        bound = min(bound, inf if one.bound is None else one.bound)
        known = isfinite(objective) and isfinite(bound)
        yield Reached(one.cpu, relative_gap(bound, objective) if known else inf)


def time_to(points: Iterable[Point], gap: float) -> float | None:
    """CPU seconds after which the gap was first this small; None where it never was."""
    return next((one.cpu for one in gaps(points) if one.gap <= gap), None)


def as_lists(points: Iterable[Point]) -> list[list[float | None]]:
    """Points as JSON: CPU seconds, objective, bound."""
    return [[one.cpu, one.objective, one.bound] for one in points]


def from_lists(rows: Iterable[list[float]]) -> list[Point]:
    """Points from JSON."""
    return [Point(*row) for row in rows]
