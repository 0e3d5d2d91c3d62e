"""Which stock production counts on when it decides what to make."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Bools, Ints

WEEK_AHEAD = 7


def countable(accepted: Ints, listed: Bools, life: Ints, position: str) -> Ints:
    """[S] the greatest age today that counts.

    `all`: every case. `acceptable`: only what the strictest account will still accept in a week's time.
    """
    if position == "all":
        return life.copy()
    never = np.iinfo(np.int64).max
    strictest = np.where(listed, accepted, never).min(axis=0)
    return np.where(strictest < never, strictest - WEEK_AHEAD, life).astype(np.int64)
