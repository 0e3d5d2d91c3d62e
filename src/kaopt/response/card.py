"""The evidence of a fitted response model: its source, its errors on weeks it never saw, how to fit it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kaopt.response.fit import Fit


@dataclass(frozen=True)
class Card:
    """What a reader must know before believing a response model; one key of `card.yaml` per field."""

    name: str
    what: str
    source: dict[str, str]  # package or file, version, citation
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
    structure: dict[str, Any] = field(default_factory=dict)  # terms of each series, shared terms, memory of the level
    problems: dict[str, int] = field(default_factory=dict)  # of the data, by kind: see problems.csv
    plan_value: dict[str, Any] = field(default_factory=dict)  # what plans made on half of the history earn on the other


def slopes(fit: Fit) -> dict[str, dict[str, float]]:
    """Mean, its standard error and the standard deviation between series, for every term but the level."""
    return {
        name: {"value": float(fit.mean[p]), "se": float(fit.mean_se[p]), "between_series": float(fit.spread[p])}
        for p, name in enumerate(fit.terms)
        if name != "level"
    }


def write_card(folder: Path, card: Card) -> None:
    """Write `card.yaml`."""
    with (folder / "card.yaml").open("w", encoding="utf-8") as file:
        _yaml().dump(_rounded(asdict(card)), file)


def read_card(folder: Path) -> Card:
    """The card of a model's folder."""
    with (folder / "card.yaml").open(encoding="utf-8") as file:
        return Card(**YAML(typ="safe").load(file))


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
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        return round(value, 4)
    return value
