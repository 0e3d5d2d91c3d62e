"""What production sees and makes: the forecast by day, promotions by notice, lots, targets and what counts as stock."""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import COUNTED, COUNTS, DISPOSED_CASES, KEPT, ON_HAND, OPENING_CASES, WRITTEN_OFF
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops import nights, production
from kaopt.fulfilment.state import goods_of, ledger_of
from kaopt.fulfilment.year import held
from tests import worlds
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.shelves import shelf

EVERY_DAY = ((1, 2, 3, 4, 5, 6, 7),)
MONDAY = 7


def seen(inputs: Inputs, day: int, days: int = 1) -> float:
    """What production expects to be picked on these days, all SKUs."""
    state = begin(inputs, 0)
    skus = range(len(inputs.skus.sku))
    return float(sum(production.expected(state, (0, s), (day, day + days)) for s in skus))


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
    idle, busy = begin(ready(world), 0), begin(ready(world, worlds.plan((0, 0, 4, 1, 0))), 0)
    gain = (0.8**-2.5 - 1) * 10  # a day
    for day, days in ((7, 0), (14, 0), (21, 33 - 27), (28, 34 - 28), (35, 0)):
        more = production.target(busy, (0, 0), day) - production.target(idle, (0, 0), day)
        assert more == pytest.approx(days * gain)
    lots = [production.lot(busy, 0, day) - production.lot(idle, 0, day) for day in (14, 21, 28)]
    assert lots == pytest.approx([0, 6 * gain, gain])  # a week from the day on which the lot is free: 19, 26, 33


# lots ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cover", "least", "lot"), [(1.0, 0, 70), (1.0, 70, 70), (1.0, 71, 71), (2.5, 100, 180), (0.5, 0, 40)]
)
def test_a_lot_is_the_greater_of_its_minimum_and_its_cover(cover: float, least: float, lot: float) -> None:
    """2.5 weeks are 17.5 days, half a week 3.5: whole days, to the even one."""
    columns = {"lot_cover_weeks": cover, "lot_cases": float(least)}
    base, days = np.full((1, 1, 8), 70.0), {"order_days": EVERY_DAY}
    state = begin(ready(calm(1, 1, base_cases=base, account_columns=days, sku_columns=columns)), 0)
    assert production.lot(state, 0, MONDAY) == pytest.approx(lot)


# what counts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "age", "counts"), [("acceptable", 83, True), ("acceptable", 84, False), ("all", 84, True)]
)
def test_production_counts_what_the_strictest_account_takes_in_a_week(position: str, age: int, counts: bool) -> None:
    """Life 270; accepted to a third (90 days) and to two thirds: goods of 84 days are old for one in a week's time."""
    columns = {"acceptance_age": [1 / 3, 2 / 3]}
    skus = {"shelf_life": 270}
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns=skus, supply={"position": position}))
    state = shelf([(0, 0, 40)], *inputs.terms.sku[0, [KEPT, COUNTS]].tolist())
    nights.midnight(state, age)
    report = goods_of(state).report[:, 0, 0]
    assert report[ON_HAND] == 40 and report[COUNTED] == 40 * counts


@pytest.mark.parametrize("share", [1 / 3, 2 / 3, 1.0])
def test_stock_is_kept_as_long_as_the_most_lenient_account_takes_it(share: float) -> None:
    columns = {"acceptance_age": [1 / 3, share]}
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns={"shelf_life": 270}))
    last = round(270 * share)
    for age, kept in ((last, 40), (last + 1, 0)):
        state = shelf([(0, 0, 40)], *inputs.terms.sku[0, [KEPT, COUNTS]].tolist())
        nights.midnight(state, age)
        report, flow = goods_of(state).report[:, 0, 0], goods_of(state).flow[:, 0]
        assert (report[ON_HAND], report[WRITTEN_OFF], flow[DISPOSED_CASES]) == (kept, 40 - kept, 40 - kept)


def test_nobody_counts_whom_the_sku_is_not_sold_to() -> None:
    """The strict account does not list the SKU: it decides neither what counts nor how long stock is kept."""
    columns, skus = {"acceptance_age": [1 / 3, 2 / 3]}, {"shelf_life": 270}
    listed = np.array([[False], [True]])
    inputs = ready(calm(2, 1, account_columns=columns, sku_columns=skus, listed=listed))
    assert inputs.terms.sku[0, [KEPT, COUNTS]].tolist() == [180, 173]
    assert inputs.terms.age[:, :, 0].tolist() == [[90, 180], [90, 180]]


def test_the_first_minute_has_what_it_opened_with() -> None:
    state = begin(ready(calm(2, 3)), 0)
    goods = goods_of(state)
    assert held(goods)[0].tolist() == goods.flow[OPENING_CASES].tolist() and (held(goods) > 0).all()
    assert not goods.coming.any() and not ledger_of(state).value.any()
