"""Order fill rate as the customer counts it: full, on time and fresh enough; and what was lost to which cause."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.scenario.columns import Floats
from kaopt.scorecard import targets
from kaopt.scorecard.figures import Absent, Figure, Interval, Kpi, check, ratio
from kaopt.scorecard.money import GROUPS, by_group
from kaopt.scorecard.sums import Sums
from kaopt.service import Service

WEEKS_A_YEAR = 52
NO_ORDERS = Absent("no orders")
NOT_SIMULATED = {"applies": False, "why": "no simulation of this plan"}


def fill_rate(of: Sums, service: Service | None) -> Kpi:
    """Value fill (the KPI), case, line and order fill and OTIF, losses by cause, penalties."""
    target = targets.fill_rate(of.world, of.accounts, of.each.net_revenue)
    if service is None:
        return Kpi("fill_rate", NOT_SIMULATED, check("value", target, Absent("not simulated")))
    accounts = of.accounts
    ordered = service.ordered_value[:, accounts].sum(axis=(1, 2))
    lost = service.lost_value[:, accounts].sum(axis=2)  # [R, A, C]
    parts = by_group(lost).sum(axis=1)  # [R, G]
    lines, orders = service.lines[:, accounts].sum(axis=1), service.orders[:, accounts].sum(axis=1)
    figures: dict[str, Any] = {
        "value": filled(service.accepted_value[:, accounts].sum(axis=(1, 2)), ordered, of.confidence),
        "case": filled(
            service.accepted_cases[:, accounts].sum(axis=(1, 2)),
            service.ordered_cases[:, accounts].sum(axis=(1, 2)),
            of.confidence,
        ),
        "line": filled(lines[:, 1], lines[:, 0], of.confidence),
        "order": filled(orders[:, 1], orders[:, 0], of.confidence),
        "otif": filled(orders[:, 2], orders[:, 0], of.confidence),
        "losses": {g: over_all(parts[:, i], ordered) for i, g in enumerate(GROUPS)},
        "penalties": penalties(of) | {"by_clause": by_clause(of, service)},
        "order_to_cash": order_to_cash(of, service),
    }
    return Kpi("fill_rate", figures, check("value", target, figures["value"]))


def filled(part: Floats, whole: Floats, confidence: float) -> Figure:
    """A share between 0 and 1 with its interval."""
    if whole.sum() == 0:
        return NO_ORDERS
    found = ratio(part, whole, confidence)
    # np.clip leaves the NaN bounds of a single replication as they are
    return Interval(found.mean, float(np.clip(found.low, 0, 1)), float(np.clip(found.high, 0, 1)))


def over_all(part: Floats, whole: Floats) -> float:
    """Share of the ordered value of all replications together."""
    return float(part.sum() / whole.sum()) if whole.sum() else 0.0


def penalties(of: Sums) -> dict[str, Any]:
    """Penalties in money a year, and each cause's share of them."""
    assert of.losses is not None
    amounts = of.losses.penalties.mean(axis=0)  # [G]
    total = float(amounts.sum())
    by_cause = {g: float(amounts[i] / total) if total else 0.0 for i, g in enumerate(GROUPS)}
    return {"total": total * WEEKS_A_YEAR / of.world.weeks, "by_cause": by_cause}


def by_clause(of: Sums, service: Service) -> dict[str, float]:
    """Each clause's share of the penalties; clauses that cost nothing are left out."""
    amounts = {clause: float(money[:, of.accounts].sum()) for clause, money in service.clauses.items()}
    total = sum(amounts.values())
    return {clause: amount / total for clause, amount in amounts.items() if amount > 0}


def order_to_cash(of: Sums, service: Service) -> Figure:
    """Mean days from an order to its payment, by invoiced value."""
    if service.cash is None or not service.cash[:, of.accounts].any():
        return Absent("nothing was invoiced")
    cash = service.cash[:, of.accounts].sum(axis=1)  # [R, 2]
    return ratio(cash[:, 1], cash[:, 0], of.confidence)
