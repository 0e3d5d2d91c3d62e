"""Which rules cannot hold together: a deletion filter over the rules' names, each rule dropped as a whole.

What is left is a conflict: without any one of its rules the rest can hold. Asked of the relaxation first, which is
fast; where the relaxation has a plan, of the whole-number program, within a limit of nodes.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np

from kaopt.allocation.gate import gate
from kaopt.allocation.problem import Problem, from_arrays, rule_of_rows
from kaopt.allocation.process import Child
from kaopt.allocation.program import Program
from kaopt.allocation.relax import relax
from kaopt.allocation.solve import Limits, solve

NODES = 2_000  # of the solver for one question about whole numbers


def conflicts_of(problem: Problem, limits: Limits, child: Child) -> tuple[tuple[str, ...], ...]:
    """One smallest conflict as rule names in the rules' order; empty where time ends before one is found."""
    program = gate(from_arrays(problem)).program
    owner = np.array(rule_of_rows(problem), dtype=object)
    names = list(dict.fromkeys(owner.tolist()))
    end = monotonic() + limits.seconds
    for whole in (False, True):
        if impossible(without(program, owner, names, names), limits, child, whole=whole):
            rest = replace(limits, seconds=end - monotonic())
            return (tuple(filtered(program, owner, names, limits=rest, child=child, whole=whole)),)
    return ()


def filtered(
    program: Program, owner: np.ndarray, names: list[str], *, limits: Limits, child: Child, whole: bool
) -> list[str]:
    """Drop every rule without which the rest still cannot hold."""
    kept, end = list(names), monotonic() + limits.seconds
    for name in names:
        rest = [one for one in kept if one != name]
        left = replace(limits, seconds=end - monotonic())
        if left.seconds > 0 and impossible(without(program, owner, rest, names), left, child, whole=whole):
            kept = rest
    return kept


def without(program: Program, owner: np.ndarray, kept: list[str], names: list[str]) -> Program:
    """The program with only the rows of the kept rules."""
    open_ = ~np.isin(owner, kept)
    if len(kept) == len(names):
        return program
    return replace(
        program,
        row_low=np.where(open_, -np.inf, program.row_low),
        row_high=np.where(open_, np.inf, program.row_high),
    )


def impossible(program: Program, limits: Limits, child: Child, *, whole: bool) -> bool:
    """True where the solver finds that nothing keeps all rows."""
    free = replace(program, cost=np.zeros_like(program.cost))
    if not whole:
        return relax(free, limits, child=child).status == "infeasible"
    return solve(free, replace(limits, nodes=NODES, target=None), child=child).status == "infeasible"
