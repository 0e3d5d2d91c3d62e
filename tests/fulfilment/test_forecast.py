"""What production sees and makes: the forecast by day, promotions by notice, lots, targets and what counts as stock."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import docking, kernels, production, stock
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.year import begin
from tests import worlds
from tests.fulfilment.helpers import calm, live, ready, unhurried

EVERY_DAY = ((1, 2, 3, 4, 5, 6, 7),)
MONDAY = 7


def seen(inputs: Inputs, day: int, days: int = 1) -> float:
    """What production expects to be picked on these days, all SKUs."""
    return float(production.expected(inputs, day, day + days).sum())


def daily(weekly: float = 70.0, weeks: int = 8, **given: Any) -> Inputs:
    columns = {"order_days": EVERY_DAY} | given.pop("account_columns", {})
    return ready(calm(1, 1, weeks, base_cases=np.full((1, 1, weeks), weekly), account_columns=columns, **given))


# the forecast --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("travel", "ahead"), [(60, 1), (600, 1), (684, 1), (685, 2), (2000, 2), (2125, 3)])
def test_demand_is_expected_on_the_day_on_which_it_is_picked(travel: int, ahead: int) -> None:
    """Served at noon: 36 minutes of loading and 684 of travel fill the morning, a minute more is a day more."""
    columns = {"order_days": ((3,),), "travel_minutes": travel}
    world = calm(1, 1, base_cases=np.full((1, 1, 8), 30.0), account_columns=columns, supply={"load_minutes": 36})
    inputs = ready(world)
    found = {day for day in range(7) if seen(inputs, MONDAY + day) > 0}
    assert found == {(2 - ahead) % 7}
    assert seen(inputs, MONDAY, 7) == pytest.approx(30)


def test_a_week_is_shared_among_its_deliveries() -> None:
    """90 cases for Monday, Wednesday and Friday are 30 each, picked on Sunday, Tuesday and Thursday."""
    inputs = ready(calm(1, 1, base_cases=np.full((1, 1, 8), 90.0)))
    assert [seen(inputs, MONDAY + day) for day in range(7)] == pytest.approx([0, 30, 0, 30, 0, 0, 30])


def test_the_year_repeats_around_the_horizon() -> None:
    """Week 1 has 7 cases, week 2 14 …, picked a day before; around the year it begins again."""
    base = 7.0 * np.arange(1, 9)[None, None, :]
    inputs = ready(calm(1, 1, base_cases=base, account_columns={"order_days": EVERY_DAY}))
    assert [seen(inputs, 7 * week - 1) for week in range(9)] == pytest.approx([1, 2, 3, 4, 5, 6, 7, 8, 1])
    assert [seen(inputs, 7 * week - 1) for week in (-1, -2)] == pytest.approx([8, 7])


def test_accounts_are_seen_together_and_each_on_its_days() -> None:
    base = np.array([[[10.0] * 8], [[20.0] * 8]])
    inputs = ready(calm(2, 1, base_cases=base, account_columns={"order_days": ((2,), (2, 5))}))
    assert [seen(inputs, MONDAY + day) for day in range(7)] == pytest.approx([20, 0, 0, 10, 0, 0, 0])


# promotions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("freeze", "lead", "notice"), [(21, 5, 26), (0, 5, 5), (14, 0, 14), (0, 0, 0)])
def test_only_who_tells_in_time_is_produced_for(freeze: int, lead: int, notice: int) -> None:
    """The first account tells a day too late, the second just in time; both promote: only the second is seen."""
    columns = {"order_days": EVERY_DAY * 2, "notice_days": [max(notice - 1, 0), notice]}
    world = calm(2, 1, account_columns=columns, supply={"freeze_days": freeze, "lead_days": lead})
    plan = worlds.plan((0, 0, 3, 1, 0), (1, 0, 3, 1, 0))
    idle, busy = ready(world), ready(world, plan)
    extra = seen(busy, 3 * 7 - 1, 7) - seen(idle, 3 * 7 - 1, 7)
    each = 100 * (0.8**-2.5 - 1)
    assert busy.uplift.sum(axis=(1, 2)) == pytest.approx([each, each])
    assert extra == pytest.approx(each * (2 if notice == 0 else 1))
    assert seen(busy, 3 * 7 + 6, 7) == pytest.approx(seen(idle, 3 * 7 + 6, 7))


def test_a_promotion_that_is_seen_raises_target_and_lot_just_in_time() -> None:
    """Week 5 is promoted; its picks begin on Sunday, day 27. The target of day 7 looks 12 days ahead, of day 21 too."""
    bare, base = {"safety_weeks": 0.0}, np.full((1, 1, 8), 70.0)
    world = calm(1, 1, base_cases=base, sku_columns=bare, account_columns={"order_days": EVERY_DAY})
    idle, busy = ready(world), ready(world, worlds.plan((0, 0, 4, 1, 0)))
    gain = (0.8**-2.5 - 1) * 10  # a day
    for day, days in ((7, 0), (14, 0), (21, 33 - 27), (28, 34 - 28), (35, 0)):
        more = production.target(busy, day) - production.target(idle, day)
        assert more == pytest.approx([days * gain])
    lots = [float((production.lot(busy, day) - production.lot(idle, day))[0]) for day in (14, 21, 28)]
    assert lots == pytest.approx([0, 6 * gain, gain])  # a week from the day on which the lot is free: 19, 26, 33


# targets and lots ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lead", "level"), [(0, 70 + 35), (5, 120 + 35), (7, 140 + 35), (10, 170 + 35)])
def test_the_target_is_demand_of_lead_and_review_and_half_a_week(lead: int, level: float) -> None:
    assert production.target(daily(supply={"lead_days": lead}), MONDAY) == pytest.approx([level])


@pytest.mark.parametrize(
    ("cover", "least", "lot"), [(1.0, 0, 70), (1.0, 70, 70), (1.0, 71, 71), (2.5, 100, 180), (0.5, 0, 40)]
)
def test_a_lot_is_the_greater_of_its_minimum_and_its_cover(cover: float, least: float, lot: float) -> None:
    """2.5 weeks are 17.5 days, half a week 3.5: whole days, to the even one."""
    inputs = daily(sku_columns={"lot_cover_weeks": cover, "lot_cases": float(least)})
    assert production.lot(inputs, MONDAY) == pytest.approx([lot])


@unhurried
@given(
    st.integers(0, 400), st.integers(0, 300), st.sampled_from([0.5, 1.0, 2.0, 4.0]), st.sampled_from([0.0, 0.5, 2.0])
)
def test_production_fills_up_to_the_target_or_makes_nothing(
    position: int, least: int, cover: float, safety: float
) -> None:
    columns = {"lot_cases": float(least), "lot_cover_weeks": cover, "safety_weeks": safety}
    inputs = daily(sku_columns=columns)
    made = int(production.order(inputs, MONDAY, np.array([position]))[0])
    level = 120 + 70 * safety
    smallest = max(least, round(7 * cover) * 10)
    assert made == (0 if position >= level else max(level - position, smallest))


def test_a_year_makes_what_its_orders_up_to_level_says() -> None:
    """10 a day, lead 5, safety half a week, lots of a day: each Monday 155 less what counts, free on Saturday."""
    small, base = {"lot_cover_weeks": 0.01}, np.full((1, 1, 8), 70.0)
    year = live(calm(1, 1, base_cases=base, sku_columns=small, account_columns={"order_days": EVERY_DAY}))
    assert year.ledger.cases[0, :, 1].tolist() == [70] * 8
    # Monday's midnight, before the day's pick: 155 are there or in quarantine; Saturday's lot of 70 stands at 85 + 70
    on_hand = {0: 85, 1: 75, 2: 65, 3: 55, 4: 45, 5: 105, 6: 95}
    assert year.stock_days[kernels.ON_HAND, 0] == 8 * sum(on_hand.values())


# what counts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "age", "counts"), [("acceptable", 83, True), ("acceptable", 84, False), ("all", 84, True)]
)
def test_production_counts_what_the_strictest_account_takes_in_a_week(position: str, age: int, counts: bool) -> None:
    """Life 270; accepted to a third (90 days) and to two thirds: goods of 84 days are old for one in a week's time."""
    columns = {"acceptance_age": [1 / 3, 2 / 3]}
    skus = {"shelf_life": 270}
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns=skus, supply={"position": position}))
    lots = stock.bring_in(stock.Lots.empty(1), np.array([0]), (0, 0), np.array([40]))
    report = docking.midnight(lots, age, inputs.kept, np.zeros((5, 1), np.int64))[:, 0]
    assert report[kernels.ON_HAND] == 40 and report[kernels.COUNTED] == 40 * counts


