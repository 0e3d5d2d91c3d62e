"""The verb: turn the knobs until the simulated years lose what the customer's books say."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import perf_counter

import numpy as np

from kaopt.calibration.knobs import dials_of, value_at
from kaopt.calibration.ledger import Line, lines_of, matched, written
from kaopt.calibration.search import FEWEST, Bench, Case, OutOfTime, searched, tolerance
from kaopt.calibration.uncertainty import Sureness, sureness
from kaopt.plan import Plan
from kaopt.progress import Listener, silent
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

NEAR = 0.3  # of the chance in the figures: how near a loss counts as met
JUMP = 1.0  # where it jumps: the ledger's figure may lie inside a jump


@dataclass(frozen=True)
class Found:
    """One knob: where it stood, where it was found, how sure that is, and the loss that it was turned for."""

    knob: str
    start: float
    value: float
    se: float  # infinite where nothing can be told
    low: float  # intervals hold for all knobs together with 95 %
    high: float
    line: Line
    reached: float  # mean over the simulated years
    hit: bool  # as near as is asked


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found. `status`: done, short (a target is out of reach), stopped, interrupted."""

    world: Scenario  # with the knobs turned
    found: tuple[Found, ...]
    checks: tuple[tuple[Line, float, float], ...]  # figures without a knob: ledger's line, reached, sd of a year
    noise: Floats  # [k] standard deviation of one year's figure, by knob
    jacobian: Floats  # [k, k] of the figures by the knobs' places between their bounds, 0 to 1
    years: int
    tried: int  # places at which the warehouse was simulated
    status: str
    seconds: float


def calibrate(
    world: Scenario, plan: Plan | None = None, *, workers: int = 1, listener: Listener = silent
) -> Calibration:
    """Find the knobs of `world.calibrate` that reproduce its ledger, each with its standard error and interval.

    Every place is simulated with the same luck (`supply.seed`). Ends after `solve.time_limit`, or with Ctrl-C, with
    the best place so far. Raises InputError where ledger or knobs cannot be read.
    """
    dials, lines = dials_of(world), lines_of(world)
    case = Case(world, Plan.nothing() if plan is None else plan, dials, matched(world, lines))
    began = perf_counter()
    bench = Bench(case, listener, workers, began + world.solve.time_limit, began)
    years, status, sure = world.calibrate.replications, "done", None
    try:
        at = searched(bench, years, case.start).at
        sure = sureness(bench, at, years)
    except (OutOfTime, KeyboardInterrupt) as stop:
        status = "stopped" if isinstance(stop, OutOfTime) else "interrupted"
        at = bench.best[1] if bench.best[1].size else case.start
    return _result(bench, at, sure, (lines, status))


def _result(bench: Bench, at: Floats, sure: Sureness | None, said: tuple[tuple[Line, ...], str]) -> Calibration:
    """What is known at the end; the years at the answer are lived through once more, for all that the books say."""
    case, (lines, status) = bench.case, said
    years = case.world.calibrate.replications if sure is not None else FEWEST
    free = tuple(one for one in lines if one not in case.lines)
    lived = written(bench.service(at, years), case.world.accounts.account, (*case.lines, *free))
    mean, noise = lived.mean(axis=0), lived.std(axis=0, ddof=1)
    own, size = noise[: len(at)], len(at)
    enough = np.where(case.jumps, tolerance(case, own, years, JUMP), tolerance(case, own, years, NEAR))
    near = np.abs(mean[:size] - case.targets) <= enough
    hit = bool(near.all())
    return Calibration(
        world=case.world_at(at),
        found=tuple(_found(case, at, sure, k, (float(mean[k]), bool(near[k]))) for k in range(size)),
        checks=tuple(zip(free, mean[size:].tolist(), noise[size:].tolist(), strict=True)),
        noise=own,
        jacobian=np.full((size, size), np.nan) if sure is None else sure.jacobian,
        years=years,
        tried=bench.tried,
        status="short" if status == "done" and not hit else status,
        seconds=perf_counter() - bench.began,
    )


def _found(case: Case, at: Floats, sure: Sureness | None, k: int, met: tuple[float, bool]) -> Found:
    dial = case.dials[k]
    return Found(
        knob=dial.name,
        start=value_at(case.world, dial),
        value=dial.natural(float(at[k])),
        se=float(sure.se[k]) if sure else inf,
        low=float(sure.low[k]) if sure else dial.knob.low,
        high=float(sure.high[k]) if sure else dial.knob.high,
        line=case.lines[k],
        reached=met[0],
        hit=met[1],
    )
