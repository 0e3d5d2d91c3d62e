"""What each promotion event changes, week by week, simulated once, alone against doing nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.eligible import Events
from kaopt.response.model import strength
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Effects:
    """What events change, week by week; entries sorted by offer, `start[o]:start[o+1]` belong to offer o.

    Own active weeks first, then the dip, then cluster mates. All relative to doing nothing.
    """

    start: Ints  # [O + 1]
    offer: Ints  # [E]
    sku: Ints  # [E] whose sales change
    week: Ints  # [E] 0-based
    cases: Floats  # [E] case
    net_revenue: Floats  # [E] money, after the event's spend of that week
    spend: Floats  # [E] money of trade spend accrued that week
    contribution: Floats  # [E] money


@dataclass(frozen=True, eq=False)
class Marks:
    """Effects on ln cases, one entry per offer, SKU and week touched, [E] entries."""

    offer: Ints
    sku: Ints
    week: Ints
    effect: Floats
    active: Bools  # in the event's own promoted weeks


def marks_of(world: Scenario, events: Events) -> Marks:
    """What each event does to ln cases: active weeks, dip, cluster mates; formulas in `kaopt.response.model`."""
    how, a, s, ends = world.response, events.account, events.sku, events.week + events.weeks
    with np.errstate(divide="ignore", invalid="ignore"):  # a cut of 100 % is never offered
        first = strength(world)[a, s, events.treatment]
    kept = 1 - how.fatigue[a, s]
    offer, j = ragged(np.minimum(ends, world.weeks) - events.week)
    week, effect = events.week[offer] + j, first[offer] * kept[offer] ** j
    own = Marks(offer, s[offer], week, effect, np.ones(len(offer), bool))

    length = how.dip_weeks[a, s]
    dipped, lag = ragged(np.where(how.dip[a, s] > 0, np.clip(world.weeks - ends, 0, length), 0))
    share = how.dip[a, s][dipped] * (length[dipped] - lag) / np.maximum(length[dipped], 1)
    last = (first * kept ** (events.weeks - 1))[dipped]
    dip = Marks(dipped, s[dipped], ends[dipped] + lag, -share * last, np.zeros(len(dipped), bool))
    return joined(own, dip, mates_of(world, events, own))


def mates_of(world: Scenario, events: Events, own: Marks) -> Marks:
    """What the active weeks `own` take from the other SKUs of the cluster."""
    cluster = np.array(world.skus.cluster)
    everyone = np.arange(len(cluster))
    mates = [everyone[(cluster == c) & (c != "") & (everyone != s)] for s, c in enumerate(cluster)]
    count = np.array([len(m) for m in mates], dtype=np.int64)
    start, flat = np.cumsum(count) - count, np.concatenate(mates)
    cross = world.response.cross[events.account, events.sku]
    mark, nth = ragged(np.where(cross[own.offer] != 0, count[own.sku], 0))
    offer, mate = own.offer[mark], flat[start[own.sku[mark]] + nth]
    sold = world.listed[events.account[offer], mate]
    offer, mate, mark = offer[sold], mate[sold], mark[sold]
    return Marks(offer, mate, own.week[mark], -cross[offer] * own.effect[mark], np.zeros(len(mark), bool))


def joined(*parts: Marks) -> Marks:
    """All marks sorted by offer, the parts' order kept within each."""
    offer = np.concatenate([p.offer for p in parts])
    order = np.argsort(offer, kind="stable")
    sku, week, effect, active = (
        np.concatenate([getattr(p, name) for p in parts])[order] for name in ("sku", "week", "effect", "active")
    )
    return Marks(offer[order], sku, week, effect, active)


def effects_of(world: Scenario, events: Events, marks: Marks) -> Effects:
    """The marks in cases and money; spend accrues with the sales of the active weeks, lump sums in the first."""
    what, o = world.treatments, marks.offer
    account, k = events.account[o], events.treatment[o]
    base = world.base_cases[account, marks.sku, marks.week]
    cases = base * np.expm1(marks.effect)
    per_case = world.skus.list_price[marks.sku] * what.depth[k] + what.unit_cost[k]
    opening = np.where(marks.week == events.week[o], what.fixed_cost[k], 0.0)
    spend = np.where(marks.active, (base + cases) * per_case + what.weekly_cost[k] + opening, 0.0)
    return Effects(
        start=np.searchsorted(o, np.arange(len(events.account) + 1)),
        offer=o,
        sku=marks.sku,
        week=marks.week,
        cases=cases,
        net_revenue=cases * world.net_per_case[account, marks.sku] - spend,
        spend=spend,
        contribution=cases * world.margin_per_case[account, marks.sku] - spend,
    )


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [O]: which entry belongs to which o, and its place there: 2, 0, 1 -> (0, 0, 2), (0, 1, 0)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
