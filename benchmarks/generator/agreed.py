"""Budgets, targets and rules from what the reference plan reaches: all bind, and all hold together."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.generator.reference import GAP, PER_QUARTER, PER_YEAR
from kaopt.effects import effects_of, marks_of
from kaopt.eligible import Events
from kaopt.scenario.model import Scenario

QUARTER_ROOM, ACCOUNT_ROOM = 1.01, 1.02  # budgets of parts beside what the reference spends there
SALES, MIX = 0.995, 0.998  # what is asked beside what the reference reaches
CASE_VALUE = 3.0  # money per profitable case


def agreed(
    world: Scenario, plan: Events, tables: dict[str, pd.DataFrame], *, tiers: bool
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Settings and tables with everything that is agreed."""
    if tiers:
        raise NotImplementedError
    accounts = len(world.accounts.account)
    marks = marks_of(world, plan)
    effects = effects_of(world, plan, marks)
    account, quarter = plan.account[effects.offer], world.quarter[effects.week]
    spend = np.bincount(account * 4 + quarter, weights=effects.spend, minlength=accounts * 4).reshape(-1, 4)
    base = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=2)
    sales = base.copy()
    np.add.at(sales, (account, effects.sku), effects.net_revenue)
    share = sales[:, world.skus.high_margin].sum() / sales.sum()
    ids = tables["accounts"]["account"]
    budgets = pd.DataFrame({"account": ids, "max": np.ceil(spend.sum(axis=1) * ACCOUNT_ROOM).astype(np.int64)})
    reached = tables["accounts"].assign(
        last_year_revenue=np.round(base.sum(axis=1)).astype(np.int64),
        sales_target=np.floor(base.sum(axis=1) + SALES * (sales - base).sum(axis=1)).astype(np.int64),
    )
    settings = {
        "budget": {
            "total": ceil(spend.sum()),
            "by_quarter": {q + 1: ceil(QUARTER_ROOM * spend[:, q].sum()) for q in range(4)},
            "by_account": "tables/budgets.csv",
        },
        "objective": {"maximize": "value", "case_value": CASE_VALUE, "hurdle": 0},
        "rules": {
            "spacing": {"gap": GAP},
            "promotion_count": [
                {"max": PER_QUARTER, "per": "account_sku", "period": "quarter"},
                {"max": PER_YEAR, "per": "account_sku"},
            ],
            "sales_target": {"per": "account"},
            "margin_mix": {"min": floor(1e4 * (share * MIX)) / 1e4, "per": "total"},
        },
        "solve": {"gap": 0.001, "time_limit": 300},
    }
    return settings, tables | {"accounts": reached, "budgets": budgets}
