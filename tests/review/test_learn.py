"""What is learned, against plain linear algebra with everything in one matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.review.learn import (
    ALONE,
    PATTERNS,
    Belief,
    Pattern,
    Weeks,
    draws,
    inner_of,
    learned,
    likelihood,
    posterior,
    tree,
    variance,
)

ACCOUNT = np.array([0, 0, 1])
V = np.full(3, 0.04)


def belief(size: int = 3, terms: int = 2, seed: int = 0) -> Belief:
    rng = np.random.default_rng(seed)
    return Belief(
        rng.normal(size=(size, terms)), rng.uniform(0.1, 1.0, (size, terms)), np.full(size, 0.04), ACCOUNT[:size]
    )


def weeks(of: Belief, seed: int = 1, each: tuple[int, ...] = (12, 7, 9)) -> Weeks:
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(len(of.value)), each[: len(of.value)])
    x = rng.normal(size=(len(at), of.value.shape[1]))
    truth = of.value + of.se * rng.normal(size=of.value.shape)
    return Weeks(at, x, rng.normal(size=3)[at] + (x * truth[at]).sum(1) + 0.2 * rng.normal(size=len(at)))


def test_one_series_is_the_textbook_update() -> None:
    """Posterior of a linear regression with normal prior and a level of its own (flat): (S^-2 + X'MX / v)^-1 …"""
    of = belief(1)
    rows = weeks(of)
    centred = np.eye(len(rows.y)) - 1 / len(rows.y)
    precision = np.diag(of.se[0] ** -2) + rows.x.T @ centred @ rows.x / 0.04
    covariance = np.linalg.inv(precision)
    value = covariance @ (of.value[0] / of.se[0] ** 2 + rows.x.T @ centred @ rows.y / 0.04)
    found = posterior(of, inner_of(rows, 1), np.array([0.04]), ALONE)
    np.testing.assert_allclose(found.value[0], value, rtol=1e-10)
    np.testing.assert_allclose(found.covariance[0], covariance, rtol=1e-10)


def one_matrix(of: Belief, rows: Weeks, how: Pattern, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and covariance of all coefficients from the joint normal of coefficients and rows, and the likelihood.

    The level: a very wide normal for each series.
    """
    size, terms = of.value.shape
    same_account = (of.account[:, None] == of.account[None, :]).astype(float)
    between = how.everyone + how.account * same_account + how.own * np.eye(size)
    scale = of.se.reshape(-1)
    prior = np.kron(between, np.eye(terms)) * scale[:, None] * scale[None, :]
    x = np.zeros((len(rows.y), size * terms))
    for r, n in enumerate(rows.at):
        x[r, n * terms : (n + 1) * terms] = rows.x[r]
    same = (rows.at[:, None] == rows.at[None, :]).astype(float)
    covariance = x @ prior @ x.T + np.diag(v[rows.at]) + 1e6 * same
    gain = prior @ x.T @ np.linalg.inv(covariance)
    rest = rows.y - x @ of.value.reshape(-1)
    fitness = -0.5 * (rest @ np.linalg.solve(covariance, rest) + np.linalg.slogdet(covariance)[1])
    return of.value.reshape(-1) + gain @ rest, prior - gain @ x @ prior, float(fitness)


HOW = (ALONE, Pattern(0.5, 0.0, 0.5), Pattern(0.0, 0.6, 0.4), Pattern(0.7, 1.2, 2.0), Pattern(1.0, 0.0, 0.0))


@pytest.mark.parametrize("how", HOW)
def test_the_tree_is_the_joint_normal(how: Pattern) -> None:
    of = belief()
    rows = weeks(of)
    value, covariance, _ = one_matrix(of, rows, how, V)
    found = posterior(of, inner_of(rows, 3), V, how)
    np.testing.assert_allclose(found.value.reshape(-1), value, rtol=1e-5, atol=1e-6)
    for n in range(3):
        block = covariance[2 * n : 2 * n + 2, 2 * n : 2 * n + 2]
        np.testing.assert_allclose(found.covariance[n], block, rtol=1e-4, atol=1e-7)


def test_likelihoods_differ_as_those_of_the_joint_normal() -> None:
    of = belief()
    rows = weeks(of)
    nodes = [likelihood(tree(of, inner_of(rows, 3), V, how)) for how in HOW]
    joint = [one_matrix(of, rows, how, V)[2] for how in HOW]
    np.testing.assert_allclose(np.diff(nodes), np.diff(joint), atol=1e-4)


@pytest.mark.parametrize("how", HOW[2:4])
def test_draws_have_the_moments_of_the_joint_normal_across_series(how: Pattern) -> None:
    of = belief()
    rows = weeks(of)
    found = learned(of, rows, (how,))
    drawn = draws(of, rows, found, count=20_000, seed=5).reshape(20_000, -1)
    value, covariance, _ = one_matrix(of, rows, how, found.variance)
    np.testing.assert_allclose(drawn.mean(axis=0), value, atol=0.01)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.03 * np.diag(covariance).max())


def test_an_error_that_all_share_is_shared_by_the_draws() -> None:
    """Two series of one account; only the first has weeks. With one error for all, both move together."""
    of = Belief(np.zeros((2, 1)), np.ones((2, 1)), np.full(2, 0.01), np.zeros(2, np.int64))
    rows = Weeks(np.zeros(4, np.int64), np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0.0, 0.1, 2.0, 2.1]))
    together = learned(of, rows, (Pattern(0.0, 1.0, 0.0),))
    assert together.value[1, 0] == pytest.approx(together.value[0, 0]) == pytest.approx(2.0, abs=0.1)
    drawn = draws(of, rows, together, count=500, seed=0)[:, :, 0]
    assert np.corrcoef(drawn.T)[0, 1] > 0.999
    apart = learned(of, rows, (ALONE,))
    assert apart.value[1, 0] == 0.0 and apart.se[1, 0] == 1.0
    assert abs(np.corrcoef(draws(of, rows, apart, count=500, seed=0)[:, :, 0].T)[0, 1]) < 0.15


def test_what_is_known_stays() -> None:
    of = belief()
    of.se[:, 1] = 0.0
    found = learned(of, weeks(of))
    assert (found.value[:, 1] == of.value[:, 1]).all() and (found.se[:, 1] == 0).all()
    assert (found.value[:, 0] != of.value[:, 0]).all()


def test_without_weeks_everything_stays() -> None:
    of = belief()
    none = Weeks(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0))
    found = learned(of, none, (ALONE,))
    np.testing.assert_allclose(found.value, of.value)
    np.testing.assert_allclose(found.se, of.se)
    assert (found.level == 0).all() and (found.weeks == 0).all()
    np.testing.assert_allclose(found.variance, of.variance)


def test_the_residual_variance_leans_on_the_belief_and_gives_way_to_many_weeks() -> None:
    of = Belief(np.zeros((1, 1)), np.full((1, 1), 0.5), np.array([0.04]), np.zeros(1, np.int64))
    rng = np.random.default_rng(3)
    for count, expected in ((4000, 0.25), (2, 0.04)):
        x = rng.normal(size=(count, 1))
        rows = Weeks(np.zeros(count, np.int64), x, 0.5 * rng.normal(size=count))
        found = variance(of, inner_of(rows, 1), of.variance, ALONE)
        assert found[0] == pytest.approx(expected, rel=0.1 if count > 100 else 4.0)


def test_the_level_is_what_is_left() -> None:
    of = belief(1)
    rows = weeks(of)
    found = learned(of, rows, (ALONE,))
    rest = rows.y - rows.x @ found.value[0]
    assert found.level[0] == pytest.approx(rest.mean())


def test_beliefs_that_all_erred_far_more_than_they_said_are_found_out() -> None:
    """Forty series, all two units off with a stated error of 0.2: patterns widen; each alone would hardly move."""
    rng = np.random.default_rng(4)
    size, each = 40, 10
    of = Belief(np.zeros((size, 1)), np.full((size, 1), 0.2), np.full(size, 0.25), np.repeat(np.arange(8), 5))
    at = np.repeat(np.arange(size), each)
    x = rng.normal(size=(len(at), 1)) * 0.3
    rows = Weeks(at, x, 2.0 * x[:, 0] + 0.5 * rng.normal(size=len(at)))
    wise, stubborn = learned(of, rows), learned(of, rows, (ALONE,))
    assert np.abs(wise.value - 2.0).mean() < 0.4 < 1.2 < np.abs(stubborn.value - 2.0).mean()
    assert (np.abs(wise.value - 2.0) < 2.5 * wise.se).mean() > 0.9
    weights = dict(zip(PATTERNS, wise.weights.tolist(), strict=True))
    assert weights[ALONE] < 1e-6


def test_right_beliefs_keep_their_stated_errors() -> None:
    rng = np.random.default_rng(6)
    size, each = 60, 12
    of = Belief(np.full((size, 1), -2.0), np.full((size, 1), 0.4), np.full(size, 0.04), np.repeat(np.arange(12), 5))
    truth = -2.0 + 0.4 * rng.normal(size=size)
    at = np.repeat(np.arange(size), each)
    x = rng.normal(size=(len(at), 1)) * 0.2
    rows = Weeks(at, x, truth[at] * x[:, 0] + 0.2 * rng.normal(size=len(at)))
    found = learned(of, rows)
    stated = sum(w * (one.everyone + one.account + one.own) for w, one in zip(found.weights, PATTERNS, strict=True))
    assert stated < 2.0
    assert ((found.value[:, 0] - truth) ** 2).mean() < 0.8 * 0.4**2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_weeks_never_make_less_sure_and_order_does_not_matter(seed: int) -> None:
    of = belief(seed=seed)
    rows = weeks(of, seed + 1)
    found = posterior(of, inner_of(rows, 3), of.variance, ALONE)
    assert (np.sqrt(np.diagonal(found.covariance, axis1=1, axis2=2)) <= of.se * (1 + 1e-9)).all()
    turned = np.random.default_rng(seed).permutation(len(rows.y))
    again = posterior(of, inner_of(Weeks(rows.at[turned], rows.x[turned], rows.y[turned]), 3), of.variance, ALONE)
    np.testing.assert_allclose(again.value, found.value, rtol=1e-8, atol=1e-10)


def test_averaging_adds_the_spread_between_patterns() -> None:
    of = belief()
    rows = weeks(of)
    how = (ALONE, Pattern(2.0, 2.0, 4.0))
    found = learned(of, rows, how)
    inside = [posterior(of, inner_of(rows, 3), found.variance, one) for one in how]
    w = found.weights
    value = w[0] * inside[0].value + w[1] * inside[1].value
    np.testing.assert_allclose(found.value, value)
    second = sum(w[n] * (inside[n].covariance[:, 0, 0] + inside[n].value[:, 0] ** 2) for n in range(2))
    np.testing.assert_allclose(found.covariance[:, 0, 0], second - value[:, 0] ** 2, rtol=1e-9)
    assert w.sum() == pytest.approx(1.0)
