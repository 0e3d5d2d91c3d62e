"""The verb: from a world to the plan that pays most within the rules, with the proof of how good it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from time import monotonic
from typing import NoReturn

import numpy as np

from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.large.verb import is_large, planned
from kaopt.allocation.problem import Problem, chosen, groups_of, places_of, plan_of, problem_of, program_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import Gated, gate
from kaopt.allocation.search.implied import shut
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.search.search import search
from kaopt.allocation.search.settle import settle
from kaopt.allocation.search.tighten import tightened
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE, Limits, relative_gap
from kaopt.allocation.together import residual_note
from kaopt.allocation.wishes.conflicts import conflicts_of
from kaopt.allocation.wishes.repairs import proposals, readable
from kaopt.errors import ContradictionError, InfeasibleError, NoPlanError, Repair
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

TELLING, TOLD = 0.05, 2.0  # share and most seconds of the time limit that are left for judging and telling the plan
EXPLAIN_SECONDS, REPAIR_SECONDS = 30.0, 120.0  # wall, for naming the rules in conflict and for the ways out


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan and what the search knew of its problem at the end: what explanations are made of."""

    plan: Plan
    problem: Problem
    gated: Gated  # the program that was searched
    columns: Floats  # [O + Z] offers and switches as the plan sets them
    root: Relaxation | None  # the first linear relaxation; None where nothing was left to choose


def allocate(
    world: Scenario,
    *,
    problem: Problem | None = None,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
    save: Callable[[Plan], None] | None = None,
    after: Plan | None = None,
) -> Plan:
    """The best plan found within the world's time limit, with its certificate; every improvement goes to `save`.

    `problem`: offers and rows where they are made already (of the same rules). `after`: a plan to go on from, made for
    this world or one much like it (another budget). Raises InfeasibleError with the rules
    in conflict, NoPlanError at a limit without a plan, ContradictionError where solver and checks disagree.
    """
    if problem is None and is_large(world):
        return planned(world, rules, listener=listener, save=save, after=after)
    return solved(world, problem=problem, rules=rules, listener=listener, save=save, after=after).plan


