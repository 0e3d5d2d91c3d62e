"""What must hold among the rows of the tables doors and windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed
from kaopt.scenario.doors import LATE_RULES
from kaopt.scenario.sources import unknown

NEAR = 1e-6  # shares that add up to 1 so nearly do


def door_faults(tables: Mapping[str, Typed]) -> Iterator[Fault]:
    """Late rules that nobody knows, shares that do not add up, windows of nobody or without time."""
    doors, accounts = tables.get("doors"), tables.get("accounts")
    known = {who for _, (who,) in accounts.rows("account")} if accounts is not None else set()
    if doors is not None:
        for row, (rule,) in doors.rows("late"):
            if rule not in LATE_RULES:
                yield unknown(doors.grid.origin(row, "late"), "late", rule, LATE_RULES)
        yield from _shares(doors)
        yield from _doors(doors, known)
        known |= {one for _, (one,) in doors.rows("door")}
    if "windows" in tables:
        yield from _windows(tables["windows"], known)


def _doors(doors: Typed, accounts: set[str]) -> Iterator[Fault]:
    for row, (door, account) in doors.rows("door", "account"):
        if door != account and door in accounts:
            text = f"is the account {door}, and this is a door of {account}"
            yield doors.grid.origin(row, "door").fault("door", door, text, "Give the door a name of its own")
    for row, (opens, closes) in doors.rows("window_open", "window_close"):
        if closes <= opens:
            yield _no_time(doors, row, closes)


def _no_time(table: Typed, row: int, closes: float) -> Fault:
    shown = f"{int(closes) // 60:02d}:{int(closes) % 60:02d}"
    place = table.grid.origin(row, "window_close")
    return place.fault("window_close", shown, "must be after the opening", "Correct the times")


def _shares(doors: Typed) -> Iterator[Fault]:
    total: dict[str, float] = {}
    last: dict[str, int] = {}
    for row, (account, share) in doors.rows("account", "share"):
        total[account] = total.get(account, 0.0) + share
        last[account] = row
    for account, share in total.items():
        if abs(share - 1) > NEAR:
            text = f"the shares of {account} must add up to 1"
            place = doors.grid.origin(last[account], "share")
            yield place.fault("share", f"{share:g}", text, "Give each of its doors a share, 100% in all")


def _windows(windows: Typed, known: set[str]) -> Iterator[Fault]:
    for row, (who, opens, closes) in windows.rows("door", "window_open", "window_close"):
        if who not in known:
            yield unknown(windows.grid.origin(row, "door"), "door", who, known)
        if closes <= opens:
            yield _no_time(windows, row, closes)
