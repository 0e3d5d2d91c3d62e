"""A plan in hand within seconds, made without the solver: greedy by what an event brings for what it uses up.

Works on any program whose whole-number columns are 0 or 1 at their ends; what soft rows miss is filled in last.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.solver.exact import feasible
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats

ROUND = 1e-9  # slack of a limit, relative to it, that the exact check still accepts
PASSES = 4  # rounds of meeting minima, each with fresh merits
SWAPS = 200  # exchanges tried to meet what is still short


class Hand:
    """The columns chosen so far and what every hard row holds, kept as plain lists: single steps are what it does."""

    def __init__(self, program: Program) -> None:
        body = sp.csc_matrix(program.matrix)
        hard = ~soft_rows(program)
        self.start, self.row, self.value = body.indptr.tolist(), body.indices.tolist(), body.data.tolist()
        self.high = np.where(hard, program.row_high + ROUND * slack(program.row_high), inf).tolist()
        self.low = np.where(hard, program.row_low - ROUND * slack(program.row_low), -inf).tolist()
        self.chosen = program.integer & (program.low > 0)
        self.used = (program.matrix @ np.where(program.integer, program.low, 0.0)).tolist()

    def blocked(self, column: int) -> list[int]:
        """Rows that taking a column would break, or break further."""
        wrong = []
        for k in range(self.start[column], self.start[column + 1]):
            i, a = self.row[k], self.value[k]
            after = self.used[i] + a
            if (a > 0 and after > self.high[i]) or (a < 0 and after < self.low[i]):
                wrong.append(i)
        return wrong

    def fits(self, column: int) -> bool:
        """As `blocked`, at the first such row."""
        for k in range(self.start[column], self.start[column + 1]):
            i, a = self.row[k], self.value[k]
            after = self.used[i] + a
            if (a > 0 and after > self.high[i]) or (a < 0 and after < self.low[i]):
                return False
        return True

    def put(self, column: int, sign: float) -> None:
        """Take a column (sign 1) or give it back (-1)."""
        self.chosen[column] = sign > 0
        for k in range(self.start[column], self.start[column + 1]):
            self.used[self.row[k]] += sign * self.value[k]

    def take(self, order: Iterable[int], *, minima: bool = True) -> None:
        """Take columns in order, where they fit; `minima` False: without regard to minima, as more is to come."""
        low = self.low
        if not minima:
            self.low = [-inf] * len(low)
        for j in order:
            if not self.chosen[j] and self.fits(j):
                self.put(j, 1.0)
        self.low = low

    def needs(self) -> Floats:
        """[M] by how much each row is short of its minimum."""
        short: Floats = np.maximum(np.array(self.low) - np.array(self.used), 0.0)
        return short


def slack(limits: Floats) -> Floats:
    """The size that a limit's rounding is relative to."""
    return np.maximum(np.abs(np.where(np.isfinite(limits), limits, 0.0)), 1.0)


def soft_rows(program: Program) -> Bools:
    """[M] rows with a column that fills in what they miss."""
    marked = abs(program.matrix) @ (~program.integer).astype(float)
    return np.asarray(marked > 0)


def construct(program: Program, *, relaxed: Relaxation | None = None) -> Floats | None:
    """A plan that keeps every row, or None where this way finds none; `relaxed` guides it where it is known."""
    hand = Hand(program)
    free = program.integer & (program.high >= 1) & (program.low <= 0)
    body = sp.csc_matrix(program.matrix)
    if relaxed is None:
        merit = program.cost / (usage(program, body, hand) + 1e-12)
    else:
        merit = relaxed.reduced_costs
        hand.take(sorted_by(relaxed.x, free & (relaxed.x > 0.5)), minima=False)
    meet_needs(hand, program, body, free)
    hand.take(sorted_by(merit if relaxed is None else relaxed.x + 1e-9 * program.cost, free & (program.cost > 0)))
    if np.any(hand.needs() > 0):
        exchange(hand, program, body, free)
    return feasible(program, completed(program, hand.chosen.astype(float)))


