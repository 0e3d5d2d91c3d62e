"""What the buyer earns on our products: by hand, as a sum over weeks, and the same however the deal is settled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.demand import live
from kaopt.scenario.model import Scenario
from kaopt.scorecard import score
from kaopt.scorecard.figures import Absent, point
from kaopt.scorecard.money import year_of
from tests.test_exactness import rich
from tests.worlds import plan, world

FIGURES = ("sales", "front_margin", "back_margin", "profit")


def one_week(**given: object) -> Scenario:
    """100 cases at 56.5 with 13 % tax, list price 50, 4 % off the invoice, 3 % rebate; nobody notices a cut."""
    columns = {"on_invoice": 0.04, "rebate": 0.03, "vat": 0.13, "contract_fee": 200.0}
    return world(
        1, 1, 1,
        account_columns=columns,
        base_price=np.full((1, 1, 1), 56.5),
        response_columns={"elasticity": 0.0},
        treatment_columns={"fixed_cost": [70.0, 0.0], "unit_cost": [1.5, 0.0]} | given.pop("treatment_columns", {}),
        **given,
    )  # fmt: skip


def buyer(here: Scenario, *events: tuple[int, int, int, int, int]) -> dict[str, float]:
    kpi = score(here, plan(*events)).total.profit
    return {name: point(kpi.at("retailer", name)) for name in FIGURES}


def test_a_week_without_promotion_by_hand() -> None:
    """Sells 100 x 50 = 5 000, buys for 4 800, gets 150 of rebate and 200 of fees."""
    assert buyer(one_week()) == pytest.approx(
        {"sales": 5000, "front_margin": 200 / 5000, "back_margin": 350 / 5000, "profit": 550}
    )


def test_a_week_with_a_cut_by_hand() -> None:
    """Sells at 40; the cut of 1 000 stands on the invoice; a lump sum of 70 comes on top, gifts go to consumers."""
    front, back = 4000 - (4800 - 1000), 150 + 200 + 70
    assert buyer(one_week(), (0, 0, 0, 1, 0)) == pytest.approx(
        {"sales": 4000, "front_margin": front / 4000, "back_margin": back / 4000, "profit": front + back}
    )


def test_scan_back_moves_the_discount_from_front_to_back() -> None:
    """The same cut paid on what is scanned: the invoice stays at 4 800."""
    scanned = one_week(treatment_columns={"settled": ["sell_out", "sell_in"]})
    here, there = (buyer(one, (0, 0, 0, 1, 0)) for one in (one_week(), scanned))
    assert there["profit"] == pytest.approx(here["profit"]) and there["sales"] == here["sales"]
    assert there["front_margin"] == pytest.approx(here["front_margin"] - 1000 / 4000)
    assert there["back_margin"] == pytest.approx(here["back_margin"] + 1000 / 4000)


def test_a_cut_that_the_shop_keeps_is_its_profit() -> None:
    """Half passed on: sells at 45 instead of 40, 500 more, and pays the same."""
    half = one_week(treatment_columns={"pass_through": [0.5, 1.0]})
    kept, passed = (buyer(one, (0, 0, 0, 1, 0)) for one in (half, one_week()))
    assert kept["profit"] == pytest.approx(passed["profit"] + 500)


def test_what_is_bought_ahead_is_bought_at_the_price_of_the_deal() -> None:
    """Two weeks, 20 % off in the first: 20 cases bought ahead cost 10 less each, whoever sells them when."""
    base = one_week()
    two = replace(
        base, weeks=2, base_cases=np.full((1, 1, 2), 100.0), base_price=np.full((1, 1, 2), 56.5),
        eligible=np.ones((1, 1, 2, 2), bool),
    )  # fmt: skip
    stocking = replace(
        two, response=replace(two.response, forward_buy=np.array([[1.0]]), forward_weeks=np.array([[1]]))
    )
    gain = buyer(stocking, (0, 0, 0, 1, 0))["profit"] - buyer(two, (0, 0, 0, 1, 0))["profit"]
    assert gain == pytest.approx(20 * 10)
    scanned = replace(stocking, treatments=replace(two.treatments, settled=("sell_out", "sell_in")))
    assert buyer(scanned, (0, 0, 0, 1, 0))["profit"] == pytest.approx(buyer(two, (0, 0, 0, 1, 0))["profit"])


def test_without_a_retail_price_nothing_is_known_of_the_buyer() -> None:
    blind = replace(one_week(), base_price=np.full((1, 1, 1), np.nan))
    year, demand = year_of(blind, plan())
    assert year.retail_sales.tolist() == [0.0] and demand.retailer.tolist() == [[[0.0]]]
    figure = score(blind, plan()).total.profit.at("retailer", "profit")
    assert figure == Absent("no retail price in the scenario")


@pytest.mark.parametrize("seed", range(12))
def test_front_and_back_are_the_weekly_profits_added_up(seed: int) -> None:
    """Two computations: margins from invoices and payments; profit week by week. The total is that of the accounts."""
    here = rich(seed)
    luck = np.random.default_rng(seed)
    accounts, skus, weeks = here.shape
    events = [(int(luck.integers(accounts)), s, int(luck.integers(weeks - 1)), 1, s % 3) for s in range(skus)]
    year, demand = year_of(here, plan(*events))
    assert year.front + year.back == pytest.approx(demand.retailer.sum(axis=(1, 2)) + here.accounts.contract_fee)
    card = score(here, plan(*events))
    each = [point(one.profit.at("retailer", "profit")) for one in card.accounts.values()]
    assert point(card.total.profit.at("retailer", "profit")) == pytest.approx(np.nansum(each))
    margins = [point(card.total.profit.at("retailer", name)) for name in ("front_margin", "back_margin")]
    sales = point(card.total.profit.at("retailer", "sales"))
    assert sum(margins) * sales == pytest.approx(float((year.front + year.back).sum()))


def test_promotion_spend_by_kind_adds_up() -> None:
    here = rich(3)
    events = [(0, 0, 1, 1, 0), (0, 0, 3, 2, 2)]
    kpi = score(here, plan(*events)).total.profit
    kinds = [point(kpi.at("promotion_spend", kind)) for kind in ("discount", "fees", "gifts")]
    assert min(kinds) > 0
    assert sum(kinds) == pytest.approx(point(kpi.at("trade_spend", "promotions")))
    assert kinds[0] == pytest.approx(live(here, plan(*events)).discount.sum())
