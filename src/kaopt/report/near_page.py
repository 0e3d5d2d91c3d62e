"""The page of a repaired plan: what each further change brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from kaopt.report import numbers
from kaopt.report.curve_chart import BOUND, FOUND, SECOND, Curve, draw_curve
from kaopt.report.sheet import NOTHING, Cell, Section, Sheet, Table, called, draw, say
from kaopt.report.text import amount
from kaopt.scenario.settings import Words


@dataclass(frozen=True)
class NearView:
    """What the page shows: the rows of near.csv and the given plan."""

    name: Words
    currency: str
    given_objective: float
    given_breaches: int
    proven: int
    rows: tuple[Mapping[str, Any], ...]


def render(of: NearView, language: str) -> str:
    """The page as text."""
    chosen = next(row for row in of.rows if row["chosen"])
    facts = (
        say("given_plan", objective=f"{of.given_objective:,.0f}", breaches=of.given_breaches),
        say("fewest", proven=of.proven),
        say("money_in", currency=of.currency),
    )
    verdict = say("chosen_plan", changes=chosen["changes"], dropped=chosen["dropped"], added=chosen["added"])
    points = Section(say("near_table"), (say("near_note"),), (), None, table(of))
    sections = (chart(of, chosen), points) if len(of.rows) > 1 else (points,)
    return draw(Sheet(say("near"), called(of.name), facts, verdict, sections, language))


def chart(of: NearView, chosen: Mapping[str, Any]) -> Section:
    """Objective with its bound, and the money gained, over the changes that each plan makes."""

    def column(name: str) -> np.ndarray:
        return np.array([np.nan if row[name] is None else float(row[name]) for row in of.rows])

    drawing = draw_curve(
        Curve(
            name="near",
            x=column("changes"),
            found=column("objective"),
            bound=column("bound"),
            second=column("contribution"),
            titles=(say("objective"), say("gained_in", unit=of.currency)),
            x_label=say("changes"),
            mark=float(chosen["changes"]),
        )
    )
    legend = ((FOUND, say("found")), (BOUND, say("bound")), (SECOND, say("gained")))
    return Section(say("near_chart"), (say("near_chart_note"),), legend, drawing)


def table(of: NearView) -> Table:
    """One line for each plan."""
    keys = ("changes", "dropped", "added", "objective", "bound", "gap", "gained", "events")
    lines = tuple(line(row) for row in of.rows)
    return Table(tuple(say(key) for key in keys), lines)


def line(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """One plan as cells."""
    name = escape(f"{row['changes']}")
    if row["allowed"] is None:
        name += Markup(" <small>{}</small>").format(say("any_number"))
    elif row["chosen"]:
        name += Markup(" <small>{}</small>").format(say("this_run"))
    figures = [escape(f"{row[key]}") for key in ("dropped", "added")]
    figures += [NOTHING if row[key] is None else amount(row[key]) for key in ("objective", "bound")]
    figures.append(NOTHING if row["gap"] is None else escape(numbers.percent(row["gap"], 2)))
    figures += [amount(row["contribution"]), escape(f"{row['events']:,}")]
    state = "own" if row["chosen"] else ""
    return (Cell(name, state), *(Cell(one, state) for one in figures))
