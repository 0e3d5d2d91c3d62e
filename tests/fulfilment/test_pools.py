"""Booked pools: the same waits as a queue, and the closed forms of queueing theory.

The queues are driven by the product's own pool and luck on a SimPy clock; times are whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import exp, log1p, sqrt
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.loops import pools
from kaopt.fulfilment.loops.pools import NEVER
from tests.fulfilment.helpers import unhurried, z_score

HOUR = 3_600_000
Service = Callable[[Any, int], float]


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


def waits(
    replication: int, servers: int, rate: float, service: Callable[[Any, int], float], customers: int
) -> np.ndarray:
    """[customers] hours of waiting in a queue with Poisson arrivals; the first fifth is warm-up and cut."""
    keys = luck.keys_of(2027, replication)
    env, pool, waited = simpy.Environment(0), Pool(servers, 0), np.zeros(customers)

    def arrivals() -> Generator[Any, Any, None]:
        for n in range(customers):
            yield env.timeout(round(HOUR * luck.exponential(keys[luck.RELEASE], 1, n) / rate))
            start = pool.start(env.now)
            pool.keep(start + round(HOUR * service(keys[luck.LOAD], n)))
            waited[n] = (start - env.now) / HOUR

    env.process(arrivals())
    env.run()
    return waited[customers // 5 :]


QUARTER = 0.25  # hours


def exponential_service(key: Any, n: int) -> float:
    return QUARTER * float(luck.exponential(key, 2, n))


def fixed_service(key: Any, n: int) -> float:
    return QUARTER


def lognormal_service(key: Any, n: int) -> float:
    return QUARTER * float(luck.lognormal(key, 2, n, 0.5))


@pytest.mark.parametrize(
    ("servers", "rate", "service", "exact"),
    [
        # M/M/3: Erlang C(3, 2.5) / (3 x 4 - 10)
        (3, 10.0, exponential_service, 0.351124),
        # M/D/1: rho D / 2(1 - rho)
        (1, 3.0, fixed_service, 0.375),
        # M/G/1, Pollaczek-Khinchine with cv 0.5: (1 + cv^2) / 2 x rho D / (1 - rho)
        (1, 3.0, lognormal_service, 0.46875),
    ],
    ids=["M/M/3", "M/D/1", "M/G/1"],
)
def test_mean_waits_are_the_closed_forms(servers: int, rate: float, service: Any, exact: float) -> None:
    means = [waits(r, servers, rate, service, 4000).mean() for r in range(30)]
    assert abs(z_score(means, exact)) <= 4
    assert abs(np.mean(means) / exact - 1) < 0.12  # the check has power: the interval is narrow


def test_waits_over_half_an_hour_in_m_m_3() -> None:
    """P(wait > t) = C(3, 2.5) exp(-(3 x 4 - 10) t) = 0.258342 for t = 0.5 h."""
    assert pytest.approx(0.258342, abs=1e-6) == 0.702247 * exp(-1)
    shares = [(waits(r, 3, 10.0, exponential_service, 4000) > 0.5).mean() for r in range(30)]
    assert abs(z_score(shares, 0.258342)) <= 4


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def test_a_fleet_without_a_queue_is_erlang_loss() -> None:
    """Six trucks, four on the road on average, lognormal trips: no truck with probability B(6, 4) = 0.117162."""
    assert erlang_b(6, 4.0) == pytest.approx(0.117162, abs=1e-6)
    blocked = []
    for r in range(20):
        keys, pool, now, misses = luck.keys_of(5, r), Pool(6, 0), 0, 0
        for n in range(5000):
            now += round(HOUR * luck.exponential(keys[luck.RELEASE], 1, n))
            if pool.start(now) > now:
                misses += n >= 500
            else:
                pool.keep(now + round(4 * HOUR * luck.lognormal(keys[luck.TRIP], 1, n, 0.6)))
        blocked.append(misses / 4500)
    assert abs(z_score(blocked, erlang_b(6, 4.0))) <= 4


def test_the_spread_of_a_lognormal_is_the_one_the_closed_form_uses() -> None:
    assert sqrt(exp(log1p(0.5**2)) - 1) == pytest.approx(0.5)
