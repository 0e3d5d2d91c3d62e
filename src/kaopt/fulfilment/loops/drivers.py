"""How well the driver of a trip knows the customer: by his visits, as long as he stays."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    DRIVERS,
    FIRST_DRIVER,
    LEARNING,
    NAME,
    ROSTER_FROM,
    STRANGE,
    TRAINING,
    TURNOVER,
    WAREHOUSE,
)


@compiled
def strangeness(state: Any, d: Any, day: Any, cell: Any) -> Any:
    """The chance that the driver of a trip does not know the door's procedure; the trip is a visit more.

    unfamiliar x (1 - learning)^visits. Luck says who drives among those who go there.
    """
    door = state.door[d]
    p = door[WAREHOUSE]
    rates = state.place_rate[p]
    turn = luck.uniform(state.keys[luck.ROSTER], state.door_key[d], cell)
    n = door[FIRST_DRIVER] + floor(turn * door[DRIVERS])
    visits = state.visits[n]
    if rates[TURNOVER] > 0:
        replace(state, p, n, day // WEEK)
    chance = state.door_rate[d, STRANGE] * (1.0 - rates[LEARNING]) ** visits[d]
    visits[d] += 1
    return chance


@compiled
def replace(state: Any, p: Any, n: Any, week: Any) -> None:
    """Until this week the driver may have left: whoever took over knows what training taught."""
    visits, doors, place = state.visits[n], state.visits.shape[1] - 1, state.place[p]
    who = np.uint64(place[NAME] + n - place[ROSTER_FROM])
    for one in range(visits[doors] + 1, week + 1):
        if luck.uniform(state.keys[luck.TURNOVER], who, one) < state.place_rate[p, TURNOVER]:
            for d in range(doors):
                visits[d] = place[TRAINING]
    visits[doors] = max(visits[doors], week)
