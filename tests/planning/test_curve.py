"""What lies between the points of a curve, and how it is shown: with points made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.planning.curve import Frontier, Point, alike, is_dominated, step
from kaopt.planning.curve_show import frame, point_dict, rows
from kaopt.planning.frontier_run import code_of
from kaopt.scorecard.show import width
from tests.planning.small import small

HERE = small()


def card(cases: float, contribution: float, spend: float) -> dict:
    """A scorecard's total with just what a curve reads."""
    absent = {"applies": False, "why": "no sales of last year in the scenario"}
    planned = {"contribution": 10.0 * contribution, "incremental_contribution": contribution}
    return {
        "total": {
            "sales": {"planned": {"net_revenue": 5000.0}},
            "share": {"planned": {"growth_index": absent}},
            "execution": {"promotions": {"planned": 4.0, "expected": 3.0}},
            "profit": {"planned": planned | {"incremental_cases": cases}, "trade_spend": {"promotions": spend}},
            "fill_rate": absent,
        }
    }


def made(value: float, objective: float, bound: float | None, *, earned: float = 0.0, spend: float = 1.0) -> Point:
    """A point with a plan; cases are the objective."""
    gap = None if bound is None else (bound - objective) / objective
    certificate = {"objective": objective, "bound": bound, "gap": gap, "realised_objective": objective}
    return Point("optimal", value, None, certificate, card(objective, earned, spend), events=3)


def none(value: float, status: str = "infeasible", **more: object) -> Point:
    """A point without a plan."""
    return Point(status, value, **more)  # type: ignore[arg-type]


def curve(*points: Point, path: str = "budget.total", **more: object) -> Frontier:
    return Frontier(path, 1000.0, HERE, points, more.pop("asked", len(points)), **more)  # type: ignore[arg-type]


# --- between the points


def test_the_worth_of_the_next_unit_by_hand():
    """From 1 000 to 1 200 the plan found gains 30 (0.15 a unit), and 20 money (0.1 a unit).

    The best plans lie in 100..104 and 130..150: their difference is at least 26 (0.13) and at most 50 (0.25).
    """
    found = step(made(1000.0, 100.0, 104.0, earned=5.0), made(1200.0, 130.0, 150.0, earned=25.0))
    assert (found.first, found.last) == (1000.0, 1200.0)
    assert (found.worth, found.least, found.most, found.contribution) == pytest.approx((0.15, 0.13, 0.25, 0.1))


def test_where_nothing_is_proven_a_step_has_no_end():
    """Without a bound at the far end it may be worth any amount, without one at the near end any loss."""
    far = step(made(0.0, 10.0, 10.0), made(2.0, 12.0, None))
    near = step(made(0.0, 10.0, None), made(2.0, 12.0, 12.0))
    assert (far.worth, far.least, far.most) == (1.0, 1.0, inf)
    assert (near.worth, near.least, near.most) == (1.0, -inf, 1.0)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-20, 20), st.integers(0, 9)), min_size=2, max_size=6))
@settings(max_examples=30)
def test_steps_add_up_and_enclose_the_best_there_is(said):
    """Wherever between plan and bound the best at each point lies, its differences lie between least and most."""
    points, at = [], 0.0
    for width_, objective, room in said:
        at += width_
        certificate = {"objective": float(objective), "bound": float(objective + room)}
        points.append(Point("stopped", at, None, certificate, card(0.0, float(objective), 1.0)))
    steps = curve(*points).steps
    assert sum(one.worth * (one.last - one.first) for one in steps) == pytest.approx(said[-1][1] - said[0][1])
    assert all(one.contribution == one.worth for one in steps)  # these points earn what they are worth
    for share in (0.0, 0.5, 1.0):
        best = [objective + share * room for _, objective, room in said]
        for n, one in enumerate(steps):
            real = (best[n + 1] - best[n]) / (one.last - one.first)
            assert one.least - 1e-9 <= real <= one.most + 1e-9


def test_a_step_leads_over_points_without_a_plan():
    """100 at 1, nothing at 2, 130 at 4: one step of three units, 10 each."""
    found = curve(made(1.0, 100.0, 100.0), none(2.0), made(4.0, 130.0, 130.0))
    assert [(one.first, one.last, one.worth) for one in found.steps] == [(1.0, 4.0, 10.0)]
    assert curve(none(1.0), made(2.0, 5.0, 5.0)).steps == ()


def test_settings_of_the_objective_have_no_price():
    """Another hurdle measures plans by another yardstick: their difference is worth nothing to know."""
    points = made(0.1, 100.0, 100.0), made(0.2, 90.0, 90.0)
    assert curve(*points, path="objective.hurdle").steps == ()
    assert len(curve(*points, path="rules.objective.min").steps) == 1


# --- figures


def test_a_figure_that_does_not_apply_is_none_and_a_money_one_nought():
    point = made(1.0, 10.0, None, earned=4.0, spend=7.0)
    assert point.at("share", "planned", "growth_index") is None
    assert (point.cases, point.contribution, point.spend, point.bound) == (10.0, 4.0, 7.0, inf)
    bare = replace(point, scorecard=card({"applies": False}, 1.0, 1.0))  # type: ignore[arg-type]
    assert bare.cases == 0.0


@given(st.lists(st.tuples(*[st.integers(1, 3)] * 3), min_size=1, max_size=7))
@settings(max_examples=30)
def test_dominated_is_what_the_order_of_three_figures_says(figures):
    """Cases and money: more is better; spend: less is better. Equal plans leave each other alone."""
    points = [made(float(n), float(a), None, earned=float(b), spend=float(c)) for n, (a, b, c) in enumerate(figures)]
    expected = tuple(
        any(x >= a and y >= b and z <= c and (x, y, z) != (a, b, c) for x, y, z in figures) for a, b, c in figures
    )
    assert curve(*points).dominated == expected
    assert not all(expected)


