"""From rows to a loaded solver: CPU time of the array path against the Pyomo path, and whether they load the same.

`python -m benchmarks.build_speed S2 --json`. Each path runs in a process of its own and saves what it loaded; the
matrices are then compared entry by entry. The time of making offers and rows, common to both, is shown apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.generator import SIZES, draw, read
from kaopt.allocation import model
from kaopt.allocation.problem import Problem, from_arrays, problem_of
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import arrays
from kaopt.allocation.solver.worker import make
from kaopt.scenario.model import Scenario

REPEATS = {"arrays": 9, "pyomo": 2}  # the least time counts
PARTS = ("cost", "row_low", "row_high", "low", "high", "integer")


def main(arguments: list[str] | None = None) -> int:
    """Run both paths and compare; exit code 1 where they load different programs."""
    asked = parse(arguments)
    if asked.path is not None:
        print(json.dumps(one_path(asked.size, asked.seed, asked.path, asked.save)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files = {path: Path(folder) / f"{path}.npz" for path in REPEATS}
        found = {path: apart(asked.size, asked.seed, path, file) for path, file in files.items()}
        same = equal(*(np.load(file) for file in files.values()))
    report = {
        "size": asked.size,
        "seed": asked.seed,
        "offers": found["arrays"]["offers"],
        "rows": found["arrays"]["rows"],
        "entries": found["arrays"]["entries"],
        "making_offers_and_rows": found["arrays"]["making"],
        "arrays": found["arrays"]["loading"],
        "pyomo": found["pyomo"]["loading"],
        "ratio": found["pyomo"]["loading"] / found["arrays"]["loading"],
        "peak_mb": {path: one["peak_mb"] for path, one in found.items()},
        "same": same,
    }
    print(json.dumps(report) if asked.json else "\n".join(f"{name:>24} {value}" for name, value in report.items()))
    return 0 if same else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for; --path and --save are for its own processes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build_speed", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--path", choices=REPEATS)
    parser.add_argument("--save", type=Path)
    return parser.parse_args(arguments)


def apart(size: str, seed: int, path: str, file: Path) -> dict[str, Any]:
    """One path in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.build_speed", size, "--seed", str(seed), "--path", path]
    done = subprocess.run([*command, "--save", str(file)], check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def one_path(size: str, seed: int, path: str, file: Path) -> dict[str, Any]:
    """CPU seconds of one path; what it loaded is saved."""
    world = read(draw(size, seed))
    ways: dict[str, Callable[[Scenario, Problem], Program]] = {"arrays": by_arrays, "pyomo": by_pyomo}
    ways[path](*small())  # code that is read in on its first use is no part of either
    begun = process_time()
    problem = problem_of(world)
    making, times = process_time() - begun, []
    for _ in range(REPEATS[path]):
        begun = process_time()
        program = ways[path](world, problem)
        loaded = make(arrays(program), {})
        times.append(process_time() - begun)
    rows, columns = program.matrix.shape
    assert (loaded.getNumRow(), loaded.getNumCol()) == (rows, columns)
    save(program, file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    counted = {"offers": len(problem.offers), "rows": rows, "entries": int(loaded.getNumNz())}
    return counted | {"making": making, "loading": min(times), "peak_mb": peak}


def by_arrays(world: Scenario, problem: Problem) -> Program:
    """Straight from the arrays."""
    return from_arrays(problem)


def by_pyomo(world: Scenario, problem: Problem) -> Program:
    """Through the readable model and Pyomo's own compiler."""
    return model.to_program(model.build(world, problem.offers, problem.rows))


def small() -> tuple[Scenario, Problem]:
    """A problem of the smallest size."""
    world = read(draw("S1", 1))
    return world, problem_of(world)


def save(program: Program, file: Path) -> None:
    """The program as arrays, columns sorted within each row."""
    body = sp.csr_matrix(program.matrix)
    body.sort_indices()
    parts = {name: getattr(program, name) for name in PARTS}
    np.savez(file, data=body.data, indices=body.indices, indptr=body.indptr, offset=program.offset, **parts)


def equal(one: Any, other: Any) -> bool:
    """True where two saved programs agree in every entry; the offset to rounding, as it is a sum."""
    names = ("data", "indices", "indptr", *PARTS)
    close = bool(np.isclose(one["offset"], other["offset"], rtol=1e-12, atol=1e-9))
    return close and all(np.array_equal(one[name], other[name]) for name in names)


if __name__ == "__main__":
    sys.exit(main())
