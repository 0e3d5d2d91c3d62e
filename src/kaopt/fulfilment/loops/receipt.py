"""At the customer's door: every piece of every line is accepted or fails for one cause; refused goods go home."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCEPTED_CASES,
    ACCOUNT,
    AMOUNT,
    AWAY,
    BORN,
    BY_DATE,
    CAUSES,
    DAMAGED,
    DISPOSED_CASES,
    DOOR,
    FATE,
    FIRST_PIECE,
    FIRST_TRUCK,
    FOR_DELIVERY,
    FOR_GOODS,
    HOME,
    HOMES,
    LATE,
    LATE_CAUSE,
    LATE_TRIP,
    LINE,
    NO_REGRESS,
    PIECES,
    PUNCTUAL,
    SKU,
    TRUCK,
    TRUCK_HOME,
    TRUCK_ROOM,
    VERDICT,
    WAITING,
    WAREHOUSE,
    WEEK,
    WHAT,
    WHEN,
    WHICH,
)
from kaopt.fulfilment.loops.backorders import ASLEEP, NOTHING, postpone
from kaopt.fulfilment.loops.books import enter
from kaopt.fulfilment.loops.credit import invoice
from kaopt.fulfilment.loops.dock import inspect
from kaopt.fulfilment.loops.fines import deduct
from kaopt.fulfilment.loops.lots import put
from kaopt.fulfilment.loops.picking import lose
from kaopt.fulfilment.loops.slots import close_order, more_follow, more_pieces
from kaopt.fulfilment.loops.spared import appear, on_time
from kaopt.fulfilment.loops.trace import tell_home, tell_receipt
from kaopt.fulfilment.loops.trips import send

GOODS_HOME, TRY_AGAIN = range(2)  # kinds of follow-ups: a truck is home with what was refused; another delivery


@compiled
def ship(state: Any, slot: Any, now: Any) -> Any:
    """Load, drive, receive and book an order; returns how many follow-ups there are."""
    appear(state, slot, now)
    fleet = send(state, slot, now)
    on_time(state, slot, fleet)
    receive(state, slot, fleet)
    minute = postpone(state, slot, fleet, now)
    if minute == NOTHING:
        deduct(state, slot)
        enter(state, slot)
    invoice(state, slot, fleet)
    return go_home(state, slot, fleet, minute)


@compiled
def receive(state: Any, slot: Any, fleet: Any) -> None:
    """Put the pieces on the trucks, have them inspected, and settle each of them."""
    board(state, slot, len(fleet))
    inspect(state, slot, fleet)
    tell_receipt(state, slot, fleet)
    settle(state, slot)
    order = state.order[slot]
    for t in range(len(fleet)):
        if fleet[t, PUNCTUAL] == 0:
            if order[LATE] == 0:
                order[LATE_CAUSE] = fleet[t, VERDICT] if fleet[t, VERDICT] >= 0 else LATE_TRIP
            order[LATE] += 1


@compiled
def board(state: Any, slot: Any, trucks: Any) -> None:
    """Put the pieces on the trucks in turn, case by case; what of a piece is left over is the next truck's first."""
    more_pieces(state, state.order[slot, PIECES] + trucks)
    order, pieces = state.order[slot], state.piece[slot]
    room = state.place[state.door[order[DOOR], WAREHOUSE], TRUCK_ROOM]
    truck, left = 0, room
    for first in range(order[FIRST_PIECE], order[PIECES]):
        k = first
        while pieces[k, AMOUNT] > left:
            if left > 0:
                rest = order[PIECES]
                pieces[rest, LINE], pieces[rest, BORN] = pieces[k, LINE], pieces[k, BORN]
                pieces[rest, AMOUNT] = pieces[k, AMOUNT] - left
                pieces[k, AMOUNT], pieces[k, TRUCK] = left, truck
                order[PIECES] += 1
                k = rest
            truck, left = truck + 1, room
        left -= pieces[k, AMOUNT]
        pieces[k, TRUCK] = truck


