"""The pinned solver with our options, run on what broke other versions of it and on programs solved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.optimize as so

from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, solve
from tests.allocation.programs import from_mps, packing_program, random_program, try_everything

TRUST = Path(__file__).parents[1] / "trust"
TRUTH = {
    "highs_1151_wrong_optimum_default": -2061.1786,
    "highs_1151_wrong_optimum_seed7": -1942.2995,
    "highs_1151_wrong_infeasible_seed7": 5379.7785,  # minimised: the greatest negative
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("rule_off", [0, 32768])
@pytest.mark.parametrize("name", TRUTH)
def test_models_that_broke_other_versions(name: str, rule_off: int, seed: int, child: Child) -> None:
    model = gate(from_mps(TRUST / f"{name}.mps")).program
    limits = Limits(seconds=60, gap=1e-9, seed=seed, options={"presolve_rule_off": rule_off})
    found = solve(model, limits, child=child)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(TRUTH[name], abs=1e-3)
    assert safe_bound(model, relax(model, limits, child=child).duals) >= found.objective


def assert_right(one: Program, child: Child, seed: int) -> None:
    truth, best = try_everything(one)
    found = solve(gate(one).program, Limits(seconds=30, gap=1e-9, seed=seed), child=child)
    if best is None:
        assert found.status == "infeasible"
        assert found.x is None
    else:
        assert found.status == "optimal"
        assert found.objective == pytest.approx(truth, rel=1e-9, abs=1e-9)
        assert found.claimed_bound >= truth - 1e-6


def test_random_programs_against_everything_tried(child: Child) -> None:
    kinds = {"solved": 0, "impossible": 0}
    for seed in range(160):
        one = random_program(seed, columns=9, rows=5)
        assert_right(one, child, seed % 5)
        kinds["impossible" if try_everything(one)[1] is None else "solved"] += 1
    assert min(kinds.values()) > 10


def test_whole_numbers_beyond_one(child: Child) -> None:
    for seed in range(60):
        assert_right(random_program(seed, columns=5, rows=4, top=4), child, seed)


def test_against_another_interface(child: Child) -> None:
    """Larger packing programs, against scipy's interface to a HiGHS of its own."""
    for seed in range(12):
        one = packing_program(seed, blocks=5, weeks=7)
        other = so.milp(
            -one.cost,
            constraints=so.LinearConstraint(one.matrix, one.row_low, one.row_high),
            integrality=np.ones(len(one.cost)),
            bounds=so.Bounds(one.low, one.high),
        )
        found = solve(gate(one).program, Limits(gap=1e-9), child=child)
        assert found.objective == pytest.approx(-other.fun, rel=1e-7)


def test_a_start_changes_the_way_and_not_the_answer(child: Child) -> None:
    one = packing_program(3)
    free = solve(gate(one).program, Limits(gap=1e-9), child=child)
    assert free.x is not None
    poor = np.where(np.cumsum(free.x) <= 5, free.x, 0.0)
    loose = replace(one, row_low=np.full_like(one.row_low, -np.inf))
    best = solve(gate(loose).program, Limits(gap=1e-9), child=child)
    helped = solve(gate(loose).program, Limits(gap=1e-9), start=poor, child=child)
    assert helped.objective == pytest.approx(best.objective, rel=1e-9)


@pytest.mark.thorough
def test_thousands_of_random_programs(child: Child) -> None:
    for seed in range(1000, 5000):
        assert_right(random_program(seed, columns=5 + seed % 8, rows=3 + seed % 6), child, seed)
