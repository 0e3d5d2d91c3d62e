"""An order comes in: its lines, its place in the loading plan, and what the warehouse finds and picks for it."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled, inlined
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    CALLED,
    CLOSE,
    CREWS,
    DAY_OF,
    DOOR,
    DUE_DAY,
    FIRST_DAY,
    FULL,
    GATES,
    GRACE,
    LAST_DAY,
    LEAD,
    LEAVE,
    LINES,
    LOAD_MINUTES,
    LOST,
    MOMENT_OF,
    ORDER_MINUTES,
    ORDERED,
    PICK_RATE,
    PICK_SECONDS,
    PICKED,
    SHIFT_START,
    SKU,
    TRAVEL,
    TRIED_ON,
    TURN,
    TURNS,
    UNTIL,
    WAREHOUSE,
    WARMUP,
    WEEK,
    WEEK_OF,
)
from kaopt.fulfilment.loops.consolidation import consolidate
from kaopt.fulfilment.loops.credit import stopped
from kaopt.fulfilment.loops.hours import holiday, open_seconds, picked_from, weekday
from kaopt.fulfilment.loops.picking import pick
from kaopt.fulfilment.loops.slots import close_order, open_order
from kaopt.fulfilment.loops.timing import call_day, departure, loading, trucks_planned
from kaopt.fulfilment.loops.trace import tell_call

HOUR = 3600  # the pickers' clock counts seconds


@compiled
def reserve(state: Any, p: Any, now: Any, wish: Any) -> Any:
    """Reserve loading slots as late as they are free before the departure; returns the minute when loading begins.

    `wish` = (departure, trucks). Docks are so kept level before a common departure time; loads that find no free slot
    in time will queue. Nothing is loaded on a holiday.
    """
    length, docks = max(state.place[p, LOAD_MINUTES], 1), state.place[p, GATES]
    booked, zero = state.loading[p], state.span[FIRST_DAY] * DAY // length - 1
    soonest = -(-now // length)
    last = max(wish[0] // length - 1, soonest)
    slot = first = last
    closes = state.shut.shape[1] > 0
    for _ in range(wish[1]):
        while slot >= soonest:
            if booked[slot - zero] < docks and not (closes and holiday(state, p, slot * length // DAY)):
                break
            slot -= 1
        if slot < soonest:
            break
        booked[slot - zero] += 1
        first = slot
    return first * length


@compiled
def call(state: Any, d: Any, n: Any, now: Any) -> Any:
    """The `n`-th order of a door comes in. Returns its slot and the minute of loading; (-1, 0) where none is wanted."""
    slot = open_order(state, d, n)
    state.order[slot, CALLED] = now // DAY
    count, trucks = write_lines(state, slot, n), trucks_planned(state, d, n)
    if state.place_rate[state.door[d, WAREHOUSE], FULL] > 0:
        count, trucks = consolidate(state, slot, n)
    if count == 0:
        close_order(state, slot)
        return -1, 0
    return slot, attempt(state, slot, now, trucks)


@compiled
def attempt(state: Any, slot: Any, now: Any, trucks: Any) -> Any:
    """Reserve the docks, allocate stock and pick what the crews can in time; returns the minute of loading."""
    if stopped(state, slot, now):
        tell_call(state, slot, now)
        return now
    order = state.order[slot]
    d, order[TRIED_ON] = order[DOOR], now // DAY
    p = state.door[d, WAREHOUSE]
    place, close = state.place[p], state.window[d, weekday(state, order[DUE_DAY]), CLOSE]
    order[LAST_DAY] = order[DUE_DAY] + (close + state.door[d, GRACE]) // DAY
    if order[UNTIL] != 0:
        # nobody could plan for it: loaded just in time for its moment, at whatever dock is free then
        order[LAST_DAY] = (order[UNTIL] + state.door[d, GRACE]) // DAY
        order[LEAVE] = order[UNTIL] - state.door[d, TRAVEL]
        load_at = max(order[LEAVE] - loading(state, p, trucks), now)
    else:
        order[LEAVE] = departure(state, d, order[DUE_DAY], trucks)
        load_at = reserve(state, p, now, (order[LEAVE], trucks))
    rate = state.place_rate[p, PICK_RATE] * place[CREWS]
    begin = max(open_seconds(state, p, picked_from(place, now)), state.crew[p])
    room = floor(max(open_seconds(state, p, load_at) - begin, 0) * rate / HOUR) if place[CREWS] > 0 else 0
    pick(state, slot, room)
    tell_call(state, slot, now)
    picked = state.order[slot, PICKED]
    if picked > 0:
        seconds = ceil(picked * HOUR / rate)
        state.crew[p] = begin + seconds
        state.busy[p, PICK_SECONDS] += seconds * (order[WEEK] >= 0)
    return load_at


@compiled
def write_lines(state: Any, slot: Any, n: Any) -> Any:
    """The lines of one delivery: its part of the week's cases; returns how many."""
    order, lines, first = state.order[slot], state.line[slot], n
    d, due = order[DOOR], state.due[order[DOOR]]
    while first > 0 and due[first - 1, WEEK_OF] == due[n, WEEK_OF]:
        first -= 1
    if state.split_week[d] != first:
        split(state, d, first)
        state.split_week[d] = first
    part, count = state.split[d, n - first], state.split_count[d, n - first]
    for i in range(count):
        lines[i, SKU], lines[i, ORDERED] = part[i, SKU], part[i, ORDERED]
        lines[i, ACCEPTED], lines[i, LOST] = 0, 0
    order[LINES] = count
    return count


