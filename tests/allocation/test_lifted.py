"""Rows lifted to switches: no whole plan is lost, the relaxation never rises, and what it cheated by is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.lifted import (
    BASIC,
    BROKEN,
    broken,
    extended,
    grown,
    hung,
    needs,
    packing_rows,
    sharpened,
    switches,
)
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Floats, Ints
from tests.allocation.programs import program, try_everything

INF = np.inf
EVENTS = 5


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def displays(cost: float) -> Program:
    """Five displays worth 10 in one week that has room for one of them; each needs a fee of `cost`."""
    opened = np.hstack([np.eye(5), -np.ones((5, 1))])
    return program([10.0] * 5 + [-cost], np.vstack([opened, [1, 1, 1, 1, 1, 0]]), high=[0.0] * 5 + [1.0])


def fees(seed: int) -> Program:
    """Five events and three switches: rows that tie them in true ways and in ways that only look so; a few limits."""
    luck = np.random.default_rng(seed)
    rows, high = [], []

    def row(columns: list[int], weights: list[float], most: float) -> None:
        rows.append(np.bincount(columns, weights=weights, minlength=EVENTS + 3))
        high.append(most)

    for z in (5, 6, 7):
        some = luck.permutation(EVENTS)[:3].tolist()
        kind = int(luck.integers(0, 6))
        if kind == 0:
            [row([j, z], [1, -1], 0) for j in some]
        if kind == 1:
            row([*some, z], [2, 1, 0.5, -1], 0)
        if kind == 2:
            row([*some, z], [1, 1, -1, -1], 0)  # the third event may stand in for the switch
        if kind == 3:
            row([some[0], z], [1, -1], 0.3)  # not at 0
        if kind == 4:
            row([some[0], z, 5 + (z - 4) % 3], [1, -1, -1], 0)  # either of two switches will do
        if kind == 5:
            row([z, some[0]], [1, -1], 0)  # the switch needs the event, not the event the switch
    for _ in range(3):
        weights = luck.uniform(0.5, 3, EVENTS).round(1) * (luck.random(EVENTS) < 0.8)
        row(list(range(EVENTS)), weights.tolist(), float(luck.uniform(1, 4)))
    row(list(range(EVENTS + 3)), luck.uniform(-2, 3, EVENTS + 3).round(1).tolist(), 3.0)
    cost = np.concatenate([luck.uniform(1, 9, EVENTS), -luck.uniform(0, 9, 3)]).round(2)
    return program(cost, np.array(rows), high=np.array(high))


def whole_plans(one: Program) -> Floats:
    """[P, N] every whole plan that keeps every row."""
    points = np.array(list(product((0.0, 1.0), repeat=len(one.cost))))
    used = points @ one.matrix.toarray().T
    return points[np.all((used <= one.row_high + 1e-9) & (used >= one.row_low - 1e-9), axis=1)]


def lifted(one: Program, x: Floats) -> sp.csr_matrix:
    """The lifted rows that `x` breaks."""
    openers = {int(z): needs(one, int(z), EVENTS) for z in switches(one, EVENTS)}
    return broken(one, packing_rows(one, EVENTS), openers, x)


def best_half(one: Program) -> tuple[float, Floats]:
    """The relaxation by another solver's door: value and solution."""
    found = linprog(-one.cost, one.matrix.toarray(), one.row_high, bounds=list(zip(one.low, one.high, strict=True)))
    return -float(found.fun), np.asarray(found.x)


# what is lost and what is gained


@given(seed=st.integers(0, 10_000), x=st.lists(st.floats(0, 1), min_size=8, max_size=8))
@settings(max_examples=30, deadline=None)
def test_no_whole_plan_breaks_a_lifted_row(seed: int, x: list[float]) -> None:
    """Whatever point the rows were made to cut off: every whole plan keeps them all."""
    one = fees(seed)
    body = lifted(one, np.array(x))
    assert np.all(body @ whole_plans(one).T <= 1e-9)
    over = body @ np.array(x)
    assert np.all(over > 0)  # and each of them cuts that point off


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_an_event_that_needs_a_switch_is_in_no_plan_without_it(seed: int) -> None:
    one = fees(seed)
    plans = whole_plans(one)
    for z in (5, 6, 7):
        for j in needs(one, z, EVENTS).tolist():
            assert not np.any((plans[:, j] > 0) & (plans[:, z] == 0))


