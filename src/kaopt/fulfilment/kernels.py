"""The compiled loops: everything that happens to all lines of an order, or to all lots, in one call.

Whole cases (int64) everywhere. Shapes: a account, s SKU, l line of the order, c cause in the order of FINE_CAUSES.
`Any` in signatures stands for numba's types; the nouns are in `stock.py`.
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numba import njit

from kaopt.fulfilment import luck
from kaopt.service import FINE_CAUSES

CAUSES = len(FINE_CAUSES)
NO_STOCK, TOO_OLD, PICK_CUT, AGE, LATE_LOAD, LATE_TRIP, LATE_DOCK, PAPER, DAMAGED = (
    FINE_CAUSES.index(c)
    for c in ("no_stock", "stock_too_old", "pick_cut", "age", "late_load", "late_trip", "late_dock", "paper", "damage")
)
RANK, MADE, CASES = range(3)  # columns of a lot: order of issue, production day, quantity
FIRST, LAST = range(2)  # a SKU's lots are cells[s, first:last]
SKU, ORDERED, LOST = range(3)  # columns of an order line; LOST + c is the loss to cause c
LINE, BORN, AMOUNT = range(3)  # columns of a picked piece
VERDICT, RECEIVED, PUNCTUAL = range(3)  # columns of a truck: cause of refusal or -1, day of check-in, within the window
OPENING, MADE_CASES, ACCEPTED, DISPOSED, AWAY = range(5)  # rows of the flow of goods
ON_HAND, AGE_SUM, COUNTED, WRITTEN_OFF = range(4)  # rows of the report of a midnight


@njit(cache=True)
def realise(expected: Any, line_keys: Any, keys: Any, spread: Any) -> Any:
    """[A, T, S] whole cases wanted in each week: base x error + uplift x error, rounded by lot, unbiased.

    `expected`: base [A, S, T], uplift [A, S, T] and first week of the event [A, S, T], T weeks of which `spread[2]` are
    warm-up. `spread`: cv of base [S], cv of uplift, warm-up weeks.
    """
    base, uplift, event = expected
    base_cv, uplift_cv, warmup = spread
    wanted = np.zeros((base.shape[0], base.shape[2], base.shape[1]), np.int64)
    for a in range(base.shape[0]):
        for s in range(base.shape[1]):
            who = line_keys[a, s]
            for row in range(base.shape[2]):
                if base[a, s, row] + uplift[a, s, row] <= 0:
                    continue
                week = row - warmup
                cases = base[a, s, row] * luck.lognormal(keys[luck.BASE], who, week, base_cv[s])
                if uplift[a, s, row] > 0:
                    cases += uplift[a, s, row] * luck.lognormal(keys[luck.UPLIFT], who, event[a, s, row], uplift_cv)
                # 1e-9: a whole number stays that number, whatever the last binary digit says
                wanted[a, row, s] = floor(cases + 1e-9 + luck.uniform(keys[luck.ROUND], who, week) * (1 - 2e-9))
    return wanted


@njit(cache=True)
def copy(cells: Any, source: Any, target: Any) -> None:
    """One lot's row onto another; written out, because a slice assignment takes seconds to compile."""
    for column in range(3):
        cells[target, column] = cells[source, column]


@njit(cache=True)
def put(lots: Any, lot: Any, cases: Any) -> None:
    """Bring cases into free stock; `lot` = (SKU, rank, production day). The caller has made room."""
    s, rank, made = lot
    cells, ends = lots.cells[s], lots.ends[s]
    if ends[LAST] == cells.shape[0]:  # the window has reached the end: slide it back
        for i in range(ends[FIRST], ends[LAST]):
            copy(cells, i, i - ends[FIRST])
        ends[FIRST], ends[LAST] = 0, ends[LAST] - ends[FIRST]
    i = ends[LAST]
    while i > ends[FIRST] and (cells[i - 1, RANK], cells[i - 1, MADE]) > (rank, made):
        i -= 1
    if i > ends[FIRST] and cells[i - 1, RANK] == rank and cells[i - 1, MADE] == made:
        cells[i - 1, CASES] += cases
        return
    for j in range(ends[LAST], i, -1):
        copy(cells, j - 1, j)
    cells[i, RANK], cells[i, MADE], cells[i, CASES] = rank, made, cases
    ends[LAST] += 1


