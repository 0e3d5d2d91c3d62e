"""At the customer's door: every piece of every line is accepted or fails for one cause; refused goods go home."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPT,
    ACCEPTED,
    ACCEPTED_CASES,
    ACCOUNT,
    AGE,
    AMOUNT,
    AWAY,
    BORN,
    BY_DATE,
    DAMAGE_RATE,
    DAMAGED,
    DISPOSED_CASES,
    DOOR,
    DUE_DAY,
    HOME,
    HOMES,
    LATE,
    LINE,
    MISMATCH,
    ORDINAL,
    PAPER,
    PIECES,
    PUNCTUAL,
    RECEIVED,
    SKU,
    TRUCK,
    TRUCK_HOME,
    TRUCK_ROOM,
    VERDICT,
    WAREHOUSE,
    WHAT,
    WHEN,
    WHICH,
)
from kaopt.fulfilment.loops.books import enter
from kaopt.fulfilment.loops.lots import put
from kaopt.fulfilment.loops.picking import DOORS, lose
from kaopt.fulfilment.loops.slots import close_order, more_follow, more_pieces
from kaopt.fulfilment.loops.trips import send

GOODS_HOME = 0  # the kind of a follow-up: a truck is home with what was refused


@compiled
def ship(state: Any, slot: Any, now: Any) -> Any:
    """Load, drive, receive and book an order; returns how many follow-ups there are."""
    fleet = send(state, slot, now)
    receive(state, slot, fleet)
    enter(state, slot)
    return go_home(state, slot, fleet)


@compiled
def judge(state: Any, said: Any, line: Any, rates: Any) -> Any:
    """The cause for which a piece fails, or -1: the truck first, then age, damage, paper, as the customer checks.

    `said` = (the truck's verdict, age at receipt, greatest age); `line` = (key of account and SKU, cell).
    """
    if said[0] >= 0:
        return said[0]
    if said[1] > said[2]:
        return AGE
    who, cell = line
    if rates[DAMAGE_RATE] > 0 and luck.uniform(state.keys[luck.DAMAGE], who, cell) < rates[DAMAGE_RATE]:
        return DAMAGED
    if rates[MISMATCH] > 0 and luck.uniform(state.keys[luck.PAPER], who, cell) < rates[MISMATCH]:
        return PAPER
    return -1


@compiled
def receive(state: Any, slot: Any, fleet: Any) -> None:
    """Put the pieces on the trucks in turn and judge them; a piece that two trucks share is split."""
    order = state.order[slot]
    more_pieces(state, order[PIECES] + len(fleet))
    d, pieces, lines = order[DOOR], state.piece[slot], state.line[slot]
    a, room = state.door[d, ACCOUNT], state.place[state.door[d, WAREHOUSE], TRUCK_ROOM]
    # views, because every reading of a field of the state counts a reference
    flow, ages, names, rates = state.flow, state.age[ACCEPT, a], state.line_key[a], state.account_rate[a]
    cell = order[DUE_DAY] * DOORS + state.door[d, ORDINAL]
    truck, left, k = 0, room, 0
    while k < order[PIECES]:
        if left == 0:
            truck, left = truck + 1, room
        n, cases = pieces[k, LINE], min(pieces[k, AMOUNT], left)
        s = lines[n, SKU]
        if cases < pieces[k, AMOUNT]:
            # the rest rides on a later truck: it is looked at again behind the last piece
            rest = order[PIECES]
            pieces[rest, LINE], pieces[rest, BORN], pieces[rest, AMOUNT] = n, pieces[k, BORN], pieces[k, AMOUNT] - cases
            pieces[k, AMOUNT] = cases
            order[PIECES] += 1
        left -= cases
        said = (fleet[truck, VERDICT], fleet[truck, RECEIVED] - pieces[k, BORN], ages[s])
        cause = judge(state, said, (names[s], cell), rates)
        pieces[k, TRUCK] = -1
        if cause < 0:
            lines[n, ACCEPTED] += cases
            flow[ACCEPTED_CASES, s] += cases
            flow[AWAY, s] -= cases
        else:
            lose(state, slot, n, (cause, cases))
            if cause == DAMAGED:
                flow[DISPOSED_CASES, s] += cases
                flow[AWAY, s] -= cases
            else:
                pieces[k, TRUCK] = truck
        k += 1
    for t in range(len(fleet)):
        order[LATE] += fleet[t, PUNCTUAL] == 0


@compiled
def go_home(state: Any, slot: Any, fleet: Any) -> Any:
    """A follow-up for every truck that brings goods back; without any, the order is closed."""
    order = state.order[slot]
    more_follow(state, len(fleet))
    count, pieces = 0, state.piece[slot]
    for t in range(len(fleet)):
        for k in range(order[PIECES]):
            if pieces[k, TRUCK] == t:
                follow = state.follow[count]
                follow[WHEN], follow[WHAT], follow[WHICH], follow[TRUCK_HOME] = fleet[t, HOME], GOODS_HOME, slot, t
                count += 1
                break
    order[HOMES] = count
    if count == 0:
        close_order(state, slot)
    return count


@compiled
def come_home(state: Any, slot: Any, truck: Any, day: Any) -> None:
    """What a truck brings back is free stock again, with its production dates."""
    order = state.order[slot]
    p = state.door[order[DOOR], WAREHOUSE]
    by_date = state.place[p, BY_DATE]
    for k in range(order[PIECES]):
        piece = state.piece[slot, k]
        if piece[TRUCK] == truck:
            s = state.line[slot, piece[LINE], SKU]
            put(state, (p, s), (piece[BORN] if by_date else day, piece[BORN]), piece[AMOUNT])
            state.flow[AWAY, s] -= piece[AMOUNT]
    order[HOMES] -= 1
    if order[HOMES] == 0:
        close_order(state, slot)
