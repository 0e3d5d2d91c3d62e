"""Programs cut between owners, branching on switches first, and when a proof waits for a better plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search import search as searching
from kaopt.allocation.search.certify import box_of
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.parts import Part, cut, cut_at, ends, everybody, make_parts, shared, uncut
from kaopt.allocation.search.relax import LeafSolver, relax
from kaopt.allocation.search.search import CHECK, branch, lacking, tighten
from kaopt.allocation.search.tree import LOOK, Branches, Leaf, Tree, at_column, halves, plant, split
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Floats, Ints
from tests.allocation.programs import program, try_everything

INF = np.inf
OWNER = np.array([0, 0, 0, -1, 1, 1, 1, -1, 2, 2, 2, -1, 3, 3, 3, -1])  # three events and a fee of each of four
WHOSE = np.repeat(np.arange(4), 4)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def neighbours(seed: int | None = None) -> Program:
    """Four accounts with three events and a fee each. Rows: x <= fee; two events at most; neighbours share a place.

    No row is longer than three columns, so that length tells nothing of what joins the accounts.
    """
    luck = np.random.default_rng(seed)
    rows, high = [], []
    for a in range(4):
        for j in range(3):
            rows.append([(4 * a + j, 1.0), (4 * a + 3, -1.0)])
            high.append(0.0)
        rows.append([(4 * a + j, 1.0) for j in range(3)])
        high.append(2.0)
    for a in range(3):
        weights = (1.0, 1.0) if seed is None else luck.uniform(0.5, 3, 2).round(1).tolist()
        rows.append([(4 * a + 2, weights[0]), (4 * a + 4, weights[1])])
        high.append(1.0 if seed is None else float(luck.uniform(0.5, 4)))
    body = np.zeros((len(rows), 16))
    for i, entries in enumerate(rows):
        for j, weight in entries:
            body[i, j] = weight
    cost = np.where(OWNER < 0, -luck.uniform(1, 6, 16), luck.uniform(1, 5, 16)).round(2)
    return program(cost, body, high=np.array(high))


# whose a row and a column is


def test_a_cut_between_owners_where_length_tells_nothing() -> None:
    one = neighbours()
    assert cut(one).count == 1  # a chain of short rows joins all
    assert cut(one, np.full(16, -1)).count == 1  # nor do owners that nobody knows help
    sliced = cut(one, OWNER)
    assert sliced.count == 4
    assert sliced.part.tolist() == WHOSE.tolist()  # the fees are with their accounts
    assert np.flatnonzero(sliced.common).tolist() == [16, 17, 18]


def test_long_rows_are_cut_at_before_owners_are_asked() -> None:
    """A budget over all, and no rows of neighbours: the budget alone is common, whatever owners are said."""
    own = np.kron(np.eye(4), np.ones(4))
    one = program(np.ones(16), np.vstack([own, np.ones(16)]), high=1)
    said = np.arange(16) % 2
    assert cut(one, said).part.tolist() == cut(one).part.tolist() == WHOSE.tolist()
    assert np.flatnonzero(cut(one, said).common).tolist() == [4]


def test_the_first_and_the_last_owner_in_a_row() -> None:
    """Columns of 2, nobody, 0, 1. Rows: 2 and 0; nobody alone; 1 and nobody; nothing at all."""
    one = program([0.0] * 4, [[1, 0, 1, 0], [0, 1, 0, 0], [0, 1, 0, -3], [0, 0, 0, 0]])
    first, last = ends(one, np.array([2, -1, 0, 1]))
    large = np.iinfo(np.int64).max
    assert first.tolist() == [0, large, 1, large]
    assert last.tolist() == [2, -1, 1, -1]
    assert shared(one, np.array([2, -1, 0, 1])).tolist() == [True, False, False, False]


def test_a_column_beside_the_events_is_of_whom_alone_it_meets() -> None:
    """Events of 0, 0, 1; then five columns of nobody, each with its rows:

    3 meets account 0 only; 4 meets 0 and 1 in rows of their own, so it is nobody's; 5 meets 1 and, in a row that 0 and
    1 share anyway, both: it is of 1; 6 stands in such a shared row only, 7 in no row: nobody's.
    """
    rows = [
        [1, 1, 0, -1, 0, 0, 0, 0],
        [1, 0, 0, 0, -1, 0, 0, 0],
        [0, 0, 1, 0, -1, 0, 0, 0],
        [0, 0, 1, 0, 0, -1, 0, 0],
        [1, 0, 1, 0, 0, -1, 1, 0],
    ]
    owner = np.array([0, 0, 1, -1, -1, -1, -1, -1])
    found = everybody(program([0.0] * 8, rows), owner)
    assert found.tolist() == [0, 0, 1, 0, -1, 1, -1, -1]
    assert owner.tolist() == [0, 0, 1, -1, -1, -1, -1, -1]  # what was given stays


def test_an_owner_that_is_known_is_never_changed() -> None:
    """The event of 1 shares its row with 0: it stays with 1, and the row is common."""
    one = program([0.0, 0.0], [[1.0, 1.0], [0.0, 1.0]])
    assert everybody(one, np.array([0, 1])).tolist() == [0, 1]
    assert shared(one, np.array([0, 1])).tolist() == [True, False]


def test_a_fee_of_two_accounts_joins_them() -> None:
    """Five accounts of four columns; nobody's column of 0 and 1 leaves parts of 9, 4, 4, 4: one of four was 5."""
    own = np.hstack([np.kron(np.eye(5), np.ones(4)), np.zeros((5, 1))])
    chain = np.zeros((4, 21))
    for a in range(4):
        chain[a, [4 * a + 3, 4 * a + 4]] = 1
    both = np.zeros((2, 21))
    both[0, [0, 20]] = both[1, [5, 20]] = 1, -1
    owner = np.append(np.repeat(np.arange(5), 4), -1)
    sliced = cut(program(np.ones(21), np.vstack([own, chain, both]), high=1), owner)
    assert sliced.count == 4
    assert np.bincount(sliced.part).tolist() == [9, 4, 4, 4]
    assert np.flatnonzero(sliced.common).tolist() == [5, 6, 7, 8]
    without = cut(program(np.ones(21), np.vstack([own, chain, both[:1]]), high=1), owner)
    assert np.bincount(without.part).tolist() == [5, 4, 4, 4, 4]


