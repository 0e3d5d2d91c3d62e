"""What was learned as a response model's folder: next year's scenario names it and plans with it."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from kaopt import runs
from kaopt.errors import Fault, InputError
from kaopt.review.believed import LEVELS
from kaopt.review.promotions import TERMS
from kaopt.review.year import SIGNS, Year
from kaopt.scenario.model import Response

CARD, COEFFICIENTS = "card.yaml", "coefficients.csv"
MADE_BY = "reviewed"  # the card's check that a review has made the folder


@dataclass(frozen=True)
class Source:
    """Where a review came from."""

    run: str
    sales: str
    sha256: str
    date: str
    command: str


def refuse_others(folder: Path) -> None:
    """A model that something else made is not written over."""
    card = folder / CARD
    if card.is_file():
        content = YAML(typ="safe").load(card.read_text(encoding="utf-8")) or {}
        if MADE_BY not in (content.get("checks") or {}):
            remedy = "Name another folder with --response"
            raise InputError(
                [Fault(str(folder), None, None, "a fitted model", "must be free, or a review's own", remedy)]
            )


def write_model(folder: Path, year: Year, source: Source) -> None:
    """Write `coefficients.csv` (account, sku, term, value, se), `levels.csv` and `card.yaml`."""
    refuse_others(folder)
    with runs.disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, frame in ((COEFFICIENTS, coefficients(year)), (LEVELS, levels(year))):
        runs.write_text(folder / name, frame.to_csv(index=False, lineterminator="\n", float_format="%.6f"))
    text = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 110
    yaml.dump(rounded(card(year, folder.name, source)), text)
    runs.write_text(folder / CARD, text.getvalue())


def coefficients(year: Year) -> pd.DataFrame:
    """Coefficients that are not zero, and every elasticity; what a year cannot teach stays as it was."""
    how, rows, none = year.world.response, [], np.zeros(year.world.listed.shape)
    others = [one.name for one in fields(Response) if one.name not in TERMS and not one.name.endswith("_se")]
    for n, (a, s) in enumerate(year.series.tolist()):
        names = (year.world.accounts.account[a], year.world.skus.sku[s])
        for p, term in enumerate(TERMS):
            value, se = float(year.coefficients[a, s, p]), float(year.learned.se[n, p])
            if value != 0 or se > 0 or p == 0:
                rows.append((*names, term, value + 0.0, se))
        kept = [(one, getattr(how, one)[a, s], getattr(how, f"{one}_se", none)[a, s]) for one in others]
        rows += [(*names, term, float(value), float(se)) for term, value, se in kept if value]
    return pd.DataFrame(rows, columns=["account", "sku", "term", "value", "se"])


def levels(year: Year) -> pd.DataFrame:
    """What a week of each series sells at its regular price without promotions, beside what the plan thought."""
    a, s = year.series.T
    world, found = year.world, year.learned
    planned = world.base_cases[a, s].mean(axis=1)
    mean = year.base[a, s].mean(axis=1)
    residual = np.sqrt(found.variance)
    return pd.DataFrame(
        {
            "account": [world.accounts.account[i] for i in a],
            "sku": [world.skus.sku[i] for i in s],
            "regular_price": np.nanmean(world.base_price[a, s], axis=1),
            "planned_units": planned,
            "median_units": mean * np.exp(-found.variance / 2),
            "mean_units": mean,
            "weeks": found.weeks.astype(int),
            "residual_sd": residual,
        }
    )


def card(year: Year, name: str, source: Source) -> dict[str, Any]:
    """What a reader must know before believing the folder; the keys of a fitted model's card."""
    found, sure = year.learned, predictions(year)
    return {
        "name": name,
        "what": f"Beliefs of the plan of {source.run}, brought together with the sales that happened",
        "source": {"run": source.run, "file": source.sales, "sha256": source.sha256},
        "licence": "As the sales; no observation is copied",
        "date": source.date,
        "rebuild": source.command,
        "rows": int(found.weeks.sum()),
        "series": len(year.series),
        "weeks": {"fewest": int(min(found.weeks, default=0)), "most": int(max(found.weeks, default=0))},
        "definitions": {
            "form": "ln units = ln base + level + what promotions do (docs/review.md)",
            "value": "posterior mean with allowed signs; se: posterior standard error; other terms as they were",
            "wmape": "sum of |actual - median| over sum of actual, of the reviewed weeks themselves, level known",
            "coverage80": "share of the reviewed weeks inside the 80 % interval",
        },
        "split": {"held_out": "none: `believed` never saw the weeks but for their level, `learned` has seen them"},
        **sure,
        "wrong_signs": {
            "learned": {t: int((found.value[:, p] * SIGNS[p] < 0).sum()) for p, t in enumerate(TERMS)},
            "signed": dict.fromkeys(TERMS, 0),
        },
        "mean": means(year),
        "checks": {MADE_BY: True, "believed": means(year, believed=True), "patterns": patterns(year)},
    }


def predictions(year: Year) -> dict[str, Any]:
    """How well the reviewed weeks are described, before and after."""
    seen = year.sales.believed & (year.world.base_cases > 0)
    if not seen.any():
        return {"wmape": {}, "coverage80": 0.0, "bias_of_mean": 0.0}
    actual, found = year.sales.units[seen], {}
    for name, one in (("believed", year.believed), ("learned", year.coefficients)):
        found[name] = year.expected(one)[seen]
    variance = np.zeros(year.world.listed.shape)
    variance[year.series[:, 0], year.series[:, 1]] = year.learned.variance
    v = np.broadcast_to(variance[:, :, None], seen.shape)[seen]
    inside = np.abs(np.log(actual / found["learned"]) + v / 2) <= 1.2815515655446004 * np.sqrt(v)
    medians = {name: one * np.exp(-v / 2) for name, one in found.items()}
    return {
        "wmape": {name: float(np.abs(actual - one).sum() / actual.sum()) for name, one in medians.items()},
        "coverage80": float(inside.mean()),
        "bias_of_mean": float(found["learned"].sum() / actual.sum() - 1),
    }


def means(year: Year, *, believed: bool = False) -> dict[str, dict[str, float]]:
    """By term, over the series that have it: mean, its standard error, standard deviation between series."""
    found = {}
    a, s = year.series.T
    for p, term in enumerate(TERMS):
        has = year.believed[a, s, p] != 0
        if not has.any():
            continue
        values = (year.believed if believed else year.coefficients)[a, s, p][has]
        error = year.belief.se[has, p].mean() if believed else year.drawn[:, has, p].mean(axis=1).std()
        found[term] = {"value": float(values.mean()), "se": float(error), "between_series": float(values.std())}
    return found


def patterns(year: Year) -> dict[str, float]:
    """How the beliefs erred, in squared standard errors: all together, by account, each alone; 1 in all: as stated."""
    found = year.learned
    parts = np.array([(one.everyone, one.account, one.own) for one in found.patterns])
    return dict(zip(("everyone", "account", "own"), (found.weights @ parts).tolist(), strict=True))


def rounded(value: Any) -> Any:
    """Figures to four decimals: more would pretend."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
