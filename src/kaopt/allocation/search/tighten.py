"""What arithmetic settles before any solving: columns that no plan can take, and columns that every plan must.

A display of two slots where an account has one is never taken, but half of it fits a relaxation, and a bound made
of halves is no use. Only clear cases are settled, by more than a plan may pass a limit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.search.gate import reach
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats

CLEAR = 1e-6  # of what adds up in the row: far beyond rounding and the tolerance of limits (1e-9)
PASSES = 5  # a settled column may settle others


def tightened(program: Program) -> Program:
    """The program with the ends of 0-1 columns drawn in where a single row leaves them no choice. No plan is lost."""
    for _ in range(PASSES):
        low, high = settled(program)
        if np.array_equal(low, program.low) and np.array_equal(high, program.high):
            break
        program = replace(program, low=low, high=high)
    return program


def settled(program: Program) -> tuple[Floats, Floats]:
    """[N] the ends of the columns after one look at every row. Ends never cross: the rows then say so themselves."""
    body = program.matrix.tocoo()
    row, column = body.coords
    least, most = reach(program)
    size = abs(program.matrix) @ np.maximum(np.abs(program.low), np.abs(program.high))
    free = (program.integer & (program.low == 0) & (program.high == 1))[column]
    slack = CLEAR * (size + 1.0)[row]
    # what the row holds at least (most) with the column taken (left), all others at their best
    up, down = np.maximum(body.data, 0.0), np.minimum(body.data, 0.0)
    never = free & (
        (least[row] + up > program.row_high[row] + slack) | (most[row] + down < program.row_low[row] - slack)
    )
    always = free & (
        (least[row] - down > program.row_high[row] + slack) | (most[row] - up < program.row_low[row] - slack)
    )
    low, high = program.low.copy(), program.high.copy()
    high[column[never]] = 0.0
    low[np.setdiff1d(column[always], column[never])] = 1.0
    return low, high
