"""Years in small worlds: sales as arrays, without a file between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kaopt.demand import live
from kaopt.plan import Plan
from kaopt.review.promotions import planned_strength
from kaopt.review.sales import Sales
from kaopt.scenario.model import Scenario


def sales(world: Scenario, plan: Plan, **given: Any) -> Sales:
    """A year that went as planned to the last case, but for the arrays that are given (broadcast to [A, S, W])."""
    strength = planned_strength(world, plan)
    found = {
        "units": live(world, plan).sell_out,
        "log_ratio": strength[..., 0],
        "stores": strength[..., 1:],
        "spend": np.nan,
        "executed": np.nan,
    } | given
    shapes = {name: (*world.shape, 3) if name == "stores" else world.shape for name in found}
    arrays = {name: np.broadcast_to(np.asarray(one, float), shapes[name]).copy() for name, one in found.items()}
    return Sales(**arrays, believed=arrays["units"] > 0, problems=())


def changed(values: Any, **at: Any) -> Any:
    """The array with cells changed: `changed(x, cell=((0, 0, 3), 5.0))`."""
    out = np.array(values, dtype=float)
    for where, value in at.values():
        out[where] = value
    return out


def written(folder: Path, text: str, name: str = "sales.csv") -> Path:
    """A file of sales."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
