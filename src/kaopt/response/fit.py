r"""Learn from sales history what price cuts and displays do, account by account, without believing thin evidence.

Each account-SKU i has its own coefficients over the terms (level, elasticity, display, …) and its own residual
variance: ln units = x · b_i + e. `pooled` lets series lean on each other (kaopt.response.pooling); `own` and `common`
are what it has to beat. Everything is vectorised over series: [N] series, [P] terms, [R] rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from kaopt.response.history import History, Series, inverse_of, outer, quadratic, sums_of, times
from kaopt.response.pooling import Groups, Guess, coefficients, converged, no_groups
from kaopt.response.structure import SIGNS
from kaopt.scenario.columns import Floats, Texts

FEWEST = 2  # series that an account (a SKU) must have on average to have effects of its own
LEAST_VARIANCE = 1e-3  # weeks of one or two leave no residual to start from
START = 1.0  # variance of slopes between series before anything is known


@dataclass(frozen=True, eq=False)
class Expectation:
    """What is expected of a series before its own history: of an account, of a SKU, of both or of neither."""

    mean: Floats  # [P]
    mean_covariance: Floats  # [P, P]
    within: Floats  # [P, P] covariance of series around what their account and SKU let expect
    variance: float  # of residuals
    account: Texts
    account_groups: Groups
    sku: Texts
    sku_groups: Groups

    def of(self, account: str, sku: str) -> tuple[Floats, Floats]:
        """[P] expected coefficients and [P, P] covariance of their error; names that are new are expected average."""
        value, covariance = self.mean, self.mean_covariance + self.within
        for name, names, groups in ((account, self.account, self.account_groups), (sku, self.sku, self.sku_groups)):
            known = names.index(name) if name in names else -1
            value = value + (groups.effect[known] if known >= 0 else 0.0)
            covariance = covariance + (groups.covariance[known] if known >= 0 else groups.spread)
        return value, covariance


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of every series with their uncertainty; `terms` as in the history."""

    series: Series
    terms: Texts
    value: Floats  # [N, P]
    covariance: Floats  # [N, P, P] of the error of `value`
    variance: Floats  # [N] residual variance of ln units
    mean: Floats  # [P] over all series
    mean_se: Floats  # [P]
    spread: Floats  # [P] standard deviation between series
    likelihood: tuple[float, ...] = ()  # lower bound on the log-likelihood by round of EM; never falls
    expectation: Expectation | None = None  # of series without history

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


def pooled(
    data: History, shared: Texts = (), *, signs: bool = True, tolerance: float = 1e-7, rounds: int = 3000
) -> Fit:
    """Partial pooling; terms in `shared` get one coefficient for all series.

    With `signs`, coefficients of the wrong sign move to their most likely allowed values. Stops when the bound on the
    log-likelihood per row rises by less than `tolerance` in a round.
    """
    sums = sums_of(data)
    guess, seen, trace = converged(sums, first_guess(data, shared), tolerance=tolerance, rounds=rounds)
    value, covariance = coefficients(seen, guess)
    between = guess.within + guess.accounts.spread + guess.skus.spread
    groups = (guess.accounts, guess.skus)
    error = guess.mean_covariance + sum((one.spread / len(one.effect) for one in groups), np.zeros_like(between))
    expectation = Expectation(
        guess.mean,
        guess.mean_covariance,
        guess.within,
        float(guess.variance.mean()),
        *named(data, 0, groups),
        *named(data, 1, groups),
    )
    fit = Fit(
        data.series,
        data.terms,
        value,
        covariance,
        guess.variance,
        guess.mean,
        np.sqrt(np.diag(error)),
        np.sqrt(np.diag(between)),
        tuple(trace),
        expectation,
    )
    return replace(fit, value=_signed(fit)) if signs else fit


def named(data: History, which: int, groups: tuple[Groups, Groups]) -> tuple[Texts, Groups]:
    """Names of the accounts (0) or SKUs (1) with their effects."""
    return tuple(sorted({one[which] for one in data.series})), groups[which]


def first_guess(data: History, shared: Texts) -> Guess:
    """Where EM starts: slopes common to all; whatever may differ is expected to differ a lot."""
    start = common(data)
    v0 = max(float(start.variance[0]), LEAST_VARIANCE)
    free = np.array([name not in shared for name in data.terms], float)
    spread = free * np.r_[start.value[:, 0].var() + 1e-6, np.full(len(free) - 1, START)]
    names = [tuple(one[which] for one in data.series) for which in (0, 1)]
    crossed = [len(set(one)) > 1 and len(one) >= FEWEST * len(set(one)) for one in names]
    groups = [no_groups(one, spread * on / 2) for one, on in zip(names, crossed, strict=True)]
    zero = np.zeros((len(free), len(free)))
    return Guess(start.mean, zero, np.diag(spread), np.full(len(data.series), v0), v0, groups[0], groups[1])


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


def _signed(fit: Fit) -> Floats:
    """[N, P] the most likely coefficients with allowed signs.

    Minimises (c - b)' V^-1 (c - b) over allowed c by looking at every set of terms that may be held at zero (there are
    few): with set A held, c = b - V_A V_AA^-1 b_A at a loss of b_A' V_AA^-1 b_A; the allowed c with least loss is it.
    """
    terms = [fit.terms.index(name) for name in SIGNS if name in fit.terms]
    signs = np.array([SIGNS[fit.terms[t]] for t in terms], float)
    best = fit.value.copy()
    loss = np.where((best[:, terms] * signs >= 0).all(1), 0.0, np.inf)
    wrong = np.flatnonzero(loss > 0)
    value, covariance = fit.value[wrong], fit.covariance[wrong]
    for size in range(1, len(terms) + 1):
        for held in combinations(terms, size):
            zero = list(held)
            inner = inverse_of(covariance[:, zero][:, :, zero])
            lean = times(inner, value[:, zero])
            c = value - times(covariance[:, :, zero], lean)
            c[:, zero] = 0.0
            cost = (value[:, zero] * lean).sum(1)
            better = (c[:, terms] * signs >= 0).all(1) & (cost < loss[wrong])
            best[wrong[better]], loss[wrong[better]] = c[better], cost[better]
    return best
