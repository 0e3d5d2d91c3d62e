"""Luck keyed by names: what happens in a year can be told beforehand, and more of a chance only ever adds to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import LATE_LOAD, TRACED
from kaopt.fulfilment.loops import trace
from kaopt.fulfilment.loops.picking import DOORS
from kaopt.fulfilment.loops.trips import TRUCKS_A_DAY
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES
from tests.fulfilment.helpers import calm, fill, live, lost, ready

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
WEEKS, SEED = 12, 11  # the seed of `ready`
MORNING = {"window_open": 510, "window_close": 630, "travel_minutes": 72}
PLENTY = {"safety_weeks": 30.0, "shelf_life": 9999}  # stock for every order, whatever came back before


def flat(accounts: int = 1, **given: Any) -> Scenario:
    """10 cases of the one SKU on Monday, Wednesday and Friday, and stock for all of them."""
    base = np.full((accounts, 1, WEEKS), 30.0)
    return calm(accounts, 1, WEEKS, base_cases=base, sku_columns=PLENTY, **given)


def drawn(purpose: int, names: tuple[str, ...], cell: int = 1, replication: int = 0) -> np.ndarray:
    """[W, 3] the uniform of every delivery day, in plain Python."""
    key, who = luck.keys_of(SEED, replication)[purpose], np.uint64(luck.name_key(*names))
    return np.array([[luck.uniform(key, who, (7 * week + day) * cell) for day in (0, 2, 4)] for week in range(WEEKS)])


def lost_cases(year: Year, cause: str) -> list[float]:
    """Cases of account 1 lost to the cause in each week."""
    return (year.ledger.value[0, :, 2 + CAUSE[cause]] / year.inputs.terms.price[0, 0]).tolist()


@pytest.mark.parametrize("replication", [0, 3])
def test_lines_are_damaged_on_the_days_that_their_luck_says(replication: int) -> None:
    year = live(flat(supply={"damage": 0.3}), None, replication)
    hit = drawn(luck.DAMAGE, ("A1", "S1"), DOORS, replication=replication) < 0.3
    assert lost_cases(year, "damage") == (10.0 * hit.sum(axis=1)).tolist() and hit.any()
    assert year.ledger.damaged.tolist() == [10 * hit.sum()]


def test_papers_are_wrong_on_the_days_that_their_luck_says_unless_the_goods_are_damaged() -> None:
    year = live(flat(account_columns={"mismatch": 0.4}, supply={"damage": 0.3}))
    damaged = drawn(luck.DAMAGE, ("A1", "S1"), DOORS) < 0.3
    wrong = (drawn(luck.PAPER, ("A1", "S1"), DOORS) < 0.4) & ~damaged
    assert lost_cases(year, "paper") == (10.0 * wrong.sum(axis=1)).tolist() and wrong.any()
    assert lost_cases(year, "damage") == (10.0 * damaged.sum(axis=1)).tolist()
    good = 36 - damaged.sum() - wrong.sum()
    assert year.ledger.counts[0].tolist() == [36, good, 36, good, good]


def test_trips_are_late_on_the_days_that_the_drivers_luck_says() -> None:
    """An hour of slack and two hours of delay, for a driver who does not know the customer."""
    supply = {"unfamiliar": 0.3, "unfamiliar_minutes": 120, "unfamiliar_cv": 0.0}
    year = live(flat(account_columns=MORNING, supply=supply))
    late = drawn(luck.DRIVER, ("A1",), TRUCKS_A_DAY) < 0.3
    assert lost_cases(year, "late_trip") == (10.0 * late.sum(axis=1)).tolist() and late.any()


@pytest.mark.parametrize("slack", [15, 60])
def test_a_trip_is_refused_where_its_luck_takes_more_than_the_slack(slack: int) -> None:
    """Trip of 72 minutes x lognormal, whole minutes: refused where it is more than the slack over its mean."""
    year = live(flat(account_columns=MORNING, supply={"trip_cv": 0.5, "dispatch_slack": slack}))
    spread = np.sqrt(np.log1p(0.25))
    normal = np.vectorize(luck.quantile)(drawn(luck.TRIP, ("A1",), TRUCKS_A_DAY))
    minutes = np.floor(72 * np.exp(spread * normal - spread**2 / 2) + 0.5)
    assert lost_cases(year, "late_trip") == (10.0 * (minutes > 72 + slack).sum(axis=1)).tolist()
    assert 0 < fill(year) < 1


def test_orders_follow_names_whatever_stands_around_them() -> None:
    """An account before, between or behind the others leaves every other order bit by bit as it is."""

    def wanted(*names: str) -> dict[str, bytes]:
        columns = {"account": list(names)}
        noisy = {**PLENTY, "demand_cv": 0.5}
        world = calm(len(names), 2, WEEKS, account_columns=columns, sku_columns=noisy)
        return {name: live(world).orders.wanted[a].tobytes() for a, name in enumerate(names)}

    few = wanted("W", "V")
    for names in (("new", "W", "V"), ("W", "new", "V"), ("V", "W", "new"), ("V", "W")):
        more = wanted(*names)
        assert all(more[name] == few[name] for name in few)
    assert len(set(few.values())) == 2


def test_lines_follow_the_names_of_their_skus() -> None:
    """S2 alone meets the same demand, damage and papers as S2 beside S1."""
    noisy: dict[str, Any] = {**PLENTY, "demand_cv": 0.5}
    given: dict[str, Any] = {"account_columns": {"mismatch": 0.2}, "supply": {"damage": 0.2}}
    base = np.full((1, 2, WEEKS), 50.0)
    both = live(calm(1, 2, WEEKS, base_cases=base, sku_columns=noisy, **given))
    given = {"account_columns": {"mismatch": 0.2}, "supply": {"damage": 0.2}}
    alone = live(calm(1, 1, WEEKS, base_cases=base[:, :1], sku_columns={**noisy, "sku": ["S2"]}, **given))
    assert np.array_equal(both.orders.wanted[:, :, 1], alone.orders.wanted[:, :, 0])
    assert np.array_equal(both.ledger.lost[:, 1], alone.ledger.lost[:, 0]) and alone.ledger.lost.sum() > 0


def nested(years: list[Year], cause: str) -> None:
    """Week by week, each year loses at least what the one before lost; and in all, more."""
    weeks = np.array([lost_cases(year, cause) for year in years])
    assert (np.diff(weeks, axis=0) >= 0).all() and weeks[-1].sum() > weeks[0].sum()


@pytest.mark.parametrize("replication", [0, 1])
def test_more_of_a_chance_only_adds_to_what_goes_wrong(replication: int) -> None:
    shares = (0.0, 0.1, 0.3, 0.7, 1.0)
    nested([live(flat(supply={"damage": p}), None, replication) for p in shares], "damage")
    nested([live(flat(account_columns={"mismatch": p}), None, replication) for p in shares], "paper")
    late = {"unfamiliar_minutes": 60, "unfamiliar_cv": 0.8}
    worlds = [flat(account_columns=MORNING, supply={**late, "unfamiliar": p}) for p in shares]
    nested([live(world, None, replication) for world in worlds], "late_trip")


@pytest.mark.parametrize("replication", [0, 1])
def test_more_slack_or_a_later_closing_never_costs_a_trip(replication: int) -> None:
    chance = {"trip_cv": 0.6, "unfamiliar": 0.2, "unfamiliar_cv": 0.8}
    worlds = [flat(account_columns=MORNING, supply={**chance, "dispatch_slack": m}) for m in (120, 60, 30, 10, 0)]
    nested([live(world, None, replication) for world in worlds], "late_trip")
    # planned for half past nine in every case: the later the closing, the longer the slack
    closing = [
        flat(
            account_columns={**MORNING, "window_close": close},
            supply={**chance, "dispatch_slack": close - 570},
        )
        for close in (720, 660, 630, 600, 570)
    ]
    nested([live(world, None, replication) for world in closing], "late_trip")


def test_a_greater_acceptance_age_is_refused_less_for_age() -> None:
    """Without the gate, long lots of a life of 100 days; the same luck for each age."""
    for replication in range(2):
        shares = []
        for age in (0.1, 0.2, 0.3, 0.5, 1.0):
            long = {"shelf_life": 100, "lot_cover_weeks": 4.0, "demand_cv": 0.2}
            gone = {"gate": False, "position": "all", "warmup_weeks": 20}
            world = calm(1, 1, 26, sku_columns=long, supply=gone, account_columns={"acceptance_age": age})
            shares.append(float(lost(live(world, None, replication))[CAUSE["age"]]))
        assert shares == sorted(shares, reverse=True) and shares[0] > shares[1] > 0 == shares[-1]


def test_more_trucks_lose_less_to_the_yard() -> None:
    columns = {**MORNING, "window_close": [630, 630, 660], "order_days": ((1, 3, 5),) * 3}
    worlds = [flat(3, account_columns=columns, supply={"trip_cv": 0.3, "trucks": n}) for n in (5, 3, 2, 1, 0)]
    shares = [float(lost(live(world))[CAUSE["late_load"]]) for world in worlds]
    assert shares == sorted(shares) and shares[0] < shares[2] < shares[3] < shares[4] == 1


def test_policies_of_issuing_are_one_where_nothing_comes_back() -> None:
    """Lots become free in the order of their dates, so FIFO and FEFO differ only by what returns."""
    noisy = {"demand_cv": 0.4, "lot_cover_weeks": 3.0, "shelf_life": 120}
    world = calm(2, 2, WEEKS, sku_columns=noisy, account_columns={"acceptance_age": 0.5})
    other = replace(world, supply=world.supply.model_copy(update={"issue": "fifo"}))
    fefo, fifo = live(world), live(other)
    assert all(np.array_equal(a, b) for a, b in zip(fefo.ledger, fifo.ledger, strict=True))
    assert np.array_equal(fefo.goods.days, fifo.goods.days)


def test_a_trip_keeps_its_luck_in_a_smaller_fleet() -> None:
    """Its luck is the door's, the day's and the truck's number in its order, not the vehicle's: what waits for nobody
    arrives at the same minute, the rest not earlier."""
    columns = {**MORNING, "window_close": 1080, "order_days": [(1, 3, 5)] * 6}
    chance = {"trip_cv": 0.5, "unfamiliar": 0.3, "unfamiliar_cv": 0.8, "truck_cases": 5.0, "dispatch_slack": 480}

    def arrived(trucks: int) -> dict[tuple[int, int, int], int]:
        base = np.full((6, 1, WEEKS), 45.0)
        world = calm(6, 1, WEEKS, base_cases=base, sku_columns=PLENTY, account_columns=columns, supply=chance)
        world = replace(world, supply=world.supply.model_copy(update={"trucks": trucks}))
        year = live_traced(ready(world), 0)
        rows = year.ledger.trace[: year.counters[TRACED]]
        sent = rows[(rows[:, trace.KIND_OF] == trace.CHECKED_IN) & (rows[:, trace.WHY] != LATE_LOAD)]
        return {(row[trace.WHO], row[trace.FOR_DAY], row[trace.HOW_MANY]): row[trace.MINUTE] for row in sent.tolist()}

    many, few = arrived(30), arrived(11)
    both = many.keys() & few.keys()
    later = [few[one] - many[one] for one in both]
    assert len(many) > len(few) > 500 and len(both) == len(few)
    assert min(later) == 0 < max(later) and later.count(0) > len(later) / 4
