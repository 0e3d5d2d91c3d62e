"""A small scenario as files: two accounts, two SKUs, two treatments, four weeks; a test changes what it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from kaopt.scenario.kinds import Count, Share
from kaopt.scenario.load import load
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings


class Plain(RuleSettings):
    hard: Literal[True] = True


class Spacing(RuleSettings):
    gap: Count


class Mix(RuleSettings):
    min: Share
    per: Literal["account", "total"] = "total"


RULES: dict[str, type[RuleSettings]] = {
    **dict.fromkeys(("one_event", "blackout", "lead_time", "locks", "budget", "display_slots"), Plain),
    "spacing": Spacing,
    "margin_mix": Mix,
}

FILES = {
    "scenario.yaml": "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 4}\n",
    "tables/accounts.csv": "account,channel,retail_markup,acceptance_age\nW,hyper,25%,1/3\nZ,trade,10%,2/3\n",
    "tables/skus.csv": "sku,list_price,unit_cost,high_margin\ncola,40,20,no\ntea,50,22.5,yes\n",
    "tables/mechanics.csv": "treatment,family,depth,display,lengths\ncut,price,20%,0,1|2\nstack,display,0,1,1\n",
    "tables/base.csv": "account,sku,cases\nW,cola,100\nW,tea,50\nZ,cola,80\n",
    "tables/response.csv": "account,sku,elasticity,display\n*,*,-2.5,0.4\n",
}


def write(root: Path, name: str = "small", **changed: str | bytes | None) -> Path:
    """Write the small scenario under `root/scenarios/NAME`.

    Keywords are files: `scenario`, `accounts`, `skus`, …; None leaves a file out.
    """
    folder = root / "scenarios" / name
    files: dict[str, Any] = dict(FILES)
    for key, content in changed.items():
        files["scenario.yaml" if key == "scenario" else f"tables/{key}.csv"] = content
    for path, content in files.items():
        if content is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def overlay(root: Path, name: str, scenario: str, **tables: str) -> Path:
    """Write a scenario that has only what is given."""
    folder = root / "scenarios" / name
    (folder / "tables").mkdir(parents=True)
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    for table, content in tables.items():
        (folder / "tables" / f"{table}.csv").write_text(content, encoding="utf-8")
    return folder


def read(folder: Path, *overrides: str, **options: Any) -> Scenario:
    """Load with the rules of this file."""
    return load(folder, rule_settings=RULES, overrides=overrides, **options)
