"""A year by hand: worlds without chance in which every figure can be worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.errors import ContradictionError
from kaopt.fulfilment.fields import (
    ACCEPTED,
    ACCEPTED_CASES,
    AWAY,
    CASES,
    DISPOSED_CASES,
    FIRST,
    MADE_CASES,
    OPENING_CASES,
)
from kaopt.fulfilment.loops import calls, receipt, trips
from kaopt.fulfilment.loops.pools import NEVER
from kaopt.fulfilment.replicate import outcome
from kaopt.fulfilment.state import goods_of, orders_of, pools_of
from kaopt.fulfilment.year import Year, held
from kaopt.scenario.model import Scenario
from kaopt.service import FINE_CAUSES
from tests import worlds
from tests.fulfilment.helpers import calm, fill, live, lost, years
from tests.fulfilment.yards import TODAY, an_order, trip, yard

CAUSE = {name: c for c, name in enumerate(FINE_CAUSES)}
# the window of the source's customer W; planned arrival 09:30, so the truck leaves at 08:18 and loading starts at 07:42
MORNING = {"window_open": 510, "window_close": 630, "travel_minutes": 72}
ALWAYS_LATE = {"unfamiliar": 1.0, "unfamiliar_cv": 0.0, "dispatch_slack": 60, "load_minutes": 36}


def flat(cases: float = 30.0, weeks: int = 8, **given: Any) -> Scenario:
    """One account, one SKU, the same cases every week: 10 on Monday, Wednesday and Friday."""
    return calm(1, 1, weeks, base_cases=np.full((1, 1, weeks), cases), **given)


def only_loss(year: Year, cause: str) -> float:
    """The share lost to this cause, after asserting that no other cause lost anything."""
    shares = lost(year)
    assert np.delete(shares, CAUSE[cause]).sum() == 0
    return float(shares[CAUSE[cause]])


def test_a_calm_year_is_the_hand_calculation() -> None:
    """Stock by hand. Goods for Monday, Wednesday and Friday are picked on Sunday, Tuesday and Thursday.

    Order-up-to on Monday: 5 picks within lead and review (12 days) = 50, and half a week = 15: 65. Each Monday 30 are
    made, free on Saturday. Midnights from Monday to Sunday see 35, 35, 25, 25, 15, 45, 45; on Monday 5 cases are
    14 days old and 30 are 7.
    """
    year = live(flat(sku_columns={"lot_cover_weeks": 0.01}))
    assert year.ledger.cases.tolist() == [[[30, 30]] * 8]
    assert year.ledger.value[0, :, :2].tolist() == [[1500.0, 1500.0]] * 8
    assert year.ledger.counts.tolist() == [[24, 24, 24, 24, 24]]
    kept = outcome(year)
    assert kept.stock_cases[0] == pytest.approx((35 + 35 + 25 + 25 + 15 + 45 + 45) / 7)
    monday_and_tuesday = 5 * 14 + 30 * 7 + 5 * 15 + 30 * 8
    midweek = 25 * 9 + 25 * 10 + 15 * 11
    weekend = 15 * 12 + 30 * 5 + 15 * 13 + 30 * 6
    assert kept.stock_age[0] == pytest.approx((monday_and_tuesday + midweek + weekend) / 225)
    assert kept.write_off.tolist() == [0]
    # opened with 65; 10 were gone at the second Monday, then 30 at each of 15
    assert year.goods.flow[[OPENING_CASES, MADE_CASES], 0].tolist() == [65, 10 + 15 * 30]
    assert kept.fill == 1.0


def test_utilisation_by_hand() -> None:
    """24 orders of 10 cases: 10 x 12 s of picking, 36 min at the dock.

    A truck is busy from the loading slot at 10:12 (the last of 36 minutes before the departure at 11:00)
    for 48 + 60 + 30 + 60 minutes.
    """
    kept = outcome(live(flat(supply={"pick_crews": 1, "docks": 1, "trucks": 2, "load_minutes": 36})))
    assert kept.use[0] == pytest.approx(24 * 120 / (56 * 16 * 3600))
    assert kept.use[1] == pytest.approx(24 * 36 / (56 * 1440))
    assert kept.use[2] == pytest.approx(24 * (48 + 60 + 30 + 60) / (2 * 56 * 1440))


@pytest.mark.parametrize(("delay", "grace", "accepted", "punctual"), [(60, 0, 1, 1), (61, 0, 0, 0), (61, 1, 1, 0)])
def test_the_window_closes_to_the_minute(delay: int, grace: int, accepted: int, punctual: int) -> None:
    """Planned arrival 09:30: an hour's delay is 10:30 sharp; a minute more is refused, or accepted within the grace."""
    supply = {**ALWAYS_LATE, "unfamiliar_minutes": delay}
    year = live(flat(account_columns={**MORNING, "grace_minutes": grace}, supply=supply))
    assert only_loss(year, "late_trip") == 1 - accepted
    assert year.ledger.counts.tolist() == [[24, 24 * accepted, 24, 24 * accepted, 24 * punctual]]


