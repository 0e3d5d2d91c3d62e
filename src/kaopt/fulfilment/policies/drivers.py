"""Which drivers go to which receiving point."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Ints


def crews(warehouse: Ints, rosters: Ints, rule: str) -> tuple[Ints, Ints]:
    """[D] the first of the drivers who go to each door, and how many; all of a warehouse's, or the door's own.

    `warehouse` [D] delivers there; `rosters` [P] drivers of each, numbered warehouse by warehouse. Dedicated drivers
    are shared out evenly; where there are fewer than doors, several doors have the same one.
    """
    first, count = (np.cumsum(rosters) - rosters)[warehouse], rosters[warehouse]
    if rule == "dedicated":
        for p in np.nonzero(rosters)[0]:
            at = np.nonzero(warehouse == p)[0]
            if len(at):
                ends = np.arange(len(at) + 1) * rosters[p] // len(at)
                first[at] += np.minimum(ends[:-1], rosters[p] - 1)
                count[at] = np.maximum(np.diff(ends), 1)
    return first.astype(np.int64), count.astype(np.int64)
