"""Peer CP-SAT on one thread, on the program in whole numbers (see `whole`); its plans are checked as every peer's."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import ortools
from ortools.sat.python import cp_model

from benchmarks.peers.whole import Whole, in_whole_numbers
from benchmarks.peers.worker import Asked, Message, Teller

EVERY = 0.05  # wall seconds between two looks at the clock


def solve(model: Message, asked: Asked, teller: Teller) -> Message:
    """Maximise; CP-SAT measures wall time, so another thread keeps the CPU limit."""
    if not np.all(model["integer"]):
        raise ValueError("CP-SAT knows whole numbers only; the program has others")
    whole = in_whole_numbers(model)
    made, columns = loaded(whole, model)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.relative_gap_limit = asked.gap
    solver.parameters.random_seed = asked.seed
    solver.best_bound_callback = lambda bound: teller.proved(bound * whole.unit - model["offset"])
    ended = threading.Event()
    teller.start()
    threading.Thread(target=stop_in_time, args=(solver, asked, teller, ended), daemon=True).start()
    status = solver.solve(made, Hears(teller, columns))
    ended.set()
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):  # without a plan the last word would be 0
        teller.proved(solver.best_objective_bound * whole.unit - model["offset"])
    return {"status": solver.status_name(status).lower(), "solver": f"CP-SAT {ortools.__version__}"}


class Hears(cp_model.CpSolverSolutionCallback):
    """Tells every better plan."""

    def __init__(self, teller: Teller, columns: list[Any]) -> None:
        super().__init__()
        self._teller, self._columns = teller, columns

    def on_solution_callback(self) -> None:
        """One better plan."""
        self._teller.improved(np.array([self.value(one) for one in self._columns], dtype=float))


def stop_in_time(solver: Any, asked: Asked, teller: Teller, ended: threading.Event) -> None:
    """Stop the search when its CPU seconds are used up."""
    while not ended.wait(EVERY):
        if teller.cpu > asked.seconds:
            solver.stop_search()
            return


def loaded(whole: Whole, model: Message) -> tuple[Any, list[Any]]:
    """CP-SAT's model, and its columns."""
    made = cp_model.CpModel()
    ends = (np.ceil(model["low"]).astype(int).tolist(), np.floor(model["high"]).astype(int).tolist())
    columns = [made.new_int_var(low, high, "") for low, high in zip(*ends, strict=True)]
    body = whole.body
    for i, (low, high) in enumerate(zip(whole.low.tolist(), whole.high.tolist(), strict=True)):
        row = slice(body.indptr[i], body.indptr[i + 1])
        chosen, entries = [columns[j] for j in body.indices[row].tolist()], body.data[row].tolist()
        made.add_linear_constraint(cp_model.LinearExpr.weighted_sum(chosen, entries), low, high)
    made.maximize(cp_model.LinearExpr.weighted_sum(columns, whole.cost.tolist()))
    return made, columns
