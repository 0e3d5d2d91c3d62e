"""A world's prices without a search: its linear relaxation, solved on its own."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.allocation.allocate import Solved, gated_of, refuse_infeasible
from kaopt.allocation.explain.prices import Prices, prices_of
from kaopt.allocation.gate import Gated
from kaopt.allocation.problem import Problem, problem_of
from kaopt.allocation.process import Child, Stopped
from kaopt.allocation.relax import Relaxation, relax
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solve import Limits
from kaopt.errors import NoPlanError
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A problem with its solved relaxation and the prices that follow from it."""

    problem: Problem
    gated: Gated
    root: Relaxation
    prices: Prices


def relaxed_of(world: Scenario, rules: tuple[Rule, ...] = RULES) -> Relaxed:
    """Solve a world's relaxation. Raises InfeasibleError, and NoPlanError where the time limit ends it."""
    problem = problem_of(world, rules)
    limits = Limits(seconds=world.solve.time_limit, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    gated = gated_of(world, problem, rules)
    with Child(memory_gb=limits.memory_gb) as child:
        try:
            root = relax(gated.program, limits, child=child)
        except Stopped as stop:
            raise NoPlanError(f"the prices were not found within the limit ({stop}); give them more time") from stop
        if root.status == "infeasible":
            refuse_infeasible(world, problem, child, rules=rules)
    if root.status != "optimal":
        raise NoPlanError("the prices were not found within the limit; give them more time")
    return Relaxed(problem, gated, root, prices_of(world, problem, gated, root))


def relaxed_from(world: Scenario, solved: Solved) -> Relaxed | None:
    """The relaxation that a search has solved already; None where it had none."""
    if solved.root is None or solved.root.status != "optimal":
        return None
    prices = prices_of(world, solved.problem, solved.gated, solved.root)
    return Relaxed(solved.problem, solved.gated, solved.root, prices)
