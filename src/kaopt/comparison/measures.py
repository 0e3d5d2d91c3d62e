"""What is compared: measures of the five KPIs and of money, and where each stands in scorecard.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kaopt.comparison.nouns import Figure

Path = tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One figure of a scorecard: where it stands as planned and as delivered (empty: there is no such figure)."""

    kpi: str
    name: str
    kind: str
    better: str
    planned: Path
    delivered: Path
    lead: bool = False


def both(kpi: str, name: str, kind: str, *, lead: bool = False) -> Measure:
    """A measure that is planned and delivered."""
    return Measure(kpi, name, kind, "more", ("planned", name), ("delivered", name), lead)


MEASURES = (
    both("sales", "net_revenue", "amount", lead=True),
    both("sales", "high_margin_share", "percent"),
    both("share", "growth_index", "index", lead=True),
    both("share", "category_share", "percent"),
    Measure("execution", "promotions", "count", "more", ("promotions", "planned"), ("promotions", "expected"), True),
    Measure("execution", "displays", "count", "more", ("displays", "planned"), ("displays", "expected")),
    both("profit", "contribution", "amount", lead=True),
    Measure("profit", "incremental_contribution", "amount", "more", ("planned", "incremental_contribution"), ()),
    Measure("profit", "incremental_cases", "amount", "more", ("planned", "incremental_cases"), ()),
    Measure("profit", "return_on_spend", "percent", "more", ("planned", "return_on_spend"), ()),
    Measure("profit", "cases_per_100", "count", "more", ("planned", "cases_per_100"), ()),
    Measure("fill_rate", "value", "percent", "more", (), ("value",), True),
    Measure("fill_rate", "otif", "percent", "more", (), ("otif",)),
    Measure("money", "trade_spend", "amount", "", ("profit", "trade_spend", "total"), ()),
    Measure("money", "in_promotions", "amount", "", ("profit", "trade_spend", "promotions"), ()),
    Measure("money", "rebate", "amount", "", ("profit", "trade_spend", "rebate"), ()),
    Measure("money", "fees", "amount", "", ("profit", "trade_spend", "fees"), ()),
    Measure("money", "trade_rate", "percent", "", ("profit", "trade_rate"), ()),
    Measure("money", "penalties", "amount", "less", (), ("fill_rate", "penalties", "total")),
)


def figure(total: Mapping[str, Any], measure: Measure, path: Path) -> Figure:
    """The figure at a path of a scorecard's total, as it stands there."""
    if not path:
        return Figure(None)
    found: Any = total if measure.kpi == "money" else total[measure.kpi]
    for step in path:
        if not isinstance(found, Mapping):
            return Figure(None)
        if found.get("applies") is False:
            return Figure(None, why=str(found.get("why", "")))
        if step not in found:
            return Figure(None)
        found = found[step]
    return as_figure(found)


def as_figure(found: Any) -> Figure:
    """A number, an interval, or why there is none."""
    if isinstance(found, Mapping):
        if found.get("applies") is False:
            return Figure(None, why=str(found.get("why", "")))
        return Figure(found["mean"], found["low"], found["high"])
    return Figure(None if found is None else float(found))
