"""What every replication shares: expected demand, terms, calendar and forecast, worked out once from world and plan."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from kaopt.demand import events_of, live
from kaopt.errors import Fault, InputError
from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY, WEEK, Due, deliveries
from kaopt.fulfilment.policies import dispatch, gating, position
from kaopt.fulfilment.policies.dispatch import call_day
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply
from kaopt.scenario.tables import Accounts, Skus


@dataclass(frozen=True, eq=False)
class Inputs:
    """The arrays of a simulation; T = warm-up and horizon weeks. Goes to worker processes as it is."""

    supply: Supply
    accounts: Accounts
    skus: Skus
    seed: int
    weeks: int
    first_day: int  # on which the clock starts; the warm-up begins some days later
    review_offset: int  # day of a 7-day week, counted from the horizon's first weekday, on which production is reviewed
    base: Floats  # [A, S, T] expected cases without the uplift of active promotions
    uplift: Floats  # [A, S, T]
    event: Ints  # [A, S, T] first week of the active promotion
    forecast: Floats  # [S, days + 1] cumulated demand that production sees, from first_day on; case
    due: tuple[tuple[Due, ...], ...]  # by account
    parts: tuple[int, ...]  # deliveries a week, by account
    truck_room: int  # whole cases that a truck carries
    doors: tuple[dispatch.Door, ...]  # by account
    laws: tuple[tuple[float, ...], ...]  # by account: see kernels.journey
    ages: Ints  # [2, A, S] greatest age at receipt: that is sent, that is accepted; day
    kept: Ints  # [2, S] greatest age that is kept in the warehouse, that production counts; day
    account_keys: luck.Keys  # [A]
    sku_keys: luck.Keys  # [S]
    line_keys: luck.Keys  # [A, S]
    prices: Floats  # [A, S] net sales value, money/case

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of accounts, SKUs and weeks of the horizon."""
        return *self.prices.shape, self.weeks

    @property
    def warmup(self) -> int:
        """Weeks that are lived through and not counted."""
        return self.supply.warmup_weeks


def prepare(world: Scenario, plan: Plan, seed: int) -> Inputs:
    """Everything about the plan's year that luck does not touch."""
    accounts, skus, supply = world.accounts, world.skus, world.supply
    doors = tuple(_door(accounts, a) for a in range(len(accounts.account)))
    weeks = range(-supply.warmup_weeks, world.weeks)
    before = 1 + ceil(max((door.travel for door in doors), default=0) / DAY)
    first_day = WEEK * (weeks.start - ceil(before / WEEK))
    base, uplift, event = _expected(world, plan, weeks)
    accepted = gating.acceptance(accounts.acceptance_age, skus.shelf_life)
    sent = gating.sendable(accepted, skus.shelf_life, gate=supply.gate)
    return Inputs(
        supply=supply,
        accounts=accounts,
        skus=skus,
        seed=seed,
        weeks=world.weeks,
        first_day=first_day,
        review_offset=(supply.review_weekday - world.start.isoweekday()) % WEEK,
        base=base,
        uplift=uplift,
        event=event,
        forecast=_forecast(world, (base + uplift)[:, :, supply.warmup_weeks :], doors, first_day),
        due=tuple(_deliveries(world, a, weeks) for a in range(len(doors))),
        truck_room=max(floor(supply.truck_cases), 1),
        parts=tuple(len(set(days)) for days in accounts.order_days),
        doors=doors,
        laws=tuple(_law(supply, door) for door in doors),
        ages=np.stack([sent, accepted]),
        kept=np.stack(
            [
                gating.unsaleable(accepted, world.listed, skus.shelf_life),
                position.countable(accepted, world.listed, skus.shelf_life, supply.position),
            ]
        ),
        account_keys=np.array([luck.name_key(a) for a in accounts.account], dtype=np.uint64),
        sku_keys=np.array([luck.name_key(s) for s in skus.sku], dtype=np.uint64),
        line_keys=np.array([[luck.name_key(a, s) for s in skus.sku] for a in accounts.account], dtype=np.uint64),
        prices=world.net_per_case,
    )


def _door(accounts: Accounts, a: int) -> dispatch.Door:
    close = min(int(accounts.window_close[a]), dispatch.LAST_MINUTE)
    return dispatch.Door(
        open=int(accounts.window_open[a]),
        close=close,
        last=close + int(accounts.grace_minutes[a]),
        travel=int(accounts.travel_minutes[a]),
        docks=max(int(accounts.dock_count[a]), 1),
        unload=int(accounts.unload_minutes[a]),
    )


def _law(supply: Supply, door: dispatch.Door) -> tuple[float, ...]:
    load = (float(supply.load_minutes), supply.load_cv)
    trip = (float(door.travel), supply.trip_cv)
    return (*load, *trip, supply.unfamiliar, float(supply.unfamiliar_minutes), supply.unfamiliar_cv)


def _deliveries(world: Scenario, a: int, weeks: range) -> tuple[Due, ...]:
    days = world.accounts.order_days[a]
    if not days:
        who = world.accounts.account[a]
        raise InputError([Fault("accounts", None, "order_days", "", f"{who} needs a delivery day", "Give Mon|Wed|Fri")])
    return tuple(deliveries(world.start, days, weeks))


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


def _forecast(world: Scenario, expected: Floats, doors: tuple[dispatch.Door, ...], first_day: int) -> Floats:
    """[S, days + 1] cumulated demand that production sees, on the days on which it will be picked.

    The effects of a promotion are seen only where the account's notice covers the freeze and the lead time; elsewhere
    production sees the base. Before and after the horizon the year repeats.
    """
    supply, base = world.supply, world.base_cases
    seen = world.accounts.notice_days >= supply.freeze_days + supply.lead_days
    inside = np.where(seen[:, None, None], expected, base)
    longest = float(world.skus.lot_cover_weeks.max(initial=0)) + supply.lead_days / WEEK
    weeks = range(first_day // WEEK, world.weeks + ceil(longest) + 4)
    daily = np.zeros((base.shape[1], len(weeks) * WEEK))
    for a, door in enumerate(doors):
        ahead = call_day(door, supply, 1)  # picked on the day on which it is ordered
        parts = len(set(world.accounts.order_days[a]))
        for due in deliveries(world.start, world.accounts.order_days[a], weeks):
            source = inside if 0 <= due.week < world.weeks else base
            day = due.day + ahead - first_day
            if 0 <= day < daily.shape[1]:
                daily[:, day] += source[a, :, due.week % world.weeks] / parts
    return np.concatenate([np.zeros((len(daily), 1)), daily.cumsum(axis=1)], axis=1)
