"""A bound made tighter by branching, with every leaf proven safely: the solver only proposes prices.

The rows common to all parts are priced; each part then has its own tree of boxes that together hold all its plans.
The bound is the price of the common limits plus each part's best leaf. Leaves are split where that helps most.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from math import floor, fsum, inf

import numpy as np

from kaopt.allocation.search.certify import Box, Costs, bound_terms, box_of, fitting, refuted, up
from kaopt.allocation.search.parts import Part, without
from kaopt.allocation.search.relax import LeafSolver, Relaxation
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints

FRACTION = 1e-6  # how far from a whole number an LP's value must be to branch on it
WHOLE = -1  # key of the tree of an uncut program
LOOK = 12  # splits between two looks at what they bring
CLEAR = 0.1  # a group's sum this far from whole is branched on before finer groups are looked at


@dataclass(frozen=True, eq=False)
class Leaf:
    """Some plans of a part: those in the box. `bound`: none of them is worth more at the common prices."""

    bound: float
    box: Box
    x: Floats | None  # the relaxation's solution there; None where it is not known


@dataclass(eq=False)
class Branches:
    """One part's leaves, best first; together they hold all of its plans."""

    key: int
    part: Part
    costs: Costs
    priced: Floats
    aim: float  # what the plan in hand is worth in this part at the common prices: no bound can go lower
    heap: list[tuple[float, int, Leaf]]
    floor: float = -inf  # best bound among leaves that were let go because no split of them could help
    ticket: Iterator[int] = field(default_factory=count)
    done: bool = False  # splitting helps no more
    splits: int = 0
    begun: float = inf  # bound at the last look
    pace: float = inf  # by how much one split betters the bound, as last seen

    @property
    def bound(self) -> float:
        """The part's best leaf; -inf where the part has no plan."""
        return max(self.heap[0][2].bound if self.heap else -inf, self.floor)

    @property
    def promise(self) -> float:
        """By how much one more split might better the bound: all that is open, until it is known how it goes."""
        return min(self.bound - self.aim, self.pace)

    def look(self) -> None:
        """Count a split; after some of them, see what they brought."""
        self.begun = self.bound if self.splits == 0 else self.begun
        self.splits += 1
        if self.splits % LOOK == 0:
            self.pace, self.begun = (self.begun - self.bound) / LOOK, self.bound

    def add(self, leaf: Leaf) -> None:
        """Keep a leaf; of one that is no better than the plan in hand, its bound alone."""
        if leaf.bound <= self.aim:
            self.floor = max(self.floor, leaf.bound)
            return
        heapq.heappush(self.heap, (-leaf.bound, next(self.ticket), leaf))


@dataclass(eq=False)
class Tree:
    """All parts' trees and what the common rows cost."""

    parts: list[Branches]
    prices: Floats
    common: list[float]  # numbers whose sum no plan exceeds in the common rows' limits
    nodes: int = 0

    def bound(self) -> float:
        """No plan of the program is worth more."""
        tops = [one.bound for one in self.parts]
        if -inf in tops:
            return -inf
        return up(fsum([*self.common, *tops]))

    def aim_at(self, plan: Floats) -> None:
        """Measure the parts against this plan from now on."""
        for one in self.parts:
            one.aim = float(one.priced @ plan[one.part.columns])

    def widest(self) -> Branches | None:
        """The part of which a split promises most."""
        open_ = [one for one in self.parts if not one.done]
        return max(open_, key=lambda one: one.promise, default=None)


def plant(program: Program, parts: list[Part], root: Relaxation, plan: Floats) -> Tree:
    """The trees before any branching, at the root relaxation's prices."""
    limits = box_of(program)
    y = fitting(limits, root.duals)
    shared = parts[0].rows[parts[0].own :] if parts else np.zeros(0, dtype=np.int64)
    common = common_terms(program, shared, y)
    branches = []
    for number, part in enumerate(parts):
        key = number if len(parts) > 1 else WHOLE
        costs = Costs(part.program.cost, part.program.matrix)
        duals = np.zeros(part.program.matrix.shape[0])
        duals[: len(part.rows)] = y[part.rows]
        box = box_of(part.program)
        priced = without(part, y[shared])
        leaf = Leaf(fsum_up(bound_terms(costs, box, duals)), box, root.x[part.columns])
        aim = float(priced @ plan[part.columns])
        branches.append(Branches(key, part, costs, priced, aim, [(-leaf.bound, -1, leaf)]))
    return Tree(branches, y[shared], common)


