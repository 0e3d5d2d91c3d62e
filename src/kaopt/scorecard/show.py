"""A scorecard as five lines of text: planned, delivered, target, met."""

from __future__ import annotations

from math import isnan

from kaopt.scorecard.figures import Absent, Check, Figure, Interval, Kpi, Scorecard, point

LEAD = {  # the figure that stands for each KPI, and how it is written
    "sales": ("sales (net)", "net_revenue", "money"),
    "share": ("share (growth index)", "growth_index", "ratio"),
    "execution": ("execution (promotions)", "promotions", "count"),
    "profit": ("profit (contribution)", "contribution", "money"),
    "fill_rate": ("order fill rate", "value", "share"),
}


def table(card: Scorecard) -> str:
    """Five lines and a heading; a KPI that cannot be judged says why."""
    rows = [("KPI", "planned", "delivered", "target", "met")]
    rows += [line(kpi) for kpi in card.total.kpis]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = []
    for row in rows:
        first = row[0].ljust(widths[0])
        middle = "  ".join(text.rjust(width) for text, width in zip(row[1:4], widths[1:4], strict=True))
        lines.append(f"{first}  {middle}  {row[4]}".rstrip())
    return "\n".join(lines)


def line(kpi: Kpi) -> tuple[str, str, str, str, str]:
    """One KPI as texts."""
    label, measure, kind = LEAD[kpi.name]
    match kpi.name:
        case "execution":
            planned, delivered = kpi.at(measure, "planned"), kpi.at(measure, "expected")
        case "fill_rate":
            planned, delivered = Absent(""), kpi.at("value") if "value" in kpi.figures else Absent("not simulated")
        case _:
            planned, delivered = kpi.at("planned", measure), kpi.at("delivered", measure)
    asked = next((check.target for check in kpi.checks if check.measure == measure), float("nan"))
    return label, number(planned, kind), number(delivered, kind), number(asked, kind), verdict(kpi)


def verdict(kpi: Kpi) -> str:
    """Met or not, which target is missed, and whether the interval leaves it open."""
    if kpi.met is None:
        figure = kpi.at("planned", LEAD[kpi.name][1]) if kpi.name in ("sales", "share", "profit") else 0.0
        return f"does not apply: {figure.why}" if isinstance(figure, Absent) else "no target"
    missed = [missing(check) for check in kpi.checks if check.met is False]
    text = "met" if kpi.met else "MISSED: " + ", ".join(missed)
    return text if kpi.sure is not False else text + " (interval reaches across the target)"


def missing(check: Check) -> str:
    """The measure in words."""
    return check.measure.replace("_", " ")


def number(figure: Figure, kind: str) -> str:
    """A figure for a narrow column; half the interval's width behind it."""
    value = point(figure)
    if isnan(value):
        return "-"
    half = (figure.high - figure.low) / 2 if isinstance(figure, Interval) else 0.0
    tail = f" ±{plain(half, kind)}" if half > 0 else ""
    return plain(value, kind) + tail


def plain(value: float, kind: str) -> str:
    """One number in the way of its kind."""
    match kind:
        case "share":
            return f"{value:.1%}"
        case "ratio":
            return f"{value:.3f}"
        case "count":
            return f"{value:,.1f}".removesuffix(".0")
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:,.2f} {unit}"
    return f"{value:,.0f}"
