"""The rolling plan by hand: paces, what is left open, fences, and what looking only some weeks ahead costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import kaopt as ka
from kaopt.allocation.plans.bench import bench_of, with_row
from kaopt.allocation.plans.fences import months, year_today
from kaopt.allocation.plans.pace import paced, yielding
from kaopt.allocation.plans.rolling import Year, planned
from kaopt.allocation.plans.window import window
from kaopt.allocation.problem import problem_of
from kaopt.allocation.rules import RULES, promotion_count
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import InfeasibleError
from kaopt.scenario.model import BudgetLine, Lock
from kaopt.scenario.settings import Objective, Rolling, Solve
from tests.worlds import world


def program(matrix, low, high, *, whole=None, ends=(0.0, 1.0), cost=None) -> Program:
    body = sp.csr_matrix(np.array(matrix, float))
    rows, columns = body.shape
    return Program(
        cost=np.ones(columns) if cost is None else np.array(cost, float),
        offset=0.0,
        matrix=body,
        row_low=np.array(low, float),
        row_high=np.array(high, float),
        low=np.full(columns, ends[0]),
        high=np.full(columns, ends[1]),
        integer=np.ones(columns, bool) if whole is None else np.array(whole),
        row_names=tuple(f"row {i}" for i in range(rows)),
    )


def test_where_the_pace_cannot_be_kept_it_gives_way_but_full_limits_do_not() -> None:
    both = program([[1.0, 0.9, 0.8], [1.0, 0.9, 0.8]], [2.0, -np.inf], [np.inf, 2.2])
    step = paced(both, np.array([False, True, True]), 3, np.array([0.0, 0.5, 0.5]))
    soft = yielding(step)
    assert soft.matrix.shape == (2, 3 + 2)  # the minimum, and the limit in step
    short, over = soft.matrix.toarray()[:, 3], soft.matrix.toarray()[:, 4]
    assert short.tolist() == [1.0, 0.0] and over.tolist() == [0.0, -1.0]
    assert soft.high[4] == pytest.approx(2.2 - step.program.row_high[1])
    assert soft.cost[3:].tolist() == [-10.0, -10.0] and not soft.integer[3:].any()
    assert np.isfinite(soft.high).all()


@st.composite
def settled_programs(draw):
    columns, rows = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    entries = st.integers(-3, 3)
    matrix = draw(st.lists(st.lists(entries, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    high = draw(st.lists(st.integers(-1, 4), min_size=rows, max_size=rows))
    cost = draw(st.lists(entries, min_size=columns, max_size=columns))
    ends = draw(st.lists(st.sampled_from([(0, 0), (1, 1), (0, 1)]), min_size=columns, max_size=columns))
    one = program(matrix, [-5.0] * rows, high, cost=cost)
    return replace(one, low=np.array([a for a, _ in ends], float), high=np.array([b for _, b in ends], float))


def best(one: Program) -> tuple[float, tuple[float, ...]] | None:
    """By trying everything."""
    ends = [sorted({int(a), int(b)}) for a, b in zip(one.low, one.high, strict=True)]
    found = []
    for x in product(*ends):
        used = one.matrix @ np.array(x, float)
        if np.all(used >= one.row_low - 1e-9) and np.all(used <= one.row_high + 1e-9):
            found.append((float(one.cost @ np.array(x, float)), tuple(map(float, x))))
    return max(found, default=None)


@given(settled_programs())
@settings(max_examples=200, deadline=None)
def test_the_open_part_has_the_same_best_plan(one: Program) -> None:
    part, whole = window(one), best(one)
    inside = best(part.program) if part.possible else None
    assert (whole is None) == (inside is None)
    if whole is not None and inside is not None:
        full = part.widened(np.array(inside[1]))
        assert float(one.cost @ full) == pytest.approx(whole[0])
        used = one.matrix @ full
        assert np.all(used <= one.row_high + 1e-9) and np.all(used >= one.row_low - 1e-9)


# one account, one SKU that sells more from week to week; a one-week display each, profit as the aim
RISING = np.array([100.0, 110, 120, 130, 140, 150, 160, 170])


def rising(**more):
    kinds = {"treatment": ["display"], "family": ["display"], "display": [1.0], "weekly_cost": [300.0]}
    kinds |= {"depth": [0.0], "slots": [0], "lengths": [(1,)], "lead_time": [more.pop("lead", 7)]}
    return world(
        1,
        1,
        8,
        treatment_columns=kinds,
        base_cases=RISING[None, None, :].copy(),
        objective=Objective(maximize="profit"),
        solve=Solve(gap=0.0),
        account_columns={"notice_days": [more.pop("notice", 60)]},
        **more,
    )


def at_most(count: int):
    return {"promotion_count": (promotion_count.Settings(max=count, per="total"),)}


def gain(week: int) -> float:
    """What a display earns: uplift e^0.6 on the week's base at a margin of 25, less 300."""
    return float(RISING[week - 1] * (np.exp(0.6) - 1) * 25 - 300)


