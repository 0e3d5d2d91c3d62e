"""The report: one file, both languages, no network, and nothing on it that the run did not find out."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from math import nan
from pathlib import Path

import numpy as np
import pytest

from kaopt.plan import Plan
from kaopt.report import text
from kaopt.report.page import render, write_report
from kaopt.report.result import RunResult
from kaopt.scenario.settings import Targets, Words
from tests import worlds
from tests.report import samples

VOID = {"meta", "input", "br", "link", "img"}


class Page(HTMLParser):
    """What a reader of one language sees, section by section; and whether the tags fit together."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.stack, self.text, self.links = language, [], [], []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "poster")]
        if tag not in VOID:
            self.stack.append((tag, given.get("lang") if tag != "html" else None))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1][0] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        hidden = any(lang not in (None, self.language) for _, lang in self.stack)
        if not hidden and not any(tag in ("style", "title") for tag, _ in self.stack):
            self.text.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def read(html: str, language: str = "en") -> Page:
    page = Page(language)
    page.feed(html)
    page.close()
    return page


def whole(**changes: object) -> RunResult:
    world = worlds.world(
        4,
        3,
        26,
        name=Words(en="Plan B", zh="方案乙"),
        account_columns={
            "name": ["North", "South", "East", "West"],
            "name_zh": ["北方", "南方", "东方", "西方"],
            "fill_target": 0.85,
            "promotions_due": 1,
        },
        sku_columns={"high_margin": [True, False, False], "name": ["Cola", "Tea", "Milk"]},
        targets=Targets(contribution=1.0),
        assumptions=("Costs are 60 % of the price <assumed>.",),
        inputs={"tables/accounts.csv": "cd" * 32},
    )
    return samples.run(world, samples.random_plan(world, 40), **changes)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return whole()


@pytest.fixture(scope="module")
def html(result: RunResult) -> str:
    return render(result)


def test_the_page_refers_to_nothing_outside_itself(html: str) -> None:
    assert "http" not in html
    assert "url(//" not in html
    assert "@import" not in html
    assert "<script" not in html
    assert [link for link in read(html).links if not link.startswith("#")] == []


def test_what_a_drawing_refers_to_is_there_once(html: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'href="#([^"]+)"', html)) | set(re.findall(r"url\(#([^)]+)\)", html))
    assert used <= set(ids)
    assert used


def test_the_tags_fit_together(html: str) -> None:
    page = read(html)
    assert page.faults == []
    assert page.stack == []


def test_it_is_made_for_phones(html: str) -> None:
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "prefers-color-scheme: dark" in html
    # nothing but the table inside its own scroller may be wider than a phone
    fixed = [int(size) for size in re.findall(r"min-width: (\d+)px", re.sub(r"@media[^{]*", "", html))]
    assert fixed == [560]
    assert ".scroll { overflow-x: auto; }" in html


def test_english_readers_see_no_chinese_and_chinese_readers_see_chinese(html: str) -> None:
    english, chinese = read(html, "en").words.replace("中文", ""), read(html, "zh").words
    assert not re.search(r"[\u4e00-\u9fff]", english)
    for title in (
        "方案乙",
        "销售收入",
        "市场份额",
        "门店执行",
        "经营利润",
        "订单满足率",
        "北方",
        "从计划到兑现",
        "假设",
    ):
        assert title in chinese
    left = re.findall(r"[A-Za-z]{5,}", re.sub(r"Costs are.*?<?assumed>?\.", "", chinese))
    known = {"English", "kaopt", "HiGHS", "accounts", "tables", "cd" * 8}
    assert {w for w in left if w not in known and not w.startswith(("highspy", "pyomo"))} <= {
        *("numpy", "scipy", "simpy", "pandas", "numba", "pyarrow", "pydantic")
    }


def test_the_style_hides_the_other_language(html: str) -> None:
    assert '#en:checked ~ * [lang="zh"], #zh:checked ~ * [lang="en"] { display: none; }' in html
    assert html.count("checked>") == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_language_asked_for_is_shown_first(result: RunResult, language: str) -> None:
    html = render(replace(result, language=language))
    assert f'<html lang="{language}">' in html
    assert re.search(rf'id="{language}" [^>]* checked>', html)


def test_the_five_kpis_stand_in_order(html: str) -> None:
    words = read(html).words
    places = [
        words.index(name)
        for name in ("Sales revenue", "Market share", "Store execution", "Operating profit", "Order fill rate")
    ]
    assert places == sorted(places)


def test_figures_of_the_card_stand_on_the_page(result: RunResult, html: str) -> None:
    words = read(html).words.replace("\u00a0", " ")
    fill = result.card.total.fill_rate.at("value")
    assert f"{fill.mean:.1%}".replace("%", " %") in words  # type: ignore[union-attr]
    assert "5 simulated years" in words
    assert "95% interval" in words
    assert "40 promotions chosen" in words
    assert result.certificate is not None
    assert f"{result.certificate.bound:,.0f}" in words
    assert "0.40 %" in words


