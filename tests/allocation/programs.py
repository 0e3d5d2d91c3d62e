"""Programs made in memory, and their optimum by trying everything: what the solver and the bounds are held against."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import highspy
import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats


def program(cost: object, rows: object, *, low: object = -np.inf, high: object = np.inf, upper: object = 1) -> Program:
    """A program over whole numbers from 0 to `upper`; limits may be one number for all rows."""
    costs = np.array(cost, dtype=float)
    matrix = sp.csr_matrix(np.array(rows, dtype=float).reshape(-1, len(costs)))
    count = matrix.shape[0]
    return Program(
        cost=costs,
        offset=0.0,
        matrix=matrix,
        row_low=np.broadcast_to(np.asarray(low, float), count).copy(),
        row_high=np.broadcast_to(np.asarray(high, float), count).copy(),
        low=np.zeros(len(costs)),
        high=np.broadcast_to(np.asarray(upper, float), len(costs)).copy(),
        integer=np.ones(len(costs), dtype=bool),
        row_names=tuple(f"row {i}" for i in range(count)),
        column_names=tuple(f"x{j}" for j in range(len(costs))),
    )


def random_program(seed: int, columns: int = 10, rows: int = 6, top: int = 1) -> Program:
    """Mixed rows as rules make them: at most, at least, between; some programs have no solution."""
    rng = np.random.default_rng(seed)
    body = rng.uniform(-3, 9, (rows, columns)).round(rng.integers(0, 4)) * (rng.random((rows, columns)) < 0.6)
    middle = body @ rng.integers(0, top + 1, columns)
    width = rng.uniform(0, 4, rows).round(2)
    kind = rng.integers(0, 3, rows)
    low = np.where(kind == 0, -np.inf, middle - width)
    high = np.where(kind == 1, np.inf, middle + width)
    if rng.random() < 0.3:  # move a row off its known solution
        low = np.where(kind == 1, low + rng.uniform(0, 12), low)
    return program(rng.normal(3, 5, columns).round(3), body, low=low, high=high, upper=float(top))


def packing_program(seed: int, blocks: int = 4, weeks: int = 6, kinds: int = 3) -> Program:
    """What allocation looks like: one event at a time in each block, one budget for all, a minimum per block."""
    rng = np.random.default_rng(seed)
    count = blocks * weeks * kinds
    block, week = np.arange(count) // (weeks * kinds), np.arange(count) // kinds % weeks
    spend = rng.uniform(1, 5, count).round(2)
    cost = (spend * rng.uniform(0.5, 2.0, count)).round(3)
    pack = np.zeros((blocks * weeks, count))
    for w in range(weeks):
        for gap in range(2):
            hit = np.flatnonzero(week == w - gap)
            pack[block[hit] * weeks + w, hit] = 1
    least = (block[None, :] == np.arange(blocks)[:, None]).astype(float)
    rows = np.vstack([pack, spend[None, :], least])
    low = np.concatenate([np.full(blocks * weeks + 1, -np.inf), np.ones(blocks)])
    high = np.concatenate([np.ones(blocks * weeks), [2.2 * blocks * spend.mean()], np.full(blocks, np.inf)])
    return program(cost, rows, low=low, high=high)


def try_everything(one: Program) -> tuple[float, Floats | None]:
    """The optimum by enumeration; -inf and None where nothing keeps every row (to 1e-9)."""
    ends = [np.arange(low, high + 1) for low, high in zip(one.low, one.high, strict=True)]
    points = np.array(list(product(*ends)), dtype=float)
    used = points @ one.matrix.toarray().T
    size = 1e-9 * (1 + abs(points) @ abs(one.matrix.toarray()).T)
    kept = np.all((used <= one.row_high + size) & (used >= one.row_low - size), axis=1)
    if not np.any(kept):
        return -np.inf, None
    values = np.where(kept, points @ one.cost, -np.inf)
    return float(values.max()) + one.offset, points[values.argmax()]


def from_mps(path: Path) -> Program:
    """A model file, read by the solver's own reader; minimisation becomes maximisation of the negative."""
    reader = highspy.Highs()
    reader.setOptionValue("output_flag", False)
    assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
    lp = reader.getLp()
    body = lp.a_matrix_
    shape = (lp.num_row_, lp.num_col_)
    entries = (np.array(body.value_), np.array(body.index_), np.array(body.start_))
    columnwise = body.format_ == highspy.MatrixFormat.kColwise
    matrix = sp.csc_matrix(entries, shape=shape) if columnwise else sp.csr_matrix(entries, shape=shape)
    whole = [kind == highspy.HighsVarType.kInteger for kind in lp.integrality_] or [False] * lp.num_col_
    sign = 1.0 if lp.sense_ == highspy.ObjSense.kMaximize else -1.0
    return Program(
        cost=sign * np.array(lp.col_cost_),
        offset=sign * lp.offset_,
        matrix=sp.csr_matrix(matrix),
        row_low=np.array(lp.row_lower_),
        row_high=np.array(lp.row_upper_),
        low=np.array(lp.col_lower_),
        high=np.array(lp.col_upper_),
        integer=np.array(whole),
    )
