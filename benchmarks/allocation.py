"""Solve a generated scenario and state the certified gap: `python -m benchmarks.allocation S2 --seed 1 --json`."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.generator import SIZES, draw, read, write
from kaopt.allocation.allocate import cpu_seconds, solved
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import problem_of
from kaopt.errors import KaoptError
from kaopt.scenario.model import Scenario

HERE = ("arrays", "pyomo")
TO_COME = ("blocks", "cpsat", "scip")


def main(arguments: list[str] | None = None) -> int:
    """The benchmark's command; returns its exit code."""
    asked = parse(arguments)
    if asked.engine in TO_COME and asked.write is None:
        sys.stderr.write(f"engine {asked.engine} is not there yet; there are {', '.join(HERE)}\n")
        return 2
    draft = draw(asked.size, asked.seed, tiers=asked.tiers)
    if asked.write is not None:
        write(draft, asked.write)
        sys.stderr.write(f"{asked.size} seed {asked.seed}: {asked.write}\n")
        return 0
    limits = [f"solve.time_limit={asked.time_limit}s", f"solve.gap={asked.gap}", f"solve.engine={asked.engine}"]
    try:
        found = {"size": asked.size, "seed": asked.seed, "engine": asked.engine} | measured(read(draft, *limits))
    except KaoptError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    print(json.dumps(found) if asked.json else "  ".join(f"{name} {value}" for name, value in found.items()))
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.allocation", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=(*HERE, *TO_COME), default="arrays")
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="S", help="wall seconds, after import")
    parser.add_argument("--gap", type=float, default=0.0005, help="proven gap that is good enough, share of 1")
    parser.add_argument("--tiers", action="store_true", help="with retroactive rebates and growth targets per account")
    parser.add_argument("--write", type=Path, metavar="DIR", help="save the scenario instead of solving it")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measured(world: Scenario) -> dict[str, Any]:
    """Solve; CPU seconds of all processes from rows to the judged plan, making offers and rows apart."""
    begun = process_time()
    problem = problem_of(world)
    built, before = process_time() - begun, cpu_seconds()
    found = solved(world, problem=problem)
    spent = cpu_seconds() - before
    certificate = found.plan.certificate
    assert certificate is not None
    return {
        "gap": certificate.gap,
        "objective": certificate.objective,
        "bound": certificate.bound,
        "cpu_seconds": spent + built,
        "peak_mb": peak_mb(),
        "breaches": len(evaluate(world, found.plan).breaches),
        "build_seconds": built,
    }


def peak_mb() -> float:
    """Largest memory of this process and of any ended child, together at most."""
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used) / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    sys.exit(main())
