"""One year lived through: SimPy keeps the clock; every account orders, the warehouse makes, picks, loads and sends."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from kaopt.errors import ContradictionError
from kaopt.fulfilment import delivery, kernels, luck, production, stock
from kaopt.fulfilment.calendar import DAY, WEEK, Due
from kaopt.fulfilment.docking import midnight
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.policies.dispatch import call_day, leave_minute
from kaopt.fulfilment.policies.issuing import by_date
from kaopt.fulfilment.year import LOADING, MIDNIGHT, ORDERS, RETURNS, Year, at, begin, moment
from kaopt.scenario.columns import Ints

CALL_HOUR = 60  # orders come in over the hour before the pickers' shift, in an order that luck decides
Process = Generator[simpy.Event, Any, None]


def live_through(inputs: Inputs, replication: int) -> Year:
    """Live one year and prove that no case was lost count of."""
    year = begin(inputs, replication)
    year.env.process(warehouse(year))
    for a in range(len(inputs.due)):
        year.env.process(customer(year, a))
    year.env.run(until=inputs.weeks * WEEK * DAY)
    stock.prove_balance(year.lots, year.quarantine, year.terms.flow)
    return year


def warehouse(year: Year) -> Process:
    """Every midnight: lots leave quarantine, old stock is written off, stock is counted; once a week goods are made."""
    inputs = year.inputs
    for day in range(inputs.first_day, inputs.weeks * WEEK):
        yield moment(year.env, day * DAY, MIDNIGHT)
        release(year, day)
        report = midnight(year.lots, day, inputs.kept, year.terms.flow)
        if day >= 0:
            year.stock_days += report
        if (day - inputs.review_offset) % WEEK == 0:
            cases = production.order(inputs, day, report[kernels.COUNTED] + year.quarantine)
            skus = np.flatnonzero(cases)
            year.made.append((day + inputs.supply.lead_days, day, skus, cases[skus]))
            year.quarantine += cases
            year.terms.flow[kernels.MADE_CASES] += cases
            release(year, day)


def release(year: Year, day: int) -> None:
    """Lots whose lead time is over become free stock."""
    while year.made and year.made[0][0] <= day:
        _, born, skus, cases = year.made.popleft()
        rank = born if by_date(year.inputs.supply.issue) else day
        year.lots = stock.bring_in(year.lots, skus, (rank, born), cases)
        year.quarantine[skus] -= cases


def customer(year: Year, a: int) -> Process:
    """An account orders for each of its delivery days, on the day before the goods are loaded."""
    inputs, door, most = year.inputs, year.inputs.doors[a], year.inputs.parts[a] * year.inputs.truck_room
    key, who = year.terms.keys[luck.RELEASE], year.terms.account_keys[a]
    timetable: dict[int, tuple[int, int]] = {}  # by number of trucks: see `call_day` and `leave_minute`
    for due in inputs.due[a]:
        volume = year.volume[a][due.week + inputs.warmup]
        if volume == 0:
            continue
        trucks = -(-volume // most)
        if trucks not in timetable:
            timetable[trucks] = call_day(door, inputs.supply, trucks), leave_minute(door, inputs.supply, trucks)
        day, leave = timetable[trucks]
        call = inputs.supply.shift_start - CALL_HOUR + int(CALL_HOUR * luck.uniform(key, who, due.day))
        minute = (due.day + day) * DAY + call
        yield moment(year.env, max(minute, year.now), ORDERS)
        serve(year, a, due, (due.day * DAY + leave, trucks))


def serve(year: Year, a: int, due: Due, planned: tuple[int, int]) -> None:
    """An order comes in: reserve the docks, allocate stock and pick.

    `planned`: the minute of departure and the number of trucks.
    """
    inputs = year.inputs
    load_at = delivery.load_slot(year, *planned)
    start, capacity = delivery.pick_room(year, load_at)
    last_day = due.day + inputs.doors[a].last // DAY
    order = stock.Order(a, due.day, due.week, due.part, inputs.parts[a], last_day, capacity, planned[0])
    picked = kernels.pick(year.lots, year.terms, year.wanted[a, due.week + inputs.warmup], order)
    if len(picked[0]):
        delivery.book_pick(year, start, order, picked)
        at(year.env, load_at, LOADING, lambda: ship(year, order, picked))


def ship(year: Year, order: stock.Order, picked: delivery.Picked) -> None:
    """Load, drive, receive; what is refused comes home."""
    back, homes, wrong = delivery.send(year, order, picked)
    if wrong:
        raise ContradictionError(f"{wrong} lines of account {order.account + 1}, day {order.day}, do not add up")
    for truck in set(back[:, 0].tolist()) if len(back) else ():
        come_home(year, back[back[:, 0] == truck], homes[truck])


def come_home(year: Year, goods: Ints, minute: int) -> None:
    """Refused goods keep their production dates and are free stock again from that minute on."""
    entry = (minute // DAY, by_date(year.inputs.supply.issue))

    def enter() -> None:
        year.lots = stock.bring_back(year.lots, goods, entry, year.terms.flow)

    at(year.env, minute, RETURNS, enter)
