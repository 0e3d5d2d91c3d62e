"""Which stock may be sent to whom."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.policies.own import changed
from kaopt.fulfilment.policies.tiers import tiers
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Stock

JUST = 1e-9  # 1/3 x 270 must be 90 whatever the last binary digit says


def days_of(share: Floats | float, life: Ints) -> Ints:
    """Whole days of a share of shelf life."""
    return np.floor(share * life + JUST).astype(np.int64)


def acceptance(share: Floats, life: Ints) -> Ints:
    """[A, S] the greatest age in days at which an account accepts a SKU: floor(share of life x shelf life)."""
    return days_of(share[:, None], life[None, :])


def sendable(accepted: Ints, life: Ints, *, gate: bool, days: int = 0) -> Ints:
    """[A, S] the greatest age at receipt at which goods are sent: with the gate, what the account accepts.

    `days` earlier, so that a delivery that is refused for another reason can be repeated.
    """
    return accepted - days if gate else np.broadcast_to(life, accepted.shape).copy()


def stopped(sent: Ints, life: Ints, tier: Ints, rule: Stock, stop_age: Floats) -> Ints:
    """[A, S] the same under the maximum age at dispatch (货龄管理): key accounts are sent nothing older.

    `tier` [A] from 0; `stop_age` [S] share of shelf life, where a SKU has a stricter rule of its own.
    """
    most = days_of(np.minimum(stop_age, rule.stop_age), life)
    return np.where((tier < rule.key_tiers)[:, None], np.minimum(sent, most), sent)


def sent(world: Scenario, accepted: Ints) -> Ints:
    """[A, S] the greatest age at receipt at which goods are sent, under every rule of the warehouse."""
    supply, skus = world.supply, world.skus
    ages = sendable(accepted, skus.shelf_life, gate=supply.gate, days=supply.stock.gate_days)
    ages = changed(world, "gate", {"sent": ages})["sent"]
    any_age = np.broadcast_to(skus.shelf_life, ages.shape)
    stop = stopped(any_age, skus.shelf_life, tiers(world), supply.stock, skus.stop_age)
    own: Ints = np.minimum(ages, changed(world, "stop_age", {"stop": stop})["stop"])
    return own


def unsaleable(accepted: Ints, listed: Bools, life: Ints) -> Ints:
    """[S] the age after which no account accepts the SKU any more: it is written off."""
    most = np.where(listed, accepted, -1).max(axis=0)
    return np.where(most >= 0, np.minimum(most, life), life).astype(np.int64)
