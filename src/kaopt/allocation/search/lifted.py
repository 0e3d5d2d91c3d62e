"""Rows that say more about switches: what a switch opens takes no more room than there is, and none where it is shut.

Where events j need a switch z (x_j <= z), a packing row over events, sum a_j x_j <= b with a >= 0, gives

    sum over the events that need z of a_j x_j  <=  b z

for every whole-number plan: with z = 0 its left side is 0, with z = 1 the packing row says it. A relaxation that opens
a fifth of a fee for a fifth of every display breaks such rows; only broken ones are added. No plan is lost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.parts import shared
from kaopt.allocation.search.relax import Relaxation, relax
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints

BROKEN = 1e-3  # of a switch: rows broken by less are not worth their place
ROUNDS = 4
BASIC = 1  # HiGHS's status of a basic row or column


def sharpened(found: Search, root: Relaxation, events: int) -> Relaxation:
    """The relaxation with the rows that it broke, added to the search's program; `root` where it broke none."""
    packing = packing_rows(found.program, events)
    openers = {int(z): needs(found.program, int(z), events) for z in switches(found.program, events)}
    for _ in range(ROUNDS):
        body = broken(found.program, packing, openers, root.x)
        if not body.shape[0] or found.ended:
            break
        wider = extended(found.program, body)
        limits = replace(found.aim.limits, seconds=max(found.left, 0.1))
        sharper = relax(wider, limits, child=found.child, basis=grown(root, body.shape[0]))
        if sharper.status != "optimal":
            break
        found.program, root = wider, sharper
        found.prove(safe_bound(wider, root.duals), "relax")
    return root


def hung(program: Program, events: int, block: Ints) -> Program:
    """The program with each packing row between blocks tied to its switch, where all its events need the same one.

    The row takes the switch in rather than stand beside its lifted self; rows keep their places. `block`: [N].
    """
    packing = packing_rows(program, events)
    packing = packing[shared(program, block)[packing] & np.isneginf(program.row_low[packing])]
    body, high = program.matrix[packing], program.row_high.copy()
    held: list[tuple[Ints, Ints]] = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for switch in switches(program, events):
        outside = np.ones(len(program.cost))
        outside[needs(program, int(switch), events)] = 0.0
        rows = packing[(np.diff(body.indptr) > 0) & (body @ outside == 0) & (high[packing] > 0)]
        held.append((rows, np.full(len(rows), switch)))
        high[rows] = 0.0
    row, column = (np.concatenate(both) for both in zip(*held, strict=True))
    ties = sp.csr_matrix((-program.row_high[row], (row, column)), shape=program.matrix.shape)
    return replace(program, matrix=sp.csr_matrix(program.matrix + ties), row_high=high)


def switches(program: Program, events: int) -> Ints:
    """Columns beside the events that are 0 or 1."""
    beside = np.arange(len(program.cost)) >= events
    found: Ints = np.flatnonzero(beside & program.integer & (program.low == 0) & (program.high == 1))
    return found


def needs(program: Program, switch: int, events: int) -> Ints:
    """Events that cannot be chosen without the switch: those in a row sum a x - c z <= 0 with all a, c > 0."""
    column = sp.csc_matrix(program.matrix[:, [switch]])
    rows = column.indices[(column.data < 0) & (program.row_high[column.indices] == 0)]
    found = [np.zeros(0, dtype=np.int64)]
    for i in rows.tolist():
        part = slice(program.matrix.indptr[i], program.matrix.indptr[i + 1])
        columns, weight = program.matrix.indices[part], program.matrix.data[part]
        mine = columns == switch
        if (weight[~mine] > 0).all() and (columns[~mine] < events).all():
            found.append(columns[~mine])
    return np.unique(np.concatenate(found))


def packing_rows(program: Program, events: int) -> Ints:
    """Rows over events alone that only limit from above, with no negative entry."""
    row = np.repeat(np.arange(program.matrix.shape[0]), np.diff(program.matrix.indptr))
    bad = (program.matrix.data < 0) | (program.matrix.indices >= events)
    spoilt = np.bincount(row, weights=bad, minlength=program.matrix.shape[0]) > 0
    found: Ints = np.flatnonzero(~spoilt & np.isfinite(program.row_high) & (program.row_high > 0))
    return found


def broken(program: Program, packing: Ints, openers: dict[int, Ints], x: Floats) -> sp.csr_matrix:
    """[cuts, N] bodies of the lifted rows (at most 0) that `x` breaks by more than `BROKEN` of the switch's part."""
    body, high = program.matrix[packing], program.row_high[packing]
    bodies = [sp.csr_matrix((0, len(x)))]
    for switch, events in openers.items():
        if not len(events) or x[switch] >= 1 - BROKEN:
            continue
        open_ = np.zeros(len(x))
        open_[events] = 1.0
        over = body @ (open_ * x) - high * x[switch]
        rows = np.flatnonzero(over > BROKEN * high)
        lifted = sp.csr_matrix(body[rows] @ sp.diags(open_))
        lifted.eliminate_zeros()
        held = sp.csr_matrix((-high[rows], (np.arange(len(rows)), np.full(len(rows), switch))), shape=lifted.shape)
        bodies.append(sp.csr_matrix(lifted + held))
    return sp.csr_matrix(sp.vstack(bodies))


def extended(program: Program, body: sp.csr_matrix) -> Program:
    """The program with further rows, each at most 0."""
    count = body.shape[0]
    return replace(
        program,
        matrix=sp.csr_matrix(sp.vstack([program.matrix, body])),
        row_low=np.concatenate([program.row_low, np.full(count, -np.inf)]),
        row_high=np.concatenate([program.row_high, np.zeros(count)]),
        row_names=(*program.row_names, *("lifted" for _ in range(count))) if program.row_names else (),
    )


def grown(root: Relaxation, rows: int) -> object:
    """The basis with the new rows basic: the solver goes on from where it was."""
    if root.basis is None or len(root.basis[1]) != len(root.duals) or len(root.basis[0]) != len(root.x):
        return None
    columns, held = root.basis
    return columns, np.concatenate([held, np.full(rows, BASIC, dtype=np.int8)])
