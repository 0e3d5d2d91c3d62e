"""One setting at other values: the world is the one that the files would give with that value in them."""

from __future__ import annotations

import pytest

from kaopt import api
from kaopt.errors import InputError
from kaopt.scenario.vary import number_at, numbers, with_number
from tests.test_cli import corner

RULES = (
    "rules: {spacing: {gap: 1}, margin_mix: [{min: 30%}, {min: 20%, per: account}], "
    "market_share: {min_growth_index: 1}}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("vary") / "corner"
    corner(path)
    text = (path / "scenario.yaml").read_text(encoding="utf-8")
    text = text.replace("rules: {spacing: {gap: 1}}", RULES)
    text = text.replace("budget: {total: 4000}", "budget: {total: 4000, nodes: [{account: A, max: 3000, min: 10}]}")
    (path / "scenario.yaml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def world(folder):
    return api.load(folder)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("budget.total", 2500.0),
        ("budget.total.min", 100.0),
        ("budget.nodes.0.max", 1234.5),
        ("budget.nodes.0.min", 0.0),
        ("objective.case_value", 35.0),
        ("objective.hurdle", 0.25),
        ("rules.market_share.min_growth_index", 1.05),
        ("rules.margin_mix.1.min", 0.25),
        ("rules.spacing.gap", 3.0),
    ],
)
def test_it_is_the_world_that_the_files_would_give(folder, world, path, value):
    said = f"{path}={value:g}" if path != "budget.total" else f"budget.total.max={value:g}"
    expected = api.load(folder, overrides=["budget.total={max: 4000}", said] if "total" in path else [said])
    found = with_number(world, path, value)
    assert found.objective == expected.objective
    assert dict(found.rules) == dict(expected.rules)
    assert [(x.scope, x.low, x.high) for x in found.budget] == [(x.scope, x.low, x.high) for x in expected.budget]
    for mine, theirs in zip(found.budget, expected.budget, strict=True):
        assert (mine.accounts == theirs.accounts).all() and (mine.weeks == theirs.weeks).all()
    assert found.resolved == expected.resolved
    assert number_at(found, path) == value


def test_the_world_itself_stays_as_it_was(world):
    before = (world.budget, world.objective, dict(world.rules), repr(world.resolved))
    with_number(world, "budget.total", 1.0)
    assert (world.budget, world.objective, dict(world.rules), repr(world.resolved)) == before


def test_a_total_that_was_not_limited_becomes_a_limit(tmp_path):
    corner(tmp_path / "free")
    file = tmp_path / "free" / "scenario.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("budget: {total: 4000}\n", ""), encoding="utf-8")
    text = file.read_text(encoding="utf-8").replace("  lean: {budget: {total: 1500}}", "  lean: {solve: {gap: 2%}}")
    file.write_text(text, encoding="utf-8")
    world = api.load(tmp_path / "free")
    assert world.budget == ()
    found = with_number(world, "budget.total", 700.0)
    (line,) = found.budget
    assert (line.scope, line.low, line.high) == ("total", 0.0, 700.0)
    assert line.accounts.all() and line.weeks.all() and line.treatments.all()
    assert number_at(world, "budget.total") != number_at(world, "budget.total")  # NaN: no limit


def test_every_number_can_be_asked_for(world):
    found = dict(numbers(world))
    assert found["budget.total.max"] == 4000.0
    assert found["rules.margin_mix.0.min"] == 0.3
    assert "rules.spacing.hard" not in found  # yes or no is no number
    assert all(number_at(world, name) == value for name, value in found.items() if value == value)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("budget.totl", 1.0, "Did you mean 'budget.total'"),
        ("supply.docks", 1.0, "must be a number among the settings budget, objective and rules"),
        ("rules.margin_mix.min", 0.3, "Did you mean 'rules.margin_mix"),
        ("rules.market_share.min_growth_index", -1.0, "greater than 0"),
        ("rules.margin_mix.0.min", 1.5, "must be between 0 and 1"),
        ("rules.spacing.gap", 1.5, "integer"),
        ("budget.total", -5.0, "must be at least 0"),
        ("budget.nodes.0.max", 5.0, "must keep the least"),
    ],
)
def test_what_cannot_be_is_told(world, path, value, told):
    with pytest.raises(InputError, match=told):
        with_number(world, path, value)
