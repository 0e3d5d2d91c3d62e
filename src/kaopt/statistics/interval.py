"""How sure a simulated figure is: Student intervals, alone and in pairs that shared their luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

Floats = npt.NDArray[np.float64]
Values = Floats | Sequence[float]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval; `low` and `high` are infinite where one value says nothing of the spread."""

    mean: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width, in the unit of the values."""
        return (self.high - self.low) / 2


@dataclass(frozen=True)
class Pair:
    """How much better one policy is than another with the same luck, and what sharing the luck was worth."""

    difference: Interval
    p: float  # two-sided, of a paired t-test that there is no difference
    correlation: float  # between the two, replication by replication; NaN where one of them never varies
    variance_ratio: float  # of the difference of independent runs over that of the pair; NaN where neither varies


def interval(values: Values, confidence: float = CONFIDENCE) -> Interval:
    """What the mean of independent replications is, with a Student interval (Law 2015, 4.5)."""
    data = np.asarray(values, dtype=float)
    mean = float(data.mean())
    if len(data) < 2:
        return Interval(mean, -inf, inf)
    half = critical(len(data) - 1, confidence) * float(data.std(ddof=1)) / len(data) ** 0.5
    return Interval(mean, mean - half, mean + half)


def critical(freedom: int, confidence: float = CONFIDENCE) -> float:
    """The two-sided Student quantile."""
    return float(student.ppf((1 + confidence) / 2, freedom))


def paired(new: Values, old: Values, confidence: float = CONFIDENCE) -> Interval:
    """How much better `new` is than `old`, replication by replication with the same luck (the first ones both have)."""
    return interval(differences(new, old), confidence)


def differences(new: Values, old: Values) -> Floats:
    """Replication by replication, as many as both have."""
    both = min(len(new), len(old))
    found: Floats = np.asarray(new, dtype=float)[:both] - np.asarray(old, dtype=float)[:both]
    return found


def compare(new: Values, old: Values, confidence: float = CONFIDENCE) -> Pair:
    """`paired` with its p-value, correlation and the variance that the same luck has saved (Law 2015, 10.2, 11.2)."""
    both = min(len(new), len(old))
    x, y = np.asarray(new, dtype=float)[:both], np.asarray(old, dtype=float)[:both]
    gap = x - y
    if both < 2:
        return Pair(interval(gap, confidence), nan, nan, nan)
    apart, together = float(x.var(ddof=1) + y.var(ddof=1)), float(gap.var(ddof=1))
    constant = x.std() == 0 or y.std() == 0
    return Pair(
        difference=interval(gap, confidence),
        p=p_value(gap),
        correlation=nan if constant else float(np.corrcoef(x, y)[0, 1]),
        variance_ratio=apart / together if together > 0 else inf if apart > 0 else nan,
    )


def p_value(gap: Values) -> float:
    """Two-sided p of a t-test that the mean is 0; where nothing varies it is 1 or 0."""
    data = np.asarray(gap, dtype=float)
    if len(data) < 2:
        return nan
    error = float(data.std(ddof=1)) / len(data) ** 0.5
    mean = float(data.mean())
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * student.sf(abs(mean) / error, len(data) - 1))
