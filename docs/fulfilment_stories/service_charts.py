"""One chart per fulfilment story, drawn from its figures in the colours of the other stories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from charts import BLUE, GREEN, GREY, RED, SAND, STYLE
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CAUSE = {"late": RED, "age": SAND, "shortage": BLUE, "paper": GREY}
SHORT = {
    "gate": "acceptance gate",
    "small_lots": "smaller lots",
    "trained_drivers": "trained drivers",
    "early_notice": "early notice",
    "safety_stock": "no planned shortage",
    "clean_paper": "clean papers",
    "acceptance_40": "W accepts 40 % of life",
    "after": "the whole package",
}


def draw(figures: dict[str, Any], folder: Path) -> None:
    """Write one PNG per story into `folder`."""
    with mpl.rc_context(STYLE):
        for name, chart in CHARTS.items():
            canvas = Figure(figsize=(9, 4.2), layout="constrained")
            chart(canvas, figures[name])
            canvas.savefig(folder / f"{name}.png", dpi=130, metadata={"Software": None})


def order_penalties(canvas: Figure, of: dict[str, Any]) -> None:
    """Where W's orders go before and after, and what each lever does alone."""
    left, right = canvas.subplots(1, 2, width_ratios=(1, 1.5))
    below = np.zeros(2)
    plans = ("before", "after")
    for part, colour in {"fill": GREEN, **{f"lost_{one}": shade for one, shade in CAUSE.items()}}.items():
        many = np.array([100 * of["policies"][plan][part]["mean"] for plan in plans])
        left.bar(plans, many, bottom=below, color=colour, width=0.6, label=part.removeprefix("lost_"))
        for at, (size, start) in enumerate(zip(many, below, strict=True)):
            if size > 2.5:
                left.text(at, start + size / 2, f"{size:.1f}", ha="center", va="center", color="white", fontsize=9)
        below += many
    left.set(title="W's orders, % of value", ylim=(0, 100))
    left.grid(False, axis="x")
    handles, labels = left.get_legend_handles_labels()
    canvas.legend(handles, ["accepted", *labels[1:]], loc="outside lower center", ncols=5)
    names = sorted(SHORT, key=lambda one: of["policies"][one]["fill"]["gain"]["mean"])
    gains = [of["policies"][one]["fill"]["gain"] for one in names]
    whisker(right, [SHORT[one] for one in names], gains, [GREEN if one == "after" else BLUE for one in names])
    right.set(title="Points of W's fill that each lever adds alone", xlabel="points, 95 % interval of the difference")


def whisker(axes: Axes, labels: list[str], gains: list[dict[str, float]], colours: list[str]) -> None:
    """Bars of gains in points, each with its interval."""
    means = 100 * np.array([one["mean"] for one in gains])
    ends = [
        means - 100 * np.array([one["low"] for one in gains]),
        100 * np.array([one["high"] for one in gains]) - means,
    ]
    bars = axes.barh(labels, means, color=colours, height=0.6, xerr=ends, error_kw={"lw": 1.2, "capsize": 3})
    axes.bar_label(bars, [f"{one:+.1f}".replace("-", "−") for one in means], padding=8, fontsize=9)
    axes.axvline(0, color="black", lw=1)
    axes.margins(x=0.15)
    axes.grid(False, axis="y")


