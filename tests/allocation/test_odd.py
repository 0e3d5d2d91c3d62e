"""Odd cuts: no whole point is lost, the broken point is cut off, and the classic cases come out as in the books."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kaopt.allocation.search.odd import (
    CUTS,
    LACK,
    LARGEST,
    WholeRows,
    both,
    counted,
    distinct,
    halved,
    odd_cuts,
    unlike,
    whole_rows,
)
from kaopt.allocation.search.odd_kernels import lacking, odd_sums
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats
from tests.allocation.programs import program, try_everything

INF = np.inf


def luck(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def relaxed(one: Program) -> tuple[float, Floats]:
    """The relaxation by another solver's door: value and solution, at a vertex."""
    body = one.matrix.toarray()
    rows, limits = [], []
    for sign, ends in ((1.0, one.row_high), (-1.0, one.row_low)):
        kept = np.isfinite(ends)
        rows.append(sign * body[kept])
        limits.append(sign * ends[kept])
    bounds = list(zip(one.low, one.high, strict=True))
    found = linprog(-one.cost, np.vstack(rows), np.concatenate(limits), bounds=bounds, method="highs-ds")
    return -float(found.fun), np.asarray(found.x)


def with_cuts(one: Program, cuts: WholeRows) -> Program:
    return replace(
        one,
        matrix=sp.csr_matrix(sp.vstack([one.matrix, cuts.body])),
        row_low=np.concatenate([one.row_low, np.full(len(cuts), -INF)]),
        row_high=np.concatenate([one.row_high, cuts.high]),
    )


def whole_points(one: Program) -> Floats:
    """[P, N] every whole point in the box that keeps every row."""
    ends = [np.arange(low, high + 1) for low, high in zip(one.low, one.high, strict=True)]
    points = np.array(list(product(*ends)), dtype=float)
    used = points @ one.matrix.toarray().T
    return points[np.all((used <= one.row_high + 1e-9) & (used >= one.row_low - 1e-9), axis=1)]


def graph(nodes: int, edges: list[tuple[int, int]]) -> Program:
    """The most nodes of a graph of which no two are joined."""
    rows = np.zeros((len(edges), nodes))
    for i, (a, b) in enumerate(edges):
        rows[i, a] = rows[i, b] = 1
    return program([1.0] * nodes, rows, high=1.0)


def ring(nodes: int) -> Program:
    return graph(nodes, [(i, (i + 1) % nodes) for i in range(nodes)])


