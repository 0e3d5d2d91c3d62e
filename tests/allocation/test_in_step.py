"""Limits in step and what is left open, by hand and against trying everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product
from math import floor, inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.fences import months
from kaopt.allocation.pace import STIFF, Paced, paced, rounded, units, yielding
from kaopt.allocation.window import window
from kaopt.scenario.settings import Rolling
from tests.allocation.programs import program
from tests.worlds import world


def step(one: Any, seen: int) -> Paced:
    columns = one.matrix.shape[1]
    return paced(one, np.arange(columns) < seen, columns)


def test_a_budget_for_six_of_twelve_equal_events_opens_by_two_each_month() -> None:
    """Twelve events of 1 and a budget of 6: a third of them is in sight after 4 weeks, two thirds after 8."""
    one = program([0.0] * 12, [[1.0] * 12], high=6.0)
    assert [step(one, seen).program.row_high[0] for seen in (0, 4, 8, 12)] == [0, 2, 4, 6]


def test_a_limit_written_with_the_other_sign_is_the_same_limit() -> None:
    """At least 3 of 4 is at most -3 of their negatives; half in sight: 1.5, so 1 is asked and 2 are allowed."""
    ones, minus = [[1.0] * 4], [[-1.0] * 4]
    assert step(program([0.0] * 4, ones, low=3.0), 2).program.row_low[0] == 1
    assert step(program([0.0] * 4, minus, high=-3.0), 2).program.row_high[0] == -1
    assert step(program([0.0] * 4, ones, high=3.0), 2).program.row_high[0] == 2
    assert step(program([0.0] * 4, minus, low=-3.0), 2).program.row_low[0] == -2


def test_rows_that_lie_within_the_plan_hold_in_full_and_rows_behind_it_ask_nothing() -> None:
    one = program([0.0] * 4, [[1, 1, 0, 0], [0, 0, 1, 1]], low=2.0)
    assert step(one, 2).program.row_low.tolist() == [2.0, 0.0]


def test_a_row_without_offers_is_nobodys_step() -> None:
    """The third column is a switch: what it may be at most has nothing to do with the weeks in sight."""
    one = program([0.0] * 3, [[0.0, 0.0, 1.0]], high=1.0)
    assert paced(one, np.zeros(3, bool), 2).program.row_high[0] == 1.0


@st.composite
def positive_programs(draw: st.DrawFn) -> Any:
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(2, 6))
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    whole = luck.random() < 0.5
    body = luck.integers(1, 3, (rows, columns)).astype(float) if whole else luck.uniform(0.1, 5, (rows, columns))
    middle = body.sum(axis=1) * luck.uniform(0.2, 0.9, rows)
    middle = np.floor(middle) if whole else middle
    return program(luck.normal(2, 2, columns), body, low=0.5 * middle // 1, high=middle)


@given(positive_programs())
@settings(max_examples=30, deadline=None)
def test_the_longer_the_plan_the_more_is_allowed_and_asked_up_to_the_full_limits(one: Any) -> None:
    columns = one.matrix.shape[1]
    steps = [step(one, seen).program for seen in range(columns + 1)]
    for shorter, longer in pairwise(steps):
        assert (shorter.row_high <= longer.row_high + 1e-9).all()
        assert (shorter.row_low <= longer.row_low + 1e-9).all()
    assert (steps[0].row_high == 0).all() and (steps[0].row_low == 0).all()
    assert (steps[-1].row_high == one.row_high).all() and (steps[-1].row_low == one.row_low).all()
    kept = step(one, 1)
    assert (kept.full_high == one.row_high).all() and (kept.full_low == one.row_low).all()


@pytest.mark.parametrize(
    ("amounts", "high", "unit"),
    [
        ([0.5, 1.5, 2.0], 3.0, 0.5),
        ([0.3, 0.9, 0.6], inf, 0.3),  # 0.9 / 0.3 is not 3 in the last digit
        ([0.5, 0.8], 2.0, None),  # amounts of money
        ([0.5, 1.0], 1.2, None),  # a limit that is no count
        ([-2.0, 4.0], 6.0, 2.0),  # signs do not matter
        ([0.0, 0.0], 1.0, None),
    ],
)
def test_what_one_event_is_in_a_row_that_counts(amounts: list[float], high: float, unit: float | None) -> None:
    found = units(program([0.0] * len(amounts), [amounts], high=high), len(amounts))
    assert found == pytest.approx([np.nan if unit is None else unit], nan_ok=True)


def test_counts_become_whole_and_money_stays() -> None:
    """0.75 is one and a half events of 0.5; 2.0000000001 of 1 is two by any count."""
    limit, unit = np.array([0.75, 0.75, 2.0000000001, 1.9999999999, 7.3]), np.array([0.5, 0.5, 1.0, 1.0, np.nan])
    assert rounded(limit, unit, np.ceil).tolist() == [1.0, 1.0, 2.0, 2.0, 7.3]
    assert rounded(limit, unit, np.floor).tolist() == [0.5, 0.5, 2.0, 2.0, 7.3]


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_pace_that_cannot_be_kept_costs_ten_times_the_best_event_for_each_unit_missed(seed: int) -> None:
    """The program with room to miss, solved by another solver, is the best of all plans with a fine, by trying."""
    luck = np.random.default_rng(seed)
    body, cost = luck.integers(1, 4, (2, 5)).astype(float), luck.integers(-3, 9, 5).astype(float)
    one = program(cost, body, low=[float(luck.integers(3, 9)), -inf], high=[inf, float(luck.integers(2, 9))])
    now = step(one, 2)
    soft = yielding(now)
    answer = milp(
        -soft.cost,
        integrality=soft.integer.astype(int),
        bounds=Bounds(soft.low, soft.high),
        constraints=LinearConstraint(soft.matrix, soft.row_low, soft.row_high),
    )
    fine, found = STIFF * max(1.0, float(np.abs(cost).max())), []
    for x in product((0, 1), repeat=5):
        least, most = body @ np.array(x, float)
        if most <= one.row_high[1] + 1e-9:  # the full limit is never missed
            missed = max(now.program.row_low[0] - least, 0.0) + max(most - now.program.row_high[1], 0.0)
            found.append(float(cost @ np.array(x)) - fine * missed)
    assert -answer.fun == pytest.approx(max(found), rel=1e-6, abs=1e-6)


# --- what is left open


def fixed(one: Any, **ends: tuple[float, float]) -> Any:
    low, high = one.low.copy(), one.high.copy()
    for name, (first, last) in ends.items():
        low[int(name[1:])], high[int(name[1:])] = first, last
    return replace(one, low=low, high=high)


def test_what_is_settled_is_taken_off_the_limits_of_what_is_open() -> None:
    """3 of 10 are settled: 7 are left, in the row that open columns can change; names follow their rows."""
    one = fixed(program([5, 7, 9], [[3, 0, 0], [3, 2, 4]], low=[-np.inf, 5], high=[4, 10]), x0=(1, 1))
    part = window(one)
    assert part.columns.tolist() == [1, 2] and part.possible
    assert part.program.row_names == ("row 1",)
    assert (part.program.row_low.tolist(), part.program.row_high.tolist()) == ([2.0], [7.0])
    assert part.program.cost.tolist() == [7, 9]  # of what is open alone
    assert part.widened(np.array([0.0, 1.0])).tolist() == [1.0, 0.0, 1.0]
    assert part.settled.tolist() == [1.0, 0.0, 0.0]  # and is not written into


@pytest.mark.parametrize(("high", "possible"), [(0.3, True), (0.2999, False), (0.31, True)])
def test_rounding_breaks_no_settled_row(high: float, possible: bool) -> None:
    """Three settled columns of 0.1 use 0.30000000000000004."""
    one = fixed(program([0.0] * 4, [[0.1, 0.1, 0.1, 0.0]], high=high), x0=(1, 1), x1=(1, 1), x2=(1, 1))
    assert window(one).possible == possible


def test_a_minimum_that_settled_columns_miss_alone_is_told_and_one_that_others_can_reach_is_not() -> None:
    one = program([0.0] * 2, [[1.0, 0.0]], low=1.0)
    assert not window(fixed(one, x0=(0, 0))).possible
    assert window(fixed(program([0.0] * 2, [[1.0, 1.0]], low=1.0), x0=(0, 0))).possible


# --- planning days


@given(st.integers(1, 8), st.integers(1, 20), st.integers(1, 60), st.one_of(st.none(), st.integers(-60, 60)))
@settings(max_examples=30, deadline=None)
def test_the_last_planning_day_is_the_first_that_sees_the_last_week(
    every: int, ahead: int, weeks: int, early: int | None
) -> None:
    """Plans of `ahead` weeks, made every so many: counted by division, as on the back of an envelope."""
    start = date(2027, 1, 4)
    today = None if early is None else start - timedelta(days=early)
    here = world(1, 1, weeks, planned_on=today, rolling=Rolling(every=every, ahead=max(ahead, every)))
    week = np.arange(weeks)
    found = months(here, SimpleNamespace(offers=SimpleNamespace(week=week)))  # type: ignore[arg-type]
    first = today or start - timedelta(weeks=max(ahead, every) - every)
    unseen = (start + timedelta(weeks=weeks - 1) - first).days - 7 * max(ahead, every)
    assert len(found) == (1 if unseen < 0 else 2 + floor(unseen / (7 * every)))
    assert [one.day for one in found] == [first + timedelta(weeks=every * n) for n in range(len(found))]
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    for one in found:
        assert [one.day + timedelta(days=int(days)) for days in one.until] == [
            start + timedelta(weeks=int(w)) for w in week
        ]
