"""The books of a warehouse go wrong: now and then they say more or fewer cases than there are, until they are counted.

Inventory record inaccuracy as measured and modelled by DeHoratius and Raman (2008, Management Science 54) and Kang and
Gershwin (2005, IIE Transactions 37): no case appears or is lost by it. Production plans by the books; orders are given
what the books have; pickers do not find what only the books have.
"""

from __future__ import annotations

from math import floor
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import COUNT_DAYS, COUNTED, NAME, ON_HAND, RECORD_CHANCE, RECORD_CV
from kaopt.fulfilment.loops.lots import stock_of


@compiled
def keep_books(state: Any, day: Any) -> None:
    """One night, after stock is counted: new errors, the cycle counts of the day, and what production will read."""
    if state.book.shape[0] == 0:
        return
    for p in range(state.book.shape[0]):
        rate = state.place_rate[p]
        for s in range(state.book.shape[1]):
            who, cell = state.sku_key[s], day + state.place[p, NAME]
            if rate[RECORD_CHANCE] > 0 and luck.uniform(state.keys[luck.RECORD], who, cell) < rate[RECORD_CHANCE]:
                size = rate[RECORD_CV] * luck.normal(state.keys[luck.RECORD_SIZE], who, cell)
                state.book[p, s] += floor(size * state.report[ON_HAND, p, s] + 0.5)
            if counted_on(state, p, s, day):
                state.book[p, s] = 0
            state.report[COUNTED, p, s] = max(state.report[COUNTED, p, s] + state.book[p, s], 0)


@compiled
def counted_on(state: Any, p: Any, s: Any, day: Any) -> Any:
    """True on the days on which a SKU is counted: every so many days, luck says from which on."""
    every = state.place[p, COUNT_DAYS]
    if every <= 0:
        return False
    turn = floor(every * luck.uniform(state.keys[luck.COUNT], state.sku_key[s], state.place[p, NAME]))
    return (day + turn) % every == 0


@compiled
def in_books(state: Any, p: Any, s: Any) -> Any:
    """Cases on the shelf of which the books know: nobody is sent to fetch the others."""
    whole = stock_of((state.cells[p], state.ends[p]), s, 0)[1]
    return max(whole + min(state.book[p, s], 0), 0)


@compiled
def blamed_on_books(state: Any, where: Any, found: Any, short: Any) -> Any:
    """Of what a line misses: cases that only the books have, cases on the shelf that they lack.

    `found` = (cases still on the shelf that may be sent, cases still on the shelf); `short` = (cases that are not
    there, cases that are and were not picked).
    """
    if state.book.shape[0] == 0:
        return 0, 0
    wrong = state.book[where]
    known = max(found[1] + min(wrong, 0), 0)
    return min(short[0], max(wrong, 0)), max(short[1] - known, 0)
