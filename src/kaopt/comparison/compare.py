"""Plans side by side, every figure as it stands in the plans' own scorecards; nothing is computed anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from kaopt.comparison.differences import differences
from kaopt.comparison.measures import MEASURES, Measure, figure
from kaopt.comparison.nouns import Cell, Comparison, Figure, Line, Side
from kaopt.comparison.warnings import warnings
from kaopt.errors import Fault, InputError

EQUAL = 1e-9  # relative: a difference that only rounding makes
Values = Mapping[str, float]


def compared(sides: Sequence[Side]) -> Comparison:
    """Compare at least two plans: five KPIs, money, what each gives up, which are dominated, what differs when."""
    if len(sides) < 2:
        words = ("one plan" if sides else "no plan", "must be at least two plans", "Name another run.")
        raise InputError([Fault("compare", None, None, *words)])
    lines = tuple(line(sides, measure) for measure in MEASURES)
    first = sides[0]
    calendar = tuple(
        differences(first.name, first.events, other.name, other.events)
        for other in sides[1:]
        if first.events is not None and other.events is not None
    )
    return Comparison(tuple(sides), lines, dominated(sides, lines), calendar, warnings(sides, lines))


def line(sides: Sequence[Side], measure: Measure) -> Line:
    """One measure over all plans; delivered figures count where every plan has them, or where nobody plans any."""
    planned = {side.name: figure(side.scorecard["total"], measure, measure.planned) for side in sides}
    delivered = {side.name: figure(side.scorecard["total"], measure, measure.delivered) for side in sides}
    everywhere = all(one.value is not None for one in delivered.values())
    basis = "delivered" if everywhere or not measure.planned else "planned"
    counts = delivered if everywhere else planned  # what only some have is shown, but nobody is best in it
    values = {name: one.value for name, one in counts.items() if one.value is not None}
    sign = {"more": 1.0, "less": -1.0}.get(measure.better)
    most = max((sign * value for value in values.values()), default=None) if sign else None

    def cell(side: Side) -> Cell:
        target, met = judged(side.scorecard["total"], measure)
        short = None
        if sign is not None and most is not None and side.name in values:
            short = most - sign * values[side.name]
            short = 0.0 if alike(most, sign * values[side.name]) else short
        return Cell(planned[side.name], delivered[side.name], target, met, short)

    cells = {side.name: cell(side) for side in sides}
    best = tuple(name for name, one in cells.items() if one.gives_up == 0.0)
    return Line(measure.kpi, measure.name, measure.kind, measure.lead, measure.better, basis, cells, best)


def judged(total: Mapping[str, Any], measure: Measure) -> tuple[float | None, bool | None]:
    """Target and verdict as the scorecard has them."""
    check = total.get(measure.kpi, {}).get("checks", {}).get(measure.name)
    return (None, None) if check is None else (check["target"], check["met"])


def alike(a: float, b: float) -> bool:
    """Equal but for rounding."""
    return abs(a - b) <= EQUAL * max(abs(a), abs(b))


def dominated(sides: Sequence[Side], lines: Sequence[Line]) -> dict[str, tuple[str, ...]]:
    """For each dominated plan those that are worse in none of the five KPIs and better in one.

    A KPI that not every plan has is left out, and nobody is dominated by one that is equal.
    """
    found: dict[str, list[str]] = {}
    heads = [one for one in lines if one.lead and all(cell.gives_up is not None for cell in one.cells.values())]
    losses = {side.name: [one.cells[side.name].gives_up or 0.0 for one in heads] for side in sides}
    values = {side.name: [shown(one.cells[side.name], one.basis) for one in heads] for side in sides}
    for a, b in combinations((side.name for side in sides), 2):
        for worse, better in ((a, b), (b, a)):
            pairs = zip(losses[worse], losses[better], values[worse], values[better], strict=True)
            steps = [0 if alike(x.value or 0.0, y.value or 0.0) else 1 if p > q else -1 for p, q, x, y in pairs]
            if min(steps, default=0) >= 0 and max(steps, default=0) > 0:
                found.setdefault(worse, []).append(better)
    return {name: tuple(many) for name, many in found.items()}


def shown(cell: Cell, basis: str) -> Figure:
    """The figure that counts."""
    return cell.delivered if basis == "delivered" else cell.planned
