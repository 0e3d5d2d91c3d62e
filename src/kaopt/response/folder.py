"""A response model as a folder: what a person reads (csv, card) and what a forecast needs (fit.npz), no observation."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kaopt.response.card import Card, write_card
from kaopt.response.fit import Expectation, Fit
from kaopt.response.learn import KEYS, Learned
from kaopt.response.pooling import Groups
from kaopt.response.structure import Lift, Structure

FIGURES = ("value", "covariance", "variance", "mean", "mean_se", "spread")  # arrays of a Fit
GROUPS = ("at", "effect", "covariance", "spread")


def write_model(folder: Path, model: Learned, card: Card) -> None:
    """Write `coefficients.csv` (account, sku, term, value, se), `levels.csv`, `fit.npz` and `card.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    coefficients(model.fit).to_csv(folder / "coefficients.csv", index=False, lineterminator="\n")
    levels(model).to_csv(folder / "levels.csv", index=False, lineterminator="\n")
    arrays: dict[str, Any] = packed(model)
    np.savez_compressed(folder / "fit.npz", **arrays)
    write_card(folder, card)


def coefficients(fit: Fit) -> pd.DataFrame:
    """Every term but the level of every series."""
    rows = [
        (account, sku, name, f"{fit.value[n, p]:.6f}", f"{fit.se[n, p]:.6f}")
        for n, (account, sku) in enumerate(fit.series)
        for p, name in enumerate(fit.terms)
        if name != "level"
    ]
    return pd.DataFrame(rows, columns=["account", "sku", "term", "value", "se"])


def levels(model: Learned) -> pd.DataFrame:
    """What a week sells at the regular price without promotion, by series; `recent`: the latest news, in ln units."""
    fit = model.fit
    level, se = fit.term("level"), fit.se[:, 0]
    rows = pd.DataFrame(fit.series, columns=KEYS)
    rows["regular_price"] = rows.join(model.price["base_price"], on=KEYS)["base_price"].round(4)
    rows["median_units"] = np.exp(level).round(2)
    rows["mean_units"] = np.exp(level + (fit.variance + se**2) / 2).round(2)
    rows["level_se"], rows["residual_sd"] = se.round(6), np.sqrt(fit.variance).round(6)
    rows["recent"] = model.recent.round(6)
    return rows


def packed(model: Learned) -> dict[str, np.ndarray]:
    """The model as named arrays."""
    fit, expected = model.fit, model.fit.expectation
    arrays = {name: getattr(fit, name) for name in FIGURES}
    arrays |= {"series": np.array(fit.series, dtype=str), "recent": model.recent, "width": np.array(model.width)}
    price = pd.DataFrame(fit.series, columns=KEYS).join(model.price, on=KEYS)
    arrays |= {name: price[name].to_numpy(float) for name in ("base_price", "usual_price")}
    words = {"structure": asdict(model.structure), "lift": dict(model.lift.slopes)}
    arrays["words"] = np.array(json.dumps(words))
    if expected is None:
        return arrays
    arrays |= {f"prior_{name}": getattr(expected, name) for name in ("mean", "mean_covariance", "within")}
    arrays["prior_variance"] = np.array(expected.variance)
    for which in ("account", "sku"):
        groups = getattr(expected, f"{which}_groups")
        arrays[f"{which}_names"] = np.array(getattr(expected, which), dtype=str)
        arrays |= {f"{which}_{name}": getattr(groups, name) for name in GROUPS}
    return arrays


def read_model(folder: Path) -> Learned:
    """The model of a folder. Raises FileNotFoundError where it has no `fit.npz`."""
    with np.load(folder / "fit.npz", allow_pickle=False) as file:
        arrays: dict[str, Any] = dict(file)
    words = json.loads(str(arrays["words"]))
    shape, lift = words["structure"], Lift(words["lift"])
    structure = Structure(tuple(shape["own"]), tuple(shape["shared"]), shape["memory"])
    series = tuple((str(account), str(sku)) for account, sku in arrays["series"])
    figures = {name: arrays[name] for name in FIGURES}
    fit = Fit(series, structure.terms, **figures, expectation=_expectation(arrays))
    index = pd.MultiIndex.from_tuples(series, names=KEYS)
    price = pd.DataFrame({name: arrays[name] for name in ("base_price", "usual_price")}, index=index)
    return Learned(structure, lift, fit, arrays["recent"], price, float(arrays["width"]))


def _expectation(arrays: dict[str, Any]) -> Expectation | None:
    if "prior_mean" not in arrays:
        return None
    prior: dict[str, Any] = {name: arrays[f"prior_{name}"] for name in ("mean", "mean_covariance", "within")}
    for which in ("account", "sku"):
        prior[which] = tuple(map(str, arrays[f"{which}_names"]))
        prior[f"{which}_groups"] = Groups(*(arrays[f"{which}_{name}"] for name in GROUPS))
    return Expectation(variance=float(arrays["prior_variance"]), **prior)
