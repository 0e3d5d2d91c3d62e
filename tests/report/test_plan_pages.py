"""Pages of several plans and of none: every cell where it belongs, names of users as text, both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from markupsafe import Markup, escape

from kaopt.comparison import compared
from kaopt.comparison.differences import Event
from kaopt.errors import Change, InfeasibleError, Repair
from kaopt.report import compare_page, curve_chart, frontier_page, infeasible, near_page
from kaopt.report.curve_chart import NONE, Curve, draw_curve
from kaopt.report.frontier_page import FrontierView
from kaopt.report.near_page import NearView
from kaopt.report.sheet import called, say, spoken
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective, RuleSettings, Words
from tests.comparison.cards import side
from tests.report.test_sheets import balanced, text_of
from tests.worlds import world

EVIL = "<script>alert(1)</script>"
SAFE = str(escape(EVIL))


def texts(cells: tuple[Any, ...]) -> list[str]:
    """What stands in the cells of a row, without markup, English only."""
    plain = [re.sub(r'<t?span lang="zh">.*?</t?span>', "", str(cell.text)) for cell in cells]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip().replace("\u00a0", " ") for one in plain]


# --- words


def test_values_of_users_are_escaped_and_never_filled_a_second_time() -> None:
    said = say("events_in", count="{count}<b>")
    assert said == spoken("{count}<b> promotions", "{count}<b> 场促销")
    assert "&lt;b&gt;" in said and "<b>" not in said


def test_a_pair_gives_each_language_its_own() -> None:
    assert say("gained_in", unit=("cases", "箱")) == Markup(
        '<span lang="en">gained by promotions, cases</span><span lang="zh">促销净增贡献，箱</span>'
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (Words(en="Corner", zh=""), "Corner"),
        (Words(en="", zh="街角"), "街角"),
        (Words(en="A", zh="甲"), '<span lang="en">A</span><span lang="zh">甲</span>'),
        (Words(en=EVIL), SAFE),
    ],
)
def test_a_scenario_with_one_name_is_called_so_in_both_languages(name: Words, shown: str) -> None:
    assert str(called(name)) == shown


# --- the frontier


def point(at: float, **more: Any) -> dict[str, Any]:
    """A plan: twice the setting as objective, 10 more as bound, a price of 0.5 and its range."""
    found = {"value": at, "of_own": None, "objective": 2 * at, "bound": 2 * at + 10, "gap": 0.005, "conflict": ""}
    found |= {"incremental_cases": 3 * at, "incremental_contribution": 4 * at, "promotion_spend": 5 * at, "events": 7}
    found |= {"share": 1.02, "dominated": False, "worth_next": 0.5, "worth_least": 0.25, "worth_most": 0.75}
    return found | more


def no_point(at: float, conflict: str = "") -> dict[str, Any]:
    return {"value": at, "of_own": None, "conflict": conflict, "worth_next": None}


def view(*rows: dict[str, Any], **more: Any) -> FrontierView:
    given = {"path": "budget.total", "own": None, "name": Words(en="Corner"), "currency": "CNY", "aim": "profit"}
    return FrontierView(**(given | {"rows": rows} | more))


def test_every_column_of_a_point_stands_under_its_head() -> None:
    """At 100: objective 200, bound 210, 300 cases, 400 gained, 500 spent; 100 more of budget at 0.5 are 50."""
    table = frontier_page.table(view(point(100.0)))
    assert [re.sub(r"<[^>]+>.*", "", str(re.sub(r'<span lang="en">', "", one))) for one in table.head] == [
        "setting", "objective", "no plan exceeds", "proven gap", "cases gained, net", "gained by promotions",
        "promotion spend", "promotions", "growth index", "next 100 CNY",
    ]  # fmt: skip
    assert texts(table.rows[0]) == ["100", "200", "210", "0.50 %", "300", "400", "500", "7", "1.020", "50 25 … 75"]


def test_what_is_not_known_of_a_point_is_a_dash_and_keeps_its_column() -> None:
    unknown = point(100.0, bound=None, gap=None, share=None, worth_next=None)
    assert texts(frontier_page.table(view(unknown)).rows[0]) == [
        "100", "200", "–", "–", "300", "400", "500", "7", "–", "–"
    ]  # fmt: skip
    half = point(100.0, worth_least=None)
    assert texts(frontier_page.table(view(half)).rows[0])[-1] == "50"  # half a range is none


def test_points_keep_their_order_and_the_own_one_is_marked() -> None:
    """Own 200: told apart from 200.1, and found again behind rounding; a dominated own point is still the own one."""
    rows = (point(300.0), point(200.0 * (1 + 1e-12), dominated=True), point(200.1), point(100.0, dominated=True))
    made = frontier_page.table(view(*rows, own=200.0)).rows
    assert [texts(row)[0].split()[0] for row in made] == ["300", "200", "200.1", "100"]
    assert [row[0].state for row in made] == ["", "own", "", "worse"]
    assert [texts(row)[0].endswith("dominated") for row in made] == [False, True, False, True]


def test_an_own_value_of_nothing_is_marked_where_it_is_and_nowhere_else() -> None:
    rows = frontier_page.table(view(point(0.0), point(1e-6), own=0.0)).rows
    assert [row[0].state for row in rows] == ["own", ""]


def test_a_setting_without_a_plan_says_which_rules_or_that_the_time_ran_out() -> None:
    rows = frontier_page.table(view(no_point(1.0, f"budget + {EVIL}"), no_point(2.0))).rows
    assert texts(rows[0])[1] == "the rules cannot all hold : budget + " + SAFE
    assert texts(rows[1])[1] == "no plan within the limit"
    assert [row[1].state for row in rows] == ["missed", "missed"] and EVIL not in str(rows[0][1].text)


def test_the_verdict_takes_the_price_nearest_to_the_own_value_or_the_first() -> None:
    """Prices at 100, 200 and 300 of 0.1, 0.2 and 0.3; the point at 260 has none."""
    rows = [point(at, worth_next=at / 1000) for at in (100.0, 200.0, 300.0)] + [point(260.0, worth_next=None)]
    told = {own: str(frontier_page.verdict(view(*rows, own=own))) for own in (None, 120.0, 260.0, 1e9)}
    starts = {own: re.search(r"From (\S+) on, (.*) more of it bring (\S+) (\S+)", text) for own, text in told.items()}
    assert {own: found.groups() for own, found in starts.items() if found} == {
        None: ("100", "100 CNY", "10", "CNY"),
        120.0: ("100", "100 CNY", "10", "CNY"),
        260.0: ("300", "100 CNY", "30", "CNY"),
        1e9: ("300", "100 CNY", "30", "CNY"),
    }


@pytest.mark.parametrize(
    ("aim", "en", "zh"),
    [
        ("profit", "CNY", "CNY"),
        ("value", "CNY", "CNY"),
        ("profitable_volume", "cases", "箱"),
        ("lexicographic", "cases", "箱"),
    ],
)
def test_the_unit_is_that_of_the_aim_in_each_language(aim: str, en: str, zh: str) -> None:
    assert frontier_page.unit(view(aim=aim)) == (en, zh)


def test_facts_count_the_points_that_have_a_plan_and_hostile_names_stay_text() -> None:
    hostile = view(point(1.0), no_point(2.0), point(3.0), name=Words(en=EVIL, zh=EVIL), path=EVIL, currency=EVIL)
    page = frontier_page.render(hostile, "zh")
    assert "<script" not in page and balanced(page) and '<html lang="zh">' in page
    assert "2 of 3 points have a plan" in page and "3 个点中 2 个有方案" in page


def test_the_dotted_line_is_explained_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Curve] = []
    monkeypatch.setattr(frontier_page, "draw_curve", lambda one: drawn.append(one) or Markup(""))
    with_it = frontier_page.chart(view(point(1.0), no_point(2.0), point(3.0), own=3.0))
    without = frontier_page.chart(view(point(1.0), point(3.0)))
    assert [len(one.legend) for one in (with_it, without)] == [4, 3]
    assert [list(one.broken) for one in drawn] == [[2.0], []] and [one.mark for one in drawn] == [3.0, None]
    assert [len(one.notes) for one in (with_it, without)] == [2, 1]  # the own value's dashed line is told too


@pytest.mark.parametrize(
    ("rows", "drawn"), [((), 0), ((no_point(1.0), no_point(2.0)), 0), ((point(1.0), point(2.0)), 1)]
)
def test_a_curve_needs_two_plans(rows: tuple[dict[str, Any], ...], drawn: int) -> None:
    page = frontier_page.render(view(*rows), "en")
    assert page.count("<svg") == drawn
    assert page.count("<tr>") == 1 + len(rows)


@pytest.mark.parametrize(
    ("number", "shown"), [(0.0, "0"), (999.994, "999.994"), (0.123456789, "0.123457"), (1000.4, "1,000")]
)
def test_small_values_keep_their_digits_and_large_ones_are_whole(number: float, shown: str) -> None:
    assert frontier_page.value(number) == shown


# --- the curve


def lines_of(curve: Curve, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The two drawings that a curve becomes, before they are text."""
    seen: list[Any] = []
    monkeypatch.setattr(curve_chart, "svg", lambda figure, labels, name: seen.append(figure) or Markup(name))
    draw_curve(curve)
    axes: list[Any] = seen[0].axes
    return axes


