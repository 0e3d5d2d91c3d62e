"""Pieces of the report by hand: what is drawn, charted and written is what the plan says."""

from __future__ import annotations

import re
from math import nan

import numpy as np
import pytest

from kaopt.allocation.rows import make_rows
from kaopt.plan import Plan
from kaopt.report import numbers
from kaopt.report.binding import bindings, constraints_frame
from kaopt.report.calendar import calendar, colour, counts, families
from kaopt.report.charts import returns, spend_by_family, weekly, worth_naming
from kaopt.report.text import amount, both, name_of, quantity, scope, shown
from kaopt.scorecard import Absent, Interval
from tests import worlds
from tests.report import samples

# --- calendar

RECT = re.compile(r'<rect x="(\d+)" y="([\d.]+)" width="(\d+)" height="([\d.]+)" fill="(#\w+)"/>')


def test_cells_of_a_calendar_by_hand() -> None:
    """Two SKUs cut in week 3 stand full; one cut and one display share the height; a display alone is a half."""
    plan = worlds.plan((0, 0, 2, 2, 0), (0, 1, 2, 1, 0), (0, 1, 3, 1, 1), (1, 0, 5, 1, 1))
    found = calendar(samples.run(worlds.world(), plan))
    cut, display = colour(0), colour(1)
    assert RECT.findall(str(found.lines[0].drawing)) == [
        ("2", "0", "1", "20", cut),
        ("3", "10", "1", "10", cut),
        ("3", "0", "1", "10", display),
    ]
    assert RECT.findall(str(found.lines[1].drawing)) == [("5", "10", "1", "10", display)]
    assert [line.events for line in found.lines] == [3, 1]
    assert (found.most, found.weeks) == (2, 8)


def test_an_event_that_leaves_the_year_is_drawn_to_its_end() -> None:
    found = counts(samples.run(worlds.world(1, 1, 8), worlds.plan((0, 0, 7, 2, 0))))
    assert found[0, 0].tolist() == [0] * 7 + [1]


def test_a_calendar_without_events() -> None:
    found = calendar(samples.run(worlds.world(), Plan.nothing()))
    assert found.legend == ()
    assert found.most == 1  # a full height of one, not of none
    assert not any("<rect" in line.drawing for line in found.lines)


def test_families_are_named_once_in_the_order_of_the_file() -> None:
    what = {"treatment": list("abc"), "family": ["gift", "price", "gift"], "depth": 0.1, "display": 0.0}
    what |= {"slots": 0, "weekly_cost": 0.0, "lengths": [(1,)] * 3}
    world = worlds.world(1, 2, 4, treatment_columns=what)
    assert families(world) == ("gift", "price")
    found = counts(samples.run(world, worlds.plan((0, 0, 1, 1, 2), (0, 1, 1, 1, 1))))
    assert found[0].tolist() == [[0, 1, 0, 0], [0, 1, 0, 0]]


def test_names_are_escaped_in_the_calendar() -> None:
    world = worlds.world(1, 1, 4, account_columns={"name": ["A & <B>"]})
    assert str(calendar(samples.run(world, Plan.nothing())).lines[0].name) == "A &amp; &lt;B&gt;"


# --- charts


def test_spend_by_family_by_hand() -> None:
    # the display costs 300 a week; the cut costs a fifth of 50 on 100 cases that grow by 0.8 ** -2.5
    found = spend_by_family(samples.run(worlds.world(), worlds.plan((0, 0, 1, 1, 0), (1, 0, 1, 1, 1), (1, 0, 4, 1, 1))))
    cut = 100 * 0.8**-2.5 * 10
    assert found[0].tolist() == pytest.approx([0, cut, 0, 0, 0, 0, 0, 0])
    assert found[1].tolist() == [0, 300, 0, 0, 300, 0, 0, 0]


def test_spend_by_family_is_all_the_spend_there_is() -> None:
    world = worlds.world(3, 3, 16)
    result = samples.run(world, samples.random_plan(world, 20))
    by_week = result.ledger.realised.spend.sum(axis=(0, 1))
    assert spend_by_family(result).sum(axis=0) == pytest.approx(by_week)


@pytest.mark.parametrize(
    ("spend", "ratio", "named"),
    [
        ([5.0, 1.0, 2.0], [0.0, 1.0, -1.0], [0, 1, 2]),  # the largest, the best, the worst
        ([5.0, 4.0], [0.50, 0.50], [0]),  # names that would meet
        ([1.0, 9.0, 8.0, 7.0, 6.0, 5.0], [1.0, 0.0, 0.2, 0.4, 0.6, 0.8], [1, 0, 2, 3]),  # four at most
        ([3.0], [0.2], [0]),
    ],
)
def test_which_accounts_are_named(spend: list[float], ratio: list[float], named: list[int]) -> None:
    assert worth_naming(np.array(spend), np.array(ratio)) == named


def test_charts_speak_both_languages_and_repeat_byte_by_byte() -> None:
    result = samples.run(worlds.world(), worlds.plan((0, 0, 1, 1, 0), (1, 0, 1, 1, 1)))
    drawing = weekly(result)
    assert drawing == weekly(result)
    assert drawing.count('<tspan lang="en">') == drawing.count('<tspan lang="zh">') > 2
    assert not re.search(r"L\d{3}L|xmlns|http|<metadata", drawing)
    lived, planned = colour(4), weekly(samples.run(worlds.world(), worlds.plan((0, 0, 1, 1, 0)), simulated=False))
    assert lived in drawing
    assert lived not in planned  # what was accepted is known only after a simulation


