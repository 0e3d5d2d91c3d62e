"""What every replication shares: expected demand, terms and names, worked out once from world and plan."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from kaopt.demand import events_of, live
from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import WEEK, deliveries
from kaopt.fulfilment.loops.calls import call_day
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.state import EMPTY, state_of
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
    terms: Terms
    names: Names

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of accounts, SKUs and weeks of the horizon."""
        return len(self.names.line), len(self.names.sku), self.weeks

    @property
    def warmup(self) -> int:
        """Weeks that are lived through and not counted."""
        return self.supply.warmup_weeks


def prepare(world: Scenario, plan: Plan, seed: int) -> Inputs:
    """Everything about the plan's year that luck does not touch."""
    accounts, skus, supply = world.accounts, world.skus, world.supply
    base, uplift, event = _expected(world, plan, range(-supply.warmup_weeks, world.weeks))
    first_day = first_day_of(world)
    blind = terms_of(world, first_day, np.zeros((1, len(skus.sku), 1)))
    forecast = _forecast(world, (base + uplift)[:, :, supply.warmup_weeks :], state_of((blind, *EMPTY[1:])))
    names = Names(
        door=np.array([luck.name_key(a) for a in accounts.account], dtype=np.uint64),
        sku=np.array([luck.name_key(s) for s in skus.sku], dtype=np.uint64),
        line=np.array([[luck.name_key(a, s) for s in skus.sku] for a in accounts.account], dtype=np.uint64),
    )
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
        terms=blind._replace(forecast=forecast),
        names=names,
    )


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


def _forecast(world: Scenario, expected: Floats, blind: Any) -> Floats:
    """[P, S, days + 1] cumulated demand that production sees, on the days on which it will be picked.

    The effects of a promotion are seen only where the account's notice covers the freeze and the lead time; elsewhere
    production sees the base. Before and after the horizon the year repeats.
    """
    supply, base = world.supply, world.base_cases
    first_day = first_day_of(world)
    seen = world.accounts.notice_days >= supply.freeze_days + supply.lead_days
    inside = np.where(seen[:, None, None], expected, base)
    longest = float(world.skus.lot_cover_weeks.max(initial=0)) + supply.lead_days / WEEK
    weeks = range(first_day // WEEK, world.weeks + ceil(longest) + 4)
    daily = np.zeros((1, base.shape[1], len(weeks) * WEEK))
    for a in range(len(base)):
        parts = len(set(world.accounts.order_days[a]))
        for due in deliveries(world.start, world.accounts.order_days[a], weeks):
            source = inside if 0 <= due.week < world.weeks else base
            day = call_day(blind, a, due.day, 1) - first_day  # picked on the day on which it is ordered
            if 0 <= day < daily.shape[2]:
                daily[0, :, day] += source[a, :, due.week % world.weeks] / parts
    return np.concatenate([np.zeros((*daily.shape[:2], 1)), daily.cumsum(axis=2)], axis=2)
