"""The rolling plan: plan some weeks ahead, again and again, with what is committed frozen; the plan that was lived.

Two fences by notice. Frozen: an event whose mechanic has to be arranged before the planning day stays as it is.
Slushy: an event that its account has been told stays promoted in its weeks, its mechanic may change. All else is
planned anew. Limits of the year are kept in step (see `pace`). Each month is searched and proven by itself; the year's
bound is that of all offers at once, so that the certificate's gap holds the price of not planning the year at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.allocate import Solved, cpu_seconds, refuse_empty_handed
from kaopt.allocation.bench import Bench, Clock, Question, ask, bench_of
from kaopt.allocation.certify import safe_bound
from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.finding import Search
from kaopt.allocation.gate import gate
from kaopt.allocation.pace import Paced, paced, yielding
from kaopt.allocation.problem import Problem, program_of
from kaopt.allocation.process import Child
from kaopt.allocation.program import Program
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.relax import Relaxation, relax
from kaopt.allocation.rules import locks
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solve import Limits, relative_gap
from kaopt.errors import InfeasibleError
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener, Progress
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Rolling

ROLLED = "rolling"  # the status of a plan all of whose months were proven within the asked gap


@dataclass(frozen=True, eq=False)
class Month:
    """One planning day: days from it to each offer's start, [O], and how it went."""

    number: int
    day: date
    until: Ints  # [O] day; negative: started before


@dataclass(frozen=True)
class Lived:
    """What a month's search found: its gap, whether it was proven as asked, whether the year's pace gave way."""

    day: date
    gap: float
    closed: bool
    behind: bool
    solver: str


def rolled(
    world: Scenario, problem: Problem, rules: tuple[Rule, ...], listener: Listener, save: Callable[[Plan], None] | None
) -> Solved:
    """The plan that is lived when every month is planned in its turn, with its certificate.

    Raises InfeasibleError where a month's decisions made a rule of the year impossible, NoPlanError at a limit.
    """
    begun, woken = cpu_seconds(), monotonic()
    gated = gate(program_of(world, problem))
    with Child(memory_gb=world.solve.memory_gb) as child:
        bench = bench_of(world, problem, rules, child, listener)
        every = months(world, problem)
        clock = Clock(world.solve.time_limit, len(every) + 1)
        root = relax(bench.program, Limits(seconds=clock.share(), seed=world.solve.seed), child=child)
        x, lived = bench.program.low[: problem.offers.columns], []
        for month in every:
            found, behind = planned(bench, month, x, seconds=clock.share(), save=save)
            assert found.x is not None
            x = found.x[: problem.offers.columns]
            lived.append(Lived(month.day, found.gap, found.closed, behind, found.solver))
            listener(tell(month, len(every), lived[-1], woken))
    judged = evaluate(world, bench.plan(x), rules)
    refuse_broken(judged)
    certificate = certified(bench, root, judged, lived)
    plan = replace(with_reasons(world, judged.ledger), certificate=replace(certificate, seconds=cpu_seconds() - begun))
    return Solved(plan, problem, replace(gated, program=bench.program), x, root)


def months(world: Scenario, problem: Problem) -> tuple[Month, ...]:
    """The planning days, from the first until every week of the horizon has been in a plan.

    The first is the scenario's own; where it has none, the plans before it have just come to the horizon's first weeks.
    """
    how = world.rolling or Rolling()
    first = world.planned_on or world.start - timedelta(weeks=max(how.ahead - how.every, 0))
    last = world.start + timedelta(weeks=world.weeks - 1)
    found: list[Month] = []
    day = first
    while not found or found[-1].day + timedelta(weeks=how.ahead) <= last:
        found.append(Month(len(found) + 1, day, (world.start - day).days + 7 * problem.offers.week))
        day += timedelta(weeks=how.every)
    return tuple(found)


def planned(
    bench: Bench, month: Month, before: Floats, *, seconds: float, save: Callable[[Plan], None] | None
) -> tuple[Search, bool]:
    """The month's plan on top of what stood `before` [O + Z]; True where the year's pace could not be kept."""
    step = month_program(bench, month, before)
    begun, behind = monotonic(), False
    found = asked(bench, step.program, before, seconds=seconds, save=save)
    if found.infeasible:
        behind = True
        found = asked(bench, yielding(step), before, seconds=seconds - (monotonic() - begun), save=save)
    if found.interrupted:
        raise KeyboardInterrupt
    if found.infeasible:
        words = f"planned month by month, the rules cannot all be kept from {month.day} on: what was settled before"
        raise InfeasibleError(f"{words} leaves no way. Plan the horizon at once (model: annual_agreement)", ())
    if found.x is None:
        refuse_empty_handed(found)
    return found, behind


