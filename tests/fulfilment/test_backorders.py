"""What failed is tried again until the cancel date: by hand at one dock, from luck over a year, on random rules."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    DUE_DAY,
    LATER_LINES,
    LATER_ORDERS,
    OPEN_ORDERS,
    TRIES,
    TRUCK_HOME,
    WHAT,
    WHEN,
    WHICH,
    WRONG_LINES,
)
from kaopt.fulfilment.loops import backorders, calls, receipt
from kaopt.fulfilment.loops.trips import TRUCKS_A_DAY
from kaopt.fulfilment.nouns import Ledger
from kaopt.fulfilment.state import count_of, goods_of, ledger_of, orders_of
from kaopt.fulfilment.year import Year, prove_balance
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.service import FINE_CAUSES
from tests.fulfilment.docks import KEYS, clauses, dock, lines_of, losses_of, receiving, stocked
from tests.fulfilment.helpers import calm, live
from tests.worlds import plan

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
WEEKS = 12
MORNING = {"window_open": 510, "window_close": 630, "travel_minutes": 72}
LATE = {"unfamiliar": 0.4, "unfamiliar_minutes": 61, "unfamiliar_cv": 0.0, "dispatch_slack": 60, "load_minutes": 36}
PLENTY = {"safety_weeks": 30.0, "shelf_life": 9999}


def waiting(days: int = 7, accounts: int = 1, **given: Any) -> dict[str, Any]:
    """A world whose accounts keep backorders for so many days."""
    rows = receiving(accounts, **({"unfilled": ["backorder"] * accounts, "cancel_days": days} | given))
    return {"network": Network(receiving=rows)}


# one order by hand ---------------------------------------------------------------------------------------------------


def called(state: Any, n: int) -> tuple[int, int]:
    """The n-th order of the door comes in at five on the day before: its slot and the minute of loading."""
    slot, load_at = calls.call(state, 0, n, (2 * n - 1) * DAY + 300)
    return int(slot), int(load_at)


def ten(days: int) -> Any:
    """30 cases a week, 10 on Monday, Wednesday and Friday; nothing in stock; the first week is due on days 0, 2, 4."""
    return dock([99], [10], base_cases=np.full((1, 1, 8), 30.0), **waiting(days))


def follow_of(state: Any, count: int) -> list[tuple[int, ...]]:
    rows = orders_of(state).follow[:count]
    return [tuple(row) for row in rows[:, [WHEN, WHAT, WHICH, TRUCK_HOME]].tolist()]


def test_what_is_short_is_delivered_two_days_later() -> None:
    """Monday: 4 of 10 there; called again on Tuesday at five for Wednesday, when 6 more are."""
    state = stocked(ten(7), [(-2, 4)])
    slot, load_at = called(state, 0)
    follow = follow_of(state, receipt.ship(state, slot, load_at))
    assert follow == [(DAY + 300, receipt.TRY_AGAIN, slot, 0)]
    assert losses_of(state, slot) == {} and lines_of(state, slot)[0, :4].tolist() == [0, 10, 4, 0]
    assert orders_of(state).order[slot, [DUE_DAY, TRIES]].tolist() == [2, 1]
    assert Ledger(*ledger_of(state)).cases.sum() == 0  # nothing is booked before the end
    stocked(state, [(0, 20)])
    load_again = int(backorders.again(state, slot, DAY + 300))
    assert load_again // DAY == 2 and receipt.ship(state, slot, load_again) == 0
    ledger = Ledger(*ledger_of(state))
    assert ledger.cases[0, 0].tolist() == [10, 10] and ledger.later[0, 0] == 6 and ledger.later_value[0, 0] == 60.0
    assert ledger.counts[0].tolist() == [1, 1, 1, 1, 0]  # in full in the end, not on time
    assert ledger.tried[0, [LATER_LINES, LATER_ORDERS]].tolist() == [1, 1]
    assert ledger.value[0, 0, 2:].sum() == 0 and count_of(state)[[OPEN_ORDERS, WRONG_LINES]].tolist() == [0, 0]


def test_what_is_still_short_at_the_cancel_date_is_lost_once() -> None:
    """Monday's order may wait two days: 4 on Monday, 3 on Wednesday, and then 3 are lost, to no stock."""
    state = stocked(ten(2), [(-2, 4)])
    slot, load_at = called(state, 0)
    assert receipt.ship(state, slot, load_at) == 1
    stocked(state, [(0, 3)])
    assert receipt.ship(state, slot, int(backorders.again(state, slot, DAY + 300))) == 0
    ledger = Ledger(*ledger_of(state))
    assert ledger.cases[0, 0].tolist() == [10, 7] and ledger.later[0, 0] == 3
    assert ledger.lost[0, 0].nonzero()[0].tolist() == [CAUSE["no_stock"]] and ledger.lost.sum() == 3
    assert ledger.counts[0].tolist() == [1, 0, 1, 0, 0] and ledger.tried.sum() == 0