def mixed(seed: int, columns: int = 7) -> Program:
    """Rows in whole numbers of all kinds, upper ends from 1 to 3; sometimes one that counts money; a point fits."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 10))
    body = rng.integers(-1, 3, (count, columns)) * (rng.random((count, columns)) < 0.5)
    top = rng.integers(1, 4, columns) if rng.random() < 0.3 else np.ones(columns)
    point = rng.integers(0, 2, columns)
    middle = body @ point
    high = np.where(rng.random(count) < 0.8, middle + rng.integers(0, 2, count), INF)
    low = np.where(rng.random(count) < 0.3, middle - rng.integers(0, 3, count), -INF)
    one = program(rng.integers(1, 9, columns), body, low=low, high=high, upper=top)
    if rng.random() < 0.2:
        spend = rng.uniform(0.5, 3, columns).round(2)
        one = with_cuts(one, WholeRows(sp.csr_matrix(spend[None, :]), np.array([spend @ point + spend.sum() * 0.1])))
    return one


# what is lost and what is gained


@given(seed=st.integers(0, 100_000), point=st.lists(st.floats(0, 1), min_size=7, max_size=7))
@settings(max_examples=50, deadline=None)
def test_no_whole_point_breaks_a_cut(seed: int, point: list[float]) -> None:
    """Whatever point the cuts were made for, in the program or not: every whole point of the program keeps them all."""
    one = mixed(seed)
    for x in (np.array(point) * one.high, relaxed(one)[1]):
        cuts = odd_cuts(whole_rows(one), x, one.high, luck(seed))
        assert np.all(cuts.body @ whole_points(one).T <= cuts.high[:, None])
        assert np.all(cuts.body @ x > cuts.high)  # and each of them cuts that point off


def test_round_after_round_the_relaxation_falls_and_never_below_the_best_whole_point() -> None:
    """Cuts upon cuts on seventy programs: many relaxations fall, a good part of them to the optimum itself."""
    fell = closed = 0
    for seed in range(70):
        one = mixed(seed)
        truth, _ = try_everything(one)
        first, x = relaxed(one)
        value, cuts = first, WholeRows(sp.csr_matrix((0, 7)), np.zeros(0))
        for _ in range(6):
            new = odd_cuts(both(whole_rows(one), cuts), x, one.high, luck())
            if not len(new):
                break
            cuts = both(cuts, new)
            again, x = relaxed(with_cuts(one, cuts))
            assert truth - 1e-6 <= again <= value + 1e-6
            value = again
        assert try_everything(with_cuts(one, cuts))[0] == pytest.approx(truth, abs=1e-9)
        fell += value < first - 1e-3
        closed += value < first - 1e-3 and value < truth + 1e-6
    assert fell >= 20
    assert closed >= 12


@pytest.mark.parametrize("nodes", [3, 5, 7, 9, 15])
def test_an_odd_ring_holds_less_than_half_of_its_nodes(nodes: int) -> None:
    """All edges summed and halved: sum x <= (n - 1) / 2. Padberg (1973): with it the relaxation is whole."""
    one = ring(nodes)
    value, x = relaxed(one)
    assert value == pytest.approx(nodes / 2)
    cuts = odd_cuts(whole_rows(one), x, one.high, luck())
    assert cuts.body.toarray().tolist() == [[1.0] * nodes]
    assert cuts.high.tolist() == [(nodes - 1) / 2]
    assert relaxed(with_cuts(one, cuts))[0] == pytest.approx((nodes - 1) / 2)


def test_an_even_ring_has_nothing_to_cut() -> None:
    """Its relaxation is whole: half of everything is a vertex of nothing and breaks no cut."""
    one = ring(6)
    assert len(odd_cuts(whole_rows(one), np.full(6, 0.5), one.high, luck())) == 0


def test_cuts_of_cuts_lead_to_the_clique() -> None:
    """Of five nodes all joined one can be had: 5/2 by edges, less by triangles and rings, in the end 1."""
    one = graph(5, list(combinations(range(5), 2)))
    cuts = WholeRows(sp.csr_matrix((0, 5)), np.zeros(0))
    values = []
    for _ in range(4):
        value, x = relaxed(with_cuts(one, cuts))
        values.append(value)
        cuts = both(cuts, odd_cuts(both(whole_rows(one), cuts), x, one.high, luck()))
    assert values[0] == pytest.approx(2.5)
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1.0)


def test_displays_of_three_products_by_hand() -> None:
    """Two-week displays A from week 6 or 10, B from 7, A' from 8, C from 9: slots of weeks 7, 9 and 10 hold one each,
    and a product rests between two of its events. Five rows, every event in two of them: two of the five at most."""
    events = [("A", 6), ("B", 7), ("B", 8), ("C", 9), ("A", 10)]
    slot = [[float(w <= week <= w + 1) for _, w in events] for week in (7, 9, 10)]
    rest = [[float(sku == name) for sku, _ in events] for name in "AB"]
    one = program([1.0] * 5, slot + rest, high=1.0)
    value, x = relaxed(one)
    assert value == pytest.approx(2.5)
    cuts = odd_cuts(whole_rows(one), x, one.high, luck())
    assert (cuts.body.toarray().tolist(), cuts.high.tolist()) == ([[1.0] * 5], [2.0])


def test_a_cut_speaks_of_columns_that_the_relaxation_leaves_out() -> None:
    """A triangle and a fourth node joined to all three: the sum of the six edges' halves rounds to all four of them."""
    one = replace(graph(4, [(0, 1), (1, 2), (0, 2)]), cost=np.array([1.0, 1, 1, 0.1]))
    rows = WholeRows(sp.csr_matrix(np.array([[1.0, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 0]])), np.ones(3))
    cuts = odd_cuts(rows, np.array([0.5, 0.5, 0.5, 0.0]), one.high, luck())
    assert (cuts.body.toarray().tolist(), cuts.high.tolist()) == ([[1.0, 1, 1, 1]], [1.0])


def test_a_column_at_its_upper_end_is_counted_from_there() -> None:
    """A triangle that a switch opens, x_i + x_j <= z, with z at 1: sum x <= z + (1 - z) / 2 rounds to sum x <= 1...

    Rows summed: 2 sum x - 3 z <= 0. Half of z <= 1 makes -3/2 z into -z and 0 into 1/2: sum x - z <= 0, which is true
    for z = 0 and z = 1 alike."""
    rows = [[1.0, 1, 0, -1], [0, 1, 1, -1], [1, 0, 1, -1]]
    one = program([1.0, 1, 1, -0.1], rows, high=0.0)
    value, x = relaxed(one)
    assert value == pytest.approx(1.4)
    cuts = odd_cuts(whole_rows(one), x, one.high, luck())
    assert (cuts.body.toarray().tolist(), cuts.high.tolist()) == ([[1.0, 1, 1, -1]], [0.0])


