"""Offers that no plan can hold, and the limit that shuts each of them out.

An event dearer than its whole budget is taken out before anything is solved, so that no price tells why it is not
chosen. What shuts it is a single row: with the event taken, and everything else in the row's favour, it cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.model import scale_of
from kaopt.allocation.problem import Problem
from kaopt.allocation.rows import Rows
from kaopt.allocation.search.gate import Gated, reach
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Ints


@dataclass(frozen=True)
class Shut:
    """The limit that an offer breaks by itself: what is used with it, and with as little (much) else as can be."""

    rule: str
    scope: str
    used: float  # natural unit, what is used without events included
    limit: float
    unit: str

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON: as a broken rule is told."""
        return asdict(self)


def shutting_rows(program: Program) -> Ints:
    """[N] the first row of the program that shuts a column which it holds at 0; -1 where none does or it is open."""
    found = np.full(len(program.cost), -1, dtype=np.int64)
    closed = np.flatnonzero(program.integer & (program.low == 0) & (program.high == 0))
    if not len(closed):
        return found
    body = sp.csc_matrix(program.matrix[:, closed]).tocoo()
    least, most = reach(program)
    row, data = body.coords[0], body.data
    over = least[row] + np.maximum(data, 0.0) > program.row_high[row]
    under = most[row] + np.minimum(data, 0.0) < program.row_low[row]
    rows = np.full(len(closed), len(program.row_low), dtype=np.int64)
    np.minimum.at(rows, body.coords[1][over | under], row[over | under])
    inside = rows < len(program.row_low)
    found[closed[inside]] = rows[inside]
    return found


def limits_of(problem: Problem, gated: Gated, rows: Ints, which: Ints) -> Iterator[Shut | None]:
    """For each offer at `which` the limit that shuts it, by the `shutting_rows` of the gated program."""
    least, most = reach(gated.program)
    for o in which.tolist():
        i = int(rows[o])
        if i < 0:
            yield None
            continue
        block, m = origin(problem, i)
        entry, scale = float(gated.program.matrix[i, o]), float(scale_of(block)[m] * gated.factor[i])
        over = least[i] + max(entry, 0.0) > gated.program.row_high[i]
        used, limit = (least[i], block.high[m]) if over else (most[i], block.low[m])
        without = float(block.used_without[m])
        amounts = (float(used + entry) / scale + without, float(limit) + without)
        yield Shut(block.rule, block.scopes[m], *amounts, block.unit_at(m))


def origin(problem: Problem, row: int) -> tuple[Rows, int]:
    """The rule's block and the place in it of a row of the program, which leaves out rows that nothing touches."""
    for rows in problem.rows:
        kept = np.flatnonzero((np.diff(rows.matrix.indptr) > 0) | ~np.isnan(rows.regret))
        if row < len(kept):
            return rows, int(kept[row])
        row -= len(kept)
    raise IndexError("the program has rows that no rule made")
