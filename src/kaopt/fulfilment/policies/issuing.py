"""Which lot leaves first."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.policies import tiers
from kaopt.fulfilment.policies.own import changed
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario

# FEFO and freshest go by production date, wherever the goods have been; FIFO and LIFO by entry into free stock, so that
# refused goods that come back are last in
BY_DATE = ("fefo", "freshest")
NEWEST_FIRST = ("lifo", "freshest")


def by_date(issue: str) -> bool:
    """FEFO: oldest production date first, wherever the goods have been. FIFO: in order of entry into free stock."""
    return issue in BY_DATE


def newest_first(issue: str) -> bool:
    """LIFO: last in, first out. Freshest: the newest production date first."""
    return issue in NEWEST_FIRST


def serving(tier: Ints, world: Scenario) -> Ints:
    """[A, ·] freshness tier, turn in a pick wave and number of turns, last lot first, a mistake takes any lot."""
    rule = world.supply.stock
    turn, turns = tiers.turns(tier, rule)
    last = np.isin(tier + 1, rule.newest_first) | newest_first(world.supply.issue)
    any_lot = np.full(len(tier), rule.mistake == "random")
    own = changed(world, "issuing", {"newest_first": last, "any_lot": any_lot})
    rows = tier, turn, np.full(len(tier), turns), own["newest_first"], own["any_lot"]
    return np.stack(rows, axis=1).astype(np.int64)
