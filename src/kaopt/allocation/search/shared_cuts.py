"""The relaxation of a whole program cut by what its columns exclude, on the rows and columns that matter.

Where a program does not fall into parts, its cuts are found and its relaxation solved in one piece. Only a tenth of the
columns and the rows that are filled go to the solver; the bound is taken over all columns with our own arithmetic.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.cliques import clique_cuts, conflicts_of
from kaopt.allocation.search.finding import Search
from kaopt.allocation.search.odd import WholeRows
from kaopt.allocation.search.odd_parts import Cuts, added, longer, tight
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.search.sieve import sieve_of, sieved
from kaopt.allocation.solver.program import Program

SHARE = 0.05  # of all columns, on which the relaxation is solved at first
FINE = 1e-5  # columns left out that would better the relaxation by less are not missed
ROUNDS = 20  # of cuts
WORTH = 2e-5  # of the relaxation: what two rounds must gain together


def cut_together(found: Search, root: Relaxation) -> Relaxation:
    """The relaxation with cliques as cuts, held by the search's program from here on; `root` where none is broken."""
    program, conflicts = found.program, conflicts_of(found.program)
    sieve = sieve_of(program, root, SHARE)
    if found.x is not None:  # so that all rows can be kept
        sieve = replace(sieve, columns=sieve.columns | (found.x != 0))
    none = WholeRows(sp.csr_matrix((0, len(program.cost))), np.zeros(0))
    cuts = Cuts(none, root, replace(sieve, basis=root.basis if whole(root) else None))
    values = [root.value]
    for _ in range(ROUNDS):
        new = clique_cuts(conflicts, cuts.near.x, cuts.near.reduced_costs)
        if not len(new) or found.ended:
            break
        further = solved(found, program, added(cuts, new))
        if further.near.status != "optimal":
            break
        cuts = tight(further, len(program.row_high))
        found.program = longer(program, [(np.arange(len(program.cost)), cuts.rows)])
        found.prove(safe_bound(found.program, cuts.near.duals), "cliques")
        values.append(cuts.near.value)
        if len(values) > 2 and values[-3] - values[-1] < WORTH * abs(values[0]):
            break
    return cuts.near


def whole(root: Relaxation) -> bool:
    """Whether a relaxation's last basis is one of all its rows and columns."""
    return root.basis is not None and len(root.basis[0]) == len(root.x) and len(root.basis[1]) == len(root.duals)


def solved(found: Search, program: Program, cuts: Cuts) -> Cuts:
    """The relaxation with these cuts."""
    limits = replace(found.aim.limits, seconds=max(found.left, 0.1))
    near, sieve = sieved(
        longer(program, [(np.arange(len(program.cost)), cuts.rows)]), cuts.sieve, limits, found.child, fine=FINE
    )
    return Cuts(cuts.rows, near, sieve)
