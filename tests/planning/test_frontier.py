"""A frontier: every point the best plan there, infeasible ones with their conflict, what lies between, a stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.planning.curve import Frontier, Point, is_dominated
from kaopt.planning.curve_show import frame, rows
from kaopt.planning.frontier import frontier
from kaopt.progress import Progress
from kaopt.scenario.settings import Objective
from kaopt.scenario.vary import with_number
from kaopt.scorecard import score
from tests.planning.small import every_plan, small

HERE = small(1, budget=2000.0, promotion_count={"min": 1, "per": "account"})
OVER = "budget.total=10%:160%:15%"


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def found(told):
    return frontier(HERE, OVER, listener=told.append)


def test_every_point_is_the_best_of_all_plans_there(found):
    rich = with_number(HERE, "budget.total", 1e9)
    kept = [one for _, one in every_plan(rich)[1] if not one.breaches]
    for point in found.points:
        paid = [one.objective for one in kept if one.ledger.event_spend.sum() <= point.value]
        assert point.made == bool(paid)
        if point.made:
            assert point.objective == pytest.approx(max(paid), rel=1e-9, abs=1e-9)
            assert point.bound >= max(paid) - 1e-6
            assert not evaluate(with_number(HERE, "budget.total", point.value), point.plan).breaches
    assert len(found.points) == 11
    assert 3 <= sum(point.made for point in found.points) < 11


def test_a_value_at_which_rules_cannot_hold_says_which(found):
    first = found.points[0]
    assert (first.status, first.made) == ("infeasible", False)
    assert set(first.conflicts[0]) == {"budget", "promotion_count"}


def test_figures_are_those_of_the_points_own_scorecard(found):
    for point in found.points:
        if point.made:
            there = with_number(HERE, "budget.total", point.value)
            card = score(there, point.plan).as_dict()
            assert point.scorecard == card
            assert point.spend == card["total"]["profit"]["trade_spend"]["promotions"]
            assert point.contribution == card["total"]["profit"]["planned"]["incremental_contribution"]
            assert point.events == len(point.plan)


def test_shares_and_values_are_those_asked_for(found):
    assert [round(100 * point.share) for point in found.points] == list(range(10, 161, 15))
    assert [point.value for point in found.points] == pytest.approx([20.0 * s for s in range(10, 161, 15)])
    assert (found.own, found.asked, found.stopped) == (2000.0, 11, False)


def test_more_budget_never_brings_less_and_the_steps_are_the_differences(found):
    made = [point for point in found.points if point.made]
    objectives = [point.objective for point in made]
    assert objectives == sorted(objectives)
    assert len(found.steps) == len(made) - 1
    for step, one, other in zip(found.steps, made[:-1], made[1:], strict=True):
        assert step.worth * (other.value - one.value) == pytest.approx(other.objective - one.objective, abs=1e-9)
        assert step.least <= step.worth + 1e-12 and step.worth <= step.most + 1e-12


def test_offers_are_made_once_where_only_a_limit_differs(found, told):
    assert sum(one.stage == "offers" for one in told) == 1
    assert [one.done for one in told if one.stage == "frontier"] == list(range(11))


def test_another_objective_has_other_offers_and_no_price():
    told: list[Progress] = []
    here = replace(small(1), objective=Objective(maximize="value"))
    made = frontier(here, "objective.case_value=10:30:20", listener=told.append)
    assert sum(one.stage == "offers" for one in told) == 2
    assert made.steps == ()
    assert made.points[1].objective > made.points[0].objective  # the same cases count more


def test_of_a_least_the_strictest_comes_first():
    told: list[Progress] = []
    here = small(1, profit_floor={"min": 0.0, "per": "total"})
    made = frontier(here, "rules.profit_floor.min=0:200:100", listener=told.append)
    asked = [one.message for one in told if one.stage == "frontier"]
    assert asked == [f"rules.profit_floor.min = {one}" for one in (200, 100, 0)]
    assert [point.value for point in made.points] == [0.0, 100.0, 200.0]


def test_stages_have_a_frontier_too():
    here = replace(small(1), objective=Objective(maximize="lexicographic"))
    made = frontier(here, "budget.total=50%:100%:50%")
    assert [len(point.certificate["notes"]) for point in made.points] == [2, 2]


# --- stopped and resumed


def test_an_interrupt_keeps_the_points_done_and_they_are_not_made_again(found):
    kept: list[Point] = []

    def stop_after_six(event: Progress) -> None:
        if event.stage == "frontier" and event.done == 6:
            raise KeyboardInterrupt

    stopped = frontier(HERE, OVER, listener=stop_after_six, keep=lambda _, point: kept.append(point))
    assert stopped.stopped and len(stopped.points) == len(kept) == 6
    told: list[Progress] = []
    known = {point.value: point for point in stopped.points}
    whole = frontier(HERE, OVER, listener=told.append, known=known)
    assert whole.points[:6] == stopped.points
    assert sum(one.stage == "offers" for one in told) == 1  # the first new point makes them
    assert [p.objective for p in whole.points if p.made] == [p.objective for p in found.points if p.made]


# --- dominated


def point(cases: float, contribution: float, spend: float) -> Point:
    planned = {"incremental_cases": cases, "incremental_contribution": contribution}
    total = {"profit": {"planned": planned, "trade_spend": {"promotions": spend}}}
    return Point("optimal", certificate={"objective": cases, "bound": cases}, scorecard={"total": total})


def test_dominated_is_no_better_in_any_and_worse_in_one():
    good, dear, poor, other = point(10, 5, 3), point(10, 5, 4), point(9, 4, 3), point(12, 1, 9)
    every = [good, dear, poor, other, Point("infeasible")]
    assert [is_dominated(one, every) for one in every[:4]] == [False, True, True, False]
    assert not is_dominated(good, [good, point(10, 5, 3)])


def test_a_curve_marks_them():
    points = (replace(point(10, 5, 3), value=1.0), replace(point(10, 5, 4), value=2.0), Point("infeasible", 3.0))
    assert Frontier("x", None, HERE, points, 3).dominated == (False, True, False)


# --- shown


def test_rows_text_and_data_agree(found):
    table, data = rows(found), found.as_dict()
    for row, content, one in zip(table, data["points"], found.points, strict=True):
        assert row["value"] == content["value"] == one.value
        if one.made:
            assert row["objective"] == content["objective"] == one.objective
            assert row["promotion_spend"] == content["spend"] == one.spend
            assert content["kpis"]["sales"] == one.scorecard["total"]["sales"]
        else:
            assert row["conflict"] == "promotion_count + budget" and content["conflicts"]
    assert len(frame(found)) == 11
    text = found.text()
    assert "the rules cannot all hold: promotion_count + budget" in text and "2,000 (100%)" in text
    assert "规则不能同时满足" in found.text("zh")


def test_the_page_has_a_chart_and_both_languages(found, tmp_path):
    page = found.to_html(tmp_path / "f.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1 and "http" not in page.replace("http://www.w3.org", "")
    assert 'lang="zh"' in page and "the rules cannot all hold" in page
    assert page == found.to_html(tmp_path / "g.html").read_text(encoding="utf-8")
