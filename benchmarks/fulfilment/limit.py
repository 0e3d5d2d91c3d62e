"""The limit: the same loops as the product, with a compiled clock in place of SimPy.

It must leave behind the same figures bit by bit, so that what SimPy costs is known, and nothing else.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import FIRST_DAY, TRUCK_HOME, WEEKS, WHAT, WHEN, WHICH
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.backorders import again
from kaopt.fulfilment.loops.calls import call, calls_of
from kaopt.fulfilment.loops.nights import midnight, release
from kaopt.fulfilment.loops.plants import review
from kaopt.fulfilment.loops.receipt import TRY_AGAIN, come_home, ship

RETURNS, MIDNIGHT, ORDERS, LOADING, AGAIN = range(2, 7)
TIES = 2**32


def live(inputs: Inputs, replication: int) -> Any:
    """One year; returns the state."""
    state = begin(inputs, replication)
    run(state)
    return state


@compiled
def run(state: Any) -> Any:
    """The clock: events by minute, phase, tie and turn. Returns how many there were."""
    first, until = state.span[FIRST_DAY], state.span[WEEKS] * WEEK * DAY
    calls = [calls_of(state, d) for d in range(len(state.door))]
    turn = 0
    # minute, phase and tie, turn, kind, door or order, number or truck
    events = [(first * DAY, MIDNIGHT * TIES, turn, MIDNIGHT, 0, 0)]
    for d in range(len(calls)):
        turn += 1
        if len(calls[d]) > 0:
            heappush(events, (calls[d][0][0], ORDERS * TIES + d, turn, ORDERS, d, 0))
    done = 0
    while len(events) > 0 and events[0][0] < until:
        minute, _, _, kind, who, number = heappop(events)
        done += 1
        if kind == MIDNIGHT:
            midnight(state, minute // DAY)
            if review(state, minute // DAY):
                release(state, minute // DAY)
            turn += 1
            heappush(events, (minute + DAY, MIDNIGHT * TIES, turn, MIDNIGHT, 0, 0))
        elif kind == ORDERS:
            slot, load_at = call(state, who, calls[who][number][1], minute)
            if slot >= 0:
                turn += 1
                heappush(events, (load_at, LOADING * TIES + who, turn, LOADING, slot, who))
            if number + 1 < len(calls[who]):
                turn += 1
                heappush(events, (calls[who][number + 1][0], ORDERS * TIES + who, turn, ORDERS, who, number + 1))
        elif kind == AGAIN:
            turn += 1
            heappush(events, (again(state, who, minute), LOADING * TIES + number, turn, LOADING, who, number))
        elif kind == LOADING:
            for n in range(ship(state, who, minute)):
                turn += 1
                slot, truck = state.follow[n, WHICH], state.follow[n, TRUCK_HOME]
                if state.follow[n, WHAT] == TRY_AGAIN:
                    heappush(events, (state.follow[n, WHEN], ORDERS * TIES - 1, turn, AGAIN, slot, truck))
                else:
                    heappush(events, (state.follow[n, WHEN], RETURNS * TIES + slot, turn, RETURNS, slot, truck))
        else:
            come_home(state, who, number, minute // DAY)
    return done
