"""Small worlds whose response is not certain, and every plan of them in every sampled world, by the evaluator alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.risk.worlds import drawing, pick_of
from kaopt.offers import Offers, make_offers
from kaopt.plan import Plan
from kaopt.response.sample import sampled
from kaopt.scenario.model import Scenario
from kaopt.scenario.risk_settings import Risk
from tests.allocation.brute import plan_of, subsets
from tests.planning.small import small

KEPT: dict[tuple[bytes, str, str], list[tuple[int, ...]]] = {}  # choices that keep the rules, by world
FEW = Risk(samples=40, draws=8, fresh=200, knowing=2, level=0.8)


def unsure(seed: int = 1, risk: Risk = FEW, *, budget: float = 4000.0, **rules: dict) -> Scenario:
    """Two accounts, one SKU, four weeks, eight offers; the second account answers far less surely than the first."""
    here = small(seed, budget=budget, **rules)
    error = np.array([[0.2], [1.8]])
    return replace(here, response=replace(here.response, elasticity_se=error), risk=risk)


def lived(world: Scenario, offers: Offers) -> np.ndarray:
    """[M, O] what each offer alone is worth in each sampled world, by the evaluator."""
    assert world.risk is not None
    single = np.eye(len(offers), dtype=int)
    draws = [
        [evaluate(replace(world, response=response), plan_of(offers, one)).objective for one in single]
        for response in sampled(world, drawing(world.risk))
    ]
    block = offers.account * len(world.skus.sku) + offers.sku
    return np.array(draws)[pick_of(world, world.risk)[:, block], np.arange(len(offers))]


def every_plan(world: Scenario) -> list[tuple[Plan, np.ndarray]]:
    """Every plan that keeps the rules, with what it is worth in each sampled world."""
    offers = make_offers(world)
    table = lived(world, offers)
    key = (world.base_cases.tobytes(), repr(dict(world.rules)), repr([line.high for line in world.budget]))
    if key not in KEPT:  # rules hold at the estimates, whatever the risk
        KEPT[key] = [one for one in subsets(len(offers)) if not evaluate(world, plan_of(offers, one)).breaches]
    return [(plan_of(offers, one), table @ np.array(one, float)) for one in KEPT[key]]