def curve(**more: Any) -> Curve:
    given = {
        "name": "c",
        "x": np.array([1.0, 2.0, 3.0]),
        "found": np.array([10.0, np.nan, 30.0]),
        "bound": np.array([12.0, np.nan, np.nan]),
        "second": np.array([5.0, np.nan, -6.0]),
        "titles": (Markup("t"), Markup("u")),
        "x_label": Markup("x"),
    }
    return Curve(**(given | more))


def test_a_curve_draws_what_was_found_and_a_bound_never_invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """The point without a plan is left out; where no bound is known the band closes on the plan found."""
    top, low = lines_of(curve(), monkeypatch)
    drawn = {line.get_color(): line.get_xydata().tolist() for line in top.lines}
    assert drawn[curve_chart.FOUND] == [[1.0, 10.0], [3.0, 30.0]]
    assert drawn[curve_chart.BOUND] == [[1.0, 12.0], [3.0, 30.0]]
    assert [line.get_xydata().tolist() for line in low.lines] == [[[1.0, 5.0], [3.0, -6.0]]]


def test_a_mark_and_every_broken_value_stand_in_both_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    for axes in lines_of(curve(mark=2.5, broken=(1.5, 2.0)), monkeypatch):
        upright = [line for line in axes.lines if len({*line.get_xdata()}) == 1]
        assert [line.get_xdata()[0] for line in upright if line.get_color() == NONE] == [1.5, 2.0]
        assert [line.get_xdata()[0] for line in upright if line.get_color() == curve_chart.INK] == [2.5]


