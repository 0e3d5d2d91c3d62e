"""Which terms the data carry: each must predict weeks inside the training part that the fit has not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from kaopt.response.learn import KEYS, NORMAL_80, Learned, forecast, learn
from kaopt.response.structure import MAIN, YEAR, Structure
from kaopt.scenario.columns import Floats, Ints, Texts

FOLDS = 5  # windows at the end of the training part, one before the other
TAILS = 5.0  # degrees of freedom: weeks go wrong more often than a normal says
LEAST_GAIN = 0.001  # of log-likelihood per week, below which a term is not worth its room
BOOTSTRAP = 200  # samples of weeks
MEMORIES = (4.0, 8.0, 16.0)  # weeks


@dataclass(frozen=True)
class Trial:
    """One structure tried."""

    what: str
    structure: Structure
    gain: float  # log-likelihood per held-out week over the best structure before it
    kept: bool


@dataclass(frozen=True, eq=False)
class Scores:
    """Held-out log-likelihood of each row of the inner windows, and how many standard deviations it was off."""

    series: Ints  # [R] number of the series
    week: Ints  # [R]
    likelihood: Floats  # [R]
    off: Floats  # [R]


def chosen(
    sales: pd.DataFrame, horizon: int, tell: Callable[[Trial], None] = lambda _: None
) -> tuple[Learned, list[Trial]]:
    """The structure that predicts best, found by adding what helps most first, learned on all rows.

    `horizon`: weeks ahead that the model shall be good for; windows of that length, or as long as the history allows,
    are held out. The 80 % interval takes the width that it needed there.
    """
    best = plain(sales)
    score, trials = scored(sales, best, horizon), []
    for options in (memories, shared_terms, own_terms):
        while True:
            tried = [(what, one, scored(sales, one, horizon)) for what, one in options(sales, best)]
            ranked = sorted(tried, key=lambda one: -float(gain_of(one[2], score)[0]))
            if not ranked:
                break
            _, structure, found = ranked[0]
            gain, error = gain_of(found, score)
            kept = gain > max(LEAST_GAIN, error)
            trials += [Trial(w, s, float(gain_of(f, score)[0]), kept and s == structure) for w, s, f in ranked]
            for trial in trials[-len(ranked) :]:
                tell(trial)
            if not kept:
                break
            best, score = structure, found
    return replace(learn(sales, best), width=width_of(score)), trials


def width_of(score: Scores) -> float:
    """Standard deviations that hold 80 % of weeks to come, from how far the inner windows were off.

    One standard error is added, because the windows have few weeks and a week's news is common to all series (bootstrap
    over weeks). Where they were quieter than a normal says, only half of that is believed: the next may not be.
    """
    off = np.abs(score.off)
    weeks, at = np.unique(score.week, return_inverse=True)
    rows = [off[at == w] for w in range(len(weeks))]
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(weeks), size=(BOOTSTRAP, len(weeks)))
    again = [np.quantile(np.concatenate([rows[w] for w in one]), 0.8) for one in drawn]
    width = float(np.quantile(off, 0.8) + np.std(again))
    return max(width, (width + NORMAL_80) / 2)


def plain(sales: pd.DataFrame) -> Structure:
    """Price, and display and feature where the history has them."""
    present = [name for name in ("display", "feature") if name in sales and sales[name].nunique() > 1]
    return Structure(own=("elasticity", *present))


def memories(_: pd.DataFrame, now: Structure) -> list[tuple[str, Structure]]:
    """Levels that follow the latest weeks."""
    if now.memory is not None:
        return []
    return [(f"memory of {weeks:g} weeks", replace(now, memory=weeks)) for weeks in MEMORIES]


def shared_terms(sales: pd.DataFrame, now: Structure) -> list[tuple[str, Structure]]:
    """Terms with one coefficient for all that the history could carry."""
    options: dict[str, Texts] = {"dip": ("dip",)}
    if sales.groupby(["account", "week"])["sku"].nunique().max() > 1:
        options["cross"] = ("cross",)
    if sales["week"].max() - sales["week"].min() >= 1.5 * YEAR:
        options["season"] = ("season_sin1", "season_cos1")
        if "season_sin1" in now.shared:
            options["season, twice a year"] = ("season_sin2", "season_cos2")
    if "base_price" in sales and (sales.groupby(KEYS)["base_price"].nunique() > 1).any():
        options["base_price"] = ("base_price",)
    options |= {str(name): (str(name),) for name in sales if name == "holiday" or str(name).startswith("other_")}
    return [
        (f"{what}, shared", replace(now, shared=(*now.shared, *terms)))
        for what, terms in options.items()
        if not set(terms) & set(now.terms)
    ]


def own_terms(sales: pd.DataFrame, now: Structure) -> list[tuple[str, Structure]]:
    """Interactions of promotions, for each series or for all."""
    main = [name for name in MAIN if name in now.own]
    pairs = {"price_display": MAIN[:2], "price_feature": (MAIN[0], MAIN[2]), "display_feature": MAIN[1:]}
    names = [name for name, parts in pairs.items() if set(parts) <= set(main) and name not in now.terms]
    return [
        (f"{name}, {'shared' if shared else 'own'}", now.with_term(name, shared=shared))
        for name in names
        for shared in (True, False)
    ]


def scored(sales: pd.DataFrame, structure: Structure, horizon: int) -> Scores:
    """Fit on all before each inner window and score that window's rows."""
    left = sales.sort_values("week", kind="stable").groupby(KEYS).cumcount(ascending=False).reindex(sales.index)
    number = sales.groupby(KEYS).ngroup()
    size = sales.groupby(KEYS)["week"].transform("size")
    horizon = int(min(horizon, max(size.max() // (2 * FOLDS), 1)))
    parts = []
    for fold in range(FOLDS):
        future = (left >= fold * horizon) & (left < (fold + 1) * horizon)
        past = left >= (fold + 1) * horizon
        future &= past.groupby(number).transform("any")
        ahead = forecast(learn(sales[past], structure), sales[future], sales[past])
        off = (np.log(sales.loc[future, "units"].to_numpy(float)) - np.log(ahead.median)) / ahead.spread
        scale = np.sqrt(1 - 2 / TAILS)
        likelihood = stats.t.logpdf(off / scale, TAILS) - np.log(ahead.spread * scale)
        parts.append((number[future].to_numpy(), sales.loc[future, "week"].to_numpy(np.int64), likelihood, off))
    return Scores(*(np.concatenate(one) for one in zip(*parts, strict=True)))


def gain_of(new: Scores, old: Scores) -> tuple[float, float]:
    """Mean gain per row and its standard error, rows of a series taken together."""
    gain = new.likelihood - old.likelihood
    by_series = pd.Series(gain - gain.mean()).groupby(new.series).sum().to_numpy()
    return float(gain.mean()), float(np.sqrt((by_series**2).sum()) / len(gain))
