"""Golden results of the fulfilment stories, scenarios/NAME/expected.toml: `python docs/fulfilment_stories golden`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from service_figures import SCENARIOS, world_plan

import kaopt as ka
from kaopt.allocation.problem import problem_of
from kaopt.experiments.measures import MEASURES
from kaopt.statistics.interval import Interval, interval

YEARS = 8  # few, so that every test run lives them again
MEASURED = ("fill", "penalties", "write_off", "stock_age")
VARIANTS: dict[str, tuple[str, ...]] = {
    "forward_loading": ("", "level", "unforeseen"),
    "month_end_peak": ("", "level", "foreseen"),
    "acceptance_age": ("", "gated", "near_the_cliff", "longer"),
}


def golden(name: str, variant: str) -> dict[str, Interval]:
    """What eight years with the scenario's own seed give for all accounts together."""
    fixed = [f"supply.replications.{end}={YEARS}" for end in ("min", "max")]
    world = ka.load(SCENARIOS / name, variant=variant or None, overrides=fixed)
    service = ka.simulate(world, world_plan(world))
    everyone = np.arange(service.ordered_value.shape[1])
    return {one: interval(MEASURES[one].read(service, everyone)) for one in MEASURED}


def write(name: str) -> Path:
    """The file of one scenario: its best plan, and its years by variant."""
    world = ka.load(SCENARIOS / name)
    proof = ka.allocate(world).certificate
    assert proof is not None
    lines = [
        f"# The golden result, from `kaopt allocate scenarios/{name}`; tests/test_golden.py holds new versions to it.",
        f"offers = {len(problem_of(world).offers)}",
        f"objective = {proof.objective:.4f} # a new plan may be better, never worse by more than the asked gap",
        f"bound = {proof.bound + 1e-4:.4f} # no valid plan can exceed it",
        f"gap = {world.solve.gap} # proven gap at most",
        "breaches = 0",
        "",
        f"# {YEARS} years by variant, with the scenario's seed: mean, and the interval that a new version must stay in",
    ]
    for variant in VARIANTS[name]:
        found = golden(name, variant)
        lines += ["", f"[service.{variant or 'as_it_is'}]", f"seed = {world.supply.seed}", f"years = {YEARS}"]
        lines += [f"{key} = [{one.mean:.8g}, {one.low:.8g}, {one.high:.8g}]" for key, one in found.items()]
    path = SCENARIOS / name / "expected.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
