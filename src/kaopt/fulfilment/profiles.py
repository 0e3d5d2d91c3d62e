"""The age of goods, as a share of their shelf life and against what each account accepts."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Bools, Floats, Ints

AGE_BINS = 20  # of a shelf life; one more holds what is past it
MOST_AGE = 2000  # days by which stock is counted; whatever is older counts as this old


def of_life(dwell: Ints, life: Ints) -> Ints:
    """[AGE_BINS + 1] case-nights by age in bins of shelf life; `dwell` [S, ages] by age in days, `life` [S] days."""
    ages = np.arange(dwell.shape[1])
    bins = np.minimum(ages * AGE_BINS // np.maximum(life, 1)[:, None], AGE_BINS)
    return np.bincount(bins.ravel(), weights=dwell.ravel(), minlength=AGE_BINS + 1).astype(np.int64)


def past(dwell: Ints, accepted: Ints, ordered: Bools) -> Floats:
    """[A, 2] case-nights of the SKUs that an account orders: past the age that it accepts, and all.

    `dwell` [S, ages] by age in days; `accepted` [A, S] greatest age at receipt, day.
    """
    ages = np.arange(dwell.shape[1])
    old = np.array([[row[ages > limit].sum() for row, limit in zip(dwell, one, strict=True)] for one in accepted])
    all_of = dwell.sum(axis=1)
    return np.stack([(old * ordered).sum(axis=1), ordered @ all_of], axis=1).astype(float)