def test_the_relaxation_never_rises_and_never_passes_the_optimum() -> None:
    """Round after round on sixty programs, the relaxation solved apart: from above, towards the best whole plan."""
    lower = 0
    for seed in range(60):
        one = fees(seed)
        truth, _ = try_everything(one)
        value, x = best_half(one)
        for _ in range(3):
            body = lifted(one, x)
            if not body.shape[0]:
                break
            one = extended(one, body)
            again, x = best_half(one)
            assert truth - 1e-7 <= again <= value + 1e-7
            lower += again < value - 1e-3
            value = again
        assert try_everything(one)[0] == pytest.approx(truth, abs=1e-9)
    assert lower >= 5


def test_a_fifth_of_a_fee_for_a_fifth_of_each_display() -> None:
    """The relaxation takes 0.2 of each of five displays and 0.2 of the fee of 4: 10 - 0.8. Lifted, sum x <= z: 6."""
    one = displays(4.0)
    value, x = best_half(one)
    assert value == pytest.approx(9.2)
    body = lifted(one, x)
    assert body.toarray().tolist() == [[1, 1, 1, 1, 1, -1]]
    assert best_half(extended(one, body))[0] == pytest.approx(6.0) == try_everything(one)[0]


# which columns and rows


def test_switches_are_whole_columns_from_nought_to_one_beside_the_events() -> None:
    """Column 0 is an event; 1 is a switch; 2 may be 2, 3 is always on, 4 need not be whole."""
    one = replace(
        program([0.0] * 5, np.zeros((1, 5)), upper=[1, 1, 2, 1, 1]),
        low=np.array([0.0, 0, 0, 1, 0]),
        integer=np.array([True, True, True, True, False]),
    )
    assert switches(one, 1).tolist() == [1]
    assert switches(one, 0).tolist() == [0, 1]
    assert switches(one, 5).tolist() == []


def test_who_needs_a_switch_by_hand() -> None:
    """Events 0-3, switches 4 and 5; what each row says of switch 4 stands beside it."""
    rows = [
        [1, 0, 0, 0, -1, 0],  # 0 needs it
        [0, 2, 0.1, 0, -1, 0],  # 1 and 2 need it, however little of it
        [0, 0, 0, 1, -1, -1],  # 3 needs it or the other switch
        [0, 0, 0, 1, 1, 0],  # 3 and the switch shut each other out
        [-1, 0, 0, 1, -1, 0],  # 3 needs it or event 0
    ]
    assert needs(program([0.0] * 6, rows, high=0.0), 4, 4).tolist() == [0, 1, 2]
    assert needs(program([0.0] * 6, rows, high=0.5), 4, 4).tolist() == []  # half an event for nothing: says nothing
    assert needs(program([0.0] * 6, rows, low=0.0), 4, 4).tolist() == []
    assert needs(program([0.0] * 6, rows, high=0.0), 5, 4).tolist() == []


def test_rows_that_pack_events_only() -> None:
    """Only the first: the others have a negative entry, a switch, no limit, and nothing to share out."""
    rows = [[1.0, 2.0, 0.0], [1.0, -2.0, 0.0], [1.0, 2.0, 1.0], [1.0, 2.0, 0.0], [1.0, 1.0, 0.0]]
    one = program([0.0] * 3, rows, low=[0.0, 0, 0, 0, -INF], high=[2.0, 2, 2, INF, 0.0])
    assert packing_rows(one, 2).tolist() == [0]
    assert packing_rows(one, 3).tolist() == [0, 2]


