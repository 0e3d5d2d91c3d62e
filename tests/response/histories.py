"""Sales histories with planted coefficients, so that a fit can be held against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaopt.response.choose import plain
from kaopt.response.history import History, Series, history
from kaopt.response.learn import prices_of, with_prices
from kaopt.response.structure import Lift


@dataclass(frozen=True)
class Planted:
    """Sales and the coefficients that made them, [N, 3]: level, elasticity, display."""

    sales: pd.DataFrame
    truth: np.ndarray
    noise: np.ndarray  # [N] residual standard deviation


def planted(
    series: int,
    weeks: int,
    *,
    seed: int,
    mean: tuple[float, float, float] = (7.0, -2.2, 0.9),
    spread: tuple[float, float, float] = (0.7, 0.6, 0.4),
) -> Planted:
    """Accounts with their own coefficients around `mean`, promoted in about a third of their weeks."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(mean, spread, (series, 3))
    noise = np.exp(rng.normal(np.log(0.25), 0.2, series))
    cut = rng.random((series, weeks)) < 0.35
    price = np.where(cut, rng.uniform(0.6, 0.95, cut.shape), 1.0)
    display = np.where(rng.random(cut.shape) < 0.35, rng.uniform(0.1, 1.0, cut.shape), 0.0)
    ln = truth[:, :1] + truth[:, 1:2] * np.log(price) + truth[:, 2:] * display
    ln = ln + rng.normal(size=cut.shape) * noise[:, None]
    sales = pd.DataFrame(
        {
            "account": np.repeat([f"A{n:03}" for n in range(series)], weeks),
            "sku": "S1",
            "week": np.tile(np.arange(1, weeks + 1), series),
            "units": np.exp(ln).ravel(),
            "price": (3.0 * price).ravel(),
            "base_price": 3.0,
            "display": display.ravel(),
        }
    )
    return Planted(sales, truth, noise)


def rows_of(sales: pd.DataFrame, *, series: Series | None = None) -> History:
    """Price, display and feature of the sales as a fit reads them."""
    whole = sales if "week" in sales else sales.assign(week=range(len(sales)))
    return history(with_prices(whole, prices_of(whole)), plain(sales), Lift(), series=series)
