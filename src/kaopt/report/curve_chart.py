"""A curve of plans: what was found, what no plan exceeds, and a second figure below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from kaopt.report.calendar import colour
from kaopt.report.charts import INK, STYLE, Labels, canvas, svg
from kaopt.scenario.columns import Floats

FOUND, BOUND, SECOND, NONE = colour(0), colour(5), colour(2), colour(4)


@dataclass(frozen=True, eq=False)
class Curve:
    """Aligned arrays [P], NaN where there is no plan."""

    name: str  # of the drawing
    x: Floats
    found: Floats
    bound: Floats
    second: Floats
    titles: tuple[Markup, Markup]
    x_label: Markup
    mark: float | None = None  # a value of x to mark: the scenario's own, the chosen plan's
    broken: Sequence[float] = ()  # values of x without a plan


def draw_curve(curve: Curve) -> Markup:
    """Two drawings, one above the other, over the same values."""
    labels = Labels()
    with mpl.rc_context(STYLE):
        figure, (top, low) = canvas(360, rows=2)
        known = np.isfinite(curve.found)
        x = curve.x[known]
        bound = np.where(np.isfinite(curve.bound[known]), curve.bound[known], curve.found[known])
        top.fill_between(x, curve.found[known], bound, color=BOUND, alpha=0.35, linewidth=0)
        top.plot(x, bound, color=BOUND, linewidth=1.2)
        top.plot(x, curve.found[known], color=FOUND, linewidth=1.6, marker="o", markersize=4.5)
        low.plot(x, curve.second[known], color=SECOND, linewidth=1.6, marker="o", markersize=4.5)
        for axes, words in zip((top, low), curve.titles, strict=True):
            axes.set_title(labels.put(words), loc="left", fontsize=13, pad=5)
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(labels.amounts())
            axes.margins(y=0.12)
            for value in curve.broken:
                axes.axvline(value, color=NONE, linewidth=1.2, linestyle=(0, (1, 2)))
            if curve.mark is not None:
                axes.axvline(curve.mark, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        low.set_xlabel(labels.put(curve.x_label))
        low.xaxis.set_major_locator(MaxNLocator(5))
        if np.nanmax(np.abs(curve.x), initial=0.0) >= 1000:
            low.xaxis.set_major_formatter(labels.amounts())
        figure.subplots_adjust(left=0.15, right=0.97, top=0.93, bottom=0.13, hspace=0.3)
        return svg(figure, labels, curve.name)
