"""Limits in step and what is left open, by hand and against trying everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import floor, inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.plans.fences import months
from kaopt.allocation.plans.pace import EASE, STIFF, Paced, paced, rounded, units, yielding
from kaopt.allocation.plans.window import window
from kaopt.scenario.settings import Rolling
from tests.allocation.programs import program, random_program
from tests.worlds import world


def step(one: Any, seen: int, outline: Any = None, offers: int | None = None) -> Paced:
    """In step where the first `seen` columns start in time; an outline of nothing said takes a half of every event."""
    columns = one.matrix.shape[1]
    later = (np.arange(columns) >= seen) & (np.arange(columns) < (columns if offers is None else offers))
    return paced(one, later, columns if offers is None else offers, np.array(outline or [0.5] * columns, float))


def test_a_budget_for_six_of_twelve_equal_events_opens_as_the_outline_spends_it() -> None:
    """Twelve events of 1, a budget of 6; the outline takes events 1, 2, 3, 9, 10 and 11."""
    one = program([0.0] * 12, [[1.0] * 12], high=6.0)
    outline = [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0]
    assert [step(one, seen, outline).program.row_high[0] for seen in (0, 2, 4, 9, 12)] == [0, 2, 3, 4, 6]


def test_what_the_outline_leaves_over_may_be_spent_at_once() -> None:
    one = program([0.0] * 4, [[1.0] * 4], high=3.0)
    assert step(one, 2, [1, 0, 0, 1]).program.row_high[0] == 2  # it uses 2 of 3, one of them later


def test_a_minimum_is_asked_for_what_the_outline_does_not_bring_later() -> None:
    sales = program([0.0] * 3, [[0.5, 0.25, 1.03]], low=0.9)
    assert step(sales, 2, [1.0, 0.4, 0.3]).program.row_low[0] == pytest.approx(0.9 - 0.309, abs=2 * EASE)
    assert step(sales, 2, [0, 0, 1]).program.row_low[0] < 0  # nothing yet
    assert step(sales, 3, [1, 1, 1]).program.row_low[0] == 0.9


def test_the_limits_of_a_row_keep_their_distance_however_short_the_plan_is() -> None:
    """Money to be spent to within 1 %: of shares of both limits with a little in hand, the lower would be above."""
    money = program([0.0] * 3, [[0.5, 0.25, 1.03]], low=1.0, high=1.01)
    for seen in (1, 2):
        now = step(money, seen, [1.0, 1.0, 0.25]).program
        assert now.row_high[0] - now.row_low[0] == pytest.approx(0.01, abs=3 * EASE)


def test_a_limit_written_with_the_other_sign_is_the_same_limit() -> None:
    """At least 3 of 4 is at most -3 of their negatives; 1.5 come later: 1.5 are left, so 1 is asked, 2 are allowed."""
    ones, minus = [[1.0] * 4], [[-1.0] * 4]
    outline = [1, 0.5, 0.75, 0.75]
    assert step(program([0.0] * 4, ones, low=3.0), 2, outline).program.row_low[0] == 1
    assert step(program([0.0] * 4, minus, high=-3.0), 2, outline).program.row_high[0] == -1
    assert step(program([0.0] * 4, ones, high=3.0), 2, outline).program.row_high[0] == 2
    assert step(program([0.0] * 4, minus, low=-3.0), 2, outline).program.row_low[0] == -2


def test_rows_that_lie_within_the_plan_hold_in_full_and_rows_behind_it_ask_nothing() -> None:
    one = program([0.0] * 4, [[1, 1, 0, 0], [0, 0, 1, 1]], low=2.0)
    assert step(one, 2, [1, 1, 1, 1]).program.row_low.tolist() == [2.0, 0.0]


def test_what_comes_later_is_closed_unless_it_is_signed() -> None:
    one = fixed(program([1.0] * 3, [[1.0] * 3], high=3.0), x2=(1, 1))
    now = step(one, 1, [1, 1, 1]).program
    assert (now.low.tolist(), now.high.tolist()) == ([0, 0, 1], [1, 0, 1])


def test_a_row_without_offers_is_nobodys_step() -> None:
    """The third column is a switch: what it may be at most has nothing to do with the weeks in sight."""
    one = program([0.0] * 3, [[0.0, 0.0, 1.0]], high=1.0)
    assert step(one, 0, [0.5, 0.5, 0.5], offers=2).program.row_high[0] == 1.0


def test_a_row_with_a_switch_asks_nothing_of_an_empty_plan() -> None:
    """An event only where its fee is paid: that the outline pays 0.4 of both is no reason to pay the fee today."""
    fee = program([0.0] * 3, [[1.0, 1.0, -2.0]], high=0.0)
    assert step(fee, 1, [0.4, 0.4, 0.4], offers=2).program.row_high[0] == 0.0
    budget = program([0.0] * 3, [[0.7, 0.61, 0.5]], high=1.0)  # the fee is paid out of it
    assert step(budget, 1, [1, 0.5, 0], offers=2).program.row_high[0] == pytest.approx(1 - 0.305, abs=2 * EASE)
    tier = program([0.0] * 3, [[0.7, 0.61, -1.0]], low=0.0)  # the tier counts what the outline sells later
    assert step(tier, 1, [1, 0.5, 1], offers=2).program.row_low[0] == pytest.approx(-0.305, abs=2 * EASE)
    less = program([0.0] * 3, [[0.7, -0.61, -1.0]], low=0.0)  # the outline takes something off later
    assert step(less, 1, [1, 0.5, 0], offers=2).program.row_low[0] == 0.0


@given(st.integers(0, 10**6), st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_plan_is_never_asked_for_more_than_its_weeks_can_give(seed: int, seen: int) -> None:
    """The outline itself, up to the end of the plan, keeps every limit in step; and the relaxation has a solution."""
    one = random_program(seed, columns=8, rows=5)
    year = milp(-one.cost, bounds=Bounds(one.low, one.high), constraints=within(one))
    if not year.success:
        return
    now = step(one, seen, list(year.x))
    part = np.where(np.arange(8) < seen, year.x, 0.0)
    used, room = one.matrix @ part, 1e-6 * (1 + abs(one.matrix) @ np.ones(8))
    assert (used >= now.program.row_low - room).all() and (used <= now.program.row_high + room).all()
    assert (now.program.row_low <= now.program.row_high).all()
    assert (now.full_low == one.row_low).all() and (now.full_high == one.row_high).all()
    if seen == 8:
        assert (now.program.row_low == one.row_low).all() and (now.program.row_high == one.row_high).all()


def within(one: Any) -> LinearConstraint:
    return LinearConstraint(one.matrix, one.row_low, one.row_high)


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
    for x in ((*early, 0, 0, 0) for early in product((0, 1), repeat=2)):  # what comes later is closed
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
