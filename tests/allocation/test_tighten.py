"""Columns that arithmetic settles, row by row by hand, and never at the cost of a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.tighten import PASSES, settled, tightened
from kaopt.allocation.solver.program import Program
from tests.allocation.programs import packing_program, program, random_program, try_everything

INF = np.inf


def ends(one: Program) -> list[tuple[float, float]]:
    """Low and high of each column."""
    return list(zip(one.low.tolist(), one.high.tolist(), strict=True))


NEVER, ALWAYS, OPEN = (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)


@pytest.mark.parametrize(
    ("row", "low", "high", "expected"),
    [
        ([2, 1], -INF, 1, [NEVER, OPEN]),  # two slots where there is one
        ([2, 1], -INF, 2, [OPEN, OPEN]),  # exactly at the limit is allowed
        ([2, 1], -INF, 2 - 1e-6, [OPEN, OPEN]),  # not clear enough
        ([2, 1], -INF, 2 - 1e-4, [NEVER, OPEN]),
        ([2, 1], 3, INF, [ALWAYS, ALWAYS]),
        ([2, 1], 2, INF, [ALWAYS, OPEN]),  # without the first, only 1
        ([2, 1], 1, INF, [OPEN, OPEN]),  # either is enough
        ([-2, 1], 0, INF, [NEVER, OPEN]),  # 1 - 2 < 0 whatever else
        ([-2, 1], -1, INF, [OPEN, OPEN]),  # at least -1 is met by both together
        ([-2, 1], -INF, -1, [ALWAYS, OPEN]),  # only the first brings it down
        ([-2, 1], -INF, -2, [ALWAYS, NEVER]),
        ([1, 1], 1, 1, [OPEN, OPEN]),
        ([1, 1], 2, 2, [ALWAYS, ALWAYS]),
        ([1, 1], 0, 0, [NEVER, NEVER]),
        ([1, 1], -INF, INF, [OPEN, OPEN]),
    ],
)
def test_one_row_by_hand(row: list[float], low: float, high: float, expected: list[tuple[float, float]]) -> None:
    assert ends(tightened(program([1, 1], [row], low=low, high=high))) == expected


def test_a_settled_column_settles_others() -> None:
    """x0 must be, so x1 cannot, so x2 must, so x3 cannot."""
    one = program([1] * 4, [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], low=[1, 0, 1, 0], high=1)
    assert ends(tightened(one)) == [ALWAYS, NEVER, ALWAYS, NEVER]
    low, high = settled(one)  # one look sees the first only
    assert (low.tolist(), high.tolist()) == ([1, 0, 0, 0], [1, 1, 1, 1])


def test_looks_are_limited() -> None:
    """A chain of n columns needs n looks; after the last allowed one the rest stays open."""
    size = PASSES + 3
    rows = np.eye(size) + np.eye(size, k=-1)
    one = program([1] * size, rows, low=1, high=1)
    found = ends(tightened(one))
    assert found[:PASSES] == [ALWAYS if i % 2 == 0 else NEVER for i in range(PASSES)]
    assert found[PASSES:] == [OPEN] * 3


def test_columns_that_are_not_a_plain_choice_are_left_alone() -> None:
    """A count up to 2, a part of 1 and a column that starts at 1 do not fit, and yet nothing is drawn in."""
    one = program([1, 1, 1], [[9, 9, 9]], high=8, upper=[2, 1, 1])
    one = replace(one, integer=np.array([True, False, True]), low=np.array([0.0, 0.0, 1.0]))
    assert ends(tightened(one)) == [(0, 2), (0, 1), (1, 1)]


def test_ends_never_cross() -> None:
    """At least one and at most none: the rows say so, the ends do not."""
    one = tightened(program([1], [[1], [1]], low=[1, -INF], high=[INF, 0]))
    assert ends(one) == [NEVER]


def test_only_the_ends_change() -> None:
    one = program([3, 1], [[2, 1]], high=1)
    after = tightened(one)
    assert after.matrix is one.matrix and after.cost is one.cost
    assert (after.row_high == one.row_high).all() and (after.row_low == one.row_low).all()
    assert ends(one) == [OPEN, OPEN]  # what was given is as it was


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_plan_is_lost(seed: int) -> None:
    """The optimum of everything tried is the same, and the best plan fits between the ends."""
    one = random_program(seed, columns=9, rows=8)
    after = tightened(one)
    assert (after.low >= one.low).all() and (after.high <= one.high).all() and (after.low <= after.high).all()
    truth, best = try_everything(one)
    assert try_everything(after)[0] == pytest.approx(truth, rel=1e-12)
    if best is not None:
        assert ((after.low <= best) & (best <= after.high)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_an_allocation_of_small_rows_keeps_its_optimum(seed: int) -> None:
    one = packing_program(seed, blocks=2, weeks=3, kinds=2)
    scarce = replace(one, row_high=np.where(one.row_high > 1, one.row_high / 3, one.row_high))
    assert try_everything(tightened(scarce))[0] == pytest.approx(try_everything(scarce)[0], rel=1e-12)
