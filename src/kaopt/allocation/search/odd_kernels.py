"""Compiled loops over sums of rows whose limit is odd while hardly a coefficient is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


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


@njit(cache=True)
def odd_sums(rows: Any, far: Any, orders: Any, most: float, room: int) -> Any:
    """Sums of rows with an odd limit that lack less than `most`: which rows [K, R], their marks and what they lack [K].

    `rows`: odd [R, C] whether a coefficient is odd, limit [R] whether the limit is, slack [R], rows of slack first,
    mark [R] numbers whose exclusive or marks a sum; `far` [C]: of each column from its nearer end. A sum lacks the
    slack of its rows and the distance of its odd columns. After single rows, columns are made even one after another,
    in each of the `orders` [T, C], by adding the row of least slack in which a column is odd to all others in which it
    is; that row then retires, as do those that lack too much. It ends where there is no more room.
    """
    odd, limit, slack, mark = rows
    size = len(slack)
    loose = slack[: int(np.sum(slack > 0))]
    found, marks, lacks = np.zeros((room, size), np.bool_), np.zeros(room, np.int64), np.zeros(room)
    count = 0
    for i in range(size):
        if limit[i] and count < room - 1:
            lacks[count] = lacking(odd[i], far, slack[i], most)
            if lacks[count] < most:
                found[count, i], marks[count] = True, mark[i]
                count += 1
    for t in range(len(orders)):
        now, used, right = odd.copy(), np.zeros((size, size), np.bool_), limit.copy()
        cost, name, alive = slack.copy(), mark.copy(), np.ones(size, np.bool_)
        for i in range(size):
            used[i, i] = True
        for j in orders[t]:
            pivot = -1
            for i in range(size):
                if alive[i] and now[i, j] and (pivot < 0 or cost[i] < cost[pivot]):
                    pivot = i
            if pivot < 0:
                continue
            alive[pivot] = False
            for i in range(size):
                if not alive[i] or not now[i, j]:
                    continue
                used[i] ^= used[pivot]
                cost[i] = lacking(used[i], loose, 0.0, most)
                if cost[i] >= most:
                    alive[i] = False
                    continue
                name[i] ^= name[pivot]
                right[i] ^= right[pivot]
                now[i] ^= now[pivot]
                if right[i]:
                    lacks[count] = lacking(now[i], far, cost[i], most)
                    if lacks[count] < most:
                        found[count], marks[count] = used[i], name[i]
                        count += 1
                        if count == room:
                            return found, marks, lacks
    return found[:count], marks[:count], lacks[:count]
