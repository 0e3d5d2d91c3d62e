"""The evaluator's own arithmetic of few events lived through together, cell by cell and without tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import exp, fsum, isnan

from kaopt.demand import Event, shelf_cut, touches
from kaopt.scenario.model import Scenario

Cell = tuple[int, int, int]  # account, SKU, week


@dataclass(frozen=True)
class Residual:
    """What two events together bring in a week beyond the sum of each alone; `payer`: the mechanic that pays."""

    week: int
    payer: int  # -1: none
    cases: float
    spend: float
    contribution: float
    retailer: float


def residuals(world: Scenario, one: Event, other: Event) -> list[Residual]:
    """The difference, by week and payer; empty where neither touches the other or both would run at once."""
    pair = (one, other)
    cells = [{(e.account, t.sku, t.week) for t in touches(world, e)} for e in pair]
    running = [{(e.account, e.sku, week): e.treatment for week in range(e.week, e.week + e.weeks)} for e in pair]
    if not cells[0] & cells[1] or running[0].keys() & running[1].keys():
        return []
    payers = {cell: treatment for each in running for cell, treatment in each.items()}
    years = [lived(world, events) for events in ([one, other], [one], [other])]
    found: dict[tuple[int, int], list[tuple[float, ...]]] = defaultdict(list)
    for cell in years[0]:
        both, first, second = (year.get(cell, (0.0,) * 4) for year in years)
        change = tuple(x - y - z for x, y, z in zip(both, first, second, strict=True))
        if any(change):
            found[cell[2], payers.get(cell, -1)].append(in_money(world, cell, change))
    return [
        Residual(week, payer, *(fsum(column) for column in zip(*rows, strict=True)))
        for (week, payer), rows in sorted(found.items())
    ]


def lived(world: Scenario, events: list[Event]) -> dict[Cell, tuple[float, ...]]:
    """What the events together change in each cell: cases, discount, gifts, the retailer's sales; fees left out."""
    found = [((e.account, t.sku, t.week), e, t) for e in events for t in touches(world, e)]
    effect, wanted, moved, cut = (defaultdict[Cell, float](float) for _ in range(4))
    for cell, event, touch in found:
        effect[cell] += touch.effect
        wanted[cell] += touch.back
        cut[cell] += shelf_cut(world, event.treatment) if touch.active else 0.0
    sold = {cell: float(world.base_cases[cell]) * exp(ln) for cell, ln in effect.items()}
    for cell, event, touch in found:
        if touch.back > 0:
            back = touch.back * min(1.0, sold[cell] / wanted[cell])
            moved[cell] -= back
            moved[event.account, event.sku, event.week + event.weeks - 1] += back
    paid = {cell: costs(world, event, sold[cell], sold[cell] + moved[cell]) for cell, event, t in found if t.active}
    changes: dict[Cell, tuple[float, ...]] = {}
    for cell, out in sold.items():
        base, price = float(world.base_cases[cell]), shelf(world, cell)
        retail = out * price * (1 - cut[cell]) - base * price
        changes[cell] = (out + moved[cell] - base, *paid.get(cell, (0.0, 0.0)), retail)
    return changes


def costs(world: Scenario, event: Event, sold: float, shipped: float) -> tuple[float, float]:
    """Discount and gifts of an active week."""
    what, k = world.treatments, event.treatment
    due = sold if what.settled[k] == "sell_out" else shipped
    return float(due * world.skus.list_price[event.sku] * what.depth[k]), float(sold * what.unit_cost[k])


def shelf(world: Scenario, cell: Cell) -> float:
    """The shelf price without tax, 0 where it is not known."""
    price = float(world.base_price[cell] / (1 + world.accounts.vat[cell[0]]))
    return 0.0 if isnan(price) else price


def in_money(world: Scenario, cell: Cell, change: tuple[float, ...]) -> tuple[float, ...]:
    """Cases, spend, contribution and the retailer's profit of a change of cases, discount, gifts and retail sales."""
    cases, discount, gifts, retail = change
    spend, place = discount + gifts, cell[:2]
    retailer = retail - cases * float(world.net_per_case[place]) + discount
    known = not isnan(float(world.base_price[cell]))
    return cases, spend, cases * float(world.margin_per_case[place]) - spend, retailer if known else 0.0
