"""Prices put to the test: the relaxation solved again with a limit five percent lower and five percent higher.

The relaxation's value is concave in every limit, so the price lies between what the last five percent brought
(`down`) and what the next five would bring (`up`). Where the two differ much, the price holds for small steps only.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from math import nan
from time import monotonic

import numpy as np

from kaopt.allocation.explain.prices import Prices, places
from kaopt.allocation.model import scale_of
from kaopt.allocation.search.gate import Gated
from kaopt.allocation.search.relax import Relaxation, lp_options
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.solve import Limits, arrays

STEP = 0.05  # of the limit
DEAREST = 5  # limits that are tested
GRACE = 1.0  # seconds that a solve may overrun the limit
KEY = 0  # of the program in the helper's memory


@dataclass(frozen=True)
class Step:
    """One limit and what a unit of it is worth below and above it; NaN where nothing keeps the rows there."""

    block: int  # place in `problem.rows`
    row: int
    place: int  # row of the program
    scale: float  # program's row per natural unit
    side: str  # min or max
    limit: float  # natural unit, what is used without events included
    price: float
    down: float = nan
    up: float = nan


def steps(prices: Prices, gated: Gated, root: Relaxation, limits: Limits) -> tuple[Step, ...]:
    """The dearest limits tested by re-solves, budget first; as many as the time (wall seconds) allows."""
    found: list[Step] = []
    if root.status != "optimal":
        return ()
    with Child(memory_gb=limits.memory_gb, grace=GRACE) as child, suppress(Stopped):
        solver = Moved(gated, root, child, limits)
        for step in dearest(prices, gated):
            if solver.left <= 0:
                break
            size = STEP * abs(step.limit)
            below, above = solver.value(step, -size), solver.value(step, size)
            found.append(replace(step, down=(root.value - below) / size, up=(above - root.value) / size))
    return tuple(found)


class Moved:
    """The relaxation, loaded once at its best basis and solved again with one limit moved."""

    def __init__(self, gated: Gated, root: Relaxation, child: Child, limits: Limits) -> None:
        self._program, self._child = gated.program, child
        self._end = monotonic() + limits.seconds
        self._moved: list[int] = []
        job = {"kind": "load", "key": KEY, "model": arrays(gated.program, whole=False), "basis": root.basis}
        child.ask(job | {"options": lp_options(limits)}, limit=limits.seconds)

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self._end - monotonic()

    def value(self, step: Step, by: float) -> float:
        """The relaxation's value with the limit moved by so many natural units; NaN where nothing keeps the rows."""
        places = np.array([*{*self._moved, step.place}], dtype=np.int32)
        low, high = self._program.row_low[places].copy(), self._program.row_high[places].copy()
        side = low if step.side == "min" else high
        side[places == step.place] += by * step.scale
        if np.any(low > high):
            return nan
        self._moved = [step.place]
        job = {"kind": "lp", "key": KEY, "rows": (places, low, high)}
        answer = self._child.ask(job, limit=max(self.left, 0.0))
        return -float(answer["value"]) if answer["status"] == "optimal" else nan


def dearest(prices: Prices, gated: Gated) -> list[Step]:
    """The limits that cost most as a whole (|price| x limit), the dearest of each rule, budget before all others."""
    best: dict[str, tuple[float, Step]] = {}
    for n, (rows, place) in enumerate(places(prices.problem)):
        price = prices.blocks[n]
        limit = np.where(price > 0, rows.high, rows.low) + rows.used_without
        weight = np.abs(price * np.where(np.isfinite(limit), limit, 0.0))
        i = int(np.argmax(weight)) if len(rows) else -1
        if i >= 0 and weight[i] > best.get(rows.rule, (0.0, None))[0]:
            scale = float(scale_of(rows)[i] * gated.factor[place[i]])
            side = "max" if price[i] > 0 else "min"
            step = Step(n, i, int(place[i]), scale, side, float(limit[i]), float(price[i]))
            best[rows.rule] = (float(weight[i]), step)
    order = sorted(best, key=lambda rule: (rule != "budget", -best[rule][0]))
    return [best[rule][1] for rule in order[:DEAREST]]
