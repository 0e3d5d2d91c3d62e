"""What explains a plan, in rows and in words: the dearest limits, what money buys, and why an offer is in or out."""

from __future__ import annotations

import re
from math import nan
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.explain.buys import Buy
from kaopt.allocation.explain.steps import Step
from kaopt.allocation.explain.why import GIVEN_BACK, Why
from kaopt.allocation.rows import make_rows
from kaopt.report import explained
from kaopt.report.explained import MANY, fine
from kaopt.report.why_text import WORDS, why_text
from kaopt.report.words import RULES
from kaopt.report.words_explain import EXPLAIN
from tests.worlds import world

EVIL = "<script>alert(1)</script>"
HERE = world(
    2, 2, 8,
    account_columns={"name": ["Big & Co", ""], "name_zh": ["大客户", ""]},
    sku_columns={"name": [EVIL, ""], "name_zh": ["", "茶"]},
)  # fmt: skip


def english(text: object) -> str:
    """What an English reader sees."""
    plain = re.sub(r'<span lang="zh">.*?</span>|</?span[^>]*>', "", str(text))
    return plain.replace("\u00a0", " ")


def told(buys: tuple[Buy, ...] = (), steps: tuple[Step, ...] = (), rows: tuple[Any, ...] = ()) -> Any:
    """A result of which only the explanation and the world are known."""
    prices = SimpleNamespace(problem=SimpleNamespace(rows=rows))
    return SimpleNamespace(world=HERE, explanation=SimpleNamespace(prices=prices, steps=steps, buys=buys))


def buy(by: str, name: str, spend: float, average: float = 10.0, **more: Any) -> Buy:
    return Buy(by, name, spend, cases=0.0, average=average, **({"last": 1.5, "next": 0.0123} | more))


# --- prices


def test_each_dear_limit_is_told_with_its_own_row_and_unit() -> None:
    """The second row of the second block, then the first of the first, in the order in which they were tested."""
    budget = make_rows("budget", "money", ("total",), np.ones((1, 2)), high=1.0)
    margin = make_rows("my_rule", "share of 1", ("account=A1", f"account={EVIL} week=3"), np.ones((2, 2)), high=1.0)
    steps = (
        Step(1, 1, 0, 1.0, "max", limit=0.25, price=-12.34, down=nan, up=0.005),
        Step(0, 0, 0, 1.0, "max", limit=12_345.0, price=0.5, down=0.6, up=0.0),
    )
    dear = explained.dearest(told((), steps, (budget, margin)))
    found = [tuple(english(part) for part in vars(one).values()) for one in dear]
    assert found == [
        ("my_rule", "account &lt;script&gt;alert(1)&lt;/script&gt; week 3", "25.0 %", "−12.3", "–", "0.005"),
        (RULES["budget"][0], "in total", "12.3 k CNY", "0.5", "0.6", "0"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (nan, "–"), (0.0, "0"), (0.04321, "0.0432"), (-0.04321, "−0.0432"), (0.9994, "0.999"), (1.0, "1"), (-1.0, "−1"),
        (-0.5, "−0.5"), (1234.6, "1,235"), (12.34, "12.3"),
    ],
)  # fmt: skip
def test_small_prices_keep_three_digits(value: float, shown: str) -> None:
    assert fine(value) == shown


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-4, 1e6))
def test_a_price_reads_back_to_three_digits_and_its_negative_only_changes_its_sign(value: float) -> None:
    assert float(fine(value).replace(",", "")) == pytest.approx(value, rel=0.006)
    assert fine(-value) == "−" + fine(value)


def test_without_an_explanation_there_is_nothing_to_tell() -> None:
    bare: Any = SimpleNamespace(world=HERE, explanation=None)
    assert explained.dearest(bare) == () and explained.by_group(bare) == ()
    assert explained.by_group(told()) == () and explained.dearest(told()) == ()


# --- what money buys