def solved(
    world: Scenario,
    *,
    problem: Problem | None = None,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
    save: Callable[[Plan], None] | None = None,
    after: Plan | None = None,
) -> Solved:
    """As `allocate`, with what explains the plan."""
    begun, woken = cpu_seconds(), monotonic() - (0.0 if problem is None else problem.seconds)
    problem = problem or problem_of(world, rules, listener=listener)
    if world.risk is not None:
        from kaopt.allocation.risk.averse import averse

        return averse(world, problem, rules, listener, save)
    if world.rolling is not None:
        from kaopt.allocation.plans.rolling import rolled

        return rolled(world, problem, rules, listener, save)
    if world.objective.maximize == "lexicographic":
        return in_stages(world, problem, rules, listener, save)
    gated = gated_of(world, problem, rules)
    program = gated.program
    limit = world.solve.time_limit
    left = max(limit - min(TELLING * limit, TOLD) - (monotonic() - woken), 0.0)
    limits = Limits(seconds=left, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    with Child(memory_gb=limits.memory_gb) as child:
        aim = replace(aimed(world, problem, program, limits, save), listener=listener)
        found = search(program, replace(aim, start=at_hand(world, problem, program, child, after)), child)
        if found.infeasible:
            refuse_infeasible(world, problem, child, rules=rules, listener=listener)
    if found.x is None:
        refuse_empty_handed(found)
    judged = evaluate(world, plan_of(problem.offers, found.x), rules)
    refuse_unconfirmed(judged, found)
    plan = with_reasons(world, judged.ledger)
    certificate = certified(world, found, judged, seconds=cpu_seconds() - begun, variables=program.matrix.shape[1])
    columns = found.x[: problem.offers.columns]
    return Solved(replace(plan, certificate=certificate), problem, gated, columns, found.root)


def aimed(
    world: Scenario, problem: Problem, program: Program, limits: Limits, save: Callable[[Plan], None] | None
) -> Aim:
    """What the search is asked for, and what it may know of the columns."""

    def keep(x: Floats) -> None:
        if save is not None:
            save(plan_of(problem.offers, x))

    columns = program.matrix.shape[1]
    groups, places = groups_of(world, problem.offers, columns), places_of(world, problem.offers, columns)
    return Aim(world.solve.gap, limits, groups, save=keep, places=places)


def at_hand(
    world: Scenario, problem: Problem, program: Program, child: Child, after: Plan | None = None
) -> Floats | None:
    """The plan to go on from, or the scenario's own, with what stands beside its events; None if it breaks a rule."""
    given = [(one.account, one.sku, one.week, one.weeks, one.treatment) for one in world.given]
    if after is None and not given:
        return None
    plan = Plan(*np.array(given, dtype=np.int64).T) if after is None else after
    x = program.low.copy()
    x[: len(problem.offers)] = chosen(problem, plan)
    if x[: len(problem.offers)].sum() < len(plan):  # some of it cannot be chosen any more
        return None
    return settle(program, x, len(problem.offers), child)


def in_stages(
    world: Scenario, problem: Problem, rules: tuple[Rule, ...], listener: Listener, save: Callable[[Plan], None] | None
) -> Solved:
    """One search after another, for a lexicographic objective."""
    from kaopt.allocation.plans.lexicographic import staged  # which asks `Solved` of this module

    return staged(world, problem, rules, listener, save)


def gated_of(world: Scenario, problem: Problem, rules: tuple[Rule, ...]) -> Gated:
    """The program as it is searched; where a row can never hold, the conflict behind it is told in full."""
    try:
        gated = gate(program_of(world, problem))
    except InfeasibleError:
        with Child(memory_gb=world.solve.memory_gb) as child:
            refuse_infeasible(world, problem, child, rules=rules)
    return replace(gated, program=shut(tightened(gated.program), len(problem.offers)))


def refuse_infeasible(
    world: Scenario,
    problem: Problem,
    child: Child,
    *,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
) -> NoReturn:
    """Say which rules cannot hold together, and the cheapest ways out; what is known is told as it is found."""
    begun = monotonic()
    limits = Limits(seconds=EXPLAIN_SECONDS, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    conflicts = conflicts_of(world, problem, limits, child, rules=rules)
    patience = replace(limits, seconds=min(REPAIR_SECONDS, world.solve.time_limit))
    named = " + ".join(conflicts[0]) if conflicts else "no single conflict could be named in time"
    listener(Progress("conflicts", f"the rules cannot all hold: {named}", monotonic() - begun, done=len(conflicts)))
    found: list[Repair] = []
    for one in proposals(world, problem, conflicts, patience, child, rules=rules):
        found.append(one)
        moved = " + ".join(dict.fromkeys(change.rule for change in one.changes))
        words = f"a way out: limits moved of {moved}: {len(one.changes)}"
        listener(Progress("repairs", words, monotonic() - begun, best=one.objective, done=len(found)))
    raise InfeasibleError(f"the rules cannot all hold: {named}", conflicts, readable(found))


def refuse_empty_handed(found: Search) -> NoReturn:
    """There is no plan and no proof that there is none."""
    if found.interrupted:
        raise KeyboardInterrupt
    why = f" ({'; '.join(found.notes)})" if found.notes else ""
    raise NoPlanError(f"no plan that keeps every rule was found within the limit{why}; give it more time")


def refuse_unconfirmed(judged: Evaluation, found: Search) -> None:
    """Only what the independent evaluator confirms is reported."""
    if judged.breaches:
        one = judged.breaches[0]
        words = f"{one.rule} {one.scope}: {one.used:.12g} against {one.limit:.12g} {one.unit}"
        raise ContradictionError(f"the rows accept a plan that breaks rules when judged, the first: {words}")
    scale = max(1.0, abs(found.objective))
    if abs(judged.objective - found.objective) > CLOSE * scale:
        words = f"{found.objective:.12g} in the model, {judged.objective:.12g} when judged"
        raise ContradictionError(f"the plan is worth two things: {words}")
    if judged.objective > found.bound + CLOSE * scale:
        words = f"{judged.objective:.12g} against {found.bound:.12g}"
        raise ContradictionError(f"the plan is worth more than the proven bound: {words}")


def certified(world: Scenario, found: Search, judged: Evaluation, *, seconds: float, variables: int) -> Certificate:
    """What is proven, beside what the solver only claims."""
    gap = relative_gap(found.bound, judged.objective)
    status = "optimal" if found.closed else "interrupted" if found.interrupted else "stopped"
    return Certificate(
        objective=judged.objective,
        bound=max(found.bound, judged.objective),
        gap=gap,
        claimed_gap=relative_gap(found.claimed, judged.objective) if isfinite(found.claimed) else None,
        realised_objective=judged.realised_objective,
        breaches=judged.breaches,
        status=status,
        solver=found.solver,
        seconds=seconds,
        variables=variables,
        asked_gap=world.solve.gap,
        notes=(*found.notes, residual_note(world, judged)),
    )
