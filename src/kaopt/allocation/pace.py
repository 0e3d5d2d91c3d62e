"""Limits of the year kept in step: what a plan of some weeks may use, and must reach, of rows that go beyond them.

A row of the program (budget, target, count, mix) is asked in proportion to the part of its offers that starts before
the end of the plan: of a budget whose offers would spend a third of their money by then, a third may be spent by then.
What is settled counts, so what one month leaves over the next may use, and what it owes the next must make up for.
Rows that lie within the plan hold in full; rows that lie behind it ask nothing yet. Minima are asked a little ahead of
their step, as a planner keeps something in hand: the last weeks have few offers left to make up with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.gate import boxed
from kaopt.allocation.program import Program
from kaopt.scenario.columns import Bools, Floats

WHOLE = 1e-6  # how near to a whole number a count is one
IN_HAND = 1.05  # minima ahead of their step
STIFF = 10.0  # times the best event: what missing one unit of a scaled row costs where it cannot be kept


@dataclass(frozen=True, eq=False)
class Paced:
    """A program whose limits are in step, and those that it had."""

    program: Program
    full_low: Floats  # [M]
    full_high: Floats  # [M]


def paced(program: Program, seen: Bools, offers: int) -> Paced:
    """The program asked up to the end of a plan; `seen` [N] marks the offers that start before it.

    The first `offers` columns are offers. A row that also holds switches keeps limits that ask nothing of an
    empty plan, as the switch stands for the whole year. Counts are rounded in favour of the planner.
    """
    body = abs(program.matrix)
    marks = np.arange(program.matrix.shape[1]) < offers
    whole, part = body @ marks.astype(float), body @ (seen & marks).astype(float)
    step = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 1.0)
    alone = np.asarray(body @ (~marks & program.integer).astype(float)) == 0
    unit = units(program, offers)
    low, high = program.row_low, program.row_high
    asked = np.isfinite(low) & (step < 1) & (alone | (low > 0))
    allowed = np.isfinite(high) & (step < 1) & (alone | (high < 0))
    row_low, row_high = low.copy(), high.copy()
    ahead = np.where(low > 0, np.minimum(IN_HAND * step, 1.0), step)
    row_low[asked] = rounded((low * np.where(asked, ahead, 1.0))[asked], unit[asked], np.floor)
    row_high[allowed] = rounded((high * np.where(allowed, step, 1.0))[allowed], unit[allowed], np.ceil)
    return Paced(replace(program, row_low=row_low, row_high=row_high), low, high)


def units(program: Program, offers: int) -> Floats:
    """[M] the amount of one event in rows that count events; NaN where amounts differ by more than whole numbers."""
    body = sp.csr_matrix(abs(program.matrix)[:, :offers])
    found = np.full(body.shape[0], np.nan)
    for i in np.flatnonzero(np.diff(body.indptr)):
        amounts = body.data[body.indptr[i] : body.indptr[i + 1]]
        limits = np.array([one for one in (program.row_low[i], program.row_high[i]) if np.isfinite(one)])
        counts = np.concatenate([amounts, limits]) / amounts.min()
        if np.all(np.abs(counts - np.round(counts)) <= WHOLE * np.maximum(np.abs(counts), 1.0)):
            found[i] = amounts.min()
    return found


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
