"""The verb from Python, on the history that docs/response.md makes: a model that forecasts, tells and saves itself."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import kaopt as ka
from kaopt.errors import InputError
from kaopt.learning import figures
from kaopt.learning.plan_value import LIMITS
from kaopt.learning.predict import model_of
from kaopt.response import choose, cuts, pooling, problems, structure
from kaopt.response.learn import forecast
from kaopt.response.sales import read_sales

PAGE = (Path(__file__).parents[2] / "docs" / "response.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def example():
    names = {}
    exec(compile(EXAMPLE, "response.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def sales(example):
    return example["sales"]


@pytest.fixture(scope="module")
def model(example):
    return example["model"]


def test_the_example_finds_the_planted_elasticities(example):
    fit = example["model"].evidence.model.fit
    error = fit.term("elasticity") - example["truth"]
    assert abs(error / fit.se[:, 1]).mean() < 1.5 and abs(error).mean() < 0.35
    width = example["ahead"]["high80"] / example["ahead"]["low80"]
    assert width[1] > 1.2 * width[0]


def test_the_page_states_the_figures_and_constants_of_the_code():
    assert figures.written(PAGE) == PAGE, "run `python -m kaopt.learning.figures docs/response.md`"
    assert PAGE.count("/card.yaml)") >= 2
    assert f"{choose.LEAST_GAIN:g}".removeprefix("0") + " a week" in PAGE
    assert "four 4, 8 or 16".removeprefix("four ") in PAGE and choose.MEMORIES == (4.0, 8.0, 16.0)
    assert f"weight of {pooling.PRIOR_WEIGHT:g} weeks" in PAGE and f"fewer than {problems.SHORT} weeks" in PAGE
    assert structure.RATIO == (1 / 3, 3.0) and "within 1/3 and 3 times" in PAGE
    assert cuts.CUTS.tolist() == [0.1, 0.15, 0.2, 0.3] and "10, 15, 20 or 30 % off for eight weeks" in PAGE
    assert (cuts.WEEKS, cuts.CUTS[cuts.HABIT], cuts.MARGIN) == (8, 0.15, 0.3)
    assert cuts.PLAUSIBLE[0] == -8 and LIMITS["display"][1] == 3 and "within −8 and 3" in PAGE
    assert set(structure.COLUMNS) >= set(re.findall(r"`((?:price_|display_)\w+|dip|cross|base_price|holiday)`", PAGE))


@pytest.mark.thorough
def test_a_table_and_its_file_give_the_same_model(sales, model, tmp_path):
    sales.to_csv(tmp_path / "history.csv", index=False)
    other = ka.fit(tmp_path / "history.csv", held_out=4, name="mine")
    assert other.card.wmape == model.card.wmape and other.card.plan_value == model.card.plan_value
    assert other.card.source["sha256"] == model.card.source["sha256"]
    assert (other.card.name, other.card.source["file"]) == ("mine", "history.csv")
    assert model.card.source["table"] == "312 rows" and "file" not in model.card.source


def test_it_tells_what_it_found(model):
    said = repr(model)
    assert "312 rows, 12 account-SKUs" in said and "no problems of the data" in said
    assert re.search(rf"partial pooling +{model.card.wmape['partial_pooling']:.3f}\n", said)
    assert re.search(rf"elasticity +{model.card.mean['elasticity']['value']:.3f} ", said)
    value = model.card.plan_value["earned"]["least_squares"]["by_partial_pooling"]
    assert f"{value:.1f}" in said and said.count("volume proportional") == 1


def test_it_forecasts_as_its_folder_does(model, tmp_path):
    rows = pd.DataFrame({"account": ["A003", "new"], "sku": "cola", "week": 30, "price": [7.9, 9.9]})
    found = model.forecast(rows)
    assert found.columns.tolist()[-4:] == ["mean", "median", "low80", "high80"]
    folder = model.save(tmp_path / "saved")
    by_hand = forecast(model_of(folder), rows)
    assert found["mean"].to_numpy() == pytest.approx(by_hand.mean, abs=1e-3)
    assert (folder / "fit.html").is_file() and (folder / "card.yaml").is_file()
    rows.to_csv(tmp_path / "next.csv", index=False)
    pd.testing.assert_frame_equal(model.forecast(tmp_path / "next.csv"), found)


@pytest.mark.thorough
def test_problems_of_a_table_are_told(sales):
    bad = sales.copy()
    bad.loc[3, "units"] = -5.0
    found = ka.fit(bad, held_out=4)
    assert [(one.kind, one.account, one.week) for one in found.problems] == [
        ("units below 0", "A00", 4),
        ("weeks missing", "A00", None),
    ]
    assert found.card.problems == {"units below 0": 1, "weeks missing": 1} and "1 x units below 0" in str(found)


def test_what_cannot_be_read_is_refused(sales):
    with pytest.raises(InputError, match="units"):
        ka.fit(sales.drop(columns="units"))
    with pytest.raises(InputError, match="--held-out"):
        ka.fit(sales[sales["week"] < 8])


def test_large_whole_numbers_of_a_workbook_keep_their_digits(tmp_path):
    frame = pd.DataFrame({"account": "A", "sku": "S", "week": [1, 2], "units": [1234567.0, 12345678.5], "price": 2.0})
    frame.to_parquet(tmp_path / "big.parquet")
    assert read_sales(tmp_path / "big.parquet").rows["units"].tolist() == [1234567.0, 12345678.5]
