"""Orders by hand: what an order of one door gets of stock that lies there, through the product's own picking loop."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.fields import (
    AMOUNT,
    BORN,
    BY_DATE,
    CAUSE,
    LAST_DAY,
    LINES,
    LOSS_CASES,
    LOSSES,
    LOST,
    ORDERED,
    PIECES,
    SKU,
)
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops import lots, picking, slots
from kaopt.fulfilment.state import orders_of
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.shelves import begun

PLENTY = 10**6  # cases that the crews can pick
ROOM = {"warmup_weeks": 0}


def two(strict: float = 0.3, lenient: float = 0.9, weeks: int = 8, **given: Any) -> Scenario:
    """A strict account A1 and a lenient one A2, one SKU of 100 days of shelf life, 100 cases a week each."""
    columns = {"acceptance_age": [strict, lenient]} | given.pop("account_columns", {})
    supply = ROOM | given.pop("supply", {})
    sku = {"shelf_life": 100} | given.pop("sku_columns", {})
    return calm(2, 1, weeks, account_columns=columns, sku_columns=sku, supply=supply, **given)


def stocked(inputs: Inputs, *stock: tuple[int, int, int]) -> Any:
    """The first minute with these lots: day of entry, production day, cases."""
    state = begun(inputs)
    for entry, made, cases in stock:
        lots.put(state, (0, 0), (made if inputs.terms.place[0, BY_DATE] else entry, made), cases)
    return state


def world_with(world: Scenario, *stock: tuple[int, int, int]) -> Any:
    return stocked(ready(world), *stock)


def picked(state: Any, door: int, cases: int, day: int, n: int = 0) -> tuple[list[tuple[int, int]], dict[str, int]]:
    """Order, allocate and pick for the `n`-th delivery of a door, to be received on a day: pieces, cases by cause."""
    slot = slots.open_order(state, door, n)
    orders = orders_of(state)
    order, line = orders.order[slot], orders.line[slot, 0]
    order[LAST_DAY], order[LINES] = day, 1
    line[:] = 0
    line[SKU], line[ORDERED] = 0, cases
    picking.pick(state, slot, PLENTY)
    orders = orders_of(state)
    order, line = orders.order[slot], orders.line[slot, 0]
    pieces = [(int(one[BORN]), int(one[AMOUNT])) for one in orders.piece[slot, : order[PIECES]]]
    lost = {FINE_CAUSES[one[CAUSE]]: int(one[LOSS_CASES]) for one in orders.loss[slot, : order[LOSSES]]}
    assert sum(lost.values()) == line[LOST] == cases - sum(amount for _, amount in pieces)
    return pieces, lost
