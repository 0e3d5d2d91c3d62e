"""The search for a plan and its proof: relax, construct, improve on the columns that matter, tighten the bound.

Every decision on the way hangs on counts of columns and nodes, never on a clock, so that a search that ends by its
gap ends in the same plan each time; the clock only ends what has not ended by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from math import isfinite

import numpy as np

from kaopt.allocation.blocks.structure import Places, blocks_of
from kaopt.allocation.search.apiece import apiece
from kaopt.allocation.search.certify import Costs, box_of, refuted, safe_bound
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.lifted import sharpened
from kaopt.allocation.search.neighbourhood import agreed, bettered, labels, solved_anew
from kaopt.allocation.search.opening import falls_apart, opening, relaxation
from kaopt.allocation.search.parts import cut, make_parts, uncut
from kaopt.allocation.search.relax import LeafSolver, Relaxation, relax
from kaopt.allocation.search.settle import fills_single_rows
from kaopt.allocation.search.shared_cuts import cut_together
from kaopt.allocation.search.start import construct
from kaopt.allocation.search.tree import Tree, plant, split
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE, Solution, solve
from kaopt.errors import ContradictionError
from kaopt.scenario.columns import Ints

SMALL = 5_000  # columns up to which the whole program goes to the solver at once
FIRST_COLUMNS = 1  # columns of the first restricted program, in multiples of what the relaxation uses
LEAST_COLUMNS = 500
FIRST_NODES, FIRST_SPLITS = 300, 3_000  # of the solver and of the proof in the first round
GROWTH = 4  # of all three from round to round
NEAR = 2  # columns of which parts of the plan are chosen anew, in multiples of those of the restricted program
CHECK = 100  # splits between two looks at the bound
PACE = 0.03  # of what is lacking: a proof that gains less between two looks waits for a better plan
INSIDE = 0.5  # share of the asked gap within which the solver need not search on
STRIDE = 0.1  # of the gap at hand: a first plan need not be nearer, but is looked for longer where it is far off
ROUGH, ROUGH_NODES = 0.01, 0.02  # gap, and share of the nodes, that are enough where parts are chosen anew afterwards


def search(program: Program, aim: Aim, child: Child) -> Search:
    """The best plan of a gated program within the asked limits, and its proven bound."""
    found = Search(program, aim, child)
    found.offer(aim.start)
    try:
        run(found)
    except Stopped as stop:
        found.interrupted = stop.why == "interrupted"
        found.notes.append(str(stop))
    except KeyboardInterrupt:
        found.interrupted = True
    if found.x is None and not found.infeasible:
        with suppress(KeyboardInterrupt):
            found.offer(construct(program))
    return found


def run(found: Search) -> None:
    """All stages, until the asked gap is proven or a limit is reached."""
    if np.array_equal(found.program.low, found.program.high):
        take_the_only_plan(found)
        return
    blocks = blocks_of(found.program, found.aim.places) if len(found.program.cost) > SMALL else None
    asked = found.program
    root = None if blocks is None else opening(found, blocks)
    if root is None or (root.status != "optimal" and not found.ended):
        root = relax(asked, found.limits(None, 0.0), child=found.child) if blocks is None else relaxation(found)
    if root.status == "infeasible":
        found.infeasible = confirmed(found, root)
        return
    found.root, found.solver = root if found.program is asked else guide(root, asked), root.solver
    found.prove(safe_bound(found.program, root.duals), "relax")
    alone = blocks is not None and fills_single_rows(found.program, blocks.events)  # no switches beside the events
    if found.x is None or (alone and root.status == "optimal" and not found.ended):
        found.offer(construct(found.program, relaxed=root) if root.status == "optimal" else construct(found.program))
    found.tell("start", "a plan in hand")
    if blocks is not None and root.status == "optimal" and not found.ended:
        if found.program is asked:  # else its parts are cut already
            root = cut_together(found, root)
        root = sharpened(found, root, blocks.events)
    apart = blocks is not None and falls_apart(asked, found.aim)
    if apart and found.program is not asked and root.status == "optimal" and not found.ended:
        apiece(found, root)
    pursue(found, root, early=blocks is not None and found.program is not asked and not apart)


def guide(root: Relaxation, asked: Program) -> Relaxation:
    """What a relaxation with further rows tells of the program that was asked for: near its solution, not at it."""
    return replace(root, status="stopped", duals=root.duals[: len(asked.row_high)], basis=None)


def pursue(found: Search, root: Relaxation, *, early: bool = False) -> None:
    """From the relaxation on: better the plan and tighten the bound, in rounds that grow; `early`: trees come first."""
    trees: list[Tree] = []
    solver = LeafSolver(found.child, replace(found.aim.limits, seconds=max(found.left, 0.1)))
    complete = False
    for columns, nodes, splits in rounds(found, root):
        if found.ended or (complete and found.exhausted):
            return
        if not complete:
            complete = improve(found, columns, nodes)
        if not complete and early:
            agreed(found, root.x, nodes // FIRST_NODES)
            branch(found, root, trees, (solver, splits))
        if not complete and not found.ended:
            bettered(found, promising(found.program, root, NEAR * len(columns), found.aim.places), nodes // FIRST_NODES)
        if complete and not found.aim.proof:
            return
        branch(found, root, trees, (solver, splits))


def take_the_only_plan(found: Search) -> None:
    """Nothing is left to choose: the one plan holds, or none does."""
    found.offer(found.program.low)
    found.infeasible = found.x is None
    found.prove(safe_bound(found.program, np.zeros(found.program.matrix.shape[0])), "settled")


def rounds(found: Search, root: Relaxation) -> Iterator[tuple[Ints, int, int]]:
    """Columns of the restricted program, nodes of the solver and of the proof, growing."""
    program, places = found.program, found.aim.places
    total = program.matrix.shape[1]
    used = max(int(np.sum(root.x > 1e-7)), LEAST_COLUMNS)
    size = FIRST_COLUMNS * used if total > SMALL and np.any(root.duals) else total
    nodes, splits = FIRST_NODES, FIRST_SPLITS
    while True:
        yield promising(program, root, size, places), nodes, splits
        size, nodes, splits = size * GROWTH, nodes * GROWTH, splits * GROWTH


def promising(program: Program, root: Relaxation, size: int, places: Places | None = None) -> Ints:
    """The columns that the relaxation uses and the `size` that would cost it least, ties included.

    All that is no event is among them, where `places` tells: without its switch, an event that pays is no use.
    """
    total = program.matrix.shape[1]
    if size >= total:
        return np.arange(total)
    least = np.partition(root.reduced_costs, total - size)[total - size]
    kept = (root.reduced_costs >= least - CLOSE * abs(least)) | (root.x > 1e-7) | ~program.integer
    if places is not None:
        kept |= places.block < 0
    return np.flatnonzero(kept | (program.low > 0))


def improve(found: Search, columns: Ints, nodes: int) -> bool:
    """Let the solver better the plan on some columns; True where it says that nothing better exists on all of them."""
    total = found.program.matrix.shape[1]
    whole = len(columns) == total
    inside = columns if whole or found.x is None else np.union1d(columns, np.flatnonzero(found.x))
    limits = found.limits(nodes, found.aim.gap * INSIDE)
    if not whole and labels(found):
        nodes = nodes if found.gap * STRIDE > ROUGH else int(nodes * ROUGH_NODES)
        limits = replace(limits, nodes=nodes, gap=max(limits.gap, ROUGH, STRIDE * min(found.gap, 1.0)))
    answer = solved_anew(found, inside, limits)
    learn(found, answer, whole)
    found.tell("solve", f"{len(inside)} of {total} columns: {answer.status}")
    return whole and answer.status in ("optimal", "infeasible")


def learn(found: Search, answer: Solution, whole: bool) -> None:
    """What a solve claims; only claims about the whole program count beyond it."""
    if whole:
        found.claimed = min(found.claimed, answer.claimed_bound) if isfinite(answer.claimed_bound) else found.claimed
        found.infeasible = answer.status == "infeasible" and still_impossible(found)


def still_impossible(found: Search) -> bool:
    """A claim that no plan exists, asked again without presolve, where earlier versions went wrong."""
    limits = replace(found.limits(None, 1.0), options={"presolve": "off"}, target=None)
    again = solve(found.program, limits, child=found.child)
    if again.x is not None:
        raise ContradictionError("the solver claims that no plan exists with presolve and finds one without")
    return again.status == "infeasible"


def restricted(program: Program, columns: Ints) -> Program:
    """The program with all other columns at 0; they are boxes that hold 0."""
    return replace(
        program,
        cost=program.cost[columns],
        matrix=program.matrix[:, columns],
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
        column_names=(),
    )


def plant_trees(found: Search, root: Relaxation) -> list[Tree]:
    """The proof's trees at the root relaxation's prices: of parts, and for where these are used up, of the whole."""
    assert found.x is not None
    sliced = cut(found.program, found.aim.groups[0] if found.aim.groups else None)
    kinds = [sliced] if sliced.count == 1 else [sliced, uncut(found.program)]
    if sliced.count > 1 and found.program.matrix.shape[1] > SMALL:
        kinds = [sliced]  # boxes of that many columns would fill the memory
    return [plant(found.program, make_parts(found.program, k, found.aim.groups), root, found.x) for k in kinds]


def branch(found: Search, root: Relaxation, trees: list[Tree], effort: tuple[LeafSolver, int]) -> None:
    """Tighten the bound by trees, planted first; nothing where that is not asked for, or without a plan."""
    if found.ended or found.x is None or not found.aim.proof:
        return
    trees += [] if trees else plant_trees(found, root)
    tighten(found, trees, *effort)


def tighten(found: Search, trees: list[Tree], solver: LeafSolver, splits: int) -> None:
    """Split leaves until the asked gap is proven, the nodes are used up or nothing helps."""
    assert found.x is not None
    tree = trees[0]
    tree.aim_at(found.x)
    end, checked = tree.nodes + splits, tree.nodes
    while tree.nodes < end and solver.left > 0:
        part = tree.widest()
        if part is None:
            found.exhausted = len(trees) == 1
            del trees[: len(trees) - 1]
            break
        split(tree, part, solver)
        if tree.nodes - checked >= CHECK:
            checked, before = tree.nodes, found.bound
            found.prove(tree.bound(), "prove")
            if found.closed or before - found.bound < PACE * lacking(found):
                return
    found.prove(tree.bound(), "prove")


def lacking(found: Search) -> float:
    """By how much the bound exceeds the one that proves the asked gap."""
    return found.bound - (found.objective + found.aim.gap * abs(found.objective))


def confirmed(found: Search, root: Relaxation) -> bool:
    """Whether infeasibility is certain: a safe proof, or the solver's word again without presolve."""
    program = found.program
    if refuted(Costs(program.cost, program.matrix), box_of(program), root.ray):
        return True
    options = {"presolve": "off"}
    again = relax(program, replace(found.aim.limits, seconds=max(found.left, 1.0), options=options), child=found.child)
    if again.status == "optimal":
        raise ContradictionError("the solver calls the relaxation infeasible with presolve and solves it without")
    return again.status == "infeasible"
