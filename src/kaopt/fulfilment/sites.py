"""Warehouses and plants as the loops read them; what a table leaves open is as `supply:` says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.policies.issuing import by_date
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply
from kaopt.scenario.sites import LEAD_LAWS, Calendars, Warehouses

CELLS = 2**20  # of luck, for the days of one warehouse
OVERRIDES = (
    ("shift_start", "shift_end", "pick_crews", "docks", "load_minutes", "trucks", "return_days"),
    ("pick_rate", "issue_error", "truck_cases", "trip_cv", "unfamiliar"),
)  # whole figures, others


def index_of(ids: Sequence[str], names: Sequence[str], what: tuple[str, str]) -> Ints:
    """The position of each name, an empty one being the first; `what` = (table, column) for the fault."""
    at = {one: i for i, one in enumerate(ids)} | {"": 0}
    lost = [one for one in names if one not in at]
    if lost:
        known = ", ".join(ids) or "none"
        raise InputError([Fault(what[0], None, what[1], lost[0], f"must be one of: {known}", "Name one that exists")])
    return np.array([at[one] for one in names], dtype=np.int64)


def warehouse_ids(world: Scenario) -> tuple[str, ...]:
    """The warehouses by id; one without a name where there is no table."""
    table = world.network.warehouses
    return ("",) if table is None or not table.warehouse else table.warehouse


def plant_ids(world: Scenario) -> tuple[str, ...]:
    """The plants by id; one without a name where there is no table."""
    table = world.network.plants
    return ("",) if table is None or not table.plant else table.plant


def warehouse_of(world: Scenario) -> Ints:
    """[A] the warehouse that delivers to each account."""
    return index_of(warehouse_ids(world), world.accounts.warehouse, ("accounts", "warehouse"))


def maker_of(world: Scenario) -> Ints:
    """[S] the plant that makes each SKU."""
    return index_of(plant_ids(world), world.skus.plant, ("skus", "plant"))


def supply_at(supply: Supply, table: Warehouses | None, p: int) -> Supply:
    """What `supply:` says, with what the warehouse's own row says instead."""
    if table is None:
        return supply
    whole, other = (
        {name: kind(getattr(table, name)[p]) for name in names if not np.isnan(getattr(table, name)[p])}
        for names, kind in zip(OVERRIDES, (int, float), strict=True)
    )
    return supply.model_copy(update=whole | other)


def places(world: Scenario) -> tuple[Ints, Floats]:
    """[P, ·] the warehouses and their fleets: whole figures, rates."""
    count, table = len(warehouse_ids(world)), world.network.warehouses
    rows = [place(supply_at(world.supply, table, p)) for p in range(count)]
    room = [-1] * count if table is None else [-1 if np.isnan(one) else int(one) for one in table.pallets]
    whole = np.array([row[0] for row in rows], dtype=np.int64)
    names = [CELLS * (luck.name_key(one) >> 22) if one else 0 for one in warehouse_ids(world)]
    whole = np.column_stack([whole, np.array([room, names], dtype=np.int64).T])
    return whole, np.array([row[1] for row in rows], dtype=float)


def place(supply: Supply) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """One warehouse: whole figures up to its pallet places, rates."""
    whole = (
        supply.shift_start,
        supply.shift_end,
        supply.pick_crews,
        supply.docks,
        supply.load_minutes,
        supply.trucks,
        max(int(supply.truck_cases), 1),
        supply.return_days,
        int(by_date(supply.issue)),
    )
    rates = (
        supply.pick_rate,
        supply.issue_error,
        supply.load_cv,
        supply.trip_cv,
        supply.unfamiliar,
        float(supply.unfamiliar_minutes),
        supply.unfamiliar_cv,
    )
    return whole, rates


