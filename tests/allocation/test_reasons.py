"""Why an event is in the plan, lock by lock, and which rules are named where nothing can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.allocation.conflicts import conflicts_of, without
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import Problem, from_arrays, problem_of, rule_of_rows
from kaopt.allocation.process import Child
from kaopt.allocation.reasons import reasons, with_reasons
from kaopt.allocation.solve import Limits
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective
from tests.allocation.rule_cases import LOSING, SETTINGS, line, plain
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


# conflicts


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def made(rules: dict[str, dict[str, Any]], **given: Any) -> Problem:
    """The problem of four weeks at one account-SKU under these rules."""
    world = plain((1, 1, 4), **given)
    return problem_of(replace(world, rules={name: (SETTINGS[name](**one),) for name, one in rules.items()}))


POOR = {"budget": (line((1, 1, 4), high=900.0),)}  # one event costs 500


@pytest.mark.parametrize(
    ("rules", "given", "expected"),
    [
        ({"promotion_count": {"min": 2}}, POOR, (("promotion_count", "budget"),)),
        ({"promotion_count": {"min": 1}}, POOR, ()),
        ({"promotion_count": {"min": 3}, "spacing": {"gap": 1}}, {}, (("spacing", "promotion_count"),)),
        ({"promotion_count": {"min": 2}, "spacing": {"gap": 1}}, {}, ()),
        (
            {"promotion_count": {"min": 1}, "profit_floor": {"min": 0}},
            {"treatment_columns": LOSING},
            (("promotion_count", "profit_floor"),),
        ),
        (
            {"promotion_count": {"min": 2}, "spacing": {"gap": 1}, "profit_floor": {"min": -9000}},
            POOR,
            (("promotion_count", "budget"),),  # who is not needed for it is not named
        ),
        ({"promotion_count": {"min": 2, "hard": False, "regret": 1}}, POOR, ()),  # soft rules conflict with nothing
        ({"promotion_count": {"min": 5}}, {}, (("promotion_count",),)),  # alone
    ],
)
def test_conflicting_rules_are_named_and_no_others(
    rules: dict[str, dict[str, Any]], given: dict[str, Any], expected: tuple[tuple[str, ...], ...], child: Child
) -> None:
    assert conflicts_of(made(rules, **given), Limits(seconds=20), child) == expected


def test_rows_of_dropped_rules_are_open_and_the_others_as_they_were() -> None:
    problem = made({"promotion_count": {"min": 2}, "spacing": {"gap": 1}}, **POOR)
    program, owner = from_arrays(problem), np.array(rule_of_rows(problem), dtype=object)
    names = list(dict.fromkeys(owner.tolist()))
    assert names == ["spacing", "promotion_count", "budget"]
    assert without(program, owner, names, names) is program
    left = without(program, owner, ["budget"], names)
    mine = owner == "budget"
    assert (left.row_low[~mine] == -np.inf).all()
    assert (left.row_high[~mine] == np.inf).all()
    assert (left.row_low[mine] == program.row_low[mine]).all()
    assert (left.row_high[mine] == program.row_high[mine]).all()
    assert left.matrix is program.matrix
