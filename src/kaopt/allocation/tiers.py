"""Tiers of a rebate cut to what can be sold, with the gaps under their thresholds in which no plan is offered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from kaopt.allocation.attainable import least, most
from kaopt.allocation.rules.judge import slack
from kaopt.offers import Offers
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.terms import Rebate

OFFERED, JUDGED, BELOW = 1, 5, 10  # tolerances under a threshold: of plans on it, of the judge, of plans below it
CLEAR = 1e-5  # of all that may be sold more or less: closer than a few millionths of it a solver cannot tell amounts
OUTWARD = 1 + 1e-9  # so that rounding cuts no plan off
GRAIN = 1e-6  # least width of an outer tier, of what is sold: a solver would not see less beside the rest


@dataclass(frozen=True)
class Tier:
    """Sales from `low` to `high`; `rate` holds on them. `start`: the rebate at `low`, money."""

    low: float
    high: float
    rate: float
    start: float

    @property
    def width(self) -> float:
        """How much is sold from its beginning to its end."""
        return self.high - self.low


@dataclass(frozen=True, eq=False)
class Scale:
    """A rebate with the tiers that can be reached; `base`: sales without events, `change` [O] what each offer adds."""

    rebate: Rebate
    tiers: tuple[Tier, ...]
    base: float
    change: Floats


def scales(world: Scenario, offers: Offers) -> tuple[Scale, ...]:
    """Every rebate of the offers' accounts with its tiers, from the least to the most that can be sold."""
    here, changes = offers.covers(world), {"revenue": offers.net_revenue, "cases": offers.incremental_cases}
    mine = [rebate for rebate in world.rebates if here[rebate.account]]
    measures = {one.measure for one in mine}
    ends = {one: (least(world, offers, changes[one]), most(world, offers, changes[one])) for one in measures}
    found = []
    for rebate in mine:
        down, up = (float(end[rebate.account]) for end in ends[rebate.measure])
        change = np.where(offers.account == rebate.account, changes[rebate.measure], 0.0)
        found.append(Scale(rebate, *tiers_of(world, rebate, (down, up)), change))
    return tuple(found)


def tiers_of(world: Scenario, rebate: Rebate, reach: tuple[float, float]) -> tuple[tuple[Tier, ...], float]:
    """The tiers within `reach` of what is sold without events, which comes second."""
    sold = world.base_cases[rebate.account]
    price = world.net_per_case[rebate.account][:, None] if rebate.measure == "revenue" else 1.0
    base = float((sold * price).sum())
    width = GRAIN * (1 + abs(base))
    room = (base + reach[0] * OUTWARD, base + max(reach[1] * OUTWARD, width))
    tiers = (all_unit if rebate.kind == "all_unit" else stepped)(rebate, base, room)
    return wide_enough(tiers, width), base


def rebates_elsewhere(world: Scenario, offers: Offers) -> Floats:
    """[A] money that rebates by tier take without events at the accounts that are no part of the offers, at most 0.

    So rules that add up what all accounts earn know of a part of them what is due anyway at the others.
    """
    found, here = np.zeros(world.shape[0]), offers.covers(world)
    for rebate in world.rebates if world.rules.get("rebate", (True,)) else ():
        if not here[rebate.account]:
            tiers, base = tiers_of(world, rebate, (0.0, 0.0))
            tier = [one for one in tiers if one.low <= base][-1]
            found[rebate.account] -= tier.start + tier.rate * (base - tier.low)
    return found


def all_unit(rebate: Rebate, base: float, room: tuple[float, float]) -> tuple[Tier, ...]:
    """Tiers whose rate holds on everything sold; sales without events always lie in one of them."""
    gaps = [gap(threshold, base, CLEAR * (room[1] - room[0])) for threshold in rebate.thresholds]
    lows, highs = (-inf, *(above for _, above in gaps)), (*(below for below, _ in gaps), inf)
    found = []
    for rate, low, high in zip((0.0, *rebate.rates), lows, highs, strict=True):
        least_sold, most_sold = max(low, room[0]), min(high, room[1])
        if least_sold <= most_sold:
            found.append(Tier(least_sold, most_sold, rate, rate * least_sold))
    return tuple(found)


def gap(threshold: float, base: float, clear: float) -> tuple[float, float]:
    """Where the tier below a threshold ends and the one above begins; `base` lies in the one that the judge says."""
    grain = slack(threshold)
    wide = max(BELOW * grain, clear)
    if base < threshold - JUDGED * grain:
        return max(threshold - wide, base), threshold - OFFERED * grain
    return threshold - wide, base if base <= threshold + wide else threshold - OFFERED * grain


def stepped(rebate: Rebate, base: float, room: tuple[float, float]) -> tuple[Tier, ...]:
    """Tiers one after another, each rate on its own sales; the rebate goes on without a jump."""
    edges = (-inf, *rebate.thresholds, inf)
    found, start = [], 0.0
    for rate, low, high in zip((0.0, *rebate.rates), edges[:-1], edges[1:], strict=True):
        least_sold, most_sold = max(low, room[0]), min(high, room[1])
        if least_sold < most_sold:
            found.append(Tier(least_sold, most_sold, rate, start + (rate * (least_sold - low) if rate else 0.0)))
        start += rate * (high - low) if rate and high < inf else 0.0
    return tuple(found)


def wide_enough(tiers: tuple[Tier, ...], width: float) -> tuple[Tier, ...]:
    """The outer tiers, which end where no plan gets, made wide enough to be seen."""
    *below, last = tiers
    first, *above = (*below, replace(last, high=max(last.high, last.low + width)))
    low = min(first.low, first.high - width)
    return (replace(first, low=low, start=first.start - first.rate * (first.low - low)), *above)
