"""CPU seconds and memory of a process with all its children, also those that still work.

Where the system has no `/proc`, only ended children count, and a child's memory is the largest that any of them had.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from time import process_time

PROC = Path("/proc")
EVERY = 0.05  # wall seconds between two looks at memory
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def cpu_of_tree() -> float:
    """CPU seconds of this process, its ended children, and those that live, with theirs."""
    used = os.times()
    return process_time() + used.children_user + used.children_system + sum(map(cpu_of, tree(os.getpid())))


def cpu_of(process: int) -> float:
    """CPU seconds of one process and its ended children; 0 where it is gone."""
    with suppress(OSError):
        after_name = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / TICK
    return 0.0


def tree(process: int) -> list[int]:
    """The living children of a process and theirs, however deep; none where the system does not tell."""
    found: list[int] = []
    for child in children_of(process):
        found += [child, *tree(child)]
    return found


def children_of(process: int) -> list[int]:
    """The living children of a process, whichever of its threads began them."""
    found: list[int] = []
    for thread in (PROC / str(process) / "task").glob("*/children"):
        with suppress(OSError):
            found += map(int, thread.read_text().split())
    return found


def peak_of(process: int) -> float:
    """The most memory that one process ever had, in MB; 0 where it is gone."""
    with suppress(OSError):
        for line in (PROC / str(process) / "status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 2**10
    return 0.0


class Watch:
    """The most memory of this process and its living children together, seen from `__enter__` to `mb`.

    Each counts with the most that it ever had by then, so that what is told is never too little but for a child that
    grew and ended between two looks. `getrusage` would not do: a child that has just been started counts there with
    all the memory of its parent.
    """

    def __init__(self) -> None:
        self._most = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def mb(self) -> float:
        """MB so far."""
        self._most = max(self._most, now())
        return self._most

    def _look(self) -> None:
        while not self._stop.wait(EVERY):
            self._most = max(self._most, now())


def now() -> float:
    """MB of this process and its living children, each at its own peak."""
    if not PROC.is_dir():
        return by_system()
    return sum(map(peak_of, (os.getpid(), *tree(os.getpid()))))


def by_system() -> float:
    """MB of this process and the largest ended child, as the system counts them."""
    import resource

    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used) / (2**20 if sys.platform == "darwin" else 2**10)
