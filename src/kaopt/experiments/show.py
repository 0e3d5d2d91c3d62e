"""An experiment as plain data, as a table for spreadsheets, and as what its page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaopt.experiments.measures import MEASURES
from kaopt.experiments.result import QUANTILES, WORST, Experiment, Figure, Row
from kaopt.report.experiment_view import Column, ExperimentView, Line, Point
from kaopt.statistics.interval import Interval

if TYPE_CHECKING:
    import pandas as pd

MONEY = ("cost", "penalties", "write_off")  # what is drawn against the first measure


def as_dict(of: Experiment) -> dict[str, Any]:
    """Plain data: every policy with every figure, and how it was found."""
    asked = of.question
    content: dict[str, Any] = {
        "name": {"en": asked.name.en, "zh": asked.name.zh},
        "digest": asked.digest,
        "baseline": asked.policies[asked.baseline].name,
        "seed": asked.seed,
        "confidence": asked.stop.confidence,
        "stop": {
            "measure": of.labels[asked.stop_on],
            "half_width": asked.stop.half_width,
            "min": asked.stop.least,
            "max": asked.stop.most,
        },
        "choice": None if of.choice is None else {**vars(of.choice), "best": of.rows[of.choice.best].name},
        "measures": {one.label: about(one.measure, one.below) for one in asked.measures},
    }
    return content | {"policies": [row_dict(of, row) for row in of.rows]}


def about(measure: str, below: float | None) -> dict[str, Any]:
    """What a measure is."""
    return {"unit": MEASURES[measure].unit, "better": MEASURES[measure].better, "below": below}


def row_dict(of: Experiment, row: Row) -> dict[str, Any]:
    """One policy."""
    figures = {label: figure_dict(one) for label, one in zip(of.labels, row.figures, strict=True)}
    head = {"name": row.name, "variant": row.variant, "settings": list(row.settings), "factors": dict(row.factors)}
    state = {"years": row.years, "state": row.state, "dominated_by": row.dominated_by or None}
    return {**head, **state, "measures": figures}


def figure_dict(one: Figure) -> dict[str, Any]:
    """One figure with everything that is known of it."""
    against = None
    if one.pair is not None and one.all_at_once is not None:
        against = {
            **ends(one.pair.difference),
            "all_low": one.all_at_once.low,
            "all_high": one.all_at_once.high,
            "p": one.pair.p,
            "p_holm": one.holm,
            "correlation": one.pair.correlation,
            "variance_ratio": one.pair.variance_ratio,
        }
    quantiles = {f"{level:.0%}": ends(found) for level, found in zip(QUANTILES, one.quantiles, strict=True)}
    return {
        **ends(one.mean),
        "difference": against,
        "quantiles": quantiles,
        "shortfall": {"worst": WORST, **ends(one.shortfall)},
        "below": None if one.below is None else vars(one.below),
    }


def ends(of: Interval) -> dict[str, float]:
    """Mean and interval."""
    return {"mean": of.mean, "low": of.low, "high": of.high}


def frame(of: Experiment) -> pd.DataFrame:
    """One row for each policy: its settings, every figure, every difference."""
    import pandas as pd

    factors = list(dict.fromkeys(name for row in of.rows for name, _ in row.factors))
    return pd.DataFrame([flat(of, row, factors) for row in of.rows])


def flat(of: Experiment, row: Row, factors: list[str]) -> dict[str, Any]:
    """One policy as one row."""
    levels = dict(row.factors)
    content: dict[str, Any] = {"policy": row.name, "state": row.state, "replications": row.years}
    content |= {name: levels.get(name) for name in factors}
    content |= {"settings": " ".join(row.settings), "variant": row.variant, "dominated_by": row.dominated_by or None}
    for label, one in zip(of.labels, row.figures, strict=True):
        content |= {label: one.mean.mean, f"{label}_low": one.mean.low, f"{label}_high": one.mean.high}
        pair, wide = one.pair, one.all_at_once
        content |= {
            f"{label}_difference": pair and pair.difference.mean,
            f"{label}_difference_low": pair and pair.difference.low,
            f"{label}_difference_high": pair and pair.difference.high,
            f"{label}_all_low": wide and wide.low,
            f"{label}_all_high": wide and wide.high,
            f"{label}_correlation": pair and pair.correlation,
            f"{label}_p_holm": one.holm,
            f"{label}_worst_5pct": one.shortfall.mean,
        }
        if one.below is not None:
            content |= {f"{label}_below": one.below.share, f"{label}_below_low": one.below.low}
            content |= {f"{label}_below_high": one.below.high}
    return content


def view(of: Experiment) -> ExperimentView:
    """What the page shows."""
    asked = of.question
    measures = [one.measure for one in asked.measures]
    columns = tuple(
        Column(one.label, one.measure, MEASURES[one.measure].unit, one.account, MEASURES[one.measure].better, one.below)
        for one in asked.measures
    )
    money = next((measures.index(one) for one in MONEY if one in measures), None)
    world = asked.worlds[asked.baseline]
    return ExperimentView(
        name=asked.name,
        currency=world.currency,
        columns=columns,
        lines=tuple(line(row) for row in of.rows),
        baseline=asked.baseline,
        lead=asked.stop_on if asked.contest is None else asked.contest.measure,
        money=money,
        half_width=None if asked.contest is not None else asked.stop.half_width,
        confidence=asked.stop.confidence,
        choice=None if of.choice is None else vars(of.choice),
    )


def line(row: Row) -> Line:
    """One policy of the page."""
    points = tuple(
        Point(
            (one.mean.mean, one.mean.low, one.mean.high),
            None if one.pair is None else (one.pair.difference.mean, one.pair.difference.low, one.pair.difference.high),
            one.holm,
            None if one.pair is None else one.pair.correlation,
            None if one.below is None else (one.below.share, one.below.low, one.below.high),
        )
        for one in row.figures
    )
    return Line(row.name, row.years, row.state, row.dominated_by, points)
