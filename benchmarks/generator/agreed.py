"""Budgets, targets, fees and rules from what the reference plan reaches: all bind, and all hold together."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.generator.reference import GAP, PER_QUARTER, PER_YEAR
from kaopt.effects import effects_of, marks_of
from kaopt.eligible import Events
from kaopt.scenario.model import Scenario

QUARTER_ROOM, ACCOUNT_ROOM = 1.01, 1.02  # budgets of parts beside what the reference spends there
VOLUME, MIX, GROWTH = 0.995, 0.998, 0.99  # what is asked beside what the reference adds, or reaches
FEE = 0.04  # quarterly display fee, as a part of the account's mean quarterly spend
TIERS = ((0.97, 0.006), (0.995, 0.010), (1.01, 0.015))  # of the reference's sales; rate on everything
CASE_VALUE = 3.0  # money per profitable case


@dataclass(frozen=True, eq=False)
class Reached:
    """What the reference plan reaches, by account [A] and SKU [S] or quarter [Q]; with and without it."""

    ids: pd.Series
    spend: np.ndarray  # [A, Q] money, display fees included
    fee: np.ndarray  # [A] money per quarter with a display
    cases: np.ndarray  # [A] of the year
    base_cases: np.ndarray  # [A]
    sales: np.ndarray  # [A, S] money
    base_sales: np.ndarray  # [A, S]


def agreed(
    world: Scenario, plan: Events, tables: dict[str, pd.DataFrame], *, tiers: bool
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Settings and tables with everything that is agreed; `tiers` adds retroactive rebates and growth targets."""
    here = reached(world, plan, tables["accounts"]["account"])
    revenue = here.base_sales.sum(axis=1)
    added = {
        "accounts": tables["accounts"].assign(last_year_revenue=np.round(revenue).astype(np.int64)),
        "budgets": pd.DataFrame({"account": here.ids, "max": whole_up(ACCOUNT_ROOM * here.spend.sum(axis=1))}),
        "agreements": volume_targets(here),
        "fees": display_fees(here),
    }
    told = settings(world, here)
    if tiers:
        added |= {"rebates": rebates(here), "accounts": growth_targets(here, added["accounts"])}
        told["rules"]["sales_target"] = {"per": "account"}
    return told, tables | added


def reached(world: Scenario, plan: Events, ids: pd.Series) -> Reached:
    """Add up the reference plan's effects."""
    accounts, quarters = len(ids), int(world.quarter.max()) + 1
    effects = effects_of(world, plan, marks_of(world, plan))
    account = plan.account[effects.offer]
    place = account * quarters + world.quarter[effects.week]
    spend = np.bincount(place, weights=effects.spend, minlength=accounts * quarters).reshape(-1, quarters)
    fee = whole_up(FEE * spend.mean(axis=1))
    base = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=2)
    sales, volume = base.copy(), world.base_cases.sum(axis=(1, 2))
    np.add.at(sales, (account, effects.sku), effects.net_revenue)
    cases = volume + np.bincount(account, weights=effects.cases, minlength=accounts)
    return Reached(ids, spend + fee[:, None] * displayed(world, plan), fee, cases, volume, sales, base)


def displayed(world: Scenario, plan: Events) -> np.ndarray:
    """[A, Q] quarters in which a display stands."""
    found = np.zeros((len(world.accounts.account), int(world.quarter.max()) + 1), dtype=bool)
    shown = world.treatments.slots[plan.treatment] > 0
    for week in (plan.week, plan.week + plan.weeks - 1):
        found[plan.account[shown], world.quarter[week[shown]]] = True
    return found


def settings(world: Scenario, here: Reached) -> dict[str, Any]:
    """Budgets, objective and rules as scenario.yaml says them."""
    share = here.sales[:, world.skus.high_margin].sum() / here.sales.sum()
    return {
        "budget": {
            "total": ceil(here.spend.sum()),
            "by_quarter": {q + 1: ceil(QUARTER_ROOM * one) for q, one in enumerate(here.spend.sum(axis=0))},
            "by_account": "tables/budgets.csv",
        },
        "objective": {"maximize": "value", "case_value": CASE_VALUE, "hurdle": 0},
        "rules": {
            "spacing": {"gap": GAP},
            "promotion_count": [
                {"max": PER_QUARTER, "per": "account_sku", "period": "quarter"},
                {"max": PER_YEAR, "per": "account_sku"},
            ],
            "margin_mix": {"min": floor(1e4 * share * MIX) / 1e4, "per": "total"},
        },
        "solve": {"gap": 0.001, "time_limit": 300},
    }


def volume_targets(here: Reached) -> pd.DataFrame:
    """Cases of the year that each account's agreement promises."""
    asked = here.base_cases + VOLUME * (here.cases - here.base_cases)
    return pd.DataFrame({"account": here.ids, "what": "cases", "least": np.floor(asked).astype(np.int64)})


def display_fees(here: Reached) -> pd.DataFrame:
    """A fee for every quarter in which an account shows any display."""
    return pd.DataFrame({"account": here.ids, "family": "display", "per": "quarter", "amount": here.fee})


def rebates(here: Reached) -> pd.DataFrame:
    """Retroactive tiers on the account's sales, around what the reference reaches."""
    sales = here.sales.sum(axis=1)
    rows = [
        (name, "revenue", "all_unit", int(part * one), rate)
        for name, one in zip(here.ids, sales, strict=True)
        for part, rate in TIERS
    ]
    return pd.DataFrame(rows, columns=["account", "measure", "kind", "threshold", "rate"])


def growth_targets(here: Reached, accounts: pd.DataFrame) -> pd.DataFrame:
    """Sales that each account must grow to."""
    base, sales = here.base_sales.sum(axis=1), here.sales.sum(axis=1)
    return accounts.assign(sales_target=np.floor(base + GROWTH * (sales - base)).astype(np.int64))


def whole_up(values: np.ndarray) -> np.ndarray:
    """Rounded up to whole money."""
    return np.ceil(values).astype(np.int64)
