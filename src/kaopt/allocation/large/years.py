# mypy: disable-error-code="no-untyped-call"
"""Compiled loops over years: at given prices of the linking rows, the best calendar of every block, and near misses.

Nouns, as tuples of arrays: `calendar` (first [B + 1], week [E], end [E], most [B], weeks); `used` (start, row, value):
what each event uses of linking rows; `desk`: room to work in (`desk_of`). Weighted interval scheduling from the last
week backwards; the state is the week and how many events are left, treatments never are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


def desk_of(columns: Any) -> Any:
    """Room for one block's year: worths, best by week and events left, what was picked there, ends of a week."""
    size, left = int(np.diff(columns.first).max(initial=1)), int(columns.most.max(initial=0)) + 1
    table = (columns.horizon + 1, left)
    ends = np.zeros(columns.horizon + 1, np.int64)  # different ends of events that begin in one week
    return np.zeros(size), np.zeros(table), np.zeros(table, np.int64), ends, ends.copy()


@njit(cache=True)
def priced(b: int, events: Any, terms: Any, worth: Any) -> None:
    """Worth of a block's events once the rows are paid; 0, so never chosen, for those that are shut.

    `events`: first [B + 1], cost [E] and what they use.
    """
    (first, cost, (start, row, value)), prices, shut = events, terms[0], terms[1]
    for o in range(first[b], first[b + 1]):
        left = cost[o]
        for k in range(start[o], start[o + 1]):
            left -= value[k] * prices[row[k]]
        worth[o - first[b]] = 0.0 if shut[o] else left


@njit(cache=True)
def year(b: int, calendar: Any, desk: Any) -> Any:
    """Best worth of a block's year by week and events left; what to pick there. Only events that pay are taken."""
    first, week, end, most, weeks = calendar
    worth, best, pick, ends, events = desk
    begin, o, top = first[b], first[b + 1] - 1, most[b]
    best[weeks, : top + 1] = 0.0
    for w in range(weeks - 1, -1, -1):
        for left in range(top + 1):
            best[w, left], pick[w, left] = best[w + 1, left], -1
        count = 0
        while o >= begin and week[o] == w:
            if worth[o - begin] > 0.0:
                found = count
                for j in range(count):
                    if ends[j] == end[o]:
                        found = j
                if found == count:
                    ends[count], events[count] = end[o], o
                    count += 1
                elif worth[o - begin] >= worth[events[found] - begin]:
                    events[found] = o
            o -= 1
        for j in range(count):
            gain, after, event = worth[events[j] - begin], best[ends[j]], events[j]
            for left in range(1, top + 1):
                if gain + after[left - 1] > best[w, left]:
                    best[w, left], pick[w, left] = gain + after[left - 1], event
    return best[0, top]


@njit(cache=True)
def sweep(calendar: Any, cost: Any, used: Any, terms: Any, desk: Any) -> Any:
    """Every block takes its best year. `terms`: prices [L], shut [E], held [L] and often [E], to which is added.

    Returns the worth of each block's year [B].
    """
    held, often = terms[2], terms[3]
    first, _, end, most, weeks = calendar
    start, row, value = used
    found = np.empty(len(first) - 1)
    for b in range(len(first) - 1):
        priced(b, (first, cost, used), terms, desk[0])
        found[b] = year(b, calendar, desk)
        w, left = 0, most[b]
        while w < weeks:
            o = desk[2][w, left]
            if o < 0:
                w += 1
                continue
            often[o] += 1.0
            for k in range(start[o], start[o + 1]):
                held[row[k]] += value[k]
            w, left = end[o], left - 1
    return found


@njit(cache=True)
def losses(calendar: Any, cost: Any, used: Any, terms: Any, desk: Any) -> Any:
    """[E] what a block's year loses at least if it has to hold the event, at the prices of `terms` (as in `sweep`)."""
    shut = terms[1]
    first, week, end, most, weeks = calendar
    found = np.full(first[-1], np.inf)
    before = np.zeros((weeks + 1, most.max() + 1))  # best of the weeks before, by events taken
    for b in range(len(first) - 1):
        priced(b, (first, cost, used), terms, desk[0])
        all_in = year(b, calendar, desk)
        top, begin = most[b], first[b]
        before[:, :] = 0.0
        o = begin
        for w in range(weeks + 1):
            if w > 0:
                for n in range(top + 1):
                    before[w, n] = max(before[w, n], before[w - 1, n])
            while o < first[b + 1] and week[o] == w:
                worth = desk[0][o - begin]
                best_with = -np.inf
                for n in range(top):
                    best_with = max(best_with, before[w, n] + desk[1][end[o], top - n - 1])
                    if worth > 0.0:
                        before[end[o], n + 1] = max(before[end[o], n + 1], before[w, n] + worth)
                if not shut[o]:
                    found[o] = all_in - best_with - worth
                o += 1
    return found


@njit(cache=True)
def totals(columns: int, used: Any, chosen: Any) -> Any:
    """[L] what the chosen events [E] use of the rows."""
    start, row, value = used
    held = np.zeros(columns)
    for o in range(len(chosen)):
        if chosen[o] != 0.0:
            for k in range(start[o], start[o + 1]):
                held[row[k]] += value[k] * chosen[o]
    return held


@njit(cache=True)
def squares(rows: int, cost: Any, used: Any) -> Any:
    """[L] sums over events of |worth x use| and of use squared: the natural price of a row is their quotient."""
    start, row, value = used
    worth, square = np.zeros(rows), np.zeros(rows)
    for o in range(len(cost)):
        for k in range(start[o], start[o + 1]):
            worth[row[k]] += abs(cost[o] * value[k])
            square[row[k]] += value[k] * value[k]
    return worth, square
