"""What is settled before the plan is made, from a table of locks or from the plan's own lock column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaopt.errors import Fault
from kaopt.scenario.cells import Typed
from kaopt.scenario.columns import Texts
from kaopt.scenario.cross import Event, Room, events, room_of
from kaopt.scenario.fill import index
from kaopt.scenario.model import Lock
from kaopt.scenario.shelf import Shelf
from kaopt.scenario.sources import unknown

LOCKS = {"must": "must", "forbidden": "forbidden", "committed": "committed", "keep": "committed"}
LOCKS |= {"必须": "must", "必做": "must", "禁止": "forbidden", "已定": "committed", "已承诺": "committed"}
LOCKS |= {"保留": "committed"}


@dataclass(frozen=True)
class Ground:
    """What locks stand on: ids by position, the lengths that each treatment allows, where events can be."""

    accounts: Texts
    skus: Texts
    treatments: Texts
    lengths: Mapping[str, tuple[int, ...]]
    room: Room


def locks_of(shelf: Shelf, faults: list[Fault]) -> tuple[Lock, ...]:
    """The locks of a scenario's own table, weeks 0-based inside."""
    if "locks" not in shelf.tables:
        return ()
    mechanics = shelf.tables.get("mechanics")
    lengths = dict(pair for _, pair in mechanics.rows("treatment", "lengths")) if mechanics else {}
    ground = Ground(shelf.accounts, shelf.skus, shelf.treatments, lengths, room_of(shelf))
    return locks_in(shelf.tables["locks"], ground, faults)


def locks_in(table: Typed, ground: Ground, faults: list[Fault]) -> tuple[Lock, ...]:
    """Every lock of a table that can be; the others become faults."""
    accounts, skus, treatments = (index(ids) for ids in (ground.accounts, ground.skus, ground.treatments))
    found = []
    for row, event in events(table, ground.room, faults):
        said, because = table.values["lock"][row], table.values["because"][row]
        if fault := _impossible(table, row, event, ground):
            faults.append(fault)
        elif said in LOCKS:  # what has no kind at all has its fault already
            at = accounts.get(event.account, -1), skus.get(event.sku, -1)
            treatment = treatments.get(event.treatment, -1)
            found.append(Lock(*at, event.week - 1, event.weeks, treatment, LOCKS[said], because or ""))
    return tuple(found)


def _impossible(table: Typed, row: int, event: Event, ground: Ground) -> Fault | None:
    """What is wrong with a lock: its kind, or a committed event that is none."""
    said, place = table.values["lock"][row], table.grid.origin(row, "lock")
    if said not in LOCKS:
        return None if said is None else unknown(place, "lock", said, LOCKS)
    if LOCKS[said] != "committed":
        return None
    if not event.treatment:
        return place.fault("treatment", "nothing", "must be given for a committed event", "Name its treatment")
    lengths = ground.lengths.get(event.treatment, (event.weeks,))
    if event.weeks in lengths:
        return None
    allowed = f"must be a length that {event.treatment} allows: {'|'.join(map(str, lengths))}"
    return table.grid.origin(row, "weeks").fault(
        "weeks", str(event.weeks), allowed, "Change weeks, or the mechanic's lengths"
    )
