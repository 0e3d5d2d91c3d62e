"""Parts made whole by cuts: the bound falls to what parts can truly do, and never below the best whole plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.lifted import BASIC
from kaopt.allocation.search.odd import WholeRows
from kaopt.allocation.search.odd_parts import Cuts, added, alone, cut_off, cut_parts, longer, tight
from kaopt.allocation.search.parts import cut, make_parts
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.sieve import Sieve
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from tests.allocation.programs import program, try_everything

INF = np.inf
PARTS, SIZE = 4, 4


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def accounts(seed: int, budget: float | None) -> Program:
    """Four parts of four columns: a triangle of which one can be had, and a fourth; one budget for all."""
    rng = np.random.default_rng(seed)
    worth = rng.uniform(4, 6, PARTS * SIZE).round(2)
    spend = rng.uniform(1, 2, PARTS * SIZE).round(2)
    triangle = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]], dtype=float)
    rows = np.vstack([np.kron(np.eye(PARTS), triangle), spend])
    most = spend.sum() if budget is None else budget
    return program(worth, rows, high=np.concatenate([np.tile([1.0, 1, 1, 3], PARTS), [most]]))


def begun(one: Program, child: Child, seconds: float = 60.0) -> tuple[Search, Relaxation]:
    return Search(one, Aim(1e-9, Limits(seconds=seconds)), child), relax(one, Limits(), child=child)


# the bound


def test_parts_without_a_common_limit_are_made_whole(child: Child) -> None:
    """The budget is no limit: the relaxation takes halves of each triangle, the cuts leave the best whole plan."""
    one = accounts(1, None)
    truth, _ = try_everything(one)
    found, root = begun(one, child)
    assert root.value > truth + 1
    near = cut_off(found, root)
    assert near.status == "optimal"
    assert near.value == pytest.approx(truth)
    assert truth <= found.bound <= truth + 1e-6
    assert near.x == pytest.approx(np.round(near.x))
    assert len(near.x) == PARTS * SIZE
    assert len(near.duals) == found.program.matrix.shape[0] > one.matrix.shape[0]


def test_a_bound_never_falls_below_the_best_whole_plan(child: Child) -> None:
    """Twelve programs whose parts meet in a budget: nearer to the truth, never past it; the plans are the same."""
    for seed in range(12):
        one = accounts(seed, (5.0, 8.0, 11.0)[seed % 3])
        truth, _ = try_everything(one)
        found, root = begun(one, child)
        near = cut_off(found, root)
        assert truth <= found.bound <= root.value + 1e-6
        assert near.value <= root.value + 1e-6
        assert try_everything(found.program)[0] == pytest.approx(truth)
        held = found.program.matrix @ near.x
        assert np.all(held <= found.program.row_high + 1e-6)


def test_where_parts_meet_their_prices_stay(child: Child) -> None:
    """Parts side by side prove what they are worth at the root's prices; joined again they prove no less."""
    one = accounts(5, 11.0)
    found, root = begun(one, child)
    side = cut_parts(found, root)
    assert side.status == "stopped"
    assert side.duals[PARTS * 4] == pytest.approx(root.duals[PARTS * 4])  # the budget's
    assert side.reduced_costs == pytest.approx(found.program.cost - found.program.matrix.T @ side.duals)
    apart = found.bound
    assert apart < root.value - 1e-3
    again, root = begun(one, child)
    cut_off(again, root)
    assert again.bound <= apart + 1e-9


def test_any_prices_will_do(child: Child) -> None:
    """From prices of nothing, parts are cut as if there were no budget: a poor bound, a true one, then joined."""
    one = accounts(2, 5.0)
    truth, _ = try_everything(one)
    found, root = begun(one, child)
    blind = replace(root, duals=np.zeros(len(root.duals)), reduced_costs=one.cost, basis=None)
    near = cut_off(found, blind)
    assert truth <= found.bound <= root.value + 1e-6
    assert near.status == "optimal"


def test_one_part_alone_is_cut_too(child: Child) -> None:
    """Too few parts to be told apart: the program is one part, with nothing in common."""
    one = program([1.0] * 5, np.eye(5) + np.roll(np.eye(5), 1, axis=1), high=1.0)
    found, root = begun(one, child)
    assert root.value == pytest.approx(2.5)
    assert cut_off(found, root).value == pytest.approx(2.0)


# where time or the solver fails


