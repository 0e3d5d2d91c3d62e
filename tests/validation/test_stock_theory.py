"""Stock against theory: base stock, newsvendor, reorder point and lot cycle, lived through in the product's own world.

Each scenario is degenerate: one account that orders once a week, a warehouse and a fleet that never fail, one SKU; the
week is the period of the theory. Demand is lognormal, as in the world, so that the exact figures are worked out for the
lognormal here; the same policies with normal demand are checked against their closed forms in
tests/fulfilment/test_safety.py. Cases are so many (10 000 a week) that whole cases are a matter of one in ten thousand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.scenario.network import Network
from kaopt.scenario.receiving import Receiving
from tests.fulfilment.helpers import calm, years, z_score
from tests.worlds import table

MEAN, CV = 10_000.0, 0.3
LAW = stats.lognorm(s=np.sqrt(np.log1p(CV**2)), scale=MEAN / np.sqrt(1 + CV**2))
WEEKS = 104


def weekly(**given: Any) -> Scenario:
    """Delivered on Thursdays, picked on Wednesdays, reviewed on Mondays."""
    sku = {"demand_cv": CV, "lot_cover_weeks": 0.01, "shelf_life": 5000} | given.pop("sku", {})
    supply = {"lead_days": 0, "position": "all", "pick_rate": 1e6, "production": {"rule": "plan"}} | given.pop(
        "supply", {}
    )
    return calm(
        1,
        1,
        WEEKS,
        base_cases=np.full((1, 1, WEEKS), MEAN),
        account_columns={"order_days": ((4,),)},
        sku_columns=sku,
        supply=supply,
        **given,
    )


def served(year: Year) -> float:
    """Cases accepted over cases expected: the fill rate without the noise of a ratio."""
    return float(year.ledger.cases[0, :, 1].sum() / (MEAN * WEEKS))


def shortage(levels: Any, periods: int) -> Any:
    """E[(D - S)+] of the demand D of some weeks, exactly up to a grid of half a thousandth of the mean."""
    step = MEAN / 2000
    grid = np.arange(0, 12 * MEAN, step)
    one = np.diff(LAW.cdf(np.concatenate([[0.0], grid + step / 2])), prepend=0.0)[1:]
    law = np.zeros(len(grid))
    law[0] = 1.0
    for _ in range(periods):
        law = np.maximum(
            np.fft.irfft(np.fft.rfft(law, 2 * len(grid)) * np.fft.rfft(one, 2 * len(grid)))[: len(grid)], 0
        )
    return np.array([float((np.maximum(grid - level, 0) * law).sum()) for level in np.atleast_1d(levels)])


def test_the_grid_knows_the_closed_form_of_one_week() -> None:
    """E[(D - S)+] of a lognormal: mu Phi(d) - S Phi(d - sigma), as in an option's price."""
    sigma, level = np.sqrt(np.log1p(CV**2)), 1.2 * MEAN
    d = (np.log(MEAN / level) + sigma**2 / 2) / sigma
    exact = MEAN * stats.norm.cdf(d) - level * stats.norm.cdf(d - sigma)
    assert shortage(level, 1)[0] == pytest.approx(exact, rel=1e-4)
    assert shortage(0.0, 3)[0] == pytest.approx(3 * MEAN, rel=1e-4)


@pytest.mark.parametrize("safety", [0.0, 0.2, 0.4])
def test_goods_of_one_week_are_a_newsvendors(safety: float) -> None:
    """Case 8: what is left on Saturday is too old, so that each week begins with S = 100, 120 or 140 % of its mean."""
    lived = years(weekly(sku={"safety_weeks": safety, "shelf_life": 4}), 30)
    exact = 1 - shortage((1 + safety) * MEAN, 1)[0] / MEAN
    assert abs(z_score([served(year) for year in lived], exact)) <= 4
    left = [year.goods.days[3, 0, 0] / (MEAN * WEEKS) for year in lived]  # written off: what was made and not sold
    assert abs(z_score(left, 1 + safety - exact)) <= 4


