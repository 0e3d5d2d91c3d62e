"""`allocate` at scale: which scenarios go shard by shard, and what comes of it as a plan with its certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from time import monotonic

from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.large.engine import searched
from kaopt.allocation.large.quest import Before, Found, Quest
from kaopt.allocation.large.streams import Told
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solver.process import cpu_seconds
from kaopt.allocation.solver.solve import CLOSE, Limits, relative_gap
from kaopt.allocation.together import residual_note
from kaopt.errors import ContradictionError, NoPlanError
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener, silent
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Compute

LARGE = 300_000  # events from which a scenario goes shard by shard
BEFOREHAND = 6_000_000  # events up to which shards are kept at hand: a hundred bytes each
TELLING, TOLD = 0.05, 2.0  # share and most seconds of the time limit that are left for judging and telling the plan


def is_large(world: Scenario) -> bool:
    """Whether a scenario goes shard by shard: by its size, or never where its engine or its aim is another one."""
    if world.solve.engine not in ("auto", "blocks") or world.risk is not None or world.rolling is not None:
        return False
    return world.objective.maximize != "lexicographic" and Told(world, ()).events >= LARGE


def planned(
    world: Scenario,
    rules: tuple[Rule, ...],
    *,
    listener: Listener = silent,
    save: Callable[[Plan], None] | None = None,
    after: Plan | None = None,
) -> Plan:
    """The best plan of a large scenario within its time limit, judged by the evaluator, with its certificate.

    `after`: a plan of a world much like this one; with its prices the search is several times shorter.
    """
    begun, spent = monotonic(), cpu_seconds()
    told = Told(world, rules)
    if told.events <= BEFOREHAND and world.solve.compute == Compute():  # other processes make their own
        told.shards.update({account: told.shard(account) for account in range(world.shape[0])})
    limit = world.solve.time_limit
    seconds = limit - min(TELLING * limit, TOLD)
    limits = Limits(seconds=seconds, memory_gb=world.solve.memory_gb, seed=world.solve.seed)
    before = None if after is None or not after.prices else Before(dict(after.prices), after)
    found = searched(Quest(told, limits, world.solve.gap, listener, save, begun=begun, before=before))
    if found.plan is None:
        judged = fallen_back(world, rules, found, after)
    else:
        judged = evaluate(world, found.plan, rules)
        refuse_unconfirmed(judged, found)
    certificate = certified(world, found, judged, cpu_seconds() - spent)
    return replace(with_reasons(world, judged.ledger), certificate=certificate, prices=found.prices or {})


def fallen_back(world: Scenario, rules: tuple[Rule, ...], found: Found, after: Plan | None) -> Evaluation:
    """Where the search has no plan: the one to go on from, or no promotion at all, if they keep every rule."""
    if found.interrupted and after is None:
        raise KeyboardInterrupt
    for plan in (Plan.nothing(),) if after is None else (after, Plan.nothing()):
        judged = evaluate(world, plan, rules)
        if not judged.breaches:
            return judged
    raise NoPlanError("no plan that keeps every rule was found within the limit; give it more time")


def refuse_unconfirmed(judged: Evaluation, found: Found) -> None:
    """Only what the independent evaluator confirms is reported."""
    if judged.breaches:
        one = judged.breaches[0]
        words = f"{one.rule} {one.scope}: {one.used:.12g} against {one.limit:.12g} {one.unit}"
        raise ContradictionError(f"the rows accept a plan that breaks rules when judged, the first: {words}")
    if judged.objective > found.bound + CLOSE * max(1.0, abs(found.objective)):
        words = f"{judged.objective:.12g} against {found.bound:.12g}"
        raise ContradictionError(f"the plan is worth more than the proven bound: {words}")


def certified(world: Scenario, found: Found, judged: Evaluation, seconds: float) -> Certificate:
    """What is proven; nothing is claimed beside it."""
    gap = relative_gap(found.bound, judged.objective)
    closed = isfinite(found.bound) and gap <= world.solve.gap
    return Certificate(
        objective=judged.objective,
        bound=max(found.bound, judged.objective),
        gap=gap,
        claimed_gap=None,
        realised_objective=judged.realised_objective,
        breaches=judged.breaches,
        status="optimal" if closed else "interrupted" if found.interrupted else "stopped",
        solver="blocks",
        seconds=seconds,
        variables=found.events,
        asked_gap=world.solve.gap,
        notes=(residual_note(world, judged),),
    )
