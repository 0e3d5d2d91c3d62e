"""Engines side by side on one size: `python -m benchmarks.scale S2 --engines blocks highs cpsat scip --out DIR`.

Every engine solves every seed in a process of its own, one after another. DIR gets `table.md` (medians and worst, and
how many times sooner the first engine reaches 1 % than each other), `gap.svg` (gap against CPU seconds) and
`measured.jsonl`, from which a run that was stopped goes on. Write the engine in question first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.allocation import size_name
from benchmarks.measure import OURS, PEERS
from benchmarks.records import Job, Record, records
from benchmarks.scale_chart import draw_chart
from benchmarks.scale_table import table


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell each as it comes, and write table and plot; exit code 1 where an engine failed."""
    asked = parse(arguments)
    found: list[Record] = []
    for record in records(jobs(asked), asked.out):
        sys.stderr.write(f"{line(record)}\n")
        found.append(record)
    words = table(found)
    (asked.out / "table.md").write_text(words, encoding="utf-8")
    draw_chart(found, asked.out / "gap.svg")
    print(words)
    return int(any(not one.found for one in found))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """What the command was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("size", type=size_name, help="S1 to S5, or accounts x SKUs: 10x2000")
    parser.add_argument("--engines", nargs="+", choices=(*OURS, *PEERS), default=["blocks", *PEERS])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--time-limit", type=float, default=300.0, metavar="S", help="of kaopt's engines, wall")
    parser.add_argument("--peer-limit", type=float, default=300.0, metavar="S", help="of a peer's search, CPU")
    parser.add_argument("--gap", type=float, default=0.0005, help="proven gap that is good enough, share of 1")
    parser.add_argument("--tiers", action="store_true", help="with retroactive rebates and growth targets per account")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    return parser.parse_args(arguments)


def jobs(asked: argparse.Namespace) -> list[Job]:
    """What is to be measured, seed by seed."""
    limits = {engine: asked.peer_limit if engine in PEERS else asked.time_limit for engine in asked.engines}
    return [
        Job(asked.size, seed, engine, limits[engine], asked.gap, asked.tiers)
        for seed in asked.seeds
        for engine in asked.engines
    ]


def line(record: Record) -> str:
    """One measurement in a line."""
    job = record.job
    if not record.found:
        return f"{job.size} seed {job.seed} {job.engine}: failed with exit code {record.code}"
    gap = "no proven plan" if record.gap is None else f"gap {record.gap:.3%}"
    return f"{job.size} seed {job.seed} {job.engine}: {gap}, {record.cpu:.1f} CPU-s, {record.found['peak_mb']:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
