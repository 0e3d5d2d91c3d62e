"""How large a lot is: its cover, its cap by age, its multiple."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment import sites
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.policies.own import changed
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario

RULES = ("lot", "sS", "nQ", "plan")  # in the order of `fields`: AT_LEAST_LOT, LOT_ABOVE, WHOLE_LOTS, GAP_ONLY


def tables(world: Scenario, accepted: Ints) -> dict[str, Any]:
    """How lots are made, as the user's own policy or the settings say: days, cases, and what they are multiples of."""
    least = {"cover_days": cover_days(world, accepted), "cases": world.skus.lot_cases, "multiple": multiple(world)}
    return changed(world, "lots", least)


def cover_days(world: Scenario, accepted: Ints) -> Ints:
    """[S] days of demand that a lot covers at least; with `cap_lots` no more than can be sold fresh enough."""
    cover = np.rint(world.skus.lot_cover_weeks * WEEK).astype(np.int64)
    return np.minimum(cover, freshness(world, accepted)) if world.supply.production.cap_lots else cover


def freshness(world: Scenario, accepted: Ints) -> Ints:
    """[S] days that the last case of a lot may wait in stock: what the strictest account accepts, less lead and transit
    on the road to it, less the safety stock that lies before it; `accepted` [A, S] greatest age at receipt."""
    plant, _ = sites.plants(world)
    lead = sites.lanes(world, plant)[sites.maker_of(world)].max(axis=1)  # [S]
    trip = 1 + world.accounts.travel_minutes // DAY  # picked the day before
    never = np.iinfo(np.int64).max
    strictest = np.where(world.listed, accepted - trip[:, None], never).min(axis=0, initial=never)
    safety = np.ceil(np.maximum(world.skus.safety_weeks, 0) * WEEK).astype(np.int64)
    return np.where(strictest < never, np.maximum(strictest - lead - safety, 1), never)


def multiple(world: Scenario) -> Ints:
    """[S] whole cases of which a lot is a multiple; 1 where any number is."""
    return np.maximum(np.ceil(world.skus.lot_multiple - 1e-9), 1).astype(np.int64)


def pallet(world: Scenario) -> Ints:
    """[S] cases on a pallet."""
    return np.maximum(world.skus.pallet_cases, 1)
