"""A plan that people keep as a table, checked against a world: events by position, weeks from 0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kaopt.scenario.cells import Cast, frozen, read_cells
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.cross import Room, events
from kaopt.scenario.fill import index
from kaopt.scenario.grid import to_grid
from kaopt.scenario.model import Scenario
from kaopt.scenario.sources import Reading
from kaopt.scenario.table_file import read_table


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
    """The events of a plan table such as plan.csv (weeks from 1 in the file); every fault of it in one InputError."""
    file = Path(path).expanduser().resolve()
    reading = Reading(file.parent)
    ids = (world.accounts.account, world.skus.sku, world.treatments.treatment)
    names = dict(zip(("accounts", "skus", "mechanics"), map(frozenset, ids), strict=True))
    found: list[tuple[int, ...]] = []
    reasons: list[str] = []
    if (sheet := read_table(file, reading)) is not None:
        table = read_cells(
            to_grid("plan", sheet, reading.faults), Cast(names, world.start, world.weeks), reading.faults
        )
        places = [index(one) for one in ids]
        for row, event in events(table, Room(world.weeks, _listed(world)), reading.faults):
            at = (places[0][event.account], places[1][event.sku])
            found.append((*at, event.week - 1, event.weeks, places[2][event.treatment]))
            reasons.append(table.values["reason"][row] or "")
    reading.stop_on_faults()
    account, sku, week, weeks, treatment = (frozen(one) for one in np.array(found, dtype=np.int64).reshape(-1, 5).T)
    return PlanRows(account, sku, week, weeks, treatment, tuple(reasons))


def _listed(world: Scenario) -> set[tuple[str, str]]:
    """Account-SKUs that are sold."""
    return {(world.accounts.account[a], world.skus.sku[s]) for a, s in np.argwhere(world.listed)}
