"""Freshness tiers: which accounts are strict, and who is served first in a pick wave."""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Ints
from kaopt.scenario.stock_settings import Stock
from kaopt.scenario.tables import Accounts


def tiers(accounts: Accounts) -> Ints:
    """[A] from 0, the strictest: by the column `tier`, or where none is given by acceptance age.

    Accounts without a tier among others that have one come last.
    """
    if not accounts.tier.any():
        return np.unique(accounts.acceptance_age, return_inverse=True)[1].astype(np.int64)
    given = np.where(accounts.tier > 0, accounts.tier, accounts.tier.max() + 1)
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def turns(tier: Ints, rule: Stock) -> tuple[Ints, int]:
    """[A] each account's turn in a pick wave, and how many turns there are."""
    if rule.serve == "as_they_come":
        return np.zeros_like(tier), 1
    last = int(tier.max(initial=0))
    return (tier if rule.serve == "strict_first" else last - tier), last + 1
