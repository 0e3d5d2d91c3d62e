"""The calendar: what is drawn is what is planned."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.report.calendar import HEIGHT, bars, calendar, colour, counts, drawing
from tests import worlds
from tests.report import samples


def test_counts_are_skus_at_once_by_family() -> None:
    world = worlds.world()
    plan = worlds.plan((0, 0, 1, 2, 0), (0, 1, 2, 1, 1), (1, 0, 7, 1, 0))
    found = counts(samples.run(world, plan))
    assert found[0].tolist() == [[0, 1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0]]
    assert found[1, 0].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]


def test_lines_follow_the_file_and_count_their_events() -> None:
    world = worlds.world(3, 2, 8, account_columns={"name": ["North", "South", "East"]})
    result = samples.run(world, worlds.plan((0, 0, 1, 2, 0), (0, 1, 2, 1, 1), (2, 0, 7, 1, 0)))
    found = calendar(result)
    assert [(str(line.name), line.events) for line in found.lines] == [("North", 2), ("South", 0), ("East", 1)]
    assert found.most == 2
    assert "<rect" not in found.lines[1].drawing
    assert [str(name) for _, name in found.legend] == [
        '<span lang="en">price cut</span><span lang="zh">特价</span>',
        '<span lang="en">display</span><span lang="zh">陈列</span>',
    ]


def test_the_legend_names_only_what_is_used() -> None:
    result = samples.run(worlds.world(), worlds.plan((0, 0, 1, 1, 1)))
    assert [paint for paint, _ in calendar(result).legend] == [colour(1)]


def test_ticks_name_weeks_from_one_and_stay_inside() -> None:
    result = samples.run(worlds.world(1, 1, 52), worlds.plan((0, 0, 1, 1, 1)))
    assert [week for _, week in calendar(result).ticks] == [1, 14, 27, 40]
    assert all(0 <= place < 100 for place, _ in calendar(result).ticks)


def test_neighbouring_weeks_become_one_bar() -> None:
    assert list(bars(np.array([[0, 2, 2, 1, 0]]), 2)) == [(0, 1, 0.0, 2, 20.0), (0, 3, 10.0, 1, 10.0)]


def test_families_stand_on_each_other() -> None:
    assert list(bars(np.array([[1], [1]]), 2)) == [(0, 0, 10.0, 1, 10.0), (1, 0, 0.0, 1, 10.0)]


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=3),
)
def test_the_painted_area_is_the_number_of_promoted_weeks(rows: list[list[int]]) -> None:
    found = np.array(rows)
    most = max(int(found.sum(axis=0).max()), 1)
    painted = list(bars(found, most))
    assert sum(length * height for _, _, _, length, height in painted) == pytest.approx(found.sum() * HEIGHT / most)
    assert all(top >= -1e-9 and top + height <= HEIGHT + 1e-9 for _, _, top, _, height in painted)


def test_a_drawing_is_as_wide_as_the_year() -> None:
    text = drawing(np.array([[1, 0, 1]]), 1)
    assert 'viewBox="0 0 3 20"' in text
    assert re.findall(r'x="(\d+)"', text) == ["0", "2"]


def test_more_families_than_colours_share_the_last() -> None:
    assert colour(99) == colour(7)
    assert len({colour(f) for f in range(8)}) == 8
