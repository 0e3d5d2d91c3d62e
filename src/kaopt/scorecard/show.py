"""A scorecard as five lines of text: planned, delivered, target, met; in English or Chinese."""

from __future__ import annotations

from math import isnan, nan
from unicodedata import east_asian_width

from kaopt.scorecard.figures import Absent, Check, Figure, Interval, Kpi, Scorecard, point
from kaopt.scorecard.why import WHY

LEAD = {  # the figure that stands for each KPI, and how it is written
    "sales": ("net_revenue", "money"),
    "share": ("growth_index", "ratio"),
    "execution": ("promotions", "count"),
    "profit": ("contribution", "money"),
    "fill_rate": ("value", "share"),
}
KINDS = {"high_margin_share": "share", "promotions": "count", "displays": "count", **dict(LEAD.values())}
LANGUAGES = {"en": 0, "zh": 1}
WORDS = {
    "heading": ("KPI", "指标"),
    "planned": ("planned", "计划"),
    "delivered": ("delivered", "兑现"),
    "target": ("target", "目标"),
    "met": ("met", "达成"),
    "sales": ("sales (net)", "销售收入（净额）"),
    "share": ("share (growth index)", "市场份额（增长指数）"),
    "execution": ("execution (promotions)", "门店执行（促销次数）"),
    "profit": ("profit (contribution)", "经营利润（贡献）"),
    "fill_rate": ("order fill rate", "订单满足率"),
    "missed": ("MISSED: ", "未达成："),
    "open": (" (interval reaches across the target)", "（置信区间跨越目标）"),
    "no_target": ("no target", "无目标"),
    "unknown": ("not simulated", "未模拟"),
    "absent": ("does not apply: ", "不适用："),
    "net_revenue": ("net revenue", "净销售额"),
    "high_margin_share": ("high margin share", "高毛利占比"),
    "growth_index": ("growth index", "增长指数"),
    "promotions": ("promotions", "促销次数"),
    "displays": ("displays", "陈列周数"),
    "contribution": ("contribution", "贡献"),
    "incremental_contribution": ("incremental contribution", "净增贡献"),
    "value": ("value fill", "金额满足率"),
}
SCALES = (((1e9, " bn"), (1e6, " M"), (1e3, " k")), ((1e8, "亿"), (1e4, "万")))


def table(card: Scorecard, language: str = "en") -> str:
    """Five lines and a heading; a KPI that cannot be judged says why."""
    spoken = LANGUAGES.get(language, 0)
    rows = [tuple(WORDS[key][spoken] for key in ("heading", "planned", "delivered", "target", "met"))]
    rows += [line(kpi, spoken) for kpi in card.total.kpis]
    size = [max(width(row[i]) for row in rows) for i in range(4)]
    lines = []
    for row in rows:
        cells = [" " * (size[i] - width(row[i])) + row[i] for i in range(1, 4)]
        first = row[0] + " " * (size[0] - width(row[0]))
        lines.append("  ".join((first, *cells, row[4])).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns that a text takes on a terminal; Chinese characters take two."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def line(kpi: Kpi, spoken: int) -> tuple[str, ...]:
    """One KPI as texts."""
    measure, kind = LEAD[kpi.name]
    asked = next((check.target for check in kpi.checks if check.measure == measure), nan)
    figures = (*both(kpi, measure), asked)
    return WORDS[kpi.name][spoken], *(number(one, kind, spoken) for one in figures), verdict(kpi, spoken)


def both(kpi: Kpi, measure: str) -> tuple[Figure, Figure]:
    """The measure as planned and as delivered (or expected)."""
    match kpi.name:
        case "execution":
            return kpi.at(measure, "planned"), kpi.at(measure, "expected")
        case "fill_rate":
            return nan, kpi.at(measure) if measure in kpi.figures else nan
    return kpi.planned(measure), kpi.at("delivered", measure)


def verdict(kpi: Kpi, spoken: int) -> str:
    """Met or not, which target is missed, and whether the interval leaves it open."""
    if kpi.met is None:
        figure = both(kpi, LEAD[kpi.name][0])[0]
        if isinstance(figure, Absent):
            reason = WHY.get(figure.why, figure.why) if spoken else figure.why
            return WORDS["absent"][spoken] + reason
        return WORDS["unknown" if kpi.checks else "no_target"][spoken]
    missed = [failing(kpi, check, spoken) for check in kpi.checks if check.met is False]
    text = WORDS["missed"][spoken] + ", ".join(missed) if missed else WORDS["met"][spoken]
    return text + (WORDS["open"][spoken] if kpi.sure is False else "")


def failing(kpi: Kpi, check: Check, spoken: int) -> str:
    """The measure that misses its target; with figures where the line shows another one."""
    name = WORDS[check.measure][spoken]
    if check.measure == LEAD[kpi.name][0]:
        return name
    kind = KINDS.get(check.measure, "money")
    planned, counts = both(kpi, check.measure)
    reached = number(planned if isnan(point(counts)) else counts, kind, spoken)
    return f"{name} {reached} ({WORDS['target'][spoken]} {plain(check.target, kind, spoken)})"


def number(figure: Figure, kind: str, spoken: int) -> str:
    """A figure for a narrow column; half the interval's width behind it."""
    value = point(figure)
    if isnan(value):
        return "-"
    half = (figure.high - figure.low) / 2 if isinstance(figure, Interval) else 0.0
    tail = f" ±{plain(half, kind, spoken)}" if half > 0 else ""
    return plain(value, kind, spoken) + tail


def plain(value: float, kind: str, spoken: int) -> str:
    """One number in the way of its kind."""
    match kind:
        case "share":
            return f"{value:.1%}"
        case "ratio":
            return f"{value:.3f}"
        case "count":
            return f"{value:,.1f}".removesuffix(".0")
    for size, unit in SCALES[spoken]:
        if abs(value) >= size:
            return f"{value / size:,.2f}{unit}"
    return f"{value:,.0f}"
