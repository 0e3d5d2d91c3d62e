"""Programs in parts and their trees: cut by hand, and no bound of theirs ever below the optimum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kaopt.allocation.search.certify import box_of
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.parts import Cut, components, cut, group_sums, make_parts, uncut, without
from kaopt.allocation.search.relax import LeafSolver, Relaxation, relax
from kaopt.allocation.search.tree import Leaf, Tree, halves, most_fractional, plant, split
from kaopt.allocation.solver.exact import worth
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from tests.allocation.programs import packing_program, program, random_program, try_everything

INF = np.inf


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def four_blocks() -> Program:
    """Four blocks of four columns, each with a row of its own; one budget over all."""
    own = np.kron(np.eye(4), np.ones(4))
    return program(np.arange(1.0, 17.0), np.vstack([own, np.ones(16)]), high=[1, 1, 1, 1, 2])


# cutting


def test_the_longest_row_is_what_joins_the_parts() -> None:
    sliced = cut(four_blocks())
    assert sliced.common.tolist() == [False] * 4 + [True]
    assert sliced.part.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    assert sliced.count == 4


def test_few_or_unequal_or_tiny_parts_are_not_cut() -> None:
    three = program(np.ones(12), np.vstack([np.kron(np.eye(3), np.ones(4)), np.ones(12)]), high=1)
    tiny = program(np.ones(12), np.vstack([np.kron(np.eye(4), np.ones(3)), np.ones(12)]), high=1)
    one_large = np.zeros((4, 16))
    one_large[0, :9] = one_large[1, 9:11] = one_large[2, 11:13] = one_large[3, 13:] = 1
    for one in (three, tiny, program(np.ones(16), one_large, high=1)):
        sliced = cut(one)
        assert sliced.count == 1
        assert not sliced.common.any()
        assert not sliced.part.any()


def test_columns_are_of_one_part_where_a_chain_of_rows_joins_them() -> None:
    body = program([0] * 5, [[1, 0, 1, 0, 0], [0, 0, 1, 0, 1], [0, 1, 0, 0, 0]]).matrix
    count, part = components(body)
    assert count == 3  # 0-2-4, 1 alone, 3 in no row
    assert part[0] == part[2] == part[4]
    assert len({int(part[0]), int(part[1]), int(part[3])}) == 3


def test_a_part_has_its_own_rows_then_the_common_ones_without_limits() -> None:
    one = four_blocks()
    second = make_parts(one, cut(one))[1]
    assert second.columns.tolist() == [4, 5, 6, 7]
    assert second.rows.tolist() == [1, 4]
    assert (second.own, second.common) == (1, 1)
    assert second.program.cost.tolist() == [5, 6, 7, 8]
    assert second.program.matrix.toarray().tolist() == [[1] * 4, [1] * 4]
    assert (second.program.row_low.tolist(), second.program.row_high.tolist()) == ([-INF, 0], [1, 0])
    assert second.free.tolist() == [0]
    assert without(second, np.array([5.5])).tolist() == [-0.5, 0.5, 1.5, 2.5]


def test_groups_of_two_or_more_whole_columns_make_a_row() -> None:
    labels = (np.array([0, 0, 1, -1, -1, 2]), np.array([3, 3, 3, 3, -1, -1]))
    whole = np.array([True, True, True, True, True, True])
    assert group_sums(labels, whole).toarray().tolist() == [[1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0]]
    whole[1] = False
    assert group_sums(labels, whole).toarray().tolist() == [[1, 0, 1, 1, 0, 0]]
    assert group_sums((), whole).shape == (0, 6)
    assert group_sums((np.full(6, -1),), whole).shape == (0, 6)


def test_group_rows_of_a_part_come_last_and_are_free() -> None:
    one = four_blocks()
    part = make_parts(one, cut(one), (np.repeat([0, 1], 8), np.arange(16) // 2))[0]
    assert part.program.matrix.toarray()[2:].tolist() == [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]]
    assert part.free.tolist() == [0, 2, 3, 4]
    assert part.program.row_high[2:].tolist() == [INF] * 3
    assert part.program.row_low[2:].tolist() == [-INF] * 3


@pytest.mark.parametrize("seed", range(5))
def test_parts_hold_every_column_once_and_every_entry(seed: int) -> None:
    one = packing_program(seed, blocks=6, weeks=4)
    sliced = cut(one)
    parts = make_parts(one, sliced)
    assert sliced.count >= 4
    assert np.sort(np.concatenate([p.columns for p in parts])).tolist() == list(range(len(one.cost)))
    assert sum(p.program.matrix.nnz for p in parts) == one.matrix.nnz
    for part in parts:
        rows, columns = part.rows, part.columns
        assert (part.program.matrix != one.matrix[rows][:, columns]).nnz == 0
    (alone,) = make_parts(one, uncut(one))
    assert alone.own == one.matrix.shape[0]
    assert alone.common == 0


# trees


def planted(one: Program, sliced: Cut, child: Child, groups: tuple[np.ndarray, ...] = ()) -> tuple[Tree, Relaxation]:
    """The trees at the relaxation's prices, measured against a plan of nothing."""
    root = relax(one, Limits(), child=child)
    return plant(one, make_parts(one, sliced, groups), root, np.zeros(len(one.cost))), root


