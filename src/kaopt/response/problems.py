"""What is wrong with a sales history, each problem with what was done about it; nothing is dropped in silence.

One function per kind of problem, in the order in which they are looked for: it takes the rows and gives them mended,
with a list of what it found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kaopt.response.history import REGULAR
from kaopt.response.learn import KEYS
from kaopt.response.structure import RATIO

SHORT = 10  # weeks below which a series leans mostly on others
COLUMNS = ("kind", "account", "sku", "week", "found", "done")


@dataclass(frozen=True)
class Problem:
    """One thing that was wrong: where, what, and what was done."""

    kind: str
    account: str
    sku: str
    week: int | None  # None: of the whole series
    found: str
    done: str


Found = tuple[pd.DataFrame, list[Problem]]


def mended(rows: pd.DataFrame) -> Found:
    """Rows that can be fitted, and every problem met on the way."""
    problems: list[Problem] = []
    for look in LOOKED_FOR:
        rows, found = look(rows)
        problems += found
    return rows.sort_values([*KEYS, "week"], kind="stable", ignore_index=True), problems


def without_a_name(rows: pd.DataFrame) -> Found:
    """Rows of no account, SKU or week."""
    return _left_out(rows, (rows[KEYS] == "").any(axis=1) | rows["week"].isna(), "no account, SKU or week", "line")


def without_a_figure(rows: pd.DataFrame) -> Found:
    """Rows whose units or price are empty."""
    return _left_out(rows, rows["units"].isna() | rows["price"].isna(), "units or price missing", "line")


def price_not_above_zero(rows: pd.DataFrame) -> Found:
    """Prices of zero or less."""
    return _left_out(rows, rows["price"] <= 0, "price not above 0", "price")


def negative_units(rows: pd.DataFrame) -> Found:
    """More came back than was sold."""
    return _left_out(rows, rows["units"] < 0, "units below 0", "units")


def week_twice(rows: pd.DataFrame) -> Found:
    """Several rows of one week: units add up, prices and shares are averaged by units."""
    keys = [*KEYS, "week"]
    double = rows.duplicated(keys)
    if not double.any():
        return rows, []
    problems = _each(rows, double, "week twice", "line", "units added, prices averaged")
    weight = rows["units"] + 1e-9
    means = [str(name) for name in rows.select_dtypes("number") if name not in (*keys, "units", "line")]
    whole = rows.assign(**{name: rows[name] * weight for name in means}, weight=weight)
    sums = dict.fromkeys(("units", "weight", *means), "sum")
    firsts = {str(name): "first" for name in rows if name not in (*sums, *keys)}
    once = whole.groupby(keys, as_index=False, sort=False).agg({**sums, **firsts})
    return once.assign(**{name: once[name] / once["weight"] for name in means}).drop(columns="weight"), problems


def no_units(rows: pd.DataFrame) -> Found:
    """Weeks without sales: out of stock or delisted, mostly; a logarithm has no room for them."""
    return _left_out(rows, rows["units"] == 0, "units are 0", "price")


def no_base_price(rows: pd.DataFrame) -> Found:
    """Regular prices that are empty or not above zero, where the history has the column."""
    if "base_price" not in rows:
        return rows, []
    bad = ~(rows["base_price"] > 0)
    problems = _each(rows, bad, "no regular price", "base_price", "80 % quantile of the series' prices taken")
    return rows.assign(base_price=rows["base_price"].mask(bad, _usual(rows))), problems


def absurd_price(rows: pd.DataFrame) -> Found:
    """Prices far from the series' own; the ratio to the regular price is held between 1/3 and 3."""
    ratio = rows["price"] / (rows["base_price"] if "base_price" in rows else _usual(rows))
    done = f"counted as {RATIO[0]:.2g} or {RATIO[1]:.2g} times the regular price"
    return rows, _each(rows, (ratio < RATIO[0]) | (ratio > RATIO[1]), "absurd price", "price", done)


