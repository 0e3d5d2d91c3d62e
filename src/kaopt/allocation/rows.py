"""Rows as data: what a rule says, as linear inequalities over offers and a few switches of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from kaopt.scenario.columns import Floats, Ints, Texts

Line = tuple[Ints, Floats]  # columns in order, and what stands there
RESIDUE = 1e-13  # of the row's largest coefficient: below it lies only rounding, which solvers would choke on


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one rule: low <= matrix @ chosen <= high, [M] rows over [O] offers.

    `scopes` names each row for people (`account=W week=12`); `unit` is the unit of the row's activity.
    `regret` (objective units per unit of activity) is NaN for hard rows; soft rows may be violated at that price.
    `used_without`: what is used with every column at 0, so that used = used_without + matrix @ chosen.
    """

    rule: str
    unit: str
    scopes: Texts
    matrix: sp.csr_matrix  # [M, O], or [M, O + Z] with the switches of all rules after the offers
    low: Floats  # [M], -inf where none
    high: Floats  # [M], +inf where none
    regret: Floats  # [M]
    used_without: Floats  # [M]
    units: Texts = ()  # of each row, where rows of one rule differ in it

    def unit_at(self, row: int) -> str:
        """The unit of one row's activity."""
        return self.units[row] if self.units else self.unit

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.scopes)


def make_rows(
    rule: str,
    unit: str,
    scopes: Texts,
    matrix: sp.csr_matrix | npt.NDArray[np.float64],
    *,
    low: Floats | float = -np.inf,
    high: Floats | float = np.inf,
    regret: Floats | float = np.nan,
    used_without: Floats | float = 0.0,
) -> Rows:
    """Rows with `low`, `high` on what is *used* (constants included); rows that bound nothing are dropped."""
    size = len(scopes)
    without = np.broadcast_to(np.asarray(used_without, float), size)
    lows = np.broadcast_to(np.asarray(low, float), size) - without
    highs = np.broadcast_to(np.asarray(high, float), size) - without
    keep = np.flatnonzero(np.isfinite(lows) | np.isfinite(highs))
    regrets = np.broadcast_to(np.asarray(regret, float), size)
    every = sp.csr_matrix(matrix)
    body = without_residue(every if len(keep) == size else every[keep])
    names = tuple(scopes[i] for i in keep)
    return Rows(rule, unit, names, body, lows[keep], highs[keep], regrets[keep], without[keep])


def widened(rows: Rows, columns: int) -> Rows:
    """The same rows over more columns, which they do not touch."""
    body = rows.matrix
    if body.shape[1] == columns:
        return rows
    wide = sp.csr_matrix((body.data, body.indices, body.indptr), shape=(body.shape[0], columns))
    return replace(rows, matrix=wide)


def without_residue(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """The matrix without zeros and without what rounding leaves where amounts cancel (below `RESIDUE` of the row)."""
    amount = np.abs(matrix.data)
    if not len(amount) or amount.min() > RESIDUE * amount.max():
        return matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    largest = np.zeros(matrix.shape[0])
    np.maximum.at(largest, row, amount)
    kept = np.where(amount > RESIDUE * largest[row], matrix.data, 0.0)
    clean = sp.csr_matrix((kept, matrix.indices, matrix.indptr), shape=matrix.shape, copy=True)
    clean.eliminate_zeros()
    return clean


def sums(group: Ints, offer: Ints, amount: Floats, shape: tuple[int, int]) -> sp.csr_matrix:
    """[groups, offers] matrix that adds `amount` of entry `offer` into row `group`; negative groups are left out."""
    kept = group >= 0
    if not kept.all():
        group, offer, amount = group[kept], offer[kept], amount[kept]
    if shape[0] == 1:  # one row needs no sorting
        return of_lines([line_of(offer, amount)], shape[1])
    body = sp.csr_matrix((amount, (group, offer)), shape=shape)
    body.sum_duplicates()
    return body


def line_of(offer: Ints, amount: Floats) -> Line:
    """A row that adds up what each offer brings; `offer` may hold one several times."""
    if not len(offer) or bool((np.diff(offer) > 0).all()):
        return offer, np.asarray(amount, dtype=float)
    begin = int(offer.min())
    sums = np.bincount(offer - begin, weights=amount)
    filled = np.flatnonzero(sums)
    return begin + filled, sums[filled].astype(float)


def of_lines(lines: Sequence[Line], columns: int) -> sp.csr_matrix:
    """[lines, columns] rows one below the other."""
    start = np.cumsum([0, *(len(one) for one, _ in lines)])
    kind = np.int32 if max(int(start[-1]), columns) < np.iinfo(np.int32).max else np.int64
    index = np.concatenate([np.zeros(0, kind), *(one.astype(kind) for one, _ in lines)])
    data = np.concatenate([np.zeros(0), *(amount for _, amount in lines)])
    return sp.csr_matrix((data, index, start.astype(kind)), shape=(len(lines), columns))
