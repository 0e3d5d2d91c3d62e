"""The plants' weekly review: what each SKU needs, what a week's capacity holds of it, and who gets the lots."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    CANCEL_DAYS,
    CAPACITY,
    CHANGEOVER,
    CHANGEOVERS,
    COUNTED,
    CUT,
    DOOR,
    FIRST_DAY,
    FIXED,
    FOR_GOODS,
    INTAKE,
    LINES,
    LOST,
    LOT_CASES,
    MULTIPLE,
    ORDERED,
    PLANNED,
    PLANS_FROM,
    REVIEW,
    REVIEW_DAYS,
    SKU,
    STANDSTILL,
    TRIES,
    WAITING,
    WAREHOUSE,
    WEEKDAY,
    WORKDAYS,
)
from kaopt.fulfilment.loops import batches, production
from kaopt.fulfilment.loops.timing import called_on


@compiled
def reviews(state: Any, m: Any, day: Any) -> Any:
    """True where a plant decides today what to make."""
    plant, since = state.plant[m], state.span[WEEKDAY] + day
    if plant[REVIEW_DAYS] < 7:
        return day >= state.span[PLANS_FROM]
    weeks = plant[REVIEW_DAYS] // 7
    return day >= state.span[PLANS_FROM] and since % 7 == plant[REVIEW] and since // 7 % weeks == 0


@compiled
def owed(state: Any, day: Any) -> Any:
    """[P, S] cases of backorders that wait for their next delivery: stock that comes in is theirs first."""
    late, any_backorders = np.zeros((state.coming.shape[0], state.coming.shape[1]), np.int64), False
    for a in range(len(state.account)):
        any_backorders = any_backorders or state.account[a, CANCEL_DAYS] > 0
    for slot in range(len(state.order) if any_backorders else 0):
        order, lines = state.order[slot], state.line[slot]
        # called again on this day or later: until then nothing is picked for it
        if order[WAITING] == FOR_GOODS or (order[TRIES] > 0 and called_on(state, slot) >= day):
            p = state.door[order[DOOR], WAREHOUSE]
            for n in range(order[LINES]):
                late[p, lines[n, SKU]] += lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]
    return late


@compiled
def review(state: Any, day: Any) -> Any:
    """Every plant whose day it is begins what its SKUs need; returns whether any did."""
    places, skus, any_plant = state.coming.shape[0], state.coming.shape[1], False
    for m in range(len(state.plant)):
        if reviews(state, m, day):
            any_plant = True
            gaps, wants, late = np.zeros((places, skus)), np.zeros(skus, np.int64), owed(state, day)
            for s in range(skus):
                if state.makes[s] == m:
                    missing = 0.0
                    for p in range(places):
                        gaps[p, s] = production.gap(state, (p, s), day, late[p, s])
                        missing += gaps[p, s]
                    wants[s] = production.amount(state, s, day, missing)
                    if state.sku_rate[s, INTAKE] > 0:
                        wants[s] += batches.intake(state, s, day)
            begin_lots(state, m, day, (gaps, wants))
    return any_plant


@compiled
def told(state: Any, day: Any, cases: Any) -> None:
    """Every plant whose day it is begins what somebody else decided: `cases` [P, S]."""
    for m in range(len(state.plant)):
        if reviews(state, m, day):
            gaps, wants = np.zeros(cases.shape), np.zeros(cases.shape[1], np.int64)
            for s in range(cases.shape[1]):
                for p in range(cases.shape[0]):
                    if state.makes[s] == m:
                        gaps[p, s] = cases[p, s]
                        wants[s] += cases[p, s]
            begin_lots(state, m, day, (gaps, wants))


@compiled
def begin_lots(state: Any, m: Any, day: Any, what: Any) -> None:
    """Cut to capacity, then start each SKU's lot and share it out among the warehouses; `what` = (gaps, wants)."""
    gaps, wants = what
    ration(state, m, day, wants)
    start = first_working_day(state, m, day + state.plant[m, FIXED])
    for s in range(len(wants)):
        if wants[s] > 0:
            parts = shares(state, s, day, (gaps, wants[s]))
            for p in range(len(parts)):
                if parts[p] > 0:
                    batches.make(state, (p, s), start, parts[p])
            state.output[m, PLANNED] += wants[s] * (day >= 0)
            state.output[m, CHANGEOVERS] += day >= 0


