"""Compiled loops over which columns exclude each other: cliques that are broken, and cliques made as wide as may be.

Nouns, as tuples of arrays: `graph`: first [N + 1], row [E] the rows of each column and, likewise, start [K + 1],
column [E] the columns of each row, of rows of which a plan takes one column at most; `mark` [N] numbers at columns, 0
before and after.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def adjacent(columns: Any, graph: Any, place: Any) -> Any:
    """[F, F] which of the columns exclude each other; `place` [N]: where a column stands among them, else -1."""
    first, row, start, column = graph
    answer = np.zeros((len(columns), len(columns)), np.bool_)
    for a in range(len(columns)):
        for r in row[first[columns[a]] : first[columns[a] + 1]]:
            for j in column[start[r] : start[r + 1]]:
                if place[j] >= 0:
                    answer[a, place[j]] = True
        answer[a, a] = False
    return answer


@njit(cache=True)
def heavy(near: Any, weight: Any, least: float, room: int, work: int) -> Any:
    """Cliques [K, D], filled up with -1, that weigh more than `least`: from each column, the heaviest with those after.

    Columns are in falling order of weight; the search from one column ends after so much work.
    """
    size = len(weight)
    deepest = 40
    found = np.full((room, deepest), -1, np.int64)
    count = 0
    open_ = np.zeros((deepest + 1, size), np.int64)
    total, place = np.zeros(deepest + 1, np.int64), np.zeros(deepest + 1, np.int64)
    held, heft = np.zeros(deepest + 1, np.int64), np.zeros(deepest + 1)
    for a in range(size):
        held[0], heft[1], place[1] = a, weight[a], 0
        total[1] = narrowed(near[a], np.arange(a + 1, size), open_[1])
        depth, best, done = 1, least, 0
        while depth > 0 and done < work:
            if heft[depth] > best and count < room:
                best = heft[depth]
                found[count] = -1
                found[count, :depth] = held[:depth]
            rest = open_[depth, place[depth] : total[depth]]
            if len(rest) == 0 or depth == deepest - 1 or heft[depth] + weight[rest].sum() <= best:
                depth -= 1
                continue
            done += 1
            place[depth] += 1
            held[depth], heft[depth + 1], place[depth + 1] = rest[0], heft[depth] + weight[rest[0]], 0
            total[depth + 1] = narrowed(near[rest[0]], rest[1:], open_[depth + 1])
            depth += 1
        count += best > least
    return found[:count]


@njit(cache=True)
def narrowed(near: Any, among: Any, into: Any) -> int:
    """Those of some columns that are near, in their order; how many."""
    count = 0
    for j in among:
        if near[j]:
            into[count] = j
            count += 1
    return count


@njit(cache=True)
def widened(clique: Any, graph: Any, wish: Any, mark: Any) -> Any:
    """A clique with further columns, the most wished for first, till no other column excludes all of it."""
    touched = neighbours(clique[0], graph, mark, 0)
    open_ = touched
    for t in range(1, len(clique)):
        open_ = neighbours(clique[t], graph, mark, t)
    open_ = np.array([j for j in open_ if not np.any(clique == j)], np.int64)
    open_ = open_[np.argsort(-wish[open_], kind="mergesort")]
    picked = list(clique)
    while len(open_) > 0:
        seen = len(picked)
        picked.append(open_[0])
        neighbours(open_[0], graph, mark, seen)
        open_ = open_[1:][mark[open_[1:]] == seen + 1]
    mark[touched] = 0
    return np.array(picked, np.int64)


@njit(cache=True)
def neighbours(of: int, graph: Any, mark: Any, seen: int) -> Any:
    """The columns marked `seen` that share a row with one column, itself too; their mark is then one higher."""
    first, row, start, column = graph
    found = [np.int64(0) for _ in range(0)]
    for r in row[first[of] : first[of + 1]]:
        for j in column[start[r] : start[r + 1]]:
            if mark[j] == seen:
                mark[j] = seen + 1
                found.append(np.int64(j))
    return np.array(found, np.int64)
