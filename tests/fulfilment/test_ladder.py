"""Aged stock: each step of the ladder takes its ages, as much as it can, and the money adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.demand import live as live_demand
from kaopt.fulfilment.fields import CASES, DISPOSED_CASES, KEPT, ON_HAND, WRITTEN_OFF
from kaopt.fulfilment.loops import nights
from kaopt.fulfilment.policies import ladder
from kaopt.fulfilment.replicate import outcome
from kaopt.fulfilment.simulate import service_of
from kaopt.fulfilment.state import goods_of, ledger_of
from kaopt.fulfilment.year import Year, held
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Rung, Stock
from kaopt.scorecard.money import write_offs
from kaopt.service import Service
from tests.fulfilment.helpers import calm, ready, unhurried, years
from tests.fulfilment.orders import two, world_with
from tests.fulfilment.shelves import rows

STEPS = (
    {"at": 0.5, "way": "markdown", "price": 0.6, "a_week": 0.07, "cost": 1.0},  # 2 cases a day of 200 a week
    {"at": 0.7, "way": "transfer", "price": 0.3, "cost": 4.0},
    {"at": 0.8, "way": "donate", "cost": 2.0},
    {"at": 0.9, "way": "scrap"},
)


def stock_rule(steps: tuple[dict[str, Any], ...] = STEPS) -> Stock:
    return Stock(ladder=tuple(Rung(**step) for step in steps))


def test_each_step_takes_its_ages_as_much_as_it_can() -> None:
    """Life 100 days, day 100: ages 50 (fresh enough), 51 and 60 (marked down, two cases a day), 75, 85, 95."""
    world = two(supply={"stock": {"ladder": STEPS}})
    state = world_with(world, *((made, made, 10) for made in (5, 15, 25, 40, 49, 50)))
    nights.midnight(state, 100)
    assert rows(state) == [(40, 40, 8), (49, 49, 10), (50, 50, 10)]  # the oldest is marked down first
    assert ledger_of(state).aged[:, 0].tolist() == [2, 10, 10, 10]
    goods = goods_of(state)
    assert goods.flow[DISPOSED_CASES, 0] == 32 and goods.report[WRITTEN_OFF, 0, 0] == 0
    assert goods.report[ON_HAND, 0, 0] == held(goods)[0, 0] == 28


def test_parts_of_a_case_add_up_over_the_days() -> None:
    """A tenth of a case a day: one case in every ten days, before the horizon too."""
    step = {"at": 0.0, "way": "markdown", "price": 0.5, "a_week": 0.0035}
    state = world_with(two(supply={"stock": {"ladder": (step,)}}), (0, -30, 50))
    left = []
    for day in range(-20, 20):
        nights.midnight(state, day)
        left.append(50 - held(goods_of(state))[0, 0])
    assert left[9] == 1 and left[19] == 2 and left[29] == 3 and left[39] == 4
    assert ledger_of(state).aged[0, 0] == 2  # of the horizon only


@unhurried
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=8),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20)), min_size=1, max_size=4),
)
def test_the_ladder_is_what_a_list_says(stock: list[tuple[int, int]], steps: list[tuple[int, int]]) -> None:
    """By hand: lots from the oldest on, each to the last step whose age it has passed, up to the step's room."""
    given_steps = tuple({"at": at / 100, "a_week": 7 * room / 200, "way": "donate"} for at, room in steps)
    world = two(supply={"stock": {"ladder": given_steps}})
    state = world_with(world, *((made, made, cases) for made, cases in stock))
    nights.midnight(state, 100)
    ordered = sorted(steps, key=lambda step: step[0])
    room, taken, total = [step[1] for step in ordered], [0] * len(steps), sum(cases for _, cases in stock)
    merged = sorted({made: sum(c for m, c in stock if m == made) for made, _ in stock}.items())
    for made, cases in merged:
        passed = [r for r, (at, _) in enumerate(ordered) if 100 - made > at]
        if passed:
            got = min(cases, room[passed[-1]])
            room[passed[-1]] -= got
            taken[passed[-1]] += got
    assert ledger_of(state).aged[:, 0].tolist() == taken
    assert held(goods_of(state))[0, 0] == total - sum(taken)
    assert goods_of(state).cells[..., CASES].min(initial=0) >= 0


