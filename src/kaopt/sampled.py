r"""What events bring in one sampled world after another, fast: the same effects as the offers', only their sums.

All effects of an event are proportional to that of its first week (e = first x shape), so a world in which only
strengths differ needs one exponential per cell touched. Sell-in and sell-out of an event are the same in sum, so what
the account buys ahead, B = sum of min(taken back, base exp(e)), costs its discount and changes nothing else:

    cases  = sum base (exp(e) - 1)
    spend  = sum over active weeks of base exp(e) (discount + gifts a case) + fees + B x discount a case
    revenue = sum base (exp(e) - 1) net - spend;   contribution = sum base (exp(e) - 1) margin - spend

with no B where the discount is settled on sell-out. Tests hold this equal to `make_offers` of each world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from kaopt.effects import marks_of
from kaopt.eligible import Events
from kaopt.offers import CREDIT_TOLERANCE, value_of, weight_of
from kaopt.patterns import first_of
from kaopt.response.sample import Sampling, sampled, uncertain
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Response, Scenario

SHAPE = {"fatigue", "dip", "cross", "forward_buy"}  # terms that change how effects lie in time and over SKUs


@dataclass(frozen=True, eq=False)
class Totals:
    """What each event brings over the horizon, alone against doing nothing; [O] entries."""

    cases: Floats
    net_revenue: Floats
    spend: Floats
    contribution: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """What stays the same from world to world where only strengths differ; [E] entries, offers in order."""

    offer: Ints
    start: Ints  # [O] first entry of each offer
    shape: Floats  # effect on ln cases for a first week's effect of 1
    base: Floats  # case
    net: Floats  # money/case
    margin: Floats  # money/case
    variable: Floats  # money/case of discount and gifts, in active weeks
    fees: Floats  # [O] money
    discount: Floats  # [O] money a case that is bought ahead
    back: Floats  # case by which orders fall, as far as there are so many
    ahead: bool  # whether anything is bought ahead at all


def cells_of(world: Scenario, events: Events) -> Cells:
    """Lay out the cells that the events touch."""
    marks = marks_of(world, events, 1.0)
    what, o, s = world.treatments, marks.offer, marks.sku
    a, k = events.account[o], events.treatment[o]
    price = np.where(marks.active, world.skus.list_price[s] * what.depth[k], 0.0)
    inside = np.minimum(events.week + events.weeks, world.weeks) - events.week
    on_scan = np.array([how == "sell_out" for how in what.settled], dtype=bool)[events.treatment]
    discount = world.skus.list_price[events.sku] * what.depth[events.treatment]
    return Cells(
        offer=o,
        start=np.searchsorted(o, np.arange(len(events.account))),
        shape=marks.effect,
        base=world.base_cases[a, s, marks.week],
        net=world.net_per_case[a, s],
        margin=world.margin_per_case[a, s],
        variable=price + np.where(marks.active, what.unit_cost[k], 0.0),
        fees=what.weekly_cost[events.treatment] * inside + what.fixed_cost[events.treatment],
        discount=np.where(on_scan, 0.0, discount),
        back=marks.taken_back,
        ahead=bool(np.any(marks.taken_back > 0)),
    )


def totals_of(cells: Cells, first: Floats) -> Totals:
    """The sums of one world in which the events' first weeks have these effects [O] on ln cases."""
    if not len(first):
        return Totals(*np.zeros((4, 0)))

    def total(amount: Floats) -> Floats:
        return np.add.reduceat(amount, cells.start)

    more = cells.base * np.expm1(first[cells.offer] * cells.shape)
    spend = total((cells.base + more) * cells.variable) + cells.fees
    if cells.ahead:
        spend = spend + cells.discount * total(np.minimum(cells.back, cells.base + more))
    return Totals(total(more), total(more * cells.net) - spend, spend, total(more * cells.margin) - spend)


def totals(world: Scenario, events: Events, responses: Iterable[Response]) -> Iterator[Totals]:
    """What the events bring in one world after another."""
    reshaped = bool(SHAPE & set(uncertain(world)))
    cells = None if reshaped else cells_of(world, events)
    for response in responses:
        there = replace(world, response=response)
        yield totals_of(cells or cells_of(there, events), first_of(there, events))


def values(world: Scenario, events: Events, how: Sampling) -> Floats:
    """[worlds, O] what each event is worth in the objective of each sampled world, weights included."""
    found = np.empty((how.worlds, len(events.account)))
    weight = weight_of(world, events.account, events.sku)
    for number, one in enumerate(totals(world, events, sampled(world, how))):
        found[number] = worth(world, one) * weight
    return found


def worth(world: Scenario, sums: Totals) -> Floats:
    """[O] the objective's value before weights: credit where the event earns its spend in that world."""
    earns = sums.contribution >= world.objective.hurdle * sums.spend - CREDIT_TOLERANCE
    return value_of(world, np.where(earns, sums.cases, 0.0), sums.contribution)
