"""The money of a year on paper: an event, a fee, a rebate, a lost case, a write-off; and sums that must agree.

The plain year: one account buys 100 cases a week for four weeks, list price 50, 10 % off the invoice and 10 % rebate,
so 40 a case reach us; a case costs 25 to make and 1 to serve, so 14 are left. The agreement's fee is 200.
"""

from __future__ import annotations

from dataclasses import fields, replace
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply
from kaopt.scenario.terms import Fee, Rebate
from kaopt.scorecard import score
from kaopt.scorecard.figures import Absent, point
from kaopt.scorecard.money import (
    GROUPS,
    Losses,
    Year,
    by_group,
    display_weeks,
    losses_of,
    losses_over,
    lump_sums,
    price_per_case,
    write_offs,
    year_of,
    year_over,
)
from kaopt.scorecard.terms import due, rebates_saved, terms_of
from kaopt.service import CAUSES, FINE_CAUSES, Service
from tests.report.samples import random_plan
from tests.report.samples import service as lucky
from tests.worlds import plan, world

CUT, DISPLAY = 0, 1
TERMS = {"on_invoice": 0.1, "rebate": 0.1, "logistics": 1.0, "contract_fee": 200.0}


def year_world(accounts: int = 1, skus: int = 1, weeks: int = 4, **changes: Any) -> Scenario:
    """The plain year: a display doubles a week for 300, nobody notices a cut of 20 %."""
    given = {"base_cases": np.full((accounts, skus, weeks), 100.0)}
    given |= {"account_columns": TERMS | changes.pop("account_columns", {})}
    given |= {"response_columns": {"elasticity": 0.0, "display": log(2)}}
    return world(accounts, skus, weeks, **(given | changes))


SHOWN = plan((0, 0, 1, 1, DISPLAY))


def lived(here: Scenario, years: int = 2, **changes: Any) -> Service:
    """A service in which nothing is lost, unless told."""
    accounts, skus, weeks = here.shape
    causes = len(FINE_CAUSES)
    zero: dict[str, Any] = {
        "ordered_value": np.zeros((years, accounts, weeks)),
        "accepted_value": np.zeros((years, accounts, weeks)),
        "lost_value": np.zeros((years, accounts, weeks, causes)),
        "ordered_cases": np.zeros((years, accounts, weeks)),
        "accepted_cases": np.zeros((years, accounts, weeks)),
        "lost_cases_by_sku": np.zeros((accounts, skus, causes)),
        "lines": np.zeros((years, accounts, 2)),
        "orders": np.zeros((years, accounts, 3)),
        "penalties": np.zeros((years, accounts, causes)),
        "write_off_cases": np.zeros((years, skus)),
        "write_off_value": np.zeros(years),
        "stock_age": np.zeros((years, skus)),
        "stock_cases": np.zeros((years, skus)),
    }
    return Service(**(zero | changes), use={}, warmup_weeks=0)


def lose(here: Scenario, cause: str, cases: float, values: tuple[float, ...]) -> Service:
    """`cases` of the first SKU are lost to one cause in the mean year, `values` of money in each year."""
    empty, at = lived(here, len(values)), FINE_CAUSES.index(cause)
    empty.lost_value[:, 0, 0, at] = values
    empty.lost_cases_by_sku[0, 0, at] = cases
    return empty


# --- the planned year


def test_a_year_with_a_display_on_paper() -> None:
    """500 cases: 25 000 gross, 20 000 net less 300; 7 000 of margin less 300; 100 cases and 1 100 more than idle."""
    year, _ = year_of(year_world(), SHOWN)
    expected = {
        "cases": 500, "gross": 25_000, "net_revenue": 19_700, "contribution": 6_700, "event_spend": 300,
        "event_discount": 0, "event_fees": 300, "event_gifts": 0, "on_invoice": 2_500, "rebate": 2_500,
        "tier_rebate": 0, "fees": 200, "opened_fees": 0, "extra_cases": 100, "extra_contribution": 1_100,
        "promotions": 1, "display_weeks": 1, "retail": 500 * 62.5, "high_revenue": 0,
    }  # fmt: skip
    assert {name: getattr(year, name).item() for name in expected} == pytest.approx(expected)


