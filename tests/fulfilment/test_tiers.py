"""Freshness tiers: who is served first, what is kept for whom, lots pegged to promotions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kaopt.fulfilment.fields import CASES
from kaopt.fulfilment.loops.calls import calls_of
from kaopt.fulfilment.policies import reserves, tiers
from kaopt.fulfilment.state import goods_of
from kaopt.fulfilment.year import Year
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Stock
from kaopt.service import FINE_CAUSES
from tests import worlds
from tests.fulfilment.helpers import calm, live, ready, unhurried
from tests.fulfilment.orders import picked, stocked, two, world_with
from tests.fulfilment.shelves import begun, rows


@pytest.mark.parametrize(
    ("given_tiers", "ages", "expected"),
    [
        ([0, 0, 0], [0.5, 1 / 3, 0.5], [1, 0, 1]),  # by acceptance age
        ([2, 1, 2], [0.5, 0.5, 0.9], [1, 0, 1]),
        ([3, 0, 1], [0.1, 0.1, 0.1], [1, 2, 0]),  # who has none among others that have one is last
    ],
)
def test_tiers_are_given_or_follow_acceptance(given_tiers: list[int], ages: list[float], expected: list[int]) -> None:
    world = worlds.world(3, 1, account_columns={"tier": given_tiers, "acceptance_age": ages})
    assert tiers.tiers(world).tolist() == expected


def minutes(serve: str, **columns: Any) -> list[np.ndarray]:
    """Minutes of the hour in which the orders of A1, A2, A3 come in; the shift begins at 06:00."""
    world = calm(
        3, 1, account_columns={"acceptance_age": [0.2, 0.5, 0.9], **columns}, supply={"stock": {"serve": serve}}
    )
    state = begun(ready(world))
    return [np.array([minute % 1440 - 300 for minute, _ in calls_of(state, d)]) for d in range(3)]


def test_a_wave_serves_tiers_in_turn() -> None:
    free = minutes("as_they_come")
    strict, lenient = minutes("strict_first"), minutes("lenient_first")
    for d in range(3):
        assert strict[d].min() >= 20 * d and strict[d].max() < 20 * (d + 1)
        assert lenient[d].min() >= 20 * (2 - d) and lenient[d].max() < 20 * (3 - d)
        assert np.abs(strict[d] - 20 * d - free[d] / 3).max() < 1  # the same luck within the turn
    assert max(one.max() for one in free) > 40 and min(one.min() for one in free) < 20


def short_of_stock(**stock: Any) -> Year:
    """Both accounts order on the same days; production makes less than they want."""
    sku = {"safety_weeks": -0.7, "shelf_life": 60, "demand_cv": 0.5}
    world = calm(2, 1, 52, account_columns={"acceptance_age": [0.5, 1.0]}, sku_columns=sku, supply={"stock": stock})
    return live(world)


def fill_of(year: Year) -> list[float]:
    cases = year.ledger.cases.sum(axis=1)
    return (cases[:, 1] / cases[:, 0]).tolist()


def cases_lost(year: Year, a: int, cause: str) -> int:
    return int(year.ledger.lost[a, :, FINE_CAUSES.index(cause)].sum())


def test_who_is_served_first_is_served_best() -> None:
    strict, lenient = fill_of(short_of_stock(serve="strict_first")), fill_of(short_of_stock(serve="lenient_first"))
    assert strict[0] > lenient[0] and strict[1] < lenient[1]


def test_a_reserve_serves_the_strict_account_at_the_price_of_the_other() -> None:
    plain = short_of_stock(serve="lenient_first")
    kept = short_of_stock(serve="lenient_first", protect="reserve", reserve_weeks={1: 0.5})
    more = short_of_stock(serve="lenient_first", protect="reserve", reserve_weeks={1: 1.0})
    assert fill_of(plain)[0] < fill_of(kept)[0] <= fill_of(more)[0]
    assert fill_of(plain)[1] > fill_of(kept)[1] >= fill_of(more)[1]
    assert cases_lost(plain, 1, "reserved") == 0 < cases_lost(kept, 1, "reserved") < cases_lost(more, 1, "reserved")
    assert cases_lost(more, 0, "reserved") == 0  # nothing is kept from the strictest


HALF_A_WEEK = {"stock": {"protect": "reserve", "reserve_weeks": {1: 0.5}}}  # 50 of A1's 100 cases a week


def test_fresh_stock_is_kept_and_old_stock_is_not() -> None:
    """Day 40: A1 takes what was made from day 10 on. 30 cases are too old for it, 70 are not, 50 of these are kept."""
    world, stock = two(supply=HALF_A_WEEK), ((5, 5, 30), (15, 15, 40), (20, 20, 30))
    state = world_with(world, *stock)
    assert picked(state, 1, 100, day=40) == ([(5, 30), (15, 20)], {"reserved": 50})
    assert rows(state) == [(15, 15, 20), (20, 20, 30)]
    assert picked(state, 0, 60, day=40) == ([(15, 20), (20, 30)], {"no_stock": 10})
    assert picked(world_with(world, *stock), 1, 20, day=40) == ([(5, 20)], {})


lots_of = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), max_size=8)


@unhurried
@given(lots_of, st.integers(1, 200), st.sampled_from(["fefo", "fifo", "lifo", "freshest"]))
def test_no_order_of_a_lower_tier_breaks_the_reserve(stock: list[tuple[int, int]], want: int, issue: str) -> None:
    """By counting: the lenient account gets as much as leaves min(50, fresh) of what the strict one still takes."""
    state = world_with(
        two(supply={"issue": issue, **HALF_A_WEEK}), *((n, made, cases) for n, (made, cases) in enumerate(stock))
    )
    total, fresh = sum(cases for _, cases in stock), sum(cases for made, cases in stock if made >= 10)
    pieces, lost = picked(state, 1, want, day=40)
    got = sum(amount for _, amount in pieces)
    assert got == min(want, total - min(50, fresh))
    assert sum(cases for _, made, cases in rows(state) if made >= 10) >= min(50, fresh)
    assert sum(cases for _, _, cases in rows(state)) == total - got
    assert lost.get("reserved", 0) == min(want - got, 50, fresh)
    assert goods_of(state).cells[..., CASES].min(initial=0) >= 0


def levels(wants: list[tuple[int, int, int]], chance: float | None = None) -> list[int]:
    """Protection levels of tiers (mean, sd, worth of a case) a week, a week until the next lot."""
    shape = (1, 1, 1)
    many = [
        reserves.Wants(*(np.full(shape, float(one)) for one in (mean, sd**2, mean * worth)))
        for mean, sd, worth in wants
    ]
    table = reserves.nested(many, np.array([7]), Stock(protect="nested", protect_chance=chance))
    return [int(level) for level in table[0, :, 0, 0]]


def test_two_tiers_follow_littlewood() -> None:
    """Littlewood (1972): keep y with P(demand of the dearer > y) = cheaper / dearer."""
    (level,) = levels([(100, 30, 60), (80, 40, 45)])
    assert stats.norm(100, 30).sf(level) <= 0.75 < stats.norm(100, 30).sf(level - 1)


def test_three_tiers_follow_emsr_b() -> None:
    first, second = levels([(100, 30, 60), (80, 40, 45), (50, 10, 20)])
    assert stats.norm(100, 30).sf(first) <= 45 / 60 < stats.norm(100, 30).sf(first - 1)
    joint, worth = stats.norm(180, 50), (100 * 60 + 80 * 45) / 180
    assert joint.sf(second) <= 20 / worth < joint.sf(second - 1)


def test_equal_values_need_no_protection_unless_a_chance_is_given() -> None:
    assert levels([(100, 30, 50), (80, 40, 50)]) == [0]
    assert levels([(100, 30, 40), (80, 40, 50)]) == [0]
    assert levels([(100, 30, 50), (80, 40, 50)], chance=0.975) == [int(np.ceil(100 + 30 * stats.norm.ppf(0.975)))]


def test_demand_until_the_next_lot_is_summed_over_its_days() -> None:
    weekly = np.array([[[70.0, 140.0, 7.0]]])
    assert reserves.over(weekly, np.array([10]))[0, 0].tolist() == pytest.approx([70 + 60, 140 + 3, 7 + 3])
    assert reserves.over(weekly, np.array([14]))[0, 0].tolist() == pytest.approx([210, 147, 14])


def test_nested_levels_reach_the_loops_and_rise_with_the_chance() -> None:
    """Lead 5 days and a review of 7: 12 days of A1's 100 cases a week, without chance in demand."""
    table = ready(two(supply={"stock": {"protect": "nested", "protect_chance": 0.9}})).terms.guard_level
    assert table.shape[:3] == (1, 1, 1) and (table == np.ceil(100 * 12 / 7)).all()
    noisy = two(sku_columns={"demand_cv": 0.5}, supply={"stock": {"protect": "nested", "protect_chance": 0.9}})
    assert (ready(noisy).terms.guard_level > table).all()


