"""From a scenario and its policies to the terms that the loops read; nothing here depends on luck or on a plan."""

from __future__ import annotations

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment import sites
from kaopt.fulfilment.calendar import DAY, WEEK, deliveries
from kaopt.fulfilment.fields import ACCOUNT
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies import contracts, dispatch, gating, issuing, ladder, lots, position, tiers
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario


def doors(world: Scenario) -> Ints:
    """[D, ·] each account receives at one door."""
    accounts = world.accounts
    count = len(accounts.account)
    rows = (
        np.arange(count),
        sites.warehouse_of(world),
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


def skus(world: Scenario, accepted: Ints) -> tuple[Ints, Floats]:
    """[S, ·] what becomes of old stock and how lots are made: whole figures, rates."""
    life = world.skus.shelf_life
    kept = ladder.kept(accepted, world.listed, world.skus, world.supply.stock)
    counts = position.countable(accepted, world.listed, life, world.supply.position)
    fades = position.fades(accepted, world.listed, world.supply.position)
    rates = np.stack([world.skus.lot_cases, world.skus.safety_weeks], axis=1)
    rule = np.full(len(life), lots.RULES.index(world.supply.production.rule))
    whole = (kept, counts, lots.cover_days(world, accepted), lots.multiple(world), lots.pallet(world), rule, fades)
    return np.stack(whole, axis=1).astype(np.int64), rates.astype(float)


def span(world: Scenario, first_day: int) -> Ints:
    """The calendar: first day, weeks, warm-up, weekday of day 0, day from which on production decides."""
    plans_from = first_day if world.network.lots is None else 0  # a snapshot needs no warm-up
    monday = world.start.isoweekday() - 1
    return np.array([first_day, world.weeks, world.supply.warmup_weeks, monday, plans_from], dtype=np.int64)


def terms_of(world: Scenario, first_day: int, forecast: Floats) -> Terms:
    """Everything that the loops read; `forecast` [P, S, days + 1] as in Terms."""
    supply, accounts = world.supply, world.accounts
    accepted = contracts.accepted_ages(world)
    sent = gating.sent(world, accepted)
    due, share = timetable(world, range(-supply.warmup_weeks, world.weeks))
    sites.strangers(world)
    place, place_rate = sites.places(world)
    plant, plant_rate = sites.plants(world)
    sku, sku_rate = skus(world, accepted)
    account, account_rate = contracts.accounts_of(world)
    by_cause, fine = contracts.fines_of(world)
    door, weekly = doors(world), world.base_cases.sum(axis=0).mean(axis=1)
    return Terms(
        span=span(world, first_day),
        door=door,
        window=windows(world),
        due=due,
        share=share,
        place=place,
        place_rate=place_rate,
        account_rate=account_rate,
        age=np.stack([sent, accepted]),
        price=np.ascontiguousarray(world.net_per_case),
        sku=sku,
        sku_rate=sku_rate,
        plant=plant,
        plant_rate=plant_rate,
        lane=sites.lanes(world, plant),
        makes=sites.maker_of(world),
        forecast=forecast,
        buffer=np.zeros_like(forecast),
        account=account,
        by_cause=by_cause,
        fine=fine,
        promo=np.zeros((0, 0, 0), np.int64),
        serving=issuing.serving(tiers.tiers(accounts), supply)[door[:, ACCOUNT]],
        rung=ladder.rungs(supply.stock, world.skus.shelf_life),
        rung_rate=ladder.rates(supply.stock, weekly, len(place)),
        guard_age=np.zeros((0, 0), np.int64),
        guard_level=np.zeros((0, 0, 0, 0), np.int64),
        peg_age=np.zeros(0, np.int64),
        peg_week=np.zeros((0, 0, 0), np.int64),
        pegged=np.zeros((0, 0, 0), np.int64),
    )


def first_day_of(world: Scenario) -> int:
    """The day on which the clock starts: some days before the warm-up, so that its first orders can be placed."""
    longest = int(world.accounts.travel_minutes.max(initial=0))
    before = 1 + -(-longest // DAY)
    return WEEK * (-world.supply.warmup_weeks - -(-before // WEEK))
