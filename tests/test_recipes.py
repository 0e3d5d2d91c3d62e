"""A recipe says how to decide and nothing of the world: every recipe runs on every bundled scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

import kaopt as ka
from kaopt.scenario.sources import Reading
from kaopt.scenario.yaml_file import Node, read_yaml

ROOT = Path(__file__).parents[1]
RECIPES = sorted(path.stem for path in (ROOT / "models" / "allocation").glob("*.yaml"))
BUNDLED = sorted(path.parent.name for path in (ROOT / "scenarios").glob("*/scenario.yaml"))
QUICK = {"starter"}
LARGE = ("beverage", "beverage_in_full", "cheese")
OF_THE_WORLD = {"currency", "name", "extends", "plan", "response", "supply", "variants", "targets", "assumptions"}


def test_there_are_three() -> None:
    assert RECIPES == ["annual_agreement", "joint_business_plan", "rolling_quarter"]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_says_nothing_about_the_world(recipe: str) -> None:
    node = read_yaml(ROOT / "models" / "allocation" / f"{recipe}.yaml", Reading(ROOT))
    assert isinstance(node, Node) and isinstance(node.value, dict)
    assert not OF_THE_WORLD & set(node.value)
    horizon = node.value.get("horizon")
    assert horizon is None or set(horizon.value) == {"notice"}  # how early plans are shared is a way to decide


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", BUNDLED)
def test_every_recipe_reads_every_scenario(recipe: str, name: str) -> None:
    world = ka.load(ROOT / "scenarios" / name, model=recipe)
    assert world.model == recipe
    assert (world.rolling is not None) == (recipe == "rolling_quarter")
    assert recipe != "rolling_quarter" or world.accounts.notice_days.min() >= 60


def plan_of(name: str, recipe: str) -> None:
    limit = ["solve.time_limit=8min", "solve.gap=3%"] if name in LARGE else ["solve.gap=1%"]
    world = ka.load(ROOT / "scenarios" / name, model=recipe, overrides=limit)
    plan = ka.allocate(world)
    proof = plan.certificate
    assert proof is not None and proof.breaches == ()
    assert proof.bound >= proof.objective - 1e-6 * abs(proof.objective)
    assert proof.status in ({"rolling", "stopped"} if world.rolling is not None else {"optimal"})
    judged = ka.evaluate(world, plan)
    assert judged.breaches == () and judged.objective == pytest.approx(proof.objective, rel=1e-9)


@pytest.mark.parametrize("recipe", [one for one in RECIPES if one != "annual_agreement"])  # that one: test_golden.py
def test_every_recipe_plans_the_starter(recipe: str) -> None:
    plan_of("starter", recipe)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=pytest.mark.long if one in LARGE else pytest.mark.thorough)
        for one in BUNDLED
        if one not in QUICK
    ],
)
def test_every_recipe_plans_every_scenario(recipe: str, name: str) -> None:
    plan_of(name, recipe)


def test_a_promise_under_negotiation_costs_and_does_not_forbid() -> None:
    """Of one world: signed, the rules cannot be left; in the joint business plan missing one is a matter of money."""
    folder = ROOT / "scenarios" / "starter"
    signed = ka.load(folder)
    joint = ka.load(folder, model="joint_business_plan")
    assert all(one.hard for one in signed.rules["promotion_count"])
    assert not any(one.hard for one in joint.rules["promotion_count"])
    assert all(one.regret > 0 for name in ("sales_target", "retailer") for one in joint.rules[name])
    assert ka.load(ROOT / "scenarios" / "ten_accounts", model="joint_business_plan").objective.maximize == "value"
    nothing = ka.evaluate(joint, ka.Plan.nothing())
    assert {one.rule for one in nothing.missed} >= {"promotion_count"}
    assert "promotion_count" not in {one.rule for one in nothing.breaches}
    assert "promotion_count" in {one.rule for one in ka.evaluate(signed, ka.Plan.nothing()).breaches}
