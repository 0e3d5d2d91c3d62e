"""A plan in money and volume, event by event from the scenario's primitives: the evaluator's own arithmetic.

Nothing here knows the offer table. Effects are fixed once as floats; every sum over an event is exact and rounded once,
so it depends neither on the order of events nor on how many there are. Events are taken some at a time, in the order
of the plan: memory grows with the account-SKU-weeks and hardly with the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from kaopt.allocation.exact_sum import totals
from kaopt.allocation.flows import SHARED, Flows, alone, shared
from kaopt.allocation.ledger import Ledger
from kaopt.demand import Demand, live
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.touched import PART, parts

CREDIT_TOLERANCE = 1e-6  # money: an event that stands on the hurdle but for rounding has passed it
BY_WEEK = ("cases", "sell_out", "net_revenue", "contribution", "retail_sales", "retailer")  # of a ledger, [A, S, W]
OF_EVENTS = ("cases", "net_revenue", "spend", "contribution", "retailer")  # added up over all that an event changes


@dataclass(frozen=True, eq=False)
class Changes:
    """What some events change [T]: cases, and money of sales, spend, contribution and the retailer."""

    flows: Flows
    base: Floats
    cases: Floats
    sell_out: Floats
    net_revenue: Floats
    spend: Floats
    discount: Floats  # the price cut inside the spend
    contribution: Floats
    retail_sales: Floats
    retailer: Floats


def ledger_of(world: Scenario, plan: Plan) -> Ledger:
    """The ledger of a plan whose events count as if each were alone: what the bound certifies."""
    by_week = {name: np.zeros(world.shape) for name in BY_WEEK}
    found = []
    for part in parts(plan):
        changes = changes_of(world, alone(world, part))
        for name in BY_WEEK:
            np.add.at(by_week[name].reshape(-1), changes.flows.cell, getattr(changes, name))
        found.append(of_events(changes))
    for name in BY_WEEK:
        by_week[name] += quiet(world, name)
    return figures(world, found, live(world, plan), plan=plan, **by_week)


def quiet(world: Scenario, name: str) -> Floats:
    """[A, S, W] an amount in the world without events."""
    base = world.base_cases
    match name:
        case "net_revenue":
            return base * world.net_per_case[:, :, None]
        case "contribution":
            return base * world.margin_per_case[:, :, None]
        case "retail_sales" | "retailer":
            known = np.isfinite(world.base_price)
            shelf = np.where(known, base * world.base_price / (1 + world.accounts.vat)[:, None, None], 0.0)
            return shelf if name == "retail_sales" else np.where(known, shelf - quiet(world, "net_revenue"), 0.0)
    return base


def realised(world: Scenario, ledger: Ledger) -> Ledger:
    """The same plan as lived through: what overlapping events add or take in a cell is shared by size of effect."""
    year, plan = ledger.realised, ledger.plan
    sizes = {name: np.zeros(world.shape) for name in SHARED}
    each = each_alone(world, plan)
    for flows in each():
        for name in SHARED:
            np.add.at(sizes[name].reshape(-1), flows.cell, np.abs(getattr(flows, name)))
    together = {name: getattr(ledger, name) for name in SHARED}
    found = [of_events(changes_of(world, shared(flows, year, together, sizes))) for flows in each()]
    return figures(world, found, year, plan=plan, **{name: getattr(year, name) for name in BY_WEEK})


def each_alone(world: Scenario, plan: Plan) -> Callable[[], Iterable[Flows]]:
    """What the events change alone, part by part, as often as one asks; long plans are told anew to save memory."""
    if len(plan) > PART:
        return lambda: (alone(world, part) for part in parts(plan))
    few = [alone(world, part) for part in parts(plan)]
    return lambda: few


def changes_of(world: Scenario, flows: Flows) -> Changes:
    """The flows in money; costs fall due in each event's active weeks."""
    plan, touched, what, cell = flows.plan, flows.touched, world.treatments, flows.cell
    kind, place = plan.treatment[touched.event], cell // world.weeks
    first = touched.week == plan.week[touched.event]
    scanned = np.array([one == "sell_out" for one in what.settled], dtype=bool)
    due = np.where(scanned[kind], flows.sold, flows.shipped)
    discount = np.where(touched.active, due * world.skus.list_price[touched.sku] * what.depth[kind], 0.0)
    lump = np.where(touched.active, what.weekly_cost[kind] + np.where(first, what.fixed_cost[kind], 0.0), 0.0)
    gifts = np.where(touched.active, flows.sold * what.unit_cost[kind], 0.0)
    funded, spend = discount + lump, discount + lump + gifts
    invoiced, earned = (flows.cases * np.take(one, place) for one in (world.net_per_case, world.margin_per_case))
    known = ~np.isnan(np.take(world.base_price, cell))
    return Changes(
        flows=flows,
        base=np.take(world.base_cases, cell),
        cases=flows.cases,
        sell_out=flows.sell_out,
        net_revenue=invoiced - spend,
        spend=spend,
        discount=discount,
        contribution=earned - spend,
        retail_sales=flows.retail_sales,
        retailer=np.where(known, flows.retail_sales - invoiced + funded, 0.0),
    )


def of_events(changes: Changes) -> dict[str, Floats]:
    """[n] exact sums of each event over all that it changes, and [n, L] what accrues in each of its own weeks."""
    plan, touched = changes.flows.plan, changes.flows.touched
    start, own = touched.start(plan), touched.active
    found = {name: totals(getattr(changes, name), start) for name in OF_EVENTS}
    found["own_base"] = totals(np.where(own, changes.base, 0.0), start)
    found["own_cases"] = totals(np.where(own, changes.base + changes.cases, 0.0), start)
    place = touched.event[own], (touched.week - plan.week[touched.event])[own]
    for name in ("spend", "discount"):
        found[f"weekly_{name}"] = np.zeros((len(plan), int(plan.weeks.max())))
        found[f"weekly_{name}"][place] = getattr(changes, name)[own]
    return found


def figures(world: Scenario, found: list[dict[str, Floats]], year: Demand, *, plan: Plan, **by_week: Floats) -> Ledger:
    """The ledger from its events, part by part, and the joint year; `by_week` are the [A, S, W] amounts."""
    longest = int(plan.weeks.max(initial=1))

    def column(what: str) -> Floats:
        return np.concatenate([np.zeros(0), *(one[what] for one in found)])

    def weekly(what: str) -> Floats:
        wide, begin = np.zeros((len(plan), longest)), 0
        for one in (one[what] for one in found):
            wide[begin : begin + len(one), : one.shape[1]] = one
            begin += len(one)
        return wide

    added, contribution = column("cases"), column("contribution")
    hurdle = world.objective.hurdle * column("spend")
    return Ledger(
        plan=plan,
        event_base_cases=column("own_base"),
        event_cases=column("own_cases"),
        event_incremental_cases=added,
        event_net_revenue=column("net_revenue"),
        event_spend=weekly("weekly_spend"),
        event_discount=weekly("weekly_discount"),
        event_contribution=contribution,
        event_retailer=column("retailer"),
        event_credit=np.where(contribution >= hurdle - CREDIT_TOLERANCE, added, 0.0),
        realised=year,
        **{name: by_week[name] for name in BY_WEEK},  # type: ignore[arg-type]
    )
