"""Rows of the page: money, losses, bridge, warehouse, cards; each figure where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.plan import Plan
from kaopt.report import cards, charts, sections
from kaopt.report.result import RunResult
from kaopt.scenario.settings import Targets
from kaopt.scorecard import Absent, Interval, Kpi
from kaopt.scorecard.figures import Check
from tests import worlds
from tests.report import samples


@pytest.fixture(scope="module")
def result() -> RunResult:
    world = worlds.world(
        3, 2, 12, account_columns={"rebate": 0.02, "contract_fee": 100.0}, targets=Targets(fill_rate=0.99)
    )
    return samples.run(world, samples.random_plan(world, 12))


def test_spend_by_family_is_the_plans(result: RunResult) -> None:
    spend = result.ledger.event_spend.sum(axis=1)
    price = spend[result.ledger.plan.treatment == 0].sum()
    gain = result.ledger.event_contribution[result.ledger.plan.treatment == 0].sum()
    bar = sections.by_family(result)[0]
    assert "price cut" in bar.label
    assert str(bar.value) == str(sections.amount(price))
    assert sections.numbers.percent(gain / price, 0) in bar.note
    assert max(one.width for one in sections.by_family(result)) == 1.0


def test_spend_by_kind_makes_the_whole(result: RunResult) -> None:
    shares = [bar.width for bar in sections.by_kind(result)]
    assert sum(shares) == pytest.approx(1)
    assert len(shares) == 3  # no standing discount here


def test_spend_by_account_is_largest_first(result: RunResult) -> None:
    bars, drawing = sections.by_account(result)
    assert [bar.width for bar in bars] == sorted((bar.width for bar in bars), reverse=True)
    assert drawing is not None
    assert drawing.count("<svg") == 1


def test_weekly_spend_by_family_is_the_years(result: RunResult) -> None:
    assert charts.spend_by_family(result).sum() == pytest.approx(result.ledger.realised.spend.sum())
    assert charts.spend_by_family(result).shape == (2, 12)


def test_drawings_share_no_names(result: RunResult) -> None:
    one, two = (
        charts.weekly(result),
        charts.returns(np.array([1.0, 2.0]), np.array([1.0, -1.0]), [sections.word("week")] * 2),
    )
    assert 'id="weekly-' in one
    assert 'id="weekly-' not in two
    assert "L000L" not in one
    assert charts.INK not in one
    assert charts.FAINT not in one


def test_names_in_a_drawing_do_not_meet() -> None:
    spend, ratio = np.array([10.0, 9.9, 9.8, 1.0]), np.array([0.5, 0.51, 0.52, 2.0])
    assert charts.worth_naming(spend, ratio) == [0, 3]


def test_losses_show_each_cause_and_its_part_of_the_penalties(result: RunResult) -> None:
    found = sections.losses(result)
    assert len(found) == 6
    assert max(bar.width for bar in found) == 1
    assert all("of penalties" in bar.note for bar in found)


def test_a_bridge_shows_what_changes_and_both_ends() -> None:
    steps = (("planned", 100.0), ("lost_age", -5.0), ("penalty_late", 0.0), ("write_offs", -10.0), ("delivered", 85.0))
    found = sections.bridge(steps)
    assert [step.total for step in found] == [True, False, False, True]
    assert [step.width for step in found] == [0.0, 0.5, 1.0, 0.0]
    assert "lost: refused for age" in found[1].label
    assert "损失：货龄拒收" in found[1].label


def test_warehouse_shows_the_oldest_first(result: RunResult) -> None:
    use, age = sections.warehouse(result)
    assert len(use) == 2
    assert [bar.width for bar in age] == sorted((bar.width for bar in age), reverse=True)


def test_the_gap_is_never_below_nothing(result: RunResult) -> None:
    assert result.certificate is not None
    found = sections.certificate(replace(result, certificate=replace(result.certificate, gap=-1e-12)))
    assert str(found[2][1]) == "0.00\u00a0%"


def test_an_unknown_status_is_shown_as_it_is(result: RunResult) -> None:
    assert result.certificate is not None
    found = sections.certificate(replace(result, certificate=replace(result.certificate, status="odd <status>")))
    assert "odd &lt;status&gt;" in found[4][1]


@pytest.mark.parametrize(
    ("check", "planned", "state"),
    [
        ((Check("net_revenue", 1.0, True, True),), 2.0, "met"),
        ((Check("net_revenue", 1.0, False, True),), 0.5, "missed"),
        ((Check("net_revenue", 1.0, True, False),), 2.0, "open"),
        ((), 2.0, "no_target"),
        ((), Absent("no sales"), "not_applicable"),
    ],
)
def test_the_state_of_a_card(check: tuple[Check, ...], planned: object, state: str) -> None:
    figures = {"planned": {"net_revenue": planned}, "delivered": Absent("no simulation of this plan")}
    assert cards.state_of(Kpi("sales", figures, check)) == state


def test_the_headline_is_what_was_delivered(result: RunResult) -> None:
    sales = cards.cards(result)[0]
    delivered = result.card.total.sales.at("delivered", "net_revenue")
    assert isinstance(delivered, Interval)
    assert str(sales.headline) == str(sections.amount(delivered.mean))


def test_the_headline_is_the_plan_where_nothing_was_simulated() -> None:
    bare = samples.run(worlds.world(), Plan.nothing(), simulated=False)
    sales, *_, fill = cards.cards(bare)
    assert str(sales.headline) == str(sections.amount(float(bare.card.total.sales.at("planned", "net_revenue"))))  # type: ignore[arg-type]
    assert fill.rows == ()
    assert fill.state == "not_applicable"


def test_every_row_of_a_card_fits_its_columns(result: RunResult) -> None:
    for card in cards.cards(result):
        assert {len(row) for row in card.rows} <= {2, len(card.columns) + 1}


def test_the_verdict_counts_what_is_judged(result: RunResult) -> None:
    assert "0 of 1 KPIs" in cards.verdict(result)
    bare = samples.run(worlds.world(), Plan.nothing(), simulated=False)
    assert "no KPI has a target" in cards.verdict(bare)


def test_each_account_has_five_figures(result: RunResult) -> None:
    rows = cards.account_rows(result)
    assert len(rows) == 3
    assert all(len(row["cells"]) == 5 for row in rows)  # type: ignore[arg-type]
