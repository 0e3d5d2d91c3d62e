# mypy: disable-error-code="misc"
"""The arrays of the nouns handed over to a state, field by field."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled


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
    state.shut = terms.shut
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
    state.level = terms.level
    state.level_week = terms.level_week


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
def set_goods(state: Any, goods: Any, pools: Any) -> None:
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
    state.book = goods.book
    state.crew = pools.crew
    state.gate = pools.gate
    state.truck = pools.truck
    state.size = pools.size
    state.loading = pools.loading
    state.busy = pools.busy
    state.dock = pools.dock
    state.crowd = pools.crowd
    state.visits = pools.visits


@compiled
def set_ledger(state: Any, ledger: Any) -> None:
    """Field by field."""
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
    state.blamed = ledger.blamed
    state.returned = ledger.returned
    state.dwell = ledger.dwell
    state.trace = ledger.trace
    state.waited = ledger.waited
    state.met = ledger.met
    state.weekly = ledger.weekly
    state.missed = ledger.missed
    state.waits = ledger.waits
