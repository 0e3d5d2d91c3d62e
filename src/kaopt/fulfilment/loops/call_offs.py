"""The moments at which customers call goods off at random."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.compiled import compiled

CELLS = 2**24  # of luck, for the call-offs of one door in one week


@compiled
def moments(key: Any, who: Any, rate: Any, weeks: Any) -> Any:
    """Minutes of the clock of a Poisson process with `rate` moments a week, from the first of `weeks` up to the second.

    Every week begins afresh, which a Poisson process does at any time; so the luck of a week is its own.
    """
    found, length = [], WEEK * DAY
    for week in range(weeks[0], weeks[1]):
        n, passed = 0, luck.exponential(key, who, week * CELLS) / rate
        while passed < 1:
            found.append(week * length + floor(passed * length))
            n += 1
            passed += luck.exponential(key, who, week * CELLS + n) / rate
    minutes = np.zeros(len(found), np.int64)
    for i in range(len(found)):
        minutes[i] = found[i]
    return minutes
