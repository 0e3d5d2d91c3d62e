"""What every replication shares: expected demand, terms and names, worked out once from world and plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kaopt.demand import events_of, live
from kaopt.fulfilment import luck
from kaopt.fulfilment.doors import points_of
from kaopt.fulfilment.fields import OF_DISCOUNT, PRICE_ERROR
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.opening import Sites, sites_of
from kaopt.fulfilment.outlook import Expected, outlook
from kaopt.fulfilment.policies.contracts import Contract, accounts_of, fines_of, levels_of
from kaopt.fulfilment.policies.ordering import cover, orders_expected
from kaopt.fulfilment.policies.own import changed
from kaopt.fulfilment.policies.reserves import with_reserves
from kaopt.fulfilment.policies.safety import buffers
from kaopt.fulfilment.sites import warehouse_ids
from kaopt.fulfilment.terms import first_day_of, terms_of
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply
from kaopt.scenario.tables import Accounts, Skus


@dataclass(frozen=True, eq=False)
class Names:
    """The keys of what luck falls on, from names alone."""

    door: luck.Keys  # [D]
    sku: luck.Keys  # [S]
    line: luck.Keys  # [A, S]


@dataclass(frozen=True, eq=False)
class Inputs:
    """The arrays of a simulation; T = warm-up and horizon weeks. Goes to worker processes as it is."""

    supply: Supply
    accounts: Accounts
    skus: Skus
    seed: int
    weeks: int
    first_day: int  # on which the clock starts; the warm-up begins some days later
    base: Floats  # [A, S, T] expected cases without the uplift of active promotions
    uplift: Floats  # [A, S, T]
    event: Ints  # [A, S, T] first week of the active promotion
    held: Floats  # [A, T] weeks of its sales that each customer holds beyond what it always holds
    terms: Terms
    names: Names
    sites: Sites
    own_production: Callable[[Any], Any] | None = None  # a policy of the user's: a View -> cases [P, S]
    levels: tuple[Contract, ...] = ()  # fill rates that contracts demand
    by_week: bool = False  # count what was ordered and lost by account, SKU and week

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of accounts, SKUs and weeks of the horizon."""
        return len(self.names.line), len(self.names.sku), self.weeks

    @property
    def warmup(self) -> int:
        """Weeks that are lived through and not counted."""
        return self.supply.warmup_weeks


def prepare(world: Scenario, plan: Plan, seed: int) -> Inputs:
    """Everything about the plan's year that luck does not touch; from a snapshot of the stock no warm-up is lived."""
    if world.network.lots is not None:
        world = replace(world, supply=world.supply.model_copy(update={"warmup_weeks": 0}))
    accounts, skus, supply = world.accounts, world.skus, world.supply
    base, uplift, event = _expected(world, plan, range(-supply.warmup_weeks, world.weeks))
    first_day = first_day_of(world)
    blind = terms_of(world, first_day, np.zeros((len(warehouse_ids(world)), len(skus.sku), 1)))
    warmup = supply.warmup_weeks
    inside = Expected(base[:, :, warmup:], uplift[:, :, warmup:], event[:, :, warmup:])
    held = cover(supply.demand, accounts.account, range(-warmup, world.weeks))
    held = changed(world, "phasing", {"held": held})["held"]
    held[accounts.call_offs > 0] = 0.0  # who calls off what it needs is not loaded and has no peaks
    if supply.demand.foreseen:
        inside = replace(inside, base=orders_expected(inside.base, held[:, warmup:]))
    view = outlook(world, inside, blind)
    blind = with_reserves(blind, world, base, uplift)
    safety = {"buffer": buffers(blind, view, supply.production, skus.level_cases)}
    buffer = changed(world, "safety_stock", safety)["buffer"]
    return Inputs(
        supply=supply,
        accounts=accounts,
        skus=skus,
        seed=seed,
        weeks=world.weeks,
        first_day=first_day,
        base=base,
        uplift=uplift,
        event=event,
        held=held,
        terms=blind._replace(forecast=view.cases, buffer=buffer, promo=promotions(world, plan)),
        names=names_of(world),
        sites=sites_of(world, first_day),
        own_production=world.own_policies.get("production"),
        levels=levels_of(world),
    )


def names_of(world: Scenario) -> Names:
    """The keys of doors, SKUs and lines."""
    accounts, skus = world.accounts.account, world.skus.sku
    return Names(
        door=np.array([luck.name_key(one) for one in points_of(world).name], dtype=np.uint64),
        sku=np.array([luck.name_key(s) for s in skus], dtype=np.uint64),
        line=np.array([[luck.name_key(a, s) for s in skus] for a in accounts], dtype=np.uint64),
    )


def promotions(world: Scenario, plan: Plan) -> Ints:
    """[A, S, W] first week of the promotion that runs, -1 where none does; empty where no price depends on it."""
    rates, (_, fine) = accounts_of(world)[1], fines_of(world)
    if not rates[:, PRICE_ERROR].any() and not fine[:, OF_DISCOUNT].any():
        return np.zeros((0, 0, 0), np.int64)
    first = np.full(world.shape, -1, np.int64)
    for one in events_of(plan):
        first[one.account, one.sku, one.week : one.week + one.weeks] = one.week
    return first


def _expected(world: Scenario, plan: Plan, weeks: range) -> tuple[Floats, Floats, Ints]:
    """Base, uplift and first week of the event, each [A, S, T]; the warm-up repeats the year's base without events."""
    demand = live(world, plan)
    around = np.arange(weeks.start, 0) % world.weeks
    quiet = world.base_cases[:, :, around]
    event = np.zeros(world.shape, dtype=np.int64)
    for one in events_of(plan):
        event[one.account, one.sku, one.week : one.week + one.weeks] = one.week
    return (
        np.concatenate([quiet, demand.cases - demand.uplift], axis=2),
        np.concatenate([np.zeros_like(quiet), demand.uplift], axis=2),
        np.concatenate([np.zeros_like(quiet, dtype=np.int64), event], axis=2),
    )