def test_base_stock_that_is_restored_every_week_is_a_newsvendors_too() -> None:
    """Without lead time, what is left is made up to S again; sales that are lost stay lost."""
    exact = 1 - shortage(1.2 * MEAN, 1)[0] / MEAN
    assert abs(z_score([served(year) for year in years(weekly(sku={"safety_weeks": 0.2}), 30)], exact)) <= 4


def patient(world: Scenario) -> Scenario:
    """The customer waits: what fails is tried again with the next delivery, as long as it takes."""
    row = table(Receiving, 1, account=("A1",), unfilled=("backorder",), cancel_days=2000)
    return replace(world, network=Network(receiving=row))


def on_request(year: Year) -> float:
    """The share of the expected cases that came on the day that was asked for; what is open at the end left out."""
    counted = WEEKS - 10
    accepted, later = year.ledger.cases[0, :counted, 1], year.ledger.later[0, :counted]
    return float((accepted.sum() - later.sum()) / (MEAN * counted))


@pytest.mark.parametrize("level", [3.2, 3.6])
def test_periodic_base_stock_with_backorders(level: float) -> None:
    """Case 9: two weeks of lead, S = 3.6 means: 1 - (E[(D3 - S)+] - E[(D2 - S)+]) / mu, D3 being demand of 3 weeks."""
    world = patient(weekly(sku={"safety_weeks": level - 3}, supply={"lead_days": 14}))
    exact = 1 - (shortage(level * MEAN, 3)[0] - shortage(level * MEAN, 2)[0]) / MEAN
    lived = years(world, 30)
    assert abs(z_score([on_request(year) for year in lived], exact)) <= 4
    everything = [year.ledger.cases[0, : WEEKS - 10, 1].sum() / (MEAN * (WEEKS - 10)) for year in lived]
    assert abs(z_score(everything, 1.0)) <= 4  # in the end everything is delivered


def test_whole_lots_above_a_reorder_point_with_backorders() -> None:
    """Case 7, reviewed by the week: the position after a review is uniform between s and s + Q, whatever the demand."""
    world = patient(
        weekly(
            sku={"safety_weeks": -0.4, "lot_cover_weeks": 2.0}, supply={"lead_days": 14, "production": {"rule": "nQ"}}
        )
    )
    levels = (2.6 + 2 * (np.arange(50) + 0.5) / 50) * MEAN
    exact = 1 - float((shortage(levels, 3) - shortage(levels, 2)).mean()) / MEAN
    assert abs(z_score([on_request(year) for year in years(world, 40)], exact)) <= 4


@pytest.mark.parametrize(("weeks", "horizon", "exact"), [(13, 52, 57 / 91), (17, 51, 57 / 119), (5, 50, 1.0)])
def test_a_lot_that_outlasts_the_acceptance_age_serves_a_strict_account_for_a_part_of_its_cycle(
    weeks: int, horizon: int, exact: float
) -> None:
    """Case 11: cover T, accepted for A = 60 days, L = 3 days until it is free: min(1, (A - L) / T), to the case.

    One account that takes anything drinks the lot; the strict one has one case in ten thousand of the demand.
    """
    base = np.array([7.0, 69_993.0])[:, None, None] * np.ones((2, 1, horizon))
    account = {"order_days": ((1, 2, 3, 4, 5, 6, 7),) * 2, "acceptance_age": [0.1, 1.0]}
    sku = {"shelf_life": 600, "lot_cover_weeks": float(weeks), "safety_weeks": 0.3}
    supply = {"lead_days": 3, "position": "all", "pick_rate": 1e6, "warmup_weeks": 2 * weeks}
    world = calm(2, 1, horizon, base_cases=base, account_columns=account, sku_columns=sku, supply=supply)
    for year in years(world, 3):  # wherever in its cycle the first lot stood
        cases = year.ledger.cases[0].sum(axis=0)
        assert cases[1] / cases[0] == pytest.approx(exact, abs=1e-9)