@njit(cache=True)
def take(lots: Any, s: Any, limit: Any, want: Any, pieces: Any) -> Any:
    """Take cases of SKU `s` made on `limit[0]` or later; `limit[1]`: newest lot first. Returns pieces written."""
    cells, ends = lots.cells[s], lots.ends[s]
    first, last = ends[FIRST], ends[LAST]
    written = 0
    for n in range(last - first):
        i = last - 1 - n if limit[1] else first + n
        if want > 0 and cells[i, CASES] > 0 and cells[i, MADE] >= limit[0]:
            amount = min(want, cells[i, CASES])
            cells[i, CASES] -= amount
            want -= amount
            pieces[written, BORN], pieces[written, AMOUNT] = cells[i, MADE], amount
            written += 1
    while ends[FIRST] < ends[LAST] and cells[ends[FIRST], CASES] == 0:
        ends[FIRST] += 1
    while ends[FIRST] < ends[LAST] and cells[ends[LAST] - 1, CASES] == 0:
        ends[LAST] -= 1
    return written


@njit(cache=True)
def stock_of(lots: Any, s: Any, oldest: Any) -> Any:
    """Cases of SKU `s`: made on day `oldest` or later, and in all."""
    fit = whole = 0
    for i in range(lots.ends[s, FIRST], lots.ends[s, LAST]):
        whole += lots.cells[s, i, CASES]
        if lots.cells[s, i, MADE] >= oldest:
            fit += lots.cells[s, i, CASES]
    return fit, whole


@njit(cache=True)
def lines_of(wanted: Any, who: Any, order: Any, split_key: Any) -> Any:
    """[L, 2 + C] the lines of one delivery: its part of the week's cases; the parts of a week add up to the week."""
    lines = np.zeros((len(wanted), LOST + CAUSES), np.int64)
    count = 0
    for s in range(len(wanted)):
        if wanted[s] > 0:
            turn = int(luck.bits(split_key, who[s], order.week) % np.uint64(order.parts))
            part = (wanted[s] * (order.part + 1) + turn) // order.parts - (wanted[s] * order.part + turn) // order.parts
            if part > 0:
                lines[count, SKU], lines[count, ORDERED] = s, part
                count += 1
    return lines[:count]


@njit(cache=True)
def pick(lots: Any, terms: Any, wanted: Any, order: Any) -> Any:
    """Allocate and pick one order: lines [L, 2 + C] with what was cut and why, pieces [P, 3] picked, cases picked."""
    keys, a = terms.keys, order.account
    lines = lines_of(wanted, terms.line_keys[a], order, keys[luck.SPLIT])
    room = 0
    for n in range(len(lines)):
        room += lots.ends[lines[n, SKU], LAST] - lots.ends[lines[n, SKU], FIRST]
    pieces = np.empty((room, 3), np.int64)
    written, left = 0, order.capacity
    # another line is last each day, so that no SKU always bears the cut
    turn = int(luck.bits(keys[luck.SPLIT], terms.account_keys[a], order.day) % np.uint64(max(len(lines), 1)))
    for n in range(len(lines)):
        at = (n + turn) % len(lines)
        s, want = lines[at, SKU], lines[at, ORDERED]
        oldest = order.last_day - terms.ages[0, a, s]
        fit, whole = stock_of(lots, s, oldest)
        short, got = max(want - fit, 0), min(want, fit, left)
        lines[at, LOST + TOO_OLD] = min(short, whole - fit)
        lines[at, LOST + NO_STOCK] = short - lines[at, LOST + TOO_OLD]
        lines[at, LOST + PICK_CUT] = want - short - got
        newest = luck.uniform(keys[luck.MISTAKE], terms.line_keys[a, s], order.day) < terms.mistake
        more = take(lots, s, (oldest, newest), got, pieces[written:])
        pieces[written : written + more, LINE] = at
        written += more
        left -= got
        terms.flow[AWAY, s] += got
    return lines, pieces[:written], order.capacity - left


@njit(cache=True)
def journey(keys: Any, who: Any, cell: Any, law: Any) -> Any:
    """Whole minutes of one truck's loading, trip, and delay by a driver who does not know the customer.

    `law`: mean and cv of loading, mean and cv of the trip, chance, mean and cv of the delay.
    """
    load = law[0] * luck.lognormal(keys[luck.LOAD], who, cell, law[1])
    trip = law[2] * luck.lognormal(keys[luck.TRIP], who, cell, law[3])
    delay = 0.0
    if luck.uniform(keys[luck.DRIVER], who, cell) < law[4]:
        delay = law[5] * luck.lognormal(keys[luck.DELAY], who, cell, law[6])
    return floor(load + 0.5), floor(trip + 0.5), floor(delay + 0.5)
