"""How much of the beginning of a simulated series is not yet what it settles to: MSER-5."""

from __future__ import annotations

import numpy as np

from kaopt.statistics.interval import Floats, Values

BATCH = 5


def batched(series: Values, batch: int = BATCH) -> Floats:
    """Means of `batch` neighbouring values; what is left over at the end is dropped."""
    data = np.asarray(series, dtype=float)
    whole = len(data) // batch
    means: Floats = data[: whole * batch].reshape(whole, batch).mean(axis=1)
    return means


def mser(series: Values, *, batch: int = BATCH, floor: int = 0) -> int:
    """How many values to leave out at the beginning, so that the mean of the rest is surest; at least `floor`.

    `series`: one value a period, averaged over replications where there are several. Among the first half of all batch
    means, the cut with the least squared standard error of what remains; source: White, Cobb and Spratt (2000), A
    comparison of five steady-state truncation heuristics (MSER-5).
    """
    means = batched(series, batch)
    if len(means) < 2:
        return min(floor, len(series))
    left = np.arange(len(means), 0, -1)
    first = np.cumsum(means[::-1])[::-1]
    second = np.cumsum((means - means.mean())[::-1] ** 2)[::-1]
    centre = first / left - means.mean()
    scores = (second - left * centre**2) / left.astype(float) ** 2
    half = scores[: len(means) // 2 + 1]
    least = half.min() + 1e-12 * half[0]  # what only rounding tells apart is a tie; the first cut keeps most
    return min(max(batch * int(np.argmax(half <= least)), floor), len(series))
