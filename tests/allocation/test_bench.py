"""A problem asked several times: further rows, plans to start from, exchanges, distances, and time that is shared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import inf
from typing import Any, cast

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.plans import bench as module
from kaopt.allocation.plans.alternatives import apart, nearest
from kaopt.allocation.plans.bench import Bench, Clock, Question, aimed, ask, bench_of, fitted, with_row
from kaopt.allocation.plans.lexicographic import VOLUME, Stage, keeping, note
from kaopt.allocation.problem import problem_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.search.swap import swapped
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.progress import silent
from tests.allocation.case import SETTINGS, plain
from tests.allocation.programs import program, try_everything
from tests.planning.small import events
from tests.worlds import plan

NOBODY = cast(Child, None)  # nothing is solved here


def laid_out(**rules: dict) -> Bench:
    """The plain world with one account, one SKU and three weeks, and its program; an event brings 2 000."""
    said = {name: (SETTINGS[name](**values),) for name, values in rules.items()}
    here = plain((1, 1, 3), rules=said)
    return bench_of(here, problem_of(here), RULES, NOBODY, silent)


def keeps(one: Program, x: np.ndarray) -> bool:
    """Every row by plain arithmetic."""
    used = one.matrix.toarray() @ x
    return bool(np.all(used >= one.row_low - 1e-6) and np.all(used <= one.row_high + 1e-6))


# --- another objective, a further row


def test_another_aim_keeps_rows_and_forgets_the_old_worth():
    """At most two of three: by 5, 3, 1 the first two (8); by 0, -1, 4 with 10 at hand the last one alone (14)."""
    base = program([5.0, 3.0, 1.0], [[1.0, 1.0, 1.0]], high=2.0)
    assert try_everything(base)[0] == 8.0
    value, x = try_everything(aimed(base, np.array([0.0, -1.0, 4.0]), 10.0))
    assert (value, x[1:].tolist()) == (14.0, [0.0, 1.0])
    assert base.cost.tolist() == [5.0, 3.0, 1.0] and base.offset == 0.0


@given(st.lists(st.floats(-50, 50, allow_nan=False).map(lambda v: round(v, 3)), min_size=4, max_size=4), st.data())
@settings(max_examples=30)
def test_a_further_row_shuts_out_exactly_what_is_outside_its_limits(entries, data):
    """Each of the 16 solutions, by the entries as they were given; limits lie between two of their values."""
    base = program([1.0] * 4, [[0.0] * 4])
    every = [np.array(one, float) for one in product((0, 1), repeat=4)]
    values = sorted({round(float(np.array(entries) @ x), 6) for x in every})
    cut = data.draw(st.sampled_from(values)) + 0.0004
    above, below = (with_row(base, "cut", np.array(entries), **side) for side in ({"low": cut}, {"high": cut}))
    for x in every:
        used = float(np.array(entries) @ x)
        if abs(used - cut) > 1e-4:
            row = below.matrix.toarray()[-1] @ x
            assert (row <= below.row_high[-1]) == (used <= cut)
            assert (above.matrix.toarray()[-1] @ x >= above.row_low[-1]) == (used >= cut)


def test_a_row_without_entries_is_taken_as_it_is():
    """Nothing is at most 3 and not at least 3; there is no largest entry to scale by."""
    more = with_row(program([1.0], [[1.0]]), "none", np.zeros(1), low=-inf, high=3.0)
    assert (more.matrix.toarray()[-1].tolist(), more.row_high[-1], more.row_low[-1]) == ([0.0], 3.0, -inf)


def test_dust_of_a_wide_column_widens_the_limits_by_its_whole_width():
    """An entry of 1e-9 beside 1 on a column from 0 to 50 can add 5e-8, which either limit allows for."""
    base = program([1.0, 1.0], [[1.0, 1.0]], upper=[1.0, 50.0])
    more = with_row(base, "more", np.array([1.0, -1e-9]), low=0.5, high=0.5)
    assert more.matrix.toarray()[-1].tolist() == [1.0, 0.0]
    assert (more.row_low[-1], more.row_high[-1]) == pytest.approx((0.5 - 5e-8, 0.5 + 5e-8), abs=1e-15)
    kept = with_row(base, "more", np.array([1.0, 2e-8]), high=1.0)
    assert np.count_nonzero(kept.matrix.toarray()[-1]) == 2  # above the mark it is no dust


def test_further_columns_start_at_their_lower_ends():
    base = replace(program([1.0, 1.0, 1.0], [[1.0, 1.0, 1.0]]), low=np.array([0.0, -2.0, 0.25]))
    assert fitted(base, np.array([1.0])).tolist() == [1.0, -2.0, 0.25]
    assert fitted(base, np.array([1.0, 0.0, 1.0])).tolist() == [1.0, 0.0, 1.0]


# --- a plan as a solution


@pytest.mark.parametrize("weeks", [(), (0,), (1, 2), (0, 1, 2)])
def test_a_plan_becomes_a_solution_and_a_plan_again(weeks):
    bench = laid_out()
    mine = plan(*[(0, 0, week, 1, 0) for week in weeks])
    x = bench.solution(mine)
    assert float(bench.program.cost @ x) + bench.program.offset == 2000.0 * len(weeks)
    assert events(bench.plan(x)) == events(mine)


@pytest.mark.parametrize(("count", "missing"), [(0, 3.0), (1, 2.0), (2, 1.0), (3, 0.0)])
def test_a_solution_has_what_a_soft_rule_misses_filled_in(count, missing):
    """Three promotions are wished for at 700 each that is missing: the objective pays for it, and every row holds."""
    bench = laid_out(promotion_count={"min": 3, "per": "account", "hard": False, "regret": 700.0})
    x = bench.solution(plan(*[(0, 0, week, 1, 0) for week in range(count)]))
    assert keeps(bench.program, x)
    paid = float(bench.program.cost @ x) - 2000.0 * count
    assert paid == pytest.approx(-700.0 * missing, abs=1e-6)


def test_what_was_missed_elsewhere_is_not_carried_along():
    """The neighbour's solution misses three; under a wish for one, the same plan without events misses one."""
    strict = laid_out(promotion_count={"min": 3, "per": "account", "hard": False, "regret": 700.0})
    easy = laid_out(promotion_count={"min": 1, "per": "account", "hard": False, "regret": 700.0})
    there = strict.solution(plan())
    assert float(strict.program.cost @ there) == pytest.approx(-2100.0)
    assert float(easy.program.cost @ easy.completed(there)) == pytest.approx(-700.0)


