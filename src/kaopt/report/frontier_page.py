"""The page of a frontier: what more, or less, of one setting buys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from kaopt.report import numbers
from kaopt.report.curve_chart import BOUND, FOUND, NONE, SECOND, Curve, draw_curve
from kaopt.report.sheet import NOTHING, Cell, Section, Sheet, Table, called, draw, say
from kaopt.report.text import amount, rule
from kaopt.scenario.settings import Words

Row = Mapping[str, Any]
UNITS = {"profitable_volume": "in_cases", "lexicographic": "in_cases"}  # of the objective; money for the others


@dataclass(frozen=True)
class FrontierView:
    """What the page shows: the rows of frontier.csv and where they come from."""

    path: str
    own: float | None
    name: Words
    currency: str
    rows: tuple[Row, ...]
    aim: str  # what is maximised


def render(of: FrontierView, language: str) -> str:
    """The page as text."""
    made = [row for row in of.rows if "objective" in row]
    facts = [say("points", made=len(made), all=len(of.rows)), say("money_in", currency=of.currency)]
    if of.own is not None:
        facts.insert(0, say("own_value", value=value(of.own)))
    sections = [Section(say("points_title"), (say("points_note"),), (), None, table(of))]
    if len(made) > 1:
        sections.insert(0, chart(of))
    kind = say("frontier")
    return draw(Sheet(kind, title(of), tuple(facts), verdict(of), tuple(sections), language))


def title(of: FrontierView) -> Markup:
    """The scenario and the setting."""
    return called(of.name) + Markup(" · {}").format(of.path)


def verdict(of: FrontierView) -> Markup:
    """What the setting is worth around the scenario's own value, or from end to end."""
    priced = [row for row in of.rows if row.get("worth_next") is not None]
    if not priced:
        return say("no_worth")
    near = priced[0] if of.own is None else min(priced, key=lambda row: abs(row["value"] - of.own))
    worth, least, most = (per(of, near[name]) for name in ("worth_next", "worth_least", "worth_most"))
    return say("worth", at=value(near["value"]), more=more(of), worth=worth, unit=unit(of), least=least, most=most)


def step_of(path: str) -> float:
    """How much more of a setting is priced: 100 of money, as the field says it; one unit of all else."""
    return 100.0 if path.startswith("budget.") else 1.0


def more(of: FrontierView) -> str:
    """The amount that is priced, in words."""
    return f"100 {of.currency}" if step_of(of.path) > 1 else "1"


def per(of: FrontierView, worth: float | None) -> str:
    """A price of a unit as the price of what is priced."""
    return numbers.NOTHING if worth is None else f"{worth * step_of(of.path):.3g}".replace("-", "−")


def unit(of: FrontierView) -> tuple[str, str]:
    """The objective's unit in both languages."""
    return ("cases", "箱") if of.aim in UNITS else (of.currency, of.currency)


def value(number: float) -> str:
    """A value of the setting: every digit of what is small, whole numbers of what is large."""
    return f"{number:,.6g}" if abs(number) < 1000 else f"{number:,.0f}"


def column(of: FrontierView, name: str) -> np.ndarray:
    """[P] one column, NaN where there is nothing."""
    found = [row.get(name) for row in of.rows]
    return np.array([np.nan if one is None else float(one) for one in found])


def chart(of: FrontierView) -> Section:
    """Objective with its bound, and the money gained."""
    broken = [row["value"] for row in of.rows if "objective" not in row]
    drawing = draw_curve(
        Curve(
            name="frontier",
            x=column(of, "value"),
            found=column(of, "objective"),
            bound=column(of, "bound"),
            second=column(of, "incremental_contribution"),
            titles=(say("objective_in", unit=unit(of)), say("gained_in", unit=of.currency)),
            x_label=escape(of.path),
            mark=of.own,
            broken=broken,
        )
    )
    legend = [(FOUND, say("found")), (BOUND, say("bound")), (SECOND, say("gained"))]
    legend += [(NONE, say("no_plan_here"))] if broken else []
    notes = (say("chart_note"),) if of.own is None else (say("chart_note"), say("own_marked"))
    return Section(say("chart_title"), notes, tuple(legend), drawing)


def table(of: FrontierView) -> Table:
    """One line for each point."""
    keys = ("setting", "objective", "bound", "gap", "cases", "gained", "spend", "events", "growth_index", "next_unit")
    return Table(tuple(say(key, more=more(of)) for key in keys), tuple(line(of, row) for row in of.rows))


def line(of: FrontierView, row: Row) -> tuple[Cell, ...]:
    """One point as cells."""
    own = of.own is not None and abs(row["value"] - of.own) <= 1e-9 * abs(of.own)
    name = escape(value(row["value"]))
    if row["of_own"] is not None:
        name += Markup(" <small>{}</small>").format(numbers.asked(row["of_own"]) + "\u00a0%")
    if "objective" not in row:
        names = row["conflict"].split(" + ") if row["conflict"] else []
        why = Markup(" + ").join(rule(one) for one in names)
        text = say("infeasible") + ": " + why if names else say("no_plan")
        return Cell(name), Cell(text, "missed")
    if row["dominated"]:
        name += Markup(" <small>{}</small>").format(say("dominated_short"))
    figures = [amount(row[key]) for key in ("objective", "bound")] if row["bound"] is not None else []
    figures = figures or [amount(row["objective"]), NOTHING]
    figures.append(NOTHING if row["gap"] is None else escape(numbers.percent(row["gap"], 2)))
    figures += [amount(row[key]) for key in ("incremental_cases", "incremental_contribution", "promotion_spend")]
    figures.append(escape(f"{row['events']:,}"))
    figures.append(NOTHING if row["share"] is None else escape(numbers.index(row["share"])))
    figures.append(between(of, row))
    return (Cell(name, "own" if own else "worse" if row["dominated"] else ""), *(Cell(one) for one in figures))


def between(of: FrontierView, row: Row) -> Markup:
    """The worth of the next unit, and between what it must lie."""
    if row["worth_next"] is None:
        return NOTHING
    text = escape(per(of, row["worth_next"]))
    if row["worth_least"] is None or row["worth_most"] is None:
        return text
    return text + Markup(" <small>{} … {}</small>").format(per(of, row["worth_least"]), per(of, row["worth_most"]))
