"""Which lot goes to whom: issuing rules, wrong lots, the gate with its safety days, the greatest age at dispatch."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import AGE_SUM, ON_HAND, WRITTEN_OFF
from kaopt.fulfilment.loops.picking import DOORS
from kaopt.fulfilment.year import Year
from kaopt.service import FINE_CAUSES
from tests.fulfilment.helpers import calm, lost, ready, years
from tests.fulfilment.orders import picked, stocked, two, world_with
from tests.fulfilment.shelves import rows

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
# day of entry, production day, cases: the goods of day 3 were refused and came back on day 20
RETURNED = ((13, 8, 10), (15, 10, 10), (20, 3, 10))


@pytest.mark.parametrize(
    ("issue", "turn"),
    [("fefo", [3, 8, 10]), ("fifo", [8, 10, 3]), ("lifo", [3, 10, 8]), ("freshest", [10, 8, 3])],
)
def test_each_rule_has_its_own_order_of_lots(issue: str, turn: list[int]) -> None:
    state = world_with(two(supply={"issue": issue}), *RETURNED)
    pieces, lost_cases = picked(state, 1, 25, day=21)
    assert pieces == [(turn[0], 10), (turn[1], 10), (turn[2], 5)] and not lost_cases


@pytest.mark.parametrize("issue", ["fefo", "fifo", "lifo", "freshest"])
@pytest.mark.parametrize("gate", [True, False])
def test_behind_the_gate_every_rule_sends_only_what_the_account_takes(issue: str, gate: bool) -> None:
    """A1 takes 30 days: on day 39 the goods of days 10 and 11 only."""
    state = world_with(two(supply={"issue": issue, "gate": gate}), *RETURNED, (21, 11, 4))
    pieces, lost_cases = picked(state, 0, 40, day=39)
    if gate:
        assert sorted(pieces) == [(10, 10), (11, 4)] and lost_cases == {"stock_too_old": 20, "no_stock": 6}
    else:
        assert sum(amount for _, amount in pieces) == 34 and lost_cases == {"no_stock": 6}


def test_tiers_may_get_the_newest_lot_while_others_get_the_oldest() -> None:
    state = world_with(two(supply={"stock": {"newest_first": (1,)}}), (8, 8, 10), (10, 10, 10))
    assert picked(state, 0, 4, day=12)[0] == [(10, 4)]
    assert picked(state, 1, 4, day=12)[0] == [(8, 4)]


@pytest.mark.parametrize(("issue", "other_end"), [("fefo", 12), ("freshest", 8)])
def test_a_wrong_lot_is_the_last_in_turn(issue: str, other_end: int) -> None:
    world = two(supply={"issue": issue, "issue_error": 1.0})
    assert picked(world_with(world, (8, 8, 9), (10, 10, 9), (12, 12, 9)), 1, 3, day=13)[0] == [(other_end, 3)]


def test_or_any_lot_as_luck_says_and_then_on_in_turn() -> None:
    """Luck is a function of seed, account, SKU and delivery day: it is worked out here in plain Python."""
    inputs = ready(two(supply={"issue_error": 1.0, "stock": {"mistake": "random"}}))
    key, who = luck.keys_of(11, 0)[luck.LOT], np.uint64(luck.name_key("A2", "S1"))
    made, seen = [8, 10, 12], set()
    for n in range(9):
        state = stocked(inputs, *((day, day, 2) for day in made))
        due = int(inputs.terms.due[1, n, 0])
        first = floor(3 * luck.uniform(key, who, due * DOORS))
        seen.add(first)
        pieces, _ = picked(state, 1, 5, day=13, n=n)
        assert pieces == [(made[first], 2), (made[(first + 1) % 3], 2), (made[(first + 2) % 3], 1)]
        assert rows(state) == [(left := made[(first + 2) % 3], left, 1)]
    assert seen == {0, 1, 2}


@pytest.mark.parametrize(("days", "oldest"), [(0, 10), (5, 15), (10, 20)])
def test_safety_days_narrow_the_gate(days: int, oldest: int) -> None:
    state = world_with(two(supply={"stock": {"gate_days": days}}), *((d, d, 1) for d in range(5, 30, 5)))
    pieces, _ = picked(state, 0, 9, day=40)
    assert pieces[0] == (oldest, 1)


def test_key_accounts_are_sent_nothing_beyond_the_greatest_age_at_dispatch() -> None:
    """Stop at a quarter of life for tier 1, whatever it accepts; the lenient account gets what is left."""
    world = two(strict=0.5, supply={"gate": False, "stock": {"stop_age": 0.25}})
    state = world_with(world, (10, 10, 5), (20, 20, 5))
    assert picked(state, 0, 10, day=40) == ([(20, 5)], {"stock_too_old": 5})
    assert picked(state, 1, 10, day=40) == ([(10, 5)], {"no_stock": 5})


def test_a_sku_may_have_a_stricter_rule_of_its_own() -> None:
    world = two(strict=0.5, supply={"stock": {"stop_age": 0.4, "key_tiers": 2}}, sku_columns={"stop_age": 0.1})
    state = world_with(world, (10, 10, 5), (31, 31, 5))
    assert picked(state, 1, 9, day=40) == ([(31, 5)], {"stock_too_old": 4})


def year_of(**supply: Any) -> list[Year]:
    """Long lots for accounts that take half and all of a life of 60 days; what is refused comes back."""
    sku = {"shelf_life": 60, "lot_cover_weeks": 5.0, "demand_cv": 0.3, "safety_weeks": 1.0}
    columns = {"acceptance_age": [0.5, 1.0]}
    given = {"position": "all", "warmup_weeks": 12} | supply
    return years(calm(2, 1, 26, account_columns=columns, sku_columns=sku, supply=given), 3)


def mean_age(runs: list[Year]) -> float:
    report = sum(one.goods.days.sum(axis=(1, 2)) for one in runs)
    return float(report[AGE_SUM] / report[ON_HAND])


def scrapped(runs: list[Year]) -> int:
    return int(sum(one.goods.days[WRITTEN_OFF].sum() for one in runs))


def loss(runs: list[Year], cause: str) -> float:
    return float(np.mean([lost(one)[CAUSE[cause]] for one in runs]))


def test_newest_first_leaves_old_stock_behind() -> None:
    """Issuing order and outdating (Nahmias 1982): the oldest first wastes least, the newest first most."""
    oldest, newest = year_of(gate=False, issue="fefo"), year_of(gate=False, issue="freshest")
    assert scrapped(newest) > scrapped(oldest)
    assert loss(newest, "age") < loss(oldest, "age")  # what is sent is fresher


def test_wrong_lots_age_the_stock() -> None:
    careful, careless = year_of(issue_error=0.0), year_of(issue_error=0.5)
    anyhow = year_of(issue_error=1.0, stock={"mistake": "random"})
    assert mean_age(careful) < mean_age(careless) and mean_age(careful) < mean_age(anyhow)


def test_the_gate_turns_refusals_into_shortage() -> None:
    without, behind = year_of(gate=False), year_of(gate=True)
    assert loss(without, "age") > 0 == loss(behind, "age")
    assert loss(behind, "stock_too_old") > 0 == loss(without, "stock_too_old")
    narrower = year_of(gate=True, stock={"gate_days": 7})
    assert loss(narrower, "stock_too_old") > loss(behind, "stock_too_old")
