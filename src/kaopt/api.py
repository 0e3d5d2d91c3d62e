"""The verbs, as Python users call them: load, check, allocate, simulate, evaluate, score, why."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaopt.scenario.model import Scenario

if TYPE_CHECKING:
    from kaopt.allocation.allocate import allocate
    from kaopt.allocation.evaluate import evaluate
    from kaopt.allocation.explain.why import why
    from kaopt.allocation.rules.rule import Rule
    from kaopt.allocation.wishes.preflight import check
    from kaopt.comparison import Comparison, Side
    from kaopt.comparison.read import Given
    from kaopt.fulfilment.simulate import simulate
    from kaopt.plan_file import load_plan
    from kaopt.scorecard import score

__all__ = ["allocate", "check", "compare", "evaluate", "load", "load_plan", "score", "simulate", "why"]

# each verb brings its own libraries (a solver, a compiler, charts): they are loaded by whoever calls it
_HOME = {
    "allocate": "kaopt.allocation.allocate",
    "check": "kaopt.allocation.wishes.preflight",
    "evaluate": "kaopt.allocation.evaluate",
    "load_plan": "kaopt.plan_file",
    "score": "kaopt.scorecard",
    "simulate": "kaopt.fulfilment.simulate",
    "why": "kaopt.allocation.explain.why",
}


def load(
    scenario: str | Path,
    *,
    variant: str | None = None,
    overrides: Sequence[str] = (),
    model: str | None = None,
    rules: tuple[Rule, ...] | None = None,
) -> Scenario:
    """Read a scenario folder (or its scenario.yaml) into an immutable Scenario; every fault of it at once.

    `variant` names a set of overrides in the file, `overrides` are `path=value` texts that win over everything,
    `model` names a recipe of models/allocation, `rules` are the rules that it may name (docs/own_rule.md).
    Raises InputError.
    """
    from kaopt.allocation.rules import RULES, rule_settings
    from kaopt.scenario.load import load as read

    known = rule_settings(rules or RULES)
    return read(scenario, rule_settings=known, variant=variant, overrides=overrides, model=model)


def compare(plans: Sequence[Given] | Mapping[str, Given]) -> Comparison:
    """Put plans side by side: scorecards or run folders, named where a mapping is given.

    Every figure is the one in the plans' own scorecards. Raises InputError where a folder is no finished run.
    """
    from kaopt.comparison.read import sides_of

    return drawn(sides_of(plans))


def drawn(sides: Sequence[Side]) -> Comparison:
    """A comparison that knows how it becomes a page."""
    from dataclasses import replace

    from kaopt.comparison import compared
    from kaopt.report.compare_page import render

    return replace(compared(sides), draw=render)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kaopt.api' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