def test_spend_its_rate_and_what_it_brings_on_paper() -> None:
    """300 + 2 500 + 2 500 + 200 of 25 000 gross; 1 100 gained on 300 spent; 100 cases for 300 are 33.3 for 100."""
    kpi = score(year_world(), SHOWN).total.profit
    assert point(kpi.at("planned", "contribution")) == pytest.approx(6_500)
    assert point(kpi.at("trade_spend", "total")) == pytest.approx(5_500)
    assert point(kpi.at("trade_rate")) == pytest.approx(0.22)
    assert point(kpi.at("planned", "return_on_spend")) == pytest.approx(1_100 / 300)
    assert point(kpi.at("planned", "cases_per_100")) == pytest.approx(100 / 3)


def test_without_events_there_is_no_return_to_speak_of_and_no_bridge() -> None:
    kpi = score(year_world(), Plan.nothing()).total.profit
    assert kpi.at("planned", "return_on_spend") == Absent("no promotion, so no spend to earn on")
    assert kpi.at("planned", "cases_per_100") == Absent("no promotion, so no spend to earn on")
    assert point(kpi.at("planned", "incremental_contribution")) == 0.0
    assert kpi.bridge == () and kpi.at("delivered", "contribution") == Absent("no simulation of this plan")


def test_a_cut_lowers_the_shelf_by_what_the_shop_passes_on() -> None:
    """Three weeks at 62.5 and one at 62.5 less half of 20 %: 100 cases each; our discount is the whole 10 a case."""
    half = year_world(treatment_columns={"pass_through": [0.5, 1.0]})
    year, _ = year_of(half, plan((0, 0, 2, 1, CUT)))
    assert year.retail.item() == pytest.approx(100 * 62.5 * (3 + 0.9))
    assert year.event_discount.item() == pytest.approx(1_000)


@pytest.mark.parametrize(
    ("display", "slots", "event", "shown"),
    [
        (1.0, 0, (1, 2), 2),  # a display that names no slots is one
        (1.0, 1, (1, 2), 2),
        (2.0, 3, (1, 2), 6),
        (0.0, 1, (0, 1), 1),  # a slot without an effect counts too
        (0.0, 0, (0, 2), 0),
        (1.0, 2, (3, 2), 2),  # of two weeks one lies in the horizon
    ],
)
def test_display_weeks_count_what_stands_in_the_shop(
    display: float, slots: int, event: tuple[int, int], shown: float
) -> None:
    here = year_world(treatment_columns={"display": [0.0, display], "slots": [0, slots], "lengths": [(1,), (1, 2)]})
    assert display_weeks(here, plan((0, 0, *event, DISPLAY))).tolist() == [shown]


def test_lump_sums_stop_at_the_end_of_the_horizon() -> None:
    """A set-up of 70 once, 300 for each week inside: 370 in the last week, 70 + 600 before; both on one SKU add up."""
    here = year_world(treatment_columns={"fixed_cost": [0.0, 70.0]})
    last, early = (0, 0, 3, 2, DISPLAY), (0, 0, 0, 2, DISPLAY)
    assert lump_sums(here, plan(last)).tolist() == [[370.0]]
    assert lump_sums(here, plan(early, last)).tolist() == [[670.0 + 370.0]]


def test_only_marked_products_are_high_margin_revenue() -> None:
    """Three weeks at 100 cases and one at 200 of the marked SKU: 20 000 less 300 of 35 700 in all."""
    here = year_world(1, 2, sku_columns={"high_margin": [True, False]})
    year, _ = year_of(here, SHOWN)
    assert (year.high_revenue.item(), year.net_revenue.item()) == pytest.approx((19_700, 19_700 + 16_000))
    card = score(here, SHOWN)
    assert point(card.total.sales.at("planned", "high_margin_share")) == pytest.approx(19_700 / 35_700)


# --- what a lost case takes with it


def test_a_lost_case_takes_the_years_mean_price_but_no_lump_sum() -> None:
    """The display's 300 are paid whatever arrives: 40 a case. A cut of 10 on a quarter of the year: 37.5 a case."""
    here = year_world()
    for events, price in ((SHOWN, 40.0), (plan((0, 0, 2, 1, CUT)), 37.5), (plan(), 40.0)):
        _, demand = year_of(here, events)
        assert price_per_case(here, events, demand).tolist() == [[pytest.approx(price)]]


