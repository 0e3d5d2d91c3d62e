"""Many comparisons: Holm by hand and against its closure, Dunnett's tables, intervals that hold together."""

from __future__ import annotations

from itertools import combinations
from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import optimize, stats

from kaopt.statistics.interval import compare, critical, interval
from kaopt.statistics.many import greatest, holm, means_correlation, together


def test_holm_by_hand() -> None:
    """.01 x 4, .02 x 3, .03 x 2 lifted to .06, .04 x 1 lifted to .06; in any order."""
    assert holm([0.03, 0.01, 0.04, 0.02]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]).tolist() == [1.0, 1.0]
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).tolist() == []


@given(some.lists(some.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closure_of_bonferroni(p: list[float]) -> None:
    """An hypothesis falls when every intersection that it is part of falls by Bonferroni (Marcus and others 1976)."""
    everyone = range(len(p))
    for i in everyone:
        subsets = [s for size in range(1, len(p) + 1) for s in combinations(everyone, size) if i in s]
        closed = max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets)
        assert holm(p)[i] == pytest.approx(closed, rel=1e-12, abs=1e-300)


def test_what_is_not_known_counts_for_nothing() -> None:
    found = holm([0.01, nan, 0.04])
    assert found[0] == 0.02 and isnan(found[1]) and found[2] == 0.04


def exact(k: int, freedom: int) -> float:
    """Dunnett's two-sided quantile for correlation 1/2 by quadrature over the common part and the spread."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    z, s = 8 * nodes, 1.3 + 1.1 * nodes  # -8 … 8 and .2 … 2.4
    common, spread = 8 * weights * stats.norm.pdf(z), 1.1 * weights * chi_density(s, freedom)

    def covered(d: float) -> float:
        high, low = np.sqrt(2) * d * s[:, None] - z, -np.sqrt(2) * d * s[:, None] - z
        return float(spread @ ((stats.norm.cdf(high) - stats.norm.cdf(low)) ** k @ common))

    return float(optimize.brentq(lambda d: covered(d) - 0.95, 1.5, 4.0))


def chi_density(s: np.ndarray, freedom: int) -> np.ndarray:
    """Of sqrt(chi² / freedom)."""
    return np.asarray(stats.chi2.pdf(s * s * freedom, freedom) * 2 * s * freedom)


# Dunnett (1964), New tables for multiple comparisons with a control, Biometrics 20: two-sided 5 %
TABLE = [(2, 10, 2.57), (3, 10, 2.76), (2, 20, 2.38), (5, 20, 2.73), (3, 60, 2.41), (5, 60, 2.58)]


@pytest.mark.parametrize(("k", "freedom", "printed"), TABLE)
def test_the_greatest_of_several_is_dunnetts_table(k: int, freedom: int, printed: float) -> None:
    correlation = np.full((k, k), 0.5) + 0.5 * np.eye(k)
    found = float(np.quantile(greatest(correlation, freedom), 0.95))
    assert found == pytest.approx(printed, abs=0.02)


def test_and_the_exact_integral() -> None:
    for k, freedom, printed in TABLE:
        correlation = np.full((k, k), 0.5) + 0.5 * np.eye(k)
        assert exact(k, freedom) == pytest.approx(printed, abs=0.0055)
        assert float(np.quantile(greatest(correlation, freedom), 0.95)) == pytest.approx(exact(k, freedom), abs=0.012)


def test_a_single_policy_is_the_paired_interval() -> None:
    luck = np.random.default_rng(2)
    base = luck.normal(size=30)
    new = base + luck.normal(0.3, 0.5, size=30)
    found, alone = together([new], base)[0], compare(new, base)
    assert found.difference.mean == alone.difference.mean
    assert found.difference.half_width == pytest.approx(alone.difference.half_width, rel=0.01)
    assert found.p == pytest.approx(alone.p, abs=0.003)


def test_together_lies_between_one_and_bonferroni() -> None:
    luck = np.random.default_rng(3)
    base = luck.normal(size=40)
    others = [base + luck.normal(size=40) for _ in range(8)]
    for one, values in zip(together(others, base), others, strict=True):
        alone, careful = compare(values, base), compare(values, base, 1 - 0.05 / 8)
        assert alone.difference.half_width < one.difference.half_width < careful.difference.half_width * 1.01
        assert alone.p <= one.p + 0.002


def test_what_never_differs_is_sure() -> None:
    base = np.array([1.0, 2.0, 4.0])
    same, shifted = together([base, base + 1], base)
    assert (same.difference.low, same.difference.high, same.p) == (0.0, 0.0, 1.0)
    assert (shifted.difference.low, shifted.difference.high, shifted.p) == (1.0, 1.0, 0.0)


def test_means_of_nested_samples_share_what_both_have() -> None:
    """Means over 25 and 100 values of one stream: correlation sqrt(25 / 100)."""
    stream = np.random.default_rng(4).normal(size=100)
    found = means_correlation([stream[:25], stream])
    assert found == pytest.approx(np.array([[1.0, 0.5], [0.5, 1.0]]))
    reps = np.random.default_rng(5).normal(size=(20_000, 100))
    assert np.corrcoef(reps[:, :25].mean(axis=1), reps.mean(axis=1))[0, 1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.thorough
def test_all_intervals_hold_together_as_often_as_they_say() -> None:
    """Six policies on the same luck with lengths of their own: all true at once in 95 % of 600 experiments."""
    luck = np.random.default_rng(6)
    sizes = (30, 30, 45, 60, 60, 60)
    true = np.array([0.0, 0.1, 0.5, -0.3, 1.0, 0.2])
    whole = alone = 0
    for _ in range(600):
        base = luck.normal(size=60)
        shared = luck.normal(size=60)
        others = [(base + t + 0.5 * shared + luck.normal(0, 0.4, 60))[:n] for t, n in zip(true, sizes, strict=True)]
        found = together(others, base)
        whole += all(one.difference.low <= t <= one.difference.high for one, t in zip(found, true, strict=True))
        each = [interval(values - base[: len(values)]) for values in others]
        alone += all(one.low <= t <= one.high for one, t in zip(each, true, strict=True))
    assert abs(whole - 570) <= 4 * sqrt(600 * 0.95 * 0.05)
    assert alone < 570 - 4 * sqrt(600 * 0.95 * 0.05)  # single intervals do not
    assert critical(29) < 2.1
