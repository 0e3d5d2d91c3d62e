"""Two drawings of an experiment: what differs from the baseline, and what each policy gives for what it costs."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kaopt.report import numbers
from kaopt.report.calendar import colour
from kaopt.report.charts import INK, STYLE, Labels, canvas, svg
from kaopt.report.experiment_view import Column, Ends, ExperimentView

BASELINE, GOOD, WORSE = INK, colour(0), colour(5)
ROW = 17  # units of the drawing a policy takes
SURE = 0.05


def paint(of: ExperimentView, n: int) -> str:
    """The colour of a policy."""
    return BASELINE if n == of.baseline else WORSE if of.lines[n].dominated_by else GOOD


def differences(of: ExperimentView, title: Markup) -> Markup:
    """Paired differences with their intervals, one policy a line, in the order of the table."""
    labels, column = Labels(), of.columns[of.lead]
    shown = [(n, line.points[of.lead]) for n, line in enumerate(of.lines)]
    with mpl.rc_context(STYLE):
        figure, axes = canvas(70 + ROW * len(shown))
        axes.axvline(0, color=INK, linewidth=1)
        for place, (n, point) in enumerate(shown):
            if point.difference is None or point.p is None:
                axes.plot([0], [place], marker="D", markersize=5, color=INK)
                continue
            mean, low, high = point.difference
            axes.plot([low, high], [place, place], color=paint(of, n), linewidth=2)
            inside = paint(of, n) if point.p < SURE else "white"
            axes.plot([mean], [place], marker="o", markersize=6, color=paint(of, n), markerfacecolor=inside)
        axes.set_yticks(range(len(shown)), [str(n + 1) for n, _ in shown], fontsize=10)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.set_title(labels.put(title), loc="left", fontsize=13, pad=5)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(ticks(column, labels, points=True))
        height = 70 + ROW * len(shown)
        figure.subplots_adjust(left=0.09, right=0.97, top=1 - 28 / height, bottom=32 / height)
        return svg(figure, labels, "differences")


def trade(of: ExperimentView, titles: tuple[Markup, Markup]) -> Markup:
    """The measure that decides against money, both with intervals."""
    assert of.money is not None
    labels = Labels()
    with mpl.rc_context(STYLE):
        figure, axes = canvas(330)
        for n, line in enumerate(of.lines):
            cross(axes, line.points[of.money].figure, line.points[of.lead].figure, paint(of, n))
        for n, line in enumerate(of.lines):
            at = (line.points[of.money].figure[0], line.points[of.lead].figure[0])
            axes.annotate(str(n + 1), at, (4, 4), textcoords="offset points", fontsize=9)
        axes.margins(x=0.08, y=0.1)
        axes.set_title(labels.put(titles[0]), loc="left", fontsize=13, pad=5)
        axes.set_xlabel(labels.put(titles[1]))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(ticks(of.columns[of.money], labels))
        axes.yaxis.set_major_formatter(ticks(of.columns[of.lead], labels))
        figure.subplots_adjust(left=0.16, right=0.97, top=0.92, bottom=0.15)
        return svg(figure, labels, "trade")


def cross(axes: Any, x: Ends, y: Ends, paint: str) -> None:
    """A point with its intervals."""
    axes.plot([x[1], x[2]], [y[0], y[0]], color=paint, linewidth=1.2, alpha=0.7)
    axes.plot([x[0], x[0]], [y[1], y[2]], color=paint, linewidth=1.2, alpha=0.7)
    axes.plot([x[0]], [y[0]], marker="o", markersize=5, color=paint)


def ticks(column: Column, labels: Labels, *, points: bool = False) -> FuncFormatter:
    """Amounts in both ways of writing, shares in percent, differences of shares in points."""
    if column.unit != "share":
        return labels.amounts()
    if points:
        return FuncFormatter(lambda value, _: f"{100 * value:+.3g}".replace("-", "−"))
    return FuncFormatter(lambda value, _: labels.put(Markup(numbers.percent(float(value), 1))))