def test_the_only_display_of_the_year_is_kept_for_the_best_week_out_of_sight() -> None:
    """Sales rise every week. The first plan reaches week 4; the outline says that week 8 is worth waiting for."""
    start = date(2027, 1, 4)
    early = {"rules": at_most(1), "planned_on": start - timedelta(days=14)}
    heard = []
    found = ka.allocate(rising(**early, rolling=Rolling(every=2, ahead=6)), save=lambda plan: heard.append(len(plan)))
    assert found.week.tolist() == ka.allocate(rising(**early)).week.tolist() == [7]
    assert heard[0] == 0  # on the first day there is nothing to sign
    proof = found.certificate
    assert proof is not None and proof.objective == pytest.approx(gain(8)) and proof.status == "rolling"
    assert proof.bound == pytest.approx(gain(8), rel=1e-6) and proof.gap == pytest.approx(0, abs=1e-6)
    assert "price of planning by months" in proof.notes[1]


def test_who_sees_the_whole_horizon_plans_it_as_at_once() -> None:
    rolling = rising(rules=at_most(3), rolling=Rolling(every=4, ahead=60), planned_on=date(2026, 12, 1))
    found, at_once = ka.allocate(rolling), ka.allocate(replace(rolling, rolling=None))
    assert found.week.tolist() == at_once.week.tolist() == [5, 6, 7]
    assert len(months(rolling, problem_of(rolling))) == 1


def year(bench):
    return Year(bench, relax(bench.program, Limits(seconds=20.0), child=bench.child))


@pytest.mark.parametrize(
    ("lead", "notice", "week"),
    [
        (7, 7, None),  # neither told nor prepared: what was planned gives way to a better week
        (35, 35, 4),  # the mechanic is being prepared: it stays
        (7, 60, 4),  # the account has been told the date: it stays promoted
    ],
)
def test_an_open_event_may_be_dropped_a_frozen_or_slushy_one_may_not(lead: int, notice: int, week: int | None) -> None:
    """Week 4 was planned, one display a year is allowed, week 8 is better and comes into sight later."""
    how = {"planned_on": date(2026, 12, 21), "rolling": Rolling(every=2, ahead=6)}
    one = rising(lead=lead, notice=notice, rules=at_most(1), **how)
    problem = problem_of(one)
    weeks = problem.offers.week + 1
    with Child() as child:
        bench = bench_of(one, problem, RULES, child, lambda _: None)
        before = (weeks == 4).astype(float)
        found, behind = planned(year(bench), months(one, problem)[1], before, 20.0)
    assert found.x is not None and not behind
    assert weeks[found.x[: len(weeks)] > 0.5].tolist() == ([] if week is None else [week])


