"""A figure that nobody plans is called simulated wherever it stands, and nobody is best in it before all have it."""

from __future__ import annotations

import pytest

from kaopt.comparison import compared
from kaopt.report.compare_page import render
from tests.comparison.cards import side

FIGURES = {"sales": 100.0, "index": 1.0, "promotions": 10.0, "profit": 50.0}
LIVED, BETTER = side("lived", fill=0.95, **FIGURES), side("better", fill=0.97, **FIGURES)
PAPER = side("paper", **FIGURES)


@pytest.mark.parametrize("others", [(PAPER,), (BETTER, PAPER), (BETTER,)])
def test_a_fill_rate_is_simulated_however_many_plans_have_one(others):
    told = compared((LIVED, *others))
    line = told.line("fill_rate", "value")
    assert line.basis == "delivered"
    assert "by value (simulated)" in told.text() and "by value (planned)" not in told.text()
    assert "按金额 (仿真)" in told.text("zh")


def test_where_one_plan_was_not_simulated_nobody_gives_up_and_nobody_is_best():
    told = compared((LIVED, BETTER, PAPER))
    line = told.line("fill_rate", "value")
    assert line.best == () and {cell.gives_up for cell in line.cells.values()} == {None}
    (row,) = (one for one in told.text().split("\n") if "by value" in one)
    assert row.split()[-3:] == ["95.0%", "97.0%", "-"] and "*" not in row
    assert told.dominated == {}  # their fill rates differ, and do not count


def test_where_all_were_simulated_the_better_one_is_best():
    line = compared((LIVED, BETTER)).line("fill_rate", "value")
    assert line.best == ("better",)
    assert [line.cells[name].gives_up for name in ("lived", "better")] == [pytest.approx(0.02), 0.0]


def test_what_is_planned_stays_planned_until_all_are_simulated():
    assert compared((LIVED, PAPER)).line("sales", "net_revenue").basis == "planned"
    assert compared((LIVED, BETTER)).line("sales", "net_revenue").basis == "delivered"


def test_the_page_says_the_same():
    rows = render(compared((LIVED, PAPER)), "en").split("<tr>")
    (row,) = (one for one in rows if "value fill" in one)
    assert ">simulated<" in row and ">仿真<" in row and ">planned<" not in row
    assert "95.0 %" in row.replace("\u00a0", " ") and "<td>–</td>" in row
