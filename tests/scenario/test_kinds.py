"""How people write values: every notation by hand, every refusal with its reason, and round trips."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kaopt.scenario import kinds
from kaopt.scenario.catalogue import TABLES
from kaopt.scenario.columns import Kind, columns_of
from kaopt.scenario.kinds import PARSERS, parse, read
from kaopt.scenario.quantities import Wrong

GOOD = [
    ("money", "1200", 1200.0),
    ("money", "1,200.50", 1200.5),
    ("money", "¥1200", 1200.0),
    ("money", "￥1,200元", 1200.0),
    ("money", "440万", 4_400_000.0),
    ("money", "440 万元", 4_400_000.0),
    ("money", "1.2亿", 120_000_000.0),
    ("money", "3.5k", 3500.0),
    ("money", "2M", 2_000_000.0),
    ("money", "１２００．５", 1200.5),
    ("money", "1e5", 100_000.0),
    ("money", "USD 12", 12.0),
    ("money", "12 EUR", 12.0),
    ("money", " 0 ", 0.0),
    ("signed_money", "-5万", -50_000.0),
    ("signed_money", "−1,200", -1200.0),
    ("signed_money", "-¥3", -3.0),
    ("signed_money", "¥-3", -3.0),
    ("share", "0.1%", 0.001),
    ("share", "33%", 0.33),
    ("share", "33％", 0.33),
    ("share", ".5", 0.5),
    ("share", "2/3", 2 / 3),
    ("share", "1 / 3", 1 / 3),
    ("share", "5‰", 0.005),
    ("share", "1", 1.0),
    ("share", "0", 0.0),
    ("rate", "-3%", -0.03),
    ("rate", "+12%", 0.12),
    ("points", "0.5pp", 0.005),
    ("points", "0.5个百分点", 0.005),
    ("points", "0.005", 0.005),
    ("cases", "1.2万箱", 12_000.0),
    ("cases", "12.5", 12.5),
    ("count", "12", 12),
    ("count", "3.0", 3),
    ("days", "45", 45),
    ("days", "45d", 45),
    ("days", "45 days", 45),
    ("days", "45天", 45),
    ("days", "6w", 42),
    ("days", "2周", 14),
    ("minutes", "90", 90),
    ("minutes", "90min", 90),
    ("minutes", "1.5h", 90),
    ("minutes", "1.5小时", 90),
    ("seconds", "5min", 300.0),
    ("seconds", "90s", 90.0),
    ("seconds", "1.5h", 5400.0),
    ("seconds", "30", 30.0),
    ("clock", "08:30", 510),
    ("clock", "8:30", 510),
    ("clock", "08：30", 510),
    ("clock", "08:30:00", 510),
    ("clock", "24:00", 1440),
    ("clock", "0:00", 0),
    ("date", "2027-05-01", date(2027, 5, 1)),
    ("week", "1", 1),
    ("week", "W12", 12),
    ("week", "第12周", 12),
    ("weeks", "1-4|9|12-13", (1, 2, 3, 4, 9, 12, 13)),
    ("weeks", "9|1-3|2", (1, 2, 3, 9)),
    ("weeks", "1–3", (1, 2, 3)),
    ("weeks", "1~3、5", (1, 2, 3, 5)),
    ("lengths", "1|2", (1, 2)),
    ("weekdays", "Mon|Wed|Fri", (1, 3, 5)),
    ("weekdays", "friday|MON", (1, 5)),
    ("weekdays", "1|3|5", (1, 3, 5)),
    ("weekdays", "周一|周三", (1, 3)),
    ("weekdays", "星期二、星期天", (2, 7)),
    ("flag", "yes", True),
    ("flag", "是", True),
    ("flag", "否", False),
    ("flag", "0", False),
    ("factor", "¥42.5", 42.5),
    ("effect", "0.4", 0.4),
    ("elasticity", "-2.5", -2.5),
    ("elasticity", "0", 0.0),
    ("number", "-20%", -0.2),
    ("id", " 00123 ", "00123"),
    ("id", "NA", "NA"),
    ("text", "12:30", "12:30"),
]

BAD = [
    ("money", "-5", "at least 0"),
    ("money", "nan", "finite"),
    ("money", "inf", "finite"),
    ("money", "-Infinity", "finite"),
    ("money", "1e999", "finite"),
    ("money", "12d", "unit 'd'"),
    ("money", "5%", "unit '%'"),
    ("money", "12,5", "decimal point as '.'"),
    ("money", "1.200,50", "decimal point as '.'"),
    ("money", "(1,200)", "minus sign"),
    ("money", "1,20,0", "money"),
    ("money", "1_000", "money"),
    ("money", "0x10", "money"),
    ("money", "", "money"),
    ("money", "1 2", "money"),
    ("money", "1/2", "money"),
    ("share", "33", "Did you mean 33%"),
    ("share", "1.7", "between 0 and 1"),
    ("share", "-1%", "between 0 and 1"),
    ("share", "101%", "between 0 and 1"),
    ("share", "1/0", "divided by 0"),
    ("share", "¥0.5", "a share"),
    ("share", "0.5pp", "unit 'pp'"),
    ("rate", "-1", "above -1"),
    ("rate", "12", "at most 10"),
    ("count", "2.5", "whole"),
    ("count", "1e30", "between 0 and"),
    ("days", "1.5d", "whole"),
    ("days", "45min", "unit 'min'"),
    ("days", "-1", "between 0"),
    ("minutes", "3d", "unit 'd'"),
    ("seconds", "0", "above 0"),
    ("clock", "25:00", "time of the day"),
    ("clock", "24:01", "time of the day"),
    ("clock", "8:60", "time of the day"),
    ("clock", "510", "time of the day"),
    ("date", "2027-02-30", "date"),
    ("week", "0", "between 1"),
    ("week", "1.5", "whole|number of a week"),
    ("week", "2027-01-04", "not a date"),
    ("week", "20270104", "not a date"),
    ("weeks", "4-1", "small to large"),
    ("weeks", "0-3", "from 1"),
    ("weeks", "4-Jan", "spreadsheet"),
    ("weeks", "1月4日", "spreadsheet"),
    ("weeks", "1||2", "set of weeks"),
    ("weekdays", "Mon|Funday", "days of the week"),
    ("weekdays", "0", "days of the week"),
    ("weekdays", "8", "days of the week"),
    ("flag", "maybe", "yes or no"),
    ("factor", "0", "above 0"),
    ("effect", "-0.1", "at least 0"),
    ("elasticity", "0.5", "at most 0"),
    ("id", "W*", "every one"),
    ("text", "#REF!", "spreadsheet"),
    ("number", "√2", "a number"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_what_people_write(kind: str, text: str, value: Any) -> None:
    found = parse(kind, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("kind", "text", "words"), BAD)
def test_what_is_refused_and_why(kind: str, text: str, words: str) -> None:
    with pytest.raises(Wrong, match=words) as caught:
        parse(kind, text)
    assert caught.value.expected.startswith(("must", "is"))


def test_every_kind_of_column_has_a_parser_and_a_case_of_each_sort() -> None:
    assert set(get_args(Kind)) <= set(PARSERS)
    assert {kind for kind, _, _ in GOOD} >= set(get_args(Kind))
    assert {kind for kind, _, _ in BAD} >= set(get_args(Kind)) - {"signed_money", "cases", "lengths"}


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-04",
        "2027-1-4",
        "2027/1/4",
        "20270104",
        "4 Jan 2027",
        "04-JAN-2027",
        "4 January 2027",
        "2027年1月4日",
        "２０２７年１月４日",
    ],
)
def test_a_date_in_five_notations(text: str) -> None:
    assert parse("date", text) == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("01/04/2027", "one way only"),
        ("1.4.27", "one way only"),
        ("13/12/2027", "one way only"),  # clear by luck only
        ("2027-02-30", "calendar"),
        ("20271301", "calendar"),
        ("46391", "a date"),
        ("next Monday", "a date"),
        ("2027-01-04 08:00", "a date"),
    ],
)
def test_a_date_that_could_be_another_is_refused(text: str, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        parse("date", text)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_money_round_trips_through_separators_and_scales(amount: Decimal) -> None:
    assert parse("money", f"{amount:,}") == float(amount)
    assert parse("money", f"¥{amount}") == float(amount)
    assert parse("money", f"{amount}万") == float(amount * 10_000)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_that_python_writes_is_read_back(number: float) -> None:
    assert parse("number", repr(number)) == number
    assert read("number", number) == number


@given(st.floats(min_value=0, max_value=1))
def test_shares_read_back(share: float) -> None:
    assert parse("share", repr(share)) == share


@given(st.integers(0, 24 * 60))
def test_clock_round_trips(minute: int) -> None:
    assert parse("clock", f"{minute // 60:02d}:{minute % 60:02d}") == minute


@given(st.sets(st.integers(1, 260), min_size=1))
def test_sets_of_weeks_round_trip(weeks: set[int]) -> None:
    assert parse("weeks", "|".join(map(str, weeks))) == tuple(sorted(weeks))


@given(st.integers(1, 200), st.integers(0, 50))
def test_ranges_of_weeks_hold_both_ends(first: int, more: int) -> None:
    assert parse("weeks", f"{first}-{first + more}") == tuple(range(first, first + more + 1))


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31)))
def test_all_notations_of_a_date_agree(day: date) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    texts = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    texts.append(f"{day.day} {months[day.month - 1]} {day.year}")
    assert {parse("date", text) for text in texts} == {day}


@given(st.text(max_size=12), st.sampled_from(sorted(PARSERS)))
def test_no_text_makes_a_parser_fail_in_another_way(text: str, kind: str) -> None:
    try:
        value = parse(kind, text)
    except Wrong:
        return
    assert value == value  # never NaN


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.Money, "440万", 4.4e6),
        (kinds.Seconds, "5min", 300),
        (kinds.Points, "0.5pp", 0.005),
        (kinds.Days, "6w", 42),
        (kinds.Clock, "08:30", 510),
    ],
)
def test_types_of_settings_read_the_same_texts_and_plain_numbers(kind: Any, text: str, value: float) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.validate_python(text) == value
    assert adapter.validate_python(value) == value


@pytest.mark.parametrize("given_", [True, None, float("nan"), float("inf"), -1, [1], "x"])
def test_types_of_settings_refuse_what_is_no_amount(given_: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kinds.Money).validate_python(given_)


def test_the_defaults_of_columns_are_values_of_their_kind() -> None:
    for table in TABLES.values():
        for name, spec in columns_of(table):
            if spec.required or spec.default in ("", (), False, True, "*") or spec.default != spec.default:
                continue
            if spec.kind in ("weekdays", "lengths", "clock", "flag") or spec.default == float("inf"):
                continue
            if (spec.kind, spec.default) in (("week", 0), ("count", 0)):  # 0 stands for "all of them"
                continue
            assert read(spec.kind, spec.default) == spec.default, name
