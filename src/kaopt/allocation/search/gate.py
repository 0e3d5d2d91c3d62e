"""The gate before the solver: a program that arithmetic cannot be trusted with is refused, by row and column.

Why each check is there: NaN passes HiGHS as "optimal" and frees the variable of its row; entries up to 1e-9 are
dropped and entries from 1e15 make the row vanish, both in silence; without a finite box no bound can be proven.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.errors import ContradictionError, Fault, InputError
from kaopt.scenario.columns import Bools, Floats, Ints

SMALLEST, LARGEST = 1e-9, 1e15  # exclusive limits on the size of a coefficient
NAMED = 20  # faults told at once


@dataclass(frozen=True, eq=False)
class Gated:
    """A program fit to solve: rows times `factor`, a power of two, so that nothing was rounded; all columns boxed."""

    program: Program
    factor: Floats  # [M] row of `program` = factor * row as given; price as given = factor * price found


def gate(program: Program) -> Gated:
    """Refuse what cannot be solved safely, scale every row's largest entry near 1, and box every column.

    Raises ContradictionError for what no valid input leads to, InputError for what the user can mend.
    """
    refuse_undefined(program)
    refuse_crossed(program)
    factor = factors(program.matrix)
    matrix = sp.csr_matrix(sp.diags(factor) @ program.matrix)
    scaled = replace(
        program, matrix=matrix, row_low=program.row_low * factor, row_high=program.row_high * factor
    )
    refuse_sizes(program, scaled)
    return Gated(boxed(scaled), factor)


def row_name(program: Program, row: int) -> str:
    """What a row is called in messages."""
    return program.row_names[row] if row < len(program.row_names) else f"row {row}"


def column_name(program: Program, column: int) -> str:
    """What a column is called in messages."""
    return program.column_names[column] if column < len(program.column_names) else f"column {column}"


def factors(matrix: sp.csr_matrix) -> Floats:
    """[M] the power of two that brings each row's largest entry near 1."""
    if not matrix.shape[0] or not matrix.nnz:
        return np.ones(matrix.shape[0])
    largest = abs(matrix).max(axis=1).toarray().ravel()
    return np.asarray(np.exp2(-np.round(np.log2(np.where(largest > 0, largest, 1.0)))), dtype=float)


def refuse_undefined(program: Program) -> None:
    """Nothing may be NaN, no coefficient infinite, no integer column unbounded."""
    body = program.matrix.tocoo()
    for k in np.flatnonzero(~np.isfinite(body.data))[:1]:
        row, column = row_name(program, body.coords[0][k]), column_name(program, body.coords[1][k])
        raise ContradictionError(f"row {row}, column {column}: the coefficient is {body.data[k]}")
    for what, values, name in (
        ("low limit", program.row_low, row_name),
        ("high limit", program.row_high, row_name),
        ("low end", program.low, column_name),
        ("high end", program.high, column_name),
    ):
        wrong = np.isnan(values) | (values == (np.inf if "low" in what else -np.inf))
        for i in np.flatnonzero(wrong)[:1]:
            raise ContradictionError(f"{name(program, int(i))}: the {what} is {values[i]}")
    for j in np.flatnonzero(~np.isfinite(program.cost))[:1]:
        raise ContradictionError(f"column {column_name(program, int(j))}: its value is {program.cost[j]}")
    unbounded = program.integer & ~(np.isfinite(program.low) & np.isfinite(program.high))
    for j in np.flatnonzero(unbounded)[:1]:
        raise ContradictionError(f"column {column_name(program, int(j))}: a whole number without a limit")


def refuse_crossed(program: Program) -> None:
    """A lower limit above an upper one is told for every row and column that has it."""
    row_low, row_high, low, high = program.row_low, program.row_high, program.low, program.high
    wrong = [(row_name(program, int(i)), row_low[i], row_high[i]) for i in crossed(row_low, row_high)]
    wrong += [(column_name(program, int(j)), low[j], high[j]) for j in crossed(low, high)]
    expected, remedy = "the lower limit must not be above the upper one", "Mend the rule's limits."
    faults = [Fault("model", None, name, f"{a:g} to {b:g}", expected, remedy) for name, a, b in wrong[:NAMED]]
    if faults:
        raise InputError(faults)


def crossed(low: Floats, high: Floats) -> Ints:
    """Indices where the lower limit lies above the upper one."""
    found: Ints = np.flatnonzero(low > high).astype(np.int64)
    return found


def refuse_sizes(given: Program, scaled: Program) -> None:
    """Entries that a solver would drop or choke on: as given from 1e15; in a row scaled to 1, up to 1e-9."""
    small = refused_entries(scaled.matrix, abs(scaled.matrix.data) <= SMALLEST)
    large = refused_entries(given.matrix, abs(given.matrix.data) >= LARGEST)
    faults = []
    for (row, column), word in [(one, "small") for one in small] + [(one, "large") for one in large]:
        name = f"{row_name(given, row)} x {column_name(given, column)}"
        found = f"{given.matrix[row, column]:g}"
        expected = f"too {word} beside the rest of its row (from {SMALLEST:g} of the largest, below {LARGEST:g})"
        faults.append(Fault("model", None, name, found, expected, "State its amounts in a unit of similar size."))
    if faults:
        raise InputError(faults)


def refused_entries(matrix: sp.csr_matrix, wrong: Bools) -> list[tuple[int, int]]:
    """(row, column) of the first wrong entries; explicit zeros are no entries."""
    places = np.flatnonzero(wrong & (matrix.data != 0))[:NAMED]
    rows = np.searchsorted(matrix.indptr, places, side="right") - 1
    return [(int(i), int(matrix.indices[k])) for i, k in zip(rows, places, strict=True)]


def boxed(program: Program) -> Program:
    """Give what soft rows miss a finite upper end: no best plan misses more than the whole row can come short."""
    open_ = np.flatnonzero(~np.isfinite(program.high) | ~np.isfinite(program.low))
    if not len(open_):
        return program
    body = sp.csc_matrix(program.matrix)
    high = program.high.copy()
    least, most = reach(program)
    for j in open_:
        entries = slice(body.indptr[j], body.indptr[j + 1])
        rows, values = body.indices[entries], body.data[entries]
        if program.low[j] != 0 or program.cost[j] > 0 or len(rows) > 1:
            raise ContradictionError(f"column {column_name(program, int(j))} has no finite limits")
        need = [0.0]
        for i, value in zip(rows, values, strict=True):
            missing = program.row_low[i] - least[i] if value > 0 else most[i] - program.row_high[i]
            need.append(missing / abs(value) if np.isfinite(missing) else 0.0)
        high[j] = max(need) * (1 + 1e-9) + 1e-9  # outward, so that rounding cannot cut a plan off
    return replace(program, high=high)


def reach(program: Program) -> tuple[Floats, Floats]:
    """[M] least and most that the boxed columns can bring to each row (open columns at 0)."""
    closed = np.isfinite(program.low) & np.isfinite(program.high)
    low, high = np.where(closed, program.low, 0.0), np.where(closed, program.high, 0.0)
    up, down = program.matrix.maximum(0), program.matrix.minimum(0)
    return np.asarray(up @ low + down @ high), np.asarray(up @ high + down @ low)