def test_only_what_is_broken_by_enough_is_lifted() -> None:
    """Packing 2 x0 + x1 <= 4; both need z. At z = 0.5 there is room for 2: x = (1, h) is over it by h."""
    one = program([0.0] * 3, [[2, 1, 0], [1, 0, -1], [0, 1, -1]], high=[4.0, 0.0, 0.0])
    openers: dict[int, Ints] = {2: np.array([0, 1])}

    def at(*x: float) -> list[list[float]]:
        return broken(one, np.array([0]), openers, np.array(x)).toarray().tolist()  # type: ignore[no-any-return]

    assert at(1.0, 1.0, 0.5) == [[2, 1, -4]]
    assert at(1.0, 4 * BROKEN + 1e-6, 0.5) == [[2, 1, -4]]
    assert at(1.0, 4 * BROKEN - 1e-6, 0.5) == []
    assert at(1.0, 0.0, 0.5) == []
    assert at(9.0, 9.0, 1.0) == []  # the switch is on: the packing row itself says it
    openers[2] = np.array([1])
    assert at(1.0, 3.0, 0.5) == [[0, 1, -4]]  # who does not need the switch stays out of the row
    openers[2] = np.zeros(0, dtype=np.int64)
    assert at(9.0, 9.0, 0.5) == []


def test_each_switch_has_its_own_rows() -> None:
    """Events 0 and 1 need switch 3, event 2 needs switch 4; both packing rows (2 each) are broken for both at 0.1."""
    one = program([0.0] * 5, [[1, 1, 1, 0, 0], [3, 0, 1, 0, 0]], high=2.0)
    body = broken(one, np.array([0, 1]), {3: np.array([0, 1]), 4: np.array([2])}, np.array([0.4, 0.4, 0.9, 0.1, 0.1]))
    assert body.toarray().tolist() == [[1, 1, 0, -2, 0], [3, 0, 0, -2, 0], [0, 0, 1, 0, -2], [0, 0, 1, 0, -2]]


# the longer program


def test_a_longer_program_keeps_what_it_had() -> None:
    one = displays(4.0)
    longer = extended(one, sp.csr_matrix(np.array([[1.0, 1, 1, 1, 1, -1], [1, 0, 0, 0, 0, -1]])))
    assert longer.matrix.toarray()[:6].tolist() == one.matrix.toarray().tolist()
    assert longer.matrix.toarray()[6].tolist() == [1, 1, 1, 1, 1, -1]
    assert longer.row_high.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert longer.row_low.tolist() == [-INF] * 8
    assert longer.row_names == (*one.row_names, "lifted", "lifted")
    assert extended(replace(one, row_names=()), one.matrix).row_names == ()  # rows without names stay so
    assert one.matrix.shape == (6, 6)


def root_of(columns: int, rows: int, basis: object) -> Relaxation:
    return Relaxation("optimal", 0.0, np.zeros(columns), np.zeros(rows), np.zeros(columns), basis=basis)


def test_a_basis_grows_by_basic_rows_where_it_fits() -> None:
    held = np.array([1, 0, 2], dtype=np.int8), np.array([0, 1], dtype=np.int8)
    columns, rows = grown(root_of(3, 2, held), 2)  # type: ignore[misc]
    assert (columns.tolist(), rows.tolist()) == ([1, 0, 2], [0, 1, BASIC, BASIC])
    assert rows.dtype == np.int8
    assert grown(root_of(3, 2, None), 2) is None
    assert grown(root_of(4, 2, held), 2) is None  # of another program: one more column, one more row
    assert grown(root_of(3, 3, held), 2) is None


def test_the_solver_goes_on_from_a_grown_basis(child: Child) -> None:
    """The same value as from nothing: 6."""
    one = displays(4.0)
    root = relax(one, Limits(), child=child)
    body = lifted(one, root.x)
    longer = extended(one, body)
    basis = grown(root, body.shape[0])
    assert basis is not None
    assert relax(longer, Limits(), child=child, basis=basis).value == pytest.approx(6.0)
    assert relax(longer, Limits(), child=child).value == pytest.approx(6.0)


# the stage of the search


def searched(one: Program, child: Child, seconds: float = 30.0) -> tuple[Search, Relaxation]:
    found = Search(one, Aim(1e-6, Limits(seconds=seconds)), child)
    return found, relax(one, Limits(), child=child)


