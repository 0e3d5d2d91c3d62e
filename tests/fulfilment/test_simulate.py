"""The whole simulation: identities in every replication, policies against each other, the same luck for everybody."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.errors import ContradictionError
from kaopt.fulfilment import simulate as verb
from kaopt.fulfilment.replicate import BLOCK, blocks
from kaopt.fulfilment.simulate import simulate
from kaopt.fulfilment.world import live_through
from kaopt.plan import Plan
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications
from kaopt.service import FINE_CAUSES, Service
from kaopt.statistics.interval import interval, paired
from tests import worlds
from tests.fulfilment.helpers import calm, exactly, fill, live, lost, ready, years

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
# everything that can go wrong does, at times
ROUGH: dict[str, Any] = {
    "warmup_weeks": 6,
    "pick_crews": 1,
    "pick_rate": 15,
    "docks": 1,
    "trucks": 2,
    "truck_cases": 70,
    "load_cv": 0.3,
    "trip_cv": 0.5,
    "unfamiliar": 0.3,
    "uplift_cv": 0.4,
    "damage": 0.02,
    "gate": False,
    "position": "all",
    "issue_error": 0.2,
}


def rough(weeks: int = 12, **given: Any) -> Scenario:
    """Three accounts, four SKUs, a tight warehouse, windows, short lives and long lots."""
    accounts = {
        "acceptance_age": [1 / 3, 1 / 2, 2 / 3],
        "window_open": [510, 540, 0],
        "window_close": [630, 720, 1440],
        "order_days": ((1, 3, 5), (2, 4), (1,)),
        "travel_minutes": [72, 90, 150],
        "mismatch": 0.05,
        "penalty_rate": 0.03,
        "dock_count": 1,
        "unload_minutes": 60,
    }
    skus = {"shelf_life": [60, 80, 100, 120], "lot_cover_weeks": [1.0, 4.0, 6.0, 8.0], "demand_cv": 0.4}
    changes = {**ROUGH, **given.pop("supply", {})}
    return calm(3, 4, weeks, account_columns=accounts, sku_columns=skus, supply=changes, **given)


def equal(a: Service, b: Service) -> bool:
    """Bit by bit."""
    return pickle.dumps(a) == pickle.dumps(b)


def service(world: Scenario, count: int = 8, **options: Any) -> Service:
    supply = world.supply.model_copy(update={"replications": exactly(count)})
    return simulate(replace(world, supply=supply), Plan.nothing(), **options)


def test_every_ordered_case_is_accepted_or_lost_to_one_cause() -> None:
    world = rough()
    done = service(world)
    assert done.replications == 8 and done.ordered_value.shape == (8, 3, 12)
    total = done.accepted_value + done.lost_value.sum(axis=3)
    assert total == pytest.approx(done.ordered_value, rel=1e-12)
    missing = (done.ordered_cases - done.accepted_cases).sum(axis=(1, 2)).mean()
    assert done.lost_cases_by_sku.sum() == pytest.approx(missing, rel=1e-12)
    used = {name for name, c in CAUSE.items() if done.lost_value[:, :, :, c].sum() > 0}
    # the rough world knows every cause that needs no gate, no reserve, no further clause and no early truck
    optional = {"stock_too_old", "reserved", "wrong_record", "credit", "regress", "price", "early", "customer", "other"}
    assert used == set(FINE_CAUSES) - optional
    assert (done.penalties == pytest.approx(0.03 * done.lost_value.sum(axis=2))) and done.penalties.sum() > 0
    assert (done.lines[:, :, 1] <= done.lines[:, :, 0]).all()
    assert (done.orders[:, :, 2] <= done.orders[:, :, 1]).all() and (done.orders[:, :, 1] <= done.orders[:, :, 0]).all()
    assert all(((use >= 0) & (use <= 1)).all() for use in done.use.values())
    assert done.write_off_value == pytest.approx(done.write_off_cases @ world.skus.unit_cost)


def test_orders_are_the_demand_that_luck_made() -> None:
    """Ordered cases of the service against the year's demand, which no warehouse touches."""
    for year in years(rough(), 3):
        asked = year.orders.wanted[:, year.inputs.warmup :].sum(axis=2)
        assert np.array_equal(year.ledger.cases[:, :, 0], asked)
        lost_by_sku = year.ledger.lost.sum(axis=2)
        accepted = year.orders.wanted[:, year.inputs.warmup :].sum(axis=1) - lost_by_sku
        assert (accepted >= 0).all()
        assert accepted.sum() == year.ledger.cases[:, :, 1].sum()


chances = st.sampled_from([0.0, 0.1, 0.5, 1.0])