def asked(
    bench: Bench, program: Program, start: Floats, *, seconds: float, save: Callable[[Plan], None] | None
) -> Search:
    """Search one month's program; what stood before is where it starts from."""
    return ask(bench, Question(program, start, bench.world.solve.gap, seconds, save=save))


def month_program(bench: Bench, month: Month, before: Floats) -> Paced:
    """The year's program on one planning day: what is frozen fixed, what is out of reach closed, limits in step."""
    world, offers = bench.world, bench.problem.offers
    lead, told = world.treatments.lead_time[offers.treatment], world.accounts.notice_days[offers.account]
    ahead = 7 * (world.rolling or Rolling()).ahead
    chosen = before[: len(offers)] > 0.5
    late, seen = month.until < lead, (month.until < ahead) | promised(bench.problem)
    low, high = bench.program.low.copy(), bench.program.high.copy()
    low[: len(offers)] = np.where(chosen & late, 1.0, low[: len(offers)])
    signed = low[: len(offers)] > 0.5
    high[: len(offers)] = np.where((late | ~seen) & ~signed, 0.0, high[: len(offers)])
    program = with_dates(replace(bench.program, low=low, high=high), bench, chosen & ~late & (month.until < told))
    mark = np.zeros(program.matrix.shape[1], bool)
    mark[: len(offers)] = seen
    return paced(program, mark, len(offers))


def promised(problem: Problem) -> Bools:
    """[O] offers that could keep a lock: what was signed or promised beforehand is in sight from the first plan on."""
    mark = np.zeros(len(problem.offers), bool)
    for block in problem.rows:
        if block.rule == locks.NAME:
            mark[block.matrix[:, : len(mark)].indices] = True
    return mark


def with_dates(program: Program, bench: Bench, told: Bools) -> Program:
    """The program with a row per event that an account was told: promoted in those weeks, whatever the mechanic."""
    offers = bench.problem.offers
    keys = np.stack([offers.account, offers.sku, offers.week, offers.weeks])
    rows, columns = [], []
    for row, o in enumerate(np.flatnonzero(told)):
        same = np.flatnonzero((keys == keys[:, [o]]).all(axis=0))
        columns.append(same)
        rows.append(np.full(len(same), row))
    if not rows:
        return program
    entries = (np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(columns)))
    dates = sp.csr_matrix(entries, shape=(len(rows), program.matrix.shape[1]))
    return replace(
        program,
        matrix=sp.csr_matrix(sp.vstack([program.matrix, dates])),
        row_low=np.concatenate([program.row_low, np.ones(len(rows))]),
        row_high=np.concatenate([program.row_high, np.full(len(rows), np.inf)]),
        row_names=(*program.row_names, *(f"told [{row}]" for row in range(len(rows)))),
    )


def tell(month: Month, total: int, lived: Lived, woken: float) -> Progress:
    """One line per month."""
    words = f"planned on {month.day}" + (", behind the year's pace" if lived.behind else "")
    return Progress("rolling", words, monotonic() - woken, gap=lived.gap, done=month.number, total=total)


def refuse_broken(judged: Evaluation) -> None:
    """A year that ends with a broken rule is no plan: say which rules planning month by month could not keep."""
    if not judged.breaches:
        return
    names = tuple(dict.fromkeys(one.rule for one in judged.breaches))
    one = judged.breaches[0]
    words = f"{one.rule} {one.scope}: {one.used:.6g} against {one.limit:.6g} {one.unit}"
    remedy = "Plan further ahead (rolling.ahead), soften the rule, or plan at once (model: annual_agreement)"
    raise InfeasibleError(f"planned month by month, rules are broken in the end, the first {words}. {remedy}", (names,))


def certified(bench: Bench, root: Relaxation, judged: Evaluation, lived: list[Lived]) -> Certificate:
    """What is proven: of each month that it is as good as asked, of the year how far it is from the bound of it all."""
    bound = max(safe_bound(bench.program, root.duals), judged.objective)
    closed = all(one.closed for one in lived)
    behind = [str(one.day) for one in lived if one.behind]
    notes = [
        f"planned in {len(lived)} months, each proven within {max(one.gap for one in lived):.2%} of its own best",
        "the gap is to the bound of the whole horizon planned at once: it holds the price of planning by months",
        *([f"the year's pace gave way in the plans of {', '.join(behind)}"] if behind else []),
    ]
    return Certificate(
        objective=judged.objective,
        bound=bound,
        gap=relative_gap(bound, judged.objective),
        claimed_gap=None,
        realised_objective=judged.realised_objective,
        breaches=judged.breaches,
        status=ROLLED if closed else "stopped",
        solver=lived[-1].solver,
        variables=bench.program.matrix.shape[1],
        seconds=0.0,
        asked_gap=bench.world.solve.gap,
        notes=tuple(notes),
    )
