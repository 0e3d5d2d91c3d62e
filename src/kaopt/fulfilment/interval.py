"""How sure a simulated figure is: t-intervals, alone and in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from kaopt.scenario.columns import Floats


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


def interval(values: Floats | Sequence[float], confidence: float = 0.95) -> Interval:
    """What the mean of independent replications is, with a Student interval."""
    data = np.asarray(values, dtype=float)
    mean = float(data.mean())
    if len(data) < 2:
        return Interval(mean, -np.inf, np.inf)
    factor = float(student.ppf((1 + confidence) / 2, len(data) - 1))
    half = factor * float(data.std(ddof=1)) / len(data) ** 0.5
    return Interval(mean, mean - half, mean + half)


def paired(new: Floats | Sequence[float], old: Floats | Sequence[float], confidence: float = 0.95) -> Interval:
    """How much better `new` is than `old`, replication by replication with the same luck (the first ones both have)."""
    both = min(len(new), len(old))
    return interval(np.asarray(new, dtype=float)[:both] - np.asarray(old, dtype=float)[:both], confidence)
