"""Shrinking against closed forms, a grid search and the coverage that it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, norm

from kaopt.deliveries.pooling import TIGHTEST, beta_binomial, between_accounts, means, shares


def test_the_posterior_of_a_share_is_beta_by_hand() -> None:
    hits, counts = np.array([30.0, 60.0, 45.0, 0.0]), np.array([100.0, 100.0, 100.0, 0.0])
    found = shares(hits, counts)
    a, b = found.shape
    assert found.value == pytest.approx((a + hits) / (a + b + counts))
    assert found.value[3] == pytest.approx(found.common), "an account without orders is like the others"
    assert (found.low < found.value).all()
    assert (found.value < found.high).all()
    assert (found.value[:3] - hits[:3] / 100) * (found.common - hits[:3] / 100) == pytest.approx(
        np.abs(found.value[:3] - hits[:3] / 100) * np.abs(found.common - hits[:3] / 100)
    ), "every share moves towards the common one"


def test_the_likeliest_prior_is_no_worse_than_any_of_a_grid() -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(20, 60, 30).astype(float)
    hits = rng.binomial(counts.astype(int), rng.beta(4, 8, 30)).astype(float)

    def likelihood(a: float, b: float) -> float:
        return float(betabinom.logpmf(hits, counts, a, b).sum())

    best = likelihood(*beta_binomial(hits, counts))
    grid = [likelihood(m * s, (1 - m) * s) for m in np.linspace(0.1, 0.6, 40) for s in np.geomspace(1, 500, 60)]
    assert best >= max(grid) - 1e-6
    assert best - max(grid) < 0.05


def test_accounts_that_are_all_alike_get_one_share() -> None:
    counts = np.full(8, 1000.0)
    hits = np.array([300.0, 301, 299, 300, 300, 302, 298, 300])
    found = shares(hits, counts)
    assert sum(found.shape) > 1e5
    assert sum(found.shape) <= TIGHTEST * 1.001
    assert found.value == pytest.approx(np.full(8, 0.3), abs=1e-3)


@pytest.mark.parametrize(("hits", "low"), [([0.0, 0.0, 0.0], 0.0), ([5.0, 6.0, 7.0], 1.0)])
def test_never_and_always_are_no_fault(hits: list[float], low: float) -> None:
    found = shares(np.array(hits), np.array([5.0, 6.0, 7.0]))
    assert np.isfinite(found.value).all()
    assert found.value == pytest.approx(np.full(3, low), abs=0.1)


def test_intervals_of_shares_cover_what_they_promise() -> None:
    covered, total = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth, counts = rng.beta(6, 14, 60), rng.integers(5, 80, 60).astype(float)
        found = shares(rng.binomial(counts.astype(int), truth).astype(float), counts)
        covered += int(((found.low <= truth) & (truth <= found.high)).sum())
        total += 60
    # 600 accounts: four standard errors below 95 % is .914; a and b taken as known cost another point or two
    assert 0.90 <= covered / total <= 0.99


def test_equal_evidence_gives_the_closed_form_of_morris() -> None:
    values, s2 = np.array([1.0, 2.0, 3.0, 6.0]), 0.5
    found = means(values, np.full(4, s2), np.full(4, 10.0))
    centre = values.mean()
    between = ((values - centre) ** 2).sum() / 3 - s2  # Paule and Mandel with equal variances
    lean = s2 / (s2 + between)
    assert found.common == pytest.approx(centre)
    assert found.spread == pytest.approx(between**0.5)
    assert found.value == pytest.approx(lean * centre + (1 - lean) * values)
    half = norm.ppf(0.975) * ((1 - lean) * s2 + lean**2 * (s2 + between) / 4) ** 0.5
    assert found.high - found.value == pytest.approx(np.full(4, half))


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=12))
def test_the_spread_between_accounts_leaves_as_many_squares_as_there_should_be(rows: list[tuple[float, float]]) -> None:
    values, variances = (np.array(one) for one in zip(*rows, strict=True))
    between, centre, doubt = between_accounts(values, variances)
    weight = 1 / (variances + between)
    squares = (weight * (values - centre) ** 2).sum()
    if between > 0:
        assert squares == pytest.approx(len(values) - 1, rel=1e-6)
    else:
        assert squares <= len(values) - 1 + 1e-9
    assert doubt == pytest.approx(1 / weight.sum())


def test_means_without_evidence_and_of_nobody() -> None:
    found = means(np.array([1.0, 0.0, 3.0]), np.array([0.1, np.inf, 0.1]), np.array([9.0, 0.0, 9.0]))
    assert found.value[1] == pytest.approx(found.common)
    assert found.high[1] - found.low[1] > found.high[0] - found.low[0]
    nobody = means(np.array([0.0]), np.array([np.inf]), np.array([0.0]))
    assert np.isnan(nobody.common)
    assert nobody.spread == 0
