"""Sales, share and execution of some accounts together, each a plain function of sums."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from kaopt.scenario.columns import Floats
from kaopt.scorecard import targets
from kaopt.scorecard.figures import Absent, Check, Figure, Kpi, check, ratio
from kaopt.scorecard.money import Year
from kaopt.scorecard.sums import NOT_SIMULATED, Sums, after, causes, over, shifted, walk

ONE_SKU = Absent("one SKU only: no mix of products")
NO_HIGH = Absent("no SKU is marked as high-margin")
NO_LAST_YEAR = "no sales of last year in the scenario"
NO_GROWTH = "no growth of the customer in the scenario"
NO_CATEGORY = "no category revenue of the customer in the scenario"
NOTHING_DUE = Absent("nothing promised")


def sales(of: Sums) -> Kpi:
    """Net sales value and how much of it high-margin products bring."""
    year, losses = of.year, of.losses
    mix = high_share(of, year)
    planned: dict[str, Figure] = {"net_revenue": float(year.net_revenue), "high_margin_share": mix}
    delivered: Any = NOT_SIMULATED
    bridge: tuple[tuple[str, float], ...] = ()
    if losses is not None:
        net = float(year.net_revenue) - losses.net_revenue.sum(axis=1)
        high = float(year.high_revenue) - losses.high_revenue.sum(axis=1)
        delivered = {
            "net_revenue": of.interval(net),
            "high_margin_share": after(mix, lambda: ratio(high, net, of.confidence)),
        }
        bridge = walk(float(year.net_revenue), causes("lost", losses.net_revenue))
    final = planned if losses is None else delivered
    checks = (
        *check("net_revenue", targets.sales(of.world, of.accounts), final["net_revenue"]),
        *check("high_margin_share", targets.high_margin(of.world), final["high_margin_share"]),
    )
    return Kpi("sales", {"planned": planned, "delivered": delivered}, checks, bridge)


def high_share(of: Sums, year: Year) -> Figure:
    """High-margin share of net sales value."""
    if len(of.world.skus.sku) == 1:
        return ONE_SKU
    if not of.world.skus.high_margin.any():
        return NO_HIGH
    return over(float(year.high_revenue), float(year.net_revenue), "no sales")


def share(of: Sums) -> Kpi:
    """Do we win share: our growth against the customer's, and our part of the customer's category."""
    planned = shares(of, None, None)
    delivered: Any = NOT_SIMULATED
    if of.losses is not None:
        delivered = shares(of, of.losses.net_revenue.sum(axis=1), of.losses.retail.sum(axis=1))
    final = planned if of.losses is None else delivered
    checks = check("growth_index", targets.growth_index(of.world), final["growth_index"])
    return Kpi("share", {"planned": planned, "delivered": delivered}, checks)


def shares(of: Sums, lost_net: Floats | None, lost_retail: Floats | None) -> dict[str, Figure]:
    """Growth, index and share of category after what was lost ([R] money); ratios of sums over the accounts."""
    table, year = of.world.accounts, of.year
    last, theirs = table.last_year_revenue[of.accounts], table.customer_growth[of.accounts]
    category = float((table.category_revenue[of.accounts] * (1 + theirs)).sum())
    ours, kept_up = float(last.sum()), float((last * (1 + theirs)).sum())  # kept_up: grown just as each customer did
    why = NO_LAST_YEAR if isnan(ours) else NO_GROWTH
    return {
        "growth": shifted(part(of, year.net_revenue, lost_net, over(1.0, ours, why)), -1.0),
        "customer_growth": shifted(over(kept_up, ours, why) if not isnan(kept_up) else Absent(why), -1.0),
        "growth_index": part(of, year.net_revenue, lost_net, over(1.0, kept_up, why)),
        "category_share": part(of, year.retail, lost_retail, over(1.0, category, NO_CATEGORY)),
    }


def part(of: Sums, planned: Floats, lost: Floats | None, per: Figure) -> Figure:
    """What is left of a planned sum, times the known factor `per`."""
    if isinstance(per, Absent):
        return per
    assert isinstance(per, float)
    return float(planned) * per if lost is None else of.interval((float(planned) - lost) * per)


def execution(of: Sums) -> Kpi:
    """Promotions and displays: planned, expected to happen (times the account's compliance), and promised."""
    kept = of.world.accounts.compliance[of.accounts]
    figures: dict[str, Any] = {}
    checks: tuple[Check, ...] = ()
    for name, column, due in (
        ("promotions", of.each.promotions, targets.promotions(of.world, of.accounts)),
        ("displays", of.each.display_weeks, targets.displays(of.world, of.accounts)),
    ):
        planned = column[of.accounts]
        expected = float(np.sum(planned * kept))
        goal: Figure = NOTHING_DUE if isnan(due) else due
        figures[name] = {"planned": float(planned.sum()), "expected": expected, "target": goal}
        checks = (*checks, *check(name, due, expected))
    return Kpi("execution", figures, checks)
