"""The year of a plan, week by week, from the scenario's primitives: cases, revenue, spend and contribution.

Written in plain arithmetic, without the offer table, so that the two can check each other. What one event does is said
by `touches`; `kaopt.touched` says the same of many events at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np

from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.touched import by_treatment, parts, running, touched


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
    columns = (plan.account, plan.sku, plan.week, plan.weeks, plan.treatment)
    for row in zip(*(one.tolist() for one in columns), strict=True):
        yield Event(*row)


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
    sold, promoted, retail = lived(world, plan)
    cases = sold + bought_ahead(world, plan, sold)
    uplift = np.where(promoted >= 0, np.maximum(cases - world.base_cases, 0.0), 0.0)
    discount, fees, gifts = costs_of(world, plan, cases, sold)
    spend = discount + fees + gifts
    revenue = cases * world.net_per_case[:, :, None]
    return Demand(
        cases=cases,
        sell_out=sold,
        uplift=uplift,
        treatment=promoted,
        spend=spend,
        discount=discount,
        fees=fees,
        gifts=gifts,
        net_revenue=revenue - spend,
        contribution=cases * world.margin_per_case[:, :, None] - spend,
        retail_sales=retail,
        retailer=np.where(np.isnan(world.base_price), 0.0, retail - (revenue - discount - fees)),
    )


def lived(world: Scenario, plan: Plan) -> tuple[Floats, Ints, Floats]:
    """[A, S, W] cases that consumers buy, the active treatment (-1: none), and the retailer's sales."""
    ln_effect, ln_price = np.zeros(world.shape), np.zeros(world.shape)
    treatment = np.full(world.shape, -1, dtype=np.int64)
    for part in parts(plan):
        found = touched(world, part)
        cell, event = found.cell(world, part), found.event
        np.add.at(ln_effect.reshape(-1), cell, found.effect)
        own, event = cell[found.active], event[found.active]
        treatment.reshape(-1)[own] = part.treatment[event]  # where two run at once the later one of the plan stands
        cut = by_treatment(part, lambda one: log(1 - shelf_cut(world, one)))
        np.add.at(ln_price.reshape(-1), own, cut[event])
    sold = world.base_cases * np.exp(ln_effect)
    price = world.base_price / (1 + world.accounts.vat)[:, None, None]
    return sold, treatment, np.where(np.isnan(price), 0.0, sold * price * np.exp(ln_price))


def shelf_cut(world: Scenario, treatment: int) -> float:
    """The share by which the shelf price falls in the weeks of an event."""
    return float(world.treatments.depth[treatment] * world.treatments.pass_through[treatment])


def bought_ahead(world: Scenario, plan: Plan, sold: Floats) -> Floats:
    """[A, S, W] cases ordered above (below) what consumers buy (`sold`); over the horizon they add up to nothing.

    Orders never fall below nothing: where several events would take back more than a week has, each takes its share.
    """
    moved, wanted = np.zeros(world.shape), np.zeros(world.shape)
    if not world.response.forward_buy.any():
        return moved
    for part in parts(plan):
        found = touched(world, part)
        np.add.at(wanted.reshape(-1), found.cell(world, part), found.back)
    for part in parts(plan):
        found = touched(world, part)
        late = np.flatnonzero(found.back > 0)
        event, cell = found.event[late], found.cell(world, part)[late]
        back = found.back[late] * np.minimum(1.0, np.take(sold, cell) / np.take(wanted, cell))
        last = (part.account * world.shape[1] + part.sku) * world.weeks + part.week + part.weeks - 1
        place, change = np.stack([cell, last[event]], axis=1), np.stack([-back, back], axis=1)
        np.add.at(moved.reshape(-1), place.reshape(-1), change.reshape(-1))
    return moved


def costs_of(world: Scenario, plan: Plan, cases: Floats, sold: Floats) -> tuple[Floats, Floats, Floats]:
    """Discount, fees and gifts of the plan's events, each [A, S, W], when `cases` are shipped and consumers buy `sold`.

    The discount is due on what the mechanic is settled on; gifts and coupons follow what consumers buy.
    """
    what = world.treatments
    scanned = np.array([one == "sell_out" for one in what.settled], dtype=bool)
    discount, fees, gifts = np.zeros((3, *world.shape))
    for part in parts(plan):
        event, week = running(part, world.weeks)
        sku, kind = part.sku[event], part.treatment[event]
        cell = (part.account[event] * world.shape[1] + sku) * world.weeks + week
        due = np.where(scanned[kind], np.take(sold, cell), np.take(cases, cell))
        np.add.at(discount.reshape(-1), cell, due * world.skus.list_price[sku] * what.depth[kind])
        np.add.at(gifts.reshape(-1), cell, np.take(sold, cell) * what.unit_cost[kind])
        lump = np.where(week == part.week[event], what.fixed_cost[kind], 0.0)
        fee = np.stack([what.weekly_cost[kind], lump], axis=1)  # in this order, as an event after the other brings them
        np.add.at(fees.reshape(-1), np.repeat(cell, 2), fee.reshape(-1))
    return discount, fees, gifts
