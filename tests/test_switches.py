"""Switches: columns beside the offers, found again by who asked for them, in the model and in the arrays alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.model import build, from_nothing, to_program
from kaopt.allocation.problem import Problem, from_arrays
from kaopt.allocation.rows import make_rows, widened
from kaopt.offers import make_offers
from kaopt.switches import joined, make_switches, no_switches
from tests.worlds import world

FEE = make_switches(
    "fees",
    "quarterly",
    ("account=A1", "account=A2"),
    account=[0, 1],
    treatments=[True, False],
    spend=100.0,
    contribution=-100.0,
)
TIER = make_switches(
    "rebate",
    "all",
    ("account=A1",),
    account=0,
    treatments=[True, True],
    whole=False,
    high=np.inf,
    nothing=900.0,
    contribution=-0.02,
)


def test_a_switch_is_found_by_its_rule_and_settings() -> None:
    both = joined([FEE, TIER], 2)
    assert both.own("fees", "quarterly").tolist() == [0, 1]
    assert both.own("rebate", "all").tolist() == [2]
    assert both.own("fees", "yearly").tolist() == []
    assert both.scope == ("account=A1", "account=A2", "account=A1")
    assert both.whole.tolist() == [True, True, False]


def test_no_switches_join_to_none() -> None:
    none = joined([], 3)
    assert len(none) == 0
    assert none.treatments.shape == (0, 3)
    assert len(no_switches()) == 0


def test_rows_are_widened_without_touching_more() -> None:
    rows = make_rows("r", "x", ("a",), np.array([[1.0, 2.0]]), high=3.0)
    wide = widened(rows, 5)
    assert wide.matrix.toarray().tolist() == [[1.0, 2.0, 0.0, 0.0, 0.0]]
    assert widened(wide, 5) is wide


def test_model_and_arrays_carry_switches_alike() -> None:
    """A fee of 100 on the objective, bounds and wholeness of a tier, a row that joins an offer to its fee."""
    here = world(2, 1, 3)
    every = joined([FEE, TIER], 2)
    offers = replace(make_offers(here), switches=replace(every, value=every.contribution))
    count = len(offers)
    body = np.zeros((2, offers.columns))
    body[0, 0], body[0, count] = 1.0, -1.0  # the first offer only with the first fee
    body[1, :count], body[1, count + 2] = offers.net_revenue, -1.0  # what is sold is the tier's base
    rows = (make_rows("fees", "event", ("a", "b"), body, high=[0.0, 0.0], low=[-np.inf, 0.0], used_without=0.0),)
    readable = to_program(build(here, offers, rows))
    direct = from_arrays(Problem(offers, rows))
    for name in ("cost", "row_low", "row_high", "low", "high", "integer"):
        assert np.array_equal(getattr(readable, name), getattr(direct, name)), name
    assert (readable.matrix != direct.matrix).nnz == 0
    assert readable.offset == direct.offset == pytest.approx(0.02 * 900.0)
    assert direct.integer.tolist()[count:] == [True, True, False]
    assert direct.cost.tolist()[count:] == [-100.0, -100.0, -0.02]


def test_doing_nothing_is_worth_nothing() -> None:
    """The objective of the columns' values without events is 0, soft misses included."""
    here = world(2, 1, 3)
    every = joined([FEE, TIER], 2)
    offers = replace(make_offers(here), switches=replace(every, value=every.contribution))
    body = np.zeros((1, offers.columns))
    body[0, -1] = 1.0
    soft = make_rows("soft", "money", ("a",), body, low=1000.0, regret=3.0)  # 900 there, 100 short at 3 each
    worth = np.concatenate([offers.value, offers.switches.value])
    assert from_nothing(worth, offers, (soft,)) == pytest.approx(0.02 * 900 + 300)