def test_cuts_that_are_too_few_or_too_large_are_none() -> None:
    """Groups of four columns with a row each, and one row over all that is common."""

    def blocks(*sizes: int) -> Program:
        own = np.zeros((len(sizes) + 1, sum(sizes)))
        own[np.repeat(np.arange(len(sizes)), sizes), np.arange(sum(sizes))] = 1
        own[-1] = 1
        return program(np.ones(sum(sizes)), own, high=1)

    def parts(*sizes: int) -> int | None:
        found = cut_at(blocks(*sizes), np.arange(len(sizes) + 1) == len(sizes))
        return None if found is None else found.count

    assert parts(4, 4, 4, 4) == 4
    assert parts(6, 6, 4) is None  # three
    assert parts(4, 4, 4, 3) is None  # less than four columns each
    assert parts(8, 3, 3, 2) == 4  # half of all in one
    assert parts(9, 3, 3, 2) is None  # more


@given(seed=st.integers(0, 10_000), shape=st.tuples(st.integers(2, 9), st.integers(2, 9)))
@settings(max_examples=30, deadline=None)
def test_owners_against_sets(seed: int, shape: tuple[int, int]) -> None:
    """Said again with sets: who is in a row, and whose rows a column is in."""
    luck = np.random.default_rng(seed)
    body = (luck.random(shape) < 0.4) * luck.choice([-2.0, 1.0], shape)
    owner = luck.integers(-1, 3, shape[1])
    one = program(np.zeros(shape[1]), body)
    inside = [{int(owner[j]) for j in np.flatnonzero(row)} - {-1} for row in body]
    assert shared(one, owner).tolist() == [len(who) > 1 for who in inside]
    told = []
    for j in range(shape[1]):
        met = {next(iter(who)) for i, who in enumerate(inside) if body[i, j] and len(who) == 1}
        told.append(next(iter(met)) if owner[j] < 0 and len(met) == 1 else int(owner[j]))
    assert everybody(one, owner).tolist() == told


# bounds of parts cut between owners


