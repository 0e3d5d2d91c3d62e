"""The verb under `risk:`: a plan for sampled worlds, with the proof of how good its mean and tail can be.

Three plans are made one after another, each from the one before: for the estimates as if they were certain, for the
mean over the sampled worlds, and for mean and tail as the scenario weighs them. Then the worlds' masters are searched
in rounds (`cuts`): each round's bound holds, and each round's plan is valued exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isfinite
from time import monotonic

import numpy as np

from kaopt.allocation.allocate import TELLING, TOLD, Solved
from kaopt.allocation.plans.bench import Bench, Clock, Question, Save, answered, bench_of
from kaopt.allocation.problem import Problem
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.risk.cuts import Master, completed, master_of, overvalued, relaxed, valued, with_cut
from kaopt.allocation.risk.judge import Judged, judged_in, refuse_unconfirmed
from kaopt.allocation.risk.outlook import outlook_of
from kaopt.allocation.risk.worlds import Worlds, beside, worlds_of
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import ROUNDING, Search
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.solve import relative_gap
from kaopt.allocation.together import residual_note
from kaopt.errors import Fault, InputError
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener, Progress
from kaopt.response.sample import uncertain
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.risk_settings import Risk

ROUNDS = 20  # searches of a master; one or two are usual
CLOSER = 0.9  # share of the asked gap that a round proves, so that what a new cut takes away stays within it
CERTAIN = "The response has no standard errors: every sampled world is that of the estimates, and risk changes nothing."


@dataclass(frozen=True, eq=False)
class Quest:
    """What plans are looked for: a bench, the worlds with their risk, and who gets every improvement."""

    bench: Bench
    worlds: Worlds
    save: Save | None

    def value(self, x: Floats) -> float:
        """What a solution is worth to this risk."""
        return self.worlds.value(self.bench, x)


@dataclass(frozen=True, eq=False)
class Found:
    """The best solution in the eyes of a risk, what is proven of it, and the search that ended last."""

    x: Floats
    value: float
    bound: float
    last: Search
    master: Master | None = None
    root: Relaxation | None = None

    @property
    def gap(self) -> float:
        """The proven gap."""
        return relative_gap(self.bound, self.value)


def averse(
    world: Scenario, problem: Problem, rules: tuple[Rule, ...], listener: Listener, save: Callable[[Plan], None] | None
) -> Solved:
    """The plan against sampled worlds, with its certificate and how it stands in fresh ones."""
    begun, woken = cpu_seconds(), monotonic() - problem.seconds
    refuse_unfit(world)
    risk, limit = world.risk or Risk(), world.solve.time_limit
    worlds = worlds_of(world, problem.offers, risk)
    listener(Progress("worlds", "sampled worlds", monotonic() - woken, done=risk.samples))
    left = max(limit - min(TELLING * limit, TOLD) - (monotonic() - woken), 0.1)
    clock = Clock(left, 3 + (risk.knowing > 0))
    with Child(memory_gb=world.solve.memory_gb) as child:
        quest = Quest(bench_of(world, problem, rules, child, listener), worlds, save)
        plans, found = plans_of(quest, clock)
        listener(Progress("judge", "the plan in every sampled world", monotonic() - woken, best=found.value))
        judged = judged_in(world, quest.bench.plan(found.x), risk, rules)
        refuse_unconfirmed(judged, worlds.lived(found.x) + beside(quest.bench, found.x), found.bound)
        outlook = None if found.last.interrupted else outlook_of(quest.bench, risk, plans, clock.share())
    sealed = certificate(quest.bench, found, judged, seconds=cpu_seconds() - begun)
    plan = replace(with_reasons(world, judged.evaluation.ledger), certificate=sealed, outlook=outlook)
    return explained(quest, found, plan)


def refuse_unfit(world: Scenario) -> None:
    """One objective has one mean and one tail, and one plan for the whole horizon."""
    faults = []
    if world.objective.maximize == "lexicographic":
        words = ("lexicographic", "must be one objective under `risk`", "Choose profitable_volume, profit or value.")
        faults.append(Fault("scenario.yaml", None, "objective.maximize", *words))
    if world.rolling is not None:
        words = ("with `risk`", "must be one of the two", "Leave one of them out: --set rolling=null")
        faults.append(Fault("scenario.yaml", None, "rolling", *words))
    if faults:
        raise InputError(faults)


def plans_of(quest: Quest, clock: Clock) -> tuple[dict[str, Floats], Found]:
    """The solutions for the estimates, for the mean and for the risk; after an interruption the best so far."""
    bench, columns = quest.bench, quest.bench.program.matrix.shape[1]
    sure = answered(bench, Question(bench.program, gap=bench.world.solve.gap, seconds=clock.share(), save=quest.save))
    assert sure.x is not None
    start = sure.x[:columns]
    if sure.interrupted:
        return {"estimates": start}, Found(start, quest.value(start), inf, sure)
    risk = quest.worlds.risk
    even = replace(quest, worlds=replace(quest.worlds, risk=risk.model_copy(update={"weight": 0.0})))
    mean = pursued(even, start, clock.share())
    plans = {"estimates": start, "mean": mean.x}
    if mean.last.interrupted:
        return plans, Found(mean.x, quest.value(mean.x), inf, mean.last)
    found = pursued(quest, mean.x, clock.share()) if risk.weight > 0 else mean
    return plans | {"risk": found.x}, found


def pursued(quest: Quest, start: Floats, seconds: float) -> Found:
    """Search the worlds' master until the asked gap is proven or the time is up, beginning with a plan at hand."""
    bench, worlds, until = quest.bench, quest.worlds, monotonic() + seconds
    first = master_of(bench, worlds)
    master, root = relaxed(bench, with_cut(first, worlds, start) if worlds.risk.weight else first, worlds, until)
    known, best, bound = master, start, inf
    for _ in range(ROUNDS):
        search = searched(quest, master, best, until)
        assert search.x is not None
        x, bound = search.x[: master.columns], min(bound, search.bound)
        best = max(best, x, key=quest.value)
        enough = relative_gap(bound, quest.value(best)) <= bench.world.solve.gap + ROUNDING
        if enough or search.interrupted or monotonic() >= until or not overvalued(master, worlds, x):
            break
        master = with_cut(master, worlds, x)
    value = quest.value(best)
    return Found(best, value, max(bound, value), search, known, root)


