"""Let a peer solve a program and keep what came when: plans that keep every row, bounds as claimed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.worker import CODE, Asked
from benchmarks.trajectory import Point
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child, Stopped
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import arrays
from kaopt.errors import EnvironmentFault
from kaopt.scenario.columns import Floats

HERE = Path(__file__).parents[2]
PATIENCE, LOADING = 5.0, 600.0  # wall seconds per CPU second, and beside them, before a peer is ended


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
        if said["kind"] == "bound":
            self.bound = said["bound"] if self.bound is None else min(self.bound, said["bound"])
            self.points.append(Point(said["at"], None, said["bound"]))
            return
        held = feasible(self.program, said["x"])
        if held is None:
            self.refused += 1
        else:
            self.plans.append(held)
            self.points.append(Point(said["at"], worth(self.program, held), None))


def raced(program: Program, peer: str, asked: Asked) -> Race:
    """Everything that a peer says of a program within its limit; refuses a program that it cannot take."""
    race = Race(program)
    job = {"kind": "race", "peer": peer, "model": arrays(program), "asked": asked}
    path = [str(HERE), *sys.path]
    with Child(code=CODE.format(path=path)) as child:
        try:
            last = child.ask(job, limit=PATIENCE * asked.seconds + LOADING, hear=race.hear)
        except Stopped as stop:
            if stop.why == "interrupted":
                raise KeyboardInterrupt from None
            raise EnvironmentFault(f"{peer}: {stop.detail}") from None
    race.load, race.spent, race.status, race.solver = last["load"], last["at"], last["status"], last["solver"]
    return race
