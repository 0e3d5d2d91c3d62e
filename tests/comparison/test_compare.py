"""A comparison of scorecards made by hand: figures taken over as they are, losses, dominance, warnings."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.comparison import compared
from kaopt.comparison.differences import Event
from kaopt.comparison.tables import calendar_frame, measures_frame
from kaopt.comparison.warnings import leaves
from kaopt.errors import InputError
from tests.comparison.cards import side

THREE = (
    side("safe", sales=120.0, index=1.00, promotions=30.0, profit=60.0),
    side("bold", sales=150.0, index=1.05, promotions=40.0, profit=50.0),
    side("poor", sales=110.0, index=1.00, promotions=30.0, profit=40.0),
)


@pytest.fixture(scope="module")
def three():
    return compared(THREE)


def test_figures_are_those_of_the_scorecards(three):
    sales = three.line("sales", "net_revenue")
    assert {name: cell.planned.value for name, cell in sales.cells.items()} == {"safe": 120, "bold": 150, "poor": 110}
    assert three.line("execution", "promotions").cells["bold"].delivered.value == 0.8 * 40.0
    assert three.line("money", "fees").cells["safe"].planned.value == 10.0
    assert three.line("share", "category_share").cells["safe"].planned.why == "no category"


def test_what_each_plan_gives_up_against_the_best(three):
    sales, profit = three.line("sales", "net_revenue"), three.line("profit", "contribution")
    assert [sales.cells[name].gives_up for name in three.names] == [30.0, 0.0, 40.0]
    assert [profit.cells[name].gives_up for name in three.names] == [0.0, 10.0, 20.0]
    assert (sales.best, profit.best) == (("bold",), ("safe",))
    assert three.line("share", "growth_index").best == ("bold",)


def test_money_is_neither_better_nor_worse(three):
    line = three.line("money", "trade_spend")
    assert all(cell.gives_up is None for cell in line.cells.values())


def test_fewer_penalties_are_better():
    sides = [
        side(name, sales=1.0, index=1.0, promotions=1.0, profit=1.0, fill=0.9, penalties=money)
        for name, money in (("a", 5.0), ("b", 8.0))
    ]
    line = compared(sides).line("money", "penalties")
    assert [line.cells[name].gives_up for name in ("a", "b")] == [0.0, 3.0]


def test_a_plan_that_is_nowhere_better_and_somewhere_worse_is_dominated(three):
    """poor: index and promotions as safe, sales and profit below it; bold beats it in all four."""
    assert three.dominated == {"poor": ("safe", "bold")}


def test_equal_plans_do_not_dominate_each_other():
    twins = (THREE[0], replace(THREE[0], name="twin"))
    assert compared(twins).dominated == {}


def test_a_difference_of_rounding_is_none():
    nearly = side("nearly", sales=120.0 * (1 - 1e-12), index=1.0, promotions=30.0, profit=60.0)
    found = compared((THREE[0], nearly))
    assert found.dominated == {}
    assert found.line("sales", "net_revenue").best == ("safe", "nearly")


def test_delivered_counts_only_where_every_plan_was_simulated():
    lived = side("lived", sales=130.0, index=1.0, promotions=30.0, profit=60.0, fill=0.95)
    both = compared((lived, replace(lived, name="again")))
    assert both.line("sales", "net_revenue").basis == "delivered"
    assert both.warnings == ()
    mixed = compared((THREE[0], lived))
    sales = mixed.line("sales", "net_revenue")
    assert (sales.basis, sales.cells["safe"].gives_up) == ("planned", 10.0)
    assert all(cell.gives_up is None for cell in mixed.line("fill_rate", "value").cells.values() if cell.gives_up)
    assert "Not simulated: safe" in mixed.warnings[0][0]
    assert "lived" in dict(mixed.dominated).get("safe", ())  # judged by the planned figures of both


@given(st.lists(st.tuples(*[st.integers(1, 3)] * 4), min_size=2, max_size=5))
def test_dominance_is_the_order_of_the_four_planned_figures(rows):
    names = [f"p{n}" for n in range(len(rows))]
    sides = [
        side(name, sales=100.0 * a, index=1.0 * b, promotions=10.0 * c, profit=50.0 * d)
        for name, (a, b, c, d) in zip(names, rows, strict=True)
    ]
    found = compared(sides).dominated
    for (x, mine), (y, theirs) in permutations(zip(names, rows, strict=True), 2):
        expected = all(q >= p for p, q in zip(mine, theirs, strict=True)) and mine != theirs
        assert (y in found.get(x, ())) == expected
    best = max(range(len(rows)), key=lambda n: sum(rows[n]))
    assert names[best] not in found  # somebody is always left


def test_one_plan_is_no_comparison():
    with pytest.raises(InputError, match="at least two plans"):
        compared(THREE[:1])


# --- warnings


def test_other_tables_are_said():
    a = replace(THREE[0], scenario="North", inputs={"tables/base.csv": "1", "scenario.yaml": "x"})
    b = replace(THREE[1], scenario="South", inputs={"tables/base.csv": "2", "scenario.yaml": "x"})
    assert "North, South" in compared((a, b)).warnings[0][0]
    same = replace(b, inputs={"tables/base.csv": "1", "scenario.yaml": "y"})
    assert compared((a, same)).warnings == ()


def test_other_settings_are_named_but_not_how_long_the_solver_may_run():
    a = replace(THREE[0], settings={"currency": "CNY", "budget": {"total": {"max": 1.0}}, "solve": {"gap": 0.1}})
    b = replace(THREE[1], settings={"currency": "CNY", "budget": {"total": {"max": 2.0}}, "solve": {"gap": 0.2}})
    assert [en for en, _ in compared((a, b)).warnings] == [
        "The plans were made under different settings: budget.total.max."
    ]
    abroad = replace(b, settings={**b.settings, "currency": "USD"})
    assert "different currencies (CNY, USD)" in compared((a, abroad)).warnings[0][0]


def test_leaves_go_through_lists_of_mappings():
    assert dict(leaves({"rules": {"mix": [{"min": 1}, {"min": 2}]}, "weeks": [1, 2]})) == {
        "rules.mix.0.min": 1,
        "rules.mix.1.min": 2,
        "weeks": [1, 2],
    }


# --- shown


def test_the_table_in_both_languages(three):
    english, chinese = three.text(), three.text("zh")
    assert "sales: net revenue (planned)" in english and "150 *" in english
    assert "poor is dominated: no KPI is better than in safe, bold" in english
    assert "poor 被支配" in chinese and "让出" in chinese


def test_data_has_every_figure_once(three):
    content = three.as_dict()
    assert [one["name"] for one in content["plans"]] == ["safe", "bold", "poor"]
    assert content["plans"][2]["dominated_by"] == ["safe", "bold"]
    sales = next(one for one in content["measures"] if one["measure"] == "net_revenue")
    assert sales["cells"]["bold"]["planned"]["value"] == 150.0
    assert sales["cells"]["bold"]["target"] == 100.0 and sales["cells"]["bold"]["met"] is True


def test_the_spreadsheet_has_a_column_for_each_plan(three):
    frame = measures_frame(three).set_index(["kpi", "measure", "form"])
    assert frame.loc[("sales", "net_revenue", "planned")].tolist() == [120.0, 150.0, 110.0]
    assert frame.loc[("profit", "contribution", "gives_up")].tolist() == [0.0, 10.0, 20.0]
    assert frame.loc[("all", "dominated", "")].tolist() == ["no", "no", "yes"]


def test_calendars_are_compared_with_the_first_plan():
    stays, moved, gone = (
        Event("W", "cola", 1, 1, "cut"),
        Event("W", "cola", 5, 1, "cut"),
        Event("W", "tea", 3, 2, "cut"),
    )
    a = replace(THREE[0], events=(stays, moved, gone))
    b = replace(THREE[1], events=(stays, moved._replace(week=6)))
    found = compared((a, b, THREE[2]))
    assert len(found.calendar) == 1  # the third plan's events are not known
    frame = calendar_frame(found)
    assert frame[["difference", "from_week", "to_week"]].values.tolist() == [["moved", 5, 6], ["only_from", 3, None]]
    assert "promotions that stay 1, moved by a week 1" in found.text()
