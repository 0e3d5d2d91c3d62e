"""A program cut into parts that meet only in a few rows: with prices on those rows, each part is bounded alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kaopt.allocation.solver.program import Program
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


def cut(program: Program, owner: Ints | None = None) -> Cut:
    """Cut at the longest rows: as few of them as leave several parts of similar size; else between the owners.

    `owner`: [N] whose column it is, -1 where that is not known; else there is one part.
    """
    size = np.diff(program.matrix.indptr)
    columns = program.matrix.shape[1]
    for share in (0.5, 0.25, 0.12, 0.06, 0.03):
        if (found := cut_at(program, size > share * columns)) is not None:
            return found
    apart = None if owner is None else cut_at(program, shared(program, everybody(program, owner)))
    return uncut(program) if apart is None else apart


def cut_at(program: Program, common: Bools) -> Cut | None:
    """The parts that these rows join; None where they are few, tiny or very unequal."""
    columns = program.matrix.shape[1]
    count, part = components(program.matrix[~common])
    largest = np.bincount(part).max(initial=0)
    if FEWEST <= count <= columns / LEAST_COLUMNS and largest <= LARGEST_SHARE * columns:
        return Cut(common, part.astype(np.int64), int(count))
    return None


def shared(program: Program, owner: Ints) -> Bools:
    """[M] rows with columns of more than one owner."""
    first, last = ends(program, owner)
    return np.asarray(last > first)


def ends(program: Program, owner: Ints) -> tuple[Ints, Ints]:
    """[M] the least and the greatest owner of a row's columns; (large, -1) where nobody's is in it."""
    rows = program.matrix.shape[0]
    row = np.repeat(np.arange(rows), np.diff(program.matrix.indptr))
    whose = owner[program.matrix.indices]
    first, last = np.full(rows, np.iinfo(np.int64).max), np.full(rows, -1, dtype=np.int64)
    np.minimum.at(first, row[whose >= 0], whose[whose >= 0])
    np.maximum.at(last, row[whose >= 0], whose[whose >= 0])
    return first, last


def everybody(program: Program, owner: Ints) -> Ints:
    """Owners with those of the columns that meet one owner's columns only: a fee is its account's."""
    first, last = ends(program, owner)
    one = np.where(first == last, last, -1)
    row = np.repeat(np.arange(program.matrix.shape[0]), np.diff(program.matrix.indptr))
    least, most = np.full(len(owner), np.iinfo(np.int64).max), np.full(len(owner), -1, dtype=np.int64)
    told = one[row] >= 0
    np.minimum.at(least, program.matrix.indices[told], one[row][told])
    np.maximum.at(most, program.matrix.indices[told], one[row][told])
    return np.where((owner < 0) & (least == most), most, owner)


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
    switches: Ints  # its whole-number columns that are in no group: fees and tiers, branched on first

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
    grouped = np.max([g[columns] for g in groups], axis=0, initial=-1) >= 0 if groups else np.ones(len(columns), bool)
    return Part(columns, rows, inside, own, common, np.flatnonzero(inside.integer & ~grouped))


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
