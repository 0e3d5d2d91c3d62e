"""A plan's ledger event by event, cell by cell: the evaluator's arithmetic as one would do it by hand.

Nothing is shared with the evaluator but what one event does to demand (`touches`). Sums over an event are exact.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import expm1, fsum, isnan

import numpy as np

from kaopt.demand import Demand, Event, events_of, touches
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario

Cell = tuple[int, int, int]
SHARED = ("cases", "sell_out", "retail_sales")


@dataclass
class Change:
    """What an event changes in one cell."""

    cell: Cell
    active: bool
    base: float
    cases: float
    sell_out: float
    retail_sales: float
    till: tuple[float, float]  # whole cases shipped and sold
    net_revenue: float = 0.0
    contribution: float = 0.0
    retailer: float = 0.0
    spend: float = 0.0
    discount: float = 0.0


def alone(world: Scenario, event: Event) -> list[Change]:
    """What the event changes in cases and on the shelf where it is the only one."""
    a, what, found = event.account, world.treatments, list(touches(world, event))
    gone = []
    for touch in found:
        sold = float(world.base_cases[a, touch.sku, touch.week]) * (1 + expm1(touch.effect))
        gone.append(min(touch.back, sold))
    changes = []
    for touch, taken in zip(found, gone, strict=True):
        cell = (a, touch.sku, touch.week)
        base, price = float(world.base_cases[cell]), float(world.base_price[cell]) / (1 + float(world.accounts.vat[a]))
        more = base * expm1(touch.effect)
        last = touch.active and touch.week == event.week + event.weeks - 1
        moved = (fsum(gone) if last else 0.0) - taken
        cut = float(what.depth[event.treatment] * what.pass_through[event.treatment]) if touch.active else 0.0
        retail = 0.0 if isnan(price) else more * price - (base + more) * price * cut
        till = (base + more + moved, base + more)
        changes.append(Change(cell, touch.active, base, more + moved, more, retail, till))
    return in_money(world, event, changes)


def in_money(world: Scenario, event: Event, changes: list[Change]) -> list[Change]:
    """The same changes with what they cost and bring."""
    what, k, net, margin = world.treatments, event.treatment, world.net_per_case, world.margin_per_case
    for one in changes:
        a, s, week = one.cell
        lump = gifts = one.discount = 0.0
        if one.active:
            due = one.till[1] if what.settled[k] == "sell_out" else one.till[0]
            one.discount = float(due * world.skus.list_price[s] * what.depth[k])
            lump = float(what.weekly_cost[k] + (what.fixed_cost[k] if week == event.week else 0.0))
            gifts = float(one.till[1] * what.unit_cost[k])
        one.spend = one.discount + lump + gifts
        invoiced = one.cases * float(net[a, s])
        one.net_revenue = invoiced - one.spend
        one.contribution = one.cases * float(margin[a, s]) - one.spend
        known = not isnan(float(world.base_price[one.cell]))
        one.retailer = one.retail_sales - invoiced + (one.discount + lump) if known else 0.0
    return changes


def lived(world: Scenario, plan: Plan, year: Demand) -> list[list[Change]]:
    """The events of the joint year: what a cell has beyond all events alone is shared by the size of their effects."""
    each = [alone(world, event) for event in events_of(plan)]
    size: dict[tuple[str, Cell], float] = defaultdict(float)
    summed: dict[tuple[str, Cell], float] = defaultdict(float)
    for one in (one for changes in each for one in changes):
        for name in SHARED:
            size[name, one.cell] += abs(getattr(one, name))
            summed[name, one.cell] += getattr(one, name)
    for event, changes in zip(events_of(plan), each, strict=True):
        for one in changes:
            for name in SHARED:
                key, mine = (name, one.cell), getattr(one, name)
                beyond = float(getattr(year, name)[one.cell]) - (still(world, one.cell)[name] + summed[key])
                setattr(one, name, mine + (abs(mine) / size[key] * beyond if size[key] > 0 else 0.0))
            one.till = (float(year.cases[one.cell]), float(year.sell_out[one.cell]))
        in_money(world, event, changes)
    return each


def still(world: Scenario, cell: Cell) -> dict[str, float]:
    """A cell without any event."""
    base, price = float(world.base_cases[cell]), float(world.base_price[cell])
    retail = 0.0 if isnan(price) else base * price / (1 + float(world.accounts.vat[cell[0]]))
    return {"cases": base, "sell_out": base, "retail_sales": retail}


def added_up(each: list[list[Change]], name: str) -> np.ndarray:
    """[N] the exact sum of an amount over all that each event changes."""
    return np.array([fsum(getattr(one, name) for one in changes) for changes in each], dtype=float)


def in_cells(world: Scenario, each: list[list[Change]], name: str) -> np.ndarray:
    """[A, S, W] an amount of all events, one after the other."""
    found = np.zeros(world.shape)
    for one in (one for changes in each for one in changes):
        found[one.cell] += getattr(one, name)
    return found
