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
from kaopt.demand import Demand, Event, Touch, events_of, live, shelf_cut, touches
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

CREDIT_TOLERANCE = 1e-6  # money: an event that stands on the hurdle but for rounding has passed it
BY_WEEK = ("cases", "sell_out", "net_revenue", "contribution", "retail_sales", "retailer")  # of a ledger, [A, S, W]

Cell = tuple[int, int, int]  # account, SKU, week


@dataclass(frozen=True)
class Flow:
    """What an event adds in one cell, negative where it takes: shipped and sold cases, the retailer's sales.

    `shipped`, `sold`: the cell's whole cases, on which costs fall due in active weeks.
    """

    touch: Touch
    cell: Cell
    cases: float
    sell_out: float
    retail_sales: float
    shipped: float
    sold: float


@dataclass(frozen=True)
class Change:
    """What an event changes in one cell: cases, and money of sales, spend, contribution and the retailer."""

    cell: Cell
    base: float
    cases: float
    sell_out: float
    net_revenue: float
    spend: float
    discount: float  # the price cut inside the spend
    contribution: float
    retail_sales: float
    retailer: float
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
    happenings = happenings_of(world, plan, lambda event: alone(world, event))
    totals = {name: np.zeros(world.shape) for name in BY_WEEK}
    for one in happenings:
        for change in one.changes:
            for name in BY_WEEK:
                totals[name][change.cell] += getattr(change, name)
    by_week = {name: quiet(world, name) + totals[name] for name in BY_WEEK}
    return figures(world, happenings, live(world, plan), plan=plan, **by_week)


def quiet(world: Scenario, name: str) -> Floats:
    """[A, S, W] an amount in the world without events."""
    base, known = world.base_cases, np.isfinite(world.base_price)
    shelf = np.where(known, base * world.base_price / (1 + world.accounts.vat)[:, None, None], 0.0)
    match name:
        case "net_revenue":
            return base * world.net_per_case[:, :, None]
        case "contribution":
            return base * world.margin_per_case[:, :, None]
        case "retail_sales":
            return shelf
        case "retailer":
            return np.where(known, shelf - base * world.net_per_case[:, :, None], 0.0)
    return base


def realised(world: Scenario, ledger: Ledger) -> Ledger:
    """The same plan as lived through: what overlapping events add or take in a cell is shared by size of effect."""
    year = ledger.realised
    shared = ("cases", "sell_out", "retail_sales")
    weight = {name: np.zeros(world.shape) for name in shared}
    for event in events_of(ledger.plan):
        for flow in alone(world, event):
            for name in shared:
                weight[name][flow.cell] += abs(getattr(flow, name))
    joint = {name: getattr(year, name) - getattr(ledger, name) for name in shared}

    def lived(event: Event) -> list[Flow]:
        def with_share(flow: Flow, name: str) -> float:
            mine, whole = float(getattr(flow, name)), float(weight[name][flow.cell])
            return mine + (abs(mine) / whole * float(joint[name][flow.cell]) if whole > 0 else 0.0)

        def flow(one: Flow) -> Flow:
            cases, sell_out, retail = (with_share(one, name) for name in shared)
            return Flow(one.touch, one.cell, cases, sell_out, retail, *till(year, one.cell))

        return [flow(one) for one in alone(world, event)]

    happenings = happenings_of(world, ledger.plan, lived)
    return figures(world, happenings, year, plan=ledger.plan, **{name: getattr(year, name) for name in BY_WEEK})


def till(year: Demand, cell: Cell) -> tuple[float, float]:
    """Cases shipped and sold in a cell of the joint year."""
    return float(year.cases[cell]), float(year.sell_out[cell])


def alone(world: Scenario, event: Event) -> list[Flow]:
    """What the event changes where it is the only one."""
    a, end, found = event.account, event.week + event.weeks, list(touches(world, event))
    left = [float(world.base_cases[a, t.sku, t.week]) * (1 + expm1(t.effect)) for t in found]
    back = [min(t.back, sold) for t, sold in zip(found, left, strict=True)]
    ahead, flows = fsum(back), []
    for touch, taken in zip(found, back, strict=True):
        cell = (a, touch.sku, touch.week)
        base, last = float(world.base_cases[cell]), touch.active and touch.week == end - 1
        more = base * expm1(touch.effect)
        moved = (ahead if last else 0.0) - taken
        retail = shelf_gain(world, event, touch, more)
        flows.append(Flow(touch, cell, more + moved, more, retail, base + more + moved, base + more))
    return flows


def shelf_gain(world: Scenario, event: Event, touch: Touch, more: float) -> float:
    """How the retailer's sales without tax change where consumers buy `more` at the shelf price of the event."""
    cell = (event.account, touch.sku, touch.week)
    price = float(world.base_price[cell]) / (1 + float(world.accounts.vat[event.account]))
    if np.isnan(price):
        return 0.0
    cut = shelf_cut(world, event) if touch.active else 0.0
    return more * price - (float(world.base_cases[cell]) + more) * price * cut


def happenings_of(world: Scenario, plan: Plan, flows: Callable[[Event], list[Flow]]) -> list[Happening]:
    """Every event with its changes in money; costs fall due in its active weeks."""
    net, margin, what = world.net_per_case, world.margin_per_case, world.treatments

    def change(event: Event, flow: Flow) -> Change:
        touch, k, discount, lump, gifts = flow.touch, event.treatment, 0.0, 0.0, 0.0
        if touch.active:
            due = flow.sold if what.settled[k] == "sell_out" else flow.shipped
            lump = float(what.weekly_cost[k] + (what.fixed_cost[k] if touch.week == event.week else 0.0))
            discount = float(due * world.skus.list_price[touch.sku] * what.depth[k])
            gifts = float(flow.sold * what.unit_cost[k])
        invoiced, earned = (flow.cases * float(table[flow.cell[:2]]) for table in (net, margin))
        funded, spend = discount + lump, discount + lump + gifts
        base = float(world.base_cases[flow.cell])
        retailer = 0.0 if np.isnan(world.base_price[flow.cell]) else flow.retail_sales - invoiced + funded
        return Change(
            cell=flow.cell,
            base=base,
            cases=flow.cases,
            sell_out=flow.sell_out,
            net_revenue=invoiced - spend,
            spend=spend,
            discount=discount,
            contribution=earned - spend,
            retail_sales=flow.retail_sales,
            retailer=retailer,
            active=touch.active,
        )

    return [Happening(e, tuple(change(e, flow) for flow in flows(e))) for e in events_of(plan)]


def figures(world: Scenario, happenings: list[Happening], year: Demand, *, plan: Plan, **totals: Floats) -> Ledger:
    """The ledger from its events and the joint year; `totals` are the [A, S, W] amounts."""
    spend, discount = np.zeros((2, len(plan), world.weeks))
    for n, one in enumerate(happenings):
        for change in one.changes:
            spend[n, change.cell[2]] += change.spend
            discount[n, change.cell[2]] += change.discount

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
        event_discount=discount,
        event_contribution=contribution,
        event_retailer=column("retailer"),
        event_credit=np.where(contribution >= hurdle - CREDIT_TOLERANCE, added, 0.0),
        realised=year,
        **{name: totals[name] for name in BY_WEEK},  # type: ignore[arg-type]
    )
