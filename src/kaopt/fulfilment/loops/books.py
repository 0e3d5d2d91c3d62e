"""What is written down about an order when its last case is settled."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCOUNT,
    ALL_LINES,
    ALL_ORDERS,
    CAUSE,
    DOOR,
    FULL_LINES,
    FULL_ORDERS,
    LATE,
    LATER_LINES,
    LATER_ORDERS,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    LOST,
    ON_REQUEST,
    ORDERED,
    OTIF_ORDERS,
    SKU,
    TRIES,
    WEEK,
    WRONG_LINES,
)
from kaopt.fulfilment.loops.profile import blame
from kaopt.fulfilment.loops.weekly import count_week


@compiled
def enter(state: Any, slot: Any) -> None:
    """Add an order to the ledger; lines where ordered is not accepted + lost are counted as wrong."""
    order, lines = state.order[slot], state.line[slot]
    a, w, full = state.door[order[DOOR], ACCOUNT], order[WEEK], 0
    cases, value, prices, wrong = state.cases[a, max(w, 0)], state.value[a, max(w, 0)], state.price[a], 0
    asked, came, asked_value, came_value = cases[0], cases[1], value[0], value[1]  # numbers: memory is slow to add to
    for n in range(order[LINES]):
        ordered, accepted, failed = lines[n, ORDERED], lines[n, ACCEPTED], lines[n, LOST]
        price = prices[lines[n, SKU]]
        wrong += accepted + failed != ordered or min(accepted, failed) < 0
        full += accepted == ordered
        asked += ordered
        came += accepted
        asked_value += ordered * price
        came_value += accepted * price
    state.count[WRONG_LINES] += wrong
    if w < 0:
        return
    cases[0], cases[1], value[0], value[1] = asked, came, asked_value, came_value
    for k in range(order[LOSSES]):
        loss = state.loss[slot, k]
        s = lines[loss[LOSS_LINE], SKU]
        state.lost[a, s, loss[CAUSE]] += loss[LOSS_CASES]
        value[2 + loss[CAUSE]] += loss[LOSS_CASES] * prices[s]
    counts = state.counts[a]
    counts[ALL_LINES] += order[LINES]
    counts[FULL_LINES] += full
    counts[ALL_ORDERS] += 1
    counts[FULL_ORDERS] += full == order[LINES]
    counts[OTIF_ORDERS] += full == order[LINES] and order[LATE] == 0 and order[TRIES] == 0
    if full < order[LINES] or order[LATE] > 0 or order[TRIES] > 0:
        blame(state, slot, a)
    if order[TRIES] > 0:
        count_later(state, slot, full == order[LINES])
    if state.weekly.shape[0] > 0:
        count_week(state, slot)


@compiled
def count_later(state: Any, slot: Any, full: Any) -> None:
    """What was accepted on a later delivery than was asked for; `full`: all of the order was in the end."""
    order, lines = state.order[slot], state.line[slot]
    a, w = state.door[order[DOOR], ACCOUNT], order[WEEK]
    for n in range(order[LINES]):
        line = lines[n]
        cases = line[ACCEPTED] - line[ON_REQUEST]
        state.later[a, w] += cases
        state.later_value[a, w] += cases * state.price[a, line[SKU]]
        state.tried[a, LATER_LINES] += cases > 0 and line[ACCEPTED] == line[ORDERED]
    state.tried[a, LATER_ORDERS] += full
