"""Solve a generated scenario and state the certified gap: `python -m benchmarks.allocation S2 --seed 1 --json`.

The scenario is drawn and written in one process and solved in another, which reads the folder only (see
`benchmarks.measure`), after it has solved S1 with the same engine: what is compiled on first use is no part of the
measurement. `cpu_seconds` runs from offers and rows to the judged plan, over all processes; `peak_mb` is the most
memory of the solving process and its children together, reading the folder included. Peers (`highs`, `cpsat`, `scip`)
get the program of the arrays whole; the gap is that of the judged plan to the bound that they claim, and loading the
model into them is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.generator import draw, write
from benchmarks.generator.sizes import named
from benchmarks.measure import OURS, PEERS

HERE = Path(__file__).parents[1]
WARM = "S1", 1  # size and seed of the small scenario before


def main(arguments: list[str] | None = None) -> int:
    """The benchmark's command; returns its exit code."""
    asked = parse(arguments)
    if asked.write is not None:
        write(draw(asked.size, asked.seed, tiers=asked.tiers), asked.write)
        sys.stderr.write(f"{asked.size} seed {asked.seed}: {asked.write}\n")
        return 0
    with tempfile.TemporaryDirectory() as name:
        worlds = Path(name) / "world", Path(name) / "warm"
        drawn(worlds[0], asked.size, asked.seed, tiers=asked.tiers)
        drawn(worlds[1], *WARM, tiers=asked.tiers)
        options = [f"--engine={asked.engine}", f"--time-limit={asked.time_limit}", f"--gap={asked.gap}"]
        if asked.trace is not None:
            options.append(f"--trace={asked.trace.resolve()}")
        code, found = solved_apart(*worlds, options)
    if found is None:
        return code
    found = {"size": asked.size, "seed": asked.seed, "engine": asked.engine} | found
    print(json.dumps(found) if asked.json else "  ".join(f"{name} {value}" for name, value in found.items()))
    return code


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.allocation", description=__doc__)
    parser.add_argument("size", type=size_name, help="S1 to S5, or accounts x SKUs: 10x2000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=(*OURS, *PEERS), default="arrays")
    limit = "after reading: wall seconds of kaopt's engines, CPU seconds of a peer's search"
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="S", help=limit)
    parser.add_argument("--gap", type=float, default=0.0005, help="proven gap that is good enough, share of 1")
    parser.add_argument("--tiers", action="store_true", help="with retroactive rebates and growth targets per account")
    parser.add_argument("--trace", type=Path, metavar="FILE", help="save how the search went: CPU s, objective, bound")
    parser.add_argument("--write", type=Path, metavar="DIR", help="save the scenario instead of solving it")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def size_name(text: str) -> str:
    """A size that the generator knows."""
    try:
        return named(text).name
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def drawn(folder: Path, size: str, seed: int, *, tiers: bool = False) -> None:
    """Draw and write a scenario in a process of its own."""
    command = ["benchmarks.allocation", size, f"--seed={seed}", f"--write={folder}", *(["--tiers"] if tiers else [])]
    subprocess.run([sys.executable, "-m", *command], check=True, cwd=HERE, stderr=subprocess.DEVNULL)


def solved_apart(world: Path, warm: Path, options: list[str]) -> tuple[int, dict[str, Any] | None]:
    """Solve a written scenario in a fresh process on one thread; its exit code and measurement."""
    command = [sys.executable, "-m", "benchmarks.measure", str(world), f"--warm={warm}", *options]
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, check=False, cwd=HERE, stdout=subprocess.PIPE, text=True, env=os.environ | one)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


if __name__ == "__main__":
    sys.exit(main())
