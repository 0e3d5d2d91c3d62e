"""Pages of several plans: what stands in them, escaped, in both languages, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from kaopt.comparison import compared
from kaopt.comparison.differences import Event
from kaopt.report import compare_page, frontier_page, near_page
from kaopt.report.frontier_page import FrontierView, per, value
from kaopt.report.sheet import Cell, Section, Sheet, Table, draw, say
from kaopt.report.words_plans import PLAN_WORDS
from kaopt.scenario.settings import Words
from tests.comparison.cards import side

VOID = {"meta", "input", "path", "rect", "use", "br", "link"}


class Balanced(HTMLParser):
    """Every element that is opened is closed in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        pass


def balanced(page: str) -> bool:
    reader = Balanced()
    reader.feed(page)
    return not reader.open


def text_of(page: str, lang: str = "en") -> str:
    """What a reader of one language sees of the body, as plain text."""
    other = "zh" if lang == "en" else "en"
    body = page[page.index("<main>") :]
    body = re.sub(rf'<t?span lang="{other}">.*?</t?span>', "", body, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")


def row(at: float, **more: object) -> dict[str, object]:
    figures = {"objective": 100 * at, "bound": 101 * at, "gap": 0.01, "incremental_cases": 90 * at, "events": 4}
    figures |= {"incremental_contribution": 7 * at, "promotion_spend": at, "dominated": False, "share": 1.05}
    frame = {"value": at, "of_own": at / 2000, "status": "optimal", "conflict": "", "worth_next": 0.05}
    return {**frame, **figures, "worth_least": 0.04, "worth_most": 0.07, **more}


BROKEN = {"value": 500.0, "of_own": 0.25, "status": "infeasible", "conflict": "budget + my_rule", "worth_next": None}
VIEW = FrontierView(
    "budget.total", 2000.0, Words(en="Corner & Co", zh="街角"), "CNY",
    (BROKEN, row(1000.0), row(2000.0, dominated=True, worth_next=None, share=None, gap=None, bound=None)),
    "profitable_volume",
)  # fmt: skip


@pytest.fixture(scope="module")
def frontier():
    return frontier_page.render(VIEW, "en")


def test_a_frontier_shows_every_point(frontier):
    shown = text_of(frontier)
    assert "1,000 50 % 100 k 101 k 1.00 %" in shown
    assert "500 25 % the rules cannot all hold : budget + my_rule" in shown
    assert "2,000 100 % dominated" in shown and "5 4 … 7" in shown  # cases for 100 more of the budget
    assert balanced(frontier)


def test_the_verdict_is_the_price_nearest_to_the_scenarios_own_value(frontier):
    assert "From 1,000 on, 100 CNY more of it bring 5 cases (for the best plans between 4 and 7)." in frontier
    assert "从 1,000 起，每增加 100 CNY 带来 5 箱（最优方案必在 4 与 7 之间）。" in frontier


def test_names_are_escaped(frontier):
    assert "Corner &amp; Co" in frontier and "Corner & Co" not in frontier


def test_without_a_price_or_a_second_plan_the_page_says_so():
    single = replace(VIEW, rows=(BROKEN, row(1000.0, worth_next=None)))
    page = frontier_page.render(single, "zh")
    assert "这些点之间无法给出单位价格。" in page and "<svg" not in page
    assert 'id="zh" aria-label="中文" checked' in page


def test_prices_of_other_settings_are_of_one_unit():
    index = replace(VIEW, path="rules.market_share.min_growth_index", aim="profit")
    assert (per(VIEW, -0.05), per(index, -5000.0), per(index, None)) == ("−5", "−5e+03", "–")
    assert (value(1.05), value(123456.7)) == ("1.05", "123,457")


def test_a_curve_of_changes_marks_the_plan_of_the_run():
    base = {"dropped": 2, "added": 3, "objective": 900.0, "bound": 910.0, "gap": 0.011, "contribution": -50.0}
    base |= {"events": 12, "status": "optimal"}
    rows = (
        {"allowed": 5, "changes": 5, "chosen": True, **base},
        {"allowed": None, "changes": 40, "chosen": False, **base, "objective": 2000.0, "bound": 2010.0},
    )
    view = near_page.NearView(Words(en="Corner", zh="街角"), "CNY", 123.4, 7, 5, rows)
    page = near_page.render(view, "en")
    shown = unescape(text_of(page))
    assert "This run's plan makes 5 changes: 2 promotions dropped, 3 added." in unescape(page)
    assert "the given plan: objective 123, rules broken: 7" in page
    assert "5 this run's plan 2 3 900 910 1.10 % −50 12" in shown
    assert "40 any number of changes" in shown
    assert balanced(page) and page == near_page.render(view, "en")


@pytest.fixture(scope="module")
def comparison():
    stays, moved = Event("W", "cola", 1, 1, "cut"), Event("W", "<b>", 5, 2, "cut")
    events = [Event("X", "tea", week, 1, "cut") for week in range(1, 30, 2)]
    return compared(
        (
            replace(
                side("safe", sales=120.0, index=1.0, promotions=30.0, profit=60.0, fill=0.95),
                events=(stays, moved, *events),
                certificate={"gap": 0.0123},
                scenario="North",
            ),
            replace(
                side("poor", sales=110.0, index=1.0, promotions=30.0, profit=40.0, fill=0.85, penalties=9.0),
                events=(stays, moved._replace(week=6)),
            ),
        )
    )


def test_a_comparison_marks_the_best_and_says_what_the_other_gives_up(comparison):
    page = compare_page.render(comparison, "en")
    shown = text_of(page)
    assert "net sales delivered 108 ±1.2 target 100 ✓ 99 ±1.1 gives up 9 target 100 ✓" in shown
    assert "value fill simulated 95.0 % ±1.0 % target 90.0 % ✓ 85.0 % ±1.0 % gives up 10.0 pp" in shown
    assert "penalties a year 7 9 2 more" in shown
    assert "poor is dominated by safe" in page
    assert page.count('class="best"') == sum(
        bool(line.better) and any(cell.gives_up for cell in line.cells.values()) for line in comparison.lines
    )
    assert balanced(page)


def test_the_calendar_lists_what_differs_and_folds_a_long_list(comparison):
    page = compare_page.render(comparison, "en")
    shown = text_of(page)
    assert "Promotions that stay: 1; moved by a week: 1; with another mechanic or length: 0" in shown
    assert "moved W &lt;b&gt; week 5-6, cut week 6-7, cut" in shown
    assert "<b>" not in page[page.index("<main>") :]
    assert "show 16 promotions" in shown and page.count("<details>") == 1


def test_facts_name_scenario_events_and_proof(comparison):
    page = compare_page.render(comparison, "en")
    assert "<b>safe</b>, North, " in page and "17 promotions" in page and "proven gap 1.23%" in page


def test_short_rows_take_the_width_that_is_left():
    head = tuple(Markup(one) for one in "abcd")
    table = Table(head, ((Cell(Markup("all")),), (Cell(Markup("x")), Cell(Markup("rest"), "missed"))))
    page = draw(Sheet(Markup("k"), Markup("t"), (), Markup("v"), (Section(Markup("s"), table=table),), "en"))
    assert '<td colspan="4" style="text-align:left">all</td>' in page
    assert '<td>x</td><td class="missed" colspan="3" style="text-align:left">rest</td>' in page


def test_every_word_is_there_in_both_languages_with_the_same_braces():
    for key, (en, zh) in PLAN_WORDS.items():
        assert en and zh, key
        assert sorted(re.findall(r"\{\w+\}", en)) == sorted(re.findall(r"\{\w+\}", zh)), key
    assert say("show", count=3) == Markup(
        '<span lang="en">show 3 promotions</span><span lang="zh">显示 3 场促销</span>'
    )