def forward_loading(canvas: Figure, of: dict[str, Any]) -> None:
    """Orders by week, level and loaded; and what lies, spoils and comes back."""
    left, right = canvas.subplots(1, 2, width_ratios=(1.5, 1))
    weeks = np.arange(1, len(of["ordered"]["level"][0]) + 1)
    for plan, colour, label in (("told", RED, "loaded in turns"), ("level", BLUE, "as consumers buy")):
        left.step(weeks, np.sum(of["ordered"][plan], axis=0) / 1e3, where="mid", color=colour, lw=1.8, label=label)
    left.set(title="Cases ordered in each week, all four customers", xlabel="week", ylabel="1 000 cases")
    left.legend(loc="upper right", fontsize=9)
    left.set_ylim(0, 1.25 * max(np.sum(of["ordered"]["told"], axis=0)) / 1e3)
    labels = {"level": "level", "told": "loaded,\nproduction told", "not told": "loaded,\nnot told"}
    rows = [of["policies"][one] for one in labels]
    below = np.zeros(len(rows))
    for part, colour, label in (
        ("all_penalties", GREY, "penalties"),
        ("all_write_off", SAND, "written off"),
        ("unsold_value", RED, "sent back unsold"),
    ):
        many = np.array([one[part]["mean"] / 1e4 if part in one else 0.0 for one in rows])
        right.bar(labels.values(), many, bottom=below, color=colour, width=0.6, label=label)
        below += many
    for at, (one, top) in enumerate(zip(rows, below, strict=True)):
        right.text(at, top, f"fill {one['all_fill']['mean']:.0%}", ha="center", va="bottom", fontsize=9)
    right.set(title="What it costs in a year", ylabel="10 000 CNY")
    right.margins(y=0.3)
    right.grid(False, axis="x")
    right.legend(loc="upper left", fontsize=9)


def month_end_peak(canvas: Figure, of: dict[str, Any]) -> None:
    """Orders and fill by week of the month under three ways of ordering and planning."""
    left, right = canvas.subplots(1, 2, width_ratios=(1, 1.4))
    plans = {"level": (BLUE, "level"), "peak": (RED, "peak, not foreseen"), "told": (GREEN, "peak, foreseen")}
    at = np.arange(4)
    for axes, key in ((left, "orders_by_week"), (right, "fill_by_week")):
        for shift, (plan, (colour, label)) in zip((-0.27, 0, 0.27), plans.items(), strict=True):
            many = 100 * np.array(of["policies"][plan][key])
            bars = axes.bar(at + shift, many, width=0.25, color=colour, label=label)
            if axes is right:
                axes.bar_label(bars, [f"{one:.0f}" for one in many], padding=2, fontsize=8)
        axes.set_xticks(at, ["week 1", "week 2", "week 3", "week 4"])
        axes.grid(False, axis="x")
    left.set(title="Orders by week of the month, %")
    right.set(title="Order fill rate by week of the month, %", ylim=(0, 105))
    canvas.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def acceptance_age(canvas: Figure, of: dict[str, Any]) -> None:
    """The cliff without a gate and with it, and the price of a day."""
    left, right = canvas.subplots(1, 2, width_ratios=(1.4, 1))
    lots = {kind: [(float(day), one) for day, one in rows.items()] for kind, rows in of["lots"].items()}
    for kind, part, colour, label in (
        ("none", "lost_age", RED, "no gate: refused for age"),
        ("none", "lost_shortage", SAND, "no gate: short"),
        ("gate", "lost_shortage", BLUE, "gate: short"),
    ):
        band(left, [(day, one[part]) for day, one in lots[kind]], colour, label)
    left.set(
        title="What W does not get, by lot of slow SKUs", xlabel="days of demand that a lot covers", ylabel="points"
    )
    left.set_ylim(0, None)
    left.legend(loc="upper left", fontsize=9)
    for (name, ages), colour in zip(of["ages"].items(), (GREEN, BLUE), strict=True):
        rows = sorted(((float(day), one["fill"]) for day, one in ages.items()), key=lambda row: row[0])
        band(right, rows, colour, {"as found": "lots of 84 days"}.get(name, "lots of 66.5 days"))
    right.legend(loc="lower right", fontsize=9)
    right.set(title="W's fill by acceptance age", xlabel="days of age that W accepts", ylabel="%")


def band(axes: Axes, rows: list[tuple[float, dict[str, float]]], colour: str, label: str) -> None:
    """A line of means with its interval."""
    day, at = [x for x, _ in rows], {end: [100 * one[end] for _, one in rows] for end in ("mean", "low", "high")}
    axes.fill_between(day, at["low"], at["high"], color=colour, alpha=0.2, lw=0)
    axes.plot(day, at["mean"], color=colour, lw=2, marker="o", ms=4, label=label)


CHARTS = {
    "case2_order_penalties": order_penalties,
    "forward_loading": forward_loading,
    "month_end_peak": month_end_peak,
    "acceptance_age": acceptance_age,
}