@pytest.mark.parametrize("seed", range(6))
def test_owners_parts_bound_every_plan_from_above(seed: int, child: Child) -> None:
    """Against every plan, after every split; at the relaxation's prices the first bound is its value."""
    one = gate(neighbours(seed)).program
    truth, best = try_everything(one)
    assert best is not None
    sliced = cut(one, OWNER)
    assert sliced.count == 4
    root = relax(one, Limits(), child=child)
    tree = plant(one, make_parts(one, sliced, (OWNER,)), root, best)
    assert tree.bound() == pytest.approx(root.value, abs=1e-7)
    solver = LeafSolver(child, Limits(seconds=20))
    last = tree.bound()
    while (part := tree.widest()) is not None and tree.nodes < 40:
        split(tree, part, solver)
        assert truth - 1e-9 <= tree.bound() <= last
        last = tree.bound()


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_owners_end_at_their_own_best(seed: int, child: Child) -> None:
    """Where what joins the accounts costs nothing, the bound ends at the sum of each account's best, by enumeration."""
    one = neighbours(seed)
    apart = replace(one, row_high=np.where(np.arange(19) < 16, one.row_high, INF))
    parts = make_parts(one, cut(one, OWNER), (OWNER,))
    own = sum(try_everything(replace(part.program, **opened(part)))[0] for part in parts)
    tree = plant(one, parts, relax(apart, Limits(), child=child), np.zeros(16))
    solver = LeafSolver(child, Limits(seconds=20))
    while (part := tree.widest()) is not None and tree.nodes < 200:
        split(tree, part, solver)
    assert tree.bound() == pytest.approx(own, abs=1e-6)
    assert own >= try_everything(one)[0]


def opened(part: Part) -> dict[str, Floats]:
    """The limits of a part's rows with the priced ones open."""
    low, high = part.program.row_low.copy(), part.program.row_high.copy()
    low[part.own : part.own + part.common], high[part.own : part.own + part.common] = -INF, INF
    return {"row_low": low, "row_high": high}


# switches are branched on first


def four(integer: tuple[bool, ...] = (True,) * 4) -> Program:
    """Two events, then two columns beside them, of which the last goes up to 3."""
    return replace(program([1.0] * 4, [[1, 1, 1, 1]], high=6, upper=[1, 1, 1, 3]), integer=np.array(integer))


def part_of(one: Program, *groups: Ints) -> Part:
    (found,) = make_parts(one, uncut(one), groups)
    return found


def test_switches_are_the_whole_columns_of_no_group() -> None:
    events = np.array([0, 0, -1, -1])
    assert part_of(four(), events).switches.tolist() == [2, 3]
    assert part_of(four((True, True, False, True)), events).switches.tolist() == [3]
    assert part_of(four(), events, np.array([-1, -1, 5, -1])).switches.tolist() == [3]  # in one group of several
    assert part_of(four()).switches.tolist() == []  # nothing is known: no column is taken for a switch


def test_switches_are_counted_from_the_part() -> None:
    """The fee is the fourth column of every part, wherever it stands in the whole program."""
    one = neighbours()
    parts = make_parts(one, cut(one, OWNER), (OWNER,))
    assert [part.switches.tolist() for part in parts] == [[3]] * 4
    assert [part.columns[part.switches].tolist() for part in parts] == [[3], [7], [11], [15]]


def test_a_switch_comes_before_a_sum_before_an_event() -> None:
    """Two events in a group with the sum 1.5, a fee at 0.4: the fee; then the sum; then the event, and nothing."""
    part = part_of(four(), np.array([0, 0, -1, -1]))
    box = box_of(part.program)

    def parted(*x: float) -> tuple[list[float], ...]:
        found = halves(part, Leaf(0.0, box, np.array(x)))
        assert found is not None
        down, up = found
        return down.high.tolist(), down.row_high.tolist(), up.low.tolist(), up.row_low.tolist()

    assert parted(0.9, 0.6, 0.4, 2.0) == ([1, 1, 0, 3], [6, INF], [0, 0, 1, 0], [-INF, -INF])
    assert parted(0.9, 0.6, 1.0, 1.4) == ([1, 1, 1, 1], [6, INF], [0, 0, 0, 2], [-INF, -INF])
    assert parted(0.9, 0.6, 1.0, 2.0) == ([1, 1, 1, 3], [6, 1], [0, 0, 0, 0], [-INF, 2])
    assert parted(0.5, 0.5, 0.0, 2.0) == ([0, 1, 1, 3], [6, INF], [1, 0, 0, 0], [-INF, -INF])
    assert halves(part, Leaf(0.0, box, np.array([1.0, 0.0, 1.0, 3.0]))) is None
    assert halves(part, Leaf(0.0, box, np.array([1.0, 0.0, 1.0 - 1e-8, 3.0]))) is None  # rounding is no fraction


