"""Where prices begin: rows that accounts share are priced by a few of them, each limit cut to their part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.large.ascent import ascend, desk_at
from kaopt.allocation.large.pool import joined, reach
from kaopt.allocation.large.shard import Linking
from kaopt.allocation.large.streams import Known, Told
from kaopt.scenario.columns import Floats

SAMPLE = 1_500_000  # events of the accounts from which the first prices are taken
SAMPLE_SWEEPS = 100  # of their ascent
FEWEST = 4  # accounts to begin with


def first_prices(told: Told) -> Known:
    """Prices of the rows that accounts share, from a few accounts, limits cut to their part of the base sales."""
    world = told.world
    sales = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=(1, 2))
    shards = {account: told.shard(account) for account in few(told, sales)}
    pool = joined(list(shards.values()))
    seen = np.bincount([n for one in shards.values() for n in places(pool.rows, one.rows)], minlength=len(pool.rows))
    part = float(sales[list(shards)].sum() / max(sales.sum(), 1e-9))
    scale = np.where(seen > 1, part, 1.0)
    rows = replace(pool.rows, low=scaled(pool.rows.low, scale), high=scaled(pool.rows.high, scale))
    prices = ascend(desk_at(replace(pool, rows=rows)), sweeps=SAMPLE_SWEEPS)
    return {name: one for n, (name, one) in enumerate(named(rows, prices.prices).items()) if seen[n] > 1}


def few(told: Told, sales: Floats) -> list[int]:
    """Accounts of all sizes, as many as have `SAMPLE` events."""
    each = told.events // max(len(sales), 1)
    count = min(max(SAMPLE // max(each, 1), FEWEST), len(sales))
    order = np.argsort(sales, kind="stable")
    if count == len(order):
        return list(range(count))
    inside = np.linspace(0, len(order) - 1, count + 2).round().astype(int)[1:-1]
    return sorted(int(order[n]) for n in inside)


def places(rows: Linking, part: Linking) -> list[int]:
    """Where the rows of a part stand among all."""
    number = {name: n for n, name in enumerate(rows.names)}
    return [number[name] for name in part.names]


def scaled(limits: Floats, scale: Floats) -> Floats:
    """Limits times a scale; what is open stays open."""
    finite = np.isfinite(limits)
    return np.where(finite, np.where(finite, limits, 0.0) * scale, limits)


def named(rows: Linking, prices: Floats) -> Known:
    """Prices by row, as far as a row can have them."""
    low, high = reach(rows)
    return dict(zip(rows.names, np.clip(prices, low, high).tolist(), strict=True))
