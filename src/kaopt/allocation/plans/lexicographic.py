"""First what is asked for, then volume, then money: one search after another, each keeping what the last has won.

Stages: the least shortfall of soft rules (weighed by their regrets; 1 per natural unit where none is stated), the
most profitable volume, the most contribution. A stage's level is kept by a row, less the objective's tolerance.
The certificate speaks of the volume stage: its bound holds for every plan whose shortfall is no larger. What the
other stages reached, and what is proven of them, stands in its notes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import fsum, inf, isfinite

import numpy as np

from kaopt.allocation.allocate import Solved
from kaopt.allocation.evaluate import Evaluation, counted, evaluate, soft_misses, weights
from kaopt.allocation.exact_sum import total
from kaopt.allocation.plans.bench import Bench, Clock, Question, aimed, answered, bench_of, with_row
from kaopt.allocation.problem import Problem, program_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE, relative_gap
from kaopt.errors import ContradictionError
from kaopt.offers import weight_at, weight_of
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

VOLUME = "profitable volume"
SHORTFALL = "shortfalls of soft rules"
CONTRIBUTION = "contribution"


@dataclass(frozen=True, eq=False)
class Stage:
    """What one search maximises: cost @ x + offset, measured from doing nothing but for shortfalls."""

    name: str
    unit: str
    cost: Floats  # [N]
    offset: float


def staged(
    world: Scenario, problem: Problem, rules: tuple[Rule, ...], listener: Listener, save: Callable[[Plan], None] | None
) -> Solved:
    """The plan of a lexicographic objective, with its certificate."""
    begun = cpu_seconds()
    gated = gate(program_of(world, problem))
    with Child(memory_gb=world.solve.memory_gb) as child:
        bench = bench_of(world, problem, rules, child, listener)
        stages = stages_of(bench)
        found = run_stages(bench, stages, save)
    last = found[-1]
    assert last.x is not None
    verdict = evaluate(world, bench.plan(last.x), rules)
    reached = levels(world, verdict, rules)
    refuse_unlike(stages, last.x, verdict, reached)
    plan = replace(with_reasons(world, verdict.ledger), certificate=certificate(bench, stages, found, verdict, reached))
    assert plan.certificate is not None
    plan = replace(plan, certificate=replace(plan.certificate, seconds=cpu_seconds() - begun))
    middle = dict(zip((one.name for one in stages), found, strict=False)).get(VOLUME, last)
    gated = replace(gated, program=middle.program)
    return Solved(plan, problem, gated, last.x[: problem.offers.columns], middle.root)


def stages_of(bench: Bench) -> tuple[Stage, ...]:
    """The stages of a problem; without soft rules there is no shortfall."""
    program, offers = bench.program, bench.problem.offers
    columns, total = offers.columns, program.matrix.shape[1]
    still = np.concatenate([np.zeros(len(offers)), offers.switches.nothing])
    counts, beside = weight_of(bench.world, offers.account, offers.sku), weight_at(bench.world, offers.switches.account)

    def stage(name: str, unit: str, events: Floats, switches: Floats) -> Stage:
        worth = np.concatenate([events, switches])
        return Stage(name, unit, np.concatenate([worth, np.zeros(total - columns)]), -float(worth @ still))

    missed = np.where(np.arange(total) < columns, 0.0, program.cost)
    first = (Stage(SHORTFALL, "regret", missed, 0.0),) if np.any(missed) else ()
    return (
        *first,
        stage(VOLUME, "case", offers.value, offers.switches.value),
        stage(CONTRIBUTION, "money", counts * offers.contribution, beside * offers.switches.contribution),
    )


def run_stages(bench: Bench, stages: tuple[Stage, ...], save: Callable[[Plan], None] | None) -> list[Search]:
    """One search after another; a search that is stopped leaves its plan to the next."""
    world, program, clock = bench.world, bench.program, Clock(bench.world.solve.time_limit, len(stages))
    found: list[Search] = []
    for stage in stages:
        start = found[-1].x if found else None
        here = aimed(program, stage.cost, stage.offset)
        found.append(answered(bench, Question(here, start, world.solve.gap, clock.share(), save=save)))
        if found[-1].interrupted:
            break
        program = keeping(program, stage, found[-1].objective, world.objective.tolerance)
    return found


def keeping(program: Program, stage: Stage, level: float, tolerance: float) -> Program:
    """The program with a row that keeps a stage's level, less the tolerance."""
    least = level - tolerance * abs(level) - stage.offset
    return with_row(program, f"stage [{stage.name}]", stage.cost, low=least)


