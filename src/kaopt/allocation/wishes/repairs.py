"""The cheapest ways out of a conflict: which limits to move, by how much, and what the plan is worth then.

An elastic solve lets the limits of negotiable rules be missed at a price relative to their size and finds the plan
that misses least. The limits are moved as far as that plan needs, and the problem is solved again with them: its
plan, judged by the evaluator, proves that the repair works. Physics and what is signed is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import ceil, floor, log10
from time import monotonic

import numpy as np

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import Problem, from_arrays, groups_of, places_of, plan_of
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import relax
from kaopt.allocation.search.search import search
from kaopt.allocation.search.tighten import tightened
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.allocation.wishes.negotiable import negotiable, softened
from kaopt.errors import Change, InfeasibleError, Repair
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Texts
from kaopt.scenario.model import Scenario

MOST = 4  # repairs that are shown
CHANGES = 40  # in one repair, beyond which nobody reads on
DIGITS = 3  # of a change, rounded away from the limit
ELASTIC_GAP = 1e-5  # of what could be missed
LARGE = 5_000  # offers from which a relaxation says first which limits are missed


@dataclass(frozen=True, eq=False)
class Bench:
    """Where repairs are worked out."""

    world: Scenario
    problem: Problem
    rules: tuple[Rule, ...]
    child: Child
    end: float  # on the monotonic clock


def repairs_of(
    world: Scenario,
    problem: Problem,
    conflicts: tuple[Texts, ...],
    limits: Limits,
    child: Child,
    *,
    rules: tuple[Rule, ...] = RULES,
) -> tuple[Repair, ...]:
    """Proven repairs, the cheapest joint one first, then those that move one rule of each conflict only."""
    return readable(list(proposals(world, problem, conflicts, limits, child, rules=rules)))


def proposals(
    world: Scenario,
    problem: Problem,
    conflicts: tuple[Texts, ...],
    limits: Limits,
    child: Child,
    *,
    rules: tuple[Rule, ...] = RULES,
) -> Iterator[Repair]:
    """The repairs one by one, each as soon as it is proven."""
    bench = Bench(world, problem, rules, child, monotonic() + limits.seconds)
    found: list[Repair] = []
    ways = list(dict.fromkeys(ways_out(conflicts, negotiable(rules))))
    for n, way in enumerate(ways):
        if len(found) == MOST or bench.end - monotonic() <= 0 or (found and n == len(ways) - 1):
            break
        seconds = (bench.end - monotonic()) / min(len(ways) - n, 2)
        repair = mended(bench, way, replace(limits, seconds=seconds / 2))
        if repair is not None and repair.changes not in [one.changes for one in found]:
            found.append(repair)
            yield repair


def readable(found: list[Repair]) -> tuple[Repair, ...]:
    """Repairs that people can agree on; where none is that short, the shortest."""
    short = [one for one in found if len(one.changes) <= CHANGES]
    return tuple(short or sorted(found, key=lambda one: len(one.changes))[:1])


def ways_out(conflicts: tuple[Texts, ...], free: Texts) -> Iterator[Texts]:
    """Sets of rules that may move: all in conflict, then one of each conflict in every combination; at last every one.

    Only what is negotiable; every such rule may be needed where there are conflicts that have not been named.
    """
    involved = {name for one in conflicts for name in one}
    yield tuple(name for name in free if name in involved) or free
    for way in product(*(tuple(name for name in one if name in free) for one in conflicts)):
        yield tuple(sorted(set(way)))
    yield free


def mended(bench: Bench, way: Texts, limits: Limits) -> Repair | None:
    """The repair that moves limits of these rules only; None where that is not enough, or not in time."""
    try:
        least = sought(bench, elastic_of(bench, way, limits), limits, gap=ELASTIC_GAP)
        if least.x is None:
            return None
        eased = tuple(moved(rows, way, least.x[: bench.problem.offers.columns]) for rows in bench.problem.rows)
        best = sought(bench, Problem(bench.problem.offers, eased), limits, start=least.x)
    except (InfeasibleError, Stopped):  # a row of physics that no offer can keep, or no time
        return None
    return None if best.x is None else proven(bench, way, eased, best.x)


def elastic_of(bench: Bench, way: Texts, limits: Limits) -> Problem:
    """The problem in which these rules may be missed; in a large one, only the limits that its relaxation misses.

    There a search in limited time would else spread its misses over hundreds of limits that need none.
    """
    elastic = softened(bench.problem, way)
    if len(bench.problem.offers) <= LARGE:
        return elastic
    root = relax(gate(from_arrays(elastic)).program, limits, child=bench.child)
    if root.status != "optimal":
        return elastic
    share = root.x[: bench.problem.offers.columns]
    return Problem(elastic.offers, tuple(map(partial(only_missed, share), bench.problem.rows, elastic.rows)))


def only_missed(share: Floats, given: Rows, soft: Rows) -> Rows:
    """A block that may be missed where the relaxation misses it, and is as it was everywhere else."""
    used = given.matrix @ share
    missed = (used < given.low - slack(0.0)) | (used > given.high + slack(0.0))
    hard = np.isnan(given.regret) & ~missed
    return replace(soft, regret=np.where(hard, np.nan, soft.regret))


def sought(bench: Bench, problem: Problem, limits: Limits, *, start: Floats | None = None, gap: float = -1.0) -> Search:
    """The best solution of a problem; `start`: columns of a solution to begin with."""
    program = tightened(gate(from_arrays(problem)).program)
    first = None if start is None else completed(program, problem, start)
    groups = groups_of(bench.world, problem.offers, program.matrix.shape[1])
    places = places_of(bench.world, problem.offers, program.matrix.shape[1])
    aim = Aim(bench.world.solve.gap if gap < 0 else gap, limits, groups, start=first, places=places)
    return search(program, aim, bench.child)


def completed(program: Program, problem: Problem, columns: Floats) -> Floats:
    """A solution of the program from its offers and switches: soft rows miss what they have to."""
    known = problem.offers.columns
    x = program.low.copy()
    x[:known] = columns[:known]
    used = program.matrix @ x
    body = program.matrix.tocsc()
    for j in range(known, len(x)):
        i, sign = body.indices[body.indptr[j]], body.data[body.indptr[j]]
        missing = program.row_low[i] - used[i] if sign > 0 else used[i] - program.row_high[i]
        x[j] = max(missing, 0.0) / abs(sign)
    return x


def moved(rows: Rows, way: Texts, x: Floats) -> Rows:
    """A block with its hard limits moved as far as the solution needs, the change rounded away from the limit."""
    if rows.rule not in way:
        return rows
    used, hard = rows.matrix @ x, np.isnan(rows.regret)
    low, high = rows.low.copy(), rows.high.copy()
    for i in np.flatnonzero(hard & (used < rows.low - slack(0.0))):
        low[i] = outward(rows.low[i], used[i])
    for i in np.flatnonzero(hard & (used > rows.high + slack(0.0))):
        high[i] = outward(rows.high[i], used[i])
    return replace(rows, low=low, high=high)


def outward(limit: float, used: float) -> float:
    """A limit that allows what is used, the change to few digits, never less than it needs: 100, 87.654 -> 87.6."""
    change = abs(used - limit)
    if change == 0:
        return used
    unit = 10.0 ** (floor(log10(change)) - DIGITS + 1)
    size = max(ceil(change / unit - 1e-9) * unit, change - 1e-9 * change)
    return limit + size if used > limit else limit - size


def proven(bench: Bench, way: Texts, eased: tuple[Rows, ...], x: Floats) -> Repair | None:
    """The repair as the evaluator sees it: its plan breaks nothing but the limits that are moved, and these no more."""
    judged = evaluate(bench.world, plan_of(bench.problem.offers, x), bench.rules)
    changes = []
    for breach in judged.breaches:
        to = eased_limit(bench, eased, breach)
        short = (breach.used > to + slack(to)) if breach.used > breach.limit else (breach.used < to - slack(to))
        if breach.rule not in way or short:
            return None
        changes.append(Change(breach.rule, breach.scope, breach.limit, to, breach.unit))
    return Repair(tuple(changes), judged.objective) if changes else None


def eased_limit(bench: Bench, eased: tuple[Rows, ...], breach: Breach) -> float:
    """Where the limit of a breach has been moved to; a limit that its row states in another unit, to what is used."""
    for before, after in zip(bench.problem.rows, eased, strict=True):
        if before.rule != breach.rule or breach.scope not in before.scopes:
            continue
        i = before.scopes.index(breach.scope)
        if before.unit_at(i) != breach.unit:
            continue
        for old, new in ((before.low, after.low), (before.high, after.high)):
            if abs(old[i] + before.used_without[i] - breach.limit) <= slack(breach.limit) + 1e-6 * abs(breach.limit):
                return float(new[i] + before.used_without[i])
    return outward(breach.limit, breach.used)