@pytest.mark.parametrize(("days", "tries"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (7, 3), (8, 3), (9, 4)])
def test_there_is_a_try_at_each_delivery_until_the_cancel_date(days: int, tries: int) -> None:
    """Deliveries follow Monday's after 2, 4, 7 and 9 days."""
    state = ten(days)
    slot, minute = called(state, 0)
    count, done = receipt.ship(state, slot, minute), 0
    while count:
        done += 1
        ((minute, kind, slot, _),) = follow_of(state, count)
        assert kind == receipt.TRY_AGAIN
        count = receipt.ship(state, slot, int(backorders.again(state, slot, minute)))
    assert done == tries and Ledger(*ledger_of(state)).lost.sum() == 10


def test_refused_goods_come_home_while_other_goods_are_on_their_way() -> None:
    """Too old on Monday and home on Tuesday; fresh goods go on Wednesday. The slot is free when both are settled."""
    state = stocked(ten(7), [(-30, 10)])
    slot, load_at = called(state, 0)
    home, again = follow_of(state, receipt.ship(state, slot, load_at))
    assert (home[1], again[1]) == (receipt.GOODS_HOME, receipt.TRY_AGAIN)
    stocked(state, [(0, 10)])
    receipt.come_home(state, slot, home[3], home[0] // DAY)
    assert count_of(state)[OPEN_ORDERS] == 1  # it waits
    # first in, first out by date: the old ones would go again, so they are taken out of the shelf
    goods = goods_of(state)
    assert goods.cells[0, 0, goods.ends[0, 0, 0], 1] == -30
    goods.ends[0, 0, 0] += 1
    load_again = int(backorders.again(state, slot, again[0]))
    assert receipt.ship(state, slot, load_again) == 0 and count_of(state)[OPEN_ORDERS] == 0
    assert Ledger(*ledger_of(state)).cases[0, 0].tolist() == [10, 10]


# a year --------------------------------------------------------------------------------------------------------------


def late(days: int, **given: Any) -> Scenario:
    """10 cases on Monday, Wednesday and Friday, stock for all; a truck is late where its driver is new."""
    base = np.full((1, 1, WEEKS), 30.0)
    return calm(
        1, 1, WEEKS, base_cases=base, sku_columns=PLENTY, account_columns=MORNING, supply=LATE | given, **waiting(days)
    )


@pytest.mark.parametrize(("days", "tries"), [(0, 0), (3, 1), (5, 2), (7, 3)])
def test_a_late_truck_is_sent_again_on_the_next_days(days: int, tries: int) -> None:
    """Every try has the luck of its day: an order is lost where each of its days has a new driver."""
    due = [7 * w + day for w in range(WEEKS) for day in (0, 2, 4)]
    who = np.uint64(luck.name_key("A1"))
    new = [luck.uniform(KEYS[luck.DRIVER], who, day * TRUCKS_A_DAY) < 0.4 for day in due]
    reach = [[m for m in range(n, len(due)) if due[m] <= due[n] + days] for n in range(len(due))]
    assert max(len(days) for days in reach) == tries + 1
    ledger = live(late(days)).ledger
    lost = [all(new[m] for m in reach[n]) for n in range(len(due))]
    assert ledger.lost[0, 0, CAUSE["late_trip"]] == ledger.lost.sum() == 10 * sum(lost)
    good, first = len(due) - sum(lost), len(due) - sum(new)
    assert ledger.counts[0].tolist() == [36, good, 36, good, first] and 0 < sum(new) < 36
    assert ledger.later.sum() == 10 * (good - first) and ledger.tried[0].tolist() == [good - first, good - first, 0]
    weeks = [sum(10 for n in range(3 * w, 3 * w + 3) if not lost[n]) for w in range(WEEKS)]
    assert ledger.cases[0, :, 1].tolist() == weeks  # booked in the week that asked for it


def test_wrong_paper_is_not_tried_again() -> None:
    base = np.full((1, 1, WEEKS), 30.0)
    world = calm(1, 1, WEEKS, base_cases=base, account_columns={"mismatch": 1.0}, **waiting(7))
    assert live(world).ledger.lost[0, 0].tolist() == [360 * (cause == "paper") for cause in FINE_CAUSES]


# random rules ---------------------------------------------------------------------------------------------------------

RULES: dict[str, Any] = {
    "days_left": st.integers(0, 20),
    "tolerance_days": st.integers(0, 5),
    "no_regress": st.booleans(),
    "most_lots": st.integers(1, 3),
    "whole_line": st.booleans(),
    "inspection": st.floats(0, 1),
    "price_error": st.sampled_from([0.0, 0.5, 1.0]),
    "unfilled": st.sampled_from(["lost", "backorder"]),
    "cancel_days": st.integers(0, 12),
    "dispute_days": st.integers(0, 30),
}


two = st.lists(st.fixed_dictionaries(RULES), min_size=2, max_size=2)


def settled(year: Year) -> None:
    """Every case in one state, every cause and clause accounted for, goods balanced to the case."""
    ledger = year.ledger
    prove_balance(year.goods)
    assert (ledger.cases[:, :, 0].sum(axis=1) == ledger.cases[:, :, 1].sum(axis=1) + ledger.lost.sum(axis=(1, 2))).all()
    assert ledger.value[:, :, 0] == pytest.approx(ledger.value[:, :, 1:].sum(axis=2))
    assert (ledger.later >= 0).all() and (ledger.later <= ledger.cases[:, :, 1]).all()
    assert (ledger.counts[:, 4] + ledger.tried[:, 1] <= ledger.counts[:, 3]).all()
    assert all((array >= 0).all() for array in ledger)


@settings(deadline=None, max_examples=12)
@given(two, st.floats(0, 0.3), st.sampled_from([20.0, 500.0]), st.integers(0, 9))
def test_every_case_ends_in_one_state_whatever_the_rules(
    rules: list[dict[str, Any]], chance: float, room: float, replication: int
) -> None:
    columns = {name: [one[name] for one in rules] for name in rules[0]}
    supply = {"damage": chance, "unfamiliar": chance, "truck_cases": room, "issue_error": chance, "pick_rate": 100.0}
    account = MORNING | {"mismatch": chance, "penalty_rate": 0.03, "payment_days": 30, "credit_limit": 9000.0}
    deductions = clauses(
        {"account": "*", "clause": "late_order", "amount": 7.0},
        {"account": "A2", "clause": "promotion_discount", "rate": 0.1, "chance": 0.5},
        {"account": "A2", "clause": "wrong_line", "amount": 3.0},
    )
    world = calm(
        2, 2, 8, supply=supply, account_columns=account, sku_columns={"shelf_life": 40, "lot_cover_weeks": 2.0},
        network=Network(receiving=receiving(2, **columns), clauses=deductions),
    )  # fmt: skip
    settled(live(world, plan((0, 0, 2, 2, 0), (1, 1, 4, 1, 0)), replication))


def test_no_rule_is_forgotten_in_the_random_worlds() -> None:
    told = {one.name for one in fields(type(receiving()))}
    assert told - {"account", "price_days"} == set(RULES)
