"""How goods leave the warehouse and who drives them. Settings under `supply.transport`."""

from __future__ import annotations

from typing import Literal

from kaopt.scenario.kinds import Clock, Count, Days, Effect, Minutes, Money, Share
from kaopt.scenario.section import Section


class Drivers(Section):
    """Who drives, and how well they know the customers."""

    count: Count = 0  # drivers of each warehouse who get to know customers; 0: every trip is `unfamiliar` by chance
    rule: Literal["pool", "dedicated"] = "pool"  # anybody drives anywhere; every receiving point has its own drivers
    learning: Share = 0.3  # each visit takes this share off the chance that the driver does not know the procedure
    training: Count = 0  # visits that the training of a new driver is worth
    turnover: Share = 0.0  # share of the drivers who leave in a year; a new one knows what training taught
    home_by: Clock | None = None  # no own truck goes that is not expected home by then, that day; empty: any time


Law = Literal["lognormal", "normal", "exponential"]  # normal: cut off at 0; exponential: its cv is 1, whatever is said


class Transport(Section):
    """When trucks leave, how full, what the fleet may hire, and how loading, trips and unloading vary."""

    # fixed: planned to arrive `dispatch_slack` before the window closes; window_aware: as late as is safe
    dispatch: Literal["fixed", "window_aware"] = "fixed"
    reliability: Share = 0.95  # window_aware: share of the trips, and of the queues at the dock, that are allowed for
    slack: Minutes = 0  # window_aware: minutes in reserve beyond that
    full: Share = 0.0  # an order waits for the door's next delivery until a truck is so full; 0: none waits
    wait_days: Days = 7  # and no longer than this
    orders_minutes: Minutes = 60  # orders of a day come in over so many minutes, from an hour before the shift on
    cut_off: Clock | None = None  # an order that comes in later is picked from the next day's shift on
    waves: Count = 0  # times a day at which picking starts, evenly over the shift; 0: at once
    hire_price: Money | None = None  # money for a hired truck where the own fleet cannot be in time; empty: none
    load_law: Law = "lognormal"  # of loading times with mean `load_minutes` and `load_cv`
    trip_law: Law = "lognormal"  # of trips with `trip_cv`, and of the delay of a driver who does not know the customer
    unload_law: Law = "lognormal"  # of unloading times with mean `unload_minutes` and `unload_cv`
    unload_cv: Effect = 0.0  # coefficient of variation of an unloading time; 0: always the mean
    long_wait: Minutes = 30  # trucks that wait longer for a dock are counted: the time for which carriers wait unpaid
    drivers: Drivers = Drivers()  # see supply.transport.drivers
