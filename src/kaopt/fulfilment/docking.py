# mypy: allow-untyped-decorators
"""The compiled loops at the customer's door, on the way back, and at midnight in the warehouse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from kaopt.fulfilment import luck
from kaopt.fulfilment.kernels import (
    ACCEPTED,
    AGE,
    AGE_SUM,
    AMOUNT,
    AWAY,
    BORN,
    CASES,
    CAUSES,
    COUNTED,
    DAMAGED,
    DISPOSED,
    FIRST,
    LAST,
    LINE,
    LOST,
    MADE,
    ON_HAND,
    ORDERED,
    PAPER,
    PUNCTUAL,
    RECEIVED,
    SKU,
    VERDICT,
    WRITTEN_OFF,
    put,
)


@njit(cache=True)
def judge(born: Any, line: Any, truck: Any, marks: Any, limit: Any) -> Any:
    """The cause for which a piece fails, or -1: the truck first, then age, damage, paper, as the customer checks."""
    if truck[VERDICT] >= 0:
        return truck[VERDICT]
    if truck[RECEIVED] - born > limit:
        return AGE
    if marks[line, 0]:
        return DAMAGED
    return PAPER if marks[line, 1] else -1


@njit(cache=True)
def marks_of(lines: Any, order: Any, terms: Any) -> Any:
    """[L, 2] which lines arrive damaged, which have a price or paper mismatch."""
    marks = np.zeros((len(lines), 2), np.bool_)
    a = order.account
    for n in range(len(lines)):
        who = terms.line_keys[a, lines[n, SKU]]
        marks[n, 0] = luck.uniform(terms.keys[luck.DAMAGE], who, order.day) < terms.rates[1, a]
        marks[n, 1] = luck.uniform(terms.keys[luck.PAPER], who, order.day) < terms.rates[0, a]
    return marks


@njit(cache=True)
def receive(picked: Any, trucks: Any, order: Any, terms: Any, ledger: Any) -> Any:
    """Put the pieces on the trucks, judge them at the door, write the order into the ledger.

    `picked`: lines [L, 2 + C], pieces [P, 3], cases; `trucks`: capacity, and [T, 3] (verdict, check-in day, punctual).
    Returns what comes back [M, 4] (truck, SKU, production day, cases) and the number of lines that do not add up.
    """
    lines, pieces, _ = picked
    a, room, fleet = order.account, trucks[0], trucks[1]
    accepted = np.zeros(len(lines), np.int64)
    marks = marks_of(lines, order, terms)
    back = np.empty((len(pieces) + len(fleet), 4), np.int64)
    count = truck = 0
    left = room
    for p in range(len(pieces)):
        line, rest = pieces[p, LINE], pieces[p, AMOUNT]
        s = lines[line, SKU]
        while rest > 0:
            if left == 0:
                truck, left = truck + 1, room
            cases = min(rest, left)
            rest, left = rest - cases, left - cases
            cause = judge(pieces[p, BORN], line, fleet[truck], marks, terms.ages[1, a, s])
            if cause < 0:
                accepted[line] += cases
                terms.flow[ACCEPTED, s] += cases
                terms.flow[AWAY, s] -= cases
                continue
            lines[line, LOST + cause] += cases
            if cause == DAMAGED:
                terms.flow[DISPOSED, s] += cases
                terms.flow[AWAY, s] -= cases
            else:
                back[count, 0], back[count, 1], back[count, 2], back[count, 3] = truck, s, pieces[p, BORN], cases
                count += 1
    late = 0
    for n in range(len(fleet)):
        late += fleet[n, PUNCTUAL] == 0
    return back[:count], enter(lines, accepted, late == 0, (order, terms), ledger)


@njit(cache=True)
def enter(lines: Any, accepted: Any, punctual: Any, context: Any, ledger: Any) -> Any:
    """Add the order to the ledger; returns the number of lines where ordered is not accepted + lost."""
    order, terms = context
    a, w, wrong, full = order.account, order.week, 0, 0
    for n in range(len(lines)):
        s, ordered = lines[n, SKU], lines[n, ORDERED]
        told, least = accepted[n], accepted[n]
        for c in range(CAUSES):
            told, least = told + lines[n, LOST + c], min(least, lines[n, LOST + c])
        wrong += told != ordered or least < 0
        full += accepted[n] == ordered
        if w < 0:
            continue
        price = terms.prices[a, s]
        ledger.cases[a, w, 0] += ordered
        ledger.cases[a, w, 1] += accepted[n]
        ledger.value[a, w, 0] += ordered * price
        ledger.value[a, w, 1] += accepted[n] * price
        ledger.damaged[s] += lines[n, LOST + DAMAGED]
        for c in range(CAUSES):
            lost = lines[n, LOST + c]
            if lost > 0:
                ledger.lost[a, s, c] += lost
                ledger.value[a, w, 2 + c] += lost * price
    if w >= 0:
        ledger.counts[a, 0] += len(lines)
        ledger.counts[a, 1] += full
        ledger.counts[a, 2] += 1
        ledger.counts[a, 3] += full == len(lines)
        ledger.counts[a, 4] += full == len(lines) and punctual
    return wrong


@njit(cache=True)
def restock(lots: Any, back: Any, entry: Any, flow: Any) -> None:
    """Goods [M, 4] come back into free stock with their production dates; `entry` = (today, by date)."""
    for n in range(len(back)):
        s, made, cases = back[n, 1], back[n, 2], back[n, 3]
        put(lots, (s, made if entry[1] else entry[0], made), cases)
        flow[AWAY, s] -= cases


@njit(cache=True)
def midnight(lots: Any, day: Any, ages: Any, flow: Any) -> Any:
    """[4, S] write off what nobody accepts any more, then count the rest: cases, cases x age, what production counts.

    `ages` [2, S]: greatest age that is kept, greatest age that counts.
    """
    report = np.zeros((4, len(lots.ends)), np.int64)
    for s in range(len(lots.ends)):
        cells, ends = lots.cells[s], lots.ends[s]
        for i in range(ends[FIRST], ends[LAST]):
            age, cases = day - cells[i, MADE], cells[i, CASES]
            if age > ages[0, s]:
                report[WRITTEN_OFF, s] += cases
                flow[DISPOSED, s] += cases
                cells[i, CASES] = 0
                continue
            report[ON_HAND, s] += cases
            report[AGE_SUM, s] += cases * age
            if age <= ages[1, s]:
                report[COUNTED, s] += cases
        while ends[FIRST] < ends[LAST] and cells[ends[FIRST], CASES] == 0:
            ends[FIRST] += 1
    return report
