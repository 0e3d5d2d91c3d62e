"""How bad it may get: quantiles, the chance of missing a contract level, and the mean of the worst years."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, nan

import numpy as np
from scipy.stats import beta, binom

from kaopt.statistics.interval import CONFIDENCE, Interval, Values, critical


@dataclass(frozen=True)
class Chance:
    """How often something happened, with an interval of its probability."""

    share: float
    low: float
    high: float
    count: int
    of: int


def quantile(values: Values, level: float, confidence: float = CONFIDENCE) -> Interval:
    """A quantile with an interval between two of the values, whatever their law (`mean` is the quantile itself).

    The number of values below the quantile is binomial; each side leaves out at most half of what is not covered, so
    the interval covers at least as often as it says. A side that this few values cannot bound is infinite. Source:
    David and Nagaraja (2003), Order Statistics, 7.1.
    """
    data = np.sort(np.asarray(values, dtype=float))
    n, out = len(data), (1 - confidence) / 2
    point = float(data[min(max(ceil(n * level), 1), n) - 1])
    below = int(binom.ppf(out, n, level))  # P(B < below) <= out: the below-th smallest is a lower bound
    above = int(binom.ppf(1 - out, n, level)) + 1  # P(B >= above) <= out
    low = float(data[below - 1]) if below >= 1 else -inf
    high = float(data[above - 1]) if above <= n else inf
    return Interval(point, low, high)


def below(values: Values, level: float, confidence: float = CONFIDENCE) -> Chance:
    """How likely a year is below a contract level, with the exact interval (Clopper and Pearson 1934)."""
    data = np.asarray(values, dtype=float)
    return chance(int(np.sum(data < level)), len(data), confidence)


def chance(count: int, of: int, confidence: float = CONFIDENCE) -> Chance:
    """The exact binomial interval of a probability."""
    out = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(beta.ppf(out, count, of - count + 1))
    high = 1.0 if count == of else float(beta.ppf(1 - out, count + 1, of - count))
    return Chance(count / of, low, high, count, of)


def shortfall(values: Values, worst: float = 0.05, confidence: float = CONFIDENCE) -> Interval:
    """The mean of the `worst` share of years, those with the highest values: the expected shortfall of a cost.

    The estimator weighs the boundary value by what is left of the share; its interval is the delta method's, from
    q + max(x - q, 0) / worst with q the quantile. Source: Hong, Hu and Liu (2014), Monte Carlo methods for
    value-at-risk and conditional value-at-risk, ACM TOMACS 24(4). NaN where the share holds less than one value.
    """
    data = np.sort(np.asarray(values, dtype=float))[::-1]
    held = worst * len(data)
    if held < 1:
        return Interval(nan, nan, nan)
    edge = float(data[ceil(held) - 1])
    influence = edge + np.maximum(data - edge, 0.0) / worst
    mean = float(influence.mean())
    half = critical(len(data) - 1, confidence) * float(influence.std(ddof=1)) / len(data) ** 0.5
    return Interval(mean, mean - half, mean + half)
