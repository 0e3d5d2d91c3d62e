"""What two offers together bring beyond the sum of each alone: the exact residual where one touches the other.

In a cell that both touch, sales multiply where the table adds; what one of them sells there less, the other pays no
discount or gift on; and orders that both would take back can be taken back once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.effects import Marks, marks_of, shelf_price
from kaopt.eligible import Events
from kaopt.errors import Fault, InputError
from kaopt.offers import CREDIT_TOLERANCE, Offers
from kaopt.patterns import ragged
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario

PAIRS = 200_000  # that a model can carry
CELLS = 20 * PAIRS  # in which they may meet
DUST = 1e-9  # case or money: below it lies only rounding


@dataclass(frozen=True, eq=False)
class Meetings:
    """Residuals by pair, week and payer, [Z] entries: amounts of the two events together less those of each alone.

    `payer`: the mechanic whose own promoted week it is and that pays for the change in cases, -1 for none.
    """

    first: Ints  # offer
    second: Ints  # offer, of the same account, after the first in the table
    week: Ints  # 0-based
    payer: Ints
    cases: Floats  # case, sell-in
    spend: Floats  # money
    net_revenue: Floats  # money
    contribution: Floats  # money
    retailer: Floats  # money
    credit: Floats  # cases of profitable volume: half of a residual to each event, where that event alone earns credit

    def __len__(self) -> int:
        """Number of residuals."""
        return len(self.first)


@dataclass(frozen=True, eq=False)
class Shared:
    """Cells that two offers touch, [M] entries: places of the earlier and of the later offer's mark."""

    one: Ints
    other: Ints


def meetings_of(world: Scenario, offers: Offers) -> Meetings:
    """Every residual of two offers that may both be chosen and touch one account-SKU-week."""
    marks = marks_of(world, Events(offers.account, offers.sku, offers.week, offers.weeks, offers.treatment))
    return residuals(world, offers, marks, shared_cells(world, offers, marks))


