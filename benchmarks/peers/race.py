"""Let a peer solve a program and keep what came when: plans that keep every row, bounds as claimed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.clock import cpu_of
from benchmarks.peers.worker import CODE, Asked
from benchmarks.trajectory import Point
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import arrays
from kaopt.errors import EnvironmentFault
from kaopt.scenario.columns import Floats

HERE = Path(__file__).parents[2]
PATIENCE, LOADING = 10.0, 600.0  # wall seconds per CPU second, and beside them, before a peer is ended
EVERY = 0.25  # wall seconds between two looks at a peer's clock
OVER, GRACE = 1.1, 5.0  # what a peer may take of its CPU seconds, and beside them, before it is ended


@dataclass(eq=False)
class Race:
    """What a peer has said."""

    program: Program
    points: list[Point] = field(default_factory=list)  # CPU seconds since its model was loaded
    plans: list[Floats] = field(default_factory=list)  # better and better, each kept every row
    refused: int = 0  # plans that broke a row beyond rounding
    bound: float | None = None  # the best that it claimed
    load: float = 0.0  # CPU seconds of import and loading
    spent: float = 0.0  # CPU seconds of the search
    status: str = ""
    solver: str = ""

    def hear(self, said: dict[str, Any]) -> None:
        """One word from the peer."""
        if said["kind"] == "loaded":
            self.load = said["load"]
        elif said["kind"] == "bound":
            self.bound = said["bound"] if self.bound is None else min(self.bound, said["bound"])
            self.points.append(Point(said["at"], None, said["bound"]))
        elif (held := feasible(self.program, said["x"])) is None:
            self.refused += 1
        else:
            self.plans.append(held)
            self.points.append(Point(said["at"], worth(self.program, held), None))

    def end(self, child: Child, asked: Asked, done: threading.Event) -> None:
        """End a peer that does not keep its limit; what it said until then counts. HiGHS does not while it solves
        a smaller program within the first."""
        while not done.wait(EVERY):
            process = child.pid
            if process is None or not self.load:
                continue
            spent = cpu_of(process) - self.load
            if spent > OVER * asked.seconds + GRACE:
                self.status, self.spent = "ended beyond its limit", spent
                os.kill(process, signal.SIGKILL)
                return


def raced(program: Program, peer: str, asked: Asked) -> Race:
    """Everything that a peer says of a program within its limit; refuses a program that it cannot take."""
    race = Race(program)
    job = {"kind": "race", "peer": peer, "model": arrays(program), "asked": asked}
    done = threading.Event()
    with Child(code=CODE.format(path=[str(HERE), *sys.path])) as child:
        threading.Thread(target=race.end, args=(child, asked, done), daemon=True).start()
        try:
            last = child.ask(job, limit=PATIENCE * asked.seconds + LOADING, hear=race.hear)
            race.spent, race.status, race.solver = last["at"], last["status"], last["solver"]
        except Stopped as stop:
            if stop.why == "interrupted":
                raise KeyboardInterrupt from None
            if not race.status:
                raise EnvironmentFault(f"{peer}: {stop.detail}") from None
        finally:
            done.set()
    return race
