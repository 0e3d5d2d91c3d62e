"""Prices of the rules' rows beside a plan, in prices.csv: what the next plan of a world like this one begins with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from kaopt import runs
from kaopt.errors import Fault, InputError
from kaopt.plan import Plan
from kaopt.plan_file import load_plan
from kaopt.scenario.model import Scenario

FILE, COLUMNS = "prices.csv", ["rule", "scope", "price"]


def write(folder: Path, plan: Plan) -> None:
    """Keep the prices of a plan that was made at prices: objective units per unit of the row."""
    if plan.prices:
        lines = [(rule, scope, price) for (rule, scope), price in plan.prices.items() if price != 0.0]
        runs.write_csv(folder / FILE, pd.DataFrame(lines, columns=COLUMNS))


def load_run(world: Scenario, folder: Path) -> Plan:
    """The plan of an earlier run, with its prices where it has them, to go on from.

    Raises InputError where the folder holds no plan, or a table that cannot be read.
    """
    if not (folder / "plan.csv").is_file():
        expected = "must be the folder of a run: with plan.csv"
        raise InputError([Fault("--after", None, None, str(folder), expected, "Name a folder that kaopt has written.")])
    plan, file = load_plan(world, folder / "plan.csv"), folder / FILE
    return replace(plan, prices=read(file)) if file.is_file() else plan


def read(file: Path) -> dict[tuple[str, str], float]:
    """Prices by row."""
    frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if list(frame.columns) != COLUMNS:
        raise InputError([Fault(str(file), 1, None, ", ".join(frame.columns), f"must be {', '.join(COLUMNS)}", REMEDY)])
    price = pd.to_numeric(frame["price"], errors="coerce")
    for line in frame.index[price.isna()].tolist()[:1]:
        raise InputError([Fault(str(file), line + 2, "price", frame["price"][line], "must be a number", REMEDY)])
    return dict(zip(zip(frame["rule"], frame["scope"], strict=True), price.tolist(), strict=True))


REMEDY = "Delete the file: the search then finds prices by itself."
