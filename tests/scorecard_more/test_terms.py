"""Fees that events open and rebates by tier on the scorecard: in spend, profit and the way from planned to delivered.

The half year of `test_two_accounts`: A1 sells for 52 000 net, of which 800 and then 2 400 are not delivered; A2 sells
780 cases, of which 10 are refused in each year.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.evaluate import evaluate
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from kaopt.scenario.terms import Fee, Rebate
from kaopt.scorecard import Scorecard, score
from tests.allocation.brute import plan_of
from tests.allocation.test_money import charged, one_at_a_time
from tests.scorecard_more.test_two_accounts import number, paper, two_years
from tests.worlds import plan

TIERS = (
    Rebate(0, "revenue", "all_unit", (50_000.0,), (0.02,)),  # 1 040; then 1 024, and nothing on 49 600
    Rebate(1, "cases", "stepped", (700.0,), (1.0,)),  # 80; then 70 in both years
)
PAPER = {
    "profit.planned.contribution": (22_920 - 1040, 10_140 - 80),
    "profit.planned.incremental_contribution": (0, 0),
    "profit.delivered.contribution": (22_307.5 - 512, 9_912.5 - 70),
    "profit.trade_spend.rebate": (6_500 + 1040, 7_800 + 80),
    "profit.trade_spend.total": (14_000 + 1040, 7_800 + 80),
    "profit.trade_rate": (15_040 / 65_000, 7_880 / 39_000),
    "profit.conditional.rebate_by_tier": (1040, 80),
    "profit.conditional.opened_fees": (0, 0),
    "sales.planned.net_revenue": (52_000, 31_200),  # before rebates by tier
}


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score(paper(rebates=TIERS), Plan.nothing(), two_years())


@pytest.mark.parametrize("path", PAPER)
def test_rebates_as_on_paper(card: Scorecard, path: str) -> None:
    for who, expected in zip(("A1", "A2"), PAPER[path], strict=True):
        assert number(card, who, path) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    if not path.endswith("rate"):
        assert number(card, "total", path) == pytest.approx(sum(PAPER[path]), rel=1e-12, abs=1e-9)


def test_the_bridge_still_adds_up_and_says_what_falls_away(card: Scorecard) -> None:
    for who, scores in {"total": card.total, **card.accounts}.items():
        steps = dict(scores.profit.bridge)
        assert steps["rebates"] == pytest.approx({"A1": (16 + 1040) / 2, "A2": 10, "total": 538}[who])
        moves = sum(value for name, value in steps.items() if name not in ("planned", "delivered"))
        assert steps["planned"] + moves == pytest.approx(steps["delivered"], rel=1e-12)
        assert steps["delivered"] == pytest.approx(number(card, who, "profit.delivered.contribution"), rel=1e-12)


def test_without_rebates_the_bridge_has_no_such_step() -> None:
    assert "rebates" not in dict(score(paper(), Plan.nothing(), two_years()).total.profit.bridge)


def one_fee(**given: Any) -> Fee:
    everything: dict[str, Any] = {name: np.ones(2, bool) for name in ("accounts", "skus", "treatments")}
    return Fee("listing", period=np.zeros(26, np.int64), amount=500.0, **(everything | given))


def test_an_opened_fee_is_spend_and_cost_and_the_buyers_income() -> None:
    display = plan((1, 0, 3, 1, 1), (1, 0, 9, 1, 1))
    with_it, without = (score(paper(fees=fees), display) for fees in ((one_fee(),), ()))

    def change(path: str) -> float:
        return number(with_it, "A2", path) - number(without, "A2", path)

    for path in ("trade_spend.fees", "trade_spend.total", "conditional.opened_fees", "retailer.profit"):
        assert change(f"profit.{path}") == pytest.approx(500)
    for path in ("planned.contribution", "planned.incremental_contribution"):
        assert change(f"profit.{path}") == pytest.approx(-500)
    assert change("profit.trade_spend.promotions") == change("sales.planned.net_revenue") == 0
    spend = number(without, "A2", "profit.trade_spend.promotions")
    extra = number(without, "A2", "profit.planned.incremental_contribution")
    assert number(with_it, "A2", "profit.planned.return_on_spend") == pytest.approx((extra - 500) / (spend + 500))
    cases = number(with_it, "A2", "profit.planned.incremental_cases")
    assert number(with_it, "A2", "profit.planned.cases_per_100") == pytest.approx(100 * cases / (spend + 500))
    assert number(with_it, "A1", "profit.trade_spend.fees") == 1000


def test_a_fee_that_nothing_opens_costs_nothing() -> None:
    fees = (one_fee(treatments=np.array([True, False])),)
    with_it, without = (score(paper(fees=given), plan((1, 0, 3, 1, 1))) for given in (fees, ()))
    for path in ("profit.planned.contribution", "profit.trade_spend.total"):
        assert number(with_it, "total", path) == number(without, "total", path)


@given(charged(), st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_the_scorecard_earns_what_the_judge_says(here: Scenario, seed: int) -> None:
    """Two ways to the profit of the year lived through: the scorecard's sums, and the judge's events and charges."""
    here = replace(here, objective=Objective(maximize="profit"), rules={})
    offers = make_offers(here)
    chosen = plan_of(offers, one_at_a_time(offers, np.random.default_rng(seed), 0.3))
    earned = number(score(here, chosen), "total", "profit.planned.incremental_contribution")
    assert evaluate(here, chosen).realised_objective == pytest.approx(earned, rel=1e-9, abs=1e-5)