def sorted_by(score: Floats, among: Bools) -> list[int]:
    """Indices of the marked columns, best score first; ties in the columns' order."""
    places = np.flatnonzero(among)
    return [int(j) for j in places[np.argsort(-score[places], kind="stable")]]


def usage(program: Program, body: sp.csc_matrix, hand: Hand) -> Floats:
    """[N] what taking each column uses up, as the sum of its shares of what is left in every row."""
    room = np.array(hand.high) - np.array(hand.used)
    weight = np.where(np.isfinite(room), 1.0 / np.maximum(room, 1e-9), 0.0)
    return np.asarray(body.maximum(0).T @ weight)


def meet_needs(hand: Hand, program: Program, body: sp.csc_matrix, free: Bools) -> None:
    """Take what brings the minima nearest for what it uses up."""
    for _ in range(PASSES):
        need = hand.needs()
        if not np.any(need > 0):
            return
        weight = np.where(need > 0, 1.0 / np.where(need > 0, need, 1.0), 0.0)
        help_ = np.asarray(body.T @ weight)
        merit = help_ / (usage(program, body, hand) + 1e-12)
        before = hand.chosen.sum()
        for j in sorted_by(merit, free & (help_ > 0)):
            if not hand.chosen[j] and is_short(hand, j) and hand.fits(j):
                hand.put(j, 1.0)
        if hand.chosen.sum() == before:
            return


def is_short(hand: Hand, column: int) -> bool:
    """True where a column helps a row that is still short."""
    for k in range(hand.start[column], hand.start[column + 1]):
        i = hand.row[k]
        if hand.value[k] > 0 and hand.used[i] < hand.low[i]:
            return True
    return False


def exchange(hand: Hand, program: Program, body: sp.csc_matrix, free: Bools) -> None:
    """Give back what stands in the way of the minima, as long as the sum of what is short gets smaller."""
    rows = sp.csr_matrix(program.matrix)
    scale = slack(np.array(hand.low))
    tried = 0
    for j in helpers(hand, body, free):
        if tried >= SWAPS:
            return
        if hand.chosen[j] or not is_short(hand, j):
            continue
        tried += 1
        before = float(np.sum(hand.needs() / scale))
        given = give_back(hand, program, rows, hand.blocked(j))
        if hand.fits(j):
            hand.put(j, 1.0)
            given = [*given, -1]
        if not given or given[-1] != -1 or float(np.sum(hand.needs() / scale)) >= before:
            undo(hand, j, given)


def helpers(hand: Hand, body: sp.csc_matrix, free: Bools) -> list[int]:
    """Columns that help what is short, the most helpful first."""
    need = hand.needs()
    weight = np.where(need > 0, 1.0 / np.where(need > 0, need, 1.0), 0.0)
    help_ = np.asarray(body.T @ weight)
    return sorted_by(help_, free & (help_ > 0))


def give_back(hand: Hand, program: Program, rows: sp.csr_matrix, blocked: list[int]) -> list[int]:
    """From each blocked row, give back its chosen column of least value; returns what was given back."""
    given = []
    for i in blocked:
        columns = rows.indices[rows.indptr[i] : rows.indptr[i + 1]]
        inside = columns[hand.chosen[columns] & (program.low[columns] <= 0)]
        if len(inside):
            worst = int(inside[np.argmin(program.cost[inside])])
            hand.put(worst, -1.0)
            given.append(worst)
    return given


def undo(hand: Hand, column: int, given: list[int]) -> None:
    """Take back an exchange."""
    if given and given[-1] == -1:
        hand.put(column, -1.0)
        given = given[:-1]
    for j in given:
        hand.put(j, 1.0)


def completed(program: Program, x: Floats) -> Floats:
    """`x` with what soft rows miss filled in; each such column stands in one row."""
    filled = np.where(program.integer, x, 0.0)
    body = sp.csc_matrix(program.matrix)
    used = program.matrix @ filled
    for j in np.flatnonzero(~program.integer):
        for k in range(body.indptr[j], body.indptr[j + 1]):
            i, a = body.indices[k], body.data[k]
            missing = program.row_low[i] - used[i] if a > 0 else used[i] - program.row_high[i]
            filled[j] = max(filled[j], missing / abs(a), program.low[j])
    return filled