def test_groups_keep_their_order_and_their_names() -> None:
    """One heading for each kind, in the order found; names in words, ids where there are none, hostile ones as text."""
    rows = (
        buy("total", "", 900.0),
        buy("account", "A1", 600.0), buy("account", "A2", 300.0),
        buy("family", "price", 500.0), buy("family", "own", 400.0),
        buy("treatment", "<cut20>", 500.0),
        buy("sku", "S1", 1.0), buy("sku", "S2", 1.0),
    )  # fmt: skip
    found = [(english(head), [english(one.name) for one in group]) for head, group in explained.by_group(told(rows))]
    assert found == [
        ("in total", ["in total"]),
        ("by account", ["Big &amp; Co", "A2"]),
        ("by mechanic", ["price cut", "own"]),
        ("by treatment", ["&lt;cut20&gt;"]),
        ("by SKU", ["&lt;script&gt;alert(1)&lt;/script&gt;", "S2"]),
    ]
    shown = str(explained.by_group(told(rows)))
    assert "大客户" in shown and "茶" in shown and "特价" in shown and "<script" not in shown


def test_the_widest_bar_is_the_best_average_of_its_group_and_a_loss_has_none() -> None:
    """40 is the widest; 10 a quarter of it; what loses cases has no bar, but its figure."""
    rows = tuple(buy("account", "A1", 100.0, average) for average in (10.0, 40.0, -5.0))
    ((_, group),) = explained.by_group(told(rows))
    assert [one.width for one in group] == [0.25, 1.0, 0.0]
    assert [one.average for one in group] == ["10", "40", "−5"]
    assert {(one.last, one.next) for one in group} == {("1.5", "0.0123")}


def test_a_group_in_which_everything_loses_has_no_bars_and_no_fault() -> None:
    ((_, group),) = explained.by_group(told((buy("account", "A1", 1234.6, -4.0), buy("account", "A2", 1.0, 0.0))))
    assert [one.width for one in group] == [0.0, 0.0] and [one.spend for one in group] == ["1,235", "1"]


def test_what_costs_nothing_is_left_out_and_a_long_group_is_cut() -> None:
    """A group without any spend has no heading; of fifteen rows the first dozen stand, and set the widest bar."""
    many = tuple(buy("sku", "S1", 100.0 - n, average=1.0 + n) for n in range(15))
    found = explained.by_group(told((buy("account", "A1", 0.0), *many)))
    assert len(found) == 1
    assert [one.spend for one in found[0][1]] == [str(100 - n) for n in range(MANY)]
    assert found[0][1][-1].width == 1.0


# --- why an offer


OFFER = {"treatment": "cut20", "sku": "tea", "account": "W", "weeks": 2, "week": 5}
OFFER |= {"incremental_cases": 1234.4, "credit": 99.6, "contribution": -50.4}


def reason(value: float, cost: float, charges: dict[str, float], **more: Any) -> Why:
    total = value - cost - sum(charges.values())
    return Why(OFFER, more.pop("chosen", True), value, cost, charges, total, more.pop("of_plan", True), **more)


def amounts(text: str) -> list[tuple[str, float]]:
    """The lines that carry money: what for, and how much."""
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    return [(line[:-14].strip(), float(line[-14:].replace(",", ""))) for line in lines]


def test_value_cost_and_charges_by_hand_the_largest_charge_first() -> None:
    """3 000 - 500 - 1 200 + 400 - 100 leaves 1 600; a charge below nothing is a gain."""
    text = why_text(HERE, reason(3000.0, 500.0, {"spacing": 100.0, "budget": 1200.0, "my_rule": -400.0}), "en")
    assert amounts(text) == [
        ("worth to the objective, before spend", 3000), ("trade spend", -500),
        (f"{RULES['budget'][0]} [budget]", -1200), ("my_rule", 400), (f"{RULES['spacing'][0]} [spacing]", -100),
        ("left", 1600),
    ]  # fmt: skip
    assert text.splitlines()[:2] == [
        "cut20 on tea at W, 2 weeks from week 5: in the plan",
        "1,234 cases gained, 100 of them profitable; contribution -50",
    ]
    assert text.splitlines()[-1].endswith("it belongs into the plan. (CNY)")