def test_a_column_that_need_not_be_whole_is_never_branched_on() -> None:
    part = part_of(four((True, True, True, False)), np.array([0, 0, -1, -1]))
    assert halves(part, Leaf(0.0, box_of(part.program), np.array([1.0, 0.0, 1.0, 1.5]))) is None


def test_rounding_one_column_leaves_the_rest_of_the_box() -> None:
    """From a box already cut to 1..3 in the last column and to 2 in the row: 2.3 parts it into 1..2 and 3..3."""
    part = part_of(four(), np.array([0, 0, -1, -1]))
    box = box_of(part.program)
    low, row_high = box.low.copy(), box.row_high.copy()
    low[3], row_high[1] = 1.0, 2.0
    cut_box = replace(box, low=low, row_high=row_high)
    down, up = at_column(Leaf(7.0, cut_box, np.array([0.0, 0.0, 0.0, 2.3])), 3)
    assert (down.low.tolist(), down.high.tolist()) == ([0, 0, 0, 1], [1, 1, 1, 2])
    assert (up.low.tolist(), up.high.tolist()) == ([0, 0, 0, 3], [1, 1, 1, 3])
    assert down.row_high.tolist() == up.row_high.tolist() == [6, 2]
    assert (cut_box.low.tolist(), cut_box.high.tolist()) == ([0, 0, 0, 1], [1, 1, 1, 3])  # the leaf's own stays


@given(x=st.tuples(*[st.floats(0, 1)] * 3, st.floats(0, 3)))
@settings(max_examples=30, deadline=None)
def test_every_whole_plan_is_in_one_half(x: tuple[float, ...]) -> None:
    part = part_of(four(), np.array([0, 0, -1, -1]))
    boxes = halves(part, Leaf(0.0, box_of(part.program), np.array(x)))
    if boxes is None:
        assert np.allclose(x, np.round(x), atol=1e-5)
        return
    body = part.program.matrix.toarray()
    for plan in product((0, 1), (0, 1), (0, 1), (0, 1, 2, 3)):
        point = np.array(plan, dtype=float)
        inside = [
            bool(np.all((b.low <= point) & (point <= b.high)) and np.all((b.row_low <= body @ point)[1:]))
            and bool(np.all((body @ point <= b.row_high)[1:]))
            for b in boxes
        ]
        assert sum(inside) == 1


# how long a proof goes on


