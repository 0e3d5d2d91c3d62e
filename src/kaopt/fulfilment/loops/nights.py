"""Midnight in the warehouses: batches become free stock, what nobody accepts is written off, the rest is counted."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AGE_SUM,
    AMOUNT_MADE,
    BATCHES,
    BORN_ON,
    BY_DATE,
    CASES,
    COUNTED,
    COUNTS,
    DISPOSED_CASES,
    FIRST,
    FREE_ON,
    KEPT,
    KIND,
    LAST,
    MADE,
    ON_HAND,
    PLACE,
    WRITTEN_OFF,
)
from kaopt.fulfilment.loops.lots import copy, put


@compiled
def release(state: Any, day: Any) -> None:
    """Batches whose lead time is over become free stock, in the order in which they were made."""
    kept, count = 0, state.count[BATCHES]
    for n in range(count):
        batch = state.batch[n]
        p, s, cases = batch[PLACE], batch[KIND], batch[AMOUNT_MADE]
        if batch[FREE_ON] <= day:
            rank = batch[BORN_ON] if state.place[p, BY_DATE] else day
            put(state, (p, s), (rank, batch[BORN_ON]), cases)
            state.coming[p, s] -= cases
            continue
        if kept < n:
            copy(state.batch, state.batch, (n, kept))
        kept += 1
    state.count[BATCHES] = kept


@compiled
def midnight(state: Any, day: Any) -> None:
    """Release, write off and count; in the horizon the report is added up."""
    release(state, day)
    report = state.report
    for p in range(state.ends.shape[0]):
        for s in range(state.ends.shape[1]):
            for row in range(len(report)):
                report[row, p, s] = 0
            count_lots(state, day, (p, s))
            for row in range(len(report)):
                state.days[row, p, s] += report[row, p, s] * (day >= 0)


@compiled
def count_lots(state: Any, day: Any, where: Any) -> None:
    """One SKU in one warehouse: cases, cases x age, what production counts, what is past its life."""
    p, s = where
    sku = state.sku[s]
    cells, ends, report = state.cells[p, s], state.ends[p, s], state.report
    for i in range(ends[FIRST], ends[LAST]):
        age, cases = day - cells[i, MADE], cells[i, CASES]
        if age > sku[KEPT]:
            report[WRITTEN_OFF, p, s] += cases
            state.flow[DISPOSED_CASES, s] += cases
            cells[i, CASES] = 0
            continue
        report[ON_HAND, p, s] += cases
        report[AGE_SUM, p, s] += cases * age
        if age <= sku[COUNTS]:
            report[COUNTED, p, s] += cases
    while ends[FIRST] < ends[LAST] and cells[ends[FIRST], CASES] == 0:
        ends[FIRST] += 1
