"""Compiled loops over sums of rows whose limit is odd while hardly a coefficient is.

Nouns, as tuples of arrays: `rows`: odd [R, C] whether a coefficient is odd, limit [R] whether the limit is, slack [R]
(rows of slack first), mark [R] numbers whose exclusive or marks a sum, far [C] of each column from its nearer end;
`sums`: the same of R sums of rows, odd [R, C], used [R, R] which rows, limit, slack, mark and alive [R]; `found`: used
[K, R], mark [K], lack [K], count [1]. A sum lacks the slack of its rows and the distance of its odd columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def odd_sums(rows: Any, orders: Any, most: float, room: int) -> Any:
    """Sums of rows with an odd limit that lack less than `most`: which rows [K, R], their marks and what they lack [K].

    After single rows, columns are made even one after another, in each of the `orders` [T, C]; it ends where there is
    no more room.
    """
    odd, limit, slack, mark, _ = rows
    size = len(slack)
    found = np.zeros((room, size), np.bool_), np.zeros(room, np.int64), np.zeros(room), np.zeros(1, np.int64)
    for t in range(len(orders)):
        sums = odd.copy(), np.eye(size) > 0, limit.copy(), slack.copy(), mark.copy(), np.ones(size, np.bool_)
        for i in range(size if t == 0 else 0):
            note(i, rows, sums, found, most)
        for j in orders[t]:
            make_even(j, rows, sums, found, most)
    count = found[3][0]
    return found[0][:count], found[1][:count], found[2][:count]


@njit(cache=True)
def make_even(j: int, rows: Any, sums: Any, found: Any, most: float) -> None:
    """Add the sum of least slack in which a column is odd to all others in which it is.

    That sum then retires, as do those that lack too much.
    """
    odd, used, limit, slack, mark, alive = sums
    pivot = -1
    for i in range(len(slack)):
        if alive[i] and odd[i, j] and (pivot < 0 or slack[i] < slack[pivot]):
            pivot = i
    if pivot < 0:
        return
    alive[pivot] = False
    loose = rows[2][: int(np.sum(rows[2] > 0))]
    for i in range(len(slack)):
        if not alive[i] or not odd[i, j]:
            continue
        used[i] ^= used[pivot]
        slack[i] = lacking(used[i], loose, 0.0, most)
        if slack[i] >= most:
            alive[i] = False
            continue
        mark[i] ^= mark[pivot]
        limit[i] ^= limit[pivot]
        odd[i] ^= odd[pivot]
        note(i, rows, sums, found, most)


@njit(cache=True)
def note(i: int, rows: Any, sums: Any, found: Any, most: float) -> None:
    """Remember a sum where its limit is odd and it lacks little, as long as there is room."""
    count = found[3][0]
    if sums[2][i] and count < len(found[2]):
        lack = lacking(sums[0][i], rows[4], sums[3][i], most)
        if lack < most:
            found[0][count], found[1][count], found[2][count] = sums[1][i], sums[4][i], lack
            found[3][0] += 1


@njit(cache=True)
def lacking(flags: Any, amount: Any, begun: float, most: float) -> float:
    """`begun` and the amounts that are flagged, added up to where they reach `most`."""
    total = begun
    for j in range(len(amount)):
        if flags[j]:
            total += amount[j]
            if total >= most:
                break
    return total
