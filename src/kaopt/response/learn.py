"""A response model learned from sales: a structure, its fit, the latest news of every level, and honest intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kaopt.response.fit import Fit, common, own, pooled, spread_of
from kaopt.response.history import History, Series, history, regular_price
from kaopt.response.structure import Lift, Structure
from kaopt.scenario.columns import Floats, Texts

SECOND = ("dip", "cross")  # terms made of what other weeks or SKUs do: fitted once their lift is known
DOUBT = 2.0  # weeks of evidence that a level has not moved
NORMAL_80 = 1.2815515655446004  # 80 % of a normal lies within this many standard deviations
KEYS = ["account", "sku"]


@dataclass(frozen=True, eq=False)
class Learned:
    """All that a forecast needs; nothing of the history itself."""

    structure: Structure
    lift: Lift
    fit: Fit
    recent: Floats  # [N] how far the latest weeks stand above (below) the fitted level, in ln units
    price: pd.DataFrame  # by (account, sku): base_price (latest known), usual_price (mean of the fitted weeks)
    width: float = NORMAL_80  # standard deviations that hold 80 % of weeks

    @property
    def terms(self) -> Texts:
        """[P] names of the coefficients."""
        return self.structure.terms


@dataclass(frozen=True, eq=False)
class Forecast:
    """Units of each row; [R] each."""

    median: Floats
    mean: Floats
    low80: Floats
    high80: Floats
    spread: Floats  # standard deviation of ln units


def learn(sales: pd.DataFrame, structure: Structure, *, fitter: Callable[[History, Texts], Fit] = pooled) -> Learned:
    """Fit a structure to the sales rows: account, sku, week, units, price, and the columns that it asks for.

    `base_price` is taken from the rows where they have it, else the 80 % quantile of the prices of each account-SKU.
    """
    sales = sales.sort_values([*KEYS, "week"], kind="stable", ignore_index=True)
    price = prices_of(sales)
    rows = with_prices(sales, price)
    plain = replace(structure, own=_without(structure.own, SECOND), shared=_without(structure.shared, SECOND))
    data = history(rows, plain, Lift())
    fit, lift = fitter(data, plain.shared), Lift()
    if plain != structure:
        lift = Lift(dict(zip(fit.terms, fit.mean.tolist(), strict=True)))
        data = history(rows, structure, lift)
        fit = fitter(data, structure.shared)
    return Learned(structure, lift, fit, recent_level(data, fit, structure.memory), price)


def forecast(model: Learned, rows: pd.DataFrame, past: pd.DataFrame | None = None) -> Forecast:
    """What the rows will sell at their prices and displays; `past` are earlier rows of the same series.

    Series without history are forecast from what their account, their SKU and all others let expect.
    """
    known = with_prices(rows, model.price)
    start = 0 if past is None else len(past)
    whole = known if past is None else pd.concat([with_prices(past, model.price), known], ignore_index=True)
    order = whole.reset_index(drop=True).sort_values([*KEYS, "week"], kind="stable")
    keys = tuple(dict.fromkeys(zip(order["account"].astype(str), order["sku"].astype(str), strict=True)))
    fit, recent = extended(model, keys)
    data = history(order, model.structure, model.lift, series=fit.series)
    back = np.empty(len(order), np.int64)
    back[order.index.to_numpy()] = np.arange(len(order))
    at = back[start:]
    centre = ((data.x * fit.value[data.at]).sum(1) + recent[data.at])[at]
    spread = np.sqrt(spread_of(fit, data))[at]
    low, high = centre - model.width * spread, centre + model.width * spread
    return Forecast(np.exp(centre), np.exp(centre + spread**2 / 2), np.exp(low), np.exp(high), spread)


def extended(model: Learned, keys: Series) -> tuple[Fit, Floats]:
    """The fit and the latest news of levels, with the series among `keys` that have no history."""
    fit, known = model.fit, set(model.fit.series)
    new = tuple(key for key in keys if key not in known)
    if not new:
        return fit, model.recent
    if fit.expectation is None:
        raise ValueError("a fit of every series alone knows nothing of new ones")
    expected = [fit.expectation.of(*key) for key in new]
    more = replace(
        fit,
        series=(*fit.series, *new),
        value=np.vstack([fit.value, *(value for value, _ in expected)]),
        covariance=np.concatenate([fit.covariance, [covariance for _, covariance in expected]]),
        variance=np.r_[fit.variance, np.full(len(new), fit.expectation.variance)],
    )
    return more, np.r_[model.recent, np.zeros(len(new))]


def recent_level(data: History, fit: Fit, memory: float | None) -> Floats:
    """[N] mean residual of the latest weeks, older ones counting exp(-age / memory), shrunk by `DOUBT` weeks."""
    if memory is None:
        return np.zeros(len(data.series))
    residual = data.y - (data.x * fit.value[data.at]).sum(1)
    weight = np.exp((data.week - data.week.max()) / memory)
    size = len(data.series)
    total = np.bincount(data.at, weight * residual, size)
    return np.asarray(total / (np.bincount(data.at, weight, size) + DOUBT))


def prices_of(sales: pd.DataFrame) -> pd.DataFrame:
    """Latest and mean regular price by account-SKU."""
    if "base_price" not in sales:
        price = regular_price(sales).rename("base_price").to_frame()
        return price.assign(usual_price=price["base_price"])
    groups = sales.groupby(KEYS)["base_price"]
    return pd.DataFrame({"base_price": groups.last(), "usual_price": groups.mean()})


def with_prices(rows: pd.DataFrame, price: pd.DataFrame) -> pd.DataFrame:
    """The rows with their regular price: their own, else the series', else (a new series) the best of the rows'."""
    joined = rows.join(price.rename(columns={"base_price": "known_price"}), on=KEYS)
    given = joined["base_price"] if "base_price" in joined else pd.Series(np.nan, joined.index)
    best = joined.groupby(KEYS)["price"].transform("max")
    regular = given.fillna(joined["known_price"]).fillna(best)
    return joined.assign(base_price=regular, usual_price=joined["usual_price"].fillna(regular))


def alone(data: History, _: Texts = ()) -> Fit:
    """Least squares for every series alone, as a fitter for `learn`."""
    fit = own(data)
    variance = np.nan_to_num(fit.variance, nan=float(np.nanmean(fit.variance)))
    return replace(fit, covariance=np.nan_to_num(fit.covariance), variance=variance)


def alike(data: History, _: Texts = ()) -> Fit:
    """One set of slopes for all series, as a fitter for `learn`."""
    return common(data)


def _without(names: Texts, those: Texts) -> Texts:
    return tuple(name for name in names if name not in those)
