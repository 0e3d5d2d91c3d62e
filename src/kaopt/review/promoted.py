"""Promotion by promotion: what was planned, what happened, and why they differ, in parts that add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kaopt.review.money import Deal, Outcome, State, outcome
from kaopt.review.promotions import CUT, SHOWN, Run, taken_by_mates
from kaopt.review.year import Year
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.model import Scenario


@dataclass(frozen=True)
class Split:
    """Planned, happened, and the reasons of the difference, which add up to it: cases or money."""

    planned: float
    base: float  # without the promotion the weeks would have sold more or less than the plan thought
    execution: float  # price, display, weeks or extent were not those planned
    response: float  # consumers responded more or less than believed; holds the luck of the weeks
    paid: float  # booked spend differs from what the terms say
    happened: float

    @property
    def parts(self) -> tuple[float, float, float, float]:
        """The reasons."""
        return self.base, self.execution, self.response, self.paid


@dataclass(frozen=True)
class Promotion:
    """One promotion, planned or not, beside what became of it. Weeks 0-based."""

    account: int
    sku: int
    treatment: int  # -1 where nobody planned it
    week: int
    weeks: int
    status: str  # as_planned, otherwise, longer, partly, moved, not_run, unplanned, no_sales
    weeks_run: int
    weeks_in_all: int  # in which it was planned or ran
    weeks_seen: int  # of them with sales
    cut: tuple[float, float]  # shelf price cut, mean of its weeks: planned and found, share of 1
    shown: tuple[float, float]  # display, the same
    cases: Split | None  # uplift in its weeks; None where nothing of it was seen
    money: Split | None  # contribution, net of what other weeks and SKUs lose
    spend: tuple[float, float]  # planned, happened; money
    luck: float  # case, standard deviation of the uplift by chance
    loss: float | None  # probability that the same again would lose money; None where not planned

    @property
    def compared(self) -> bool:
        """True where something of it was seen."""
        return self.cases is not None


@dataclass(frozen=True, eq=False)
class Reviewed:
    """All promotions of a year, and what each would bring if it were done again as planned, [D] draws of money."""

    promotions: tuple[Promotion, ...]
    again: tuple[Floats, ...]  # of each; empty where it was not planned or not compared


def reviewed(year: Year) -> Reviewed:
    """Every planned promotion in the order of the plan, then those that nobody planned."""
    context = context_of(year)
    pairs = [_one(year, context, *one) for one in deals(year)]
    return Reviewed(tuple(one for one, _ in pairs), tuple(again for _, again in pairs))


def deals(year: Year) -> Iterator[tuple[Deal, Run | None, list[Run]]]:
    """Every promotion: who and how, its planned run, and the runs that took place for it."""
    took_place: dict[int, list[Run]] = {}
    for run in year.runs:
        took_place.setdefault(run.event, []).append(run)
    for run in year.planned:
        deal = Deal(run.account, run.sku, int(year.plan.treatment[run.event]))
        yield deal, run, took_place.get(run.event, [])
    for run in took_place.get(-1, []):
        yield Deal(run.account, run.sku, -1), None, [run]


def context_of(year: Year) -> Floats:
    """[A, S, W] case without a promotion of the week's own: with the dips of earlier ones and what other SKUs take."""
    active, after = year.as_run.effect(year.coefficients)
    return np.asarray(year.base * np.exp(after + taken_by_mates(year.world, active)))


@dataclass(frozen=True, eq=False)
class Steps:
    """The ways from plan to truth: planned; with the base that was; executed as it was; sold as it was."""

    planned: State
    based: State
    executed: State
    happened: State

    def outcomes(self, world: Scenario, deal: Deal) -> list[Outcome]:
        """What each brings."""
        return [outcome(world, deal, one) for one in (self.planned, self.based, self.executed, self.happened)]


