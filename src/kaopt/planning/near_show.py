"""The curve of changes against objective as data, text, table and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaopt.allocation.plans.nearest import Near, Point
from kaopt.runs import plain
from kaopt.scorecard.show import LANGUAGES, width

if TYPE_CHECKING:
    import pandas as pd

HEAD = (
    ("changes", "dropped", "added", "objective", "at most", "gap", "contribution"),
    ("改动", "去掉", "新增", "目标值", "上限", "差距", "净增贡献"),
)
SAYS = {
    "given": (
        "the given plan: objective {objective:,.1f}, rules broken: {breaches}",
        "原方案：目标值 {objective:,.1f}，违反 {breaches} 条规则",
    ),
    "fewest": (
        "no plan that keeps every rule has fewer than {proven} changes (proven)",
        "已证明：守住全部规则至少需要 {proven} 处改动",
    ),
    "chosen": ("> the plan of this run", "> 本次采用的方案"),
}


def rows(of: Near) -> list[dict[str, Any]]:
    """One row for each plan; `changes` are what it makes, `allowed` what it was allowed (empty: any number)."""
    found = []
    for n, point in enumerate(of.points):
        made = point.plan.certificate
        assert made is not None
        row: dict[str, Any] = {"allowed": point.allowed, "changes": point.changes, "dropped": point.dropped}
        row |= {"added": point.added, "objective": made.objective, "bound": made.bound, "gap": made.gap}
        row |= {"contribution": contribution(of, point), "events": len(point.plan), "status": made.status}
        found.append(row | {"chosen": n == of.at})
    return found


def contribution(of: Near, point: Point) -> float:
    """Money that the plan's events and charges bring."""
    from kaopt.allocation.evaluate import evaluate

    return evaluate(of.world, point.plan, of.rules).contribution


def as_dict(of: Near) -> dict[str, Any]:
    """The curve as plain data."""
    content: dict[str, Any] = plain(
        {
            "given": {
                "objective": of.given_objective,
                "breaches": of.given_breaches,
                "events": len(of.given),
            },
            "fewest_proven": of.proven,
            "points": rows(of),
        }
    )
    return content


def frame(of: Near) -> pd.DataFrame:
    """The curve as a table for spreadsheets."""
    import pandas as pd

    return pd.DataFrame(rows(of), dtype=object)


def text(of: Near, language: str = "en") -> str:
    """The curve for a terminal."""
    spoken = LANGUAGES.get(language, 0)
    cells = [("", *HEAD[spoken]), *(line(row) for row in rows(of))]
    size = [max(width(one[i]) for one in cells) for i in range(len(cells[0]))]
    lines = ["  ".join(" " * (n - width(cell)) + cell for cell, n in zip(one, size, strict=True)) for one in cells]
    given = SAYS["given"][spoken].format(objective=of.given_objective, breaches=of.given_breaches)
    return "\n".join([given, SAYS["fewest"][spoken].format(proven=of.proven), *lines, SAYS["chosen"][spoken]])


def line(row: dict[str, Any]) -> tuple[str, ...]:
    """One plan as cells."""
    counts = (f"{row[name]}" for name in ("changes", "dropped", "added"))
    money = (f"{row[name]:,.0f}" for name in ("objective", "bound"))
    return (">" if row["chosen"] else "", *counts, *money, f"{row['gap']:.2%}", f"{row['contribution']:,.0f}")


def page(of: Near, language: str) -> str:
    """The page with a chart."""
    from kaopt.report.near_page import NearView, render

    view = NearView(of.world.name, of.world.currency, of.given_objective, of.given_breaches, of.proven, tuple(rows(of)))
    return render(view, language)
