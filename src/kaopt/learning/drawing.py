"""Drawings of a fit: held-out volume, errors by size, slopes by series."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from kaopt.learning.words import WORDS
from kaopt.report.calendar import colour
from kaopt.report.charts import INK, STYLE, Labels, canvas, svg
from kaopt.report.sheet import spoken
from kaopt.scenario.columns import Floats

SOLD, AHEAD = colour(4), colour(0)
POINTS = 1500  # drawn at most
EDGE = 5.0  # standard deviations shown


def say(key: str, **values: object) -> Markup:
    """A word in both languages."""
    en, zh = WORDS[key]
    return spoken(en.format(**values), zh.format(**values))


def by_week_ahead(held: pd.DataFrame) -> pd.DataFrame:
    """Units sold and forecast of all series by week since the fit ended: series may end in different weeks."""
    ahead = held.groupby(["account", "sku"])["week"].rank().astype(int)
    return held.groupby(ahead)[["units", "mean"]].sum()


def volume(held: pd.DataFrame) -> Markup:
    """What was sold and what was forecast, week by week."""
    labels, weekly = Labels(), by_week_ahead(held)
    with mpl.rc_context(STYLE):
        figure, axes = canvas(230)
        axes.plot(weekly.index, weekly["units"], color=SOLD, linewidth=1.6)
        axes.plot(weekly.index, weekly["mean"], color=AHEAD, linewidth=1.6)
        axes.set_ylim(bottom=0)
        axes.set_title(labels.put(say("volume")), loc="left", fontsize=13, pad=5)
        axes.set_xlabel(labels.put(say("week_ahead")))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(labels.amounts())
        figure.subplots_adjust(left=0.17, right=0.97, top=0.9, bottom=0.2)
        return svg(figure, labels, "volume")


def errors(held: pd.DataFrame, width: float) -> Markup:
    """How many standard deviations each held-out week was off, by the size of its forecast."""
    labels = Labels()
    part = held.iloc[:: max(len(held) // POINTS, 1)]
    spread = np.log(part["high80"] / part["median"]) / width
    off = (np.log(part["units"] / part["median"]) / spread).clip(-EDGE, EDGE)
    with mpl.rc_context(STYLE):
        figure, axes = canvas(250)
        axes.scatter(part["median"], off, s=7, color=AHEAD, alpha=0.45, linewidths=0)
        for line in (-width, width):
            axes.axhline(line, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xscale("log")
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(labels.amounts())
        axes.set_ylim(-EDGE, EDGE)
        axes.set_title(labels.put(say("errors")), loc="left", fontsize=13, pad=5)
        axes.set_xlabel(labels.put(say("forecast_units")))
        figure.subplots_adjust(left=0.1, right=0.97, top=0.9, bottom=0.19)
        return svg(figure, labels, "errors")


def slopes(name: str, pooled: Floats, alone: Floats) -> Markup:
    """How a coefficient differs between series, in the model and fitted for each alone."""
    labels = Labels()
    low, high = np.quantile(np.r_[pooled, alone], [0.02, 0.98])
    edges = np.linspace(low, high + 1e-9, 31)
    with mpl.rc_context(STYLE):
        figure, axes = canvas(210)
        axes.hist(np.clip(alone, low, high), edges, color=SOLD, alpha=0.5)
        axes.hist(np.clip(pooled, low, high), edges, color=AHEAD, alpha=0.6)
        axes.set_title(labels.put(say("spread_of", term=name)), loc="left", fontsize=13, pad=5)
        axes.set_xlabel(labels.put(Markup.escape(name)))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        figure.subplots_adjust(left=0.12, right=0.97, top=0.89, bottom=0.22)
        return svg(figure, labels, f"slopes-{name}")
