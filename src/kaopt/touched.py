"""Everything that many events change, in one table: `kaopt.demand.touches` for all of them at once, to the last digit.

Powers and exponentials are the C library's own, as for one event: numpy's differ in the last digit between machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from math import log

import numpy as np

from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario

PART = 20_000  # events that are worked on together: their table takes few megabytes, however long the plan


@dataclass(frozen=True, eq=False)
class Touched:
    """What events do to SKUs in weeks [T], event by event; as `kaopt.demand.Touch`."""

    event: Ints  # its number in the plan, ascending
    sku: Ints
    week: Ints
    effect: Floats  # on ln cases
    active: Bools  # in the event's own promoted weeks
    back: Floats  # cases that are not ordered because the customer bought ahead

    def cell(self, world: Scenario, plan: Plan) -> Ints:
        """[T] the place in a flat [A, S, W] array."""
        found: Ints = (plan.account[self.event] * world.shape[1] + self.sku) * world.weeks + self.week
        return found

    def start(self, plan: Plan) -> Ints:
        """[N + 1] where each event's entries begin."""
        found: Ints = np.searchsorted(self.event, np.arange(len(plan) + 1))
        return found


def parts(plan: Plan) -> Iterator[Plan]:
    """The plan's events in their order, some at a time."""
    return (some(plan, slice(begin, begin + PART)) for begin in range(0, len(plan), PART))


def some(plan: Plan, which: Ints | Bools | slice) -> Plan:
    """Some of the plan's events."""
    return Plan(plan.account[which], plan.sku[which], plan.week[which], plan.weeks[which], plan.treatment[which])


def running(plan: Plan, weeks: int | None = None) -> tuple[Ints, Ints]:
    """(event, week) of every week in which an event runs, up to the end of a horizon of so many weeks."""
    event, nth = each(plan.weeks if weeks is None else np.clip(weeks - plan.week, 0, plan.weeks))
    return event, plan.week[event] + nth


def of_accounts(world: Scenario, plan: Plan) -> list[Ints]:
    """[A] the numbers of each account's events."""
    order = np.argsort(plan.account, kind="stable")
    return np.split(order, np.searchsorted(plan.account[order], np.arange(1, world.shape[0])))


def touched(world: Scenario, plan: Plan) -> Touched:
    """Everything that the plan's events change inside the horizon."""
    first = first_effect(world, plan)
    found = [own := promoted(world, plan, first)]
    if any(world.skus.cluster):
        found.append(taken_from_mates(world, plan, own))
    if world.response.dip_weeks.any() or world.response.forward_weeks.any():
        found.append(afterwards(world, plan, lasting(world, plan, first, np.maximum(plan.weeks - 1, 0))))
    if len(found) == 1:
        return own
    order = np.argsort(np.concatenate([one.event for one in found]), kind="stable")
    return Touched(*(np.concatenate([getattr(one, f.name) for one in found])[order] for f in fields(Touched)))


def first_effect(world: Scenario, plan: Plan) -> Floats:
    """[N] effect on ln cases in each event's first week."""
    how, what, at, k = world.response, world.treatments, (plan.account, plan.sku), plan.treatment
    price = by_treatment(plan, lambda one: log(1 - what.depth[one] * what.pass_through[one]))
    shown, featured = what.display[k], what.feature[k]
    found: Floats = (
        how.elasticity[at] * price
        + how.display[at] * shown
        + how.feature[at] * featured
        + how.gift[at] * what.gift[k]
        + how.price_display[at] * price * shown
        + how.price_feature[at] * price * featured
        + how.display_feature[at] * shown * featured
    )
    return found


def by_treatment(plan: Plan, figure: Callable[[int], float]) -> Floats:
    """[N] a figure of each event's mechanic, asked once for each that the plan has."""
    figures = {k: figure(k) for k in set(plan.treatment.tolist())}
    table = np.array([figures.get(k, 0.0) for k in range(max(figures, default=0) + 1)])
    return table[plan.treatment]


def lasting(world: Scenario, plan: Plan, first: Floats, week: Ints, event: Ints | slice = slice(None)) -> Floats:
    """What fatigue leaves of the first effects in a later week of the event, counted from 0."""
    left = 1 - world.response.fatigue[plan.account[event], plan.sku[event]]
    power = np.where(week == 0, 1.0, left)
    long = np.flatnonzero(week > 1)
    power[long] = [base**n for base, n in zip(left[long].tolist(), week[long].tolist(), strict=True)]
    found: Floats = first[event] * power
    return found


def promoted(world: Scenario, plan: Plan, first: Floats) -> Touched:
    """The events' own weeks."""
    event, week = running(plan, world.weeks)
    effect = lasting(world, plan, first, week - plan.week[event], event)
    none = np.zeros(len(event))
    return Touched(event, plan.sku[event], week, effect, np.ones(len(event), dtype=bool), none)


def taken_from_mates(world: Scenario, plan: Plan, own: Touched) -> Touched:
    """What SKUs of the same cluster that the account sells lose in the events' own weeks."""
    cluster = np.unique(world.skus.cluster, return_inverse=True)[1]
    named = np.array([name != "" for name in world.skus.cluster])
    order = np.argsort(cluster, kind="stable")
    begin = np.searchsorted(cluster[order], cluster)  # where each SKU's cluster begins in `order`
    size = np.where(named, np.bincount(cluster)[cluster], 0)
    cross = world.response.cross[plan.account[own.event], own.sku]
    which, nth = each(np.where(cross == 0, 0, size[own.sku]))
    mate, event = order[begin[own.sku[which]] + nth], own.event[which]
    kept = (mate != own.sku[which]) & world.listed[plan.account[event], mate]
    which, mate, event = which[kept], mate[kept], event[kept]
    none = np.zeros(len(which))
    return Touched(event, mate, own.week[which], -cross[which] * own.effect[which], none > 0, none)


def afterwards(world: Scenario, plan: Plan, last: Floats) -> Touched:
    """The dip after events whose last week had the effect `last`, and orders for what was bought ahead."""
    how, at, end = world.response, (plan.account, plan.sku), plan.week + plan.weeks
    dip_weeks, order_weeks = how.dip_weeks[at], how.forward_weeks[at]
    event, nth = each(np.clip(world.weeks - end, 0, np.maximum(dip_weeks, order_weeks)))
    dips, orders = nth < dip_weeks[event], nth < order_weeks[event]
    ahead = how.forward_buy[at] * world.treatments.depth[plan.treatment]
    bought = ahead * world.base_cases[(*at, np.minimum(end, world.weeks) - 1)] / np.maximum(order_weeks, 1)
    deep = (-how.dip[at] * last)[event] * (dip_weeks[event] - nth) / np.maximum(dip_weeks, 1)[event]
    dip, back = np.where(dips, deep, 0.0), np.where(orders, bought[event], 0.0)
    kept = (dip != 0) | (back != 0)
    event, week = event[kept], (end[event] + nth)[kept]
    return Touched(event, plan.sku[event], week, dip[kept], np.zeros(len(event), dtype=bool), back[kept])


def each(count: Ints) -> tuple[Ints, Ints]:
    """Every number n of `count` as often as it says, and which time it is, from 0."""
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