def test_what_must_at_least_be_used_is_cut_too() -> None:
    """An odd ring whose edges need one end each: (n + 1) / 2 nodes, not n / 2."""
    edges = ring(5)
    one = replace(edges, cost=-np.ones(5), row_low=np.ones(5), row_high=np.full(5, INF))
    value, x = relaxed(one)
    assert value == pytest.approx(-2.5)
    cuts = odd_cuts(whole_rows(one), x, one.high, luck())
    assert (cuts.body.toarray().tolist(), cuts.high.tolist()) == ([[-1.0] * 5], [-3.0])


def test_larger_whole_numbers_count_by_their_halves() -> None:
    """2 x <= 3 is x <= 1; x of up to 5."""
    one = program([1.0], [[2.0]], high=3.0, upper=5.0)
    cuts = odd_cuts(whole_rows(one), np.array([1.5]), one.high, luck())
    assert (cuts.body.toarray().tolist(), cuts.high.tolist()) == ([[1.0]], [1.0])


@pytest.mark.parametrize("size", ["LISTED", "SUMMED"])
def test_what_is_too_large_to_be_summed_up_is_left_as_it_is(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring of five: five rows times five columns are 25."""
    one = ring(5)
    monkeypatch.setattr(f"kaopt.allocation.search.odd.{size}", 25)
    assert len(odd_cuts(whole_rows(one), np.full(5, 0.5), one.high, luck())) == 1
    monkeypatch.setattr(f"kaopt.allocation.search.odd.{size}", 24)
    assert len(odd_cuts(whole_rows(one), np.full(5, 0.5), one.high, luck())) == 0


def test_the_same_luck_finds_the_same_cuts() -> None:
    one = mixed(3)
    x = relaxed(one)[1]
    first, second = (odd_cuts(whole_rows(one), x, one.high, luck(7)) for _ in range(2))
    assert (first.body != second.body).nnz == 0
    assert first.high.tolist() == second.high.tolist()


# which rows


def test_rows_in_whole_numbers_and_no_others() -> None:
    """Kept: 0 both ways, 1 from above. Not: a half, a limit of a half, a share of column 2, what may be negative, too
    large a coefficient or limit, nothing at all."""
    rows = [
        [1, 2, 0, 0],
        [-3, 1, 0, 0],
        [0.5, 1, 0, 0],
        [1, 1, 0, 0],
        [1, 0, 1, 0],
        [1, 0, 0, 1],
        [2 * LARGEST, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
    ]
    high = [2.0, 1, 1, 1.5, 1, 1, 1, 2 * LARGEST, 1]
    one = program([0.0] * 4, rows, low=[1.0, *[-INF] * 8], high=high)
    one = replace(one, integer=np.array([1, 1, 0, 1], dtype=bool), low=np.array([0.0, 0, 0, -1]))
    found = whole_rows(one)
    assert found.body.toarray().tolist() == [[1, 2, 0, 0], [-3, 1, 0, 0], [-1, -2, 0, 0]]
    assert found.high.tolist() == [2, 1, -1]
    assert len(found) == 3


def test_limits_that_can_be_counted_with() -> None:
    limits = np.array([0.0, -3, LARGEST, LARGEST + 1, 0.5, INF, -INF, np.nan])
    assert counted(limits).tolist() == [True, True, True, False, False, False, False, False]


def test_of_rows_odd_alike_the_tightest_and_widest_is_looked_at() -> None:
    """Rows 0-2 have one pattern: 1 and 2 have no slack, 2 more columns; 3 is even; 4 has an odd limit; slack first."""
    odd = np.array([[1, 0], [1, 0], [1, 0], [0, 0], [0, 0], [1, 1]], dtype=bool)
    limit = np.array([1, 1, 1, 0, 1, 1], dtype=bool)
    slack = np.array([0.2, 0, 0, 0, 0, 0.1])
    wide = np.array([9, 4, 5, 9, 1, 2])
    assert distinct(odd, limit, slack, wide).tolist() == [5, 2, 4]


# the arithmetic


def test_halves_are_rounded_down_whatever_their_sign() -> None:
    """Rows (3, -3, 2) <= 5 and (0, 2, -1) <= -2, alone and summed: (3, -1, 1) <= 3."""
    rows = WholeRows(sp.csr_matrix(np.array([[3.0, -3, 2], [0, 2, -1]])), np.array([5.0, -2]))
    used = np.array([[1, 0], [0, 1], [1, 1]], dtype=bool)
    found = halved(rows, used, np.full(3, np.nan))
    assert found.body.toarray().tolist() == [[1, -2, 1], [0, 1, -1], [1, -1, 0]]
    assert found.high.tolist() == [2, -1, 1]
    found = halved(rows, used, np.array([1.0, 4, np.nan]))  # odd coefficients of columns 0 and 1 are rounded up
    assert found.body.toarray().tolist() == [[2, -1, 1], [0, 1, -1], [2, 0, 0]]
    assert found.high.tolist() == [5, -1, 4]  # (5 + 1 + 4) / 2, -2 / 2, (3 + 1 + 4) / 2


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_half_of_any_sum_holds_for_every_whole_point(seed: int) -> None:
    """Any rows, any columns rounded up: whole points keep the half, and it is never weaker than half the sum."""
    one = mixed(seed)
    rows, rng = whole_rows(one), luck(seed)
    used = rng.random((8, len(rows))) < 0.4
    turned = np.where(rng.random(7) < 0.5, one.high, np.nan)
    found = halved(rows, used, turned)
    assert np.all(found.body @ whole_points(one).T <= found.high[:, None])
    assert np.all(found.body.data == np.round(found.body.data))
    assert np.all(found.high == np.round(found.high))


def test_deep_cuts_first_and_none_twice() -> None:
    """Depth over length: 0.5 / 1, 0.5 / 2, 0.4 / 1; the second copy of the first and what is hardly broken stay out."""
    body = np.array([[1.0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    over = np.array([0.5, 0.5, 0.4, 0.45, (1 - LACK) / 4, 0.5])
    assert unlike(body, over).tolist() == [0, 2, 1]
    assert len(unlike(np.eye(CUTS + 5), np.full(CUTS + 5, 0.5))) == CUTS
    assert unlike(np.zeros((0, 3)), np.zeros(0)).tolist() == []


# the compiled loops


def test_what_is_lacking_is_added_up_to_the_limit() -> None:
    flags, amount = np.array([True, False, True, True]), np.array([1.0, 10, 2, 4])
    assert lacking(flags, amount, 0.5, 99.0) == 7.5
    assert lacking(flags, amount, 0.5, 3.0) == 3.5


def sums_of(odd: Bools, limit: Bools, slack: Floats, far: Floats, most: float, room: int = 500) -> object:
    size, width = odd.shape
    orders = np.array([luck(t).permutation(width) for t in range(8)])
    return odd_sums((odd, limit, slack, 1 << np.arange(size), far), orders, most, room)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_sums_are_what_they_are_said_to_be(seed: int) -> None:
    """Limit odd, mark and lack as counted anew, lack below the limit asked for."""
    rng = luck(seed)
    size, width = int(rng.integers(2, 9)), int(rng.integers(1, 7))
    odd, limit = rng.random((size, width)) < 0.4, rng.random(size) < 0.6
    slack = np.sort(np.where(rng.random(size) < 0.4, rng.uniform(0, 0.4, size), 0.0))[::-1].copy()
    far = rng.uniform(0.05, 0.5, width)
    found, marks, lacks = sums_of(odd, limit, slack, far, 0.9)  # type: ignore[misc]
    for used, mark, lack in zip(found, marks, lacks, strict=True):
        assert limit[used].sum() % 2 == 1
        assert mark == np.sum(1 << np.flatnonzero(used))
        assert lack == pytest.approx(slack[used].sum() + far[odd[used].sum(axis=0) % 2 == 1].sum())
        assert lack < 0.9


def test_sums_end_where_there_is_no_more_room() -> None:
    one = ring(9)
    odd = one.matrix.toarray() == 1
    found, _, _ = sums_of(odd, np.ones(9, dtype=bool), np.zeros(9), np.full(9, 0.01), 9.9, room=4)  # type: ignore[misc]
    assert len(found) == 4


def test_columns_are_made_even_by_the_tightest_row() -> None:
    """Three rows share column 0; the last has no slack and is added to the first, which alone would lack 0.5 + 0.5."""
    odd, limit = np.ones((3, 1), dtype=bool), np.array([True, False, False])
    found, _, lacks = sums_of(odd, limit, np.array([0.5, 0.3, 0.0]), np.array([0.5]), 0.9)  # type: ignore[misc]
    assert {tuple(one) for one in found.tolist()} == {(True, False, True)}
    assert lacks == pytest.approx([0.5] * 8)  # met once in each order