@compiled
def settle(state: Any, slot: Any) -> None:
    """Accept each piece or lose it to its cause; what is refused and sound rides home."""
    order, pieces, lines, flow = state.order[slot], state.piece[slot], state.line[slot], state.flow
    d = order[DOOR]
    returned = state.returned[state.door[d, ACCOUNT]]
    newest, dated = state.newest[d], state.account[state.door[d, ACCOUNT], NO_REGRESS] > 0
    for k in range(order[FIRST_PIECE], order[PIECES]):
        n, cases, fate = pieces[k, LINE], pieces[k, AMOUNT], pieces[k, FATE]
        s, truck = lines[n, SKU], pieces[k, TRUCK]
        pieces[k, TRUCK] = -1
        if fate < 0:
            lines[n, ACCEPTED] += cases
            flow[ACCEPTED_CASES, s] += cases
            flow[AWAY, s] -= cases
            if dated:
                newest[s] = max(newest[s], pieces[k, BORN])
            continue
        lose(state, slot, n, (fate if fate < CAUSES else fate - CAUSES, cases))
        if fate == DAMAGED:
            flow[DISPOSED_CASES, s] += cases
            flow[AWAY, s] -= cases
            state.damaged[s] += cases * (order[WEEK] >= 0)
        else:
            pieces[k, TRUCK] = order[FIRST_TRUCK] + truck
            returned[s] += cases * (order[WEEK] >= 0)


@compiled
def go_home(state: Any, slot: Any, fleet: Any, again: Any) -> Any:
    """A follow-up for every truck that brings goods back, and for another delivery; without any, the order is closed.

    `again`: the minute of the next call, NOTHING where nothing is tried again, ASLEEP where it waits for goods.
    """
    order = state.order[slot]
    more_follow(state, len(fleet) + 1)
    count, pieces, first = 0, state.piece[slot], order[FIRST_TRUCK]
    for t in range(len(fleet)):
        for k in range(order[FIRST_PIECE], order[PIECES]):
            if pieces[k, TRUCK] == first + t:
                follow_up(state, count, (fleet[t, HOME], GOODS_HOME, slot, first + t))
                count += 1
                break
    order[HOMES] += count
    order[FIRST_TRUCK] += len(fleet)
    # until another delivery is settled the slot is not free, whoever comes home
    order[WAITING] = FOR_GOODS if again == ASLEEP else (FOR_DELIVERY if again > ASLEEP else 0)
    if again > ASLEEP:
        follow_up(state, count, (again, TRY_AGAIN, slot, order[DOOR]))
        return count + 1
    if order[HOMES] == 0 and order[WAITING] == 0:
        close_order(state, slot)
    return count


@compiled
def follow_up(state: Any, n: Any, what: Any) -> None:
    """Write down what must happen next; `what` = (minute, kind, order, truck or door)."""
    follow = state.follow[n]
    follow[WHEN], follow[WHAT], follow[WHICH], follow[TRUCK_HOME] = what


@compiled
def come_home(state: Any, slot: Any, truck: Any, day: Any) -> None:
    """What a truck brings back is free stock again, with its production dates."""
    order, pieces, lines = state.order[slot], state.piece[slot], state.line[slot]
    p = state.door[order[DOOR], WAREHOUSE]
    by_date = state.place[p, BY_DATE]
    for k in range(order[PIECES]):
        if pieces[k, TRUCK] == truck:
            piece = pieces[k]
            s = lines[piece[LINE], SKU]
            put(state, (p, s), (piece[BORN] if by_date else day, piece[BORN]), piece[AMOUNT])
            state.flow[AWAY, s] -= piece[AMOUNT]
            tell_home(state, slot, k, day)
            piece[TRUCK] = -1
    order[HOMES] -= 1
    if order[HOMES] == 0 and order[WAITING] == 0:
        close_order(state, slot)
