"""Numbers as people write them, in both languages."""

from __future__ import annotations

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.report import numbers


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0.0, "0", "0"),
        (7.0, "7", "7"),
        (12.34, "12.3", "12.3"),
        (999.4, "999", "999"),
        (1234.0, "1.23 k", "1,230"),
        (12_345.0, "12.3 k", "1.23万"),
        (999_900.0, "1 M", "100万"),  # not "1000 k"
        (4_400_000.0, "4.4 M", "440万"),
        (123_456_789.0, "123 M", "1.23亿"),
        (2.5e9, "2.5 bn", "25亿"),
        (-56_700.0, "−56.7 k", "−5.67万"),
        (0.04, "0.04", "0.04"),
        (nan, "–", "–"),
    ],
)
def test_amounts(value: float, en: str, zh: str) -> None:
    assert numbers.amount(value, "en").replace("\u00a0", " ") == en
    assert numbers.amount(value, "zh") == zh


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123, "12.3 %"), (-0.05, "−5.0 %"), (0.0, "0.0 %"), (0.0001, "<0.1 %"), (12.5, "1,250.0 %"), (nan, "–")],
)
def test_percent(value: float, text: str) -> None:
    assert numbers.percent(value).replace("\u00a0", " ") == text


def test_percent_with_other_decimals() -> None:
    assert numbers.percent(0.12345, 0) == "12\u00a0%"
    assert numbers.percent(0.12345, 2) == "12.35\u00a0%"
    assert numbers.percent(0.00001, 2) == "<0.01\u00a0%"


def test_index_and_whole() -> None:
    assert numbers.index(0.9375) == "0.938"
    assert numbers.index(nan) == "–"
    assert numbers.whole(-1234567.8) == "−1,234,568"


def read(text: str) -> float:
    text = text.replace("\u00a0", "").replace(",", "").replace("−", "-")
    for unit, size in (("bn", 1e9), ("M", 1e6), ("k", 1e3), ("亿", 1e8), ("万", 1e4)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * size
    return float(text)


@given(st.floats(1e-1, 1e11) | st.floats(-1e11, -1e-1), st.sampled_from(["en", "zh"]))
def test_an_amount_says_what_it_is_to_three_digits(value: float, lang: str) -> None:
    assert read(numbers.amount(value, lang)) == pytest.approx(value, rel=0.0051, abs=0.0051)


@given(st.floats(0, 1e9))
def test_both_languages_say_the_same(value: float) -> None:
    assert read(numbers.amount(value, "en")) == pytest.approx(read(numbers.amount(value, "zh")), rel=0.011, abs=0.0051)


def test_numbers_do_not_break_over_lines() -> None:
    assert " " not in numbers.amount(5e6, "en") + numbers.percent(0.5)
