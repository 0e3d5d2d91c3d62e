"""What the inspector at the dock refuses: by hand, at the dock and in whole years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import AGE, BORN, DAMAGED, LATE_TRIP, REGRESS
from kaopt.fulfilment.loops.picking import DOORS, pick
from kaopt.fulfilment.policies.contracts import accepted_ages
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.service import FINE_CAUSES
from tests.fulfilment.docks import (
    DAY_DUE,
    KEYS,
    at_dock,
    dock,
    going_home,
    loaded,
    losses_of,
    ordered,
    pieces_of,
    receiving,
    stocked,
    trucks,
)
from tests.fulfilment.helpers import calm, live
from tests.worlds import plan

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
PLENTY = {"safety_weeks": 30.0, "shelf_life": 9999}
WEEKS = 12


def asking(**given: Any) -> dict[str, Any]:
    """A world whose one account receives like this."""
    return {"network": Network(receiving=receiving(**given))}


def brought(state: Any, pieces: list[tuple[int, int, int]], fleet: Any = None) -> tuple[int, list[int]]:
    """The order of one delivery and the fates of its pieces."""
    wanted = [sum(cases for line, _, cases in pieces if line == s) for s in range(3)]
    slot = ordered(state, [max(cases, 1) for cases in wanted])
    loaded(state, slot, pieces)
    return slot, [fate for *_, fate in at_dock(state, slot, fleet)]


# dates -----------------------------------------------------------------------------------------------------------


def test_goods_older_than_the_last_delivery_are_refused() -> None:
    """Day 15 was delivered: 14 comes too late, 15 does not; a refused lot and another SKU leave no mark."""
    state = dock([99] * 3, [10, 99, 99], **asking(no_regress=True))
    assert brought(state, [(0, 15, 4), (1, 12, 2)])[1] == [-1, -1]
    slot, fates = brought(state, [(0, 14, 3), (0, 15, 1), (1, 12, 2), (2, 3, 1)])
    assert fates == [REGRESS, -1, -1, -1]
    assert losses_of(state, slot) == {(0, "regress"): 3} and going_home(state, slot) == {(0, 0, 14): 3}
    assert brought(state, [(0, 9, 1), (1, 11, 1)])[1] == [AGE, REGRESS]  # too old is said first
    late = trucks((LATE_TRIP, DAY_DUE, 0))
    assert brought(state, [(0, 19, 1)], late)[1] == [LATE_TRIP]  # nobody has seen it
    assert brought(state, [(0, 15, 1)])[1] == [-1]


def test_dates_within_one_delivery_do_not_shut_each_other_out() -> None:
    state = dock([99] * 3, [99] * 3, **asking(no_regress=True))
    assert brought(state, [(0, 15, 4), (0, 12, 2)])[1] == [-1, -1]
    assert brought(state, [(0, 14, 4)])[1] == [REGRESS]


def test_without_the_rule_older_goods_are_welcome() -> None:
    state = dock([99] * 3, [99] * 3, **asking())
    assert brought(state, [(0, 15, 4)])[1] == brought(state, [(0, 12, 4)])[1] == [-1]


@pytest.mark.parametrize(("most", "fates"), [(1, [-1, -1, 6, 6, -1, -1]), (2, [-1, -1, -1, 6, -1, -1]), (3, [-1] * 6)])
def test_no_more_production_dates_on_a_line_than_the_customer_takes(most: int, fates: list[int]) -> None:
    """The third and fourth piece bring a second and a third date; another line counts its own."""
    state = dock([99] * 3, [99] * 3, **asking(most_lots=most))
    pieces = [(0, 10, 1), (0, 10, 2), (0, 11, 3), (0, 12, 4), (0, 10, 5), (1, 13, 1)]
    assert brought(state, pieces)[1] == [REGRESS if fate == 6 else fate for fate in fates]


def test_a_date_that_was_refused_does_not_count() -> None:
    state = dock([99] * 3, [9] * 3, **asking(most_lots=1))
    assert brought(state, [(0, 10, 1), (0, 12, 2), (0, 13, 3)])[1] == [AGE, -1, REGRESS]


def test_the_stricter_of_share_of_life_and_days_left_and_what_is_tolerated() -> None:
    """Life 90: a third is 30 days old; 70 left is 20 days old; 3 tolerated more; never beyond life."""

    def ages(**given: Any) -> list[int]:
        world = calm(1, 2, 8, sku_columns={"shelf_life": [90, 30]}, account_columns={"acceptance_age": 1 / 3})
        return accepted_ages(replace_network(world, given))[0].tolist()

    assert ages() == [30, 10]
    assert ages(days_left=70) == [20, -40]
    assert ages(days_left=70, tolerance_days=3) == [23, -37]
    assert ages(tolerance_days=3) == [33, 13]
    assert ages(tolerance_days=99) == [90, 30]


def replace_network(world: Scenario, given: dict[str, Any]) -> Scenario:
    return replace(world, **asking(**given))


# whole lines and inspection ------------------------------------------------------------------------------------------


def test_a_whole_line_is_refused_where_some_of_it_fails() -> None:
    """Four of ten are too old: 4 are refused, or all 10; another line stays, and what a late truck brings is late."""
    pieces = [(0, 5, 4), (0, 15, 6), (1, 15, 5)]
    for whole, lost in ((False, {(0, "age"): 4}), (True, {(0, "age"): 10})):
        state = dock([99] * 3, [10] * 3, **asking(whole_line=whole))
        assert losses_of(state, brought(state, pieces)[0]) == lost
    state = dock([99] * 3, [10] * 3, 8, **asking(whole_line=True))
    slot, _ = brought(state, pieces, trucks((LATE_TRIP, DAY_DUE, 0), (-1, DAY_DUE, 1)))
    assert losses_of(state, slot) == {(0, "late_trip"): 8}  # the old ones were not looked at: 2 of 15 are accepted
    state = dock([99] * 3, [10] * 3, 8, **asking(whole_line=True))
    slot, _ = brought(state, pieces, trucks((-1, DAY_DUE, 1), (LATE_TRIP, DAY_DUE, 0)))
    assert losses_of(state, slot) == {(0, "age"): 8, (0, "late_trip"): 2, (1, "late_trip"): 5}
    assert going_home(state, slot) == {(0, 0, 5): 4, (0, 0, 15): 4, (1, 0, 15): 2, (1, 1, 15): 5}


def test_sound_goods_of_a_damaged_line_go_home_and_are_not_destroyed() -> None:
    """Everything arrives damaged but what is too old to be looked at further: that goes home, the rest is destroyed."""
    pieces = [(0, 5, 4), (0, 15, 6)]
    state = dock([99] * 3, [10] * 3, **asking(whole_line=True), supply={"damage": 1.0})
    slot, fates = brought(state, pieces)
    assert fates == [AGE, DAMAGED] and losses_of(state, slot) == {(0, "age"): 4, (0, "damage"): 6}
    assert going_home(state, slot) == {(0, 0, 5): 4}


def test_what_is_not_inspected_cannot_fail_for_goods_but_for_paper() -> None:
    """Old and damaged goods pass on the days on which luck does not send the inspector."""
    pieces = [(0, 5, 4)]
    for share, fate in ((0.0, -1), (1.0, AGE)):
        state = dock([99] * 3, [10] * 3, **asking(inspection=share), supply={"damage": 1.0})
        assert brought(state, pieces)[1] == [fate]
    state = dock([99] * 3, [10] * 3, **asking(inspection=0.0), account_columns={"mismatch": 1.0})
    assert brought(state, pieces)[1] == [CAUSE["paper"]]
    looked = {}
    for day in range(40):
        state = dock([99] * 3, [-1] * 3, **asking(inspection=0.3))
        slot = ordered(state, [5], day=day)
        loaded(state, slot, [(0, day, 5)])
        looked[day] = at_dock(state, slot, trucks((-1, day, 1)))[0][-1] == AGE
    who = np.uint64(luck.name_key("A1", "S1"))
    assert looked == {day: luck.uniform(KEYS[luck.INSPECT], who, day * DOORS) < 0.3 for day in range(40)}
    assert 0 < sum(looked.values()) < 40


# prices ------------------------------------------------------------------------------------------------------------


def promoted(**given: Any) -> Scenario:
    """10 cases on Monday, Wednesday and Friday; promotions without effect, so that only their price matters."""
    base = np.full((1, 1, WEEKS), 30.0)
    columns = {"elasticity": 0.0, "display": 0.0}
    return calm(1, 1, WEEKS, base_cases=base, sku_columns=PLENTY, response_columns=columns, **asking(**given))


EVENTS = plan((0, 0, 2, 2, 0), (0, 0, 7, 1, 0))  # weeks 3 and 4, and 8: two price cuts


@pytest.mark.parametrize(
    ("days", "third", "fourth", "eighth"),
    [(0, 0, 0, 0), (1, 10, 0, 10), (3, 20, 0, 20), (7, 30, 0, 30), (8, 30, 10, 30)],
)
def test_a_wrong_price_lasts_until_it_is_mended(days: int, third: int, fourth: int, eighth: int) -> None:
    """Deliveries on days 0, 2 and 4 of a week; an event of two weeks has one price, and after it nothing is wrong."""
    year = live(promoted(price_error=1.0, price_days=days), EVENTS)
    lost = year.ledger.value[0, :, 2 + CAUSE["price"]] / 50.0
    assert np.flatnonzero(lost).tolist() == [w for w, cases in ((2, third), (3, fourth), (7, eighth)) if cases]
    assert lost[[2, 3, 7]].tolist() == [third, fourth, eighth]
    assert year.ledger.value[:, :, 2:].sum() == 50.0 * (third + fourth + eighth)


def test_each_promotion_has_its_own_luck() -> None:
    """Of 12 one-week promotions those are wrong whose draw says so, as a whole; more of a chance only adds to them."""
    events = plan(*[(0, 0, w, 1, 0) for w in range(WEEKS)])
    who = np.uint64(luck.name_key("A1", "S1"))
    turns = np.array([luck.uniform(KEYS[luck.WRONG_PRICE], who, w) for w in range(WEEKS)])
    for chance in (0.3, 0.6):
        year = live(promoted(price_error=chance), events)
        lost = year.ledger.value[0, :, 2 + CAUSE["price"]] / 50.0
        assert lost.tolist() == (30.0 * (turns < chance)).tolist() and 0 < (turns < chance).sum() < WEEKS


def test_without_promotions_no_price_is_wrong() -> None:
    assert live(promoted(price_error=1.0)).ledger.value[:, :, 2:].sum() == 0


@pytest.mark.parametrize(
    ("gate", "no_regress", "picked"), [(1, 1, [15, 18]), (1, 0, [12, 15]), (0, 1, [12, 15]), (0, 0, [12, 15])]
)
def test_the_gate_sends_nothing_older_than_what_was_received_before(
    gate: int, no_regress: int, picked: list[int]
) -> None:
    """Day 14 has been received: with gate and rule the 4 cases of day 12 stay at home, and are missing later on."""
    rules = asking(no_regress=bool(no_regress))
    state = stocked(dock([99], [99], **rules, supply={"gate": bool(gate)}), [(12, 4), (15, 4), (18, 4)])
    slot = ordered(state, [1])
    loaded(state, slot, [(0, 14, 1)])
    at_dock(state, slot)
    slot = ordered(state, [6])
    pick(state, slot, 10**6)
    assert pieces_of(state, slot)[:, BORN].tolist() == picked
    slot = ordered(state, [20])
    pick(state, slot, 10**6)
    old = {(0, "stock_too_old"): 4} if gate and no_regress else {}
    assert losses_of(state, slot) == {(0, "no_stock"): 14} | old
