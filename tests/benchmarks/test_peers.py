"""Peers solve the same program: true optima and bounds of small ones, limits kept, wrong plans refused."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from benchmarks.clock import PROC
from benchmarks.peers import PEERS, race
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
    found, best = solved(program, peer), optimum(program)
    assert found.bound is not None
    assert worth(program, found.plans[-1]) == pytest.approx(best, rel=1e-9)
    assert best - 1e-6 <= found.bound <= best + 9 * 2.0**-10 + 1e-6  # CP-SAT's values are rounded up to 1/1024
    assert found.refused == 0 and found.load > 0 and found.solver
    assert 0 < found.points[-1].cpu <= found.spent < 20
    assert all(a.cpu <= b.cpu for a, b in zip(found.points, found.points[1:], strict=False))


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
    found = solved(replace(small(3), row_high=less_than_nothing), peer)
    assert found.plans == [] and found.status.startswith("infeasible")


@pytest.mark.thorough
@pytest.mark.skipif(find_spec("ortools") is None, reason="the extra bench is not here")
def test_a_peer_of_whole_numbers_refuses_others() -> None:
    mixed = replace(small(1), integer=np.arange(9) != 4)
    with pytest.raises(EnvironmentFault, match=r"cpsat: .*whole numbers only"):
        solved(mixed, "cpsat")


def test_a_plan_that_breaks_a_row_is_refused_and_no_point_of_the_search() -> None:
    program = small(1)
    heard = Race(program)
    kept = next(x for x in points(program) if feasible(program, x) is not None)
    broken = next(x for x in points(program) if feasible(program, x) is None)
    heard.hear({"kind": "improved", "at": 1.0, "x": broken})
    heard.hear({"kind": "improved", "at": 2.0, "x": kept + 1e-7})
    heard.hear({"kind": "bound", "at": 3.0, "bound": 500.0})
    heard.hear({"kind": "bound", "at": 4.0, "bound": 600.0})
    assert heard.refused == 1 and heard.bound == 500.0
    assert [np.array_equal(one, kept) for one in heard.plans] == [True]
    assert [(one.cpu, one.objective) for one in heard.points[:1]] == [(2.0, worth(program, kept))]


def test_only_better_and_finite_bounds_are_told() -> None:
    said: list[float] = []
    teller = Teller(lambda message: said.append(message["bound"]))
    for bound in (np.inf, 9.0, 10.0, 9.0, np.nan, 8.5):
        teller.proved(bound)
    assert said == [9.0, 8.5]


@pytest.mark.skipif(not PROC.is_dir(), reason="the system tells nothing of living children")
def test_a_peer_that_does_not_keep_its_limit_is_ended_and_what_it_said_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    program = small(1)
    kept = next(x for x in points(program) if feasible(program, x) is not None)
    lazy = f"""
import pickle, sys, time
for _ in range(2): pickle.load(sys.stdin.buffer)
for said in ({{"kind": "loaded", "load": 0.01}}, {{"kind": "improved", "at": 0.02, "x": {kept.tolist()}}}):
    pickle.dump(said, sys.stdout.buffer); sys.stdout.buffer.flush()
while True: time.process_time()
"""
    monkeypatch.setattr(race, "CODE", lazy.replace("{", "{{").replace("}", "}}"))
    monkeypatch.setattr(race, "GRACE", 0.1)
    found = race.raced(program, "highs", Asked(0.2, 1e-9, 1))
    assert found.status == "ended beyond its limit" and found.spent > 0.3
    assert len(found.plans) == 1 and found.bound is None


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
