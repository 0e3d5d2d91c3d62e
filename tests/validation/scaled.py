"""Whole scenarios in which a model of stock theory comes true: one SKU for each customer, nothing else ever in short.

Customers call goods off one by one at random (`accounts.call_offs`, Poisson); warehouse, docks and trucks are far more
than enough, open round the clock, and no trip varies. The stock is reviewed every morning, so that a day is the small
unit of time: a lead time or a life is a thousand of them, a minute a hundred-thousandth of the time between two orders.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.replicate import Outcome, outcome
from kaopt.fulfilment.world import live_through
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from tests.fulfilment.helpers import calm, ready

GAP = 100  # days between two orders of a customer on average
LEAD = 1000  # days from a review until what it ordered is there
FOR_EVER = 10**6  # days, weeks: longer than any horizon

# the truck of a call-off is loaded 179 minutes after it came in; trucks, docks and pickers are never short
ROOMY: dict[str, Any] = {
    "warmup_weeks": 0,
    "shift_start": 60,  # backorders come in an hour before, at midnight, ahead of the day's call-offs
    "shift_end": 24 * 60,
    "pick_rate": 1e6,
    "load_minutes": 120,
    "issue": "fifo",
    "gate": False,
    "position": "all",
    "review_weekday": 1,
}


def customers(
    count: int, skus: int, weeks: int, rate: float | Any = 7 / GAP, size: Any = 1.0, **given: Any
) -> Scenario:
    """`count` customers with `rate` call-offs a week of `size` cases of each SKU that they list.

    As many SKUs as customers: each has its own; otherwise every customer takes every SKU.
    """
    rates, sizes = np.broadcast_to(rate, count).astype(float), np.broadcast_to(size, count).astype(float)
    listed = np.eye(count, dtype=bool) if skus == count else np.ones((count, skus), dtype=bool)
    base = np.repeat((listed * (rates * sizes)[:, None])[:, :, None], weeks, axis=2)
    account = {"call_offs": rates, "call_off_lead": 300, "travel_minutes": 1, "unload_minutes": 1, "dock_count": 50}
    sku = {"shelf_life": FOR_EVER, "lot_cover_weeks": 0.0, "safety_weeks": 0.0} | given.pop("sku", {})
    return calm(
        count,
        skus,
        weeks,
        base_cases=base,
        listed=listed,
        base_price=np.full((count, skus, weeks), 62.5),
        eligible=np.zeros((count, skus, 2, weeks), dtype=bool),
        account_columns=account | given.pop("account", {}),
        sku_columns=sku,
        supply=ROOMY | given.pop("supply", {}),
        network=Network(**given),
    )


def results(world: Scenario, replications: range, seed: int = 11) -> list[Outcome]:
    """What is kept of each replication."""
    inputs = ready(world, seed=seed)
    return [outcome(live_through(inputs, one)) for one in replications]


def own_fill(found: list[Outcome]) -> np.ndarray:
    """[R, S] share of its own customer's cases that each SKU had in the end."""
    cases = np.stack([one.cases.sum(axis=1) for one in found])
    return np.asarray(cases[:, :, 1] / cases[:, :, 0])


def own_fill_at_once(found: list[Outcome]) -> np.ndarray:
    """[R, S] share of its own customer's cases that each SKU had when they were called off."""
    later = np.stack([one.later.sum(axis=1) for one in found])
    cases = np.stack([one.cases.sum(axis=1) for one in found])
    return np.asarray((cases[:, :, 1] - later) / cases[:, :, 0])
