"""What a response model may contain: one function per term, from the rows of a sales history to a column of figures.

A term has a coefficient for every account-SKU (`own`) or one for all (`shared`). A new term is a new function in
`COLUMNS`, its sign in `SIGNS` where common sense fixes one beforehand, and, if a plan shall use it, a column of the
table `response`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from kaopt.scenario.columns import Floats, Texts

RATIO = (1 / 3, 3.0)  # price ratios outside are data errors; one price of 0.01 would rule a whole fit
YEAR = 365.25 / 7  # weeks
ACTIVE = 0.02  # effect on ln units from which a week counts as promoted
SIGNS = {"elasticity": -1, "display": 1, "feature": 1, "dip": 1, "cross": 1}
MAIN = ("elasticity", "display", "feature")


@dataclass(frozen=True)
class Structure:
    """Which terms a model has, and how fast it forgets old news of the level."""

    own: Texts = ("elasticity",)
    shared: Texts = ()
    memory: float | None = None  # weeks after which news of the level count 1/e; None: the level stays as it is

    @property
    def terms(self) -> Texts:
        """[P] in the order of the columns."""
        return ("level", *self.own, *self.shared)

    def with_term(self, name: str, *, shared: bool) -> Structure:
        """The same and one more term."""
        return replace(self, shared=(*self.shared, name)) if shared else replace(self, own=(*self.own, name))


@dataclass(frozen=True)
class Lift:
    """What promotions do on average: what the terms of weeks after and of neighbours are made of."""

    slopes: Mapping[str, float] = field(default_factory=dict)  # mean coefficient by term

    def of(self, rows: pd.DataFrame) -> Floats:
        """[R] effect on ln units of the row's own promotion."""
        total = np.zeros(len(rows))
        for name, slope in self.slopes.items():
            if name in MAIN:
                total += slope * COLUMNS[name](rows, self)
        return np.asarray(total)


def log_ratio(rows: pd.DataFrame, _: Lift) -> Floats:
    """Price over regular price, in logarithms."""
    return np.asarray(np.log((rows["price"] / rows["base_price"]).clip(*RATIO).to_numpy(float)))


def shown(rows: pd.DataFrame, _: Lift) -> Floats:
    """Share on display."""
    return rows["display"].to_numpy(float)


def featured(rows: pd.DataFrame, _: Lift) -> Floats:
    """Share in the retailer's leaflet."""
    return rows["feature"].to_numpy(float)


def base_level(rows: pd.DataFrame, _: Lift) -> Floats:
    """The regular price against its own mean over the fitted weeks, in logarithms."""
    return np.asarray(np.log((rows["base_price"] / rows["usual_price"]).clip(*RATIO).to_numpy(float)))


def after_promotion(rows: pd.DataFrame, lift: Lift) -> Floats:
    """Less the effect of a promotion that ended the week before."""
    effect = pd.Series(lift.of(rows), rows.index)
    series = [rows["account"], rows["sku"]]
    before = effect.groupby(series, observed=True).shift(1).fillna(0.0)
    next_week = rows["week"] - rows["week"].groupby(series, observed=True).shift(1) == 1
    ended = next_week & (before > ACTIVE) & (effect <= ACTIVE)
    return np.where(ended, -before, 0.0)


def taken_by_mates(rows: pd.DataFrame, lift: Lift) -> Floats:
    """Less the effects of promotions of the category's other SKUs in the same account and week."""
    effect = pd.Series(np.maximum(lift.of(rows), 0.0), rows.index)
    keys = [rows["account"], rows["week"], rows.get("category", pd.Series("", rows.index))]
    return (effect - effect.groupby(keys, observed=True).transform("sum")).to_numpy(float)


def wave(times: int, turn: Callable[[Floats], Floats]) -> Callable[[pd.DataFrame, Lift], Floats]:
    """A sine or cosine that comes round `times` a year."""
    return lambda rows, _: turn(2 * np.pi * times * rows["week"].to_numpy(float) / YEAR)


def column(name: str) -> Callable[[pd.DataFrame, Lift], Floats]:
    """A column of the history as it is."""
    return lambda rows, _: rows[name].to_numpy(float)


def product(one: str, other: str) -> Callable[[pd.DataFrame, Lift], Floats]:
    """What two terms do together beyond each alone."""
    return lambda rows, lift: COLUMNS[one](rows, lift) * COLUMNS[other](rows, lift)


COLUMNS: dict[str, Callable[[pd.DataFrame, Lift], Floats]] = {
    "elasticity": log_ratio,
    "display": shown,
    "feature": featured,
    "price_display": product("elasticity", "display"),
    "price_feature": product("elasticity", "feature"),
    "display_feature": product("display", "feature"),
    "base_price": base_level,
    "dip": after_promotion,
    "cross": taken_by_mates,
    "season_sin1": wave(1, np.sin),
    "season_cos1": wave(1, np.cos),
    "season_sin2": wave(2, np.sin),
    "season_cos2": wave(2, np.cos),
    "holiday": column("holiday"),
}


def design(rows: pd.DataFrame, structure: Structure, lift: Lift) -> Floats:
    """[R, P] the columns of a structure; `other_…` columns of the history are terms by their own names."""
    makers = [COLUMNS.get(name, column(name)) for name in structure.terms[1:]]
    return np.column_stack([np.ones(len(rows)), *(make(rows, lift) for make in makers)])
