"""The five KPI cards and the table of all accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from kaopt.report.result import RunResult
from kaopt.report.text import name_of, plain, shown, why, word
from kaopt.scorecard import Absent, Kpi
from kaopt.scorecard.figures import Figure

# measures of each KPI in the order shown, and how each is written; the first one is the headline
MEASURES: dict[str, tuple[tuple[str, str], ...]] = {
    "sales": (("net_revenue", "amount"), ("high_margin_share", "percent")),
    "share": (
        ("growth_index", "index"),
        ("growth", "percent"),
        ("customer_growth", "percent"),
        ("category_share", "percent"),
    ),
    "execution": (("promotions", "count"), ("displays", "count")),
    "profit": (
        ("contribution", "amount"),
        ("incremental_contribution", "amount"),
        ("return_on_spend", "percent"),
        ("incremental_cases", "amount"),
        ("cases_per_100", "count"),
    ),
    "fill_rate": (
        ("value", "percent"),
        ("case", "percent"),
        ("line", "percent"),
        ("order", "percent"),
        ("otif", "percent"),
        ("order_to_cash", "count"),
    ),
}
BUYER = (  # what the retailer earns: label, figure, how it is written
    ("retailer_profit", "profit", "amount"),
    ("front_margin", "front_margin", "percent"),
    ("back_margin", "back_margin", "percent"),
)
MARKS = {"met": "✓", "missed": "✗", "open": "≈", "no_target": "·", "not_applicable": "·"}


@dataclass(frozen=True)
class Card:
    """One KPI as it stands on the page."""

    name: str
    state: str  # a key of MARKS
    headline: Markup
    label: Markup
    columns: tuple[Markup, ...]
    rows: tuple[tuple[Markup, ...], ...]
    extra: tuple[tuple[Markup, Markup], ...] = ()

    @property
    def mark(self) -> str:
        """A sign beside the colour, for those who do not see it."""
        return MARKS[self.state]


def state_of(kpi: Kpi) -> str:
    """Met, missed, too close to call, without target, or not applicable."""
    if kpi.met is None:
        measure = MEASURES[kpi.name][0][0]
        return "not_applicable" if isinstance(both_of(kpi, measure)[0], Absent) else "no_target"
    if kpi.sure is False:
        return "open"
    return "met" if kpi.met else "missed"


def both_of(kpi: Kpi, measure: str) -> tuple[Figure, Figure]:
    """A measure as planned and as delivered (or expected, or simulated)."""
    none: Figure = Absent("")
    if kpi.name == "execution":
        return kpi.at(measure, "planned"), kpi.at(measure, "expected")
    if kpi.name == "fill_rate":
        value = kpi.at(measure) if measure in kpi.figures else Absent("not simulated")
        return value, value
    delivered = kpi.figures["delivered"]
    if isinstance(delivered, Absent):
        return kpi.planned(measure), delivered
    return kpi.planned(measure), delivered.get(measure, none)


def final(kpi: Kpi, measure: str) -> Figure:
    """What counts: delivered where there is such a figure, else planned."""
    planned, delivered = both_of(kpi, measure)
    return planned if isinstance(delivered, Absent) else delivered


def card(kpi: Kpi) -> Card:
    """One KPI card; a measure that does not apply says why in its row."""
    head, kind = MEASURES[kpi.name][0]
    figure = final(kpi, head)
    headline = Markup("–") if isinstance(figure, Absent) else plain(figure, kind)
    label = word(head) if not isinstance(figure, Absent) else why(figure.why)
    middle = {"execution": "expected", "fill_rate": "simulated"}.get(kpi.name, "delivered")
    columns: tuple[Markup, ...] = (word("planned"), word(middle), word("target"))
    if kpi.name == "fill_rate":
        columns = columns[1:]
    if kpi.name == "fill_rate" and head not in kpi.figures:
        return Card(kpi.name, state_of(kpi), headline, label, columns, ())
    rows = tuple(row(kpi, measure, kind) for measure, kind in MEASURES[kpi.name])
    return Card(kpi.name, state_of(kpi), headline, label, columns, rows, extra(kpi))


def row(kpi: Kpi, measure: str, kind: str) -> tuple[Markup, ...]:
    """Label, planned, delivered, target."""
    planned, delivered = both_of(kpi, measure)
    asked = next((check.target for check in kpi.checks if check.measure == measure), None)
    goal = Markup("") if asked is None else plain(asked, kind)
    if isinstance(planned, Absent):
        return word(measure), shown(planned, kind)
    second = Markup("") if isinstance(delivered, Absent) else shown(delivered, kind)
    cells = (shown(planned, kind), second, goal)
    return (word(measure), *(cells[1:] if kpi.name == "fill_rate" else cells))


def extra(kpi: Kpi) -> tuple[tuple[Markup, Markup], ...]:
    """Figures beside the measures: spend and its rate, what the buyer earns, penalties."""
    if kpi.name == "profit":
        spend, rate = kpi.at("trade_spend", "total"), kpi.at("trade_rate")
        ours = (word("trade_spend"), shown(spend, "amount")), (word("trade_rate"), shown(rate, "percent"))
        return (*ours, *((word(label), shown(kpi.at("retailer", name), kind)) for label, name, kind in BUYER))
    if kpi.name == "fill_rate" and "penalties" in kpi.figures:
        return ((word("penalties"), shown(kpi.at("penalties", "total"), "amount")),)
    return ()


def cards(result: RunResult) -> list[Card]:
    """The five cards of the total."""
    return [card(kpi) for kpi in result.card.total.kpis]


def verdict(result: RunResult) -> Markup:
    """How many of the KPIs that have a target are met."""
    judged = [kpi.met for kpi in result.card.total.kpis if kpi.met is not None]
    if not judged:
        return word("no_targets")
    unsure = sum(state_of(kpi) == "open" for kpi in result.card.total.kpis)
    tail = word("some_open", count=unsure) if unsure else Markup("")
    return word("kpis_met", met=sum(judged), judged=len(judged)) + tail


def account_rows(result: RunResult) -> list[Mapping[str, object]]:
    """Each account's five headline figures with their states."""
    table = result.world.accounts
    rows: list[Mapping[str, object]] = []
    for a, scores in enumerate(result.card.accounts.values()):
        cells = []
        for kpi in scores.kpis:
            measure, kind = MEASURES[kpi.name][0]
            figure = final(kpi, measure)
            text = Markup("–") if isinstance(figure, Absent) else plain(figure, kind)
            state = state_of(kpi)
            cells.append({"text": text, "state": state, "mark": MARKS[state]})
        rows.append({"name": name_of(table.account, table.name, table.name_zh, a), "cells": cells})
    return rows
