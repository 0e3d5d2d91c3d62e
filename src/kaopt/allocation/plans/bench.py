"""One problem asked several times: other objectives, further rows, a plan at hand to start from; the rules stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.allocate import refuse_empty_handed, refuse_infeasible, refuse_unconfirmed
from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.problem import Problem, chosen, groups_of, places_of, plan_of, program_of
from kaopt.allocation.rules.rule import Rule
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import Gated, gate
from kaopt.allocation.search.search import search
from kaopt.allocation.search.tighten import tightened
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import Fault, InputError
from kaopt.plan import Plan
from kaopt.progress import Listener
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

DUST = 1e-8  # of a row's largest entry: what is smaller is left out of a further row and allowed for in its limit
Save = Callable[[Plan], None]


@dataclass(frozen=True, eq=False)
class Bench:
    """A problem with its program, gated and tightened, and the process that solves it."""

    world: Scenario
    problem: Problem
    rules: tuple[Rule, ...]
    program: Program
    child: Child
    listener: Listener
    factor: Floats  # [M] row of `program` = factor * row as given (see `gate`)

    @property
    def gated(self) -> Gated:
        """The program as the gate let it in."""
        return Gated(self.program, self.factor)

    def plan(self, x: Floats) -> Plan:
        """The plan that a solution stands for."""
        return plan_of(self.problem.offers, x)

    def solution(self, plan: Plan) -> Floats:
        """A plan's events as a solution; switches at their lower ends (the search tries it, and needs no more)."""
        x = self.program.low.copy()
        x[: len(self.problem.offers)] = chosen(self.problem, plan)
        return self.completed(x)

    def completed(self, x: Floats) -> Floats:
        """A solution of a like program with what soft rows miss in this one; each such column stands in one row."""
        first, body = self.problem.offers.columns, sp.csc_matrix(self.program.matrix)
        filled = np.concatenate([x[:first], self.program.low[first:]])
        used = self.program.matrix @ filled
        for j in range(first, len(filled)):
            for k in range(body.indptr[j], body.indptr[j + 1]):
                i, a = body.indices[k], body.data[k]
                missing = self.program.row_low[i] - used[i] if a > 0 else used[i] - self.program.row_high[i]
                filled[j] = max(filled[j], missing / abs(a))
        return filled


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked: a program, a solution to start from, the gap that is good enough, and wall seconds."""

    program: Program
    start: Floats | None = None
    gap: float = 0.0
    seconds: float = 300.0
    whole: bool = False
    proof: bool = True
    save: Save | None = None
    see: Callable[[Floats], None] | None = None  # gets every solution on the way


def bench_of(world: Scenario, problem: Problem, rules: tuple[Rule, ...], child: Child, listener: Listener) -> Bench:
    """Lay the problem out; refuses a row that can never hold."""
    gated = gate(program_of(world, problem))
    return Bench(world, problem, rules, tightened(gated.program), child, listener, gated.factor)


def refuse_stages(world: Scenario) -> None:
    """Plans are held against each other by one objective, in one world."""
    faults = []
    if world.objective.maximize == "lexicographic":
        words = ("lexicographic", "must be one objective here", "Choose profitable_volume, profit or value.")
        faults.append(Fault("scenario.yaml", None, "objective.maximize", *words))
    if world.risk is not None:
        words = ("sampled worlds", "must be left out here", "Set it to null: --set risk=null")
        faults.append(Fault("scenario.yaml", None, "risk", *words))
    if faults:
        raise InputError(faults)


def ask(bench: Bench, question: Question) -> Search:
    """Search for the best answer; what is found is checked, the bound is proven.

    Raises InfeasibleError where the rules of the bench cannot hold, NoPlanError at a limit without a plan.
    """
    solve = bench.world.solve
    limits = Limits(seconds=max(question.seconds, 0.1), memory_gb=solve.memory_gb, seed=solve.seed)

    def keep(x: Floats) -> None:
        if question.see is not None:
            question.see(x)
        if question.save is not None:
            question.save(bench.plan(x))

    program = question.program
    columns, offers = program.matrix.shape[1], bench.problem.offers
    aim = Aim(
        question.gap,
        limits,
        groups_of(bench.world, offers, columns),
        bench.listener,
        keep,
        start=None if question.start is None else fitted(program, question.start),
        places=places_of(bench.world, offers, columns),
        whole=question.whole,
        proof=question.proof,
    )
    return search(program, aim, bench.child)


def answered(bench: Bench, question: Question) -> Search:
    """As `ask`, where a plan must come of it."""
    found = ask(bench, question)
    if found.infeasible:
        refuse_infeasible(bench.world, bench.problem, bench.child, rules=bench.rules, listener=bench.listener)
    if found.x is None:
        refuse_empty_handed(found)
    return found


def confirmed(bench: Bench, found: Search) -> Evaluation:
    """The independent judgement of a plan that was found under the world's own objective."""
    assert found.x is not None
    judged = evaluate(bench.world, bench.plan(found.x), bench.rules)
    refuse_unconfirmed(judged, found)
    return judged


def fitted(program: Program, x: Floats) -> Floats:
    """A solution over fewer columns, the further ones at their lower ends."""
    more = program.low[len(x) :]
    return np.concatenate([x, more])


def aimed(program: Program, cost: Floats, offset: float = 0.0) -> Program:
    """The same rows under another objective."""
    return replace(program, cost=cost, offset=offset)


def with_row(program: Program, name: str, entries: Floats, *, low: float = -np.inf, high: float = np.inf) -> Program:
    """The program with one more row low <= entries @ x <= high, scaled like the others.

    Entries that are dust beside the largest are left out, and the limits widened by all that they can add.
    """
    largest = float(np.max(np.abs(entries), initial=0.0))
    dust = (entries != 0) & (np.abs(entries) <= DUST * largest)
    room = float(np.sum(np.abs(entries[dust]) * np.maximum(np.abs(program.low[dust]), np.abs(program.high[dust]))))
    scale = float(np.exp2(-np.round(np.log2(largest)))) if largest > 0 else 1.0
    row = sp.csr_matrix(np.where(dust, 0.0, entries) * scale)
    return replace(
        program,
        matrix=sp.csr_matrix(sp.vstack([program.matrix, row])),
        row_low=np.append(program.row_low, (low - room) * scale),
        row_high=np.append(program.row_high, (high + room) * scale),
        row_names=(*program.row_names, name),
    )


class Clock:
    """Wall time that several questions share: each may take an even part of what is left."""

    def __init__(self, seconds: float, questions: int) -> None:
        self._end, self._left = monotonic() + seconds, questions

    def share(self) -> float:
        """Wall seconds for the next question."""
        part = max(self._end - monotonic(), 0.1) / max(self._left, 1)
        self._left -= 1
        return part
