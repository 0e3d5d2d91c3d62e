"""A plan that people keep as a table, checked against a world: events by position, weeks from 0."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kaopt.scenario.cells import Cast, frozen, read_cells
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.cross import Room, events
from kaopt.scenario.dates import day_or_none
from kaopt.scenario.fill import index
from kaopt.scenario.grid import Grid, match, to_grid
from kaopt.scenario.lock_rows import Ground, locks_in
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.quantities import clean
from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import Sheet
from kaopt.scenario.workbook import read_any


@dataclass(frozen=True, eq=False)
class PlanRows:
    """Events as aligned arrays with [N] entries in the order of the file; weeks 0-based."""

    account: Ints
    sku: Ints
    week: Ints
    weeks: Ints
    treatment: Ints
    reason: Texts


def read_plan(world: Scenario, path: str | Path) -> PlanRows:
    """The events of a plan table such as plan.csv or the sheet `plan` of a workbook (weeks from 1 in the file).

    Raises InputError with every fault of it.
    """
    file = Path(path).expanduser().resolve()
    reading = Reading(file.parent)
    found: list[tuple[int, ...]] = []
    reasons: list[str] = []
    if (sheet := read_any(file, ("plan",), reading)) is not None:
        grid = _with_weeks(world, to_grid("plan", sheet, reading.faults))
        table = read_cells(grid, _cast(world), reading.faults)
        places = [index(one) for one in _ids(world)]
        for row, event in events(table, _room(world), reading.faults):
            at = (places[0][event.account], places[1][event.sku])
            found.append((*at, event.week - 1, event.weeks, places[2][event.treatment]))
            reasons.append(table.values["reason"][row] or "")
    reading.stop_on_faults()
    account, sku, week, weeks, treatment = (frozen(one) for one in np.array(found, dtype=np.int64).reshape(-1, 5).T)
    return PlanRows(account, sku, week, weeks, treatment, tuple(reasons))


def read_locks(world: Scenario, path: str | Path) -> tuple[Lock, ...]:
    """What somebody settled: a table of locks, or a plan with a filled-in column `lock`; further columns are read over.

    `path`: a CSV file, or a workbook with a sheet `locks` or `plan` such as results.xlsx. Rows without a lock settle
    nothing. Raises InputError with every fault.
    """
    file = Path(path).expanduser().resolve()
    reading = Reading(file.parent)
    locks: tuple[Lock, ...] = ()
    if (sheet := read_any(file, ("locks", "plan"), reading)) is not None:
        grid = to_grid("locks", _locked(sheet), reading.faults, free=True)
        table = read_cells(grid, _cast(world), reading.faults)
        lengths = dict(zip(world.treatments.treatment, world.treatments.lengths, strict=True))
        locks = locks_in(table, Ground(*_ids(world), lengths, _room(world)), reading.faults)
    reading.stop_on_faults()
    return tuple(replace(lock, because=lock.because or f"locked in {file.name}") for lock in locks)


def _with_weeks(world: Scenario, grid: Grid) -> Grid:
    """A calendar kept by dates: a day of the horizon stands for the week that it lies in; others stay, to be told."""
    if "week" not in grid.columns:
        return grid
    days = [day_or_none(clean(text)) for text in grid.columns["week"]]
    weeks = [None if day is None else (day - world.start).days // 7 + 1 for day in days]
    texts = [
        str(week) if week is not None and 1 <= week <= world.weeks else text
        for week, text in zip(weeks, grid.columns["week"], strict=True)
    ]
    return replace(grid, columns={**grid.columns, "week": texts})


def _locked(sheet: Sheet) -> Sheet:
    """The rows that have a lock; rows of another shape stay, so that they are told."""
    at = match("locks", sheet, [], free=True).get("lock")
    if at is None:
        return sheet
    return replace(sheet, rows=tuple(row for row in sheet.rows if not row.cells[at : at + 1] or row.cells[at].strip()))


def _ids(world: Scenario) -> tuple[Texts, Texts, Texts]:
    return world.accounts.account, world.skus.sku, world.treatments.treatment


def _cast(world: Scenario) -> Cast:
    """What cells may refer to."""
    names = zip(("accounts", "skus", "mechanics"), map(frozenset, _ids(world)), strict=True)
    return Cast(dict(names), world.start, world.weeks)


def _room(world: Scenario) -> Room:
    """Where events can be."""
    return Room(world.weeks, _listed(world))


def _listed(world: Scenario) -> set[tuple[str, str]]:
    """Account-SKUs that are sold."""
    return {(world.accounts.account[a], world.skus.sku[s]) for a, s in np.argwhere(world.listed)}
