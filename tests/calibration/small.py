"""A small warehouse with two customers, in which four knobs each rule a loss, and a ledger made of simulated years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kaopt.calibration.knobs import dials_of, turned
from kaopt.calibration.ledger import lines_of, written
from kaopt.fulfilment.simulate import simulate
from kaopt.plan import Plan
from kaopt.scenario.ledger_settings import Calibrate
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications, Supply
from tests import worlds

LOSSES = ("late", "age", "shortage", "paper")
KNOBS: tuple[dict[str, Any], ...] = (
    {"setting": "supply.unfamiliar", "loss": "late", "low": 0.01, "high": 0.7, "scale": "log"},
    {
        "setting": "skus.lot_cover_weeks",
        "of": "small*",
        "how": "times",
        "loss": "age",
        "low": 0.6,
        "high": 1.6,
        "scale": "log",
        "search": "step",
    },
    {"setting": "skus.safety_weeks", "of": "hot*", "loss": "shortage", "low": -1.0, "high": 1.0},
    {"setting": "accounts.mismatch", "loss": "paper", "low": 0.005, "high": 0.3, "scale": "log"},
)


def warehouse(weeks: int = 26) -> Scenario:
    """W takes goods up to a third of their life in a window of two hours; Z takes what W refuses."""
    accounts = {
        "account": ["W", "Z"],
        "acceptance_age": [1 / 3, 2 / 3],
        "window_open": [510, 0],
        "window_close": [630, 1440],
        "order_days": ((1, 3, 5), (1,)),
        "travel_minutes": [72, 150],
        "mismatch": 0.05,
        "penalty_rate": 0.03,
        "dock_count": 1,
        "unload_minutes": 30,
    }
    skus = {
        "sku": [f"hot{i}" for i in range(4)] + [f"small{i}" for i in range(4)],
        "list_price": 50.0,
        "unit_cost": 25.0,
        "shelf_life": 270,
        "lot_cover_weeks": [1.0] * 4 + [10.0] * 4,
        "safety_weeks": [-0.3] * 4 + [0.5] * 4,
        "demand_cv": [0.25] * 4 + [0.4] * 4,
    }
    base = np.full((2, 8, weeks), 20.0)
    base[:, 4:] = 8.0
    supply = Supply(
        warmup_weeks=12,
        pick_crews=4,
        docks=3,
        trucks=8,
        gate=False,
        position="all",
        issue_error=0.1,
        unfamiliar=0.2,
        seed=1,
    )
    return worlds.world(2, 8, weeks, account_columns=accounts, sku_columns=skus, supply=supply, base_cases=base)


def asking(
    world: Scenario, losses: Mapping[str, float], *, knobs: Sequence[dict[str, Any]] = KNOBS, **more: Any
) -> Scenario:
    """The world with a ledger of W and knobs; `more` are further settings of the section."""
    said = {"ledger": {"W": {"losses": dict(losses)}}, "knobs": list(knobs), "replications": 16} | more
    return replace(world, calibrate=Calibrate.model_validate(said))


def ledger_of(world: Scenario, planted: Sequence[float], years: int, seed: int) -> dict[str, float]:
    """What W's books say after so many years in the world with its knobs planted, with luck of their own."""
    dials, lines = dials_of(world), lines_of(world)
    truth = turned(world, dials, planted)
    supply = truth.supply.model_copy(update={"replications": Replications(min=years, max=years)})
    service = simulate(replace(truth, supply=supply), Plan.nothing(), seed=seed)
    figures = written(service, world.accounts.account, lines).mean(axis=0)
    return {line.what: float(value) for line, value in zip(lines, figures, strict=True)}
