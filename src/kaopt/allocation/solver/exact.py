"""A solver's answer in our own arithmetic: snapped to whole numbers, checked against every row, valued exactly."""

from __future__ import annotations

from math import fsum

import numpy as np

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints

TOLERANCE = 1e-9  # of the row's limit, of what adds up in it, or of its largest coefficient
WHOLE = 1e-4  # a whole number may come back this far from one


def snapped(program: Program, x: Floats) -> Floats | None:
    """`x` with whole numbers made whole and boxes kept; None where it is not that close to a solution."""
    near = np.where(program.integer, np.round(x), x)
    if not np.all(np.isfinite(x)) or np.any(np.abs(near - x) > WHOLE):
        return None
    fitted = np.clip(near, program.low, program.high)
    return None if np.any(np.abs(fitted - near) > WHOLE) else fitted


def broken(program: Program, x: Floats) -> Ints:
    """Indices of the rows that `x` breaks, beyond the tolerance of 1e-9.

    Rows far from their limits are judged in floating point with its error bound, the others by an exact sum.
    """
    activity, size = program.matrix @ x, abs(program.matrix) @ np.abs(x)
    over = activity - program.row_high
    under = program.row_low - activity
    unsure = 1e-12 * (size + 1) + allowed(program, size)
    doubtful = np.flatnonzero(np.maximum(over, under) > -unsure)
    wrong = [i for i in doubtful if is_broken(program, x, int(i))]
    return np.array(wrong, dtype=np.int64)


def allowed(program: Program, size: Floats) -> Floats:
    """[M] by how much a row may be passed: 1e-9 of its limit or of what adds up in it, for rows scaled to 1."""
    limits = np.maximum(finite(program.row_low), finite(program.row_high))
    return TOLERANCE * np.maximum(np.maximum(limits, size), 1.0)


def finite(values: Floats) -> Floats:
    """Absolute values, 0 where infinite."""
    return np.abs(np.where(np.isfinite(values), values, 0.0))


def is_broken(program: Program, x: Floats, row: int) -> bool:
    """One row by an exactly rounded sum."""
    entries = slice(program.matrix.indptr[row], program.matrix.indptr[row + 1])
    terms = program.matrix.data[entries] * x[program.matrix.indices[entries]]
    used = fsum(terms)
    size = max(fsum(np.abs(terms)), 1.0)
    low, high = program.row_low[row], program.row_high[row]
    return bool(used > high + TOLERANCE * max(abs(high), size) or used < low - TOLERANCE * max(abs(low), size))


def worth(program: Program, x: Floats) -> float:
    """The objective of `x`, as one exactly rounded sum."""
    chosen = np.flatnonzero(x)
    return fsum([program.offset, *(program.cost[chosen] * x[chosen])])


def feasible(program: Program, x: Floats | None) -> Floats | None:
    """`x` snapped where it keeps every row, else None."""
    near = None if x is None else snapped(program, x)
    return None if near is None or len(broken(program, near)) else near