def shared_cells(world: Scenario, offers: Offers, marks: Marks) -> Shared:
    """The cells that pairs of offers share, apart from pairs that would run at once; refuses what is too much."""
    _, skus, weeks = world.shape
    base = world.base_cases[offers.account[marks.offer], marks.sku, marks.week]
    touched = np.flatnonzero(marks.active | ((base > 0) & ((marks.effect != 0) | (marks.taken_back > 0))))
    cell = (offers.account[marks.offer[touched]] * skus + marks.sku[touched]) * weeks + marks.week[touched]
    touched = touched[np.argsort(cell, kind="stable")]  # within a cell by offer
    _, count = np.unique(cell, return_counts=True)
    cells = int((count * (count - 1) // 2).sum())
    if cells > CELLS:
        refuse(f"offers that meet in {cells:,} account-SKU-weeks", CELLS)
    _, place = ragged(count)
    later, nth = ragged(place)
    found = Shared(touched[later - place[later] + nth], touched[later])
    kept = ~at_once(offers, marks.offer[found.one], marks.offer[found.other])
    found = Shared(found.one[kept], found.other[kept])
    pairs = len(np.unique(marks.offer[found.one] * len(offers) + marks.offer[found.other]))
    if pairs > PAIRS:
        refuse(f"{pairs:,} pairs of offers that meet", PAIRS)
    return found


def refuse(found: str, most: int) -> None:
    """There are too many pairs for a model."""
    remedy = "Say `mode: forbid`, or offer fewer mechanics, lengths or weeks."
    raise InputError(
        [Fault("scenario.yaml", None, "rules.overlap.mode", f"pairs: {found}", f"must be at most {most:,}", remedy)]
    )


def at_once(offers: Offers, one: Ints, other: Ints) -> Bools:
    """[M] pairs of one SKU that would run in the same week, which `one_event` forbids."""
    begin = np.maximum(offers.week[one], offers.week[other])
    end = np.minimum(offers.week[one] + offers.weeks[one], offers.week[other] + offers.weeks[other])
    both: Bools = (offers.sku[one] == offers.sku[other]) & (begin < end)
    return both


@dataclass(frozen=True, eq=False)
class Parts:
    """Residuals by pair and cell, before they are added up."""

    first: Ints
    second: Ints
    sku: Ints
    week: Ints
    payer: Ints
    cases: Floats
    discount: Floats
    gifts: Floats
    retail_sales: Floats


def residuals(world: Scenario, offers: Offers, marks: Marks, cells: Shared) -> Meetings:
    """The residuals of every shared cell, and of the last weeks in which less can then be bought ahead."""
    what, one, other = world.treatments, cells.one, cells.other
    first, second = marks.offer[one], marks.offer[other]
    account, sku, week = offers.account[first], marks.sku[one], marks.week[one]
    base = world.base_cases[account, sku, week]
    sold_one, sold_other = (base * np.exp(marks.effect[x]) for x in (one, other))
    both = base * np.exp(marks.effect[one] + marks.effect[other])
    wanted = marks.taken_back[one] + marks.taken_back[other]
    part = np.minimum(1.0, np.divide(both, wanted, out=np.ones_like(both), where=wanted > 0))
    back_one, back_other = marks.taken_back[one] * part, marks.taken_back[other] * part
    less_one = back_one - np.minimum(marks.taken_back[one], sold_one)
    less_other = back_other - np.minimum(marks.taken_back[other], sold_other)

    mine, runs = marks.active[one], marks.active[one] | marks.active[other]
    k = np.where(mine, offers.treatment[first], offers.treatment[second])
    sold, guest = np.where(mine, sold_one, sold_other), np.where(mine, sold_other, sold_one)
    due = both - sold - np.where(settled_on_scan(world)[k], 0.0, np.where(mine, back_other, back_one))
    cut = np.where(runs, what.depth[k] * what.pass_through[k], 0.0)
    price, _ = shelf_price(world, account, sku, week)
    here = Parts(
        first, second, sku, week, np.where(runs, k, -1),
        cases=both - sold_one - sold_other + base - less_one - less_other,
        discount=np.where(runs, due * world.skus.list_price[sku] * what.depth[k], 0.0),
        gifts=np.where(runs, (both - sold) * what.unit_cost[k], 0.0),
        retail_sales=price * ((1 - cut) * (both - sold) - (guest - base)),
    )  # fmt: skip
    pair = (first, second)
    ahead = [last_weeks(world, offers, pair, o, more) for o, more in zip(pair, (less_one, less_other), strict=True)]
    return added_up(world, offers, [here, *ahead])


def settled_on_scan(world: Scenario) -> Bools:
    """[K] mechanics whose discount is paid on what consumers buy."""
    return np.array([how == "sell_out" for how in world.treatments.settled], dtype=bool)


def last_weeks(world: Scenario, offers: Offers, pair: tuple[Ints, Ints], o: Ints, more: Floats) -> Parts:
    """What is bought ahead `more` in the last week of offer `o` of each pair."""
    sku, k = offers.sku[o], offers.treatment[o]
    discount = np.where(settled_on_scan(world)[k], 0.0, more * world.skus.list_price[sku] * world.treatments.depth[k])
    # an offer that runs over the edge of the horizon has no weeks after it, hence nothing to take back
    week = np.minimum(offers.week[o] + offers.weeks[o], world.weeks) - 1
    return Parts(*pair, sku, week, k, more, discount, 0 * more, 0 * more)


def added_up(world: Scenario, offers: Offers, parts: list[Parts]) -> Meetings:
    """The parts by pair, week and payer, in money; without those that come to nothing."""
    first, second, sku, week, payer, cases, discount, gifts, retail = (
        np.concatenate([getattr(part, name) for part in parts]) for name in Parts.__dataclass_fields__
    )
    account = offers.account[first]
    kinds = len(world.treatments.treatment) + 1
    pairs, pair = np.unique(first * len(offers) + second, return_inverse=True)
    keys, row = np.unique((pair * world.weeks + week) * kinds + payer + 1, return_inverse=True)
    spend, net = discount + gifts, cases * world.net_per_case[account, sku]
    _, known = shelf_price(world, account, sku, week)
    amounts = {
        "cases": cases,
        "spend": spend,
        "net_revenue": net - spend,
        "contribution": cases * world.margin_per_case[account, sku] - spend,
        "retailer": np.where(known, retail - net + discount, 0.0),
    }
    total = {name: np.bincount(row, weights=one, minlength=len(keys)).astype(float) for name, one in amounts.items()}
    total = {name: np.where(np.abs(one) > DUST, one, 0.0) for name, one in total.items()}
    kept = np.flatnonzero(np.any([one != 0 for one in total.values()], axis=0)) if len(keys) else keys
    o, p = np.divmod(pairs[keys[kept] // kinds // world.weeks], max(len(offers), 1))
    earns = offers.contribution >= world.objective.hurdle * offers.spend - CREDIT_TOLERANCE
    half = (earns[o].astype(float) + earns[p]) / 2
    named = {name: one[kept] for name, one in total.items()}
    return Meetings(
        o, p, keys[kept] // kinds % world.weeks, keys[kept] % kinds - 1, **named, credit=half * named["cases"]
    )