def test_a_loss_has_another_colour_than_a_gain() -> None:
    names = [both(one, one) for one in ("Up", "Down")]
    drawing = returns(np.array([100.0, 200.0]), np.array([50.0, -50.0]), names)
    assert colour(0) in drawing
    assert colour(4) in drawing
    assert "Up" in drawing
    assert "Down" in drawing
    assert colour(4) not in returns(np.array([100.0, 200.0]), np.array([50.0, 0.0]), names)  # nothing lost at 0


# --- numbers and texts


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (999.0, "999", "999"),
        (999.6, "1 k", "1,000"),
        (9_994.0, "9.99 k", "9,990"),
        (9_996.0, "10 k", "1万"),
        (99_960.0, "100 k", "10万"),
        (99_960_000.0, "100 M", "1亿"),
        (999_600_000.0, "1 bn", "10亿"),
        (-0.001, "0", "0"),
        (-1_500_000.0, "−1.5 M", "−150万"),
        (0.5, "0.5", "0.5"),
        (10.04, "10", "10"),
    ],
)
def test_amounts_where_the_unit_changes(value: float, en: str, zh: str) -> None:
    assert numbers.amount(value, "en").replace("\u00a0", " ") == en
    assert numbers.amount(value, "zh") == zh


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.0005, 1, "0.1 %"), (0.0004, 1, "<0.1 %"), (1.0, 1, "100.0 %"), (1.0, 0, "100 %"), (-1.5, 0, "−150 %")],
)
def test_percent_at_its_edges(value: float, decimals: int, text: str) -> None:
    assert numbers.percent(value, decimals).replace("\u00a0", " ") == text


def spoken(markup: object) -> tuple[str, str]:
    """The English and the Chinese of a text."""
    text = str(markup).replace("\u00a0", " ")
    one, other = re.search(r'<span lang="en">(.*?)</span>', text), re.search(r'<span lang="zh">(.*?)</span>', text)
    return (one[1], other[1]) if one and other else (text, text)


def test_an_amount_in_both_languages_or_once_where_they_agree() -> None:
    assert spoken(amount(12_345)) == ("12.3 k", "1.23万")
    assert str(amount(12)) == "12"


@pytest.mark.parametrize(
    ("value", "unit", "text"), [(0.25, "share of 1", "25.0 %"), (12.0, "money", "12 CNY"), (0.0, "money", "0 CNY")]
)
def test_quantities_in_their_unit(value: float, unit: str, text: str) -> None:
    assert str(quantity(value, unit, "CNY")).replace("\u00a0", " ") == text


def test_figures_with_half_their_interval() -> None:
    half = re.search(r'<span class="half">(.*?)</span>', str(shown(Interval(0.9, 0.85, 0.95), "percent")))
    assert half is not None
    assert half[1].replace("\u00a0", " ") == "±5.0 %"
    assert "±" not in shown(Interval(0.9, 0.9, 0.9), "percent")
    assert "±" not in shown(Interval(0.9, nan, nan), "percent")
    assert spoken(shown(Absent("no orders"), "percent")) == ("no orders", "没有订单")


@pytest.mark.parametrize(
    ("en", "zh", "text"),
    [
        ("Store", "门店", ("Store", "门店")),
        ("Store", "", ("Store", "Store")),
        ("", "门店", ("W", "门店")),
        ("", "", ("W", "W")),
    ],
)
def test_a_thing_is_called_by_its_name_or_else_its_id(en: str, zh: str, text: tuple[str, str]) -> None:
    assert spoken(name_of(("W",), (en,), (zh,), 0)) == text


def test_a_scope_keeps_ids_with_signs_in_them() -> None:
    en, zh = spoken(scope("account=Big & Co week=12"))
    assert "Big &amp; Co" in en
    assert "Big &amp; Co" in zh
    assert en.endswith("12")
    assert "account=" not in en


# --- rules and their limits

CHOSEN = np.array([1.0, 1.0, 0.0])


def test_a_row_binds_at_its_limit_and_not_beside_it() -> None:
    spend = np.array([[10.0, 20.0, 40.0]] * 4)
    rows = make_rows("budget", "money", ("at", "over", "near", "below"), spend, high=np.array([30.0, 29.0, 30.1, 30.2]))
    (found,) = bindings((rows,), CHOSEN)
    assert (found.rule, found.rows, found.binding) == ("budget", 4, 3)  # within half a percent
    assert found.share == pytest.approx(3 / 4)
    table = constraints_frame((rows,), CHOSEN)
    assert table["used"].tolist() == [30, 30, 30, 30]
    assert table["slack"].tolist() == pytest.approx([0, -1, 0.1, 0.2])
    assert set(table["side"]) == {"max"}


def test_blocks_of_one_rule_count_together() -> None:
    part = make_rows("budget", "money", ("a",), np.array([[10.0, 20.0, 40.0]]), high=30.0)
    free = make_rows("spacing", "event", ("b",), np.array([[1.0, 1.0, 1.0]]), high=9.0)
    found = {one.rule: (one.rows, one.binding) for one in bindings((part, free, part), CHOSEN)}
    assert found == {"budget": (2, 2), "spacing": (1, 0)}
