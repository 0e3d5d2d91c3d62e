"""fit sales and predict from the command line: files, figures, exit codes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kaopt.response.card import read_card
from tests.response.histories import planted
from tests.test_cli import kaopt


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    sales = planted(12, 30, seed=41).sales.drop(columns="base_price")
    sales.loc[5, "price"], sales.loc[40, "units"] = 0.01, 0.0
    sales.to_csv(folder / "history.csv", index=False)
    result = kaopt("fit", "sales", "history.csv", "--out", "model", "--held-out", "4", "--json", cwd=folder)
    return folder, result


def test_the_result_is_the_contracts(fitted):
    folder, result = fitted
    assert result.code == 0
    said = json.loads(result.out)
    assert said["model"] == "model"
    assert said["wmape"]["partial_pooling"] < said["wmape"]["own_mean"]
    assert {one["kind"] for one in said["problems"]} == {"units are 0", "absurd price", "weeks missing"}
    card = read_card(folder / "model")
    assert card.wmape == pytest.approx(said["wmape"], abs=1e-4)
    assert card.coverage80 == pytest.approx(said["coverage80"], abs=1e-4)
    assert card.problems == {"units are 0": 1, "absurd price": 1, "weeks missing": 1}
    assert card.rows == 359 and card.rebuild == "kaopt fit sales history.csv --held-out 4"


def test_the_folder_has_all_that_a_reader_and_a_scenario_need(fitted):
    folder, _ = fitted
    names = {one.name for one in (folder / "model").iterdir()}
    assert names == {"card.yaml", "coefficients.csv", "fit.html", "fit.npz", "levels.csv", "problems.csv"}
    page = (folder / "model" / "fit.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 3 and "absurd price" in page and "src=" not in page
    assert len(pd.read_csv(folder / "model" / "problems.csv")) == 3


def test_a_forecast_adds_four_columns_to_the_rows(fitted):
    folder, _ = fitted
    rows = pd.DataFrame({"account": ["A000", "new"], "sku": "S1", "week": 31, "price": 2.4, "base_price": 3.0})
    rows.to_csv(folder / "next.csv", index=False)
    result = kaopt("predict", "model", "next.csv", "--out", "told.csv", "--json", cwd=folder)
    assert result.code == 0 and json.loads(result.out)["new"] == 1
    told = pd.read_csv(folder / "told.csv")
    assert told.columns.tolist()[-4:] == ["mean", "median", "low80", "high80"]
    assert (told["low80"] < told["median"]).all() and (told["median"] < told["mean"]).all()
    width = told["high80"] / told["low80"]
    assert width[1] > 2 * width[0]  # nobody knows the new account's level


def test_bad_input_is_told_with_exit_code_2(fitted):
    folder, _ = fitted
    bad = pd.DataFrame({"account": ["A000"], "sku": "S1", "week": [31], "price": [0.0]})
    bad.to_csv(folder / "bad.csv", index=False)
    assert kaopt("predict", "model", "bad.csv", cwd=folder).code == 2
    assert kaopt("predict", "nowhere", "next.csv", cwd=folder).code == 2
    assert kaopt("fit", "sales", "nothing.csv", cwd=folder).code == 2
    planted(3, 6, seed=1).sales.to_csv(folder / "short.csv", index=False)
    result = kaopt("fit", "sales", "short.csv", cwd=folder)
    assert result.code == 2 and "--held-out" in result.err