def test_early_trucks_wait_for_the_window() -> None:
    """At 06:40 before an opening at 08:30: checked in at 08:30, unloaded by 09:00, home 80 minutes later."""
    state = yard(docks=1, trucks=1)
    slot, said = an_order(state, 10), np.zeros(4, np.int64)
    pools_of(state).size[trips.TRUCK_POOL, 0] = 0  # the truck is on its way
    trips.settle(state, slot, (trip(400)[None], 0, 0), said)
    assert said[:3].tolist() == [-1, 3, 1]
    home = TODAY + 510 + 30 + 80
    assert pools_of(state).truck[0].tolist() == [home] and home > -NEVER
    assert said[3] == home + 1440


def test_a_second_truck_is_too_late_for_the_customers_only_dock() -> None:
    """Two truckloads, one dock, 70 minutes each: planned 08:30 and in time; with 121 minutes the second is refused."""
    two = {**MORNING, "dock_count": 1, "order_days": ((1,),)}
    calm_two = {"truck_cases": 15, "docks": 2, "dispatch_slack": 60}
    quick = live(flat(account_columns={**two, "unload_minutes": 70}, supply=calm_two))
    assert fill(quick) == 1.0
    slow = live(flat(account_columns={**two, "unload_minutes": 121}, supply=calm_two))
    assert only_loss(slow, "late_dock") == 0.5


def test_one_truck_for_two_customers_is_late_for_one() -> None:
    """The truck is home at 08:18 + 72 + unloading 30 + 72 minutes; the second order's window is over by then."""
    both = calm(2, 1, account_columns=MORNING, base_cases=np.full((2, 1, 8), 30.0), supply={"trucks": 1})
    year = live(both)
    assert only_loss(year, "late_load") == 0.5
    assert fill(live(replace(both, supply=both.supply.model_copy(update={"trucks": 2})))) == 1.0
    # one dock: the second truck leaves 36 minutes late and still makes it
    assert fill(live(replace(both, supply=both.supply.model_copy(update={"trucks": 2, "docks": 1})))) == 1.0


def test_no_crew_no_truck_no_dock() -> None:
    assert only_loss(live(flat(supply={"pick_crews": 0})), "pick_cut") == 1
    assert only_loss(live(flat(supply={"trucks": 0})), "late_load") == 1
    assert only_loss(live(flat(supply={"docks": 0})), "late_load") == 1


def test_what_cannot_be_picked_in_time_is_cut() -> None:
    """Shift 06:00-07:00; picking for a delivery at noon begins the day before: two shift hours at 3 cases = 6 of 10."""
    supply = {"shift_start": 360, "shift_end": 420, "pick_crews": 1, "pick_rate": 3}
    assert only_loss(live(flat(supply=supply)), "pick_cut") == pytest.approx(0.4)


def test_no_production_means_no_stock() -> None:
    """Safety so negative that the target is below nothing: nothing is ever there."""
    year = live(flat(sku_columns={"safety_weeks": -5.0}))
    assert only_loss(year, "no_stock") == 1
    assert year.goods.flow.sum() == 0


def test_paper_and_damage_hit_whole_lines() -> None:
    year = live(flat(account_columns={"mismatch": 1.0}))
    assert only_loss(year, "paper") == 1
    assert outcome(year).write_off[0] == 0
    damaged = live(flat(supply={"damage": 1.0}))
    assert only_loss(damaged, "damage") == 1
    assert outcome(damaged).write_off[0] == 240  # destroyed, and paid for
    both = live(flat(account_columns={"mismatch": 1.0}, supply={"damage": 1.0}))
    assert only_loss(both, "damage") == 1  # goods are inspected before papers


