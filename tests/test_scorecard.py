"""The five KPIs: hand cases, identities between them, and what is said where a KPI does not apply."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kaopt.allocation.rules import margin_mix, market_share, profit_floor, promotion_count
from kaopt.demand import live
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective, Supply, Targets
from kaopt.scorecard import Absent, Interval, Kpi, Scorecard, score, show
from kaopt.scorecard.figures import check, interval, ratio
from kaopt.scorecard.money import GROUPS, losses_of, price_per_case, year_of
from kaopt.service import CAUSES, FINE_CAUSES, Service
from tests import worlds
from tests.report import samples

PLAN = ((0, 0, 1, 2, 0), (0, 1, 4, 1, 1), (1, 1, 3, 1, 1))


def still(**changes: Any) -> Scenario:
    """One account, one SKU, 100 cases a week for 10 weeks at 50, cost 25: 50 000 of sales a year."""
    return worlds.world(1, 1, 10, **changes)


def rich(accounts: int = 3, **changes: Any) -> Scenario:
    """Accounts with every kind of cost and target."""
    account = {
        "on_invoice": 0.05,
        "rebate": 0.02,
        "logistics": 1.5,
        "contract_fee": [500.0 + 100 * a for a in range(accounts)],
        "compliance": [0.9 - 0.1 * a for a in range(accounts)],
        "category_revenue": 400_000.0,
        "last_year_revenue": [70_000.0 + 1000 * a for a in range(accounts)],
        "customer_growth": [0.02 * a for a in range(accounts)],
    }
    sku = {"high_margin": [True, False]}
    return worlds.world(accounts, 2, 8, account_columns=account, sku_columns=sku, **changes)


def lived(world: Scenario, plan: Plan) -> tuple[Scorecard, Service]:
    service = samples.service(world, plan)
    return score(world, plan, service), service


def mean(kpi: Kpi, *path: str) -> float:
    figure = kpi.at(*path)
    assert isinstance(figure, Interval)
    return figure.mean


# --- hand cases


def test_planned_figures_of_a_year_without_promotions() -> None:
    total = score(still(), Plan.nothing()).total
    assert total.sales.at("planned", "net_revenue") == pytest.approx(50_000)
    assert total.profit.at("planned", "contribution") == pytest.approx(25_000)
    assert total.profit.at("trade_spend", "total") == 0
    assert total.profit.at("planned", "return_on_spend") == Absent("no promotion, so no spend to earn on")
    assert total.execution.at("promotions", "planned") == 0


def test_growth_index_of_the_source() -> None:
    # we grew 50 % at a customer that grew 60 %: share is lost
    world = still(account_columns={"last_year_revenue": 50_000 / 1.5, "customer_growth": 0.6})
    share = score(world, Plan.nothing()).total.share
    assert share.at("planned", "growth") == pytest.approx(0.5)
    assert share.at("planned", "customer_growth") == pytest.approx(0.6)
    assert share.at("planned", "growth_index") == pytest.approx(1.5 / 1.6)
    assert share.at("planned", "growth_index") == pytest.approx(0.9375)


def test_growth_index_in_total_comes_from_sums() -> None:
    world = worlds.world(
        2, 1, 10, account_columns={"last_year_revenue": [25_000.0, 100_000.0], "customer_growth": [0.0, 0.5]}
    )
    card = score(world, Plan.nothing())
    assert card.accounts["A1"].share.at("planned", "growth_index") == pytest.approx(2.0)
    assert card.accounts["A2"].share.at("planned", "growth_index") == pytest.approx(50 / 150)
    # 100 000 of sales against 25 000 + 150 000 had we kept up; the mean of the two indices would be 1.17
    assert card.total.share.at("planned", "growth_index") == pytest.approx(100 / 175)
    assert card.total.share.at("planned", "customer_growth") == pytest.approx(175 / 125 - 1)


def test_share_of_category_is_at_shelf_prices() -> None:
    # 1000 cases at 62.5 on the shelf of a category of 200 000 that grows by a quarter
    world = still(account_columns={"category_revenue": 200_000.0, "customer_growth": 0.25})
    assert score(world, Plan.nothing()).total.share.at("planned", "category_share") == pytest.approx(62_500 / 250_000)


def test_a_price_cut_lowers_the_shelf_price_too() -> None:
    world = still(
        account_columns={"category_revenue": 100_000.0, "customer_growth": 0.0}, response_columns={"elasticity": 0.0}
    )
    cut = score(world, worlds.plan((0, 0, 2, 1, 0))).total.share
    assert cut.at("planned", "category_share") == pytest.approx((900 * 62.5 + 100 * 62.5 * 0.8) / 100_000)


def test_trade_spend_adds_up_to_gross_less_net_and_its_rate_has_gross_as_base() -> None:
    world = rich()
    profit = score(world, worlds.plan(*PLAN)).total.profit
    year = live(world, worlds.plan(*PLAN))
    gross = float((year.cases.sum(axis=2) * world.skus.list_price).sum())
    fees = float(world.accounts.contract_fee.sum())
    parts = [float(profit.at("trade_spend", kind)) for kind in ("promotions", "on_invoice", "rebate", "fees")]
    assert sum(parts) == pytest.approx(float(profit.at("trade_spend", "total")))
    assert float(profit.at("trade_spend", "total")) == pytest.approx(gross - float(year.net_revenue.sum()) + fees)
    assert profit.at("trade_rate") == pytest.approx(float(profit.at("trade_spend", "total")) / gross)
    assert profit.figures["trade_rate_base"] == "gross sales value at list price"


def test_fixed_fees_come_off_the_profit_and_not_off_sales() -> None:
    free, paid = (score(still(account_columns={"contract_fee": fee}), Plan.nothing()).total for fee in (0.0, 700.0))
    assert float(free.profit.at("planned", "contribution")) - float(paid.profit.at("planned", "contribution")) == 700
    assert free.sales.at("planned", "net_revenue") == paid.sales.at("planned", "net_revenue")


def test_net_return_and_cases_per_hundred() -> None:
    # display: +82.2 % on 100 cases at a margin of 25, for 300
    total = score(still(), worlds.plan((0, 0, 2, 1, 1))).total
    gained = 100 * (np.exp(0.6) - 1)
    assert total.profit.at("planned", "incremental_cases") == pytest.approx(gained)
    assert total.profit.at("planned", "return_on_spend") == pytest.approx((gained * 25 - 300) / 300)
    assert total.profit.at("planned", "cases_per_100") == pytest.approx(gained / 3)


def test_execution_expects_what_compliance_leaves() -> None:
    world = rich()
    world = replace(world, accounts=replace(world.accounts, promotions_due=np.array([2, 1, 0])))
    card = score(world, worlds.plan(*PLAN))
    first = card.accounts["A1"].execution
    assert first.figures["promotions"] == {"planned": 2.0, "expected": pytest.approx(1.8), "target": 2.0}
    assert first.met is False  # two are planned, but only nine in ten happen
    total = card.total.execution
    assert total.at("promotions", "expected") == pytest.approx(2 * 0.9 + 1 * 0.8)
    assert total.at("promotions", "target") == 3
    assert total.at("displays", "target") == Absent("nothing promised")


def test_display_weeks_count_slots_weeks_and_the_end_of_the_horizon() -> None:
    what = {
        "treatment": ["stack", "poster"],
        "family": ["display", "feature"],
        "depth": 0.0,
        "display": [1.0, 0.0],
        "slots": [2, 0],
        "weekly_cost": 0.0,
        "lengths": [(3,), (3,)],
    }
    world = still(treatment_columns=what)
    planned = score(world, worlds.plan((0, 0, 0, 3, 0), (0, 0, 8, 3, 0), (0, 0, 4, 3, 1))).total.execution
    assert planned.at("displays", "planned") == 2 * 3 + 2 * 2


def test_high_margin_mix_is_a_ratio_of_sums() -> None:
    world = worlds.world(2, 2, 10, sku_columns={"high_margin": [True, False]})
    share = score(world, Plan.nothing()).total.sales.at("planned", "high_margin_share")
    assert share == pytest.approx(100 / 210)


# --- what does not apply


@pytest.mark.parametrize(
    ("world", "kpi", "path", "why"),
    [
        (still(), "sales", ("planned", "high_margin_share"), "one SKU"),
        (worlds.world(), "sales", ("planned", "high_margin_share"), "no SKU is marked"),
        (still(), "share", ("planned", "category_share"), "no category revenue"),
        (
            still(account_columns={"last_year_revenue": nan}),
            "share",
            ("planned", "growth_index"),
            "no sales of last year",
        ),
        (
            still(account_columns={"customer_growth": nan}),
            "share",
            ("planned", "growth_index"),
            "no growth of the customer",
        ),
        (still(), "sales", ("delivered", "net_revenue"), "no simulation"),
        (still(), "profit", ("late_cash",), "no cost of capital"),
    ],
)
def test_what_does_not_apply_says_why(world: Scenario, kpi: str, path: tuple[str, ...], why: str) -> None:
    card = score(world, Plan.nothing())
    figure = getattr(card.total, kpi).at(*path)
    assert isinstance(figure, Absent)
    assert why in figure.why
    said: Any = card.as_dict()["total"][kpi]
    for step in path:
        said = said.get(step, said)  # an absent group stands for all its figures
    assert said["applies"] is False
    assert why in said["why"]


def test_our_growth_needs_no_growth_of_the_customer() -> None:
    share = score(still(account_columns={"customer_growth": nan}), Plan.nothing()).total.share
    assert share.at("planned", "growth") == pytest.approx(0.0)


def test_fill_rate_without_simulation_says_so() -> None:
    fill = score(still(), Plan.nothing()).as_dict()["total"]["fill_rate"]
    assert fill["applies"] is False
    assert fill["met"] is None


# --- identities


def test_bridges_add_up_exactly_and_end_at_what_was_delivered() -> None:
    world, plan = rich(), worlds.plan(*PLAN)
    card, _ = lived(world, plan)
    for scores in (card.total, *card.accounts.values()):
        for kpi, measure in ((scores.sales, "net_revenue"), (scores.profit, "contribution")):
            steps = dict(kpi.bridge)
            left = steps.pop("planned")
            end = steps.pop("delivered")
            for change in steps.values():
                left += change
            assert left == end  # to the last bit: the end is made of the steps
            assert end == pytest.approx(mean(kpi, "delivered", measure), rel=1e-12)
            assert kpi.bridge[0][1] == kpi.at("planned", measure)


def test_fill_and_losses_make_the_whole() -> None:
    card, _ = lived(rich(), worlds.plan(*PLAN))
    for scores in (card.total, *card.accounts.values()):
        assert mean(scores.fill_rate, "value") + sum(scores.fill_rate.figures["losses"].values()) == pytest.approx(
            1, abs=1e-12
        )
        assert list(scores.fill_rate.figures["losses"]) == list(CAUSES)
        assert sum(scores.fill_rate.figures["penalties"]["by_cause"].values()) == pytest.approx(1)


ADDITIVE = (
    ("sales", "planned", "net_revenue"),
    ("sales", "delivered", "net_revenue"),
    ("profit", "planned", "contribution"),
    ("profit", "planned", "incremental_contribution"),
    ("profit", "planned", "incremental_cases"),
    ("profit", "delivered", "contribution"),
    ("profit", "trade_spend", "total"),
    ("execution", "promotions", "planned"),
    ("execution", "promotions", "expected"),
    ("execution", "displays", "planned"),
    ("fill_rate", "penalties", "total"),
)


@pytest.mark.parametrize("path", ADDITIVE, ids=".".join)
def test_total_is_the_sum_of_the_accounts(path: tuple[str, ...]) -> None:
    card, _ = lived(rich(), worlds.plan(*PLAN))

    def value(scores: Any) -> float:
        figure = getattr(scores, path[0]).at(*path[1:])
        return figure.mean if isinstance(figure, Interval) else figure

    assert value(card.total) == pytest.approx(sum(value(one) for one in card.accounts.values()), rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 0.6), st.integers(2, 6))
def test_identities_hold_for_any_service(seed: int, part: float, replications: int) -> None:
    world, plan = rich(2), worlds.plan(*PLAN)
    service = samples.service(world, plan, replications=replications, part=part, seed=seed)
    total = score(world, plan, service).total
    assert mean(total.fill_rate, "value") + sum(total.fill_rate.figures["losses"].values()) == pytest.approx(1)
    assert mean(total.fill_rate, "value") == pytest.approx(1 - part, abs=1e-9)
    sales = dict(total.sales.bridge)
    assert sales["delivered"] <= sales["planned"] + 1e-9
    assert total.fill_rate.at("value").high <= 1  # type: ignore[union-attr]


def test_no_loss_means_delivered_as_planned() -> None:
    world, plan = rich(), worlds.plan(*PLAN)
    service = replace(
        samples.service(world, plan, part=0.0), write_off_value=np.zeros(5), write_off_cases=np.zeros((5, 2))
    )
    total = score(world, plan, service).total
    for kpi, measure in (
        (total.sales, "net_revenue"),
        (total.sales, "high_margin_share"),
        (total.profit, "contribution"),
    ):
        assert mean(kpi, "delivered", measure) == pytest.approx(float(kpi.at("planned", measure)))
    assert mean(total.share, "delivered", "growth_index") == pytest.approx(
        float(total.share.at("planned", "growth_index"))
    )
    assert mean(total.fill_rate, "value") == pytest.approx(1)


# --- lost cases in money, by hand


def one_lost(world: Scenario, plan: Plan, cause: str, cases: float, **changes: Any) -> Service:
    """Two equal years in which account A1 loses `cases` of S1 to one cause, and nothing else happens."""
    blank = samples.service(world, plan, replications=2, part=0.0)
    c = FINE_CAUSES.index(cause)
    value, lost = blank.lost_value.copy(), blank.lost_cases_by_sku.copy()
    lost[0, 0, c] = cases
    value[:, 0, 0, c] = cases * world.net_per_case[0, 0]
    none = {"write_off_value": np.zeros(2), "write_off_cases": np.zeros((2, len(world.skus.sku)))}
    return replace(blank, lost_value=value, lost_cases_by_sku=lost, penalties=value.sum(axis=2) * 0, **none | changes)


def test_a_case_never_sent_saves_its_cost_to_serve_and_a_refused_one_does_not() -> None:
    world = still(account_columns={"logistics": 2.0})
    kept = score(world, Plan.nothing(), one_lost(world, Plan.nothing(), "no_stock", 10)).total.profit
    sent = score(world, Plan.nothing(), one_lost(world, Plan.nothing(), "age", 10)).total.profit
    assert dict(kept.bridge)["lost_shortage"] == pytest.approx(-10 * (50 - 25 - 2))
    assert dict(sent.bridge)["lost_age"] == pytest.approx(-10 * (50 - 25))
    assert dict(kept.bridge)["lost_age"] == 0


def test_a_lost_case_takes_its_mean_price_and_leaves_the_lump_sums_paid() -> None:
    world, plan = still(), worlds.plan((0, 0, 2, 1, 0), (0, 0, 6, 1, 1))  # a cut of 10 a case; a display for 300
    year = live(world, plan)
    cut = float(year.cases[0, 0, 2]) * 10
    price = (50 * float(year.cases.sum()) - cut) / float(year.cases.sum())
    assert price_per_case(world, plan, year)[0, 0] == pytest.approx(price)
    sales = score(world, plan, one_lost(world, plan, "late_dock", 8)).total.sales
    assert dict(sales.bridge)["lost_late"] == pytest.approx(-8 * price)


@pytest.mark.parametrize("fine", FINE_CAUSES)
def test_every_fine_cause_reaches_its_customer_cause(fine: str) -> None:
    world = still()
    sales = score(world, Plan.nothing(), one_lost(world, Plan.nothing(), fine, 4)).total.sales
    group = next(g for g, many in CAUSES.items() if fine in many)
    changed = {name for name, value in sales.bridge if value and name not in ("planned", "delivered")}
    assert changed == {f"lost_{group}"}


def test_each_replication_loses_in_step_with_its_lost_value() -> None:
    world = still()
    service = one_lost(world, Plan.nothing(), "no_stock", 10)
    value = service.lost_value.copy()
    value[0] *= 0.5
    value[1] *= 1.5  # the mean stays
    uneven = replace(service, lost_value=value)
    _, demand = year_of(world, Plan.nothing())
    taken = losses_of(world, Plan.nothing(), demand, uneven).net_revenue.sum(axis=(1, 2))
    assert taken == pytest.approx([250, 750])


def test_write_offs_are_shared_by_volume_and_none_is_lost() -> None:
    base = np.full((2, 2, 8), 100.0)
    base[1, 0] = 300.0  # A2 sells three quarters of S1
    world = worlds.world(base_cases=base, supply=Supply(disposal_cost=5.0))
    off = {"write_off_cases": np.array([[10.0, 0.0]] * 2), "write_off_value": np.array([300.0, 300.0])}
    service = one_lost(world, Plan.nothing(), "no_stock", 0, **off)
    card = score(world, Plan.nothing(), service)
    shares = [dict(card.accounts[a].profit.bridge)["write_offs"] for a in ("A1", "A2")]
    assert shares == pytest.approx([-75, -225])
    assert dict(card.total.profit.bridge)["write_offs"] == pytest.approx(-300)


def test_write_offs_without_cases_are_shared_evenly() -> None:
    world = worlds.world()
    off = {"write_off_cases": np.zeros((2, 2)), "write_off_value": np.array([100.0, 300.0])}
    card = score(world, Plan.nothing(), one_lost(world, Plan.nothing(), "no_stock", 0, **off))
    assert dict(card.accounts["A1"].profit.bridge)["write_offs"] == pytest.approx(-100)
    assert dict(card.total.profit.bridge)["write_offs"] == pytest.approx(-200)


def test_penalties_are_a_years_and_cost_profit_not_sales() -> None:
    world = still()  # 10 weeks
    service = one_lost(world, Plan.nothing(), "late_trip", 0)
    fines = np.zeros_like(service.penalties)
    fines[:, 0, FINE_CAUSES.index("late_trip")] = 90.0
    fines[:, 0, FINE_CAUSES.index("age")] = 10.0
    total = score(world, Plan.nothing(), replace(service, penalties=fines)).total
    assert dict(total.profit.bridge)["penalty_late"] == pytest.approx(-90)
    assert dict(total.sales.bridge)["delivered"] == dict(total.sales.bridge)["planned"]
    assert total.fill_rate.at("penalties", "total") == pytest.approx(100 * 52 / 10)
    assert total.fill_rate.at("penalties", "by_cause", "late") == pytest.approx(0.9)


# --- fill, intervals, targets


def test_the_five_fills_are_ratios_of_sums() -> None:
    world = still()
    blank = samples.service(world, Plan.nothing(), replications=2, part=0.0)
    service = replace(
        blank,
        lines=np.array([[[10.0, 9.0]], [[30.0, 15.0]]]),
        orders=np.array([[[4.0, 3.0, 2.0]], [[6.0, 2.0, 1.0]]]),
    )
    fill = score(world, Plan.nothing(), service).total.fill_rate
    assert mean(fill, "line") == pytest.approx(24 / 40)  # the mean of 0.9 and 0.5 would be 0.7
    assert mean(fill, "order") == pytest.approx(5 / 10)
    assert mean(fill, "otif") == pytest.approx(3 / 10)


def test_interval_is_students() -> None:
    sample = np.array([3.0, 5.0, 4.0, 8.0])
    found = interval(sample, 0.9)
    low, high = stats.t.interval(0.9, 3, loc=sample.mean(), scale=stats.sem(sample))
    assert (found.mean, found.low, found.high) == pytest.approx((5.0, low, high))


def test_ratio_interval_covers_as_often_as_it_says() -> None:
    # 2000 experiments of 20 replications: the true ratio is 0.6; binomial 4-sigma band around 0.95
    luck = np.random.default_rng(11)
    under = luck.normal(100, 10, (2000, 20))
    over = 0.6 * under + luck.normal(0, 3, (2000, 20))
    inside = [found.low <= 0.6 <= found.high for found in (ratio(o, u, 0.95) for o, u in zip(over, under, strict=True))]
    assert abs(np.mean(inside) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 2000)


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = ratio(np.array([9.0]), np.array([10.0]), 0.95)
    assert found.mean == 0.9
    assert isnan(found.low)
    world = still()
    fill = score(world, Plan.nothing(), samples.service(world, Plan.nothing(), replications=1)).as_dict()["total"][
        "fill_rate"
    ]
    assert fill["value"]["low"] is None
    assert fill["value"]["mean"] == pytest.approx(0.9)


def test_a_wider_spread_gives_a_wider_interval_and_confidence_widens_it() -> None:
    narrow = interval(np.array([1.0, 1.1, 0.9]), 0.95)
    wide = interval(np.array([1.0, 1.3, 0.7]), 0.95)
    sure = interval(np.array([1.0, 1.1, 0.9]), 0.99)
    assert wide.high - wide.low > narrow.high - narrow.low
    assert sure.high > narrow.high


@pytest.mark.parametrize(
    ("figure", "met", "sure"),
    [
        (Interval(0.9, 0.85, 0.95), True, False),
        (Interval(0.9, 0.89, 0.91), True, True),
        (Interval(0.8, 0.75, 0.85), False, True),
        (Interval(0.85, 0.8, 0.9), False, False),
        (0.88, True, True),
        (0.87, False, True),
        (Absent("x"), None, None),
    ],
)
def test_a_target_is_judged_and_doubt_is_said(figure: Any, met: bool | None, sure: bool | None) -> None:
    found = check("value", 0.88, figure)[0]
    assert (found.met, found.sure) == (met, sure)


def test_no_target_no_check() -> None:
    assert check("value", nan, 0.5) == ()
    assert score(still(), Plan.nothing()).total.sales.met is None


TARGETS = Targets(high_margin=0.3, growth_index=1.1, contribution=20_000.0, fill_rate=0.95)


def test_targets_come_from_tables_rules_and_settings() -> None:
    world = rich(targets=TARGETS, objective=Objective(contribution_floor=-1e6))
    world = replace(world, accounts=replace(world.accounts, sales_target=np.array([1e4, 2e4, 3e4])))
    card = score(world, Plan.nothing()).as_dict()
    total = card["total"]
    assert total["sales"]["target"] == {"net_revenue": 6e4, "high_margin_share": 0.3}
    assert total["share"]["target"] == {"growth_index": 1.1}
    assert total["profit"]["target"] == {"contribution": 20_000.0, "incremental_contribution": -1e6}
    assert total["fill_rate"]["target"] == {"value": 0.95}
    assert card["accounts"]["A2"]["sales"]["target"]["net_revenue"] == 2e4
    # the floor holds for the whole plan, not for one account
    assert card["accounts"]["A2"]["profit"]["target"] is None


def test_rules_give_targets_where_no_setting_does() -> None:
    said = {
        "margin_mix": (margin_mix.Settings(min=0.4),),  # in total
        "market_share": (market_share.Settings(min_growth_index=1.02),),  # of each account
        "promotion_count": (promotion_count.Settings(min=3), promotion_count.Settings(min="agreement")),
        "profit_floor": (profit_floor.Settings(min=50.0),),
    }
    card = score(rich(rules=said), Plan.nothing()).as_dict()
    assert card["total"]["sales"]["target"] == {"high_margin_share": 0.4}
    assert card["total"]["share"]["target"] == {"growth_index": 1.02}
    assert card["accounts"]["A1"]["execution"]["target"] == {"promotions": 3.0}
    assert card["total"]["execution"]["target"] == {"promotions": 9.0}
    assert card["accounts"]["A1"]["share"]["target"] == {"growth_index": 1.02}
    assert card["accounts"]["A1"]["sales"]["target"] is None  # a mix asked of all is not asked of each
    assert card["accounts"]["A1"]["profit"]["target"] == {"incremental_contribution": 50.0}
    assert card["total"]["profit"]["target"] is None  # floors of accounts are no floor of the total


@pytest.mark.parametrize(
    ("setting", "one", "total"),
    [
        ({"min": 2, "per": "account"}, 2.0, 7.0),  # A2 has promised three
        ({"min": 2, "per": "account_sku"}, 4.0, 12.0),
        ({"min": 2, "per": "total"}, None, 3.0),
        ({"min": 9, "per": "total"}, None, 9.0),
        ({"min": 2, "per": "account", "period": "quarter"}, 4.0, 12.0),  # two quarters
        ({"max": 2, "per": "account"}, None, 3.0),
    ],
)
def test_promotion_counts_become_targets(setting: dict[str, Any], one: float | None, total: float) -> None:
    world = worlds.world(3, 2, 26, rules={"promotion_count": (promotion_count.Settings(**setting),)})
    world = replace(world, accounts=replace(world.accounts, promotions_due=np.array([0, 3, 0])))
    card = score(world, Plan.nothing()).as_dict()
    assert card["accounts"]["A1"]["execution"]["target"] == (None if one is None else {"promotions": one})
    assert card["total"]["execution"]["target"] == {"promotions": total}


def test_displays_are_counted_apart_from_promotions() -> None:
    said = {"promotion_count": (promotion_count.Settings(min=4, what="displays"),)}
    card = score(worlds.world(rules=said), Plan.nothing()).as_dict()
    assert card["total"]["execution"]["target"] == {"displays": 8.0}


def test_share_in_total_is_of_the_accounts_whose_figures_are_known() -> None:
    world = worlds.world(2, 1, 10, account_columns={"last_year_revenue": [40_000.0, nan]})
    share = score(world, Plan.nothing()).total.share
    assert share.at("planned", "growth") == pytest.approx(50 / 40 - 1)
    assert share.at("planned", "growth_index") == pytest.approx(50 / 40 / 1.02)
    assert share.at("planned", "customer_growth") == pytest.approx(0.02)


def test_a_total_sales_target_needs_every_account_to_have_one() -> None:
    world = rich()
    world = replace(world, accounts=replace(world.accounts, sales_target=np.array([1e4, nan, 3e4])))
    card = score(world, Plan.nothing()).as_dict()
    assert card["total"]["sales"]["target"] is None
    assert card["accounts"]["A3"]["sales"]["met"] is True


def test_fill_target_in_total_weighs_the_customers_by_their_sales() -> None:
    base = np.full((2, 1, 10), 100.0)
    base[1] = 300.0
    world = worlds.world(2, 1, 10, base_cases=base, account_columns={"fill_target": [0.98, 0.9]})
    card = score(world, Plan.nothing()).as_dict()
    assert card["total"]["fill_rate"]["target"] == {"value": pytest.approx(0.92)}
    assert card["accounts"]["A1"]["fill_rate"]["target"] == {"value": 0.98}


def test_met_is_judged_on_what_was_delivered() -> None:
    world = still(account_columns={"sales_target": 49_000.0})
    assert score(world, Plan.nothing()).total.sales.met is True
    lost = one_lost(world, Plan.nothing(), "no_stock", 100)  # 5 000 of 50 000
    assert score(world, Plan.nothing(), lost).total.sales.met is False


# --- the card as JSON and as text


def test_the_contracts_json() -> None:
    card, _ = lived(rich(targets=TARGETS), worlds.plan(*PLAN))
    content = json.loads(json.dumps(card.as_dict(), allow_nan=False))
    assert list(content) == ["total", "accounts"]
    assert list(content["accounts"]) == ["A1", "A2", "A3"]
    for scores in (content["total"], *content["accounts"].values()):
        assert list(scores) == ["sales", "share", "execution", "profit", "fill_rate"]
        for kpi in scores.values():
            assert {"target", "met"} <= set(kpi)
        for kpi in ("sales", "share", "profit"):
            assert {"planned", "delivered"} <= set(scores[kpi])
        for kpi in ("sales", "profit"):
            assert [*scores[kpi]["bridge"]][:: len(scores[kpi]["bridge"]) - 1] == ["planned", "delivered"]
        for measure in ("promotions", "displays"):
            assert set(scores["execution"][measure]) == {"planned", "expected", "target"}
        fill = scores["fill_rate"]
        for measure in ("value", "case", "line", "order", "otif"):
            assert set(fill[measure]) == {"mean", "low", "high"}
        assert set(fill["losses"]) == set(fill["penalties"]["by_cause"]) == set(GROUPS)


def test_it_prints_five_lines_in_the_domains_order() -> None:
    card, _ = lived(rich(targets=TARGETS), worlds.plan(*PLAN))
    heading, *lines = str(card).splitlines()
    assert heading.split() == ["KPI", "planned", "delivered", "target", "met"]
    starts = ["sales", "share", "execution", "profit", "order fill rate"]
    assert [line.startswith(start) for line, start in zip(lines, starts, strict=True)] == [True] * 5
    assert "MISSED" in lines[4]
    assert "90.0%" in lines[4]
    assert "±" in lines[4]


def test_a_kpi_that_does_not_apply_prints_why() -> None:
    text = str(score(still(account_columns={"last_year_revenue": nan}), Plan.nothing()))
    assert "does not apply: no sales of last year" in text
    chinese = score(still(account_columns={"last_year_revenue": nan}), Plan.nothing()).text("zh")
    assert "不适用：情景中没有去年销售额" in chinese


def test_chinese_lines_are_as_wide_as_they_look() -> None:
    card, _ = lived(rich(targets=TARGETS), worlds.plan(*PLAN))
    heading, *lines = card.text("zh").splitlines()
    assert heading.split() == ["指标", "计划", "兑现", "目标", "达成"]
    assert [line.split("（")[0].split()[0] for line in lines] == [
        "销售收入",
        "市场份额",
        "门店执行",
        "经营利润",
        "订单满足率",
    ]
    ends = {show.width(line[: line.index("%") + 1]) for line in (lines[4],)}
    column = show.width(heading[: heading.index("兑现")]) + show.width("兑现")
    assert "±" in lines[4]
    assert all(end <= column for end in ends)
    assert not re.search("[a-z]{3}", card.text("zh"))


def test_every_target_has_words_in_both_languages() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in Path(show.__file__).parent.glob("*.py"))
    judged = set(re.findall(r'check\("(\w+)"', text)) | {"promotions", "displays"}
    assert {"net_revenue", "value", "contribution"} <= judged <= set(show.WORDS)
    assert all(len(pair) == 2 and all(pair) for pair in show.WORDS.values())
