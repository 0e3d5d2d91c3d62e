"""What is there when the clock starts: stock in hand, batches under way, days on which plants will stand still."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment import luck, sites
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.fields import (
    BY_DATE,
    OPENING_CASES,
    OUTAGE,
    OUTAGE_DAYS,
)
from kaopt.fulfilment.loops import batches, lots
from kaopt.fulfilment.loops.opening import stock_up
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.state import goods_of
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario

AFTER = 60  # days after the horizon for which plants have a calendar: a lot decided on in the last week begins there


@dataclass(frozen=True, eq=False)
class Sites:
    """What replications share about plants and about the opening stock."""

    works: Ints  # [M, days] 1 where the plant means to work, from the first day of the clock on
    plant_key: luck.Keys  # [M]
    snapshot: Ints | None  # [n, (warehouse, SKU, age when the horizon begins, days until free, cases)]


def sites_of(world: Scenario, first_day: int) -> Sites:
    """Calendars of the plants and the opening lots of the scenario."""
    days = range(first_day, world.weeks * WEEK + AFTER)
    keys = np.array([luck.name_key(one) for one in sites.plant_ids(world)], dtype=np.uint64)
    return Sites(sites.working_days(world, days), keys, snapshot(world))


def snapshot(world: Scenario) -> Ints | None:
    """The table `lots` as whole cases; None where the scenario has none."""
    table = world.network.lots
    if table is None:
        return None
    if (table.cases != np.floor(table.cases)).any():
        raise InputError([Fault("lots", None, "cases", "", "must be whole cases", "Round them")])
    p = sites.index_of(sites.warehouse_ids(world), table.warehouse, ("lots", "warehouse"))
    s = sites.index_of(world.skus.sku, table.sku, ("lots", "sku"))
    return np.stack([p, s, table.age, table.free_in, table.cases], axis=1).astype(np.int64)


def standstills(shared: Sites, terms: Terms, keys: luck.Keys) -> Ints:
    """[M, days] when the plants really work: in some weeks one breaks down and stands still for some days."""
    works = shared.works.copy()
    for m, rate in enumerate(terms.plant_rate):
        if rate[OUTAGE] > 0:
            for week in range(works.shape[1] // WEEK):
                who, cell = shared.plant_key[m], week * 2 + int(terms.span[0])
                if luck.uniform(keys[luck.OUTAGE], who, cell * 2) < rate[OUTAGE]:
                    length = ceil(rate[OUTAGE_DAYS] * luck.exponential(keys[luck.OUTAGE], who, cell * 2 + 1))
                    works[m, week * WEEK : week * WEEK + length] = 0
    return works


def open_stock(state: Any, shared: Sites, terms: Terms) -> None:
    """Stock in hand: the snapshot where there is one, else each SKU somewhere in its own lot cycle."""
    if shared.snapshot is not None:
        from_snapshot(state, shared.snapshot, terms)
        return
    stock_up(state)


def from_snapshot(state: Any, rows: Ints, terms: Terms) -> None:
    """Lots in hand, and batches that become free later; ages count from the first day of the horizon."""
    day, flow = int(terms.span[0]), goods_of(state).flow
    for p, s, age, free_in, cases in rows.tolist():
        if cases == 0:
            continue
        if free_in > 0:
            batches.add_batch(state, (p, s), (-age, free_in), cases)
        else:
            lots.put(state, (p, s), (-age if terms.place[p, BY_DATE] else day, -age), cases)
        flow[OPENING_CASES, s] += cases
