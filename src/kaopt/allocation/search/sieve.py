"""A linear program of which few rows and columns matter: solved on those, the others taken in where they are missed.

Rows that are slack and columns that do not pay stay outside; every solve goes on from the last basis. The answer is
one of the whole program: its solution keeps all rows, its duals pay for all columns, to the solver's tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.lifted import BASIC
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.scenario.columns import Bools, Floats, Ints

MISSED = 1e-7  # of a row's limit (or of 1) and of a column's cost (or of 1): rounding
TIMES = 30  # solves until nothing is missed
DRAWN = 0.1  # of the columns, where nothing is known of them
SHORT = 50  # entries of a row that is left out at first
AT_LOW = 0  # HiGHS's status of a column at its lower end


@dataclass(frozen=True, eq=False)
class Sieve:
    """What the solver sees of a program, and its last basis there (of all rows and columns; None at first)."""

    columns: Bools  # [N]; those outside are at 0
    rows: Bools  # [M]
    basis: tuple[Ints, Ints] | None = None  # statuses of columns [N] and rows [M]


def sieve_of(program: Program, near: Relaxation, share: float) -> Sieve:
    """The rows that a nearby solution fills, the columns that it uses, and the share of all that costs least."""
    size = min(int(share * len(near.x)), len(near.x) - 1)
    least = np.partition(near.reduced_costs, len(near.x) - 1 - size)[len(near.x) - 1 - size]
    columns = (near.x > 0) | (near.reduced_costs > least) | (program.low != 0) | ~program.integer
    used = program.matrix @ near.x
    low, high = (np.where(np.isinf(end), np.inf, abs(used - end)) for end in (program.row_low, program.row_high))
    return Sieve(columns, np.asarray(np.minimum(low, high) <= 1e-6))


def sieved(
    program: Program, sieve: Sieve, limits: Limits, child: Child, *, fine: float = 0.0
) -> tuple[Relaxation, Sieve]:
    """The linear relaxation of the whole program, and the sieve through which it was found.

    `fine`: columns left out that would better it by no more than this part of its value, all together, stay out.
    """
    for _ in range(TIMES):
        answer = relax(seen(program, sieve), limits, child=child, basis=start(sieve))
        near = widened(program, sieve, answer)
        if answer.status != "optimal":
            return near, sieve
        sieve = replace(sieve, basis=near.basis)
        rows, columns = missed(program, near)
        rows, columns = rows & ~sieve.rows, columns & ~sieve.columns
        with np.errstate(over="ignore"):
            more = float(near.reduced_costs[columns] @ program.high[columns])
        if not np.any(rows) and more <= fine * abs(near.value):
            return near, sieve
        sieve = replace(sieve, columns=sieve.columns | columns, rows=sieve.rows | rows)
    return replace(near, status="stopped"), sieve


def seen(program: Program, sieve: Sieve) -> Program:
    """The program of the rows and columns within."""
    rows, columns = np.flatnonzero(sieve.rows), np.flatnonzero(sieve.columns)
    return Program(
        cost=program.cost[columns],
        offset=program.offset,
        matrix=sp.csr_matrix(program.matrix[rows][:, columns]),
        row_low=program.row_low[rows],
        row_high=program.row_high[rows],
        low=program.low[columns],
        high=program.high[columns],
        integer=program.integer[columns],
    )


def start(sieve: Sieve) -> tuple[Ints, Ints] | None:
    """The basis within."""
    return None if sieve.basis is None else (sieve.basis[0][sieve.columns], sieve.basis[1][sieve.rows])


def widened(program: Program, sieve: Sieve, answer: Relaxation) -> Relaxation:
    """An answer within, told of the whole program."""
    rows, columns = program.matrix.shape
    x, duals = np.zeros(columns), np.zeros(rows)
    x[sieve.columns], duals[sieve.rows] = answer.x, answer.duals
    reduced = np.asarray(program.cost - program.matrix.T @ duals)
    basis = None
    if answer.basis is not None:
        basis = np.full(columns, AT_LOW, dtype=np.int8), np.full(rows, BASIC, dtype=np.int8)
        basis[0][sieve.columns], basis[1][sieve.rows] = answer.basis
    return replace(answer, x=x, duals=duals, reduced_costs=reduced, basis=basis)


def missed(program: Program, near: Relaxation) -> tuple[Bools, Bools]:
    """Rows that the solution breaks, and columns at 0 that would better it."""
    used = program.matrix @ near.x
    over = broken_by(used - program.row_high, program.row_high) | broken_by(program.row_low - used, program.row_low)
    size = MISSED * np.maximum(np.abs(program.cost), 1.0)
    better = (near.x == 0) & (program.high > 0) & (near.reduced_costs > size)
    return over, np.asarray(better)


def broken_by(over: Floats, limit: Floats) -> Bools:
    """Where a limit is passed by more than rounding explains."""
    return np.asarray(over > MISSED * np.maximum(np.where(np.isinf(limit), 1.0, np.abs(limit)), 1.0))


def sieve_at(program: Program, x: Floats, seed: int) -> Sieve:
    """Where no prices are known: the columns of a plan at hand and a tenth drawn from the others, and the long rows.

    Short rows over closed columns (two events that exclude each other, an event and its fee) are many, and few of them
    are missed.
    """
    open_ = ~(np.isfinite(program.low) & np.isfinite(program.high))
    drawn = np.random.default_rng(seed).random(len(x)) < DRAWN
    columns = drawn | (x != 0) | (program.low != 0) | open_ | ~program.integer
    needed = abs(program.matrix) @ open_.astype(float) > 0
    return Sieve(np.asarray(columns), np.asarray(needed | (np.diff(program.matrix.indptr) > SHORT)))
