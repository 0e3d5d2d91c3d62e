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
    """What an event does to one SKU in one week: `effect` on ln cases; `active` in its own promoted weeks."""

    sku: int
    week: int
    effect: float
    active: bool


@dataclass(frozen=True, eq=False)
class Demand:
    """Expected demand and money of a whole plan, each [A, S, W]."""

    cases: Floats  # case
    uplift: Floats  # of which promotional uplift in active weeks, case
    treatment: Ints  # active treatment, -1 where none
    spend: Floats  # trade spend of events, money
    net_revenue: Floats  # after all trade spend, before the agreement's fixed fees, money
    contribution: Floats  # before the agreement's fixed fees, money


def events_of(plan: Plan) -> Iterator[Event]:
    """The plan's events, one by one."""
    for row in zip(plan.account, plan.sku, plan.week, plan.weeks, plan.treatment, strict=True):
        yield Event(*(int(value) for value in row))


def touches(world: Scenario, event: Event) -> Iterator[Touch]:
    """Everything that one event changes inside the horizon; formulas in `kaopt.response.model`."""
    how, what = world.response, world.treatments
    a, s, k = event.account, event.sku, event.treatment
    first = (
        how.elasticity[a, s] * log(1 - what.depth[k] * what.pass_through[k])
        + how.display[a, s] * what.display[k]
        + how.feature[a, s] * what.feature[k]
        + how.gift[a, s] * what.gift[k]
    )
    effect = first
    for j in range(event.weeks):
        effect = float(first * (1 - how.fatigue[a, s]) ** j)
        if event.week + j < world.weeks:
            yield Touch(s, event.week + j, effect, True)
            for mate in cluster_mates(world, a, s):
                yield Touch(mate, event.week + j, float(-how.cross[a, s] * effect), False)
    length = int(how.dip_weeks[a, s])
    for lag in range(1, length + 1):
        week = event.week + event.weeks - 1 + lag
        if week < world.weeks:
            yield Touch(s, week, float(-how.dip[a, s] * effect * (length + 1 - lag) / length), False)


def cluster_mates(world: Scenario, account: int, sku: int) -> list[int]:
    """The other SKUs of the same cluster that the account sells."""
    cluster = world.skus.cluster[sku]
    if not cluster or world.response.cross[account, sku] == 0:
        return []
    mates = [t for t, other in enumerate(world.skus.cluster) if other == cluster and t != sku]
    return [t for t in mates if world.listed[account, t]]


def live(world: Scenario, plan: Plan) -> Demand:
    """Simulate the demand of the whole plan: effects of all events multiply, each week on its own."""
    ln_effect = np.zeros(world.shape)
    promoted = np.full(world.shape, -1, dtype=np.int64)
    for event in events_of(plan):
        for touch in touches(world, event):
            ln_effect[event.account, touch.sku, touch.week] += touch.effect
            if touch.active:
                promoted[event.account, touch.sku, touch.week] = event.treatment
    cases = world.base_cases * np.exp(ln_effect)
    uplift = np.where(promoted >= 0, np.maximum(cases - world.base_cases, 0.0), 0.0)
    spend = spend_of(world, plan, cases)
    net = cases * world.net_per_case[:, :, None] - spend
    contribution = cases * world.margin_per_case[:, :, None] - spend
    return Demand(cases, uplift, promoted, spend, net, contribution)


def spend_of(world: Scenario, plan: Plan, cases: Floats) -> Floats:
    """[A, S, W] trade spend of the plan's events when `cases` [A, S, W] are sold."""
    what = world.treatments
    spend = np.zeros(world.shape)
    for event in events_of(plan):
        a, s, k = event.account, event.sku, event.treatment
        per_case = world.skus.list_price[s] * what.depth[k] + what.unit_cost[k]
        for week in range(event.week, min(event.week + event.weeks, world.weeks)):
            spend[a, s, week] += cases[a, s, week] * per_case + what.weekly_cost[k]
        spend[a, s, event.week] += what.fixed_cost[k]
    return spend
