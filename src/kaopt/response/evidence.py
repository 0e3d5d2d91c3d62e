"""From a sales history to a model with its card: held-out errors first, then the same structure on every row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from kaopt.response.card import Card, slopes
from kaopt.response.choose import plain
from kaopt.response.cuts import plan_values, summary
from kaopt.response.held_out import Holdout, hold_out
from kaopt.response.learn import KEYS, Learned, alone, learn

HELD_OUT = 8  # weeks
DEFINITIONS = {
    "form": "ln units = level + terms of the structure; elasticity counts ln(price / regular price)",
    "regular_price": "given, else the 80 % quantile of the series' weekly prices; held out: of the fitted weeks alone",
    "mean": "median * exp((residual variance + variance of the coefficients) / 2)",
    "own_mean": "geometric mean of the series' fitted weeks; last_periods: of the last 8 of them",
    "wmape": "sum of |actual - median| over sum of actual, all held-out weeks together",
    "interval": "80 % of weeks; its width was calibrated on weeks inside the fitted part",
}


@dataclass(frozen=True)
class About:
    """What the data cannot say of themselves."""

    name: str
    what: str
    source: dict[str, str]
    licence: str
    date: str
    rebuild: str
    definitions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Evidence:
    """A model, its card, and the held-out weeks that the card speaks of."""

    model: Learned
    card: Card
    held: Holdout
    alone: Learned  # least squares for each series: what pooling is held against


def evidence(
    sales: pd.DataFrame, about: About, *, weeks: int = HELD_OUT, checks: dict[str, Any] | None = None
) -> Evidence:
    """Choose the structure on all but the last `weeks`, test it on those, and fit it again on every row."""
    held = hold_out(sales, weeks=weeks)
    model = replace(learn(sales, held.model.structure), width=held.model.width)
    spans = sales.groupby(KEYS)["week"].count()
    shape = model.structure
    card = Card(
        name=about.name,
        what=about.what,
        source=about.source,
        licence=about.licence,
        date=about.date,
        rebuild=about.rebuild,
        rows=len(sales),
        series=len(model.fit.series),
        weeks={"fewest": int(spans.min()), "most": int(spans.max())},
        definitions=DEFINITIONS | about.definitions,
        split={"held_out": f"last {weeks} weeks", "rows": len(held.rows), "given": "their real price and promotion"},
        wmape=held.wmape,
        coverage80=held.coverage80,
        bias_of_mean=held.bias_of_mean,
        wrong_signs=held.wrong_signs,
        mean=slopes(model.fit),
        checks=checks or {},
        structure={"own": list(shape.own), "shared": list(shape.shared), "memory": shape.memory, "width": model.width},
        plan_value=summary(plan_values(sales, shape), costs="cost" in sales),
    )
    return Evidence(model, card, held, learn(sales, plain(sales), fitter=alone))