def levels(world: Scenario, verdict: Evaluation, rules: tuple[Rule, ...]) -> dict[str, float]:
    """What a plan reaches in each stage, by the evaluator's own arithmetic."""
    ledger = verdict.ledger
    earned = weights(world, ledger.plan) * ledger.event_contribution
    return {
        SHORTFALL: -fsum(soft_misses(world, ledger, rules)),
        VOLUME: verdict.objective,
        CONTRIBUTION: total(earned, counted(world, ledger, "contribution")),
    }


def refuse_unlike(stages: tuple[Stage, ...], x: Floats, verdict: Evaluation, reached: dict[str, float]) -> None:
    """Only what the evaluator confirms is reported: no breach, and the same level in every stage.

    The model may leave a shortfall larger than it is, as far as the tolerance goes; it never makes it smaller.
    """
    if verdict.breaches:
        one = verdict.breaches[0]
        words = f"{one.rule} {one.scope}: {one.used:.12g} against {one.limit:.12g} {one.unit}"
        raise ContradictionError(f"the rows accept a plan that breaks rules when judged, the first: {words}")
    for stage in stages:
        modelled, real = float(stage.cost @ x) + stage.offset, reached[stage.name]
        off = modelled - real if stage.name == SHORTFALL else abs(modelled - real)
        if off > CLOSE * max(1.0, abs(modelled)):
            words = f"{modelled:.12g} in the model, {real:.12g} when judged"
            raise ContradictionError(f"the plan is worth two things in the stage of {stage.name}: {words}")


def certificate(
    bench: Bench, stages: tuple[Stage, ...], found: list[Search], verdict: Evaluation, reached: dict[str, float]
) -> Certificate:
    """What is proven of the volume, and in the notes of every stage."""
    searches = dict(zip((one.name for one in stages), found, strict=False))
    middle = searches.get(VOLUME)
    bound = inf if middle is None else max(middle.bound, verdict.objective)
    closed = len(found) == len(stages) and all(one.closed for one in found)
    status = "optimal" if closed else "interrupted" if found[-1].interrupted else "stopped"
    notes = [note(n, stage, searches.get(stage.name), reached) for n, stage in enumerate(stages, start=1)]
    said = [f"{stage.name}: {one}" for stage, search in zip(stages, found, strict=False) for one in search.notes]
    known = middle is not None and isfinite(middle.claimed)
    claimed = relative_gap(middle.claimed, verdict.objective) if middle is not None and known else None
    return Certificate(
        objective=verdict.objective,
        bound=bound,
        gap=relative_gap(bound, verdict.objective),
        claimed_gap=claimed,
        realised_objective=verdict.realised_objective,
        breaches=verdict.breaches,
        status=status,
        solver=found[-1].solver,
        seconds=0.0,
        variables=bench.program.matrix.shape[1],
        asked_gap=bench.world.solve.gap,
        notes=(*notes, *said),
    )


def note(number: int, stage: Stage, search: Search | None, reached: dict[str, float]) -> str:
    """A stage's level and the proven limit to it, in a sentence."""
    if search is None:
        return f"stage {number}, {stage.name}: not reached before the search was stopped"
    level, bound, word = reached[stage.name], search.bound, "more"
    if stage.name == SHORTFALL:
        level, bound, word = 0.0 - level, 0.0 - bound, "less"
    gap = relative_gap(search.bound, search.objective)
    limit = f"no {word} than {bound:.6g} is possible (gap {gap:.2%})"
    return f"stage {number}, {stage.name}: {level:.6g} {stage.unit}, {limit}"