@pytest.mark.parametrize("share", [1 / 3, 2 / 3, 1.0])
def test_stock_is_kept_as_long_as_the_most_lenient_account_takes_it(share: float) -> None:
    columns = {"acceptance_age": [1 / 3, share]}
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns={"shelf_life": 270}))
    last = round(270 * share)
    for age, kept in ((last, 40), (last + 1, 0)):
        lots, flow = stock.bring_in(stock.Lots.empty(1), np.array([0]), (0, 0), np.array([40])), np.zeros((5, 1), int)
        report = docking.midnight(lots, age, inputs.kept, flow)[:, 0]
        assert (report[kernels.ON_HAND], report[kernels.WRITTEN_OFF], flow[kernels.DISPOSED, 0]) == (
            kept,
            40 - kept,
            40 - kept,
        )


def test_nobody_counts_whom_the_sku_is_not_sold_to() -> None:
    """The strict account does not list the SKU: it decides neither what counts nor how long stock is kept."""
    columns, skus = {"acceptance_age": [1 / 3, 2 / 3]}, {"shelf_life": 270}
    listed = np.array([[False], [True]])
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns=skus, listed=listed))
    assert inputs.kept[:, 0].tolist() == [180, 173]
    assert inputs.ages[:, :, 0].tolist() == [[90, 180], [90, 180]]


def test_the_first_minute_has_what_it_opened_with() -> None:
    year = begin(ready(calm(2, 3)), 0)
    assert year.lots.held.tolist() == year.terms.flow[kernels.OPENING].tolist() and (year.lots.held > 0).all()
    assert year.now == year.inputs.first_day * 1440 <= -8 * 7 * 1440
    assert not year.quarantine.any() and not year.ledger.value.any()
