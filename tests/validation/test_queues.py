"""Queues, fleets and lateness against closed forms: whole worlds lived through `replicate`, figures from its outcomes.

Every world is degenerate in the same way: one account calls off one case of one SKU at a time, at random (Poisson); a
truck holds one case; the warehouse picks round the clock, never runs out and never errs; the customer is open round the
clock and takes trucks at any time. What is not said to be short is there in abundance. Time is stretched so that a
minute is at most 0.1 % of every mean duration that counts: "an hour" is so many minutes of the clock as that takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import APPOINTMENT, ARRIVALS, AT_LOADING, AT_UNLOADING, CLOSE, LATE_TRIP, OPEN
from kaopt.fulfilment.loops import gates, pools
from kaopt.fulfilment.replicate import Outcome, live_block
from kaopt.fulfilment.state import pools_of
from kaopt.scenario.model import Scenario
from kaopt.statistics.interval import interval
from tests.fulfilment.helpers import calm, ready, z_score

LENGTH = WEEK * DAY  # minutes of a week
ALWAYS = 10**8  # minutes of grace of a customer who waits for ever


def stretched(each: float, weeks: tuple[int, int], account: dict[str, Any] | None = None, **supply: Any) -> Scenario:
    """A call-off every `each` minutes on average; `weeks` = warm-up, horizon."""
    rate = LENGTH / each
    column = {"call_offs": rate, "call_off_lead": 20_000, "travel_minutes": 60, "grace_minutes": ALWAYS}
    column |= {"dock_count": 500, "unload_minutes": 0} | (account or {})
    known = {"warmup_weeks": weeks[0], "shift_start": 0, "shift_end": DAY, "pick_rate": 1e6, "truck_cases": 1.0}
    known |= {"docks": 500, "load_minutes": 1000, "gate": False, "position": "all"} | supply
    sku = {"safety_weeks": 30.0, "shelf_life": 90_000}
    base = np.full((1, 1, weeks[1]), rate)
    return calm(1, 1, weeks[1], base_cases=base, account_columns=column, sku_columns=sku, supply=known)


def lived(world: Scenario, count: int) -> list[Outcome]:
    return live_block(ready(world), range(count))


def waits(outcomes: Sequence[Outcome], where: int) -> np.ndarray:
    """[R, 3] trucks, minutes waited, long waits at our docks or the customer's."""
    return np.array([one.waits[0, where : where + 3] for one in outcomes], dtype=float)


def agree(values: np.ndarray, exact: float) -> None:
    """Within four standard errors, which are narrow enough to tell: a few years are near, many are very near."""
    assert abs(z_score(values, exact)) <= 4
    assert abs(values.mean() / exact - 1) < (0.15 if len(values) <= 20 else 0.05)


THOROUGH = pytest.mark.thorough
FEW, MANY = 12, 150  # years


