"""A plan in money and volume, event by event from the scenario's primitives: the evaluator's own arithmetic.

Nothing here knows the offer table. Effects are fixed once as floats; every sum over them is exact and rounded once
(`math.fsum`), so it depends neither on the order of events nor on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import expm1, fsum

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.demand import Event, Touch, events_of, live, touches
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

CREDIT_TOLERANCE = 1e-6  # money: an event that stands on the hurdle but for rounding has passed it

Cell = tuple[int, int, int]  # account, SKU, week
Sold = Callable[[Event, Touch], float]  # cases added, or lost where negative


@dataclass(frozen=True)
class Change:
    """What an event changes in one cell: cases, and money of net revenue, spend and contribution."""

    cell: Cell
    base: float
    cases: float
    net_revenue: float
    spend: float
    contribution: float
    active: bool


@dataclass(frozen=True)
class Happening:
    """An event with everything that it changes."""

    event: Event
    changes: tuple[Change, ...]

    def total(self, what: str) -> float:
        """The exact sum of one amount over all cells."""
        return fsum(getattr(change, what) for change in self.changes)


def ledger_of(world: Scenario, plan: Plan) -> Ledger:
    """The ledger of a plan whose events count as if each were alone: what the bound certifies."""
    happenings = happenings_of(world, plan, lambda event, touch: alone(world, event, touch))
    cases, net, contribution = np.zeros((3, *world.shape))
    for one in happenings:
        for change in one.changes:
            cases[change.cell] += change.cases
            net[change.cell] += change.net_revenue
            contribution[change.cell] += change.contribution
    base = world.base_cases
    return figures(
        world,
        plan,
        happenings,
        cases=base + cases,
        net_revenue=base * world.net_per_case[:, :, None] + net,
        contribution=base * world.margin_per_case[:, :, None] + contribution,
    )


def realised(world: Scenario, ledger: Ledger) -> Ledger:
    """The same plan as lived through: what overlapping events add or take in a cell is shared by size of effect."""
    year, weight = ledger.realised, np.zeros(world.shape)
    for event in events_of(ledger.plan):
        for touch in touches(world, event):
            weight[event.account, touch.sku, touch.week] += abs(alone(world, event, touch))
    joint = year.cases - ledger.cases

    def with_share(event: Event, touch: Touch) -> float:
        cell = (event.account, touch.sku, touch.week)
        mine = alone(world, event, touch)
        part = abs(mine) / float(weight[cell]) if weight[cell] > 0 else 0.0
        return mine + part * float(joint[cell])

    def at_till(event: Event, touch: Touch) -> float:
        return float(year.cases[event.account, touch.sku, touch.week])

    happenings = happenings_of(world, ledger.plan, with_share, at_till)
    return figures(
        world, ledger.plan, happenings, cases=year.cases, net_revenue=year.net_revenue, contribution=year.contribution
    )


def alone(world: Scenario, event: Event, touch: Touch) -> float:
    """Cases that the event alone adds in a cell."""
    return float(world.base_cases[event.account, touch.sku, touch.week]) * expm1(touch.effect)


def happenings_of(world: Scenario, plan: Plan, added: Sold, sold: Sold | None = None) -> list[Happening]:
    """Every event with its changes; `sold`: cases on which spend is due in active weeks, base + added if not given."""
    net, margin, what = world.net_per_case, world.margin_per_case, world.treatments

    def change(event: Event, touch: Touch) -> Change:
        cell = (event.account, touch.sku, touch.week)
        base, more, spend, k = float(world.base_cases[cell]), added(event, touch), 0.0, event.treatment
        if touch.active:
            per_case = world.skus.list_price[touch.sku] * what.depth[k] + what.unit_cost[k]
            cases = base + more if sold is None else sold(event, touch)
            lump = what.weekly_cost[k] + (what.fixed_cost[k] if touch.week == event.week else 0.0)
            spend = float(cases * per_case + lump)
        revenue = more * float(net[cell[:2]]) - spend
        return Change(cell, base, more, revenue, spend, more * float(margin[cell[:2]]) - spend, touch.active)

    return [Happening(e, tuple(change(e, touch) for touch in touches(world, e))) for e in events_of(plan)]


def figures(world: Scenario, plan: Plan, happenings: list[Happening], **totals: Floats) -> Ledger:
    """The ledger from its events; `totals` are the [A, S, W] amounts."""
    spend = np.zeros((len(plan), world.weeks))
    for n, one in enumerate(happenings):
        for change in one.changes:
            spend[n, change.cell[2]] += change.spend

    def column(what: str) -> Floats:
        return np.array([one.total(what) for one in happenings], dtype=float)

    added, contribution = column("cases"), column("contribution")
    hurdle = world.objective.hurdle * column("spend")
    own = [[c for c in one.changes if c.active] for one in happenings]
    return Ledger(
        plan=plan,
        event_base_cases=np.array([fsum(c.base for c in mine) for mine in own], dtype=float),
        event_cases=np.array([fsum(c.base + c.cases for c in mine) for mine in own], dtype=float),
        event_incremental_cases=added,
        event_net_revenue=column("net_revenue"),
        event_spend=spend,
        event_contribution=contribution,
        event_credit=np.where(contribution >= hurdle - CREDIT_TOLERANCE, added, 0.0),
        realised=live(world, plan),
        **totals,
    )