def promoted(weeks: int = 8, **stock: Any) -> tuple[Scenario, Plan]:
    """A1 promotes in weeks 5 and 6; nobody produced for it."""
    columns = {"acceptance_age": 1.0, "notice_days": 0, "order_days": ((3, 5), (1, 3, 5))}
    sku = {"shelf_life": 60, "safety_weeks": -1.0}
    world = calm(2, 1, weeks, account_columns=columns, sku_columns=sku, supply={"stock": stock})
    return world, worlds.plan((0, 0, 4, 2, 0))


def test_lots_are_pegged_to_promotion_orders_of_this_week_and_the_next() -> None:
    world, plan = promoted(peg=True)
    inputs = ready(world, plan)
    warmup, expected = world.supply.warmup_weeks, inputs.base[0, 0] + inputs.uplift[0, 0]
    first, second = (int(np.ceil(expected[warmup + week] - 1e-9)) for week in (4, 5))
    assert inputs.terms.peg_week[0, 0, warmup:].tolist() == [0, 0, 0, 0, first, second, 0, 0]
    due = inputs.terms.due
    deliveries = [{int(week): n for n, week in reversed(list(enumerate(due[d, :, 1])))} for d in range(2)]

    def left_for_a2(week: int, used: int = 0) -> int:
        state = stocked(inputs, (0, 0, 1000))
        if used:
            assert picked(state, 0, used, day=1, n=deliveries[0][week])[1] == {}
        pieces, lost = picked(state, 1, 1000, day=1, n=deliveries[1][week])
        assert lost.get("reserved", 0) + lost.get("no_stock", 0) == 1000 - sum(amount for _, amount in pieces)
        return sum(amount for _, amount in pieces)

    assert left_for_a2(2) == 1000
    assert left_for_a2(3) == 1000 - first  # kept a week ahead
    assert left_for_a2(4) == 1000 - first - second
    assert left_for_a2(4, used=100) == 900 - (first - 100) - second  # what was given is no longer kept
    assert left_for_a2(5) == 1000 - second
    assert left_for_a2(6) == 1000


def test_pegging_serves_the_promotion_at_the_price_of_the_others() -> None:
    plain, pegged = (live(*promoted(peg=peg)) for peg in (False, True))
    without, kept = plain.ledger.cases[:, 4, 1], pegged.ledger.cases[:, 4, 1]
    assert kept[0] > without[0] and kept[1] < without[1]
    assert cases_lost(pegged, 1, "reserved") > 0 == cases_lost(plain, 1, "reserved")
    assert pegged.ledger.value[0, 4, 2 + FINE_CAUSES.index("reserved")] == 0  # the promotion's own orders go through
