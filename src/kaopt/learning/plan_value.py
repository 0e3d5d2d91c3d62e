"""What plans on different response models are worth: each made on one half of a history, judged by the other half.

The plans are real ones: `allocate` decides with the coefficients that a model learned from its half, `evaluate` says
what the same plan earns where customers respond as a model of the other half says. Everything else of the world
(volumes, prices, budget, rules) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.plan import Plan
from kaopt.response.cuts import PLAUSIBLE
from kaopt.response.halves import JUDGES, Belief, Pair
from kaopt.scenario.model import Scenario

MOST = 3.0  # effect on ln cases of a full display or feature: twenty times the volume; nobody believes more
LIMITS = {"elasticity": PLAUSIBLE, "display": (0.0, MOST), "feature": (0.0, MOST)}
TERMS = tuple(LIMITS)


@dataclass(frozen=True)
class Earned:
    """One plan under one judge; money of the world's currency, cases over its horizon."""

    made_on: str  # half of the history
    method: str  # what the plan believed
    judge: str
    contribution: float  # incremental, after the discount and display money that the judge's volumes cost
    cases: float  # incremental
    spent: float  # discount and display money
    gap: float  # proven, of the plan in the world that it was made for; 0 for a plan without a model


def believing(world: Scenario, belief: Belief) -> Scenario:
    """The world with a model's coefficients at the account-SKUs that it knows; others keep the world's.

    Coefficients are held within what anybody would believe (`LIMITS`).
    """
    response: dict[str, Any] = {}
    places = [(one in world.accounts.account and two in world.skus.sku) for one, two in belief.series]
    a = [world.accounts.account.index(one) for (one, _), here in zip(belief.series, places, strict=True) if here]
    s = [world.skus.sku.index(two) for (_, two), here in zip(belief.series, places, strict=True) if here]
    for name, values in belief.terms.items():
        if name in LIMITS:
            response[name] = getattr(world.response, name).astype(float)
            response[name][a, s] = np.clip(values[np.array(places)], *LIMITS[name])
    return replace(world, response=replace(world.response, **response))


def plans(world: Scenario, pair: Pair, methods: tuple[str, ...] = JUDGES) -> dict[str, Plan]:
    """The best plan within the world's rules for each method's belief after the first half of the pair."""
    return {method: allocate(believing(world, pair.made.beliefs[method])) for method in methods}


def judged(world: Scenario, pair: Pair, made: Mapping[str, Plan]) -> Iterator[Earned]:
    """Every plan under both judges."""
    for judge in JUDGES:
        there = believing(world, pair.judge.beliefs[judge])
        for method, plan in made.items():
            found = evaluate(there, plan)
            gap = 0.0 if plan.certificate is None else plan.certificate.gap
            spent = float(found.ledger.event_spend.sum())
            yield Earned(pair.made.name, method, judge, found.contribution, found.incremental_cases, spent, gap)


def without(world: Scenario, *rules: str) -> Scenario:
    """The world without some of its rules: those that compare with a past which another model would see differently."""
    kept = {name: one for name, one in world.rules.items() if name not in rules}
    return replace(world, rules=MappingProxyType(kept))


def alike(world: Scenario, treatment: str, every: int) -> Plan:
    """The plan of habit: one treatment at every account-SKU, two weeks of every `every`; spend follows volume."""
    a, s = np.nonzero(world.listed)
    starts = np.arange(every // 2, world.weeks - 1, every)
    kind = world.treatments.treatment.index(treatment)
    size = len(a) * len(starts)
    return Plan(
        np.repeat(a, len(starts)),
        np.repeat(s, len(starts)),
        np.tile(starts, len(a)),
        np.full(size, 2),
        np.full(size, kind),
    )
