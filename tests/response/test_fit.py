"""A fit finds what was planted, says how sure it is, and keeps to common sense."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from kaopt.response.fit import (
    Fit,
    _signed,
    common,
    own,
    pooled,
    predict,
    spread_of,
    wmape,
    wrong_signs,
)
from kaopt.response.history import regular_price, sums_of
from kaopt.response.pooling import PRIOR_WEIGHT
from tests.response.histories import planted, rows_of


def test_pooled_finds_planted_coefficients_within_its_errors():
    world = planted(60, 60, seed=1)
    fit = pooled(rows_of(world.sales), signs=False)
    z = (fit.value - world.truth) / fit.se
    assert np.abs(z).max() < 4.5
    assert np.all((z.std(axis=0) > 0.85) & (z.std(axis=0) < 1.15))  # neither over- nor understated


def test_mean_and_spread_between_accounts_are_found():
    world = planted(150, 40, seed=2)
    fit = pooled(rows_of(world.sales), signs=False)
    assert np.abs((fit.mean - world.truth.mean(0)) / fit.mean_se).max() < 2  # the draw itself is known
    assert fit.mean == pytest.approx([7.0, -2.2, 0.9], abs=0.15)
    assert fit.spread == pytest.approx([0.7, 0.6, 0.4], rel=0.2)
    expected = world.truth.std(0) / 150**0.5
    assert np.all((0.9 * expected < fit.mean_se) & (fit.mean_se < 1.5 * expected))


def test_residual_deviation_of_each_account_is_found():
    world = planted(40, 150, seed=3)
    fit = pooled(rows_of(world.sales))
    assert np.sqrt(fit.variance) == pytest.approx(world.noise, rel=0.25)
    assert np.corrcoef(np.sqrt(fit.variance), world.noise)[0, 1] > 0.9


@pytest.mark.parametrize("weeks", [6, 8, 12])
def test_pooling_beats_least_squares_and_common_slopes_on_short_history(weeks):
    world = planted(80, weeks, seed=4)
    data = rows_of(world.sales)
    errors = {f.__name__: ((f(data).value - world.truth)[:, 1:] ** 2).mean() for f in (own, common, pooled)}
    assert errors["pooled"] < errors["common"]
    assert errors["pooled"] < 0.6 * errors["own"]


def test_with_long_history_pooling_comes_to_least_squares():
    data = rows_of(planted(5, 3000, seed=5).sales)
    assert pooled(data, signs=False).value == pytest.approx(own(data).value, abs=0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 12), st.integers(1, 15), st.integers(0, 10**6))
def test_likelihood_never_falls_whatever_the_history(series, weeks, seed):
    fit = pooled(rows_of(planted(series, weeks, seed=seed).sales), rounds=60)
    trace = np.array(fit.likelihood)
    assert np.all(np.diff(trace) >= -1e-7 * np.maximum(1, np.abs(trace[1:])))
    assert np.isfinite(fit.value).all() and (fit.variance > 0).all()


def test_likelihood_is_that_of_the_marginal_normal():
    """The mean over series is integrated out under a flat prior: density at its estimate and the estimate's volume."""
    world = planted(3, 7, seed=6)
    data = rows_of(world.sales)
    fit = pooled(data, rounds=1, signs=False)  # the trace holds the likelihood of the starting values
    start = common(data)
    v = start.variance
    assert v[0] > 1e-3
    d = np.diag([start.value[:, 0].var() + 1e-6, 1.0, 1.0])
    covariance = block_diag(*[v[n] * np.eye(7) + (x := data.x[data.at == n]) @ d @ x.T for n in range(3)])
    inverse, x = np.linalg.inv(covariance), data.x
    information = x.T @ inverse @ x
    mean = np.linalg.solve(information, x.T @ inverse @ data.y)
    expected = multivariate_normal(x @ mean, covariance).logpdf(data.y)
    expected += 1.5 * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(information)[1]
    assert fit.likelihood[0] == pytest.approx(expected - 0.5 * PRIOR_WEIGHT * 3, rel=1e-9)


def test_at_the_end_no_nearby_prior_is_more_likely():
    world = planted(25, 20, seed=7)
    data = rows_of(world.sales)
    fit = pooled(data, signs=False, tolerance=1e-13)
    d = np.diag(fit.spread**2)  # only the diagonal is kept, so compare means: they are stationary given the rest

    def unlikely(m):
        total = 0.0
        for n in range(25):
            x, y = data.x[data.at == n], data.y[data.at == n]
            total -= multivariate_normal(x @ m, fit.variance[n] * np.eye(len(y)) + x @ d @ x.T).logpdf(y)
        return total

    best = minimize(unlikely, fit.mean).x
    assert fit.mean == pytest.approx(best, abs=0.03)


