"""The tables of a run folder: plan, weeks, offers, service and scorecard as frames for people and programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kaopt.allocation.ledger import Ledger
from kaopt.csv_text import csv_bytes
from kaopt.offers import Offers
from kaopt.plan import Certificate
from kaopt.runs import plain
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.model import Scenario
from kaopt.scorecard import Absent, Interval, Kpi, Scorecard
from kaopt.service import CAUSES, FINE_CAUSES, Service

GROUP = {fine: group for group, many in CAUSES.items() for fine in many}


def names(texts: Texts, index: Ints) -> list[str]:
    """Ids by index."""
    return [texts[i] for i in index]


def plan_frame(world: Scenario, ledger: Ledger) -> pd.DataFrame:
    """One row per event, sorted by account, SKU and week in the scenario's order; weeks from 1.

    Money and cases of each event alone against doing nothing, as the certificate's objective counts them.
    """
    plan = ledger.plan
    order = np.lexsort((plan.treatment, plan.weeks, plan.week, plan.sku, plan.account))
    reasons = plan.reason or ("",) * len(plan)
    return pd.DataFrame(
        {
            "account": names(world.accounts.account, plan.account[order]),
            "sku": names(world.skus.sku, plan.sku[order]),
            "week": plan.week[order] + 1,
            "weeks": plan.weeks[order],
            "treatment": names(world.treatments.treatment, plan.treatment[order]),
            "base_cases": ledger.event_base_cases[order],
            "cases": ledger.event_cases[order],
            "incremental_cases": ledger.event_incremental_cases[order],
            "net_revenue": ledger.event_net_revenue[order],
            "trade_spend": ledger.event_spend[order].sum(axis=1),
            "contribution": ledger.event_contribution[order],
            "reason": [reasons[i] for i in order],
        }
    )


def plan_csv(world: Scenario, ledger: Ledger) -> bytes:
    """The contract's plan.csv: the same plan gives the same bytes."""
    return csv_bytes(plan_frame(world, ledger))


def weekly_frame(world: Scenario, ledger: Ledger) -> pd.DataFrame:
    """Account x SKU x week of the whole plan, effects of all events together; only what the account sells."""
    year = ledger.realised
    account, sku, week = np.nonzero(np.broadcast_to(world.listed[:, :, None], world.shape))
    here = (account, sku, week)
    treatments = (*world.treatments.treatment, "")  # -1, no event, takes the last
    return pd.DataFrame(
        {
            "account": names(world.accounts.account, account),
            "sku": names(world.skus.sku, sku),
            "week": week + 1,
            "treatment": names(treatments, year.treatment[here]),
            "base_cases": world.base_cases[here],
            "cases": year.cases[here],
            "sell_out_cases": year.sell_out[here],
            "uplift_cases": year.uplift[here],
            "net_revenue": year.net_revenue[here],
            "trade_spend": year.spend[here],
            "contribution": year.contribution[here],
            "retailer_profit": year.retailer[here],
        }
    )


def offers_frame(world: Scenario, offers: Offers) -> pd.DataFrame:
    """Every eligible event with its effects alone against doing nothing; weeks from 1."""
    amounts = ("base_cases", "cases", "incremental_cases", "net_revenue", "spend", "contribution", "credit", "value")
    return pd.DataFrame(
        {
            "account": pd.Categorical.from_codes(offers.account, categories=pd.Index(world.accounts.account)),
            "sku": pd.Categorical.from_codes(offers.sku, categories=pd.Index(world.skus.sku)),
            "week": offers.week + 1,
            "weeks": offers.weeks,
            "treatment": pd.Categorical.from_codes(offers.treatment, categories=pd.Index(world.treatments.treatment)),
            **{name: getattr(offers, name) for name in amounts},
        }
    )


def service_frame(world: Scenario, service: Service) -> pd.DataFrame:
    """Account x week x cause, mean over replications, money; `accepted` and the causes add up to what was ordered."""
    accepted = service.accepted_value.mean(axis=0)[:, :, None]
    value = np.concatenate([accepted, service.lost_value.mean(axis=0)], axis=2)
    causes = ("accepted", *FINE_CAUSES)
    account, week, cause = (index.ravel() for index in np.indices(value.shape))
    return pd.DataFrame(
        {
            "account": names(world.accounts.account, account),
            "week": week + 1,
            "group": [GROUP.get(causes[c], "accepted") for c in cause],
            "cause": names(causes, cause),
            "value": value.ravel(),
        }
    )


def scorecard_frame(card: Scorecard) -> pd.DataFrame:
    """The scorecard as one row per figure, for spreadsheets."""
    rows: list[dict[str, Any]] = []
    for scope, scores in (("total", card.total), *card.accounts.items()):
        for kpi in scores.kpis:
            judged = {c.measure: c for c in kpi.checks}
            for path, figure in flat(kpi):
                target = judged.get(path.removeprefix("planned.").removeprefix("delivered."))
                spread = kpi.ranges.get(path.removeprefix("planned.")) if path.startswith("planned.") else None
                rows.append({"scope": scope, "kpi": kpi.name, "figure": path, **figure_cells(spread or figure)})
                rows[-1] |= {"target": target.target if target else None, "met": target.met if target else None}
    return pd.DataFrame(rows)


def flat(kpi: Kpi) -> list[tuple[str, Any]]:
    """Figures of a KPI by dotted path."""

    def walk(prefix: str, value: Any) -> list[tuple[str, Any]]:
        if isinstance(value, dict):
            return [pair for key, one in value.items() for pair in walk(f"{prefix}.{key}" if prefix else key, one)]
        return [(prefix, value)]

    steps = [(f"bridge.{name}", amount) for name, amount in kpi.bridge]
    return walk("", dict(kpi.figures)) + steps


def figure_cells(figure: Any) -> dict[str, Any]:
    """Value, interval and note of one figure."""
    match figure:
        case Interval(mean, low, high):
            return {"value": mean, "low": low, "high": high, "note": ""}
        case Absent(why):
            return {"value": None, "low": None, "high": None, "note": why}
        case float():
            return {"value": figure, "low": None, "high": None, "note": ""}
    return {"value": None, "low": None, "high": None, "note": str(figure)}


def certificate_dict(certificate: Certificate) -> dict[str, Any]:
    """The contract's certificate.json."""
    content: dict[str, Any] = plain(certificate)
    return content | {"breaches": plain([one.as_dict() for one in certificate.breaches])}
