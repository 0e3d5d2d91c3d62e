"""The plan in hand without a solver, step by step by hand, and never one that breaks a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.start import Hand, construct, give_back, is_short, slack, soft_rows, sorted_by, undo
from kaopt.allocation.solver.exact import broken
from tests.allocation.programs import program, random_program, try_everything

INF = np.inf


def test_a_hand_counts_what_it_holds() -> None:
    hand = Hand(program([1, 1, 1], [[2, 1, -1], [0, 1, 1]], low=[-INF, 1], high=[2, INF]))
    assert hand.needs().tolist() == pytest.approx([0, 1])
    assert (is_short(hand, 0), is_short(hand, 1)) == (False, True)
    hand.put(0, 1.0)
    assert hand.used == [2, 0]
    assert (hand.fits(1), hand.blocked(1)) == (False, [0])
    assert hand.fits(2)  # gives room
    hand.put(2, 1.0)
    assert hand.fits(1)
    assert hand.needs().tolist() == [0, 0]
    hand.put(2, -1.0)
    assert hand.used == [2, 0]
    assert hand.chosen.tolist() == [True, False, False]


def test_what_takes_a_row_under_its_minimum_is_held_back_unless_more_is_to_come() -> None:
    one = program([1], [[-1]], low=0)
    hand = Hand(one)
    hand.take([0])
    assert not hand.chosen[0]
    hand.take([0], minima=False)
    assert hand.chosen[0]
    assert hand.low[0] > -INF  # minima count again afterwards


def test_scores_order_the_marked_columns_and_ties_keep_theirs() -> None:
    assert sorted_by(np.array([1.0, 3.0, 1.0, 9.0]), np.array([True, True, True, False])) == [1, 0, 2]
    assert slack(np.array([-5.0, 0.1, INF])).tolist() == [5, 1, 1]


def test_the_least_value_is_given_back_and_can_be_taken_again() -> None:
    one = program([5, 2, 9], [[1, 1, 1]], high=2)
    hand = Hand(one)
    hand.put(0, 1.0)
    hand.put(1, 1.0)
    given_ = give_back(hand, one, one.matrix, hand.blocked(2))
    assert (given_, hand.chosen.tolist()) == ([1], [True, False, False])
    hand.put(2, 1.0)
    undo(hand, 2, [*given_, -1])
    assert hand.chosen.tolist() == [True, True, False]
    assert hand.used == [2]


def test_a_row_with_a_column_for_what_it_misses_is_soft() -> None:
    one = replace(program([1, -1], [[1, 1], [1, 0]], low=1), integer=np.array([True, False]))
    assert soft_rows(one).tolist() == [True, False]


@pytest.mark.parametrize(
    ("cost", "rows", "low", "high", "expected"),
    [
        ([3, 2], [[1, 1]], -INF, 1, [1, 0]),
        ([-3, -2], [[1, 1]], -INF, 1, [0, 0]),
        ([-3, -2], [[1, 1]], 2, INF, [1, 1]),
        ([1, 1], [[1, 1]], 3, INF, None),
    ],
)
def test_small_programs_by_hand(
    cost: list[float], rows: list[list[float]], low: float, high: float, expected: list[float] | None
) -> None:
    found = construct(program(cost, rows, low=low, high=high))
    assert (None if found is None else found.tolist()) == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_constructed_keeps_every_row_and_is_no_better_than_the_best(seed: int) -> None:
    one = random_program(seed, columns=8)
    found = construct(one)
    truth, _ = try_everything(one)
    if found is not None:
        assert not len(broken(one, found))
        assert one.cost @ found <= truth + 1e-9 * (1 + abs(truth))
