"""Tiers that the other rules leave no choice about: who must sell more than a tier holds does not end the year in it.

A rebate's row says what is sold by the events and, with the same events, by the tiers' columns. Another row may limit
the same sales (a target, a growth index). Together they limit the tiers' columns alone, and a tier whose switch would
need sales outside those limits is shut. Loose tiers let a relaxation reach a target by halves of a low tier and a
high one, rebate for the low one; shut first, they do not. No plan is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats, Ints

CLEAR = 1e-6  # of what adds up: far beyond rounding and the tolerance of limits (1e-9)
PASSES = 4  # over the rows of the columns beside the events


@dataclass(frozen=True, eq=False)
class Beside:
    """The columns beside the events and the rows of them alone."""

    rows: sp.csr_matrix
    by_column: sp.csc_matrix
    row_low: Floats
    row_high: Floats
    low: Floats
    whole: Bools


@dataclass(frozen=True, eq=False)
class Mirror:
    """A row whose loose part `weight` @ beside must lie between `low` and `high`, by what limits the same events."""

    columns: Ints
    weight: Floats
    low: float
    high: float


def shut(program: Program, events: int) -> Program:
    """The program without the switches whose being on would contradict what the events can bring."""
    if not np.any(program.integer[events:]):
        return program
    beside, high = beside_of(program, events), program.high.copy()
    for mirror in mirrors(program, events):
        near = neighbours(beside, mirror.columns - events)
        for z in near[beside.whole[near] & (beside.low[near] == 0)].tolist():
            ends = propagated(beside, high[events:], z, near)
            if ends is None or outside(mirror, ends, events):
                high[events + z] = 0.0
    return replace(program, high=high)


def neighbours(beside: Beside, columns: Ints) -> Ints:
    """The columns and those that share a row with one of them (a tier that begins at nothing sold has no entry)."""
    rows = np.unique(beside.by_column[:, columns].indices)
    return np.union1d(columns, beside.rows[rows].indices).astype(np.int64)


def beside_of(program: Program, events: int) -> Beside:
    """The columns beside the events with their rows."""
    alone = np.diff(sp.csr_matrix(program.matrix[:, :events]).indptr) == 0
    rows = sp.csr_matrix(program.matrix[alone][:, events:])
    limits = program.row_low[alone], program.row_high[alone]
    return Beside(rows, sp.csc_matrix(rows), *limits, program.low[events:], program.integer[events:])


def mirrors(program: Program, events: int) -> list[Mirror]:
    """Every equality over events and loose columns, with the limits that rows over the same events set."""
    found: list[Mirror] = []
    seen: dict[tuple[int, bytes], list[int]] = {}
    body = program.matrix
    inside = sp.csr_matrix(body[:, :events])
    inside.sort_indices()
    spans = np.diff(inside.indptr)
    for i in np.flatnonzero(spans > 1).tolist():
        part = slice(inside.indptr[i], inside.indptr[i + 1])
        seen.setdefault((int(spans[i]), inside.indices[part].tobytes()), []).append(i)
    for family in seen.values():
        wide = [i for i in family if body.indptr[i + 1] - body.indptr[i] > spans[i]]
        equal = [i for i in wide if program.row_low[i] == program.row_high[i]]
        found += [mirror(program, events, i, [k for k in family if k != i]) for i in equal]
    return found


def mirror(program: Program, events: int, row: int, others: list[int]) -> Mirror:
    """The limits of one row's loose part: its constant less the least and most that its events bring."""
    mine, loose = parts(program, row, events)
    low, high = reach(mine.data, program.low[mine.indices], program.high[mine.indices])
    for k in others:
        its, more = parts(program, k, events)
        if more.nnz:
            continue
        factor = float(mine.data @ its.data) / float(its.data @ its.data)
        rest = reach(mine.data - factor * its.data, program.low[mine.indices], program.high[mine.indices])
        ends = sorted((factor * program.row_low[k], factor * program.row_high[k]))
        low, high = max(low, ends[0] + rest[0]), min(high, ends[1] + rest[1])
    constant, slack = float(program.row_low[row]), CLEAR * (1.0 + float(np.abs(mine.data).sum()))
    return Mirror(loose.indices.astype(np.int64) + events, loose.data, constant - high - slack, constant - low + slack)


def parts(program: Program, row: int, events: int) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """A row's entries of events, and of the columns beside them, each sorted."""
    found = (sp.csr_matrix(program.matrix[[row]][:, :events]), sp.csr_matrix(program.matrix[[row]][:, events:]))
    for one in found:
        one.sort_indices()
    return found


def reach(weight: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Least and most of a weighted sum of columns within their ends."""
    up, down = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
    return float(up @ low + down @ high), float(up @ high + down @ low)


def outside(one: Mirror, ends: tuple[Floats, Floats], events: int) -> bool:
    """True where the loose part cannot come to lie between its limits."""
    low, high = (end[one.columns - events] for end in ends)
    least, most = reach(one.weight, low, high)
    return least > one.high or most < one.low


def propagated(beside: Beside, high: Floats, switch: int, near: Ints) -> tuple[Floats, Floats] | None:
    """Ends of the loose columns with a switch on, as the rows of loose columns alone leave them; None: impossible.

    `near`: columns that are looked at first where they are shut already.
    """
    low, high = beside.low.copy(), high.copy()
    low[switch] = high[switch]
    changed = np.flatnonzero(high <= 0)  # what was shut before says something now
    changed = np.union1d(changed[np.isin(changed, near)], switch)
    for _ in range(PASSES):
        before = low.copy(), high.copy()
        for i in np.unique(beside.by_column[:, changed].indices):
            if not narrowed(beside, int(i), low, high):
                return None
        changed = np.flatnonzero((low != before[0]) | (high != before[1]))
        if not len(changed):
            break
    return low, high


def narrowed(beside: Beside, row: int, low: Floats, high: Floats) -> bool:
    """Draw in the ends of a row's columns, in place; False where they leave it no choice."""
    body = beside.rows
    part = slice(body.indptr[row], body.indptr[row + 1])
    columns, weight = body.indices[part], body.data[part]
    least, most = reach(weight, low[columns], high[columns])
    if least > beside.row_high[row] + CLEAR or most < beside.row_low[row] - CLEAR:
        return False
    for j, a in zip(columns, weight, strict=True):
        ends = sorted((a * low[j], a * high[j]))
        top, bottom = beside.row_high[row] - (least - ends[0]), beside.row_low[row] - (most - ends[1])
        narrow = sorted((bottom / a, top / a))
        from_, to = narrow[0] - CLEAR, narrow[1] + CLEAR
        low[j] = max(low[j], np.ceil(from_) if beside.whole[j] else from_)
        high[j] = min(high[j], np.floor(to) if beside.whole[j] else to)
    return True
