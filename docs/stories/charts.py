"""One chart per story, drawn from its figures; one colour per plan, the same in all four."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

GREY, RED, BLUE, GREEN, SAND = "#8a8f98", "#c0504d", "#2f6db3", "#3a9d6e", "#d9b36c"
FAMILY = {"price": RED, "display": BLUE, "gift": GREEN}
SHOWN = {"price": "price cuts", "display": "displays", "gift": "gifts"}
STYLE: dict[str, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "grid.color": "#e4e6ea",
    "legend.frameon": False,
}


def draw(figures: dict[str, Any], folder: Path) -> None:
    """Write one PNG per story into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, chart in CHARTS.items():
            canvas = Figure(figsize=(9, 4.2), layout="constrained")
            chart(canvas, figures[name])
            canvas.savefig(folder / f"{name}.png", dpi=130, metadata={"Software": None})


def cut_spend(canvas: Figure, of: dict[str, Any]) -> None:
    """Profit and growth index of every account under three plans."""
    left, right = canvas.subplots(1, 2, sharey=True)
    names = sorted(of["habit"]["accounts"], key=lambda one: of["habit"]["accounts"][one]["profit"], reverse=True)
    plans = (("habit", GREY, "o", "last year's habit"), ("cut", RED, "X", "cut across the board"))
    plans = (*plans, ("optimised", BLUE, "D", "optimised, spend of the cut"))
    for row, (plan, colour, mark, label) in enumerate(plans):
        rows = [of[plan]["accounts"][one] for one in names]
        high = np.arange(len(names)) + 0.22 * (1 - row)
        left.scatter([one["profit"] / 1e4 for one in rows], high, c=colour, marker=mark, s=42, label=label, zorder=3)
        right.scatter([one["growth_index"] for one in rows], high, c=colour, marker=mark, s=42, zorder=3)
    left.set_yticks(range(len(names)), [one.title() for one in names])
    left.axvline(0, color="black", lw=1)
    right.axvline(1, color="black", lw=1)
    left.set(title="Profit after all fees", xlabel="10 000 CNY a year")
    right.set(title="Growth index (1 = share is held)", xlabel="our growth over the customer's")
    canvas.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def late_requests(canvas: Figure, of: dict[str, Any]) -> None:
    """Mix of mechanics and profit by how early plans are agreed."""
    left, right = canvas.subplots(1, 2)
    plans = {"late": "asked for\n7–14 days\nahead", "early": "agreed 60\ndays ahead,\nyear at once"}
    plans |= {"rolling": "agreed 60\ndays ahead,\nrolling quarter"}
    below = np.zeros(len(plans))
    for family, colour in FAMILY.items():
        many = np.array([of[plan]["mix"][family] for plan in plans])
        left.bar(plans.values(), many, bottom=below, color=colour, label=SHOWN[family], width=0.6)
        for at, (count, start) in enumerate(zip(many, below, strict=True)):
            if count > 8:
                left.text(at, start + count / 2, str(count), ha="center", va="center", color="white")
        below += many
    left.set(title="Promotions in the year", ylabel="events")
    canvas.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    money = [of[plan]["extra_profit"] / 1e4 for plan in plans]
    bars = right.bar(plans.values(), money, color=[RED, BLUE, GREEN], width=0.6)
    right.bar_label(bars, [f"{one:+.1f}".replace("-", "−") for one in money], padding=3)
    right.axhline(0, color="black", lw=1)
    right.margins(y=0.15)
    right.set(title="Profit against no promotion at all", ylabel="10 000 CNY a year")
    for axes in (left, right):
        axes.grid(False, axis="x")


def execution(canvas: Figure, of: dict[str, Any]) -> None:
    """What the plan brings by compliance, and the worth of a point by account."""
    left, right = canvas.subplots(1, 2)
    point, expected = of["point"], of["expected"]
    shift = np.linspace(-10, 10, 41)
    line = (expected["mean"] + point["total"] * shift) / 1e4
    half = (expected["high"] - expected["mean"]) / 1e4
    left.fill_between(shift, line - half, line + half, color=BLUE, alpha=0.18, lw=0, label="95 % interval")
    left.plot(shift, line, color=BLUE, lw=2, label="expected of this plan")
    left.axhline(of["plan"]["extra_profit"] / 1e4, color=GREY, lw=1.5, ls="--", label="as planned, all carried out")
    left.axvline(0, color="black", lw=1)
    left.set(title="Profit that the plan adds", ylabel="10 000 CNY a year", xlabel="points of compliance, from today's")
    canvas.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    names = sorted(point["accounts"], key=point["accounts"].__getitem__)
    worth = [point["accounts"][one] / 1e3 for one in names]
    bars = right.barh([one.title() for one in names], worth, color=BLUE, height=0.6)
    right.bar_label(bars, [f"{point['compliance'][one]:.0%} today" for one in names], padding=4, color=GREY, fontsize=9)
    right.set(title="Worth of one point, by account", xlabel="1 000 CNY a year")
    right.grid(False, axis="y")
    right.margins(x=0.22)


def efficiency(canvas: Figure, of: dict[str, Any]) -> None:
    """Cases for 100 yuan before and after, by account and by mechanic."""
    left, right = canvas.subplots(1, 2)
    before, after = (of[plan]["accounts"] for plan in ("habit", "optimised"))
    names = sorted(before, key=lambda one: after[one]["cases_per_100"])
    for at, name in enumerate(names):
        ends = [plan[name]["cases_per_100"] for plan in (before, after)]
        left.plot(ends, [at, at], color=SAND, lw=3, zorder=2)
    for plan, colour, label in ((before, GREY, "last year's habit"), (after, BLUE, "optimised, same spend")):
        ends = [plan[one]["cases_per_100"] for one in names]
        left.scatter(ends, range(len(names)), color=colour, s=50, zorder=3, label=label)
    left.set_yticks(range(len(names)), [one.title() for one in names])
    left.set(title="By account", xlabel="net cases for 100 CNY", xlim=(0, None))
    canvas.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    mechanics(right, of)


def mechanics(axes: Axes, of: dict[str, Any]) -> None:
    """Bars by mechanic, before in grey, with the money that each took."""
    old = {f"{name}\n(habit)": one for name, one in of["habit"]["mechanics"].items()}
    rows = {**of["optimised"]["mechanics"], **old}
    names = sorted(rows, key=lambda one: rows[one]["cases"] / rows[one]["spend"])
    worth = [100 * rows[one]["cases"] / rows[one]["spend"] for one in names]
    bars = axes.barh(names, worth, color=[GREY if one in old else BLUE for one in names], height=0.65)
    axes.bar_label(bars, [f"{rows[one]['spend'] / 1e4:.1f}" for one in names], padding=4, color=GREY, fontsize=9)
    axes.set(title="By mechanic (grey: spend, 10 000 CNY)", xlabel="net cases for 100 CNY")
    axes.grid(False, axis="y")
    axes.margins(x=0.15)


CHARTS = {
    "case1_cut_spend": cut_spend,
    "case3_late_requests": late_requests,
    "case4_execution": execution,
    "spend_efficiency": efficiency,
}
