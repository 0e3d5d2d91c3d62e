r"""The worst of some equally likely worlds, exactly: the mean of a tail, and the weights with which worlds make it up.

The tail of level b holds the worst share 1 - b of the worlds' probability; the world on its edge counts with what is
left of that share. Its mean (conditional value at risk, CVaR) is the least mean that weights q >= 0 can give which add
up to 1 and of which none exceeds 1 / ((1 - b) K). Source: Rockafellar and Uryasev (2000), Optimization of conditional
value-at-risk, J. of Risk 2(3); Artzner et al. (1999), Coherent measures of risk (the dual form).
"""

from __future__ import annotations

from math import fsum

import numpy as np

from kaopt.statistics.interval import Floats


def tail_weights(values: Floats, level: float) -> Floats:
    """[K] the weights of the worlds in the tail of the lowest values; they add up to 1."""
    most = 1 / ((1 - level) * len(values))
    q, left = np.zeros(len(values)), 1.0
    for k in np.argsort(values, kind="stable"):
        q[k] = min(most, left)
        left -= q[k]
        if left <= 0:
            break
    return q


def tail_mean(values: Floats, level: float) -> float:
    """The mean of the worst share 1 - level."""
    return fsum(tail_weights(values, level) * values)


def blend_weights(values: Floats, level: float, weight: float) -> Floats:
    """[K] the weights of (1 - weight) x mean + weight x mean of the tail."""
    return np.asarray((1 - weight) / len(values) + weight * tail_weights(values, level))


def blend(values: Floats, level: float, weight: float) -> float:
    """(1 - weight) x mean + weight x mean of the tail: never more than the mean."""
    return fsum(blend_weights(values, level, weight) * values)
