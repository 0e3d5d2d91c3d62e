"""A whole scenario: tables, then what is agreed on the ground of the reference plan; written as an ordinary folder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from benchmarks.generator.agreed import agreed
from benchmarks.generator.reference import reference
from benchmarks.generator.sizes import named
from benchmarks.generator.world import tables
from kaopt import load
from kaopt.eligible import Events
from kaopt.scenario.model import Scenario

PLAIN = {"kaopt": 1, "horizon": {"start": "2027-01-04", "weeks": 52}, "currency": "CNY"}


@dataclass(frozen=True, eq=False)
class Draft:
    """A scenario as it is written: settings, tables by name, and the plan that its targets were taken from."""

    settings: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    reference: Events


def draw(size: str, seed: int, *, tiers: bool = False) -> Draft:
    """A seeded scenario of a size by name: S1 to S5, or accounts x SKUs as in `10x2000`.

    `tiers` adds retroactive rebates and growth targets per account.
    """
    one = named(size)
    luck = np.random.default_rng([seed, one.accounts, one.skus])
    drawn = tables(one, luck)
    name = {"name": {"en": f"{size} seed {seed}", "zh": f"{size} 种子 {seed}"}}
    plain = Draft(PLAIN | name, drawn, Events(*[np.zeros(0, np.int64)] * 5))
    world = read(plain)
    plan = reference(world)
    settings, tables_ = agreed(world, plan, drawn, tiers=tiers)
    return Draft(plain.settings | settings, tables_, plan)


def write(draft: Draft, folder: Path) -> None:
    """Save as `scenario.yaml` and tables; same bytes for the same draft."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, table in draft.tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    with (folder / "scenario.yaml").open("w", encoding="utf-8", newline="\n") as file:
        yaml.dump(draft.settings, file)


def read(draft: Draft, *overrides: str) -> Scenario:
    """The scenario that kaopt reads from the draft's files."""
    with tempfile.TemporaryDirectory() as name:
        write(draft, Path(name))
        return load(name, overrides=overrides)
