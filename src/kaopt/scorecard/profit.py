"""Operating profit: what the plan earns, what the spend brings, and what the year takes away."""

from __future__ import annotations

from typing import Any

from kaopt.scorecard import targets
from kaopt.scorecard.figures import Absent, Figure, Kpi, check
from kaopt.scorecard.money import Losses, Year
from kaopt.scorecard.sums import NOT_SIMULATED, Sums, causes, given, over, walk

NO_SPEND = "no promotion, so no spend to earn on"
NO_PRICE = "no retail price in the scenario"
NO_CASH_COST = Absent("no cost of capital in the scenario")


def profit(of: Sums) -> Kpi:
    """Contribution after all trade spend, rebates by tier and fees, planned and delivered."""
    year, losses = of.year, of.losses
    planned = float(year.contribution - year.fees)
    figures: dict[str, Any] = {"planned": earned(planned, year), "delivered": NOT_SIMULATED, **spent(year)}
    figures["late_cash"] = NO_CASH_COST
    figures["retailer"] = retailer(year)
    final: Figure = planned
    bridge: tuple[tuple[str, float], ...] = ()
    if losses is not None:
        taken = losses.contribution.sum(axis=1) + losses.penalties.sum(axis=1) + losses.write_offs - losses.rebates
        final = of.interval(planned - taken)
        figures["delivered"] = {"contribution": final}
        bridge = walk(planned, costs(losses))
    extra = float(year.extra_contribution)
    checks = (
        *check("contribution", targets.contribution(of.world, of.accounts), final),
        *check("incremental_contribution", targets.extra_contribution(of.world, of.accounts), extra),
    )
    ranges = given(
        contribution=of.ranged(planned, "contribution"),
        incremental_contribution=of.ranged(extra, "contribution"),
        incremental_cases=of.ranged(float(year.extra_cases), "cases"),
    )
    return Kpi("profit", figures, checks, bridge, ranges)


def costs(losses: Losses) -> tuple[tuple[str, float], ...]:
    """What the year takes from the profit, by cause, in money."""
    return (
        *causes("lost", losses.contribution),
        *causes("penalty", losses.penalties),
        ("write_offs", float(losses.write_offs.mean())),
        *((("rebates", -float(losses.rebates.mean())),) if losses.rebates.any() else ()),
    )


def earned(contribution: float, year: Year) -> dict[str, Figure]:
    """The planned profit and what promotion money brings: net return, cases per 100 money."""
    spend, extra = float(year.event_spend + year.opened_fees), float(year.extra_contribution)
    cases = float(year.extra_cases)
    return {
        "contribution": contribution,
        "incremental_contribution": extra,
        "return_on_spend": over(extra, spend, NO_SPEND),
        "incremental_cases": cases,
        "cases_per_100": over(100 * cases, spend, NO_SPEND),
    }


def spent(year: Year) -> dict[str, Any]:
    """All trade spend by kind, its rate and the base of the rate, because firms use different ones."""
    kinds = {
        "promotions": float(year.event_spend),
        "on_invoice": float(year.on_invoice),
        "rebate": float(year.rebate),
        "fees": float(year.fees),
    }
    total = sum(kinds.values())
    return {
        "trade_spend": {"total": total, **kinds},
        "promotion_spend": {
            "discount": float(year.event_discount),
            "fees": float(year.event_fees),
            "gifts": float(year.event_gifts),
        },
        "conditional": {"rebate_by_tier": float(year.tier_rebate), "opened_fees": float(year.opened_fees)},
        "trade_rate": over(total, float(year.gross), "no sales"),
        "trade_rate_base": "gross sales value at list price",
        "return_basis": "net: (incremental margin - spend) / spend of promotions",
    }


def retailer(year: Year) -> dict[str, Figure]:
    """What the buyer earns on our products, planned: front margin on the invoice, back margin outside it, profit."""
    sales, front, back = float(year.retail_sales), float(year.front), float(year.back)
    return {
        "sales": sales,
        "front_margin": over(front, sales, NO_PRICE),
        "back_margin": over(back, sales, NO_PRICE),
        "profit": front + back if sales > 0 else Absent(NO_PRICE),
    }
