"""Why an event is in the plan, lock by lock."""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.reasons import reasons, with_reasons
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective
from tests.allocation.rule_cases import plain
from tests.worlds import plan

YES = np.array([True])
EVENT = (0, 0, 2, 2, 0)  # weeks 2 and 3


@pytest.mark.parametrize(
    ("locks", "expected"),
    [
        ((), "pays"),
        ((Lock(0, 0, 2, 2, 0, "committed"),), "committed"),
        ((Lock(0, 0, 2, 1, 0, "committed"),), "pays"),  # another length
        ((Lock(0, 0, 1, 2, 0, "committed"),), "pays"),  # another week
        ((Lock(0, 1, 2, 2, 0, "committed"),), "pays"),  # another SKU
        ((Lock(1, 0, 2, 2, 0, "committed"),), "pays"),  # another account
        ((Lock(0, 0, 2, 2, 1, "committed"),), "pays"),  # another mechanic
        ((Lock(0, 0, 3, 1, -1, "must"),), "must"),
        ((Lock(0, 0, 0, 3, 0, "must"),), "must"),  # touches its first week
        ((Lock(0, 0, 0, 2, -1, "must"),), "pays"),  # ends before
        ((Lock(0, 0, 4, 2, -1, "must"),), "pays"),  # begins after
        ((Lock(0, 0, 2, 2, 1, "must"),), "pays"),  # asks for another mechanic
        ((Lock(0, 0, 6, 2, -1, "forbidden"),), "pays"),
        ((Lock(0, 0, 2, 2, -1, "must"), Lock(0, 0, 2, 2, 0, "committed")), "committed"),  # signed says more
    ],
)
def test_the_reason_of_one_event(locks: tuple[Lock, ...], expected: str) -> None:
    world = plain((2, 2, 8), locks=locks)
    assert reasons(world, plan(EVENT), YES) == (expected,)
    assert reasons(world, plan(EVENT), ~YES) == (expected if expected != "pays" else "serves targets",)


def test_reasons_of_nothing_and_in_the_order_of_the_plan() -> None:
    world = plain((1, 2, 8), locks=(Lock(0, 1, 0, 1, -1, "must"),))
    assert reasons(world, plan(), np.zeros(0, bool)) == ()
    found = reasons(world, plan((0, 0, 0, 1, 0), (0, 1, 0, 1, 0), (0, 0, 5, 1, 0)), np.array([True, True, False]))
    assert found == ("pays", "must", "serves targets")


@pytest.mark.parametrize(
    ("hurdle", "cost", "expected"),
    [
        (0.0, 500.0, "pays"),
        (0.0, 2500.0, "pays"),  # earns exactly nothing
        (0.0, 2501.0, "serves targets"),
        (4.0, 500.0, "pays"),  # 2 000 for 500 is exactly four times
        (4.01, 500.0, "serves targets"),
    ],
)
def test_an_event_pays_from_its_hurdle_on(hurdle: float, cost: float, expected: str) -> None:
    aim = Objective(maximize="profit", hurdle=hurdle)
    world = plain((1, 1, 2), treatment_columns={"weekly_cost": [cost]}, objective=aim)
    told = with_reasons(world, evaluate(world, plan((0, 0, 0, 1, 0))).ledger)
    assert told.reason == (expected,)
