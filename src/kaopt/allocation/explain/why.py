"""Why one offer was chosen or not, in money, adding up: what it is worth, what it costs, what each rule charges it.

    value - cost - sum of charges = total

`value`: what the objective sees in the offer before its trade spend; `cost`: its trade spend, as in the offer table;
`charges`: by rule, the price of each of its limits times what the offer uses of it (below 0 where the offer helps to
reach a minimum). An objective that counts cases leaves spending to the budget: spend that it does not count itself
is given back under the name `objective`. `total` is the offer's reduced cost in the linear relaxation: above 0 it
belongs into the plan, below 0 it does not, at 0 it is a choice among equals (most chosen offers are: what they earn
above the next best offer is what their week charges). All in money: cases count `case_value` each.
Nothing is charged for a limit that an offer breaks by itself, whatever else is planned: `shut` names that limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kaopt.allocation.explain.cell import Asked, offers_of
from kaopt.allocation.explain.prices import Prices
from kaopt.allocation.explain.relaxed import Relaxed, relaxed_of
from kaopt.allocation.explain.shut import Shut, limits_of
from kaopt.allocation.problem import chosen
from kaopt.errors import Fault, InputError
from kaopt.offers import value_of, weight_of
from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario

GIVEN_BACK = "objective"  # the name under which spend stands that the objective does not count
NONE = 1e-9  # money: charges below it are rounding


@dataclass(frozen=True)
class Why:
    """One offer explained in money; `offer` holds its ids and its figures in the offer table."""

    offer: Mapping[str, Any]
    chosen: bool
    value: float
    cost: float
    charges: Mapping[str, float]
    total: float
    of_plan: bool  # False: no plan was given, `chosen` is what the relaxation takes at least half of
    shut: Shut | None = None  # the limit that it breaks by itself: whatever its total, it stays out
    others: tuple[Why, ...] = ()  # the other offers of the same week, the best first

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON."""
        parts = {"offer": dict(self.offer), "chosen": self.chosen, "value": self.value, "cost": self.cost}
        parts |= {"charges": dict(self.charges), "total": self.total, "plan": self.of_plan}
        parts |= {"shut": None if self.shut is None else self.shut.as_dict()}
        brief = [{**one.offer, "chosen": one.chosen, "total": one.total} for one in self.others]
        return parts | {"others": brief}


def why(
    world: Scenario,
    plan: Plan | None,
    account: str,
    sku: str,
    week: int,
    *,
    treatment: str | None = None,
    weeks: int | None = None,
    relaxed: Relaxed | None = None,
) -> Why:
    """Why a plan holds an offer or not; without a plan, why the relaxation takes it.

    `week` from 1. Of several offers: the chosen one, else the best; the rest stands in `others`. `relaxed`: the
    world's relaxation where it is solved already. Raises InputError where nothing may start there.
    """
    known = relaxed or relaxed_of(world)
    here = taken(known, plan)
    found = offers_of(world, known.problem.offers, Asked(account, sku, week, treatment, weeks), here)
    every = explained(world, known, found, here, of_plan=plan is not None)
    first, *others = sorted(every, key=lambda one: (not one.chosen, one.shut is not None, -one.total))
    return replace(first, others=tuple(others))


def taken(known: Relaxed, plan: Plan | None) -> Bools:
    """[O] which offers the plan holds, or of which the relaxation takes at least half."""
    offers = known.problem.offers
    if plan is None:
        return np.asarray(known.prices.share[: len(offers)] >= 0.5)
    return np.asarray(chosen(known.problem, plan)[: len(offers)] > 0.5)


def explained(world: Scenario, known: Relaxed, which: Ints, here: Bools, *, of_plan: bool) -> list[Why]:
    """The offers at places `which`, one by one."""
    prices = known.prices
    money = refuse_worthless(world, prices.money)
    offers = prices.problem.offers
    charges = {rule: money * paid for rule, paid in prices.charges(which).items()}
    counted = counted_spend(world, prices, which)
    cost = offers.spend[which]
    value = money * offers.value[which] + counted
    charges |= {GIVEN_BACK: counted - cost}
    limits = list(limits_of(prices.problem, known.gated, prices.shut, which))
    found = []
    for n, o in enumerate(which.tolist()):
        mine = {rule: float(paid[n]) for rule, paid in charges.items() if abs(paid[n]) > NONE}
        total = float(value[n] - cost[n] - sum(mine.values()))
        row = row_of(world, prices, o)
        found.append(Why(row, bool(here[o]), float(value[n]), float(cost[n]), mine, total, of_plan, limits[n]))
    return found


def counted_spend(world: Scenario, prices: Prices, which: Ints) -> Floats:
    """Money of the offers' spend that the objective counts as a cost: all where it is money, hardly any in cases."""
    offers = prices.problem.offers
    spend = offers.spend[which]
    weight = weight_of(world, offers.account[which], offers.sku[which])
    return prices.money * weight * value_of(world, np.zeros(len(which)), spend)


def row_of(world: Scenario, prices: Prices, o: int) -> dict[str, Any]:
    """An offer's row of the offer table; the week from 1."""
    offers = prices.problem.offers
    ids = {
        "account": world.accounts.account[offers.account[o]],
        "sku": world.skus.sku[offers.sku[o]],
        "week": int(offers.week[o]) + 1,
        "weeks": int(offers.weeks[o]),
        "treatment": world.treatments.treatment[offers.treatment[o]],
    }
    amounts = ("base_cases", "cases", "incremental_cases", "net_revenue", "spend", "contribution", "credit", "value")
    return ids | {name: float(getattr(offers, name)[o]) for name in amounts}


def refuse_worthless(world: Scenario, money: float) -> float:
    """Cases can only be told in money where a case is worth something."""
    if money > 0:
        return money
    expected = "must be above 0 to tell an objective in cases in money"
    remedy = "State what a case is worth."
    raise InputError([Fault("scenario.yaml", None, "objective.case_value", "0", expected, remedy)])
