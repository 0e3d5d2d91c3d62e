"""From a scenario and its policies to the terms that the loops read; nothing here depends on luck or on a plan."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment import doors, luck, sites, transport
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import ACCOUNT
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies import contracts, gating, issuing, ladder, lots, position, tiers
from kaopt.fulfilment.profiles import AGE_BINS
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario


def skus(world: Scenario, accepted: Ints, kept: Ints) -> tuple[Ints, Floats]:
    """[S, ·] what becomes of old stock, of which `kept` [S] is the greatest age that stays, and how lots are made."""
    life = world.skus.shelf_life
    counts = position.countable(accepted, world.listed, life, world.supply.position)
    fades = position.fades(accepted, world.listed, world.supply.position)
    lot, intake = lots.tables(world, accepted), world.skus.intake_cases / WEEK
    rates = np.stack([lot["cases"], world.skus.safety_weeks, AGE_BINS / np.maximum(life, 1), intake], axis=1)
    rule = np.full(len(life), lots.RULES.index(world.supply.production.rule))
    whole = (kept, counts, lot["cover_days"], lot["multiple"], lots.pallet(world), rule, fades)
    return np.stack(whole, axis=1).astype(np.int64), rates.astype(float)


def span(world: Scenario, first_day: int) -> Ints:
    """The calendar: first day, weeks, warm-up, weekday of day 0, day from which on production decides; and the laws."""
    plans_from = first_day if world.network.lots is None else 0  # a snapshot needs no warm-up
    monday = world.start.isoweekday() - 1
    calendar = [first_day, world.weeks, world.supply.warmup_weeks, monday, plans_from, 0]
    rules = world.supply.transport
    laws = [luck.LAWS.index(one) for one in (rules.load_law, rules.trip_law, rules.unload_law)]
    return np.array([*calendar, *laws, rules.long_wait], dtype=np.int64)


def terms_of(world: Scenario, first_day: int, forecast: Floats) -> Terms:
    """Everything that the loops read; `forecast` [P, S, days + 1] as in Terms."""
    accepted = contracts.accepted_ages(world)
    due, share = doors.timetable(world, range(-world.supply.warmup_weeks, world.weeks))
    sites.strangers(world)
    place, place_rate = transport.moved(world, *sites.places(world))
    points = doors.points_of(world)
    door, door_rate = doors.doors(world, points)
    plant, plant_rate = sites.plants(world)
    aged = ladder.tables(world, accepted, len(place))
    sku, sku_rate = skus(world, accepted, aged["kept"])
    account, account_rate = contracts.accounts_of(world)
    by_cause, fine = contracts.fines_of(world)
    return Terms(
        span=span(world, first_day),
        door=door,
        door_rate=door_rate,
        window=doors.windows(world, points, (place, place_rate)),
        due=due,
        share=share,
        place=place,
        place_rate=place_rate,
        account_rate=account_rate,
        age=np.stack([gating.sent(world, accepted), accepted]),
        price=np.ascontiguousarray(world.net_per_case),
        sku=sku,
        sku_rate=sku_rate,
        plant=plant,
        plant_rate=plant_rate,
        lane=sites.lanes(world, plant),
        makes=sites.maker_of(world),
        shut=sites.shut(world, first_day),
        forecast=forecast,
        buffer=np.zeros_like(forecast),
        account=account,
        by_cause=by_cause,
        fine=fine,
        **stocked(world, door, aged),
        **contracts.level_terms(contracts.levels_of(world), world.weeks),
    )


def stocked(world: Scenario, door: Ints, aged: dict[str, Any]) -> dict[str, Any]:
    """Who is served which lot, what becomes of `aged` stock; what depends on the plan is empty yet."""
    return {
        "rung": aged["age"],
        "rung_rate": aged["cases"],
        "serving": issuing.serving(tiers.tiers(world), world)[door[:, ACCOUNT]],
        "promo": np.zeros((0, 0, 0), np.int64),
        "guard_age": np.zeros((0, 0), np.int64),
        "guard_level": np.zeros((0, 0, 0, 0), np.int64),
        "peg_age": np.zeros(0, np.int64),
        "peg_week": np.zeros((0, 0, 0), np.int64),
        "pegged": np.zeros((0, 0, 0), np.int64),
    }


def first_day_of(world: Scenario) -> int:
    """The day on which the clock starts: some days before the warm-up, so that its first orders can be placed."""
    before = 1 + -(-doors.longest_trip(world) // DAY)
    return WEEK * (-world.supply.warmup_weeks - -(-before // WEEK))