def test_without_time_nothing_changes(child: Child) -> None:
    one = accounts(1, 6.0)
    found, root = begun(one, child, seconds=0.0)
    near = cut_off(found, root)
    assert found.program.matrix.shape == one.matrix.shape
    assert near.status == "stopped"
    assert near.duals.tolist() == root.duals.tolist()
    assert found.bound == pytest.approx(root.value)


def test_a_solver_that_fails_costs_nothing(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer at all, and none after the first: the root's prices stay, or those of the part without cuts."""
    from kaopt.allocation.search import odd_parts

    one, calls, honest = accounts(1, 6.0), [0], odd_parts.sieved

    def failing(after: int) -> object:
        def fails(*every: object, **more: object) -> object:
            near, sieve = honest(*every, **more)  # type: ignore[arg-type]
            calls[0] += 1
            return (replace(near, status="stopped", duals=near.duals * 0), sieve) if calls[0] > after else (near, sieve)

        return fails

    for after in (0, 1):
        calls[0] = 0
        monkeypatch.setattr(odd_parts, "sieved", failing(after))
        found, root = begun(one, child)
        near = cut_off(found, root)
        assert found.program.matrix.shape == one.matrix.shape
        assert found.bound == pytest.approx(root.value)
        assert near.status == "stopped"


# the pieces


def test_a_part_pays_for_what_is_common(child: Child) -> None:
    one = accounts(1, 6.0)
    part = make_parts(one, cut(one))[1]
    root = relax(one, Limits(), child=child)
    own = alone(part, root)
    assert own.matrix.shape == (4, SIZE)
    spend = one.matrix[-1].toarray().ravel()[part.columns]
    assert own.cost == pytest.approx(one.cost[part.columns] - root.duals[-1] * spend)
    assert own.row_high.tolist() == [1, 1, 1, 3]


def test_cuts_of_some_columns_become_rows_of_the_whole() -> None:
    one = program([1.0] * 4, [[1, 1, 1, 1]], low=0.0, high=2.0)
    cuts = WholeRows(sp.csr_matrix(np.array([[1.0, 2], [0, 3]])), np.array([5.0, 6]))
    more = longer(one, [(np.array([1, 3]), cuts), (np.array([0]), WholeRows(sp.csr_matrix((0, 1)), np.zeros(0)))])
    assert more.matrix.toarray().tolist() == [[1, 1, 1, 1], [0, 1, 0, 2], [0, 0, 0, 3]]
    assert more.row_low.tolist() == [0, -INF, -INF]
    assert more.row_high.tolist() == [2, 5, 6]
    assert more.row_names == ("row 0", "odd", "odd")
    assert longer(replace(one, row_names=()), [(np.array([1, 3]), cuts)]).row_names == ()


def test_new_cuts_come_in_slack_and_slack_cuts_go() -> None:
    """One row of the part, then cuts: priced (kept), slack (gone), at its limit without a price (kept: basis)."""
    body = sp.csr_matrix(np.eye(3))
    held = np.array([1, 1, 0], dtype=np.int8), np.array([0], dtype=np.int8)
    near = Relaxation("optimal", 0.0, np.zeros(3), np.array([0.0]), np.zeros(3))
    none = WholeRows(sp.csr_matrix((0, 3)), np.zeros(0))
    wider = added(Cuts(none, near, Sieve(np.ones(3, bool), np.zeros(1, bool), held)), WholeRows(body, np.arange(3.0)))
    assert wider.sieve.rows.tolist() == [False, True, True, True]
    assert wider.sieve.basis is not None
    assert wider.sieve.basis[1].tolist() == [0, BASIC, BASIC, BASIC]
    assert added(replace(wider, sieve=replace(wider.sieve, basis=None)), none).sieve.basis is None

    basis = held[0], np.array([1, 0, BASIC, 0], dtype=np.int8)
    solved = replace(near, duals=np.array([0.0, 2, 0, 0]))
    left = tight(Cuts(wider.rows, solved, Sieve(wider.sieve.columns, wider.sieve.rows, basis)), 1)
    assert left.rows.body.toarray().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert left.rows.high.tolist() == [0, 2]
    assert left.near.duals.tolist() == [0, 2, 0]
    assert left.sieve.rows.tolist() == [False, True, True]
    assert left.sieve.basis is not None
    assert left.sieve.basis[1].tolist() == [1, 0, 0]