def test_money_by_hand() -> None:
    """Cost 25, list price 50, disposal 3 a case: 2 marked down, 10 transferred, 10 given away, 10 scrapped, 5 hurt."""
    world = two(supply={"stock": {"ladder": STEPS}, "disposal_cost": 3.0})
    aged = np.array([[2], [10], [10], [10]])
    rule = world.supply.stock
    assert ladder.unpaid(aged, rule).tolist() == [20]
    assert ladder.proceeds(aged, rule, world.skus).sum(axis=1).tolist() == [2 * 30.0, 10 * 15.0, 0.0, 0.0]
    spent = 32 * 25 + 2 * 1 + 10 * 4 + 10 * 2 + 10 * 3
    assert ladder.loss(np.array([20 + 5]), aged, world.supply, world.skus) == spent + 5 * 28 - 60 - 150


def test_stock_stays_for_the_outlets_and_is_scrapped_where_the_rule_says() -> None:
    """No account takes more than half of a life of 100 days."""
    for stock, sku, kept in [
        ({}, {}, 50),
        ({"ladder": STEPS}, {}, 100),
        ({"scrap_age": 0.3}, {}, 30),
        ({"ladder": STEPS, "scrap_age": 0.8}, {}, 80),
        ({"ladder": STEPS, "scrap_age": 0.8}, {"scrap_age": 0.6}, 60),
    ]:
        world = two(lenient=0.5, supply={"stock": stock}, sku_columns=sku)
        assert ready(world).terms.sku[0, KEPT] == kept


def ladder_world(*steps: dict[str, Any], **supply: Any) -> Scenario:
    """Lots far too long for accounts that take a third of a life of 60 days."""
    sku = {"shelf_life": 60, "lot_cover_weeks": 5.0, "demand_cv": 0.2}
    given = {"warmup_weeks": 12, "disposal_cost": 3.0, "stock": {"ladder": steps}} | supply
    return calm(2, 1, 26, account_columns={"acceptance_age": 1 / 3}, sku_columns=sku, supply=given)


def year_of(*steps: dict[str, Any], **supply: Any) -> tuple[list[Year], Service]:
    """Two years of that world."""
    world = ladder_world(*steps, **supply)
    runs = years(world, 2)
    return runs, service_of(ready(world), [outcome(one) for one in runs])


def test_every_way_out_costs_what_it_should() -> None:
    """The same cases leave on the same nights, so the ways differ by exactly what they bring and cost."""
    scrap, donate, sell, lost = (
        year_of({"at": 0.35, "way": "scrap"}),
        year_of({"at": 0.35, "way": "donate"}),
        year_of({"at": 0.35, "way": "markdown", "price": 0.4}),
        year_of(stock={"scrap_age": 0.35}),
    )
    cases = scrap[1].write_off_cases[:, 0]
    assert (cases > 0).all()
    assert np.array_equal(donate[1].write_off_cases, scrap[1].write_off_cases)
    assert np.array_equal(lost[1].write_off_cases, scrap[1].write_off_cases)
    assert scrap[1].write_off_value.tolist() == (cases * 28).tolist() == lost[1].write_off_value.tolist()
    assert donate[1].write_off_value.tolist() == (cases * 25).tolist()
    assert sell[1].write_off_value.tolist() == pytest.approx((cases * (25 - 20)).tolist())
    assert sell[1].write_off_cases.sum() == 0  # somebody paid for every case
    assert np.array_equal(sell[1].accepted_cases, scrap[1].accepted_cases)


def test_an_earlier_start_sells_more_at_an_outlet_that_takes_little() -> None:
    """The outlet takes a fifth of a week's demand: begun later, less is sold before it must be scrapped."""

    def sold(at: float) -> tuple[int, float]:
        runs, service = year_of(
            {"at": at, "way": "markdown", "price": 0.5, "a_week": 0.2}, {"at": 0.95, "way": "scrap"}
        )
        return int(sum(one.ledger.aged[0].sum() for one in runs)), float(service.write_off_value.sum())

    early, late = sold(0.4), sold(0.8)
    assert early[0] > late[0] and early[1] < late[1]


def test_delivered_profit_sees_the_whole_loss_on_stock() -> None:
    """Account by account it is shared out, but no part of it is lost, nor where everything was sold cheaply."""
    for steps in (({"at": 0.35, "way": "scrap"},), ({"at": 0.35, "way": "markdown", "price": 0.4},)):
        service, world = year_of(*steps)[1], ladder_world(*steps)
        seen = write_offs(world, live_demand(world, Plan.nothing()), service)
        assert seen.sum(axis=1) == pytest.approx(service.write_off_value) and (service.write_off_value > 0).all()
