"""What the plan believed: values, standard errors as stated or assumed, the luck of a week from model or SKU."""

from __future__ import annotations

import csv
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

import kaopt as ka
from kaopt.review.believed import UNSTATED, belief_of, levels_file, variances
from kaopt.review.promotions import TERMS
from tests.worlds import world

ROOT = Path(__file__).parents[2]


def test_stated_errors_stay_and_others_are_a_share_of_the_value() -> None:
    columns = {"elasticity": -2.0, "elasticity_se": 0.4, "display": 0.5, "feature": 0.0, "gift": 0.2}
    here = world(1, 1, 4, response_columns=columns)
    found = belief_of(here, np.array([[0, 0]]))
    value, se = (dict(zip(TERMS, one[0].tolist(), strict=True)) for one in (found.value, found.se))
    assert value["elasticity"] == -2.0 and se["elasticity"] == 0.4
    assert se["display"] == pytest.approx(UNSTATED * 0.5) and se["gift"] == pytest.approx(UNSTATED * 0.2)
    assert value["feature"] == 0 and se["feature"] == 0  # what nobody believes in is not learned


def test_a_stated_error_opens_a_term_that_is_zero() -> None:
    here = world(1, 1, 4, response_columns={"feature": 0.0, "feature_se": 0.2})
    assert belief_of(here, np.array([[0, 0]])).se[0, TERMS.index("feature")] == 0.2


def test_series_belong_to_their_accounts() -> None:
    here = replace(world(3, 2, 4), listed=np.array([[True, True], [False, True], [True, False]]))
    assert belief_of(here, np.argwhere(here.listed)).account.tolist() == [0, 0, 1, 2]


def test_the_luck_of_a_week_is_the_skus_where_no_model_is_named() -> None:
    here = world(1, 2, 4, sku_columns={"demand_cv": [0.1, 0.5]})
    assert levels_file(here) is None
    assert variances(here, np.argwhere(here.listed)) == pytest.approx([log(1.01), log(1.25)])


def test_the_luck_of_a_week_is_that_of_the_fit_where_one_is_named() -> None:
    cheese = ka.load(ROOT / "scenarios" / "cheese")
    file = levels_file(cheese)
    assert file == ROOT / "models" / "response" / "cheese" / "levels.csv"
    with file.open(encoding="utf-8") as lines:
        table = {row["account"]: float(row["residual_sd"]) for row in csv.DictReader(lines)}
    series = np.argwhere(cheese.listed)
    found = variances(cheese, series)
    for n, (a, _) in enumerate(series.tolist()):
        assert found[n] == pytest.approx(table[cheese.accounts.account[a]] ** 2)


def a_model(folder: Path, text: str) -> Path:
    model = folder / "models" / "response" / "mine"
    model.mkdir(parents=True)
    (model / "levels.csv").write_text(text, "utf-8")
    return folder / "scenario"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account,sku,residual_sd\nA1,S1,0.3\n", [0.09, log(1.04)]),  # the other SKU is not in the model
        ("account,sku,mean_units\nA1,S1,5\n", [log(1.04), log(1.04)]),
        ("account,sku,residual_sd\nA1,S1,\nA1,S2,0.1\n", [log(1.04), 0.01]),
    ],
)
def test_what_a_model_does_not_say_the_sku_says(tmp_path: Path, text: str, expected: list[float]) -> None:
    named = {"response": "models/response/mine"}
    here = replace(world(1, 2, 4), folder=a_model(tmp_path, text), resolved=named)
    assert variances(here, np.argwhere(here.listed)) == pytest.approx(expected)
