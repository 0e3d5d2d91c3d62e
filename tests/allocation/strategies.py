"""Random small worlds with every mechanism of demand, for properties that must hold in all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from kaopt.allocation.rules import rule_settings
from kaopt.scenario.model import BudgetLine, Lock, Scenario
from kaopt.scenario.settings import Objective
from tests.worlds import world

SETTINGS = rule_settings()


@st.composite
def worlds(draw: st.DrawFn, *, clusters: bool = True, dip_weeks: int = 3, longest: int = 3) -> Scenario:
    """A world without rules: 1-2 accounts, 1-3 SKUs, 3-7 weeks, fatigue, dip, cannibalisation, closed cells."""
    accounts, skus, weeks = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(st.integers(3, 7))
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (accounts, skus)
    listed = luck.random(shape) < 0.85
    base = luck.uniform(5, 300, (*shape, weeks)) * listed[:, :, None]
    aim = draw(st.sampled_from(["profitable_volume", "profit", "value"]))
    return world(
        accounts,
        skus,
        weeks,
        base_cases=base,
        listed=listed,
        eligible=luck.random((*shape, 3, weeks)) < 0.8,
        objective=Objective(maximize=aim, hurdle=draw(st.sampled_from([0.0, 0.2])), tie=1e-3),
        account_columns={
            "on_invoice": luck.uniform(0, 0.1, accounts),
            "rebate": luck.uniform(0, 0.05, accounts),
            "logistics": luck.uniform(0, 2, accounts),
            "display_slots": luck.integers(0, 4, accounts),
            "notice_days": luck.integers(7, 60, accounts),
            "last_year_revenue": base.sum(axis=(1, 2)) * luck.uniform(30, 60, accounts),
            "customer_growth": np.where(luck.random(accounts) < 0.2, np.nan, 0.02),
            "sales_target": np.where(luck.random(accounts) < 0.2, np.nan, base.sum(axis=(1, 2)) * 52),
            "promotions_due": luck.integers(0, 3, accounts),
            "displays_due": luck.integers(0, 3, accounts),
        },
        sku_columns={
            "cluster": luck.choice(["", "c"], skus).tolist() if clusters else "",
            "list_price": luck.uniform(20, 80, skus),
            "unit_cost": luck.uniform(5, 30, skus),
            "high_margin": luck.random(skus) < 0.5,
        },
        treatment_columns={
            "treatment": ["cut", "display", "gift"],
            "family": ["price", "display", "gift"],
            "depth": luck.uniform(0, 0.4, 3) * [1, 0, 0.5],
            "pass_through": luck.uniform(0.5, 1.2, 3),
            "display": [0.0, 1.0, 0.5],
            "feature": [0.3, 0.0, 0.0],
            "gift": [0.0, 0.0, 1.0],
            "slots": [0, 1, 2],
            "weekly_cost": luck.uniform(0, 300, 3),
            "fixed_cost": luck.uniform(0, 300, 3),
            "unit_cost": luck.uniform(0, 3, 3),
            "lead_time": luck.integers(0, 50, 3),
            "lengths": [(1, longest), (1,), (min(2, longest),)],
        },
        response_columns={
            "elasticity": luck.uniform(-4, 0, shape),
            "display": luck.uniform(0, 1, shape),
            "feature": luck.uniform(0, 0.5, shape),
            "gift": luck.uniform(0, 0.5, shape),
            "fatigue": luck.uniform(0, 0.5, shape),
            "dip": luck.uniform(0, 0.6, shape) * (luck.random(shape) < 0.8),
            "dip_weeks": luck.integers(0, dip_weeks + 1, shape),
            "cross": luck.uniform(0, 0.4, shape) * clusters,
        },
    )


@st.composite
def ruled(draw: st.DrawFn) -> Scenario:
    """A random world in which several random rules hold, some of them softly."""
    here = draw(worlds())
    accounts, skus, weeks = here.shape
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    soft = {"hard": False, "regret": float(luck.uniform(0.1, 3))} if draw(st.booleans()) else {}
    per = draw(st.sampled_from(["account", "total"]))
    count = draw(
        st.sampled_from(
            [
                {"min": 1, "max": 2, "per": "account_sku"},
                {"min": "agreement"},
                {"min": "agreement", "what": "displays", "per": "total"},
                {"max": 3, "what": "weeks", "per": per},
            ]
        )
    )
    rules = {
        "spacing": ({"gap": draw(st.integers(0, 3))},),
        "promotion_count": (count | soft,),
        "sales_target": ({"per": per} | soft,),
        "market_share": ({"min_growth_index": 1.0, "per": per} | soft,),
        "margin_mix": ({"min": 0.4, "per": per} | soft,),
        "profit_floor": ({"min": float(luck.uniform(-2000, 2000)), "per": per},),
    }
    kept = draw(st.sets(st.sampled_from(sorted(rules))))
    kinds = [draw(st.sampled_from(["must", "forbidden", "committed"])) for _ in range(draw(st.integers(0, 2)))]
    locks = tuple(
        Lock(int(luck.integers(accounts)), int(luck.integers(skus)), int(luck.integers(weeks)), 1, n, kind)
        for n, kind in enumerate(kinds)
    )
    nodes = BudgetLine(
        "node",
        luck.random(accounts) < 0.7,
        luck.random(weeks) < 0.7,
        luck.random(3) < 0.7,
        float(luck.uniform(0, 500)),
        float(luck.uniform(500, 5000)),
    )
    made = {name: tuple(SETTINGS[name](**one) for one in rules[name]) for name in kept}
    return replace(here, rules=made, locks=locks, budget=(nodes,))
