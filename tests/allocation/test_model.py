"""The Pyomo model says what the rows say, coefficient by coefficient, and its optimum is the best plan there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.model import build, labels_of, names_of, nothing, scale_of, to_program, write_model
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules import all_rows
from kaopt.allocation.solver.program import Program
from kaopt.errors import InfeasibleError
from kaopt.offers import Offers, make_offers
from kaopt.scenario.model import BudgetLine, Scenario
from tests.allocation.brute import decided, plan_of, subsets
from tests.allocation.rule_cases import CASES, SETTINGS, Case, line, plain
from tests.allocation.strategies import ruled


def program_of(world: Scenario) -> tuple[Offers, tuple[Rows, ...], Program]:
    offers = decided(world)
    rows = all_rows(world, offers)
    return offers, rows, to_program(build(world, offers, rows))


def by_hand(offers: Offers, rows: tuple[Rows, ...]) -> dict[str, tuple[np.ndarray, float, float, float]]:
    """Every row with entries: name -> coefficients over all columns, low, high, regret; from the rows, unscaled."""
    made = {}
    for name, block in zip(names_of(rows), rows, strict=True):
        for i, label in enumerate(labels_of(block)):
            body = block.matrix[[i]].toarray().ravel()
            made[f"rules[{name}].limit[{label}]"] = (body, block.low[i], block.high[i], block.regret[i])
    return made


@given(ruled())
@settings(max_examples=40, deadline=None)
def test_the_program_equals_the_rows_coefficient_by_coefficient(world: Scenario) -> None:
    try:
        offers, rows, program = program_of(world)
    except InfeasibleError:
        return
    size, own = offers.columns, offers.switches
    expected = by_hand(offers, rows)
    scales = {
        name: s
        for name, block in zip(expected, np.concatenate([scale_of(r) for r in rows] or [[]]), strict=True)
        for s in [block]
    }
    body, filled = program.matrix.toarray(), set()
    for r, raw in enumerate(program.row_names):
        name = raw.replace("'", "")
        coefficients, low, high, regret = expected[name]
        assert (body[r, :size] == coefficients * scales[name]).all()
        assert program.row_low[r] == low * scales[name] and program.row_high[r] == high * scales[name]
        extra = np.flatnonzero(body[r, size:]) + size
        assert sorted(body[r, extra]) == ([] if np.isnan(regret) else [-1.0, 1.0])
        assert (program.cost[extra] == -regret / scales[name]).all()
        filled.add(name)
    empty = {
        name for name, (coefficients, _, _, regret) in expected.items() if not coefficients.any() and np.isnan(regret)
    }
    assert expected.keys() - filled <= empty
    events, missing = np.ones(len(offers)), np.ones(len(program.cost) - size)
    assert (program.cost[:size] == np.concatenate([offers.value, own.value])).all()
    assert (program.integer == np.concatenate([events > 0, own.whole, missing < 0])).all()
    assert (program.low == np.concatenate([0 * events, own.low, 0 * missing])).all()
    assert (program.high == np.concatenate([events, own.high, np.inf * missing])).all()


@given(ruled())
@settings(max_examples=40, deadline=None)
def test_every_row_is_scaled_to_about_one_and_back_exactly(world: Scenario) -> None:
    for rows in all_rows(world, decided(world)):
        scale = scale_of(rows)
        largest = np.array([max(abs(row.data), default=0.0) for row in sp.diags(scale).tocsr() @ rows.matrix])
        assert ((largest == 0) | ((largest > 0.7) & (largest < 1.5))).all()
        assert (np.frexp(scale)[0] == 0.5).all()  # powers of two: multiplying and dividing lose nothing


def solved(program: Program) -> tuple[float, np.ndarray] | None:
    if not len(program.cost):
        return program.offset, np.zeros(0)
    found = milp(
        -program.cost,
        integrality=program.integer.astype(int),
        bounds=Bounds(program.low, program.high),
        constraints=LinearConstraint(program.matrix, program.row_low, program.row_high),
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else (float(program.cost @ found.x + program.offset), found.x)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_best_choice_of_the_model_is_the_best_plan_of_the_judge(case: Case) -> None:
    """The hand-computed optimum of every rule's case, found by a solver on the compiled model."""
    world = case.world()
    offers, _, program = program_of(world)
    found = solved(program)
    assert found is not None
    value, x = found
    filled = np.flatnonzero(~offers.switches.whole)  # continuous: right to the solver's tolerance, 1e-7 of each
    assert value == pytest.approx(case.best, abs=1e-6 + 1e-7 * abs(offers.switches.value[filled]).sum())
    judged = evaluate(world, plan_of(offers, np.round(x[: len(offers)]).astype(int)))
    assert judged.breaches == ()
    assert judged.objective == pytest.approx(case.best, abs=1e-6)


def test_offers_that_count_nowhere_keep_their_place() -> None:
    """An offer of no value in no row is no reason to shift the others."""
    world = plain((1, 1, 3), base_cases=np.array([[[100.0, 0.0, 100.0]]]), treatment_columns={"weekly_cost": [0.0]})
    _, rows, program = program_of(world)
    assert rows == () and program.matrix.shape == (0, 3)
    assert program.cost.tolist() == pytest.approx([2500, 0, 2500])
    assert program.column_names == ("chosen[0]", "chosen[1]", "chosen[2]")


