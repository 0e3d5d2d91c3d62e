"""Charts as inline SVG: text stays text, both languages in one drawing, the same input gives the same bytes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kaopt.report import numbers
from kaopt.report.calendar import colour, families
from kaopt.report.result import RunResult
from kaopt.report.text import amount, word
from kaopt.scenario.columns import Floats

INK, FAINT = "#010203", "#040506"  # stand-ins that become the page's own colours, light or dark
WIDTH, POINT = 400, 72  # units of the drawing; at a phone's width its 13-unit text is about 10 pixels high
LINES = {"without_plan": "#888888", "with_plan": colour(0), "accepted": colour(4)}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kaopt",
    "font.size": 13,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


@dataclass(frozen=True)
class Labels:
    """Texts of a drawing: matplotlib sees a short token, the page gets both languages in its place."""

    texts: dict[str, Markup] = field(default_factory=dict)

    def put(self, text: Markup) -> str:
        """The token that stands for a text."""
        token = f"L{len(self.texts):03d}L"
        self.texts[token] = text
        return token

    def amounts(self) -> FuncFormatter:
        """A tick formatter for money and cases."""
        return FuncFormatter(lambda value, _: self.put(amount(float(value))))


def canvas(height: int, rows: int = 1) -> tuple[Figure, Any]:
    """An empty drawing of the common width."""
    figure = Figure(figsize=(WIDTH / POINT, height / POINT))
    axes = figure.subplots(rows, 1, sharex=rows > 1)
    return figure, axes


def svg(figure: Figure, labels: Labels, name: str) -> Markup:
    """The drawing as a piece of HTML: nothing outside it is referred to."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" role="img">', text, count=1)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = text.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 var(--font)", text)
    text = text.replace(INK, "currentColor").replace(FAINT, "var(--line)")
    for token, both_languages in labels.texts.items():
        text = text.replace(token, str(both_languages).replace("<span", "<tspan").replace("</span", "</tspan"))
    return Markup(re.sub(r"\n\s*\n", "\n", text))  # our own drawing; every text in it was escaped by `put`'s Markup


def weekly(result: RunResult) -> Markup:
    """Cases and promotion spend week by week, with and without the plan."""
    world, year, labels = result.world, result.ledger.realised, Labels()
    weeks = np.arange(1, world.weeks + 1)
    with mpl.rc_context(STYLE):
        figure, (cases, spend) = canvas(330, rows=2)
        base, planned = world.base_cases.sum(axis=(0, 1)), year.cases.sum(axis=(0, 1))
        cases.fill_between(weeks, base, planned, color=LINES["with_plan"], alpha=0.25, linewidth=0)
        cases.plot(weeks, base, color=LINES["without_plan"], linewidth=1.4)
        cases.plot(weeks, planned, color=LINES["with_plan"], linewidth=1.6)
        if result.service is not None:
            accepted = result.service.accepted_cases.mean(axis=0).sum(axis=0)
            cases.plot(weeks, accepted, color=LINES["accepted"], linewidth=1.2, linestyle=(0, (2, 1.5)))
        title(cases, labels, "cases_per_week")
        stacked(spend, weeks, spend_by_family(result), labels)
        title(spend, labels, "spend_per_week")
        spend.set_xlim(0.4, world.weeks + 0.6)
        spend.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        spend.set_xlabel(labels.put(word("week")))
        for axes in (cases, spend):
            axes.grid(visible=False, axis="x")
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(labels.amounts())
        figure.subplots_adjust(left=0.15, right=0.985, top=0.93, bottom=0.13, hspace=0.28)
        return svg(figure, labels, "weekly")


def stacked(axes: Any, weeks: Any, amounts: Floats, labels: Labels) -> None:
    """Bars by family, one on another."""
    under = np.zeros(len(weeks))
    for f, values in enumerate(amounts):
        axes.bar(weeks, values, bottom=under, width=0.85, color=colour(f), linewidth=0)
        under += values


def spend_by_family(result: RunResult) -> Floats:
    """[F, W] promotion spend of the year lived together, by the family that is active in the cell."""
    world, year = result.world, result.ledger.realised
    kinds = families(world)
    of_family = np.array([*(kinds.index(name) for name in world.treatments.family), -1])
    active = of_family[year.treatment]
    return np.array([np.where(active == f, year.spend, 0.0).sum(axis=(0, 1)) for f in range(len(kinds))])


def title(axes: Any, labels: Labels, key: str) -> None:
    """A heading at the left, above the axis, where there is room for it."""
    axes.set_title(labels.put(word(key)), loc="left", fontsize=13, pad=5)


def worth_naming(spend: Floats, ratio: Floats, most: int = 4) -> list[int]:
    """The largest accounts, the best and the worst return, as far as their names do not meet."""
    order = [int(np.argmax(spend)), int(np.argmax(ratio)), int(np.argmin(ratio)), *map(int, np.argsort(-spend))]
    height = max(float(np.ptp(ratio)), 1e-9)
    named: list[int] = []
    for a in order:
        if len(named) < most and all(abs(ratio[a] - ratio[b]) > 0.12 * height for b in named):
            named.append(a)
    return named


def returns(spend: Floats, gain: Floats, names: list[Markup]) -> Markup:
    """Every account's spend and net return; the largest few are named."""
    labels = Labels()
    with mpl.rc_context(STYLE):
        figure, axes = canvas(290)
        ratio = gain / spend
        axes.axhline(0, color=INK, linewidth=1)
        colours = [colour(0) if value >= 0 else colour(4) for value in ratio]
        axes.scatter(spend, ratio, s=46, c=colours, alpha=0.75, linewidths=0)
        for a in worth_naming(spend, ratio):
            side = "right" if spend[a] > 0.6 * spend.max() else "left"
            axes.annotate(labels.put(names[a]), (spend[a], ratio[a]), (0, 7), textcoords="offset points", ha=side)
        axes.set_xlim(0, float(spend.max()) * 1.15)
        axes.margins(y=0.18)
        axes.set_xlabel(labels.put(word("scatter_x")))
        axes.set_title(labels.put(word("return")), loc="left", fontsize=13, pad=5)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(labels.amounts())
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: labels.put(Markup(numbers.percent(value, 0)))))
        figure.subplots_adjust(left=0.15, right=0.97, top=0.92, bottom=0.16)
        return svg(figure, labels, "returns")
