"""Bounds: never below the truth, whatever prices they are made of, and as tight as branching can make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.search.certify import Costs, bound_terms, box_of, fitting, refuted, safe_bound
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.parts import cut, make_parts
from kaopt.allocation.search.relax import LeafSolver, relax
from kaopt.allocation.search.tree import Tree, halves, plant, split
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Floats
from tests.allocation.programs import packing_program, program, random_program, try_everything


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def exact_bound(one: Program, duals: Floats) -> Fraction:
    """The bound that these duals prove, in rational arithmetic."""
    y = [Fraction(v) for v in fitting(box_of(one), duals)]
    total = Fraction(one.offset)
    for value, low, high in zip(y, one.row_low, one.row_high, strict=True):
        if value:
            total += value * Fraction(high if value > 0 else low)
    body = one.matrix.toarray()
    for j in range(len(one.cost)):
        reduced = Fraction(one.cost[j]) - sum((y[i] * Fraction(body[i, j]) for i in range(len(y))), Fraction(0))
        total += max(reduced * Fraction(one.low[j]), reduced * Fraction(one.high[j]))
    return total


prices = st.lists(st.floats(-50, 50, allow_nan=False), min_size=6, max_size=6)


@given(seed=st.integers(0, 10_000), duals=prices)
@settings(max_examples=150, deadline=None)
def test_any_prices_prove_a_bound(seed: int, duals: list[float]) -> None:
    one = random_program(seed, columns=8)
    y = np.array(duals)
    truth, _ = try_everything(one)
    bound = safe_bound(one, y)
    exact = exact_bound(one, y)
    assert bound >= exact
    assert bound <= exact + 1e-9 * (1 + abs(exact))
    assert bound >= truth - 1e-7  # the enumeration itself is rounded, and passes limits by its tolerance


def test_rounding_goes_to_the_safe_side() -> None:
    """0.1 + 0.2 > 0.3 in floating point: a bound from plain arithmetic can fall below the optimum, this one cannot."""
    rng = np.random.default_rng(5)
    below = 0
    for _ in range(200):
        body = rng.uniform(0, 1, (4, 30))
        one = program(rng.uniform(0, 1, 30), body, high=rng.uniform(3, 5, 4))
        y = rng.uniform(0, 1, 4)
        plain = float(y @ one.row_high + np.maximum(one.cost - one.matrix.T @ y, 0) @ one.high)
        exact = exact_bound(one, y)
        below += Fraction(plain) < exact
        assert Fraction(safe_bound(one, y)) >= exact
    assert below > 20


def test_prices_of_the_wrong_sign_are_left_out() -> None:
    one = program([1.0, 1.0], [[1.0, 1.0]], high=1.0)
    assert safe_bound(one, np.array([-5.0])) == pytest.approx(2.0)
    assert safe_bound(one, np.array([np.nan])) == pytest.approx(2.0)
    assert safe_bound(one, np.array([1.0])) == pytest.approx(1.0)


def test_an_open_column_makes_no_bound_finite_by_accident() -> None:
    one = program([1.0, -1.0], [[1.0, -1.0]], high=0.0, upper=np.inf)
    assert safe_bound(one, np.array([0.5])) == np.inf
    fixed = replace(one, cost=np.array([-1.0, -1.0]))
    assert safe_bound(fixed, np.array([0.0])) == pytest.approx(0.0, abs=1e-200)


def test_a_ray_refutes_only_the_impossible(child: Child) -> None:
    refutable = 0
    for seed in range(80):
        one = gate(random_program(seed, columns=6)).program
        found = relax(one, Limits(), child=child)
        proof = refuted(Costs(one.cost, one.matrix), box_of(one), found.ray)
        assert not (proof and try_everything(one)[1] is not None)
        assert found.status == "infeasible" or found.ray is None
        refutable += proof
    assert refutable > 5
    rng = np.random.default_rng(1)
    feasible = gate(packing_program(1)).program
    costs = Costs(feasible.cost, feasible.matrix)
    assert not any(refuted(costs, box_of(feasible), rng.normal(size=len(feasible.row_low))) for _ in range(50))


def grown(one: Program, child: Child, groups: bool, nodes: int) -> tuple[Tree, float, float]:
    """A tree after at most so many nodes; its bound and the root's."""
    root = relax(one, Limits(), child=child)
    labels = (np.arange(len(one.cost)) % 3, np.arange(len(one.cost)) // 6) if groups else ()
    tree = plant(one, make_parts(one, cut(one), labels), root, np.zeros(len(one.cost)))
    first = tree.bound()
    solver = LeafSolver(child, Limits(seconds=60))
    while tree.nodes < nodes:
        part = tree.widest()
        if part is None:
            break
        before = tree.bound()
        split(tree, part, solver)
        assert tree.bound() <= before
    return tree, tree.bound(), first


@pytest.mark.parametrize("groups", [False, True])
def test_branching_closes_on_the_truth_from_above(groups: bool, child: Child) -> None:
    closed = 0
    for seed in range(25):
        one = gate(random_program(seed, columns=9)).program
        truth, best = try_everything(one)
        if relax(one, Limits(), child=child).status != "optimal":
            continue
        _, bound, first = grown(one, child, groups, 400)
        assert first >= bound >= truth - 1e-7
        if best is not None:
            closed += bound <= truth + 1e-6 * (1 + abs(truth))
    assert closed > 10


def test_parts_meet_in_the_budget_alone(child: Child) -> None:
    one = gate(packing_program(2, blocks=6, weeks=4, kinds=2)).program
    sliced = cut(one)
    assert sliced.count == 6
    assert np.flatnonzero(sliced.common).tolist() == [24]
    parts = make_parts(one, sliced, ())
    assert sorted(np.concatenate([part.columns for part in parts]).tolist()) == list(range(48))
    root = relax(one, Limits(), child=child)
    tree = plant(one, parts, root, np.zeros(48))
    assert tree.bound() == pytest.approx(safe_bound(one, root.duals), rel=1e-12)
    assert tree.bound() >= root.value


def test_priced_parts_bound_the_whole(child: Child) -> None:
    for seed in range(6):
        one = gate(packing_program(seed, blocks=4, weeks=2, kinds=2)).program
        truth, best = try_everything(one)
        assert best is not None
        _, bound, first = grown(one, child, True, 300)
        assert first + 1e-9 >= bound >= truth - 1e-9


def test_halves_hold_every_plan_of_a_leaf(child: Child) -> None:
    """Each whole point of the parent's box lies in exactly one half."""
    split_count = 0
    for seed in range(30):
        one = gate(random_program(seed, columns=7)).program
        root = relax(one, Limits(), child=child)
        if root.status != "optimal":
            continue
        part = make_parts(one, cut(one), (np.arange(7) % 2,))[0]
        tree = plant(one, [part], root, np.zeros(7))
        leaf = tree.parts[0].heap[0][2]
        boxes = halves(part, leaf)
        if boxes is None:
            continue
        split_count += 1
        points = np.array(np.meshgrid(*[[0.0, 1.0]] * 7)).reshape(7, -1)
        sums = part.program.matrix[part.own + part.common :] @ points
        free = slice(part.own + part.common, None)
        inside = [
            np.all((points >= b.low[:, None]) & (points <= b.high[:, None]), axis=0)
            & np.all((sums >= b.row_low[free, None]) & (sums <= b.row_high[free, None]), axis=0)
            for b in boxes
        ]
        assert np.all(inside[0] ^ inside[1])
    assert split_count > 8


def test_terms_add_up_in_any_order() -> None:
    one = packing_program(4)
    costs, y = Costs(one.cost, one.matrix), np.linspace(0, 1, len(one.row_low))
    terms = bound_terms(costs, box_of(one), y)
    assert safe_bound(one, y) >= sum(sorted(terms))
