"""Blocks against trying everything: calendars, prices that prove a bound, a walk whose plans keep every row."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from math import inf
from time import monotonic

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.allocate import allocate
from kaopt.allocation.blocks.improve import packing, plans, settled_later
from kaopt.allocation.blocks.kernels import NEVER, best_years, change, counted_year, used
from kaopt.allocation.blocks.prices import answer, ascend, duals_of, reach_of_prices
from kaopt.allocation.blocks.structure import Blocks, Places, blocks_of, covers
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import Problem, from_arrays, places_of, problem_of
from kaopt.allocation.search import search as room
from kaopt.allocation.search.certify import safe_bound
from kaopt.allocation.search.finding import Aim, Search
from kaopt.allocation.search.gate import gate
from kaopt.allocation.search.opening import opening
from kaopt.allocation.search.relax import relax
from kaopt.allocation.search.settle import settle
from kaopt.allocation.solver.exact import feasible, worth
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.errors import InfeasibleError, InputError
from kaopt.scenario.model import Scenario
from tests.allocation.programs import packing_program, program, try_everything
from tests.allocation.strategies import ruled, worlds

NOW = (inf, inf)


def packed(seed: int, blocks: int = 3, weeks: int = 4, kinds: int = 1) -> tuple[Program, Blocks]:
    """One event at a time in each block, blocked for a week after; a budget for all, a minimum per block."""
    one = packing_program(seed, blocks, weeks, kinds)
    size = weeks * kinds
    place = Places(np.arange(blocks * size) // size, np.arange(blocks * size) // kinds % weeks)
    found = blocks_of(one, place)
    assert found is not None
    return one, found


# what a program's blocks are


def test_blocks_are_read_off_the_matrix() -> None:
    """Three blocks of four weeks: an event blocks its own week and the next; budget and minima link."""
    one, found = packed(1)
    assert len(found) == 3 and found.events == 12 and found.first.tolist() == [0, 4, 8, 12]
    assert found.end.tolist() == [2, 3, 4, 4] * 3
    assert found.linking.tolist() == [12, 13, 14, 15]
    assert sorted(zip(found.cover_block.tolist(), found.cover_week.tolist(), strict=True)) == [
        (b, w) for b in range(3) for w in range(4)
    ]
    assert one.matrix.shape[0] == len(found.linking) + len(found.cover)


def test_rows_that_only_look_like_cover_rows_are_none() -> None:
    rows = [[1, 1, 0], [1, 0, 1], [1, 2, 0], [1, 1, 0], [1, 1, 0], [0, 0, 0]]
    low, high = np.array([-inf] * 4 + [1.0, -inf]), np.array([1, 1, 1, 2, 1, 1.0])
    one = program([1, 1, 1], rows, low=low, high=high)
    # one block; two blocks; unlike; at most two; at least one as well; empty
    assert covers(one, np.array([0, 0, 1])).tolist() == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("block", "week"), [([0, 0, 0], [0, 1, 2]), ([0, -1, 1], [0, 0, 0]), ([1, 0, 0], [0, 0, 1]), ([0, 0, 1], [1, 0, 0])]
)
def test_no_blocks_where_there_are_none_to_speak_of(block: list[int], week: list[int]) -> None:
    """A single block; a loose column among the events; blocks or weeks out of order."""
    one = program([1, 1, 1], [[1, 1, 1]], high=1)
    assert blocks_of(one, Places(np.array(block), np.array(week))) is None
    assert blocks_of(one, None) is None


def test_a_row_that_counts_the_whole_year_limits_the_calendar() -> None:
    one, _ = packed(1)
    count = np.zeros((1, 12))
    count[0, 4:8] = 1.0
    more = replace(
        one,
        matrix=sp.csr_matrix(sp.vstack([one.matrix, count])),
        row_low=np.append(one.row_low, -inf),
        row_high=np.append(one.row_high, 1.0),
    )
    found = blocks_of(
        replace(more, row_high=np.append(one.row_high, 2.0)), Places(np.arange(12) // 4, np.arange(12) % 4)
    )
    assert found is not None
    assert found.most.tolist() == [5, 2, 5]  # the others: no more than fit


# calendars


def calendars(luck: np.random.Generator, most: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Two random blocks of up to 7 events over 6 weeks."""
    sizes = luck.integers(1, 8, 2)
    week = np.concatenate([np.sort(luck.integers(0, 6, size)) for size in sizes])
    end = week + luck.integers(1, 4, len(week))
    calendar = (np.cumsum([0, *sizes]), week, end, np.full(2, most), 9)
    value = luck.normal(2, 3, len(week))
    return np.where(luck.random(len(week)) < 0.15, NEVER, value), calendar


def best_by_trial(value: np.ndarray, calendar: tuple[np.ndarray, ...], block: int) -> float:
    first, week, end, most, _ = calendar
    inside, best = range(first[block], first[block + 1]), 0.0
    for size in range(1, most[block] + 1):
        for chosen in combinations(inside, size):
            if all(end[o] <= week[p] for o, p in pairwise(chosen)):
                best = max(best, float(value[list(chosen)].sum()))
    return best


