# mypy: disable-error-code="misc, no-untyped-call, call-arg, var-annotated, unreachable"
"""The state of one replication, passed to the loops by reference: every array of `nouns` is a field of it.

A field that held a whole noun would have to count references to all of its arrays at every reading, which costs half
of the time; and a plain tuple of fifty arrays costs microseconds at every call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import typeof
from numba.experimental import structref

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.hand_over import set_goods, set_ledger, set_orders, set_terms
from kaopt.fulfilment.lent import Lent, StateType
from kaopt.fulfilment.nouns import Goods, Ledger, Luck, Orders, Pools, Terms

COUNTERS = 5
FAR = (2, 3, 1, 1, 3, 2, 2, 2, 1, 2, 3, 2, 2)  # dimensions of the ledger's last fields


def _no_terms(ints: list[Any], floats: list[Any]) -> Terms:
    """Terms with nothing in them, from arrays by their number of dimensions."""
    return Terms(
        span=ints[1],
        door=ints[2],
        window=ints[3],
        due=ints[3],
        share=floats[3],
        place=ints[2],
        place_rate=floats[2],
        account_rate=floats[2],
        age=ints[3],
        price=floats[2],
        sku=ints[2],
        sku_rate=floats[2],
        plant=ints[2],
        plant_rate=floats[2],
        lane=ints[2],
        makes=ints[1],
        shut=ints[2],
        forecast=floats[3],
        buffer=floats[3],
        account=ints[2],
        by_cause=floats[3],
        fine=floats[2],
        promo=ints[3],
        serving=ints[2],
        rung=ints[2],
        rung_rate=floats[2],
        guard_age=ints[2],
        guard_level=ints[4],
        peg_age=ints[1],
        peg_week=ints[3],
        pegged=ints[3],
        door_rate=floats[2],
        level=floats[2],
        level_week=ints[2],
    )


def _empty() -> tuple[Any, ...]:
    """Parts with nothing in them: they fix the types, so that the machine code on disk fits every scenario."""
    ints = [np.zeros((0,) * n, np.int64) for n in range(5)]
    floats = [np.zeros((0,) * n) for n in range(4)]
    keys = [np.zeros((0,) * n, np.uint64) for n in range(3)]
    goods = Goods(*(ints[n] for n in (4, 3, 2, 2, 2, 3, 3, 3, 2, 2, 1, 2)))
    pools = Pools(ints[1], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2])
    orders = Orders(*(ints[n] for n in (3, 2, 2, 3, 3, 3, 1, 2, 4, 2, 1, 2, 2, 2, 2)))
    fined = (floats[3], floats[2], ints[2], floats[2])
    near: list[Any] = [ints[n] for n in (3, 3, 2, 1, 2)]
    ledger = Ledger(floats[3], *near, *fined, *(ints[n] for n in FAR))
    return _no_terms(ints, floats), Luck(keys[1], keys[1], keys[1], keys[2]), goods, pools, orders, ledger


EMPTY = _empty()
_OWNER = StateType(
    [(name, typeof(field)) for part in EMPTY for name, field in zip(part._fields, part, strict=True)]
    + [("count", typeof(np.zeros(0, np.int64)))]
)
TYPE = Lent(_OWNER)


@compiled
def state_of(parts: Any) -> Any:
    """A state of terms, luck, goods, pools, orders and ledger."""
    terms, luck, goods, pools, orders, ledger = parts
    state = structref.new(_OWNER)
    state.count = np.zeros(COUNTERS, np.int64)
    set_terms(state, terms)
    set_orders(state, luck, orders)
    set_goods(state, goods, pools)
    set_ledger(state, ledger)
    return state


@compiled
def goods_of(state: Any) -> Any:
    """The goods of a state, for reading from Python."""
    return Goods(
        state.cells,
        state.ends,
        state.batch,
        state.coming,
        state.flow,
        state.peg,
        state.report,
        state.days,
        state.works,
        state.output,
        state.outside,
        state.book,
    )


@compiled
def pools_of(state: Any) -> Any:
    """The pools of a state, for reading from Python."""
    return Pools(
        state.crew,
        state.gate,
        state.truck,
        state.size,
        state.loading,
        state.busy,
        state.dock,
        state.crowd,
        state.visits,
    )


@compiled
def orders_of(state: Any) -> Any:
    """The orders of a state, for reading from Python."""
    return Orders(
        state.wanted,
        state.volume,
        state.order,
        state.line,
        state.piece,
        state.loss,
        state.free,
        state.follow,
        state.split,
        state.split_count,
        state.split_week,
        state.newest,
        state.credit,
        state.owing,
        state.held,
    )


@compiled
def ledger_of(state: Any) -> Any:
    """The ledger of a state, for reading from Python."""
    return Ledger(
        state.value,
        state.cases,
        state.lost,
        state.counts,
        state.damaged,
        state.aged,
        state.fines,
        state.cash,
        state.later,
        state.later_value,
        state.tried,
        state.shelf,
        state.unsold,
        state.hired,
        state.blamed,
        state.returned,
        state.dwell,
        state.trace,
        state.waited,
        state.met,
        state.weekly,
        state.missed,
        state.waits,
    )


@compiled
def count_of(state: Any) -> Any:
    """The counters of a state, for reading from Python."""
    return state.count
