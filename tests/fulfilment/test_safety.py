"""Safety stock, lots and position: each policy moves the outcome as theory or arithmetic demands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import ON_HAND, WRITTEN_OFF
from kaopt.fulfilment.loops import lots, production
from kaopt.fulfilment.policies import safety
from kaopt.fulfilment.state import goods_of
from kaopt.fulfilment.world import live_through
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.sites import Plants
from tests import worlds
from tests.fulfilment.helpers import calm, fill, ready, unhurried, years

MONDAY = 7
DAILY = (1, 2, 3, 4, 5, 6, 7)


def daily(weeks: int = 8, **given_: Any) -> Scenario:
    columns = {"order_days": (DAILY,)} | given_.pop("account_columns", {})
    return calm(1, 1, weeks, base_cases=np.full((1, 1, weeks), 70.0), account_columns=columns, **given_)


# the loss function ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", [-3.0, -0.5, 0.0, 0.7, 2.5, 6.0])
def test_the_loss_function_is_the_mean_shortage_of_a_standard_normal(z: float) -> None:
    exact, _ = integrate.quad(lambda x: (x - z) * stats.norm.pdf(x), z, 40)
    assert float(safety.loss(z)) == pytest.approx(exact, rel=1e-7, abs=1e-14)


@given(st.floats(-8, 8))
def test_the_inverse_undoes_it(z: float) -> None:
    assert float(safety.inverse_loss(safety.loss(z))) == pytest.approx(z, abs=1e-6)


def test_the_inverse_takes_arrays_and_extremes() -> None:
    found = safety.inverse_loss(np.array([1e-12, 0.398942280401, 50.0]))
    assert found[1] == pytest.approx(0, abs=1e-9) and found[2] == pytest.approx(-50) and 6 < found[0] < 7.5


@pytest.mark.parametrize(("level", "fill_rate"), [(100, 0.880317), (120, 0.954664), (140, 0.987281)])
def test_the_newsvendors_fill_rate(level: float, fill_rate: float) -> None:
    """Demand N(100, 30) of one period: 1 - sigma L(z) / mu."""
    assert safety.fill_of_level(level, 100, 30) == pytest.approx(fill_rate, abs=5e-7)


def test_the_fill_rate_of_a_periodic_base_stock() -> None:
    """Demand N(100, 30) a period, lead time 2, level 360: 1 - [sigma v3 L(z3) - sigma v2 L(z2)] / mu."""
    assert safety.fill_of_level(360, 100, 30, (2, 1)) == pytest.approx(0.968043, abs=5e-7)


# the buffer of a review ----------------------------------------------------------------------------------------------


def test_safety_by_deviations_is_k_sigma_of_the_weeks_until_the_next_lot() -> None:
    """Base demand of 70 a week with cv .2: 14 a week; 12 days of lead and review are 12/7 weeks of it."""
    rule = {"production": {"safety": {"rule": "sigma", "k": 2.0}}}
    world = daily(sku_columns={"demand_cv": 0.2, "safety_weeks": 9.0}, supply=rule)
    level = production.target(begin(ready(world), 0), (0, 0), MONDAY)
    assert level == pytest.approx(120 + 2.0 * 14 * (12 / 7) ** 0.5)


def test_errors_of_accounts_add_up_as_squares() -> None:
    rule = {"production": {"safety": {"rule": "sigma", "k": 1.0}}}
    base = np.array([30.0, 40.0])[:, None, None] * np.ones((2, 1, 8))
    columns = {"order_days": (DAILY, DAILY)}
    world = calm(2, 1, base_cases=base, sku_columns={"demand_cv": 0.5}, account_columns=columns, supply=rule)
    level = production.target(begin(ready(world), 0), (0, 0), MONDAY)
    assert level == pytest.approx(120 + 25 * (12 / 7) ** 0.5)  # 15 and 20 a week


def test_uplift_has_an_error_of_its_own_where_production_sees_it() -> None:
    """A week of uplift u seven days long, cv .4, k_promo 3: its error is one draw, so that it adds up unsquared."""
    rule = {"uplift_cv": 0.4, "production": {"safety": {"rule": "sigma", "k": 0.0, "k_promo": 3.0}}}
    seen, unseen = (daily(supply=rule, account_columns={"notice_days": days}) for days in (60, 10))
    plan = worlds.plan((0, 0, 4, 1, 0))  # picked from day 27 to 33
    uplift = 70 * (0.8**-2.5 - 1)
    for world, extra in ((seen, 3 * 0.4 * uplift), (unseen, 0.0)):
        inputs = ready(world, plan)
        assert inputs.terms.buffer[0, 0, 25 - inputs.first_day] == pytest.approx(extra)  # days 25 to 36
        assert inputs.terms.buffer[0, 0, MONDAY - inputs.first_day] == 0
    part = ready(seen, plan)
    assert part.terms.buffer[0, 0, 21 - part.first_day] == pytest.approx(3 * 0.4 * uplift * (6 / 7) ** 0.5)


@unhurried
@given(st.floats(0.7, 0.999), st.sampled_from([0.1, 0.5]), st.sampled_from([1.0, 3.0]))
def test_safety_by_fill_rate_loses_what_it_may(target: float, cv: float, cover: float) -> None:
    """sigma L(safety / sigma) = (1 - fill) x demand of a cycle: a review's, or a lot's where that is more."""
    rule = {"production": {"safety": {"rule": "fill", "fill": target}}}
    world = daily(sku_columns={"demand_cv": cv, "lot_cover_weeks": cover}, supply=rule)
    inputs = ready(world)
    sigma, kept = 70 * cv * (12 / 7) ** 0.5, inputs.terms.buffer[0, 0, MONDAY - inputs.first_day]
    lost = sigma * float(safety.loss(kept / sigma))
    assert lost == pytest.approx((1 - target) * 70 * cover, rel=1e-6)


def test_without_error_no_safety_is_needed() -> None:
    for rule in ("sigma", "fill"):
        inputs = ready(daily(supply={"production": {"safety": {"rule": rule}}}))
        assert not inputs.terms.buffer.any()


# what the policies do ------------------------------------------------------------------------------------------------


def lived(world: Scenario, count: int = 12) -> tuple[float, float, float]:
    """Mean fill, cases in stock and cases written off."""
    found = years(world, count)
    return (
        float(np.mean([fill(one) for one in found])),
        float(np.mean([one.goods.days[ON_HAND].sum() for one in found])),
        float(np.mean([one.goods.days[WRITTEN_OFF].sum() for one in found])),
    )


def noisy(weeks: int = 26, **given_: Any) -> Scenario:
    columns = {"demand_cv": 0.4, "lot_cover_weeks": 0.01, "safety_weeks": 0.0} | given_.pop("sku_columns", {})
    return daily(weeks, sku_columns=columns, **given_)


def test_more_safety_of_each_kind_serves_more_and_holds_more() -> None:
    kinds: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"rule": "sigma", "k": 0.0}, {"rule": "sigma", "k": 2.0}),
        ({"rule": "fill", "fill": 0.85}, {"rule": "fill", "fill": 0.99}),
    ]
    for less, more in kinds:
        low, high = (lived(noisy(supply={"production": {"safety": one}})) for one in (less, more))
        assert high[0] > low[0] + 0.01 and high[1] > low[1]


def test_a_fill_rate_that_is_asked_for_is_reached_and_not_far_exceeded() -> None:
    """Lost sales and whole weeks make it no equality: between the target and half of the way from it to one."""
    for target in (0.9, 0.97):
        served = lived(noisy(52, supply={"production": {"safety": {"rule": "fill", "fill": target}}}), 20)[0]
        assert target - 0.01 < served < target + 0.6 * (1 - target)


def test_larger_lots_hold_more_stock_by_about_half_a_lot() -> None:
    """Cycle stock is half a lot: (s, S) on lots of four weeks against one of one week, three half-weeks more or so."""
    small, large = (
        lived(noisy(sku_columns={"demand_cv": 0.0, "lot_cover_weeks": cover}, supply={"production": {"rule": "nQ"}}))
        for cover in (1.0, 4.0)
    )
    assert (large[1] - small[1]) / 182 == pytest.approx((280 - 70) / 2, rel=0.15)


def test_the_rules_hold_stock_in_the_order_of_their_lots() -> None:
    held = {
        rule: lived(noisy(sku_columns={"lot_cover_weeks": 3.0}, supply={"production": {"rule": rule}}))[1]
        for rule in ("plan", "lot", "nQ", "sS")
    }
    assert held["plan"] < held["lot"] <= held["nQ"] < held["sS"]


def test_a_capped_lot_is_written_off_less() -> None:
    """Life 42 days, all of it accepted; a lot of ten weeks rots, one that is capped does not."""
    long = {"lot_cover_weeks": 10.0, "shelf_life": 42, "safety_weeks": 0.5}
    free, capped = (
        lived(noisy(sku_columns=long, supply={"production": {"cap_lots": cap}, "position": "all"}))
        for cap in (False, True)
    )
    assert free[2] > 100 and capped[2] < 0.2 * free[2]


def test_fixed_orders_serve_less_with_the_same_safety() -> None:
    """What was decided three weeks ago knows nothing of the last three weeks' demand."""
    nervous, fixed = (
        lived(noisy(sku_columns={"safety_weeks": 0.5}, supply={"production": {"fixed": one}, "freeze_days": 21}), 20)
        for one in (False, True)
    )
    assert fixed[0] < nervous[0]


