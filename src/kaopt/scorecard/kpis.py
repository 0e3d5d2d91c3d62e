"""Sales, share and execution of some accounts together, each a plain function of sums."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
from scipy import stats

from kaopt.scenario.columns import Floats
from kaopt.scorecard import targets
from kaopt.scorecard.figures import Absent, Check, Figure, Interval, Kpi, check, ratio
from kaopt.scorecard.money import Year
from kaopt.scorecard.sums import NOT_SIMULATED, Sums, after, causes, given, over, shifted, walk

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
        *check("high_margin_share", targets.high_margin(of.world, of.accounts), final["high_margin_share"]),
    )
    ranges = given(net_revenue=of.ranged(planned["net_revenue"], "net_revenue"))
    return Kpi("sales", {"planned": planned, "delivered": delivered}, checks, bridge, ranges)


def high_share(of: Sums, year: Year) -> Figure:
    """High-margin share of net sales value."""
    if len(of.world.skus.sku) == 1:
        return ONE_SKU
    if not of.world.skus.high_margin.any():
        return NO_HIGH
    return over(float(year.high_revenue), float(year.net_revenue), "no sales")


def share(of: Sums) -> Kpi:
    """Do we win share: our growth against the customer's, and our part of the customer's category."""
    planned = shares(of, lived=False)
    delivered: Any = NOT_SIMULATED if of.losses is None else shares(of, lived=True)
    final = planned if of.losses is None else delivered
    checks = check("growth_index", targets.growth_index(of.world, of.accounts), final["growth_index"])
    return Kpi("share", {"planned": planned, "delivered": delivered}, checks, ranges=ranges(of, planned))


def ranges(of: Sums, planned: dict[str, Figure]) -> dict[str, Interval]:
    """Growth and its index where responses are other than estimated."""
    last, found = of.world.accounts.last_year_revenue, {}
    for name, base in (("growth", last), ("growth_index", last * (1 + of.world.accounts.customer_growth))):
        known = of.among(of.accounts[~np.isnan(base[of.accounts])])
        found[name] = known.ranged(planned[name], "net_revenue", float(base[known.accounts].sum()))
    return given(**found)


def shares(of: Sums, *, lived: bool) -> dict[str, Figure]:
    """Growth, index and share of category, planned or as `lived`; each over the accounts whose figures are known."""
    table = of.world.accounts
    last = table.last_year_revenue
    kept_up = last * (1 + table.customer_growth)  # our sales had we grown just as each customer did
    category = table.category_revenue * (1 + table.customer_growth)
    why = NO_LAST_YEAR if np.isnan(last[of.accounts]).all() else NO_GROWTH
    known = of.accounts[~np.isnan(kept_up[of.accounts])]
    customers = over(float(kept_up[known].sum()), float(last[known].sum()), why)
    return {
        "growth": shifted(part(of, "net_revenue", last, lived, NO_LAST_YEAR), -1.0),
        "customer_growth": shifted(customers, -1.0),
        "growth_index": part(of, "net_revenue", kept_up, lived, why),
        "category_share": part(of, "retail", category, lived, NO_CATEGORY),
    }


def part(of: Sums, what: str, base: Floats, lived: bool, why: str) -> Figure:
    """A sum of ours over the sum of `base` [A], both over the accounts whose base is known."""
    known = of.among(of.accounts[~np.isnan(base[of.accounts])])
    whole = float(base[known.accounts].sum())
    if whole <= 0:
        return Absent(why)
    ours = float(getattr(known.year, what))
    if not lived or known.losses is None:
        return ours / whole
    return of.interval((ours - getattr(known.losses, what).sum(axis=1)) / whole)


def execution(of: Sums) -> Kpi:
    """Promotions and displays: planned, expected to happen (times the account's compliance), and promised."""
    figures: dict[str, Any] = {}
    checks: tuple[Check, ...] = ()
    for name, column, due in (
        ("promotions", of.each.promotions, targets.execution(of.world, of.accounts, "events")),
        ("displays", of.each.display_weeks, targets.execution(of.world, of.accounts, "displays")),
    ):
        planned = column[of.accounts]
        expected = happening(of, planned)
        goal: Figure = NOTHING_DUE if isnan(due) else due
        figures[name] = {"planned": float(planned.sum()), "expected": expected, "target": goal}
        checks = (*checks, *check(name, due, expected))
    return Kpi("execution", figures, checks)


def happening(of: Sums, planned: Floats) -> Figure:
    """What really happens of what is `planned` [accounts]; an interval where compliance was measured with an error."""
    table = of.world.accounts
    mean = float(np.sum(planned * table.compliance[of.accounts]))
    error = float(np.linalg.norm(planned * table.compliance_se[of.accounts]))  # accounts err independently
    half = float(stats.norm.ppf(0.5 + of.confidence / 2)) * error
    return mean if half == 0 else Interval(mean, max(mean - half, 0.0), min(mean + half, float(planned.sum())))
