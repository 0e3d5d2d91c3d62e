r"""The program of a plan against sampled worlds: mean worth, less what the tail takes, as far as cuts tell.

With weights q of the worlds' tail, v_k the offers' worth in world k and v their mean,

    maximise   v @ x - weight * loss + what stands beside
    subject to loss >= (v - sum_k q_k v_k) @ x    for every q that the tail allows

The q are found one by one: each is the worst for a solution at hand. A program with some of them values every plan at
its risk or above, so its bound holds at every round; once no q worse than those at hand exists for the solution, its
value is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.plans.bench import Bench, with_row
from kaopt.allocation.risk.worlds import Worlds
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Floats
from kaopt.statistics.worst import blend, tail_weights

SAME = 1e-7  # of the value: a cut that would change less is not worth its place
BASIC = 1  # the solver's status of a basic row
ROUNDS = 60  # of the relaxation; five to ten are usual


@dataclass(frozen=True, eq=False)
class Master:
    """The bench's program under mean worth, with the loss as its last column and a row for every cut."""

    program: Program
    rows: int  # of the bench's program
    columns: int

    @property
    def cuts(self) -> int:
        """How many weightings of the worlds it knows."""
        return int(self.program.matrix.shape[0]) - self.rows


def valued(bench: Bench, value: Floats) -> Program:
    """The bench's program where the offers are worth `value` [O]."""
    cost = bench.program.cost.copy()
    cost[: len(value)] = value
    return replace(bench.program, cost=cost)


def master_of(bench: Bench, worlds: Worlds) -> Master:
    """Without any cut yet; the loss is limited by what all offers could lose at their worst."""
    program, mean = valued(bench, worlds.mean), worlds.mean
    rows, columns = program.matrix.shape
    most = float(np.sum(np.maximum(mean - worlds.values.min(axis=0), 0.0)))
    wider = replace(
        program,
        cost=np.append(program.cost, -worlds.risk.weight),
        matrix=sp.csr_matrix(sp.hstack([program.matrix, sp.csr_matrix((rows, 1))])),
        low=np.append(program.low, 0.0),
        high=np.append(program.high, most),
        integer=np.append(program.integer, False),
        column_names=(*program.column_names, "loss") if program.column_names else (),
    )
    return Master(wider, rows, columns)


def worst(worlds: Worlds, x: Floats) -> Floats:
    """[O] by how much less each offer is worth in the tail of a solution's worlds than on average."""
    return np.asarray(worlds.mean - worlds.weighed(tail_weights(worlds.lived(x), worlds.risk.level)))


def with_cut(master: Master, worlds: Worlds, x: Floats) -> Master:
    """The master that knows the tail of this solution."""
    entries = np.zeros(master.columns + 1)
    less = worst(worlds, x)
    entries[: len(less)] = less
    entries[master.columns] = -1.0
    return replace(master, program=with_row(master.program, f"tail [{master.cuts + 1}]", entries, high=0.0))


def completed(master: Master, worlds: Worlds, x: Floats) -> Floats:
    """A solution of the bench's program with the least loss that the cuts at hand let it have."""
    events = len(worlds.block)
    body = master.program.matrix[master.rows :]
    given, scale = body[:, :events] @ x[:events], -body[:, [master.columns]].toarray().ravel()
    room = master.program.row_high[master.rows :]
    loss = float(np.max((given - room) / scale, initial=0.0))
    return np.append(x[: master.columns], loss)


def overvalued(master: Master, worlds: Worlds, x: Floats) -> bool:
    """Whether the master counts a solution as worth more than it is: then its own tail is a further cut."""
    lived, risk = worlds.lived(x), worlds.risk
    value = blend(lived, risk.level, risk.weight)
    counted = float(lived.mean()) - risk.weight * float(completed(master, worlds, x)[-1])
    return counted - value > SAME * max(1.0, abs(value))


def relaxed(bench: Bench, master: Master, worlds: Worlds, until: float) -> tuple[Master, Relaxation | None]:
    """The master with the cuts of its linear relaxation, and that relaxation; None where it was not solved in time.

    `until`: of the clock `monotonic`.
    """
    basis, solve = None, bench.world.solve
    for _ in range(ROUNDS):
        limits = Limits(seconds=max(until - monotonic(), 0.1), memory_gb=solve.memory_gb, seed=solve.seed)
        found = relax(master.program, limits, child=bench.child, basis=basis)
        if found.status != "optimal":
            return master, None
        if not overvalued(master, worlds, found.x):
            return master, found
        master = with_cut(master, worlds, found.x)
        basis = None if found.basis is None else (found.basis[0], np.append(found.basis[1], np.int8(BASIC)))
    return master, None
