"""Midnight in the warehouses: batches become free stock, what nobody accepts is written off, the rest is counted."""

from __future__ import annotations

from math import floor
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AGE_SUM,
    AMOUNT_MADE,
    BATCHES,
    BORN_ON,
    BY_DATE,
    CASES,
    CHECKED,
    COUNTED,
    COUNTS,
    DISPOSED_CASES,
    FIRST,
    FREE_ON,
    KEPT,
    KIND,
    LAST,
    MADE,
    MADE_CASES,
    NAME,
    ON_HAND,
    PALLET,
    PALLETS,
    PLACE,
    WRITTEN_OFF,
    YIELD_CV,
    YIELD_MEAN,
)
from kaopt.fulfilment.loops.credit import withhold
from kaopt.fulfilment.loops.ladder import clear
from kaopt.fulfilment.loops.lots import copy, put
from kaopt.fulfilment.loops.profile import add_ages
from kaopt.fulfilment.loops.records import keep_books
from kaopt.fulfilment.loops.trace import FREE_LOT, note, tell_lots

ANY = 2**62  # no limit


@compiled
def release(state: Any, day: Any) -> None:
    """Batches whose lead time is over become free stock, in the order in which they were made, as far as they fit."""
    kept, count = 0, state.count[BATCHES]
    for n in range(count):
        batch = state.batch[n]
        if batch[FREE_ON] <= day:
            inspect(state, batch)
            p, s = batch[PLACE], batch[KIND]
            cases = min(batch[AMOUNT_MADE], space(state, p, s))
            if cases > 0:
                rank = batch[BORN_ON] if state.place[p, BY_DATE] else day
                put(state, (p, s), (rank, batch[BORN_ON]), cases)
                note(state, day * DAY, FREE_LOT, (p, day), (s, batch[BORN_ON], cases, p))
                state.coming[p, s] -= cases
                batch[AMOUNT_MADE] -= cases
            if batch[AMOUNT_MADE] == 0:
                continue
        if kept < n:
            copy(state.batch, state.batch, (n, kept))
        kept += 1
    state.count[BATCHES] = kept


@compiled
def inspect(state: Any, batch: Any) -> None:
    """What came out of a batch is known when it should be free: the planned cases times the lot's yield."""
    if batch[CHECKED]:
        return
    batch[CHECKED] = 1
    s, planned = batch[KIND], batch[AMOUNT_MADE]
    rate = state.plant_rate[state.makes[s]]
    if rate[YIELD_MEAN] == 1 and rate[YIELD_CV] == 0:
        return
    cell = batch[BORN_ON] + state.place[batch[PLACE], NAME]
    part = rate[YIELD_MEAN] * luck.lognormal(state.keys[luck.YIELD], state.sku_key[s], cell, rate[YIELD_CV])
    batch[AMOUNT_MADE] = floor(planned * part + 0.5)
    state.coming[batch[PLACE], s] += batch[AMOUNT_MADE] - planned
    state.flow[MADE_CASES, s] += batch[AMOUNT_MADE] - planned


@compiled
def space(state: Any, p: Any, s: Any) -> Any:
    """Cases of a SKU for which the warehouse has free pallet places."""
    if state.place[p, PALLETS] < 0:
        return ANY
    used = 0.0
    for other in range(state.ends.shape[1]):
        held = 0
        for i in range(state.ends[p, other, FIRST], state.ends[p, other, LAST]):
            held += state.cells[p, other, i, CASES]
        used += held / state.sku[other, PALLET]
    return max(floor((state.place[p, PALLETS] - used) * state.sku[s, PALLET] + 1e-9), 0)


@compiled
def count_outside(state: Any, day: Any) -> None:
    """Batches that are ready and found no room in the warehouse wait at the plant: pallets, rounded up."""
    for n in range(state.count[BATCHES]):
        batch = state.batch[n]
        if batch[FREE_ON] <= day:
            state.outside[batch[PLACE]] += -(-batch[AMOUNT_MADE] // state.sku[batch[KIND], PALLET])


@compiled
def midnight(state: Any, day: Any) -> None:
    """Release, write off and count; in the horizon the report is added up."""
    release(state, day)
    if day >= 0:
        count_outside(state, day)
        withhold(state, day)
    report, days, sku, disposed = state.report, state.days, state.sku, state.flow[DISPOSED_CASES]
    for p in range(state.ends.shape[0]):
        stock = (state.cells[p], state.ends[p])
        clear(state, p, day)
        tell_lots(state, p, day)
        for s in range(len(disposed)):
            held, ages, counted, old = count_lots(stock, s, day, (sku[s, KEPT], sku[s, COUNTS]))
            disposed[s] += old
            report[ON_HAND, p, s], report[AGE_SUM, p, s] = held, ages
            report[COUNTED, p, s], report[WRITTEN_OFF, p, s] = counted, old
            if day >= 0:
                add_ages(stock, s, day, state.dwell[s])
                for row in range(len(report)):
                    days[row, p, s] += report[row, p, s]
    keep_books(state, day)


@compiled
def count_lots(stock: Any, s: Any, day: Any, ages: Any) -> Any:
    """One SKU in one warehouse: cases, cases x age, what production counts, and what is written off.

    `stock`: cells and ends of the warehouse; `ages`: greatest age that is kept, that counts.
    """
    cells, ends = stock
    held = age_sum = counted = old = 0
    first, last = ends[s, FIRST], ends[s, LAST]
    for i in range(first, last):
        age, cases = day - cells[s, i, MADE], cells[s, i, CASES]
        if age > ages[0]:
            old += cases
            cells[s, i, CASES] = 0
            continue
        held += cases
        age_sum += cases * age
        if age <= ages[1]:
            counted += cases
    while first < last and cells[s, first, CASES] == 0:
        first += 1
    ends[s, FIRST] = first
    return held, age_sum, counted, old
