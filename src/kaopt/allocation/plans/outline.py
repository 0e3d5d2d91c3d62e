"""The outline of a year on a planning day: what its relaxation would do with all that is still open.

It guides the limits of each month (`pace`), so it need not be the best there is; it has to keep every row. From one
planning day to the next only some ends of columns change, so the solver goes on from where the whole year was solved.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.allocation.plans.bench import Bench
from kaopt.allocation.plans.pace import Paced, yielding
from kaopt.allocation.search.opening import in_question
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.search import restricted
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import NoPlanError
from kaopt.scenario.columns import Floats, Ints

BASIC = 1  # the solver's word for a column or row whose value the rest decides


def outlined(bench: Bench, program: Program, root: Relaxation, seconds: float) -> Floats:
    """[N] a solution of the relaxation of a year's program, nearly a best one.

    Solved on the offers that are worth most at the prices of the whole year, `root`; on all where these cannot keep
    the rows; and where none can, with minima that give way. Raises NoPlanError where the time ends before.
    """
    if np.array_equal(program.low, program.high):  # nothing is left to outline
        return program.low
    limits = Limits(seconds=max(seconds, 0.1), memory_gb=bench.world.solve.memory_gb, seed=bench.world.solve.seed)
    count = len(program.cost)
    soft = yielding(Paced(program, program.row_low, program.row_high))
    for one, columns in (
        (program, worthwhile(bench, program, root)), (program, np.arange(count)), (soft, np.arange(len(soft.cost)))
    ):  # fmt: skip
        basis = basis_on(program, root, columns) if one is program else None
        found = relax(restricted(one, columns), limits, child=bench.child, basis=basis)
        if found.status == "optimal":
            x = one.low.copy()
            x[columns] = found.x
            return x[:count]
        if found.status == "stopped":
            raise NoPlanError("the outline of the year was not found within the limit; give it more time")
    return program.low


def worthwhile(bench: Bench, program: Program, root: Relaxation) -> Ints:
    """The columns that the year's prices leave in question, what is settled, and those of rows that it added."""
    used = program.low > 0
    used[in_question(root, len(bench.problem.offers))] = True
    used[program.matrix[bench.program.matrix.shape[0] :].indices] = True  # dates that accounts were told
    if root.basis is not None:
        used[: len(root.basis[0])] |= root.basis[0] == BASIC
    return np.flatnonzero(used).astype(np.int64)


def basis_on(program: Program, root: Relaxation, columns: Ints) -> Any:
    """The year's basis on some of its columns, all basic ones among them, and with rows that were added; or None."""
    if root.basis is None:
        return None
    added = program.matrix.shape[0] - len(root.basis[1])
    return root.basis[0][columns], np.concatenate([root.basis[1], np.full(added, BASIC, root.basis[1].dtype)])
