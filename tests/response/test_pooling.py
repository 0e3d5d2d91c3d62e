"""Accounts and SKUs crossed: effects are those of the dense normal, and new ones are expected with honest doubt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.response.choose import plain
from kaopt.response.fit import pooled
from kaopt.response.history import History
from kaopt.response.learn import forecast, learn
from tests.response.histories import rows_of

ACCOUNTS, SKUS = 7, 5
TRUTH = {"mean": (6.0, -2.0), "accounts": (0.5, 0.4), "skus": (0.8, 0.6), "within": (0.3, 0.2)}


def crossed(weeks: int, seed: int, *, accounts: int = ACCOUNTS, skus: int = SKUS) -> tuple[pd.DataFrame, np.ndarray]:
    """Sales of every SKU at every account, and the coefficients [A, S, 2] that made them."""
    rng = np.random.default_rng(seed)
    u = rng.normal(0, TRUTH["accounts"], (accounts, 1, 2))
    w = rng.normal(0, TRUTH["skus"], (1, skus, 2))
    b = TRUTH["mean"] + u + w + rng.normal(0, TRUTH["within"], (accounts, skus, 2))
    price = np.where(rng.random((accounts, skus, weeks)) < 0.4, rng.uniform(0.6, 0.95, (accounts, skus, weeks)), 1.0)
    ln = b[:, :, :1] + b[:, :, 1:] * np.log(price) + 0.3 * rng.normal(size=price.shape)
    a, s, week = (one.ravel() for one in np.indices(price.shape))
    names = {"account": [f"A{n:02}" for n in a], "sku": [f"S{n:02}" for n in s], "week": week + 1}
    return pd.DataFrame({**names, "units": np.exp(ln).ravel(), "price": price.ravel(), "base_price": 1.0}), b


def dense(data: History, fit) -> np.ndarray:
    """[N, P] expected coefficients by one big normal over mean, accounts, SKUs and series: no structure used."""
    known, size, width = fit.expectation, len(data.series), len(data.terms)
    a = np.array([known.account.index(one) for one, _ in data.series])
    s = np.array([known.sku.index(one) for _, one in data.series])
    eye = np.eye(width)
    parts = [np.kron(np.ones((size, 1)), eye), np.kron(np.eye(len(known.account))[a], eye)]
    parts += [np.kron(np.eye(len(known.sku))[s], eye), np.eye(size * width)]
    spreads = [1e8 * np.eye(width), np.kron(np.eye(len(known.account)), known.account_groups.spread)]
    spreads += [np.kron(np.eye(len(known.sku)), known.sku_groups.spread), np.kron(np.eye(size), known.within)]
    prior = sum(part @ spread @ part.T for part, spread in zip(parts, spreads, strict=True))
    x = np.zeros((len(data.y), size * width))
    for r, n in enumerate(data.at):
        x[r, n * width : (n + 1) * width] = data.x[r]
    noise = np.diag(fit.variance[data.at])
    return (prior @ x.T @ np.linalg.solve(x @ prior @ x.T + noise, data.y)).reshape(size, width)


def test_expected_coefficients_are_those_of_the_dense_normal():
    sales, _ = crossed(6, 1, accounts=4, skus=3)
    data = rows_of(sales)
    fit = pooled(data, signs=False, tolerance=1e-10)
    assert fit.value == pytest.approx(dense(data, fit), abs=1e-3)


def test_spreads_between_accounts_skus_and_series_are_found():
    fit = pooled(rows_of(crossed(40, 2, accounts=40, skus=40)[0]))
    known = fit.expectation
    assert fit.mean == pytest.approx(TRUTH["mean"], abs=0.35)
    spreads = {"accounts": known.account_groups.spread, "skus": known.sku_groups.spread, "within": known.within}
    for name, found in spreads.items():
        assert np.sqrt(np.diag(found)) == pytest.approx(TRUTH[name], rel=0.3), name


def test_a_new_sku_and_a_new_account_are_expected_with_honest_doubt():
    """Coefficients of series left out of the fit, in standard errors of what the fit expects of them."""
    off = []
    for seed in range(40):
        sales, truth = crossed(15, 100 + seed, accounts=12, skus=10)
        seen = (sales["account"] != "A00") & (sales["sku"] != "S00")
        known = pooled(rows_of(sales[seen]), tolerance=1e-5).expectation
        for a, s in ((0, 1), (1, 0)):
            value, covariance = known.of(f"A{a:02}", f"S{s:02}")
            off.append((truth[a, s] - value) / np.sqrt(np.diag(covariance)))
    assert np.abs(np.mean(off, axis=0)).max() < 0.4  # 80 draws: a standard error of .11
    assert np.all((np.std(off, axis=0) > 0.8) & (np.std(off, axis=0) < 1.25))


def test_who_is_new_is_known_less():
    known = pooled(rows_of(crossed(30, 3)[0])).expectation
    everyone = [(account, sku) for account in ("A00", "new") for sku in ("S00", "new")]
    error = {names: np.diag(known.of(*names)[1]) for names in everyone}
    assert np.all(error["A00", "S00"] < error["A00", "new"])
    assert np.all(error["A00", "new"] < error["new", "new"])
    assert np.all(error["new", "S00"] < error["new", "new"])
    assert known.of("new", "new")[0] == pytest.approx(known.mean)


def test_a_shared_term_has_one_coefficient_and_least_squares_would_find_it():
    sales, _ = crossed(30, 4)
    rng = np.random.default_rng(4)
    sales["feature"] = rng.random(len(sales))
    sales["units"] *= np.exp(0.7 * sales["feature"])
    fit = pooled(rows_of(sales), ("feature",))
    assert np.ptp(fit.term("feature")) == pytest.approx(0.0, abs=1e-9)
    assert fit.term("feature")[0] == pytest.approx(0.7, abs=3 * fit.mean_se[2])
    assert 0 < fit.se[0, 2] < 0.1


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 10), st.integers(0, 10**6))
def test_the_bound_never_falls_with_accounts_and_skus_crossed(accounts, skus, weeks, seed):
    fit = pooled(rows_of(crossed(weeks, seed, accounts=accounts, skus=skus)[0]), rounds=40)
    trace = np.array(fit.likelihood)
    assert np.all(np.diff(trace) >= -1e-6 * np.maximum(1, np.abs(trace[1:])))
    assert np.isfinite(fit.value).all() and (fit.variance > 0).all()


def test_one_series_alone_is_its_least_squares():
    sales, _ = crossed(50, 5, accounts=1, skus=1)
    data = rows_of(sales)
    direct = np.linalg.lstsq(data.x, data.y, rcond=None)[0]
    assert pooled(data, signs=False).value[0] == pytest.approx(direct, abs=0.02)


def test_weeks_of_new_accounts_lie_in_their_interval_as_often_as_it_says():
    inside = []
    for seed in range(6):
        sales, _ = crossed(12, 300 + seed, accounts=20, skus=6)
        new = sales["account"].isin([f"A{n:02}" for n in range(5)])
        model = learn(sales[~new], plain(sales))
        ahead = forecast(model, sales[new])
        inside.append(((ahead.low80 <= sales[new]["units"]) & (sales[new]["units"] <= ahead.high80)).mean())
        known = forecast(model, sales[~new])
        assert np.median(ahead.high80 / ahead.low80) > 1.3 * np.median(known.high80 / known.low80)
    assert np.mean(inside) == pytest.approx(0.8, abs=0.06)  # 30 new accounts
