"""What `supply.transport` and the table warehouses say of transport, as columns that the loops read."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.calendar import WEEK
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario

YEAR = 365


def rosters(world: Scenario) -> Ints:
    """[P] drivers of each warehouse."""
    count, table = world.supply.transport.drivers.count, world.network.warehouses
    if table is None or not table.warehouse:
        return np.array([count], dtype=np.int64)
    return np.where(np.isnan(table.drivers), count, np.nan_to_num(table.drivers)).astype(np.int64)


def moved(world: Scenario, place: Ints, rates: Floats) -> tuple[Ints, Floats]:
    """The warehouses [P, ·] with the columns of their transport behind the others."""
    one, drivers = world.supply.transport, rosters(world)
    whole = (
        one.drivers.training,
        -1 if one.cut_off is None else one.cut_off,
        one.waves,
        one.orders_minutes,
        one.wait_days,
        int(one.hire_price is not None),
    )
    home_by = -1 if one.drivers.home_by is None else one.drivers.home_by
    leaves = 1 - (1 - one.drivers.turnover) ** (WEEK / YEAR)
    shares = (one.drivers.learning, leaves, one.full)
    count = len(place)
    same = np.tile(np.array(whole, np.int64), (count, 1))
    last = np.stack([np.cumsum(drivers) - drivers, np.full(count, home_by)], axis=1)
    counts, books = records(world, count)
    return (
        np.hstack([place, drivers[:, None], same, last, counts]),
        np.hstack([rates, np.tile(np.array(shares), (count, 1)), books]),
    )


def records(world: Scenario, count: int) -> tuple[Ints, Floats]:
    """[P, 1] days between cycle counts; [P, 2] chance in a night that a SKU's books go wrong, and by how much."""
    rule, table = world.supply.stock.records, world.network.warehouses
    error, days = np.full(count, rule.error), np.full(count, float(rule.count_days))
    if table is not None and table.warehouse:
        error = np.where(np.isnan(table.record_error), error, table.record_error)
        days = np.where(np.isnan(table.count_days), days, table.count_days)
    night = 1 - (1 - error) ** (1 / WEEK)
    return days.astype(np.int64)[:, None], np.stack([night, np.full(count, rule.cv)], axis=1)
