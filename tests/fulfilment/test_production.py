"""What is made, when and how much, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import BORN_ON, COUNTED, FIRST, FREE_ON, LAST, MADE, ON_HAND
from kaopt.fulfilment.loops import plants, production
from kaopt.fulfilment.policies import gating, position
from kaopt.fulfilment.state import goods_of
from tests import worlds
from tests.fulfilment.helpers import calm, live, ready, unhurried

MONDAY = 7  # the second Monday of the horizon
EVERY_DAY = ((1, 2, 3, 4, 5, 6, 7),)
HERE = (0, 0)  # the first warehouse, the first SKU


def daily(weeks: int = 8, **given_: Any) -> Any:
    """70 cases a week, delivered every day: 10 a day, so that every figure is a day count."""
    columns = {"order_days": EVERY_DAY} | given_.pop("account_columns", {})
    return calm(1, 1, weeks, base_cases=np.full((1, 1, weeks), 70.0), account_columns=columns, **given_)


def state(world: Any, stock: int | None = None) -> Any:
    """The first minute, with so many cases that count."""
    opened = begin(ready(world), 0)
    if stock is not None:
        goods_of(opened).report[COUNTED] = stock
    return opened


def made(world: Any, stock: int, day: int = MONDAY) -> list[int]:
    """What the review of a day begins, lot by lot, with so much stock that counts."""
    opened = state(world, stock)
    plants.review(opened, day)
    goods = goods_of(opened)
    return [int(batch[4]) for batch in goods.batch if batch[FREE_ON]]


# targets and lots ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("safety", "level"), [(0.5, 120 + 35), (-0.5, 120 - 35), (0.0, 120)])
def test_the_target_covers_lead_review_and_safety(safety: float, level: float) -> None:
    world = daily(sku_columns={"safety_weeks": safety}, supply={"lead_days": 5})
    assert production.target(state(world), HERE, MONDAY) == pytest.approx(level)


@pytest.mark.parametrize(("lead", "level"), [(0, 70 + 35), (5, 120 + 35), (7, 140 + 35), (10, 170 + 35)])
def test_the_target_is_demand_of_lead_and_review_and_half_a_week(lead: int, level: float) -> None:
    assert production.target(state(daily(supply={"lead_days": lead})), HERE, MONDAY) == pytest.approx(level)


@pytest.mark.parametrize(
    ("cover", "least", "lot"),
    [(4.0, 0, 280), (4.0, 500, 500), (1.0, 70, 70), (1.0, 71, 71), (2.5, 100, 180), (0.5, 0, 40)],
)
def test_a_lot_is_at_least_its_cover_and_the_technical_minimum(cover: float, least: float, lot: float) -> None:
    """2.5 weeks are 17.5 days, half a week 3.5: whole days, to the even one."""
    world = daily(sku_columns={"lot_cover_weeks": cover, "lot_cases": least})
    assert production.lot(state(world), 0, MONDAY) == pytest.approx(lot)


@pytest.mark.parametrize(("stock", "cases"), [(155, []), (154, [70]), (85, [70]), (84, [71]), (0, [155])])
def test_production_fills_the_gap_by_whole_lots(stock: int, cases: list[int]) -> None:
    assert made(daily(sku_columns={"lot_cover_weeks": 1.0, "safety_weeks": 0.5}), stock) == cases


@unhurried
@given(
    st.integers(0, 400), st.integers(0, 300), st.sampled_from([0.5, 1.0, 2.0, 4.0]), st.sampled_from([0.0, 0.5, 2.0])
)
def test_production_fills_up_to_the_target_or_makes_nothing(has: int, least: int, cover: float, safety: float) -> None:
    columns = {"lot_cases": float(least), "lot_cover_weeks": cover, "safety_weeks": safety}
    level, smallest = round(120 + 70 * safety), max(least, round(7 * cover) * 10)
    assert made(daily(sku_columns=columns), has) == ([] if has >= level else [max(level - has, smallest)])


def test_nothing_is_made_of_what_nobody_wants() -> None:
    assert made(calm(1, 1, base_cases=np.zeros((1, 1, 8)), sku_columns={"lot_cases": 100.0}), 0) == []


@pytest.mark.parametrize(
    ("rule", "stock", "cases"),
    [
        ("lot", 100, [140]),  # 55 are missing: a lot
        ("lot", 0, [155]),
        ("sS", 154, [141]),  # up to the target and a lot more
        ("sS", 0, [295]),
        ("nQ", 100, [140]),  # one lot is enough
        ("nQ", 15, [140]),
        ("nQ", 14, [280]),
        ("plan", 100, [55]),  # what is missing
        ("plan", 154, [30]),  # but no less than can be made
        ("plan", 155, []),
    ],
)
def test_each_rule_has_its_lot(rule: str, stock: int, cases: list[int]) -> None:
    """The target is 155, a lot covers two weeks: 140; technically 30 can be made."""
    columns = {"lot_cover_weeks": 2.0, "safety_weeks": 0.5, "lot_cases": 30.0}
    assert made(daily(sku_columns=columns, supply={"production": {"rule": rule}}), stock) == cases


@pytest.mark.parametrize(("multiple", "cases"), [(0, 71), (1, 71), (12, 72), (50, 100), (71.5, 72)])
def test_lots_are_whole_multiples(multiple: float, cases: int) -> None:
    columns = {"lot_cover_weeks": 1.0, "safety_weeks": 0.5, "lot_multiple": multiple}
    assert made(daily(sku_columns=columns), 84) == [cases]


def test_a_capped_lot_is_sold_before_it_is_too_old() -> None:
    """Life 90, a third is accepted: 30 days, less a day on the road, 5 of lead, 4 of safety (half a week): 20 days."""
    long = {"lot_cover_weeks": 8.0, "safety_weeks": 0.5, "shelf_life": 90}
    strict = {"acceptance_age": 1 / 3}
    free = daily(sku_columns=long, account_columns=strict)
    capped = daily(sku_columns=long, account_columns=strict, supply={"production": {"cap_lots": True}})
    assert made(free, 150) == [560] and made(capped, 150) == [200]
    lenient = daily(sku_columns=long, supply={"production": {"cap_lots": True}})  # 90 days less 10 are more than 56
    assert made(lenient, 150) == [560]


# when ----------------------------------------------------------------------------------------------------------------


def test_reviews_are_on_the_review_weekday() -> None:
    """The horizon starts on a Monday: lots of a Thursday review are born on Thursdays."""
    year = live(calm(1, 1, supply={"review_weekday": 4, "warmup_weeks": 4}))
    first, last = year.goods.ends[0, 0]
    assert {int(made_on) % 7 for made_on in year.goods.cells[0, 0, first:last, MADE]} == {3}


def test_reviews_every_other_week_make_for_two() -> None:
    world = daily(supply={"production": {"every_weeks": 2}}, sku_columns={"safety_weeks": 0.0})
    opened = state(world, 0)
    assert production.target(opened, HERE, MONDAY) == pytest.approx(10 * (5 + 14))
    days = [day for day in range(-14, 28) if plants.reviews(opened, 0, day)]
    assert len(days) == 3 and set(np.diff(days)) == {14} and days[0] % 7 == 0


def test_lots_are_free_after_the_lead_time() -> None:
    """Made on Monday with 9 days of lead: youngest free stock at any midnight is at least 9 days old."""
    goods = live(calm(1, 1, supply={"lead_days": 9})).goods
    assert goods.days[1, 0, 0] >= 9 * goods.days[ON_HAND, 0, 0] > 0


def test_orders_inside_the_freeze_are_fixed() -> None:
    """What is decided today begins 14 days later, and the target reaches as much further."""
    fixed = daily(supply={"production": {"fixed": True}, "freeze_days": 14}, sku_columns={"safety_weeks": 0.0})
    opened = state(fixed, 0)
    assert production.target(opened, HERE, MONDAY) == pytest.approx(10 * (14 + 5 + 7))
    plants.review(opened, MONDAY)
    batch = goods_of(opened).batch[0]
    assert (batch[BORN_ON], batch[FREE_ON]) == (MONDAY + 14, MONDAY + 19)


def test_a_year_makes_what_its_orders_up_to_level_says() -> None:
    """10 a day, lead 5, safety half a week, lots of a day: each Monday 155 less what counts, free on Saturday."""
    year = live(daily(sku_columns={"lot_cover_weeks": 0.01}))
    assert year.ledger.cases[0, :, 1].tolist() == [70] * 8
    # Monday's midnight, before the day's pick: 155 are there or in quarantine; Saturday's lot of 70 stands at 85 + 70
    on_hand = {0: 85, 1: 75, 2: 65, 3: 55, 4: 45, 5: 105, 6: 95}
    assert year.goods.days[ON_HAND, 0, 0] == 8 * sum(on_hand.values())


# promotions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("notice", "seen"), [(26, True), (25, False)])
def test_promotions_are_seen_where_notice_covers_freeze_and_lead(notice: int, seen: bool) -> None:
    world = calm(1, 1, account_columns={"notice_days": notice}, supply={"freeze_days": 21, "lead_days": 5})
    idle, busy = ready(world), ready(world, worlds.plan((0, 0, 3, 2, 0)))
    extra = (busy.terms.forecast - idle.terms.forecast)[0, 0, -1]
    assert extra == pytest.approx(busy.uplift.sum() if seen else 0.0)


def test_uplift_that_is_seen_can_be_built_ahead() -> None:
    """A week's uplift, made evenly over two weeks before: what must be there beyond the demand, day by day."""
    bare = {"sku_columns": {"safety_weeks": 0.0}}
    plan = worlds.plan((0, 0, 5, 1, 0))
    late = ready(daily(**bare), plan)
    early = ready(daily(**bare, supply={"production": {"prebuild_weeks": 2}}), plan)
    gain, first = 10 * (0.8**-2.5 - 1), -late.first_day  # of each of the seven days that are picked from day 34 on
    buffer = early.terms.buffer[0, 0] - late.terms.buffer[0, 0]

    def needed(day: int) -> float:
        """By definition: uplift of day d is needed in 14 equal parts on the days d - 14 … d - 1."""
        ends = day + 12
        built = sum(min(max(ends - (d - 14), 0), 14) / 14 for d in range(34, 41))
        return gain * (built - sum(d < ends for d in range(34, 41)))

    assert [buffer[first + day] for day in (0, 7, 14, 21, 28, 35)] == pytest.approx(
        [needed(day) for day in (0, 7, 14, 21, 28, 35)]
    )
    assert needed(14) > 0 == needed(7) == needed(35)


