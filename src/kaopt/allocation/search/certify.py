"""Bounds that hold whatever the solver did: any prices prove one, and every rounding is taken to the safe side.

For prices y (the sign of each fits the limit that its row has) and a box low <= x <= high,

    cost @ x = y @ (A x) + (cost - A'y) @ x <= sum of max(y_i low_i, y_i high_i) + sum of max(r_j low_j, r_j high_j)

with reduced costs r = cost - A'y known to within a bound of their rounding error, as Neumaier and Shcherbina
(2004, Safe bounds in linear and mixed-integer linear programming) do it. Sums are exactly rounded (`fsum`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, inf, nextafter

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats

UNIT = 2.0**-53  # largest relative error of one rounded operation
TINY = 1e-290  # covers underflow


@dataclass(frozen=True, eq=False)
class Box:
    """The limits under which a bound is asked: those of a program, or tighter ones of a part of its plans."""

    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats


def box_of(program: Program) -> Box:
    """A program's own limits."""
    return Box(program.row_low, program.row_high, program.low, program.high)


def safe_bound(program: Program, duals: Floats) -> float:
    """No plan of the program is worth more, for any duals [M]; inf where these duals prove nothing."""
    costs = Costs(program.cost, program.matrix)
    return up(fsum([program.offset, *bound_terms(costs, box_of(program), duals)]))


class Costs:
    """The part of a bound's arithmetic that does not change with the prices: built once, used for many."""

    def __init__(self, cost: Floats, matrix: sp.csr_matrix) -> None:
        self.cost = cost
        self.transposed = sp.csr_matrix(matrix.T)
        self.absolute = abs(self.transposed)
        entries = np.diff(self.transposed.indptr)
        self.error = (entries + 4.0) * UNIT * 1.01  # of a dot product of that length and one difference


def fitting(box: Box, duals: Floats) -> Floats:
    """Duals without those whose sign needs a limit that the row does not have, or that are no numbers."""
    y = np.where(np.isfinite(duals), duals, 0.0)
    y = np.where(np.isinf(box.row_high), np.minimum(y, 0.0), y)
    return np.asarray(np.where(np.isinf(box.row_low), np.maximum(y, 0.0), y))


def bound_terms(costs: Costs, box: Box, duals: Floats) -> list[float]:
    """Numbers whose sum no plan in the box exceeds (the program's offset left out)."""
    y = fitting(box, duals)
    limit = np.where(y > 0, box.row_high, box.row_low)
    used = np.flatnonzero(y)
    rows = above(y[used] * limit[used])
    reduced = costs.cost - costs.transposed @ y
    error = costs.error * (np.abs(costs.cost) + costs.absolute @ np.abs(y)) + TINY
    least, most = reduced - error, reduced + error
    least, most = np.nextafter(least, -inf), np.nextafter(most, inf)
    with np.errstate(invalid="ignore"):  # 0 x inf: an unused open end
        products = [r * end for r in (least, most) for end in (box.low, box.high)]
        corners = [np.where(np.isnan(one), 0.0, one) for one in products]
    columns = above(np.maximum.reduce(corners))
    if np.any(np.isposinf(columns)):
        return [inf]
    return [*rows.tolist(), *columns.tolist()]


def above(products: Floats) -> Floats:
    """Rounded products, moved up so that none lies below the true one."""
    return np.asarray(np.where(products == 0.0, TINY, np.nextafter(products, inf)))


def up(value: float) -> float:
    """The next number above a rounded sum."""
    return nextafter(value, inf) if value < inf else value


def refuted(costs: Costs, box: Box, ray: Floats | None) -> bool:
    """True where the rows combined by `ray` prove that no point of the box keeps them all (Farkas, either sign)."""
    if ray is None or not np.all(np.isfinite(ray)) or not np.any(ray):
        return False
    nothing = Costs.__new__(Costs)
    nothing.cost = np.zeros_like(costs.cost)
    nothing.transposed, nothing.absolute, nothing.error = costs.transposed, costs.absolute, costs.error
    unit = ray / np.max(np.abs(ray))
    return any(up(fsum(bound_terms(nothing, box, sign * unit))) < 0.0 for sign in (1.0, -1.0))