def test_what_is_never_sold_has_its_standing_price() -> None:
    here = year_world(base_cases=np.zeros((1, 1, 4)))
    _, demand = year_of(here, plan())
    assert price_per_case(here, plan(), demand).tolist() == [[40.0]]


@pytest.mark.parametrize(
    ("cause", "each"),
    [("no_stock", 14.0), ("stock_too_old", 14.0), ("pick_cut", 14.0), ("age", 15.0), ("late_dock", 15.0)],
)
def test_what_stayed_here_saves_its_service_and_what_came_back_does_not(cause: str, each: float) -> None:
    """Ten cases at 40 less 25 to make; those that never left also save the 1 to serve."""
    here = year_world()
    _, demand = year_of(here, plan())
    taken = losses_of(here, plan(), demand, lose(here, cause, 10.0, (400.0, 400.0)))
    group = GROUPS.index(next(name for name, fine in CAUSES.items() if cause in fine))
    assert taken.contribution[:, 0, group].tolist() == pytest.approx([10 * each] * 2)
    assert taken.net_revenue[:, 0, group].tolist() == pytest.approx([400.0] * 2)
    assert taken.retail[:, 0, group].tolist() == pytest.approx([625.0] * 2)
    assert taken.contribution.sum() == pytest.approx(20 * each)  # and nothing under any other cause


def test_a_year_that_lost_three_times_as_much_takes_three_times_as_much() -> None:
    """200 and 600 of value: half and one and a half of ten cases at 40."""
    here = year_world()
    _, demand = year_of(here, plan())
    taken = losses_of(here, plan(), demand, lose(here, "no_stock", 10.0, (200.0, 600.0)))
    assert taken.net_revenue.sum(axis=(1, 2)).tolist() == pytest.approx([200.0, 600.0])
    assert taken.contribution.sum(axis=(1, 2)).tolist() == pytest.approx([70.0, 210.0])


def test_the_bridge_of_the_plain_year_on_paper() -> None:
    """6 500 planned; 10 cases never left (140), 12 of penalties, 2 cases written off at 25 + 5: 6 288 are left."""
    here = year_world(supply=Supply(disposal_cost=5.0))
    missed = lose(here, "no_stock", 10.0, (400.0, 400.0))
    missed.penalties[:, 0, FINE_CAUSES.index("no_stock")] = 12.0
    missed.write_off_cases[:], missed.write_off_value[:] = 2.0, 60.0
    kpi = score(here, SHOWN, missed).total.profit
    assert {name: value for name, value in kpi.bridge if value} == pytest.approx(
        {
            "planned": 6_500, "lost_shortage": -140, "penalty_shortage": -12, "write_offs": -60, "delivered": 6_288
        }
    )  # fmt: skip
    assert [name for name, _ in kpi.bridge] == [
        "planned", *(f"lost_{one}" for one in CAUSES), *(f"penalty_{one}" for one in CAUSES), "write_offs", "delivered"
    ]  # fmt: skip


def test_write_offs_follow_the_volume_of_each_sku() -> None:
    """A1 sells a quarter of S1 and all of S2: 100 of S1 and 60 of S2 written off cost it 25 + 60."""
    base = np.zeros((2, 2, 4))
    base[0, 0], base[1, 0], base[0, 1] = 100.0, 300.0, 50.0
    here = year_world(2, 2, base_cases=base, sku_columns={"unit_cost": [10.0, 20.0]})
    _, demand = year_of(here, plan())
    gone = lived(here, write_off_cases=np.array([[10.0, 3.0]] * 2), write_off_value=np.array([160.0, 320.0]))
    # the second year's books say twice the cost: its shares stay as they are
    assert write_offs(here, demand, gone).tolist() == [pytest.approx([85.0, 75.0]), pytest.approx([170.0, 150.0])]


def test_write_offs_of_what_nobody_buys_or_nobody_names_are_shared_evenly() -> None:
    """90 without a SKU: 45 each. Four cases of a SKU that nobody buys cost 100: 50 each."""
    base = np.zeros((2, 2, 4))
    base[:, 0] = [[100.0], [300.0]]
    here = year_world(2, 2, base_cases=base)
    _, demand = year_of(here, plan())
    unnamed = lived(here, 1, write_off_value=np.array([90.0]))
    unsold = lived(here, 1, write_off_cases=np.array([[0.0, 4.0]]), write_off_value=np.array([100.0]))
    assert write_offs(here, demand, unnamed).tolist() == [[45.0, 45.0]]
    assert write_offs(here, demand, unsold).tolist() == [pytest.approx([50.0, 50.0])]


