"""Customers who call goods off at random: the process, the orders, the moment for which they are wanted."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.call_offs import call_offs, dated
from kaopt.fulfilment.fields import (
    ALL_ORDERS,
    ARRIVALS,
    CALL_OFFS,
    DAY_OF,
    LATE_TRIP,
    MOMENT_OF,
    OTIF_ORDERS,
    TRACED,
    WEEK_OF,
)
from kaopt.fulfilment.loops.call_offs import moments
from kaopt.fulfilment.loops.trace import CHECKED_IN, KIND_OF, MINUTE, ORDERED_LINE, TRIED_AGAIN
from kaopt.fulfilment.nouns import Luck
from kaopt.fulfilment.world import live_traced
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.receiving import Receiving
from kaopt.scenario.sites import Calendars
from tests.fulfilment.helpers import calm, fill, live, lost, ready, unhurried
from tests.fulfilment.test_doors import points
from tests.worlds import table

LENGTH = WEEK * DAY
KEY = np.uint64(77)


def random(rate: float = 20.0, cases: float = 20.0, account: dict[str, Any] | None = None, **given: Any) -> Scenario:
    """One customer, open round the clock, whose trucks of one case never queue; nothing runs out."""
    supply = {
        "shift_start": 0,
        "shift_end": DAY,
        "pick_rate": 1e6,
        "truck_cases": 1.0,
        "docks": 500,
        "load_minutes": 30,
    }
    columns = {"call_offs": rate, "call_off_lead": 1000, "travel_minutes": 60, "dock_count": 500} | (account or {})
    skus, weeks = given.pop("skus", 1), given.pop("weeks", 8)
    sku = {"safety_weeks": 3.0} | given.pop("sku", {})
    base = np.full((1, skus, weeks), cases)
    supply |= given.pop("supply", {})
    return calm(1, skus, weeks, base_cases=base, account_columns=columns, sku_columns=sku, supply=supply, **given)


# the process ---------------------------------------------------------------------------------------------------------


@unhurried
@given(st.floats(0.1, 60), st.integers(-9, 0), st.integers(1, 20))
def test_a_week_has_its_own_luck(rate: float, first: int, weeks: int) -> None:
    whole = moments(KEY, np.uint64(1), rate, (first, first + weeks))
    parts = [moments(KEY, np.uint64(1), rate, (week, week + 1)) for week in range(first, first + weeks)]
    assert whole.tolist() == np.concatenate(parts).tolist() == sorted(whole)
    assert all(week <= one / LENGTH < week + 1 for week, part in enumerate(parts, first) for one in part)


def test_moments_are_a_poisson_process() -> None:
    """Counts of weeks by chi-square against the Poisson law, moments within a week by Kolmogorov-Smirnov: uniform."""
    found = moments(KEY, np.uint64(2), 3.0, (0, 8000))
    counts = np.bincount(np.bincount(found // LENGTH, minlength=8000), minlength=12)
    law = stats.poisson.pmf(np.arange(10), 3.0)
    expected = 8000 * np.append(law, 1 - law.sum())
    assert stats.chisquare(np.append(counts[:10], counts[10:].sum()), expected).pvalue > 1e-4
    assert stats.kstest(found % LENGTH / LENGTH, "uniform").pvalue > 1e-4


def called(world: Scenario, replication: int = 0) -> list[np.ndarray]:
    """By door: its deliveries in a replication as day, week, moment."""
    inputs = ready(world)
    keys = luck.keys_of(inputs.seed, replication)
    found = call_offs(inputs, Luck(keys, inputs.names.door, inputs.names.sku, inputs.names.line))
    return [due[share[:, 1] > share[:, 0]] for due, share in zip(found.due, found.share, strict=True)]


def told(world: Scenario, kind: int) -> list[int]:
    """The minutes at which something of a kind happened."""
    year = live_traced(ready(world), 0)
    rows = year.ledger.trace[: year.counters[TRACED]]
    return [int(row[MINUTE]) for row in rows if row[KIND_OF] == kind]


# orders --------------------------------------------------------------------------------------------------------------


def test_a_customer_of_as_many_cases_as_call_offs_orders_case_by_case() -> None:
    """Unit Poisson demand: as many cases as orders, week by week."""
    world = random(7.5, 7.5)
    year, (due,) = live(world), called(world)
    assert np.bincount(due[:, WEEK_OF] + 8, minlength=16).tolist() == year.orders.wanted[0, :, 0].tolist()
    assert year.ledger.cases[0, :, 0].tolist() == year.orders.wanted[0, 8:, 0].tolist()
    assert year.ledger.counts[0, ALL_ORDERS] == year.ledger.cases[0, :, 0].sum() > 0
    assert fill(year) == 1.0


@pytest.mark.parametrize(("rate", "cases"), [(4.0, 20.0), (0.4, 20.0), (12.0, 3.0)])
def test_every_call_off_is_for_the_demand_between_two(rate: float, cases: float) -> None:
    """A week sells as many times cases / rate as there are call-offs in it, but for the rounding to whole cases."""
    world = random(rate, cases, skus=3, weeks=60)
    wanted, (due,) = live(world).orders.wanted[0], called(world)
    counts = np.bincount(due[:, WEEK_OF] + 8, minlength=68)
    assert (np.abs(wanted - counts[:, None] * cases / rate) < 1).all()
    assert (wanted[counts == 0] == 0).all()


def test_an_order_is_called_so_long_before_its_moment() -> None:
    """Loaded half an hour and driven an hour just in time, it is at the gate in the minute for which it is wanted."""
    world = random(5.0, 5.0)
    (due,) = called(world)
    moment = due[:, MOMENT_OF]
    assert told(world, ORDERED_LINE) == (moment - 1000).tolist()
    assert sorted(told(world, CHECKED_IN)) == moment.tolist()
    assert told(random(5.0, 5.0, supply={"load_minutes": 45}), CHECKED_IN) == told(world, CHECKED_IN)


def test_a_truck_is_late_after_the_moment_and_its_grace() -> None:
    """A trip of 60 minutes, lognormal: within grace with the chance of its law."""
    late = lost(live(random(70.0, 70.0, {"grace_minutes": 20}, weeks=60, supply={"trip_cv": 0.4})))[LATE_TRIP]
    spread = np.sqrt(np.log1p(0.4**2))
    exact = stats.lognorm(s=spread, scale=60 * np.exp(-(spread**2) / 2)).sf(80.5)  # whole minutes
    assert abs(late - exact) <= 4 * np.sqrt(exact * (1 - exact) / (70 * 60))


def test_who_has_hours_is_served_in_the_next_window() -> None:
    """What is wanted after 10:30 comes in the window of the next day, as planned orders do: an hour before closing."""
    hours = {"window_open": 510, "window_close": 630, "call_off_lead": 2 * DAY, "dock_count": 100}
    world = random(5.0, 5.0, hours)
    (due,), year = called(world), live(world)
    clock, day = due[:, MOMENT_OF] % DAY, due[:, MOMENT_OF] // DAY
    assert (due[:, DAY_OF] == day).all() and (clock <= 630).all()
    assert (clock < 5).sum() > len(clock) / 3  # wanted from the next midnight on, each in a minute of its own
    assert fill(year) == 1.0 and year.ledger.counts[0, OTIF_ORDERS] == year.ledger.counts[0, ALL_ORDERS]
    assert {one % DAY for one in told(world, CHECKED_IN)} == {570}


def test_closed_days_are_waited_for() -> None:
    shut = table(Calendars, 1, who=("A1",), first=(date(2027, 1, 6),), last=(date(2027, 1, 8),))
    world = random(30.0, 30.0, network=Network(calendars=shut), weeks=2)
    (due,) = called(world)
    first = due[due[:, DAY_OF] >= 0]
    assert not {2, 3, 4} & set(first[:, DAY_OF].tolist()) and (first[:, DAY_OF] == 5).sum() > 8
    assert (first[:, MOMENT_OF] // DAY == first[:, DAY_OF]).all()
    assert len(set(due[:, MOMENT_OF].tolist())) == len(due)  # each has luck of its own
    assert fill(live(world)) == 1.0


@unhurried
@given(st.lists(st.integers(-3 * DAY, 20 * DAY), min_size=1, max_size=30), st.booleans())
def test_moments_are_never_the_same_and_never_early(minutes: list[int], hours: bool) -> None:
    window = {"window_open": 510, "window_close": 630} if hours else {}
    terms = ready(random(5.0, 5.0, window, weeks=4)).terms
    days, at = dated(terms, 0, np.sort(np.array(minutes)))
    assert (np.diff(at) > 0).all() and (at >= np.sort(minutes)).all() and 0 not in at.tolist()
    assert (np.diff(days) >= 0).all()


# with everything else ------------------------------------------------------------------------------------------------


def test_an_account_that_calls_off_changes_nobody_elses_luck() -> None:
    """Keyed by name: the other account's orders and trips are what they were, to the case."""
    columns = {"call_off_lead": 1000, "window_open": 480, "window_close": 720}
    supply = {"trip_cv": 0.4, "unfamiliar": 0.2}
    one, other = (
        live(calm(2, 3, 8, account_columns=columns | {"call_offs": [rate, 0.0]}, supply=supply)) for rate in (0.0, 9.0)
    )
    assert (one.orders.wanted[1] == other.orders.wanted[1]).all()
    assert (one.ledger.cases[1] == other.ledger.cases[1]).all() and (one.ledger.lost[1] == other.ledger.lost[1]).all()
    assert (one.orders.wanted[0] != other.orders.wanted[0]).any()


