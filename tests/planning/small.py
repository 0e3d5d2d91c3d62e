"""Small worlds with a known set of all plans, and brute force over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.rules import rule_settings
from kaopt.demand import events_of
from kaopt.offers import Offers, make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.settings import Objective, Solve
from tests.allocation.brute import plan_of, subsets
from tests.worlds import world

SETTINGS = rule_settings()
EXACT = Solve(gap=0.0, time_limit=20.0)


def line(world_: Scenario, high: float, low: float = 0.0) -> BudgetLine:
    """A limit on all spend."""
    accounts, _, weeks = world_.shape
    every = (np.ones(size, bool) for size in (accounts, weeks, len(world_.treatments.treatment)))
    return BudgetLine("total", *every, low, high)


def small(seed: int = 1, *, budget: float = 4000.0, **rules: dict) -> Scenario:
    """Two accounts, one SKU, four weeks, eight to twelve offers of different worth."""
    luck = np.random.default_rng(seed)
    made = world(
        2,
        1,
        4,
        base_cases=luck.uniform(40, 160, (2, 1, 4)),
        treatment_columns={"treatment": ["cut"], "family": ["price"], "depth": [0.15], "lengths": [(1,)]}
        | {"display": [0.0], "slots": [0], "weekly_cost": [luck.uniform(20, 200)]},
        objective=Objective(maximize="profit"),
        solve=EXACT,
        rules={name: (SETTINGS[name](**said),) for name, said in rules.items()},
        account_columns={"promotions_due": 2, "segment": ["big", "small"]},
        sku_columns={"brand": "one"},
        response_columns={"elasticity": -4.0},
    )
    total = {"total": {"max": budget, "min": 0.0}}
    return replace(made, budget=(line(made, budget),), resolved={"budget": total})


def every_plan(world_: Scenario) -> tuple[Offers, list[tuple[tuple[int, ...], Evaluation]]]:
    """Every plan with its judgement."""
    offers = make_offers(world_)
    return offers, [(chosen, evaluate(world_, plan_of(offers, chosen))) for chosen in subsets(len(offers))]


def events(plan: Plan) -> set:
    """The events of a plan."""
    return set(events_of(plan))
