"""Which rules cannot hold together: a deletion filter over the rules' names, each rule dropped as a whole.

What is left is a conflict: without any one of its rules the rest can hold. More conflicts are looked for by leaving
out one rule of each that is known. Rules that have no rows, because what they forbid is never offered (closed
weeks, notice, forbidden cells), are named too: each conflict is asked again with everything on offer.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from time import monotonic

from kaopt.allocation.problem import Problem
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.solve import Limits
from kaopt.allocation.wishes.oracle import Oracle, question_of
from kaopt.allocation.wishes.widest import widest
from kaopt.scenario.columns import Texts
from kaopt.scenario.model import Scenario

MOST = 3  # conflicts named
EARLY = 0.5  # of the time: later no further conflict is looked for

Conflict = Texts


def conflicts_of(
    world: Scenario, problem: Problem, limits: Limits, child: Child, *, rules: tuple[Rule, ...] = RULES
) -> tuple[Conflict, ...]:
    """Minimal conflicts as rule names in the rules' order, the shortest first; empty where time ends before."""
    end = monotonic() + limits.seconds
    order = [rule.NAME for rule in rules]
    found: list[Conflict] = []
    try:
        oracle = Oracle(question_of(problem), limits, child)
        if cannot_hold(oracle):
            found.append(smallest(oracle, oracle.question.names))
            while len(found) < MOST and (more := another(oracle, found, end - EARLY * limits.seconds)):
                found.append(more)
        wide = in_full(world, found, replace(limits, seconds=end - monotonic()), child, rules=rules)
    except Stopped:
        wide = found
    told = dict.fromkeys(tuple(sorted(one, key=order.index)) for one in wide)
    return tuple(sorted(told, key=len))


def cannot_hold(oracle: Oracle) -> bool:
    """Whether all rules together are impossible: for parts of offers, or else for whole ones."""
    names = oracle.question.names
    if oracle.impossible(names):
        return True
    oracle.whole = True
    return oracle.impossible(names)


def smallest(oracle: Oracle, names: Texts) -> Conflict:
    """A minimal conflict among rules that the oracle has just refused.

    First among the rows of its proof, which are few; then with all rows of the rules that were left by that.
    """
    if oracle.whole:
        return filtered(oracle, names)
    part = oracle.about(oracle.question.part(oracle.proof))
    few = part.question.names
    if part.impossible(few):
        names = filtered(part, few)
    return filtered(oracle.about(oracle.question.of(names)), names)


def filtered(oracle: Oracle, names: Texts) -> Conflict:
    """Drop every rule without which the rest, known to be impossible, still is; all that is left when time ends."""
    kept = list(names)
    for name in names:
        rest = [one for one in kept if one != name]
        if oracle.left > 0 and oracle.impossible(rest):
            kept = rest
    return tuple(kept)


def another(oracle: Oracle, found: list[Conflict], end: float) -> Conflict | None:
    """A conflict beside those found: without one rule of each of them, is the rest still impossible?"""
    for out in product(*found):
        if monotonic() > end:
            return None
        rest = tuple(name for name in oracle.question.names if name not in out)
        if rest and oracle.impossible(rest):
            return smallest(oracle, rest)
    return None


def in_full(
    world: Scenario, found: list[Conflict], limits: Limits, child: Child, *, rules: tuple[Rule, ...]
) -> list[Conflict]:
    """Each conflict with the silent rules that it needs: those that kept offers off the table."""
    problem, shut = widest(world, rules) if found else (None, {})
    if problem is None or not shut:
        return found
    question = question_of(problem, shut)
    return [completed(Oracle(question.of(one), limits, child), one, tuple(shut)) for one in found]


def completed(oracle: Oracle, conflict: Conflict, silent: Texts) -> Conflict:
    """The conflict as it is where it stands with everything on offer, else with the silent rules that make it one."""
    every = tuple(dict.fromkeys([*conflict, *silent]))
    for whole in (False, True):
        oracle.whole = whole
        if oracle.impossible(conflict):
            return filtered(oracle, conflict)
        if oracle.impossible(every):
            return filtered(oracle, every)
    return conflict
