"""Conflicts planted by hand in the plain world of `rule_cases`: every rule that is needed is named, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from kaopt.allocation.problem import problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits
from kaopt.allocation.wishes import conflicts as module
from kaopt.allocation.wishes.conflicts import conflicts_of
from kaopt.allocation.wishes.oracle import Oracle, question_of
from kaopt.allocation.wishes.widest import shut_by, widest
from kaopt.offers import make_offers
from kaopt.scenario.model import Lock, Scenario
from tests.allocation.rule_cases import LOSING, SETTINGS, closed, line, plain

FOUR = (1, 1, 4)
POOR = {"budget": (line(FOUR, high=900.0),)}  # one event costs 500


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def made(rules: dict[str, Any], shape: tuple[int, int, int] = FOUR, **given: Any) -> Scenario:
    """A plain world under these rules; several settings of one rule in a list."""
    every = {name: one if isinstance(one, list) else [one] for name, one in rules.items()}
    settings = {name: tuple(SETTINGS[name](**one) for one in many) for name, many in every.items()}
    return replace(plain(shape, **given), rules=settings)


def named(world: Scenario, child: Child, seconds: float = 20.0) -> tuple[tuple[str, ...], ...]:
    return conflicts_of(world, problem_of(world), Limits(seconds=seconds), child)


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
    assert named(made(rules, **given), child) == expected


def test_two_conflicts_at_once_are_both_named(child: Child) -> None:
    rules = {"promotion_count": [{"min": 2}], "spacing": {"gap": 3}}
    assert set(named(made(rules, **POOR), child)) == {("promotion_count", "budget"), ("spacing", "promotion_count")}


def test_three_rules_that_only_clash_together(child: Child) -> None:
    # two events are asked for; the budget allows two, but one of them only early, and slots one only late
    shape = (1, 2, 2)
    early = line(shape, high=500.0, scope="week 1", weeks=np.array([True, False]))
    rules = {"promotion_count": {"min": 3}}
    given = {"budget": (early,), "account_columns": {"display_slots": 1}}
    assert named(made(rules, shape, **given), child) == (("promotion_count", "display_slots"),)
    given = {"budget": (early,), "locks": (Lock(0, 1, 1, 1, -1, "forbidden"),)}
    assert named(made(rules, shape, **given), child) == (("promotion_count", "locks", "budget"),)


def test_whole_events_where_parts_would_do(child: Child) -> None:
    # two thirds of an event would use the 333 that are asked for; a whole one is above the most
    budget = (line(FOUR, low=333.0, high=499.0),)
    assert named(made({}, budget=budget), child) == (("budget",),)


@pytest.mark.parametrize(
    ("given", "silent"),
    [
        ({"eligible": closed(FOUR, 0, 1, 2)}, "blackout"),
        ({"treatment_columns": {"lead_time": [45]}, "account_columns": {"notice_days": 7}}, "lead_time"),
        ({"planned_on": date(2027, 1, 4), "treatment_columns": {"lead_time": [20]}}, "lead_time"),
        ({"locks": (Lock(0, 0, 0, 3, -1, "forbidden"),)}, "locks"),
    ],
)
def test_rules_without_rows_are_named(given: dict[str, Any], silent: str, child: Child) -> None:
    found = named(made({"promotion_count": {"min": 2}}, **given), child)
    assert [set(one) for one in found] == [{"promotion_count", silent}]


def test_of_two_silent_rules_only_the_needed_one_is_named(child: Child) -> None:
    given = {"eligible": closed(FOUR, 3), "locks": (Lock(0, 0, 0, 3, -1, "forbidden"),)}
    found = named(made({"promotion_count": {"min": 2}}, **given), child)
    assert found == (("promotion_count", "locks"),)


def test_what_each_silent_rule_shuts_out() -> None:
    given = {
        "eligible": closed(FOUR, 0),
        "locks": (Lock(0, 0, 1, 1, -1, "forbidden"), Lock(0, 0, 2, 1, 0, "committed")),
    }
    given |= {"planned_on": date(2026, 12, 28), "treatment_columns": {"lead_time": [28]}}  # weeks 1 to 3 are too late
    world = made({}, **given)
    problem, shut = widest(world, RULES)
    assert problem.offers.week.tolist() == [0, 1, 2, 3]
    assert {rule: np.flatnonzero(which).tolist() for rule, which in shut.items()} == {
        "blackout": [0],
        "locks": [1],
        "lead_time": [0, 1],  # week 3 is signed
    }
    assert make_offers(world).week.tolist() == [2, 3]
    assert shut_by(world, make_offers(world)) == {}


def test_the_oracle_knows_each_subset(child: Child) -> None:
    world = made({"promotion_count": {"min": 2}, "spacing": {"gap": 3}}, **POOR)
    oracle = Oracle(question_of(problem_of(world)), Limits(seconds=20), child)
    assert oracle.question.names == ("spacing", "promotion_count", "budget")
    asked = [(), ("spacing",), ("spacing", "budget"), ("promotion_count",)]
    assert not any(oracle.impossible(one) for one in asked)
    assert oracle.impossible(("promotion_count", "budget"))
    assert set(oracle.question.owner[oracle.proof]) == {"promotion_count", "budget"}
    assert oracle.impossible(("spacing", "promotion_count"))
    assert not oracle.impossible(("spacing", "budget"))  # and back again


def test_without_time_nothing_is_claimed(child: Child) -> None:
    world = made({"promotion_count": {"min": 2}}, **POOR)
    found = named(world, child, seconds=0.0)
    assert all(set(one) >= {"promotion_count", "budget"} for one in found)


def test_no_more_conflicts_than_a_reader_takes_in(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    assert len(named(made({"promotion_count": {"min": 2}, "spacing": {"gap": 3}}, **POOR), child)) == 1
