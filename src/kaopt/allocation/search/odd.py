"""Cuts from odd limits: where half the sum of whole rows allows so many and a half, whole plans have so many.

Of rows a_i x <= b_i in whole numbers over whole x >= 0, half of any sum may be rounded down on both sides:

    floor(sum of a_i / 2) @ x  <=  floor(sum of b_i / 2)

as every coefficient that is rounded down only lessens the left side, which then is a whole number (Chvatal and Gomory;
with halves only: Caprara and Fischetti (1996), {0, 1/2}-Chvatal-Gomory cuts). A cut is worth having where the limit of
the sum is odd and its rows have no slack and its coefficients are even where the relaxation is fractional. Such sums
are met by making the fractional columns even one after another, modulo 2 (Koster, Zymolka and Kutschka (2009),
Algorithms to separate {0, 1/2}-Chvatal-Gomory cuts). A column near its upper end is counted from there. Cuts are
rows in whole numbers themselves, and found cuts serve to find others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.odd_kernels import odd_sums
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats, Ints

LARGEST = 2.0**20  # coefficient or limit of a row that is counted with
NOUGHT = 1e-7  # distances and slacks below it are the solver's rounding
LOOSE = 0.5  # slack of rows that are still looked at
LACK = 0.8  # of 1: sums that lack more break by less than a tenth
ORDERS = 6  # in which columns are made even, in one search
ENOUGH = 100  # sums after which one search ends
TRIES = 5  # searches, where few sums are found
LISTED, SUMMED = 10_000_000, 400_000  # rows times columns, as they come and each pattern once: beyond, nothing is cut
ROOM = 3_000  # sums that one search may remember
LOOKED = 1_000  # of the most promising sums, among which cuts are chosen
CUTS = 120  # at most in one round
ALIKE = 0.9  # cosine of two cuts of which one is enough


@dataclass(frozen=True, eq=False)
class WholeRows:
    """Rows at most, in whole numbers, over whole columns that are never negative."""

    body: sp.csr_matrix  # [R, N]
    high: Floats  # [R]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.high)


def whole_rows(program: Program) -> WholeRows:
    """The rows of a program that count in whole numbers; those with a least use are turned round."""
    body, rows = program.matrix, program.matrix.shape[0]
    wrong = ~program.integer | (program.low < 0)
    odd = wrong[body.indices] | (body.data != np.round(body.data)) | (np.abs(body.data) > LARGEST)
    fit = np.bincount(np.repeat(np.arange(rows), np.diff(body.indptr)), weights=odd, minlength=rows) == 0
    fit &= np.diff(body.indptr) > 0
    above, below = (np.flatnonzero(fit & counted(limit)) for limit in (program.row_high, program.row_low))
    stacked = sp.csr_matrix(sp.vstack([body[above], -body[below]]))
    return WholeRows(stacked, np.concatenate([program.row_high[above], -program.row_low[below]]))


def counted(limit: Floats) -> Bools:
    """Which limits are whole numbers that can be counted with."""
    some = np.where(np.isfinite(limit), limit, 0.5)
    return np.asarray((some == np.round(some)) & (np.abs(some) <= LARGEST))


def both(first: WholeRows, second: WholeRows) -> WholeRows:
    """The rows of both."""
    body = sp.csr_matrix(sp.vstack([first.body, second.body]))
    return WholeRows(body, np.concatenate([first.high, second.high]))


def odd_cuts(rows: WholeRows, x: Floats, high: Floats, luck: np.random.Generator) -> WholeRows:
    """Cuts that `x` breaks, by enough and unlike each other; `high`: [N] upper ends of columns."""
    turned = counted(high) & (high - x < x)
    far = np.maximum(np.where(turned, high - x, x), 0.0)
    near, used, lacks = sums(rows, x, np.where(turned, high, 0.0), far, luck)
    order = np.argsort((lacks - 1) / np.sqrt(1 + used.sum(axis=1)), kind="stable")[:LOOKED]
    used = used[order]
    support = np.flatnonzero((x > NOUGHT) & (rows.body[near].getnnz(axis=0) > 0)) if len(order) else np.zeros(0, int)
    short = halved(part_of(rows, near, support), used, np.where(turned, high, np.nan)[support])
    picked = unlike(short.body.toarray(), (short.body @ x[support]) - short.high)
    return halved(part_of(rows, near, None), used[picked], np.where(turned, high, np.nan))


def part_of(rows: WholeRows, which: Ints, columns: Ints | None) -> WholeRows:
    """Some of the rows, on some of the columns."""
    body = rows.body[which]
    return WholeRows(body if columns is None else sp.csr_matrix(body[:, columns]), rows.high[which])


def sums(
    rows: WholeRows, x: Floats, turned: Floats, far: Floats, luck: np.random.Generator
) -> tuple[Ints, Bools, Floats]:
    """Rows that are nearly tight, which of them each odd sum uses [K, R], and what it lacks [K]."""
    slack = np.maximum(rows.high - rows.body @ x, 0.0)
    slack[slack < NOUGHT] = 0.0
    near = np.flatnonzero(slack < LOOSE)
    between = np.flatnonzero(far > NOUGHT)
    near = near if len(near) * len(between) <= LISTED else near[:0]
    body = rows.body[near]
    odd = np.abs(body[:, between].toarray()) % 2 == 1
    limit = np.abs(rows.high[near] - body @ turned) % 2 == 1
    kept = distinct(odd, limit, slack[near], np.diff(body.indptr))
    kept = kept if len(kept) * len(between) <= SUMMED else kept[:0]
    near, odd, limit = near[kept], odd[kept], limit[kept]
    mark = luck.integers(1 << 62, size=len(near))
    used, marks, lacks = np.zeros((0, len(near)), dtype=bool), np.zeros(0, dtype=np.int64), np.zeros(0)
    for _ in range(TRIES if len(near) else 0):
        weight = far[between] * luck.uniform(0.2, 1.0, (ORDERS, len(between)))
        orders = np.argsort(-weight, axis=1)
        more = odd_sums((odd, limit, slack[near], mark, far[between]), orders, LACK, ROOM)
        used, marks, lacks = (np.concatenate(pair) for pair in zip((used, marks, lacks), more, strict=True))
        _, first = np.unique(marks, return_index=True)
        used, marks, lacks = used[first], marks[first], lacks[first]
        if len(lacks) >= ENOUGH:
            break
    return near, used, lacks


def distinct(odd: Bools, limit: Bools, slack: Floats, wide: Ints) -> Ints:
    """Of rows that are odd alike, the one of least slack and of most columns; rows of slack first, even rows not."""
    pattern = np.packbits(np.column_stack([odd, limit]), axis=1)
    order = np.lexsort((-wide, slack))
    _, first = np.unique(pattern[order], axis=0, return_index=True)
    kept = order[first]
    kept = kept[odd[kept].any(axis=1) | limit[kept]]
    return np.asarray(kept[np.lexsort((kept, -slack[kept]))])


def halved(rows: WholeRows, used: Bools, turned: Floats) -> WholeRows:
    """Half of each sum of rows [K, R], rounded down; `turned`: [N] upper ends of columns rounded up there, else nan.

    Rounding a coefficient up by a half adds half of x <= end. All numbers are whole and small: nothing is rounded.
    """
    picked = sp.csr_matrix(used.astype(np.int64))
    total = sp.csr_matrix(picked @ rows.body.astype(np.int64))
    limit = picked @ rows.high.astype(np.int64)
    end = np.where(np.isnan(turned), 0, turned).astype(np.int64)
    added = total.copy()
    added.data = (total.data % 2) * ~np.isnan(turned[total.indices])
    total.data = (total.data + added.data) // 2
    total.eliminate_zeros()
    return WholeRows(sp.csr_matrix(total.astype(float)), ((limit + added @ end) // 2).astype(float))


def unlike(body: Floats, over: Floats) -> Ints:
    """The cuts that reach deepest, each unlike those before it."""
    size = np.sqrt((body * body).sum(axis=1))
    deep = np.where(size > 0, over / np.maximum(size, 1e-9), 0.0)
    deep[over <= (1 - LACK) / 4] = 0.0
    unit = body / np.maximum(size, 1e-9)[:, None]
    picked: list[int] = []
    while len(picked) < CUTS and np.max(deep, initial=0.0) > 0:
        picked.append(int(np.argmax(deep)))
        deep[unit @ unit[picked[-1]] > ALIKE] = 0.0
        deep[picked[-1]] = 0.0
    return np.array(picked, dtype=np.int64)