class Falling:
    """A tree whose bound is as told at each look; it counts the nodes of the splits."""

    def __init__(self, *bounds: float) -> None:
        self.nodes, self.bounds, self.part = 0, bounds, object()

    def bound(self) -> float:
        return self.bounds[min(max(self.nodes // CHECK - 1, 0), len(self.bounds) - 1)]

    def aim_at(self, plan: Floats) -> None:
        assert plan is not None

    def widest(self) -> object:
        return self.part


Proof = Callable[..., tuple[Search, Falling]]


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch, child: Child) -> Proof:
    """Tighten a search with a plan of 100 and a bound of 200 along the bounds told."""

    def step(tree: Falling, *_: object) -> None:
        tree.nodes += 1

    def run(*bounds: float, gap: float, splits: int = 1000) -> tuple[Search, Falling]:
        monkeypatch.setattr(searching, "split", step)
        found = Search(program([100.0], [[1.0]], high=1.0), Aim(gap, Limits(seconds=60)), child)
        found.offer(np.ones(1))
        found.bound = 200.0
        tree = Falling(*bounds)
        tighten(found, [tree], LeafSolver(child, Limits(seconds=60)), splits)  # type: ignore[list-item]
        return found, tree

    return run


def test_what_a_bound_lacks(child: Child) -> None:
    """A plan of 100 and a gap of 20 %: a bound of 150 is 30 too high. Of -100 and 10 %: -50 is 40 too high."""
    for worth, gap, bound, lacks in ((100.0, 0.2, 150.0, 30.0), (-100.0, 0.1, -50.0, 40.0), (100.0, 0.2, 115.0, -5.0)):
        found = Search(program([worth], [[1.0]], low=1.0), Aim(gap, Limits()), child)
        found.offer(np.ones(1))
        found.bound = bound
        assert lacking(found) == pytest.approx(lacks)


def test_a_proof_that_gains_too_little_waits(proof: Proof) -> None:
    """Without a gap: to 150 (50 gained), to 149 (1 gained, 3 % of 49 asked): it ends at the second look.

    With a gap of 20 % only 29 is lacking then, 1 is enough; half of 1 is not.
    """
    found, tree = proof(150.0, 149.0, 148.5, 100.0, gap=0.0)
    assert (found.bound, tree.nodes) == (149.0, 2 * CHECK)
    found, tree = proof(150.0, 149.0, 148.5, 100.0, gap=0.2)
    assert (found.bound, tree.nodes) == (148.5, 3 * CHECK)


def test_a_proof_ends_with_its_gap_or_its_splits(proof: Proof) -> None:
    found, tree = proof(150.0, 118.0, 60.0, gap=0.2)
    assert (found.bound, found.closed, tree.nodes) == (118.0, True, 2 * CHECK)
    found, tree = proof(180.0, 160.0, 140.0, gap=0.0, splits=CHECK + 30)
    assert (found.bound, tree.nodes) == (180.0, CHECK + 30)
    assert not found.exhausted


def test_a_tree_that_is_used_up_makes_way_for_the_next(proof: Proof, child: Child) -> None:
    """Parts that no split helps any more: the tree of the whole is next; where that is the last, all is exhausted."""
    found, first = proof(150.0, gap=0.0, splits=1)
    assert not found.exhausted
    second = Falling(130.0)
    first.part = second.part = None  # type: ignore[assignment]
    trees = [first, second]
    solver = LeafSolver(child, Limits(seconds=60))
    tighten(found, trees, solver, 10)  # type: ignore[arg-type]
    assert trees == [second]
    assert (found.exhausted, found.bound) == (False, 150.0)
    tighten(found, trees, solver, 10)  # type: ignore[arg-type]
    assert (found.exhausted, found.bound) == (True, 130.0)


def test_the_part_is_split_of_which_a_split_promises_most() -> None:
    """All that is open until some splits were made; from then on what those brought, each."""
    one, other = (Branches(k, None, None, np.zeros(0), 0.0, []) for k in range(2))  # type: ignore[arg-type]
    tree = Tree([one, other], np.zeros(0), [])
    one.floor, other.floor = 100.0, 60.0
    assert tree.widest() is one
    for _ in range(LOOK):
        one.look()
    assert one.pace == 0.0  # so many splits, and the bound where it was
    assert tree.widest() is other
    for left in range(LOOK, 0, -1):
        other.floor = 50.0 + left - 1
        other.look()
    assert other.pace == pytest.approx((61.0 - 50.0) / LOOK)
    for _ in range(LOOK):
        one.floor -= 2.0
        one.look()
    assert one.pace == pytest.approx(2.0)
    assert tree.widest() is one
    one.floor = 0.5  # less is open than it lately brought
    assert one.promise == 0.5
    one.done = True
    assert tree.widest() is other


def test_no_tree_is_planted_where_no_proof_is_asked_for_or_no_plan_is_known(child: Child) -> None:
    one = program([1.0, 1.0, 1.0], [[1, 1, 0], [0, 1, 1], [1, 0, 1]], high=1.0)
    root, trees = relax(one, Limits(), child=child), []  # type: ignore[var-annotated]
    effort = LeafSolver(child, Limits(seconds=60)), 10
    found = Search(one, Aim(0.0, Limits(seconds=60)), child)
    found.prove(root.value + 1e-9, "relax")
    branch(found, root, trees, effort)
    assert not trees
    found.offer(np.array([1.0, 0, 0]))
    found.aim = replace(found.aim, proof=False)
    branch(found, root, trees, effort)
    assert (trees, found.bound) == ([], pytest.approx(1.5))
    found.aim = replace(found.aim, proof=True)
    branch(found, root, trees, effort)
    assert found.bound == pytest.approx(1.0)
