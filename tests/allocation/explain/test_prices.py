"""Prices against an independent solver, hand-worked worlds, and the difference that re-solves make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from kaopt.allocation.allocate import solved
from kaopt.allocation.explain.explanation import explain
from kaopt.allocation.explain.prices import money_of, prices_of
from kaopt.allocation.explain.relaxed import Relaxed, relaxed_of
from kaopt.allocation.explain.steps import STEP, steps
from kaopt.allocation.model import build, to_program
from kaopt.allocation.problem import problem_of, program_of
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import InfeasibleError
from kaopt.report.binding import constraints_frame
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.rule_cases import SETTINGS, line, plain
from tests.allocation.strategies import ruled
from tests.worlds import world

FOUR = (1, 1, 4)


def rich(seed: int = 0, budget: float = 6000.0, maximize: str = "profitable_volume") -> Scenario:
    """Four accounts of three SKUs, ten weeks, every amount different; events of one week, so that prices are unique."""
    luck = np.random.default_rng(seed)
    shape = (4, 3, 10)
    every = BudgetLine("total", np.ones(4, bool), np.ones(10, bool), np.ones(2, bool), 0.0, budget)
    return world(
        *shape,
        base_cases=luck.uniform(50, 200, shape),
        treatment_columns={"lengths": [(1,), (1,)], "weekly_cost": [0.0, 180.0]},
        response_columns={
            "elasticity": -luck.uniform(1.5, 3.5, shape[:2]),
            "display": luck.uniform(0.3, 0.9, shape[:2]),
        },
        objective=Objective(maximize=maximize),
        budget=(every,),
        account_columns={"display_slots": 2},
    )


def independent(here: Scenario, relaxed: Relaxed) -> tuple[Program, object]:
    """The relaxation built by Pyomo and solved by scipy: another matrix, another reader, another copy of a solver."""
    program = to_program(build(here, relaxed.problem.offers, relaxed.problem.rows))
    upper, lower = np.isfinite(program.row_high), np.isfinite(program.row_low)
    body = program.matrix.toarray()
    answer = linprog(
        -program.cost,
        A_ub=np.vstack([body[upper], -body[lower]]),
        b_ub=np.concatenate([program.row_high[upper], -program.row_low[lower]]),
        bounds=list(zip(program.low, np.where(np.isinf(program.high), None, program.high), strict=True)),
        method="highs",
    )
    return program, answer


@pytest.mark.parametrize("maximize", ["profitable_volume", "profit", "value"])
def test_reduced_costs_equal_those_of_an_independent_solver(maximize: str) -> None:
    here = rich(maximize=maximize)
    relaxed = relaxed_of(here)
    _, answer = independent(here, relaxed)
    theirs = -(answer.lower.marginals + answer.upper.marginals)[: len(relaxed.problem.offers)]
    scale = money_of(here)
    assert scale * relaxed.prices.reduced == pytest.approx(scale * theirs, abs=1.0)  # a unit of money
    assert relaxed.prices.reduced == pytest.approx(theirs, abs=1e-6)
    assert relaxed.prices.value == pytest.approx(-answer.fun, rel=1e-9)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


@given(here=ruled())
@settings(max_examples=25, deadline=None)
def test_prices_are_optimal_duals_of_the_independent_program(here: Scenario, child: Child) -> None:
    """Also where several sets of prices are right: dual feasible, and worth as much as the best relaxed plan."""
    try:
        problem = problem_of(here)
        gated = gate(program_of(here, problem))
    except InfeasibleError:
        return
    root = relax(gated.program, Limits(seconds=20), child=child)
    if root.status != "optimal":
        return
    relaxed = Relaxed(problem, gated, root, prices_of(here, problem, gated, root))
    program, answer = independent(here, relaxed)
    assert answer.status == 0
    prices, value = relaxed.prices, program.offset
    for rows, price in zip(prices.problem.rows, prices.blocks, strict=True):
        assert ((price <= 1e-7) | np.isfinite(rows.high)).all()
        assert ((price >= -1e-7) | np.isfinite(rows.low)).all()
        limit = np.where(price > 0, rows.high, rows.low)
        used = price != 0
        value += float(price[used] @ limit[used])
        soft = ~np.isnan(rows.regret)
        assert (np.abs(price[soft]) <= rows.regret[soft] * (1 + 1e-7) + 1e-9).all()  # nobody pays more than the regret
    ends = program.low[: len(prices.reduced)], program.high[: len(prices.reduced)]
    with np.errstate(invalid="ignore"):
        corner = np.where(prices.reduced > 0, prices.reduced * ends[1], prices.reduced * ends[0])
    value += float(np.where(np.abs(prices.reduced) < 1e-9, 0.0, corner).sum())
    assert value == pytest.approx(-answer.fun + program.offset, rel=1e-6, abs=1e-4)


def test_the_price_of_a_budget_by_hand() -> None:
    """An event costs 500 and brings 2 000: a yuan more brings 4, until the fourth event is paid."""
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),))
    relaxed = relaxed_of(here)
    (price,) = (b for rows, b in zip(relaxed.problem.rows, relaxed.prices.blocks, strict=True) if rows.rule == "budget")
    assert price == pytest.approx([4.0])
    assert relaxed.prices.reduced == pytest.approx(np.zeros(4), abs=1e-9)


def test_the_price_of_a_minimum_is_what_it_costs() -> None:
    """Three events at 500 of loss each: one promise more costs another 500."""
    losing = {"weekly_cost": [3000.0]}
    here = replace(
        plain(FOUR, treatment_columns=losing), rules={"promotion_count": (SETTINGS["promotion_count"](min=3),)}
    )
    relaxed = relaxed_of(here)
    (price,) = (b for r, b in zip(relaxed.problem.rows, relaxed.prices.blocks, strict=True) if r.rule != "one_event")
    assert price == pytest.approx([-500.0])


def test_steps_stand_on_either_side_of_the_price() -> None:
    relaxed = relaxed_of(rich())
    found = steps(relaxed.prices, relaxed.gated, relaxed.root, Limits(seconds=30))
    assert relaxed.problem.rows[found[0].block].rule == "budget"
    assert len({relaxed.problem.rows[one.block].rule for one in found}) == len(found)
    for one in found:
        assert one.up <= one.price + 1e-6
        assert one.down >= one.price - 1e-6


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_step_is_the_difference_of_two_independent_solves(sign: int) -> None:
    here = rich()
    relaxed = relaxed_of(here)
    (first, *_) = steps(relaxed.prices, relaxed.gated, relaxed.root, Limits(seconds=30))
    moved = relaxed_of(rich(budget=6000.0 * (1 + sign * STEP)))
    told = (moved.prices.value - relaxed.prices.value) / (sign * STEP * 6000.0)
    assert told == pytest.approx(first.up if sign > 0 else first.down, rel=1e-6)


def test_the_budget_price_in_the_table_is_the_resolved_difference() -> None:
    """Within 5 %, of the relaxation for a small step."""
    here = rich()
    done = solved(here)
    known = explain(here, done)
    assert known is not None
    frame = constraints_frame(done.problem.rows, done.columns, known)
    told = frame[(frame["rule"] == "budget") & (frame["side"] == "max")].iloc[0]
    step = 5.0
    more, less = (relaxed_of(rich(budget=6000.0 + by)).prices.value for by in (step, -step))
    assert told["price"] == pytest.approx((more - less) / (2 * step), rel=0.05)
    assert told["price_money"] == pytest.approx(told["price"] * 20.0)
    assert told["price_up"] <= told["price"] + 1e-9 <= told["price_down"] + 2e-9
    assert told["used"] <= told["limit"]


def test_tested_prices_lie_where_their_limits_stand() -> None:
    here = rich()
    done = solved(here)
    known = explain(here, done)
    assert known is not None
    frame = constraints_frame(done.problem.rows, done.columns, known)
    tested = frame[frame["price_down"].notna()]
    assert len(tested) == len(known.steps)
    steps_by_limit = sorted(known.steps, key=lambda one: one.limit)
    for (_, told), step in zip(tested.sort_values("limit").iterrows(), steps_by_limit, strict=True):
        assert (told["price"], told["limit"], told["side"]) == (step.price, step.limit, step.side)


def test_without_time_there_are_prices_but_no_steps() -> None:
    relaxed = relaxed_of(rich())
    assert steps(relaxed.prices, relaxed.gated, relaxed.root, Limits(seconds=0.0)) == ()
    assert steps(relaxed.prices, relaxed.gated, replace(relaxed.root, status="stopped"), Limits(seconds=9)) == ()