def test_doors_share_the_call_offs_of_their_account() -> None:
    network = Network(doors=points({"door": "A", "share": 0.25}, {"door": "B", "share": 0.75}))
    world = random(40.0, 40.0, network=network, weeks=60)
    a, b = called(world)
    assert ready(world).terms.door_rate[:, [ARRIVALS, CALL_OFFS]].tolist() == [[0.0, 10.0], [0.0, 30.0]]
    assert abs(len(a) - 680) < 4 * np.sqrt(680) and abs(len(b) - 2040) < 4 * np.sqrt(2040)
    year = live(world)
    assert year.ledger.cases[0, :, 0].sum() == (np.concatenate([a, b])[:, WEEK_OF] >= 0).sum()


def test_what_failed_is_tried_again_every_morning() -> None:
    """No stock but what a lot of the third week brings: the customer waits for all of it, and has it in the end."""
    waits = table(Receiving, 1, account=("A1",), unfilled=("backorder",), cancel_days=500)
    lots = {"lead_days": 15, "production": {"rule": "plan"}}
    world = random(7.0, 7.0, network=Network(receiving=waits), sku={"safety_weeks": -2.5}, supply=lots, weeks=40)
    year = live(world)
    accepted, later = year.ledger.cases[0, :35].sum(axis=0), year.ledger.later[0, :35].sum()
    assert accepted[0] == accepted[1] and 0.2 < later / accepted[0] < 0.9
    mornings = {one % DAY for one in told(world, TRIED_AGAIN)}
    assert mornings == {DAY - 60}  # an hour before the shift, which begins at midnight


def test_production_expects_call_offs_every_day() -> None:
    forecast = np.diff(ready(random(14.0, 14.0)).terms.forecast[0, 0])
    assert forecast[14:40] == pytest.approx(2.0)
