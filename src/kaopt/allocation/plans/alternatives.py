"""Plans that are nearly as good as the best and differ as much as possible: a choice, where money leaves one.

Two plans differ in the events that only one of them has. Each further plan is the one whose nearest plan among those
found so far is farthest away, within what may be given up; that distance, and the most that is possible, are proven.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.allocate import Solved, certified
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.plans.bench import (
    Bench,
    Clock,
    Question,
    aimed,
    answered,
    ask,
    bench_of,
    confirmed,
    refuse_stages,
    with_row,
)
from kaopt.allocation.problem import Problem, problem_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.swap import swapped
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE, relative_gap
from kaopt.demand import events_of
from kaopt.errors import ContradictionError
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

# distance is dear to find by itself where little may be given up; a plan to start from comes from the world's own
# objective with a prize on distance: so many times the loss allowed per event of the best plan
PULLS = (2.0, 4.0, 1.0)
SHARP = 0.1  # of the asked gap, for these


@dataclass(frozen=True, eq=False)
class Alternative:
    """A plan beside the best one. Its certificate's bound is the best plan's: no plan at all is worth more."""

    plan: Plan
    loss: float  # share of the best objective that it gives up
    distance: int  # events that differ from the nearest plan among the best and the alternatives before it
    most: float  # no plan within the loss is farther from all of those than this


@dataclass(frozen=True, eq=False)
class Choice:
    """The best plan found, and alternatives to it in the order in which they were found."""

    best: Plan
    problem: Problem
    within: float  # share of the best objective that could be given up
    asked: int  # how many alternatives were asked for
    alternatives: tuple[Alternative, ...]
    solved: Solved  # the best plan with what explains it

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All of them, the best first."""
        return (self.best, *(one.plan for one in self.alternatives))


def alternatives(
    world: Scenario,
    count: int,
    *,
    within: float,
    problem: Problem | None = None,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
    save: Callable[[Plan], None] | None = None,
) -> Choice:
    """The best plan, and up to `count` others that give up at most `within` of it and differ as much as possible.

    Up to half of the time limit goes to the best plan, the others share what is left. Fewer come back where no other
    plan is that good. Raises what `allocate` raises.
    """
    refuse_stages(world)
    problem = problem or problem_of(world, rules, listener=listener)
    with Child(memory_gb=world.solve.memory_gb) as child:
        bench = bench_of(world, problem, rules, child, listener)
        begun, limit = monotonic(), world.solve.time_limit
        seen: list[Floats] = []  # every solution on the way: some of them are good alternatives already
        best = answered(bench, Question(bench.program, None, world.solve.gap, limit / 2, save=save, see=seen.append))
        plan = described(bench, best)
        others: list[Alternative] = []
        clock = Clock(limit - (monotonic() - begun), count)
        solutions = [best.x] if best.x is not None else []
        while len(others) < count and not best.interrupted:
            listener(Progress("alternatives", "the farthest plan", done=len(others), total=count))
            found = farthest(bench, best, within, (solutions, seen), clock.share())
            if found is None or found.x is None:
                break
            one = alternative(bench, (plan, *(other.plan for other in others)), found, within)
            others.append(one)
            solutions.append(found.x[:-1])
    assert best.x is not None
    known = Solved(plan, problem, bench.gated, best.x[: problem.offers.columns], best.root)
    return Choice(plan, problem, within, count, tuple(others), known)


def described(bench: Bench, found: Search) -> Plan:
    """The best plan with its certificate."""
    begun, judged = cpu_seconds(), confirmed(bench, found)
    made = certified(bench.world, found, judged, seconds=cpu_seconds() - begun, variables=found.program.matrix.shape[1])
    return replace(with_reasons(bench.world, judged.ledger), certificate=made)


