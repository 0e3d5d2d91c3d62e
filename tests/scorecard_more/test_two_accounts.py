"""A half year of two accounts, worked out on paper: every KPI, planned and delivered, by account and in total.

A1 sells 10 S1 and 20 S2 a week, A2 30 S1, for 26 weeks. S1 lists at 50 and costs 25, S2 at 100 and 40.
A1 keeps 10 % on the invoice and 10 % rebate, A2 20 % rebate: both leave us 80 %. To serve costs 1 and 2 a case.
Two simulated years: A1 lacks 20, then 60 cases of S1; A2 refuses 10 cases of S1 as too old in each.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from scipy import stats

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rules import margin_mix, market_share, profit_floor, promotion_count
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective, Supply, Targets
from kaopt.scorecard import Absent, Interval, Kpi, Scorecard, score
from kaopt.scorecard.figures import check
from kaopt.service import CAUSES, FINE_CAUSES, Service
from tests import worlds

WEEKS = 26
T = float(stats.t.ppf(0.975, 1))  # two years leave one degree of freedom


def paper(**changes: Any) -> Scenario:
    base = np.repeat(np.array([[10.0, 20.0], [30.0, 0.0]])[:, :, None], WEEKS, axis=2)
    account = {
        "on_invoice": [0.1, 0.0],
        "rebate": [0.1, 0.2],
        "logistics": [1.0, 2.0],
        "contract_fee": [1000.0, 0.0],
        "last_year_revenue": 40_000.0,
        "customer_growth": [0.25, 0.0],
        "category_revenue": [200_000.0, nan],
    }
    account |= changes.pop("account_columns", {})
    sku = {"list_price": [50.0, 100.0], "unit_cost": [25.0, 40.0], "high_margin": [False, True]}
    changes = {"base_cases": base, "listed": base[:, :, 0] > 0, "supply": Supply(disposal_cost=5.0)} | changes
    return worlds.world(2, 2, WEEKS, account_columns=account, sku_columns=sku, **changes)


def first_week(*by_replication: tuple[float, float]) -> np.ndarray:
    """[R, A, W] amounts that all fall in the first week."""
    whole = np.zeros((2, 2, WEEKS))
    whole[:, :, 0] = by_replication
    return whole


def two_years() -> Service:
    missing, old = FINE_CAUSES.index("no_stock"), FINE_CAUSES.index("age")
    lost_value = np.zeros((2, 2, WEEKS, len(FINE_CAUSES)))
    lost_value[:, 0, 5, missing] = 800.0, 2400.0  # at a net price of 40
    lost_value[:, 1, 9, old] = 400.0
    lost = np.zeros((2, 2, len(FINE_CAUSES)))
    lost[0, 0, missing], lost[1, 0, old] = 40.0, 10.0
    penalties = np.zeros((2, 2, len(FINE_CAUSES)))
    penalties[:, 0, missing], penalties[:, 1, old] = 30.0, 10.0
    return Service(
        ordered_value=first_week((52_000, 31_200), (52_000, 31_200)),
        accepted_value=first_week((51_200, 30_800), (49_600, 30_800)),
        lost_value=lost_value,
        ordered_cases=first_week((780, 780), (780, 780)),
        accepted_cases=first_week((760, 770), (720, 770)),
        lost_cases_by_sku=lost,
        lines=np.array([[[100, 90], [50, 50]]] * 2, dtype=float),
        orders=np.array([[[20, 16, 15], [10, 10, 10]]] * 2, dtype=float),
        penalties=penalties,
        write_off_cases=np.array([[3.0, 0.0]] * 2),
        write_off_value=np.array([90.0, 90.0]),  # 3 cases at a cost of 25 and 5 for disposal
        stock_age=np.zeros((2, 2)),
        stock_cases=np.zeros((2, 2)),
        use={},
        warmup_weeks=0,
    )


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return score(paper(), Plan.nothing(), two_years())


def kpi_of(card: Scorecard, who: str, name: str) -> Kpi:
    found: Kpi = getattr(card.total if who == "total" else card.accounts[who], name)
    return found


def number(card: Scorecard, who: str, path: str) -> float:
    name, *steps = path.split(".")
    figure = kpi_of(card, who, name).at(*steps)
    assert not isinstance(figure, Absent)
    return figure.mean if isinstance(figure, Interval) else float(figure)


PAPER = {
    "sales.planned.net_revenue": (52_000, 31_200, 83_200),
    "sales.planned.high_margin_share": (0.8, 0.0, 0.5),
    "sales.delivered.net_revenue": (50_400, 30_800, 81_200),
    "sales.delivered.high_margin_share": (41_600 / 50_400, 0.0, 41_600 / 81_200),
    "share.planned.growth": (0.3, -0.22, 0.04),
    "share.planned.customer_growth": (0.25, 0.0, 0.125),
    "share.planned.growth_index": (1.04, 0.78, 83_200 / 90_000),
    "share.delivered.growth_index": (1.008, 0.77, 81_200 / 90_000),
    "share.delivered.growth": (0.26, -0.23, 0.015),
    "execution.promotions.planned": (0, 0, 0),
    "profit.planned.contribution": (22_920, 10_140, 33_060),
    "profit.planned.incremental_contribution": (0, 0, 0),
    "profit.delivered.contribution": (22_307.5, 9_912.5, 32_220),
    "profit.trade_spend.total": (14_000, 7_800, 21_800),
    "profit.trade_spend.on_invoice": (6_500, 0, 6_500),
    "profit.trade_spend.rebate": (6_500, 7_800, 14_300),
    "profit.trade_spend.fees": (1_000, 0, 1_000),
    "profit.trade_rate": (14 / 65, 0.2, 21_800 / 104_000),
    "fill_rate.value": (100_800 / 104_000, 30_800 / 31_200, 162_400 / 166_400),
    "fill_rate.case": (1480 / 1560, 770 / 780, 3020 / 3120),
    "fill_rate.line": (0.9, 1.0, 140 / 150),
    "fill_rate.order": (0.8, 1.0, 26 / 30),
    "fill_rate.otif": (0.75, 1.0, 25 / 30),
    "fill_rate.losses.shortage": (3200 / 104_000, 0, 3200 / 166_400),
    "fill_rate.losses.age": (0, 800 / 62_400, 800 / 166_400),
    "fill_rate.losses.late": (0, 0, 0),
    "fill_rate.penalties.total": (60, 20, 80),  # half a year of 30 and 10
    "fill_rate.penalties.by_cause.shortage": (1, 0, 0.75),
    "fill_rate.penalties.by_cause.age": (0, 1, 0.25),
}
CASES = [(path, who, row[at]) for path, row in PAPER.items() for at, who in enumerate(("A1", "A2", "total"))]


@pytest.mark.parametrize(("path", "who", "value"), CASES, ids=[f"{path}-{who}" for path, who, _ in CASES])
def test_as_on_paper(card: Scorecard, path: str, who: str, value: float) -> None:
    assert number(card, who, path) == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_share_of_category_is_over_the_accounts_that_know_theirs(card: Scorecard) -> None:
    # A1: 780 cases at 62.5 in a category of 200 000 that grew by a quarter; 40 cases never reached the shelf
    for who in ("A1", "total"):
        assert number(card, who, "share.planned.category_share") == pytest.approx(48_750 / 250_000)
        assert number(card, who, "share.delivered.category_share") == pytest.approx(46_250 / 250_000)
    assert isinstance(card.accounts["A2"].share.at("planned", "category_share"), Absent)


def test_share_of_category_is_told_without_tax_as_the_rule_asks_it() -> None:
    """At 25 % tax a shelf price of 62.5 holds 12.5 of it: 780 cases are 39 000 of 250 000; the rule says the same."""
    asked = market_share.Settings(share_of_category=0.2)
    taxed = paper(account_columns={"vat": [0.25, 0.0]}, rules={"market_share": (asked,)})
    told = number(score(taxed, Plan.nothing()), "A1", "share.planned.category_share")
    assert told == pytest.approx(39_000 / 250_000)
    (breach,) = evaluate(taxed, Plan.nothing()).breaches
    assert told == pytest.approx(0.2 * breach.used / breach.limit)


def test_intervals_follow_the_two_years(card: Scorecard) -> None:
    sales = card.total.sales.at("delivered", "net_revenue")
    profit = card.total.profit.at("delivered", "contribution")
    assert isinstance(sales, Interval)
    assert isinstance(profit, Interval)
    # 82 000 and 80 400: a standard error of 800; in profit 20 and 60 cases at 14
    assert (sales.high - sales.mean, sales.mean - sales.low) == pytest.approx((T * 800, T * 800))
    assert profit.high - profit.mean == pytest.approx(T * 280)
    still = card.accounts["A2"].sales.at("delivered", "net_revenue")
    assert isinstance(still, Interval)
    assert (still.low, still.high) == pytest.approx((30_800, 30_800))  # both years alike


def test_an_interval_of_a_share_stays_between_nothing_and_all(card: Scorecard) -> None:
    value = card.total.fill_rate.at("value")
    assert isinstance(value, Interval)
    assert value.high == 1.0
    assert value.low == pytest.approx(162_400 / 166_400 - T * 800 / 83_200)


def test_the_bridges_step_by_step(card: Scorecard) -> None:
    moved = {name: value for name, value in card.total.profit.bridge if value}
    assert moved == pytest.approx(
        {
            "planned": 33_060,
            "lost_shortage": -560,  # 40 cases at 40 - 25 - 1: what never left cost nothing to serve
            "lost_age": -150,  # 10 cases at 40 - 25: what came back was served all the same
            "penalty_shortage": -30,
            "penalty_age": -10,
            "write_offs": -90,
            "delivered": 32_220,
        }
    )
    sales = {name: value for name, value in card.total.sales.bridge if value}
    assert sales == pytest.approx({"planned": 83_200, "lost_shortage": -1600, "lost_age": -400, "delivered": 81_200})
    assert [name for name, _ in card.total.sales.bridge] == ["planned", *(f"lost_{one}" for one in CAUSES), "delivered"]


def test_write_offs_are_shared_by_volume_of_the_sku(card: Scorecard) -> None:
    # A1 sells 260 of the 1040 cases of S1
    assert dict(card.accounts["A1"].profit.bridge)["write_offs"] == pytest.approx(-22.5)
    assert dict(card.accounts["A2"].profit.bridge)["write_offs"] == pytest.approx(-67.5)


# --- targets from each of their sources


def targets_of(world: Scenario, who: str, name: str) -> dict[str, float]:
    found = kpi_of(score(world, Plan.nothing()), who, name)
    return {one.measure: one.target for one in found.checks}


def with_rules(**rules: Any) -> Scenario:
    return paper(rules=MappingProxyType(rules))


def test_no_target_anywhere(card: Scorecard) -> None:
    assert all(kpi.checks == () and kpi.met is None and kpi.sure is None for kpi in card.total.kpis)


def test_promised_sales_add_up_only_where_everyone_promised() -> None:
    both = paper(account_columns={"sales_target": [52_000.0, 31_201.0]})
    card = score(both, Plan.nothing())
    assert [one.sales.met for one in (card.accounts["A1"], card.accounts["A2"], card.total)] == [True, False, False]
    assert targets_of(both, "total", "sales") == {"net_revenue": 83_201}
    one = paper(account_columns={"sales_target": [52_000.0, nan]})
    assert targets_of(one, "total", "sales") == {}
    assert targets_of(one, "A1", "sales") == {"net_revenue": 52_000}


@pytest.mark.parametrize(("per", "account"), [("account", {"high_margin_share": 0.3}), ("total", {})])
def test_the_mix_from_its_rule(per: str, account: dict[str, float]) -> None:
    world = with_rules(margin_mix=(margin_mix.Settings(min=0.3, per=per),))
    assert targets_of(world, "total", "sales") == {"high_margin_share": 0.3}
    assert targets_of(world, "A1", "sales") == account
    over = replace(world, targets=Targets(high_margin=0.4))
    assert targets_of(over, "A1", "sales") == {"high_margin_share": 0.4}  # the scenario's own word goes first


def test_the_growth_index_from_its_rule_and_the_scenario() -> None:
    world = with_rules(market_share=(market_share.Settings(min_growth_index=1.04),))
    card = score(world, Plan.nothing())
    assert [card.accounts[one].share.met for one in ("A1", "A2")] == [True, False]  # 1.04 to the digit, and 0.78
    assert targets_of(replace(world, targets=Targets(growth_index=0.9)), "total", "share") == {"growth_index": 0.9}


def test_profit_floors_of_rules_objective_and_scenario() -> None:
    world = with_rules(profit_floor=(profit_floor.Settings(min=100, per="total"), profit_floor.Settings(min=7)))
    assert targets_of(world, "total", "profit") == {"incremental_contribution": 100}
    assert targets_of(world, "A2", "profit") == {"incremental_contribution": 7}
    both = replace(world, objective=Objective(contribution_floor=500), targets=Targets(contribution=33_060))
    assert targets_of(both, "total", "profit") == {"contribution": 33_060, "incremental_contribution": 500}
    assert targets_of(both, "A1", "profit") == {"incremental_contribution": 7}
    checks = {one.measure: one.met for one in score(both, Plan.nothing()).total.profit.checks}
    assert checks == {"contribution": True, "incremental_contribution": False}


def test_the_fill_target_of_all_is_what_meeting_each_comes_to() -> None:
    world = paper(account_columns={"fill_target": [0.98, 0.95]})
    assert targets_of(world, "total", "fill_rate")["value"] == pytest.approx((0.98 * 52 + 0.95 * 31.2) / 83.2)
    general = paper(account_columns={"fill_target": [0.98, nan]}, targets=Targets(fill_rate=0.9))
    assert [targets_of(general, who, "fill_rate")["value"] for who in ("A1", "A2", "total")] == [0.98, 0.9, 0.9]
    assert targets_of(paper(account_columns={"fill_target": [0.98, nan]}), "total", "fill_rate") == {}


@pytest.mark.parametrize(
    ("rule", "a1", "a2", "total"),
    [
        ({"min": 3}, 3, 4, 7),  # A2's agreement promises more
        ({"min": 3, "period": "quarter"}, 6, 6, 12),
        ({"min": 3, "per": "account_sku"}, 6, 4, 10),  # A1 lists two SKUs
        ({"min": 9, "per": "total"}, 2, 4, 9),
        ({"min": 5, "per": "total"}, 2, 4, 6),  # the agreements come to more
        ({"min": "agreement"}, 2, 4, 6),
        ({"max": 5}, 2, 4, 6),
    ],
)
def test_promotions_due(rule: dict[str, Any], a1: int, a2: int, total: int) -> None:
    world = paper(
        account_columns={"promotions_due": [2, 4]},
        rules=MappingProxyType({"promotion_count": (promotion_count.Settings(**rule),)}),
    )
    found = [targets_of(world, who, "execution")["promotions"] for who in ("A1", "A2", "total")]
    assert found == [a1, a2, total]


# --- met and sure, at the edge


@pytest.mark.parametrize(
    ("figure", "met", "sure"),
    [
        (10.0, True, True),
        (10.0 - 1e-9, True, True),  # the last digit
        (10.0 - 1e-6, False, True),
        (Interval(11, 10, 12), True, True),  # touches the target from above
        (Interval(11, 9.99, 12.01), True, False),
        (Interval(9, 8, 9.99), False, True),
        (Interval(9, 8, 10), False, False),  # may be as good as the target
        (Interval(11, nan, nan), True, False),
        (Absent("no orders"), None, None),
        (nan, None, None),
    ],
)
def test_met_and_sure(figure: Any, met: bool | None, sure: bool | None) -> None:
    (one,) = check("value", 10.0, figure)
    assert (one.met, one.sure) == (met, sure)


def test_a_target_of_nothing_is_still_a_target() -> None:
    assert [one.met for one in check("contribution", 0.0, 0.0)] == [True]
    assert [one.met for one in check("contribution", 0.0, -1e-6)] == [False]
    assert check("contribution", nan, 5.0) == ()


# --- as people read it


def cells(card: Scorecard, language: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in card.text(language).splitlines()]


def test_the_card_in_english(card: Scorecard) -> None:
    assert cells(card, "en") == [
        ["KPI", "planned", "delivered", "target", "met"],
        ["sales (net)", "83.20 k", "81.20 k ±10.16 k", "-", "no target"],
        ["share (growth index)", "0.924", "0.902 ±0.113", "-", "no target"],
        ["execution (promotions)", "0", "0", "-", "no target"],
        ["profit (contribution)", "33.06 k", "32.22 k ±3.56 k", "-", "no target"],
        ["order fill rate", "-", "97.6% ±7.3%", "-", "no target"],
    ]


def test_the_card_in_chinese(card: Scorecard) -> None:
    assert cells(card, "zh") == [
        ["指标", "计划", "兑现", "目标", "达成"],
        ["销售收入（净额）", "8.32万", "8.12万 ±1.02万", "-", "无目标"],
        ["市场份额（增长指数）", "0.924", "0.902 ±0.113", "-", "无目标"],
        ["门店执行（促销次数）", "0", "0", "-", "无目标"],
        ["经营利润（贡献）", "3.31万", "3.22万 ±3,558", "-", "无目标"],
        ["订单满足率", "-", "97.6% ±7.3%", "-", "无目标"],
    ]


@pytest.mark.parametrize(
    ("targets", "en", "zh"),
    [
        ({"contribution": 20_000}, "met", "达成"),
        ({"contribution": 32_000}, "met (interval reaches across the target)", "达成（置信区间跨越目标）"),
        (
            {"contribution": 33_000},
            "MISSED: contribution (interval reaches across the target)",
            "未达成：贡献（置信区间跨越目标）",
        ),
        ({"contribution": 50_000}, "MISSED: contribution", "未达成：贡献"),
    ],
)
def test_verdicts_in_both_languages(targets: dict[str, Any], en: str, zh: str) -> None:
    card = score(paper(targets=Targets(**targets)), Plan.nothing(), two_years())
    assert (cells(card, "en")[4][-1], cells(card, "zh")[4][-1]) == (en, zh)


def test_a_missed_target_that_is_not_the_lines_own_brings_its_figures() -> None:
    """The line shows net revenue, the verdict the share that is missed."""
    card = score(paper(targets=Targets(high_margin=0.99)), Plan.nothing(), two_years())
    share = card.total.sales.at("delivered", "high_margin_share")
    shown = f"{share.mean:.1%} ±{(share.high - share.low) / 2:.1%}"
    assert cells(card, "en")[1][-1] == f"MISSED: high margin share {shown} (target 99.0%)"
    planned = score(paper(targets=Targets(high_margin=0.99)), Plan.nothing())
    share = planned.total.sales.at("planned", "high_margin_share")
    assert cells(planned, "zh")[1][-1] == f"未达成：高毛利占比 {share:.1%} (目标 99.0%)"


def test_without_a_simulation_the_fill_rate_has_its_target_and_no_figure() -> None:
    rows = cells(score(paper(targets=Targets(fill_rate=0.97)), Plan.nothing()), "en")
    assert rows[5][:4] == ["order fill rate", "-", "-", "97.0%"]


def test_a_target_that_cannot_be_judged_is_not_said_to_be_missing() -> None:
    rows = cells(score(paper(targets=Targets(fill_rate=0.97)), Plan.nothing()), "en")
    assert rows[5][-1] == "not simulated"
