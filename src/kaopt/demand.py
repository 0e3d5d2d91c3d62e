"""The year of a plan, week by week, from the scenario's primitives: cases, revenue, spend and contribution.

Written event by event in plain arithmetic, without the offer table, so that the two can check each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np

from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True)
class Event:
    """One promotion event by index: account, SKU, first week (0-based), length, treatment."""

    account: int
    sku: int
    week: int
    weeks: int
    treatment: int


@dataclass(frozen=True)
class Touch:
    """What an event does to one SKU in one week: `effect` on ln cases; `active` in its own promoted weeks.

    `back`: cases by which the customer's orders of the week fall because it bought ahead in the event's last week.
    """

    sku: int
    week: int
    effect: float
    active: bool
    back: float = 0.0


@dataclass(frozen=True, eq=False)
class Demand:
    """Expected demand and money of a whole plan, each [A, S, W]; no plan: the same of the world without events."""

    cases: Floats  # case shipped and invoiced (sell-in)
    sell_out: Floats  # case that consumers buy
    uplift: Floats  # of `cases`: promotional uplift in active weeks, case
    treatment: Ints  # active treatment, -1 where none
    spend: Floats  # trade spend of events, money: the next three together
    discount: Floats  # of which the price cut, money
    fees: Floats  # of which lump sums and weekly fees, money
    gifts: Floats  # of which gifts and coupons for consumers, money
    net_revenue: Floats  # after all trade spend, before the agreement's fixed fees, money
    contribution: Floats  # before the agreement's fixed fees, money
    retail_sales: Floats  # the retailer's, without value-added tax; 0 where its price is not known, money
    retailer: Floats  # the retailer's profit before the agreement's fixed fees; 0 where its price is not known, money


def events_of(plan: Plan) -> Iterator[Event]:
    """The plan's events, one by one."""
    for row in zip(plan.account, plan.sku, plan.week, plan.weeks, plan.treatment, strict=True):
        yield Event(*(int(value) for value in row))


def touches(world: Scenario, event: Event) -> Iterator[Touch]:
    """Everything that one event changes inside the horizon; formulas in `kaopt.response.model`."""
    how, what = world.response, world.treatments
    a, s, k = event.account, event.sku, event.treatment
    price, shown, featured = log(1 - what.depth[k] * what.pass_through[k]), what.display[k], what.feature[k]
    first = (
        how.elasticity[a, s] * price
        + how.display[a, s] * shown
        + how.feature[a, s] * featured
        + how.gift[a, s] * what.gift[k]
        + how.price_display[a, s] * price * shown
        + how.price_feature[a, s] * price * featured
        + how.display_feature[a, s] * shown * featured
    )
    effect = first
    for j in range(event.weeks):
        effect = float(first * (1 - how.fatigue[a, s]) ** j)
        if event.week + j < world.weeks:
            yield Touch(s, event.week + j, effect, True)
            for mate in cluster_mates(world, a, s):
                yield Touch(mate, event.week + j, float(-how.cross[a, s] * effect), False)
    yield from aftermath(world, event, effect)


def aftermath(world: Scenario, event: Event, last: float) -> Iterator[Touch]:
    """The weeks after an event whose last week had the effect `last`: the dip, and orders for what was bought ahead."""
    how, a, s, end = world.response, event.account, event.sku, event.week + event.weeks
    dip_weeks, order_weeks = int(how.dip_weeks[a, s]), int(how.forward_weeks[a, s])
    weeks_ahead = float(how.forward_buy[a, s] * world.treatments.depth[event.treatment])
    for lag in range(1, max(dip_weeks, order_weeks) + 1):
        week = end - 1 + lag
        if week >= world.weeks:
            return
        dip = float(-how.dip[a, s] * last * (dip_weeks + 1 - lag) / dip_weeks) if lag <= dip_weeks else 0.0
        back = weeks_ahead * float(world.base_cases[a, s, end - 1]) / order_weeks if lag <= order_weeks else 0.0
        if dip or back:
            yield Touch(s, week, dip, False, back)