@compiled
def first_working_day(state: Any, m: Any, day: Any) -> Any:
    """The day itself, or the first one after it on which the plant works."""
    zero, last = state.span[FIRST_DAY], state.works.shape[1]
    while day - zero < last and state.works[m, day - zero] == 0:
        day += 1
    return day


@compiled
def room_of(state: Any, m: Any, day: Any) -> Any:
    """Cases that a plant can make until its next review, with the days on which it stands still left out; -1: any."""
    plant, worked = state.plant[m], 0
    if plant[CAPACITY] < 0:
        return -1
    first = day + plant[FIXED] - state.span[FIRST_DAY]
    for n in range(first, min(first + plant[REVIEW_DAYS], state.works.shape[1])):
        worked += state.works[m, n]
    stands = state.span[WEEKDAY] + day
    if plant[REVIEW_DAYS] >= 7:
        state.output[m, STANDSTILL] += (plant[WORKDAYS] * plant[REVIEW_DAYS] // 7 - worked) * (day >= 0)
    elif stands % 7 == plant[REVIEW]:  # reviewed every day: the days of a whole week are counted once
        week = 0
        for n in range(first, min(first + 7, state.works.shape[1])):
            week += state.works[m, n]
        state.output[m, STANDSTILL] += (plant[WORKDAYS] - week) * (day >= 0)
    return plant[CAPACITY] * worked // plant[WORKDAYS]


@compiled
def ration(state: Any, m: Any, day: Any, wants: Any) -> None:
    """Cut the lots to what the plant can make: who runs out first is served first; each lot costs a changeover.

    A lot may be cut, but not below its technical minimum and only to its multiple; what is cut waits for a review.
    """
    room = room_of(state, m, day)
    if room < 0:
        return
    cover, served = np.zeros(len(wants)), np.zeros(len(wants), np.int64)
    for s in range(len(wants)):
        cover[s] = weeks_left(state, s, day) if wants[s] > 0 else 0.0
    for _ in range(len(wants)):
        first = -1
        for s in range(len(wants)):
            if wants[s] > 0 and served[s] == 0 and (first < 0 or cover[s] < cover[first]):
                first = s
        if first < 0:
            break
        multiple, hold = max(state.sku[first, MULTIPLE], 1), max(room - state.plant[m, CHANGEOVER], 0)
        got = wants[first] if wants[first] <= hold else hold // multiple * multiple
        if got < min(state.sku_rate[first, LOT_CASES], wants[first]):
            got = 0
        state.output[m, CUT] += (wants[first] - got) * (day >= 0)
        served[first], wants[first] = 1, got
        if got > 0:
            room -= got + state.plant[m, CHANGEOVER]


@compiled
def weeks_left(state: Any, s: Any, day: Any) -> Any:
    """How many weeks of demand are in stock and on the way, over all warehouses."""
    has = demand = 0.0
    for p in range(state.coming.shape[0]):
        has += state.report[COUNTED, p, s] + state.coming[p, s]
        demand += production.expected(state, (p, s), (day, day + 28)) / 4
    return has / demand if demand > 0 else 1e9


@compiled
def shares(state: Any, s: Any, day: Any, what: Any) -> Any:
    """A lot shared out among the warehouses in whole cases (largest remainder); `what` = (gaps, cases).

    Each gets what it misses, or its part of it where the lot holds less; the rest goes by what each will sell.
    """
    gaps, cases = what
    places = len(gaps)
    missing = demand = 0.0
    for p in range(places):
        missing += gaps[p, s]
        demand += production.cover(state, (p, s), day)
    parts, rest, left = np.zeros(places, np.int64), np.zeros(places), cases
    kept = min(1.0, cases / missing) if missing > 0 else 0.0
    for p in range(places):
        spare = production.cover(state, (p, s), day) / demand if demand > 0 else 1.0 / places
        if demand <= 0 and missing > 0:
            spare = gaps[p, s] / missing
        part = gaps[p, s] * kept + max(cases - missing, 0.0) * spare
        parts[p] = floor(part + production.JUST)
        rest[p] = part - parts[p]
        left -= parts[p]
    while left > 0:
        most = 0
        for p in range(places):
            if rest[p] > rest[most]:
                most = p
        parts[most] += 1
        rest[most] -= 1.0
        left -= 1
    return parts
