"""What a forecast needs beside a fit: regular prices, the latest news of levels, past rows; all by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaopt.response.fit import own
from kaopt.response.history import History
from kaopt.response.learn import (
    DOUBT,
    NORMAL_80,
    alone,
    extended,
    forecast,
    learn,
    prices_of,
    recent_level,
    with_prices,
)
from kaopt.response.structure import Lift, Structure
from tests.response.histories import planted, rows_of


def test_regular_prices_are_the_level_that_four_weeks_in_five_do_not_exceed():
    sales = pd.DataFrame({"account": "A", "sku": "S", "price": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    found = prices_of(sales)
    assert found.loc[("A", "S")].tolist() == [5.0, 5.0]


def test_given_regular_prices_are_known_by_their_last_and_their_mean():
    sales = pd.DataFrame({"account": "A", "sku": "S", "price": 1.0, "base_price": [3.0, 3.0, 3.6]})
    assert prices_of(sales).loc[("A", "S")].tolist() == [3.6, pytest.approx(3.2)]


def test_a_row_has_its_own_regular_price_else_the_series_else_the_best_of_its_rows():
    known = pd.DataFrame(
        {"base_price": [3.0], "usual_price": [2.8]}, pd.MultiIndex.from_tuples([("A", "S")], names=["account", "sku"])
    )
    rows = pd.DataFrame(
        {
            "account": ["A", "A", "B", "B"],
            "sku": "S",
            "price": [2.0, 2.0, 1.5, 4.0],
            "base_price": [3.5, np.nan, np.nan, np.nan],
        }
    )
    found = with_prices(rows, known)
    assert found["base_price"].tolist() == [3.5, 3.0, 4.0, 4.0]
    assert found["usual_price"].tolist() == [2.8, 2.8, 4.0, 4.0]
    assert with_prices(rows.drop(columns="base_price"), known)["base_price"].tolist() == [3.0, 3.0, 4.0, 4.0]


def flat(weeks, ln_units):
    """One series with a level alone."""
    at = np.zeros(len(weeks), np.int64)
    return History((("A", "S"),), ("level",), at, np.array(weeks), np.ones((len(weeks), 1)), np.array(ln_units))


def test_the_latest_news_by_hand():
    """Level 2; residuals -1, -1, 2 in weeks 1, 2, 4: older news fade, and DOUBT weeks say that nothing moved."""
    data = flat([1, 2, 4], [1.0, 1.0, 4.0])
    weight = np.exp([-3 / 2, -2 / 2, 0.0])
    expected = (weight * [-1, -1, 2]).sum() / (weight.sum() + DOUBT)
    assert recent_level(data, own(data), 2.0) == pytest.approx([expected])
    assert recent_level(data, own(data), None).tolist() == [0.0]


def test_the_news_of_a_series_that_ended_long_ago_are_worth_nothing():
    late, early = flat([99, 100], [3.0, 5.0]), flat([1, 2], [3.0, 5.0])
    both = History(
        (("A", "S"), ("B", "S")),
        ("level",),
        np.array([0, 0, 1, 1]),
        np.r_[late.week, early.week],
        np.ones((4, 1)),
        np.r_[late.y, early.y],
    )
    found = recent_level(both, own(both), 4.0)
    assert found[0] > 0.05 and abs(found[1]) < 1e-9


@pytest.fixture(scope="module")
def sales():
    return planted(20, 30, seed=12).sales


@pytest.fixture(scope="module")
def model(sales):
    return learn(sales, Structure(own=("elasticity", "display"), shared=("dip",), memory=8.0))


def test_a_forecast_by_hand(sales, model):
    row = pd.DataFrame(
        {"account": ["A004"], "sku": "S1", "week": [31], "price": [2.4], "base_price": [3.0], "display": [0.3]}
    )
    found, n = forecast(model, row), 4
    x = np.array([1.0, np.log(0.8), 0.3, 0.0])
    centre = x @ model.fit.value[n] + model.recent[n]
    spread = (model.fit.variance[n] + x @ model.fit.covariance[n] @ x) ** 0.5
    assert found.median == pytest.approx([np.exp(centre)])
    assert found.mean == pytest.approx([np.exp(centre + spread**2 / 2)])
    assert found.low80 == pytest.approx([np.exp(centre - NORMAL_80 * spread)])
    assert found.high80 == pytest.approx([np.exp(centre + NORMAL_80 * spread)])
    assert found.spread == pytest.approx([spread])


def test_the_order_of_rows_does_not_matter(sales, model):
    rows = sales.sample(frac=0.3, random_state=1)
    mixed = forecast(model, rows).median
    back = pd.Series(mixed, rows.index).sort_index().to_numpy()
    assert back == pytest.approx(forecast(model, rows.sort_index()).median)


def test_a_dip_needs_the_week_before(sales, model):
    dip = model.structure.terms.index("dip")
    past = sales[(sales["account"] == "A002") & (sales["week"] <= 30)].copy()
    past.loc[past["week"] == 30, ["price", "display"]] = [2.1, 0.0]
    ahead = past.tail(1).assign(week=31, price=3.0, display=0.0)
    effect = model.lift.of(past.tail(1))[0]
    with_past, without = (forecast(model, ahead, one).median[0] for one in (past, None))
    assert with_past / without == pytest.approx(np.exp(-effect * model.fit.value[2, dip]))


def test_shared_terms_are_one_number_and_second_terms_have_a_lift(model):
    assert np.ptp(model.fit.term("dip")) == pytest.approx(0, abs=1e-9)
    assert set(model.lift.slopes) == {"level", "elasticity", "display"}


def test_new_series_are_expected_as_the_others_are(model):
    fit, recent = extended(model, (("A001", "S1"), ("new", "S1")))
    assert fit.series[-1] == ("new", "S1") and len(recent) == len(fit.series) == 21 and recent[-1] == 0
    value, covariance = model.fit.expectation.of("new", "S1")
    assert fit.value[-1] == pytest.approx(value) and fit.covariance[-1] == pytest.approx(covariance)
    assert extended(model, (("A001", "S1"),))[0] is model.fit


def test_least_squares_knows_nothing_of_new_series(sales):
    lonely = learn(sales, Structure(own=("elasticity",)), fitter=alone)
    with pytest.raises(ValueError, match="knows nothing of new ones"):
        extended(lonely, (("new", "S1"),))


def test_least_squares_of_two_weeks_borrows_its_residual_variance():
    data = rows_of(planted(3, 12, seed=2).sales)
    short = (data.at == 0) & (data.week > 2)
    part = History(data.series, data.terms, data.at[~short], data.week[~short], data.x[~short], data.y[~short])
    fit = alone(part)
    assert fit.variance[0] == pytest.approx(fit.variance[1:].mean()) and np.isfinite(fit.covariance).all()


def test_no_lift_without_second_terms(sales):
    assert learn(sales, Structure(own=("elasticity",))).lift == Lift()
