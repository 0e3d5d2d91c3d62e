"""Small helpers of the simulation's tests: worlds without chance, a year with given supply, z-scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings

from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.world import live_through
from kaopt.fulfilment.year import Year
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications, Supply
from tests import worlds

unhurried = settings(deadline=None)  # the first call of a kernel may have to compile it

# a supply that never fails and never varies; tests change what they are about
CALM: dict[str, Any] = {
    "warmup_weeks": 8,
    "pick_crews": 50,
    "docks": 50,
    "trucks": 500,
    "load_cv": 0.0,
    "trip_cv": 0.0,
    "unfamiliar": 0.0,
    "uplift_cv": 0.0,
}


def supply(**given: Any) -> Supply:
    """A calm supply with some changes."""
    return Supply(**{**CALM, **given})


def calm(accounts: int = 1, skus: int = 1, weeks: int = 8, **given: Any) -> Scenario:
    """A world without chance: `supply` changes CALM, the rest as `tests.worlds.world`."""
    sku = {"demand_cv": 0.0} | given.pop("sku_columns", {})
    changes = given.pop("supply", {})
    return worlds.world(accounts, skus, weeks, sku_columns=sku, supply=supply(**changes), **given)


def ready(world: Scenario, plan: Plan | None = None, seed: int = 11) -> Inputs:
    return prepare(world, Plan.nothing() if plan is None else plan, seed)


def live(world: Scenario, plan: Plan | None = None, replication: int = 0) -> Year:
    return live_through(ready(world, plan), replication)


def years(world: Scenario, count: int) -> list[Year]:
    inputs = ready(world)
    return [live_through(inputs, r) for r in range(count)]


def lost(year: Year) -> np.ndarray:
    """[C] share of the ordered value lost to each fine cause."""
    value = year.ledger.value.sum(axis=(0, 1))
    return value[2:] / value[0]


def fill(year: Year) -> float:
    value = year.ledger.value.sum(axis=(0, 1))
    return float(value[1] / value[0])


def exactly(count: int) -> Replications:
    return Replications(min=count, max=count)


def z_score(values: Any, exact: float) -> float:
    """How many standard errors the mean of independent values is from the exact figure."""
    data = np.asarray(values, dtype=float)
    return float((data.mean() - exact) / (data.std(ddof=1) / len(data) ** 0.5))
