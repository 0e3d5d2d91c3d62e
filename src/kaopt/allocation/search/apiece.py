"""A plan part by part: where parts meet only in a few rows, each is chosen by the solver alone and near its best.

Once cuts have made the parts' relaxations nearly whole, a part is a small program of its own. What it takes of the
rows that are common to all is set against what the relaxation gives it of them, and what parts before it have left of
theirs is added; taking less is repaid at the row's price, taking more is paid above it. What is broken in the end is
mended by choosing parts again at a higher fine; then every part is chosen anew within what the others leave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.neighbourhood import solved_anew
from kaopt.allocation.search.parts import Part, cut, make_parts
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.solver.exact import feasible
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.scenario.columns import Bools, Floats, Ints

ROOM = 1_000  # columns that a part chooses from, beside those that its relaxation uses
NODES = 20  # of the solver on one part
SHARE = 0.3  # of the time left that one part may take: one that is cut short costs more than the others lack
FINE = 0.05  # share of the asked gap within which the solver need not search on in one part
LEAST_FINE = 1e-4  # of the whole plan's worth, for a row that is missed altogether and has no price
DEARER = 10.0  # fines, each time that rows stay broken
MENDED = 2  # times that parts are chosen again for broken rows
PACE = 0.1  # of what is lacking: a round that gains less is the last
OPTIONS = {"presolve": "off", "mip_pool_soft_limit": 30}  # the relaxation is tight: both cost more than they bring


@dataclass(frozen=True, eq=False)
class Table:
    """What the parts share: common rows, their limits, prices and fines, and each part's columns to choose from."""

    program: Program
    parts: list[Part]
    near: Relaxation
    common: Ints  # [C] rows of the program
    price: Floats  # [C]
    fine: Floats  # [C] per unit beyond a share
    open: list[Ints]  # of each part: columns of the program

    def used(self, x: Floats, k: int | None = None) -> Floats:
        """[C] what a solution, or one part of it, takes of the common rows."""
        body = self.program.matrix[self.common]
        return np.asarray(body @ x if k is None else body[:, self.parts[k].columns] @ x[self.parts[k].columns])

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """[C] of the common rows."""
        return self.program.row_low[self.common], self.program.row_high[self.common]


def apiece(found: Search, near: Relaxation) -> None:
    """Offer plans that are made part by part, and better the best of them so; nothing where there are no parts."""
    table = table_of(found, near)
    if table is None:
        return
    x = mended(found, table, in_turn(found, table))
    if not found.ended:
        found.offer(x)
        found.tell("parts", "each part chosen alone")
        rounds(found, table)


def table_of(found: Search, near: Relaxation) -> Table | None:
    """Parts and what they share; None where the program does not fall apart."""
    program = found.program
    sliced = cut(program, found.aim.groups[0] if found.aim.groups else None)
    if sliced.count == 1:
        return None
    common = np.flatnonzero(sliced.common)
    taken = abs(program.matrix[common]) @ np.abs(near.x)
    price = near.duals[common]
    fine = np.abs(price) + LEAST_FINE * max(abs(found.bound), 1.0) / np.maximum(taken, 1e-9)
    parts = make_parts(program, sliced)
    return Table(program, parts, near, common, price, fine, [to_choose(program, near, p.columns) for p in parts])


def to_choose(program: Program, near: Relaxation, columns: Ints) -> Ints:
    """Of a part's columns those that cost least at the prices, those in use, and what is no choice of yes or no."""
    reduced = near.reduced_costs[columns]
    size = min(ROOM, len(columns))
    least = np.partition(reduced, len(columns) - size)[len(columns) - size]
    kept = (reduced >= least) | (near.x[columns] > 0) | ~program.integer[columns] | (program.low[columns] != 0)
    return np.asarray(columns[kept])


def in_turn(found: Search, table: Table) -> Floats:
    """One part after the other within its share; those that bring most come last, to take what is left."""
    x = table.program.low.copy()
    low, high = table.limits
    given = table.used(table.near.x)
    spare = low - given, high - given
    for k in order(table):
        if found.ended:
            break
        share = table.used(table.near.x, k)
        x = chosen(found, table, k, x, (share + spare[0], share + spare[1]))
        rest = share - table.used(x, k)
        spare = spare[0] + rest, spare[1] + rest
    return x


def order(table: Table) -> list[int]:
    """Parts by what they bring."""
    worth = [table.program.cost[p.columns] @ table.near.x[p.columns] for p in table.parts]
    return [int(k) for k in np.argsort(worth, kind="stable")]


