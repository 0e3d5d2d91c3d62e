"""Settings of worlds made in memory at other values, and grids of values: by hand, with what cannot be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.errors import InputError
from kaopt.planning.grid import MOST, grid_of, number
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.settings import Objective
from kaopt.scenario.vary import budget_settings, most_of, number_at, numbers, settled, short, with_number
from tests.planning.small import SETTINGS, small


def line(world: Scenario, scope: str, low: float, high: float, *, account: int | None = None) -> BudgetLine:
    """A limit on all events, or on those of one account."""
    accounts = np.ones(2, bool) if account is None else np.arange(2) == account
    return BudgetLine(scope, accounts, np.ones(world.weeks, bool), np.ones(1, bool), low, high)


def budgeted() -> Scenario:
    """At most 4 000 in all, 500 to 900 in quarter 2, no limit in quarter 1, and at most 3 000 at the first account."""
    made = small()
    section = {
        "total": {"max": 4000.0, "min": 0.0},
        "by_quarter": {2: {"max": 900.0, "min": 500.0}, 1: {"max": None, "min": None}},
        "nodes": [{"account": "A1", "max": 3000.0, "min": None}],
    }
    lines = (
        line(made, "total", 0.0, 4000.0),
        line(made, "quarter=2", 500.0, 900.0),
        line(made, "account=A1", 0.0, 3000.0, account=0),
    )
    return replace(made, budget=lines, resolved={"budget": section, "name": "small"})


def limits(world: Scenario) -> list[tuple[str, float, float]]:
    return [(one.scope, one.low, one.high) for one in world.budget]


# --- what can be asked for


def test_limits_are_listed_in_the_order_of_the_worlds_own_lines():
    assert budget_settings(budgeted()) == [
        ("budget.total", 0.0, 4000.0),
        ("budget.by_quarter.1", 0.0, inf),
        ("budget.by_quarter.2", 500.0, 900.0),
        ("budget.nodes.0", 0.0, 3000.0),
    ]
    assert (most_of({}), most_of({"max": None}), most_of({"max": 0.0})) == (inf, inf, 0.0)


def test_a_budget_is_its_most_unless_the_least_is_named():
    here = budgeted()
    assert number_at(here, "budget.by_quarter.2") == number_at(here, "budget.by_quarter.2.max") == 900.0
    assert number_at(here, "budget.by_quarter.2.min") == 500.0
    assert isnan(number_at(here, "budget.by_quarter.1"))
    assert (short("budget.total.max"), short("rules.x.max"), short("budget.total.min")) == (
        "budget.total",
        "rules.x.max",
        "budget.total.min",
    )


def test_yes_or_no_words_and_what_is_not_stated_are_no_numbers():
    """A rule's `hard` and `because` are none; a floor that nobody has set is none either, one of -50 is."""
    here = small(1, promotion_count={"min": 1, "per": "account", "because": "promised"})
    names = dict(numbers(here))
    assert names["rules.promotion_count.min"] == 1.0 and names["rules.promotion_count.regret"] == 0.0
    assert not {"rules.promotion_count.hard", "rules.promotion_count.because", "objective.maximize"} & names.keys()
    assert "objective.contribution_floor" not in names
    floored = replace(here, objective=Objective(contribution_floor=-50.0))
    assert number_at(floored, "objective.contribution_floor") == -50.0


def test_a_rule_that_is_said_twice_is_counted():
    kind = SETTINGS["promotion_count"]
    here = replace(small(), rules={"promotion_count": (kind(min=1, per="account"), kind(max=5, per="total"))})
    names = dict(numbers(here))
    assert (names["rules.promotion_count.0.min"], names["rules.promotion_count.1.max"]) == (1.0, 5.0)
    assert "rules.promotion_count.min" not in names
    changed = with_number(here, "rules.promotion_count.1.max", 3.0).rules["promotion_count"]
    assert changed == (kind(min=1, per="account"), kind(max=3, per="total"))


# --- at another value