@given(st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_calendars_are_the_best_there_are(seed: int) -> None:
    luck = np.random.default_rng(seed)
    value, calendar = calendars(luck, 7)
    rest, x = np.zeros((2, 10)), np.zeros(len(value))
    total = best_years(value, calendar, rest, x)
    trials = [best_by_trial(value, calendar, b) for b in (0, 1)]
    assert rest[:, 0] == pytest.approx(trials) and total == pytest.approx(sum(trials))
    assert value[x > 0].sum() == pytest.approx(total)  # and the choice is one that earns it
    for most in (0, 1, 2):
        few = (*calendar[:3], np.full(2, most), 9)
        best, pick = np.zeros((10, most + 1)), np.empty((9, most + 1), np.int64)
        counted_year(value, 0, few, best, pick)
        assert best[0, most] == pytest.approx(best_by_trial(value, few, 0))


def test_change_is_what_the_rows_say() -> None:
    """One event that uses 2 of a row at most 3 held at 2, priced 0.5 and fined 10: pays 1 for use, 10 for 1 beyond."""
    columns = (np.array([0, 1]), np.array([0]), np.array([2.0]))
    rows = tuple(np.array([one]) for one in (2.0, -inf, 3.0, 0.5, 10.0))
    assert change(0, 1.0, columns, rows, False) == pytest.approx(-11.0)
    assert rows[0][0] == 2.0
    assert change(0, 1.0, columns, rows, True) == pytest.approx(-11.0)
    assert rows[0][0] == 4.0
    assert change(0, -1.0, columns, rows, False) == pytest.approx(11.0)


# prices


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_any_prices_bound_the_optimum(seed: int) -> None:
    one, found = packed(seed)
    best, _ = try_everything(one)
    luck = np.random.default_rng(seed)
    low, high = reach_of_prices(found)
    for scale in (0.0, 0.3, 3.0):
        y = np.clip(luck.normal(0, scale, len(low)), low, high)
        assert answer(found, y).bound >= best - 1e-9
        assert safe_bound(one, duals_of(found, y)) >= best


@pytest.mark.parametrize("seed", range(8))
def test_prices_come_close_to_the_relaxation(seed: int) -> None:
    """Calendars are integral, so the best prices give the relaxation's value; the program's own duals agree."""
    one, found = packed(seed, blocks=12, weeks=8, kinds=2)
    value = relax(one, Limits(seconds=20)).value
    prices = ascend(found)
    assert value - 1e-6 <= prices.bound <= value * 1.01
    assert safe_bound(one, duals_of(found, prices.linking)) == pytest.approx(prices.bound, rel=1e-9)
    assert ascend(found, sweeps=20, start=prices.linking).bound <= prices.bound * 1.001


def test_a_price_is_never_above_what_missing_costs() -> None:
    """A soft minimum at a regret of 2: its price lies between -2 and 0; a hard maximum's is not limited above."""
    body = [[1, 1, 1, 0], [1, 1, 0, 0]]
    one = program([1, 1, -2, 0], body, low=np.array([2, -inf]), high=np.array([inf, 1.0]))
    one = replace(one, integer=np.array([True, True, False, True]))
    found = blocks_of(replace(one), Places(np.array([0, 1, -1, -1]), np.array([0, 0, -1, -1])))
    assert found is not None
    low, high = reach_of_prices(found)
    assert low.tolist() == [-2.0, 0.0] and high.tolist() == [0.0, inf]


def test_columns_that_must_be_in_are_in_every_answer() -> None:
    one, found = packed(3)
    low, high = np.zeros(12), np.ones(12)
    low[5], high[0] = 1.0, 0.0
    held = replace(found, program=replace(one, low=low, high=high, cost=np.full(12, -1.0)))
    now = answer(held, np.zeros(len(found.linking)))
    assert now.x[5] == 1.0 and now.x[0] == 0.0
    assert now.bound == pytest.approx(-1.0)  # all others cost and stay out


# the walk


@given(st.integers(0, 10_000))
@settings(max_examples=4, deadline=None)
def test_plans_of_a_walk_keep_every_row_and_get_better(seed: int) -> None:
    one, found = packed(seed, blocks=6, weeks=6, kinds=2)
    values = []
    for x in plans(found, ascend(found, sweeps=60), seed=0, until=NOW, passes=20):
        held = feasible(one, x)
        assert held is not None
        values.append(worth(one, held))
    assert values == sorted(values)
    if values:
        assert values[-1] <= relax(one, Limits(seconds=20)).value + 1e-6


@pytest.mark.thorough
@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_plans_of_a_walk_keep_every_row_and_get_better_more_often(seed: int) -> None:
    test_plans_of_a_walk_keep_every_row_and_get_better.hypothesis.inner_test(seed)


def test_a_walk_nears_the_optimum_and_repeats_itself() -> None:
    gaps = []
    for seed in range(6):
        one, found = packed(seed, blocks=10, weeks=8, kinds=2)
        prices = ascend(found)
        first, again = ([*plans(found, prices, seed=1, until=NOW)][-1] for _ in range(2))
        assert np.array_equal(first, again)
        gaps.append(prices.bound / worth(one, first) - 1)
    assert max(gaps) < 0.1 and np.median(gaps) < 0.04


def test_rows_by_what_can_be_done_about_them() -> None:
    """Events 0, 1; switch 2: x0 + x1 <= 2 packs, x0 <= z, z <= x0, z <= 1, and an amount of all three."""
    rows = [[1, 1, 0], [1, 0, -1], [-1, 0, 1], [0, 0, 1], [3, 2, 1]]
    one = program([5, 4, -1], rows, high=np.array([2.0, 0, 0, 1, 4]))
    found = blocks_of(one, Places(np.array([0, 1, -1]), np.array([0, 0, -1])))
    assert found is not None and len(found.linking) == 5
    assert packing(found).tolist() == [True, False, False, False, False]
    none = np.zeros(0, np.int64)
    assert settled_later(found, none).tolist() == [False, True, True, True, False]
    off = replace(found, program=replace(one, high=np.array([1.0, 1, 0])))  # switched off, it lets no event through
    assert settled_later(off, none).tolist() == [False, False, True, True, False]
    assert used(np.array([1.0, 0, 1]), found.columns, 5).tolist() == [1, 0, 0, 1, 4]


# columns beside the events


def fees() -> Program:
    """Two events worth 5 and 4 that each need the switch (2); a soft minimum of 1.5 at a regret of 1."""
    rows = [[1, 0, -1, 0], [0, 1, -1, 0], [1, 1, 0, 1]]
    low, high = np.array([-inf, -inf, 1.5]), np.array([0.0, 0.0, inf])
    one = program([5, 4, -2, -1], rows, low=low, high=high, upper=np.array([1, 1, 1, 9.0]))
    return replace(one, integer=np.array([True, True, True, False]))


@pytest.mark.parametrize(
    ("events", "beside", "value"), [([0, 0], [0, 1.5], -1.5), ([1, 0], [1, 0.5], 2.5), ([1, 1], [1, 0], 7.0)]
)
def test_what_stands_beside_the_events_is_settled_by_hand(events: list[int], beside: list[float], value: float) -> None:
    with Child() as child:
        found = settle(fees(), np.array([*events, 1, 9.0]), 2, child)
    assert found is not None
    assert found.tolist() == pytest.approx([*events, *beside]) and worth(fees(), found) == pytest.approx(value)


def test_nothing_is_settled_where_nothing_can() -> None:
    shut = replace(fees(), high=np.array([1, 1, 0, 9.0]))
    with Child() as child:
        assert settle(shut, np.array([1, 0, 0, 0.0]), 2, child) is None
        alone = program([1, 1], [[1, 1]], high=1)
        assert settle(alone, np.array([1.0, 1.0]), 2, child) is None
        assert settle(alone, np.array([1.0, 0.0]), 2, child) is not None


# everything together


@given(here=st.one_of(ruled(), worlds()))
@settings(max_examples=10, deadline=None)
def test_an_opening_never_claims_too_much(here: Scenario) -> None:
    """Random rules on small worlds: plan <= optimum <= bound, whatever the walk and the prices did."""
    try:
        made = problem_of(here)
        one = gate(from_arrays(made)).program
    except (InfeasibleError, InputError):
        return
    blocks = blocks_of(one, places_of(here, made.offers, one.matrix.shape[1]))
    if blocks is None:
        return
    with Child() as child:
        found = Search(one, Aim(0.0, Limits(seconds=30)), child)
        opening(found, blocks)
        best = solve(one, Limits(seconds=30, gap=1e-9), child=child)
    if best.x is None:
        assert found.x is None
        return
    slack = 1e-6 * max(1.0, abs(best.objective))
    assert found.bound >= best.objective - slack
    assert found.x is None or found.objective <= best.objective + slack


@pytest.mark.thorough
@given(here=st.one_of(ruled(), worlds()))
@settings(max_examples=30, deadline=None)
def test_an_opening_never_claims_too_much_more_often(here: Scenario) -> None:
    test_an_opening_never_claims_too_much.hypothesis.inner_test(here)


def test_a_limit_that_was_used_up_before_the_search_still_gives_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.generator import draw, read

    monkeypatch.setattr(room, "SMALL", 100)
    world = read(draw("S1", 3), "solve.engine=arrays", "solve.time_limit=1")
    late = replace(problem_of(world), seconds=1e6)
    begun = monotonic()
    plan = allocate(world, problem=late)
    assert plan.certificate is not None and plan.certificate.status == "stopped"
    assert plan.certificate.breaches == () == evaluate(world, plan).breaches
    assert 0 < plan.certificate.gap < 1 and len(plan) > 0
    assert monotonic() - begun < 60


def test_problem_counts_its_own_seconds() -> None:
    from tests.worlds import world

    made = problem_of(world())
    assert isinstance(made, Problem) and 0 < made.seconds < 60
