"""How bad a year may get: how likely a customer misses the fill rate that is agreed, and what the worst years cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.fulfilment.policies.contracts import levels_of
from kaopt.scenario.model import Scenario
from kaopt.service import Service
from kaopt.statistics import tails
from kaopt.statistics.interval import Interval

SHOWN = 5  # accounts named
WORST = 0.05  # share of the years whose mean penalties are told
WEEKS_A_YEAR = 52


@dataclass(frozen=True)
class Miss:
    """An account, the value fill that is agreed with it, and how often a horizon is below."""

    account: int
    level: float
    chance: tails.Chance


def misses(world: Scenario, service: Service) -> tuple[Miss, ...]:
    """Every account with an agreed fill rate: the clauses' `fill_below`, the highest one, else `fill_target`.

    A replication is one draw; the interval is exact (Clopper and Pearson).
    """
    level = world.accounts.fill_target.copy()
    clauses = levels_of(world)
    for a in {one.account for one in clauses}:
        level[a] = max(one.level for one in clauses if one.account == a)
    ordered, accepted = service.ordered_value.sum(axis=2), service.accepted_value.sum(axis=2)
    fill = np.divide(accepted, ordered, out=np.ones_like(accepted), where=ordered > 0)
    asked = [int(a) for a in np.flatnonzero(~np.isnan(level)) if ordered[:, a].any()]
    return tuple(Miss(a, float(level[a]), tails.below(fill[:, a], level[a], service.confidence)) for a in asked)


def likeliest(found: tuple[Miss, ...]) -> tuple[Miss, ...]:
    """The few that are missed in most years: what a reader looks at first."""
    return tuple(sorted(found, key=lambda one: -one.chance.share)[:SHOWN])


def worst_penalties(service: Service) -> Interval | None:
    """Mean penalties of the worst twentieth of years, money/year; None with too few years to say, or without any."""
    weeks = service.ordered_value.shape[2]
    paid = service.penalties.sum(axis=(1, 2)) * (WEEKS_A_YEAR / weeks)
    if not paid.any() or WORST * len(paid) < 1:
        return None
    return tails.shortfall(paid, WORST, service.confidence)
