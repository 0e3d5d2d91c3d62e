"""The verbs, as Python users call them: load, check, allocate, simulate, evaluate, score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kaopt.allocation import preflight, rules
from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.fulfilment.simulate import simulate
from kaopt.plan_file import load_plan
from kaopt.scenario import load as reading
from kaopt.scenario.model import Scenario
from kaopt.scorecard import score

__all__ = ["allocate", "check", "evaluate", "load", "load_plan", "score", "simulate"]

check = preflight.check


def load(
    scenario: str | Path, *, variant: str | None = None, overrides: Sequence[str] = (), model: str | None = None
) -> Scenario:
    """Read a scenario folder (or its scenario.yaml) into an immutable Scenario; every fault of it at once.

    `variant` names a set of overrides in the file, `overrides` are `path=value` texts that win over everything,
    `model` names a recipe of models/allocation. Raises InputError.
    """
    return reading.load(
        scenario, rule_settings=rules.rule_settings(), variant=variant, overrides=overrides, model=model
    )