def test_the_same_in_chinese_with_its_own_names() -> None:
    text = why_text(HERE, reason(3000.0, 500.0, {"budget": 1200.0, GIVEN_BACK: -500.0}), "zh")
    assert [name for name, _ in amounts(text)] == [
        WORDS["zh"]["value"], WORDS["zh"]["cost"], f"{RULES['budget'][1]} [budget]", WORDS["zh"]["objective"], "余额"
    ]  # fmt: skip
    assert text.startswith("W · tea · cut20，第 5 周起 2 周：已入选方案")


def test_amounts_stand_below_one_another_in_both_languages() -> None:
    """Chinese letters are two wide: every line that is not too long ends in the same column."""
    for language in ("en", "zh"):
        text = why_text(HERE, reason(1e6, 5.0, {"budget": 12.0, "spacing": 1e5}), language)
        lines = [line for line in text.splitlines() if line.startswith("  ")]
        assert {sum(2 if ord(one) > 0x2E80 else 1 for one in line) for line in lines} == {2 + 52 + 14}


@pytest.mark.parametrize(
    ("left", "verdict"),
    [(0.5, "good"), (0.49, "even"), (0.0, "even"), (-0.49, "even"), (-0.5, "bad"), (1e6, "good"), (-1e6, "bad")],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_verdict_follows_what_is_left(left: float, verdict: str, language: str) -> None:
    text = why_text(HERE, reason(left, 0.0, {}), language)
    assert text.splitlines()[-1] == f"{WORDS[language][verdict]} (CNY)"


@pytest.mark.parametrize(
    ("of_plan", "chosen", "state"),
    [(True, True, "chosen"), (True, False, "left"), (False, True, "taken"), (False, False, "open")],
)
def test_the_head_says_who_chose(of_plan: bool, chosen: bool, state: str) -> None:
    for language in ("en", "zh"):
        head = why_text(HERE, reason(1.0, 0.0, {}, of_plan=of_plan, chosen=chosen), language).splitlines()[0]
        assert head.endswith(WORDS[language][state])


def test_the_others_of_the_week_follow_in_their_order() -> None:
    others = tuple(reason(value, 0.0, {}) for value in (30.0, -0.4, 70.0))
    text = why_text(HERE, reason(10.0, 0.0, {}, others=others), "en")
    head, _, tail = text.partition(WORDS["en"]["others"])
    assert amounts(tail) == [("cut20, 2", 30.0), ("cut20, 2", 0.0), ("cut20, 2", 70.0)] and "-0" not in tail
    assert WORDS["en"]["others"] not in why_text(HERE, reason(10.0, 0.0, {}), "en")
    assert amounts(head)[-1] == ("left", 10.0)


def test_a_language_that_nobody_knows_is_english() -> None:
    one = reason(3000.0, 500.0, {"budget": 1200.0})
    assert why_text(HERE, one, "fr") == why_text(HERE, one, "en")


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.dictionaries(st.sampled_from([*RULES]), st.floats(-1e6, 1e6)))
def test_lines_add_up_to_what_is_left(value: float, cost: float, charges: dict[str, float]) -> None:
    """Every line is rounded by half at most; charges come by their size."""
    (*steps, (_, left)) = amounts(why_text(HERE, reason(value, cost, charges), "en"))
    assert len(steps) == 2 + len(charges)
    assert abs(sum(amount for _, amount in steps) - left) <= 0.5 * (len(steps) + 1) + 1e-6
    sizes = [abs(amount) for _, amount in steps[2:]]
    assert sizes == sorted(sizes, reverse=True)


def test_every_word_of_an_explanation_is_there_in_both_languages() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    for english_text, chinese in [*EXPLAIN.values(), *((WORDS["en"][key], WORDS["zh"][key]) for key in WORDS["en"])]:
        assert english_text and re.search("[\u4e00-\u9fff]", chinese)
        assert sorted(re.findall(r"\{[^}]*\}", english_text)) == sorted(re.findall(r"\{[^}]*\}", chinese))
