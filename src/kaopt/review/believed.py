"""What a plan believed: coefficients with their standard errors, and how much a week's volume varies by chance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from kaopt.review.learn import Belief
from kaopt.review.promotions import TERMS
from kaopt.scenario.bundled import model_folders
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario

UNSTATED = 0.3  # standard error, as a share of its value, of a coefficient that states none
LEVELS = "levels.csv"  # of a response model's folder


def belief_of(world: Scenario, series: Ints) -> Belief:
    """What the plan believed of each series [N, 2], as unsure as the scenario says, or `UNSTATED` of the value."""
    a, s = series.T
    none = np.zeros(world.listed.shape)
    value = np.stack([getattr(world.response, term)[a, s] for term in TERMS], axis=-1)
    se = np.stack([getattr(world.response, f"{term}_se", none)[a, s] for term in TERMS], axis=-1)
    se = np.where(se > 0, se, UNSTATED * np.abs(value))
    return Belief(value, se, variances(world, series), a)


def variances(world: Scenario, series: Ints) -> Floats:
    """[N] variance of ln units in a week: of the scenario's response model where it has one, else the SKU's own."""
    found: Floats = np.log1p(world.skus.demand_cv[series[:, 1]] ** 2)
    file = levels_file(world)
    if file is None:
        return found
    table = pd.read_csv(file, dtype={"account": str, "sku": str})
    if "residual_sd" not in table:
        return found
    known = dict(zip(zip(table["account"], table["sku"], strict=True), table["residual_sd"], strict=True))
    names = [(world.accounts.account[a], world.skus.sku[s]) for a, s in series.tolist()]
    sd = np.array([known.get(one, np.nan) for one in names], dtype=float)
    return np.where(sd > 0, sd**2, found)


def levels_file(world: Scenario) -> Path | None:
    """The levels of the response model that the scenario names."""
    name = world.resolved.get("response")
    if not isinstance(name, str):
        return None
    places = (folder.parent / name / LEVELS for folder in model_folders(world.folder))
    return next((one for one in places if one.is_file()), None)
