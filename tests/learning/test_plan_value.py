"""What plans on response models are worth: a world that believes, plans judged, and the figures on real data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import kaopt as ka
from kaopt.learning.plan_value import LIMITS, alike, believing, judged, plans, without
from kaopt.response.halves import Belief, Half, Pair, pairs
from kaopt.response.structure import Structure
from tests.learning.cheese import cheese_sales
from tests.test_scenarios_data import SCENARIOS


@pytest.fixture(scope="module")
def world():
    whole = ka.load(SCENARIOS / "starter", overrides=["objective.maximize=profit", "solve.gap=1%"])
    return without(whole, "market_share")


def half(name, world, *elasticities):
    """Both judges' beliefs: the first elasticity is partial pooling's, the second least squares'."""
    series = tuple((a, s) for a in world.accounts.account for s in world.skus.sku)
    methods = ("partial_pooling", "least_squares")
    return Half(
        name,
        {
            method: Belief(series, {"elasticity": np.full(len(series), one)})
            for method, one in zip(methods, elasticities, strict=True)
        },
    )


def test_a_world_believes_what_a_model_says_and_only_that(world):
    account, sku = world.accounts.account[1], world.skus.sku[0]
    belief = Belief((("stranger", sku), (account, sku)), {"elasticity": np.array([-3.0, -1.5])})
    found = believing(world, belief).response
    assert found.elasticity[1, 0] == -1.5
    others = np.ones(found.elasticity.shape, bool)
    others[1, 0] = False
    assert found.elasticity[others].tolist() == world.response.elasticity[others].tolist()
    assert found.display is world.response.display and found.dip is world.response.dip


def test_nobody_believes_more_than_the_limits(world):
    account, sku = world.accounts.account[0], world.skus.sku[0]
    for said, believed in ((-400.0, LIMITS["elasticity"][0]), (3.0, 0.0)):
        belief = Belief(((account, sku),), {"elasticity": np.array([said]), "display": np.array([-said])})
        found = believing(world, belief).response
        assert found.elasticity[0, 0] == believed
        assert found.display[0, 0] == (LIMITS["display"][1] if said < 0 else 0.0)


def test_every_plan_is_valued_under_both_judges(world):
    """A plan that believes in price cuts makes them; where customers do not care, they only cost."""
    pair = Pair(half("made", world, -5.0, 0.0), half("judge", world, -5.0, 0.0))
    made = plans(world, pair)
    assert len(made["partial_pooling"]) > len(made["least_squares"])
    found = {(one.method, one.judge): one for one in judged(world, pair, made)}
    assert len(found) == 4 and {one.made_on for one in found.values()} == {"made"}
    proud = found["partial_pooling", "partial_pooling"]
    proof = made["partial_pooling"].certificate
    assert proof is not None and proud.gap == proof.gap
    assert proud.contribution > found["least_squares", "partial_pooling"].contribution
    assert found["partial_pooling", "least_squares"].contribution < found["least_squares", "least_squares"].contribution
    assert found["partial_pooling", "least_squares"].cases < proud.cases
    again = ka.evaluate(believing(world, pair.judge.beliefs["least_squares"]), made["partial_pooling"])
    assert found["partial_pooling", "least_squares"].contribution == again.contribution
    assert found["partial_pooling", "least_squares"].spent == pytest.approx(again.ledger.event_spend.sum())


def test_habit_is_the_same_everywhere(world):
    treatment = world.treatments.treatment[0]
    plan = alike(world, treatment, every=4)
    a, s = np.nonzero(world.listed)
    runs = len(plan) // len(a)
    assert len(plan) == runs * len(a) and set(plan.weeks.tolist()) == {2}
    places = set(zip(plan.account.tolist(), plan.sku.tolist(), strict=True))
    assert places == set(zip(a.tolist(), s.tolist(), strict=True))
    assert np.diff(plan.week[:runs]).tolist() == [4] * (runs - 1) and plan.week[:runs].max() + 2 <= world.weeks
    assert set(plan.treatment.tolist()) == {0}


def test_rules_can_be_left_out(world):
    name = next(iter(world.rules))
    less = without(world, name)
    assert set(world.rules) - set(less.rules) == {name} and less.accounts is world.accounts


@pytest.mark.thorough
def test_pooling_pays_on_cheese(tmp_path):
    """Real plans of a year, proven within 1 %, on split halves both ways: more volume each time, whoever judges."""
    sales = cheese_sales(tmp_path)
    # last year's volume was made with other coefficients: no judge could hold accounts to it
    world = without(ka.load(SCENARIOS / "cheese", overrides=["solve.gap=1%"]), "market_share")
    habit = alike(world, "cut15", every=6)
    found = []
    for pair in pairs(sales, Structure(own=("elasticity", "display"), memory=8.0)):
        found += judged(world, pair, plans(world, pair) | {"volume_proportional": habit})
    table = pd.DataFrame([vars(one) for one in found])
    assert len(table) == 4 * 2 * 3 and table["gap"].max() <= 0.01
    cases = table.pivot_table(index=["made_on", "judge"], columns="method", values="cases")
    assert (cases["partial_pooling"] > cases["least_squares"]).all()
    assert (cases["least_squares"] > cases["volume_proportional"]).all()
    money = table.groupby(["judge", "method"])["contribution"].mean().unstack()
    assert (money["partial_pooling"] > 1.1 * money["least_squares"]).all()
    assert (money["volume_proportional"] < 0).all()