@settings(deadline=None, max_examples=40)
@given(
    st.fixed_dictionaries(
        {
            "issue": st.sampled_from(["fefo", "fifo"]),
            "issue_error": chances,
            "gate": st.booleans(),
            "position": st.sampled_from(["all", "acceptable"]),
            "lead_days": st.integers(0, 9),
            "return_days": st.integers(0, 3),
            "trucks": st.integers(0, 4),
            "docks": st.integers(0, 2),
            "pick_crews": st.integers(0, 2),
            "truck_cases": st.sampled_from([1.5, 40.0, 1000.0]),
            "damage": chances,
            "unfamiliar": chances,
            "warmup_weeks": st.integers(0, 3),
            "review_weekday": st.integers(1, 7),
        }
    ),
    st.integers(0, 10**6),
)
def test_no_case_is_lost_count_of_in_any_world(supply: dict[str, Any], seed: int) -> None:
    """Every year proves its own balance (see `prove_balance`); here it is asked in worlds that nobody chose."""
    world = rough(3, supply={**supply, "dispatch_slack": seed % 120})
    for replication in range(2):
        year = live(world, worlds.plan((0, 1, 1, 1, 0)), replication + seed)
        value = year.ledger.value.sum(axis=(0, 1))
        assert value[1:].sum() == pytest.approx(value[0], rel=1e-12)
        if supply["gate"]:
            assert year.ledger.value[:, :, 2 + CAUSE["age"]].sum() == 0


def test_the_gate_turns_refusals_into_shortage() -> None:
    blind, gated = (years(rough(40, supply={"gate": gate}), 4) for gate in (False, True))
    assert min(lost(year)[CAUSE["age"]] for year in blind) > 0.01
    assert max(lost(year)[CAUSE["age"]] for year in gated) == 0
    assert sum(lost(year)[CAUSE["stock_too_old"]] for year in gated) > 0


def test_fefo_wastes_less_than_fifo_where_goods_come_back() -> None:
    """Refused goods are old: FEFO sends them out next, FIFO last. (Behind the gate; blind FEFO is refused more.)"""
    supply = {"issue_error": 0.0, "trucks": 6, "docks": 3, "gate": True, "pick_rate": 40}
    waste = {
        issue: [float(y.goods.days[3].sum()) for y in years(rough(40, supply={**supply, "issue": issue}), 12)]
        for issue in ("fefo", "fifo")
    }
    assert paired(waste["fifo"], waste["fefo"], 0.999).low > 0


def test_mistakes_in_picking_age_the_stock() -> None:
    """No returns, long lots: with the newest lot picked first at times, the old ones stay."""

    def age(mistake: float) -> list[float]:
        world = calm(1, 1, 40, sku_columns={"lot_cover_weeks": 3.0}, supply={"issue_error": mistake})
        return [float(y.goods.days[1].sum() / y.goods.days[0].sum()) for y in years(world, 6)]

    assert paired(age(0.5), age(0.0), 0.999).low > 0


def on_time(world: Scenario, replication: int) -> float:
    return 1 - float(
        sum(lost(live(world, None, replication))[CAUSE[c]] for c in ("late_load", "late_trip", "late_dock"))
    )


@pytest.mark.parametrize(
    ("key", "values"),
    [("trucks", (1, 2, 3, 5, 8)), ("docks", (1, 2, 4))],
)
def test_more_trucks_and_docks_never_lower_on_time(key: str, values: tuple[int, ...]) -> None:
    """With stock for every order, so that all send the same goods whatever came back before.

    Loading takes its exact time where docks differ: scarce docks begin earlier, and that slack would help.
    """
    columns = {"window_open": 510, "window_close": [630, 660, 720, 720], "travel_minutes": [60, 90, 120, 150]}
    supply = {"trip_cv": 0.4, "load_cv": 0.3, "unfamiliar": 0.2, "trucks": 4, "docks": 2, "truck_cases": 80}
    supply |= {"load_minutes": 900, "load_cv": 0.0, "trucks": 50} if key == "docks" else {}
    stocked = {"safety_weeks": 20.0, "shelf_life": 9999}
    for replication in range(4):
        shares = [
            on_time(
                calm(4, 1, 20, account_columns=columns, sku_columns=stocked, supply={**supply, key: n}),
                replication,
            )
            for n in values
        ]
        assert shares == sorted(shares) and shares[-1] > shares[0]


def test_a_wider_window_and_more_acceptance_never_cost_a_delivery() -> None:
    world = calm(1, 1, 20, account_columns={"window_open": 510, "window_close": 600}, supply={"trip_cv": 0.6})
    for replication in range(3):
        grace = [
            fill(
                live(
                    replace(world, accounts=replace(world.accounts, grace_minutes=np.array([minutes]))),
                    None,
                    replication,
                )
            )
            for minutes in (0, 15, 60, 600)
        ]
        assert grace == sorted(grace) and grace[-1] > grace[0]


def test_familiar_drivers_are_refused_less_and_smaller_lots_are_fresher() -> None:
    base = rough(26, supply={"unfamiliar": 0.6, "trucks": 8, "docks": 4})
    trained = replace(base, supply=base.supply.model_copy(update={"unfamiliar": 0.05}))
    gain = paired([on_time(trained, r) for r in range(8)], [on_time(base, r) for r in range(8)], 0.999)
    assert gain.low > 0
    small = replace(base, skus=replace(base.skus, lot_cover_weeks=np.full(4, 1.0)))
    older = [float(y.goods.days[1].sum() / y.goods.days[0].sum()) for y in years(base, 6)]
    fresher = [float(y.goods.days[1].sum() / y.goods.days[0].sum()) for y in years(small, 6)]
    assert paired(older, fresher, 0.999).low > 0