def searched(quest: Quest, master: Master, start: Floats, until: float) -> Search:
    """One search of the master as it stands."""
    gap, left = quest.bench.world.solve.gap * CLOSER, max(until - monotonic(), 0.1)
    begin = completed(master, quest.worlds, start)
    return answered(quest.bench, Question(master.program, begin, gap, left, save=quest.save))


def certificate(bench: Bench, found: Found, judged: Judged, *, seconds: float) -> Certificate:
    """What is proven of the risk's own objective."""
    last, value = found.last, judged.objective
    closed = found.gap <= bench.world.solve.gap + ROUNDING
    certain = () if uncertain(bench.world) else (CERTAIN,)
    return Certificate(
        objective=value,
        bound=max(found.bound, value),
        gap=relative_gap(max(found.bound, value), value),
        claimed_gap=relative_gap(last.claimed, value) if isfinite(last.claimed) else None,
        realised_objective=judged.realised_objective,
        breaches=judged.evaluation.breaches,
        status="interrupted" if last.interrupted else "optimal" if closed else "stopped",
        solver=last.solver,
        seconds=seconds,
        variables=bench.program.matrix.shape[1],
        asked_gap=bench.world.solve.gap,
        notes=(*certain, *last.notes, residual_note(bench.world, judged.evaluation)),
    )


def explained(quest: Quest, found: Found, plan: Plan) -> Solved:
    """The plan with prices: offers are worth what they bring in the worlds as the relaxation's cuts weigh them."""
    bench, problem, root = quest.bench, quest.bench.problem, None
    worth = quest.worlds.weighed(quest.worlds.weights(found.x))
    if found.root is not None and found.master is not None:
        rows, columns, duals = found.master.rows, found.master.columns, found.root.duals
        cuts = found.master.program.matrix[rows:, : len(worth)]
        worth = quest.worlds.mean - cuts.T @ duals[rows:]
        reduced = found.root.reduced_costs[:columns]
        root = replace(found.root, x=found.root.x[:columns], duals=duals[:rows], reduced_costs=reduced, basis=None)
    offers = replace(problem.offers, value=np.asarray(worth))
    gated = replace(bench.gated, program=valued(bench, np.asarray(worth)))
    return Solved(plan, replace(problem, offers=offers), gated, found.x[: offers.columns], root)
