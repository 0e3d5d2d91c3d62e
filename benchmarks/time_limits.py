"""Time limits through the command line: is a plan there in time, does it hold, is its gap stated?

`python -m benchmarks.time_limits S2 --seeds 1 2 3 --limits 2 5 20` runs `kaopt allocate` and then `kaopt evaluate`
in processes of their own. The clock runs from the first offers, after import and reading, to the last file written.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.generator import SIZES, draw, write

GRACE, SHARE = 5.0, 0.10  # a limit may be exceeded by so many seconds, or by this share of it
# everything that a run imports on its way, so that the clock runs after import
BEFORE = "import kaopt.allocation.allocate, kaopt.planning.allocate_run, kaopt.pipeline, kaopt.report.folder"
BEFORE += ", kaopt.allocation.explain.explanation, kaopt.scorecard, pyomo.environ, xlsxwriter"
KAOPT = [sys.executable, "-c", f"{BEFORE}; from kaopt.cli import main; main()"]


def main(arguments: list[str] | None = None) -> int:
    """Try every seed with every limit; exit code 1 where one of them is not kept."""
    asked = parse(arguments)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for seed in asked.seeds:
            world = Path(folder) / f"{asked.size}-{seed}"
            write(draw(asked.size, seed, tiers=asked.tiers), world)
            for limit in asked.limits:
                found = {"size": asked.size, "seed": seed, "limit": limit} | tried(world, limit, asked.gap)
                failed = failed or bool(found["faults"])
                print(json.dumps(found), flush=True)
    return int(failed)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_limits", description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--limits", type=float, nargs="+", default=[2.0, 5.0, 20.0], metavar="S", help="wall seconds")
    parser.add_argument("--gap", default="0.1%", help="proven gap that is good enough")
    parser.add_argument("--tiers", action="store_true", help="with retroactive rebates and growth targets per account")
    return parser.parse_args(arguments)


def tried(world: Path, limit: float, gap: str) -> dict[str, Any]:
    """One run: wall seconds of the work and of the whole command, exit code, certificate, and what is wrong."""
    runs = world / f"runs-{limit:g}"
    begun, spent = monotonic(), cpu()
    done = kaopt("allocate", str(world), "--time-limit", f"{limit}s", "--gap", gap, "--out", str(runs))
    whole, spent = monotonic() - begun, cpu() - spent
    folders = sorted(runs.iterdir()) if runs.is_dir() else []
    if done.returncode not in (0, 5) or len(folders) != 1:
        return {"exit": done.returncode, "command": whole, "faults": [f"no plan: {done.stderr.strip()[-300:]}"]}
    folder = folders[0]
    certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    judged = kaopt("evaluate", str(world), "--plan", str(folder / "plan.csv"), "--json")
    answer = json.loads(judged.stdout) if judged.returncode == 0 else {}
    took = worked(folder)
    return {
        "exit": done.returncode,
        "seconds": round(took, 2),
        "command": round(whole, 2),
        "cpu": round(spent, 2),  # of the whole command; far below `command` where the machine is busy with other work
        "gap": certificate["gap"],
        "status": certificate["status"],
        "faults": [*late(took, limit), *untrue(done.returncode, certificate, answer)],
    }


def kaopt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run([*KAOPT, *arguments], capture_output=True, text=True, check=False)


def cpu() -> float:
    """CPU seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def worked(folder: Path) -> float:
    """Wall seconds from the first offers to the last file written: search, explanation and report."""
    with (folder / "events.jsonl").open(encoding="utf-8") as file:
        first = json.loads(file.readline())
    begun = datetime.fromisoformat(first["time"]).timestamp() - first["seconds"]
    return (folder / "run.json").stat().st_mtime - begun


def late(took: float, limit: float) -> Iterator[str]:
    """A limit that was not kept."""
    if took > limit + max(GRACE, SHARE * limit):
        yield f"{took - limit:.1f} s late"


def untrue(code: int, certificate: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """A plan that breaks a rule, a gap that is not stated, or an exit code that says something else."""
    if answer.get("breaches") != [] or certificate["breaches"]:
        yield f"breaches: {answer.get('breaches')}"
    gap, objective, bound = (certificate[name] for name in ("gap", "objective", "bound"))
    if gap is None or not isfinite(gap) or abs(gap * abs(objective) - (bound - objective)) > 1e-6 * abs(objective):
        yield f"gap {gap} of {objective} to {bound}"
    if answer and abs(answer["objective"] - objective) > 1e-6 * abs(objective):
        yield f"objective {answer['objective']} when judged, {objective} in the certificate"
    if code != (0 if certificate["status"] == "optimal" else 5):
        yield f"exit {code} with status {certificate['status']}"


if __name__ == "__main__":
    sys.exit(main())