def test_signs_are_kept_and_the_rest_of_the_series_adjusts():
    world = planted(60, 10, seed=8, mean=(7.0, -0.3, 0.1), spread=(0.5, 0.6, 0.5))
    data = rows_of(world.sales)
    loose, fit = pooled(data, signs=False), pooled(data)
    assert sum(wrong_signs(loose).values()) > 10
    assert wrong_signs(fit) == {"elasticity": 0, "display": 0}
    right = (loose.term("elasticity") <= 0) & (loose.term("display") >= 0)
    assert fit.value[right] == pytest.approx(loose.value[right])
    assert np.abs(fit.value[~right, 0] - loose.value[~right, 0]).max() > 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_signed_coefficients_are_the_constrained_optimum(seed):
    """Independent computation: projected gradient on the same quadratic, from many starts' worth of steps."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3))
    v = root @ root.T + 0.1 * np.eye(3)
    b = rng.normal(size=3)
    fit = Fit((("A", "S"),), ("level", "elasticity", "display"), b[None], v[None], *[np.ones(3)] * 4)
    got = _signed(fit)[0]
    inverse = np.linalg.inv(v)
    step = 1 / np.linalg.eigvalsh(inverse).max()
    c = np.zeros(3)
    for _ in range(20_000):
        c = c - step * inverse @ (c - b)
        c[1], c[2] = min(c[1], 0.0), max(c[2], 0.0)
    assert got == pytest.approx(c, abs=1e-5)


@pytest.mark.thorough
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_signed_coefficients_are_the_constrained_optimum_more_often(seed):
    test_signed_coefficients_are_the_constrained_optimum.hypothesis.inner_test(seed)


def test_least_squares_by_hand():
    """Two prices, no noise: units fall from 100 to 50 when the price doubles, an elasticity of -1."""
    sales = pd.DataFrame({"account": "A", "sku": "S", "units": [100.0, 50.0], "price": [1.0, 2.0], "base_price": 1.0})
    fit = own(rows_of(sales))
    assert fit.value[0] == pytest.approx([np.log(100), -1.0])


def test_common_slopes_are_those_of_account_dummies():
    world = planted(6, 30, seed=9)
    data = rows_of(world.sales)
    dummies = np.eye(6)[data.at]
    direct = np.linalg.lstsq(np.column_stack([dummies, data.x[:, 1:]]), data.y, rcond=None)[0]
    fit = common(data)
    assert fit.value[:, 0] == pytest.approx(direct[:6])
    assert fit.value[0, 1:] == pytest.approx(direct[6:])
    rest = data.y - np.column_stack([dummies, data.x[:, 1:]]) @ direct
    assert fit.variance[0] == pytest.approx(rest @ rest / (len(data.y) - 8))


def test_sums_squares_are_residual_sums():
    data = rows_of(planted(4, 9, seed=10).sales)
    b = np.random.default_rng(0).normal(size=(4, 3))
    rest = data.y - (data.x * b[data.at]).sum(1)
    assert sums_of(data).squares(b) == pytest.approx(np.bincount(data.at, rest**2))


def test_mean_and_median_of_a_prediction_differ_by_the_lognormal_correction():
    world = planted(20, 30, seed=11)
    data = rows_of(world.sales)
    fit = pooled(data)
    median, mean = predict(fit, data)
    assert mean == pytest.approx(median * np.exp(spread_of(fit, data) / 2))
    assert np.all(spread_of(fit, data) > fit.variance[data.at])


def test_mean_is_unbiased_for_volume_and_the_median_is_not():
    past, future = planted(200, 60, seed=12), None
    left = past.sales["week"] > 40
    data = rows_of(past.sales[~left])
    fit = pooled(data)
    future = rows_of(past.sales[left], series=data.series)
    actual = np.exp(future.y).sum()
    median, mean = predict(fit, future)
    assert mean.sum() / actual == pytest.approx(1.0, abs=0.02)
    assert median.sum() / actual < 0.985


def test_the_order_of_rows_and_the_unit_of_price_do_not_matter():
    sales = planted(8, 12, seed=13).sales
    fit = pooled(rows_of(sales))
    shuffled = sales.sample(frac=1, random_state=1).assign(price=lambda t: t.price * 7, base_price=21.0)
    assert pooled(rows_of(shuffled)).value == pytest.approx(fit.value, abs=1e-8)


def test_absurd_prices_are_clipped():
    sales = planted(3, 20, seed=14).sales
    sales.loc[5, "price"] = 0.01
    assert rows_of(sales).x[:, 1].min() >= np.log(1 / 3)


def test_unknown_series_is_refused():
    sales = planted(3, 5, seed=15).sales
    data = rows_of(sales)
    with pytest.raises(ValueError, match="does not know"):
        rows_of(sales.assign(account="nobody"), series=data.series)


def test_a_display_that_never_ran_takes_the_others_effect():
    sales = planted(30, 40, seed=16).sales
    sales.loc[sales["account"] == "A000", "display"] = 0.0
    fit = pooled(rows_of(sales))
    assert fit.term("display")[0] == pytest.approx(fit.mean[2], abs=0.15)
    assert fit.se[0, 2] == pytest.approx(fit.spread[2], rel=0.2)


def test_regular_price_is_what_four_weeks_in_five_do_not_exceed():
    sales = pd.DataFrame({"account": "A", "sku": "S", "price": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    assert regular_price(sales)["A", "S"] == 5.0


def test_wmape_by_hand():
    assert wmape(np.array([10.0, 30.0]), np.array([15.0, 25.0])) == pytest.approx(0.25)


def test_feature_is_fitted_where_the_history_has_it():
    sales = planted(30, 40, seed=17).sales
    rng = np.random.default_rng(17)
    feature = (rng.random(len(sales)) < 0.3).astype(float)
    fit = pooled(rows_of(sales.assign(feature=feature, units=sales["units"] * np.exp(0.5 * feature))))
    assert fit.terms == ("level", "elasticity", "display", "feature")
    assert fit.mean[3] == pytest.approx(0.5, abs=0.05)


def test_every_pattern_of_wrong_signs_is_handled():
    terms = ("level", "elasticity", "display", "feature")
    for signs in product((-1.0, 1.0), repeat=3):
        b = np.r_[0.0, signs]
        fit = Fit((("A", "S"),), terms, b[None], np.eye(4)[None], *[np.ones(4)] * 4)
        assert _signed(fit)[0] == pytest.approx([0.0, min(b[1], 0), max(b[2], 0), max(b[3], 0)])
        assert wrong_signs(replace(fit, value=_signed(fit))) == {"elasticity": 0, "display": 0, "feature": 0}
