r"""Learn from sales history what price cuts and displays do, account by account, without believing thin evidence.

Each account-SKU series i has its own coefficients b_i over the terms (level, elasticity, display, …) and its own
residual variance v_i:

    ln units = x · b_i + e,   e ~ N(0, v_i),   b_i ~ N(m, D),   ln v_i pooled towards ln v_0 (`PRIOR_WEIGHT` weeks)

`pooled` estimates m, D, v and v_0 by EM, so that a series with little or dull history leans on the others (partial
pooling; Gelman and Hill, 2007, ch. 12; Rossi, Allenby and McCulloch, 2005, ch. 5). Everything is vectorised over
series: [N] series, [P] terms, [R] rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from kaopt.response.history import History, Sums, inverse_of, outer, quadratic, sums_of, times
from kaopt.scenario.columns import Floats, Texts

SIGNS = {"elasticity": -1, "display": 1, "feature": 1}  # what common sense fixes beforehand
PRIOR_WEIGHT = 4.0  # weeks of evidence that the common residual variance counts for


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of every series with their uncertainty; `terms` as in the history."""

    series: tuple[tuple[str, str], ...]
    terms: Texts
    value: Floats  # [N, P]
    covariance: Floats  # [N, P, P] of the error of `value`
    variance: Floats  # [N] residual variance of ln units
    mean: Floats  # [P] over all series
    mean_se: Floats  # [P]
    spread: Floats  # [P] standard deviation between series
    likelihood: tuple[float, ...] = ()  # penalised log-likelihood by round of EM; never falls

    @property
    def se(self) -> Floats:
        """[N, P] standard error of each coefficient."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance, axis1=1, axis2=2), 0.0))

    def term(self, name: str) -> Floats:
        """[N] one coefficient of every series."""
        return np.asarray(self.value[:, self.terms.index(name)])


def own(data: History) -> Fit:
    """Least squares for every series alone: what pooling has to beat."""
    sums = sums_of(data)
    inverse = inverse_of(sums.xx)
    b = times(inverse, sums.xy)
    free = sums.count - np.linalg.matrix_rank(sums.xx, hermitian=True)
    variance = np.where(free > 0, sums.squares(b) / np.maximum(free, 1), np.nan)
    size = len(data.series)
    spread = b.std(axis=0, ddof=min(1, size - 1))
    return Fit(
        data.series, data.terms, b, inverse * variance[:, None, None], variance, b.mean(0), spread / size**0.5, spread
    )


def common(data: History) -> Fit:
    """One set of slopes for all series, each with its own level."""
    sums = sums_of(data)
    size, width = sums.xy.shape
    inner = sums.xx[:, 1:, 1:] - outer(sums.xx[:, 0, 1:]) / sums.count[:, None, None]
    right = sums.xy[:, 1:] - sums.xx[:, 0, 1:] * (sums.xy[:, :1] / sums.count[:, None])
    inverse = inverse_of(inner.sum(0))
    slopes = inverse @ right.sum(0)
    level = (sums.xy[:, 0] - sums.xx[:, 0, 1:] @ slopes) / sums.count
    b = np.column_stack([level, np.tile(slopes, (size, 1))])
    variance = sums.squares(b).sum() / max(sums.count.sum() - size - width + 1, 1.0)
    covariance = np.zeros((size, width, width))
    covariance[:, 1:, 1:] = inverse * variance
    covariance[:, 0, 0] = variance / sums.count
    se: Floats = np.sqrt(np.r_[variance / sums.count.sum(), np.diag(inverse) * variance])
    spread = np.r_[level.std(), np.zeros(width - 1)]
    return Fit(data.series, data.terms, b, covariance, np.full(size, variance), b.mean(0), se, spread)


def pooled(data: History, *, signs: bool = True, tolerance: float = 1e-9, rounds: int = 3000) -> Fit:
    """Partial pooling by EM; with `signs`, coefficients of the wrong sign move to their most likely allowed values.

    Stops when the log-likelihood per row rises by less than `tolerance` in a round.
    """
    sums, start = sums_of(data), common(data)
    v0 = max(float(start.variance[0]), 1e-3)  # weeks of one or two leave no residual to start from
    m, v = start.mean, np.full(len(data.series), v0)
    d = np.diag(np.r_[start.value[:, 0].var() + 1e-6, np.ones(len(m) - 1)])
    trace: list[float] = []
    for _ in range(rounds):
        b, covariance, likelihood = _expect(sums, (m, d, v, v0))
        trace.append(likelihood)
        if len(trace) > 1 and trace[-1] - trace[-2] < tolerance * len(data.y):
            break
        m = b.mean(0)
        d = (covariance.sum(0) + (b - m).T @ (b - m)) / len(b)
        rest = sums.squares(b) + np.einsum("npq,nqp->n", sums.xx, covariance)
        v = (PRIOR_WEIGHT * v0 + rest) / (PRIOR_WEIGHT + sums.count)
        v0 = float(len(v) / (1 / v).sum())
    fit = Fit(data.series, data.terms, b, covariance, v, m, _mean_se(sums, d, v), np.sqrt(np.diag(d)), tuple(trace))
    return replace(fit, value=_signed(fit)) if signs else fit


def predict(fit: Fit, rows: History) -> tuple[Floats, Floats]:
    """Median (for error measures) and mean (for volume) of units, each [R].

    ln units is normal with the variance of `spread_of`, so the mean is the median times exp(variance / 2).
    """
    median = np.exp((rows.x * fit.value[rows.at]).sum(1))
    return median, median * np.exp(spread_of(fit, rows) / 2)


def spread_of(fit: Fit, rows: History) -> Floats:
    """[R] variance of the prediction of ln units: the noise of a week and what we do not know of the coefficients."""
    return np.asarray(fit.variance[rows.at] + quadratic(fit.covariance[rows.at], rows.x))


def wmape(actual: Floats, predicted: Floats) -> float:
    """Error measure: sum of absolute errors over sum of actual units."""
    return float(np.abs(actual - predicted).sum() / actual.sum())


def wrong_signs(fit: Fit) -> dict[str, int]:
    """How many series have a coefficient against common sense, by term."""
    return {name: int((fit.term(name) * sign < 0).sum()) for name, sign in SIGNS.items() if name in fit.terms}


def _expect(sums: Sums, guess: tuple[Floats, Floats, Floats, float]) -> tuple[Floats, Floats, float]:
    """E step: posterior mean [N, P] and covariance [N, P, P] of the coefficients, and the log-likelihood.

    Written without the inverse of D, so that a term without any spread between series does no harm.
    """
    m, d, v, v0 = guess
    information = sums.xx / v[:, None, None]
    inside = np.eye(len(m)) + d @ information
    covariance = np.linalg.solve(inside, np.broadcast_to(d, information.shape))
    covariance = (covariance + covariance.transpose(0, 2, 1)) / 2
    pull = (sums.xy - sums.xx @ m) / v[:, None]
    b = m + times(covariance, pull)
    fitness = sums.count * np.log(2 * np.pi * v) + np.linalg.slogdet(inside)[1]
    fitness += sums.squares(m) / v - quadratic(covariance, pull)
    prior = PRIOR_WEIGHT * (np.log(v / v0) + v0 / v)
    return b, covariance, float(-0.5 * (fitness + prior).sum())


def _mean_se(sums: Sums, d: Floats, v: Floats) -> Floats:
    """[P] standard error of the mean over series: each series speaks with its own noise plus the spread between."""
    information = sums.xx / v[:, None, None]
    weight = np.linalg.solve(np.eye(len(d)) + information @ d, information).sum(0)
    return np.asarray(np.sqrt(np.diag(inverse_of(weight))))


def _signed(fit: Fit) -> Floats:
    """[N, P] the most likely coefficients with allowed signs.

    Minimises (c - b)' V^-1 (c - b) over allowed c by looking at every set of terms that may be held at zero (there are
    few): with set A held, c = b - V_A V_AA^-1 b_A at a loss of b_A' V_AA^-1 b_A; the allowed c with least loss is it.
    """
    terms = [fit.terms.index(name) for name in SIGNS if name in fit.terms]
    signs = np.array([SIGNS[fit.terms[t]] for t in terms], float)
    best = fit.value.copy()
    loss = np.where((best[:, terms] * signs >= 0).all(1), 0.0, np.inf)
    for size in range(1, len(terms) + 1):
        for held in combinations(terms, size):
            zero = list(held)
            inner = inverse_of(fit.covariance[:, zero][:, :, zero])
            lean = times(inner, fit.value[:, zero])
            c = fit.value - times(fit.covariance[:, :, zero], lean)
            c[:, zero] = 0.0
            cost = (fit.value[:, zero] * lean).sum(1)
            better = (c[:, terms] * signs >= 0).all(1) & (cost < loss)
            best[better], loss[better] = c[better], cost[better]
    return best
