"""What a promotion brings and costs, each sum by hand: margin 25 a case (price 50, cost 25), base 100."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pytest

from kaopt.review.money import Deal, Outcome, State, outcome
from kaopt.review.promotions import Run
from kaopt.scenario.model import Scenario
from tests.worlds import world

GAIN = log(1.5)  # effect with which a week sells half as much again


def state(here: Scenario, effect: Any = GAIN, **given: Any) -> State:
    """A promotion of week 3 (0-based 2), as long as `effect` has weeks."""
    effects = np.atleast_1d(np.asarray(effect, float))
    weeks = np.arange(2, 2 + effects.shape[-1])
    fresh = State(
        weeks=weeks,
        base=here.base_cases[0, 0, weeks],
        effect=effects,
        ran=np.ones(len(weeks), bool),
        runs=[Run(0, 0, 2, len(weeks), 0)],
        around=here.base_cases[0],
    )
    return replace(fresh, **given)


def brings(here: Scenario, treatment: int = 0, **given: Any) -> Outcome:
    return outcome(here, Deal(0, 0, treatment), state(here, **given))


def test_margin_less_the_discount_on_every_case() -> None:
    found = brings(world(1, 1, 8))
    assert found.uplift == pytest.approx(50)
    assert found.spend == pytest.approx(150 * 50 * 0.2)  # the base is subsidised too
    assert found.contribution == pytest.approx(25 * 50 - 1500)


def test_what_was_sold_counts_instead_of_what_was_expected() -> None:
    found = brings(world(1, 1, 8), sold=np.array([120.0]))
    assert found.uplift == pytest.approx(20)
    assert found.spend == pytest.approx(1200)


def test_gifts_weekly_fees_and_a_lump_sum() -> None:
    columns = {"unit_cost": [0.0, 2.0], "fixed_cost": [0.0, 70.0], "weekly_cost": [0.0, 300.0]}
    found = brings(world(1, 1, 8, treatment_columns=columns), treatment=1, effect=[GAIN, GAIN])
    assert found.spend == pytest.approx(300 * 2.0 + 70 + 2 * 300)


def test_weeks_in_which_it_did_not_run_cost_nothing() -> None:
    columns = {"fixed_cost": [70.0, 0.0], "weekly_cost": [300.0, 0.0]}
    here = world(1, 1, 8, treatment_columns=columns)
    half = brings(here, effect=[GAIN, 0.0], ran=np.array([True, False]), runs=[Run(0, 0, 2, 1, 0)])
    assert half.spend == pytest.approx(150 * 10 + 300 + 70)
    none = brings(here, effect=[0.0, 0.0], ran=np.zeros(2, bool), runs=[])
    assert (none.uplift, none.spend, none.contribution) == (0, 0, 0)


def test_what_nobody_planned_has_no_terms() -> None:
    found = brings(world(1, 1, 8), treatment=-1)
    assert (found.spend, found.contribution) == (0, pytest.approx(25 * 50))


def test_the_dip_takes_from_the_weeks_after() -> None:
    """Dip .2 over two weeks: 100 (exp(−.2 e) − 1) and 100 (exp(−.1 e) − 1) of the week's own base."""
    here = world(1, 1, 8, response_columns={"dip": 0.2, "dip_weeks": 2})
    lost = 100 * (1.5**-0.2 - 1) + 100 * (1.5**-0.1 - 1)
    found = brings(here)
    assert found.uplift == pytest.approx(50)  # of its own weeks
    assert found.contribution == pytest.approx(25 * (50 + lost) - 1500)


def test_the_dip_ends_with_the_horizon() -> None:
    here = world(1, 1, 4, response_columns={"dip": 0.2, "dip_weeks": 3})
    lost = 100 * (1.5**-0.2 - 1)
    assert brings(here).contribution == pytest.approx(25 * (50 + lost) - 1500)


def test_each_stretch_has_a_dip_of_its_own() -> None:
    here = world(1, 1, 9, response_columns={"dip": 0.2, "dip_weeks": 1})
    lost = 100 * (1.5**-0.2 - 1)
    runs = [Run(0, 0, 2, 1, 0), Run(0, 0, 4, 1, 0)]
    found = brings(here, effect=[GAIN, 0.0, GAIN], ran=np.array([True, False, True]), runs=runs)
    assert found.contribution == pytest.approx(25 * (100 + 2 * lost) - 2 * 1500)


def test_other_skus_of_the_cluster_lose_at_their_own_margin() -> None:
    """The mate: base 110, price 80, cost 25, so 55 a case; it loses 110 (1 − exp(−.1 e))."""
    columns = {"cluster": ["c", "c", ""], "list_price": [50.0, 80.0, 50.0]}
    here = world(1, 3, 8, sku_columns=columns, response_columns={"cross": 0.1})
    found = brings(here)
    assert found.contribution == pytest.approx(25 * 50 - 1500 + 55 * 110 * (exp(-0.1 * GAIN) - 1))


def ahead(settled: str, weeks: int = 8, orders: int = 2) -> float:
    """The spend where the account buys 1.5 weeks of base per unit of depth: 1.5 · .2 · 100 = 30 cases."""
    here = world(
        1,
        1,
        weeks,
        response_columns={"forward_buy": 1.5, "forward_weeks": orders},
        treatment_columns={"settled": [settled, "sell_in"]},
    )
    return float(brings(here).spend)


def test_what_is_bought_ahead_gets_the_discount_where_it_is_paid_on_invoices() -> None:
    assert ahead("sell_in") == pytest.approx((150 + 30) * 10)
    assert ahead("sell_out") == pytest.approx(150 * 10)


def test_nothing_is_bought_ahead_for_weeks_beyond_the_horizon() -> None:
    assert ahead("sell_in", weeks=4) == pytest.approx((150 + 15) * 10)
    assert ahead("sell_in", weeks=3) == pytest.approx(150 * 10)


def test_buying_ahead_moves_cases_and_brings_none() -> None:
    here = world(1, 1, 8, response_columns={"forward_buy": 1.5, "forward_weeks": 2})
    found = brings(here)
    assert found.uplift == pytest.approx(50)
    assert found.contribution == pytest.approx(25 * 50 - 1800)


def test_draws_are_the_same_sums_one_by_one() -> None:
    columns = {"cluster": ["c", "c"]}
    effects = {"dip": 0.2, "dip_weeks": 2, "cross": 0.1}
    here = world(1, 2, 8, sku_columns=columns, response_columns=effects)
    drawn = np.array([[0.1, 0.2], [0.5, 0.4], [0.0, 0.0]])
    together = brings(here, effect=drawn)
    for d in range(3):
        alone = brings(here, effect=drawn[d])
        for name in ("uplift", "spend", "contribution"):
            assert getattr(together, name)[d] == pytest.approx(float(getattr(alone, name)))