# --- exchanges


def test_a_swap_takes_the_cheapest_wish_in_the_same_block():
    """Event 0 (worth 10) is unwanted. In its block 1 is worth 9 and 2 worth 4; 3 is worth 10, but stands elsewhere."""
    base = program([10.0, 9.0, 4.0, 10.0], [[1.0, 1.0, 1.0, 0.0]], high=1.0)
    block, wish = np.array([0, 0, 0, 1]), np.array([-1.0, 1.0, 1.0, 1.0])
    assert swapped(base, np.array([1.0, 0, 0, 0]), block, wish).tolist() == [0, 1, 0, 0]


def test_a_swap_counts_what_it_loses_for_what_is_wished():
    """2 loses 6 for a wish of 3 more than -1 (1.5 a unit), 1 loses 4 for a wish of 1 more (2 a unit): 2 it is."""
    base = program([10.0, 6.0, 4.0], [[1.0, 1.0, 1.0]], high=1.0)
    wish = np.array([-1.0, 1.0, 3.0])
    assert swapped(base, np.array([1.0, 0, 0]), np.zeros(3, int), wish).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("worth", "limits", "expected"),
    [([10.0, 9.0, 8.0], {"high": [1.0, 5.0]}, [0, 0, 1]), ([10.0, 8.0, 9.0], {"low": [0.0, 4.0]}, [0, 1, 0])],
)
def test_a_swap_that_would_break_a_row_is_not_made(worth, limits, expected):
    """Money is 5 for event 0, 6 for 1 and 3 for 2: at most 5 refuses 1, at least 4 refuses 2, though cheapest each."""
    base = program(worth, [[1.0, 1.0, 1.0], [5.0, 6.0, 3.0]], **({"high": [1.0, inf]} | limits))
    made = swapped(base, np.array([1.0, 0, 0]), np.zeros(3, int), np.array([-1.0, 1.0, 1.0]))
    assert made.tolist() == expected


def test_a_fixed_event_is_neither_given_back_nor_taken():
    base = program([1.0, 1.0, 1.0, 1.0], [[1.0, 1.0, 1.0, 1.0]], high=2.0)
    locked = replace(base, low=np.array([1.0, 0, 0, 0]), high=np.array([1.0, 1.0, 0.0, 1.0]))
    wish = np.array([-1.0, -1.0, 1.0, 1.0])
    assert swapped(locked, np.array([1.0, 1, 0, 0]), np.zeros(4, int), wish).tolist() == [1, 0, 0, 1]


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_swaps_keep_every_row_and_the_number_of_events(seed):
    """In each block one event at most; money and a wish drawn by chance: as many events, and none less wished for."""
    luck = np.random.default_rng(seed)
    block = np.repeat(np.arange(3), 4)
    rows = np.vstack([(block == b).astype(float) for b in range(3)] + [luck.uniform(1, 9, 12).round(1)])
    x = np.zeros(12)
    x[[0, 5, 10]] = luck.integers(0, 2, 3)
    base = program(luck.uniform(1, 9, 12), rows, high=[1.0, 1.0, 1.0, float(rows[3] @ x) + luck.uniform(0, 3)])
    wish = np.where(x > 0.5, -1.0, 1.0)
    made = swapped(base, x, block, wish)
    assert keeps(base, made) and set(made.tolist()) <= {0.0, 1.0}
    for b in range(3):
        assert made[block == b].sum() == x[block == b].sum()
    assert wish @ made >= wish @ x


