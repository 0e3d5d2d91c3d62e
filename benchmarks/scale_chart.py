"""Gap against CPU seconds, a line for every engine and seed, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.records import Record
from benchmarks.trajectory import gaps
from kaopt.report.calendar import colour

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kaopt",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
LEAST = 1e-5  # of a gap: below it is drawn there


def draw_chart(records: Sequence[Record], file: Path) -> None:
    """Save the drawing as SVG; the same records give the same bytes."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7, 4.2))
        axes = figure.subplots()
        for place, engine in enumerate(dict.fromkeys(one.job.engine for one in records)):
            mine = [line for one in records if one.job.engine == engine and (line := steps(one))[0]]
            for number, (cpu, gap) in enumerate(mine):
                name = engine if number == 0 else "_"  # matplotlib leaves names with _ out of the legend
                axes.step(cpu, gap, where="post", color=colour(place), linewidth=1.3, alpha=0.8, label=name)
            if not mine:
                axes.plot([], [], color=colour(place), label=f"{engine}: no proven plan")
        axes.set(xscale="log", yscale="log", xlabel="CPU seconds", ylabel="gap of the best plan to the bound")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.legend(frameon=False)
        figure.tight_layout()
        figure.savefig(file, metadata={"Date": None, "Creator": None})


def steps(record: Record) -> tuple[list[float], list[float]]:
    """CPU seconds and gaps from the first proven plan to the end of the search."""
    known = [one for one in gaps(record.points) if isfinite(one.gap)]
    if not known:
        return [], []
    end = max(known[-1].cpu, record.cpu)
    return [*(one.cpu for one in known), end], [max(one.gap, LEAST) for one in (*known, known[-1])]
