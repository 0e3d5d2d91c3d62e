"""Budget lines: every mask against the plain question, account by account, week by week, treatment by treatment."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.scenario.budget import Tree, budget_lines, line, scope_of
from kaopt.scenario.cells import Cast, Typed
from kaopt.scenario.grid import Grid
from kaopt.scenario.settings import Budget, BudgetNode, Limits
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import Origin
from kaopt.scenario.yaml_file import Node, parse_yaml

ACCOUNTS = {
    "account": ("W", "X", "Z"),
    "channel": ("hyper market", "super", ""),
    "region": ("East", "East", "South"),
    "segment": ("a", "b", "b"),
}
FAMILY = ("price", "display", "display", "gift")
WEEKS = 30
TREE = Tree(ACCOUNTS, FAMILY, np.minimum(np.arange(WEEKS) // 13, 1) + 1)


def plainly(node: BudgetNode) -> tuple[list[bool], list[bool], list[bool]]:
    """The same question asked cell by cell, with a match written out by hand."""

    def fits(pattern: str, text: str) -> bool:
        if "*" not in pattern:
            return pattern == text
        start, _, end = pattern.partition("*")
        return len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)

    accounts = [all(fits(getattr(node, name), column[a]) for name, column in ACCOUNTS.items()) for a in range(3)]
    weeks = [
        (node.quarter is None or (node.quarter == 1) == (w < 13)) and (not node.weeks or w + 1 in node.weeks)
        for w in range(WEEKS)
    ]
    return accounts, weeks, [fits(node.family, one) for one in FAMILY]


PATTERNS = st.sampled_from(["*", "W", "hyper market", "hyper*", "*er", "East", "S*h", "b", "nobody", ""])
NODES = st.builds(
    BudgetNode,
    account=st.sampled_from(["*", "W", "X", "V*"]),
    channel=PATTERNS,
    region=PATTERNS,
    segment=PATTERNS,
    family=st.sampled_from(["*", "display", "p*", "*t", "no"]),
    quarter=st.sampled_from([None, 1, 2]),
    weeks=st.lists(st.integers(1, WEEKS), max_size=4),
    max=st.integers(1, 100),
)


@given(NODES)
def test_a_line_marks_what_the_node_means(node: BudgetNode) -> None:
    made = line(node, TREE)
    assert (made.accounts.tolist(), made.weeks.tolist(), made.treatments.tolist()) == plainly(node)
    assert (made.low, made.high) == (0, node.max)
    assert not made.accounts.flags.writeable


@given(NODES)
def test_a_scope_names_all_that_narrows_it(node: BudgetNode) -> None:
    scope = scope_of(node)
    for name in ("account", "channel", "region", "segment", "family"):
        assert (f"{name}={getattr(node, name)}" in scope) == (getattr(node, name) != "*")
    assert ("quarter=" in scope) == (node.quarter is not None)
    assert ("weeks=" in scope) == bool(node.weeks)


@pytest.mark.parametrize(
    ("node", "scope"),
    [
        (BudgetNode(), "total"),
        (BudgetNode(quarter=2), "quarter=2"),
        (BudgetNode(account="W"), "account=W"),
        (BudgetNode(account="W", quarter=2), "account=W quarter=2"),
        (BudgetNode(family="display", weeks="1-3|9"), "family=display weeks=1-3|9"),
    ],
)
def test_scopes_as_the_contract_writes_them(node: BudgetNode, scope: str) -> None:
    assert scope_of(node) == scope
    assert line(node, TREE).scope == scope


def test_a_name_stands_for_the_scope() -> None:
    assert line(BudgetNode(name="displays", family="display"), TREE).scope == "displays"


def shelf(rows: list[tuple[str, int, float, float]] = []) -> Shelf:  # noqa: B006
    grid = Grid("accounts", {}, [Origin("tables/accounts.csv", 2)])
    accounts = Typed(grid, {name: list(column) for name, column in ACCOUNTS.items()})
    mechanics = Typed(grid, {"family": list(FAMILY)})
    places = [Origin("tables/budgets.csv", i + 2) for i in range(len(rows))]
    columns = dict(zip(("account", "quarter", "max", "min"), map(list, zip(*rows, strict=True)), strict=True))
    budgets = {"budgets": Typed(Grid("budgets", {}, places), columns)} if rows else {}
    return Shelf({"accounts": accounts, "mechanics": mechanics, **budgets}, Cast({}))


def settings(text: str) -> Node:
    found = parse_yaml(text, "scenario.yaml", [])
    assert found is not None
    return found


def test_limits_that_limit_nothing_are_no_lines() -> None:
    lines, faults = budget_lines(Budget(), settings("a: 1"), shelf([("W", 0, inf, 0.0)]), TREE.quarter - 1)
    assert (lines, faults) == ([], [])


def test_settings_and_table_together() -> None:
    budget = Budget.model_validate(
        {"total": "10万", "by_quarter": {"1": {"max": 5, "min": 1}}, "nodes": [{"family": "gift", "min": 3}]}
    )
    lines, faults = budget_lines(
        budget, settings("budget: {total: 10万}"), shelf([("W", 2, 7.0, 0.0), ("X", 0, inf, 2.0)]), TREE.quarter - 1
    )
    assert faults == []
    assert [(one.scope, one.low, one.high) for one in lines] == [
        ("total", 0, 100_000),
        ("quarter=1", 1, 5),
        ("family=gift", 3, inf),
        ("account=W quarter=2", 0, 7),
        ("account=X", 2, inf),
    ]
    assert int(lines[1].weeks.sum()) == 13
    assert int(lines[3].weeks.sum()) == 17  # the last quarter takes what is over
    assert sum(one.weeks.sum() for one in lines if one.scope.startswith("quarter")) == 13


def test_faults_stand_where_the_limit_does() -> None:
    budget = Budget.model_validate({"by_quarter": {"3": 5}, "nodes": [{"account": "V", "max": 1}]})
    text = settings("budget:\n  by_quarter:\n    3: 5\n  nodes:\n    - account: V\n      max: 1\n")
    lines, faults = budget_lines(budget, text, shelf([("W", 5, 7.0, 0.0), ("X", 0, 1.0, 2.0)]), TREE.quarter - 1)
    assert lines == []
    assert [(str(one).split(" ")[0], one.column) for one in faults] == [
        ("scenario.yaml:3", "budget.by_quarter.3"),
        ("scenario.yaml:5", "budget.nodes.0.account"),
        ("tables/budgets.csv:2", "quarter"),
        ("tables/budgets.csv:3", "max"),
    ]


def test_a_single_amount_is_the_most() -> None:
    assert Budget.model_validate({"total": "440万"}).total == Limits(max=4_400_000)
    assert Budget().total.max == inf
