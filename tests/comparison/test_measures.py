"""Where each compared figure stands in a scorecard, and how a plan is judged beside its rivals: by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.comparison import compared
from kaopt.comparison.compare import alike, judged, line
from kaopt.comparison.measures import MEASURES, Measure, as_figure, figure
from kaopt.comparison.nouns import Figure
from tests.comparison.cards import ABSENT, card, side

LIVED = {"sales": 200.0, "index": 1.1, "promotions": 20.0, "profit": 80.0}


def measure(kpi: str, name: str) -> Measure:
    return next(one for one in MEASURES if (one.kpi, one.name) == (kpi, name))


# --- reading


def test_every_measure_finds_its_figure_in_a_simulated_scorecard():
    """The hand-made card: 200 sales, 90 % of it delivered; 80 % of 20 promotions happen; 20 of 50 money go there."""
    total = card(fill=0.95, penalties=9.0, **LIVED)["total"]
    expected = {
        ("sales", "net_revenue"): (200.0, 180.0),
        ("sales", "high_margin_share"): (0.3, 0.29),
        ("share", "growth_index"): (1.1, 0.99),
        ("share", "category_share"): (None, None),
        ("execution", "promotions"): (20.0, 16.0),
        ("execution", "displays"): (3.0, 2.0),
        ("profit", "contribution"): (80.0, 72.0),
        ("profit", "incremental_contribution"): (8.0, None),
        ("profit", "incremental_cases"): (100.0, None),
        ("profit", "return_on_spend"): (0.5, None),
        ("profit", "cases_per_100"): (5.0, None),
        ("fill_rate", "value"): (None, 0.95),
        ("fill_rate", "otif"): (None, 0.85),
        ("money", "trade_spend"): (50.0, None),
        ("money", "in_promotions"): (20.0, None),
        ("money", "rebate"): (15.0, None),
        ("money", "fees"): (10.0, None),
        ("money", "trade_rate"): (0.1, None),
        ("money", "penalties"): (None, 9.0),
    }
    found = {
        (one.kpi, one.name): (figure(total, one, one.planned).value, figure(total, one, one.delivered).value)
        for one in MEASURES
    }
    assert found.keys() == expected.keys()
    for key, (planned, delivered) in expected.items():
        assert found[key][0] == planned, key
        assert found[key][1] == (None if delivered is None else pytest.approx(delivered)), key


def test_an_interval_keeps_its_ends_and_a_number_has_none():
    assert as_figure({"mean": 5.0, "low": 4.0, "high": 7.0}) == Figure(5.0, 4.0, 7.0)
    assert as_figure(3) == Figure(3.0)
    assert as_figure(None) == Figure(None)
    assert as_figure(ABSENT) == Figure(None, why="no simulation of this plan")


def test_why_there_is_none_is_said_wherever_on_the_way_it_stands():
    """The whole block may be absent, or the figure alone; either reason is taken over."""
    total = card(**LIVED)["total"]
    sales, share = measure("sales", "net_revenue"), measure("share", "category_share")
    assert figure(total, sales, sales.delivered) == Figure(None, why="no simulation of this plan")
    assert figure(total, share, share.planned) == Figure(None, why="no category")
    fill, money = measure("fill_rate", "value"), measure("money", "penalties")
    assert figure(total, fill, fill.delivered).why == "no simulation of this plan"
    assert figure(total, money, money.delivered).why == "no simulation of this plan"


def test_a_path_that_leads_nowhere_has_neither_figure_nor_reason():
    total = card(**LIVED)["total"]
    sales = measure("sales", "net_revenue")
    assert figure(total, sales, ("planned", "gross")) == Figure(None)
    assert figure(total, sales, ("planned", "net_revenue", "mean")) == Figure(None)  # nothing below a number
    assert figure(total, sales, ()) == Figure(None)


def test_each_kpi_has_one_leading_figure_and_money_has_none():
    leads = [one.kpi for one in MEASURES if one.lead]
    assert leads == ["sales", "share", "execution", "profit", "fill_rate"]
    assert {one.name for one in MEASURES if one.better == "less"} == {"penalties"}
    assert {one.kpi for one in MEASURES if one.better == ""} == {"money"}


def test_target_and_verdict_are_the_scorecards_own():
    """Sales of 99.5 against a target of 100: the card says missed; nobody has set a target for profit."""
    total = card(sales=99.5, index=1.0, promotions=1.0, profit=1.0)["total"]
    assert judged(total, measure("sales", "net_revenue")) == (100.0, False)
    assert judged(total, measure("profit", "contribution")) == (None, None)
    assert judged(total, measure("money", "fees")) == (None, None)


# --- beside each other


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=5))
@settings(max_examples=30)
def test_what_is_given_up_is_the_distance_to_the_best_whatever_its_sign(profits):
    """Losses too: of -10 and -30 the second gives up 20."""
    sides = [side(f"p{n}", sales=1.0, index=1.0, promotions=1.0, profit=float(p)) for n, p in enumerate(profits)]
    found = line(sides, measure("profit", "contribution"))
    assert [found.cells[f"p{n}"].gives_up for n in range(len(profits))] == [max(profits) - p for p in profits]
    assert found.best == tuple(f"p{n}" for n, p in enumerate(profits) if p == max(profits))


def test_a_plan_without_the_figure_gives_nothing_up_and_is_not_the_best():
    """Two plans, one with a category share of 40 %: it is the best, and the other is not judged."""
    bare, rich = (side(name, **LIVED) for name in ("bare", "rich"))
    rich.scorecard["total"]["share"]["planned"]["category_share"] = 0.4
    found = line((bare, rich), measure("share", "category_share"))
    assert (found.cells["bare"].gives_up, found.cells["rich"].gives_up) == (None, 0.0)
    assert found.best == ("rich",)


def test_nobody_is_best_where_nobody_has_the_figure():
    found = line((side("a", **LIVED), side("b", **LIVED)), measure("fill_rate", "otif"))
    assert (found.basis, found.best) == ("delivered", ())  # nobody plans it
    assert [cell.gives_up for cell in found.cells.values()] == [None, None]


def test_delivered_figures_decide_who_is_the_best_where_all_were_simulated():
    """b plans 210 and a 200, yet b delivers 150 of it and a 180."""
    a, b = side("a", fill=0.9, **LIVED), side("b", fill=0.9, **(LIVED | {"sales": 210.0}))
    b.scorecard["total"]["sales"]["delivered"]["net_revenue"] = {"mean": 150.0, "low": 140.0, "high": 160.0}
    found = line((a, b), measure("sales", "net_revenue"))
    assert (found.basis, found.best, found.cells["b"].gives_up) == ("delivered", ("a",), 30.0)
    assert found.cells["b"].planned.value == 210.0  # still there to be read


def test_a_better_fill_rate_saves_a_plan_from_being_dominated():
    """worse is below good in sales only; a fill rate of 97 % against 95 % is one KPI in which it leads."""
    good = side("good", fill=0.95, **LIVED)
    worse = side("worse", fill=0.95, **(LIVED | {"sales": 190.0}))
    saved = side("worse", fill=0.97, **(LIVED | {"sales": 190.0}))
    assert compared((good, worse)).dominated == {"worse": ("good",)}
    assert compared((good, saved)).dominated == {}


def test_a_kpi_that_one_plan_lacks_decides_nothing():
    """Without an index at `poor`, it is judged by sales, promotions and profit, in all of which it is below."""
    good = side("good", **LIVED)
    poor = side("poor", sales=100.0, index=9.0, promotions=10.0, profit=40.0)
    assert compared((good, poor)).dominated == {}  # its index is far better
    poor.scorecard["total"]["share"]["planned"]["growth_index"] = {"applies": False, "why": "no last year"}
    assert compared((good, poor)).dominated == {"poor": ("good",)}


def test_secondary_figures_and_money_dominate_nobody():
    """Fewer cases gained and dearer in fees, but equal in all five KPIs."""
    a, b = side("a", **LIVED), side("b", **LIVED)
    b.scorecard["total"]["profit"]["planned"]["incremental_cases"] = 1.0
    b.scorecard["total"]["profit"]["trade_spend"]["fees"] = 900.0
    found = compared((a, b))
    assert found.dominated == {}
    assert found.line("profit", "incremental_cases").cells["b"].gives_up == 99.0


def test_rounding_is_relative_to_the_figures():
    assert alike(1e12, 1e12 + 100.0) and not alike(1e12, 1e12 + 10_000.0)
    assert alike(0.0, 0.0) and not alike(0.0, 1e-12)
    assert not alike(1.0, -1.0)


def test_dominance_hands_down_through_a_chain():
    """c below b below a: c has both above it, b only a, and the names stand in the order of the plans."""
    sides = [
        side(name, sales=100.0 * n, index=1.0, promotions=10.0, profit=10.0)
        for name, n in (("c", 1), ("a", 3), ("b", 2))
    ]
    assert compared(sides).dominated == {"c": ("a", "b"), "b": ("a",)}


def test_a_line_that_is_not_there_is_not_invented():
    found = compared((side("a", **LIVED), side("b", **LIVED)))
    with pytest.raises(StopIteration):
        found.line("sales", "contribution")
    assert found.line("profit", "contribution").kpi == "profit"
    assert found.names == ("a", "b")
    renamed = compared([replace(one, name=one.name.upper()) for one in found.sides])
    assert renamed.names == ("A", "B")