def test_uplift_built_ahead_fits_through_a_small_plant() -> None:
    """Two weeks of 2.4 times 70, and 90 a week can be made: what was made in the weeks before is there."""
    small = Network(plants=worlds.table(Plants, 1, plant=("works",), capacity=90.0))
    plan = worlds.plan((0, 0, 12, 2, 0))
    served = []
    for weeks in (0, 4, 8):
        rule = {"production": {"prebuild_weeks": weeks}}
        steep = {"response_columns": {"elasticity": -4.0}, "sku_columns": {"lot_cover_weeks": 0.01}}
        world = replace(daily(20, supply=rule, **steep), network=small)
        served.append(fill(live_through(ready(world, plan), 0)))
    assert served[0] < served[1] < served[2] <= 1.0


# the age-aware position ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "fades"),
    [
        ([(0, 30)], 0),  # fresh: sold long before
        ([(85, 30)], 0),  # three days of demand, five days left
        ([(85, 80)], 30),  # 50 are sold in the five days of 85 … 89
        ([(85, 80), (84, 40)], 30 + 30),  # a day more for the second: 10 of it
        ([(95, 40), (85, 20)], 40),  # the first is too old already
        ([(70, 500)], 0),  # fails only after the span of twelve days: another review will see it
    ],
)
def test_what_will_fail_the_strictest_account_before_it_is_sold(held: list[tuple[int, int]], fades: float) -> None:
    """10 a day; the strictest of life 270 takes 90 days, so that a lot may be picked up to an age of 89."""
    world = daily(
        sku_columns={"shelf_life": 270}, account_columns={"acceptance_age": 1 / 3}, supply={"position": "age_aware"}
    )
    state = begin(ready(world), 0)
    goods_of(state).ends[:] = 0
    for age, cases in held:
        lots.put(state, (0, 0), (MONDAY - age, MONDAY - age), cases)
    assert production.fading(state, (0, 0), MONDAY) == pytest.approx(fades)


def test_the_age_aware_position_orders_in_time_for_what_will_be_too_old() -> None:
    """Lots of seven weeks, accepted for 36 days of 90: 12 days before the lot fails the next one must be begun.

    Counting every case begins it when the old one has failed; counting what is fit in a week, 5 days too late.
    """
    columns = {"lot_cover_weeks": 7.0, "shelf_life": 90, "safety_weeks": 0.3}
    served = {}
    for position in ("all", "acceptable", "age_aware"):
        account = {"acceptance_age": 0.4}
        served[position] = lived(noisy(52, sku_columns=columns, account_columns=account, supply={"position": position}))
    assert served["age_aware"][0] > served["acceptable"][0] + 0.05 > served["all"][0] + 0.1
    assert served["age_aware"][2] > served["all"][2]  # what it costs: more lots, more of them left over
