"""A plan that somebody made, repaired or improved with the fewest changes: the curve of changes against objective.

A change is an event of the given plan that is not kept, or an event that it does not have. Every point of the
curve is a plan that keeps all rules, with a bound that no plan of that many changes or fewer exceeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from kaopt.allocation.allocate import certified
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.plans.bench import (
    Bench,
    Question,
    aimed,
    answered,
    ask,
    bench_of,
    confirmed,
    refuse_stages,
    with_row,
)
from kaopt.allocation.plans.nearest import Near, Point
from kaopt.allocation.problem import problem_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules import RULES, stability
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Search
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.program import Program
from kaopt.demand import events_of
from kaopt.errors import InfeasibleError
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Lock, Scenario

MORE = (5, 10, 20, 50)  # changes beyond the fewest, at which the curve is drawn
ANY = 10**9  # more changes than any plan has


@dataclass(frozen=True, eq=False)
class Curve:
    """What the points of one curve share: the rules of the bench, and the count of changes as a row."""

    bench: Bench
    given: Plan
    count: Floats  # [N] +1 for a new event, -1 for a given one that is kept
    dropped: float  # given events: changes if nothing is chosen
    save: Callable[[Plan], None] | None

    @property
    def world(self) -> Scenario:
        """The world with the given plan."""
        return self.bench.world


def near(
    world: Scenario,
    given: Plan,
    *,
    changes: int | None = None,
    within: float | None = None,
    rules: tuple[Rule, ...] = RULES,
    listener: Listener = silent,
    save: Callable[[Plan], None] | None = None,
) -> Near:
    """Repair or improve a given plan with few changes, and show what more changes would bring.

    The chosen plan: of at most `changes` changes; else the one nearest to the given plan whose objective is `within`
    that share of the best; else the fewest changes that keep every rule. Gap and time limit hold for each point.
    Raises InfeasibleError where the rules cannot hold, or not with so few changes.
    """
    refuse_stages(world)
    world = beside(world, given)
    problem = problem_of(world, rules, listener=listener)
    with Child(memory_gb=world.solve.memory_gb) as child:
        bench = bench_of(world, problem, rules, child, listener)
        curve = Curve(bench, given, *counted(bench, given), save)
        points, proven, at = points_of(curve, changes, within)
    judged = evaluate(world, given, rules)
    chosen = points[at]
    world = limited(world, ANY if chosen.allowed is None else chosen.allowed)
    row = stability.rows(world, problem.offers, world.rules[stability.NAME][0])  # type: ignore[arg-type]
    return Near(
        world,
        replace(problem, rows=(*problem.rows, row)),
        given,
        judged.objective,
        len(judged.breaches),
        proven,
        points,
        at,
        rules,
    )


def beside(world: Scenario, given: Plan) -> Scenario:
    """The world with the given plan in place of its own, and without its own rule on changes."""
    locks = tuple(Lock(e.account, e.sku, e.week, e.weeks, e.treatment, "given") for e in events_of(given))
    rules = {name: said for name, said in world.rules.items() if name != stability.NAME}
    return replace(world, given=locks, rules=rules)


def limited(world: Scenario, changes: int) -> Scenario:
    """The world with at most so many changes."""
    said = (stability.Settings(max_changes=changes),)
    return replace(world, rules={**world.rules, stability.NAME: said})


def counted(bench: Bench, given: Plan) -> tuple[Floats, float]:
    """The rule's row on changes: [N] its entries, and the changes of a plan without events."""
    rows = stability.rows(bench.world, bench.problem.offers, stability.Settings(max_changes=ANY))
    entries = np.zeros(bench.program.matrix.shape[1])
    entries[: rows.matrix.shape[1]] = rows.matrix.toarray()[0]
    return entries, float(rows.used_without[0])


def points_of(curve: Curve, changes: int | None, within: float | None) -> tuple[tuple[Point, ...], int, int]:
    """The points in the order of their changes, the proven fewest changes, and which point is chosen."""
    fewest = fewest_changes(curve, curve.bench.program)
    assert fewest.x is not None
    least, proven = round(-fewest.objective), round(-fewest.bound)
    if changes is not None and changes < proven:
        words = f"no plan keeps every rule with {changes} changes: at least {proven} are needed"
        raise InfeasibleError(words, ((stability.NAME,),))
    asked = {least, *(least + more for more in MORE), *([changes] if changes is not None and changes >= least else [])}
    searches: dict[int, Search] = {}
    start: Floats | None = fewest.x
    for number in (*sorted(asked), ANY):
        searches[number] = at_most(curve, number, start)
        start = searches[number].x
        if searches[number].interrupted:
            break
    chosen = least if changes is None else max(changes, least)
    if within is not None and ANY in searches:
        nearest = within_of(curve, searches[ANY], within)
        assert nearest.x is not None
        chosen, proven = round(-nearest.objective), max(proven, round(-nearest.bound))
        if chosen not in searches:
            searches[chosen] = at_most(curve, chosen, nearest.x)
    order = sorted(searches)
    return tuple(points(curve, searches, order)), proven, order.index(chosen) if chosen in order else len(order) - 1


def fewest_changes(curve: Curve, program: Program, start: Floats | None = None) -> Search:
    """The search for the fewest changes: the objective is their number, with a minus."""
    tell(curve, "the fewest changes")
    aim = aimed(program, -curve.count, -curve.dropped)
    return answered(curve.bench, Question(aim, start, 0.0, curve.world.solve.time_limit, whole=True, save=curve.save))


def within_of(curve: Curve, best: Search, share: float) -> Search:
    """The fewest changes among plans that are worth nearly as much as the best."""
    program = curve.bench.program
    least = best.objective - share * abs(best.objective) - program.offset
    return fewest_changes(curve, with_row(program, "within", program.cost, low=least), best.x)


def at_most(curve: Curve, changes: int, start: Floats | None) -> Search:
    """The search for the best plan of at most so many changes, from a plan that has no more."""
    program, solve = curve.bench.program, curve.world.solve
    if changes < ANY:
        program = with_row(program, "changes", curve.count, high=changes - curve.dropped)
    tell(curve, "any number of changes" if changes == ANY else f"at most {changes} changes")
    found = ask(curve.bench, Question(program, start, solve.gap, solve.time_limit, save=curve.save))
    if found.x is None and found.interrupted:
        raise KeyboardInterrupt
    return found


def points(curve: Curve, searches: dict[int, Search], order: list[int]) -> list[Point]:
    """Each search as a certified plan; a bound for more changes holds for fewer too."""
    bound, found = inf, []
    for number in reversed(order):
        search = searches[number]
        bound = search.bound = min(search.bound, bound)
        found.append(point(curve, number, search))
    return found[::-1]


def point(curve: Curve, number: int, search: Search) -> Point:
    """One plan, judged with its limit on changes as a rule, and what is proven of it."""
    begun = cpu_seconds()
    bench = replace(curve.bench, world=limited(curve.world, number))
    judged = confirmed(bench, search)
    plan = with_reasons(curve.world, judged.ledger)
    made = certified(
        curve.world, search, judged, seconds=cpu_seconds() - begun, variables=search.program.matrix.shape[1]
    )
    before, after = set(events_of(curve.given)), set(events_of(plan))
    allowed = None if number == ANY else number
    assert search.x is not None
    columns = search.x[: bench.problem.offers.columns]
    return Point(allowed, replace(plan, certificate=made), columns, len(before - after), len(after - before))


def tell(curve: Curve, message: str) -> None:
    """Say which point is looked for."""
    curve.bench.listener(Progress("near", message))