def test_a_range_is_one_row() -> None:
    world = plain((1, 1, 3), budget=(line((1, 1, 3), low=600.0, high=1000.0),))
    _, _, program = program_of(world)
    assert program.matrix.shape == (1, 3)
    assert (program.row_low[0] * 512, program.row_high[0] * 512) == (600, 1000)  # 500 is next to 512
    assert program.matrix.toarray().tolist() == [[500 / 512] * 3]


def test_rules_named_twice_and_scopes_met_twice_are_numbered() -> None:
    world = plain(
        (1, 1, 3), rules={"promotion_count": (SETTINGS["promotion_count"](max=1), SETTINGS["promotion_count"](min=1))}
    )
    _, rows, program = program_of(world)
    assert names_of(rows) == ["promotion_count", "promotion_count 2"]
    twice = make_rows("r", "event", ("total", "total"), np.ones((2, 3)), high=1.0)
    assert labels_of(twice) == ["total", "total (2)"]
    assert len(program.row_names) == 2


def test_what_soft_rows_miss_has_its_price_and_doing_nothing_is_worth_nothing() -> None:
    """Two promised, 600 each: the objective of doing nothing is -1 200 by regret and 0 by definition."""
    soft = SETTINGS["promotion_count"](min=2, hard=False, regret=600.0)
    _, _, program = program_of(plain((1, 1, 2), rules={"promotion_count": (soft,)}))
    assert program.offset == pytest.approx(1200)
    assert program.cost[2:].tolist() == pytest.approx([-600, -600])
    assert program.matrix.toarray().tolist() == [[1, 1, 1, -1]]


def test_a_row_that_no_offer_helps_is_infeasible_by_name() -> None:
    world = plain(
        (1, 1, 2),
        eligible=np.zeros((1, 1, 1, 2), bool),
        rules={"promotion_count": (SETTINGS["promotion_count"](min=1),)},
    )
    with pytest.raises(InfeasibleError, match=r"promotion_count \[account=A1\]"):
        program_of(world)


def test_a_row_that_needs_no_help_is_left_out() -> None:
    none = BudgetLine("none", np.zeros(1, bool), np.ones(2, bool), np.ones(1, bool), 0.0, 100.0)
    _, _, program = program_of(plain((1, 1, 2), budget=(none,)))
    assert program.row_names == ()


@pytest.mark.parametrize("ending", [".mps", ".lp"])
def test_the_model_can_be_saved_for_any_solver(tmp_path: Path, ending: str) -> None:
    world = plain((1, 1, 3), budget=(line((1, 1, 3), high=1000.0),))
    offers = make_offers(world)
    path = tmp_path / f"plan{ending}"
    write_model(build(world, offers, all_rows(world, offers)), path)
    text = path.read_text()
    assert "500" in text or str(500 / 512) in text
    assert text.count("2000") == 3


def test_the_model_of_a_world_without_offers_is_empty() -> None:
    world = replace(plain((1, 1, 2)), eligible=np.zeros((1, 1, 1, 2), bool))
    _, rows, program = program_of(world)
    assert rows == () and len(program.cost) == 0


def test_rows_keep_their_offers_where_one_in_the_middle_counts_nowhere() -> None:
    rules = {"profit_floor": (SETTINGS["profit_floor"](min=3000.0),)}
    base = np.array([[[100.0, 0.0, 200.0]]])
    world = plain((1, 1, 3), rules=rules, base_cases=base, treatment_columns={"weekly_cost": [0.0]})
    _, _, program = program_of(world)
    assert (program.matrix.toarray() * 4096).tolist() == [pytest.approx([2500, 0, 5000])]
    assert program.row_low[0] * 4096 == 3000


def test_the_regret_of_nothing_counts_both_sides() -> None:
    """5 too few at 2 each, 3 too many at 10 each; hard rows are not regretted."""
    low, high = np.array([5.0, -np.inf, 5.0]), np.array([np.inf, -3.0, np.inf])
    rows = make_rows(
        "r", "x", ("a", "b", "c"), np.ones((3, 1)), low=low, high=high, regret=np.array([2.0, 10.0, np.nan])
    )
    assert nothing(rows, np.zeros(1)) == pytest.approx(5 * 2 + 3 * 10)


@given(ruled())
@settings(max_examples=12, deadline=None)
def test_the_optimum_of_the_model_is_the_best_of_all_plans(world: Scenario) -> None:
    """Random worlds with random rules: a solver on the compiled model against the judge on every plan."""
    offers = make_offers(world)
    if len(offers) > 8:
        kept = np.zeros(world.eligible.shape, bool)
        kept[:, :, :, :2] = True
        world = replace(world, eligible=world.eligible & kept)
        offers = make_offers(world)
    if len(offers) > 8:
        return
    judged = [evaluate(world, plan_of(offers, chosen)) for chosen in subsets(len(offers))]
    allowed = [one.objective for one in judged if not one.breaches]
    try:
        found = solved(program_of(world)[2])
    except InfeasibleError:
        found = None
    assert (found is None) == (not allowed)
    if found is not None:
        assert found[0] == pytest.approx(max(allowed), rel=1e-6, abs=1e-5)


@pytest.mark.thorough
@given(ruled())
@settings(max_examples=60, deadline=None)
def test_the_optimum_of_the_model_is_the_best_of_all_plans_more_often(world: Scenario) -> None:
    test_the_optimum_of_the_model_is_the_best_of_all_plans.hypothesis.inner_test(world)
