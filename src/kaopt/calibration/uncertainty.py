r"""How sure the found knobs are: the chance in the ledger's years, carried back to the knobs.

The ledger t is the mean of Y years of the customer's, the simulated mean m(u) that of n years. Both differ from what
is expected by the chance of single years, with covariance S from year to year; V = S (1/Y + 1/n).

- A knob whose loss has a slope: with J = dm/du, cov(u) = J⁻¹ V J⁻ᵀ (delta method; van der Vaart 1998, ch. 3).
- A knob whose loss jumps: all values that the ledger does not refute (test inversion; Casella and Berger 2002, 9.2.1).
  With w the row of J⁻¹ that belongs to it, w·(m(u) − t) is the miss that no other knob can mend; where it is no more
  than q √(w'Vw) along the knob, the value stands. Its standard error is the interval's width over 2 q.

S is the covariance of the simulated years at the answer; J is measured there by central paired differences with the
same luck, over two standard errors on each side: wide enough that luck does not drown the slope.
Intervals hold for all k knobs together: q is Student's quantile for the level 1 − (1 − confidence)/k (Bonferroni), on
the scale on which the knob is searched. The noise of J itself is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from kaopt.calibration.search import Bench
from kaopt.scenario.columns import Floats

FIRST, NARROW, WIDE = 0.08, 0.01, 0.25  # of the box: half widths of differences
CONFIDENCE = 0.95
WEAK = 1e8  # condition number beyond which the knobs cannot be told apart
EDGE = 0.01  # of the box: how exactly an end of an interval is found


@dataclass(frozen=True, eq=False)
class Sureness:
    """Standard errors and intervals of the found knobs, in their own units; infinite where nothing can be told."""

    se: Floats  # [k]
    low: Floats  # [k]
    high: Floats  # [k]
    jacobian: Floats  # [k, k] of figures by places in the unit box


@dataclass(frozen=True, eq=False)
class Test:
    """Which places along one knob the ledger does not refute."""

    bench: Bench
    at: Floats  # [k] the answer
    years: int
    knob: int
    weights: Floats  # [k] of the figures: the miss that no other knob can mend, in critical values

    def stands(self, place: float) -> bool:
        """True where the ledger does not refute the place."""
        beside = self.at.copy()
        beside[self.knob] = place
        miss = self.bench.losses(beside, self.years).mean(axis=0) - self.bench.case.targets
        return bool(abs(self.weights @ miss) <= 1)


def sureness(bench: Bench, at: Floats, years: int) -> Sureness:
    """How sure the knobs at a place are. Raises OutOfTime."""
    case, size = bench.case, len(at)
    spread = np.cov(bench.losses(at, years), rowvar=False).reshape(size, size)
    spread = spread * (1 / case.world.calibrate.years + 1 / years)
    jacobian = slopes(bench, at, years, np.sqrt(np.diag(spread)))
    factor = float(student.ppf(1 - (1 - CONFIDENCE) / (2 * size), years - 1))
    se, low, high = np.full(size, np.inf), np.zeros(size), np.ones(size)
    if told_apart(jacobian):
        inverse = np.linalg.inv(jacobian)
        se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", inverse, spread, inverse), 0.0))
        low, high = np.clip(at - factor * se, 0, 1), np.clip(at + factor * se, 0, 1)
        for k in np.flatnonzero(case.jumps & (se > 0)):
            test = Test(bench, at, years, int(k), inverse[k] / (factor * se[k]))
            low[k], high[k] = edge(test, -1, float(factor * se[k])), edge(test, 1, float(factor * se[k]))
            se[k] = (high[k] - low[k]) / (2 * factor)
    stretch = np.array([dial.slope(float(one)) for dial, one in zip(case.dials, at, strict=True)])
    return Sureness(stretch * se, np.array(case.values(low)), np.array(case.values(high)), jacobian)


def told_apart(jacobian: Floats) -> bool:
    """True where every knob moves something that no other knobs together move alike."""
    scale = np.abs(jacobian).max(axis=1, keepdims=True)
    return bool((scale > 0).all() and np.linalg.cond(jacobian / scale) < WEAK)


def edge(test: Test, way: int, width: float) -> float:
    """How far a knob may move one way before the ledger refutes it; the wall of the box where it never does."""
    inside, step = float(test.at[test.knob]), max(width, 2 * EDGE)
    wall = 1.0 if way > 0 else 0.0
    while True:
        outside = min(max(inside + way * step, 0.0), 1.0)
        if not test.stands(outside):
            break
        if outside == wall:
            return wall
        inside = outside
    while abs(outside - inside) > EDGE:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if test.stands(middle) else (inside, middle)
    return outside


def slopes(bench: Bench, at: Floats, years: int, noise: Floats) -> Floats:
    """[k, k] Jacobian at a place by central paired differences over about two standard errors of each knob."""
    columns = []
    for k in range(len(at)):
        width = FIRST
        column = _difference(bench, at, years, (k, width))
        if column[k] != 0:
            better = float(np.clip(2 * noise[k] / abs(column[k]), NARROW, WIDE))
            if not 0.5 < better / width < 2:
                column = _difference(bench, at, years, (k, better))
        columns.append(column)
    return np.column_stack(columns)


def _difference(bench: Bench, at: Floats, years: int, step: tuple[int, float]) -> Floats:
    """[k] change of the figures by one unknown, over a width on both sides as far as the box goes."""
    k, width = step
    low, high = at.copy(), at.copy()
    low[k], high[k] = max(at[k] - width, 0.0), min(at[k] + width, 1.0)
    change = bench.losses(high, years).mean(axis=0) - bench.losses(low, years).mean(axis=0)
    slope: Floats = change / (high[k] - low[k])
    return slope
