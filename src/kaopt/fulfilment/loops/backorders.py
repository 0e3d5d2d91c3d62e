"""What failed is tried again at the door's next delivery, until the day on which the customer cancels it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    ASKED,
    CANCEL_DAYS,
    CAUSE,
    CAUSES,
    CUSTOMER,
    DAY_OF,
    DOOR,
    DUE_DAY,
    FIRST_PIECE,
    LATE,
    LATE_CAUSE,
    LEAD,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    LOST,
    MOMENT,
    ON_REQUEST,
    ORDERED,
    OTHER,
    PAPER,
    PIECES,
    PRICE,
    RECEIVED,
    SHIFT_START,
    TRIES,
    TRUCK_ROOM,
    WAREHOUSE,
)
from kaopt.fulfilment.loops.calls import attempt
from kaopt.fulfilment.loops.lots import copy
from kaopt.fulfilment.loops.slots import for_moment
from kaopt.fulfilment.loops.timing import call_day

# what other goods on another day can mend: neither wrong paper nor what the customer did himself
MENDED = np.array([cause not in (PAPER, PRICE, OTHER, CUSTOMER) for cause in range(CAUSES)])
HOUR = 60


@compiled
def next_chance(state: Any, slot: Any, ready: Any) -> Any:
    """The door's next delivery before the cancel date that is called at minute `ready` or later: its day and minute.

    (0, -1) where there is none. Backorders come in an hour before the shift, ahead of the day's new orders; those of
    call-offs every day.
    """
    order = state.order[slot]
    d = order[DOOR]
    due, share, last = state.due[d], state.share[d], order[ASKED] + state.account[state.door[d, ACCOUNT], CANCEL_DAYS]
    if order[MOMENT] != 0:
        opens = state.place[state.door[d, WAREHOUSE], SHIFT_START] - HOUR
        minute = -((opens - ready) // DAY) * DAY + opens
        day = (minute + state.door[d, LEAD]) // DAY
        return (day, minute) if day <= last else (0, -1)
    for n in range(len(due)):
        day = due[n, DAY_OF]
        if share[n, 1] > share[n, 0] and order[DUE_DAY] < day <= last:
            minute = call_day(state, d, day, 1) * DAY + state.place[state.door[d, WAREHOUSE], SHIFT_START] - HOUR
            if minute >= ready:
                return day, minute
    return 0, -1


@compiled
def postpone(state: Any, slot: Any, fleet: Any, now: Any) -> Any:
    """Take back what has failed and may be tried again; returns the minute of the next call, -1 where there is none."""
    order, lines, losses = state.order[slot], state.line[slot], state.loss[slot]
    if order[LOSSES] == 0 or state.account[state.door[order[DOOR], ACCOUNT], CANCEL_DAYS] == 0:
        return -1
    ready, mended, kept = now + 1, -1, 0
    for t in range(len(fleet)):
        ready = max(ready, (fleet[t, RECEIVED] + 1) * DAY)  # the day after it was refused
    for k in range(order[LOSSES]):
        if MENDED[losses[k, CAUSE]]:
            mended = losses[k, CAUSE]
    day, minute = next_chance(state, slot, ready)
    if mended < 0 or minute < 0:
        return -1
    for n in range(order[LINES]):
        if order[TRIES] == 0:
            lines[n, ON_REQUEST] = lines[n, ACCEPTED]
    for k in range(order[LOSSES]):
        if MENDED[losses[k, CAUSE]]:
            lines[losses[k, LOSS_LINE], LOST] -= losses[k, LOSS_CASES]
        else:
            copy(losses, losses, (k, kept))
            kept += 1
    if order[LATE] == 0 and order[TRIES] == 0:
        order[LATE_CAUSE] = mended
    order[LOSSES], order[DUE_DAY] = kept, day
    order[TRIES] += 1
    if order[MOMENT] != 0:
        for_moment(state, slot, minute + state.door[order[DOOR], LEAD])
    return minute


@compiled
def again(state: Any, slot: Any, now: Any) -> Any:
    """Another delivery of what is still open; returns the minute of loading."""
    order, lines, wanted = state.order[slot], state.line[slot], 0
    order[FIRST_PIECE] = order[PIECES]
    for n in range(order[LINES]):
        wanted += lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]
    return attempt(state, slot, now, -(-wanted // state.place[state.door[order[DOOR], WAREHOUSE], TRUCK_ROOM]))