def plants(world: Scenario) -> tuple[Ints, Floats]:
    """[M, ·] the plants: whole figures, rates."""
    supply, table = world.supply, world.network.plants
    rules = supply.production
    every = 1 if rules.daily else WEEK * rules.every_weeks
    if table is None or not table.plant:
        days, freeze = supply.lead_days, supply.freeze_days
        row = (days, freeze + days, supply.review_weekday - 1, every, -1, 0, WEEK, freeze * rules.fixed, 0)
        return np.array([row], dtype=np.int64), np.array([[1.0, 0.0, 0.0, 1.0, 0.0]])
    count = len(table.plant)
    lead = given(table.lead_days, supply.lead_days) + table.quarantine
    frozen = given(table.freeze_days, supply.freeze_days)
    on = given(table.review_weekday, supply.review_weekday)
    if on.min() < 1 or on.max() > WEEK:
        raise InputError([Fault("plants", None, "review_weekday", "", "must be 1 to 7", "Monday is 1")])
    whole = (
        lead,
        frozen + lead,
        on - 1,
        np.full(count, every),
        np.where(np.isfinite(table.capacity), np.nan_to_num(table.capacity, posinf=0), -1),
        table.changeover,
        np.array([max(len(set(days)), 1) for days in table.works]),
        frozen * rules.fixed,
        np.array([LEAD_LAWS.index(law) for law in table.lead_law], dtype=np.int64),
    )
    rates = (table.yield_mean, table.yield_cv, table.outage, table.outage_days, table.lead_cv)
    return np.stack(whole, axis=1).astype(np.int64), np.stack(rates, axis=1).astype(float)


def given(own: Floats, otherwise: int) -> Ints:
    """The table's own figures, and what `supply:` says where it has none."""
    return np.where(np.isnan(own), otherwise, np.nan_to_num(own)).astype(np.int64)


def lanes(world: Scenario, plant: Ints) -> Ints:
    """[M, P] days from the start of a lot until it is free in each warehouse; `plant` as `plants` tells."""
    days = np.repeat(plant[:, :1], len(warehouse_ids(world)), axis=1)
    table = world.network.lanes
    if table is not None:
        m = index_of(plant_ids(world), table.plant, ("lanes", "plant"))
        p = index_of(warehouse_ids(world), table.warehouse, ("lanes", "warehouse"))
        days[m, p] += table.days
    return np.ascontiguousarray(days)


def working_days(world: Scenario, days: range) -> Ints:
    """[M, days] 1 where a plant works: its weekdays without its holidays."""
    ids, table = plant_ids(world), world.network.plants
    weekday = (np.arange(days.start, days.stop) + world.start.isoweekday() - 1) % WEEK + 1
    works = np.ones((len(ids), len(days)), dtype=np.int64)
    for m in range(len(ids)):
        if table is not None and table.plant and table.works[m]:
            works[m] = np.isin(weekday, table.works[m])
        closed = holidays(world, ids[m])
        works[m, [day - days.start for day in closed if day in days]] = 0
    return works


def shut(world: Scenario, first_day: int) -> Ints:
    """[P, days + 1] days before each day on which a warehouse was closed; no column where no warehouse ever is."""
    closed = [holidays(world, one) for one in warehouse_ids(world)]
    if not any(closed):
        return np.zeros((len(closed), 0), dtype=np.int64)
    days = np.arange(first_day, world.weeks * WEEK)
    each = np.array([np.isin(days, sorted(one)) for one in closed]).astype(np.int64)
    return np.concatenate([np.zeros((len(closed), 1), dtype=np.int64), each.cumsum(axis=1)], axis=1)


def holidays(world: Scenario, who: str) -> set[int]:
    """Days of the clock on which a plant, a warehouse or an account is closed; 0 is the first day of the horizon."""
    table: Calendars | None = world.network.calendars
    if table is None or not who:
        return set()
    closed: set[int] = set()
    for name, first, last in zip(table.who, table.first, table.last, strict=True):
        if name == who:
            end = last if isinstance(last, date) else first
            closed |= set(range((first - world.start).days, (end - world.start).days + 1))
    return closed


def strangers(world: Scenario) -> None:
    """Raise InputError where a calendar is for somebody whom no table knows."""
    table = world.network.calendars
    known = {*world.accounts.account, *plant_ids(world), *warehouse_ids(world)}
    for name in table.who if table is not None else ():
        if name not in known:
            text = "must be a plant, a warehouse or an account"
            raise InputError([Fault("calendars", None, "who", name, text, "Check the name")])
