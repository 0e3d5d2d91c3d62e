"""Control variates and antithetic pairs: exact where a control explains all, honest where it explains nothing."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from kaopt.statistics.interval import interval
from kaopt.statistics.variance import antithetic, controlled

LUCK = 50


def test_a_control_that_explains_all_gives_the_mean_exactly() -> None:
    x = np.random.default_rng(LUCK).normal(3.0, 1.0, 20)
    found = controlled(7 + 2 * x, x, 3.0)
    assert found.mean == pytest.approx(13.0) and found.half_width == pytest.approx(0.0, abs=1e-9)


def test_two_controls() -> None:
    x = np.random.default_rng(LUCK).normal([1.0, 5.0], 1.0, (30, 2))
    found = controlled(x @ [2.0, -3.0], x, [1.0, 5.0])
    assert found.mean == pytest.approx(-13.0) and found.half_width == pytest.approx(0.0, abs=1e-9)


def test_by_hand() -> None:
    """y = 1, 2, 4; x = 0, 1, 2 with mean 1 by right: slope 1.5, mean 7/3; with 0.5 by right: 7/3 - .75."""
    assert controlled([1.0, 2.0, 4.0], [0.0, 1.0, 2.0], 1.0).mean == pytest.approx(7 / 3)
    found = controlled([1.0, 2.0, 4.0], [0.0, 1.0, 2.0], 0.5)
    assert found.mean == pytest.approx(7 / 3 - 0.75)
    rest = np.array([1.0, 2.0, 4.0]) - (7 / 3 + 1.5 * (np.arange(3) - 1))
    error = sqrt(float(rest @ rest) / 1 * (1 / 3 + 0.25 / 2))  # the variance of a regression's value at .5
    assert found.half_width == pytest.approx(12.706205 * error, rel=1e-6)


def test_a_control_that_never_varies_is_none() -> None:
    y = [1.0, 5.0, 2.0, 9.0]
    assert controlled(y, [3.0] * 4, 3.0).mean == pytest.approx(interval(y).mean)
    assert controlled(y, [3.0] * 4, 3.0).half_width == pytest.approx(interval(y).half_width)
    assert controlled([1.0, 2.0], [1.0, 3.0], 2.0) == interval([1.0, 2.0])  # too few to estimate a slope


def test_it_narrows_by_the_root_of_what_is_not_explained_and_still_covers() -> None:
    """Correlation .95: variance times 1 - .9025; 95 % of 400 experiments of 24 values."""
    luck, covered, widths = np.random.default_rng(LUCK), 0, []
    for _ in range(400):
        x, rest = luck.normal(size=(2, 24))
        y = 10 + 0.95 * x + sqrt(1 - 0.9025) * rest
        found = controlled(y, x, 0.0)
        covered += found.low <= 10 <= found.high
        widths.append(found.half_width / interval(y).half_width)
    assert abs(covered - 380) <= 4 * sqrt(400 * 0.95 * 0.05)
    assert np.mean(widths) == pytest.approx(sqrt(1 - 0.9025), rel=0.06)


def test_only_pairs_count() -> None:
    u = np.random.default_rng(LUCK).random(50)
    found = antithetic(np.exp(u), np.exp(1 - u))
    assert found == interval((np.exp(u) + np.exp(1 - u)) / 2)
    assert found.half_width < interval(np.exp(np.concatenate([u, 1 - u]))).half_width / 3
    assert found.low <= np.e - 1 <= found.high
    with pytest.raises(ValueError, match="mirror"):
        antithetic([1.0, 2.0], [1.0])
