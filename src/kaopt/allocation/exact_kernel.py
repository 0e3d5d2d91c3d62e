"""The compiled loop behind `exact_sum`. `Any` stands for numba's types."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

MOST = 64  # partial sums at once; few amounts of like size need more than three
LOST = -1  # instead of their number: there were more, or the sum is endless


@njit(cache=True)
def exact_sums(values: Any, start: Any) -> Any:
    """[G] the exact sum of values[start[g] : start[g + 1]], rounded once; NaN where it cannot be had in this way.

    J. R. Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates, Discrete Comput.
    Geom. 18, 1997: partial sums of which none overlaps another, the smallest first. As in CPython's `math.fsum`.
    """
    found = np.zeros(len(start) - 1)
    partial = np.zeros(MOST)
    for g in range(len(found)):
        count = 0
        for i in range(start[g], start[g + 1]):
            count = with_one_more(partial, count, values[i])
            if count == LOST:
                break
        found[g] = np.nan if count == LOST else rounded(partial, count)
    return found


@njit(cache=True)
def with_one_more(partial: Any, count: int, value: float) -> int:
    """Add a value to the partial sums without any loss; returns how many there are now, or LOST."""
    kept = 0
    for j in range(count):
        large, small = value, partial[j]
        if abs(large) < abs(small):
            large, small = small, large
        value = large + small
        lost = small - (value - large)
        if lost != 0.0:
            partial[kept] = lost
            kept += 1
    if kept == MOST or not np.isfinite(value):
        return LOST
    if value != 0.0:
        partial[kept] = value
        kept += 1
    return kept


@njit(cache=True)
def rounded(partial: Any, count: int) -> float:
    """The sum of the partial sums, rounded once, to even where it lies half-way."""
    if count == 0:
        return 0.0
    count -= 1
    total, lost = partial[count], 0.0
    while count > 0 and lost == 0.0:
        count -= 1
        large, small = total, partial[count]
        total = large + small
        lost = small - (total - large)
    if count > 0 and ((lost < 0.0 and partial[count - 1] < 0.0) or (lost > 0.0 and partial[count - 1] > 0.0)):
        twice = lost * 2.0
        other = total + twice
        if twice == other - total:
            total = other
    return float(total)
