"""When trucks should leave, what waits for a fuller one, and when picking begins."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log1p, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.fields import (
    ALL_ORDERS,
    ARRIVAL,
    CUT_OFF,
    DOCK_MINUTES,
    FULL_ORDERS,
    LATE_DOCK,
    LATE_LOAD,
    LATE_TRIP,
    OTIF_ORDERS,
    PICK_CUT,
    SHIFT_END,
    SHIFT_START,
    WAVES,
)
from kaopt.fulfilment.loops import calls, hours
from kaopt.fulfilment.policies import dispatch
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.transport_settings import Transport
from tests.fulfilment.helpers import calm, fill, live, lost, ready, unhurried
from tests.fulfilment.test_doors import points
from tests.fulfilment.yards import yard

WINDOW = {"window_open": 510, "window_close": 690, "travel_minutes": 90, "unload_minutes": 30, "dock_count": 1}


def rates(trip_cv: float = 0.0, chance: float = 0.0, mean: float = 60.0, cv: float = 0.0) -> np.ndarray:
    """A warehouse's row of rates; only the last four matter here."""
    return np.array([0.0, 0.0, 0.0, trip_cv, chance, mean, cv])


# how late trips are --------------------------------------------------------------------------------------------------


def test_without_chance_no_trip_is_late() -> None:
    assert dispatch.lateness(90.0, rates(), 0.99) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_a_trip_is_lognormal(level: float) -> None:
    """Mean 90: its quantile is 90 exp(s z - s^2 / 2)."""
    s = sqrt(log1p(0.35**2))
    exact = 90 * exp(s * luck.quantile(level) - s * s / 2) - 90
    assert dispatch.lateness(90.0, rates(0.35), level) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(("level", "late"), [(0.69, 0.0), (0.71, 60.0)])
def test_a_stranger_is_late_by_his_delay(level: float, late: float) -> None:
    """Three in ten are an hour late: of nine in ten the delay must be allowed for, of two thirds it need not."""
    assert dispatch.lateness(90.0, rates(chance=0.3), level) == pytest.approx(late, abs=1e-6)


@pytest.mark.parametrize("level", [0.6, 0.8, 0.95])
def test_trip_and_delay_together_are_what_drawing_them_tells(level: float) -> None:
    """An independent computation: draw both laws a million times."""
    draw, n = np.random.default_rng(5), 1_000_000
    s, law = sqrt(log1p(0.35**2)), sqrt(log1p(0.8**2))
    trip = 90 * np.exp(s * draw.standard_normal(n) - s * s / 2)
    delay = 72 * np.exp(law * draw.standard_normal(n) - law * law / 2)
    drawn = np.quantile(trip + delay * (draw.random(n) < 0.3), level) - 90
    assert dispatch.lateness(90.0, rates(0.35, 0.3, 72.0, 0.8), level) == pytest.approx(drawn, abs=0.6)


@unhurried
@given(
    st.floats(0.05, 0.9),
    st.tuples(st.floats(0, 0.9), st.floats(0, 1), st.floats(0, 200), st.floats(0, 1.5)),
)
def test_more_reliability_needs_more_time(level: float, law: tuple[float, float, float, float]) -> None:
    one, more = (dispatch.lateness(90.0, rates(*law), at) for at in (level, level + 0.09))
    assert more >= one - 1e-6


# departures ----------------------------------------------------------------------------------------------------------


def aims(transport: Transport, door: dict[str, Any] | None = None, **supply: Any) -> int:
    """Minute of the day at which an order's first truck should arrive."""
    network = Network(doors=points({"door": "A1", **(door or {})}))
    world = calm(1, 1, account_columns=WINDOW, supply={"transport": transport, **supply}, network=network)
    return int(ready(world).terms.window[0, 0, ARRIVAL])


AWARE = Transport(dispatch="window_aware", reliability=0.95)


def test_a_sure_trip_is_planned_for_the_last_minute() -> None:
    assert aims(AWARE) == 690 and aims(Transport(), dispatch_slack=60) == 630
    assert aims(AWARE.model_copy(update={"slack": 20})) == 670


def test_an_unsure_trip_is_planned_earlier_by_its_quantile() -> None:
    s = sqrt(log1p(0.35**2))
    late = 90 * exp(s * luck.quantile(0.95) - s * s / 2) - 90
    assert aims(AWARE, trip_cv=0.35) == int(690 - np.ceil(late))