def test_where_no_whole_event_fits_into_limits_in_step_these_give_way() -> None:
    """2 to 2.01 are to be used, 1 by a display of weeks 1 to 6, 1.1 by a later one. The outline takes week 8 and nine
    tenths of week 6, so that 0.9 to 0.91 are left for the weeks in sight: nothing is too little, one is a little more.
    """
    one = rising(lead=7, notice=7, planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=8))
    problem = problem_of(one)
    with Child() as child:
        bench = bench_of(one, problem, RULES, child, lambda _: None)
        used = np.zeros(bench.program.matrix.shape[1])
        used[:8] = [1.0] * 6 + [1.1] * 2
        bench = replace(bench, program=with_row(bench.program, "to be used", used, low=2.0, high=2.01))
        found, behind = planned(year(bench), months(one, problem)[0], used * 0, 20.0)
    assert found.x is not None and behind
    assert np.flatnonzero(found.x[:8]).tolist() == [5]


def test_planning_days_follow_each_other_until_every_week_was_in_sight() -> None:
    one = rising(planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=6))
    days = [month.day for month in months(one, problem_of(one))]
    assert days == [date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 18)]
    unsaid = replace(one, planned_on=None)
    first = months(unsaid, problem_of(unsaid))[0]
    assert first.day == date(2027, 1, 4) - timedelta(weeks=4)
    assert first.until[0] == 28 and first.until[-1] == 28 + 7 * 7


def test_fences_of_one_planning_day() -> None:
    one = rising(lead=14, notice=28, planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=6))
    problem = problem_of(one)
    with Child() as child:
        bench = bench_of(one, problem, RULES, child, lambda _: None)
        second = months(one, problem)[1]  # on the first day of week 1
        before = np.zeros(problem.offers.columns)
        before[[1, 3]] = 1.0  # weeks 2 and 4 were planned
        today = year_today(bench, second, before)
    step = today.program
    low, high = step.low[:8].tolist(), step.high[:8].tolist()
    assert low == [0, 1, 0, 0, 0, 0, 0, 0]  # week 2 is inside 14 days: frozen
    assert high == [0, 1, 1, 1, 1, 1, 1, 1]  # week 1 is too late
    assert today.later[:8].tolist() == [False] * 6 + [True] * 2  # weeks 7 and 8 are not in sight
    assert step.row_names[-1] == "told [0]" and step.matrix.toarray()[-1, :8].tolist() == [0, 0, 0, 1, 0, 0, 0, 0]


def test_the_year_budget_holds_and_what_is_saved_may_be_spent_later() -> None:
    line = BudgetLine("total", np.ones(1, bool), np.ones(8, bool), np.ones(1, bool), 0.0, 1500.0)  # 5 displays
    plan = ka.allocate(
        rising(budget=(line,), planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=6), lead=7, notice=7)
    )
    assert len(plan) == 5
    assert plan.certificate is not None and plan.certificate.breaches == ()


def test_a_lock_beyond_sight_is_known_from_the_first_day() -> None:
    lock = Lock(0, 0, 7, 1, -1, "must")
    plan = ka.allocate(
        rising(rules=at_most(1), locks=(lock,), planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=6))
    )
    assert plan.week.tolist() == [7]  # the one event of the year is not spent before


def test_what_months_have_made_impossible_is_said_and_never_reported_as_a_plan() -> None:
    """Two displays in the horizon's last week cannot be: the account has room for none, and sales must reach it."""
    need = promotion_count.Settings(min=6, per="total")
    closed = np.zeros((1, 1, 1, 8), bool)
    closed[..., 3:] = True  # six events wanted, five weeks open
    with pytest.raises(InfeasibleError, match="planned month by month"):
        ka.allocate(
            rising(
                rules={"promotion_count": (need,)},
                eligible=closed,
                planned_on=date(2026, 12, 21),
                rolling=Rolling(every=2, ahead=6),
            )
        )


def test_every_month_is_told() -> None:
    heard = []
    ka.allocate(
        rising(rules=at_most(2), planned_on=date(2026, 12, 21), rolling=Rolling(every=2, ahead=6)),
        listener=lambda one: heard.append(one) if one.stage == "rolling" else None,
    )
    assert [(one.done, one.total) for one in heard] == [(1, 3), (2, 3), (3, 3)]
    assert heard[0].message == "planned on 2026-12-21"
