"""Run folders: everything that a run produced, in one place, written so that a crash never leaves half a file.

Each file is written beside its place, flushed to disk and moved there in one step; `run.json` comes last, so a
folder without it is a run that did not finish.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kaopt.csv_text import csv_bytes
from kaopt.errors import EnvironmentFault, Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "run.json"
EVENTS = "events.jsonl"
PACKAGES = ("kaopt", "highspy", "pyomo", "numpy", "scipy", "simpy", "pandas", "numba", "pyarrow", "pydantic")
REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space or choose another place with --out",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another place with --out",
    errno.EACCES: "permission is missing; choose another place with --out",
    errno.EPERM: "permission is missing; choose another place with --out",
    errno.EROFS: "the place is read-only; choose another with --out",
}


@dataclass(frozen=True)
class Manifest:
    """What a run was: enough to repeat it. `status`: done, stopped, interrupted, failed."""

    command: tuple[str, ...]
    status: str
    exit_code: int
    seed: int
    scenario: Mapping[str, Any]  # the resolved settings
    inputs: Mapping[str, str]  # file -> sha256
    source: Mapping[str, Any] | None = None  # what the scenario was read from: folder, variant, overrides, model


@dataclass(frozen=True)
class Run:
    """A finished run, opened again."""

    folder: Path
    manifest: Mapping[str, Any]

    def json(self, name: str) -> Any:
        """One of the run's JSON files as plain data."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def frame(self, name: str) -> pd.DataFrame:
        """One of the run's tables."""
        import pandas as pd

        return pd.read_parquet(self.folder / name)


def create(root: Path, name: str, digest: str, *, now: datetime | None = None) -> Path:
    """Make the folder of a new run, `<UTC time>-<name>-<hash>`; two runs in one second get two folders."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    label = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    base = f"{stamp}-{label[:60]}-{digest[:8]}"
    with disk(root):
        root.mkdir(parents=True, exist_ok=True)
        attempt = 1
        while True:
            folder = root / (base if attempt == 1 else f"{base}.{attempt}")
            try:
                folder.mkdir()
                return folder
            except FileExistsError:
                attempt += 1


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that says what to do."""
    try:
        yield
    except OSError as fault:
        remedy = REMEDIES.get(fault.errno or 0, "check the path and the disk, or choose another place with --out")
        raise EnvironmentFault(f"cannot write {path}: {fault.strerror or fault}; {remedy}") from fault


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file so that it is there whole or not at all."""
    with disk(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return path


def write_text(path: Path, content: str) -> Path:
    """Write a text file (utf-8) in one step."""
    return write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, content: Any) -> Path:
    """Write plain data as JSON; what is not a finite number becomes null."""
    return write_text(path, json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_csv(path: Path, frame: pd.DataFrame) -> Path:
    """Write a table for people's spreadsheets: utf-8 with BOM, numbers in their shortest exact form."""
    return write_bytes(path, csv_bytes(frame))


def write_parquet(path: Path, frame: pd.DataFrame) -> Path:
    """Write a table for programs."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return write_bytes(path, buffer.getvalue())


def finish(folder: Path, manifest: Manifest) -> Path:
    """Write the manifest, and with it declare the run complete."""
    content = {"kaopt": 1, "finished": datetime.now(UTC).isoformat(timespec="seconds"), **plain(manifest)}
    content["python"] = platform.python_version()
    content["platform"] = platform.platform()
    content["versions"] = versions()
    content["files"] = {p.name: sha256(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name != MANIFEST}
    return write_json(folder / MANIFEST, content)


def versions() -> dict[str, str]:
    """Which versions of what made the run."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def sha256(path: Path) -> str:
    """The fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(text: str) -> str:
    """The fingerprint of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@contextmanager
def events(folder: Path, *, also: Callable[[Any], None]) -> Iterator[Callable[[Any], None]]:
    """A listener that keeps every event in `events.jsonl` and passes it on; lines are there even after a crash.

    An event is any dataclass; `kaopt.progress.Progress` where the verbs speak.
    """
    path = folder / EVENTS
    with disk(path):
        file = path.open("a", encoding="utf-8", buffering=1)

    def hear(event: Any) -> None:
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **asdict(event)}
        with disk(path):
            file.write(json.dumps(plain(line), ensure_ascii=False, allow_nan=False) + "\n")
        also(event)

    with file:
        yield hear


def open_run(path: Path) -> Run:
    """Open a finished run; a folder without its manifest is a fault of the input."""
    manifest = path / MANIFEST
    if not manifest.is_file():
        remedy = "Name a folder that a finished run has made, as printed at its end."
        raise InputError([Fault(str(path), None, None, "no run.json", "must be a finished run", remedy)])
    return Run(path, json.loads(manifest.read_text(encoding="utf-8")))


def latest(root: Path) -> Path | None:
    """The newest finished run under `root`, if there is one; folder names sort by time."""
    if not root.is_dir():
        return None
    done = [p for p in root.iterdir() if (p / MANIFEST).is_file()]
    return max(done, key=lambda p: p.name, default=None)


def plain(value: Any) -> Any:
    """Anything of ours as plain JSON data: frozen objects, arrays, dates; NaN and infinities become null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
