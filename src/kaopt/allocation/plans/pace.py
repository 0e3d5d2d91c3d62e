"""Limits of the year kept in step: what a plan of some weeks may use, and must reach, of rows that go beyond them.

The step is the year's outline: the linear relaxation of all that is still open on a planning day. What the outline
uses, or brings, after the end of the plan is kept for the weeks there: of a budget of which it spends a third later,
two thirds may be spent by then; of a target of which it earns a third later, two thirds are asked by then. So no plan
is asked for what the rest can give, money goes where it does most, and the two limits of a row keep their distance.
(Shares of limits would not: a tenth of a budget of 100 to 101 is 10 to 10.1, where no sum of whole events may lie.)
Rows that lie within the plan hold in full.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.gate import boxed
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats

WHOLE = 1e-6  # how near to a whole number a count is one
EASE = 1e-6  # of a scaled row: what a relaxation may be off
STIFF = 10.0  # times the best event: what missing one unit of a scaled row costs where it cannot be kept


@dataclass(frozen=True, eq=False)
class Paced:
    """A program whose limits are in step, and those that it had."""

    program: Program
    full_low: Floats  # [M]
    full_high: Floats  # [M]


def paced(program: Program, later: Bools, offers: int, outline: Floats) -> Paced:
    """The program asked up to the end of a plan; `later` [N] marks the offers that start after it, which are closed.

    `outline` [N] is a solution of the program's relaxation; the first `offers` columns are offers. A row that also
    holds switches keeps limits that ask nothing of an empty plan: a fee that the outline pays in part is no fee paid.
    Counts are rounded in favour of the planner.
    """
    rest = sp.csr_matrix(program.matrix[:, later])
    kept = np.asarray(rest @ outline[later])
    beyond = np.diff(rest.indptr) > 0
    body, marks = abs(program.matrix), np.arange(program.matrix.shape[1]) < offers
    alone = np.asarray(body @ (~marks & program.integer).astype(float)) == 0
    low, high, unit = program.row_low, program.row_high, units(program, offers)
    row_low, row_high = low.copy(), high.copy()
    for limit, found, way, sign in ((low, row_low, np.floor, 1.0), (high, row_high, np.ceil, -1.0)):
        now = np.flatnonzero(beyond & np.isfinite(limit))
        step = rounded(limit[now] - kept[now], unit[now], way) - sign * np.where(np.isnan(unit[now]), EASE, 0.0)
        right = alone[now] | (sign * limit[now] > 0) | (sign * step <= 0)
        found[now[right]] = step[right]
    ends = np.where(later, program.low, program.high)
    return Paced(replace(program, row_low=row_low, row_high=row_high, high=ends), low, high)


def units(program: Program, offers: int) -> Floats:
    """[M] the amount of one event in rows that count events; NaN where amounts differ by more than whole numbers."""
    body = sp.csr_matrix(abs(program.matrix)[:, :offers])
    found = np.full(body.shape[0], np.nan)
    rows = np.flatnonzero(np.diff(body.indptr))
    if not len(rows):
        return found
    one, starts = np.empty(body.shape[0]), body.indptr[rows]
    one[rows] = np.minimum.reduceat(body.data, starts)
    fits = whole(body.data / np.repeat(one[rows], np.diff(body.indptr)[rows]))
    counts = np.logical_and.reduceat(fits, starts)
    for limit in (program.row_low[rows], program.row_high[rows]):
        counts &= ~np.isfinite(limit) | whole(np.where(np.isfinite(limit), limit, 0.0) / one[rows])
    found[rows[counts]] = one[rows[counts]]
    return found


def whole(amount: Floats) -> Bools:
    """Where an amount is as good as a whole number."""
    return np.asarray(np.abs(amount - np.round(amount)) <= WHOLE * np.maximum(np.abs(amount), 1.0))


def rounded(limit: Floats, unit: Floats, way: np.ufunc) -> Floats:
    """Limits of counts as whole numbers of their unit, others as they are."""
    one = np.where(np.isnan(unit), 1.0, unit)
    near = np.round(limit / one)
    whole = np.where(np.abs(limit / one - near) <= WHOLE, near, way(limit / one))
    return np.asarray(np.where(np.isnan(unit), limit, whole * one))


def yielding(step: Paced) -> Program:
    """The same where the pace cannot be kept: minima and limits in step give way at a price, full limits never.

    What comes short now is asked again by the next plan, and by the evaluator at the end.
    """
    program = step.program
    price = STIFF * float(np.max(np.abs(program.cost), initial=1.0))
    short = np.flatnonzero(np.isfinite(program.row_low) & (program.row_low > 0))
    over = np.flatnonzero(program.row_high != step.full_high)
    size = (program.matrix.shape[0], len(short) + len(over))
    ones = np.concatenate([np.ones(len(short)), -np.ones(len(over))])
    more = sp.csr_matrix((ones, (np.concatenate([short, over]), np.arange(size[1]))), shape=size)
    room = np.concatenate([np.full(len(short), np.inf), np.maximum(step.full_high[over] - program.row_high[over], 0.0)])
    wide = replace(
        program,
        cost=np.concatenate([program.cost, np.full(size[1], -price)]),
        matrix=sp.csr_matrix(sp.hstack([program.matrix, more])),
        low=np.concatenate([program.low, np.zeros(size[1])]),
        high=np.concatenate([program.high, room]),
        integer=np.concatenate([program.integer, np.zeros(size[1], bool)]),
        column_names=(*program.column_names, *(f"behind[{i}]" for i in range(size[1]))),
    )
    return boxed(wide)