def shares_outside(rows: pd.DataFrame) -> Found:
    """Displays and features below 0 or above 1, or empty."""
    problems: list[Problem] = []
    for name in (one for one in ("display", "feature") if one in rows):
        outside = ~rows[name].between(0, 1)
        problems += _each(rows, outside, f"{name} outside 0-1", name, "held inside; empty counts as 0")
        rows = rows.assign(**{name: rows[name].fillna(0.0).clip(0.0, 1.0)})
    return rows, problems


def empty_others(rows: pd.DataFrame) -> Found:
    """Empty cells of further columns."""
    problems: list[Problem] = []
    for name in (str(one) for one in rows if str(one).startswith("other_")):
        problems += _each(rows, rows[name].isna(), f"{name} empty", name, "counted as 0")
        rows = rows.assign(**{name: rows[name].fillna(0.0)})
    return rows, problems


def gaps(rows: pd.DataFrame) -> Found:
    """Weeks that are missing between a series' first and last."""
    spans = rows.groupby(KEYS)["week"].agg(["min", "max", "count"])
    length = (spans["max"] - spans["min"] + 1).astype(int)
    missing = length - spans["count"]
    said = missing.astype(str) + " of " + length.astype(str) + " weeks"
    return rows, _series(said[missing > 0], "weeks missing", "fitted without them")


def short_series(rows: pd.DataFrame) -> Found:
    """Series with few weeks."""
    size = rows.groupby(KEYS).size()
    said = size[size < SHORT].astype(str) + " weeks"
    return rows, _series(said, "short history", "fitted; leans on its account, its SKU and all others")


def never_tried(rows: pd.DataFrame) -> Found:
    """Prices that never moved, displays and features that never ran: the series cannot say what they do."""
    problems: list[Problem] = []
    for name in (one for one in ("price", "display", "feature") if one in rows):
        values = rows.groupby(KEYS)[name].agg(["nunique", "first"])
        said = values.loc[values["nunique"] == 1, "first"].map("always {:g}".format)
        problems += _series(said, f"{name} never changed", "its effect is taken from others")
    return rows, problems


LOOKED_FOR: tuple[Callable[[pd.DataFrame], Found], ...] = (
    without_a_name,
    without_a_figure,
    price_not_above_zero,
    negative_units,
    week_twice,
    no_units,
    no_base_price,
    absurd_price,
    shares_outside,
    empty_others,
    gaps,
    short_series,
    never_tried,
)


def listed(problems: list[Problem]) -> pd.DataFrame:
    """The problems as a table, one row each."""
    return pd.DataFrame([[getattr(one, name) for name in COLUMNS] for one in problems], columns=list(COLUMNS))


def _usual(rows: pd.DataFrame) -> pd.Series[float]:
    """[R] what four weeks in five of the row's series do not exceed."""
    usual: pd.Series[float] = rows.groupby(KEYS)["price"].transform("quantile", REGULAR)
    return usual


def _left_out(rows: pd.DataFrame, bad: pd.Series[bool], kind: str, shown: str) -> Found:
    return rows[~bad].reset_index(drop=True), _each(rows, bad, kind, shown, "row left out")


def _each(rows: pd.DataFrame, bad: pd.Series[bool], kind: str, shown: str, done: str) -> list[Problem]:
    """A problem for each bad row; `shown`: the column whose figure is told."""
    part = rows[bad]
    columns = (part[name].tolist() for name in (*KEYS, "week", shown))
    return [
        Problem(kind, account, sku, None if week != week else int(week), f"{shown} {figure:g}", done)  # noqa: PLR0124
        for account, sku, week, figure in zip(*columns, strict=True)
    ]


def _series(said: pd.Series[str], kind: str, done: str) -> list[Problem]:
    """A problem for each series, by (account, sku)."""
    keys = said.index.tolist()
    return [Problem(kind, account, sku, None, found, done) for (account, sku), found in zip(keys, said, strict=True)]
