"""A sieve changes no answer: the same relaxation as on all rows and columns, however little it starts with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.opening import relaxation
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.sieve import Sieve, broken_by, missed, seen, sieve_at, sieve_of, sieved, start, widened
from kaopt.allocation.search.start import construct
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from tests.allocation.programs import packing_program, program, random_program

INF = np.inf


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def guess(one: Program, seed: int) -> Relaxation:
    """Any point and any prices."""
    rng = np.random.default_rng(seed)
    rows, columns = one.matrix.shape
    return Relaxation("stopped", 0.0, rng.integers(0, 2, columns) * one.high, np.zeros(rows), rng.normal(size=columns))


def near(x: list[float], reduced: list[float], rows: int = 2) -> Relaxation:
    return Relaxation("stopped", 0.0, np.array(x), np.zeros(rows), np.array(reduced))


# the same answer


@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.05, 0.5, 1.0]))
@settings(max_examples=25, deadline=None)
def test_a_sieve_changes_no_answer(child: Child, seed: int, share: float) -> None:
    """Value, rows kept, and duals that prove the value over all columns."""
    one = packing_program(seed, blocks=3)
    full = relax(one, Limits(), child=child)
    found, sieve = sieved(one, sieve_of(one, guess(one, seed), share), Limits(), child)
    assert found.status == full.status == "optimal"
    assert found.value == pytest.approx(full.value, rel=1e-7)
    assert safe_bound(one, found.duals) == pytest.approx(full.value, rel=1e-6)
    used = one.matrix @ found.x
    assert np.all(used <= one.row_high + 1e-6)
    assert np.all(used >= one.row_low - 1e-6)
    assert not np.any(found.x[~sieve.columns])
    assert not np.any(found.duals[~sieve.rows])


def test_rows_of_all_kinds(child: Child) -> None:
    """At most, at least and between, upper ends of two: thirty programs, from no row and from a guess."""
    same = 0
    for seed in range(30):
        one = random_program(seed, columns=14, rows=8, top=2)
        full = relax(one, Limits(), child=child)
        bare = Sieve(np.ones(14, dtype=bool), np.zeros(8, dtype=bool))
        for sieve in (bare, sieve_of(one, guess(one, seed), 0.8)):
            found, _ = sieved(one, sieve, Limits(), child)
            if full.status == "optimal" == found.status:
                assert found.value == pytest.approx(full.value, rel=1e-7, abs=1e-7)
                same += 1
            elif full.status == "infeasible":
                assert found.status == "infeasible"
    assert same >= 30


def test_a_column_that_is_missed_comes_in(child: Child) -> None:
    """Worth 1, 5 and 3; one of them can be had. Seen at first: the first, and no row."""
    one = program([1.0, 5.0, 3.0], [[1, 1, 1]], high=1.0)
    found, sieve = sieved(one, Sieve(np.array([True, False, False]), np.array([False])), Limits(), child)
    assert found.value == pytest.approx(5.0)
    assert found.x == pytest.approx([0, 1, 0])
    assert sieve.rows.tolist() == [True]
    assert found.duals == pytest.approx([5.0], abs=2.0)  # anything from 3 to 5, at 5 nothing is left to pay
    assert found.reduced_costs == pytest.approx(one.cost - found.duals[0])


def test_small_change_is_left_outside(child: Child) -> None:
    """A column worth 0.01 beside one of 10: out of the question for a hundredth, not for a ten-thousandth."""
    one = program([10.0, 0.01], [[1, 0], [0, 1]], high=1.0)
    first = Sieve(np.array([True, False]), np.array([True, True]))
    assert sieved(one, first, Limits(), child, fine=0.01)[0].value == pytest.approx(10.0)
    assert sieved(one, first, Limits(), child, fine=1e-4)[0].value == pytest.approx(10.01)
    tied = program([10.0, 0.01], [[1, 0], [0, 1], [1, 1]], high=[1.0, 1, 0.5])  # a row that is broken is never small
    assert sieved(tied, replace(first, rows=np.array([True, True, False])), Limits(), child, fine=0.5)[0].value < 6


def test_without_an_answer_within_there_is_none(child: Child) -> None:
    """A column without end that no row in sight holds back: the solver's word is passed on."""
    one = replace(program([1.0], [[1.0]], high=3.0), high=np.array([INF]))
    assert sieved(one, Sieve(np.array([True]), np.array([False])), Limits(), child)[0].status == "stopped"
    assert sieved(one, Sieve(np.array([True]), np.array([True])), Limits(), child)[0].value == pytest.approx(3.0)