def farthest(
    bench: Bench, best: Search, within: float, pool: tuple[list[Floats], list[Floats]], seconds: float
) -> Search | None:
    """The plan farthest from all known ones; its last column is the distance. None where there is no other.

    `pool`: solutions of the known plans, and further solutions to start from, which grow.
    """
    assert best.x is not None
    known, seen = pool
    room = within * abs(best.objective)
    program = with_row(bench.program, "within", bench.program.cost, low=best.objective - room - bench.program.offset)
    count = len(bench.problem.offers)
    away = [np.where(x[:count] > 0.5, -1.0, 1.0) for x in known]
    part = seconds / (len(PULLS) + 2)
    least = best.objective - room - bench.program.offset
    good = [x for x in seen if float(bench.program.cost @ x) >= least]
    offers = bench.problem.offers
    block = offers.account * len(bench.world.skus.sku) + offers.sku
    worth = np.mean(away, axis=0)
    good = [best.x, *known[1:], *good]
    start = max((one for x in good for one in (x, swapped(program, x, block, worth))), key=lambda x: nearest(away, x))
    for pull in PULLS:
        price = pull * room / max(float(np.sum(best.x[:count])), 1.0)
        cost = program.cost.copy()
        cost[:count] += price * worth
        found = ask(
            bench,
            Question(aimed(program, cost), start, bench.world.solve.gap * SHARP, part, proof=False, see=seen.append),
        )
        if found.x is not None and nearest(away, found.x) > nearest(away, start):
            start = found.x
    question = Question(
        apart(program, away), np.append(start, nearest(away, start)), bench.world.solve.gap, 2 * part, whole=True
    )
    found = ask(bench, question)
    return None if found.objective < 0.5 else found


def nearest(away: list[Floats], x: Floats) -> float:
    """Events in which a solution differs from the nearest known plan."""
    chosen = x[: len(away[0])] > 0.5
    return min(float(one @ chosen + (one < 0).sum()) for one in away)


def apart(program: Program, away: list[Floats]) -> Program:
    """The program that maximises a further column: no more than the events that differ from each known plan.

    `away`: for each known plan [O] -1 for its events, 1 for all others.
    """
    count, total = len(away[0]), program.matrix.shape[1]
    rows = [np.concatenate([one, np.zeros(total - count), [-1.0]]) for one in away]
    low = [-float((one < 0).sum()) for one in away]
    wide = sp.hstack([program.matrix, sp.csr_matrix((program.matrix.shape[0], 1))])
    return replace(
        program,
        cost=np.append(np.zeros(total), 1.0),
        offset=0.0,
        matrix=sp.csr_matrix(sp.vstack([wide, sp.csr_matrix(np.array(rows))])),
        row_low=np.concatenate([program.row_low, low]),
        row_high=np.concatenate([program.row_high, np.full(len(away), np.inf)]),
        low=np.append(program.low, 0.0),
        high=np.append(program.high, float(count)),
        integer=np.append(program.integer, False),
        row_names=(*program.row_names, *(f"distance {n}" for n in range(len(away)))),
        column_names=(*program.column_names, "distance"),
    )


def alternative(bench: Bench, before: tuple[Plan, ...], found: Search, within: float) -> Alternative:
    """The plan of a search with what is claimed of it, each claim confirmed by other means than the program's."""
    best = before[0].certificate
    assert best is not None
    assert found.x is not None
    begun, plan = cpu_seconds(), bench.plan(found.x)
    judged = evaluate(bench.world, plan, bench.rules)
    loss = (best.objective - judged.objective) / abs(best.objective) if best.objective else 0.0
    distance = min(differing(plan, other) for other in before)
    if judged.breaches or loss > within + CLOSE or distance < found.objective - 0.5:
        words = f"gives up {loss:.6g} and differs in {distance}, asked for {within:.6g} and {found.objective:.6g}"
        raise ContradictionError(f"an alternative is not what the program says: it {words}, {judged.breaches[:1]}")
    made = replace(
        best,
        objective=judged.objective,
        bound=max(best.bound, judged.objective),
        gap=relative_gap(best.bound, judged.objective),
        claimed_gap=None,
        realised_objective=judged.realised_objective,
        seconds=cpu_seconds() - begun,
        asked_gap=relative_gap(best.bound, best.objective - within * abs(best.objective)),
        notes=(
            f"gives up {loss:.3%} of the best plan's objective, at most {within:.3%} was allowed",
            f"differs in {distance} events from the nearest plan found before; "
            f"no plan within that loss differs in more than {found.bound:.6g}",
        ),
    )
    return Alternative(replace(with_reasons(bench.world, judged.ledger), certificate=made), loss, distance, found.bound)


def differing(one: Plan, other: Plan) -> int:
    """Events that only one of two plans has."""
    return len(set(events_of(one)) ^ set(events_of(other)))
