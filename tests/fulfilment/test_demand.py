"""What accounts order: the plan's expected demand times luck, in whole cases."""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.demand import live
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.state import orders_of
from tests import worlds
from tests.fulfilment import helpers
from tests.fulfilment.helpers import calm, ready, z_score

EVENT = worlds.plan((0, 0, 3, 2, 0))


def test_without_chance_accounts_order_what_is_expected() -> None:
    world = calm(2, 2)
    wanted = orders_of(begin(ready(world, EVENT), 0)).wanted
    expected = live(world, EVENT).cases.transpose(0, 2, 1)
    assert (np.abs(wanted[:, 8:] - expected) < 1).all()
    assert (wanted[:, :8] == np.rint(world.base_cases).transpose(0, 2, 1)).all()  # the warm-up: base, no event
    assert wanted[0, 8 + 3, 0] > 1.7 * 100  # a 20 % cut at elasticity -2.5 lifts sales by 75 %


def test_orders_are_right_on_average_and_spread_by_their_cv() -> None:
    world = calm(1, 1, supply={"uplift_cv": 0.4, "warmup_weeks": 0}, sku_columns={"demand_cv": 0.25})
    inputs = ready(world, EVENT)
    wanted = np.array([orders_of(begin(inputs, r)).wanted[0, :, 0] for r in range(1500)])
    expected = live(world, EVENT).cases[0, 0]
    for week in range(8):
        assert abs(z_score(wanted[:, week], expected[week])) <= 4
    assert wanted[:, 0].std() / 100 == pytest.approx(0.25, abs=0.02)
    uplift = expected[3] - 100
    assert wanted[:, 3].std() == pytest.approx(((25**2) + (0.4 * uplift) ** 2) ** 0.5, rel=0.1)


def test_the_error_of_a_promotion_lasts_for_the_whole_event() -> None:
    """Two weeks of one event rise and fall together; the base errors of two weeks do not."""
    inputs = ready(calm(1, 1, supply={"uplift_cv": 0.4, "warmup_weeks": 0}), EVENT)
    wanted = np.array([orders_of(begin(inputs, r)).wanted[0, :, 0] for r in range(300)], float)
    assert np.corrcoef(wanted[:, 3], wanted[:, 4])[0, 1] > 0.99
    inputs = ready(calm(1, 1, supply={"warmup_weeks": 0}, sku_columns={"demand_cv": 0.4}))
    quiet = np.array([orders_of(begin(inputs, r)).wanted[0, :, 0] for r in range(300)], float)
    assert abs(np.corrcoef(quiet[:, 3], quiet[:, 4])[0, 1]) < 4 / 300**0.5


def test_small_volumes_are_rounded_without_bias() -> None:
    world = calm(1, 1, base_cases=np.full((1, 1, 8), 0.3), supply={"warmup_weeks": 0})
    wanted = [orders_of(begin(ready(world), r)).wanted.sum() for r in range(400)]
    assert set(np.unique(orders_of(begin(ready(world), 1)).wanted)) <= {0, 1}
    assert abs(z_score(wanted, 8 * 0.3)) <= 4


def test_the_warm_up_repeats_the_year_before() -> None:
    base = np.arange(8.0)[None, None, :] * 10
    wanted = orders_of(begin(ready(calm(1, 1, base_cases=base, supply={"warmup_weeks": 3})), 0)).wanted[0, :, 0]
    assert wanted.tolist() == [50, 60, 70, 0, 10, 20, 30, 40, 50, 60, 70]


def test_another_account_or_sku_leaves_all_other_orders_as_they_are() -> None:
    noisy = {"sku_columns": {"demand_cv": 0.3}}
    small = calm(2, 2, **noisy)
    named = {"account_columns": {"account": ["new", "A1", "A2"]}}
    named |= {"sku_columns": {"sku": ["S1", "extra", "S2"], "demand_cv": 0.3, "list_price": 50.0}}
    base = np.full((3, 3, 8), 70.0)
    base[1:, ::2] = small.base_cases
    large = calm(3, 3, base_cases=base, **named)
    for replication in range(3):
        a = orders_of(begin(ready(small), replication)).wanted
        b = orders_of(begin(ready(large), replication)).wanted
        assert np.array_equal(a, b[1:, :, ::2])


def test_another_seed_or_replication_is_another_year() -> None:
    world = calm(2, 2, sku_columns={"demand_cv": 0.3})
    first = orders_of(begin(ready(world, seed=1), 0)).wanted
    assert np.array_equal(first, orders_of(begin(ready(world, seed=1), 0)).wanted)
    assert not np.array_equal(first, orders_of(begin(ready(world, seed=1), 1)).wanted)
    assert not np.array_equal(first, orders_of(begin(ready(world, seed=2), 0)).wanted)


def test_a_plan_changes_only_the_weeks_that_it_touches() -> None:
    world = calm(2, 2, sku_columns={"demand_cv": 0.3}, supply={"uplift_cv": 0.4})
    idle, busy = (orders_of(begin(ready(world, plan), 0)).wanted for plan in (worlds.plan(), EVENT))
    changed = np.argwhere(idle != busy)
    assert {tuple(one) for one in changed} == {(0, 8 + 3, 0), (0, 8 + 4, 0)}


def test_helpers_know_their_calm() -> None:
    assert helpers.supply(trucks=3).trucks == 3 and helpers.supply().trip_cv == 0


def test_what_is_bought_ahead_is_ordered_and_what_is_taken_back_is_not() -> None:
    """Orders follow sell-in: a cut of 20 % that nobody notices, 60 cases ahead, 30 fewer in each of two weeks."""
    stocking = {"elasticity": 0.0, "forward_buy": 3.0, "forward_weeks": 2}
    wanted = orders_of(begin(ready(calm(1, 1, response_columns=stocking), EVENT), 0)).wanted[0, 8:, 0]
    assert wanted.tolist() == [100, 100, 100, 100, 160, 70, 70, 100]


def test_a_week_whose_orders_are_all_taken_back_orders_nothing() -> None:
    greedy = {"elasticity": 0.0, "forward_buy": 60.0, "forward_weeks": 1}
    inputs = ready(calm(1, 1, supply={"warmup_weeks": 0}, response_columns=greedy), EVENT)
    assert inputs.base.min() >= 0 and inputs.uplift.min() >= 0
    assert orders_of(begin(inputs, 0)).wanted[0, :, 0].tolist() == [100, 100, 100, 100, 200, 0, 100, 100]
