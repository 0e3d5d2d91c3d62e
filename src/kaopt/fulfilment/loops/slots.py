"""Open orders: a slot for each, given back when its last case and its last truck are settled."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ASKED,
    CLOSE,
    DAY_OF,
    DOOR,
    DUE_DAY,
    MOMENT,
    MOMENT_OF,
    OPEN,
    OPEN_ORDERS,
    UNTIL,
    WEEK,
    WEEK_OF,
)
from kaopt.fulfilment.loops.hours import weekday
from kaopt.fulfilment.loops.lots import copy


@compiled
def longer(old: Any) -> Any:
    """The same rows in a table [n, ·] with room for twice as many."""
    new = np.zeros((2 * old.shape[0], old.shape[1]), np.int64)
    for n in range(old.shape[0]):
        copy(old, new, (n, n))
    return new


@compiled
def wider(old: Any, times: Any) -> Any:
    """The same figures in [slots, n, ·] with room for `times` = (slots, n) times as many."""
    new = np.zeros((times[0] * old.shape[0], times[1] * old.shape[1], old.shape[2]), np.int64)
    for slot in range(old.shape[0]):
        for n in range(old.shape[1]):
            copy(old[slot], new[slot], (n, n))
    return new


@compiled
def more_slots(state: Any) -> None:
    """Room for twice as many open orders."""
    state.order = longer(state.order)
    state.line, state.piece = wider(state.line, (2, 1)), wider(state.piece, (2, 1))
    state.loss = wider(state.loss, (2, 1))
    # all old slots are open, so that only new ones are free
    state.free = np.arange(state.order.shape[0])


@compiled
def more_pieces(state: Any, needed: Any) -> None:
    """Room for at least `needed` pieces in every order."""
    while state.piece.shape[1] < needed:
        state.piece = wider(state.piece, (1, 2))


@compiled
def more_losses(state: Any, needed: Any) -> None:
    """Room for at least `needed` losses in every order."""
    while state.loss.shape[1] < needed:
        state.loss = wider(state.loss, (1, 2))


@compiled
def more_follow(state: Any, needed: Any) -> None:
    """Room for at least `needed` follow-ups of one event."""
    while state.follow.shape[0] < needed:
        state.follow = longer(state.follow)


@compiled
def open_order(state: Any, d: Any, n: Any) -> Any:
    """A slot for the `n`-th delivery of a door."""
    if state.count[OPEN_ORDERS] == state.order.shape[0]:
        more_slots(state)
    slot = state.free[state.count[OPEN_ORDERS]]
    state.count[OPEN_ORDERS] += 1
    order, due = state.order[slot], state.due[d, n]
    for column in range(len(order)):
        order[column] = 0
    order[DOOR], order[DUE_DAY], order[WEEK] = d, due[DAY_OF], due[WEEK_OF]
    order[ASKED] = due[DAY_OF]
    if due[MOMENT_OF] != 0:
        for_moment(state, slot, due[MOMENT_OF])
    return slot


@compiled
def for_moment(state: Any, slot: Any, moment: Any) -> None:
    """The order is a call-off for a minute of the clock; where the customer has hours, for the window of its day."""
    order = state.order[slot]
    window = state.window[order[DOOR], weekday(state, order[DUE_DAY])]
    order[MOMENT] = moment
    order[UNTIL] = moment if window[OPEN] <= 0 and window[CLOSE] >= DAY - 1 else 0


@compiled
def occasion(order: Any) -> Any:
    """What tells an order from all others of its door, so that its luck is its own: its day, a call-off's minute."""
    return order[MOMENT] if order[MOMENT] != 0 else order[DUE_DAY]


@compiled
def close_order(state: Any, slot: Any) -> None:
    """The slot is free again."""
    state.count[OPEN_ORDERS] -= 1
    state.free[state.count[OPEN_ORDERS]] = slot
