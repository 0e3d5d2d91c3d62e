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
    FIRST,
    FIRST_PIECE,
    FOR_DELIVERY,
    FOR_GOODS,
    LAST,
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
    SKU,
    STANDING,
    TRIED_ON,
    TRIES,
    TRUCK_ROOM,
    WAITING,
    WAREHOUSE,
    WEEKS,
)
from kaopt.fulfilment.loops.calls import attempt
from kaopt.fulfilment.loops.lots import copy
from kaopt.fulfilment.loops.pools import NEVER
from kaopt.fulfilment.loops.slots import for_moment
from kaopt.fulfilment.loops.timing import call_day

# what other goods on another day can mend: neither wrong paper nor what the customer did himself
MENDED = np.array([cause not in (PAPER, PRICE, OTHER, CUSTOMER) for cause in range(CAUSES)])
HOUR = 60
NOTHING, ASLEEP = -(2**62), -(2**61)  # instead of the minute of another call
AWAKE_DAYS = 14  # before its cancel date, in which a standing order is tried with every delivery


@compiled
def next_chance(state: Any, slot: Any, ready: Any) -> Any:
    """The door's next delivery before the cancel date that is called at minute `ready` or later: its day and minute.

    (0, NOTHING) where there is none. Backorders come in an hour before the shift, ahead of the day's new orders; those
    of call-offs every day.
    """
    order = state.order[slot]
    d = order[DOOR]
    due, share, last = state.due[d], state.share[d], order[ASKED] + state.account[state.door[d, ACCOUNT], CANCEL_DAYS]
    if order[MOMENT] != 0:
        opens = state.place[state.door[d, WAREHOUSE], SHIFT_START] - HOUR
        minute = -((opens - ready) // DAY) * DAY + opens
        day = (minute + state.door[d, LEAD]) // DAY
        return (day, minute) if day <= last else (0, NOTHING)
    for n in range(len(due)):
        day = due[n, DAY_OF]
        if share[n, 1] > share[n, 0] and order[DUE_DAY] < day <= last:
            minute = call_day(state, d, day, 1) * DAY + state.place[state.door[d, WAREHOUSE], SHIFT_START] - HOUR
            if minute >= ready:
                return day, minute
    return 0, NOTHING


@compiled
def postpone(state: Any, slot: Any, fleet: Any, now: Any) -> Any:
    """Take back what has failed and may be tried again; returns the minute of the next call.

    NOTHING where there is none, ASLEEP where it waits for goods (see `wake`).
    """
    order, lines, losses = state.order[slot], state.line[slot], state.loss[slot]
    if order[LOSSES] == 0 or state.account[state.door[order[DOOR], ACCOUNT], CANCEL_DAYS] == 0:
        return NOTHING
    ready, mended, kept = now + 1, -1, 0
    for t in range(len(fleet)):
        ready = max(ready, (fleet[t, RECEIVED] + 1) * DAY)  # the day after it was refused
    for k in range(order[LOSSES]):
        if MENDED[losses[k, CAUSE]]:
            mended = losses[k, CAUSE]
    day, minute = next_chance(state, slot, ready)
    if mended < 0 or minute == NOTHING:
        return NOTHING
    sleeps = may_sleep(state, slot, now // DAY)
    for n in range(order[LINES]):
        if order[TRIES] == 0:
            lines[n, ON_REQUEST] = lines[n, ACCEPTED]
    for k in range(order[LOSSES]):
        if MENDED[losses[k, CAUSE]]:
            lines[losses[k, LOSS_LINE], LOST] -= losses[k, LOSS_CASES]
            nights = max((now if sleeps else minute) // DAY, 0) - max(order[TRIED_ON], 0)
            state.waited[lines[losses[k, LOSS_LINE], SKU]] += losses[k, LOSS_CASES] * max(nights, 0)
        else:
            copy(losses, losses, (k, kept))
            kept += 1
    if order[LATE] == 0 and order[TRIES] == 0:
        order[LATE_CAUSE] = mended
    order[LOSSES] = kept
    order[TRIES] += 1
    if sleeps:
        return ASLEEP
    put_off(state, slot, day, minute)
    return minute


@compiled
def put_off(state: Any, slot: Any, day: Any, minute: Any) -> None:
    """The order is for a later day now, and comes in again at that minute."""
    order = state.order[slot]
    order[DUE_DAY] = day
    if order[MOMENT] != 0:
        for_moment(state, slot, minute + state.door[order[DOOR], LEAD])


@compiled
def may_sleep(state: Any, slot: Any, day: Any) -> Any:
    """True where what is missing waits for goods; near its cancel date it is tried with every delivery again."""
    order = state.order[slot]
    account = state.account[state.door[order[DOOR], ACCOUNT]]
    last = min(order[ASKED] + account[CANCEL_DAYS], state.span[WEEKS] * 7)
    return account[STANDING] > 0 and day < last - AWAKE_DAYS


@compiled
def comes_in(state: Any, slot: Any) -> Any:
    """True where some of what an order waits for is in stock."""
    order, lines = state.order[slot], state.line[slot]
    p = state.door[order[DOOR], WAREHOUSE]
    for n in range(order[LINES]):
        s = lines[n, SKU]
        if lines[n, ORDERED] > lines[n, ACCEPTED] + lines[n, LOST] and state.ends[p, s, LAST] > state.ends[p, s, FIRST]:
            return True
    return False


@compiled
def first_asleep(state: Any, after: Any) -> Any:
    """The standing order that waits for goods and is next in line after `after` = (day asked for, slot); -1: none."""
    found = -1
    for slot in range(len(state.order)):
        if state.order[slot, WAITING] == FOR_GOODS:
            asked = state.order[slot, ASKED]
            later = asked > after[0] or (asked == after[0] and slot > after[1])
            if later and (found < 0 or asked < state.order[found, ASKED]):
                found = slot
    return found


@compiled
def wake(state: Any, day: Any) -> Any:
    """Standing orders some of whose goods have come in, in the order in which they were asked for.

    A list of (minute of the next call, order, door). Counts the night for all that have waited for goods.
    """
    woken, slot = [], first_asleep(state, (-NEVER, -1))
    while slot >= 0:
        order, lines = state.order[slot], state.line[slot]
        for n in range(order[LINES] if day > 0 else 0):
            state.waited[lines[n, SKU]] += lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]
        if comes_in(state, slot) or not may_sleep(state, slot, day):
            due, minute = next_chance(state, slot, day * DAY)
            if minute != NOTHING:
                put_off(state, slot, due, minute)
            order[WAITING] = FOR_DELIVERY
            woken.append((max(minute, day * DAY), slot, order[DOOR]))
        slot = first_asleep(state, (order[ASKED], slot))
    return woken


@compiled
def again(state: Any, slot: Any, now: Any) -> Any:
    """Another delivery of what is still open; returns the minute of loading."""
    order, lines, wanted = state.order[slot], state.line[slot], 0
    order[FIRST_PIECE] = order[PIECES]
    for n in range(order[LINES]):
        wanted += lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]
    return attempt(state, slot, now, -(-wanted // state.place[state.door[order[DOOR], WAREHOUSE], TRUCK_ROOM]))
