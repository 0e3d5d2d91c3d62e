"""What each promotion event changes, week by week, simulated once, alone against doing nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kaopt.eligible import Events
from kaopt.response.model import strength
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Effects:
    """What events change, week by week; entries sorted by offer, `start[o]:start[o+1]` belong to offer o.

    Own active weeks first, then the weeks after (dip, orders taken back), then cluster mates; no cell twice in an
    offer. All relative to doing nothing. Money of the retailer counts only where its price is known.
    """

    start: Ints  # [O + 1]
    offer: Ints  # [E]
    sku: Ints  # [E] whose sales change
    week: Ints  # [E] 0-based
    cases: Floats  # [E] case shipped and invoiced (sell-in)
    sell_out: Floats  # [E] case that consumers buy
    net_revenue: Floats  # [E] money, after the event's spend of that week
    spend: Floats  # [E] money of trade spend accrued that week: the next three together
    discount: Floats  # [E] money of the price cut, on cases invoiced or scanned as the mechanic is settled
    fees: Floats  # [E] money of lump sums and weekly fees
    gifts: Floats  # [E] money of gifts and coupons, which go to consumers: on cases sold out
    contribution: Floats  # [E] money
    retail_sales: Floats  # [E] money, the retailer's sales without value-added tax
    retailer: Floats  # [E] money, the retailer's profit: sales, less purchases, plus discount and fees


@dataclass(frozen=True, eq=False)
class Marks:
    """Effects on ln cases, one entry per offer, SKU and week touched, [E] entries."""

    offer: Ints
    sku: Ints
    week: Ints
    effect: Floats
    active: Bools  # in the event's own promoted weeks
    taken_back: Floats  # case by which the customer's orders fall, as far as the week has so many


def marks_of(world: Scenario, events: Events, first: Floats | None = None) -> Marks:
    """What each event does to ln cases: active weeks, weeks after, mates; formulas in `kaopt.response.model`.

    `first` [O]: the effect of an event's first week, to which all its effects are proportional; the response's own.
    """
    how, a, s, ends = world.response, events.account, events.sku, events.week + events.weeks
    first = first_of(world, events) if first is None else first
    kept = 1 - how.fatigue[a, s]
    offer, j = ragged(np.minimum(ends, world.weeks) - events.week)
    week, effect = events.week[offer] + j, first[offer] * kept[offer] ** j
    own = Marks(offer, s[offer], week, effect, np.ones(len(offer), bool), np.zeros(len(offer)))
    last = first * kept ** (events.weeks - 1)
    return joined(own, after(world, events, last), mates_of(world, events, own))


def first_of(world: Scenario, events: Events) -> Floats:
    """[O] the effect on ln cases of each event's first week."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a cut of 100 % is never offered
        found: Floats = strength(world)[events.account, events.sku, events.treatment]
    return found


def after(world: Scenario, events: Events, last: Floats) -> Marks:
    """The weeks after each event: the dip of its `last` week's effect [O], and the orders for what was bought ahead."""
    how, a, s, ends = world.response, events.account, events.sku, events.week + events.weeks
    left = np.maximum(world.weeks - ends, 0)
    dipping = np.where(how.dip[a, s] > 0, np.minimum(left, how.dip_weeks[a, s]), 0)
    ahead = how.forward_buy[a, s] * world.treatments.depth[events.treatment]  # weeks of base volume
    falling = np.where(ahead > 0, np.minimum(left, how.forward_weeks[a, s]), 0)
    offer, lag = ragged(np.maximum(dipping, falling))
    length = np.maximum(how.dip_weeks[a, s], 1)[offer]
    share = how.dip[a, s][offer] * (length - lag) / length
    effect = np.where(lag < dipping[offer], -share * last[offer], 0.0)
    base = world.base_cases[a[offer], s[offer], ends[offer] - 1]
    even = ahead[offer] * base / np.maximum(how.forward_weeks[a, s], 1)[offer]
    back = np.where(lag < falling[offer], even, 0.0)
    return Marks(offer, s[offer], ends[offer] + lag, effect, np.zeros(len(offer), bool), back)


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
    effect, none = -cross[offer] * own.effect[mark], np.zeros(len(mark))
    return Marks(offer, mate, own.week[mark], effect, none.astype(bool), none)


def joined(*parts: Marks) -> Marks:
    """All marks sorted by offer, the parts' order kept within each."""
    order = np.argsort(np.concatenate([p.offer for p in parts]), kind="stable")
    return Marks(*(np.concatenate([getattr(p, one.name) for p in parts])[order] for one in fields(Marks)))


def effects_of(world: Scenario, events: Events, marks: Marks) -> Effects:
    """The marks in cases and money; costs fall due in the active weeks, lump sums in the first of them."""
    what, o, s, w = world.treatments, marks.offer, marks.sku, marks.week
    a, k = events.account[o], events.treatment[o]
    base = world.base_cases[a, s, w]
    sell_out = base * np.expm1(marks.effect)
    cases = sell_out + ordered_ahead(world, events, marks, base + sell_out)
    on_scan = np.array([how == "sell_out" for how in what.settled], dtype=bool)[k]
    due = np.where(marks.active, base + np.where(on_scan, sell_out, cases), 0.0)
    discount = due * world.skus.list_price[s] * what.depth[k]
    gifts = np.where(marks.active, (base + sell_out) * what.unit_cost[k], 0.0)
    opening = np.where(w == events.week[o], what.fixed_cost[k], 0.0)
    fees = np.where(marks.active, what.weekly_cost[k] + opening, 0.0)
    spend = discount + fees + gifts
    price, known = shelf_price(world, a, s, w)
    cut = np.where(marks.active, what.depth[k] * what.pass_through[k], 0.0)
    retail = (base + sell_out) * price * (1 - cut) - base * price
    return Effects(
        start=np.searchsorted(o, np.arange(len(events.account) + 1)),
        offer=o,
        sku=s,
        week=w,
        cases=cases,
        sell_out=sell_out,
        net_revenue=cases * world.net_per_case[a, s] - spend,
        spend=spend,
        discount=discount,
        fees=fees,
        gifts=gifts,
        contribution=cases * world.margin_per_case[a, s] - spend,
        retail_sales=retail,
        retailer=np.where(known, retail - cases * world.net_per_case[a, s] + discount + fees, 0.0),
    )


def ordered_ahead(world: Scenario, events: Events, marks: Marks, sold: Floats) -> Floats:
    """[E] case ordered above (last active week) or below (the weeks after) what consumers buy (`sold`).

    No week's orders fall below nothing, and what would fall beyond the horizon is not bought ahead.
    """
    back = np.minimum(marks.taken_back, sold)
    ahead = np.bincount(marks.offer, weights=back, minlength=len(events.week)).astype(float)
    ends = (events.week + events.weeks)[marks.offer]
    last = marks.active & (marks.week == ends - 1)
    return np.where(last, ahead[marks.offer], -back)


def shelf_price(world: Scenario, account: Ints, sku: Ints, week: Ints) -> tuple[Floats, Bools]:
    """[E] base retail price without value-added tax, 0 where it is not known, and where it is known."""
    price = world.base_price[account, sku, week] / (1 + world.accounts.vat[account])
    known = np.isfinite(price)
    return np.where(known, price, 0.0), known


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [O]: which entry belongs to which o, and its place there: 2, 0, 1 -> (0, 0, 2), (0, 1, 0)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
