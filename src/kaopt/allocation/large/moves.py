# mypy: disable-error-code="no-untyped-call"
"""Compiled moves from plan to plan: a block's year is planned anew, and where shelves are full, others make room.

Rows that count alike (a display slot: a pack) are never broken: a block that wants a place in a full one pays what the
cheapest occupant would lose, and that occupant's block is then planned anew around it. Amounts that add up (a budget,
a target) are paid at their prices, and fined where they are outside their limits. Tuples of arrays: `sums` (start, row,
value, low, high, price, fine); `packs` (start, row, room, place, price); `state` (chosen, held, load, occupant);
`years` (calendar, desk); `hand` (block of each event, what leaving costs, log, touched).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from kaopt.allocation.large.years import year

CHAIN = 12  # blocks that one move may plan anew
NEVER = -1e300


@njit(cache=True)
def worth_of(held: float, i: int, sums: Any) -> Any:
    """What a row's state is worth: what is held is paid at its price, what is outside its limits is fined."""
    low, high, price, fine = sums[3], sums[4], sums[5], sums[6]
    return -price[i] * held - fine[i] * max(held - high[i], low[i] - held, 0.0)


@njit(cache=True)
def change(o: int, sign: float, sums: Any, held: Any, apply: bool) -> Any:
    """What adding (1) or dropping (-1) an event changes in the worth of the sums; `apply`: do it."""
    start, row, value = sums[0], sums[1], sums[2]
    total = 0.0
    for k in range(start[o], start[o + 1]):
        i = row[k]
        after = held[i] + sign * value[k]
        total += worth_of(after, i, sums) - worth_of(held[i], i, sums)
        if apply:
            held[i] = after
    return total


@njit(cache=True)
def put(o: int, worth: Any, sums: Any, packs: Any, state: Any) -> Any:
    """Choose an event; returns what that is worth."""
    chosen, held, load, occupant = state
    start, row, _, place, price = packs
    gain = worth[o] + change(o, 1.0, sums, held, True)
    chosen[o] = True
    for k in range(start[o], start[o + 1]):
        p = row[k]
        occupant[place[p] + load[p]] = o
        load[p] += 1
        gain -= price[p]
    return gain


@njit(cache=True)
def drop(o: int, worth: Any, sums: Any, packs: Any, state: Any) -> Any:
    """Take a chosen event out; returns what that is worth."""
    chosen, held, load, occupant = state
    start, row, _, place, price = packs
    gain = change(o, -1.0, sums, held, True) - worth[o]
    chosen[o] = False
    for k in range(start[o], start[o + 1]):
        p = row[k]
        load[p] -= 1
        for j in range(place[p], place[p] + load[p]):
            if occupant[j] == o:
                occupant[j] = occupant[place[p] + load[p]]
                break
        gain += price[p]
    return gain


@njit(cache=True)
def entry(o: int, packs: Any, state: Any, leaving: Any, pushing: bool) -> Any:
    """What an event pays for its places in packs: the price where there is room, what an occupant loses where not."""
    _, _, load, occupant = state
    start, row, room, place, price = packs
    total = 0.0
    for k in range(start[o], start[o + 1]):
        p = row[k]
        if load[p] < room[p]:
            total += price[p]
        elif not pushing or room[p] == 0:
            return -NEVER
        else:
            least = np.inf
            for j in range(place[p], place[p] + load[p]):
                least = min(least, leaving[occupant[j]])
            total += max(least, 0.0)
    return total


@njit(cache=True)
def fits(o: int, packs: Any, load: Any) -> bool:
    """Whether there is a place in every pack of an event: its own block may have taken the last one."""
    start, row, room = packs[0], packs[1], packs[2]
    for k in range(start[o], start[o + 1]):
        if load[row[k]] >= room[row[k]]:
            break
    else:
        return True
    return False


@njit(cache=True)
def replan(b: int, pushing: bool, nouns: Any, state: Any, leaving: Any) -> Any:
    """The best year of a block whose events are out, all others as they are; returns what is gained."""
    worth, sums, packs, calendar, desk = nouns
    first, _, end, most, weeks = calendar
    for o in range(first[b], first[b + 1]):
        now = worth[o] - entry(o, packs, state, leaving, pushing)
        desk[0][o - first[b]] = now + change(o, 1.0, sums, state[1], False) if now > NEVER / 2 else 0.0
    year(b, calendar, desk)
    w, left, gain = 0, most[b], 0.0
    while w < weeks:
        o = desk[2][w, left]
        if o < 0:
            w += 1
            continue
        if pushing or fits(o, packs, state[2]):
            gain += put(o, worth, sums, packs, state)
        w, left = end[o], left - 1
    return gain