def test_causes_of_the_warehouse_become_those_of_the_customer() -> None:
    """1, 2, 4, 8, … by fine cause: each sum tells which were added."""
    fine = 2.0 ** np.arange(len(FINE_CAUSES)).reshape(1, 1, -1)
    place, expected = 0, []
    for many in CAUSES.values():
        expected.append(sum(2.0 ** (place + n) for n in range(len(many))))
        place += len(many)
    assert by_group(fine).tolist() == [[expected]]


# --- fees and tiers


def fee(here: Scenario, amount: float, period: list[int], **marks: Any) -> Fee:
    accounts, skus, _ = here.shape
    everything = {"accounts": np.ones(accounts, bool), "skus": np.ones(skus, bool), "treatments": np.ones(2, bool)}
    return Fee("listing", period=np.array(period), amount=amount, **(everything | marks))


def test_a_fee_is_due_once_for_each_period_that_an_event_touches() -> None:
    """Periods of two weeks: an event over weeks 2 and 3 opens both; a second one in week 2 opens nothing more."""
    here = year_world(2, 1, treatment_columns={"lengths": [(1, 2), (1, 2)]})
    here = replace(here, fees=(fee(here, 500.0, [0, 0, 1, 1]),))
    assert due(here, plan((0, 0, 1, 2, CUT)))["fees"].tolist() == [1000.0, 0.0]
    assert due(here, plan((0, 0, 0, 1, CUT), (0, 0, 1, 1, CUT)))["fees"].tolist() == [500.0, 0.0]
    assert due(here, plan((0, 0, 0, 1, CUT), (1, 0, 3, 1, DISPLAY)))["fees"].tolist() == [500.0, 500.0]
    assert due(here, plan())["fees"].tolist() == [0.0, 0.0]


def test_a_fee_asks_for_its_own_account_sku_and_mechanic() -> None:
    here = year_world(2, 2)
    only = {name: np.array([False, True]) for name in ("accounts", "skus", "treatments")}
    here = replace(here, fees=(fee(here, 80.0, [0, 0, 0, 0], **only),))
    events = [(a, s, 1, 1, k) for a in (0, 1) for s in (0, 1) for k in (0, 1)]
    assert [float(due(here, plan(one))["fees"].sum()) for one in events] == [0.0] * 7 + [80.0]


@pytest.mark.parametrize(
    ("rebate", "full", "extra"),
    [
        (Rebate(0, "revenue", "all_unit", (19_000.0,), (0.02,)), 394.0, 394.0),  # idle sells for 16 000: none
        (Rebate(0, "revenue", "all_unit", (10_000.0, 19_000.0), (0.01, 0.02)), 394.0, 234.0),  # idle pays 160
        (Rebate(0, "revenue", "stepped", (10_000.0, 19_000.0), (0.01, 0.02)), 104.0, 44.0),  # 90 + 14; idle 60
        (Rebate(0, "cases", "stepped", (400.0,), (2.0,)), 200.0, 200.0),
        (Rebate(0, "cases", "all_unit", (0.0,), (0.5,)), 250.0, 50.0),  # on everything, from the first case
    ],
)
def test_a_rebate_by_tier_on_the_year_of_19_700_and_500_cases(rebate: Rebate, full: float, extra: float) -> None:
    here = year_world(rebates=(rebate,))
    terms = terms_of(here, SHOWN)
    assert (terms.rebates.item(), terms.extra_rebates.item()) == pytest.approx((full, extra))
    plain, with_it = (score(one, SHOWN).total.profit for one in (year_world(), here))

    def change(*path: str) -> float:
        return point(with_it.at(*path)) - point(plain.at(*path))

    assert change("planned", "contribution") == pytest.approx(-full)
    assert change("planned", "incremental_contribution") == pytest.approx(-extra)
    assert change("trade_spend", "rebate") == pytest.approx(full)
    assert change("retailer", "profit") == pytest.approx(full)  # what we pay, the buyer earns: outside the invoice
    assert change("retailer", "back_margin") == pytest.approx(full / point(plain.at("retailer", "sales")))
    assert change("retailer", "front_margin") == 0.0


