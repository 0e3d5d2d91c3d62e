"""The worlds of real data: what stands in their tables follows from the shipped models, by a second computation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kaopt as ka

HOME = Path(__file__).parents[1]
JUICE, JOURNEY = (HOME / "scenarios" / name for name in ("orange_juice", "journey"))
OURS = ["tropicana-premium-64", "tropicana-premium-96", "tropicana-64"]
KEYS = ["account", "sku"]


def model(name: str, file: str) -> pd.DataFrame:
    return pd.read_csv(HOME / "models" / "response" / name / file, dtype={"account": str, "sku": str})


def terms(name: str) -> pd.DataFrame:
    return model(name, "coefficients.csv").pivot(index=KEYS, columns="term", values="value")


@pytest.fixture(scope="module")
def juice():
    return ka.load(JUICE)


@pytest.fixture(scope="module")
def journey():
    return ka.load(JOURNEY)


@pytest.mark.thorough
@pytest.mark.parametrize("folder", [JUICE, JOURNEY], ids=lambda one: one.name)
def test_tables_follow_from_the_model_again(folder, tmp_path):
    subprocess.run([sys.executable, str(folder / "build.py"), str(tmp_path)], check=True, timeout=120)
    home = folder if folder == JUICE else folder / "tables"
    made = [one.relative_to(tmp_path) for one in tmp_path.rglob("*.csv")]
    assert {one.stem for one in made} >= {"accounts", "skus", "base"}
    assert [one for one in made if (tmp_path / one).read_bytes() != (home / one).read_bytes()] == []


@pytest.mark.parametrize("name", ["juice", "journey"])
def test_worlds_are_complete(name, request):
    world = request.getfixturevalue(name)
    assert world.listed.all() and (world.base_cases > 0).all() and np.isfinite(world.base_price).all()
    assert (world.margin_per_case > 0).all() and (world.response.elasticity <= 0).all()
    assert (world.response.elasticity_se > 0).all() and (world.response.cross > 0).all()
    assert world.assumptions and world.name.en and world.name.zh


def test_orange_juice_is_83_stores_whose_volumes_prices_and_responses_are_the_models(juice):
    assert juice.shape == (83, 3, 52) and list(juice.skus.sku) == OURS
    levels, found = model("orange_juice", "levels.csv").set_index(KEYS), terms("orange_juice")
    for s, sku in enumerate(OURS):
        places = [(account, sku) for account in juice.accounts.account]
        one, slopes = levels.loc[places], found.loc[places]
        base = one["mean_units"] / 12 * np.exp(one["recent"])
        assert juice.base_cases[:, s, 7] == pytest.approx(base.to_numpy(), abs=0.00501)
        assert juice.base_price[:, s, 7] == pytest.approx(12 * one["regular_price"].to_numpy(), abs=0.00501)
        for term in ("elasticity", "feature", "price_feature", "cross"):
            assert getattr(juice.response, term)[:, s] == pytest.approx(slopes[term].to_numpy())


def test_list_prices_are_what_the_stores_pay_and_leave_them_a_margin(juice):
    paid = model("orange_juice", "costs.csv").set_index("sku").loc[OURS, "regular_cost"]
    assert juice.skus.list_price == pytest.approx(12 * paid.to_numpy(), abs=0.00501)
    margin = 1 - juice.skus.list_price[None, :] / juice.base_price[:, :, 0]
    assert margin.min() > 0.1 and margin.max() < 0.6


def test_rivals_stand_in_the_category_of_every_store(juice):
    """All 11 SKUs, each promoted as in the data: a store's category by hand, its growth by the levels' news."""
    levels, found = model("orange_juice", "levels.csv").set_index(KEYS), terms("orange_juice")
    costs = model("orange_juice", "costs.csv").set_index("sku")
    for a in (0, 41, 82):
        account, last, now = juice.accounts.account[a], 0.0, 0.0
        for sku, mean in costs.iterrows():
            one, b = levels.loc[account, sku], found.loc[account, sku]
            off = min((0.15, 0.20, 0.25), key=lambda d, m=mean: abs(d - (1 - m["featured_price"])))
            weeks = round(52 * mean["featured"])
            up = (1 - off) ** (b["elasticity"] + b["price_feature"]) * np.exp(b["feature"])
            sales = one["regular_price"] * one["mean_units"] * (52 - weeks + weeks * up * (1 - off))
            last, now = last + sales, now + sales * np.exp(one["recent"])
        assert juice.accounts.category_revenue[a] == pytest.approx(last, abs=1)
        assert juice.accounts.customer_growth[a] == pytest.approx(now / last - 1, abs=1e-4)


def test_what_our_promotions_bring_is_new_to_the_category_by_about_three_quarters(juice):
    """`new_to_category` of the scenario, from the model: a week in the leaflet at 20 % off, one SKU after the other."""
    levels, found = model("orange_juice", "levels.csv").set_index(KEYS), terms("orange_juice")
    table = levels.join(found)
    money = table["mean_units"] * np.exp(table["recent"]) * table["regular_price"]
    effect = (table["elasticity"] + table["price_feature"]) * np.log(0.8) + table["feature"]
    gained = lost = 0.0
    rival = ~table.index.get_level_values("sku").isin(OURS)
    for sku in OURS:
        e = effect.xs(sku, level="sku")
        gained += (money.xs(sku, level="sku") * (0.8 * np.exp(e) - 1)).sum()
        left = 1 - np.exp(-table["cross"] * e.reindex(table.index.get_level_values("account")).to_numpy())
        others = table.index.get_level_values("sku") != sku
        gained -= (money * left)[others & ~rival].sum()
        lost += (money * left)[rival].sum()
    assert 1 - lost / gained == pytest.approx(0.75, abs=0.02)
    shares = [one.new_to_category for one in juice.rules["market_share"] if one.share_of_category is not None]
    assert shares == [0.75]


@pytest.mark.thorough
def test_last_years_habit_loses_share(juice):
    """The real leaflets of the data, in the year to come: the money of the budget's comment, and an index below 1."""
    habit = ka.load_plan(juice, JUICE / "plans" / "habit.csv")
    card = ka.score(juice, habit)
    featured = model("orange_juice", "costs.csv").set_index("sku").loc[OURS, "featured"]
    assert [int((habit.sku == s).sum()) for s in range(3)] == [83 * round(52 * share) for share in featured]
    assert card.total.share.at("planned", "growth_index") == pytest.approx(0.94, abs=0.005)
    spent = card.total.profit.as_dict()["promotion_spend"]
    assert sum(spent.values()) == pytest.approx(450_000, rel=0.01)
    assert {one.rule for one in ka.evaluate(juice, habit).breaches} >= {"market_share"}


def test_journey_is_one_chain_with_the_skus_whose_response_was_seen(journey):
    habits, levels = (model("journey", one).set_index("sku") for one in ("habits.csv", "levels.csv"))
    seen = habits[(habits["display"] >= 0.1) & (habits["feature"] >= 0.1)]
    assert journey.shape == (1, 73, 52) and set(journey.skus.sku) == set(seen.index)
    one = levels.loc[list(journey.skus.sku)]
    base = one["mean_units"] * np.exp(one["recent"]) * 100 / 12
    assert journey.base_cases[0, :, 0] == pytest.approx(base.to_numpy(), abs=0.00501)
    slopes = terms("journey").loc["chain"].loc[list(journey.skus.sku)]
    for term in ("elasticity", "display", "feature", "cross"):
        assert getattr(journey.response, term)[0] == pytest.approx(slopes[term].to_numpy())
    assert len(set(journey.skus.cluster)) == seen["category"].nunique() < 73
