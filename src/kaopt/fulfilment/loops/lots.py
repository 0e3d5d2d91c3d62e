"""Lots of free stock: brought in, counted, taken. Whole cases (int64) everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.compiled import compiled, inlined
from kaopt.fulfilment.fields import AMOUNT, BORN, CASES, FIRST, LAST, LINE, MADE, RANK, TRUCK


@compiled
def copy(source: Any, target: Any, rows: Any) -> None:
    """One row onto another; written out, because a slice assignment takes long to compile."""
    for column in range(source.shape[1]):
        target[rows[1], column] = source[rows[0], column]


@compiled
def widen(state: Any) -> None:
    """Room for twice as many lots of a SKU."""
    old = state.cells
    places, skus, room, columns = old.shape
    wider = np.zeros((places, skus, 2 * room, columns), np.int64)
    for p in range(places):
        for s in range(skus):
            for n in range(room):
                copy(old[p, s], wider[p, s], (n, n))
    state.cells = wider


@compiled
def put(state: Any, where: Any, lot: Any, cases: Any) -> None:
    """Bring cases into free stock; `where` = (warehouse, SKU), `lot` = (rank, production day)."""
    p, s = where
    rank, made = lot
    ends = state.ends[p, s]
    if ends[FIRST] == 0 and ends[LAST] == state.cells.shape[2]:
        widen(state)
    cells = state.cells[p, s]
    if ends[LAST] == cells.shape[0]:  # the window has reached the end: slide it back
        for i in range(ends[FIRST], ends[LAST]):
            copy(cells, cells, (i, i - ends[FIRST]))
        ends[FIRST], ends[LAST] = 0, ends[LAST] - ends[FIRST]
    i = ends[LAST]
    while i > ends[FIRST] and (cells[i - 1, RANK] > rank or (cells[i - 1, RANK] == rank and cells[i - 1, MADE] > made)):
        i -= 1
    if i > ends[FIRST] and cells[i - 1, RANK] == rank and cells[i - 1, MADE] == made:
        cells[i - 1, CASES] += cases
        return
    for j in range(ends[LAST], i, -1):
        copy(cells, cells, (j - 1, j))
    cells[i, RANK], cells[i, MADE], cells[i, CASES] = rank, made, cases
    ends[LAST] += 1


@inlined
def take(stock: Any, s: Any, rule: Any, want: Any, spot: Any) -> Any:
    """Take cases made on day `rule[0]` or later; returns how many pieces were written, and how many cases were got.

    `rule[1]`: last lot first; `rule[2]`: lots that are passed over, to come last. `stock`: cells and ends of one
    warehouse; `spot` = (pieces [n, ·] with room for every lot of the SKU, the first to write, the order's line).
    """
    cells, ends = stock
    oldest, newest, passed = rule
    pieces, at, line = spot
    first, last = ends[s, FIRST], ends[s, LAST]
    left = want
    for n in range(last - first):
        if left == 0:
            break
        m = n + passed if n + passed < last - first else n + passed - last + first
        i = last - 1 - m if newest else first + m
        held = cells[s, i, CASES]
        if held > 0 and cells[s, i, MADE] >= oldest:
            amount = min(left, held)
            cells[s, i, CASES] = held - amount
            left -= amount
            pieces[at, LINE], pieces[at, BORN] = line, cells[s, i, MADE]
            pieces[at, AMOUNT], pieces[at, TRUCK] = amount, -1
            at += 1
    while first < last and cells[s, first, CASES] == 0:
        first += 1
    while first < last and cells[s, last - 1, CASES] == 0:
        last -= 1
    ends[s, FIRST], ends[s, LAST] = first, last
    return at - spot[1], want - left


@compiled
def stock_of(stock: Any, s: Any, oldest: Any) -> Any:
    """Cases of a SKU in a warehouse: made on day `oldest` or later, and in all; `stock`: its cells and ends."""
    cells, ends = stock
    fit = whole = 0
    for i in range(ends[s, FIRST], ends[s, LAST]):
        whole += cells[s, i, CASES]
        if cells[s, i, MADE] >= oldest:
            fit += cells[s, i, CASES]
    return fit, whole
