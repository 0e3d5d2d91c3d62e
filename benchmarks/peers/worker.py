"""A peer's own process: one job in, every better plan and bound out with the CPU seconds at which it came."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import isfinite
from time import process_time
from typing import Any

import numpy as np

Message = dict[str, Any]
CODE = "import sys; sys.path[:] = {path!r}; from benchmarks.peers.worker import main; main()"


@dataclass(frozen=True)
class Asked:
    """When a peer may stop. Its clock starts as its model is loaded."""

    seconds: float  # CPU
    gap: float  # (bound - objective) / |objective|
    seed: int


class Teller:
    """What a peer says while it works: times are CPU seconds of its process since `start`."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._begun = process_time()
        self.bound = np.inf
        self.load = 0.0  # CPU seconds before `start`: import and loading

    def start(self) -> None:
        """The model is loaded, the clock runs."""
        self._begun = self.load = process_time()
        self._send({"kind": "loaded", "load": self.load})

    @property
    def cpu(self) -> float:
        """CPU seconds of the search so far."""
        return process_time() - self._begun

    def improved(self, x: Any) -> None:
        """A better plan."""
        self._send({"kind": "improved", "at": self.cpu, "x": np.asarray(x, dtype=float)})

    def proved(self, bound: float) -> None:
        """A bound on every plan's value; said where it is better than the last."""
        if isfinite(bound) and bound < self.bound:
            self.bound = bound
            self._send({"kind": "bound", "at": self.cpu, "bound": bound})


def main() -> None:
    """Do the one job of standard input; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(message: Message) -> None:
        pickle.dump(message, out, protocol=5)
        out.flush()

    pickle.load(sys.stdin.buffer)  # a limit on memory, which is not asked of a peer
    job = pickle.load(sys.stdin.buffer)
    teller = Teller(send)
    try:
        peer = import_module(f"benchmarks.peers.{job['peer']}")  # two solvers cannot live in one process
        said = peer.solve(job["model"], job["asked"], teller)
        send({"kind": "done", **said, "at": teller.cpu, "cpu": process_time()})
    except Exception as error:  # told to the parent, which decides
        send({"kind": "failed", "text": f"{type(error).__name__}: {error}"})