def cluster_mates(world: Scenario, account: int, sku: int) -> list[int]:
    """The other SKUs of the same cluster that the account sells."""
    cluster = world.skus.cluster[sku]
    if not cluster or world.response.cross[account, sku] == 0:
        return []
    mates = [t for t, other in enumerate(world.skus.cluster) if other == cluster and t != sku]
    return [t for t in mates if world.listed[account, t]]


def live(world: Scenario, plan: Plan) -> Demand:
    """Simulate the demand of the whole plan: effects of all events multiply, each week on its own."""
    ln_effect, ln_price = np.zeros(world.shape), np.zeros(world.shape)
    promoted = np.full(world.shape, -1, dtype=np.int64)
    for event in events_of(plan):
        for touch in touches(world, event):
            cell = (event.account, touch.sku, touch.week)
            ln_effect[cell] += touch.effect
            if touch.active:
                promoted[cell] = event.treatment
                ln_price[cell] += log(1 - shelf_cut(world, event))
    sold = world.base_cases * np.exp(ln_effect)
    cases = sold + bought_ahead(world, plan, sold)
    uplift = np.where(promoted >= 0, np.maximum(cases - world.base_cases, 0.0), 0.0)
    discount, fees, gifts = costs_of(world, plan, cases, sold)
    spend = discount + fees + gifts
    price = world.base_price / (1 + world.accounts.vat)[:, None, None]
    known = ~np.isnan(price)
    retail = np.where(known, sold * price * np.exp(ln_price), 0.0)
    paid = cases * world.net_per_case[:, :, None] - discount - fees
    return Demand(
        cases=cases,
        sell_out=sold,
        uplift=uplift,
        treatment=promoted,
        spend=spend,
        discount=discount,
        fees=fees,
        gifts=gifts,
        net_revenue=cases * world.net_per_case[:, :, None] - spend,
        contribution=cases * world.margin_per_case[:, :, None] - spend,
        retail_sales=retail,
        retailer=np.where(known, retail - paid, 0.0),
    )


def shelf_cut(world: Scenario, event: Event) -> float:
    """The share by which the shelf price falls in an event's weeks."""
    return float(world.treatments.depth[event.treatment] * world.treatments.pass_through[event.treatment])


def bought_ahead(world: Scenario, plan: Plan, sold: Floats) -> Floats:
    """[A, S, W] cases ordered above (below) what consumers buy (`sold`); over the horizon they add up to nothing.

    Orders never fall below nothing: where several events would take back more than a week has, each takes its share.
    """
    moved, wanted = np.zeros(world.shape), np.zeros(world.shape)
    if not world.response.forward_buy.any():
        return moved
    late = [(e, t) for e in events_of(plan) for t in touches(world, e) if t.back > 0]
    for event, touch in late:
        wanted[event.account, touch.sku, touch.week] += touch.back
    for event, touch in late:
        cell = (event.account, touch.sku, touch.week)
        back = touch.back * min(1.0, float(sold[cell] / wanted[cell]))
        moved[cell] -= back
        moved[event.account, event.sku, event.week + event.weeks - 1] += back
    return moved


def costs_of(world: Scenario, plan: Plan, cases: Floats, sold: Floats) -> tuple[Floats, Floats, Floats]:
    """Discount, fees and gifts of the plan's events, each [A, S, W], when `cases` are shipped and consumers buy `sold`.

    The discount is due on what the mechanic is settled on; gifts and coupons follow what consumers buy.
    """
    what = world.treatments
    discount, fees, gifts = np.zeros((3, *world.shape))
    for event in events_of(plan):
        a, s, k = event.account, event.sku, event.treatment
        due = sold if what.settled[k] == "sell_out" else cases
        for week in range(event.week, min(event.week + event.weeks, world.weeks)):
            discount[a, s, week] += due[a, s, week] * world.skus.list_price[s] * what.depth[k]
            gifts[a, s, week] += sold[a, s, week] * what.unit_cost[k]
            fees[a, s, week] += what.weekly_cost[k]
        fees[a, s, event.week] += what.fixed_cost[k]
    return discount, fees, gifts