@pytest.mark.parametrize(
    ("path", "value", "place", "expected"),
    [
        ("budget.total", 100.0, 0, ("total", 0.0, 100.0)),
        ("budget.total.max", 100.0, 0, ("total", 0.0, 100.0)),
        ("budget.total.min", 100.0, 0, ("total", 100.0, 4000.0)),
        ("budget.by_quarter.2", 500.0, 1, ("quarter=2", 500.0, 500.0)),
        ("budget.by_quarter.2.min", 900.0, 1, ("quarter=2", 900.0, 900.0)),
        ("budget.nodes.0.max", 0.0, 2, ("account=A1", 0.0, 0.0)),
    ],
)
def test_one_end_of_one_limit_is_moved_and_the_others_stay(path, value, place, expected):
    """A quarter without limits has no line: the second line is quarter 2's for all that."""
    here = budgeted()
    found = with_number(here, path, value)
    wanted = limits(here)
    wanted[place] = expected
    assert limits(found) == wanted
    assert [one.accounts.tolist() for one in found.budget] == [one.accounts.tolist() for one in here.budget]
    assert number_at(found, path) == value


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("budget.by_quarter.2", 499.0, r"the least \(500\) below the most \(499\)"),
        ("budget.by_quarter.2.min", 901.0, r"the least \(901\) below the most \(900\)"),
        ("budget.by_quarter.1", 10.0, "must be a limit that the scenario sets"),
        ("budget.nodes.1", 10.0, "must be a number among the settings"),
        ("budget.total.min", -1.0, "must be at least 0"),
        ("objective.maximize", 1.0, "must be a number among the settings"),
        ("objective.tolerance", 2.0, "must be between 0 and 1"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_in_words(path, value, told):
    with pytest.raises(InputError, match=told) as caught:
        with_number(budgeted(), path, value)
    assert [(one.file, one.line) for one in caught.value.faults] == [("--over", None)]


def test_a_least_of_spend_where_there_was_no_limit_has_no_most():
    free = replace(small(), budget=(), resolved={})
    (found,) = with_number(free, "budget.total.min", 250.0).budget
    assert (found.scope, found.low, found.high) == ("total", 250.0, inf)
    assert found.accounts.shape == (2,) and found.weeks.shape == (4,) and found.treatments.shape == (1,)


def test_a_new_total_comes_before_the_limits_that_are_there():
    here = budgeted()
    section = dict(here.resolved["budget"]) | {"total": {"max": None, "min": None}}
    open_ = replace(here, budget=here.budget[1:], resolved={"budget": section})
    found = with_number(open_, "budget.total", 2500.0)
    assert limits(found) == [("total", 0.0, 2500.0), *limits(here)[1:]]
    again = with_number(found, "budget.total", 2600.0)
    assert limits(again) == [("total", 0.0, 2600.0), *limits(here)[1:]]  # no second total


def test_settings_are_changed_in_a_copy():
    here = budgeted()
    found = with_number(here, "budget.nodes.0", 7.0)
    assert found.resolved["budget"]["nodes"][0] == {"account": "A1", "max": 7.0, "min": None}
    assert here.resolved["budget"]["nodes"][0]["max"] == 3000.0
    assert found.resolved["name"] == "small"


def test_a_setting_that_was_not_written_is_written_now():
    assert settled(small(), ("objective", "hurdle"), 0.5)["objective"] == {"hurdle": 0.5}
    assert settled(small(), ("objective", "hurdle"), float("nan"))["objective"] == {"hurdle": None}
    one = replace(small(), resolved={"rules": {"spacing": [{"gap": 1}]}})
    assert settled(one, ("rules", "spacing", "gap"), 2.0)["rules"] == {"spacing": [{"gap": 2.0}]}


@given(st.floats(0, 1e6, allow_nan=False))
@settings(max_examples=30, deadline=None)
def test_going_away_and_back_is_the_same_world(value):
    here = budgeted()
    back = with_number(with_number(here, "budget.total", value), "budget.total", 4000.0)
    assert limits(back) == limits(here) and back.resolved["budget"]["total"] == here.resolved["budget"]["total"]


# --- grids


def test_percentages_of_a_rules_number_and_of_a_least():
    here = replace(budgeted(), rules=small(1, promotion_count={"min": 8, "per": "account"}).rules)
    assert grid_of(here, "rules.promotion_count.min=50%:100%:25%").values == (4.0, 6.0, 8.0)
    quarter = grid_of(here, "budget.by_quarter.2.min=100%:140%:20%")
    assert (quarter.own, quarter.values) == (500.0, (500.0, 600.0, 700.0))


def test_a_grid_where_the_scenario_has_no_limit_takes_amounts_only():
    free = replace(small(), budget=(), resolved={})
    grid = grid_of(free, "budget.total=100:300:100")
    assert (grid.own, grid.values, grid.shares) == (None, (100.0, 200.0, 300.0), (None, None, None))
    with pytest.raises(InputError, match=r"must be amounts: the scenario has no value at budget\.total"):
        grid_of(free, "budget.total=50%:100%:10%")


@given(st.integers(1, 300), st.integers(0, 60), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_percentages_are_the_same_grid_as_the_amounts_that_they_stand_for(first, more, step):
    """Of 4 000 one percent is 40."""
    here = budgeted()
    shares = grid_of(here, f"budget.total={first}%:{first + more}%:{step}%")
    amounts = grid_of(here, f"budget.total={40 * first}:{40 * (first + more)}:{40 * step}")
    assert shares.values == amounts.values
    assert shares.shares == tuple((first + step * n) / 100 for n in range(len(amounts.values)))


def test_a_step_beyond_the_end_leaves_the_first_alone():
    assert grid_of(small(), "budget.total=100:150:60").values == (100.0,)
    assert grid_of(small(), "budget.total=0%:0%:1%").values == (0.0,)


def test_as_many_points_as_are_allowed_and_not_one_more():
    assert len(grid_of(small(), f"budget.total=1:{MOST}:1").values) == MOST == 200
    with pytest.raises(InputError, match="at most 200 points, these are 201"):
        grid_of(small(), f"budget.total=1:{MOST + 1}:1")


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("0.1", Fraction(1, 10)),
        ("0.1%", Fraction(1, 1000)),
        ("120 %", Fraction(6, 5)),
        ("200万", Fraction(2_000_000)),
        ("-5", Fraction(-5)),
    ],
)
def test_numbers_are_taken_exactly_as_they_were_written(text, exact):
    assert number(text, "x=1:2:3") == exact


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("=1:2:1", "must be a number among the settings"),
        ("budget.total=1:2:1:1", "must be PATH=FIRST:LAST:STEP"),
        ("budget.total=:2:1", "must be PATH=FIRST:LAST:STEP"),
        ("budget.total=1:2:-1", "must go up"),
        ("budget.total=1:2:0", "must go up"),
        ("budget.total=1:2:10%", "all percentages or all amounts"),
        ("budget.total=nan:2:1", "must be a finite number"),
        ("budget.total=1:x:1", "must be"),
    ],
)
def test_what_is_no_grid_is_a_fault_of_the_command_line(over, told):
    with pytest.raises(InputError, match=told) as caught:
        grid_of(budgeted(), over)
    (fault,) = caught.value.faults
    assert fault.file == "--over" and not fault.expected.endswith(".")


@pytest.mark.parametrize("text", ["1/0:2:1", "1e400:1e400:1e399", "1e999999999:2:1", "nan:2:1", "1_0:20:1"])
def test_numbers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        grid_of(replace(small(), objective=Objective(case_value=10.0)), f"objective.case_value={text}")


def test_shares_of_a_negative_value_come_smallest_value_first() -> None:
    """Of -1 000: 150 %, 100 % and 50 % are -1 500, -1 000 and -500."""
    negative = replace(small(), objective=Objective(contribution_floor=-1000.0))
    grid = grid_of(negative, "objective.contribution_floor=50%:150%:50%")
    assert grid.values == (-1500.0, -1000.0, -500.0)
    assert grid.shares == (1.5, 1.0, 0.5)
