"""Which stock production counts on when it decides what to make."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Bools, Ints

WEEK_AHEAD = 7


def countable(accepted: Ints, listed: Bools, life: Ints, position: str) -> Ints:
    """[S] the greatest age today that counts.

    `all` and `age_aware`: every case (see `fades`). `acceptable`: only what the strictest account will still accept in
    a week's time.
    """
    if position in ("all", "age_aware"):
        return life.copy()
    never = np.iinfo(np.int64).max
    strictest = np.where(listed, accepted, never).min(axis=0)
    return np.where(strictest < never, strictest - WEEK_AHEAD, life).astype(np.int64)


def fades(accepted: Ints, listed: Bools, position: str) -> Ints:
    """[S] the age that the strictest account still accepts, where production foresees it; -1 where it does not.

    `age_aware`: stock that will be older before the forecast needs it does not count (`loops.production.fading`).
    """
    never = np.iinfo(np.int64).max
    strictest = np.where(listed, accepted, never).min(axis=0)
    looks = (strictest < never) & (position == "age_aware")
    return np.where(looks, strictest - 1, -1).astype(np.int64)  # picked the day before it is received