# --- a repaired plan


def repaired(**more: Any) -> dict[str, Any]:
    given = {"allowed": 3, "changes": 3, "chosen": False, "dropped": 1, "added": 2, "objective": 50.0, "bound": 60.0}
    return given | {"gap": 0.2, "contribution": -8.0, "events": 1234} | more


def near(*rows: dict[str, Any], **more: Any) -> NearView:
    return NearView(**({"name": Words(en=EVIL, zh="街角"), "currency": "CNY", "given_objective": -1234.6,
                        "given_breaches": 7, "proven": 2, "rows": rows} | more))  # fmt: skip


def test_each_repaired_plan_is_a_row_and_the_runs_own_is_marked() -> None:
    rows = (repaired(), repaired(chosen=True, changes=5), repaired(allowed=None, chosen=True, bound=None, gap=None))
    made = near_page.table(near(*rows)).rows
    assert [texts(row) for row in made] == [
        ["3", "1", "2", "50", "60", "20.00 %", "−8", "1,234"],
        ["5 this run&#39;s plan", "1", "2", "50", "60", "20.00 %", "−8", "1,234"],
        ["3 any number of changes", "1", "2", "50", "–", "–", "−8", "1,234"],
    ]
    assert [{cell.state for cell in row} for row in made] == [{""}, {"own"}, {"own"}]


