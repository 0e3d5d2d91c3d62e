"""Knobs searched by simulation: a few years first, then more, always with the same luck at every place.

Retrospective approximation (Chen and Schmeiser 2001; Pasupathy 2010): the equations "simulated losses = ledger" are
solved for the mean of n years of fixed luck, n growing, each time from the last answer. While n grows the answer
settles on the root of the expected losses; what n years leave open is part of the stated uncertainty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from kaopt.calibration.knobs import Dial, turned, value_at
from kaopt.calibration.ledger import Line, written
from kaopt.calibration.roots import Aim, Spot, find
from kaopt.fulfilment.simulate import simulate
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications
from kaopt.service import Service

FEWEST = 8  # years of the first search
CLOSE = 0.1  # of the chance in the figures: how near a loss must come at last
ROUGH = 0.5  # and on the way there
EXACT = 1e-3  # of the target: near enough where nothing is left to chance


class OutOfTime(Exception):
    """The time limit has passed; the best place so far stands."""


@dataclass(frozen=True, eq=False)
class Case:
    """One calibration: a world and its plan, the knobs, and the figures of the ledger that they are turned for."""

    world: Scenario
    plan: Plan
    dials: tuple[Dial, ...]
    lines: tuple[Line, ...]  # one for each knob

    @property
    def targets(self) -> Floats:
        """[k] what the ledger says."""
        return np.array([one.value for one in self.lines])

    @property
    def jumps(self) -> Bools:
        """[k] knobs that are found by bracketing."""
        return np.array([one.knob.search == "step" or one.whole for one in self.dials])

    @property
    def start(self) -> Floats:
        """[k] where the knobs stand, in the unit box."""
        return np.array([one.unit(value_at(self.world, one)) for one in self.dials])

    def values(self, at: Floats) -> list[float]:
        """The knobs' values at a place of the unit box."""
        return [dial.natural(float(one)) for dial, one in zip(self.dials, at, strict=True)]

    def world_at(self, at: Floats) -> Scenario:
        """The world with the knobs turned."""
        return turned(self.world, self.dials, self.values(at))


@dataclass(eq=False)
class Bench:
    """Where places are tried: every evaluation counted, told, remembered, and refused when the time is up."""

    case: Case
    listener: Listener
    workers: int
    deadline: float  # of `perf_counter`
    began: float = field(default_factory=perf_counter)
    tried: int = 0
    best: tuple[float, Floats] = (np.inf, np.empty(0))  # greatest relative miss, place
    known: dict[tuple[int, bytes], Floats] = field(default_factory=dict)

    def losses(self, at: Floats, years: int) -> Floats:
        """[years, k] the figures of each simulated year with the knobs at a place."""
        key = years, np.asarray(self.case.values(at)).tobytes()
        if key not in self.known:
            if perf_counter() > self.deadline:
                raise OutOfTime
            self.known[key] = written(self.service(at, years), self.case.world.accounts.account, self.case.lines)
            self._tell(at, years, self.known[key].mean(axis=0))
        return self.known[key]

    def service(self, at: Floats, years: int) -> Service:
        """So many years lived through with the knobs at a place."""
        world = self.case.world_at(at)
        often = Replications(min=years, max=years, half_width=world.supply.replications.half_width)
        world = replace(world, supply=world.supply.model_copy(update={"replications": often}))
        return simulate(world, self.case.plan, workers=self.workers)

    def _tell(self, at: Floats, years: int, reached: Floats) -> None:
        self.tried += 1
        miss = float((np.abs(reached - self.case.targets) / np.maximum(self.case.targets, 1e-3)).max())
        if miss < self.best[0]:
            self.best = miss, at
        pairs = zip(self.case.lines, reached, strict=True)
        text = ", ".join(f"{one.what} {figure(one, value)} of {figure(one, one.value)}" for one, value in pairs)
        event = Progress("calibrate", f"{years} years: {text}", perf_counter() - self.began, done=self.tried)
        self.listener(event)


def figure(line: Line, value: float) -> str:
    """A figure of the books for people: money, or percent."""
    return f"{value:,.0f}" if line.what == "penalties" else f"{value:.2%}"


def searched(bench: Bench, years: int, start: Floats) -> Spot:
    """The knobs at which the mean of `years` simulated years meets the ledger, as nearly as they can.

    Raises OutOfTime.
    """
    case = bench.case
    spot = Spot(start, np.zeros(len(start)))
    for count in stages(years):
        errors = _errors_of(bench, count)
        noise = bench.losses(spot.at, count).std(axis=0, ddof=1)
        close = CLOSE if count == years else ROUGH
        aim = Aim(errors, tolerance(case, noise, count, close), case.jumps)
        spot = find(aim, aim.try_at(spot.at, spot.jacobian))
    return spot


def _errors_of(bench: Bench, years: int) -> Callable[[Floats], Floats]:
    """[k] mean figure of so many years less the ledger's, as a function of the place."""
    return lambda at: np.asarray(bench.losses(at, years).mean(axis=0) - bench.case.targets)


def tolerance(case: Case, noise: Floats, years: int, close: float = CLOSE) -> Floats:
    """[k] how near is near enough: a small part of the chance that is in the ledger's years and the simulated ones."""
    part = close * noise * (1 / case.world.calibrate.years + 1 / years) ** 0.5
    return np.asarray(np.maximum(part, EXACT * np.maximum(np.abs(case.targets), 1e-2)))


def stages(years: int) -> list[int]:
    """Numbers of years: 8, 16, … up to what is asked."""
    counts = [min(FEWEST, years)]
    while counts[-1] < years:
        counts.append(min(2 * counts[-1], years))
    return counts
