"""What only shows when tables meet the horizon or each other: gaps in weeks, locks and plans that cannot be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed
from kaopt.scenario.contract_rows import contract_faults
from kaopt.scenario.door_rows import door_faults
from kaopt.scenario.shelf import NEEDED, Shelf
from kaopt.scenario.sources import unknown

ADD = "Add the weeks that are missing"
SETTLED = ("sell_in", "sell_out")


def check_tables(shelf: Shelf) -> Iterator[Fault]:
    """Every fault between tables; a table with wrong cells is judged by its other rows."""
    tables = shelf.tables
    for name in NEEDED:
        if name in tables and len(tables[name]) == 0 and not tables[name].grid.skipped:
            yield tables[name].grid.head.fault(None, "no rows", "must have at least one row", "Add rows")
    if "accounts" in tables:
        yield from _windows(tables["accounts"])
    if "mechanics" in tables:
        yield from _settlements(tables["mechanics"])
    yield from contract_faults(tables)
    yield from door_faults(tables)
    if shelf.cast.weeks is not None:
        if "base" in tables:
            yield from _base_weeks(tables["base"], shelf.cast.weeks)
        if "seasons" in tables:
            yield from _season_weeks(tables["seasons"], shelf.cast.weeks)


def _windows(accounts: Typed) -> Iterator[Fault]:
    for row, (opens, closes) in accounts.rows("window_open", "window_close"):
        if closes <= opens:
            found = f"{closes // 60:02d}:{closes % 60:02d}"
            expected = f"must be after window_open ({opens // 60:02d}:{opens % 60:02d})"
            yield accounts.grid.origin(row, "window_close").fault("window_close", found, expected)


def _settlements(mechanics: Typed) -> Iterator[Fault]:
    for row, (said,) in mechanics.rows("settled"):
        if said not in SETTLED:
            yield unknown(mechanics.grid.origin(row, "settled"), "settled", said, SETTLED)


def _base_weeks(base: Typed, weeks: int) -> Iterator[Fault]:
    """An account-SKU has one row for all weeks, or one row for each week of the horizon."""
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    doubtful = {key for row, key in base.rows("account", "sku") if base.values["week"][row] is None}
    for row, (account, sku, week) in base.rows("account", "sku", "week"):
        found[account, sku].setdefault(week, row)
    for key, rows in found.items():
        place = base.grid.origins[min(rows.values())]
        shown = ", ".join(key)
        if 0 in rows and len(rows) > 1:
            remedy = "Keep the row without a week, or the rows with weeks"
            yield place.fault("week", shown, "must have weeks in all of its rows or in none", remedy)
        elif 0 not in rows and key not in doubtful and (gap := set(range(1, weeks + 1)) - set(rows)):
            yield place.fault("week", f"{shown}: no week {ranges(gap)}", f"must have every week 1-{weeks}", ADD)


def _season_weeks(seasons: Typed, weeks: int) -> Iterator[Fault]:
    found: dict[str, dict[int, int]] = defaultdict(dict)
    doubtful = {key for row, key in seasons.rows("season") if seasons.values["week"][row] is None}
    for row, (season, week) in seasons.rows("season", "week"):
        found[season].setdefault(week, row)
    for season, rows in found.items():
        gap = set(range(1, weeks + 1)) - set(rows)
        if gap and (season,) not in doubtful:
            place = seasons.grid.origins[min(rows.values())]
            yield place.fault("week", f"{season}: no week {ranges(gap)}", f"must have every week 1-{weeks}", ADD)


def ranges(numbers: set[int]) -> str:
    """Whole numbers as people write them: 3, 7-9."""
    runs: list[list[int]] = []
    for one in sorted(numbers):
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


@dataclass(frozen=True)
class Event:
    """One row of a plan or of locks, as typed; weeks from 1."""

    account: str
    sku: str
    week: int
    weeks: int
    treatment: str


@dataclass(frozen=True)
class Room:
    """Where events can be: weeks of the horizon (None: not known), account-SKUs that are sold."""

    weeks: int | None
    listed: set[tuple[str, str]]


def events(table: Typed, room: Room, faults: list[Fault]) -> Iterator[tuple[int, Event]]:
    """Rows that can be: sold by the account, inside the horizon; the others become faults."""
    for row, cells in table.rows(*(one.name for one in fields(Event))):
        event = Event(*cells)
        end = event.week + event.weeks - 1
        problem: tuple[str, str, str] | None = None
        if event.weeks < 1:
            problem = "weeks", str(event.weeks), "must be at least 1"
        elif room.weeks is not None and end > room.weeks:
            shown = f"weeks {event.week}-{end}" if event.weeks > 1 else str(event.week)
            problem = "week", shown, f"must lie in weeks 1-{room.weeks}, the horizon"
        elif room.listed and (event.account, event.sku) not in room.listed:
            problem = "sku", event.sku, f"must be sold by {event.account}: it has no row in the table base"
        if problem is None:
            yield row, event
        else:
            faults.append(table.grid.origin(row, problem[0]).fault(*problem, "Change or delete the row"))


def room_of(shelf: Shelf) -> Room:
    """Weeks of the horizon and account-SKUs with a row in base."""
    base = shelf.tables.get("base")
    return Room(shelf.cast.weeks, {(a, s) for _, (a, s) in base.rows("account", "sku")} if base else set())