# docks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=THOROUGH)])
def test_case_1_three_loading_docks_are_an_m_m_3_queue(count: int) -> None:
    """Ten trucks an hour, loaded in a quarter of an hour, exponential, at three docks; an hour is 10 000 minutes.

    Mean wait C(3, 2.5) / (3 x 4 - 10) = 0.351124 h; longer than half an hour C exp(-1) = 0.258342; by Little's law
    3.511236 trucks wait.
    """
    hour, weeks = 10_000, 400
    rules = {"load_law": "exponential", "long_wait": hour // 2}
    world = stretched(hour / 10, (40, weeks), docks=3, load_minutes=hour // 4, transport=rules)
    found = waits(lived(world, count), AT_LOADING)
    agree(found[:, 1] / found[:, 0] / hour, 0.351124)
    agree(found[:, 2] / found[:, 0], 0.258342)
    agree(found[:, 1] / (weeks * LENGTH), 3.511236)


@pytest.mark.parametrize(
    ("where", "cv", "exact", "count"),
    [
        pytest.param(AT_UNLOADING, 0.0, 0.375, FEW, id="case 2: M/D/1 at the customer's"),
        pytest.param(AT_LOADING, 0.5, 0.46875, FEW, id="case 3: M/G/1 at our dock"),
        pytest.param(AT_LOADING, 0.0, 0.375, MANY, id="case 2: M/D/1 at our dock", marks=THOROUGH),
        pytest.param(AT_LOADING, 0.5, 0.46875, MANY, id="case 3: M/G/1 at our dock, many years", marks=THOROUGH),
        pytest.param(AT_UNLOADING, 0.5, 0.46875, MANY, id="case 3: M/G/1 at the customer's", marks=THOROUGH),
    ],
)
def test_one_dock_is_an_m_g_1_queue(where: int, cv: float, exact: float, count: int) -> None:
    """Three trucks an hour, a quarter of an hour each, fixed or lognormal; an hour is 4000 minutes.

    Pollaczek-Khinchine, (1 + cv^2) / 2 x rho D / (1 - rho): at our dock the loading time counts, at the customer's the
    unloading.
    """
    assert exact == pytest.approx((1 + cv**2) / 2 * 0.75 * 0.25 / 0.25)
    hour, years = 4000, (30, 300)
    world = stretched(hour / 3, years, docks=1, load_minutes=hour // 4, load_cv=cv)
    if where == AT_UNLOADING:
        dock = {"dock_count": 1, "unload_minutes": hour // 4}
        world = stretched(hour / 3, years, dock, transport={"unload_cv": cv})
    found = waits(lived(world, count), where)
    agree(found[:, 1] / found[:, 0] / hour, exact)


def test_other_suppliers_trucks_make_the_customers_dock_an_m_d_1_queue() -> None:
    """rho D / 2(1 - rho) = 0.375 h: what a truck that comes at any time finds before it, as arrivals at random do.

    A day is too short for a stretched queue, so that the gate is driven by hand: always open, one truck of others every
    20 000 minutes, each unloaded in 15 000.
    """
    hour = 60_000
    inputs = ready(calm(1, 1, 2, account_columns={"dock_count": 1, "unload_minutes": hour // 4}))
    inputs.terms.window[:, :, [OPEN, APPOINTMENT]], inputs.terms.window[:, :, CLOSE] = 0, 10**9
    inputs.terms.door_rate[0, ARRIVALS] = 3 * 60 / hour
    means = []
    for r in range(20):
        state, found = begin(inputs, r), []
        for n in range(1, 1500):
            now = n * hour * 2 // 3
            gates.meet(state, 0, 0, now)
            found.append((pools.start(pools_of(state).dock[0], 1, now) - now) / hour)
        means.append(float(np.mean(found[100:])))
    agree(np.array(means), 0.375)


# the fleet -----------------------------------------------------------------------------------------------------------


def erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


@pytest.mark.parametrize(
    ("law", "count"),
    [
        pytest.param({"trip_cv": 0.6}, FEW, id="lognormal"),
        pytest.param({"trip_cv": 0.6}, MANY, id="lognormal, many years", marks=THOROUGH),
        pytest.param({"trip_cv": 0.0}, MANY, id="fixed", marks=THOROUGH),
        pytest.param({"transport": {"trip_law": "exponential"}}, MANY, id="exponential", marks=THOROUGH),
    ],
)
def test_case_5_a_fleet_that_hires_is_erlang_loss(law: dict[str, Any], count: int) -> None:
    """Six trucks, four on the road on average: none at home with probability B(6, 4) = 0.117162, whatever the law.

    The customer wants each truck to the minute, so that one that is not at home when its loading is due is hired: 1000
    minutes of loading, 4000 there and 4000 back. One call-off in 2250 minutes.
    """
    assert erlang_b(6, 4.0) == pytest.approx(0.117162, abs=1e-6)
    account = {"travel_minutes": 4000, "grace_minutes": 0}
    rules = {"hire_price": 1.0} | law.get("transport", {})
    world = stretched(9000 / 4, (20, 300), account, trucks=6, **(law | {"transport": rules}))
    outcomes = lived(world, count)
    shares = np.array([one.hired[0] / one.waits[0, AT_LOADING] for one in outcomes])
    agree(shares, erlang_b(6, 4.0))


# lateness ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strange", "count"), [(0.25, 1), *(pytest.param(one, 20, marks=THOROUGH) for one in (0.0, 0.25, 1.0))]
)
def test_case_16_normal_delays_are_on_time_as_their_law_says(strange: float, count: int) -> None:
    """Within 30 minutes: N(10, 20) with 0.841345, N(45, 40) with 0.353830; a mixture of drivers is linear in them.

    A minute is 1000 of the clock. The trip of 200 hours has its mean delay of 10 in it, so that 20 remain, as grace
    after the planned minute; who does not know the customer is late by a further N(35, sqrt(1200)). Orders come every
    day for a fixed minute: refused when late, so that what is accepted is what was on time.
    """
    column = {"call_offs": 0.0, "order_days": ((1, 2, 3, 4, 5, 6, 7),), "window_open": 0, "window_close": 600}
    column |= {"travel_minutes": 200_000, "grace_minutes": 20_000}
    driver = {"unfamiliar": strange, "unfamiliar_minutes": 35_000, "unfamiliar_cv": 1200**0.5 / 35}
    supply = {"dispatch_slack": 0, "trip_cv": 0.1, "trucks": 20_000, "transport": {"trip_law": "normal"}} | driver
    outcomes = lived(stretched(DAY, (1, 1000), column, **supply), count)
    orders, exact = sum(int(one.counts[0, 2]) for one in outcomes), (1 - strange) * 0.841345 + strange * 0.353830
    late = sum(int(one.lost[0, 0, LATE_TRIP]) for one in outcomes)
    assert orders == count * 1000 * WEEK == sum(int(one.cases[..., 1].sum()) for one in outcomes) + late
    assert abs((1 - late / orders) - exact) <= 4 * np.sqrt(exact * (1 - exact) / orders)


# confidence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "experiments", [pytest.param(120, marks=pytest.mark.thorough), pytest.param(400, marks=pytest.mark.long)]
)
def test_case_18_intervals_cover_the_truth_as_often_as_they_say(experiments: int) -> None:
    """One dock that is busy four fifths of the time, an hour of 1000 minutes a truck: mean wait 4 h, ten years each."""
    weeks = 80
    world = stretched(1250, (40, weeks), docks=1, load_minutes=1000, transport={"load_law": "exponential"})
    found = waits(lived(world, 10 * experiments), AT_LOADING)
    means = (found[:, 1] / found[:, 0] / 1000).reshape(experiments, 10)
    intervals = [interval(row) for row in means]
    covered = np.mean([one.low <= 4 <= one.high for one in intervals])
    assert abs(covered - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / experiments)
    agree(means.ravel(), 4.0)
