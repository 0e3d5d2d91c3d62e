"""What binds: rows used up to a limit, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.allocation.rows import make_rows
from kaopt.report.binding import PRICES, TOLERANCE, bindings, binds, constraints_frame, used_of

# three offers that cost 30, 50 and 20; the world without them has used 10
COSTS = np.array([[30.0, 50.0, 20.0]])


def budget(high: float, low: float = -np.inf, regret: float = np.nan) -> object:
    return make_rows("budget", "money", ("total",), COSTS, low=low, high=high, regret=regret, used_without=10.0)


@pytest.mark.parametrize(
    ("chosen", "high", "low", "tight"),
    [
        ([1, 1, 0], 90, -np.inf, True),
        ([1, 1, 0], 90.00001, -np.inf, True),  # but for rounding
        ([1, 1, 0], 90.4, -np.inf, True),  # no event is as small as what is left
        ([1, 1, 0], 91, -np.inf, False),
        ([1, 1, 1], 90, -np.inf, True),  # overstepped, where the row is soft
        ([0, 0, 0], 90, 10, True),
        ([0, 0, 1], 90, 10, False),
    ],
)
def test_a_row_binds_at_its_limit(chosen: list[int], high: float, low: float, tight: bool) -> None:
    rows = budget(high, low)
    assert binds(rows, np.array(chosen, float)).tolist() == [tight]  # type: ignore[arg-type]


def test_used_counts_what_was_there_without_the_plan() -> None:
    assert used_of(budget(90), np.array([1.0, 0.0, 1.0])).tolist() == [60.0]  # type: ignore[arg-type]


def test_rules_are_counted_by_name_in_their_order() -> None:
    slots = make_rows("display_slots", "display", ("w1", "w2"), np.array([[1.0, 1, 0], [0, 0, 1]]), high=1.0)
    found = bindings((budget(200), slots, budget(90)), np.array([1.0, 1.0, 0.0]))  # type: ignore[arg-type]
    assert [(one.rule, one.rows, one.binding) for one in found] == [("budget", 2, 1), ("display_slots", 2, 1)]
    assert found[0].share == 0.5


def test_the_frame_gives_each_finite_limit_a_line() -> None:
    frame = constraints_frame((budget(90, 20, regret=3.0),), np.array([1.0, 0.0, 0.0]))  # type: ignore[arg-type]
    assert list(frame.columns) == ["rule", "scope", "side", "used", "limit", "slack", "unit", "soft", *PRICES]
    assert frame[["side", "used", "limit", "slack", "soft"]].to_numpy().tolist() == [
        ["min", 40.0, 20.0, 20.0, True],
        ["max", 40.0, 90.0, 50.0, True],
    ]
    assert frame[list(PRICES)].isna().all(axis=None)  # nobody has asked for prices


def test_rows_of_switches_that_are_not_known_have_no_use() -> None:
    rows = make_rows("fees", "money", ("a", "b"), np.array([[1.0, 2.0, -5.0], [1.0, 0.0, 0.0]]), high=3.0)
    assert used_of(rows, np.array([1.0, 1.0])).tolist()[1] == 1.0
    assert np.isnan(used_of(rows, np.array([1.0, 1.0]))[0])
    assert used_of(rows, np.array([1.0, 1.0, 1.0])).tolist() == [-2.0, 1.0]
    assert binds(rows, np.array([1.0, 1.0])).tolist() == [False, False]


def test_no_rules_no_lines() -> None:
    assert len(constraints_frame((), np.zeros(0))) == 0
    assert bindings((), np.zeros(0)) == ()


@given(st.lists(st.booleans(), min_size=3, max_size=3), st.floats(1, 200))
def test_slack_and_binding_agree(chosen: list[bool], high: float) -> None:
    rows, x = budget(high), np.array(chosen, float)
    row = constraints_frame((rows,), x).iloc[0]  # type: ignore[arg-type]
    within = TOLERANCE * max(row["used"], high) * (1 + 1e-9)
    tight = bool(binds(rows, x)[0])  # type: ignore[arg-type]
    assert not (row["slack"] > within and tight)
    assert tight or row["slack"] > within * (1 - 1e-6)
