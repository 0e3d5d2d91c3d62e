"""A year of sales as it could go: to try `kaopt review` on, and to see whether it finds out what was planted."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pandas as pd

from kaopt.demand import live
from kaopt.plan import Plan
from kaopt.review.promotions import planned_strength
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Response, Scenario


def simulated_sales(world: Scenario, plan: Plan, truth: Response | None = None, *, seed: int = 0) -> pd.DataFrame:
    """Sales of a year in which consumers respond as `truth` says: rows as `kaopt review` reads them.

    Columns account, sku, week (from 1), units (case, to consumers), price (money/case on the shelf), display, feature,
    gift. Each week's volume is luck with the SKU's `demand_cv` around what is expected, keyed by seed, account and SKU:
    another plan, or another account beside it, leaves it as it is.
    """
    lived = world if truth is None else replace(world, response=truth)
    strength = planned_strength(world, plan)
    a, s, w = np.nonzero(np.broadcast_to(world.listed[:, :, None], world.shape))
    units = live(lived, plan).sell_out * luck(world, seed)
    return pd.DataFrame(
        {
            "account": [world.accounts.account[i] for i in a],
            "sku": [world.skus.sku[i] for i in s],
            "week": w + 1,
            "units": units[a, s, w].round(2),
            "price": (world.base_price * np.exp(strength[..., 0]))[a, s, w].round(4),
            "display": strength[a, s, w, 1],
            "feature": strength[a, s, w, 2],
            "gift": strength[a, s, w, 3],
        }
    )


def luck(world: Scenario, seed: int) -> Floats:
    """[A, S, W] factors on the weeks' volumes: log-normal with mean 1."""
    factors = np.ones(world.shape)
    variance = np.log1p(world.skus.demand_cv**2)
    for a, s in np.argwhere(world.listed).tolist():
        key = f"{seed}|{world.accounts.account[a]}|{world.skus.sku[s]}".encode()
        rng = np.random.default_rng(int.from_bytes(blake2b(key, digest_size=8).digest(), "little"))
        normal = rng.standard_normal(world.weeks)
        factors[a, s] = np.exp(normal * np.sqrt(variance[s]) - variance[s] / 2)
    return factors