def test_a_single_repaired_plan_has_no_curve_and_its_facts_are_the_given_plans() -> None:
    page = near_page.render(near(repaired(chosen=True)), "zh")
    assert "<svg" not in page and balanced(page) and "<script" not in page and SAFE in page
    assert "the given plan: objective -1,235, rules broken: 7" in page and "至少需要 2 处改动（已证明）" in page
    assert "本次方案共 3 处改动：去掉 1 场，新增 2 场。" in page
    two = near_page.render(
        near(repaired(chosen=True), repaired(allowed=None, objective=None, bound=None, gap=None)), "en"
    )
    assert two.count("<svg") == 1  # a plan that was not found leaves a gap, not an error


# --- plans side by side


def pair(first: tuple[Event, ...] | None, second: tuple[Event, ...] | None, **more: Any) -> Any:
    figures = {"sales": 120.0, "index": 1.0, "promotions": 30.0, "profit": 60.0} | more
    return compared((replace(side("one", **figures), events=first), replace(side(EVIL, **figures), events=second)))


def test_equal_plans_give_up_nothing_and_none_is_best() -> None:
    page = compare_page.render(pair((), ()), "en")
    assert "No plan is dominated" in page and 'class="best"' not in page
    assert text_of(page).count("gives up") == 1  # in the note on how to read the table
    assert "Promotions that stay: 0; moved by a week: 0" in page and "<details>" not in page


def test_a_hostile_name_is_text_wherever_it_stands() -> None:
    strange = (Event(EVIL, EVIL, 1, 1, EVIL),)
    page = compare_page.render(pair((), strange, profit=50.0), "zh")
    assert "<script" not in page and balanced(page)
    assert page.count(SAFE) >= 6  # title, fact, head, calendar's title and count, account, SKU, mechanic


def test_events_that_differ_come_as_moved_changed_and_only() -> None:
    """Cola moves from week 3 to 4; tea changes its mechanic; beer is dropped; milk is new. Juice stays unlisted."""
    juice = Event("W", "juice", 1, 1, "cut")
    first = (juice, Event("W", "beer", 9, 1, "cut"), Event("W", "cola", 3, 2, "cut"), Event("W", "tea", 5, 1, "cut"))
    second = (juice, Event("W", "milk", 7, 3, "gift"), Event("W", "cola", 4, 2, "cut"), Event("W", "tea", 5, 1, "gift"))
    (calendar,) = pair(first, second).calendar
    table = compare_page.events(calendar).table
    assert table is not None
    assert [texts(row) for row in table.rows] == [
        ["moved", "W", "cola", "week 3-4, cut", "week 4-5, cut"],
        ["changed", "W", "tea", "week 5, cut", "week 5, gift"],
        ["only in one", "W", "beer", "week 9, cut", "–"],
        ["only in one", "W", "milk", "–", "week 7-9, gift"],
    ]


@pytest.mark.parametrize(
    ("count", "folded", "listed", "left"), [(12, False, 12, 0), (13, True, 13, 0), (402, True, 400, 2)]
)
def test_a_long_calendar_folds_and_a_very_long_one_points_to_its_file(
    count: int, folded: bool, listed: int, left: int
) -> None:
    many = tuple(Event("W", f"S{n:03d}", 1, 1, "cut") for n in range(count))
    (calendar,) = pair(many, ()).calendar
    part = compare_page.events(calendar)
    assert part.table is not None and len(part.table.rows) == listed
    assert (part.fold is not None) == folded
    assert [text for text in part.notes if "calendar.csv" in text] == ([say("more_in_csv", count=left)] if left else [])


