"""The outline of a year on a planning day: what its relaxation would do with all that is still open.

It guides the limits of each month (`pace`), so it need not be the best there is; it has to keep every row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.bench import Bench
from kaopt.allocation.opening import in_question
from kaopt.allocation.pace import Paced, yielding
from kaopt.allocation.program import Program
from kaopt.allocation.relax import Relaxation, relax
from kaopt.allocation.solve import Limits
from kaopt.allocation.window import window
from kaopt.errors import NoPlanError
from kaopt.scenario.columns import Floats


def outlined(bench: Bench, program: Program, root: Relaxation, seconds: float) -> Floats:
    """[N] a solution of the relaxation of a year's program, nearly a best one.

    Solved on the offers that are worth most at the prices of the whole year, `root`; on all where these cannot keep
    the rows; and where none can, with minima that give way. Raises NoPlanError where the time ends before.
    """
    limits = Limits(seconds=max(seconds, 0.1), memory_gb=bench.world.solve.memory_gb, seed=bench.world.solve.seed)
    soft = yielding(Paced(program, program.row_low, program.row_high))
    for one in (worthwhile(bench, program, root), program, soft):
        part = window(one)
        if not len(part.columns):  # nothing is left to outline
            break
        found = relax(part.program, limits, child=bench.child)
        if found.status == "optimal":
            return part.widened(found.x)[: len(program.cost)]
        if found.status == "stopped":
            raise NoPlanError("the outline of the year was not found within the limit; give it more time")
    return program.low


def worthwhile(bench: Bench, program: Program, root: Relaxation) -> Program:
    """The program with the columns that the year's prices leave in question, and those of rows that it added."""
    most = program.low.copy()
    most[in_question(root, len(bench.problem.offers))] = np.inf
    most[program.matrix[bench.program.matrix.shape[0] :].indices] = np.inf  # dates that accounts were told
    return replace(program, high=np.minimum(program.high, most))
