"""Linear relaxations: what a bound is made of, and which columns matter; solved in the solver's own process."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import monotonic, process_time
from typing import Any, Literal

import numpy as np

from kaopt.allocation.search.certify import Box
from kaopt.allocation.search.parts import Part
from kaopt.allocation.solver.process import Child, Message
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, arrays
from kaopt.scenario.columns import Floats


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The program without wholeness. Any duals prove a bound (see `certify`); these are the solver's best."""

    status: Literal["optimal", "infeasible", "stopped"]
    value: float
    x: Floats
    duals: Floats  # [M] objective per unit of a row's limit
    reduced_costs: Floats  # [N]
    ray: Floats | None = None  # [M] combination of rows that proves infeasibility, where there is one
    seconds: float = 0.0
    solver: str = "HiGHS"
    basis: Any = None  # from which the solver can go on


def lp_options(limits: Limits) -> dict[str, Any]:
    """Dual simplex: on 148 000 columns and 25 700 rows it took 12 s, interior point 23 s, first order (1e-4) 7 s."""
    options: dict[str, Any] = {"random_seed": limits.seed, "threads": 1, "solver": "simplex"}
    return options | dict(limits.options)


def relax(program: Program, limits: Limits, *, child: Child | None = None, basis: Any = None) -> Relaxation:
    """The linear relaxation: a bound's raw material, and which columns matter; `basis`: where to go on from."""
    begun = process_time()
    options = lp_options(limits) | {"time_limit": float(limits.seconds)}
    with ExitStack() as stack:
        helper = child or stack.enter_context(Child(memory_gb=limits.memory_gb))
        spent = helper.cpu
        job = {"kind": "relax", "model": arrays(program, whole=False), "options": options, "basis": True, "from": basis}
        answer = helper.ask(job, limit=limits.seconds)
        return relaxed(program, answer, process_time() - begun + helper.cpu - spent)


def relaxed(program: Program, answer: Message, seconds: float = 0.0) -> Relaxation:
    """A worker's answer to a linear program in our own sense (maximise)."""
    shape = program.matrix.shape
    duals = -answer["duals"] if len(answer["duals"]) == shape[0] else np.zeros(shape[0])
    x = answer["x"] if len(answer["x"]) == shape[1] else np.zeros(shape[1])
    word = answer["status"]
    status: Literal["optimal", "infeasible", "stopped"] = "optimal" if word == "optimal" else "stopped"
    if word in ("infeasible", "infeasible_or_unbounded"):
        status = "infeasible"
    reduced = program.cost - program.matrix.T @ duals
    ray, solver, basis = answer["ray"], answer["solver"], answer.get("basis")
    return Relaxation(status, -answer["value"], x, duals, reduced, ray, seconds, solver, basis)


class LeafSolver:
    """Linear relaxations of parts within boxes: loaded once, then solved again and again from the last basis."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self._child, self._limits = child, limits
        self._end = monotonic() + limits.seconds
        self._loaded: dict[int, int] = {}  # key -> generation of the process that holds it

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self._end - monotonic()

    def relax(self, key: int, part: Part, cost: Floats, box: Box) -> Relaxation | None:
        """A part's free rows within a box, at the given costs; None where the limit is reached."""
        if self.left <= 0:
            return None
        rows = part.free
        program = replace(part.program, cost=cost, matrix=part.program.matrix[rows])
        if not self._child.running or self._loaded.get(key) != self._child.generation:
            program = replace(program, row_low=box.row_low[rows], row_high=box.row_high[rows])
            model, options = arrays(program, whole=False), lp_options(self._limits)
            self._child.ask({"kind": "load", "key": key, "model": model, "options": options}, limit=self.left)
            self._loaded[key] = self._child.generation
        job = {
            "kind": "lp",
            "key": key,
            "rows": (np.arange(len(rows), dtype=np.int32), box.row_low[rows], box.row_high[rows]),
            "columns": (np.arange(len(cost), dtype=np.int32), box.low, box.high),
        }
        return relaxed(program, self._child.ask(job, limit=max(self.left, 0.0)))
