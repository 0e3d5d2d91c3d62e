"""What each promotion event changes, week by week, simulated once, alone against doing nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from kaopt.eligible import Events
from kaopt.patterns import Patterns, patterns_of
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Details:
    """What few rules ask of effects, each [E] money."""

    discount: Floats  # of the price cut, on cases invoiced or scanned as the mechanic is settled
    fees: Floats  # of lump sums and weekly fees
    gifts: Floats  # of gifts and coupons, which go to consumers: on cases sold out; with the two before: `spend`
    retail_sales: Floats  # the retailer's sales without value-added tax
    retailer: Floats  # the retailer's profit: sales, less purchases, plus discount and fees


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
    base: Floats  # [E] case without any event
    cases: Floats  # [E] case shipped and invoiced (sell-in)
    sell_out: Floats  # [E] case that consumers buy
    net_revenue: Floats  # [E] money, after the event's spend of that week
    spend: Floats  # [E] money of trade spend accrued that week: discount, fees and gifts
    contribution: Floats  # [E] money
    told: Callable[[], Details]  # the rest, worked out where it is asked for

    @cached_property
    def details(self) -> Details:
        """Kinds of spend and the retailer's side."""
        return self.told()

    @property
    def discount(self) -> Floats:
        """[E] money of the price cut."""
        return self.details.discount

    @property
    def fees(self) -> Floats:
        """[E] money of lump sums and weekly fees."""
        return self.details.fees

    @property
    def gifts(self) -> Floats:
        """[E] money of gifts and coupons."""
        return self.details.gifts

    @property
    def retail_sales(self) -> Floats:
        """[E] money, the retailer's sales without value-added tax."""
        return self.details.retail_sales

    @property
    def retailer(self) -> Floats:
        """[E] money, the retailer's profit."""
        return self.details.retailer


@dataclass(frozen=True, eq=False)
class Marks:
    """Effects on ln cases, one entry per offer, SKU and week touched, [E] entries: `patterns` laid into the year."""

    offer: Ints
    week: Ints
    entry: Ints  # place in the marks of `patterns`
    taken_back: Floats  # case by which the customer's orders fall, as far as the week has so many
    patterns: Patterns

    @cached_property
    def sku(self) -> Ints:
        """Whose sales change."""
        return self.patterns.marks.sku[self.entry]

    @cached_property
    def effect(self) -> Floats:
        """On ln cases."""
        return self.patterns.marks.effect[self.entry]

    @cached_property
    def active(self) -> Bools:
        """In the event's own promoted weeks."""
        return self.patterns.marks.active[self.entry]

    @cached_property
    def running(self) -> Ints:
        """Places of the active weeks."""
        return np.flatnonzero(self.active)


def marks_of(world: Scenario, events: Events, first: float | None = None) -> Marks:
    """What each event does to ln cases: active weeks, weeks after, mates, as far as the horizon goes.

    `first`: the effect of an event's first week, to which all its effects are proportional; None: the response's own.
    """
    patterns = patterns_of(world, events, first)
    kind, marks = patterns.kind, patterns.marks
    count = np.diff(patterns.start)[kind]
    offer = np.repeat(np.arange(len(kind)), count)
    entry = np.arange(len(offer)) + (patterns.start[kind] - np.cumsum(count) + count)[offer]
    week = events.week[offer] + marks.lag[entry]
    inside = week < world.weeks
    if not inside.all():
        offer, entry, week = offer[inside], entry[inside], week[inside]
    back = np.zeros(len(offer))
    if marks.ahead.any():
        last = np.minimum(events.week + events.weeks, world.weeks) - 1  # past the horizon none has weeks after it
        base = world.base_cases[events.account, events.sku, last]
        back = marks.ahead[entry] * base[offer] / marks.over[entry]
    return Marks(offer, week, entry, back, patterns)


def base_of(world: Scenario, marks: Marks) -> Floats:
    """[E] cases without any event."""
    account, sku = marks.patterns.account, marks.patterns.marks.sku
    cell = (account * world.shape[1] + sku) * world.weeks
    return np.take(world.base_cases.reshape(-1), cell[marks.entry] + marks.week)


def effects_of(world: Scenario, events: Events, marks: Marks) -> Effects:
    """The marks in cases and money; costs fall due in the active weeks, lump sums in the first of them."""
    where = (marks.patterns.account, marks.patterns.marks.sku)
    base = base_of(world, marks)
    sell_out = base * np.expm1(marks.patterns.marks.effect)[marks.entry]
    cases = sell_out
    if marks.patterns.marks.ahead.any():
        cases = sell_out + ordered_ahead(events, marks, base + sell_out)
    spend = np.zeros(len(base))
    discount, fees, gifts = costs_of(world, marks, (base, sell_out, cases))
    spend[marks.running] = discount + fees + gifts
    return Effects(
        start=np.concatenate([[0], np.cumsum(np.bincount(marks.offer, minlength=len(events.account)))]),
        offer=marks.offer,
        sku=marks.sku,
        week=marks.week,
        base=base,
        cases=cases,
        sell_out=sell_out,
        net_revenue=cases * world.net_per_case[where][marks.entry] - spend,
        spend=spend,
        contribution=cases * world.margin_per_case[where][marks.entry] - spend,
        told=partial(details_of, world, marks, (base, sell_out, cases)),
    )


def costs_of(world: Scenario, marks: Marks, volume: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Discount, fees and gifts of the active weeks (`marks.running`); `volume`: [E] base, more sold out, more cases."""
    what, here, k = world.treatments, marks.running, marks.patterns.treatment
    entry, (base, sell_out, cases) = marks.entry[here], volume
    out = base[here] + sell_out[here]
    on_scan = np.array([how == "sell_out" for how in what.settled], dtype=bool)[k]
    due = out if cases is sell_out else np.where(on_scan[entry], out, base[here] + cases[here])
    discount = due * world.skus.list_price[marks.patterns.marks.sku][entry] * what.depth[k][entry]
    opening = np.where(marks.patterns.marks.lag == 0, what.fixed_cost[k], 0.0)
    return discount, (what.weekly_cost[k] + opening)[entry], out * what.unit_cost[k][entry]


def details_of(world: Scenario, marks: Marks, volume: tuple[Floats, Floats, Floats]) -> Details:
    """The kinds of spend and the retailer's side; `volume`: [E] base, more sold out, more cases."""
    what, entry = world.treatments, marks.entry
    a, s, k = marks.patterns.account, marks.patterns.marks.sku, marks.patterns.treatment
    base, sell_out, cases = volume
    discount, fees, gifts = np.zeros((3, len(entry)))
    discount[marks.running], fees[marks.running], gifts[marks.running] = costs_of(world, marks, volume)
    price, known = shelf_price(world, a[entry], s[entry], marks.week)
    cut = np.where(marks.patterns.marks.active, what.depth[k] * what.pass_through[k], 0.0)
    retail = (base + sell_out) * price * (1 - cut)[entry] - base * price
    profit = retail - cases * world.net_per_case[a, s][entry] + discount + fees
    return Details(discount, fees, gifts, retail_sales=retail, retailer=np.where(known, profit, 0.0))


def ordered_ahead(events: Events, marks: Marks, sold: Floats) -> Floats:
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
