"""Which policy is best, with a stated probability of being right: Kim and Nelson's race, and where to spend next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kaopt.statistics.interval import Floats


@dataclass(frozen=True)
class Race:
    """What a selection promises: the best is chosen with `confidence` if it is better than all by `indifference`.

    Where others are within the indifference zone, one of the good ones is chosen. Values are to be independent from
    replication to replication and near normal; between policies they may share their luck.
    """

    indifference: float  # smallest difference that matters, in the unit of the values
    confidence: float = 0.95

    def h_squared(self, policies: int, first: int) -> float:
        """Kim and Nelson's constant for `first` replications to begin with."""
        error = 1 - self.confidence
        eta = ((2 * error / (policies - 1)) ** (-2 / (first - 1)) - 1) / 2
        return float(2 * eta * (first - 1))


def variances(first: Floats) -> Floats:
    """[K, K] variance of each pair's difference in the first replications [K, N]."""
    covariance = np.atleast_2d(np.cov(first))
    spread = np.diag(covariance)
    found: Floats = spread[:, None] + spread[None, :] - 2 * covariance
    return np.maximum(found, 0.0)


def survivors(race: Race, values: Floats, first: int, still: Sequence[int]) -> list[int]:
    """Who of `still` stays in the race after the replications in `values` [K, R]; more is better.

    `first`: how many of them the variances are estimated from, always the same. Rows of those who are out are not
    looked at. One is out where it is behind another by more than W = max(0, d/2R (h² S²/d² - R)). Checking after
    blocks instead of after each replication keeps the promise. Source: Kim and Nelson (2001), A fully sequential
    procedure for indifference-zone selection in simulation, ACM TOMACS 11(3).
    """
    everyone, length = values.shape
    if everyone < 2 or len(still) < 2:
        return list(still)
    spread = variances(values[:, :first])
    d = race.indifference
    room = np.maximum(0.0, d / (2 * length) * (race.h_squared(everyone, first) * spread / d**2 - length))
    means = {i: float(values[i].mean()) for i in still}
    return [i for i in still if all(means[i] >= means[j] - room[i, j] for j in still if j != i)]


def allocation(means: Floats, deviations: Floats, budget: int) -> npt.NDArray[np.int64]:
    """[K] how many of `budget` replications each policy should have had, so that the best is most likely found.

    More is better. Ratios N_i / N_j = (s_i d_j / s_j d_i)² with d the distance from the best, and the best itself
    s_b sqrt(sum (N_i / s_i)²). Source: Chen and Lee (2011), Stochastic Simulation Optimization: An Optimal Computing
    Budget Allocation, theorem 3.2. Largest remainders make the numbers whole; they add up to `budget`.
    """
    best = int(np.argmax(means))
    gap = np.maximum(means[best] - means, 1e-12 * max(float(np.abs(means).max()), 1.0))
    spread = np.maximum(deviations, 1e-12 * max(float(deviations.max()), 1e-300))
    weight = (spread / gap) ** 2
    weight[best] = 0.0
    weight[best] = spread[best] * np.sqrt(np.sum((weight / spread) ** 2)) if len(means) > 1 else 1.0
    exact = budget * weight / weight.sum()
    whole: npt.NDArray[np.int64] = np.floor(exact).astype(np.int64)
    for i in np.argsort(-(exact - whole), kind="stable")[: budget - int(whole.sum())]:
        whole[i] += 1
    return whole
