"""Peers solve the same program: true optima and bounds of small ones, limits kept, wrong plans refused."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from benchmarks.peers import PEERS
from benchmarks.peers.race import Race, raced
from benchmarks.peers.whole import ROW_BITS, in_whole_numbers, scales
from benchmarks.peers.worker import Asked, Teller
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import arrays
from kaopt.errors import EnvironmentFault

PACKAGE = {"highs": "highspy", "cpsat": "ortools", "scip": "pyscipopt"}
PACKAGES = [
    pytest.param(peer, marks=pytest.mark.skipif(find_spec(PACKAGE[peer]) is None, reason="the extra bench is not here"))
    for peer in PEERS
]


def small(seed: int, *, columns: int = 9) -> Program:
    """A random program with upper and lower limits, some rows with both, all columns 0 or 1 but one up to 3."""
    luck = np.random.default_rng(seed)
    body = np.where(luck.random((5, columns)) < 0.7, luck.uniform(-2, 9, (5, columns)), 0.0)
    body[0] = 1.0
    used = body @ luck.integers(0, 2, columns)  # so that there is a plan
    low = np.array([-np.inf, -np.inf, used[2] - 1.5, used[3] - 0.7, -np.inf])
    high = np.array([max(used[0], 2.0), used[1] + 1.3, np.inf, used[3] + 2.1, used[4]])
    ones = np.ones(columns)
    most = ones.copy()
    most[-1] = 3
    return Program(luck.uniform(-20, 99, columns), 7.25, sp.csr_matrix(body), low, high, 0 * ones, most, ones > 0)


def points(program: Program) -> list[Any]:
    """Every point of the box."""
    ends = [range(int(low), int(high) + 1) for low, high in zip(program.low, program.high, strict=True)]
    return [np.array(one, dtype=float) for one in product(*ends)]


def optimum(program: Program) -> float:
    return max(worth(program, x) for x in points(program) if feasible(program, x) is not None)


def solved(program: Program, peer: str) -> Race:
    return raced(program, peer, Asked(20.0, 1e-9, 1))


def right(program: Program, peer: str) -> None:
    race, best = solved(program, peer), optimum(program)
    assert race.bound is not None
    assert worth(program, race.plans[-1]) == pytest.approx(best, rel=1e-9)
    assert best - 1e-6 <= race.bound <= best + 9 * 2.0**-10 + 1e-6  # CP-SAT's values are rounded up to 1/1024
    assert race.refused == 0 and race.load > 0 and race.solver
    assert 0 < race.points[-1].cpu <= race.spent < 20
    assert all(a.cpu <= b.cpu for a, b in zip(race.points, race.points[1:], strict=False))


@pytest.mark.parametrize("peer", PACKAGES)
def test_a_peer_finds_the_optimum_of_a_small_program_and_proves_it(peer: str) -> None:
    right(small(1), peer)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("peer", PACKAGES)
def test_a_peer_finds_the_optima_of_small_programs(peer: str, seed: int) -> None:
    right(small(seed), peer)


@pytest.mark.thorough
@pytest.mark.parametrize("peer", PACKAGES)
def test_no_plan_no_claim(peer: str) -> None:
    less_than_nothing = small(3).row_high.copy()
    less_than_nothing[0] = -1.0  # of a sum of columns that are never negative
    race = solved(replace(small(3), row_high=less_than_nothing), peer)
    assert race.plans == [] and race.status.startswith("infeasible")


@pytest.mark.thorough
@pytest.mark.skipif(find_spec("ortools") is None, reason="the extra bench is not here")
def test_a_peer_of_whole_numbers_refuses_others() -> None:
    mixed = replace(small(1), integer=np.arange(9) != 4)
    with pytest.raises(EnvironmentFault, match=r"cpsat: .*whole numbers only"):
        solved(mixed, "cpsat")


def test_a_plan_that_breaks_a_row_is_refused_and_no_point_of_the_search() -> None:
    program = small(1)
    race = Race(program)
    kept = next(x for x in points(program) if feasible(program, x) is not None)
    broken = next(x for x in points(program) if feasible(program, x) is None)
    race.hear({"kind": "improved", "at": 1.0, "x": broken})
    race.hear({"kind": "improved", "at": 2.0, "x": kept + 1e-7})
    race.hear({"kind": "bound", "at": 3.0, "bound": 500.0})
    race.hear({"kind": "bound", "at": 4.0, "bound": 600.0})
    assert race.refused == 1 and race.bound == 500.0
    assert [np.array_equal(one, kept) for one in race.plans] == [True]
    assert [(one.cpu, one.objective) for one in race.points[:1]] == [(2.0, worth(program, kept))]


def test_only_better_and_finite_bounds_are_told() -> None:
    said: list[float] = []
    teller = Teller(lambda message: said.append(message["bound"]))
    for bound in (np.inf, 9.0, 10.0, 9.0, np.nan, 8.5):
        teller.proved(bound)
    assert said == [9.0, 8.5]


# in whole numbers


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_no_plan_is_lost_and_none_is_worth_less_in_whole_numbers(seed: int) -> None:
    program = small(seed, columns=5)
    whole = in_whole_numbers(arrays(program))
    assert whole.body.dtype == whole.cost.dtype == np.int64
    for x in points(program):
        used = whole.body @ x.astype(np.int64)
        held = bool(np.all((whole.low <= used) & (used <= whole.high)))
        if feasible(program, x) is not None:
            true, value = worth(program, x), int(whole.cost @ x.astype(np.int64)) * whole.unit + program.offset
            assert held and true <= value + 1e-12 <= true + 8 * whole.unit + 2e-12
        assert not held or near(program, x)


def near(program: Program, x: Any) -> bool:
    """Whether a point keeps every row but for what was rounded."""
    used, most = program.matrix @ x, (x.sum() + 1) * abs(program.matrix).max() * 2.0 ** (1 - ROW_BITS)
    return bool(np.all(used <= program.row_high + most) and np.all(used >= program.row_low - most))


def test_rows_of_whole_numbers_stay_as_they_are() -> None:
    body = sp.csr_matrix(np.array([[1.0, -1.0, 0.0], [0.5, 3.0, 0.0], [0.0, 0.0, 0.0]]))
    found = scales(body)
    assert found[0] == 1.0 and found[2] == 1.0
    assert 2.0 ** (ROW_BITS - 1) <= found[1] * 3.0 <= 2.0**ROW_BITS


def test_a_column_that_may_be_negative_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        in_whole_numbers(arrays(replace(small(1), low=np.full(9, -1.0))))
