"""What a comparison says and writes: columns that line up in both languages, plain data, tables, warnings."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kaopt.comparison import compared
from kaopt.comparison.differences import Event, differences
from kaopt.comparison.measures import MEASURES
from kaopt.comparison.show import calendar_text, fit
from kaopt.comparison.tables import calendar_frame, measures_frame
from kaopt.comparison.warnings import MOST, tables_of
from kaopt.comparison.words import MEASURE
from kaopt.scorecard.show import width
from tests.comparison.cards import side

A = side("A", sales=2_500_000.0, index=1.0, promotions=12.0, profit=300.0)
B = side("B方案", sales=1_000_000.0, index=1.0, promotions=15.0, profit=300.0)
STAY, EARLY, LATE = Event("W", "c", 1, 1, "cut"), Event("W", "c", 4, 2, "cut"), Event("W", "c", 5, 2, "cut")
CUT, SHOW = Event("X", "t", 7, 1, "cut"), Event("X", "t", 7, 1, "show")
MINE, THEIRS = Event("X", "t", 9, 1, "cut"), Event("Y", "t", 9, 3, "cut")


@pytest.fixture(scope="module")
def both():
    """One event stays, one moves by a week, one changes its mechanic, one is only in A and one only in B."""
    a, b = replace(A, events=(STAY, EARLY, CUT, MINE)), replace(B, events=(STAY, LATE, SHOW, THEIRS))
    return compared((a, b))


# --- text


def test_every_measure_has_words_in_both_languages():
    assert set(MEASURE) == {one.name for one in MEASURES}
    assert all(en.isascii() and not zh.isascii() for en, zh in MEASURE.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_columns_line_up_although_chinese_letters_are_twice_as_wide(both, language):
    """Every figure ends in the last column; a star or two blanks close it, and blanks at the end are cut off."""
    rows = [
        row for row in both.text(language).split("\n\n")[0].split("\n") if not row.startswith(("  gives", "  让出"))
    ]
    ends = {width(row) + (0 if row.endswith("*") else 2) for row in rows[1:]}
    assert len(ends) == 1
    assert width(rows[0]) == ends.pop()


def test_money_is_written_in_the_readers_own_thousands(both):
    assert "2.50 M *" in both.text() and "1.00 M" in both.text()
    assert "250.00万 *" in both.text("zh") and "100.00万" in both.text("zh")
    assert both.text("fr") == both.text("en") == str(both)


def test_what_is_given_up_stands_below_a_kpi_in_which_plans_differ(both):
    """80 % happen of 12 and of 15 promotions: A gives up 2.4; B 1.5 M of sales; the others are equal: nothing said."""
    rows = [row.split() for row in both.text().split("\n")]
    lost = [rows[n] for n in range(len(rows)) if rows[n][:2] == ["gives", "up"]]
    assert lost == [["gives", "up", "1.50", "M"], ["gives", "up", "2.4"]]
    assert both.text().count("*") == 3  # two stars, and the words that explain them


def test_a_measure_that_no_plan_has_is_left_out(both):
    assert "category" not in both.text() and "order fill rate" not in both.text()
    rich = replace(A, name="rich", scorecard=json.loads(json.dumps(A.scorecard)))
    rich.scorecard["total"]["share"]["planned"]["category_share"] = 0.25
    line = next(row for row in compared((A, rich)).text().split("\n") if "category" in row)
    assert line.split()[-2:] == ["-", "25.0%"]


def test_the_basis_is_said_in_the_words_of_the_kpi():
    lived = [side(name, sales=1.0, index=1.0, promotions=5.0, profit=2.0, fill=0.9) for name in "ab"]
    told = compared(lived).text()
    for words in ("net revenue (delivered)", "promotions (expected)", "by value (simulated)"):
        assert words in told
    assert "cases gained, net (planned)" in told  # there is no such delivered figure
    assert "penalties a year  " in told and "penalties a year (" not in told


def test_counts_of_a_row_have_the_same_decimals():
    """7 promotions beside 8.8; where all are whole none has decimals."""
    whole, part = (side(name, sales=1.0, index=1.0, promotions=n, profit=2.0) for name, n in (("a", 8.75), ("b", 11.0)))
    told = [row.split() for row in compared((whole, part)).text().split("\n") if "execution: promotions" in row]
    assert told == [["execution:", "promotions", "(expected)", "7.0", "8.8", "*"]]
    other = replace(part, scorecard=side("b", sales=1.0, index=1.0, promotions=10.0, profit=2.0).scorecard)
    told = [row.split() for row in compared((whole, other)).text().split("\n") if "execution: promotions" in row]
    assert told == [["execution:", "promotions", "(expected)", "7", "8", "*"]]


def test_padding_counts_places_and_not_letters():
    assert fit("费用", 6, left=True) == "费用  "
    assert fit("ab", 4, left=False) == "  ab"


def test_a_calendar_in_a_sentence(both):
    one = both.calendar[0]
    assert calendar_text(one, 0) == (
        "A -> B方案: promotions that stay 1, moved by a week 1, with another mechanic or length 1, "
        "only in A 1, only in B方案 1"
    )
    assert calendar_text(one, 1).startswith("A -> B方案：1 场不变，1 场前后移一周，1 场更换机制或时长")


# --- data


def test_data_goes_through_json_unchanged(both):
    content = both.as_dict()
    again = json.loads(json.dumps(content))
    assert set(again) == {"plans", "measures", "calendar", "warnings"}
    assert again["calendar"] == content["calendar"] and again["plans"] == content["plans"]
    sales = again["measures"][0]
    assert (sales["measure"], sales["best"], sales["cells"]["B方案"]["gives_up"]) == ("net_revenue", ["A"], 1_500_000.0)
    assert sales["cells"]["A"]["delivered"] == {
        "value": None,
        "low": None,
        "high": None,
        "why": "no simulation of this plan",
    }
    assert [one["events"] for one in content["plans"]] == [4, 4]
    assert compared((A, B)).as_dict()["plans"][0]["events"] is None  # not known is not none


def test_the_calendar_as_data_names_both_ends(both):
    (told,) = both.as_dict()["calendar"]
    assert (told["from"], told["to"], told["same"]) == ("A", "B方案", 1)
    assert told["moved"] == [{"from": EARLY._asdict(), "to": LATE._asdict()}]
    assert told["changed"] == [{"from": CUT._asdict(), "to": SHOW._asdict()}]
    assert told["only_from"] == [MINE._asdict()]
    assert told["only_to"] == [{"account": "Y", "sku": "t", "week": 9, "weeks": 3, "treatment": "cut"}]


# --- tables


def test_the_calendar_as_a_table_has_a_row_for_each_difference(both):
    frame = calendar_frame(both)
    assert frame.drop(columns=["from", "to"]).values.tolist() == [
        ["moved", "W", "c", 4, 2, "cut", 5, 2, "cut"],
        ["changed", "X", "t", 7, 1, "cut", 7, 1, "show"],
        ["only_from", "X", "t", 9, 1, "cut", None, None, None],
        ["only_to", "Y", "t", None, None, None, 9, 3, "cut"],
    ]
    assert set(frame["from"]) == {"A"} and set(frame["to"]) == {"B方案"}


def test_a_table_without_differences_still_has_its_columns():
    same = replace(A, events=(STAY,)), replace(B, events=(STAY,))
    frame = calendar_frame(compared(same))
    assert len(frame) == 0 and list(frame.columns)[:5] == ["from", "to", "difference", "account", "sku"]
    assert list(frame.columns)[-1] == "to_treatment"


def test_forms_that_no_plan_has_are_no_rows(both):
    """Not simulated: no delivered sales; promotions have an expected figure all the same; money is not given up."""
    forms = {(row.kpi, row.measure): [] for row in measures_frame(both).itertuples()}
    for row in measures_frame(both).itertuples():
        forms[row.kpi, row.measure].append(row.form)
    assert forms["sales", "net_revenue"] == ["planned", "gives_up"]
    assert forms["execution", "promotions"] == ["planned", "delivered", "gives_up"]
    assert forms["money", "fees"] == ["planned"]
    assert ("share", "category_share") not in forms and ("money", "penalties") not in forms


def test_the_first_plan_is_held_against_each_other_one():
    sides = [replace(A, name=name, events=events) for name, events in (("a", (STAY,)), ("b", ()), ("c", (STAY, CUT)))]
    found = compared(sides).calendar
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c")]
    assert (found[0].only_first, found[1].only_second) == ((STAY,), (CUT,))


# --- calendars


def test_what_moved_is_found_before_what_changed():
    """cut in week 4 could have become show in week 4, yet there is a cut in week 5: it moved, and show is new."""
    cut, later, show = Event("W", "c", 4, 1, "cut"), Event("W", "c", 5, 1, "cut"), Event("W", "c", 4, 1, "show")
    found = differences("a", [cut], "b", [later, show])
    assert (found.moved, found.changed, found.only_second) == (((cut, later),), (), (show,))


def test_an_event_moves_earlier_as_well_as_later():
    found = differences("a", [LATE], "b", [EARLY])
    assert found.moved == ((LATE, EARLY),)


def test_another_account_or_sku_is_another_promotion():
    one = Event("W", "c", 4, 1, "cut")
    for other in (one._replace(account="X"), one._replace(sku="t")):
        found = differences("a", [one], "b", [other])
        assert (found.only_first, found.only_second) == ((one,), (other,))


def test_two_of_the_same_are_counted_as_two():
    found = differences("a", [STAY, STAY], "b", [STAY])
    assert (found.same, found.only_first, found.only_second) == ((STAY,), (STAY,), ())


# --- warnings


def test_many_settings_are_named_up_to_a_point():
    """Nine settings differ: six are named in their order, and dots stand for the others."""
    low = {"currency": "CNY", "rules": {f"r{n}": {"min": 0} for n in range(9)}}
    high = {"currency": "CNY", "rules": {f"r{n}": {"min": 1} for n in range(9)}}
    ((english, chinese),) = compared((replace(A, settings=low), replace(B, settings=high))).warnings
    named = ", ".join(f"rules.r{n}.min" for n in range(6))
    assert english == f"The plans were made under different settings: {named}, …."
    assert chinese.startswith("方案的设置不同：rules.r0.min") and MOST == 6


def test_a_setting_that_only_one_has_is_another_setting():
    some, none = {"rules": {"spacing": {"gap": 1}}}, {"rules": {}, "name": "x"}
    told = compared((replace(A, settings=some), replace(B, settings=none))).warnings
    assert [en for en, _ in told] == ["The plans were made under different settings: rules.spacing.gap."]


@pytest.mark.parametrize("path", ["name", "solve.gap", "supply.seed", "assumptions", "plan"])
def test_names_limits_and_seeds_make_no_other_world(path):
    def settings(value: object) -> dict:
        first, _, rest = path.partition(".")
        return {first: {rest: value} if rest else value}

    told = compared((replace(A, settings=settings(1)), replace(B, settings=settings(2)))).warnings
    assert told == ()


def test_a_name_that_only_begins_like_one_of_those_counts():
    """`solver` is not `solve`, and `supply.seeds` not `supply.seed`."""
    a, b = replace(A, settings={"supply": {"seeds": 1}}), replace(B, settings={"supply": {"seeds": 2}})
    assert "supply.seeds" in compared((a, b)).warnings[0][0]


def test_only_tables_and_workbooks_make_another_world():
    inputs = {"tables/a.csv": "1", "inputs.xlsx": "2", "scenario.yaml": "3", "tables/plan.csv": "4"}
    there = replace(A, inputs=inputs, settings={"plan": "tables/plan.csv"})
    assert tables_of(there) == {"tables/a.csv": "1", "inputs.xlsx": "2"}
    assert tables_of(replace(there, settings={})) == {n: d for n, d in inputs.items() if n != "scenario.yaml"}


def test_warnings_come_in_one_order_and_each_in_both_languages():
    a = replace(A, scenario="North", inputs={"t.csv": "1"}, settings={"currency": "CNY", "rules": {"x": 1}})
    b = replace(B, scenario="South", inputs={"t.csv": "2"}, settings={"currency": "USD", "rules": {"x": 2}})
    lived = side("lived", sales=1.0, index=1.0, promotions=1.0, profit=1.0, fill=0.9)
    told = compared((a, b, lived)).warnings
    assert [en.split()[0] + " " + en.split()[1] for en, _ in told] == [
        "These plans",
        "Money is",
        "The plans",
        "Not simulated:",
    ]
    assert "Not simulated: A, B方案." in told[3][0] and "未经仿真：A, B方案" in told[3][1]
    assert all(zh in compared((a, b, lived)).text("zh") for _, zh in told)
