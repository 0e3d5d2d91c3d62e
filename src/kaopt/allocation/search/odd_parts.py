"""Parts of a program made whole by cuts: at the relaxation's prices, each part's own relaxation is cut round by round.

Where parts meet only in a few rows (budgets, a mix of margins), nearly all that a relaxation cheats by lies inside the
parts, and a part's relaxation is small: it is solved and cut again and again until it is whole or no cut is found. All
cuts are rows of the program, so that the relaxation of the whole may go on from there; the bound is taken with our own
arithmetic over the whole program and its cuts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.lifted import BASIC
from kaopt.allocation.search.odd import WholeRows, both, odd_cuts, whole_rows
from kaopt.allocation.search.parts import Part, cut, make_parts, without
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.search.sieve import Sieve, sieve_of, sieved
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Ints

SHARE = 0.1  # of a part's columns that its relaxation is solved on at first
JOINT_SHARE = 0.05  # of all columns, where the parts are joined again
FINE = 1e-5  # of the joined relaxation: columns left out that would better it by less are not missed
ROUNDS = 25  # of cuts in one part
WORTH = 1e-4  # of a part's relaxation: what three rounds must gain together


@dataclass(frozen=True, eq=False)
class Cuts:
    """A part's relaxation with its cuts: its rows are the part's own, then the cuts."""

    rows: WholeRows
    near: Relaxation
    sieve: Sieve


def cut_off(found: Search, root: Relaxation) -> Relaxation:
    """The relaxation with cuts in every part; the search's program holds them from here on, its bound is proven.

    `root`: any duals near those of the relaxation will do (of `ascend`, of a solver); near ones keep it short. Where
    the time was up before the parts were joined again, the status is "stopped" and the solution that of the parts,
    each at the root's prices: whole nearly everywhere, but it may break common rows.
    """
    near = cut_parts(found, root)
    return near if found.ended else joined(found, near)


def cut_parts(found: Search, root: Relaxation) -> Relaxation:
    """The parts' relaxations with their cuts, side by side."""
    parts = make_parts(found.program, cut(found.program, found.aim.groups[0] if found.aim.groups else None))
    made = [cut_part(found, part, root) for part in parts]
    x, duals = root.x.copy(), [root.duals.copy()]
    for part, one in zip(parts, made, strict=True):
        x[part.columns] = one.near.x
        duals[0][part.rows[: part.own]] = one.near.duals[: part.own]
        duals.append(one.near.duals[part.own :])
    found.program = longer(found.program, [(part.columns, one.rows) for part, one in zip(parts, made, strict=True)])
    y = np.concatenate(duals)
    bound = safe_bound(found.program, y)
    found.prove(bound, "odd cuts")
    return Relaxation("stopped", bound, x, y, np.asarray(found.program.cost - found.program.matrix.T @ y))


def joined(found: Search, near: Relaxation) -> Relaxation:
    """The relaxation of the whole with all cuts, from what the parts say of it."""
    limits = replace(found.aim.limits, seconds=max(found.left, 0.1))
    sieve = sieve_of(found.program, near, JOINT_SHARE)
    if found.x is not None:  # so that the common rows can be kept
        sieve = replace(sieve, columns=sieve.columns | (found.x != 0))
    whole, _ = sieved(found.program, sieve, limits, found.child, fine=FINE)
    if whole.status != "optimal":
        return near
    found.prove(safe_bound(found.program, whole.duals), "odd cuts")
    return whole


def cut_part(found: Search, part: Part, root: Relaxation) -> Cuts:
    """One part's relaxation at the root's prices, cut till it is whole or little is gained; the root's if it fails."""
    own, duals = alone(part, root), root.duals[part.rows[: part.own]]
    reduced = np.asarray(own.cost - own.matrix.T @ duals)
    near = replace(root, x=root.x[part.columns], duals=duals, reduced_costs=reduced, basis=None)
    none = WholeRows(sp.csr_matrix((0, len(own.cost))), np.zeros(0))
    first = Cuts(none, near, sieve_of(own, near, SHARE))
    if found.ended:
        return first
    cuts = solved(found, own, first)
    return deeper(found, own, cuts) if cuts.near.status == "optimal" else first


