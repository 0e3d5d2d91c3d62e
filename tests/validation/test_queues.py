"""Queues and fleets against closed forms, through the product's own docks, trucks and luck.

The world is stretched so that a minute is at most 0.1 % of the mean duration: a quarter of an hour becomes 15 000
minutes, three trucks an hour three in a thousand hours, and days, windows and departures put no limit. M/M/3 with its
tail, on the same pools and luck: `tests/fulfilment/test_pools.py`.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import APPOINTMENT, ARRIVALS, CLOSE, DOCKS, DUE_DAY, LEAVE, OPEN, PICKED, TRAVEL, UNLOAD
from kaopt.fulfilment.loops import gates, pools, slots, trips
from kaopt.fulfilment.state import ledger_of, orders_of, pools_of
from kaopt.scenario.transport_settings import Transport
from tests.fulfilment.helpers import calm, ready, z_score

QUARTER = 15_000  # minutes: a quarter of an hour, stretched
HOUR = 4 * QUARTER
LONG = 10**9


def stretched(close: int, door: dict[int, float] | None = None, **supply: Any) -> Any:
    """The first minute of a world whose door is always open until `close`; `door`: further figures of it."""
    inputs = ready(calm(1, 1, 2, supply={"warmup_weeks": 0, "truck_cases": 1.0, **supply}))
    window, row, rate = (one.copy() for one in (inputs.terms.window, inputs.terms.door, inputs.terms.door_rate))
    window[:, :, [OPEN, APPOINTMENT]], window[:, :, CLOSE] = 0, close
    for name, figure in (door or {}).items():
        row[0, name] = int(figure)
    rate[0, ARRIVALS] = 0.0
    return inputs, inputs.terms._replace(window=window, door=row, door_rate=rate)


def begun(world: Any, replication: int) -> Any:
    inputs, terms = world
    return begin(replace(inputs, terms=terms), replication)


def a_truck(state: Any, n: int, leave: int) -> int:
    """One truckload that is due on a day of its own, so that its luck is its own."""
    slot = int(slots.open_order(state, 0, 0))
    orders_of(state).order[slot, [DUE_DAY, LEAVE, PICKED]] = n, leave, 1
    return slot


# the customer's dock: other suppliers' trucks, each unloaded in the same time -----------------------------------------


@pytest.mark.parametrize(
    ("docks", "rate", "exact"),
    [(1, 3.0, 0.375), (1, 2.0, 0.125)],
    ids=["M/D/1 rho 0.75", "M/D/1 rho 0.5"],
)
def test_the_customers_dock_is_an_m_d_1_queue(docks: int, rate: float, exact: float) -> None:
    """rho D / 2(1 - rho) hours: what a truck that comes at any time finds before it, as arrivals at random do."""
    assert exact == pytest.approx(rate / 4 * 0.25 / (2 * (1 - rate / 4)))
    inputs, terms = stretched(LONG, {DOCKS: docks, UNLOAD: QUARTER})
    terms.door_rate[0, ARRIVALS] = rate * 60 / HOUR
    means = []
    for r in range(30):
        state, waits = begun((inputs, terms), r), []
        for n in range(1, 2000):
            now = n * HOUR // 3 * 2
            gates.meet(state, 0, 0, now)
            waits.append((pools.start(pools_of(state).dock[0], docks, now) - now) / HOUR)
        means.append(float(np.mean(waits[100:])))
    assert abs(z_score(means, exact)) <= 4
    assert abs(np.mean(means) / exact - 1) < 0.1  # the check has power: the interval is narrow


# our loading docks: lognormal loading times --------------------------------------------------------------------------


def test_the_loading_dock_is_an_m_g_1_queue() -> None:
    """Pollaczek-Khinchine with rho 0.75 and cv 0.5: (1 + cv^2) / 2 x rho D / (1 - rho) = 0.46875 hours."""
    world = stretched(LONG, docks=1, trucks=10_000, load_minutes=QUARTER, load_cv=0.5)
    means = []
    for r in range(30):
        state, keys, now, waits = begun(world, r), luck.keys_of(77, r), 0, np.zeros(3000)
        trip = np.zeros(6, np.int64)
        for n in range(3000):
            now += floor(HOUR / 3 * luck.exponential(keys[luck.RELEASE], np.uint64(1), n) + 0.5)
            slot = a_truck(state, n, -LONG)
            trips.load(state, slot, (0, now), trip)
            waits[n] = trip[trips.WAITED] / HOUR
            slots.close_order(state, slot)
        means.append(float(waits[300:].mean()))
    assert abs(z_score(means, 0.46875)) <= 4
    assert abs(np.mean(means) / 0.46875 - 1) < 0.1


# the fleet: whoever finds no truck at home hires one -----------------------------------------------------------------


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def test_a_fleet_that_hires_is_erlang_loss() -> None:
    """Six trucks, four on the road on average, lognormal trips: a truck is hired with probability B(6, 4) = 0.117162.

    Each order must leave at once: the gate closes a mean trip later. A trip of mean 2000 minutes out and as much back,
    one order in 1000 minutes.
    """
    assert erlang_b(6, 4.0) == pytest.approx(0.117162, abs=1e-6)
    supply = {"trucks": 6, "docks": 500, "load_minutes": 0, "trip_cv": 0.6, "transport": Transport(hire_price=1.0)}
    inputs, terms = stretched(0, {DOCKS: 500, UNLOAD: 0, TRAVEL: 2000}, **supply)
    terms.window[0, :, OPEN] = -LONG
    shares = []
    for r in range(20):
        state, keys, now = begun((inputs, terms), r), luck.keys_of(78, r), 0
        first = 0
        for n in range(4000):
            now += floor(1000 * luck.exponential(keys[luck.RELEASE], np.uint64(1), n) + 0.5)
            terms.window[0, :, CLOSE] = now + 2000 - n * DAY
            slot = a_truck(state, n, now)
            trips.send(state, slot, now)
            slots.close_order(state, slot)
            if n == 399:
                first = int(ledger_of(state).hired[0])
        shares.append((int(ledger_of(state).hired[0]) - first) / 3600)
    assert abs(z_score(shares, erlang_b(6, 4.0))) <= 4
    assert abs(np.mean(shares) / erlang_b(6, 4.0) - 1) < 0.1
