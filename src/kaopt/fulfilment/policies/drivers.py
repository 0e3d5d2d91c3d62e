"""Which drivers go to which receiving point."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Ints
from kaopt.scenario.transport_settings import Drivers


def crews(warehouse: Ints, drivers: Drivers) -> tuple[Ints, Ints]:
    """[D] the first of the drivers who go to each door, and how many; all of a warehouse's, or the door's own.

    `warehouse` [D] delivers there. Drivers are numbered warehouse by warehouse. Dedicated drivers are shared out
    evenly; where there are fewer than doors, several doors have the same one.
    """
    first, count = warehouse * drivers.count, np.full(len(warehouse), drivers.count)
    if drivers.rule == "dedicated" and drivers.count > 0:
        for p in np.unique(warehouse):
            at = np.nonzero(warehouse == p)[0]
            ends = np.arange(len(at) + 1) * drivers.count // len(at)
            first[at] += np.minimum(ends[:-1], drivers.count - 1)
            count[at] = np.maximum(np.diff(ends), 1)
    return first.astype(np.int64), count.astype(np.int64)
