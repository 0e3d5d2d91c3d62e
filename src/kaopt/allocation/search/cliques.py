"""Cuts from columns that exclude each other: of a clique, no plan takes more than one.

Two events exclude each other where some row has no room for both: they overlap, come too soon after one another, or
stand in one cluster's week. Each row of that kind says so of its own columns only, and a relaxation takes half of each
of three events where three rows say it by twos. A clique over all rows forbids that:

    sum over the clique of x_j  <=  1

Cliques among the columns that the relaxation leaves in fractions are found by branch and bound; each is then widened
by columns beside them, as valid and as sharp for those (Padberg (1973), On the facial structure of set packing
polyhedra; Atamturk, Nemhauser and Savelsbergh (2000), Conflict graphs in solving integer programming problems).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.clique_kernels import adjacent, heavy, widened
from kaopt.allocation.search.gate import reach
from kaopt.allocation.search.odd import WholeRows
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints

CLEAR = 1e-6  # of a limit: two columns exclude each other where they pass it by more
FRACTION = 1e-5  # a column this near a whole number is one
BROKEN = 0.02  # cliques that are broken by less are not worth a row
LISTED = 4_000  # fractional columns beyond which no pairs are listed
ROOM, WORK = 20_000, 5_000  # cliques in all, and steps of the search from one column
ALIKE = 6  # cuts of one round that a fractional column may stand in


@dataclass(frozen=True, eq=False)
class Conflicts:
    """Which columns exclude each other: those that stand in one of these rows together."""

    rows: sp.csr_matrix  # [K, N]
    by_column: sp.csr_matrix  # [N, K]

    @property
    def graph(self) -> tuple[Any, Any, Any, Any]:
        """As the kernels want it."""
        return self.by_column.indptr, self.by_column.indices, self.rows.indptr, self.rows.indices


def conflicts_of(program: Program) -> Conflicts:
    """Of every row, the 0-1 columns any two of which pass what its limit leaves when all others are at their least."""
    body = program.matrix
    row = np.repeat(np.arange(body.shape[0]), np.diff(body.indptr))
    least, _ = reach(program)
    endless = np.where(body.data < 0, np.isposinf(program.high[body.indices]), np.isneginf(program.low[body.indices]))
    some = np.isfinite(program.row_high) & (np.bincount(row, weights=endless, minlength=body.shape[0]) == 0)
    room = np.where(some, program.row_high - least, np.inf)
    slack = CLEAR * (1.0 + np.where(some, np.abs(program.row_high) + np.abs(least), 0.0))
    choice = program.integer & (program.low == 0) & (program.high == 1)
    half = choice[body.indices] & (2 * body.data > (room + slack)[row]) & (room >= 0)[row]
    kept = sp.csr_matrix((np.ones(int(half.sum())), (row[half], body.indices[half])), shape=body.shape)
    kept = sp.csr_matrix(kept[np.diff(kept.indptr) > 1])
    return Conflicts(kept, sp.csr_matrix(kept.T))


def clique_cuts(conflicts: Conflicts, x: Floats, wish: Floats) -> WholeRows:
    """Cliques that `x` breaks, the deepest first and unlike each other; `wish` [N]: what they are widened by first."""
    between = np.flatnonzero((x > FRACTION) & (x < 1 - FRACTION) & (np.diff(conflicts.by_column.indptr) > 0))
    between = between[np.argsort(-x[between], kind="stable")]
    if not 0 < len(between) <= LISTED:
        return rows_of([], len(x))
    place = np.full(len(x), -1)
    place[between] = np.arange(len(between))
    near = adjacent(between, conflicts.graph, place)
    found = [between[one[one >= 0]] for one in heavy(near, x[between], 1.0 + BROKEN, ROOM, WORK)]
    mark = np.zeros(len(x), dtype=np.int64)
    wide = [np.sort(widened(one, conflicts.graph, wish, mark)) for one in unlike(found, x)]
    return rows_of(list({one.tobytes(): one for one in wide}.values()), len(x))


def unlike(found: list[Ints], x: Floats) -> list[Ints]:
    """The cliques that are broken deepest, until their columns stand in enough of them."""
    deep = [-(float(x[one].sum()) - 1.0) / len(one) ** 0.5 for one in found]
    uses: Counter[int] = Counter()
    picked = []
    for k in np.argsort(deep, kind="stable"):
        columns = found[k].tolist()
        if all(uses[j] < ALIKE for j in columns):
            uses.update(columns)
            picked.append(found[k])
    return picked


def rows_of(cliques: list[Ints], columns: int) -> WholeRows:
    """One row each: of these columns, one at most."""
    first = np.cumsum([0, *(len(one) for one in cliques)])
    inside = np.concatenate([np.zeros(0, dtype=np.int64), *cliques])
    body = sp.csr_matrix((np.ones(len(inside)), inside, first), shape=(len(cliques), columns))
    body.sort_indices()
    return WholeRows(body, np.ones(len(cliques)))