def test_another_account_changes_no_trip_of_the_others() -> None:
    """Plenty of everything, so that accounts meet only through luck: the ledger of A1 stays bit by bit."""
    plenty = {"trip_cv": 0.5, "unfamiliar": 0.3, "load_cv": 0.3, "damage": 0.05}
    columns = {"window_open": 510, "window_close": 630, "mismatch": 0.1}
    sku = {"demand_cv": 0.3, "safety_weeks": 30.0}
    alone = live(calm(1, 2, account_columns=columns, sku_columns=sku, supply=plenty))
    two = {**columns, "account": ["new", "A1"]}
    both = live(calm(2, 2, account_columns=two, sku_columns=sku, supply=plenty))
    assert lost(alone)[CAUSE["late_trip"]] > 0 and lost(alone)[CAUSE["paper"]] > 0
    for name in ("value", "cases", "lost", "counts"):
        assert np.array_equal(getattr(alone.ledger, name)[0], getattr(both.ledger, name)[1])


@pytest.mark.parametrize("workers", [2])
def test_workers_do_not_change_a_bit(workers: int) -> None:
    rule = Replications(min=10, max=60, half_width=0.02)
    world = rough(6)
    world = replace(world, supply=world.supply.model_copy(update={"replications": rule}))
    alone, together = (simulate(world, Plan.nothing(), workers=n) for n in (1, workers))
    assert alone.replications > 10
    assert equal(alone, together)


def test_the_seed_is_the_scenarios_or_the_callers() -> None:
    world = rough(4)
    assert equal(service(world, 2), service(world, 2, seed=world.supply.seed))
    assert not equal(service(world, 2), service(world, 2, seed=8))


def test_replications_stop_when_the_interval_is_narrow_enough() -> None:
    heard: list[Progress] = []
    world = rough(6)

    def run(least: int, most: int, half_width: float) -> Service:
        rule = Replications(min=least, max=most, half_width=half_width)
        supply = world.supply.model_copy(update={"replications": rule})
        return simulate(replace(world, supply=supply), Plan.nothing(), listener=heard.append)

    assert run(5, 50, 1.0).replications == 5
    assert run(5, 21, 1e-9).replications == 21
    done = run(4, 100, 0.02)
    fills = done.accepted_value.sum(axis=(1, 2)) / done.ordered_value.sum(axis=(1, 2))
    assert interval(fills).half_width <= 0.02 < interval(fills[:-BLOCK]).half_width
    assert heard[-1].stage == "simulate" and heard[-1].done == done.replications
    assert f"{fills.mean():.1%}" in heard[-1].message


def test_blocks_do_not_depend_on_anything_but_the_rule() -> None:
    assert list(blocks(Replications(min=20, max=30))) == [
        range(8),
        range(8, 16),
        range(16, 20),
        range(20, 28),
        range(28, 30),
    ]
    assert [r for block in blocks(Replications(min=3, max=2)) for r in block] == [0, 1, 2]


def test_a_world_without_demand_is_served_in_full() -> None:
    done = service(calm(1, 1, base_cases=np.zeros((1, 1, 8))), 2)
    assert done.ordered_value.sum() == 0 == done.orders.sum()


def test_a_contradiction_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ContradictionError("lost count")

    monkeypatch.setattr(verb, "count_block", broken)
    with pytest.raises(ContradictionError):
        service(calm())


def test_intervals_by_hand() -> None:
    """1, 2, 3: mean 2, sd 1, t(0.975, 2) = 4.302653."""
    found = interval([1.0, 2.0, 3.0])
    assert found.mean == 2 and found.half_width == pytest.approx(4.302653 / 3**0.5, abs=1e-6)
    assert interval([1.0]).half_width == np.inf
    assert paired([3.0, 5.0, 4.0], [1.0, 2.0, 3.0, 9.0]).mean == 2.0
    assert paired([1.5, 2.5, 3.5], [1.0, 2.0, 3.0]).half_width == pytest.approx(0, abs=1e-12)


def test_the_same_luck_makes_comparisons_sharp() -> None:
    """Two plans of the same world: the paired interval is far narrower than that of two unrelated samples."""
    world = rough(20)
    near = replace(world, accounts=replace(world.accounts, grace_minutes=np.full(3, 5)))
    a, b = ([fill(live(w, None, r)) for r in range(10)] for w in (world, near))
    apart = (interval(a).half_width ** 2 + interval(b).half_width ** 2) ** 0.5
    assert paired(b, a).half_width < apart / 1.5


def test_inputs_are_ready_for_other_processes() -> None:
    inputs = ready(rough())
    again = pickle.loads(pickle.dumps(inputs))
    assert all(np.array_equal(one, other) for one, other in zip(again.terms, inputs.terms, strict=True))
    assert np.array_equal(live_through(again, 3).ledger.value, live_through(inputs, 3).ledger.value)
