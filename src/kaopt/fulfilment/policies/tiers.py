"""Freshness tiers: which accounts are strict, and who is served first in a pick wave."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.policies.own import changed
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Stock
from kaopt.scenario.tables import Accounts


def tiers(world: Scenario) -> Ints:
    """[A] from 0, the strictest: as the user's own policy says, else by the tables; no number is left out."""
    said: Ints = changed(world, "tiers", {"tier": by_tables(world.accounts)})["tier"]
    return ranks(said)


def by_tables(accounts: Accounts) -> Ints:
    """[A] by the column `tier`, or where none is given by acceptance age.

    Accounts without a tier among others that have one come last.
    """
    if not accounts.tier.any():
        return ranks(accounts.acceptance_age)
    return ranks(np.where(accounts.tier > 0, accounts.tier, accounts.tier.max() + 1))


def ranks(figures: Ints | Floats) -> Ints:
    """Equal figures have the same rank, the least one 0."""
    return np.unique(figures, return_inverse=True)[1].astype(np.int64)


def turns(tier: Ints, rule: Stock) -> tuple[Ints, int]:
    """[A] each account's turn in a pick wave, and how many turns there are."""
    if rule.serve == "as_they_come":
        return np.zeros_like(tier), 1
    last = int(tier.max(initial=0))
    return (tier if rule.serve == "strict_first" else last - tier), last + 1