def test_a_sieve_that_takes_too_long_says_so(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kaopt.allocation.search.sieve.TIMES", 1)
    one = program([1.0, 5.0], [[1, 1]], high=1.0)
    found, sieve = sieved(one, Sieve(np.array([True, False]), np.array([True])), Limits(), child)
    assert (found.status, found.value) == ("stopped", pytest.approx(1.0))
    assert sieve.columns.tolist() == [True, True]


# what is seen


def test_what_a_sieve_lets_through_at_first() -> None:
    """Used (0), cheap (2, 3 of the others), never at 0 (4), not whole (5); row 0 is full, row 2 at its least."""
    one = program(
        [1.0] * 6, [[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0]], low=[-INF, -INF, 2], high=1.0
    )
    one = replace(one, low=np.array([0.0, 0, 0, 0, 0.5, 0]), integer=np.array([1, 1, 1, 1, 1, 0], dtype=bool))
    one = replace(one, row_high=np.array([1.0, 3.0, INF]))
    sieve = sieve_of(one, near([1.0, 0, 0, 0, 0, 0], [-9.0, -5, -1, -2, -8, -7], rows=3), 0.4)
    assert sieve.columns.tolist() == [True, False, True, True, True, True]
    assert sieve.rows.tolist() == [True, False, True]
    assert sieve.basis is None
    everything = sieve_of(one, near([0.0] * 6, [-9.0, -5, -1, -2, -8, -7], rows=3), 1.0)
    assert everything.columns.sum() >= 5


def test_what_is_seen_is_cut_out_of_the_program() -> None:
    one = program([1.0, 2.0, 3.0], [[1, 2, 3], [4, 5, 6]], low=[-INF, 1.0], high=[7.0, 8.0], upper=[1, 2, 3])
    small = seen(replace(one, offset=5.0), Sieve(np.array([True, False, True]), np.array([False, True])))
    assert small.matrix.toarray().tolist() == [[4, 6]]
    assert (small.cost.tolist(), small.high.tolist(), small.offset) == ([1, 3], [1, 3], 5)
    assert (small.row_low.tolist(), small.row_high.tolist()) == ([1], [8])


def test_an_answer_within_told_of_the_whole() -> None:
    """What was not seen is at 0, unpriced; in the basis its columns stand at their lower ends, its rows are slack."""
    one = program([1.0, 2.0, 3.0], [[1, 2, 3], [4, 5, 6]], high=9.0)
    sieve = Sieve(np.array([True, False, True]), np.array([False, True]))
    held = np.array([1, 2], dtype=np.int8), np.array([0], dtype=np.int8)
    inside = Relaxation("optimal", 4.0, np.array([0.5, 1]), np.array([0.25]), np.zeros(2), basis=held)
    told = widened(one, sieve, inside)
    assert told.x.tolist() == [0.5, 0, 1]
    assert told.duals.tolist() == [0, 0.25]
    assert told.reduced_costs.tolist() == [0, 0.75, 1.5]
    assert [part.tolist() for part in told.basis] == [[1, 0, 2], [1, 0]]
    wider = Sieve(np.array([True, True, False]), np.array([True, True]), told.basis)
    columns, rows = start(wider)  # type: ignore[misc]
    assert (columns.tolist(), rows.tolist()) == ([1, 0], [1, 0])
    assert start(sieve) is None
    assert widened(one, sieve, replace(inside, basis=None)).basis is None


def test_what_is_missed() -> None:
    """Row 0 is over, row 1 under; column 1 would pay, column 0 is in, column 2 may not be taken."""
    one = program([5.0, 5.0, 5.0], [[2, 0, 0], [0, 1, 0], [1, 0, 0]], low=[-INF, 1, 0], high=[1.0, INF, 1.0])
    one = replace(one, high=np.array([1.0, 1.0, 0.0]))
    rows, columns = missed(one, near([1.0, 0, 0], [5.0, 5, 5], rows=3))
    assert rows.tolist() == [True, True, False]
    assert columns.tolist() == [False, True, False]
    assert not missed(one, near([1.0, 0, 0], [5.0, 1e-7, 5], rows=3))[1].any()  # rounding of a worth of 5


def test_rounding_breaks_no_limit() -> None:
    over, limit = np.array([1e-6, 1e-3, 1e-3, 1e-8]), np.array([1.0, 1.0, 1e6, INF])
    assert broken_by(over, limit).tolist() == [True, True, False, False]


# where no prices are known


def test_a_plan_at_hand_and_a_draw_are_enough_to_begin_with() -> None:
    """Taken columns, amounts, open and needed ones are seen; of the others about a tenth, by the seed."""
    count = 2_000
    rows = np.zeros((3, count))
    rows[0, :2], rows[1, 2:] = 1.0, 1.0
    rows[2, [5, 6]] = 1.0
    one = program(np.ones(count), rows, high=1.0)
    one.integer[5], one.high[5], one.low[7] = False, np.inf, 1.0
    x = np.zeros(count)
    x[9] = 1.0
    sieve = sieve_at(one, x, 0)
    assert sieve.columns[[5, 7, 9]].all()
    assert 0.07 * count < sieve.columns.sum() < 0.13 * count
    assert sieve.rows.tolist() == [False, True, True]  # the short one of two choices can wait
    assert sieve.basis is None
    assert (sieve_at(one, x, 0).columns == sieve.columns).all()
    assert (sieve_at(one, x, 1).columns != sieve.columns).any()


@pytest.mark.parametrize("seed", range(6))
def test_from_a_plan_at_hand_the_whole_relaxation_is_found(child: Child, seed: int) -> None:
    one = packing_program(seed, blocks=5, weeks=8, kinds=4)
    whole = relax(one, Limits(), child=child)
    plan = construct(one)
    assert plan is not None
    answer, _ = sieved(one, sieve_at(one, plan, seed), Limits(), child)
    assert answer.status == "optimal"
    assert answer.value == pytest.approx(whole.value)
    assert safe_bound(one, answer.duals) == pytest.approx(whole.value)


def test_a_large_relaxation_is_found_with_a_plan_and_without(child: Child) -> None:
    one = packing_program(3, blocks=5, weeks=8, kinds=4)
    values = []
    for plan in (None, construct(one)):
        found = Search(one, Aim(0.0, Limits(seconds=60)), child)
        found.offer(plan)
        answer = relaxation(found)
        assert answer.status == "optimal"
        values.append(answer.value)
    assert values[0] == pytest.approx(values[1])
