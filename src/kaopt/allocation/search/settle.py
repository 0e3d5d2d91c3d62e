"""Given the events of a plan, the columns beside them: fees that they open, tiers that they reach, what rows miss.

Usually each such column fills in what one row misses, and arithmetic settles it; else the remaining program, small as
it is, goes to the solver.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.start import completed
from kaopt.allocation.solver.exact import feasible
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.scenario.columns import Floats, Ints

SECONDS = 2.0  # wall, for the small program


def settle(program: Program, x: Floats, events: int, child: Child, *, seconds: float = SECONDS) -> Floats | None:
    """The best plan [N] with the first `events` columns as in `x`; None where there is none or none was found."""
    loose = np.arange(len(x)) >= events
    if not loose.any() or fills_single_rows(program, events):
        return feasible(program, completed(program, np.where(loose, 0.0, np.round(x))))
    columns = np.flatnonzero(loose)
    small = remaining(program, np.round(x), columns)
    answer = solve(replace(small, offset=0.0), Limits(seconds=seconds, gap=1e-6), child=child)
    if answer.x is None:
        return None
    whole = np.where(loose, 0.0, np.round(x))
    whole[columns] = answer.x
    return feasible(program, whole)


def fills_single_rows(program: Program, events: int) -> bool:
    """True where every column after the events is continuous and stands in one row at most."""
    entries = np.bincount(program.matrix.indices, minlength=len(program.cost))
    return bool(np.all(~program.integer[events:] & (entries[events:] <= 1)))


def remaining(program: Program, x: Floats, columns: Ints, *, kept: bool = False) -> Program:
    """The program over some columns once all others are fixed as in `x`; rows without any of them are left out.

    `kept`: `x` keeps all rows within their tolerance, and is kept in the smaller program, where the same rounding is
    more beside what is left of a limit.
    """
    body = sp.csr_matrix(program.matrix[:, columns])
    fixed = x.copy()
    fixed[columns] = 0.0
    held, touched = program.matrix @ fixed, np.diff(body.indptr) > 0
    low, high = program.row_low - held, program.row_high - held
    if kept:
        used = body @ x[columns]
        low, high = np.minimum(low, used), np.maximum(high, used)
    return replace(
        program,
        cost=program.cost[columns],
        offset=program.offset + float(program.cost @ fixed),
        matrix=body[touched],
        row_low=low[touched],
        row_high=high[touched],
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
        row_names=(),
        column_names=(),
    )
