"""The solver behind its guards: one program in, an answer that was checked in our own arithmetic out.

HiGHS runs in a process of its own (`process`, `worker`); what it claims and what was checked are kept apart.
Version 1.13.1 with these options answers the models of tests/trust and thousands of small programs rightly;
`presolve_rule_off=32768` (no probing), which 1.15.1 needs, changes none of its answers and is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from time import monotonic, process_time
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child, Message, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.errors import ContradictionError, EnvironmentFault
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats

Status = Literal["optimal", "stopped", "interrupted", "infeasible"]
Save = Callable[[Floats], None]  # gets every improvement at once
NOTHING = 1e-9  # of a case or of money: what rounding leaves of 0
CLOSE = 1e-6  # relative difference that rounding and the solver's tolerances explain


@dataclass(frozen=True)
class Limits:
    """When a solve may stop. `target`: an objective that is good enough; `nodes`: a limit that no clock decides."""

    seconds: float = 300.0  # wall
    gap: float = 1e-6  # (claimed bound - objective) / |objective|
    target: float | None = None
    nodes: int | None = None
    memory_gb: float = 16.0
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # further options of HiGHS


@dataclass(frozen=True, eq=False)
class Solution:
    """What came of a solve. `x` is checked; `claimed_bound` is the solver's word only; `detail` says why it ended."""

    x: Floats | None
    objective: float
    claimed_bound: float
    status: Status
    seconds: float  # CPU, parent and child
    solver: str
    detail: str = ""


class Best:
    """The best checked plan of a solve, passed on to `save` as soon as it comes."""

    def __init__(self, program: Program, listener: Listener, save: Save | None) -> None:
        self._program, self._listener, self._save = program, listener, save
        self._begun = monotonic()
        self.x: Floats | None = None
        self.objective = -inf
        self.bound = inf

    def offer(self, x: Floats | None) -> bool:
        """Take `x` where it holds and is better; False where it breaks a row."""
        held = feasible(self._program, x)
        if held is None:
            return False
        value = worth(self._program, held)
        if value > self.objective:
            self.x, self.objective = held, value
            if self._save is not None:
                self._save(held)
        return True

    def hear(self, message: Message) -> None:
        """One word from the solver while it works."""
        if message["kind"] == "improved":
            self.offer(message["x"])
        if isfinite(message["bound"]) and abs(message["bound"]) < 1e29:
            self.bound = min(self.bound, -message["bound"])
        best = self.objective if isfinite(self.objective) else None
        bound = self.bound if isfinite(self.bound) else None
        gap = None if best is None or bound is None else relative_gap(bound, best)
        self._listener(Progress("solve", "searching", monotonic() - self._begun, best, bound, gap))


def relative_gap(bound: float, objective: float) -> float:
    """(bound - objective) / |objective|; of an objective of nothing it is 0 or infinite."""
    if bound <= objective:
        return 0.0
    if abs(objective) <= NOTHING:
        return 0.0 if bound <= NOTHING else inf
    return (bound - objective) / abs(objective)


def solve(
    program: Program,
    limits: Limits,
    *,
    start: Floats | None = None,
    listener: Listener = silent,
    save: Save | None = None,
    child: Child | None = None,
) -> Solution:
    """Solve a gated program; every improvement is checked and saved as it comes.

    `start`: a plan in hand, checked and given to the solver; the answer is never worse. `child`: a process to use
    again. Raises ContradictionError where the solver claims what the plan in hand or the rows disprove.
    """
    best = Best(program, listener, save)
    if start is not None and not best.offer(start):
        raise ContradictionError("the plan to start from breaks a row of the model")
    begun = process_time()
    job = {"kind": "mip", "model": arrays(program), "options": mip_options(limits), "start": best.x}
    with ExitStack() as stack:
        helper = child or stack.enter_context(Child(memory_gb=limits.memory_gb))
        spent = helper.cpu
        try:
            answer = helper.ask(job, limit=limits.seconds, hear=best.hear)
        except Stopped as stop:
            refuse_refused(stop)
            status: Status = "interrupted" if stop.why == "interrupted" else "stopped"
            seconds = process_time() - begun + helper.cpu - spent
            return Solution(best.x, best.objective, best.bound, status, seconds, "HiGHS", str(stop))
        seconds = process_time() - begun + helper.cpu - spent
    return concluded(best, answer, start is not None, seconds)


def concluded(best: Best, answer: Message, started: bool, seconds: float) -> Solution:
    """The solver's last word, set against what was checked."""
    held = best.offer(answer["x"]) if answer["x"] is not None else True
    claimed = -answer["bound"] if isfinite(answer["bound"]) else inf
    word = answer["status"]
    solved = Solution(best.x, best.objective, min(claimed, best.bound), "stopped", seconds, answer["solver"])
    if started and answer["accepted"] is False:
        raise ContradictionError("the solver refused the plan to start from, which keeps every row")
    if word in ("infeasible", "infeasible_or_unbounded"):
        if best.x is not None:
            raise ContradictionError("the solver claims that no plan exists while one that keeps every row is at hand")
        return replace(solved, status="infeasible", claimed_bound=-inf)
    if word not in ("optimal", "target", "limit", "interrupted", "memory"):
        raise ContradictionError(f"the solver ended with an answer that cannot be: {word}")
    if not held:
        return replace(solved, detail="the solver's last plan breaks a row beyond rounding and is not used")
    if best.x is not None and claimed < best.objective - CLOSE * max(1.0, abs(best.objective)):
        words = f"that nothing exceeds {claimed:.12g}; a checked plan gives {best.objective:.12g}"
        raise ContradictionError(f"the solver claims {words}")
    if word == "optimal" and best.x is None:
        raise ContradictionError("the solver claims an optimal plan and shows none")
    statuses: dict[str, Status] = {"optimal": "optimal", "interrupted": "interrupted"}
    return replace(solved, status=statuses.get(word, "stopped"), detail=word)


def refuse_refused(stop: Stopped) -> None:
    """A job that the solver did not take is our mistake or an environment's, not a limit."""
    if stop.why == "died" and "does not take" in stop.detail:
        raise EnvironmentFault(stop.detail)


def mip_options(limits: Limits) -> dict[str, Any]:
    """Every option that we rely on, said aloud."""
    options: dict[str, Any] = {
        "random_seed": limits.seed,
        "threads": 1,
        "time_limit": float(limits.seconds),
        "mip_rel_gap": float(limits.gap),
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
    }
    if limits.target is not None:
        options["objective_target"] = -float(limits.target)
    if limits.nodes is not None:
        options["mip_max_nodes"] = int(limits.nodes)
    return options | dict(limits.options)


def arrays(program: Program, *, whole: bool = True) -> Message:
    """A program as the worker takes it: minimise the negative."""
    body = sp.csc_matrix(program.matrix)
    return {
        "shape": body.shape,
        "cost": -program.cost,
        "offset": -program.offset,
        "low": program.low,
        "high": program.high,
        "row_low": program.row_low,
        "row_high": program.row_high,
        "start": body.indptr.astype(np.int32),
        "index": body.indices.astype(np.int32),
        "value": body.data,
        "integer": program.integer if whole else None,
    }
