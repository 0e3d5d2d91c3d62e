"""What `supply.transport` says, as columns that the loops read; the same in every warehouse."""

from __future__ import annotations

import numpy as np

from kaopt.fulfilment.calendar import WEEK
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.settings import Supply

YEAR = 365


def moved(supply: Supply, place: Ints, rates: Floats) -> tuple[Ints, Floats]:
    """The warehouses [P, ·] with the columns of their transport behind the others."""
    one = supply.transport
    whole = (
        one.drivers.count,
        one.drivers.training,
        -1 if one.cut_off is None else one.cut_off,
        one.waves,
        one.orders_minutes,
        one.wait_days,
        int(one.hire_price is not None),
    )
    leaves = 1 - (1 - one.drivers.turnover) ** (WEEK / YEAR)
    shares = (one.drivers.learning, leaves, one.full)
    count = len(place)
    return (
        np.hstack([place, np.tile(np.array(whole, np.int64), (count, 1))]),
        np.hstack([rates, np.tile(np.array(shares), (count, 1))]),
    )