@pytest.mark.parametrize(("cost", "value"), [(4.0, 6.0), (12.0, 0.0)])
def test_a_search_goes_on_with_the_sharper_program(cost: float, value: float, child: Child) -> None:
    """The fee of 4 leaves 10 - 4; one of 12 is never opened, though a fifth of it for each display seemed to pay."""
    one = displays(cost)
    found, root = searched(one, child)
    assert root.value == pytest.approx(10 - cost / 5)
    sharper = sharpened(found, root, EVENTS)
    assert sharper.value == pytest.approx(value)
    assert value <= found.bound <= value + 1e-6
    assert found.program.matrix.shape[0] == 7 == len(sharper.duals)
    assert found.program.row_names[-1] == "lifted"


def test_a_search_without_broken_rows_stays_as_it_is(child: Child) -> None:
    """One display in a week: x <= z says all that there is to say."""
    one = program([10.0, -4.0], [[1, -1], [1, 0]], high=[0.0, 1.0])
    found, root = searched(one, child)
    assert sharpened(found, root, 1) is root
    assert found.program is one
    found, root = searched(displays(4.0), child, seconds=0.0)  # nor one whose time is up
    assert sharpened(found, root, EVENTS) is root
    assert found.program.matrix.shape[0] == 6


def test_a_sharper_relaxation_that_fails_changes_nothing(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    found, root = searched(displays(4.0), child)
    monkeypatch.setattr("kaopt.allocation.search.lifted.relax", lambda *_, **__: replace(root, status="stopped"))
    assert sharpened(found, root, EVENTS) is root
    assert found.program.matrix.shape[0] == 6 == len(root.duals)
    assert found.bound == INF


def test_a_sharpened_search_never_proves_too_much(child: Child) -> None:
    """Forty programs of mixed ties: the bound after all rounds is still no lower than the best whole plan."""
    sharper = 0
    for seed in range(40):
        one = fees(seed)
        found, root = searched(one, child)
        after = sharpened(found, root, EVENTS)
        truth, _ = try_everything(one)
        assert root.value + 1e-7 >= after.value >= truth - 1e-7
        if found.program is not one:
            assert found.bound >= truth
            assert found.bound == pytest.approx(after.value, abs=1e-6)
            sharper += 1
    assert sharper >= 5


# rows tied to their switch from the start


def blocks_apart(one: Program) -> Ints:
    """Every event is of a block of its own, switches of none."""
    return np.where(np.arange(len(one.cost)) < EVENTS, np.arange(len(one.cost)), -1)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_rows_tied_to_switches_lose_no_whole_plan_and_let_none_in(seed: int) -> None:
    one = fees(seed)
    tied = hung(one, EVENTS, blocks_apart(one))
    assert np.array_equal(whole_plans(one), whole_plans(tied))
    assert best_half(tied)[0] <= best_half(one)[0] + 1e-9
    assert tied.matrix.shape == one.matrix.shape


def test_five_displays_are_tied_to_their_fee() -> None:
    """All five need one switch each of which the last row knows nothing: sum x <= z, worth 6 and no more."""
    one = displays(4.0)
    tied = hung(one, EVENTS, np.array([0, 1, 2, 3, 4, -1]))
    assert tied.matrix.toarray()[-1].tolist() == [1, 1, 1, 1, 1, -1]
    assert tied.row_high[-1] == 0
    assert best_half(tied)[0] == pytest.approx(6.0)
    assert one.matrix.toarray()[-1].tolist() == [1, 1, 1, 1, 1, 0]  # the program asked for is as it was


def test_rows_that_stay_as_they_are() -> None:
    """Within one block, with a least use, or with an event that needs no switch: a calendar stays a calendar."""
    one = displays(4.0)
    same = hung(one, EVENTS, np.array([0, 0, 0, 0, 0, -1]))
    least = hung(replace(one, row_low=np.append(np.full(5, -INF), 1.0)), EVENTS, blocks_apart(one))
    free = replace(one, matrix=sp.csr_matrix(one.matrix.toarray() * np.array([[0.0, 1, 1, 1, 1, 1]] * 5 + [[1.0] * 6])))
    for tied, before in ((same, one), (least, one), (hung(free, EVENTS, blocks_apart(one)), free)):
        assert np.array_equal(tied.matrix.toarray(), before.matrix.toarray())
        assert np.array_equal(tied.row_high, before.row_high)
