"""One account, its door and the yard of the warehouse, to the minute: the product's own loops driven by hand.

A window from 08:30 to 10:30, 72 minutes away; planned arrival 09:30, so the truck leaves at 08:18 (minute 498) and its
loading of 36 minutes should begin at 07:42 (minute 462).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    AMOUNT,
    AWAY,
    BORN,
    DUE_DAY,
    LAST_DAY,
    LEAVE,
    LINES,
    OPENING_CASES,
    ORDERED,
    PICKED,
    PIECES,
    WEEK,
)
from kaopt.fulfilment.loops import lots, slots, trips
from kaopt.fulfilment.state import goods_of, orders_of, pools_of
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.shelves import begun

WINDOW = {"window_open": 510, "window_close": 630, "travel_minutes": 72, "unload_minutes": 30, "dock_count": 1}
DEPARTS, LOAD_AT = 498, 462
DUE = 3
TODAY = DUE * DAY  # midnight of the delivery day


def yard(account: dict[str, Any] | None = None, network: Any = None, **supply: Any) -> Any:
    """A state in which nothing is booked and nothing is in stock."""
    given = {} if network is None else {"network": network}
    supply = {"load_minutes": 36, **supply}
    return begun(ready(calm(1, 1, 4, account_columns={**WINDOW, **(account or {})}, supply=supply, **given)))


def stocked(state: Any, cases: int) -> Any:
    """One lot, made the day before the delivery day."""
    lots.put(state, (0, 0), (DUE - 1, DUE - 1), cases)
    goods_of(state).flow[OPENING_CASES, 0] += cases
    return state


def an_order(state: Any, cases: int = 1000, week: int = 0, picked: bool = False) -> int:
    """An order of one line; `picked`: its goods, made the day before, are on the loading dock."""
    slot, orders = int(slots.open_order(state, 0, 0)), orders_of(state)
    order = orders.order[slot]
    order[[DUE_DAY, LAST_DAY, WEEK]] = DUE, DUE, week
    order[[LEAVE, LINES]] = TODAY + DEPARTS, 1
    orders.line[slot, 0] = 0
    orders.line[slot, 0, ORDERED] = cases
    if picked:
        orders.piece[slot, 0, :] = 0
        orders.piece[slot, 0, [BORN, AMOUNT]] = DUE - 1, cases
        order[[PICKED, PIECES]] = cases, 1
        goods_of(state).flow[[AWAY, OPENING_CASES], 0] += cases
    return slot


def book(state: Any, pool: int, until: int) -> None:
    """Every loading dock (0) or truck (1) is busy until then."""
    row, size = (pools_of(state).gate, pools_of(state).truck)[pool][0], pools_of(state).size[pool, 0]
    row[:size] = TODAY + until


def at_home(state: Any) -> list[int]:
    """When the trucks that are not away are free, earliest first; minutes of the delivery day."""
    found = pools_of(state)
    return sorted((found.truck[0, : found.size[trips.TRUCK_POOL, 0]] - TODAY).tolist())


def occupy(state: Any, *until: int) -> np.ndarray:
    """Docks of the customer that are free at these minutes of the delivery day; returns the pool."""
    row = pools_of(state).dock[0]
    for n, one in enumerate(sorted(until)):
        row[n] = TODAY + one
    return np.asarray(row)


def trip(arrive: int, back: int = 80, waited: int = 0, sent: int = trips.OWN) -> np.ndarray:
    """A truck on its way; minutes of the delivery day."""
    return np.array([TODAY + arrive, back, waited, sent, 0, 0], dtype=np.int64)