def test_trucks_arrive_before_the_opening_only_where_they_may_wait() -> None:
    wild = {"trip_cv": 1.5}
    assert aims(AWARE, **wild) < 510 and aims(AWARE, {"early_minutes": 15.0}, **wild) == 510


def test_the_queue_at_the_dock_is_allowed_for_unless_there_is_an_appointment() -> None:
    alone = aims(AWARE)
    busy, busier = (aims(AWARE, {"arrivals": rate}) for rate in (1.5, 2.5))
    assert alone > busy > busier
    assert aims(AWARE, {"arrivals": 2.5, "dock_count": 3.0}) > busier
    assert aims(AWARE, {"arrivals": 2.5, "appointment_minutes": 30}) == alone


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_trucks_are_in_time_as_often_as_was_asked(level: float) -> None:
    """One truck a day and nothing else uncertain: the share of late trucks is what the quantile leaves."""
    how = AWARE.model_copy(update={"reliability": level})
    supply = {"transport": how, "trip_cv": 0.35, "unfamiliar": 0.3, "unfamiliar_minutes": 40}
    world = calm(4, 1, 26, account_columns={**WINDOW, "order_days": ((1, 2, 3, 4, 5, 6, 7),) * 4}, supply=supply)
    years = [live(world, replication=r) for r in range(3)]
    orders = sum(year.ledger.counts[:, ALL_ORDERS].sum() for year in years)
    late = orders - sum(year.ledger.counts[:, OTIF_ORDERS].sum() for year in years)
    assert all(lost(year)[[LATE_LOAD, LATE_DOCK]].sum() == 0 for year in years)
    assert orders == 3 * 4 * 26 * 7
    # a planned minute is a whole one, earlier rather than later: the share may be a little better
    assert abs(late / orders - (1 - level)) <= 4 * sqrt(level * (1 - level) / orders) + 0.006


def test_more_reliability_never_makes_a_week_later() -> None:
    """The same trips begin earlier."""

    def late(level: float) -> np.ndarray:
        how = AWARE.model_copy(update={"reliability": level})
        supply = {"transport": how, "trip_cv": 0.35, "unfamiliar": 0.3}
        found = live(calm(2, 1, 20, account_columns=WINDOW, supply=supply)).ledger.value
        return np.asarray(found[:, :, 2 + LATE_TRIP])

    some, most, nearly_all = late(0.5), late(0.8), late(0.97)
    assert (nearly_all <= most).all() and (most <= some).all() and nearly_all.sum() < most.sum() < some.sum()


# consolidation -------------------------------------------------------------------------------------------------------


def sparse(full: float, wait_days: int = 7, cases: float = 300.0) -> Scenario:
    """Three deliveries a week of a third of 300 cases each; a truck takes 200."""
    how, base = Transport(full=full, wait_days=wait_days), np.full((1, 1, 8), cases)
    supply, sku = {"truck_cases": 200.0, "transport": how, "load_minutes": 36}, {"safety_weeks": 4}
    return calm(1, 1, 8, base_cases=base, supply=supply, sku_columns=sku)


def trucks_sent(world: Scenario) -> int:
    return int(live(world).pools.busy[0, DOCK_MINUTES]) // 36


def test_small_orders_wait_for_a_fuller_truck() -> None:
    """100 cases are half a truck: at most half full, each goes; fuller, two go together, the second of them in full."""
    assert trucks_sent(sparse(0.0)) == trucks_sent(sparse(0.5)) == 24
    year = live(sparse(0.6))
    counts = year.ledger.counts[0]
    assert trucks_sent(sparse(0.6)) == 12
    assert counts[ALL_ORDERS] == 24 and counts[FULL_ORDERS] == 12 and counts[OTIF_ORDERS] == 0
    assert fill(year) == 1 and year.ledger.cases[0, :, 0].sum() == year.ledger.cases[0, :, 1].sum()


def test_nothing_waits_longer_than_it_may() -> None:
    """Monday to Wednesday and to Friday are two days and four; a truck that is never full enough goes then."""
    assert trucks_sent(sparse(1.0, wait_days=1)) == 24
    assert trucks_sent(sparse(1.0, wait_days=2, cases=60.0)) == 16  # Mon + Wed, Fri: two trucks a week
    assert trucks_sent(sparse(1.0, wait_days=4, cases=60.0)) == 8


