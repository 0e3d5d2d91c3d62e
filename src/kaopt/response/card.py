"""The evidence of a fitted response model: its source, its errors on weeks it never saw, how to fit it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from kaopt.response.fit import Fit, common, own, pooled, predict, spread_of, wmape, wrong_signs
from kaopt.response.history import history, regular_price

NORMAL_80 = 1.2815515655446004  # 80 % of a normal lies within this many standard deviations


@dataclass(frozen=True)
class Card:
    """What a reader must know before believing a response model; one key of `card.yaml` per field."""

    name: str
    what: str
    source: dict[str, str]  # package, file, version, citation
    licence: str
    date: str
    rebuild: str  # the command
    rows: int
    series: int
    weeks: dict[str, int]  # fewest and most of a series
    definitions: dict[str, str]
    split: dict[str, Any]
    wmape: dict[str, float]  # of the median on held-out weeks, by method
    coverage80: float  # share of held-out weeks inside the 80 % interval
    bias_of_mean: float  # held-out: predicted mean volume over actual, less one
    wrong_signs: dict[str, dict[str, int]]  # series by method and term
    mean: dict[str, dict[str, float]]  # by term: value, se, between_series
    checks: dict[str, Any]


@dataclass(frozen=True)
class Holdout:
    """Errors on weeks that the fit never saw."""

    wmape: dict[str, float]
    coverage80: float
    bias_of_mean: float
    wrong_signs: dict[str, dict[str, int]]


def hold_out(sales: pd.DataFrame, *, weeks: int, history_weeks: int | None = None) -> Holdout:
    """Fit all but the last `weeks` of every series and predict those, given their real prices and displays.

    The regular price is taken from the fitted weeks alone. `history_weeks`: fit on only that many latest weeks.
    """
    sales = sales.sort_values("week", kind="stable", ignore_index=True)
    left = sales.groupby(["account", "sku"]).cumcount(ascending=False)
    oldest = len(sales) if history_weeks is None else weeks + history_weeks
    past, future = sales[(left >= weeks) & (left < oldest)], sales[left < weeks]
    past, future = (_with_base(part, regular_price(past)) for part in (past, future))
    data = history(past)
    rows = history(future, series=data.series)
    loose, fit = pooled(data, signs=False), pooled(data)
    actual = np.exp(rows.y)
    level = np.bincount(data.at, data.y) / data.counts
    medians = {"own_mean": np.exp(level)[rows.at], "common_slopes": predict(common(data), rows)[0]}
    medians |= {"least_squares": predict(own(data), rows)[0], "partial_pooling": predict(fit, rows)[0]}
    inside = np.abs(rows.y - np.log(medians["partial_pooling"])) <= NORMAL_80 * np.sqrt(spread_of(fit, rows))
    signs = {"least_squares": own(data), "partial_pooling": loose, "partial_pooling_signed": fit}
    return Holdout(
        {method: wmape(actual, median) for method, median in medians.items()},
        float(inside.mean()),
        float(predict(fit, rows)[1].sum() / actual.sum() - 1),
        {method: wrong_signs(one) for method, one in signs.items()},
    )


def slopes(fit: Fit) -> dict[str, dict[str, float]]:
    """Mean, its standard error and the standard deviation between series, for every term but the level."""
    return {
        name: {"value": float(fit.mean[p]), "se": float(fit.mean_se[p]), "between_series": float(fit.spread[p])}
        for p, name in enumerate(fit.terms)
        if name != "level"
    }


def write_model(folder: Path, fit: Fit, card: Card) -> None:
    """Write `coefficients.csv` (account, sku, term, value, se) and `card.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        (account, sku, name, f"{fit.value[n, p]:.6f}", f"{fit.se[n, p]:.6f}")
        for n, (account, sku) in enumerate(fit.series)
        for p, name in enumerate(fit.terms)
        if name != "level"
    ]
    table = pd.DataFrame(rows, columns=["account", "sku", "term", "value", "se"])
    table.to_csv(folder / "coefficients.csv", index=False, lineterminator="\n")
    with (folder / "card.yaml").open("w", encoding="utf-8") as file:
        _yaml().dump(_rounded(asdict(card)), file)


def read_card(folder: Path) -> Card:
    """The card of a model's folder."""
    with (folder / "card.yaml").open(encoding="utf-8") as file:
        return Card(**YAML(typ="safe").load(file))


def _with_base(sales: pd.DataFrame, price: pd.Series[float]) -> pd.DataFrame:
    """The sales with their regular price beside them."""
    return sales.drop(columns="base_price", errors="ignore").join(price.rename("base_price"), on=["account", "sku"])


def _yaml() -> YAML:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    return yaml


def _rounded(value: Any) -> Any:
    """Figures to four decimals: more would pretend."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, float):
        return round(value, 4)
    return value
