"""When an order's trucks should arrive, so that it meets its delivery window."""

from __future__ import annotations

from math import erfc, exp, log, log1p, sqrt

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    ARRIVALS,
    DELAY_CV,
    DELAY_MEAN,
    DOCKS,
    EARLIEST,
    FROM_CLOSE,
    TRAVEL,
    TRIP_CV,
    UNFAMILIAR,
    UNLOAD,
    WAREHOUSE,
)
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.settings import Supply

NOON = DAY // 2
LAST_MINUTE = DAY - 1  # 24:00 belongs to the next day
DAYS = 400  # on which the queue at a dock is watched for its quantile
LEVELS = 400  # at which the law of a delay is read


def planned_arrival(opens: int, closes: int, supply: Supply) -> int:
    """Minute of the day: `dispatch_slack` before the window closes; noon at a door that receives all day."""
    if opens <= 0 and closes >= LAST_MINUTE:
        return NOON
    return max(opens, closes - supply.dispatch_slack)


def arrivals(supply: Supply, hours: Ints, doors: tuple[Ints, Floats, Ints], rates: Floats) -> Ints:
    """[D, 7] minute of the day at which an order's first truck should arrive, were its trip just the mean.

    `hours` [D, 7, 2]; `doors` = figures and rates of the doors, minutes of an appointment; `rates` of the warehouses.
    Window-aware: closing less the quantile of trip and delay beyond the mean trip, less the quantile of the queue at
    the dock, less the slack; before the opening only where trucks may wait there.
    """
    aims = np.array([[planned_arrival(int(o), int(c), supply) for o, c in week] for week in hours], dtype=np.int64)
    if supply.transport.dispatch == "fixed":
        return aims.reshape(hours.shape[:2])
    door, rate, slots = doors
    for d in range(len(door)):
        own = rates[door[d, WAREHOUSE]]
        if rate[d, FROM_CLOSE]:  # late by what the records say, whatever is planned
            own = np.where(np.arange(len(own)) == UNFAMILIAR, 0.0, own)
        trip = lateness(float(door[d, TRAVEL]), own, supply.transport.reliability)
        for day, (opens, closes) in enumerate(hours[d]):
            if opens <= 0 and closes >= LAST_MINUTE:
                continue
            wait = 0.0
            if rate[d, ARRIVALS] > 0 and slots[d] == 0:
                dock = int(door[d, DOCKS]), int(door[d, UNLOAD]), float(rate[d, ARRIVALS]) / 60
                wait = queue(dock, max(closes - trip, opens) - opens, supply.transport.reliability)
            soonest = opens if door[d, EARLIEST] >= 0 else opens - DAY
            aims[d, day] = max(soonest, closes - np.ceil(trip + wait) - supply.transport.slack)
    return aims


def lateness(travel: float, rates: Floats, level: float) -> float:
    """Minutes beyond the mean trip that a share `level` of all trips with their delays do not exceed.

    A trip is lognormal; with the chance of an unfamiliar driver a lognormal delay comes on top, whose law is read at
    the midpoints of `LEVELS` equal parts. The quantile is found by bisection of the mixture's distribution function.
    """
    chance, mean, cv = rates[UNFAMILIAR], rates[DELAY_MEAN], rates[DELAY_CV]
    spread = sqrt(log1p(rates[TRIP_CV] ** 2))
    law = sqrt(log1p(cv**2))
    delays = [mean * exp(law * luck.quantile((i + 0.5) / LEVELS) - law * law / 2) for i in range(LEVELS)]

    def trip_within(minutes: float) -> float:
        if spread == 0 or travel == 0:
            return float(minutes >= travel)
        return _normal((log(minutes / travel) + spread * spread / 2) / spread) if minutes > 0 else 0.0

    def within(minutes: float) -> float:
        late = sum(trip_within(minutes - one) for one in delays) / LEVELS if chance > 0 else 0.0
        return float((1 - chance) * trip_within(minutes) + chance * late)

    low, high = 0.0, travel + mean + 1
    while within(high) < level and high < 100 * DAY:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if within(middle) >= level else (middle, high)
    return float(high - travel)


def _normal(x: float) -> float:
    """Distribution function of the standard normal."""
    return 0.5 * erfc(-x / sqrt(2))


def queue(dock: tuple[int, int, float], minutes: float, level: float) -> float:
    """Minutes of waiting, `minutes` after the opening, that are not exceeded on a share `level` of days.

    `dock` = docks, minutes of an unloading, trucks of others a minute. By keyed luck: `DAYS` days of a queue with
    Poisson arrivals that begins empty.
    """
    docks, unload, rate = dock
    key, waits = np.uint64(luck.name_key("queue at a dock")), []
    for day in range(DAYS):
        free, now, n = [0.0] * docks, 0.0, 0
        while True:
            now += luck.exponential(key, np.uint64(day), n) / rate
            if now > minutes:
                break
            first = free.index(min(free))
            free[first] = max(free[first], now) + unload
            n += 1
        waits.append(max(min(free) - minutes, 0.0))
    return float(np.quantile(waits, level))