@njit(cache=True)
def emptied(b: int, nouns: Any, state: Any, log: Any, logged: int) -> Any:
    """Take a block's events out and note them; returns what is gained and how many events the log holds."""
    worth, sums, packs, calendar, _ = nouns
    gain = 0.0
    for o in range(calendar[0][b], calendar[0][b + 1]):
        if state[0][o]:
            gain += drop(o, worth, sums, packs, state)
            log[logged] = o
            logged += 1
    return gain, logged


@njit(cache=True)
def cheapest(p: int, b: int, packs: Any, state: Any, hand: Any) -> int:
    """The occupant of a pack that loses least by leaving, none of block b; -1: nobody."""
    block, leaving = hand[0], hand[1]
    place, load, occupant = packs[3], state[2], state[3]
    found, least = -1, np.inf
    for j in range(place[p], place[p] + load[p]):
        o = occupant[j]
        if block[o] != b and leaving[o] < least:
            found, least = o, leaving[o]
    return found


@njit(cache=True)
def make_room(b: int, nouns: Any, state: Any, hand: Any, logged: int) -> Any:
    """Empty the blocks of those who leave for b; returns gain, events logged, blocks touched (below 0: in vain)."""
    packs, calendar = nouns[2], nouns[3]
    block, _, log, touched = hand
    start, row, room = packs[0], packs[1], packs[2]
    gain, count = 0.0, 1
    for o in range(calendar[0][b], calendar[0][b + 1]):
        if not state[0][o]:
            continue
        for k in range(start[o], start[o + 1]):
            while state[2][row[k]] > room[row[k]]:
                leaver = cheapest(row[k], b, packs, state, hand)
                if leaver < 0 or count == CHAIN:
                    return gain, logged, -count
                touched[count] = block[leaver]
                count += 1
                more, logged = emptied(block[leaver], nouns, state, log, logged)
                gain += more
    return gain, logged, count


@njit(cache=True)
def move(b: int, nouns: Any, state: Any, hand: Any, course: Any) -> Any:
    """Plan a block's year anew, pushing others out where that may pay; undone where more is lost than may be.

    `course`: whether to push, and what may be lost.
    """
    pushing, loss = course
    worth, sums, packs, calendar, _ = nouns
    _, leaving, log, touched = hand
    touched[0] = b
    gain, logged = emptied(b, nouns, state, log, 0)
    gain += replan(b, pushing, nouns, state, leaving)
    count = 1
    if pushing:
        more, logged, count = make_room(b, nouns, state, hand, logged)
        gain += more
        for j in range(1, count):
            gain += replan(touched[j], False, nouns, state, leaving)
    if count > 0 and gain >= -loss:
        return gain
    for j in range(abs(count)):
        c = touched[j]
        for o in range(calendar[0][c], calendar[0][c + 1]):
            if state[0][o]:
                drop(o, worth, sums, packs, state)
    for j in range(logged):
        put(log[j], worth, sums, packs, state)
    return 0.0


@njit(cache=True)
def one_pass(order: Any, nouns: Any, state: Any, hand: Any, course: Any) -> Any:
    """Plan blocks anew in turn; `course`: whether to push, and what a move may lose. Returns what is gained in all."""
    total = 0.0
    for n in range(len(order)):
        total += move(order[n], nouns, state, hand, course)
    return total


@njit(cache=True)
def leaving_costs(worth: Any, calendar: Any, packs: Any) -> Any:
    """[E] per place in a pack, what a block loses when an event has to leave: the best one without a pack instead."""
    first, week, end = calendar[0], calendar[1], calendar[2]
    start, found = packs[0], np.zeros(len(worth))
    for b in range(len(first) - 1):
        begin = first[b]
        for o in range(first[b], first[b + 1]):
            if week[o] != week[begin]:
                begin = o
            places = start[o + 1] - start[o]
            if places == 0:
                continue
            instead, q = 0.0, begin
            while q < first[b + 1] and week[q] == week[o]:
                if start[q + 1] == start[q] and end[q] <= end[o]:
                    instead = max(instead, worth[q])
                q += 1
            found[o] = (worth[o] - instead) / places
    return found
