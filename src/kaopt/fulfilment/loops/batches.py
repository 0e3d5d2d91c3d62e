"""Lots once they are decided on: how long they take, their batches under way, and what comes in whatever is planned."""

from __future__ import annotations

from math import exp, floor, sqrt
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AMOUNT_MADE,
    BATCHES,
    BORN_ON,
    CHECKED,
    FIXED_LEAD,
    FREE_ON,
    INTAKE,
    KIND,
    LEAD_CV,
    LEAD_LAW,
    LOGNORMAL_LEAD,
    MADE_CASES,
    NAME,
    PLACE,
    REVIEW_DAYS,
    UNIFORM_LEAD,
)
from kaopt.fulfilment.loops.slots import longer
from kaopt.fulfilment.loops.trace import STARTED, note

MANY = 500  # cases in one draw


@compiled
def make(state: Any, where: Any, start: Any, cases: Any) -> None:
    """A batch of a SKU for a warehouse, begun on day `start`."""
    add_batch(state, where, (start, start + days_of(state, where, start)), cases)
    state.flow[MADE_CASES, where[1]] += cases


@compiled
def days_of(state: Any, where: Any, start: Any) -> Any:
    """Whole days that a lot takes until it is free stock: fixed, or by the law of its plant with the same mean."""
    p, s = where
    m = state.makes[s]
    days, law, cv = state.lane[m, p], state.plant[m, LEAD_LAW], state.plant_rate[m, LEAD_CV]
    if law == FIXED_LEAD:
        return days
    key, cell = state.keys[luck.LEAD], start + state.place[p, NAME]
    if law == LOGNORMAL_LEAD:
        part = luck.lognormal(key, state.sku_key[s], cell, cv)
    elif law == UNIFORM_LEAD:
        part = 1 + cv * sqrt(3.0) * (2 * luck.uniform(key, state.sku_key[s], cell) - 1)
    else:
        part = luck.exponential(key, state.sku_key[s], cell)
    return max(floor(days * part + 0.5), 0)


@compiled
def add_batch(state: Any, where: Any, days: Any, cases: Any) -> None:
    """Cases under way to a warehouse; `days` = (made on, free on)."""
    if state.count[BATCHES] == state.batch.shape[0]:
        state.batch = longer(state.batch)
    p, s = where
    batch = state.batch[state.count[BATCHES]]
    batch[BORN_ON], batch[FREE_ON] = days
    batch[PLACE], batch[KIND], batch[AMOUNT_MADE], batch[CHECKED] = p, s, cases, 0
    state.count[BATCHES] += 1
    state.coming[p, s] += cases
    note(state, days[0] * DAY, STARTED, (p, days[1]), (s, days[0], cases, p))


@compiled
def intake(state: Any, s: Any, day: Any) -> Any:
    """Cases of a SKU that come in since the last review whatever is planned: a Poisson number, by inversion.

    Where its mean is beyond MANY, it is a rounded normal number of that mean and variance.
    """
    mean = state.sku_rate[s, INTAKE] * state.plant[state.makes[s], REVIEW_DAYS]
    at, cases = luck.uniform(state.keys[luck.INTAKE], state.sku_key[s], day), 0
    if mean > MANY:
        return max(floor(mean + sqrt(mean) * luck.quantile(at) + 0.5), 0)
    chance = exp(-mean)
    while at > chance > 0:
        at -= chance
        cases += 1
        chance *= mean / cases
    return cases
