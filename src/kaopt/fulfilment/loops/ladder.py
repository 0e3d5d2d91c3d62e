"""Aged stock at midnight: each step of the ladder takes what is older than its age, as much as it can sell or move."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import CASES, DISPOSED_CASES, FIRST, LAST, MADE
from kaopt.fulfilment.loops.trace import CLEARED, note


@compiled
def step_of(rungs: Any, age: Any) -> Any:
    """The last step whose age is passed, -1 before the first; `rungs` [R] in days."""
    r = -1
    while r + 1 < len(rungs) and age > rungs[r + 1]:
        r += 1
    return r


@compiled
def clear(state: Any, p: Any, day: Any) -> None:
    """One night in one warehouse, before old stock is scrapped and the rest is counted."""
    steps = state.rung.shape[1]
    room = np.zeros(steps, np.int64)
    for s in range(len(state.rung)):
        cells, ends, rungs = state.cells[p, s], state.ends[p, s], state.rung[s]
        for r in range(steps):  # parts of a case add up over the days
            room[r] = floor((day + 1) * state.rung_rate[s, r]) - floor(day * state.rung_rate[s, r])
        for i in range(ends[FIRST], ends[LAST]):
            r = step_of(rungs, day - cells[i, MADE])
            if r >= 0:
                cases = min(cells[i, CASES], room[r])
                room[r] -= cases
                cells[i, CASES] -= cases
                if cases > 0:
                    note(state, day * DAY, CLEARED, (p, day), (p * 0 + s, cells[i, MADE], cases, r))
                state.flow[DISPOSED_CASES, s] += cases
                state.aged[r, s] += cases * (day >= 0)
