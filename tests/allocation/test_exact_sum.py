"""Exact sums: to the last digit what `math.fsum` says, also where the compiled loop adds up."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import fsum, isnan

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaopt.allocation.exact_kernel import exact_sums
from kaopt.allocation.exact_sum import COMPILED, total, totals, totals_by

ANY = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
NEAR = st.integers(-(2**53), 2**53).flatmap(  # so that sums cancel, tie and lie half-way
    lambda whole: st.sampled_from([-60, -53, -1, 0, 1, 53]).map(lambda power: float(whole) * 2.0**power)
)
POWERS = st.sampled_from([sign * 2.0**power for power in range(-120, 121, 1) for sign in (1, -1)])


def compiled(amounts: list[float]) -> float:
    return float(exact_sums(np.array(amounts, dtype=float), np.array([0, len(amounts)]))[0])


@given(st.lists(ANY | NEAR | POWERS, max_size=60))
@example([1.0, 2.0**-53, 2.0**-200])  # above half-way by a hair
@example([1.0, -(2.0**-54), -(2.0**-200)])
@example([1e16, 1.0, 1e-16])
@example([2.0**53, 1.0, 2.0**-60, -(2.0**-61)])
@settings(max_examples=400, deadline=None)
def test_the_compiled_loop_is_fsum(amounts: list[float]) -> None:
    found = compiled(amounts)
    assert found == fsum(amounts) or isnan(found)
    assert not isnan(found) or any(abs(one) > 1e299 for one in amounts)  # sums on the way may be endless


@given(st.lists(NEAR | POWERS, max_size=30))
@settings(max_examples=200, deadline=None)
def test_sums_are_exact_and_rounded_once(amounts: list[float]) -> None:
    """The same from fractions, which know no rounding."""
    assert compiled(amounts) == float(sum(map(Fraction, amounts), Fraction(0)))


@given(st.permutations([1e300, 1.0, -1e300, 2.0**-1074, 3e-5, -1.0, 7e15, 2.0**-1000]))
@settings(deadline=None)
def test_the_order_does_not_matter(amounts: list[float]) -> None:
    assert compiled(amounts) == 7e15


def test_partial_sums_over_the_whole_range_of_doubles() -> None:
    amounts = [2.0**power for power in range(-1074, 1023, 54)]  # no two of them fit into one double
    assert len(amounts) == 39 and compiled(amounts) == fsum(amounts) == amounts[-1]


def test_more_partial_sums_than_the_loop_holds_are_added_one_by_one() -> None:
    """Powers of two with changing signs: after each, twice as many stand apart as fit."""
    amounts = [(-1) ** (power % 2) * 2.0**power for power in range(-1074, 1023)]
    assert isnan(compiled(amounts))
    assert total(amounts, np.zeros(COMPILED)) == fsum(amounts)


@pytest.mark.parametrize("endless", [[np.inf], [1e308, 1e308, -1e308], [np.nan, 1.0]])
def test_the_loop_says_where_it_is_lost(endless: list[float]) -> None:
    found = exact_sums(np.array([1.0, *endless, 2.0]), np.array([0, 1, 1 + len(endless), 2 + len(endless)]))
    assert found[0] == 1.0 and np.isnan(found[1]) and found[2] == 2.0


@pytest.mark.parametrize("size", [COMPILED // 2, 2 * COMPILED])
def test_few_and_many_amounts_are_added_alike(size: int) -> None:
    luck = np.random.default_rng(size)
    amounts = luck.normal(size=size) * 10.0 ** luck.integers(-12, 12, size)
    group = luck.integers(0, 300, size)
    expected = [fsum(amounts[group == g]) for g in range(310)]
    assert totals_by(amounts, group, 310).tolist() == expected
    start = np.sort(np.append(luck.integers(0, size, 99), [0, size]))
    assert totals(amounts, start).tolist() == [fsum(amounts[i:j]) for i, j in pairwise(start)]
    assert total(amounts) == fsum(amounts)
    assert total(amounts[: size // 2].reshape(2, -1), amounts[size // 2 :].tolist(), []) == fsum(amounts)


def test_nothing_adds_up_to_nothing() -> None:
    assert total(np.zeros(0)) == total([]) == 0.0
    assert totals_by(np.zeros(0), np.zeros(0, np.int64), 2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("size", [3, COMPILED + 3])
def test_what_is_endless_stays_endless(size: int) -> None:
    amounts = np.ones(size)
    amounts[1] = np.inf
    assert total(amounts) == np.inf
    amounts[2] = -np.inf
    with pytest.raises(ValueError, match="inf"):
        total(amounts)
