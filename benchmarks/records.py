"""Many measurements, one after another, kept in a file so that a long row of them can go on where it stopped."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.allocation import WARM, drawn, solved_apart
from benchmarks.trajectory import Point, from_lists, time_to

FILE = "measured.jsonl"


@dataclass(frozen=True)
class Job:
    """One thing to measure. `seconds`: wall for kaopt's engines, CPU of the search for peers."""

    size: str
    seed: int
    engine: str
    seconds: float
    gap: float
    tiers: bool = False

    @property
    def world(self) -> tuple[str, int, bool]:
        """What is drawn for it."""
        return self.size, self.seed, self.tiers


@dataclass(frozen=True)
class Record:
    """What came of a job: the contract's fields, how the search went, and the exit code; without fields it failed."""

    job: Job
    code: int
    found: dict[str, Any] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """The gap at the end; None without a plan or a bound."""
        gap: float | None = self.found.get("gap")
        return gap

    @property
    def cpu(self) -> float:
        """CPU seconds in all."""
        return float(self.found["cpu_seconds"])

    def time_to(self, gap: float) -> float | None:
        """CPU seconds after which a gap was reached; None where it never was."""
        return time_to(self.points, gap)


def records(jobs: Iterable[Job], folder: Path) -> Iterator[Record]:
    """Measure what the folder does not hold yet; told in the order of the jobs, one world after another."""
    folder.mkdir(parents=True, exist_ok=True)
    known = kept(folder)
    for _, group in groupby(jobs, key=lambda job: job.world):
        one_world = list(group)
        with tempfile.TemporaryDirectory() as name:
            for job in one_world:
                if job not in known:
                    known[job] = measured(job, Path(name))
                    keep(known[job], folder)
                yield known[job]


def measured(job: Job, scratch: Path) -> Record:
    """One job in processes of its own; the world is drawn once into the scratch folder."""
    world, warm, trace = scratch / "world", scratch / "warm", scratch / "trace.json"
    if not world.exists():
        drawn(world, job.size, job.seed, tiers=job.tiers)
        drawn(warm, *WARM, tiers=job.tiers)
    trace.unlink(missing_ok=True)
    options = [f"--engine={job.engine}", f"--time-limit={job.seconds}", f"--gap={job.gap}", f"--trace={trace}"]
    code, found = solved_apart(world, warm, options)
    if found is None:
        return Record(job, code)
    told = json.loads(trace.read_text(encoding="utf-8"))
    return Record(job, code, found, tuple(from_lists(told.pop("trajectory"))), told)


def keep(record: Record, folder: Path) -> None:
    """Add one record to the folder's file; a run that failed is not kept, so that it is tried again."""
    if record.found:
        with (folder / FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record)) + "\n")


def kept(folder: Path) -> dict[Job, Record]:
    """The records of a folder."""
    file = folder / FILE
    if not file.exists():
        return {}
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {Job(**row["job"]): read(row) for row in rows}


def read(row: dict[str, Any]) -> Record:
    """A record from JSON."""
    points = tuple(Point(**one) for one in row["points"])
    return Record(Job(**row["job"]), row["code"], row["found"], points, row["notes"])
