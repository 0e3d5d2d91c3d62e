"""Which lots go to which line of an order, and what the crews find and can carry in time."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    ANY_LOT,
    AWAY,
    CAUSE,
    DOOR,
    DUE_DAY,
    FIRST,
    IN_ORDER,
    LAST,
    LAST_DAY,
    LAST_FIRST,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    LOST,
    MISTAKE_RATE,
    NO_STOCK,
    ORDERED,
    ORDINAL,
    PICK_CUT,
    PICKED,
    PIECES,
    RESERVED,
    SENT,
    SKU,
    TOO_OLD,
    WAREHOUSE,
    WRONG_RECORD,
)
from kaopt.fulfilment.loops.lots import stock_of, take
from kaopt.fulfilment.loops.records import blamed_on_books, in_books
from kaopt.fulfilment.loops.reserves import guarded, hide, show, use_peg
from kaopt.fulfilment.loops.slots import more_losses, more_pieces, occasion

DOORS = 64  # cells of luck of one account and day: one for each of its doors


@compiled
def lose(state: Any, slot: Any, n: Any, loss: Any) -> None:
    """Some cases of line `n` have failed; `loss` = (cause, cases)."""
    if loss[1] <= 0:
        return
    order = state.order[slot]
    more_losses(state, order[LOSSES] + 1)
    entry = state.loss[slot, order[LOSSES]]
    entry[LOSS_LINE], entry[CAUSE], entry[LOSS_CASES] = n, loss[0], loss[1]
    state.line[slot, n, LOST] += loss[1]
    order[LOSSES] += 1


@compiled
def room_of(state: Any, slot: Any) -> Any:
    """The most pieces that picking an order can make: every lot of each of its SKUs."""
    order, lines, room = state.order[slot], state.line[slot], 0
    ends = state.ends[state.door[order[DOOR], WAREHOUSE]]
    for n in range(order[LINES]):
        room += ends[lines[n, SKU], LAST] - ends[lines[n, SKU], FIRST]
    return room


@compiled
def mistaken(state: Any, slot: Any, s: Any, rule: Any) -> Any:
    """The rule by which a line is picked where the picker takes a wrong lot: the other end first, or any lot."""
    oldest, newest, _ = rule
    order = state.order[slot]
    d = order[DOOR]
    p, a = state.door[d, WAREHOUSE], state.door[d, ACCOUNT]
    if not state.serving[d, ANY_LOT]:
        return oldest, not newest, 0
    count = state.ends[p, s, LAST] - state.ends[p, s, FIRST]
    cell = occasion(order) * DOORS + state.door[d, ORDINAL]
    return oldest, newest, floor(count * luck.uniform(state.keys[luck.LOT], state.line_key[a, s], cell))


@compiled
def tell(state: Any, slot: Any, n: Any, what: Any) -> None:
    """Say why a line came short; `what` = (cases that are missing, kept for others, oldest day that may be sent).

    What fits and is still there could not be picked in time; the rest is kept for others, too old, or not there.
    """
    missing, kept, oldest = what
    p, s = state.door[state.order[slot, DOOR], WAREHOUSE], state.line[slot, n, SKU]
    fit, whole = stock_of((state.cells[p], state.ends[p]), s, oldest)
    short = max(missing - fit, 0)
    withheld = min(short, kept)
    old = min(short - withheld, whole - fit)
    phantom, unknown = blamed_on_books(state, (p, s), (fit, whole), (short - withheld - old, missing - short))
    lose(state, slot, n, (RESERVED, withheld))
    lose(state, slot, n, (TOO_OLD, old))
    lose(state, slot, n, (WRONG_RECORD, phantom + unknown))
    lose(state, slot, n, (NO_STOCK, short - withheld - old - phantom))
    lose(state, slot, n, (PICK_CUT, missing - short - unknown))


@compiled
def pick(state: Any, slot: Any, capacity: Any) -> None:
    """Allocate and pick what an order still wants, line by line; what is missing is lost to its cause."""
    more_pieces(state, state.order[slot, PIECES] + room_of(state, slot))
    order, lines, pieces = state.order[slot], state.line[slot], state.piece[slot]
    d, count = order[DOOR], order[LINES]
    a, p = state.door[d, ACCOUNT], state.door[d, WAREHOUSE]
    stock, ages, away = (state.cells[p], state.ends[p]), state.age[SENT, a], state.flow[AWAY]
    rate, names = state.place_rate[p, MISTAKE_RATE], state.line_key[a]
    cell = occasion(order) * DOORS + state.door[d, ORDINAL]
    # another line is last each day, so that no SKU always bears the cut
    turn = np.int64(luck.bits(state.keys[luck.SPLIT], state.door_key[d], order[DUE_DAY]) % np.uint64(max(count, 1)))
    left, written, newest = capacity, order[PIECES], state.serving[d, LAST_FIRST] != 0
    in_order, dates = state.account[a, IN_ORDER] > 0, state.newest[d]
    guards, hidden, kept = guarded(state), np.zeros(0, np.int64), 0
    books = state.book.shape[0] > 0
    for i in range(count):
        n = i + turn if i + turn < count else i + turn - count
        s, want = lines[n, SKU], lines[n, ORDERED] - lines[n, ACCEPTED] - lines[n, LOST]
        oldest = order[LAST_DAY] - ages[s]
        if in_order:
            oldest = max(oldest, dates[s])
        if guards:
            hidden, kept = hide(state, slot, n, oldest)
        rule = (oldest, newest, 0)
        if rate > 0 and luck.uniform(state.keys[luck.MISTAKE], names[s], cell) < rate:
            rule = mistaken(state, slot, s, rule)
        reach = min(want, left, in_books(state, p, s)) if books else min(want, left)
        more, got = take(stock, s, rule, reach, (pieces, written, n))
        written += more
        left -= got
        away[s] += got
        if got < want:
            tell(state, slot, n, (want - got, kept, oldest))
        if guards:
            use_peg(state, slot, s, got)
            show(state, (p, s), hidden)
    order[PIECES] = written
    order[PICKED] = capacity - left
