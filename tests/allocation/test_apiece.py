"""Plans made part by part: every common row is kept, each part is at its best, and nothing is worse than before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.search import apiece as module
from kaopt.allocation.search import opening
from kaopt.allocation.search.apiece import Table, alone, apiece, chosen, in_turn, mended, order, table_of, to_choose
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.odd_parts import cut_off
from kaopt.allocation.search.opening import falls_apart
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.exact import feasible
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from tests.allocation.programs import program, try_everything

PARTS, SIZE = 4, 4


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def accounts(seed: int, budget: float, least: float = -np.inf) -> Program:
    """Four parts of a triangle of which one can be had, and a fourth; one budget for all, of which `least` is spent."""
    rng = np.random.default_rng(seed)
    worth = rng.uniform(4, 6, PARTS * SIZE).round(2)
    spend = rng.uniform(1, 2, PARTS * SIZE).round(2)
    triangle = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]], dtype=float)
    rows = np.vstack([np.kron(np.eye(PARTS), triangle), spend])
    low = np.append(np.full(4 * PARTS, -np.inf), least)
    return program(worth, rows, low=low, high=np.append(np.tile([1.0, 1, 1, 3], PARTS), budget))


def begun(one: Program, child: Child, seconds: float = 60.0) -> tuple[Search, Relaxation]:
    """A search that knows its relaxation and the bound of that."""
    found = Search(one, Aim(1e-9, Limits(seconds=seconds)), child)
    root = relax(one, Limits(), child=child)
    found.bound = root.value + 1e-6
    return found, root


def table_for(one: Program, child: Child) -> tuple[Search, Table]:
    found, root = begun(one, child)
    table = table_of(found, root)
    assert table is not None
    return found, table


# what parts share


def test_parts_share_what_is_common(child: Child) -> None:
    one = accounts(1, 8.0)
    _, table = table_for(one, child)
    assert table.common.tolist() == [PARTS * 4]
    assert [p.columns.tolist() for p in table.parts] == [list(range(4 * k, 4 * k + 4)) for k in range(PARTS)]
    assert (table.limits[0][0], table.limits[1][0]) == (-np.inf, 8.0)
    assert table.price[0] > 0
    assert table.fine[0] > table.price[0]
    taken = [table.used(table.near.x, k)[0] for k in range(PARTS)]
    assert sum(taken) == pytest.approx(table.used(table.near.x)[0])
    assert sum(taken) == pytest.approx(8.0)  # the budget is what limits


def test_a_program_that_does_not_fall_apart_is_left_alone(child: Child) -> None:
    one = program([1.0] * 5, np.eye(5) + np.roll(np.eye(5), 1, axis=1), high=1.0)
    found, root = begun(one, child)
    assert table_of(found, root) is None
    apiece(found, root)
    assert found.x is None


def test_columns_to_choose_from(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two of least cost, ties with them, one in use, one that is no yes or no, one that must be in."""
    monkeypatch.setattr(module, "ROOM", 2)
    one = program([0.0] * 9, np.zeros((1, 9)))
    one.integer[6], one.low[7] = False, 1.0
    reduced = np.array([-1.0, -5, -2, -2, -9, -9, -9, -9, 0])
    near = Relaxation("optimal", 0.0, np.array([0, 0, 0, 0, 0.5, 0, 0, 0, 0]), np.zeros(1), reduced)
    assert to_choose(one, near, np.arange(8)).tolist() == [0, 2, 3, 4, 6, 7]
    assert to_choose(one, near, np.array([1])).tolist() == [1]


# one part alone


def test_a_part_pays_for_what_it_takes_beyond_its_room(child: Child) -> None:
    """Worth at prices, less the fine beyond: against every choice of the part, worked out by hand."""
    one = accounts(3, 7.0)
    _, table = table_for(one, child)
    columns, room = table.parts[1].columns, (np.array([2.0]), np.array([2.5]))
    small = alone(table, 1, columns, room)
    spend = one.matrix.toarray()[-1, columns]
    for choice in ([0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]):
        x = np.array(choice, dtype=float)
        over, under = max(spend @ x - 2.5, 0.0), max(2.0 - spend @ x, 0.0)
        point = np.concatenate([x, [over, under]])
        assert feasible(small, point) is not None
        expected = (one.cost[columns] - table.price * spend) @ x - table.fine[0] * (over + under)
        assert small.cost @ point == pytest.approx(expected)
        if over > 0.01:
            assert feasible(small, np.concatenate([x, [over - 0.01, under]])) is None
    assert feasible(small, np.array([1.0, 1, 0, 0, 9, 0])) is None  # its own rows hold


def test_a_part_is_chosen_at_its_best_and_the_others_stay(child: Child) -> None:
    """With all the room there is and nothing to pay: the best single of the triangle, and the fourth."""
    one = accounts(4, 99.0)
    found, table = table_for(one, child)
    x = np.zeros(PARTS * SIZE)
    x[0] = 1.0
    y = chosen(found, table, 2, x, (np.array([-np.inf]), np.array([np.inf])))
    best = 8 + int(np.argmax(one.cost[8:11]))
    assert np.flatnonzero(y > 0.5).tolist() == [0, best, 11]


