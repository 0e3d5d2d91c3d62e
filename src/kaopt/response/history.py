"""Sales history as a response fit reads it: rows of ln units against the columns of a structure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaopt.response.structure import Lift, Structure, design
from kaopt.scenario.columns import Floats, Ints, Texts

REGULAR = 0.8  # the regular price is the level that four weeks in five do not exceed

Series = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class History:
    """Sales history as aligned arrays; rows in any order."""

    series: Series  # [N] (account, SKU)
    terms: Texts  # [P], the first is `level`
    at: Ints  # [R] series of each row
    week: Ints  # [R]
    x: Floats  # [R, P]
    y: Floats  # [R] ln units; NaN where units are not known (prediction)

    @property
    def counts(self) -> Floats:
        """[N] rows of each series."""
        return np.bincount(self.at, minlength=len(self.series)).astype(float)


@dataclass(frozen=True, eq=False)
class Sums:
    """All that a fit needs of the rows, by series."""

    count: Floats  # [N]
    xx: Floats  # [N, P, P]
    xy: Floats  # [N, P]
    yy: Floats  # [N]

    def squares(self, b: Floats) -> Floats:
        """[N] sum of squared residuals with coefficients b [N, P] (or [P])."""
        b = np.broadcast_to(b, self.xy.shape)
        return np.asarray(np.maximum(self.yy - 2 * (b * self.xy).sum(1) + quadratic(self.xx, b), 1e-12))


def regular_price(sales: pd.DataFrame) -> pd.Series[float]:
    """The regular price of each account-SKU: the 80 % quantile of its weekly prices, indexed by (account, sku)."""
    price: pd.Series[float] = sales.groupby(["account", "sku"])["price"].quantile(REGULAR)
    return price


def history(sales: pd.DataFrame, structure: Structure, lift: Lift, *, series: Series | None = None) -> History:
    """Read sales rows: account, sku, week, units, price, base_price and the columns that the structure asks for.

    `series` fixes the order (needed to predict rows of a fit); by default sorted by name. Units of price cancel.
    """
    keys = pd.MultiIndex.from_frame(sales[["account", "sku"]].astype(str))
    names = tuple(sorted(set(keys))) if series is None else series
    at = pd.MultiIndex.from_tuples(names).get_indexer(keys)
    if (at < 0).any():
        raise ValueError("sales of an account-SKU that the fit does not know")
    units = sales["units"].to_numpy(float) if "units" in sales else np.full(len(sales), np.nan)
    x = design(sales, structure, lift)
    return History(names, structure.terms, at.astype(np.int64), sales["week"].to_numpy(np.int64), x, np.log(units))


def sums_of(data: History) -> Sums:
    """Cross products by series."""
    size = len(data.series)
    order = np.argsort(data.at, kind="stable")
    present, first = np.unique(data.at[order], return_index=True)

    def total(rows: Floats) -> Floats:
        out = np.zeros((size, *rows.shape[1:]))
        out[present] = np.add.reduceat(rows[order], first)
        return out

    return Sums(data.counts, total(outer(data.x)), total(data.x * data.y[:, None]), total(data.y**2))


def outer(x: Floats) -> Floats:
    """[R, P, P] products of every pair of columns."""
    return np.asarray(x[:, :, None] * x[:, None, :])


def times(matrices: Floats, vectors: Floats) -> Floats:
    """[N, P] each matrix times its vector."""
    return np.asarray((matrices @ vectors[:, :, None])[:, :, 0])


def quadratic(matrices: Floats, vectors: Floats) -> Floats:
    """[N] x' M x of each vector and its matrix."""
    return np.asarray(np.einsum("np,npq,nq->n", vectors, matrices, vectors))


def inverse_of(matrices: Floats) -> Floats:
    """Inverses of symmetric matrices; where there is none (a display that never ran), the pseudo-inverse."""
    return np.asarray(np.linalg.pinv(matrices, hermitian=True), float)
