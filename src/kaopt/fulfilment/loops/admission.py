"""A truck at the customer's gate: let in or not, how long it waits for a dock, and what tells its luck from others'."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCOUNT,
    APPOINTMENT,
    AT_UNLOADING,
    DOCKS,
    DOOR,
    DUE_DAY,
    EARLIEST,
    EARLY,
    GRACE,
    LATE_DOCK,
    LATE_LOAD,
    LATE_RULE,
    LATE_TRIP,
    LONG_WAIT,
    LONG_WAITS,
    MOMENT,
    NEXT_DAY,
    OPEN,
    UNLOAD,
    UNTIL,
    WAITED_MINUTES,
    WAITS,
    WEEK,
)
from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.gates import ARRIVE, WAITED, closing, latest, meet, slot_of, stay, unloading
from kaopt.fulfilment.loops.hours import weekday

TRUCKS_A_DAY = 2**20  # cells of luck set aside for one door's day
TRUCKS_A_MINUTE = TRUCKS_A_DAY // DAY


@compiled
def cell_of(order: Any) -> Any:
    """The cell of luck of an order's first truck: a place in its day, of a call-off's minute in that."""
    day, minute = order[DUE_DAY], 0
    if order[MOMENT] != 0:
        day, minute = order[MOMENT] // DAY, order[MOMENT] % DAY
    return day * TRUCKS_A_DAY + minute * TRUCKS_A_MINUTE


@compiled
def waited(state: Any, order: Any, what: Any) -> None:
    """Count that a truck of an order waited for a dock; `what` = (which docks, minutes)."""
    if order[WEEK] >= 0:
        waits, at = state.waits[state.door[order[DOOR], ACCOUNT]], what[0]
        waits[at + WAITS] += 1
        waits[at + WAITED_MINUTES] += what[1]
        waits[at + LONG_WAITS] += what[1] > state.span[LONG_WAIT]


@compiled
def admit(state: Any, slot: Any, trips: Any, t: Any) -> Any:
    """Verdict on a truck that has come (-1: unloaded), minute of check-in, and minute in which it leaves."""
    order, trip = state.order[slot], trips[t]
    d, day = order[DOOR], order[DUE_DAY]
    door, window, docks = state.door[d], state.window[d, weekday(state, day)], state.dock[d]
    opens = day * DAY + window[OPEN] if order[UNTIL] == 0 else trip[ARRIVE]
    if door[EARLIEST] >= 0 and trip[ARRIVE] < opens - door[EARLIEST]:
        return EARLY, trip[ARRIVE], trip[ARRIVE]
    check_in, last = max(trip[ARRIVE], opens), latest(state, slot)
    if door[LATE_RULE] == NEXT_DAY:
        last = closing(state, slot) + door[GRACE]
    meet(state, d, day, check_in)
    turn = slot_of(state, slot, trips, t) if window[APPOINTMENT] > 0 else pools.start(docks, door[DOCKS], check_in)
    if check_in <= last:
        waited(state, order, (AT_UNLOADING, min(turn, last) - check_in))
    if check_in <= last and turn <= last:
        leave = turn + unloading(state, d, (luck.UNLOAD, cell_of(order) + t))
        if window[APPOINTMENT] == 0:
            pools.keep(docks, door[DOCKS], leave)
        return -1, check_in, leave
    if door[LATE_RULE] == NEXT_DAY:
        turn = stay(state, d, day)
        return -1, turn, turn + door[UNLOAD]
    if check_in > last:
        # the finer cause: would it have come in time, had it not stood in our own yard?
        return LATE_LOAD if check_in - trip[WAITED] <= last else LATE_TRIP, check_in, check_in
    return LATE_DOCK, check_in, last
