"""The limit: the same loops as the product, with a compiled clock in place of SimPy.

It must leave behind the same figures bit by bit, so that what SimPy costs is known, and nothing else.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from numba import njit

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import FIRST_DAY, TRUCK_HOME, WEEKS, WHEN, WHICH
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.calls import call, calls_of
from kaopt.fulfilment.loops.nights import midnight, release
from kaopt.fulfilment.loops.plants import review
from kaopt.fulfilment.loops.receipt import come_home, ship

RETURNS, MIDNIGHT, ORDERS, LOADING = range(2, 6)
TIES = 2**32


def live(inputs: Inputs, replication: int) -> Any:
    """One year; returns the state."""
    state = begin(inputs, replication)
    run(state)
    return state


@njit(cache=True)
def run(state: Any) -> int:
    """The clock: events by minute, phase, tie and turn. Returns how many there were."""
    first, until = state.span[FIRST_DAY], state.span[WEEKS] * WEEK * DAY
    calls = [calls_of(state, d) for d in range(len(state.door))]
    turn = 0
    # minute, phase and tie, turn, door or order, number or truck
    events = [(first * DAY, MIDNIGHT * TIES, turn, 0, 0)]
    for d in range(len(calls)):
        turn += 1
        if len(calls[d]) > 0:
            heappush(events, (calls[d][0][0], ORDERS * TIES + d, turn, d, 0))
    done = 0
    while len(events) > 0 and events[0][0] < until:
        minute, key, _, who, number = heappop(events)
        done += 1
        phase = key // TIES
        if phase == MIDNIGHT:
            day = minute // DAY
            midnight(state, day)
            if review(state, day):
                release(state, day)
            turn += 1
            heappush(events, (minute + DAY, MIDNIGHT * TIES, turn, 0, 0))
        elif phase == ORDERS:
            slot, load_at = call(state, who, calls[who][number][1], minute)
            if slot >= 0:
                turn += 1
                heappush(events, (load_at, LOADING * TIES + who, turn, slot, 0))
            if number + 1 < len(calls[who]):
                turn += 1
                heappush(events, (calls[who][number + 1][0], ORDERS * TIES + who, turn, who, number + 1))
        elif phase == LOADING:
            for n in range(ship(state, who, minute)):
                turn += 1
                slot, truck = state.follow[n, WHICH], state.follow[n, TRUCK_HOME]
                heappush(events, (state.follow[n, WHEN], RETURNS * TIES + slot, turn, slot, truck))
        else:
            come_home(state, who, number, minute // DAY)
    return done