@unhurried
@given(st.floats(0, 1), st.integers(0, 9), st.integers(20, 700))
def test_what_waits_is_not_lost(full: float, wait_days: int, cases: int) -> None:
    """Whatever was ordered from the first day on is accepted, but for what still waits in the end."""
    year = live(sparse(full, wait_days, float(cases)))
    cases_of = year.ledger.cases[0].sum(axis=0)
    assert cases_of[0] == cases_of[1] and lost(year).sum() == 0
    assert abs(int(cases_of[0]) - 8 * cases) <= 200 + cases  # what came from, and goes to, outside the horizon


# waves and cut-off ---------------------------------------------------------------------------------------------------


def place(cut_off: int = -1, waves: int = 0) -> np.ndarray:
    """A warehouse with a shift from 06:00 to 22:00."""
    row = ready(calm()).terms.place[0].copy()
    row[[SHIFT_START, SHIFT_END, CUT_OFF, WAVES]] = 360, 1320, cut_off, waves
    return row


@pytest.mark.parametrize(
    ("cut_off", "waves", "now", "begins"),
    [
        (-1, 0, 500, 500),
        (600, 0, 600, 600),
        (600, 0, 601, DAY),  # the pickers' clock stands still until 06:00
        (-1, 4, 300, 360),  # 06:00, 10:00, 14:00, 18:00
        (-1, 4, 360, 360),
        (-1, 4, 361, 600),
        (-1, 4, 1080, 1080),
        (-1, 4, 1081, DAY + 360),
        (600, 4, 599, 600),
        (600, 4, 700, DAY + 360),
    ],
)
def test_when_picking_begins(cut_off: int, waves: int, now: int, begins: int) -> None:
    row = place(cut_off, waves)
    assert hours.picked_from(row, now) == begins
    assert hours.picked_from(row, now - 3 * DAY) == begins - 3 * DAY


def busy(**transport: Any) -> Scenario:
    """Orders come in until 20:00; one crew needs about five hours for each, and loading begins the next morning."""
    supply = {"pick_crews": 1, "pick_rate": 20.0, "transport": Transport(orders_minutes=900, **transport)}
    account = {"window_open": 510, "window_close": 690, "travel_minutes": 60}
    return calm(1, 1, 12, base_cases=np.full((1, 1, 12), 300.0), account_columns=account, supply=supply)


def test_an_early_cut_off_and_few_waves_leave_less_time_to_pick() -> None:
    """Under the same luck no week is better for it: the same orders begin to be picked later, or when they did."""

    def cut(**transport: Any) -> np.ndarray:
        found: np.ndarray = live(busy(**transport)).ledger.value[0, :, 2 + PICK_CUT]
        return found

    at_once = cut()
    for worse in (cut(cut_off=720), cut(waves=2)):
        assert (worse >= at_once).all() and worse.sum() > at_once.sum()
    later = cut(cut_off=900)
    assert (cut(cut_off=600) >= later).all() and (later >= at_once).all()


def test_orders_come_in_over_the_minutes_told() -> None:
    for minutes in (60, 600):
        state = yard(transport=Transport(orders_minutes=minutes))
        clocks = [minute % DAY for minute, _ in calls.calls_of(state, 0)]
        assert min(clocks) >= 300 and max(clocks) < 300 + minutes
        assert max(clocks) >= 300 + minutes / 2  # 36 deliveries: the chance that none is later is 1 in 2^36


def test_settings_are_read(tmp_path: Any) -> None:
    from tests.scenario import files

    how = "{cut_off: '11:30', hire_price: 800, full: 60%, drivers: {count: 12, rule: dedicated}}"
    text = f"kaopt: 1\nhorizon: {{start: 2027-01-04, weeks: 4}}\nsupply: {{transport: {how}}}\n"
    read = files.read(files.write(tmp_path, scenario=text)).supply.transport
    assert (read.cut_off, read.hire_price, read.full, read.drivers.count) == (690, 800.0, 0.6, 12)
    assert replace(calm(), supply=calm().supply).supply.transport.cut_off is None