# --- distances


def away_of(known: list[np.ndarray]) -> list[np.ndarray]:
    return [np.where(x > 0.5, -1.0, 1.0) for x in known]


@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=3), st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_the_farthest_plan_is_that_of_counting_differences(known, most):
    """The distance column at its highest is the least number of differing events, and its maximum that of all plans."""
    rows = [np.array(one, float) for one in known]
    base = program([1.0] * 4, [[1.0] * 4], high=float(most))
    wide = apart(base, away_of(rows))
    allowed = [np.array(x, float) for x in product((0, 1), repeat=4) if sum(x) <= most]
    counted = {tuple(x): min(int(np.sum(x != one)) for one in rows) for x in allowed}
    for x in allowed:
        room = [d for d in range(5) if keeps(wide, np.append(x, d))]
        assert max(room) == counted[tuple(x)] == nearest(away_of(rows), x)
    value, best = try_everything(wide)
    assert value == max(counted.values()) == counted[tuple(best[:4])]


def test_the_distance_is_one_more_column_and_one_row_for_each_plan():
    base = replace(program([7.0, 7.0], [[1.0, 1.0]]), offset=99.0)
    wide = apart(base, away_of([np.array([1.0, 0.0]), np.array([1.0, 1.0])]))
    assert wide.matrix.shape == (3, 3) and wide.offset == 0.0
    assert wide.cost.tolist() == [0.0, 0.0, 1.0]
    assert (wide.high[-1], wide.integer[-1], wide.column_names[-1]) == (2.0, False, "distance")
    assert wide.row_names[-2:] == ("distance 0", "distance 1")
    assert wide.row_low[-2:].tolist() == [-1.0, -2.0]


def test_switches_and_shortfalls_are_no_part_of_a_distance():
    """Two events and a third column that is none: it may stand as it likes."""
    away = away_of([np.array([1.0, 0.0])])
    for rest in (0.0, 1.0):
        assert nearest(away, np.array([0.0, 1.0, rest])) == 2.0
    wide = apart(program([1.0, 1.0, 1.0], [[0.0, 0.0, 1.0]]), away)
    assert sp.csr_matrix(wide.matrix).toarray()[-1].tolist() == [-1.0, 1.0, 0.0, -1.0]


# --- stages


@pytest.mark.parametrize(("level", "least"), [(200.0, 190.0), (-200.0, -210.0), (0.0, 0.0)])
def test_a_level_is_kept_less_the_tolerance_of_its_size(level, least):
    """5 % of 200 is 10, of a loss of 200 too; the stage's own offset is no matter of the row."""
    stage = Stage("volume", "case", np.array([1.0, 1.0]), 30.0)
    made = keeping(program([9.0, 9.0], [[1.0, 1.0]]), stage, level, 0.05)
    scale = made.matrix.toarray()[-1][0]
    assert made.row_low[-1] / scale + 30.0 == pytest.approx(least)
    assert (made.row_high[-1], made.row_names[-1]) == (inf, "stage [volume]")
    assert made.cost.tolist() == [9.0, 9.0]


def test_a_stage_that_was_not_reached_says_so():
    stage = Stage(VOLUME, "case", np.zeros(1), 0.0)
    assert note(2, stage, None, {}) == f"stage 2, {VOLUME}: not reached before the search was stopped"


# --- time


def test_time_that_one_question_leaves_goes_to_the_next(monkeypatch):
    """90 seconds for three: 30 for the first, which takes 10; 40 for the second, which takes all; 40 are left."""
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    clock = Clock(90.0, 3)
    shares: list[Any] = []
    for used in (10.0, 40.0, 60.0):
        shares.append(clock.share())
        now[0] += used
    assert shares == [30.0, 40.0, 40.0]
    assert clock.share() == 0.1  # late, but never no time at all


def test_a_question_tells_the_search_where_its_columns_stand(monkeypatch):
    """Blocks of account-SKUs are what large programs are searched by; further columns stand nowhere."""
    bench = laid_out(promotion_count={"min": 3, "per": "account", "hard": False, "regret": 700.0})
    here, problem, heard = bench.world, bench.problem, []
    monkeypatch.setattr("kaopt.allocation.plans.bench.search", lambda program, aim, child: heard.append(aim))
    ask(bench, Question(bench.program))
    (aim,) = heard
    count = len(problem.offers)
    block = problem.offers.account * len(here.skus.sku) + problem.offers.sku
    assert aim.places.block[:count].tolist() == block.tolist()
    assert aim.places.week[:count].tolist() == problem.offers.week.tolist()
    assert len(aim.places.block) > count and (aim.places.block[count:] == -1).all()
    assert len(aim.places.block) == bench.program.matrix.shape[1]
