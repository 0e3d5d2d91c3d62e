"""When to stop: the width asked, the least, the most, and how long it will take."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from kaopt.statistics.interval import critical, interval
from kaopt.statistics.stopping import Enough

RULE = Enough(0.5, least=4, most=100)


def spread(n: int, deviation: float) -> np.ndarray:
    """n values of a known standard deviation."""
    values = np.tile([-1.0, 1.0], n)[:n]
    return values * deviation / values.std(ddof=1)


def test_narrow_enough_and_often_enough() -> None:
    narrow = spread(16, 0.5 * sqrt(16) / critical(15) * 0.999)
    assert interval(narrow).half_width < 0.5
    assert RULE.reached(narrow) and RULE.done(narrow)
    wide = narrow * 1.01
    assert not RULE.reached(wide) and not RULE.done(wide)
    assert not Enough(0.5, least=20).reached(narrow)


def test_the_most_ends_it_without_having_reached() -> None:
    wide = spread(100, 50.0)
    assert RULE.done(wide) and not RULE.reached(wide)


def test_no_difference_at_all_stops_at_the_least() -> None:
    assert not RULE.done(np.zeros(3))
    assert RULE.done(np.zeros(4))


def test_expected_follows_the_root_of_the_number() -> None:
    values = spread(20, 1.0)
    width = interval(values).half_width
    assert Enough(width / 2, least=4, most=1000).expected(values) == 80
    assert Enough(width / 2, least=4, most=50).expected(values) == 50
    assert Enough(width * 10, least=12, most=50).expected(values) == 12
    assert Enough(0.1, least=12).expected(values[:1]) == 12
    assert Enough(0.0, least=4, most=70).expected(values) == 70


@pytest.mark.thorough
def test_coverage_of_a_stop_that_looks_at_the_data_is_close_to_what_it_says() -> None:
    """Normal values, checked every 8 from 24 on: within 1.5 points of 95 % (Law 2015, 9.4.1)."""
    luck, covered, lengths = np.random.default_rng(8), 0, []
    rule = Enough(0.25, least=24, most=400)
    for _ in range(4000):
        values = luck.standard_normal(400)
        n = next(n for n in range(24, 401, 8) if rule.done(values[:n]))
        found = interval(values[:n])
        covered += found.low <= 0 <= found.high
        lengths.append(n)
    assert 0.935 <= covered / 4000 <= 0.965
    assert abs(np.mean(lengths) - (1.96 / 0.25) ** 2) < 6
