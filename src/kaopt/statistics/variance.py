"""The same certainty from fewer replications: control variates and antithetic pairs."""

from __future__ import annotations

import numpy as np

from kaopt.statistics.interval import CONFIDENCE, Interval, Values, critical, interval


def controlled(values: Values, controls: Values, expected: Values | float, confidence: float = CONFIDENCE) -> Interval:
    """The mean, corrected by how far known figures of the same replications were from what they must be on average.

    `controls` [R] or [R, Q] with their true means `expected` [Q]. Regression with estimated coefficients, Student
    interval with R - Q - 1 degrees of freedom. Source: Lavenberg and Welch (1981), A perspective on the use of
    control variables; Law (2015), 11.4. A control that never varies corrects nothing.
    """
    y = np.asarray(values, dtype=float)
    x = np.asarray(controls, dtype=float).reshape(len(y), -1) - np.atleast_1d(np.asarray(expected, dtype=float))
    x = x[:, x.std(axis=0) > 0]
    design = np.column_stack([np.ones(len(y)), x])
    freedom = len(y) - design.shape[1]
    if freedom < 1:
        return interval(y, confidence)
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    rest = y - design @ coefficients
    inverse = np.linalg.pinv(design.T @ design)
    error = float(np.sqrt(rest @ rest / freedom * inverse[0, 0]))
    mean, half = float(coefficients[0]), critical(freedom, confidence) * error
    return Interval(mean, mean - half, mean + half)


def antithetic(values: Values, mirrored: Values, confidence: float = CONFIDENCE) -> Interval:
    """The mean of pairs, of which one had each draw u and the other 1 - u: only the pairs are independent."""
    one, other = np.asarray(values, dtype=float), np.asarray(mirrored, dtype=float)
    if len(one) != len(other):
        raise ValueError("every replication needs its mirror")
    return interval((one + other) / 2, confidence)
