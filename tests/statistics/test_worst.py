"""The worst tail: by hand, against the linear program that defines it, and how it lies to the mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.optimize import linprog

from kaopt.statistics.worst import blend, blend_weights, tail_mean, tail_weights

levels = some.sampled_from([0.0, 0.1, 0.5, 0.625, 0.9, 0.95])
numbers = some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=40).map(np.array)


def test_by_hand() -> None:
    values = np.array([4.0, 1.0, 3.0, 2.0])
    assert tail_mean(values, 0.5) == pytest.approx(1.5)  # of 1 and 2
    assert tail_mean(values, 0.75) == pytest.approx(1.0)
    # three eighths of four worlds: one world and half of the next
    assert tail_weights(values, 0.625) == pytest.approx([0, 2 / 3, 0, 1 / 3])
    assert tail_mean(values, 0.625) == pytest.approx(4 / 3)
    assert tail_mean(values, 0.99) == pytest.approx(1.0)  # less than one world: the worst
    assert blend(values, 0.5, 0.25) == pytest.approx(0.75 * 2.5 + 0.25 * 1.5)


@given(numbers, levels)
@settings(max_examples=25)
def test_the_tail_is_the_least_mean_that_limited_weights_can_give(values: np.ndarray, level: float) -> None:
    size = len(values)
    most = 1 / ((1 - level) * size)
    dual = linprog(values, A_eq=np.ones((1, size)), b_eq=[1.0], bounds=(0, max(most, 1 / size)))
    weights = tail_weights(values, level)
    assert weights.sum() == pytest.approx(1) and weights.min() >= 0 and weights.max() <= most + 1e-12
    assert tail_mean(values, level) == pytest.approx(dual.fun, rel=1e-6, abs=1e-6)


@given(numbers, levels)
def test_the_tail_is_the_greatest_value_of_the_primal(values: np.ndarray, level: float) -> None:
    """Rockafellar and Uryasev: the greatest t - mean of what falls short of t / (1 - level), at one of the values."""
    primal = max(t - np.mean(np.maximum(t - values, 0)) / (1 - level) for t in values)
    assert tail_mean(values, level) == pytest.approx(primal, rel=1e-9, abs=1e-6)


@given(numbers, levels, some.floats(0, 1))
def test_the_tail_is_never_above_the_mean(values: np.ndarray, level: float, weight: float) -> None:
    near = 1e-9 * (1 + np.abs(values).max())
    assert tail_mean(values, level) <= values.mean() + near
    assert tail_mean(values, level) - near <= blend(values, level, weight) <= values.mean() + near
    assert blend_weights(values, level, weight).sum() == pytest.approx(1)
    assert tail_mean(values, 0.0) == pytest.approx(values.mean(), rel=1e-9, abs=1e-6)


@given(some.integers(1, 30), levels, some.integers(0, 2**32 - 1))
def test_two_plans_together_have_no_worse_a_tail_than_apart(size: int, level: float, seed: int) -> None:
    one, other = np.random.default_rng(seed).normal(size=(2, size))
    assert tail_mean(one + other, level) >= tail_mean(one, level) + tail_mean(other, level) - 1e-9
