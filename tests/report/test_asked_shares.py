"""Shares that somebody asked for stay what they are: 99.6 % of the own value is not all of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.planning.curve_show import page, text
from kaopt.report.numbers import asked
from tests.planning.test_curve import curve, made, none


@pytest.mark.parametrize(
    ("share", "said"),
    [(1.0, "100"), (0.996, "99.6"), (0.9996, "99.96"), (0.0, "0"), (1.05, "105"), (-0.5, "−50"), (12.5, "1,250")],
)
def test_by_hand(share: float, said: str) -> None:
    assert asked(share) == said


@given(st.integers(0, 999_999))
def test_six_digits_are_kept(digits: int) -> None:
    share = digits / 1e6
    assert Fraction(asked(share)) / 100 == Fraction(digits, 10**6)


def test_points_of_a_curve_beside_the_own_value_are_told_apart() -> None:
    values = (0.995, 0.996, 1.0)
    points = [replace(made(1000.0 * one, 10.0, 10.0), share=one) for one in values]
    found = curve(*points, replace(none(1004.0), share=1.004))
    told = text(found)
    for one in ("(99.5%)", "(99.6%)", "(100%)", "(100.4%)"):
        assert told.count(one) == 1
    shown = page(found, "en").replace("\u00a0", " ")
    for one in ("99.5 %", "99.6 %", "100 %", "100.4 %"):
        assert f"<small>{one}</small>" in shown
