# mypy: disable-error-code="misc, no-untyped-call, call-arg, var-annotated, unreachable"
"""The state of one replication, passed to the loops by reference: every array of `nouns` is a field of it.

A field that held a whole noun would have to count references to all of its arrays at every reading, which costs half
of the time; and a plain tuple of fifty arrays costs microseconds at every call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import typeof
from numba.core import types
from numba.experimental import structref

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.nouns import Goods, Ledger, Luck, Orders, Pools, Terms

COUNTERS = 4


@structref.register
class StateType(types.StructRef):
    """Numba's type of a state."""


class State(structref.StructRefProxy):
    """One replication: passed to the loops by reference, which costs next to nothing."""


structref.define_boxing(StateType, State)


def _empty() -> tuple[Any, ...]:
    """Parts with nothing in them: they fix the types, so that the machine code on disk fits every scenario."""
    ints = [np.zeros((0,) * n, np.int64) for n in range(5)]
    floats = [np.zeros((0,) * n) for n in range(4)]
    keys = [np.zeros((0,) * n, np.uint64) for n in range(3)]
    terms = Terms(
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
    )
    goods = Goods(ints[4], ints[3], ints[2], ints[2], ints[2], ints[3], ints[3], ints[3], ints[2], ints[2], ints[1])
    pools = Pools(ints[1], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2], ints[2])
    orders = Orders(*(ints[n] for n in (3, 2, 2, 3, 3, 3, 1, 2, 4, 2, 1, 2, 2, 2, 2)))
    fined = (floats[3], floats[2], ints[2], floats[2])
    ledger = Ledger(floats[3], *(ints[n] for n in (3, 3, 2, 1, 2)), *fined, *(ints[n] for n in (2, 3, 1)), ints[1])
    return terms, Luck(keys[1], keys[1], keys[1], keys[2]), goods, pools, orders, ledger


EMPTY = _empty()
_TYPE = StateType(
    [(name, typeof(field)) for part in EMPTY for name, field in zip(part._fields, part, strict=True)]
    + [("count", typeof(np.zeros(0, np.int64)))]
)


@compiled
def set_terms(state: Any, terms: Any) -> None:
    """Field by field."""
    state.span = terms.span
    state.door = terms.door
    state.window = terms.window
    state.due = terms.due
    state.share = terms.share
    state.place = terms.place
    state.place_rate = terms.place_rate
    state.account_rate = terms.account_rate
    state.age = terms.age
    state.price = terms.price
    state.sku = terms.sku
    state.sku_rate = terms.sku_rate
    state.plant = terms.plant
    state.plant_rate = terms.plant_rate
    state.lane = terms.lane
    state.makes = terms.makes
    state.forecast = terms.forecast
    state.buffer = terms.buffer
    state.account = terms.account
    state.by_cause = terms.by_cause
    state.fine = terms.fine
    state.promo = terms.promo
    state.door_rate = terms.door_rate
    state.serving = terms.serving
    state.rung = terms.rung
    state.rung_rate = terms.rung_rate
    state.guard_age = terms.guard_age
    state.guard_level = terms.guard_level
    state.peg_age = terms.peg_age
    state.peg_week = terms.peg_week
    state.pegged = terms.pegged


@compiled
def set_orders(state: Any, luck: Any, orders: Any) -> None:
    """Field by field."""
    state.keys = luck.keys
    state.door_key = luck.door_key
    state.sku_key = luck.sku_key
    state.line_key = luck.line_key
    state.wanted = orders.wanted
    state.volume = orders.volume
    state.order = orders.order
    state.line = orders.line
    state.piece = orders.piece
    state.loss = orders.loss
    state.free = orders.free
    state.follow = orders.follow
    state.split = orders.split
    state.split_count = orders.split_count
    state.split_week = orders.split_week
    state.newest = orders.newest
    state.credit = orders.credit
    state.owing = orders.owing
    state.held = orders.held


@compiled
def set_rest(state: Any, goods: Any, pools: Any, ledger: Any) -> None:
    """Field by field."""
    state.cells = goods.cells
    state.ends = goods.ends
    state.batch = goods.batch
    state.coming = goods.coming
    state.flow = goods.flow
    state.peg = goods.peg
    state.report = goods.report
    state.days = goods.days
    state.works = goods.works
    state.output = goods.output
    state.outside = goods.outside
    state.crew = pools.crew
    state.gate = pools.gate
    state.truck = pools.truck
    state.size = pools.size
    state.loading = pools.loading
    state.busy = pools.busy
    state.dock = pools.dock
    state.crowd = pools.crowd
    state.visits = pools.visits
    state.value = ledger.value
    state.cases = ledger.cases
    state.lost = ledger.lost
    state.counts = ledger.counts
    state.damaged = ledger.damaged
    state.aged = ledger.aged
    state.fines = ledger.fines
    state.cash = ledger.cash
    state.later = ledger.later
    state.later_value = ledger.later_value
    state.tried = ledger.tried
    state.shelf = ledger.shelf
    state.unsold = ledger.unsold
    state.hired = ledger.hired


@compiled
def state_of(parts: Any) -> Any:
    """A state of terms, luck, goods, pools, orders and ledger."""
    terms, luck, goods, pools, orders, ledger = parts
    state = structref.new(_TYPE)
    state.count = np.zeros(COUNTERS, np.int64)
    set_terms(state, terms)
    set_orders(state, luck, orders)
    set_rest(state, goods, pools, ledger)
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
    )


@compiled
def count_of(state: Any) -> Any:
    """The counters of a state, for reading from Python."""
    return state.count
