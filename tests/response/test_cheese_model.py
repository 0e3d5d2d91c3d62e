"""The shipped cheese model says what its data say, and nothing of the data is shipped."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from kaopt.response.card import read_card

MODEL = Path(__file__).parents[2] / "models" / "response" / "cheese"


@pytest.fixture(scope="module")
def wide():
    return pd.read_csv(MODEL / "coefficients.csv").pivot(index="account", columns="term", values="value")


def test_every_account_has_both_terms_with_allowed_signs(wide):
    assert wide.shape == (88, 2) and wide.notna().all().all()
    assert (wide["elasticity"] <= 0).all() and (wide["display"] >= 0).all()
    assert (pd.read_csv(MODEL / "coefficients.csv")["se"] > 0).all()


def test_means_are_those_of_the_literature(wide):
    assert wide["elasticity"].mean() == pytest.approx(-2.14, abs=0.15)
    assert wide["display"].mean() == pytest.approx(0.99, abs=0.15)


def test_the_card_agrees_with_the_coefficients_and_the_check_values(wide):
    card = read_card(MODEL)
    assert (card.rows, card.series, card.weeks) == (5555, 88, {"fewest": 52, "most": 68})
    assert card.mean["elasticity"]["value"] == pytest.approx(wide["elasticity"].mean(), abs=0.02)
    assert card.mean["display"]["value"] == pytest.approx(wide["display"].mean(), abs=0.02)
    expected = {"own_mean": 0.346, "common_slopes": 0.223, "least_squares": 0.210, "partial_pooling": 0.204}
    assert {name: card.wmape[name] for name in expected} == pytest.approx(expected, abs=0.002)
    assert card.wmape["partial_pooling"] == min(card.wmape.values()) <= 0.2055
    assert 0.78 <= card.coverage80 <= 0.82 and abs(card.bias_of_mean) <= 0.02
    assert card.wrong_signs["least_squares"] == {"elasticity": 3, "display": 5}
    assert card.wrong_signs["partial_pooling_signed"] == {"elasticity": 0, "display": 0}
    pooled = card.checks["pooled_regression_without_accounts"]
    assert pooled == pytest.approx({"level": 9.19, "price": -0.393, "display": 0.54}, abs=0.005)
    short = card.checks["wmape_with_8_weeks_of_history"]
    assert short["partial_pooling"] <= 0.225 and short["least_squares"] == pytest.approx(0.88, abs=0.01)
    assert "GPL" in card.licence and card.rebuild.endswith("rebuild.py")


def test_only_fitted_values_are_shipped():
    """88 accounts with two terms and one level each: far fewer figures than the 5 555 observed weeks."""
    assert {one.name for one in MODEL.iterdir() if one.is_file()} == {
        "card.yaml",
        "coefficients.csv",
        "fit.npz",
        "levels.csv",
        "rebuild.py",
    }
    assert len(pd.read_csv(MODEL / "coefficients.csv")) == 176
    assert len(pd.read_csv(MODEL / "levels.csv")) == 88


def rebuild_script():
    pytest.importorskip("pyreadr", reason="pip install kaopt[data] to read the original data")
    spec = importlib.util.spec_from_file_location("rebuild", MODEL / "rebuild.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_weeks_are_found_from_the_order_of_rows(monkeypatch):
    """Two retailers from week 1, a third joins in week 2, the first leaves in week 4."""
    script = rebuild_script()
    names = ["B CITY - X", "A CITY - Y"] + ["B CITY - X", "C & D", "A CITY - Y"] * 2 + ["C & D", "A CITY - Y"]
    raw = pd.DataFrame({"RETAILER": names, "VOLUME": range(1, 11), "DISP": 0.0, "PRICE": 2.0})
    monkeypatch.setattr(script.pyreadr, "read_r", lambda _: {"cheese": raw})
    sales = script.read(Path("any.rda"))
    assert sales["week"].tolist() == [1, 1, 2, 2, 2, 3, 3, 3, 4, 4]
    assert sales["account"].tolist()[:4] == ["b-city-x", "a-city-y", "b-city-x", "c-d"]


@pytest.mark.thorough
def test_the_original_data_give_the_shipped_model_again(tmp_path):
    script = rebuild_script()
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip("the data come in a Debian package: apt-get and dpkg-deb are not here")
    try:
        rda, version = script.debian(script.PACKAGE, script.FILE, tmp_path)
    except (subprocess.CalledProcessError, StopIteration):
        pytest.skip("the Debian package r-cran-bayesm cannot be fetched here")
    found = script.rebuilt(script.read(rda), version)
    fit = found.model.fit
    shipped = pd.read_csv(MODEL / "coefficients.csv")
    assert fit.value[:, 1:].ravel() == pytest.approx(shipped["value"].to_numpy(), abs=1e-4)
    assert fit.se[:, 1:].ravel() == pytest.approx(shipped["se"].to_numpy(), abs=1e-4)
    assert found.card.wmape == pytest.approx(read_card(MODEL).wmape, abs=1e-4)
