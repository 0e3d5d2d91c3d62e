r"""Little evidence leans on much: shares and means of single accounts shrunk towards all of them (empirical Bayes).

Shares: k_i of n_i, k_i ~ Binomial(n_i, p_i), p_i ~ Beta(a, b), with a and b the maximum of the marginal (beta-binomial)
likelihood; the account's share is then Beta(a + k_i, b + n_i − k_i) (Griffiths 1973; Carlin and Louis 2009, ch. 3).

Means: y_i ~ N(m_i, s_i²), m_i ~ N(m, T²), T² where the weighted squares around m are as many as they should be
(Paule and Mandel 1982). With B_i = s_i² / (s_i² + T²) the account's mean is

    B_i m + (1 − B_i) y_i   with variance   (1 − B_i) s_i² + B_i² var(m)            (Morris 1983)

Intervals of shares take a and b as known; they are a little short where there are few accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import betaln
from scipy.stats import beta, norm

from kaopt.scenario.columns import Floats

TIGHTEST = 1e6  # a + b: beyond it all accounts are alike
LOOSEST = 1e-2


@dataclass(frozen=True, eq=False)
class Pooled:
    """An estimate for each account [A] with its 95 % interval, and for an account that nobody has seen."""

    value: Floats
    low: Floats
    high: Floats
    count: Floats  # evidence: orders or lines
    common: float  # the centre that all lean on
    spread: float  # standard deviation between accounts
    shape: tuple[float, float] = (np.nan, np.nan)  # a and b, of shares


def shares(hits: Floats, counts: Floats, confidence: float = 0.95) -> Pooled:
    """Shares hits/counts of each account, shrunk; an account without evidence gets the common share."""
    a, b = beta_binomial(hits, counts)
    after = beta(a + hits, b + counts - hits)
    tail = (1 - confidence) / 2
    centre = a / (a + b)
    spread = float(np.sqrt(centre * (1 - centre) / (a + b + 1)))
    low, high = np.asarray(after.ppf(tail)), np.asarray(after.ppf(1 - tail))
    return Pooled(np.asarray(after.mean()), low, high, counts, centre, spread, (a, b))


def beta_binomial(hits: Floats, counts: Floats) -> tuple[float, float]:
    """The a and b under which these counts are likeliest."""
    seen = counts > 0
    k, n = hits[seen], counts[seen]
    centre = float(np.clip((k.sum() + 0.5) / (n.sum() + 1), 1e-6, 1 - 1e-6))

    def minus_likelihood(x: Floats) -> float:
        share, size = 1 / (1 + np.exp(-x[0])), np.exp(x[1])
        a, b = share * size, (1 - share) * size
        return float(-(betaln(k + a, n - k + b) - betaln(a, b)).sum())

    limits = [(-14.0, 14.0), (np.log(LOOSEST), np.log(TIGHTEST))]
    first = np.log(centre / (1 - centre))
    tries = [minimize(minus_likelihood, [first, start], bounds=limits) for start in (0.0, 3.0, 8.0)]
    best = min(tries, key=lambda one: float(one.fun)).x
    share, size = 1 / (1 + np.exp(-best[0])), np.exp(best[1])
    return float(share * size), float((1 - share) * size)


def means(values: Floats, variances: Floats, counts: Floats, confidence: float = 0.95) -> Pooled:
    """Means of each account, shrunk; `variances` of the single means, infinite where there is no evidence."""
    seen = np.isfinite(variances)
    between, common, doubt = between_accounts(values[seen], variances[seen])
    with np.errstate(invalid="ignore"):
        lean = np.where(seen, variances / (variances + between), 1.0)
    lean = np.where(np.isnan(lean), 1.0, lean)
    value = np.where(seen, lean * common + (1 - lean) * np.where(seen, values, 0.0), common)
    left = np.where(seen, (1 - lean) * np.where(seen, variances, 0.0), between)
    half = float(norm.ppf((1 + confidence) / 2)) * np.sqrt(left + lean**2 * doubt)
    return Pooled(value, value - half, value + half, counts, common, float(np.sqrt(between)))


def between_accounts(values: Floats, variances: Floats) -> tuple[float, float, float]:
    """Variance between accounts, their mean, and the variance of that mean."""

    def weighted(between: float) -> tuple[float, float, float]:
        weight = 1 / (np.maximum(variances, 1e-12) + between)
        centre = float((weight * values).sum() / weight.sum())
        return float((weight * (values - centre) ** 2).sum()), centre, float(1 / weight.sum())

    if len(values) == 0:
        return 0.0, np.nan, np.nan
    if len(values) < 2 or weighted(0.0)[0] <= len(values) - 1:
        return 0.0, *weighted(0.0)[1:]
    top = float(values.var() * len(values)) + 1e-9
    between = float(brentq(lambda one: weighted(one)[0] - (len(values) - 1), 0.0, top))
    return between, *weighted(between)[1:]
