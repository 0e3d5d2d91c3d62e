"""A program cut into parts that meet only in a few rows: with prices on those rows, each part is bounded alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kaopt.allocation.program import Program
from kaopt.scenario.columns import Bools, Floats, Ints

FEWEST = 4  # parts that make cutting worth it
LEAST_COLUMNS = 4  # of a part on average
LARGEST_SHARE = 0.5  # of all columns in one part


@dataclass(frozen=True, eq=False)
class Cut:
    """`common` rows join parts; `part[j]` is the part of column j."""

    common: Bools  # [M]
    part: Ints  # [N]
    count: int


def cut(program: Program) -> Cut:
    """Cut at the longest rows: as few of them as leave several parts of similar size, or none."""
    size = np.diff(program.matrix.indptr)
    columns = program.matrix.shape[1]
    for share in (0.5, 0.25, 0.12, 0.06, 0.03):
        common = size > share * columns
        count, part = components(program.matrix[~common])
        largest = np.bincount(part).max(initial=0)
        if FEWEST <= count <= columns / LEAST_COLUMNS and largest <= LARGEST_SHARE * columns:
            return Cut(common, part.astype(np.int64), int(count))
    return uncut(program)


def uncut(program: Program) -> Cut:
    """The program in one part."""
    rows, columns = program.matrix.shape
    return Cut(np.zeros(rows, dtype=bool), np.zeros(columns, dtype=np.int64), 1)


def components(matrix: sp.csr_matrix) -> tuple[int, Ints]:
    """Columns that share a row, directly or through others, are of one part."""
    rows, columns = matrix.shape
    body = matrix.tocoo()
    joined = (body.coords[0], rows + body.coords[1])
    links = sp.csr_matrix((np.ones(body.nnz), joined), shape=(rows + columns, rows + columns))
    _, label = connected_components(links, directed=False)
    names, part = np.unique(label[rows:], return_inverse=True)
    return len(names), part


@dataclass(frozen=True, eq=False)
class Part:
    """One part: a program of its own columns, whose rows are its own, those common to all, and sums of groups.

    Common rows come after `own` ones and have no limit here (they are priced); the last rows count the chosen
    columns of a group and are there to be branched on.
    """

    columns: Ints  # of the whole program
    rows: Ints  # of the whole program: own, then common
    program: Program
    own: int
    common: int

    @property
    def free(self) -> Ints:
        """Rows that a relaxation of the part keeps: its own and the groups'."""
        total = self.program.matrix.shape[0]
        return np.concatenate([np.arange(self.own), np.arange(self.own + self.common, total)])


def make_parts(program: Program, sliced: Cut, groups: tuple[Ints, ...] = ()) -> list[Part]:
    """The parts, in the order of their first columns; `groups` label columns whose sums may be branched on."""
    common = np.flatnonzero(sliced.common)
    body = sp.csc_matrix(program.matrix)
    order = np.argsort(sliced.part, kind="stable")
    ends = np.searchsorted(sliced.part[order], np.arange(sliced.count + 1))
    parts = []
    for k in range(sliced.count):
        columns = np.sort(order[ends[k] : ends[k + 1]])
        piece = sp.csr_matrix(body[:, columns])
        touched = np.flatnonzero((np.diff(piece.indptr) > 0) & ~sliced.common)
        parts.append(one_part(program, columns, np.concatenate([touched, common]), len(common), groups))
    return parts


def one_part(program: Program, columns: Ints, rows: Ints, common: int, groups: tuple[Ints, ...]) -> Part:
    """One part with its group sums."""
    sums = group_sums(tuple(g[columns] for g in groups), program.integer[columns])
    body = sp.csr_matrix(program.matrix[rows][:, columns])
    own = len(rows) - common
    priced = np.zeros(common)  # any price fits a row that must be 0; the true limits are paid for once, by all parts
    counts = np.full(sums.shape[0], np.inf)
    inside = Program(
        cost=program.cost[columns],
        offset=0.0,
        matrix=sp.csr_matrix(sp.vstack([body, sums])),
        row_low=np.concatenate([program.row_low[rows[:own]], priced, -counts]),
        row_high=np.concatenate([program.row_high[rows[:own]], priced, counts]),
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
    )
    return Part(columns, rows, inside, own, common)


def group_sums(groups: tuple[Ints, ...], integer: Bools) -> sp.csr_matrix:
    """One row of ones for each group of two or more whole-number columns; negative labels are in no group."""
    bodies = [sp.csr_matrix((0, len(integer)))]
    for labels in groups:
        inside = np.flatnonzero(integer & (labels >= 0))
        _, row = np.unique(labels[inside], return_inverse=True)
        if not len(inside):
            continue
        body = sp.csr_matrix((np.ones(len(inside)), (row, inside)), shape=(row.max() + 1, len(integer)))
        bodies.append(body[np.diff(body.indptr) > 1])
    return sp.csr_matrix(sp.vstack(bodies))


def without(part: Part, prices: Floats) -> Floats:
    """[n] costs of a part's columns once the common rows are paid at their prices (rounded; a guide, no proof)."""
    priced = part.program.matrix[part.own : part.own + part.common]
    return np.asarray(part.program.cost - priced.T @ prices)
