"""From a scenario and its policies to the terms that the loops read; nothing here depends on luck or on a plan."""

from __future__ import annotations

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment.calendar import DAY, WEEK, deliveries
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies import dispatch, gating, position
from kaopt.fulfilment.policies.issuing import by_date
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply


def doors(world: Scenario) -> Ints:
    """[D, ·] each account receives at one door."""
    accounts = world.accounts
    count = len(accounts.account)
    rows = (
        np.arange(count),
        np.zeros(count, np.int64),
        np.maximum(accounts.dock_count, 1),
        accounts.unload_minutes,
        accounts.travel_minutes,
        accounts.grace_minutes,
        np.zeros(count, np.int64),
    )
    return np.stack(rows, axis=1).astype(np.int64)


def windows(world: Scenario) -> Ints:
    """[D, 7, ·] when each door is open and when an order's first truck should arrive, by weekday."""
    accounts = world.accounts
    close = np.minimum(accounts.window_close, dispatch.LAST_MINUTE)
    aim = [
        dispatch.planned_arrival(int(o), int(c), world.supply) for o, c in zip(accounts.window_open, close, strict=True)
    ]
    each = np.stack([accounts.window_open, close, np.array(aim, dtype=np.int64)], axis=1)
    return np.ascontiguousarray(np.broadcast_to(each[:, None, :], (len(each), WEEK, 3))).astype(np.int64)


def timetable(world: Scenario, weeks: range) -> tuple[Ints, Floats]:
    """Deliveries [D, N, ·] of the weeks and their shares [D, N, 2]; rows that a door does not need have no share."""
    rows = []
    for a, days in enumerate(world.accounts.order_days):
        if not days:
            who = world.accounts.account[a]
            text = f"{who} needs a delivery day"
            raise InputError([Fault("accounts", None, "order_days", "", text, "Give Mon|Wed|Fri")])
        parts = len(set(days))
        dues = deliveries(world.start, days, weeks)
        rows.append([(due.day, due.week, due.part / parts, (due.part + 1) / parts) for due in dues])
    most = max((len(row) for row in rows), default=0)
    table = np.zeros((len(rows), most, 4))
    for d, row in enumerate(rows):
        table[d, : len(row)] = row
    return np.ascontiguousarray(table[:, :, :2]).astype(np.int64), np.ascontiguousarray(table[:, :, 2:])


def places(supply: Supply) -> tuple[Ints, Floats]:
    """[P, ·] the warehouse and its fleet: whole figures, rates."""
    whole = (
        supply.shift_start,
        supply.shift_end,
        supply.pick_crews,
        supply.docks,
        supply.load_minutes,
        supply.trucks,
        max(int(supply.truck_cases), 1),
        supply.return_days,
        by_date(supply.issue),
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
    return np.array([whole], dtype=np.int64), np.array([rates], dtype=float)


def skus(world: Scenario, accepted: Ints) -> tuple[Ints, Floats]:
    """[S, ·] what becomes of old stock and how lots are made: whole figures, rates."""
    life = world.skus.shelf_life
    kept = gating.unsaleable(accepted, world.listed, life)
    counts = position.countable(accepted, world.listed, life, world.supply.position)
    cover = np.rint(world.skus.lot_cover_weeks * WEEK).astype(np.int64)
    rates = np.stack([world.skus.lot_cases, world.skus.safety_weeks], axis=1)
    return np.stack([kept, counts, cover], axis=1).astype(np.int64), rates.astype(float)


def span(world: Scenario, first_day: int) -> Ints:
    """The calendar: first day, weeks, warm-up, weekday of day 0, weekday of the production review."""
    supply = world.supply
    monday = world.start.isoweekday() - 1
    return np.array([first_day, world.weeks, supply.warmup_weeks, monday, supply.review_weekday - 1], dtype=np.int64)


def terms_of(world: Scenario, first_day: int, forecast: Floats) -> Terms:
    """Everything that the loops read; `forecast` [P, S, days + 1] as in Terms."""
    supply, accounts = world.supply, world.accounts
    accepted = gating.acceptance(accounts.acceptance_age, world.skus.shelf_life)
    sent = gating.sendable(accepted, world.skus.shelf_life, gate=supply.gate)
    due, share = timetable(world, range(-supply.warmup_weeks, world.weeks))
    place, place_rate = places(supply)
    sku, sku_rate = skus(world, accepted)
    return Terms(
        span=span(world, first_day),
        door=doors(world),
        window=windows(world),
        due=due,
        share=share,
        place=place,
        place_rate=place_rate,
        account_rate=np.stack([accounts.mismatch, np.full(len(accounts.mismatch), supply.damage)], axis=1),
        age=np.stack([sent, accepted]),
        price=np.ascontiguousarray(world.net_per_case),
        sku=sku,
        sku_rate=sku_rate,
        plant=np.array([[supply.lead_days, supply.freeze_days + supply.lead_days]], dtype=np.int64),
        makes=np.zeros(len(world.skus.sku), np.int64),
        forecast=forecast,
    )


def first_day_of(world: Scenario) -> int:
    """The day on which the clock starts: some days before the warm-up, so that its first orders can be placed."""
    longest = int(world.accounts.travel_minutes.max(initial=0))
    before = 1 + -(-longest // DAY)
    return WEEK * (-world.supply.warmup_weeks - -(-before // WEEK))