def test_refused_goods_come_home_and_go_out_again() -> None:
    """Everything is late: no case is ever used up, so once the pipeline is full nothing is made in the horizon."""
    year = live(flat(account_columns=MORNING, supply={**ALWAYS_LATE, "unfamiliar_minutes": 200, "position": "all"}))
    assert only_loss(year, "late_trip") == 1
    flow = year.goods.flow[:, 0]
    assert flow[ACCEPTED_CASES] == flow[DISPOSED_CASES] == 0
    assert flow[OPENING_CASES] + flow[MADE_CASES] <= 65 + 2 * 30 + 10
    assert held(year.goods).sum() + year.goods.coming.sum() + flow[AWAY] == flow[:2].sum()


def test_goods_that_age_on_the_road_are_refused_and_then_written_off() -> None:
    """Life 30 days, accepted to 10. Late trucks bring goods home until they are too old: without the gate the dock
    refuses them for age; and because they keep their date, they end as write-offs instead of being sold."""
    ageing = {"sku_columns": {"shelf_life": 30, "lot_cover_weeks": 2.0}}
    blind = {"gate": False, "position": "all"}
    year = live(flat(account_columns={"acceptance_age": 1 / 3}, supply=blind, **ageing))
    shares = lost(year)
    assert shares[CAUSE["age"]] > 0.05
    assert outcome(year).write_off[0] > 0
    gated = live(flat(account_columns={"acceptance_age": 1 / 3}, supply={**blind, "gate": True}, **ageing))
    assert lost(gated)[CAUSE["age"]] == 0
    assert lost(gated)[CAUSE["stock_too_old"]] > 0


def test_acceptance_is_to_the_day() -> None:
    """The oldest goods that leave in the calm year: 5 cases picked on Tuesday at 15 days, 16 on arrival."""
    plain = {"sku_columns": {"lot_cover_weeks": 0.01, "shelf_life": 100}, "supply": {"gate": False, "position": "all"}}
    assert fill(live(flat(account_columns={"acceptance_age": 0.16}, **plain))) == 1.0
    assert lost(live(flat(account_columns={"acceptance_age": 0.15}, **plain)))[CAUSE["age"]] > 0


def test_promotions_that_come_too_late_for_production_are_short() -> None:
    """Notice 10 days against a freeze of 21 and 5 days of lead: production does not see the uplift."""
    event = worlds.plan((0, 0, 4, 2, 0))
    bare = {"sku_columns": {"safety_weeks": 0.0, "lot_cover_weeks": 0.01}, "response_columns": {"elasticity": -9.0}}
    seen = flat(300.0, account_columns={"notice_days": 26}, **bare)
    late = flat(300.0, account_columns={"notice_days": 25}, **bare)
    assert lost(live(late, event))[CAUSE["no_stock"]] > 0.2 > 0.02 > lost(live(seen, event))[CAUSE["no_stock"]]


def test_an_accepted_case_that_vanishes_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order is called; before its trucks leave somebody writes down a case that was never ordered as accepted."""
    honest = calls.call

    def thief(state: Any, *rest: Any) -> Any:
        slot, minute = honest(state, *rest)
        if slot >= 0:
            orders_of(state).line[slot, 0, ACCEPTED] += 1
        return slot, minute

    monkeypatch.setattr(calls, "call", thief)
    with pytest.raises(ContradictionError, match="do not add up"):
        live(flat())


def test_a_returned_case_that_vanishes_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = receipt.come_home

    def thief(state: Any, *rest: Any) -> None:
        honest(state, *rest)
        goods = goods_of(state)
        goods.cells[0, 0, goods.ends[0, 0, FIRST], CASES] -= 1

    monkeypatch.setattr(receipt, "come_home", thief)
    with pytest.raises(ContradictionError, match="lost count"):
        live(flat(account_columns={"mismatch": 1.0}))


def test_zero_variance_years_differ_only_by_where_the_lot_cycle_stood() -> None:
    same = years(flat(sku_columns={"lot_cover_weeks": 0.01}), 3)
    assert len({one.ledger.value.tobytes() for one in same}) == 1
    assert len({one.goods.days.tobytes() for one in same}) == 1
