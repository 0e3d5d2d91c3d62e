"""The columns beside the events at given prices: fees are on or off, tiers are reached or not, each at its best.

Columns that only rows of their own tie together (one tier of all, filled where entered) are decided together, over all
their corners: such rows need no price, and what they say is kept exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.shard import Linking, Switched
from kaopt.scenario.columns import Bools, Floats, Ints

MANY = 12  # columns that are decided together at most: 2 ** MANY corners


@dataclass(frozen=True, eq=False)
class Choice:
    """Columns that are decided together, and the corners [C, n] among which they choose."""

    columns: Ints
    corners: Floats


@dataclass(frozen=True, eq=False)
class Loose:
    """How each switch is decided, and the rows [L] that this keeps without a price."""

    switched: Switched
    uses: sp.csr_matrix  # [Z, L] what each switch uses of rows, turned once for all sweeps
    choices: tuple[Choice, ...]
    alone: Ints
    settled: Bools

    def answer(self, prices: Floats, on: Bools) -> tuple[float, Floats]:
        """What the switches are worth at their best, those that open events as `on` [Z] says; how they stand [Z]."""
        what = self.switched
        left = what.cost - self.uses @ prices
        worth, x = self.best(left)
        x[what.opens] = on[what.opens]
        return worth + float(left[what.opens] @ x[what.opens]), x

    def best(self, left: Floats) -> tuple[float, Floats]:
        """As `answer` without those that open events, at given reduced worths [Z]."""
        what = self.switched
        x = np.where(left > 0, what.high, what.low)
        for one in self.choices:
            x[one.columns] = one.corners[int(np.argmax(one.corners @ left[one.columns]))]
        x[what.opens] = 0.0
        return float(left @ x), x


def loose_of(switched: Switched, rows: Linking) -> Loose:
    """Rows in which no event stands are kept by choosing together, where few columns are in them."""
    body = sp.csr_matrix(switched.matrix)
    own = np.flatnonzero(rows.beside & rows.private & (np.diff(body.indptr) > 0) & np.isnan(rows.regret))
    graph = sp.csr_matrix(abs(body[own]).sign())
    _, label = sp.csgraph.connected_components(sp.csr_matrix(graph.T @ graph), directed=False)
    choices, settled = [], np.zeros(len(rows), dtype=bool)
    for group in np.flatnonzero(np.bincount(label, minlength=1) > 1) if len(label) else ():
        columns = np.flatnonzero(label == group)
        inside = own[np.diff(sp.csc_matrix(graph.T)[columns].max(axis=0).tocsc().indptr) > 0]
        part, low, high = body[inside][:, columns], rows.low[inside], rows.high[inside]
        if len(columns) > MANY or not whole_corners(switched, columns, part, np.concatenate([low, high])):
            continue
        corners = corners_of(part, low, high)
        held = (corners >= switched.low[columns]) & (corners <= switched.high[columns])
        corners = corners[np.all(held, axis=1)]
        if len(corners):
            choices.append(Choice(columns, corners))
            settled[inside] = True
    together = np.concatenate([np.zeros(0, np.int64), *(one.columns for one in choices)])
    uses = sp.csr_matrix(switched.matrix.T)
    return Loose(switched, uses, tuple(choices), np.setdiff1d(np.arange(len(switched)), together), settled)


def whole_corners(switched: Switched, columns: Ints, body: sp.csr_matrix, limits: Floats) -> bool:
    """True where every corner is whole: rows x <= y, or sums of columns that are whole anyway, all between 0 and 1.

    Once the whole ones stand, rows x <= y with whole limits have whole corners (differences of two).
    """
    unit = np.all(np.abs(body.data) == 1.0)
    shapes = np.diff(body.indptr)
    sums = np.asarray(body.sum(axis=1)).ravel()
    ordered = (shapes == 2) & (sums == 0)
    summed = columns[np.unique(sp.csr_matrix(body[~ordered]).indices)]
    ends = np.concatenate([switched.low[columns], switched.high[columns]])
    given = bool(np.all(np.isin(ends, (0.0, 1.0))) and np.all(np.isinf(limits) | (limits == np.round(limits))))
    return bool(unit and given and np.all(ordered | (sums == shapes)) and np.all(switched.whole[summed]))


def corners_of(body: sp.csr_matrix, low: Floats, high: Floats) -> Floats:
    """[C, n] the 0-1 points that keep the rows."""
    points = np.array(list(product((0.0, 1.0), repeat=body.shape[1])))
    used = points @ body.T.toarray()
    keeps = np.all((used >= low - 1e-9) & (used <= high + 1e-9), axis=1)
    return points[keeps]
