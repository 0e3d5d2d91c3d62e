"""A frontier as plain data, as a table of text, as a table for spreadsheets, and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaopt.planning.curve import Frontier, Point
from kaopt.report.numbers import asked
from kaopt.scorecard.figures import KPIS
from kaopt.scorecard.show import LANGUAGES, plain, width

if TYPE_CHECKING:
    import pandas as pd

LEADS = {  # the planned figure that stands for each KPI; the order fill rate needs a simulation
    "sales": ("planned", "net_revenue"),
    "share": ("planned", "growth_index"),
    "execution": ("promotions", "expected"),
    "profit": ("planned", "contribution"),
}
HEAD = (
    ("setting", "objective", "at most", "gap", "cases", "contribution", "spend", "events", "next unit"),
    ("设置", "目标值", "上限", "差距", "净增箱数", "净增贡献", "促销费用", "场次", "再加一单位"),
)
SAYS = {
    "infeasible": ("the rules cannot all hold: {why}", "规则不能同时满足：{why}"),
    "no plan": ("no plan was found within the limit", "在限制内没有找到方案"),
    "dominated": (
        "another plan is as good in all of cases, contribution and spend",
        "另有方案在箱数、贡献、费用上都不差",
    ),
    "stopped": (
        "stopped after {done} of {asked} points; --resume goes on",
        "完成 {asked} 个点中的 {done} 个后停止；可用 --resume 继续",
    ),
    "next": (
        "next unit: objective per unit of the setting up to the next plan, of the plans found",
        "再加一单位：到下一个方案为止，设置每增加一单位的目标值",
    ),
}


def as_dict(of: Frontier) -> dict[str, Any]:
    """Plain data: every point with its certificate, figures and five KPIs as planned, and the steps between."""
    return {
        "path": of.path,
        "own": of.own,
        "asked": of.asked,
        "stopped": of.stopped,
        "points": [point_dict(one, worse) for one, worse in zip(of.points, of.dominated, strict=True)],
        "steps": [vars(one) for one in of.steps],
    }


def point_dict(of: Point, dominated: bool) -> dict[str, Any]:
    """One point."""
    content: dict[str, Any] = {"value": of.value, "of_own": of.share, "status": of.status, "seconds": of.seconds}
    if not of.made:
        return content | {"conflicts": [list(one) for one in of.conflicts], "message": of.message}
    certificate = {name: of.certificate[name] for name in ("objective", "bound", "gap", "realised_objective")}
    money = {"contribution": of.contribution, "incremental_cases": of.cases, "spend": of.spend}
    kpis = {name: of.scorecard["total"][name] for name in KPIS}
    return content | certificate | money | {"events": of.events, "dominated": dominated, "kpis": kpis}


def rows(of: Frontier) -> list[dict[str, Any]]:
    """One row for each point."""
    nexts = {one.first: one for one in of.steps}
    found = []
    for point, worse in zip(of.points, of.dominated, strict=True):
        row: dict[str, Any] = {"setting": of.path, "value": point.value, "of_own": point.share, "status": point.status}
        if point.made:
            row |= {"objective": point.objective, "bound": point.certificate["bound"], "gap": point.certificate["gap"]}
            row |= {"incremental_cases": point.cases, "incremental_contribution": point.contribution}
            row |= {"promotion_spend": point.spend, "events": point.events, "dominated": worse}
            row |= {kpi: point.at(kpi, *path) for kpi, path in LEADS.items()}
        step = nexts.get(point.value) if point.made else None
        row |= {"worth_next": step and step.worth, "worth_least": step and step.least, "worth_most": step and step.most}
        found.append(row | {"conflict": " + ".join(point.conflicts[0]) if point.conflicts else ""})
    return found


def frame(of: Frontier) -> pd.DataFrame:
    """The points as a table for spreadsheets."""
    import pandas as pd

    return pd.DataFrame(rows(of))


def text(of: Frontier, language: str = "en") -> str:
    """The table for a terminal."""
    spoken = LANGUAGES.get(language, 0)
    lines = [HEAD[spoken], *(line(of, row, spoken) for row in rows(of))]
    full = [one for one in lines if len(one) > 2]
    size = [max(width(one[i]) for one in full) for i in range(len(HEAD[0]))]
    shown = ["  ".join(" " * (n - width(cell)) + cell for cell, n in zip(one, size, strict=False)) for one in lines]
    notes = [SAYS["next"][spoken]] if of.steps else []
    notes += ["* " + SAYS["dominated"][spoken]] if any(of.dominated) else []
    if of.stopped:
        notes.append(SAYS["stopped"][spoken].format(done=len(of.points), asked=of.asked))
    return "\n".join([of.path, *shown, *notes])


def line(of: Frontier, row: dict[str, Any], spoken: int) -> tuple[str, ...]:
    """One point as cells, or its value and why there is no plan."""
    own = "" if row["of_own"] is None else f" ({asked(row['of_own'])}%)"
    name = f"{row['value']:,.6g}" if abs(row["value"]) < 1000 else f"{row['value']:,.0f}"
    if "objective" not in row:
        return name + own, SAYS[row["status"]][spoken].format(why=row["conflict"] or "?")
    bound, gap = row["bound"], row["gap"]
    return (
        name + own + (" *" if row["dominated"] else ""),
        f"{row['objective']:,.0f}",
        "-" if bound is None else f"{bound:,.0f}",
        "-" if gap is None else f"{gap:.2%}",
        plain(row["incremental_cases"], "money", spoken),
        plain(row["incremental_contribution"], "money", spoken),
        plain(row["promotion_spend"], "money", spoken),
        f"{row['events']}",
        "-" if row["worth_next"] is None else f"{row['worth_next']:.4g}",
    )


def page(of: Frontier, language: str) -> str:
    """The page with a chart."""
    from kaopt.report.frontier_page import FrontierView, render

    view = FrontierView(of.path, of.own, of.world.name, of.world.currency, tuple(rows(of)), of.world.objective.maximize)
    return render(view, language)