def deeper(found: Search, own: Program, cuts: Cuts) -> Cuts:
    """Round after round of cuts."""
    rows, luck = whole_rows(own), np.random.default_rng(found.aim.limits.seed)
    values = [cuts.near.value]
    for _ in range(ROUNDS):
        new = odd_cuts(both(rows, cuts.rows), cuts.near.x, own.high, luck)
        further = solved(found, own, added(cuts, new)) if len(new) and not found.ended else cuts
        if not len(new) or further.near.status != "optimal":
            break
        cuts = tight(further, len(own.row_high))
        values.append(cuts.near.value)
        if len(values) > 3 and values[-4] - values[-1] < WORTH * abs(values[0]):
            break
    return cuts


def alone(part: Part, root: Relaxation) -> Program:
    """A part with its own rows only, the common ones paid at the root's prices."""
    own = np.arange(part.own)
    return replace(
        part.program,
        cost=without(part, root.duals[part.rows[part.own :]]),
        matrix=part.program.matrix[own],
        row_low=part.program.row_low[own],
        row_high=part.program.row_high[own],
    )


def solved(found: Search, own: Program, cuts: Cuts) -> Cuts:
    """The part's relaxation with these cuts."""
    limits = replace(found.aim.limits, seconds=max(found.left, 0.1))
    program = longer(own, [(np.arange(len(own.cost)), cuts.rows)])
    near, sieve = sieved(program, cuts.sieve, limits, found.child)
    return Cuts(cuts.rows, near, sieve)


def added(cuts: Cuts, new: WholeRows) -> Cuts:
    """Further cuts, which the sieve lets through."""
    sieve, basis = cuts.sieve, cuts.sieve.basis
    more = np.full(len(new), BASIC, dtype=np.int8)
    wider = None if basis is None else (basis[0], np.concatenate([basis[1], more]))
    rows = np.concatenate([sieve.rows, np.ones(len(new), dtype=bool)])
    return Cuts(both(cuts.rows, new), cuts.near, Sieve(sieve.columns, rows, wider))


def tight(cuts: Cuts, own: int) -> Cuts:
    """Without the cuts that are slack."""
    kept = np.concatenate([np.ones(own, dtype=bool), cuts.near.duals[own:] != 0])
    basis = cuts.sieve.basis
    if basis is not None:
        kept[own:] |= basis[1][own:] != BASIC
        basis = basis[0], basis[1][kept]
    rows = WholeRows(sp.csr_matrix(cuts.rows.body[kept[own:]]), cuts.rows.high[kept[own:]])
    near = replace(cuts.near, duals=cuts.near.duals[kept], basis=basis)
    return Cuts(rows, near, Sieve(cuts.sieve.columns, cuts.sieve.rows[kept], basis))


def longer(program: Program, cuts: list[tuple[Ints, WholeRows]]) -> Program:
    """The program with cuts of some of its columns as further rows."""
    bodies, highs = [program.matrix], [program.row_high]
    for columns, rows in cuts:
        entries = (rows.body.data, columns[rows.body.indices], rows.body.indptr)
        bodies.append(sp.csr_matrix(entries, shape=(len(rows), program.matrix.shape[1])))
        highs.append(rows.high)
    high = np.concatenate(highs)
    free = np.full(len(high) - len(program.row_low), -np.inf)
    names = (*program.row_names, *("odd" for _ in free)) if program.row_names else ()
    body = sp.csr_matrix(sp.vstack(bodies))
    return replace(
        program, matrix=body, row_low=np.concatenate([program.row_low, free]), row_high=high, row_names=names
    )
