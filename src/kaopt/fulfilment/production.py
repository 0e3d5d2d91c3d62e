"""Making goods: each week, per SKU, enough to cover the forecast until the next lot can be free."""

from __future__ import annotations

from math import ceil

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.inputs import Inputs
from kaopt.scenario.columns import Floats, Ints

JUST = 1e-9  # a whole number of cases stays that number when it is rounded up


def expected(inputs: Inputs, since: int, until: Ints | int) -> Floats:
    """[S] forecast demand from the start of day `since` to the start of day `until`; case."""
    last = inputs.forecast.shape[1] - 1
    a, b = min(since - inputs.first_day, last), np.minimum(until - inputs.first_day, last)
    rows = np.arange(len(inputs.forecast))
    seen: Floats = inputs.forecast[rows, b] - inputs.forecast[:, a]
    return seen


def target(inputs: Inputs, day: int) -> Floats:
    """[S] order-up-to level: demand until the lot after this one is free, and the safety weeks; case."""
    span = inputs.supply.lead_days + WEEK
    weeks = ceil(span / WEEK)
    weekly = expected(inputs, day, day + weeks * WEEK) / weeks
    level: Floats = expected(inputs, day, day + span) + inputs.skus.safety_weeks * weekly
    return level


def lot(inputs: Inputs, day: int) -> Floats:
    """[S] the smallest lot: the technical minimum, and `lot_cover_weeks` of demand from when it is free; case."""
    free = day + inputs.supply.lead_days
    cover = np.rint(inputs.skus.lot_cover_weeks * WEEK).astype(np.int64)
    cases: Floats = np.maximum(inputs.skus.lot_cases, expected(inputs, free, free + cover))
    return cases


def order(inputs: Inputs, day: int, position: Ints) -> Ints:
    """[S] what production starts today, whole cases, given the stock that counts and what is in quarantine."""
    gap = target(inputs, day) - position
    made = np.ceil(np.maximum(gap, lot(inputs, day)) - JUST)
    wanted = (gap > JUST) & (expected(inputs, day, day + inputs.supply.lead_days + 2 * WEEK) > 0)
    return np.where(wanted, made, 0).astype(np.int64)


def opening(inputs: Inputs, keys: luck.Keys) -> tuple[Ints, Ints]:
    """[S] stock in hand when the clock starts and its production day: each SKU somewhere in its own lot cycle."""
    day = inputs.first_day
    left = np.array([luck.uniform(keys[luck.OPENING], who, 0) for who in inputs.sku_keys])
    cases = np.ceil(np.maximum(target(inputs, day) + left * lot(inputs, day), 0) - JUST).astype(np.int64)
    passed = np.rint((1 - left) * inputs.skus.lot_cover_weeks * WEEK).astype(np.int64)
    # a fresh start: nothing that production would not count is there on the first day
    age = np.minimum(inputs.supply.lead_days + passed, np.maximum(inputs.kept.min(axis=0), 0))
    return cases, day - age
