"""When an order's trucks should arrive, so that it meets its delivery window."""

from __future__ import annotations

from collections.abc import Callable
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
Unloading = Callable[[int, int], float]
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
        trip = lateness(float(door[d, TRAVEL]), own, supply.transport.reliability, supply.transport.trip_law)
        for day, (opens, closes) in enumerate(hours[d]):
            if opens <= 0 and closes >= LAST_MINUTE:
                continue
            wait = 0.0
            if rate[d, ARRIVALS] > 0 and slots[d] == 0:
                dock = int(door[d, DOCKS]), unloads(door[d], supply), float(rate[d, ARRIVALS]) / 60
                wait = queue(dock, max(closes - trip, opens) - opens, supply.transport.reliability)
            soonest = opens if door[d, EARLIEST] >= 0 else opens - DAY
            aims[d, day] = max(soonest, closes - np.ceil(trip + wait) - supply.transport.slack)
    return aims


def lateness(travel: float, rates: Floats, level: float, law: str = "lognormal") -> float:
    """Minutes beyond the mean trip that a share `level` of all trips with their delays do not exceed.

    With the chance of an unfamiliar driver a delay of the same law comes on top of the trip, whose law is read at the
    midpoints of `LEVELS` equal parts. The quantile is found by bisection of the mixture's distribution function.
    """
    chance, mean, cv = rates[UNFAMILIAR], rates[DELAY_MEAN], rates[DELAY_CV]
    delays = [mean * factor_at((i + 0.5) / LEVELS, cv, law) for i in range(LEVELS)]

    def trip_within(minutes: float) -> float:
        return factor_within(minutes / travel, rates[TRIP_CV], law) if travel > 0 else float(minutes >= 0)

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


def factor_at(level: float, cv: float, law: str) -> float:
    """Quantile of a duration over its mean."""
    if law == "exponential":
        return -log(1 - level)
    z = luck.quantile(level)
    if law == "normal":
        return float(1 + cv * z)
    spread = sqrt(log1p(cv * cv))
    return exp(spread * z - spread * spread / 2)


def factor_within(ratio: float, cv: float, law: str) -> float:
    """The chance that a duration is at most so many times its mean."""
    if law == "exponential":
        return 1 - exp(-max(ratio, 0.0))
    spread = sqrt(log1p(cv * cv))
    if spread == 0:
        return float(ratio >= 1)
    if law == "normal":
        return _normal((ratio - 1) / cv)
    return _normal((log(ratio) + spread * spread / 2) / spread) if ratio > 0 else 0.0


def _normal(x: float) -> float:
    """Distribution function of the standard normal."""
    return 0.5 * erfc(-x / sqrt(2))


def unloads(door: Ints, supply: Supply) -> Unloading:
    """Minutes of the n-th unloading of a day at a door, by the law of the settings."""
    mean, rules = float(door[UNLOAD]), supply.transport
    if rules.unload_cv == 0 and rules.unload_law != "exponential":
        return lambda day, n: mean
    key, law = np.uint64(luck.name_key("unloading at a dock")), luck.LAWS.index(rules.unload_law)
    return lambda day, n: max(mean * luck.factor(law, key, np.uint64(day), n, rules.unload_cv), 0.0)


def queue(dock: tuple[int, Unloading, float], minutes: float, level: float) -> float:
    """Minutes of waiting, `minutes` after the opening, that are not exceeded on a share `level` of days.

    `dock` = docks, minutes of an unloading by day and number, trucks of others a minute. By keyed luck: `DAYS` days of
    a queue with Poisson arrivals that begins empty.
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
            free[first] = max(free[first], now) + unload(day, n)
            n += 1
        waits.append(max(min(free) - minutes, 0.0))
    return float(np.quantile(waits, level))
