"""What happens to orders and lots, event by event, written down where somebody asked for it; else nothing is.

A year that is traced draws the same luck and does the same things: these loops only read.
"""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AMOUNT,
    ASKED,
    BORN,
    CASES,
    CAUSE,
    DOOR,
    FATE,
    FIRST,
    FIRST_PIECE,
    KEPT,
    LAST,
    LINE,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    MADE,
    ORDERED,
    PIECES,
    SKU,
    TRACED,
    TRIES,
    TRUCK,
    VERDICT,
    WAREHOUSE,
)
from kaopt.fulfilment.loops.slots import longer

# columns: minute of the clock, kind, door (of goods: warehouse), day that was asked for, SKU, production day, cases,
# and one more: a cause or fate (-1: accepted), a truck
MINUTE, KIND_OF, WHO, FOR_DAY, WHAT_SKU, WHICH_LOT, HOW_MANY, WHY = range(8)
COLUMNS = 8
ORDERED_LINE, TRIED_AGAIN, PICKED_LOT, SHORT_LINE, CHECKED_IN, RECEIVED_LOT, HOME_LOT = range(7)  # of an order
STARTED, FREE_LOT, CLEARED, SCRAPPED = range(7, 11)  # of a lot alone


@compiled
def note(state: Any, minute: Any, kind: Any, who: Any, what: Any) -> None:
    """One row; `who` = (door or warehouse, day), `what` = (SKU, production day, cases, why)."""
    if state.trace.shape[0] == 0:
        return
    if state.count[TRACED] == state.trace.shape[0]:
        state.trace = longer(state.trace)
    row = state.trace[state.count[TRACED]]
    row[MINUTE], row[KIND_OF] = minute, kind
    row[WHO], row[FOR_DAY] = who
    row[WHAT_SKU], row[WHICH_LOT], row[HOW_MANY], row[WHY] = what
    state.count[TRACED] += 1


@compiled
def tell_call(state: Any, slot: Any, now: Any) -> None:
    """An order came in: what it wants, what was picked for it, what is missing."""
    if state.trace.shape[0] == 0:
        return
    order, lines, pieces, losses = state.order[slot], state.line[slot], state.piece[slot], state.loss[slot]
    who, kind = (order[DOOR], order[ASKED]), TRIED_AGAIN if order[TRIES] > 0 else ORDERED_LINE
    for n in range(order[LINES]):
        note(state, now, kind, who, (lines[n, SKU], now * 0, lines[n, ORDERED], now * 0))
    for k in range(order[FIRST_PIECE], order[PIECES]):
        what = (lines[pieces[k, LINE], SKU], pieces[k, BORN], pieces[k, AMOUNT], now * 0)
        note(state, now, PICKED_LOT, who, what)
    for k in range(order[LOSSES]):
        what = (lines[losses[k, LOSS_LINE], SKU], now * 0, losses[k, LOSS_CASES], losses[k, CAUSE])
        note(state, now, SHORT_LINE, who, what)


@compiled
def tell_truck(state: Any, slot: Any, minute: Any, truck: Any, verdict: Any) -> None:
    """A truck is at the customer's gate, or was not sent at all."""
    order = state.order[slot]
    note(state, minute, CHECKED_IN, (order[DOOR], order[ASKED]), (truck * 0 - 1, truck * 0, truck, verdict))


@compiled
def gate_of(state: Any, truck: Any) -> Any:
    """When a truck of the order that is being told was at the gate."""
    n = state.count[TRACED] - 1
    while n > 0 and (state.trace[n, KIND_OF] != CHECKED_IN or state.trace[n, HOW_MANY] != truck):
        n -= 1
    return state.trace[n, MINUTE]


@compiled
def tell_receipt(state: Any, slot: Any, fleet: Any) -> None:
    """What the customer said of each piece that its dock has seen."""
    if state.trace.shape[0] == 0:
        return
    order, lines, pieces = state.order[slot], state.line[slot], state.piece[slot]
    who = (order[DOOR], order[ASKED])
    for k in range(order[FIRST_PIECE], order[PIECES]):
        truck, what = pieces[k, TRUCK], (lines[pieces[k, LINE], SKU], pieces[k, BORN], pieces[k, AMOUNT])
        fate = fleet[truck, VERDICT] if fleet[truck, VERDICT] >= 0 else pieces[k, FATE]
        note(state, gate_of(state, truck), RECEIVED_LOT, who, (what[0], what[1], what[2], fate))


@compiled
def tell_home(state: Any, slot: Any, k: Any, day: Any) -> None:
    """A refused piece is free stock again."""
    if state.trace.shape[0] == 0:
        return
    order, piece = state.order[slot], state.piece[slot, k]
    what = (state.line[slot, piece[LINE], SKU], piece[BORN], piece[AMOUNT], state.door[order[DOOR], WAREHOUSE])
    note(state, day * DAY, HOME_LOT, (order[DOOR], order[ASKED]), what)


@compiled
def tell_lots(state: Any, p: Any, day: Any) -> None:
    """What of a warehouse's stock will be scrapped this night, because nobody accepts it any more."""
    if state.trace.shape[0] == 0:
        return
    cells, ends, sku = state.cells, state.ends, state.sku
    for s in range(len(sku)):
        for i in range(ends[p, s, FIRST], ends[p, s, LAST]):
            if cells[p, s, i, CASES] > 0 and day - cells[p, s, i, MADE] > sku[s, KEPT]:
                what = (p * 0 + s, cells[p, s, i, MADE], cells[p, s, i, CASES], p * 0)
                note(state, day * DAY, SCRAPPED, (p, day), what)