def _one(year: Year, context: Floats, deal: Deal, planned: Run | None, runs: list[Run]) -> tuple[Promotion, Floats]:
    """One promotion, and what it would bring again."""
    a, s, span = deal.account, deal.sku, planned or runs[0]
    steps = steps_of(year, context, deal, planned, runs)
    seen = year.sales.seen[a, s, steps.planned.weeks]
    compared = bool(seen.any())
    ends = steps.outcomes(year.world, deal)
    spent = booked(year, steps.happened, deal, float(ends[3].spend))
    again = repeated(year, deal, steps.based, planned) if planned is not None and compared else np.zeros(0)
    where = [week for run in runs for week in run.span] or list(span.span)
    plan, truth = year.intended[a, s, span.week : span.week + span.weeks], year.strength[a, s, where]
    paid = float(ends[3].spend) - spent
    found = Promotion(
        account=a,
        sku=s,
        treatment=deal.treatment,
        week=span.week,
        weeks=span.weeks,
        status=status_of(planned, runs, differs(plan, truth)) if compared else "no_sales",
        weeks_run=sum(run.weeks for run in runs),
        weeks_in_all=len(seen),
        weeks_seen=int(seen.sum()),
        cut=(cut(plan), cut(truth)),
        shown=(float(plan[:, 1].mean()), float(truth[:, 1].mean())),
        cases=split([float(one.uplift) for one in ends], 0.0) if compared else None,
        money=split([float(one.contribution) for one in ends], paid) if compared else None,
        spend=(float(ends[0].spend), spent if compared else float("nan")),
        luck=luck(year, deal, steps.executed, seen),
        loss=float((again < 0).mean()) if len(again) else None,
    )
    return found, again


def steps_of(year: Year, context: Floats, deal: Deal, planned: Run | None, runs: list[Run]) -> Steps:
    """The four ways of one promotion; what a week sold counts where it ran and sales are known.

    A week without sales is taken to have sold what was believed; what a week sold in which nothing ran is no uplift.
    """
    a, s, world = deal.account, deal.sku, year.world
    mine = set(planned.span) if planned is not None else set()
    taken = {week for run in runs for week in run.span}
    weeks = np.array(sorted(mine | taken), dtype=np.int64)
    believed = year.believed[a, s]
    first = State(
        weeks=weeks,
        base=world.base_cases[a, s, weeks],
        effect=year.as_planned.active[a, s, weeks] @ believed,
        ran=np.isin(weeks, list(mine)),
        runs=[planned] if planned is not None else [],
        around=world.base_cases[a],
    )
    second = replace(first, base=context[a, s, weeks], around=year.base[a])
    done = year.as_run.active[a, s, weeks] @ believed
    third = replace(second, effect=done, ran=np.isin(weeks, list(taken)), runs=runs)
    units = year.sales.units[a, s, weeks]
    sold = np.where(np.isfinite(units) & third.ran, units, third.base * np.exp(done))
    return Steps(first, second, third, replace(third, sold=sold))


def booked(year: Year, state: State, deal: Deal, by_terms: float) -> float:
    """The spend that was booked in the promotion's weeks; what the terms say where nothing was."""
    amounts = year.sales.spend[deal.account, deal.sku, state.weeks]
    return float(np.nansum(amounts)) if np.isfinite(amounts).any() else by_terms


def repeated(year: Year, deal: Deal, state: State, planned: Run) -> Floats:
    """[D] contribution of the same promotion as planned, in the year's base, with what is believed now; money."""
    a, s, mine = deal.account, deal.sku, state.ran
    weeks, base = state.weeks[mine], state.base[mine]
    effect = year.drawn[:, year.number[a, s]] @ year.as_planned.active[a, s, weeks].T
    again = State(weeks, base, effect, mine[mine], [planned], state.around)
    return outcome(year.world, deal, again).contribution


def luck(year: Year, deal: Deal, state: State, seen: Bools) -> float:
    """Standard deviation, in cases, of what the weeks sell by chance."""
    expected = state.base[seen] * np.exp(state.effect[seen])
    return float(np.sqrt(np.expm1(year.learned.variance[year.number[deal.account, deal.sku]]) * (expected**2).sum()))


def split(steps: list[float], paid: float) -> Split:
    """The way from the first to the last step, and what was paid otherwise."""
    planned, based, executed, sold = steps
    return Split(planned, based - planned, executed - based, sold - executed, paid, sold + paid)


def status_of(planned: Run | None, runs: list[Run], differs: bool) -> str:
    """What became of a promotion, in a word."""
    if planned is None:
        return "unplanned"
    mine, taken = set(planned.span), {week for run in runs for week in run.span}
    if not taken:
        return "not_run"
    if not mine & taken:
        return "moved"
    if mine - taken:
        return "partly"
    if taken - mine:
        return "longer"
    return "otherwise" if differs else "as_planned"


def differs(plan: Floats, truth: Floats) -> bool:
    """True where price, display, feature or gift [T, M] were not those planned, on average of the weeks."""
    off = np.abs(truth.mean(axis=0) - plan.mean(axis=0))
    return bool(off[0] > CUT or (off[1:] > SHOWN).any())


def cut(strength: Floats) -> float:
    """The share by which the shelf price was lower, on average of the weeks [T, M]; negative where it was higher."""
    return float(-np.expm1(strength[:, 0].mean()) + 0.0)
