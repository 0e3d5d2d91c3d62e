"""Booked pools: the same waits as a queue. Closed forms, through whole worlds: tests/validation/test_queues."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.pools import NEVER
from tests.fulfilment.helpers import unhurried


class Pool:
    """The product's heap of servers, with the number that are there."""

    def __init__(self, servers: int, since: int = -NEVER) -> None:
        self.row, self.size = np.full(servers, since, np.int64), servers

    def start(self, now: int) -> int:
        return int(pools.start(self.row, self.size, now))

    def keep(self, until: int) -> None:
        pools.keep(self.row, self.size, until)

    def take(self) -> None:
        self.size = pools.take(self.row, self.size)

    def give(self, until: int) -> None:
        self.size = pools.give(self.row, self.size, until)


jobs = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), min_size=1, max_size=40)


@unhurried
@given(jobs, st.integers(1, 4))
def test_booked_starts_are_those_of_a_simpy_resource(work: list[tuple[int, int]], servers: int) -> None:
    """Two independent computations of the same queue: booked ahead, and really queued for."""
    pool, now, booked = Pool(servers), 0, []
    for gap, service in work:
        now += gap
        booked.append(pool.start(now))
        pool.keep(booked[-1] + service)
    env, queued = simpy.Environment(), []
    resource = simpy.Resource(env, servers)

    def job(since: int, service: int) -> Generator[Any, Any, None]:
        yield env.timeout(since)
        with resource.request() as turn:
            yield turn
            queued.append((since, int(env.now)))
            yield env.timeout(service)

    now = 0
    for gap, service in work:
        now += gap
        env.process(job(now, service))
    env.run()
    # among those that came in the same minute SimPy and the pool may serve in another order
    assert sorted(booked) == sorted(start for _, start in queued)


@unhurried
@given(jobs, st.integers(1, 3))
def test_another_server_never_delays_anyone(work: list[tuple[int, int]], servers: int) -> None:
    few, more, now = Pool(servers), Pool(servers + 1), 0
    for gap, service in work:
        now += gap
        a, b = few.start(now), more.start(now)
        assert b <= a
        few.keep(a + service)
        more.keep(b + service)


def test_a_taken_server_is_away_until_it_is_given_back() -> None:
    pool = Pool(2, 0)
    pool.take()
    pool.take()
    assert pool.start(5) == NEVER
    pool.give(9)
    assert pool.start(5) == 9
    assert Pool(0).start(5) == NEVER