@compiled
def split(state: Any, d: Any, first: Any) -> None:
    """Share a week's cases out among its deliveries, the first of which is `first`; the parts add up to the week.

    Delivery j has what lies between its shares b < e of the week: floor(cases e + u) - floor(cases b + u), u by luck.
    """
    a, due, share, counts = state.door[d, ACCOUNT], state.due[d], state.share[d], state.split_count[d]
    week, last = due[first, WEEK_OF], first
    while last < len(due) and due[last, WEEK_OF] == week:
        counts[last - first] = 0
        last += 1
    key = state.keys[luck.SPLIT]
    begins, ends = share[first, 0], share[last - 1, 1]
    pace = (last - first) / (ends - begins) if ends > begins else 0.0
    parts, wanted, names = state.split[d], state.wanted[a, week + state.span[WARMUP]], state.line_key[a]
    for s in range(len(wanted)):
        if wanted[s] == 0:
            continue
        turn = luck.uniform(key, names[s], week)
        if wanted[s] > last - first:
            for j in range(first, last):
                cases = floor(wanted[s] * share[j, 1] + turn) - floor(wanted[s] * share[j, 0] + turn)
                add(parts, counts, (j - first, s), cases)
            continue
        for c in range(wanted[s]):  # few cases: where each of them falls, which is the same sum
            at = (c + 1 - turn) / wanted[s]
            if begins < at <= ends:
                # deliveries are mostly equal: begin near where it would fall then
                j = first + min(int((at - begins) * pace), last - first - 1)
                while at <= share[j, 0]:
                    j -= 1
                while at > share[j, 1]:
                    j += 1
                add(parts, counts, (j - first, s), 1)


@inlined
def add(parts: Any, counts: Any, where: Any, cases: Any) -> None:
    """Some cases more of a SKU in one delivery's part; `where` = (delivery, SKU)."""
    j, s = where
    if cases == 0:
        return
    n = counts[j]
    if n > 0 and parts[j, n - 1, SKU] == s:
        parts[j, n - 1, ORDERED] += cases
        return
    parts[j, n, SKU], parts[j, n, ORDERED] = s, cases
    counts[j] = n + 1


@compiled
def calls_of(state: Any, d: Any) -> Any:
    """[N, 2] the minute in which each order of a door comes in, and its number; weeks without cases are left out.

    Orders come in from an hour before the pickers' shift on, within ORDER_MINUTES, in an order that luck decides;
    call-offs at any time, as long before their moment as the customer always calls.
    """
    start = state.place[state.door[d, WAREHOUSE], SHIFT_START]
    calls = []
    latest = state.span[FIRST_DAY] * DAY
    minutes = state.place[state.door[d, WAREHOUSE], ORDER_MINUTES]
    for n in range(len(state.due[d])):
        day = state.due[d, n, DAY_OF]
        trucks = trucks_planned(state, d, n) if state.share[d, n, 1] > state.share[d, n, 0] else 0
        if trucks > 0 and state.due[d, n, MOMENT_OF] != 0:
            latest = max(state.due[d, n, MOMENT_OF] - state.door[d, LEAD], latest)
            calls.append((latest, n))
        elif trucks > 0:
            turn = state.serving[d, TURN] + luck.uniform(state.keys[luck.RELEASE], state.door_key[d], day)
            hour = floor(minutes * turn / state.serving[d, TURNS])
            minute = max(call_day(state, d, day, trucks) * DAY + start - 60 + hour, latest)
            calls.append((minute, n))
            latest = minute
    return calls
