"""One year lived through: SimPy keeps the clock; every door orders, the warehouses make, pick, load and send.

What happens in a moment is a compiled loop; when it happens is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import numpy as np
import simpy
from simpy.events import EventPriority

from kaopt.errors import ContradictionError
from kaopt.fulfilment import luck
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import STANDING, TRUCK_HOME, WHAT, WHEN, WHICH, WRONG_LINES
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops import backorders, calls, nights, receipt
from kaopt.fulfilment.state import orders_of
from kaopt.fulfilment.view import review
from kaopt.fulfilment.year import Year, prove_balance

Process = Generator[simpy.Event, Any, None]
# what happens first among things of the same minute; SimPy's own events have 0 and 1
RETURNS, MIDNIGHT, ORDERS, LOADING = range(2, 6)
TIES = 2**32  # within a phase, by door or by order


def live_through(inputs: Inputs, replication: int, *, ties: int | None = None) -> Year:
    """Live one year and prove that no case was lost count of.

    `ties`: doors and orders of the same minute and phase take their turns by this luck instead of by number.
    """
    env = simpy.Environment(inputs.first_day * DAY)
    year = Year(inputs, begin(inputs, replication), env, ties)
    env.process(warehouse(year))
    for d in range(len(inputs.terms.door)):
        env.process(customer(year, d))
    env.run(until=inputs.weeks * WEEK * DAY)
    if year.counters[WRONG_LINES]:
        raise ContradictionError(f"{year.counters[WRONG_LINES]} order lines do not add up")
    prove_balance(year.goods)
    return year


def live_traced(inputs: Inputs, replication: int) -> Year:
    """The same year with every event written down; conservation of goods is proven after each of them."""
    env = simpy.Environment(inputs.first_day * DAY)
    year = Year(inputs, begin(inputs, replication, traced=True), env)
    env.process(warehouse(year))
    for d in range(len(inputs.terms.door)):
        env.process(customer(year, d))
    while env.peek() < inputs.weeks * WEEK * DAY:
        env.step()
        prove_balance(year.goods)
        if year.counters[WRONG_LINES] or not isinstance(env.now, int):
            raise ContradictionError(f"an event at minute {env.now} does not add up")
    return year


def moment(year: Year, minute: int, phase: int, tie: int = 0) -> simpy.Event:
    """The event of a minute; at equal times the lower phase comes first, then the lower tie."""
    env, event = year.env, simpy.Event(year.env)
    event._ok, event._value = True, None
    if year.ties is not None and tie >= 0:
        tie = int(luck.bits(np.uint64(year.ties), np.uint64(tie), minute) >> np.uint64(32))
    env.schedule(event, EventPriority(phase * TIES + tie), minute - env.now)
    return event


def at(year: Year, minute: int, phase: tuple[int, int], act: Callable[[Any], None]) -> None:
    """Let something happen in a minute; a third of the cost of a process that would only wait once."""
    callbacks = moment(year, minute, *phase).callbacks
    assert callbacks is not None  # the event is fresh
    callbacks.append(act)


def warehouse(year: Year) -> Process:
    """Every midnight: batches become free, old stock is written off, stock is counted; once a week goods are made."""
    state, standing = year.state, bool(year.inputs.terms.account[:, STANDING].any())
    for day in range(year.inputs.first_day, year.inputs.weeks * WEEK):
        yield moment(year, day * DAY, MIDNIGHT)
        nights.midnight(state, day)
        if review(year, day):
            nights.release(state, day)
        if standing:
            for then in backorders.wake(state, day):
                at(year, then[0], (ORDERS, -1), partial(again, year, then))


def customer(year: Year, d: int) -> Process:
    """A door orders for each of its deliveries, on the day before the goods are loaded."""
    state = year.state
    for minute, n in calls.calls_of(state, d):
        yield moment(year, minute, ORDERS, d)
        slot, load_at = calls.call(state, d, n, minute)
        if slot >= 0:
            at(year, load_at, (LOADING, d), partial(ship, year, (load_at, slot)))


def ship(year: Year, what: tuple[int, int], _: simpy.Event) -> None:
    """Load, drive, receive; what is refused comes home. `what` = (minute, order)."""
    minute, slot = what
    count = receipt.ship(year.state, slot, minute)
    if count:
        for follow in orders_of(year.state).follow[:count].tolist():
            then = follow[WHEN], follow[WHICH], follow[TRUCK_HOME]
            if follow[WHAT] == receipt.TRY_AGAIN:
                at(year, then[0], (ORDERS, -1), partial(again, year, then))
            else:
                at(year, then[0], (RETURNS, then[1]), partial(come_home, year, then))


def come_home(year: Year, what: tuple[int, int, int], _: simpy.Event) -> None:
    """Refused goods keep their production dates and are free stock again; `what` = (minute, order, truck)."""
    minute, slot, truck = what
    receipt.come_home(year.state, slot, truck, minute // DAY)


def again(year: Year, what: tuple[int, int, int], _: simpy.Event) -> None:
    """What failed is tried again, before the day's new orders; `what` = (minute, order, door)."""
    minute, slot, d = what
    load_at = backorders.again(year.state, slot, minute)
    at(year, load_at, (LOADING, d), partial(ship, year, (load_at, slot)))
