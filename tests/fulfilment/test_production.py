"""What is made, when and how much, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import luck, production
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.policies import gating, position
from tests import worlds
from tests.fulfilment.helpers import calm, live, ready

MONDAY = 7  # the second Monday of the horizon


def daily(**given: Any) -> Inputs:
    """70 cases a week, delivered every day: 10 a day, so that every figure is a day count."""
    columns = {"order_days": ((1, 2, 3, 4, 5, 6, 7),)} | given.pop("account_columns", {})
    return ready(calm(1, 1, base_cases=np.full((1, 1, 8), 70.0), account_columns=columns, **given))


def test_the_target_covers_lead_review_and_safety() -> None:
    inputs = daily(sku_columns={"safety_weeks": 0.5}, supply={"lead_days": 5})
    assert production.target(inputs, MONDAY) == pytest.approx([120 + 35])
    assert production.target(daily(sku_columns={"safety_weeks": -0.5}), MONDAY) == pytest.approx([120 - 35])


def test_a_lot_is_at_least_its_cover_and_the_technical_minimum() -> None:
    assert production.lot(daily(sku_columns={"lot_cover_weeks": 4.0}), MONDAY) == pytest.approx([280])
    assert production.lot(daily(sku_columns={"lot_cover_weeks": 4.0, "lot_cases": 500.0}), MONDAY) == pytest.approx(
        [500]
    )


@pytest.mark.parametrize(("stock", "made"), [(155, 0), (154, 70), (85, 70), (84, 71), (0, 155)])
def test_production_fills_the_gap_by_whole_lots(stock: int, made: int) -> None:
    inputs = daily(sku_columns={"lot_cover_weeks": 1.0, "safety_weeks": 0.5})
    assert production.order(inputs, MONDAY, np.array([stock])).tolist() == [made]


def test_nothing_is_made_of_what_nobody_wants() -> None:
    inputs = ready(calm(1, 1, base_cases=np.zeros((1, 1, 8)), sku_columns={"lot_cases": 100.0}))
    assert production.order(inputs, MONDAY, np.array([0])).tolist() == [0]


@pytest.mark.parametrize(("notice", "seen"), [(26, True), (25, False)])
def test_promotions_are_seen_where_notice_covers_freeze_and_lead(notice: int, seen: bool) -> None:
    world = calm(1, 1, account_columns={"notice_days": notice}, supply={"freeze_days": 21, "lead_days": 5})
    idle, busy = ready(world), ready(world, worlds.plan((0, 0, 3, 2, 0)))
    extra = (busy.forecast - idle.forecast)[0, -1]
    assert extra == pytest.approx(busy.uplift.sum() if seen else 0.0)


def test_reviews_are_on_the_review_weekday() -> None:
    """The horizon starts on a Monday: lots of a Thursday review are born on Thursdays."""
    year = live(calm(1, 1, supply={"review_weekday": 4, "warmup_weeks": 4}))
    first, last = year.lots.ends[0]
    assert {int(made) % 7 for made in year.lots.cells[0, first:last, 1]} == {3}


def test_lots_are_free_after_the_lead_time() -> None:
    """Made on Monday with 9 days of lead: youngest free stock at any midnight is at least 9 days old."""
    year = live(calm(1, 1, supply={"lead_days": 9}))
    assert year.stock_days[1, 0] >= 9 * year.stock_days[0, 0] > 0


def test_the_opening_stock_is_somewhere_in_the_lot_cycle() -> None:
    inputs = daily(sku_columns={"lot_cover_weeks": 4.0, "safety_weeks": 0.0})
    opened = [production.opening(inputs, luck.keys_of(1, r)) for r in range(200)]
    cases, age = np.array([c[0] for c, _ in opened]), np.array([inputs.first_day - m[0] for _, m in opened])
    assert cases.min() >= 120 and cases.max() <= 120 + 280 and cases.std() > 60
    assert (age >= 5).all() and (age <= 5 + 28).all()
    # the fuller the cycle, the younger the lot
    assert np.corrcoef(cases, age)[0, 1] < -0.99


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
    assert position.countable(accepted, LISTED, LIFE, "all").tolist() == [270, 30]
