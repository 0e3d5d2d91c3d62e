"""The year of a plan, checked by hand: one event, its fatigue, its dip, its neighbours and the end of the horizon."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from kaopt.demand import Event, cluster_mates, costs_of, events_of, live, touches
from kaopt.plan import Plan
from tests.worlds import plan, world

CUT, DISPLAY = 0, 1
LN_CUT = -2.5 * log(0.8)  # elasticity -2.5, price down by 20 %


def effects(case, event):
    """{(sku, week, active): effect} of one event; an event never touches a cell twice."""
    found = list(touches(case, event))
    assert len({(t.sku, t.week, t.active) for t in found}) == len(found)
    return {(t.sku, t.week, t.active): t.effect for t in found}


def dipping(**given):
    return world(response_columns={"dip": 0.3, "dip_weeks": 3} | given)


def clustered(**given):
    columns = {"cluster": ["fizzy", "fizzy", ""]}
    return world(skus=3, sku_columns=columns, response_columns={"cross": 0.1}, **given)


# --- what one event does


def test_an_event_without_dip_or_mates_touches_its_own_weeks_only():
    assert effects(world(), Event(0, 1, 3, 1, DISPLAY)) == {(1, 3, True): pytest.approx(0.6)}


def test_a_price_cut_works_through_the_elasticity():
    assert effects(world(), Event(0, 0, 2, 1, CUT)) == {(0, 2, True): pytest.approx(LN_CUT)}


def test_only_what_the_shop_passes_on_reaches_the_shelf_price():
    half = world(treatment_columns={"pass_through": [0.5, 1.0]})
    assert effects(half, Event(0, 0, 2, 1, CUT)) == {(0, 2, True): pytest.approx(-2.5 * log(0.9))}


@pytest.mark.parametrize("lever", ["display", "feature", "gift"])
def test_each_lever_adds_its_own_coefficient(lever):
    given = {"display": 0.0} | {lever: 0.37}
    columns = {"display": [0.0, 0.0]} | {lever: [1.0, 0.0]}
    case = world(response_columns=given, treatment_columns=columns)
    assert effects(case, Event(0, 0, 0, 1, CUT)) == {(0, 0, True): pytest.approx(LN_CUT + 0.37)}


def test_fatigue_shrinks_each_further_week_by_the_same_share():
    tired = world(response_columns={"fatigue": 0.25})
    found = effects(tired, Event(0, 0, 1, 2, CUT))
    assert found == {(0, 1, True): pytest.approx(LN_CUT), (0, 2, True): pytest.approx(0.75 * LN_CUT)}


def test_three_weeks_of_fatigue_are_a_geometric_series():
    tired = world(response_columns={"fatigue": 0.5})
    found = effects(tired, Event(0, 0, 0, 3, CUT))
    assert [found[0, week, True] / LN_CUT for week in range(3)] == pytest.approx([1, 0.5, 0.25])


def test_the_dip_fades_linearly_to_nothing():
    found = effects(dipping(), Event(0, 0, 1, 1, CUT))
    after = [found[0, week, False] for week in (2, 3, 4)]
    assert after == pytest.approx([-0.3 * LN_CUT, -0.3 * LN_CUT * 2 / 3, -0.3 * LN_CUT / 3])
    assert len(found) == 4  # one week of promotion, three of dip, nothing after


def test_the_dip_follows_the_tired_last_week():
    found = effects(dipping(fatigue=0.5), Event(0, 0, 1, 2, CUT))
    assert found[0, 3, False] == pytest.approx(-0.3 * 0.5 * LN_CUT)


def test_a_dip_of_one_week_is_whole():
    assert effects(dipping(dip_weeks=1), Event(0, 0, 1, 1, CUT))[0, 2, False] == pytest.approx(-0.3 * LN_CUT)


def test_no_weeks_of_dip_means_no_dip():
    assert set(effects(dipping(dip_weeks=0), Event(0, 0, 1, 1, CUT))) == {(0, 1, True)}


def test_mates_in_the_cluster_lose_in_the_promoted_weeks():
    found = effects(clustered(), Event(0, 0, 4, 2, CUT))
    own = {(0, 4, True): LN_CUT, (0, 5, True): LN_CUT}
    mates = {(1, 4, False): -0.1 * LN_CUT, (1, 5, False): -0.1 * LN_CUT}
    assert found == pytest.approx(own | mates)


def test_mates_feel_the_tired_effect():
    case = world(sku_columns={"cluster": ["c", "c"]}, response_columns={"cross": 0.2, "fatigue": 0.5})
    assert effects(case, Event(1, 0, 0, 2, CUT))[1, 1, False] == pytest.approx(-0.2 * 0.5 * LN_CUT)


def test_the_dip_is_the_own_skus_alone():
    case = world(sku_columns={"cluster": ["c", "c"]}, response_columns={"cross": 0.2, "dip": 0.3, "dip_weeks": 2})
    found = effects(case, Event(0, 0, 2, 1, CUT))
    assert {key for key in found if key[0] == 1} == {(1, 2, False)}


# --- who is a mate


def test_mates_share_a_cluster_and_no_cluster_is_no_cluster():
    case = clustered()
    assert cluster_mates(case, 0, 0) == [1]
    assert cluster_mates(case, 0, 1) == [0]
    assert cluster_mates(case, 0, 2) == []


def test_two_skus_without_a_cluster_are_no_mates():
    case = world(sku_columns={"cluster": ["", ""]}, response_columns={"cross": 0.1})
    assert cluster_mates(case, 0, 0) == []


def test_a_mate_that_the_account_does_not_sell_is_none():
    listed = np.array([[True, False, True], [True, True, True]])
    case = clustered(listed=listed)
    assert cluster_mates(case, 0, 0) == []
    assert cluster_mates(case, 1, 0) == [1]


def test_without_cross_effect_nobody_is_touched():
    case = world(sku_columns={"cluster": ["c", "c"]})
    assert cluster_mates(case, 0, 0) == []


# --- the end of the horizon


def test_an_event_that_runs_over_the_edge_stops_at_it():
    assert set(effects(world(weeks=4), Event(0, 0, 3, 2, CUT))) == {(0, 3, True)}


def test_the_dip_of_the_last_week_falls_outside():
    case = world(weeks=4, response_columns={"dip": 0.3, "dip_weeks": 3})
    assert set(effects(case, Event(0, 0, 3, 1, CUT))) == {(0, 3, True)}
    assert set(effects(case, Event(0, 0, 2, 1, CUT))) == {(0, 2, True), (0, 3, False)}


def test_the_dip_counts_from_the_true_end_even_when_that_is_near_the_edge():
    case = world(weeks=4, response_columns={"dip": 0.3, "dip_weeks": 3})
    assert effects(case, Event(0, 0, 1, 2, CUT))[0, 3, False] == pytest.approx(-0.3 * LN_CUT)


def test_mates_beyond_the_edge_are_left_alone():
    case = world(weeks=3, sku_columns={"cluster": ["c", "c"]}, response_columns={"cross": 0.2})
    assert set(effects(case, Event(0, 0, 2, 2, CUT))) == {(0, 2, True), (1, 2, False)}


# --- the whole plan


def test_no_plan_sells_the_base():
    case = world()
    year = live(case, Plan.nothing())
    np.testing.assert_array_equal(year.cases, case.base_cases)
    assert not year.uplift.any() and not year.spend.any()
    assert (year.treatment == -1).all()


def test_one_cut_by_hand():
    year = live(world(), plan((0, 1, 2, 1, CUT)))
    sold = 110 * 0.8**-2.5
    assert year.cases[0, 1, 2] == pytest.approx(sold)
    assert year.uplift[0, 1, 2] == pytest.approx(sold - 110)
    assert year.spend[0, 1, 2] == pytest.approx(sold * 50 * 0.2)
    assert year.net_revenue[0, 1, 2] == pytest.approx(sold * 50 * 0.8)
    assert year.contribution[0, 1, 2] == pytest.approx(sold * (50 * 0.8 - 25))
    assert year.treatment[0, 1, 2] == CUT


def test_elsewhere_nothing_changes():
    case = world()
    year = live(case, plan((0, 1, 2, 1, CUT)))
    touched = np.zeros(case.shape, bool)
    touched[0, 1, 2] = True
    np.testing.assert_array_equal(year.cases[~touched], case.base_cases[~touched])
    assert not year.spend[~touched].any()
    assert (year.treatment[~touched] == -1).all()


def test_effects_of_two_events_multiply():
    case = world(sku_columns={"cluster": ["c", "c"]}, response_columns={"cross": 0.1})
    year = live(case, plan((0, 0, 2, 1, CUT), (0, 1, 2, 1, DISPLAY)))
    assert year.cases[0, 0, 2] == pytest.approx(100 * exp(LN_CUT) * exp(-0.1 * 0.6))
    assert year.cases[0, 1, 2] == pytest.approx(110 * exp(0.6) * exp(-0.1 * LN_CUT))


def test_a_dip_lowers_the_next_event_and_the_account_next_door_feels_nothing():
    year = live(dipping(), plan((0, 0, 1, 1, CUT), (0, 0, 2, 1, DISPLAY)))
    assert year.cases[0, 0, 2] == pytest.approx(100 * exp(0.6 - 0.3 * LN_CUT))
    assert year.cases[1, 0].tolist() == [100.0] * 8


def test_a_dip_is_no_negative_uplift():
    year = live(dipping(), plan((0, 0, 1, 1, CUT)))
    assert year.cases[0, 0, 2] < 100
    assert year.uplift[0, 0, 2] == 0.0
    assert (year.uplift >= 0).all()


def test_a_promotion_that_repels_buyers_has_no_uplift():
    year = live(world(response_columns={"display": -0.2}), plan((0, 0, 1, 1, DISPLAY)))
    assert year.cases[0, 0, 1] == pytest.approx(100 * exp(-0.2))
    assert year.uplift[0, 0, 1] == 0.0


def test_events_keep_the_order_of_the_plan():
    rows = [(1, 0, 3, 2, 0), (0, 1, 5, 1, 1)]
    assert list(events_of(plan(*rows))) == [Event(*row) for row in rows]


# --- the spend


def test_every_kind_of_cost_is_paid_once_where_it_belongs():
    columns = {"fixed_cost": [70.0, 0.0], "weekly_cost": [11.0, 0.0], "unit_cost": [0.5, 0.0]}
    case = world(treatment_columns=columns)
    cases = np.full(case.shape, 10.0)
    spend = sum(costs_of(case, plan((0, 0, 2, 2, CUT)), cases, cases))
    variable = 10 * (50 * 0.2 + 0.5)
    assert spend[0, 0].tolist() == pytest.approx([0, 0, 70 + 11 + variable, 11 + variable, 0, 0, 0, 0])
    assert spend[1].sum() == spend[0, 1].sum() == 0


def test_spend_is_paid_on_what_is_sold_not_on_what_was_expected():
    case = world()
    event = plan((0, 0, 2, 1, CUT))
    ten, twenty = np.full(case.shape, 10.0), np.full(case.shape, 20.0)
    once = sum(costs_of(case, event, ten, ten))
    np.testing.assert_allclose(sum(costs_of(case, event, twenty, twenty)), 2 * once)


def test_weeks_beyond_the_horizon_cost_nothing():
    case = world(weeks=4, treatment_columns={"weekly_cost": [11.0, 0.0]})
    spend = sum(costs_of(case, plan((0, 0, 3, 2, CUT)), np.zeros(case.shape), np.zeros(case.shape)))
    assert spend.sum() == pytest.approx(11)


# --- what the account buys ahead


def stocking(**given):
    """20 % off; per unit of depth the account buys `forward_buy` weeks of 100 cases ahead, taken back over weeks."""
    columns = {"elasticity": 0.0, "display": log(2), "forward_buy": 3.0, "forward_weeks": 2}
    return world(1, 1, 6, response_columns=columns | given.pop("response_columns", {}), **given)


def test_the_last_week_of_a_deal_is_stocked_up_and_the_weeks_after_order_less():
    """3 x 0.2 x 100 = 60 cases ahead, 30 back in each of two weeks; consumers notice nothing."""
    year = live(stocking(), plan((0, 0, 1, 2, CUT)))
    assert year.sell_out[0, 0].tolist() == pytest.approx([100] * 6)
    assert year.cases[0, 0].tolist() == pytest.approx([100, 100, 160, 70, 70, 100])
    assert year.spend[0, 0].tolist() == pytest.approx([0, 1000, 1600, 0, 0, 0])
    assert year.net_revenue.sum() == pytest.approx(600 * 50 - 2600)


def test_scan_back_is_not_paid_on_what_is_stocked():
    scanned = stocking(treatment_columns={"settled": ["sell_out", "sell_in"]})
    year = live(scanned, plan((0, 0, 1, 2, CUT)))
    assert year.cases[0, 0, 2] == pytest.approx(160)
    assert year.discount[0, 0].tolist() == pytest.approx([0, 1000, 1000, 0, 0, 0])


def test_gifts_follow_what_consumers_buy():
    given = {"unit_cost": [2.0, 0.0], "settled": ["sell_in", "sell_in"]}
    year = live(stocking(treatment_columns=given), plan((0, 0, 1, 1, CUT)))
    assert year.gifts[0, 0].tolist() == pytest.approx([0, 200, 0, 0, 0, 0])
    assert year.discount[0, 0, 1] == pytest.approx(1600)


def test_nothing_is_bought_ahead_of_the_horizons_end():
    """One of the two weeks lies beyond it: only 30 are bought ahead; of an event on the edge, nothing."""
    year = live(stocking(), plan((0, 0, 4, 1, CUT)))
    assert year.cases[0, 0].tolist() == pytest.approx([100, 100, 100, 100, 130, 70])
    for edge in ((0, 0, 5, 1, CUT), (0, 0, 5, 2, CUT)):
        assert live(stocking(), plan(edge)).cases[0, 0].tolist() == pytest.approx([100] * 6)


def test_orders_do_not_fall_below_nothing():
    """900 cases would be bought ahead of one week; it has 100 orders to give."""
    greedy = stocking(response_columns={"forward_buy": 45.0, "forward_weeks": 1})
    year = live(greedy, plan((0, 0, 1, 1, CUT)))
    assert year.cases[0, 0].tolist() == pytest.approx([100, 200, 0, 100, 100, 100])


def test_two_deals_cannot_take_back_the_same_orders():
    """Each would take 90 of the 100 cases of week 3 (and 90 of week 2 or 4): together all of them, half each."""
    greedy = stocking(response_columns={"forward_buy": 9.0, "forward_weeks": 2})
    year = live(greedy, plan((0, 0, 1, 1, CUT), (0, 0, 2, 1, CUT)))
    assert year.cases[0, 0, 3] == pytest.approx(0)
    assert year.cases.sum() == pytest.approx(year.sell_out.sum())
    assert year.cases[0, 0].tolist() == pytest.approx([100, 240, 100 - 90 + 140, 0, 10, 100])


def test_a_display_gives_no_reason_to_stock_up():
    year = live(stocking(), plan((0, 0, 1, 1, DISPLAY)))
    np.testing.assert_array_equal(year.cases, year.sell_out)


# --- the retailer


def test_the_retailer_by_hand():
    """Two weeks of 100 cases at 56.5 with 13 % tax, bought at 50; a cut of 20 % of which 90 % reach the shelf."""
    case = world(
        1, 1, 2,
        base_price=np.full((1, 1, 2), 56.5),
        account_columns={"vat": 0.13},
        response_columns={"elasticity": 0.0},
        treatment_columns={"pass_through": [0.9, 1.0], "weekly_cost": [35.0, 0.0], "unit_cost": [1.0, 0.0]},
    )  # fmt: skip
    year = live(case, plan((0, 0, 1, 1, CUT)))
    assert year.retail_sales[0, 0].tolist() == pytest.approx([5000, 5000 * 0.82])
    assert year.retailer[0, 0].tolist() == pytest.approx([0, 5000 * 0.82 - 5000 + 1000 + 35])


def test_without_a_price_nothing_is_known_of_the_retailer():
    price = np.full((1, 1, 2), 60.0)
    price[0, 0, 1] = np.nan
    year = live(world(1, 1, 2, base_price=price), plan((0, 0, 1, 1, CUT)))
    assert year.retail_sales[0, 0].tolist() == [6000, 0] and year.retailer[0, 0].tolist() == [1000, 0]


def test_what_we_keep_what_the_retailer_keeps_and_what_gifts_cost_is_what_shoppers_pay():
    """An identity of accounts: shelf sales without tax = our net revenue + the retailer's profit + gifts."""
    case = world(
        treatment_columns={"unit_cost": [1.0, 2.0], "fixed_cost": [50.0, 10.0]},
        account_columns={"on_invoice": 0.05, "rebate": 0.02, "vat": 0.13},
        response_columns={"dip": 0.3, "dip_weeks": 2, "forward_buy": 2.0, "forward_weeks": 3},
    )  # fmt: skip
    year = live(case, plan((0, 0, 1, 2, CUT), (1, 1, 3, 1, DISPLAY), (1, 0, 2, 1, CUT)))
    np.testing.assert_allclose(year.retail_sales, year.net_revenue + year.retailer + year.gifts)
