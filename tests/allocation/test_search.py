"""The search: from a program to a plan with a proven gap, the same each time, on the columns that matter first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.blocks.structure import Places
from kaopt.allocation.search import neighbourhood
from kaopt.allocation.search import search as searching
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.relax import relax
from kaopt.allocation.search.search import promising, search
from kaopt.allocation.search.start import Hand, completed, construct
from kaopt.allocation.search.tighten import tightened
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, Solution
from kaopt.errors import ContradictionError
from kaopt.progress import Progress
from tests.allocation.programs import packing_program, program, random_program, try_everything


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def run(one: Program, child: Child, **aim: object) -> Search:
    given = {"gap": 1e-6, "limits": Limits(seconds=30)} | aim
    return search(tightened(gate(one).program), Aim(**given), child)  # type: ignore[arg-type]


def test_bound_optimum_plan(child: Child) -> None:
    """Small programs are closed: the bound meets the optimum by enumeration, from above."""
    impossible = 0
    for seed in range(60):
        one = random_program(seed, columns=9)
        truth, best = try_everything(one)
        found = run(one, child)
        if best is None:
            impossible += 1
            assert found.x is None
            assert found.infeasible
        else:
            assert found.objective == pytest.approx(truth, rel=1e-9, abs=1e-9)
            assert truth - 1e-7 <= found.bound <= truth + 1e-5 * (1 + abs(truth))
    assert impossible > 3


def test_the_asked_gap_ends_the_search(child: Child) -> None:
    one = packing_program(1, blocks=12, weeks=10)
    rough, fine = run(one, child, gap=0.05), run(one, child, gap=0.001)
    assert rough.gap <= 0.05
    assert fine.gap <= 0.001
    assert fine.objective >= rough.objective * (1 - 1e-9) or rough.gap <= 0.001
    assert rough.bound >= fine.objective


def test_groups_close_what_single_choices_cannot(child: Child) -> None:
    """Alike weeks: a limit of 7.5 on events that are all alike leaves half an event to the relaxation, in any week."""
    weeks, blocks = 20, 4
    count = weeks * blocks
    rows = np.kron(np.eye(blocks), np.ones(weeks))
    alike = program(np.ones(count), np.vstack([rows, np.ones(count)]), high=[7.5] * blocks + [100.0])
    labels = np.arange(count) // weeks
    found = run(alike, child, groups=(labels,), gap=0.0)
    assert found.objective == 28.0
    assert found.bound == pytest.approx(28.0, abs=1e-9)


def test_the_same_plan_twice() -> None:
    found = []
    for _ in range(2):
        with Child() as fresh:
            found.append(run(packing_program(3, blocks=15, weeks=12), fresh, gap=0.01))
    assert found[0].gap <= 0.01
    assert found[0].x.tobytes() == found[1].x.tobytes()
    assert found[0].bound == found[1].bound


def test_restricted_columns_grow_until_the_gap_is_met(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few columns at first, the search still ends at the optimum of all."""
    monkeypatch.setattr(searching, "SMALL", 10)
    monkeypatch.setattr(searching, "LEAST_COLUMNS", 1)
    monkeypatch.setattr(searching, "FIRST_COLUMNS", 1)
    for seed in range(4):
        one = packing_program(seed, blocks=4, weeks=2, kinds=2)
        truth, best = try_everything(one)
        assert best is not None
        assert run(one, child).objective == pytest.approx(truth, rel=1e-9)


def test_columns_that_matter_come_first(child: Child) -> None:
    one = gate(packing_program(3, blocks=6, weeks=10)).program
    root = relax(one, Limits(), child=child)
    few = promising(one, root, 20)
    assert set(np.flatnonzero(root.x > 1e-7)) <= set(few)
    left_out = np.setdiff1d(np.arange(len(one.cost)), few)
    assert len(left_out)
    assert root.reduced_costs[left_out].max() <= root.reduced_costs[few].max()
    assert len(promising(one, root, 10**6)) == len(one.cost)
    beside = np.setdiff1d(left_out, [left_out[0]])  # no events: without its switch an event that pays is no use
    place = np.where(np.isin(np.arange(len(one.cost)), beside), -1, 0)
    assert np.setdiff1d(np.arange(len(one.cost)), promising(one, root, 20, Places(place, place))).tolist() == [
        left_out[0]
    ]


def test_improvements_are_saved_and_told_in_order(child: Child) -> None:
    one = tightened(gate(packing_program(9, blocks=15, weeks=12)).program)
    saved: list[float] = []
    told: list[Progress] = []
    found = run(one, child, gap=2e-3, save=lambda x: saved.append(worth(one, x)), listener=told.append)
    assert saved == sorted(saved)
    assert saved[-1] == found.objective
    assert {"relax", "start"} <= {event.stage for event in told}
    proven = [event.bound for event in told if event.stage in ("relax", "prove", "start") and event.bound is not None]
    assert proven == sorted(proven, reverse=True)


def test_interrupted_before_any_relaxation(monkeypatch: pytest.MonkeyPatch, child: Child) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise Stopped("interrupted", "by the user")

    monkeypatch.setattr(searching, "relax", interrupt)
    found = run(packing_program(2), child)
    assert found.interrupted
    assert found.x is not None  # made without the solver
    assert found.bound == inf


def test_a_solver_that_never_answers_leaves_a_plan() -> None:
    with Child(code="import time; time.sleep(600)", grace=0.2) as hangs:
        found = run(packing_program(2), hangs, limits=Limits(seconds=0.3))
    assert found.x is not None
    assert "overran" in found.notes[0]