def test_the_tree_starts_at_the_relaxations_value(child: Child) -> None:
    """The two dearest blocks' best: 16 + 12; the budget's price splits them, the sum is the same."""
    one = four_blocks()
    tree, root = planted(one, cut(one), child)
    assert root.value == pytest.approx(28)
    assert len(tree.parts) == 4
    assert 28 <= tree.bound() <= 28 + 1e-9
    tree.aim_at(np.eye(16)[15] + np.eye(16)[11])
    assert sum(branch.aim for branch in tree.parts) + sum(tree.common) == pytest.approx(28)


def test_splitting_never_passes_the_optimum(child: Child) -> None:
    """Every cut, after every split, from above; and where it is done, at the optimum."""
    tightest = 0
    for seed in range(12):
        one = gate(packing_program(seed, blocks=4, weeks=2, kinds=2)).program
        truth, best = try_everything(one)
        if best is None:
            continue
        assert cut(one).count == 4
        for sliced in (uncut(one), cut(one)):
            tree, _ = planted(one, sliced, child, (np.arange(16) // 4,))
            tree.aim_at(best)
            solver = LeafSolver(child, Limits(seconds=20))
            last = tree.bound()
            while (part := tree.widest()) is not None and tree.nodes < 60:
                split(tree, part, solver)
                assert truth - 1e-9 <= tree.bound() <= last + 1e-9
                last = tree.bound()
            tightest += sliced.count == 1 and last <= truth + 1e-6
    assert tightest >= 6


def test_splitting_random_programs_never_passes_the_optimum(child: Child) -> None:
    tried = 0
    for seed in range(30):
        one = gate(random_program(seed, columns=8)).program
        truth, best = try_everything(one)
        if best is None:
            continue
        tried += 1
        tree, _ = planted(one, uncut(one), child, (np.array([0, 0, 0, 1, 1, 1, -1, -1]),))
        tree.aim_at(best)
        solver = LeafSolver(child, Limits(seconds=20))
        while (part := tree.widest()) is not None and tree.nodes < 200:
            split(tree, part, solver)
            assert tree.bound() >= worth(one, best) - 1e-9
        assert tree.bound() <= truth + 1e-5 * (1 + abs(truth))  # eight columns are soon split to the end
    assert tried > 10


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([0.0, 1.0, 3.0], None),
        ([0.0, 1 - 1e-7], None),
        ([0.0, 1e-5], 1),
        ([0.05, 0.04], 0),
        ([0.05, 0.2, 0.5], 1),  # the first clear one, not the least whole
        ([2.0, 2.09, 1.92], 1),
    ],
)
def test_what_is_branched_on(values: list[float], expected: int | None) -> None:
    assert most_fractional(np.array(values)) == expected


def test_halves_round_a_sum_first_and_then_a_choice() -> None:
    one = program([1, 1, 1], [[1, 1, 1]], high=3)
    (part,) = make_parts(one, uncut(one), (np.array([0, 0, -1]),))
    box = box_of(part.program)
    down, up = halves(part, Leaf(0.0, box, np.array([0.9, 0.6, 0.0])))  # type: ignore[misc]
    assert (down.row_high.tolist(), down.row_low.tolist()) == ([3, 1], [-INF, -INF])
    assert (up.row_high.tolist(), up.row_low.tolist()) == ([3, INF], [-INF, 2])
    assert down.low.tolist() == up.low.tolist() == [0, 0, 0]
    down, up = halves(part, Leaf(0.0, box, np.array([0.5, 0.5, 0.0])))  # type: ignore[misc]
    assert (down.high.tolist(), up.low.tolist()) == ([0, 1, 1], [1, 0, 0])
    assert (down.low.tolist(), up.high.tolist()) == ([0, 0, 0], [1, 1, 1])
    assert halves(part, Leaf(0.0, box, np.array([1.0, 0.0, 1.0]))) is None
    assert halves(part, Leaf(0.0, box, None)) is None


def test_halves_round_a_switch_before_any_sum() -> None:
    """The third column is in no group: a switch. It is 0.3, so it is settled before the sum of 1.5 is."""
    one = program([1, 1, 1], [[1, 1, 1]], high=3)
    (part,) = make_parts(one, uncut(one), (np.array([0, 0, -1]),))
    assert part.switches.tolist() == [2]
    down, up = halves(part, Leaf(0.0, box_of(part.program), np.array([0.9, 0.6, 0.3])))  # type: ignore[misc]
    assert (down.high.tolist(), down.low.tolist()) == ([1, 1, 0], [0, 0, 0])
    assert (up.high.tolist(), up.low.tolist()) == ([1, 1, 1], [0, 0, 1])
    (plain,) = make_parts(one, uncut(one))
    assert plain.switches.tolist() == []
