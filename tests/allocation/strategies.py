"""Random small worlds with every mechanism of demand, for properties that must hold in all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kaopt.allocation.rules import rule_settings
from kaopt.scenario.model import BudgetLine, Clause, Lock, Scenario
from kaopt.scenario.settings import Objective
from kaopt.scenario.terms import Fee, Rebate
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


SHARES: list[dict[str, Any]] = [
    {"min_growth_index": 1.0},
    {"share_of_category": 0.1, "new_to_category": 0.5},
]
MIXES: list[dict[str, Any]] = [
    {"max": 0.7, "brand": "A", "per": "account"},
    {"min": 0.2, "max": 0.8, "sku": "S1"},
]
EXCLUSIONS: list[dict[str, Any]] = [
    {"per": "cluster"},
    {"brands": (("A", "B"),)},
    {"per": "cluster", "brands": (("A", "B"),), "max": 2},
]


def festivals(here: Scenario) -> list[dict[str, Any]]:
    """Ways of asking for promotions in given weeks."""
    return [
        {"weeks": (1, here.weeks), "per": "total"},
        {"weeks": (2,), "per": "account", "family": "gift"},
        {"weeks": (2, 3), "per": "account_sku", "brand": "A"},
        {"weeks": (3, 99), "per": "total", "min": 2, "sku": "S*"},
    ]


def agreed(here: Scenario, luck: np.random.Generator) -> Scenario:
    """The world with brands, a plan at hand, and now and then clauses, credit limits and limits of production."""
    accounts, skus, weeks = here.shape
    brands = tuple(["A", "B", "A"][:skus])
    goods = replace(
        here.skus, brand=brands, shelf_life=luck.integers(5, 40, skus), opening_cases=luck.uniform(0, 99, skus)
    )
    invoices = (here.base_cases * here.skus.list_price[None, :, None]).sum(axis=1).max(axis=1)
    terms = {
        "category_revenue": here.accounts.last_year_revenue * luck.uniform(8, 16, accounts),
        "vat": luck.choice([0.0, 0.13], accounts),
        "compliance": luck.uniform(0.5, 1, accounts),
        "payment_days": luck.integers(0, 22, accounts),
        "credit_limit": np.where(luck.random(accounts) < 0.3, invoices * luck.uniform(1, 4, accounts), np.inf),
        "acceptance_age": luck.uniform(0.3, 1, accounts),
    }
    hoard = {
        "forward_buy": luck.uniform(0, 5, (accounts, skus)),
        "forward_weeks": luck.integers(1, 3, (accounts, skus)),
    }
    sold = here.base_cases.sum(axis=0)
    made = np.where(luck.random((skus, weeks)) < 0.8, sold * luck.uniform(0.9, 1.8, (skus, weeks)), np.inf)
    return replace(
        here,
        skus=goods,
        response=replace(here.response, **hoard) if luck.random() < 0.3 else here.response,
        accounts=replace(here.accounts, **terms),
        capacity=made if luck.random() < 0.3 else None,
        agreements=tuple(clause(here, luck) for _ in range(int(luck.integers(0, 3)))),
        given=tuple(Lock(0, int(luck.integers(skus)), w, 1, int(luck.integers(3)), "given") for w in range(2)),
    )


def clause(here: Scenario, luck: np.random.Generator) -> Clause:
    """A random promise."""
    accounts, skus, weeks = here.shape
    what = str(luck.choice(["promotions", "activities", "displays", "cases", "revenue"]))
    account = int(luck.integers(accounts))
    size = {"cases": 1.0, "revenue": 50.0}.get(what, 0.0) * float(here.base_cases[account].sum())
    return Clause(
        scope=f"clause {luck.integers(10**9)}",
        account=account,
        what=what,
        skus=luck.random(skus) < 0.8,
        weeks=luck.random(weeks) < 0.8,
        treatments=luck.random(3) < 0.8,
        least=size * float(luck.uniform(0.5, 1)) if size else float(luck.integers(0, 3)),
        most=size * float(luck.uniform(1, 2)) if size else float(luck.integers(3, 6)),
    )


def paid(here: Scenario, luck: np.random.Generator, often: float = 0.3) -> Scenario:
    """The world with fees that events open and rebates by tier, each so often; thresholds near to what can be sold."""
    accounts, skus, weeks = here.shape
    periods = {"year": np.zeros(weeks, np.int64), "quarter": here.quarter, "month": np.arange(weeks) // 4}
    made: list[Fee] = []
    for n, per in enumerate(periods) if luck.random() < often else ():
        masks = [luck.random(size) < 0.7 for size in (accounts, skus, 3)]
        made.append(Fee(f"fee {n}", *masks, periods[per], float(luck.uniform(50, 900)), per))  # type: ignore[arg-type]
    net = (here.base_cases * here.net_per_case[:, :, None]).sum(axis=(1, 2))
    sold = {"revenue": net, "cases": here.base_cases.sum(axis=(1, 2))}
    terms: list[Rebate] = []
    for measure, kind in (("revenue", "all_unit"), ("cases", "all_unit"), ("revenue", "stepped"), ("cases", "stepped")):
        if luck.random() < often / 2:
            account, count = int(luck.integers(accounts)), int(luck.integers(1, 4))
            spots = np.sort(sold[measure][account] * luck.uniform(0.8, 1.4, count) + luck.uniform(0, 50))
            rates = luck.uniform(0, 0.1 if measure == "revenue" else 4, count)
            tiers = tuple(spots.tolist()), tuple(rates.tolist())
            terms.append(Rebate(account, measure, kind, *tiers))  # type: ignore[arg-type]
    due = np.where(luck.random(accounts) < 0.5, luck.uniform(0, 2, accounts) * net * 0.3, 0.0)
    shelf = here.base_cases * (here.base_price - here.net_per_case[:, :, None])
    earns = np.where(luck.random(accounts) < 0.7, shelf.sum(axis=(1, 2)) * luck.uniform(0.8, 1.2, accounts), np.nan)
    dear = replace(here.accounts, contract_fee=due, retailer_profit_last_year=earns)
    return replace(here, fees=tuple(made), rebates=tuple(terms), accounts=dear)


def about_money(luck: np.random.Generator, soft: dict[str, Any], per: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """Rules about what is spent and earned."""
    return {
        "profit_floor": (
            {"min": float(luck.uniform(-2000, 2000)), "per": per},
            {"min": float(luck.uniform(-9000, 0)), "per": per, "level": "account"},
        )[: 1 + int(luck.integers(2))],
        "spend_rate": ({"max": float(luck.uniform(0.05, 0.5)), "per": per} | soft,),
        "spend_return": ({"min": float(luck.uniform(-0.8, 0.5)), "per": per} | soft,),
        "max_losing": ({"max": int(luck.integers(0, 3))} | soft,),
        "retailer": ({"growth": float(luck.uniform(-0.1, 0.1)), "per": per} | soft,),
    }


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
        "market_share": (draw(st.sampled_from(SHARES)) | {"per": per} | soft,),
        "margin_mix": (draw(st.sampled_from([{"min": 0.4, "per": per}, *MIXES])) | soft,),
        "execution": ({"what": draw(st.sampled_from(["events", "displays"])), "per": per} | soft,),
        "festival": (draw(st.sampled_from(festivals(here))) | soft,),
        "rhythm": ({"max_share": float(luck.uniform(0.3, 0.6)), "max_ahead": 0.1, "per": per} | soft,),
        "stability": ({"max_changes": int(luck.integers(1, 5)), "per": per} | soft,),
        "exclusion": (draw(st.sampled_from(EXCLUSIONS[: 3 if skus > 1 else 1])) | soft,),
    }
    rules |= about_money(luck, soft, per)
    kept = draw(st.sets(st.sampled_from(sorted(rules)), max_size=5))
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
    return paid(agreed(replace(here, rules=made, locks=locks, budget=(nodes,)), luck), luck)