def mended(found: Search, table: Table, x: Floats) -> Floats:
    """Parts chosen again until no common row is broken."""
    low, high = table.limits
    for _ in range(MENDED):
        for k in order(table):
            broken = wrong(table, x)
            if not np.any(broken) or found.ended:
                return x
            dear = replace(table, fine=np.where(broken, DEARER, 1.0) * table.fine)
            others = table.used(x) - table.used(x, k)
            x = chosen(found, dear, k, x, (low - others, high - others))
        table = replace(table, fine=np.where(wrong(table, x), DEARER, 1.0) * table.fine)
    return x


def wrong(table: Table, x: Floats) -> Bools:
    """[C] common rows that are broken."""
    (low, high), used = table.limits, table.used(x)
    slack = 1e-9 * np.maximum(np.abs(used), 1.0)
    return np.asarray((used > high + slack) | (used < low - slack))


def chosen(found: Search, table: Table, k: int, x: Floats, room: tuple[Floats, Floats]) -> Floats:
    """A plan with one part chosen alone within its room in the common rows; as it was where the solver finds none.

    The solver starts from the part as the search's best plan has it. Where nothing in it must be whole, the part is
    as the relaxation has it.
    """
    mine, anew = table.parts[k].columns, x.copy()
    held = x if found.x is None else found.x
    columns = np.union1d(table.open[k], mine[(x[mine] != 0) | (held[mine] != 0)])
    if not np.any(table.program.integer[columns]):
        anew[mine] = table.near.x[mine]
        return anew
    small = alone(table, k, columns, room)
    taken = table.used(held, k)
    beyond = np.concatenate([np.maximum(taken - room[1], 0.0), np.maximum(room[0] - taken, 0.0)])
    begin = feasible(small, np.concatenate([held[columns], beyond]))
    answer = solve(small, replace(effort(found), target=None), start=begin, child=found.child)
    if answer.x is None:
        return x
    anew[columns] = answer.x[: len(columns)]
    return anew


def effort(found: Search) -> Limits:
    """What the solver may take for one part."""
    limits = found.limits(NODES, FINE * found.aim.gap)
    return replace(limits, seconds=max(SHARE * found.left, 0.1), options=OPTIONS)


def alone(table: Table, k: int, columns: Ints, room: tuple[Floats, Floats]) -> Program:
    """One part's program: its own rows, its room in the common ones, and columns for what it takes beyond."""
    program, part = table.program, table.parts[k]
    body = sp.csr_matrix(program.matrix[:, columns])
    own = part.rows[: part.own]
    own = own[np.diff(body.indptr)[own] > 0]
    count, shared = len(table.common), sp.csr_matrix(body[table.common])
    beyond = sp.csr_matrix(sp.hstack([-sp.eye(count), sp.eye(count)]))
    nothing = sp.csr_matrix((len(own), 2 * count))
    matrix = sp.vstack([sp.hstack([body[own], nothing]), sp.hstack([shared, beyond])])
    rest = np.setdiff1d(np.arange(len(program.cost)), part.columns)
    return Program(
        cost=np.concatenate([program.cost[columns] - shared.T @ table.price, -table.fine, -table.fine]),
        offset=program.offset + float(program.cost[rest] @ table.near.x[rest]),  # so that a gap is one of the whole
        matrix=sp.csr_matrix(matrix),
        row_low=np.concatenate([program.row_low[own], room[0]]),
        row_high=np.concatenate([program.row_high[own], room[1]]),
        low=np.concatenate([program.low[columns], np.zeros(2 * count)]),
        high=np.concatenate([program.high[columns], np.full(2 * count, np.inf)]),
        integer=np.concatenate([program.integer[columns], np.zeros(2 * count, dtype=bool)]),
    )


def rounds(found: Search, table: Table) -> None:
    """Every part chosen anew within what the others leave it, round after round, while that gains."""
    luck = np.random.default_rng(found.aim.limits.seed)
    while not found.ended and found.x is not None and found.target is not None:
        before = found.objective
        for columns in part_by_part(found, table, luck):
            solved_anew(found, columns, effort(found))
            found.tell("parts", "one chosen anew")
        if found.objective - before < PACE * (found.target - before):
            return


def part_by_part(found: Search, table: Table, luck: np.random.Generator) -> Iterator[Ints]:
    """Columns of one part after the other, those of the plan at hand among them."""
    for k in luck.permutation(len(table.parts)).tolist():
        if found.ended or found.x is None:
            return
        mine = table.parts[k].columns
        columns = np.union1d(table.open[k], mine[found.x[mine] != 0])
        if np.any(table.program.integer[columns]):
            yield columns
