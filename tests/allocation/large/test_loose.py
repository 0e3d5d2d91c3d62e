"""Columns beside the events at given prices, against all of their corners and a linear program."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.large.loose import MANY, Loose, loose_of
from kaopt.allocation.large.shard import Linking, Switched
from kaopt.scenario.columns import Floats
from tests.allocation.large.shards import linking, switched

SEEDS = st.integers(0, 2**32 - 1)


def private(low: Any, high: Any, **given: Any) -> Linking:
    """Rows of one account in which no event stands."""
    return linking(low, high, **({"private": True, "beside": True} | given))


def all_unit(cost: Any) -> tuple[Switched, Linking]:
    """Tiers z1, z2, of which one, and how far they are filled, f1 <= z1, f2 <= z2."""
    body = [[1.0, 1.0, 0, 0], [-1.0, 0, 1.0, 0], [0, -1.0, 0, 1.0]]
    return switched(cost, body, whole=[True, True, False, False]), private([1.0, -inf, -inf], [1.0, 0.0, 0.0])


def true_best(what: Switched, rows: Linking, left: Floats) -> float:
    """By a solver, with every row in which only these columns stand."""
    found = milp(
        -left,
        integrality=what.whole.astype(int),
        bounds=Bounds(what.low, what.high),
        constraints=LinearConstraint(what.matrix, rows.low, rows.high),
    )
    return -inf if found.x is None else float(-found.fun)


def test_one_tier_of_all_by_hand() -> None:
    """-2 for the first and -5 + 4 for the second filled: the second; at another price the first."""
    what, rows = all_unit([-2.0, -5.0, -1.0, 4.0])
    loose = loose_of(what, rows)
    assert loose.settled.tolist() == [True, True, True]
    worth, x = loose.best(what.cost)
    assert (worth, x.tolist()) == (-1.0, [0, 1, 0, 1])
    worth, x = loose.best(np.array([-2.0, -5.0, 1.0, 4.0]))
    assert worth == -1.0
    assert x.tolist() in ([1, 0, 1, 0], [0, 1, 0, 1])
    worth, x = loose.best(np.array([-2.0, -9.0, -1.0, 4.0]))
    assert (worth, x.tolist()) == (-2.0, [1, 0, 0, 0])


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_tiers_at_their_best_are_those_of_a_solver(seed: int) -> None:
    luck = np.random.default_rng(seed)
    what, rows = all_unit(luck.normal(0, 3, 4))
    left = luck.normal(0, 3, 4)
    worth, x = loose_of(what, rows).best(left)
    assert worth == pytest.approx(true_best(what, rows, left), abs=1e-9)
    assert worth == pytest.approx(float(left @ x), abs=1e-12)
    used = what.matrix @ x
    assert np.all((used >= rows.low) & (used <= rows.high))


@settings(deadline=None, max_examples=80)
@given(SEEDS)
def test_whatever_rows_tie_columns_together_nothing_better_is_left_out(seed: int) -> None:
    """Random rows of ones and of x <= y: where they are kept without a price, the answer is a solver's; else above."""
    luck = np.random.default_rng(seed)
    size, count = int(luck.integers(2, 6)), int(luck.integers(1, 5))
    body, low, high = np.zeros((count, size)), np.full(count, -inf), np.zeros(count)
    for n in range(count):
        if luck.random() < 0.5:
            body[n, luck.choice(size, 2, replace=False)] = 1.0, -1.0
        else:
            body[n, luck.choice(size, int(luck.integers(2, size + 1)), replace=False)] = 1.0
            high[n] = luck.choice([1.0, 1.5])
            low[n] = luck.choice([-inf, high[n]]) if high[n] == 1 else -inf
    what, rows = switched(luck.normal(0, 3, size), body, whole=luck.random(size) < 0.6), private(low, high)
    left = luck.normal(0, 3, size)
    loose = loose_of(what, rows)
    worth, _ = loose.best(left)
    assert worth >= true_best(what, rows, left) - 1e-9
    if loose.settled.all() and np.all(np.abs(body).sum(axis=0) > 0) and len(loose.choices) > 0:
        assert worth == pytest.approx(true_best(what, rows, left), abs=1e-9)


def test_three_halves_are_better_than_any_corner_and_are_not_taken_for_one() -> None:
    """No two of three that need not be whole: halves of all bring 1.5, a corner 1."""
    body = [[1.0, 1.0, 0], [0, 1.0, 1.0], [1.0, 0, 1.0]]
    rows = private([-inf] * 3, [1.0] * 3)
    shares = loose_of(switched([1.0, 1, 1], body, whole=False), rows)
    assert shares.settled.tolist() == [False] * 3
    assert shares.best(np.ones(3))[0] == 3.0
    assert loose_of(switched([1.0, 1, 1], body), rows).best(np.ones(3))[0] == 1.0


def settled_of(**given: Any) -> list[bool]:
    what, _ = all_unit([0.0] * 4)
    return loose_of(what, private([1.0, -inf, -inf], [1.0, 0.0, 0.0], **given)).settled.tolist()


def test_rows_that_need_a_price() -> None:
    """Where events stand, where others' columns may stand, and what may be missed."""
    assert settled_of() == [True] * 3
    assert settled_of(beside=False) == [False] * 3
    assert settled_of(private=False) == [False] * 3
    assert settled_of(regret=1.0) == [False] * 3
    assert settled_of(beside=[False, True, True]) == [False, True, True]


def test_too_many_together_are_priced() -> None:
    for size, kept in ((MANY, True), (MANY + 1, False)):
        what = switched(np.ones(size), np.ones((1, size)))
        assert loose_of(what, private([-inf], [1.0])).settled.tolist() == [kept]


def test_rows_that_no_corner_keeps_are_priced() -> None:
    what = switched([1.0, 1.0], [[1.0, 1.0]])
    assert loose_of(what, private([5.0], [9.0])).settled.tolist() == [False]


def two_fees() -> Loose:
    what = switched([-3.0, -1.0, 2.0], [[1.0, 0.0, 1.0]], opens=[True, True, False])
    return loose_of(what, linking([-inf], [9.0]))


def test_fees_stand_as_they_are_told_and_others_at_their_best() -> None:
    """The row's price of 1 makes the first fee dearer, and 2 of the third column to 1."""
    loose, price = two_fees(), np.array([1.0])
    worth, x = loose.answer(price, np.array([True, False, False]))
    assert (worth, x.tolist()) == (-3.0, [1, 0, 1])
    worth, x = loose.answer(price, np.array([False, True, False]))
    assert (worth, x.tolist()) == (0.0, [0, 1, 1])
    worth, x = loose.answer(np.array([3.0]), np.array([False, False, True]))
    assert (worth, x.tolist()) == (0.0, [0, 0, 0])
    assert loose.alone.tolist() == [0, 1, 2]


def test_nothing_beside_the_events() -> None:
    loose = loose_of(switched([], rows=2), private([0.0, 0.0], [1.0, 1.0]))
    assert loose.settled.tolist() == [False, False]
    assert loose.answer(np.ones(2), np.zeros(0, bool))[0] == 0.0
