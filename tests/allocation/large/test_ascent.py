"""Prices by dual ascent: what one sweep says is right, more sweeps are no worse, and the best prices meet by hand."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.ascent import LEAST_PRICE, ascend, desk_at, excess, natural, paid
from kaopt.allocation.large.pool import reach
from kaopt.allocation.large.shard import Shard
from tests.allocation.large.shards import best_plan, columns, linking, random_shard, switched, years

SEEDS = st.integers(0, 2**32 - 1)


def one_place(*worths: float, room: float = 1.0) -> Shard:
    """Blocks of one event each that all want a place of one row."""
    return Shard(columns([[(0, 1, one, {0: 1.0})] for one in worths], 2), switched([], rows=1), linking([-inf], room))


def test_the_price_of_a_place_lies_between_who_gets_it_and_who_does_not() -> None:
    """5, 4 and 2 for one place: from 4 to 5 on, the bound is 5."""
    found = ascend(desk_at(one_place(5.0, 4.0, 2.0)), sweeps=300)
    assert 3.99 <= found.prices[0] <= 5.01
    assert found.bound == pytest.approx(5.0, abs=0.02)
    assert found.often[0] > found.often[1] > -1e-9
    assert found.often[2] == 0


def test_a_place_that_nobody_else_wants_costs_nothing() -> None:
    found = ascend(desk_at(one_place(5.0, 4.0, room=2.0)), sweeps=50)
    assert (found.prices.tolist(), found.bound, found.often.tolist()) == ([0.0], 9.0, [1.0, 1.0])


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_one_sweep_says_what_all_calendars_say(seed: int) -> None:
    """At given prices, with fees as they are given: the best of all years, and what these hold."""
    shard, luck = random_shard(seed, tiers=False), np.random.default_rng(seed)
    on = luck.random(2) < 0.5
    desk, prices = desk_at(shard, on), luck.normal(0, 1, len(shard.rows))
    often = np.zeros(len(shard.columns))
    worth, held, x = desk.answer(prices, often)
    what = shard.columns
    body = np.zeros((len(shard.rows), len(what)))
    np.add.at(body, (what.row, np.repeat(np.arange(len(what)), np.diff(what.start))), what.value)
    left = what.cost - body.T @ prices
    best = max(float(left[list(one)].sum()) for one in years(what, desk.shut))
    beside = shard.switched.cost - shard.switched.matrix.T @ prices
    assert worth == pytest.approx(best + float(beside @ on), abs=1e-9)
    assert x.tolist() == on.astype(float).tolist()
    assert held == pytest.approx(body @ often + shard.switched.matrix @ x, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_the_best_of_more_sweeps_is_above_every_plan_and_no_worse(seed: int) -> None:
    shard = random_shard(seed, fees=0)
    desk = desk_at(shard)
    few, many = ascend(desk, sweeps=1), ascend(desk, sweeps=80)
    best = best_plan(shard).worth
    assert many.bound <= few.bound + 1e-9 * (1 + abs(few.bound))
    assert many.bound >= best - 1e-9 * (1 + abs(best))
    low, high = reach(shard.rows)
    assert np.all((many.prices >= low) & (many.prices <= high))
    assert np.all((many.often >= 0) & (many.often <= 1))
    again = desk.answer(many.prices, np.zeros(len(shard.columns)))[0] + paid(shard.rows, many.prices)
    assert again == pytest.approx(many.bound, abs=1e-9)


def test_prices_stay_near_where_they_begin_and_known_ones_stay() -> None:
    shard = one_place(5.0, 4.0)
    unit = natural(shard)
    near = ascend(desk_at(shard), sweeps=100, start=np.array([1.0]), near=0.1)
    assert near.prices[0] == pytest.approx(1 + 0.1 * unit[0])
    assert ascend(desk_at(shard), sweeps=100, start=np.array([1.0]), near=np.zeros(1)).prices.tolist() == [1.0]
    assert ascend(desk_at(shard), sweeps=5, start=np.array([-7.0])).prices[0] >= 0  # a price for at least nothing


def test_whoever_listens_may_end_it() -> None:
    heard: list[tuple[int, float]] = []

    def stop(n: int, bound: float) -> bool:
        heard.append((n, bound))
        return n == 3

    ascend(desk_at(one_place(5.0, 4.0)), sweeps=100, tell=stop)
    assert [n for n, _ in heard] == [1, 2, 3]
    assert [bound for _, bound in heard] == sorted((bound for _, bound in heard), reverse=True)


def test_tiers_kept_without_a_price_get_none() -> None:
    rows = linking([1.0], [1.0], private=True, beside=True)
    shard = Shard(columns([]), switched([-2.0, -5.0], [[1.0, 1.0]]), rows)
    found = ascend(desk_at(shard), sweeps=30, start=np.array([3.0]))
    assert (found.prices.tolist(), found.bound, found.switches.tolist()) == ([0.0], -2.0, [1.0, 0.0])


def test_events_of_a_switch_that_is_off_are_shut() -> None:
    events = columns([[(0, 1, 1.0, {})], [(0, 1, 1.0, {})], [(0, 1, 1.0, {})]], 2, opener=[[0, -1], [0, 1], [-1, -1]])
    shard = Shard(events, switched([0.0, 0.0], opens=True), linking([], []))
    assert desk_at(shard).shut.tolist() == [False, False, False]
    assert desk_at(shard, np.array([True, False])).shut.tolist() == [False, True, False]
    assert desk_at(shard, np.array([False, True])).shut.tolist() == [True, True, False]


def test_what_limits_are_worth_and_what_is_beyond_them() -> None:
    rows = linking([-inf, 3.0, 2.0, 2.0], [5.0, inf, 7.0, 7.0])
    assert paid(rows, np.array([2.0, -1.0, 0.0, 1.0])) == 10 - 3 + 7
    held = np.array([6.0, 4.0, 1.0, 3.0])
    assert excess(rows, held, np.zeros(4)).tolist() == [1, 0, -1, 0]
    assert excess(rows, held, np.array([2.0, -1.0, -1.0, 1.0])).tolist() == [1, 1, -1, -4]


def test_the_natural_price_of_a_row_is_worth_per_use() -> None:
    """Worth 6 and 2 at uses of 2 and 1: (12 + 2) / (4 + 1); a row of nobody has 1; one of little worth at least a
    twentieth of the mean worth (4) per its mean use."""
    events = columns([[(0, 1, 6.0, {0: 2.0})], [(0, 1, 2.0, {0: 1.0})], [(0, 1, -1e-9, {2: 3.0})]], 2)
    shard = Shard(events, switched([], rows=3), linking([-inf] * 3, 1.0))
    assert natural(shard) == pytest.approx([14 / 5, 1.0, LEAST_PRICE * 4 / 3])