def test_false_infeasibility_is_a_contradiction(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relaxation called infeasible without proof is asked again; if that one has a solution, nothing is claimed."""
    true_relax = searching.relax

    def lie(one: Program, limits: Limits, **more: object) -> object:
        found = true_relax(one, limits, **more)  # type: ignore[arg-type]
        return found if limits.options else replace(found, status="infeasible")

    monkeypatch.setattr(searching, "relax", lie)
    with pytest.raises(ContradictionError, match="infeasible with presolve"):
        run(packing_program(2), child)


def test_false_infeasibility_of_whole_numbers_is_a_contradiction(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    true_solve = searching.solve

    def lie(one: Program, limits: Limits, **more: object) -> object:
        if limits.options:
            return true_solve(one, limits, **more)  # type: ignore[arg-type]
        return Solution(None, -inf, -inf, "infeasible", 0.0, "a stand-in")

    monkeypatch.setattr(searching, "solve", lie)
    monkeypatch.setattr(neighbourhood, "solve", lie)
    monkeypatch.setattr(searching, "construct", lambda *_, **__: None)
    with pytest.raises(ContradictionError, match="finds one without"):
        run(packing_program(2), child)


def test_a_plan_above_a_bound_is_a_contradiction(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "safe_bound", lambda *_: 1.0)
    with pytest.raises(ContradictionError, match="proven bound is 1"):
        run(packing_program(2), child)


# the plan in hand


@given(seed=st.integers(0, 5000))
@settings(max_examples=60, deadline=None)
def test_a_constructed_plan_keeps_every_row(seed: int) -> None:
    one = gate(random_program(seed, columns=12, rows=4)).program
    x = construct(one)
    assert x is None or feasible(one, x) is not None


def test_construction_finds_plans_that_pay(child: Child) -> None:
    """On what allocation looks like it always finds a plan; near the best one where a relaxation guides it."""
    for seed in range(10):
        one = gate(packing_program(seed, blocks=8, weeks=8)).program
        root = relax(one, Limits(), child=child)
        plain, guided = construct(one), construct(one, relaxed=root)
        assert plain is not None
        assert guided is not None
        assert worth(one, plain) >= 0.75 * root.value
        assert worth(one, guided) >= 0.88 * root.value


def test_an_exchange_makes_room_for_a_minimum() -> None:
    """The best value stands in the way of what must be: it is given back."""
    one = program([9.0, 1.0, 1.0], [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]], low=[-inf, 2.0], high=[1.0, inf])
    assert construct(gate(one).program).tolist() == [0.0, 1.0, 1.0]
    hand = Hand(gate(one).program)
    hand.put(0, 1.0)
    assert hand.blocked(1) == [0]
    assert not hand.fits(1)
    assert hand.needs().tolist() == pytest.approx([0.0, 2.0])


def test_what_soft_rows_miss_is_filled_in() -> None:
    body = sp.csr_matrix(np.array([[2.0, 3.0, 1.0, -1.0]]))
    one = Program(
        cost=np.array([1.0, 1.0, -0.1, -0.1]),
        offset=0.0,
        matrix=body,
        row_low=np.array([4.0]),
        row_high=np.array([4.0]),
        low=np.zeros(4),
        high=np.array([1.0, 1.0, inf, inf]),
        integer=np.array([True, True, False, False]),
    )
    assert completed(one, np.array([1.0, 0, 0, 0])).tolist() == [1.0, 0.0, 2.0, 0.0]
    assert completed(one, np.array([1.0, 1, 0, 0])).tolist() == [1.0, 1.0, 0.0, 1.0]
    assert worth(one, construct(gate(one).program)) == pytest.approx(1.9)


# what single rows settle


@given(seed=st.integers(0, 5000), top=st.floats(1.0, 8.0))
@settings(max_examples=80, deadline=None)
def test_tightening_loses_no_plan(seed: int, top: float) -> None:
    one = random_program(seed, columns=8)
    rng = np.random.default_rng(seed)
    tight = replace(one, row_high=np.where(rng.random(6) < 0.4, np.maximum(one.row_low, top), one.row_high))
    crossed = tight.row_low > tight.row_high
    tight = replace(tight, row_high=np.where(crossed, one.row_high, tight.row_high))
    settled = tightened(tight)
    truth, best = try_everything(tight)
    after = try_everything(settled) if np.all(settled.low <= settled.high) else (-inf, None)
    assert after[0] == pytest.approx(truth, rel=1e-12)
    assert best is None or bool(np.all((best >= settled.low) & (best <= settled.high)))


def test_half_a_display_proves_nothing(child: Child) -> None:
    """Two slots where there is one: the relaxation would take half of it, no plan takes any."""
    one = program([10.0, 3.0], [[2.0, 1.0]], high=1.0)
    assert relax(one, Limits(), child=child).value == pytest.approx(5.0)
    settled = tightened(one)
    assert settled.high.tolist() == [0.0, 1.0]
    assert relax(settled, Limits(), child=child).value == pytest.approx(3.0)
    must = tightened(program([-1.0, -1.0], [[1.0, 1.0], [3.0, 1.0]], low=[-inf, 3.5]))
    assert must.low.tolist() == [1.0, 1.0]


def test_nothing_to_choose(child: Child) -> None:
    none = Program(np.zeros(0), 0.0, sp.csr_matrix((0, 0)), *(np.zeros(0),) * 4, integer=np.zeros(0, dtype=bool))
    found = run(none, child)
    assert (found.gap, found.objective) == (0.0, 0.0)
    must = run(program([3.0, -1.0], [[1.0, 0.0], [0.0, 1.0]], low=[1.0, 1.0]), child)
    assert (must.gap, must.objective) == (pytest.approx(0.0, abs=1e-12), 2.0)
    never = run(replace(program([3.0], [[1.0]], low=1.0), high=np.zeros(1)), child)
    assert (never.x, never.infeasible) == (None, True)
