"""The curve of what more, or less, of one setting buys: a certified plan at each of its values.

Offers are made once where the setting is a limit only; each plan is searched for from its neighbour's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from kaopt.allocation.allocate import allocate, certified
from kaopt.allocation.plans.bench import Bench, Question, answered, bench_of, confirmed
from kaopt.allocation.problem import Problem, problem_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules import RULES, all_rows, with_switches
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.errors import InfeasibleError, NoPlanError
from kaopt.plan import Plan
from kaopt.planning.curve import Frontier, Point
from kaopt.planning.grid import Grid, grid_of
from kaopt.progress import Listener, Progress, silent
from kaopt.report.tables import certificate_dict
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.vary import with_number
from kaopt.scorecard import score

Keep = Callable[[Scenario, Point], None]
Start = Floats | Plan | None


@dataclass(frozen=True, eq=False)
class Hands:
    """What all points share. `known`: points of an earlier, stopped run, by their value."""

    rules: tuple[Rule, ...] = RULES
    listener: Listener = silent
    keep: Keep | None = None  # gets every point as it comes
    known: Mapping[float, Point] = field(default_factory=dict)


def frontier(
    world: Scenario,
    over: str,
    *,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
    keep: Keep | None = None,
    known: Mapping[float, Point] | None = None,
) -> Frontier:
    """A plan at every value of one setting: `over="budget.total=80%:120%:5%"`, or `2000000:4000000:500000`.

    Percentages are of the scenario's own value; gap and time limit hold for each point. A value at which the rules
    cannot hold is a point too, with its conflict. Interrupted, the points done are what comes back.
    """
    grid = grid_of(world, over)
    hands = Hands(rules, listener, keep, known or {})
    return curve(world, grid, hands)


def curve(world: Scenario, grid: Grid, hands: Hands) -> Frontier:
    """All points of a grid, in an order in which a neighbour's plan tends to keep the next one's rules."""
    points: dict[int, Point] = {}
    order = list(range(len(grid.values)))
    if grid.path.rpartition(".")[2].startswith("min"):
        order.reverse()  # of a least, the strictest first
    base: Problem | None = None
    near: Start = None
    stopped = False
    with Child(memory_gb=world.solve.memory_gb) as child:
        for done, n in enumerate(order):
            there = with_number(world, grid.path, grid.values[n])
            try:
                hands.listener(Progress("frontier", f"{grid.path} = {grid.values[n]:g}", done=done, total=len(order)))
                if (point := hands.known.get(grid.values[n])) is None:
                    base = problem_at(there, base, grid.path, hands)
                    point, near = solved(there, base, child, near, hands)
                    point = replace(point, value=grid.values[n], share=grid.shares[n])
                else:
                    near = point.plan or near
            except KeyboardInterrupt:
                stopped = True
                break
            if point.status == "interrupted":
                stopped = True
                break
            points[n] = point
            if hands.keep is not None:
                hands.keep(there, point)
    made = tuple(points[n] for n in sorted(points))
    return Frontier(grid.path, grid.own, world, made, len(grid.values), stopped)


def problem_at(world: Scenario, base: Problem | None, path: str, hands: Hands) -> Problem:
    """The problem at one value; the offers are the neighbour's where only limits differ."""
    if base is None or path.startswith("objective."):
        return problem_of(world, hands.rules, listener=hands.listener)
    offers = with_switches(world, base.offers, hands.rules)
    return Problem(offers, all_rows(world, offers, hands.rules))


def solved(world: Scenario, problem: Problem, child: Child, near: Start, hands: Hands) -> tuple[Point, Start]:
    """The plan at one value with its figures, or why there is none; and what the next value starts from."""
    begun = monotonic()
    try:
        plan, x = plan_at(world, problem, child, near, hands)
    except InfeasibleError as error:
        conflicts = tuple(tuple(one) for one in error.conflicts)
        return Point("infeasible", conflicts=conflicts, message=str(error), seconds=monotonic() - begun), near
    except NoPlanError as error:
        return Point("no plan", message=str(error), seconds=monotonic() - begun), near
    assert plan.certificate is not None
    return Point(
        status=plan.certificate.status,
        certificate=figures(plan),
        scorecard=score(world, plan).as_dict(),
        events=len(plan),
        seconds=monotonic() - begun,
        plan=plan,
    ), x


def figures(plan: Plan) -> dict[str, Any]:
    """The certificate as plain data."""
    assert plan.certificate is not None
    return certificate_dict(plan.certificate)


def plan_at(world: Scenario, problem: Problem, child: Child, near: Start, hands: Hands) -> tuple[Plan, Start]:
    """The plan at one value, searched for from the neighbour's where that keeps every rule here too."""
    if world.objective.maximize == "lexicographic" or world.risk is not None:
        plan = allocate(world, problem=problem, rules=hands.rules, listener=hands.listener)
        return plan, plan
    begun = cpu_seconds() + child.cpu
    bench = bench_of(world, problem, hands.rules, child, hands.listener)
    question = Question(bench.program, start_from(bench, near), world.solve.gap, world.solve.time_limit)
    found = answered(bench, question)
    judged = confirmed(bench, found)
    seconds = cpu_seconds() + child.cpu - begun
    made = certified(world, found, judged, seconds=seconds, variables=bench.program.matrix.shape[1])
    return replace(with_reasons(world, judged.ledger), certificate=made), found.x


def start_from(bench: Bench, near: Start) -> Floats | None:
    """The neighbour's solution as one to try here; it counts only where it keeps every rule."""
    if isinstance(near, Plan):
        return bench.solution(near)
    return None if near is None else bench.completed(near)
