"""Intervals of simulated figures against numbers on paper and against scipy's own tests."""

from __future__ import annotations

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from kaopt.statistics.interval import Interval, compare, critical, differences, interval, p_value, paired

pairs = some.lists(some.tuples(some.integers(-50, 50), some.integers(-50, 50)), min_size=3, max_size=30)


def test_by_hand() -> None:
    """1, 2, 3: mean 2, deviation 1, t(2, .975) = 4.302653: half = 4.302653 / sqrt(3)."""
    found = interval([1.0, 2.0, 3.0])
    assert found.mean == 2.0
    assert found.half_width == pytest.approx(4.302653 / sqrt(3), rel=1e-6)
    assert found.high - 2.0 == pytest.approx(2.0 - found.low)
    assert critical(2, 0.90) == pytest.approx(2.919986, rel=1e-6)


def test_one_value_says_nothing_of_the_spread() -> None:
    assert interval([5.0]) == Interval(5.0, -inf, inf)
    assert interval([5.0]).half_width == inf
    alone = compare([5.0], [4.0])
    assert (alone.difference.mean, alone.difference.low) == (1.0, -inf)
    assert isnan(alone.p) and isnan(alone.correlation) and isnan(alone.variance_ratio)


def test_pairs_are_those_that_both_have() -> None:
    assert differences([3.0, 5.0, 4.0], [1.0, 2.0, 3.0, 9.0]).tolist() == [2.0, 3.0, 1.0]
    assert paired([3.0, 5.0, 4.0], [1.0, 2.0, 3.0, 9.0]).mean == 2.0
    assert compare([1.0, 2.0, 4.0, 7.0], [1.0, 2.0]).difference == Interval(0.0, 0.0, 0.0)


@given(pairs)
def test_a_pair_is_scipys_paired_test(values: list[tuple[int, int]]) -> None:
    new, old = np.array(values, dtype=float).T
    found = compare(new, old)
    if np.ptp(new - old) == 0:
        assert found.p == (1.0 if new[0] == old[0] else 0.0)
        return
    told = stats.ttest_rel(new, old)
    assert found.p == pytest.approx(told.pvalue, rel=1e-9, abs=1e-300)
    bounds = told.confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9, abs=1e-9)


def test_what_the_same_luck_saves_is_one_over_one_minus_the_correlation() -> None:
    """Equal variances: 2 s² over 2 s² (1 - r)."""
    luck = np.random.default_rng(5)
    common, own = luck.standard_normal((1, 20_000)), luck.standard_normal((2, 20_000))
    x, y = sqrt(0.9) * common[0] + sqrt(0.1) * own
    found = compare(x, y)
    assert found.correlation == pytest.approx(0.9, abs=0.01)
    assert found.variance_ratio == pytest.approx(10.0, rel=0.05)


def test_what_never_varies_has_no_correlation() -> None:
    found = compare([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
    assert isnan(found.correlation) and found.variance_ratio == 1.0
    assert compare([2.0, 3.0], [1.0, 2.0]).variance_ratio == inf
    both = compare([2.0, 2.0], [1.0, 1.0])
    assert isnan(both.variance_ratio) and both.p == 0.0
    assert p_value([0.0, 0.0]) == 1.0 and isnan(p_value([3.0])) and isnan(nan)


@pytest.mark.thorough
def test_intervals_of_a_queue_cover_as_often_as_they_say() -> None:
    """M/M/1 at rho .8, mean time 1 for a service: wait of 4 before it. 400 experiments of 10 runs (Law 2015, 1.4).

    Each run is 65 000 customers of Lindley's recursion W' = max(0, W + S - A) after 5 000 that do not count.
    """
    covered, grand = 0, []
    luck = np.random.default_rng(20_260_101)
    for _ in range(400):
        steps = luck.exponential(1.0, (10, 70_000)) - luck.exponential(1.25, (10, 70_000))
        walk = np.cumsum(steps, axis=1)
        waits = walk - np.minimum(np.minimum.accumulate(walk, axis=1), 0.0)  # Lindley's recursion, solved
        means = waits[:, 5_000:].mean(axis=1)
        found = interval(means)
        covered += found.low <= 4.0 <= found.high
        grand.append(found.mean)
    assert abs(covered - 380) <= 4 * sqrt(400 * 0.95 * 0.05)
    assert abs(np.mean(grand) - 4.0) <= 4 * np.std(grand, ddof=1) / 20
