"""The rolling plan: plan some weeks ahead, again and again, with what is committed frozen; the plan that was lived.

What is frozen and what may still change stands in `fences`; limits of the year are kept in step with an outline of it
(`pace`). Each month is searched and proven by itself; the year's bound is that of all offers at once, so that the
certificate's gap holds the price of not planning the year at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic

from kaopt.allocation.allocate import Solved
from kaopt.allocation.blocks.structure import Places
from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.plans.bench import Bench, Clock, bench_of, fitted
from kaopt.allocation.plans.fences import Month, months, year_today
from kaopt.allocation.plans.outline import outlined
from kaopt.allocation.plans.pace import paced, yielding
from kaopt.allocation.plans.window import window
from kaopt.allocation.problem import Problem, groups_of, places_of
from kaopt.allocation.reasons import with_reasons
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Aim
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.search import search
from kaopt.allocation.solver.process import Child, cpu_seconds
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, relative_gap
from kaopt.errors import InfeasibleError, NoPlanError
from kaopt.plan import Certificate, Plan
from kaopt.progress import Listener, Progress
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

ROLLED = "rolling"  # the status of a plan all of whose months were proven within the asked gap


WHOLE = 0.3  # share of the time that the relaxation of the year may take


@dataclass(frozen=True, eq=False)
class Year:
    """The whole problem, its relaxation, and who gets every plan on the way."""

    bench: Bench
    root: Relaxation
    save: Callable[[Plan], None] | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What the search of a month found: every column of its program, None where there is no plan."""

    x: Floats | None
    gap: float = 0.0
    closed: bool = False
    solver: str = ""
    infeasible: bool = False  # proven: nothing keeps all rows


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
    with Child(memory_gb=world.solve.memory_gb) as child:
        bench = bench_of(world, problem, rules, child, listener)
        every = months(world, problem)
        root = relax(bench.program, Limits(seconds=WHOLE * world.solve.time_limit, seed=world.solve.seed), child=child)
        clock = Clock(world.solve.time_limit - (monotonic() - woken), len(every) + 1)  # one in hand
        year, x, lived = Year(bench, root, save), bench.program.low[: problem.offers.columns], []
        for month in every:
            found, behind = planned(year, month, x, clock.share())
            assert found.x is not None
            x = found.x[: problem.offers.columns]
            lived.append(Lived(month.day, found.gap, found.closed, behind, found.solver))
            listener(tell(month, len(every), lived[-1], woken))
    judged = evaluate(world, bench.plan(x), rules)
    refuse_broken(judged)
    certificate = certified(bench, root, judged, lived)
    plan = replace(with_reasons(world, judged.ledger), certificate=replace(certificate, seconds=cpu_seconds() - begun))
    return Solved(plan, problem, bench.gated, x, root)


def planned(year: Year, month: Month, before: Floats, seconds: float) -> tuple[Answer, bool]:
    """The month's plan on top of what stood `before` [O + Z]; True where the year's pace could not be kept."""
    today, end = year_today(year.bench, month, before), monotonic() + seconds
    outline = outlined(year.bench, today.program, year.root, seconds)
    step = paced(today.program, today.later, len(year.bench.problem.offers), outline)
    found = asked(year, step.program, before, end - monotonic())
    behind = found.x is None
    if behind:  # as much time again: without a plan there is nothing to go on with
        found = asked(year, yielding(step), before, seconds)
    if found.infeasible:
        words = f"planned month by month, the rules cannot all be kept from {month.day} on: what was settled before"
        raise InfeasibleError(f"{words} leaves no way. Plan the horizon at once (model: annual_agreement)", ())
    if found.x is None:
        raise NoPlanError(f"no plan was found on {month.day} within the limit; give it more time")
    return found, behind


def asked(year: Year, program: Program, start: Floats, seconds: float) -> Answer:
    """Search what is still open in one month; what stood before is where it starts from.

    Raises KeyboardInterrupt where somebody stops it.
    """
    bench = year.bench
    part, how, total = window(program), bench.world.solve, program.matrix.shape[1]
    if not part.possible:
        return Answer(None, infeasible=True)
    limits = Limits(seconds=max(seconds, 0.1), memory_gb=how.memory_gb, seed=how.seed)

    def keep(x: Floats) -> None:
        if year.save is not None:
            year.save(bench.plan(part.widened(x)))

    offers, at = bench.problem.offers, part.columns
    groups = tuple(one[at] for one in groups_of(bench.world, offers, total))
    places = places_of(bench.world, offers, total)
    places = Places(places.block[at], places.week[at])
    begin = fitted(program, start)[at]
    aim = Aim(how.gap, limits, groups, bench.listener, keep, start=begin, places=places)
    found = search(part.program, aim, bench.child)
    if found.interrupted:
        raise KeyboardInterrupt
    if found.x is None:
        return Answer(None, infeasible=found.infeasible)
    return Answer(part.widened(found.x), found.gap, found.closed, found.solver)


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
    behind, asked = [str(one.day) for one in lived if one.behind], bench.world.solve.gap
    kept = sum(one.closed for one in lived)
    notes = [
        f"planned in {len(lived)} months, {kept} of them proven within {asked:.2%} of their best",
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
        asked_gap=asked,
        notes=tuple(notes),
    )
