"""MSER-5 against its definition, on series whose beginning is known, and on the autoregressive test case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from kaopt.statistics.interval import Floats
from kaopt.statistics.warmup import batched, mser


def by_definition(series: Floats) -> int:
    """The cut d of the batch means that minimises sum (Y - mean)² / (n - d)², written as it is printed."""
    means = [float(np.mean(series[5 * k : 5 * k + 5])) for k in range(len(series) // 5)]
    best, cut = float("inf"), 0
    for d in range(len(means) // 2 + 1):
        rest = means[d:]
        centre = sum(rest) / len(rest)
        score = sum((one - centre) ** 2 for one in rest) / len(rest) ** 2
        if score < best * (1 - 1e-12):
            best, cut = score, d
    return 5 * cut


@given(some.lists(some.integers(-1000, 1000), min_size=10, max_size=120))
def test_it_is_the_definition(values: list[int]) -> None:
    series = np.array(values, dtype=float)
    found, printed = mser(series), by_definition(series)
    if found != printed:  # a tie, decided by rounding
        scores = [np.var(batched(series)[d // 5 :]) / (len(batched(series)) - d // 5) for d in (found, printed)]
        assert scores[0] == pytest.approx(scores[1], rel=1e-9, abs=1e-9)


def test_a_step_is_cut_off() -> None:
    series = np.concatenate([np.full(20, 9.0), np.tile([1.0, 2.0, 3.0, 2.0, 2.0], 30)])
    assert mser(series) == 20


def test_nothing_is_cut_where_nothing_changes() -> None:
    assert mser(np.ones(50)) == 0
    assert mser(np.tile([0.0, 2.0, 4.0, 1.0, 3.0], 20)) == 0


def test_the_floor_and_the_end() -> None:
    assert mser(np.ones(50), floor=12) == 12
    assert mser(np.ones(8), floor=12) == 8
    assert mser(np.ones(3)) == 0


def test_batches_drop_what_is_left_over() -> None:
    assert batched([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99]).tolist() == [3.0, 8.0]
    assert batched([1, 3, 5, 7], 2).tolist() == [2.0, 6.0]


def test_never_more_than_half() -> None:
    """A late change is no warm-up."""
    series = np.concatenate([np.full(90, 1.0), np.full(10, 100.0)])
    assert mser(series) <= 50


def test_an_autoregressive_series_with_a_transient() -> None:
    """x = AR(1) with 0.8 plus 10 exp(-t/50), 2 000 values: bias .2525 whole, a sixth of it and less after the cut.

    The bias is exact given the cut: the mean of the transient that is left.
    """
    transient = 10 * np.exp(-np.arange(2000) / 50)
    luck = np.random.default_rng(19)
    cuts, left = [], []
    for _ in range(120):
        series = np.zeros(2000)
        noise = luck.standard_normal(2000)
        value = luck.standard_normal() / 0.6  # the stationary deviation is 1 / sqrt(1 - .64)
        for t in range(2000):
            value = 0.8 * value + noise[t]
            series[t] = value
        cut = mser(series + transient)
        cuts.append(cut)
        left.append(transient[cut:].mean())
    assert transient.mean() == pytest.approx(0.2525, abs=5e-4)
    assert 80 <= np.median(cuts) <= 100
    assert np.mean(left) < transient.mean() / 4
