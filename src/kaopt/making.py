"""How one run makes its plan: where it works, how the plan came about, and what explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from kaopt import api, runs
from kaopt.options import Options
from kaopt.plan import Plan
from kaopt.progress import Listener
from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.allocation.allocate import Solved
    from kaopt.allocation.explain.explanation import Explanation
    from kaopt.allocation.problem import Problem
    from kaopt.allocation.rules.rule import Rule

GRACE = 0.05  # of the time limit, for the explanation where the search took all of it
WORTH = 3.0  # seconds; with fewer no relaxation is begun for the explanation


@dataclass(frozen=True)
class Desk:
    """Where one run works: its world, its folder and who listens."""

    world: Scenario
    folder: Path
    listener: Listener
    options: Options
    rules: tuple[Rule, ...]
    begun: float = field(default_factory=monotonic)  # when its work began


@dataclass(frozen=True, eq=False)
class Made:
    """A plan, the problem that it solves and what explains it."""

    plan: Plan
    problem: Problem | None = None
    explanation: Explanation | None = None


def made_at(here: Desk, after: Plan | None = None) -> Made:
    """The plan of this run, with what explains it; a plan made shard by shard comes without, its offers never stood.

    `after`: a plan to go on from.
    """
    from kaopt.allocation.allocate import allocate, solved
    from kaopt.allocation.large.verb import is_large
    from kaopt.allocation.problem import problem_of
    from kaopt.report.tables import plan_csv

    def save(plan: Plan) -> None:
        """Every improvement is in plan.csv before the search goes on."""
        ledger = api.evaluate(here.world, plan, here.rules).ledger
        runs.write_bytes(here.folder / "plan.csv", plan_csv(here.world, ledger))

    if is_large(here.world):
        return Made(allocate(here.world, rules=here.rules, listener=here.listener, save=save, after=after))
    problem = problem_of(here.world, here.rules, listener=here.listener)
    found = solved(here.world, problem=problem, rules=here.rules, listener=here.listener, save=save, after=after)
    return Made(found.plan, problem, explained(here, found))


def explained(here: Desk, solved: Solved) -> Explanation | None:
    """What explains the plan, in what is left of the time limit and a little more; nothing after an interruption.

    Where the search did not finish its relaxation, prices must be found first: with little time none are begun.
    """
    from kaopt.allocation.explain.explanation import SECONDS, explain

    limit = here.world.solve.time_limit
    seconds = min(max(limit - (monotonic() - here.begun), GRACE * limit, 1.0), SECONDS)
    known = solved.root is not None and solved.root.status == "optimal"
    if interrupted(solved.plan) or (seconds < WORTH and not known):
        return None
    return explain(here.world, solved, listener=here.listener, seconds=seconds)


def interrupted(plan: Plan) -> bool:
    """True where somebody stopped the search."""
    return plan.certificate is not None and plan.certificate.status == "interrupted"
