"""Scorecards made by hand: just what a comparison reads."""

from __future__ import annotations

from typing import Any

from kaopt.comparison import Side

ABSENT = {"applies": False, "why": "no simulation of this plan"}


def interval(mean: float, half: float = 0.0) -> dict[str, float]:
    return {"mean": mean, "low": mean - half, "high": mean + half}


def card(
    *, sales: float, index: float, promotions: float, profit: float, fill: float | None = None, **more: Any
) -> dict[str, Any]:
    """A scorecard with its five leading figures; simulated where `fill` is given: delivered is 90 % of planned."""

    def lived(value: float) -> Any:
        return ABSENT if fill is None else interval(0.9 * value, 0.01 * value)

    total = {
        "sales": {
            "planned": {"net_revenue": sales, "high_margin_share": 0.3},
            "delivered": ABSENT if fill is None else {"net_revenue": lived(sales), "high_margin_share": 0.29},
            "checks": {"net_revenue": {"target": 100.0, "met": sales >= 100.0, "sure": True}},
        },
        "share": {
            "planned": {"growth_index": index, "category_share": {"applies": False, "why": "no category"}},
            "delivered": ABSENT if fill is None else {"growth_index": lived(index), "category_share": ABSENT},
            "checks": {},
        },
        "execution": {
            "promotions": {"planned": promotions, "expected": 0.8 * promotions, "target": 10.0},
            "displays": {"planned": 3.0, "expected": 2.0, "target": ABSENT},
            "checks": {},
        },
        "profit": {
            "planned": {
                "contribution": profit,
                "incremental_contribution": profit / 10,
                "return_on_spend": 0.5,
                "incremental_cases": 100.0,
                "cases_per_100": 5.0,
            },
            "delivered": ABSENT if fill is None else {"contribution": lived(profit)},
            "trade_spend": {"total": 50.0, "promotions": 20.0, "on_invoice": 5.0, "rebate": 15.0, "fees": 10.0},
            "trade_rate": 0.1,
            "checks": {},
        },
        "fill_rate": {**ABSENT, "checks": {}}
        if fill is None
        else {
            "value": interval(fill, 0.01),
            "otif": interval(fill - 0.1),
            "penalties": {"total": more.get("penalties", 7.0), "by_cause": {}},
            "checks": {"value": {"target": 0.9, "met": fill >= 0.9, "sure": True}},
        },
    }
    return {"total": total, "accounts": {}}


def side(name: str, **figures: Any) -> Side:
    """A plan with a scorecard made by hand."""
    return Side(name, card(**figures))