@pytest.mark.parametrize(
    ("much", "kind", "en", "zh"),
    [
        (0.1234, "percent", "12.3 pp", "12.3 pp"),
        (0.0005, "percent", "0.1 pp", "0.1 pp"),
        (0.0004, "percent", "<0.1 pp", "<0.1 pp"),
        (12_345.0, "amount", "12.3 k", "1.23万"),
        (0.0456, "index", "0.046", "0.046"),
        (1234.5, "count", "1,234.5", "1,234.5"),
    ],
)
def test_what_a_plan_gives_up_is_told_in_the_measures_own_unit(much: float, kind: str, en: str, zh: str) -> None:
    assert tuple(one.replace("\u00a0", " ") for one in compare_page.lost(much, kind)) == (en, zh)


# --- no plan at all


class Reasoned(RuleSettings):
    """A rule's settings that only say why."""


def stuck(**given: Any) -> Scenario:
    reasons = {"budget": (Reasoned(because=EVIL), Reasoned(), Reasoned(because=EVIL), Reasoned(because="law & order"))}
    return world(2, 2, 8, rules=reasons, **({"name": Words(en="Corner", zh="街角")} | given))


STOP = InfeasibleError(
    "no plan",
    (("budget", "sales_target"), ("my_rule",)),
    (
        Repair((Change("budget", "account=A1 quarter=2", 900.0, 1_000.0, "money"),), 12_345.0),
        Repair((Change("my_rule", "total", 0.0, 2.0, "event"), Change("margin", "total", 0.5, 0.4, "share of 1")), 7.0),
    ),
)


def test_a_way_out_tells_where_from_what_to_what_and_by_how_much() -> None:
    """900 to 1 000 is a ninth more; from nothing no part can be told; half to 40 % is a fifth less."""
    here = stuck(objective=Objective(maximize="profit"))
    worths, changes = zip(*(infeasible.way_out(here, one) for one in STOP.repairs), strict=True)
    shown = [[re.sub(r'<span lang="zh">.*?</span>|<[^>]+>', "", str(cell)).replace("\u00a0", " ") for cell in row]
             for rows in changes for row in rows]  # fmt: skip
    assert shown == [
        ["budget", "account A1 quarter 2", "900 CNY", "1 k CNY", "11.11 %"],
        ["my_rule", "in total", "0 events", "2 events", "–"],
        ["margin", "in total", "50.0 %", "40.0 %", "−20.00 %"],
    ]
    assert [re.sub(r'<span lang="zh">.*?</span>|<[^>]+>', "", str(one)).replace("\u00a0", " ") for one in worths] == [
        "12.3 k CNY", "7 CNY"
    ]  # fmt: skip


def test_a_plan_in_cases_is_not_said_to_bring_money() -> None:
    worth, _ = infeasible.way_out(stuck(objective=Objective(maximize="profitable_volume")), STOP.repairs[0])
    assert "CNY" not in worth


def test_reasons_of_a_rule_are_told_once_and_in_order() -> None:
    assert infeasible.because(stuck(), "budget") == f"{EVIL}; law & order"
    assert infeasible.because(stuck(), "sales_target") == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_without_a_plan_names_conflicts_reasons_and_ways_out(language: str) -> None:
    page = infeasible.render(stuck(), STOP, language)
    assert "<script" not in page and page.count(SAFE) == 1 and "law &amp; order" in page
    assert balanced(page) and f'id="{language}" aria-label' in page
    assert f"<title>{'街角' if language == 'zh' else 'Corner'} · kaopt</title>" in page
    assert page.index("<h3>1 · ") < page.index("<h3>2 · ") and page.count("<tr><td>") == 3
    assert page.count("<h3>") == 4 and page.count("<li>") == 1  # two conflicts, two ways out; one rule has a reason


def test_a_page_with_nothing_found_says_so_in_both_languages() -> None:
    page = infeasible.render(stuck(name=Words(zh="街角")), InfeasibleError("no plan"), "en")
    assert "No single conflict could be named in the time given." in page and "在限定时间内未能指出具体的矛盾。" in page
    assert "No way out was found" in page and "<table>" not in page
    assert "<h1>街角</h1>" in page  # a scenario with one name is called so in both languages
