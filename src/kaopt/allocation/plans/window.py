"""What is left to decide of a program once much of it is settled: fewer columns, and rows that only they can change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints

ROUNDING = 1e-7  # of a scaled row: what adding up the settled columns may be off


@dataclass(frozen=True, eq=False)
class Window:
    """The open part of a program; its objective counts what is still open, so that a gap speaks of that alone."""

    program: Program
    columns: Ints  # [n] the open columns' places in the whole
    settled: Floats  # [N] every column at its settled value, open ones at 0
    possible: bool  # False: a row is broken by what is settled, whatever is decided

    def widened(self, x: Floats) -> Floats:
        """A solution of the open part as one of the whole."""
        full = self.settled.copy()
        full[self.columns] = x
        return full


def window(program: Program) -> Window:
    """The program without the columns whose ends meet, and without the rows that these alone decide."""
    open_ = program.low < program.high
    columns = np.flatnonzero(open_)
    settled = np.where(open_, 0.0, program.low)
    used = program.matrix @ settled
    body = sp.csr_matrix(program.matrix[:, columns])
    low, high = program.row_low - used, program.row_high - used
    rows = np.flatnonzero(np.diff(body.indptr))
    alone = np.diff(body.indptr) == 0
    room = ROUNDING * (1.0 + np.abs(used))
    small = replace(
        program,
        cost=program.cost[columns],
        matrix=body[rows],
        row_low=low[rows],
        row_high=high[rows],
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
        row_names=tuple(program.row_names[i] for i in rows) if program.row_names else (),
        column_names=(),
    )
    return Window(small, columns, settled, not np.any(alone & ((low > room) | (high < -room))))