# the first day -------------------------------------------------------------------------------------------------------


def test_the_opening_stock_is_somewhere_in_the_lot_cycle() -> None:
    inputs = ready(daily(sku_columns={"lot_cover_weeks": 4.0, "safety_weeks": 0.0}))
    opened = [goods_of(begin(inputs, r)) for r in range(200)]
    cells = np.array([goods.cells[0, 0, goods.ends[0, 0, FIRST]] for goods in opened])
    assert all(goods.ends[0, 0, LAST] - goods.ends[0, 0, FIRST] == 1 for goods in opened)
    cases, age = cells[:, 2], inputs.first_day - cells[:, MADE]
    assert cases.min() >= 120 and cases.max() <= 120 + 280 and cases.std() > 60
    assert (age >= 5).all() and (age <= 5 + 28).all()
    # the fuller the cycle, the younger the lot
    assert np.corrcoef(cases, age)[0, 1] < -0.99


# what counts ---------------------------------------------------------------------------------------------------------

LIFE = np.array([270, 30])
LISTED = np.array([[True, True], [True, False]])


def test_acceptance_age_is_whole_days_of_shelf_life() -> None:
    accepted = gating.acceptance(np.array([1 / 3, 0.5]), LIFE)
    assert accepted.tolist() == [[90, 10], [135, 15]]
    assert gating.acceptance(np.array([0.999]), np.array([10])).tolist() == [[9]]


def test_the_gate_the_write_off_and_the_position_follow_the_accounts() -> None:
    accepted = gating.acceptance(np.array([1 / 3, 0.5]), LIFE)
    assert gating.sendable(accepted, LIFE, gate=True).tolist() == accepted.tolist()
    assert gating.sendable(accepted, LIFE, gate=False).tolist() == [[270, 30], [270, 30]]
    assert gating.unsaleable(accepted, LISTED, LIFE).tolist() == [135, 10]  # the lenient one does not list SKU 2
    assert gating.unsaleable(accepted, np.zeros((2, 2), bool), LIFE).tolist() == [270, 30]
    assert position.countable(accepted, LISTED, LIFE, "acceptable").tolist() == [83, 3]
    for every in ("all", "age_aware"):
        assert position.countable(accepted, LISTED, LIFE, every).tolist() == [270, 30]
    assert position.fades(accepted, LISTED, "all").tolist() == [-1, -1]
    assert position.fades(accepted, LISTED, "age_aware").tolist() == [89, 9]
    assert position.fades(accepted, np.zeros((2, 2), bool), "age_aware").tolist() == [-1, -1]
