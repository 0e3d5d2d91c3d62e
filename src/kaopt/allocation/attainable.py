"""The most and the least that a plan can bring to each account: tight ends for tiers, big-M rows and bounds."""

from __future__ import annotations

import numpy as np

from kaopt.offers import Offers
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario


def most(world: Scenario, offers: Offers, amount: Floats) -> Floats:
    """[A] the most of `amount` [O] that one event at a time in every account-SKU can bring, doing nothing allowed.

    The best calendar of each account-SKU by dynamic programming over its weeks (weighted interval scheduling), which
    is what the linear relaxation of `one_event` gives as well; no other rule is taken for granted.
    """
    (_, skus, weeks), here = world.shape, offers.covers(world)
    accounts, place = int(here.sum()), np.cumsum(here) - 1
    ends = np.minimum(offers.week + offers.weeks, weeks)
    length = ends - offers.week
    longest = int(length.max(initial=1))
    gain = np.zeros((longest + 1, weeks, accounts, skus))  # the best offer of each length from each week
    np.maximum.at(gain, (length, offers.week, place[offers.account], offers.sku), amount)
    best = np.zeros((weeks + 1, accounts, skus))
    for week in range(weeks - 1, -1, -1):
        best[week] = best[week + 1]
        for weeks_taken in range(1, min(longest, weeks - week) + 1):
            np.maximum(best[week], gain[weeks_taken, week] + best[week + weeks_taken], out=best[week])
    found = np.zeros(len(here))
    found[here] = best[0].sum(axis=1)
    return found


def least(world: Scenario, offers: Offers, amount: Floats) -> Floats:
    """[A] the least of `amount` that any plan can bring: 0 or below."""
    found: Floats = -most(world, offers, -amount)
    return found
