"""Solve a written scenario with one engine and measure it: `python -m benchmarks.measure FOLDER --engine highs`.

Run in a fresh process, so that nothing but reading the folder and solving is measured; `benchmarks.allocation` does
so. Before the clock starts the same engine solves a small scenario (`--warm FOLDER`): what is imported, compiled or
read from the compiler's cache on first use is no part of the measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.clock import Watch, cpu_of_tree
from benchmarks.peers import PEERS
from benchmarks.peers.race import raced
from benchmarks.peers.worker import Asked
from benchmarks.trajectory import Point, as_lists
from kaopt import load
from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import from_arrays, plan_of, problem_of
from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.solve import CLOSE, relative_gap
from kaopt.errors import ContradictionError, KaoptError, NoPlanError
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario

OURS = ("blocks", "arrays", "pyomo")
WARM_GAP, WARM_SECONDS = 0.05, 10.0
CLAIMED = "searching"  # what is said while HiGHS works on some of the columns: its bound is no bound of the whole


@dataclass(frozen=True)
class Run:
    """How a scenario is to be solved."""

    engine: str
    seconds: float  # wall for kaopt's engines, CPU of the search for peers
    gap: float
    seed: int = 0  # of the solver


@dataclass(eq=False)
class Log:
    """What is heard of a run, in CPU seconds since it began."""

    begun: float = field(default_factory=cpu_of_tree)
    points: list[Point] = field(default_factory=list)
    built: float | None = None  # when offers and rows were there
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        """CPU seconds so far, of this process and its children."""
        return cpu_of_tree() - self.begun

    def hear(self, said: Progress) -> None:
        """One word from kaopt's search; the first after the offers counts where rows are made part by part, untold."""
        if said.stage == "rules" or (self.built is None and said.stage != "offers"):
            self.built = self.cpu
        proven = None if said.message == CLAIMED else said.bound
        if said.best is not None or proven is not None:
            self.points.append(Point(self.cpu, said.best, proven))


def main(arguments: list[str] | None = None) -> int:
    """Print the measurement as JSON; exit code 4 where there is no plan."""
    asked = parse(arguments)
    run = Run(asked.engine, asked.time_limit, asked.gap)
    with Watch() as memory:
        try:
            if asked.warm is not None:
                measured(asked.warm, replace(run, gap=WARM_GAP, seconds=WARM_SECONDS))
            log, found = measured(asked.folder, run)
        except KaoptError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code
        print(json.dumps(found | {"peak_mb": memory.mb}))
    if asked.trace is not None:
        told = {"trajectory": as_lists(log.points), **log.notes}
        asked.trace.write_text(json.dumps(told), encoding="utf-8")
    return 0 if found["objective"] is not None else NoPlanError.exit_code


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=(*OURS, *PEERS), default="arrays")
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="S")
    parser.add_argument("--gap", type=float, default=0.0005)
    parser.add_argument("--warm", type=Path, metavar="FOLDER")
    parser.add_argument("--trace", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


def measured(folder: Path, run: Run) -> tuple[Log, dict[str, Any]]:
    """CPU seconds of all processes from offers and rows to the judged plan, after reading the folder."""
    limits = [f"solve.time_limit={run.seconds}s", f"solve.gap={run.gap}"]
    if run.engine in OURS:
        limits.append(f"solve.engine={run.engine}")
    world = load(folder, overrides=limits)
    log = Log()
    try:
        found = ours(world, log) if run.engine in OURS else peers(world, run, log)
    except NoPlanError as error:
        log.notes["status"] = str(error)
        bounds = [one.bound for one in log.points if one.bound is not None]
        found = result(None, min(bounds, default=None), log, cpu=log.cpu, breaches=0)
    return log, found


def ours(world: Scenario, log: Log) -> dict[str, Any]:
    """kaopt's own search; the plan is judged once more outside the clock."""
    plan = allocate(world, listener=log.hear)
    spent, certificate = log.cpu, plan.certificate
    assert certificate is not None
    log.points.append(Point(spent, certificate.objective, certificate.bound))
    log.notes |= {"status": certificate.status, "solver": certificate.solver, "notes": certificate.notes}
    breaches = len(evaluate(world, plan).breaches)
    return result(certificate.objective, certificate.bound, log, cpu=spent, breaches=breaches)


def peers(world: Scenario, run: Run, log: Log) -> dict[str, Any]:
    """A peer on the whole program; loading the model into it and checking its plans are left out of its clock."""
    problem = problem_of(world, listener=log.hear)
    program = gate(from_arrays(problem)).program
    begun = log.cpu
    race = raced(program, run.engine, Asked(run.seconds, run.gap, run.seed))
    log.points += [replace(one, cpu=one.cpu + begun) for one in race.points]
    log.notes |= {"status": race.status, "solver": race.solver, "load": race.load, "refused": race.refused}
    spent, judging = begun + race.spent, log.cpu
    if not race.plans:
        return result(None, race.bound, log, cpu=spent, breaches=0)
    judged = evaluate(world, plan_of(problem.offers, race.plans[-1]))
    spent += log.cpu - judging
    if race.bound is not None and judged.objective > race.bound + CLOSE * max(1.0, abs(judged.objective)):
        raise ContradictionError(f"{run.engine} claims {race.bound:.12g}; a plan is worth {judged.objective:.12g}")
    log.points.append(Point(spent, judged.objective, race.bound))
    return result(judged.objective, race.bound, log, cpu=spent, breaches=len(judged.breaches))


def result(objective: float | None, bound: float | None, log: Log, *, cpu: float, breaches: int) -> dict[str, Any]:
    """The measurement by the names of the contract; None where there is no plan or no bound."""
    known = objective is not None and bound is not None
    return {
        "gap": relative_gap(bound, objective) if known else None,
        "objective": objective,
        "bound": bound,
        "cpu_seconds": cpu,
        "peak_mb": 0.0,  # known at the end
        "breaches": breaches,
        "build_seconds": log.built or 0.0,
    }


if __name__ == "__main__":
    sys.exit(main())
