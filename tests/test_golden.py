"""Every bundled scenario has a golden result; a new version may not be worse, and may not contradict the proof."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import kaopt as ka
from kaopt.allocation.problem import problem_of

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BUNDLED = sorted(p.parent.name for p in SCENARIOS.glob("*/scenario.yaml"))
QUICK = {"starter"}


def expected(name: str) -> dict[str, float]:
    return tomllib.loads((SCENARIOS / name / "expected.toml").read_text(encoding="utf-8"))


def test_every_scenario_has_one() -> None:
    golden = sorted(p.parent.name for p in SCENARIOS.glob("*/expected.toml"))
    assert golden == BUNDLED


@pytest.mark.parametrize("name", BUNDLED)
def test_offers_are_what_they_were(name: str) -> None:
    assert len(problem_of(ka.load(SCENARIOS / name)).offers) == expected(name)["offers"]


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.thorough) for n in BUNDLED])
def test_plan_is_as_good_and_the_old_proof_holds(name: str) -> None:
    gold = expected(name)
    world = ka.load(SCENARIOS / name)
    plan = ka.allocate(world)
    proof = plan.certificate
    assert proof is not None
    assert proof.status == "optimal"
    assert len(proof.breaches) == gold["breaches"] == 0
    assert proof.gap <= gold["gap"] == world.solve.gap
    assert proof.objective >= gold["objective"] - gold["gap"] * abs(gold["objective"])
    # two proofs of one world: each plan below each bound
    assert proof.objective <= gold["bound"] + 1e-9 * abs(gold["bound"])
    assert gold["objective"] <= proof.bound + 1e-9 * abs(proof.bound)
    assert ka.evaluate(world, plan).objective == pytest.approx(proof.objective, rel=1e-9)
    nothing = ka.evaluate(world, ka.Plan.nothing())
    assert nothing.objective == 0
    assert nothing.breaches or proof.objective > 0  # a plan that promises force may earn less than nothing
