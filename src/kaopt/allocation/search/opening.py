"""The first moves on a large program: prices by dual ascent, a plan by walking through the blocks, then the exact LP.

Within a second or two there is a bound close to the relaxation's and a plan that keeps every row. The relaxation
itself is then solved on the columns that the prices leave in question; that nothing is lost by leaving out the others
is seen from the bound, which is taken over all columns.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.blocks.improve import plans, switched
from kaopt.allocation.blocks.prices import SWEEPS, Prices, answer, ascend, duals_of
from kaopt.allocation.blocks.structure import Blocks
from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.lifted import hung
from kaopt.allocation.search.odd_parts import cut_off
from kaopt.allocation.search.parts import cut
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.search.settle import settle
from kaopt.allocation.search.sieve import sieve_at, sieved
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import CLOSE
from kaopt.scenario.columns import Floats, Ints

ASCENT = 0.4  # share of the time left that the ascent may take
AGAIN = 0.2  # as much once switches are settled
SOON = 0.8  # wall seconds that the ascent may take even where less is left
OWED = 2.5  # wall seconds that the walk may take beyond the limit for its first plan
SIFTED = 0.1  # share of the columns that the relaxation is solved on
FINE = 1e-5  # of the relaxation: a bound this near it is as good
POOR = 0.5  # gap to a plan at hand beyond which prices are no guide
TIMES = 3  # solves of the relaxation, on more columns each
MEETING = 100  # rows common to parts: where there are more, what a part alone does best is little of a plan
WHOLE = 200_000  # columns up to which it is solved on all of them where that was not enough


def opening(found: Search, blocks: Blocks) -> Relaxation:
    """Bound, plan and relaxation; what the search knows is told as it comes."""
    apart = falls_apart(found.program, found.aim)
    if apart:
        blocks = tied(found, blocks)
    answer(blocks, np.zeros(len(blocks.linking)))  # compiled code is read in before the clock of the ascent starts
    prices = ascend(blocks, until=monotonic() + max(ASCENT * found.left, SOON))
    duals = duals_of(blocks, prices.linking)
    found.prove(safe_bound(found.program, duals), "prices")
    root = guess(found, duals, prices.often)
    if found.x is not None and found.gap > POOR:  # these prices lead nowhere: the exact relaxation is the shorter way
        return root
    stroll(found, blocks, prices)
    if found.ended:
        return root
    if apart:
        return cut_off(found, root)
    root = sifted(found, blocks, root)
    if root.status == "optimal" or found.ended or len(root.x) > WHOLE:
        return root
    full = relax(found.program, replace(found.aim.limits, seconds=found.left), child=found.child)
    return root if full.status == "stopped" else full


def relaxation(found: Search) -> Relaxation:
    """The linear relaxation; where a plan is at hand, on the rows and columns that matter."""
    limits = replace(found.aim.limits, seconds=max(found.left, 0.1))
    if found.x is not None:
        root, _ = sieved(found.program, sieve_at(found.program, found.x, limits.seed), limits, found.child)
        if root.status == "optimal" or found.ended:
            return root
    return relax(found.program, replace(limits, seconds=max(found.left, 0.1)), child=found.child)


def falls_apart(program: Program, aim: Aim) -> bool:
    """Whether a program is one of parts that meet in a few rows: cuts then go deeper than its plain relaxation."""
    if len(program.cost) > WHOLE:
        return False
    sliced = cut(program, aim.groups[0] if aim.groups else None)
    return sliced.count > 1 and int(sliced.common.sum()) <= MEETING


def tied(found: Search, blocks: Blocks) -> Blocks:
    """The search's program from here on, its packing rows tied to switches; the blocks meet in the same rows."""
    events = np.repeat(np.arange(len(blocks)), np.diff(blocks.first))
    block = np.concatenate([events, np.full(len(found.program.cost) - len(events), -1)])
    program = found.program = hung(found.program, blocks.events, block)
    return replace(
        blocks,
        program=program,
        matrix=sp.csc_matrix(program.matrix[blocks.linking]),
        high=program.row_high[blocks.linking],
    )


def stroll(found: Search, blocks: Blocks, prices: Prices) -> None:
    """Offer the first plan of a walk at once and the last one at its end, columns beside the events settled."""
    until = (monotonic() + found.left, monotonic() + max(found.left, 0.0) + (OWED if found.x is None else 0.0))
    if np.any(found.program.integer[blocks.events :]):
        blocks = fixed(blocks, prices)
        prices = ascend(
            blocks, sweeps=SWEEPS // 2, until=monotonic() + max(AGAIN * found.left, SOON), start=prices.linking
        )
    last: Floats | None = None
    for last in plans(blocks, prices, seed=found.aim.limits.seed, until=until):
        if found.x is None:
            found.offer(settle(found.program, last, blocks.events, found.child))
            found.tell("walk", "a plan in hand" if found.x is not None else "no plan yet")
    if last is not None:
        found.offer(settle(found.program, last, blocks.events, found.child))
    found.tell("walk", "through all blocks")


def fixed(blocks: Blocks, prices: Prices) -> Blocks:
    """The same blocks with every switch where the ascent mostly had it, so that prices know what is on and paid for."""
    program = blocks.program
    switch = program.integer & (np.arange(len(program.cost)) >= blocks.events)
    value = switched(blocks, prices)
    low, high = np.where(switch, value, program.low), np.where(switch, value, program.high)
    return replace(blocks, program=replace(program, low=low, high=high))


def guess(found: Search, duals: Floats, often: Floats) -> Relaxation:
    """The relaxation as the ascent leaves it: nearly its prices, a mean of plans for its solution."""
    reduced = found.program.cost - found.program.matrix.T @ duals
    return Relaxation("stopped", found.bound, often, duals, np.asarray(reduced))


def sifted(found: Search, blocks: Blocks, near: Relaxation) -> Relaxation:
    """The linear relaxation, solved on the columns of least reduced cost; `near` where the time was up before."""
    program, columns = found.program, in_question(near, blocks.events)
    if found.x is not None:  # so that the rows can be kept
        columns = np.union1d(columns, np.flatnonzero(found.x))
    for _ in range(TIMES):
        small = replace(
            program,
            cost=program.cost[columns],
            matrix=program.matrix[:, columns],
            low=program.low[columns],
            high=program.high[columns],
            integer=program.integer[columns],
            column_names=(),
        )
        answer = relax(small, replace(found.aim.limits, seconds=max(found.left, 0.1)), child=found.child)
        if answer.status != "optimal":
            return near
        duals = duals_of(blocks, answer.duals[blocks.linking])
        bound = safe_bound(program, duals)
        found.prove(bound, "relax")
        x = np.zeros(len(program.cost))
        x[columns] = answer.x
        exact = bound - answer.value <= CLOSE * max(1.0, abs(answer.value))
        near = replace(answer, x=x, duals=duals, reduced_costs=np.asarray(program.cost - program.matrix.T @ duals))
        if exact or found.ended or bound - answer.value <= FINE * abs(answer.value):
            return near if exact else replace(near, status="stopped")
        columns = np.union1d(columns, in_question(near, blocks.events))
    return replace(near, status="stopped")


def in_question(near: Relaxation, events: int) -> Ints:
    """Columns that the relaxation may use: those used, all that cost little, and every one beside the events."""
    total = len(near.x)
    size = min(max(int(SIFTED * total), 1000), total)
    least = np.partition(near.reduced_costs, total - size)[total - size]
    beside = np.arange(total) >= events
    return np.flatnonzero((near.reduced_costs >= least) | (near.x > 0) | beside)
