"""What is measured of every simulated year, by name: its unit, whether more is better, and how it is read off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from kaopt.scenario.columns import Floats, Ints
from kaopt.service import CAUSES, FINE_CAUSES, Service

WEEKS_A_YEAR = 52
Unit = Literal["share", "money", "day", "case"]
Read = Callable[[Service, Ints], Floats]


@dataclass(frozen=True)
class Measure:
    """One figure of a year, [R] by replication. `better`: 1 where more is better, -1 where less is, 0 neither."""

    unit: Unit
    better: int
    read: Read
    by_account: bool = True  # False: of the whole warehouse only


def share(part: Floats, whole: Floats) -> Floats:
    """[R] a share of each year; all of it where there was nothing."""
    found: Floats = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 1.0)
    return found


def fill(service: Service, who: Ints) -> Floats:
    """Accepted over ordered value."""
    return share(service.accepted_value[:, who].sum(axis=(1, 2)), service.ordered_value[:, who].sum(axis=(1, 2)))


def case_fill(service: Service, who: Ints) -> Floats:
    """Accepted over ordered cases."""
    return share(service.accepted_cases[:, who].sum(axis=(1, 2)), service.ordered_cases[:, who].sum(axis=(1, 2)))


def line_fill(service: Service, who: Ints) -> Floats:
    """Order lines accepted in full."""
    lines = service.lines[:, who].sum(axis=1)
    return share(lines[:, 1], lines[:, 0])


def order_share(service: Service, who: Ints, *, which: int) -> Floats:
    """Orders that were `which`: 1 in full, 2 on time and in full."""
    orders = service.orders[:, who].sum(axis=1)
    return share(orders[:, which], orders[:, 0])


def penalties(service: Service, who: Ints) -> Floats:
    """Money a year."""
    return a_year(service, service.penalties[:, who].sum(axis=(1, 2)))


def write_off(service: Service, who: Ints) -> Floats:
    """Money a year: cost of goods written off and their disposal."""
    return a_year(service, service.write_off_value)


def cost(service: Service, who: Ints) -> Floats:
    """Penalties and write-offs together, money a year."""
    return penalties(service, who) + write_off(service, who)


def lost(service: Service, who: Ints, *, cause: str) -> Floats:
    """Share of the ordered value that was lost to a cause, as the customer books it."""
    fine = [FINE_CAUSES.index(one) for one in CAUSES[cause]]
    ordered = service.ordered_value[:, who].sum(axis=(1, 2))
    part = service.lost_value[:, who][..., fine].sum(axis=(1, 2, 3))
    return np.where(ordered > 0, share(part, ordered), 0.0)


def stock(service: Service, who: Ints) -> Floats:
    """Mean cases in the warehouse."""
    cases: Floats = service.stock_cases.sum(axis=1)
    return cases


def stock_age(service: Service, who: Ints) -> Floats:
    """Mean age of the cases in the warehouse, day."""
    cases = service.stock_cases.sum(axis=1)
    days = (service.stock_age * service.stock_cases).sum(axis=1)
    return np.where(cases > 0, share(days, cases), 0.0)


def use(service: Service, who: Ints, *, resource: str) -> Floats:
    """How busy a resource was, share of 1."""
    return service.use[resource]


def aged_proceeds(service: Service, who: Ints) -> Floats:
    """Money a year that marked down and transferred stock still brought."""
    return a_year(service, nothing(service) if service.aged is None else service.aged.proceeds.sum(axis=1))


def given_away(service: Service, who: Ints) -> Floats:
    """Cases a year that were donated."""
    if service.aged is None:
        return nothing(service)
    donated = np.array([way == "donate" for way in service.aged.ways], dtype=bool)
    return a_year(service, service.aged.cases[:, donated].sum(axis=(1, 2)))


def capacity_used(service: Service, who: Ints) -> Floats:
    """Share of the plants' capacity that cases and changeovers took; none where no plant has a limit."""
    plants = service.plants
    if plants is None or not np.isfinite(plants.capacity).any():
        return nothing(service)
    limited = np.isfinite(plants.capacity)
    capacity = plants.capacity[limited]
    taken: Floats = (plants.used[:, limited] * capacity).sum(axis=1) / max(float(capacity.sum()), 1e-12)
    return taken


def nothing(service: Service) -> Floats:
    """[R] zeros."""
    return np.zeros(service.replications)


def a_year(service: Service, amounts: Floats) -> Floats:
    """What a horizon cost as an amount for a year."""
    scaled: Floats = amounts * (WEEKS_A_YEAR / service.ordered_value.shape[2])
    return scaled


MEASURES: Mapping[str, Measure] = {
    "fill": Measure("share", 1, fill),
    "case_fill": Measure("share", 1, case_fill),
    "line_fill": Measure("share", 1, line_fill),
    "order_fill": Measure("share", 1, partial(order_share, which=1)),
    "otif": Measure("share", 1, partial(order_share, which=2)),
    "penalties": Measure("money", -1, penalties),
    "write_off": Measure("money", -1, write_off, by_account=False),
    "cost": Measure("money", -1, cost, by_account=False),
    **{f"lost_{cause}": Measure("share", -1, partial(lost, cause=cause)) for cause in CAUSES},
    "stock": Measure("case", -1, stock, by_account=False),
    "stock_age": Measure("day", -1, stock_age, by_account=False),
    "aged_proceeds": Measure("money", 1, aged_proceeds, by_account=False),
    "given_away": Measure("case", 0, given_away, by_account=False),
    "capacity_used": Measure("share", 0, capacity_used, by_account=False),
    **{
        f"use_{one}": Measure("share", 0, partial(use, resource=one), by_account=False)
        for one in ("pick", "dock", "truck")
    },
}
