"""Which drivers go to which receiving point."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.policies.own import changed, refuse
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario


def asked(world: Scenario, warehouse: Ints, rosters: Ints) -> tuple[Ints, Ints]:
    """[D] the same as `crews`, as the user's own policy or the settings say."""
    first, count = crews(warehouse, rosters, world.supply.transport.drivers.rule)
    most = int(rosters.sum())
    own = changed(world, "drivers", {"first": first, "count": count}, most)
    beyond = own["first"] + own["count"] > most
    if beyond.any():
        d = int(np.argmax(beyond))
        refuse("drivers", f"first[{d}] + count[{d}] = {(own['first'] + own['count'])[d]}", first, most)
    return own["first"], own["count"]


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
