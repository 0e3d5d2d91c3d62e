"""What one planning day of a rolling plan may decide: two fences by notice, and the weeks that are in sight.

Frozen: an event whose mechanic has to be arranged before that day stays as it is. Slushy: an event that its account
has been told by then stays promoted in its weeks, its mechanic may change. What starts later than the plan reaches is
not decided yet, except what was signed or promised beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.plans.bench import Bench
from kaopt.allocation.problem import Problem
from kaopt.allocation.rules import locks
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Rolling


@dataclass(frozen=True, eq=False)
class Month:
    """One planning day, and the days from it to each offer's start."""

    number: int
    day: date
    until: Ints  # [O] day; negative: started before


def months(world: Scenario, problem: Problem) -> tuple[Month, ...]:
    """The planning days, from the first until every week of the horizon has been in a plan.

    The first is the scenario's own; where it has none, the plans before it have just come to the horizon's first weeks.
    """
    how = world.rolling or Rolling()
    first = world.planned_on or world.start - timedelta(weeks=max(how.ahead - how.every, 0))
    last = world.start + timedelta(weeks=world.weeks - 1)
    found: list[Month] = []
    day = first
    while not found or found[-1].day + timedelta(weeks=how.ahead) <= last:
        found.append(Month(len(found) + 1, day, (world.start - day).days + 7 * problem.offers.week))
        day += timedelta(weeks=how.every)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Today:
    """The year as it stands on one planning day, and which of it the plan of that day does not decide yet."""

    program: Program  # what is frozen is fixed, what is too late is closed
    later: Bools  # [N] offers beyond the plan's weeks


def year_today(bench: Bench, month: Month, before: Floats) -> Today:
    """The year's program on one planning day, on top of what stood `before` [O + Z]."""
    world, offers = bench.world, bench.problem.offers
    lead, told = world.treatments.lead_time[offers.treatment], world.accounts.notice_days[offers.account]
    ahead = 7 * (world.rolling or Rolling()).ahead
    chosen = before[: len(offers)] > 0.5
    late = month.until < lead
    low, high = bench.program.low.copy(), bench.program.high.copy()
    low[: len(offers)] = np.where(chosen & late, 1.0, low[: len(offers)])
    signed = low[: len(offers)] > 0.5
    high[: len(offers)] = np.where(late & ~signed, 0.0, high[: len(offers)])
    program = with_dates(replace(bench.program, low=low, high=high), bench, chosen & ~late & (month.until < told))
    later = np.zeros(program.matrix.shape[1], bool)
    later[: len(offers)] = ~((month.until < ahead) | promised(bench.problem) | signed)
    return Today(program, later)


def promised(problem: Problem) -> Bools:
    """[O] offers that could keep a lock: what was signed or promised beforehand is in sight from the first plan on."""
    mark = np.zeros(len(problem.offers), bool)
    for block in problem.rows:
        if block.rule == locks.NAME:
            mark[block.matrix[:, : len(mark)].indices] = True
    return mark


def with_dates(program: Program, bench: Bench, told: Bools) -> Program:
    """The program with a row per event that an account was told: promoted in those weeks, whatever the mechanic."""
    offers = bench.problem.offers
    keys = np.stack([offers.account, offers.sku, offers.week, offers.weeks])
    rows, columns = [], []
    for row, o in enumerate(np.flatnonzero(told)):
        same = np.flatnonzero((keys == keys[:, [o]]).all(axis=0))
        columns.append(same)
        rows.append(np.full(len(same), row))
    if not rows:
        return program
    entries = (np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(columns)))
    dates = sp.csr_matrix(entries, shape=(len(rows), program.matrix.shape[1]))
    return replace(
        program,
        matrix=sp.csr_matrix(sp.vstack([program.matrix, dates])),
        row_low=np.concatenate([program.row_low, np.ones(len(rows))]),
        row_high=np.concatenate([program.row_high, np.full(len(rows), np.inf)]),
        row_names=(*program.row_names, *(f"told [{row}]" for row in range(len(rows)))),
    )