def common_terms(program: Program, shared: Ints, y: Floats) -> list[float]:
    """What the common rows' limits are worth at their prices, rounded up, and the program's offset."""
    with np.errstate(invalid="ignore"):
        products = y[shared] * np.where(y[shared] > 0, program.row_high[shared], program.row_low[shared])
    return [program.offset, *np.nextafter(np.where(y[shared] == 0, 0.0, products), inf).tolist()]


def fsum_up(terms: list[float]) -> float:
    """An exactly rounded sum, moved up."""
    return up(fsum(terms))


def split(tree: Tree, branches: Branches, solver: LeafSolver) -> None:
    """Replace the part's best leaf by two; marks the part done where no split helps."""
    leaf = branches.heap[0][2] if branches.heap else None
    boxes = None if leaf is None or leaf.bound < branches.floor else halves(branches.part, leaf)
    if leaf is None or boxes is None:
        branches.done = True
        return
    branches.look()
    heapq.heappop(branches.heap)
    for box in boxes:
        tree.nodes += 1
        child = bounded(branches, tree.prices, leaf, box, solver)
        if child is not None:
            branches.add(child)


def halves(part: Part, leaf: Leaf) -> tuple[Box, Box] | None:
    """Two boxes that hold all plans of the leaf: a sum or a choice rounded down, or up; None where all are whole."""
    if leaf.x is None:
        return None
    switch = most_fractional(leaf.x[part.switches])
    if switch is not None:
        return at_column(leaf, int(part.switches[switch]))
    first = part.own + part.common
    sums = part.program.matrix[first:] @ leaf.x
    row = most_fractional(sums)
    if row is not None:
        low, high = leaf.box.row_low.copy(), leaf.box.row_high.copy()
        low[first + row], high[first + row] = floor(sums[row]) + 1.0, floor(sums[row])
        return replace(leaf.box, row_high=high), replace(leaf.box, row_low=low)
    column = most_fractional(np.where(part.program.integer, leaf.x, 0.0))
    if column is None:
        return None
    return at_column(leaf, column)


def at_column(leaf: Leaf, column: int) -> tuple[Box, Box]:
    """The leaf with one column rounded down, or up."""
    assert leaf.x is not None
    low, high = leaf.box.low.copy(), leaf.box.high.copy()
    low[column], high[column] = floor(leaf.x[column]) + 1.0, floor(leaf.x[column])
    return replace(leaf.box, high=high), replace(leaf.box, low=low)


def most_fractional(values: Floats) -> int | None:
    """The first value that is clearly not whole, else the least whole one; None where all are."""
    if not len(values):
        return None
    distance = np.abs(values - np.round(values))
    clear = np.flatnonzero(distance > CLEAR)
    if len(clear):
        return int(clear[0])
    best = int(np.argmax(distance))
    return best if distance[best] > FRACTION else None


def bounded(branches: Branches, prices: Floats, parent: Leaf, box: Box, solver: LeafSolver) -> Leaf | None:
    """The leaf of a box with its safe bound; None where it is proven empty."""
    part = branches.part
    found = solver.relax(branches.key, part, branches.priced, box)
    if found is None:
        return Leaf(parent.bound, box, None)
    if found.status == "infeasible":
        ray = None if found.ray is None else widened(part, found.ray, np.zeros(len(prices)))
        return None if refuted(branches.costs, box, ray) else Leaf(parent.bound, box, None)
    safe = fsum_up(bound_terms(branches.costs, box, widened(part, found.duals, prices)))
    return Leaf(min(safe, parent.bound), box, found.x if found.status == "optimal" else None)


def widened(part: Part, duals: Floats, prices: Floats) -> Floats:
    """[m] duals of all rows of a part from those of its free rows and the common prices."""
    full = np.zeros(part.program.matrix.shape[0])
    full[part.free] = duals
    full[part.own : part.own + part.common] = prices
    return full