def test_user_text_is_escaped(html: str) -> None:
    assert "&lt;assumed&gt;" in html
    assert "<assumed>" not in html


def test_a_name_cannot_break_out_of_a_drawing() -> None:
    world = worlds.world(3, 1, 12, account_columns={"name": ['<b onload="x">&', "B", "C"]})
    html = render(samples.run(world, samples.random_plan(world, 9)))
    assert "<b onload" not in html
    assert read(html).faults == []


def test_the_same_result_gives_the_same_bytes(result: RunResult, html: str) -> None:
    assert render(result) == html


def test_breaches_are_named(result: RunResult) -> None:
    page = read(render(replace(result, breaches=(samples.BREACH,)))).words.replace("\u00a0", " ")
    assert "Rules that this plan breaks" in page
    assert "1.2 k CNY" in page
    assert "The plan breaks no rule" not in page


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (1200.0, "money", "1.2\u00a0k\u00a0CNY", "1,200\u00a0CNY"),
        (0.33, "share of 1", "33.0\u00a0%", "33.0\u00a0%"),
        (3.0, "event", "3 events", "3 次"),
        (3.0, "furlong <", "3 furlong &lt;", "3 furlong &lt;"),
    ],
)
def test_quantities_of_rules(value: float, unit: str, en: str, zh: str) -> None:
    html = str(text.quantity(value, unit, "CNY"))
    assert read(html, "en").words.strip() == en.replace("\u00a0", " ").replace("&lt;", "<")
    assert read(html, "zh").words.strip() == zh.replace("\u00a0", " ").replace("&lt;", "<")


@pytest.mark.parametrize(
    ("scope", "en", "zh"),
    [
        ("total", "in total", "合计"),
        ("account=W week=12", "account W week 12", "客户 W 周次 12"),
        (
            "account=Los Angeles - Lucky sku=S1",
            "account Los Angeles - Lucky SKU S1",
            "客户 Los Angeles - Lucky 品项 S1",
        ),
        ("quarter=2 barrel=oak", "quarter 2 barrel=oak", "季度 2 barrel=oak"),
    ],
)
def test_scopes_of_rules(scope: str, en: str, zh: str) -> None:
    html = str(text.scope(scope))
    assert (read(html, "en").words, read(html, "zh").words) == (en, zh)


def test_a_long_list_of_breaches_is_cut_and_counted(result: RunResult) -> None:
    assert "and 70 more" in read(render(replace(result, breaches=(samples.BREACH,) * 120))).words


def test_what_was_not_made_is_left_out() -> None:
    world = worlds.world()
    bare = samples.run(world, Plan.nothing(), simulated=False, certificate=None, rules=(), chosen=None)
    words = read(render(bare)).words
    for absent in ("From planned to delivered", "What does not reach the shelf", "Warehouse and fleet", "What holds"):
        assert absent not in words
    assert "The plan has no promotion." in words
    assert "nothing is proven" in words
    assert "not simulated" in words
    assert "names no assumption" in words


def test_a_single_simulated_year_claims_no_interval() -> None:
    world = worlds.world()
    plan = worlds.plan((0, 0, 1, 1, 0))
    lived = samples.service(world, plan, replications=1)
    result = replace(samples.run(world, plan), service=lived)
    from kaopt.scorecard import score

    words = read(render(replace(result, card=score(world, plan, lived)))).words
    assert "±0" not in words
    assert "nan" not in words.lower().replace("finance", "")


def test_no_nan_is_ever_shown(html: str) -> None:
    for language in ("en", "zh"):
        assert not re.search(r"\b(nan|inf|None)\b", read(html, language).words)


def test_nan_stock_age_is_left_out() -> None:
    world = worlds.world()
    plan = worlds.plan((0, 0, 1, 1, 0))
    result = samples.run(world, plan)
    assert result.service is not None
    age = result.service.stock_age.copy()
    age[:, 0] = nan
    lived = replace(result.service, stock_age=age, use={"pick": np.full(5, nan)})
    words = read(render(replace(result, service=lived))).words
    assert "nan" not in words
    assert "pick crews" not in words


def test_binding_rules_are_shown_in_words(html: str) -> None:
    words = read(html).words
    assert re.search(r"budget 1 1 100\.0%", words)


def test_many_accounts_are_summed_up() -> None:
    world = worlds.world(30, 1, 12)
    plan = worlds.plan(*((a, 0, 2, 1, a % 2) for a in range(30)))
    assert "and 18 more" in read(render(samples.run(world, plan))).words


def test_inputs_are_named_with_their_fingerprints(html: str) -> None:
    words = read(html).words
    assert "tables/accounts.csv" in words
    assert "cd" * 8 in words


def test_it_is_written_in_one_step(tmp_path: Path, result: RunResult, html: str) -> None:
    path = write_report(tmp_path / "report.html", result)
    assert path.read_text(encoding="utf-8") == html
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
