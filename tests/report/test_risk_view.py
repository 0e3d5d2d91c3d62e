"""What people read about risk: both languages, every figure in its place, what is said where nothing was sampled."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kaopt.report.risk_view import text, view
from kaopt.report.words_risk import RISK_WORDS
from kaopt.risk import Against, Knowing, Outlook, Standing
from kaopt.scenario.settings import Objective
from kaopt.scorecard import score
from kaopt.statistics.interval import Interval
from tests import worlds


def around(mean: float, half: float) -> Interval:
    return Interval(mean, mean - half, mean + half)


def outlook(level: float = 0.9, knowing: Knowing | None = None) -> Outlook:
    stands = {
        name: Standing(around(mean, 10), around(tail, 20), around(tail - 5, 30))
        for name, mean, tail in (("estimates", 1000, 700), ("mean", 1200, 800), ("risk", 1100, 900))
    }
    apart = {"estimates": 100, "mean": -100}
    less = {name: Against(around(d, 1), around(-d, 2), around(3 * d, 3)) for name, d in apart.items()}
    return Outlook(2000, 1000, level, 0.5, 0.0, False, stands, less, knowing)


def case(**changes):
    here = worlds.world(1, 1, 4, response_columns={"elasticity_se": 0.4}, **changes)
    return here, score(here, worlds.plan((0, 0, 1, 1, 0)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_on_the_terminal(language) -> None:
    here, card = case()
    told = text(here, card, outlook(), language)
    assert not any(re.search(r"[{}]", line) for line in told)
    rows = [line for line in told if "±" in line]
    assert [re.findall(r"−?\d[\d,.]*", line) for line in rows] == [
        ["1,000", "10", "700", "20"],
        ["1,200", "10", "800", "20"],
        ["1,100", "10", "900", "20"],
        ["100", "1.00", "−100", "2.00"],
        ["−100", "1.00", "100", "2.00"],
    ]
    assert "2,000" in told[1] and "1,000" in told[1]


def test_the_worst_tenth_has_a_column_where_the_tail_is_another_one() -> None:
    here, card = case()
    rows = [line for line in text(here, card, outlook(0.8), "en") if "±" in line]
    assert [line.count("±") for line in rows] == [3] * 5
    assert "695 ±30" in rows[0]
    assert "worst 20" in text(here, card, outlook(0.8), "en")[2]


def test_what_knowing_is_worth_in_a_sentence() -> None:
    here, card = case(objective=Objective(maximize="profit"))
    several = Knowing(5, around(50, 12), around(60, 12), 0.004)
    last = text(here, card, outlook(knowing=several), "en")[-1]
    assert "costs 50 (±12)" in last and "more than 60" in last and "5 worlds" in last and "0.40" in last
    one = replace(several, worlds=1, found=Interval(50, -float("inf"), float("inf")))
    assert "±" not in text(here, card, outlook(knowing=one), "zh")[-1]
    assert "CNY" in text(here, card, outlook(), "en")[1]


def test_the_page() -> None:
    here, card = case()
    page = view(here, card, outlook())
    assert len(page.rows) == 5 and all(len(row) == len(page.heads) == 3 for row in page.rows)
    assert "200" in page.notes[0] and len(page.notes) == 2
    bare = view(here, card, None)
    assert bare.rows == () and len(bare.notes) == 1
    sure = worlds.world(1, 1, 4)
    note = view(sure, score(sure, worlds.plan()), None).notes[0]
    assert all(one in note for one in RISK_WORDS["certain"])
    assert text(here, card, None, "en") == []
