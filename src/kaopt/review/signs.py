"""Coefficients with the signs that common sense fixes: a lower price never sells less, a display never does harm."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from kaopt.scenario.columns import Floats, Ints


def with_signs(value: Floats, covariance: Floats, signs: Ints) -> Floats:
    """[N, P] the most likely coefficients with the signs of `signs` [P] (0: either), or zero.

    Minimises (c - b)' V^-1 (c - b) over allowed c by looking at every set of terms that may be held at zero (there are
    few): with set A held, c = b - V_A V_AA^-1 b_A at a loss of b_A' V_AA^-1 b_A; the allowed c with least loss is it.
    """
    best, loss = value.copy(), np.where((value * signs >= 0).all(1), 0.0, np.inf)
    bound = np.flatnonzero(signs).tolist()
    for size in range(1, len(bound) + 1):
        for held in combinations(bound, size):
            zero = list(held)
            inverse = np.linalg.pinv(covariance[:, zero][:, :, zero], hermitian=True)
            lean = (inverse @ value[:, zero, None])[:, :, 0]
            c = value - (covariance[:, :, zero] @ lean[:, :, None])[:, :, 0]
            c[:, zero] = 0.0
            cost = (value[:, zero] * lean).sum(1)
            better = (c * signs >= 0).all(1) & (cost < loss)
            best[better], loss[better] = c[better], cost[better]
    return np.asarray(best + 0.0)  # no negative zeros
