"""The bound of a shard holds at any prices, against every plan of small shards."""

from __future__ import annotations

from math import fsum, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large import above
from kaopt.allocation.large.above import bound_above, limits_above
from kaopt.allocation.large.ascent import ascend, desk_at, paid
from kaopt.allocation.large.pool import reach
from kaopt.allocation.large.shard import Shard
from kaopt.scenario.columns import Floats
from tests.allocation.large.shards import best_plan, columns, linking, random_shard, switched

SEEDS = st.integers(0, 2**32 - 1)


def bound_at(shard: Shard, prices: Floats) -> float:
    """The whole bound: what limits are worth, and the rest."""
    y = np.where(desk_at(shard).loose.settled, 0.0, prices)
    return fsum([*limits_above(shard.rows, y), bound_above(shard, y).value])


def any_prices(shard: Shard, luck: np.random.Generator) -> Floats:
    """Prices as far as rows can have them."""
    return np.clip(luck.normal(0, 3, len(shard.rows)) * (luck.random(len(shard.rows)) < 0.8), *reach(shard.rows))


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_no_plan_is_worth_more_at_any_prices(seed: int) -> None:
    shard, luck = random_shard(seed), np.random.default_rng(seed)
    best = best_plan(shard)
    assert best.plans > 0 or np.isinf(best.worth)
    for _ in range(3):
        assert bound_at(shard, any_prices(shard, luck)) >= best.worth


@pytest.mark.thorough
@settings(deadline=None, max_examples=600)
@given(SEEDS, st.integers(0, 4))
def test_no_plan_is_worth_more_with_up_to_four_fees(seed: int, fees: int) -> None:
    shard, luck = random_shard(seed, fees=fees, tiers=seed % 2 == 0), np.random.default_rng(seed)
    assert bound_at(shard, any_prices(shard, luck)) >= best_plan(shard).worth


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_nor_at_the_best_prices_or_where_few_patterns_of_fees_are_looked_into(seed: int) -> None:
    shard = random_shard(seed, fees=3, tiers=False)
    best, prices = best_plan(shard).worth, ascend(desk_at(shard), sweeps=60).prices
    full = bound_at(shard, prices)
    assert full >= best
    before, above.BRANCHES = above.BRANCHES, 1
    try:
        assert bound_at(shard, prices) >= full - 1e-9 * abs(full)
    finally:
        above.BRANCHES = before


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_without_rows_the_bound_is_the_best_plan(seed: int) -> None:
    """Only fees: every pattern is looked into, so that nothing but rounding lies between."""
    shard = random_shard(seed, fees=3, tiers=False)
    free = Shard(shard.columns, shard.switched, linking(np.full(len(shard.rows), -inf), inf))
    best, found = best_plan(free).worth, bound_above(free, np.zeros(len(shard.rows)))
    assert best <= found.value <= best + 1e-9 * (1 + abs(best))


def with_fees(*worths: float, fees: tuple[float, ...] = (-4.0,)) -> Shard:
    """Blocks of one event each, all of which need the first fee."""
    events = columns([[(0, 1, one, {})] for one in worths], 2, opener=np.zeros((len(worths), 1)))
    return Shard(events, switched(fees, opens=True), linking([], []))


def test_a_fee_is_paid_where_its_events_bring_more() -> None:
    dear, cheap = bound_above(with_fees(1.0, 2.0), np.zeros(0)), bound_above(with_fees(3.0, 2.0), np.zeros(0))
    assert (dear.value, dear.on.tolist()) == (pytest.approx(0, abs=1e-12), [False])
    assert (cheap.value, cheap.on.tolist()) == (pytest.approx(1), [True])


def test_an_event_of_two_fees_needs_both() -> None:
    """7 for both; 1 of the first alone: 7 - 4 - 2, against 1 - 4 and nothing."""
    events = columns([[(0, 1, 7.0, {})], [(0, 1, 1.0, {})]], 2, opener=[[0, 1], [0, -1]])
    found = bound_above(Shard(events, switched([-4.0, -2.0], opens=True), linking([], [])), np.zeros(0))
    assert (found.value, found.on.tolist()) == (pytest.approx(2), [True, True])
    dear = bound_above(Shard(events, switched([-4.0, -6.0], opens=True), linking([], [])), np.zeros(0))
    assert (dear.value, dear.on.tolist()) == (pytest.approx(0, abs=1e-12), [False, False])


def test_a_fee_that_a_minimum_pays_for_is_on() -> None:
    """A budget of at least 10 at a price of -1: the fee of 4 counts 4 there, whatever events do."""
    events = columns([[(0, 1, -1.0, {})]], 2, opener=[[0]])
    shard = Shard(events, switched([0.0], [[4.0]], opens=True), linking([10.0], [inf]))
    found = bound_above(shard, np.array([-1.0]))
    assert (found.value, found.on.tolist()) == (pytest.approx(4), [True])
    assert bound_at(shard, np.array([-1.0])) == pytest.approx(-6)


def test_tiers_are_bounded_at_their_best_corner_without_a_price() -> None:
    """One of two tiers, -2 or -5: the bound takes -2 and no price of the row counts."""
    rows = linking([1.0], [1.0], private=True, beside=True)
    shard = Shard(columns([]), switched([-2.0, -5.0], [[1.0, 1.0]]), rows)
    for price in (-9.0, 0.0, 9.0):
        assert bound_above(shard, np.array([price])).value == pytest.approx(-2)


def test_limits_are_paid_at_the_end_that_the_price_speaks_of() -> None:
    rows = linking([-inf, 3.0, 2.0, 2.0], [5.0, inf, 7.0, 7.0])
    prices = np.array([2.0, -1.0, 0.0, 1.5])
    assert fsum(limits_above(rows, prices)) == pytest.approx(10 - 3 + 10.5)
    assert fsum(limits_above(rows, prices)) >= paid(rows, prices)
    assert limits_above(rows, np.array([-1.0, 0.0, 0.0, 0.0])) == [inf]


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_limits_are_never_paid_too_little(seed: int) -> None:
    """Against exact fractions."""
    from fractions import Fraction

    luck = np.random.default_rng(seed)
    low = luck.normal(0, 1e6, 4)
    rows, prices = linking(low, low + luck.random(4)), luck.normal(0, 1e-3, 4)
    ends = np.where(prices > 0, rows.high, rows.low)
    exact = sum((Fraction(float(p)) * Fraction(float(e)) for p, e in zip(prices, ends, strict=True)), Fraction(0))
    assert sum((Fraction(one) for one in limits_above(rows, prices)), Fraction(0)) >= exact
