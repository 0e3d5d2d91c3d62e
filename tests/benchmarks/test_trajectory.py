"""When a gap was first reached, by hand."""

from __future__ import annotations

from math import inf

import pytest
from benchmarks.trajectory import Point, as_lists, from_lists, gaps, time_to

POINTS = [
    Point(1.0, None, 120.0),
    Point(2.0, 80.0, None),  # gap 40/80
    Point(3.0, 70.0, 110.0),  # a worse plan, a better bound: 30/80
    Point(4.0, 100.0, 115.0),  # a better plan, a worse bound: 10/100
    Point(5.0, None, 101.0),
]


def test_a_gap_is_of_the_best_plan_and_the_best_bound_so_far() -> None:
    assert [one.gap for one in gaps(POINTS)] == pytest.approx([inf, 0.5, 0.375, 0.1, 0.01])


def test_the_order_told_does_not_matter_but_time_does() -> None:
    assert [one.cpu for one in gaps(POINTS[::-1])] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert list(gaps(POINTS[::-1])) == list(gaps(POINTS))


@pytest.mark.parametrize(("gap", "cpu"), [(0.6, 2.0), (0.5, 2.0), (0.2, 4.0), (0.1, 4.0), (0.01, 5.0), (0.009, None)])
def test_the_first_time_that_a_gap_is_reached(gap: float, cpu: float | None) -> None:
    assert time_to(POINTS, gap) == cpu


def test_nothing_is_reached_with_one_side_only() -> None:
    assert time_to([], 1.0) is None
    assert time_to([Point(1.0, 5.0, None)], 1.0) is None
    assert time_to([Point(1.0, None, 5.0)], 1.0) is None


def test_points_survive_a_file() -> None:
    rows = as_lists(POINTS)
    assert rows[0] == [1.0, None, 120.0] and from_lists(rows) == POINTS
