"""The best year of a block and what an event costs it, against every calendar there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.shard import Columns
from kaopt.allocation.large.years import desk_of, losses, squares, sweep, totals
from kaopt.scenario.columns import Bools, Floats
from tests.allocation.large.shards import calendars, columns, random_columns

SEEDS = st.integers(0, 2**32 - 1)
OFTEN = settings(deadline=None, max_examples=60)


def reduced(what: Columns, prices: Floats) -> Floats:
    """[E] worths once the rows are paid."""
    paid = [what.value[k] * prices[what.row[k]] for k in range(len(what.row))]
    event = np.repeat(np.arange(len(what)), np.diff(what.start))
    return what.cost - np.bincount(event, weights=paid, minlength=len(what))


def swept(what: Columns, prices: Floats, shut: Bools) -> tuple[Any, Floats, Floats]:
    """Worth of each block's year, what rows hold, and the events taken."""
    rows, often = np.zeros(len(prices)), np.zeros(len(what))
    found = sweep(what.calendar, what.cost, what.used, (prices, shut, rows, often), desk_of(what))
    return found, rows, often


def by_hand() -> Columns:
    """Weeks 0-1 worth 5, week 0 worth 3, week 1 worth 3 (after a gap of one: to week 3), week 3 worth 1."""
    return columns([[(0, 3, 5.0, {0: 2.0}), (0, 1, 3.0, {0: 1.0}), (1, 3, 3.0, {}), (3, 4, 1.0, {0: 1.0})]], 4)


def test_the_best_year_by_hand() -> None:
    """3 + 3 + 1; at a price of 2 the row's users are worth 1, 1 and -1: the free one and one beside it, 4."""
    what, none = by_hand(), np.zeros(4, bool)
    worth, rows, often = swept(what, np.zeros(1), none)
    assert (worth.tolist(), rows.tolist(), often.tolist()) == ([7.0], [2.0], [0, 1, 1, 1])
    worth, rows, often = swept(what, np.array([2.0]), none)
    assert (worth.tolist(), rows.tolist(), often.tolist()) == ([4.0], [1.0], [0, 1, 1, 0])
    worth, _, often = swept(what, np.zeros(1), np.array([False, False, True, True]))
    assert (worth.tolist(), often.tolist()) == ([5.0], [1, 0, 0, 0])


@pytest.mark.parametrize(("most", "worth"), [(0, 0.0), (1, 5.0), (2, 6.0), (3, 7.0)])
def test_no_more_events_than_may_be(most: int, worth: float) -> None:
    what = columns([[(0, 3, 5.0, {}), (0, 1, 3.0, {}), (1, 3, 3.0, {}), (3, 4, 1.0, {})]], 4, most=most)
    assert swept(what, np.zeros(0), np.zeros(4, bool))[0].tolist() == [worth]


def test_what_an_event_costs_its_year_by_hand() -> None:
    """5 stands instead of 3 + 3; one at a price that makes it lose is taken at its loss; what is shut never is."""
    what = by_hand()
    shut = np.array([False, False, False, True])
    assert losses(what.calendar, what.cost, what.used, (np.zeros(1), shut, 0, 0), desk_of(what)).tolist() == [
        1.0,
        0.0,
        0.0,
        np.inf,
    ]
    lost = losses(what.calendar, what.cost, what.used, (np.array([2.0]), ~shut & shut, 0, 0), desk_of(what))
    assert lost.tolist() == [3.0, 0.0, 0.0, 1.0]


@OFTEN
@given(SEEDS)
def test_sweeps_find_the_best_of_all_calendars(seed: int) -> None:
    luck = np.random.default_rng(seed)
    what, prices = random_columns(luck, 2), luck.normal(0, 1, 2)
    shut, left = luck.random(len(what)) < 0.2, reduced(what, prices)
    worth, rows, often = swept(what, prices, shut)
    for b in range(what.blocks):
        best = max(sum(left[list(one)]) for one in calendars(what, b, shut))
        assert worth[b] == pytest.approx(best, abs=1e-9)
        taken = tuple((what.first[b] + np.flatnonzero(often[what.first[b] : what.first[b + 1]])).tolist())
        assert taken in calendars(what, b, shut)
        assert sum(left[list(taken)]) == pytest.approx(best, abs=1e-9)
    assert rows == pytest.approx(totals(2, what.used, often), abs=1e-9)


@OFTEN
@given(SEEDS)
def test_losses_are_those_of_the_best_calendar_with_the_event(seed: int) -> None:
    luck = np.random.default_rng(seed)
    what, prices = random_columns(luck, 2), luck.normal(0, 1, 2)
    if not len(what):
        return
    shut, left = luck.random(len(what)) < 0.2, reduced(what, prices)
    found = losses(what.calendar, what.cost, what.used, (prices, shut, 0, 0), desk_of(what))
    for b in range(what.blocks):
        every = calendars(what, b, shut)
        best = max(sum(left[list(one)]) for one in every)
        for o in range(what.first[b], what.first[b + 1]):
            with_it = max((sum(left[list(one)]) for one in every if o in one), default=-np.inf)
            assert found[o] == pytest.approx(best - with_it, abs=1e-9)


@OFTEN
@given(SEEDS)
def test_totals_and_squares_as_dense_arithmetic_has_them(seed: int) -> None:
    luck = np.random.default_rng(seed)
    what, rows = random_columns(luck, 3), 3
    body = np.zeros((rows, len(what)))
    for o in range(len(what)):
        for k in range(what.start[o], what.start[o + 1]):
            body[what.row[k], o] += what.value[k]
    chosen = luck.random(len(what)) * (luck.random(len(what)) < 0.7)
    assert totals(rows, what.used, chosen) == pytest.approx(body @ chosen, abs=1e-12)
    worth, square = squares(rows, what.cost, what.used)
    assert worth == pytest.approx(np.abs(body) @ np.abs(what.cost), abs=1e-12)
    assert square == pytest.approx((body**2).sum(axis=1), abs=1e-12)


def test_as_many_ends_in_one_week_as_the_horizon_has() -> None:
    """A hundred lengths from one week on: room enough, and the dearest of them is taken."""
    what = columns([[(0, n + 1, 1.0 + n % 7 + n / 1000, {}) for n in range(100)]], 100)
    worth, _, often = swept(what, np.zeros(0), np.zeros(100, bool))
    assert worth.tolist() == [7.097]
    assert np.flatnonzero(often).tolist() == [97]


def test_no_block_no_worth() -> None:
    nobody = columns([], 4)
    assert len(swept(nobody, np.zeros(2), np.zeros(0, bool))[0]) == 0
    assert totals(2, nobody.used, np.zeros(0)).tolist() == [0, 0]
