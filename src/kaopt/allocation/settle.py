"""Given the events of a plan, the columns beside them: fees that they open, tiers that they reach, what rows miss.

Usually each such column fills in what one row misses, and arithmetic settles it; else the remaining program, small as
it is, goes to the solver.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.exact import feasible
from kaopt.allocation.process import Child
from kaopt.allocation.program import Program
from kaopt.allocation.solve import Limits, solve
from kaopt.allocation.start import completed
from kaopt.scenario.columns import Bools, Floats

SECONDS = 2.0  # wall, for the small program


def settle(program: Program, x: Floats, events: int, child: Child, *, seconds: float = SECONDS) -> Floats | None:
    """The best plan [N] with the first `events` columns as in `x`; None where there is none or none was found."""
    loose = np.arange(len(x)) >= events
    if not loose.any() or fills_single_rows(program, events):
        return feasible(program, completed(program, np.where(loose, 0.0, np.round(x))))
    small, columns = remaining(program, np.round(x), loose)
    if small is None:
        return None
    answer = solve(small, Limits(seconds=seconds, gap=1e-6), child=child)
    if answer.x is None:
        return None
    whole = np.where(loose, 0.0, np.round(x))
    whole[columns] = answer.x
    return feasible(program, whole)


def fills_single_rows(program: Program, events: int) -> bool:
    """True where every column after the events is continuous and stands in one row at most."""
    entries = np.bincount(program.matrix.indices, minlength=len(program.cost))
    return bool(np.all(~program.integer[events:] & (entries[events:] <= 1)))


def remaining(program: Program, x: Floats, loose: Bools) -> tuple[Program | None, np.ndarray]:
    """The program over the loose columns once the events are fixed, and those columns; None where a row is broken."""
    columns = np.flatnonzero(loose)
    body = program.matrix[:, columns]
    held = program.matrix @ np.where(loose, 0.0, x)
    touched = np.diff(body.indptr) > 0
    small = replace(
        program,
        cost=program.cost[columns],
        offset=0.0,
        matrix=body[touched],
        row_low=(program.row_low - held)[touched],
        row_high=(program.row_high - held)[touched],
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
        row_names=(),
        column_names=(),
    )
    return small, columns
