"""The nouns of a curve of changes: its points, and the curve with the point that was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.allocation.allocate import Solved, gated_of
from kaopt.allocation.problem import Problem
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Point:
    """A plan of at most `allowed` changes (None: any number), with its certificate, and the changes that it makes."""

    allowed: int | None
    plan: Plan
    columns: Floats  # [O + Z] offers and switches as the plan sets them
    dropped: int  # events of the given plan that are not kept
    added: int  # events that the given plan does not have

    @property
    def changes(self) -> int:
        """Events that only one of the two plans has."""
        return self.dropped + self.added

    @property
    def objective(self) -> float:
        """What the plan is worth, from doing nothing."""
        assert self.plan.certificate is not None
        return self.plan.certificate.objective


@dataclass(frozen=True, eq=False)
class Near:
    """The curve, fewest changes first, and the point that was asked for.

    `proven`: no plan that keeps every rule (and is within what was asked of the best) has fewer changes than this.
    """

    world: Scenario  # with the given plan, and the rule on changes as the chosen point keeps it
    problem: Problem  # with that rule's row
    given: Plan
    given_objective: float
    given_breaches: int
    proven: int
    points: tuple[Point, ...]
    at: int  # the place of the chosen point
    rules: tuple[Rule, ...] = RULES

    @property
    def chosen(self) -> Point:
        """The point that was asked for."""
        return self.points[self.at]

    @property
    def solved(self) -> Solved:
        """The chosen point as a search of its own world would leave it, for explanations; no relaxation yet."""
        gated = gated_of(self.world, self.problem, self.rules)
        return Solved(self.chosen.plan, self.problem, gated, self.chosen.columns, None)