def test_a_part_of_amounts_only_is_as_the_relaxation_has_it(child: Child) -> None:
    """No whole number is in it: there is nothing for a search to choose."""
    one = accounts(4, 8.0)
    one = replace(one, integer=np.arange(PARTS * SIZE) >= SIZE)
    found, table = table_for(one, child)
    nothing = np.zeros(PARTS * SIZE)
    y = chosen(found, table, 0, nothing, (np.array([-np.inf]), np.array([8.0])))
    assert y[:SIZE] == pytest.approx(table.near.x[:SIZE])
    assert not y[SIZE:].any()
    apiece(found, table.near)
    assert found.x is not None


def test_what_counts_as_falling_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four parts that meet in one row; not so where that row is one too many, or the program too large."""
    one, aim = accounts(1, 8.0), Aim(0.0, Limits())
    assert falls_apart(one, aim)
    assert not falls_apart(program([1.0] * 5, np.ones((1, 5))), aim)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "MEETING", 0)
        assert not falls_apart(one, aim)
    monkeypatch.setattr(opening, "WHOLE", PARTS * SIZE - 1)
    assert not falls_apart(one, aim)


def test_parts_that_bring_most_come_last(child: Child) -> None:
    _, table = table_for(accounts(5, 9.0), child)
    worth = [table.program.cost[p.columns] @ table.near.x[p.columns] for p in table.parts]
    assert [worth[k] for k in order(table)] == sorted(worth)


# all parts


def test_plans_keep_every_row_and_come_near_the_best(child: Child) -> None:
    """Twelve programs with a budget, some of it to be spent: against trying everything."""
    lost = []
    for seed in range(12):
        budget = (5.0, 8.0, 11.0)[seed % 3]
        one = accounts(seed, budget, least=budget - 0.4 if seed % 2 else -np.inf)
        truth, _ = try_everything(one)
        found, root = begun(one, child)
        near = cut_off(found, root)
        apiece(found, near)
        assert found.x is not None, seed
        assert feasible(one, found.x) is not None
        assert found.objective <= truth + 1e-9
        lost.append(1 - found.objective / truth)
    assert np.mean(lost) < 0.05
    assert min(lost) == pytest.approx(0.0, abs=1e-9)


def test_without_a_common_limit_every_part_is_at_its_best(child: Child) -> None:
    one = accounts(7, 99.0)
    found, root = begun(one, child)
    apiece(found, cut_off(found, root))
    assert found.objective == pytest.approx(try_everything(one)[0])


def test_what_is_broken_is_mended(child: Child) -> None:
    """From a plan of all that pays, far beyond the budget: parts are chosen again until it is kept."""
    one = accounts(8, 6.0)
    found, table = table_for(one, child)
    much = np.tile([1.0, 0, 0, 1], PARTS)
    assert table.used(much)[0] > 6.0
    x = mended(found, table, much)
    assert feasible(one, x) is not None
    kept = np.tile([1.0, 0, 0, 0], PARTS)
    if table.used(kept)[0] <= 6.0:
        assert mended(found, table, kept) is kept


def test_rounds_never_make_it_worse(child: Child) -> None:
    """From a plan that wastes the budget on the least of each triangle."""
    one = accounts(9, 8.0)
    found, root = begun(one, child)
    poor = np.zeros(PARTS * SIZE)
    poor[0] = 1.0
    found.offer(poor)
    before = found.objective
    table = table_of(found, root)
    assert table is not None
    module.rounds(found, table)
    assert found.objective > before
    assert feasible(one, found.x) is not None


def test_without_time_nothing_happens(child: Child) -> None:
    one = accounts(1, 8.0)
    found, root = begun(one, child, seconds=0.0)
    apiece(found, root)
    assert found.x is None
    table = table_of(found, root)
    assert table is not None
    assert in_turn(found, table).tolist() == [0.0] * (PARTS * SIZE)


def test_a_part_without_an_answer_stays_as_it_was(child: Child) -> None:
    """A column that must be in beside rows that cannot hold: the solver has nothing to say."""
    one = accounts(2, 8.0)
    found, table = table_for(one, child)
    stuck = replace(table, program=replace(one, row_high=np.append(np.full(4 * PARTS, -1.0), 8.0)))
    x = np.zeros(PARTS * SIZE)
    assert chosen(found, stuck, 0, x, (np.array([-np.inf]), np.array([8.0]))) is x


def test_the_same_plan_twice() -> None:
    values = []
    for _ in range(2):
        with Child() as child:
            found, root = begun(accounts(10, 8.0), child)
            apiece(found, root)
            assert found.x is not None
            values.append(found.x.tolist())
    assert values[0] == values[1]
