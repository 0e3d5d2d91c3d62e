"""What 100 of spend buys, by hand and against the prices."""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.allocation.allocate import solved
from kaopt.allocation.explain.buys import buys, worth_per_100
from kaopt.allocation.explain.relaxed import relaxed_of
from kaopt.scenario.settings import Objective
from tests.allocation.explain.test_prices import FOUR, rich
from tests.allocation.rule_cases import line, plain


def test_by_hand() -> None:
    """100 cases for 500: 20 per 100; 2 000 of profit for 500: 400 per 100."""
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),))
    relaxed = relaxed_of(here)
    found = buys(here, relaxed.prices, np.array([1.0, 1.0, 0.0, 0.0]))
    assert [(one.by, one.name) for one in found] == [
        ("total", "total"), ("account", "A1"), ("family", "display"), ("treatment", "show"), ("sku", "S1"),
    ]  # fmt: skip
    for one in found:
        assert (one.spend, one.cases, one.average) == pytest.approx((1000.0, 200.0, 20.0))
        assert (one.last, one.next) == pytest.approx((400.0, 400.0))  # 2 000 of profit per 500


def test_in_cases_where_the_objective_counts_cases() -> None:
    aim = Objective(maximize="profitable_volume", tie=0.0)
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),), objective=aim)
    (total, *_) = buys(here, relaxed_of(here).prices, np.ones(4))
    assert (total.average, total.last, total.next) == pytest.approx((20.0, 20.0, 20.0))


def test_nothing_spent_has_no_average_but_a_next() -> None:
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),))
    (total, *_) = buys(here, relaxed_of(here).prices, np.zeros(4))
    assert np.isnan(total.average)
    assert total.next == pytest.approx(400.0)


def test_one_budget_stands_between_last_and_next_in_every_group() -> None:
    here = rich()
    done, relaxed = solved(here), relaxed_of(here)
    blocks = zip(relaxed.problem.rows, relaxed.prices.blocks, strict=True)
    (price,) = (100 * prices[0] for rows, prices in blocks if rows.rule == "budget")
    found = buys(here, relaxed.prices, done.columns)
    assert price > 0
    for one in found:
        assert np.isnan(one.next) or one.next <= price + 1e-6
        assert np.isnan(one.last) or one.last >= price - 1e-6
    total = found[0]
    for by in ("account", "family", "treatment", "sku"):
        assert sum(one.spend for one in found if one.by == by) == pytest.approx(total.spend)
        assert sum(one.cases for one in found if one.by == by) == pytest.approx(total.cases)
    assert total.average == pytest.approx(100 * total.cases / total.spend)


def test_worth_is_what_is_left_when_the_other_rules_are_paid() -> None:
    here = rich()
    relaxed = relaxed_of(here)
    offers, prices = relaxed.problem.offers, relaxed.prices
    every = np.arange(len(offers))
    others = sum(paid for rule, paid in prices.charges(every).items() if rule != "budget")
    assert worth_per_100(prices) == pytest.approx(100 * (offers.value - others) / offers.spend)