def test_what_falls_away_is_what_was_due_less_what_is_still_due() -> None:
    """19 700 and 500 cases planned: 394 at 2 %, 19 000 just holds it (380), a yuan less ends it; cases at 0.5 each."""
    here = year_world(
        rebates=(Rebate(0, "revenue", "all_unit", (19_000.0,), (0.02,)), Rebate(0, "cases", "all_unit", (0.0,), (0.5,)))
    )
    _, demand = year_of(here, SHOWN)
    revenue, cases = np.array([[0.0], [700.0], [701.0]]), np.array([[0.0], [20.0], [40.0]])
    saved = rebates_saved(here, demand, revenue, cases)[:, 0]
    assert saved.tolist() == pytest.approx([0.0, 14 + 10, 394 + 20])
    assert rebates_saved(year_world(), demand, revenue, cases).tolist() == [[0.0], [0.0], [0.0]]


@given(
    st.lists(st.floats(1.0, 400.0), min_size=1, max_size=4),
    st.lists(st.floats(0.01, 3.0), min_size=4, max_size=4),
    st.lists(st.floats(0.0, 500.0), min_size=1, max_size=5),
)
@settings(max_examples=30, deadline=None)
def test_a_stepped_rebate_is_a_line_through_its_thresholds(
    widths: list[float], rates: list[float], lost: list[float]
) -> None:
    """Another way to the same money: interpolate between what has been earned at each threshold."""
    starts = np.cumsum(widths)
    rates = rates[: len(starts)]
    knots = np.append(starts, 1e4)
    earned = np.concatenate([[0.0], np.cumsum(np.diff(knots) * rates)])
    here = year_world(rebates=(Rebate(0, "cases", "stepped", tuple(starts.tolist()), tuple(rates)),))
    _, demand = year_of(here, SHOWN)
    saved = rebates_saved(here, demand, np.zeros((len(lost), 1)), np.array(lost)[:, None])[:, 0]
    left = np.interp(500.0 - np.array(lost), knots, earned)
    assert saved == pytest.approx(np.interp(500.0, knots, earned) - left, rel=1e-9, abs=1e-6)


# --- sums over accounts


@given(st.integers(0, 2**31), st.integers(0, 6), st.floats(0.0, 0.5))
@settings(max_examples=20, deadline=None)
def test_accounts_make_the_total_and_steps_make_the_bridge(seed: int, events: int, part: float) -> None:
    """Planned, delivered and every step of the total are the sums over the accounts; each bridge ends where it says."""
    here = year_world(3, 2, 8, rebates=(Rebate(1, "cases", "stepped", (100.0, 1700.0), (0.1, 0.7)),))
    chosen = random_plan(here, events, seed)
    card = score(here, chosen, lucky(here, chosen, replications=3, part=part, seed=seed))
    for name in ("sales", "profit"):
        whole = dict(getattr(card.total, name).bridge)
        each = [dict(getattr(one, name).bridge) for one in card.accounts.values()]
        for step, value in whole.items():
            assert value == pytest.approx(sum(one.get(step, 0.0) for one in each), rel=1e-9, abs=1e-6)
        for bridge in (whole, *each):
            *steps, end = bridge.values()
            assert sum(steps) == pytest.approx(end, rel=1e-9, abs=1e-6)
    delivered = point(card.total.profit.at("delivered", "contribution"))
    assert dict(card.total.profit.bridge)["delivered"] == pytest.approx(delivered, rel=1e-9)


def test_sums_over_some_accounts_leave_the_others_out() -> None:
    here = year_world(3, 2, 8)
    year, demand = year_of(here, SHOWN)
    some = np.array([0, 2])
    taken = losses_of(here, SHOWN, demand, lucky(here, SHOWN, replications=2))
    for one in fields(Year):
        assert getattr(year_over(some, year), one.name) == pytest.approx(getattr(year, one.name)[some].sum())
    for one in fields(Losses):
        found, each = getattr(losses_over(some, taken), one.name), getattr(taken, one.name)
        assert found == pytest.approx(each[:, 0] + each[:, 2])