def test_rounding_dominates_nobody():
    one, other = made(1.0, 100.0, None, spend=50.0), made(2.0, 100.0 * (1 + 1e-13), None, spend=50.0)
    assert not is_dominated(one, (one, other)) and not is_dominated(other, (one, other))
    assert alike(1e9, 1e9 + 0.5) and not alike(1e9, 1e9 + 2.0)
    better = made(3.0, 100.0 * (1 + 1e-6), None, spend=50.0)
    assert is_dominated(one, (one, better))


# --- shown


@pytest.fixture(scope="module")
def shown():
    """No plan at 500; 100 of at most 110 at 800; 160 proven at 1 000; less for the same money at 1 200."""
    return curve(
        none(500.0, conflicts=(("budget", "promotion_count"),), message="the rules cannot hold", share=0.5),
        replace(made(800.0, 100.0, 110.0, earned=50.0, spend=700.0), share=0.8),
        replace(made(1000.0, 160.0, 160.0, earned=90.0, spend=900.0), share=1.0),
        replace(made(1200.0, 150.0, None, earned=80.0, spend=900.0), share=1.2, status="stopped"),
        none(1400.0, "no plan"),
        asked=6,
        stopped=True,
    )


def test_rows_have_figures_where_there_is_a_plan(shown):
    first, second, third, fourth, fifth = rows(shown)
    assert first["conflict"] == "budget + promotion_count" and "objective" not in first
    assert (second["value"], second["of_own"], second["gap"]) == (800.0, 0.8, 0.1)
    assert (second["worth_next"], second["worth_least"], second["worth_most"]) == (0.3, 0.25, 0.3)
    assert (third["sales"], third["share"], third["execution"], third["profit"]) == (5000.0, None, 3.0, 900.0)
    assert [row["dominated"] for row in (second, third, fourth)] == [False, False, True]
    assert fourth["worth_next"] is None and fourth["bound"] is None  # the last plan of the curve
    assert (fifth["status"], fifth["conflict"]) == ("no plan", "")


def test_the_table_has_one_row_for_each_point_and_leaves_gaps_empty(shown):
    table = frame(shown)
    assert table["value"].tolist() == [500.0, 800.0, 1000.0, 1200.0, 1400.0]
    assert table["objective"].isna().tolist() == [True, False, False, False, True]
    assert table["setting"].unique().tolist() == ["budget.total"]


def test_the_text_lines_up_and_tells_what_there_is_to_tell(shown):
    lines = shown.text().split("\n")
    assert lines[0] == "budget.total"
    assert "next unit" in lines[1] and lines[1].split()[0] == "setting"
    full = [line for line in lines[1:6] if "rules" not in line and "no plan" not in line]
    assert len({len(line) for line in full}) == 1 and len(full) == 4
    assert "the rules cannot all hold: budget + promotion_count" in lines[2]
    assert lines[3].split() == ["800", "(80%)", "100", "110", "10.00%", "100", "50", "700", "3", "0.3"]
    assert lines[5].split()[:6] == ["1,200", "(120%)", "*", "150", "-", "-"]
    assert lines[6].endswith("no plan was found within the limit")
    assert lines[-1] == "stopped after 5 of 6 points; --resume goes on"
    assert lines[-2].startswith("* another plan is as good")


def test_the_text_in_chinese_lines_up_in_double_width(shown):
    lines = shown.text("zh").split("\n")
    full = [lines[n] for n in (1, 3, 4, 5)]
    assert len({width(line) for line in full}) == 1
    assert lines[-1] == "完成 6 个点中的 5 个后停止；可用 --resume 继续"
    assert "没有找到方案" in lines[6] and "规则不能同时满足：budget + promotion_count" in lines[2]


def test_notes_are_left_out_where_there_is_nothing_to_note():
    told = curve(made(1.0, 10.0, 10.0)).text()
    assert told.count("\n") == 2 and "*" not in told and "stopped" not in told
    assert "?" in curve(none(1.0)).text()  # a conflict that nobody could name


def test_points_as_data(shown):
    content = json.loads(json.dumps(shown.as_dict()))
    assert (content["path"], content["own"], content["asked"], content["stopped"]) == ("budget.total", 1000.0, 6, True)
    first, second = content["points"][:2]
    assert first["conflicts"] == [["budget", "promotion_count"]] and first["message"] == "the rules cannot hold"
    assert "kpis" not in first and "conflicts" not in second
    assert (second["contribution"], second["incremental_cases"], second["spend"]) == (50.0, 100.0, 700.0)
    assert set(second["kpis"]) == {"sales", "share", "execution", "profit", "fill_rate"}
    assert [one["first"] for one in content["steps"]] == [800.0, 1000.0]
    assert point_dict(shown.points[3], True)["dominated"] is True


# --- how it ends


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["optimal", "optimal"], 0),
        (["optimal", "infeasible"], 0),  # a proof that there is no plan settles a point too
        (["infeasible", "infeasible"], 3),
        (["infeasible", "no plan"], 4),
        (["no plan"], 4),
        (["optimal", "no plan"], 5),
        (["optimal", "stopped"], 5),
        (["stopped", "infeasible"], 5),
    ],
)
def test_the_exit_code_tells_whether_every_point_is_settled(states, code):
    points = tuple(Point(one) for one in states)
    assert code_of(Frontier("x", None, HERE, points, 9)) == code
    assert code_of(Frontier("x", None, HERE, points, 9, stopped=True)) == 130
