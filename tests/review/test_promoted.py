"""One promotion by hand, and the sums that must come out for all: planned, reasons, happened."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt import api
from kaopt.plan import Plan
from kaopt.review.promoted import Promotion, Split, reviewed, split
from kaopt.review.year import Year, lived
from kaopt.scenario.model import Scenario
from tests.review.small import changed, sales
from tests.worlds import plan, world

CUT = plan((0, 0, 3, 1, 0))  # 20 % off in week 4: ln cases + 2.5 · ln 1.25


def sure(here: Scenario, **given: float) -> Scenario:
    """The world with coefficients that hardly any year can change, so that by hand needs no posterior."""
    se = {"elasticity_se": 1e-9, "display_se": 1e-9} | given
    ones = np.ones(here.listed.shape)
    how = replace(here.response, **{name: one * ones for name, one in se.items()})
    return replace(here, response=how, skus=replace(here.skus, demand_cv=np.full(len(here.skus.sku), 1e-6)))


def one(here: Scenario, events: Plan, **given: object) -> Promotion:
    return reviewed(lived(here, events, sales(here, events, **given))).promotions[0]


def test_one_promotion_by_hand() -> None:
    """Base 100, planned at 20 % off: 100 (1.25^2.5 − 1). The weeks sell a tenth more, 10 % off was charged, 150 sold.

    Level: seven weeks at ln 1.1, the promoted one at ln 1.5 − 2.5 ln(1/.9); level is the mean of the eight.
    """
    here = sure(world(1, 1, 8))
    units = np.full(8, 110.0)
    units[3] = 150.0
    ratio = np.zeros(8)
    ratio[3] = log(0.9)
    found = one(here, CUT, units=units, log_ratio=ratio)
    level = exp((7 * log(1.1) + log(1.5) + 2.5 * log(0.9)) / 8)
    planned, done = 1.25**2.5, 0.9**-2.5
    assert found.cases is not None and found.money is not None
    base = 100 * level
    variance = float(lived(here, CUT, sales(here, CUT, units=units, log_ratio=ratio)).learned.variance[0])
    base *= exp(variance / 2)
    assert found.cases.planned == pytest.approx(100 * (planned - 1))
    assert found.cases.base == pytest.approx((base - 100) * (planned - 1), rel=1e-5)
    assert found.cases.execution == pytest.approx(base * (done - planned), rel=1e-5)
    assert found.cases.response == pytest.approx(150 - base * done, rel=1e-5)
    assert found.cases.happened == pytest.approx(150 - base, rel=1e-5)
    assert found.status == "otherwise" and found.cut == pytest.approx((0.2, 0.1))
    # list price 50, cost 25: 25 a case earned, 20 % of 50 = 10 a case paid, on all cases of the week
    assert found.money.planned == pytest.approx(25 * 100 * (planned - 1) - 10 * 100 * planned)
    assert found.money.happened == pytest.approx(25 * (150 - base) - 10 * 150, rel=1e-5)
    assert found.spend == pytest.approx((10 * 100 * planned, 1500.0))


def test_as_planned_nothing_differs() -> None:
    here = sure(world(1, 1, 8))
    found = one(here, CUT)
    assert found.status == "as_planned"
    assert found.cases is not None
    assert found.cases.parts == pytest.approx((0, 0, 0, 0), abs=1e-6)
    assert found.luck == pytest.approx(0, abs=1e-3)


def test_what_did_not_run_costs_nothing_and_is_no_luck() -> None:
    here = sure(world(1, 1, 8))
    units = np.array([100, 103, 97, 160.0, 100, 99, 101, 100])
    found = one(here, CUT, units=units, log_ratio=0.0)
    assert found.status == "not_run" and found.weeks_run == 0
    assert found.cases is not None and found.money is not None
    assert found.cases.happened == pytest.approx(0, abs=1e-9) and found.money.happened == pytest.approx(0, abs=1e-9)
    assert found.cases.response == pytest.approx(0, abs=1e-9)
    assert found.spend[1] == 0
    assert found.money.execution < 0 < found.spend[0]


def test_said_not_executed_is_as_good_as_a_price_that_did_not_fall() -> None:
    here = sure(world(1, 1, 8))
    silent = {"units": 100.0, "log_ratio": np.nan, "stores": np.nan}
    assert one(here, CUT, **silent).status == "as_planned"  # nothing says otherwise
    assert one(here, CUT, **silent, executed=0.0).status == "not_run"


def test_a_moved_promotion_is_compared_where_it_ran() -> None:
    here = sure(world(1, 1, 8))
    ratio, units = np.zeros(8), np.full(8, 100.0)
    ratio[5], units[5] = log(0.8), 100 * 1.25**2.5
    found = one(here, CUT, units=units, log_ratio=ratio)
    assert (found.status, found.week, found.weeks_run, found.weeks_in_all) == ("moved", 3, 1, 2)
    assert found.cases is not None
    assert found.cases.happened == pytest.approx(100 * (1.25**2.5 - 1), rel=1e-6)
    assert found.cases.parts == pytest.approx((0, 0, 0, 0), abs=1e-4)


def test_a_longer_promotion_costs_longer() -> None:
    here = sure(world(1, 1, 8, treatment_columns={"depth": [0.2, 0.0], "fixed_cost": [500.0, 0.0]}))
    ratio, units = np.zeros(8), np.full(8, 100.0)
    ratio[3:5], units[3:5] = log(0.8), 170.0
    found = one(here, CUT, units=units, log_ratio=ratio)
    assert (found.status, found.weeks_run) == ("longer", 2)
    assert found.spend[1] == pytest.approx(2 * 170 * 10 + 500)


def test_booked_spend_is_a_reason_of_its_own() -> None:
    here = sure(world(1, 1, 8))
    terms = one(here, CUT)
    booked = one(here, CUT, spend=changed(np.full(here.shape, np.nan), cell=((0, 0, 3), 3000.0)))
    assert terms.money is not None and booked.money is not None
    assert booked.spend[1] == 3000.0
    assert booked.money.paid == pytest.approx(terms.spend[1] - 3000.0)
    assert booked.money.happened == pytest.approx(terms.money.happened + booked.money.paid)
    assert booked.cases == terms.cases


def test_a_promotion_that_nobody_planned_has_a_row() -> None:
    here = sure(world(1, 2, 12))
    events = plan((0, 0, 3, 1, 0))
    ratio = changed(np.zeros(here.shape), a=((0, 0, 3), log(0.8)), b=((0, 1, 9), log(0.7)))
    spend = changed(np.full(here.shape, np.nan), cell=((0, 1, 9), 800.0))
    first, second = reviewed(lived(here, events, sales(here, events, log_ratio=ratio, spend=spend))).promotions
    assert first.status == "as_planned"
    assert (second.status, second.treatment, second.sku, second.week) == ("unplanned", -1, 1, 9)
    assert second.cases is not None and second.money is not None
    assert (second.cases.planned, second.money.planned, second.loss) == (0, 0, None)
    assert second.cases.execution > 0 > second.cases.response  # the cut was expected to sell; the week sold its base
    assert second.spend == (0, 800.0) and second.money.paid == -800.0


def test_weeks_without_sales_are_taken_as_believed_and_events_without_any_are_not_compared() -> None:
    here = sure(world(1, 1, 8))
    two = plan((0, 0, 1, 2, 0), (0, 0, 6, 1, 0))
    seen = sales(here, two).units
    found = reviewed(
        lived(here, two, sales(here, two, units=changed(seen, a=((0, 0, 2), np.nan), b=((0, 0, 6), np.nan))))
    )
    first, second = found.promotions
    assert (first.weeks_seen, first.weeks_in_all, first.status) == (1, 2, "as_planned")
    assert first.cases is not None and first.cases.happened == pytest.approx(first.cases.planned, rel=1e-6)
    assert (second.status, second.cases, second.money, second.loss) == ("no_sales", None, None, None)
    assert len(found.again[1]) == 0


def rich(seed: int) -> tuple[Scenario, Plan, Year]:
    """A year in a world with everything: fatigue, dips, mates, forward buying, gifts, fees; and a truth of its own."""
    rng = np.random.default_rng(seed)
    effects = {"elasticity": -2.0, "display": 0.5, "gift": 0.3, "fatigue": 0.1, "dip": 0.2, "dip_weeks": 2}
    effects |= {"cross": 0.1, "forward_buy": 1.5, "forward_weeks": 2, "price_display": -0.3}
    columns = {"unit_cost": [0.0, 1.5], "fixed_cost": [100.0, 200.0], "gift": [0.0, 1.0], "display": [0.4, 1.0]}
    here = world(
        2,
        3,
        14,
        response_columns=effects,
        sku_columns={"cluster": ["c", "c", ""]},
        treatment_columns=columns | {"settled": ["sell_out" if seed % 2 else "sell_in", "sell_in"]},
    )
    events = plan((0, 0, 2, 2, 0), (0, 1, 7, 1, 1), (1, 2, 4, 2, 0), (1, 0, 11, 1, 1))
    base = sales(here, events)
    noise = np.exp(0.2 * rng.normal(size=here.shape))
    missing = rng.random(here.shape) < 0.1
    found = sales(
        here,
        events,
        units=np.where(missing, np.nan, base.units * noise),
        log_ratio=base.log_ratio * rng.choice([0, 0.5, 1, 1], size=here.shape),
        spend=np.where(rng.random(here.shape) < 0.2, 300.0, np.nan),
    )
    return here, events, lived(here, events, found)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_the_parts_add_up_to_the_difference(seed: int) -> None:
    _, _, year = rich(seed)
    for found in reviewed(year).promotions:
        for of in (found.cases, found.money):
            if of is not None:
                scale = max(map(abs, (*of.parts, of.planned, of.happened)), default=1.0)
                assert sum(of.parts) == pytest.approx(of.happened - of.planned, abs=1e-12 * max(scale, 1.0) * 8)


@pytest.mark.parametrize("seed", [0, 1])
def test_planned_figures_are_those_of_the_plan(seed: int) -> None:
    """Two computations: `kaopt.review.money` for each promotion, and the evaluator's ledger."""
    here, events, year = rich(seed)
    ledger = api.evaluate(here, events).ledger
    found = reviewed(year).promotions[: len(events)]
    compared = [n for n, one in enumerate(found) if one.money is not None]
    assert len(compared) >= 3
    money = [found[n].money.planned for n in compared]  # type: ignore[union-attr]
    np.testing.assert_allclose(money, ledger.event_contribution[compared], rtol=1e-10)
    np.testing.assert_allclose([one.spend[0] for one in found], ledger.event_spend.sum(axis=1), rtol=1e-10)


def test_split_by_steps() -> None:
    assert split([10.0, 12.0, 7.0, 8.0], -1.5) == Split(10.0, 2.0, -5.0, 1.0, -1.5, 6.5)


def test_the_same_again_is_what_is_believed_now() -> None:
    """With coefficients that are certain, every draw is the plan's own contribution in the base that was."""
    here = sure(world(1, 1, 8))
    found = reviewed(lived(here, CUT, sales(here, CUT)))
    np.testing.assert_allclose(found.again[0], found.promotions[0].money.planned, rtol=1e-6)  # type: ignore[union-attr]
    unsure = sure(world(1, 1, 8), elasticity_se=1.0)
    spread = reviewed(lived(unsure, CUT, sales(unsure, CUT, units=np.full(8, 100.0) * (1 + 0.3 * np.arange(8) % 2))))
    assert spread.again[0].std() > 10
    assert spread.promotions[0].loss == pytest.approx((spread.again[0] < 0).mean())
