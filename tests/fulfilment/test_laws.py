"""Laws of loading, trips and unloading, and how long trucks wait for docks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import AT_LOADING, AT_UNLOADING, UNLOAD_CV, UNLOAD_LAW
from kaopt.fulfilment.loops import gates, trips
from kaopt.fulfilment.policies import dispatch
from kaopt.fulfilment.replicate import live_block
from kaopt.fulfilment.simulate import service_of
from kaopt.fulfilment.state import ledger_of, pools_of
from kaopt.scenario.settings import Supply
from kaopt.scenario.transport_settings import Transport
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.yards import DUE, LOAD_AT, TODAY, an_order, occupy, yard

KEY, WHO, MANY = np.uint64(31), np.uint64(7), 4000
SCALE = float(np.sqrt(np.log1p(0.25)))
# what durations over their mean follow at cv 0.5
LAWS = {
    "lognormal": stats.lognorm(s=SCALE, scale=np.exp(-(SCALE**2) / 2)),
    "normal": stats.norm(1.0, 0.5),
    "exponential": stats.expon(),
}


@pytest.mark.parametrize("law", luck.LAWS)
def test_durations_follow_their_law(law: str) -> None:
    """Kolmogorov-Smirnov against scipy's laws, and their mean is 1."""
    draws = [luck.factor(luck.LAWS.index(law), KEY, WHO, n, 0.5) for n in range(MANY)]
    assert stats.kstest(draws, LAWS[law].cdf).pvalue > 1e-4
    assert abs(np.mean(draws) - 1) <= 4 * LAWS[law].std() / MANY**0.5
    assert LAWS[law].mean() == pytest.approx(1) and LAWS[law].std() == pytest.approx(1 if law == "exponential" else 0.5)


@pytest.mark.parametrize("law", luck.LAWS)
def test_loading_trips_and_delays_are_drawn_by_the_law_of_the_settings(law: str) -> None:
    names = {"load_law": law, "trip_law": law}
    known = {"load_cv": 0.3, "trip_cv": 0.35, "unfamiliar": 1.0, "unfamiliar_minutes": 72, "unfamiliar_cv": 0.8}
    state, keys, which = yard(transport=names, **known), luck.keys_of(11, 0), luck.LAWS.index(law)
    who = luck.name_key("A1")
    for cell in range(40):
        load, trip, delay = trips.journey(state, 0, cell, False)
        drawn = [
            mean * luck.factor(which, keys[purpose], who, cell, cv)
            for mean, purpose, cv in ((36, luck.LOAD, 0.3), (72, luck.TRIP, 0.35), (72, luck.DELAY, 0.8))
        ]
        assert load == max(np.floor(drawn[0] + 0.5), 0) and trip == max(np.floor(drawn[1] + 0.5), 0)
        assert delay == max(np.floor(drawn[2] + 0.5), -trip)  # nobody arrives before he leaves


@pytest.mark.parametrize("law", luck.LAWS)
@pytest.mark.parametrize("level", [0.3, 0.8, 0.99])
def test_window_aware_departures_know_the_law(law: str, level: float) -> None:
    rates = np.array([0.0, 0.0, 0.0, 0.5, 0.0, 60.0, 0.5])
    assert dispatch.lateness(90.0, rates, level, law) == pytest.approx(90 * LAWS[law].ppf(level) - 90, abs=1e-5)
    strange = np.array([0.0, 0.0, 0.0, 0.5, 0.4, 60.0, 0.5])
    draw, n = np.random.default_rng(3), 400_000
    total = 90 * LAWS[law].rvs(n, random_state=draw) + 60 * LAWS[law].rvs(n, random_state=draw) * (draw.random(n) < 0.4)
    assert dispatch.lateness(90.0, strange, level, law) + 90 == pytest.approx(np.quantile(total, level), rel=0.01)


# unloading -----------------------------------------------------------------------------------------------------------


def unloaded(law: str, cv: float, purpose: int) -> np.ndarray:
    state = yard({"unload_minutes": 30_000}, transport={"unload_law": law, "unload_cv": cv})
    return np.array([gates.unloading(state, 0, (purpose, n)) for n in range(1000)])


