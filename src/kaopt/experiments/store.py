"""What has been lived, block by block on disk, so that whoever is stopped loses only what was in work."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaopt import runs
from kaopt.experiments.live import Task
from kaopt.scenario.columns import Floats

BLOCKS = "blocks"
ASKED = "asked.json"
UNFINISHED = ("interrupted", "failed")


@dataclass(frozen=True)
class Store:
    """The blocks in an experiment's folder; without a folder nothing is kept."""

    folder: Path | None = None

    def find(self, task: Task) -> Floats | None:
        """[years, measures] of a task that was lived before."""
        if self.folder is None or not (path := self.path(self.folder, task)).is_file():
            return None
        return np.array(json.loads(path.read_text(encoding="utf-8")), dtype=float)

    def keep(self, task: Task, values: Floats) -> None:
        """Write a block, whole or not at all; numbers are read back as they were."""
        if self.folder is not None:
            runs.write_text(self.path(self.folder, task), json.dumps(values.tolist(), allow_nan=False))

    def path(self, folder: Path, task: Task) -> Path:
        """Where a block is."""
        return folder / BLOCKS / f"{task.policy:04d}-{task.first:06d}-{task.end:06d}.json"


def unfinished(root: Path, digest: str) -> Path | None:
    """The newest folder in which the same question was asked and not answered to the end."""
    if not root.is_dir():
        return None
    for folder in sorted(root.iterdir(), key=lambda path: path.name, reverse=True):
        if asked_in(folder) == digest and not answered(folder):
            return folder
    return None


def asked_in(folder: Path) -> str:
    """The digest of the question that a folder is about."""
    try:
        return str(json.loads((folder / ASKED).read_text(encoding="utf-8"))["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def answered(folder: Path) -> bool:
    """True where the run has ended by itself."""
    manifest = folder / runs.MANIFEST
    if not manifest.is_file():
        return False
    return json.loads(manifest.read_text(encoding="utf-8")).get("status") not in UNFINISHED


def open_store(folder: Path, digest: str) -> Store:
    """The store of a new or an unfinished folder; half-written files of a run that was killed are swept away."""
    with runs.disk(folder):
        (folder / BLOCKS).mkdir(exist_ok=True)
        for rest in [*folder.glob(".*.part"), *(folder / BLOCKS).glob(".*.part")]:
            rest.unlink()
    runs.write_json(folder / ASKED, {"digest": digest})
    return Store(folder)
