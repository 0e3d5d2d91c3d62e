"""Quantiles, chances and worst years: exact binomial coverage, printed intervals, laws with a known tail."""

from __future__ import annotations

from math import inf, isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import binom

from kaopt.statistics.tails import below, chance, quantile, shortfall

levels = some.sampled_from([0.05, 0.1, 0.5, 0.9, 0.95])


@given(some.integers(2, 250), levels, some.sampled_from([0.9, 0.95, 0.99]))
def test_the_interval_of_a_quantile_covers_exactly_enough(n: int, level: float, sure: float) -> None:
    """The values 1…n: the ends are ranks. P(rank r <= B) and P(B < rank s) from the binomial law itself."""
    found = quantile(np.arange(1.0, n + 1), level, sure)
    r = 0 if found.low == -inf else int(found.low)
    s = n + 1 if found.high == inf else int(found.high)
    missed_low = binom.cdf(r - 1, n, level) if r else 0.0  # fewer than r values lie below the quantile
    missed_high = 1 - binom.cdf(s - 1, n, level) if s <= n else 0.0
    assert missed_low <= (1 - sure) / 2 + 1e-12 and missed_high <= (1 - sure) / 2 + 1e-12
    if r:
        assert binom.cdf(r, n, level) > (1 - sure) / 2 - 1e-12  # no tighter rank would do
    if s <= n:
        assert 1 - binom.cdf(s - 2, n, level) > (1 - sure) / 2 - 1e-12


def test_five_values_cannot_bound_a_median_and_six_can() -> None:
    """Between least and greatest: 1 - 2 / 2^n."""
    assert quantile([3.0, 1.0, 2.0, 5.0, 4.0], 0.5).low == -inf
    found = quantile([3.0, 1.0, 2.0, 5.0, 4.0, 6.0], 0.5)
    assert (found.mean, found.low, found.high) == (3.0, 1.0, 6.0)


def test_printed_ranks() -> None:
    """n = 100, median, 95 %: 40th and 61st value (Conover 1999, table of the sign test)."""
    found = quantile(np.arange(1.0, 101), 0.5)
    assert (found.mean, found.low, found.high) == (50.0, 40.0, 61.0)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (5, 10, 0.1871, 0.8129),
        (8, 10, 0.4439, 0.9748),
        (10, 10, 0.6915, 1.0),
        (1, 20, 0.0013, 0.2487),
    ],
)
def test_exact_intervals_as_printed(count: int, of: int, low: float, high: float) -> None:
    found = chance(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    assert found.share == count / of


def test_ends_of_the_exact_interval_are_where_the_binomial_says_so() -> None:
    found = chance(7, 40)
    assert 1 - binom.cdf(6, 40, found.low) == pytest.approx(0.025)
    assert binom.cdf(7, 40, found.high) == pytest.approx(0.025)


def test_years_below_a_level() -> None:
    found = below([0.89, 0.90, 0.91, 0.95], 0.90)
    assert (found.count, found.of, found.share) == (1, 4, 0.25)


def test_worst_years_by_hand() -> None:
    """Of 1…20: the worst tenth is 19 and 20; of 7.5 % it is 20 and half of 19."""
    values = np.arange(1.0, 21)
    assert shortfall(values, 0.10).mean == pytest.approx(19.5)
    assert shortfall(values, 0.075).mean == pytest.approx((20 + 0.5 * 19) / 1.5)
    assert shortfall(values, 1.0).mean == pytest.approx(10.5)
    assert isnan(shortfall(values[:10], 0.05).mean)


def test_known_tails() -> None:
    """Worst 5 %: uniform .975; exponential ln 20 + 1 (both exact)."""
    luck = np.random.default_rng(40)
    for draws, true in ((luck.random(40_000), 0.975), (luck.exponential(size=40_000), log(20) + 1)):
        found = shortfall(draws)
        assert abs(found.mean - true) <= 4 * found.half_width / 1.96


@pytest.mark.thorough
def test_its_interval_covers_as_often_as_it_says() -> None:
    """400 exponential years: near 95 %, a little below as the tail is skew."""
    luck = np.random.default_rng(41)
    found = [shortfall(luck.exponential(size=1000)) for _ in range(2000)]
    covered = sum(one.low <= log(20) + 1 <= one.high for one in found) / 2000
    assert 0.92 <= covered <= 0.95 + 4 * sqrt(0.95 * 0.05 / 2000)
