"""What events add to the cases and the retailer's sales of each week, where each is the only one or as all are lived.

Nothing here knows the offer table.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1

import numpy as np

from kaopt.allocation.exact_sum import totals
from kaopt.demand import Demand, shelf_cut
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.touched import Touched, by_treatment, touched

SHARED = ("cases", "sell_out", "retail_sales")


@dataclass(frozen=True, eq=False)
class Flows:
    """What some events add, an entry [T] for each cell that each of them touches; negative where it takes.

    `shipped`, `sold`: the cell's whole cases, on which costs fall due in active weeks.
    """

    plan: Plan  # the events
    touched: Touched
    cell: Ints  # place in a flat [A, S, W] array
    cases: Floats
    sell_out: Floats
    retail_sales: Floats
    shipped: Floats
    sold: Floats


def alone(world: Scenario, plan: Plan) -> Flows:
    """What each event changes where it is the only one."""
    found = touched(world, plan)
    cell = found.cell(world, plan)
    base = np.take(world.base_cases, cell)
    gain = np.array([expm1(one) for one in found.effect.tolist()], dtype=float)  # as of one event: see `touched`
    more, taken = base * gain, np.minimum(found.back, base * (1 + gain))
    ahead = totals(taken, found.start(plan)) if taken.any() else np.zeros(len(plan))
    last = found.active & (found.week == (plan.week + plan.weeks - 1)[found.event])
    moved = np.where(last, ahead[found.event], 0.0) - taken
    retail = shelf_gain(world, plan, found, more)
    return Flows(plan, found, cell, more + moved, more, retail, base + more + moved, base + more)


def shelf_gain(world: Scenario, plan: Plan, found: Touched, more: Floats) -> Floats:
    """How the retailer's sales without tax change where consumers buy `more` at the shelf price of the event."""
    cell = found.cell(world, plan)
    price = np.take(world.base_price, cell) / (1 + world.accounts.vat)[plan.account[found.event]]
    cut = np.where(found.active, by_treatment(plan, lambda one: shelf_cut(world, one))[found.event], 0.0)
    gain = more * price - (np.take(world.base_cases, cell) + more) * price * cut
    return np.where(np.isnan(price), 0.0, gain)


def shared(flows: Flows, year: Demand, together: dict[str, Floats], sizes: dict[str, Floats]) -> Flows:
    """The same events as lived: what they add or take in a cell `together`, beyond all alone, is shared by size."""

    def part(name: str) -> Floats:
        mine, whole = getattr(flows, name), np.take(sizes[name], flows.cell)
        beyond = np.take(getattr(year, name), flows.cell) - np.take(together[name], flows.cell)
        share = np.abs(mine) / np.where(whole > 0, whole, 1.0)
        return np.asarray(mine + np.where(whole > 0, share * beyond, 0.0))

    own = [part(name) for name in SHARED]
    till = [np.take(one, flows.cell) for one in (year.cases, year.sell_out)]
    return Flows(flows.plan, flows.touched, flows.cell, *own, *till)
