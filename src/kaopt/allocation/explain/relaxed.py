"""A world's prices without a search: its linear relaxation, solved on its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from kaopt.allocation.allocate import Solved, gated_of, refuse_infeasible
from kaopt.allocation.explain.prices import Prices, prices_of
from kaopt.allocation.problem import Problem, problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.gate import Gated
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import NoPlanError
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A problem with its solved relaxation and the prices that follow from it."""

    problem: Problem
    gated: Gated
    root: Relaxation
    prices: Prices


def relaxed_of(world: Scenario, rules: tuple[Rule, ...] = RULES, *, child: Child | None = None) -> Relaxed:
    """Solve a world's relaxation. Raises InfeasibleError, and NoPlanError where the time limit ends it.

    `child`: a process to use again.
    """
    problem = problem_of(world, rules)
    limits = Limits(seconds=world.solve.time_limit, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    gated = gated_of(world, problem, rules)
    with ExitStack() as stack:
        helper = child or stack.enter_context(Child(memory_gb=limits.memory_gb))
        try:
            root = nothing(gated) if not len(gated.program.cost) else relax(gated.program, limits, child=helper)
        except Stopped as stop:
            raise NoPlanError(f"the prices were not found within the limit ({stop}); give them more time") from stop
        if root.status == "infeasible":
            refuse_infeasible(world, problem, helper, rules=rules)
    if root.status != "optimal":
        raise NoPlanError("the prices were not found within the limit; give them more time")
    return Relaxed(problem, gated, root, prices_of(world, problem, gated, root))


def nothing(gated: Gated) -> Relaxation:
    """The relaxation where nothing is on offer: no limit has a price."""
    return Relaxation("optimal", gated.program.offset, np.zeros(0), np.zeros(len(gated.factor)), np.zeros(0))


def relaxed_from(world: Scenario, solved: Solved, limits: Limits) -> Relaxed | None:
    """The relaxation that a search has solved already, or else solves now; None where the limit is reached first."""
    program, root = solved.gated.program, solved.root
    if root is None or root.status != "optimal":
        try:
            root = relax(program, limits)
        except Stopped:
            return None
    if root.status != "optimal":
        return None
    if root.basis is not None and [len(one) for one in root.basis] != list(program.matrix.shape[::-1]):
        root = replace(root, basis=None)  # of a part of the columns
    return Relaxed(solved.problem, solved.gated, root, prices_of(world, solved.problem, solved.gated, root))
