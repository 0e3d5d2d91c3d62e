"""Compiled loops over calendars: the best year of every block, and a walk from plan to plan, one block at a time.

Nouns, as tuples of arrays: `columns` (start, row, value) of a sparse matrix by column; `calendar` (first [B + 1], week
[E], end [E], most [B], weeks); `rows` (held, low, high, price, fine), each [L]. `Any` stands for numba's types.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NEVER = -1e300  # worth of an event that may not be chosen


@njit(cache=True)
def priced(cost: Any, prices: Any, columns: Any) -> Any:
    """[N] costs of columns once the rows are paid at their prices."""
    start, row, value = columns
    left = cost.copy()
    for j in range(len(cost)):
        for k in range(start[j], start[j + 1]):
            left[j] -= value[k] * prices[row[k]]
    return left


@njit(cache=True)
def used(x: Any, columns: Any, rows: int) -> Any:
    """[rows] what the columns use of every row."""
    start, row, value = columns
    total = np.zeros(rows)
    for j in range(len(x)):
        if x[j] != 0.0:
            for k in range(start[j], start[j + 1]):
                total[row[k]] += value[k] * x[j]
    return total


@njit(cache=True)
def best_years(worth: Any, calendar: Any, rest: Any, x: Any) -> float:
    """Every block's best calendar into `x` [E], whatever its count; worth of the rest by week into `rest` [B, W + 1].

    Weighted interval scheduling from the last week backwards.
    """
    first, week, end, _, weeks = calendar
    total = 0.0
    pick = np.empty(weeks, np.int64)
    for b in range(len(first) - 1):
        best, o = rest[b], first[b + 1] - 1
        for w in range(weeks - 1, -1, -1):
            best[w], pick[w] = best[w + 1], -1
            while o >= first[b] and week[o] == w:
                if worth[o] + best[min(end[o], weeks)] > best[w]:
                    best[w], pick[w] = worth[o] + best[min(end[o], weeks)], o
                o -= 1
        total += best[0]
        x[first[b] : first[b + 1]] = 0.0
        w = 0
        while w < weeks:
            o = pick[w]
            if o >= 0:
                x[o] = 1.0
            w = end[o] if o >= 0 else w + 1
    return total


@njit(cache=True)
def counted_year(worth: Any, b: int, calendar: Any, best: Any, pick: Any) -> None:
    """As `best_years` for one block with at most `most` events; best and pick are [W (+ 1), events left]."""
    first, week, end, most, weeks = calendar
    o = first[b + 1] - 1
    for w in range(weeks - 1, -1, -1):
        for left in range(most[b] + 1):
            best[w, left], pick[w, left] = best[w + 1, left], -1
        while o >= first[b] and week[o] == w:
            after = min(end[o], weeks)
            if worth[o] > NEVER:
                for left in range(1, most[b] + 1):
                    if worth[o] + best[after, left - 1] > best[w, left]:
                        best[w, left], pick[w, left] = worth[o] + best[after, left - 1], o
            o -= 1


@njit(cache=True)
def merit(held: float, low: float, high: float, price: float, fine: float) -> float:
    """What a row's state is worth: what is held is paid at its price, what is outside its limits is fined."""
    return -price * held - fine * max(held - high, low - held, 0.0)


@njit(cache=True)
def change(o: int, sign: float, columns: Any, rows: Any, apply: bool) -> float:
    """What adding (1) or dropping (-1) an event changes in the merit of its rows; `apply`: do it."""
    start, row, value = columns
    held, low, high, price, fine = rows
    total = 0.0
    for k in range(start[o], start[o + 1]):
        i = row[k]
        after = held[i] + sign * value[k]
        total += merit(after, low[i], high[i], price[i], fine[i])
        total -= merit(held[i], low[i], high[i], price[i], fine[i])
        if apply:
            held[i] = after
    return total


@njit(cache=True)
def cleared(b: int, worth: Any, calendar: Any, columns: Any, state: Any) -> float:
    """Take a block's events out; returns the change in merit."""
    x, rows = state
    gain = 0.0
    for o in range(calendar[0][b], calendar[0][b + 1]):
        if x[o] > 0.5:
            gain += change(o, -1.0, columns, rows, True) - worth[o]
            x[o] = 0.0
    return gain


@njit(cache=True)
def walk(order: Any, worth: Any, nouns: Any, state: Any, loss: float) -> int:
    """Re-plan blocks in turn, all others fixed; a new year is kept where it loses less than `loss` of merit.

    `nouns`: calendar and columns; `state`: what is chosen [E], changed in place, and rows. Returns the years kept.
    """
    (calendar, columns), (x, rows) = nouns, state
    first, _, end, most, weeks = calendar
    best = np.zeros((weeks + 1, most.max() + 1))
    pick = np.empty((weeks, most.max() + 1), np.int64)
    now, old = np.empty(len(x)), np.empty(len(x))
    kept = 0
    for b in order:
        inside = slice(first[b], first[b + 1])
        old[inside] = x[inside]
        gain = cleared(b, worth, calendar, columns, state)
        for o in range(first[b], first[b + 1]):
            now[o] = worth[o] + change(o, 1.0, columns, rows, False) if worth[o] > NEVER else NEVER
        counted_year(now, b, calendar, best, pick)
        w, left = 0, most[b]
        while w < weeks:
            o = pick[w, left]
            added = worth[o] + change(o, 1.0, columns, rows, False) if o >= 0 else 0.0
            if added > 0.0:
                gain += worth[o] + change(o, 1.0, columns, rows, True)
                x[o] = 1.0
                left -= 1
            w = end[o] if added > 0.0 else w + 1
        if gain > -loss:
            kept += 1
            continue
        cleared(b, worth, calendar, columns, state)
        for o in range(first[b], first[b + 1]):
            if old[o] > 0.5:
                change(o, 1.0, columns, rows, True)
                x[o] = 1.0
    return kept