@pytest.mark.parametrize("law", luck.LAWS)
def test_unloading_follows_its_law_for_our_trucks_and_for_others(law: str) -> None:
    ours, theirs = unloaded(law, 0.5, luck.UNLOAD), unloaded(law, 0.5, luck.UNLOAD_OTHER)
    assert (ours != theirs).any() and min(ours.min(), theirs.min()) >= 0
    if law != "normal":  # which is cut off at 0
        assert min(stats.kstest(one / 30_000, LAWS[law].cdf).pvalue for one in (ours, theirs)) > 1e-4


def test_unloading_takes_the_mean_where_nothing_is_said() -> None:
    inputs = ready(calm(1, 1))
    assert inputs.terms.span[UNLOAD_LAW] == luck.LOGNORMAL and inputs.terms.door_rate[0, UNLOAD_CV] == 0
    assert set(unloaded("lognormal", 0.0, luck.UNLOAD).tolist()) == {30_000}


def test_a_dock_is_taken_for_as_long_as_unloading_takes() -> None:
    law = {"unload_law": "exponential"}
    state = yard({"grace_minutes": 2000}, transport=law)
    trips.send(state, an_order(state, picked=True), TODAY + LOAD_AT)
    minutes = gates.unloading(state, 0, (luck.UNLOAD, DUE * 2**20))
    assert minutes != 30 and pools_of(state).dock[0].tolist() == [TODAY + 570 + minutes]


def test_the_queue_that_dispatch_allows_for_grows_with_the_spread_of_unloading() -> None:
    """A dock that is busy three quarters of the time: exponential unloading about doubles the wait."""

    def wait(**rules: Any) -> float:
        takes = dispatch.unloads(np.array([0, 0, 1, 20, 0]), Supply(transport=Transport(**rules)))
        return dispatch.queue((1, takes, 0.0375), 600.0, 0.8)

    fixed, spread, wild = wait(), wait(unload_cv=0.5), wait(unload_law="exponential")
    assert 0 < fixed < spread < wild < 3 * fixed


# waits ---------------------------------------------------------------------------------------------------------------


def waits(state: Any) -> tuple[list[int], list[int]]:
    """Trucks, minutes and long waits at our docks and at the customer's."""
    found = ledger_of(state).waits[0]
    return found[AT_LOADING : AT_LOADING + 3].tolist(), found[AT_UNLOADING : AT_UNLOADING + 3].tolist()


def test_trucks_of_one_order_wait_for_each_other() -> None:
    """Two trucks, one dock on either side: the second is loaded 36 minutes later, arrives then, and waits no more."""
    state = yard(docks=1, truck_cases=500.0)
    trips.send(state, an_order(state, picked=True), TODAY + LOAD_AT)
    assert waits(state) == ([2, 36, 1], [2, 0, 0])
    other = yard(docks=2, truck_cases=500.0)
    trips.send(other, an_order(other, picked=True), TODAY + LOAD_AT)
    assert waits(other) == ([2, 0, 0], [2, 30, 0])  # together at the gate; half an hour is not long yet


def test_what_counts_as_a_long_wait_is_a_setting() -> None:
    state = yard(docks=2, truck_cases=500.0, transport={"long_wait": 29})
    trips.send(state, an_order(state, picked=True), TODAY + LOAD_AT)
    assert waits(state)[1] == [2, 30, 1]


def test_who_waits_in_vain_waits_until_the_window_closes() -> None:
    """At the gate at 09:30, no dock before 12:00, closed at 10:30; the warm-up counts for nothing."""
    for week, expected in ((0, [1, 60, 1]), (-1, [0, 0, 0])):
        state = yard()
        occupy(state, 720)
        trips.send(state, an_order(state, week=week, picked=True), TODAY + LOAD_AT)
        assert waits(state)[1] == expected


def test_waits_of_all_years_are_kept_account_by_account() -> None:
    world = calm(2, 2, 4, account_columns={"dock_count": 1}, supply={"truck_cases": 40.0, "docks": 1})
    inputs = ready(world)
    outcomes = live_block(inputs, range(2))
    kept = service_of(inputs, outcomes).waits
    assert kept is not None and kept.shape == (2, 2, 6)
    assert (kept[:, :, 0] >= kept[:, :, 2]).all() and (kept[:, :, [1, 4]] > 0).all()
    assert kept[1].tolist() == outcomes[1].waits.tolist()
