"""A review in words and cells: the figures that stand in the text are those of the review."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kaopt.report import numbers
from kaopt.review.page import render
from kaopt.review.sales import Problem
from kaopt.review.show import PLACES, table, text_of
from kaopt.review.tables import PARTS, Review, as_dict, base_now, review_frame, review_of
from kaopt.review.words import STATUS
from kaopt.review.year import lived
from tests.review.small import sales
from tests.worlds import plan, world

HERE = world(2, 2, 12)
EVENTS = plan((0, 0, 2, 1, 0), (0, 1, 5, 1, 1), (1, 0, 3, 1, 0), (1, 1, 8, 2, 0))


@pytest.fixture(scope="module")
def one() -> Review:
    """A year that sold a tenth more than planned everywhere, in which A2 ran nothing of S2 and S1 went unplanned."""
    base = sales(HERE, EVENTS)
    ratio = base.log_ratio.copy()
    ratio[1, 1] = 0.0
    ratio[0, 0, 9] = np.log(0.7)
    units = base.units.copy()
    units[1, 1] = HERE.base_cases[1, 1]
    units[0, 0, 9] *= 0.7**-2.5
    noise = np.exp(0.1 * np.random.default_rng(2).standard_normal(HERE.shape))
    return review_of(lived(HERE, EVENTS, sales(HERE, EVENTS, units=1.1 * units * noise, log_ratio=ratio)))


def test_the_table_has_a_row_for_every_promotion(one: Review) -> None:
    frame = review_frame(one)
    assert frame["status"].tolist()[-1] == "unplanned" and len(frame) == 5
    assert frame["week"].tolist() == [3, 6, 4, 9, 10]
    assert frame["treatment"].tolist() == ["cut20", "display", "cut20", "cut20", ""]
    reasons = [f"uplift_{part}" for part in ("base", "execution", "response")]
    added = frame[reasons].sum(axis=1) + frame["uplift_planned"]
    np.testing.assert_allclose(added, frame["uplift_happened"], atol=1e-9)
    reasons = [f"contribution_{part}" for part in ("base", "execution", "response", "paid")]
    added = frame[reasons].sum(axis=1) + frame["contribution_planned"]
    np.testing.assert_allclose(added, frame["contribution_happened"], atol=1e-9)
    assert frame["loss_again"].isna().tolist() == [False, False, False, False, True]
    assert set(frame["status"]) <= set(STATUS)


def test_a_plan_without_promotions_has_an_empty_table() -> None:
    found = review_of(lived(HERE, plan(), sales(HERE, plan())))
    assert len(review_frame(found)) == 0 and "status" in review_frame(found)
    assert "0 of 0 promotions" in text_of(found, "en")
    assert "</html>" in render(found, Path("m"), "en")


def test_data_hold_totals_accounts_mechanics_and_beliefs(one: Review) -> None:
    told = as_dict(one)
    assert told["total"]["planned"] == 4 and told["total"]["compared"] == 5
    assert list(told["accounts"]) == ["A1", "A2"] and list(told["mechanics"]) == ["cut20", "display", "unplanned"]
    assert told["mechanics"]["unplanned"]["again"] is None
    for account in told["accounts"].values():
        assert set(account["contribution"]) == set(PARTS) and account["execution"]["planned"] == 2
    assert sum(told["beliefs"]["errors"].values()) >= 1.0 - 1e-9
    assert set(told["beliefs"]["now"]) == {"elasticity", "display"}
    assert {row["account"] for row in told["account_mechanics"]} == {"A1", "A2"}


def test_the_base_now_is_a_tenth_above_the_plan(one: Review) -> None:
    for ratio in base_now(one.year).values():
        assert ratio == pytest.approx(1.1, abs=0.05)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_states_the_figures(one: Review, language: str) -> None:
    said = text_of(one, language)
    total = one.verdicts.total
    for part in PARTS:
        assert numbers.amount(getattr(total.money, part), language).replace("\u00a0", " ") in said
    for name in ("A1", "A2", "cut20", "display", "unplanned"):
        assert re.search(rf"^{name} ", said, re.MULTILINE)


def test_the_page_holds_every_part_in_both_languages(one: Review) -> None:
    page = render(one, Path("models/response/x"), "zh")
    for words in ("By account", "按客户", "Who executes", "执行情况", "nobody planned it", "计划外", "did not run"):
        assert words in page
    assert page.startswith('<!doctype html>\n<html lang="zh">') and "models/response/x" in page
    assert page == render(one, Path("models/response/x"), "zh")


def test_names_that_look_like_markup_stay_names() -> None:
    strange = replace(HERE, accounts=replace(HERE.accounts, account=("<b>A</b>", "A2")))
    found = review_of(lived(strange, EVENTS, sales(strange, EVENTS)))
    page = render(found, Path("m"), "en")
    assert "<b>A</b>" not in page and "&lt;b&gt;A&lt;/b&gt;" in page


def test_many_places_are_cut_and_counted(one: Review) -> None:
    places = tuple(f"sales.csv:{n}" for n in range(2, 42))
    long = replace(one, problems=(Problem("zero", places),))
    said = text_of(long, "en")
    assert "40 × no sales at all" in said and f"and {40 - PLACES} more" in said and "sales.csv:41" not in said
    assert "and 28 more" in render(long, Path("m"), "en")
    clean = replace(one, problems=())
    assert "nothing was wrong with the sales" in text_of(clean, "en")
    assert "数据无问题" in render(clean, Path("m"), "zh")


def test_columns_align_with_chinese_signs() -> None:
    lines = table([("客户", "计划"), ("A", "1"), ("BBBBB", "100")])
    assert lines == ["客户   计划", "A         1", "BBBBB   100"]
