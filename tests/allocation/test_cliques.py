"""Clique cuts: no whole point is lost, a planted clique is found and widened, and the relaxation never rises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.clique_kernels import adjacent, heavy, narrowed, neighbours, widened
from kaopt.allocation.search.cliques import ALIKE, BROKEN, Conflicts, clique_cuts, conflicts_of, rows_of, unlike
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.shared_cuts import cut_together, whole
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Bools, Floats
from tests.allocation.programs import program, random_program, try_everything

INF = np.inf


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def pairs(nodes: int, edges: list[tuple[int, int]], cost: float = 1.0) -> Program:
    """Nodes of which no two that are joined may be taken, one row for each pair."""
    rows = np.zeros((len(edges), nodes))
    for i, (a, b) in enumerate(edges):
        rows[i, a] = rows[i, b] = 1
    return program([cost] * nodes, rows, high=1.0)


def everybody(nodes: int) -> list[tuple[int, int]]:
    return list(combinations(range(nodes), 2))


def excluded(conflicts: Conflicts) -> Bools:
    """[N, N] which columns stand in a row together."""
    body = conflicts.rows.toarray() > 0
    together = (body.T.astype(int) @ body.astype(int)) > 0
    np.fill_diagonal(together, False)
    return np.asarray(together)


def points(one: Program) -> Floats:
    """[P, N] every whole point that keeps every row."""
    all_ = np.array(list(product(*[np.arange(a, b + 1) for a, b in zip(one.low, one.high, strict=True)])), dtype=float)
    used = all_ @ one.matrix.toarray().T
    return all_[np.all((used <= one.row_high + 1e-9) & (used >= one.row_low - 1e-9), axis=1)]


# who excludes whom


def test_two_that_pass_the_limit_exclude_each_other() -> None:
    """Of spends 6, 5, 4 and 2 in a budget of 9, those above half of it exclude each other: 6 and 5."""
    one = program([1.0] * 4, [[6, 5, 4, 2]], high=9.0)
    assert np.argwhere(excluded(conflicts_of(one))).tolist() == [[0, 1], [1, 0]]


def test_a_limit_that_two_just_fill_excludes_nobody() -> None:
    one = program([1.0] * 3, [[5, 5, 5]], high=10.0)
    assert not excluded(conflicts_of(one)).any()
    assert excluded(conflicts_of(replace(one, row_high=np.array([9.9])))).sum() == 6


def test_what_gives_room_is_counted_at_its_most() -> None:
    """A column that gives back 3 leaves 4 + 3 for the others; two of 3.6 pass that, two of 3.4 do not."""
    one = program([1.0] * 3, [[3.6, 3.6, -3], [3.4, 3.4, -3]], high=4.0)
    only = replace(one, matrix=one.matrix[[1]], row_low=one.row_low[:1], row_high=one.row_high[:1])
    assert excluded(conflicts_of(one)).sum() == 2
    assert not excluded(conflicts_of(only)).any()


@pytest.mark.parametrize("weight", [-1.0, 1.0])
def test_an_open_column_that_gives_room_without_end_excludes_nobody(weight: float) -> None:
    """What a soft row misses may be anything: it says nothing about its events. The other way round it does."""
    one = program([1.0] * 3, [[2, 2, weight]], high=2.0)
    soft = replace(one, high=np.array([1, 1, INF]), integer=np.array([True, True, False]))
    assert excluded(conflicts_of(soft)).any() == (weight > 0)
    upward = replace(soft, low=np.array([0, 0, -INF]), high=np.array([1.0, 1, 0]))
    assert excluded(conflicts_of(upward)).any() == (weight < 0)


def test_columns_that_are_no_choice_are_not_counted() -> None:
    """Settled columns, amounts and counts beyond one stay out; what must be taken uses up its room."""
    one = program([1.0] * 4, [[1, 1, 1, 1]], high=1.0)
    assert excluded(conflicts_of(one)).sum() == 12
    assert excluded(conflicts_of(replace(one, high=np.array([1, 1, 2.0, 0])))).sum() == 2
    assert excluded(conflicts_of(replace(one, integer=np.array([True, True, False, False])))).sum() == 2
    taken = program([1.0] * 3, [[1, 1, 1]], high=2.0)
    assert not excluded(conflicts_of(taken)).any()
    assert excluded(conflicts_of(replace(taken, low=np.array([1.0, 0, 0])))).sum() == 2


def test_minima_and_impossible_rows_say_nothing() -> None:
    assert conflicts_of(program([1.0] * 3, [[1, 1, 1]], low=1.0)).rows.shape == (0, 3)
    assert conflicts_of(program([1.0] * 3, [[1, 1, 1]], high=-1.0)).rows.shape == (0, 3)


@given(st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_no_whole_point_takes_two_that_exclude_each_other(seed: int) -> None:
    one = random_program(seed, columns=8, rows=5)
    every = points(one)
    for a, b in np.argwhere(excluded(conflicts_of(one))):
        assert not np.any((every[:, a] > 0) & (every[:, b] > 0))


# the cuts


def test_a_planted_clique_is_found_whole() -> None:
    """Five that exclude each other two by two, half of each: one row says 2.5 <= 1."""
    one = pairs(5, everybody(5))
    cuts = clique_cuts(conflicts_of(one), np.full(5, 0.5), np.zeros(5))
    assert cuts.body.toarray().tolist() == [[1, 1, 1, 1, 1]]
    assert cuts.high.tolist() == [1]


def test_cliques_are_widened_by_columns_that_are_not_used() -> None:
    """A triangle among six that all exclude each other, but for 4 and 5: the more wished-for of the two comes in."""
    edges = [pair for pair in everybody(6) if pair != (4, 5)]
    x = np.array([0.5, 0.5, 0.5, 0, 0, 0])
    for wish, taken in ((0.0, [0, 1, 2, 3, 4]), (1.0, [0, 1, 2, 3, 5])):
        cuts = clique_cuts(conflicts_of(pairs(6, edges)), x, np.array([0, 0, 0, 0, 0, wish]))
        assert cuts.body.indices.tolist() == taken


def test_a_ring_of_five_has_no_clique_to_break() -> None:
    ring = pairs(5, [(i, (i + 1) % 5) for i in range(5)])
    assert len(clique_cuts(conflicts_of(ring), np.full(5, 0.5), np.zeros(5))) == 0


def test_whole_solutions_and_hardly_broken_cliques_are_left_alone() -> None:
    conflicts = conflicts_of(pairs(4, everybody(4)))
    assert len(clique_cuts(conflicts, np.array([1.0, 0, 0, 0]), np.zeros(4))) == 0
    share = (1 + BROKEN) / 4
    assert len(clique_cuts(conflicts, np.full(4, share - 1e-4), np.zeros(4))) == 0
    assert len(clique_cuts(conflicts, np.full(4, share + 1e-4), np.zeros(4))) == 1


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_cuts_lose_no_whole_point_and_break_what_they_should(seed: int) -> None:
    """Random graphs and random shares: every cut is a maximal clique that the shares break."""
    rng = np.random.default_rng(seed)
    one = pairs(9, [pair for pair in everybody(9) if rng.random() < 0.6])
    x, wish = rng.uniform(0, 0.8, 9) * (rng.random(9) < 0.7), rng.normal(size=9)
    conflicts = conflicts_of(one)
    together, cuts = excluded(conflicts), clique_cuts(conflicts, x, wish)
    assert np.all(points(one) @ cuts.body.toarray().T <= 1)
    for row in cuts.body.toarray() > 0:
        assert x[row].sum() > 1 + BROKEN
        assert together[np.ix_(row, row)].sum() == row.sum() * (row.sum() - 1)
        assert not together[row].all(axis=0).any()  # nobody is left who excludes all of it
    again = clique_cuts(conflicts, x, wish)
    assert (again.body != cuts.body).nnz == 0


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_the_heaviest_clique_is_among_those_found(seed: int) -> None:
    """Against every subset, in a graph of nine."""
    rng = np.random.default_rng(seed)
    near = np.triu(rng.random((9, 9)) < 0.6, 1)
    near = near | near.T
    weight = -np.sort(-rng.uniform(0, 0.7, 9))
    sizes = [one for size in range(1, 10) for one in combinations(range(9), size)]
    cliques = [one for one in sizes if all(near[a, b] for a, b in combinations(one, 2))]
    best = max(weight[list(one)].sum() for one in cliques)
    found = [one[one >= 0] for one in heavy(near, weight, 0.5, 100, 10_000)]
    assert all(all(near[a, b] for a, b in combinations(one.tolist(), 2)) for one in found)
    assert (max((weight[one].sum() for one in found), default=0.5) >= best - BROKEN) or best <= 0.5
    assert all(weight[one].sum() > 0.5 for one in found)


# the pieces


def test_the_search_for_cliques_ends_when_it_is_told_to() -> None:
    near = ~np.eye(6, dtype=bool)
    assert heavy(near, np.full(6, 0.4), 1.0, 1, 100).shape[0] == 1
    assert heavy(near, np.full(6, 0.4), 1.0, 100, 1).shape[0] == 0


def test_the_deepest_come_first_and_no_column_stands_in_too_many() -> None:
    x = np.array([0.9, 0.9, 0.3, 0.8, 0.8])
    assert [one.tolist() for one in unlike([np.array([0, 2]), np.array([3, 4]), np.array([0, 1])], x)] == [
        [0, 1],
        [3, 4],
        [0, 2],
    ]
    assert len(unlike([np.array([0, 1])] * (ALIKE + 3), x)) == ALIKE


def test_kernels_by_hand() -> None:
    """Rows {0, 1, 2}, {2, 3}: who is near whom; marks rise by one where they were as told."""
    graph = conflicts_of(program([1.0] * 4, [[1, 1, 1, 0], [0, 0, 1, 1]], high=1.0)).graph
    place = np.array([-1, 0, 1, 2])
    assert adjacent(np.array([1, 2, 3]), graph, place).tolist() == [
        [False, True, False],
        [True, False, True],
        [False, True, False],
    ]
    mark = np.zeros(4, dtype=np.int64)
    assert neighbours(2, graph, mark, 0).tolist() == [0, 1, 2, 3]
    assert neighbours(3, graph, mark, 1).tolist() == [2, 3]
    assert mark.tolist() == [1, 1, 2, 2]
    mark[:] = 0
    assert sorted(widened(np.array([2]), graph, np.array([0.0, 0, 0, 1]), mark).tolist()) == [2, 3]
    assert not mark.any()
    into = np.zeros(3, dtype=np.int64)
    assert narrowed(np.array([True, False, True]), np.array([2, 1, 0]), into) == 2
    assert into[:2].tolist() == [2, 0]


def test_no_cliques_are_no_rows() -> None:
    assert rows_of([], 3).body.shape == (0, 3)
    assert rows_of([np.array([2, 0])], 3).body.toarray().tolist() == [[1, 0, 1]]


# in the search


def begun(one: Program, child: Child, seconds: float = 60.0) -> tuple[Search, Relaxation]:
    found = Search(one, Aim(gap=0.0, limits=Limits(seconds=seconds)), child)
    root = relax(one, Limits(), child=child)
    found.prove(root.value + 1e-9, "relax")
    return found, root


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_bound_comes_down_and_stays_above_the_truth(child: Child, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = pairs(10, [pair for pair in everybody(10) if rng.random() < 0.5])
    one = replace(one, cost=rng.uniform(1, 3, 10))
    truth, plan = try_everything(one)
    found, root = begun(one, child)
    found.offer(plan)
    near = cut_together(found, root)
    assert truth - 1e-9 <= found.bound
    assert found.bound == pytest.approx(near.value)
    assert near.value <= root.value + 1e-6
    assert near.reduced_costs == pytest.approx(found.program.cost - found.program.matrix.T @ near.duals, abs=1e-6)
    assert len(near.duals) == found.program.matrix.shape[0]


def test_seven_that_exclude_each_other_are_worth_one(child: Child) -> None:
    found, root = begun(pairs(7, everybody(7)), child)
    assert root.value == pytest.approx(3.5)
    assert cut_together(found, root).value == pytest.approx(1.0)
    assert found.bound == pytest.approx(1.0)
    assert found.program.matrix.shape[0] == 22  # 21 pairs and the one row that says it


def test_where_nothing_is_broken_or_no_time_is_left_nothing_changes(child: Child) -> None:
    free = program([1.0, 2.0], [[1, 1]], high=1.0)
    found, root = begun(free, child)
    assert cut_together(found, root) is root
    assert found.program is free
    late, root = begun(pairs(4, everybody(4)), child, seconds=0.0)
    assert cut_together(late, root) is root
    assert late.program.matrix.shape[0] == 6


def test_only_a_basis_of_all_rows_and_columns_is_gone_on_from() -> None:
    root = Relaxation("optimal", 0.0, np.zeros(2), np.zeros(1), np.zeros(2))
    assert not whole(root)
    assert whole(replace(root, basis=(np.zeros(2, np.int8), np.zeros(1, np.int8))))
    assert not whole(replace(root, basis=(np.zeros(1, np.int8), np.zeros(1, np.int8))))


def test_rows_of_a_clique_are_rows_of_the_program(child: Child) -> None:
    """The program that the search goes on with holds the asked rows first, then the cuts, by name too."""
    one = pairs(4, everybody(4))
    found, root = begun(one, child)
    cut_together(found, root)
    assert (found.program.matrix[:6] != one.matrix).nnz == 0
    assert found.program.row_names[:6] == one.row_names
    assert sp.csr_matrix(found.program.matrix[6:]).toarray().tolist() == [[1, 1, 1, 1]]
