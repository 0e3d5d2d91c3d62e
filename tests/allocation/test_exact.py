"""Answers in our own arithmetic: what is snapped, what breaks a row and by how little, and what a choice is worth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.solver.exact import TOLERANCE, WHOLE, allowed, broken, feasible, finite, is_broken, snapped, worth
from tests.allocation.programs import program, random_program

INF = np.inf


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1.0, 0.0], [1.0, 0.0]),
        ([1 - 0.9 * WHOLE, 0.9 * WHOLE], [1.0, 0.0]),
        ([1 + 0.9 * WHOLE, -0.9 * WHOLE], [1.0, 0.0]),
        ([1 - 1.1 * WHOLE, 0.0], None),
        ([0.5, 0.0], None),
        ([np.nan, 0.0], None),
        ([0.0, INF], None),
        ([2.0, 0.0], None),  # whole, but outside its box
        ([0.0, -1.0], None),
    ],
)
def test_whole_numbers_are_snapped_and_nothing_else_passes(x: list[float], expected: list[float] | None) -> None:
    found = snapped(program([1, 1], [[1, 1]]), np.array(x))
    assert (None if found is None else found.tolist()) == expected


def test_a_column_that_may_be_in_between_is_left_there_and_clipped_at_its_ends_only() -> None:
    open_ = replace(program([1, 1], [[1, 1]]), integer=np.array([True, False]), high=np.array([1.0, 5.0]))
    assert snapped(open_, np.array([1.0, 2.5])).tolist() == [1.0, 2.5]  # type: ignore[union-attr]
    assert snapped(open_, np.array([0.0, -0.5 * WHOLE])).tolist() == [0.0, 0.0]  # type: ignore[union-attr]
    assert snapped(open_, np.array([0.0, 5 + 0.5 * WHOLE])).tolist() == [0.0, 5.0]  # type: ignore[union-attr]
    assert snapped(open_, np.array([0.0, 5 + 2 * WHOLE])) is None


@pytest.mark.parametrize(
    ("beyond", "kept"), [(0.0, True), (0.9 * TOLERANCE, True), (1.1 * TOLERANCE, False), (1e-6, False), (-1e-6, True)]
)
@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_limit_may_be_passed_by_the_tolerance_of_its_size_and_no_more(beyond: float, kept: bool, size: float) -> None:
    """Using `size` against `size` less `beyond` of it; the same from below."""
    both = np.ones(1)
    over = program([0], [[size]], high=size * (1 - beyond))
    under = program([0], [[size]], low=size * (1 + beyond))
    assert broken(over, both).tolist() == ([] if kept else [0])
    assert broken(under, both).tolist() == ([] if kept else [0])
    assert is_broken(over, both, 0) is (not kept)
    assert is_broken(under, both, 0) is (not kept)


def test_rows_smaller_than_one_are_judged_as_if_they_were_one() -> None:
    assert not len(broken(program([0], [[1e-3]], high=1e-3 - 0.9 * TOLERANCE), np.ones(1)))
    assert broken(program([0], [[1e-3]], high=1e-3 - 1.1 * TOLERANCE), np.ones(1)).tolist() == [0]


def test_what_adds_up_counts_for_the_tolerance_where_it_cancels() -> None:
    """1e6 - 1e6 against a limit of -1e-4: 1e-9 of what adds up, 2e6, is 2e-3."""
    one = program([0, 0], [[1e6, -1e6]], high=-1e-4)
    assert not len(broken(one, np.ones(2)))
    assert broken(program([0, 0], [[1e6, -1e6]], high=-1e-2), np.ones(2)).tolist() == [0]


def test_broken_rows_are_named_by_their_place() -> None:
    one = program([0, 0], [[1, 0], [0, 1], [1, 1], [1, -1]], low=[-INF, 1, 2, -1], high=[0, INF, 2, INF])
    assert broken(one, np.array([1.0, 1.0])).tolist() == [0]
    assert broken(one, np.array([0.0, 1.0])).tolist() == [2]
    assert broken(one, np.array([1.0, 0.0])).tolist() == [0, 1, 2]
    assert broken(one, np.array([0.0, 0.0])).tolist() == [1, 2]


def test_the_allowance_row_by_row() -> None:
    one = program([0], [[1], [1], [1]], low=[-5e3, -INF, -INF], high=[1.0, 0.5, INF])
    assert allowed(one, np.array([2.0, 0.1, 7.0])).tolist() == pytest.approx([5e-6, 1e-9, 7e-9], rel=1e-12)
    assert finite(np.array([-2.0, INF, -INF, 3.0])).tolist() == [2, 0, 0, 3]


def test_worth_is_one_exactly_rounded_sum() -> None:
    """In floating point from left to right the 1 would be lost."""
    one = replace(program([1e16, 1.0, -1e16, 5.0], [[1, 1, 1, 1]]), offset=0.5)
    assert worth(one, np.array([1.0, 1.0, 1.0, 0.0])) == 1.5
    assert worth(one, np.zeros(4)) == 0.5
    assert worth(replace(one, integer=np.zeros(4, bool)), np.array([0, 0, 0, 0.25])) == 1.75


def test_feasible_is_snapped_and_unbroken() -> None:
    one = program([1, 1], [[1, 1]], high=1)
    assert feasible(one, None) is None
    assert feasible(one, np.array([1.0, 1.0])) is None
    assert feasible(one, np.array([0.4, 0.4])) is None
    assert feasible(one, np.array([1 - 1e-6, 1e-6])).tolist() == [1.0, 0.0]  # type: ignore[union-attr]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_broken_is_what_fractions_say(seed: int) -> None:
    """Floats are fractions: used, limit and tolerance computed without any rounding."""
    one = random_program(seed)
    x = np.random.default_rng(seed).integers(0, 2, len(one.cost)).astype(float)
    body = one.matrix.toarray()
    wrong = []
    for i in range(len(one.row_low)):
        terms = [Fraction(a) * Fraction(v) for a, v in zip(body[i].tolist(), x.tolist(), strict=True)]
        used, size = sum(terms), max(sum(abs(t) for t in terms), Fraction(1))
        low, high = float(one.row_low[i]), float(one.row_high[i])
        over = high < INF and used > Fraction(high) + Fraction(TOLERANCE) * max(abs(Fraction(high)), size)
        under = low > -INF and used < Fraction(low) - Fraction(TOLERANCE) * max(abs(Fraction(low)), size)
        wrong += [i] if over or under else []
    assert broken(one, x).tolist() == wrong
    exact = sum((Fraction(c) * Fraction(v) for c, v in zip(one.cost.tolist(), x.tolist(), strict=True)), Fraction(0))
    assert worth(one, x) == float(exact)
