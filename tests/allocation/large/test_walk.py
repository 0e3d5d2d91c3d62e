"""The walk from almost a plan to a plan: what breaks nothing breaks nothing for the judge either."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large.ascent import Prices, ascend, desk_at
from kaopt.allocation.large.plans import plan_at
from kaopt.allocation.large.shard import Shard, shard_of
from kaopt.allocation.large.walk import (
    CHEAPER,
    DEARER,
    LEAST_DEARER,
    SOFTER,
    STIFFER,
    STIFFEST,
    Room,
    Step,
    adapted,
    decided,
    held,
    limits,
    mean_worth,
    outside,
    room_of,
    settle,
    state_of,
    tolerance,
    walked,
)
from kaopt.allocation.rules import RULES
from kaopt.errors import InputError
from kaopt.scenario.model import Scenario
from tests.allocation.large.shards import calendars, columns, linking, switched
from tests.allocation.large.small import around_a_plan
from tests.allocation.strategies import ruled

QUIET = settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))


def room(shard: Shard) -> Room:
    return room_of(shard, shard.rows.low, shard.rows.high)


def steps(shard: Shard, passes: int = 8, **how: Any) -> list[Step]:
    """A walk from what the ascent mostly took."""
    return list(walked(shard, room(shard), ascend(desk_at(shard), sweeps=60), passes=passes, **how))


@QUIET
@given(st.one_of(around_a_plan(), ruled()))
def test_a_plan_that_breaks_nothing_has_no_breach(world: Scenario) -> None:
    """Without fees and tiers every row is about events alone; worths are those of the judge."""
    bare = replace(world, fees=(), rebates=(), rules={n: one for n, one in world.rules.items() if n != "max_losing"})
    try:
        shard = shard_of(bare, None, RULES)
    except InputError:
        assume(False)
    assume(not shard.never and not len(shard.switched))
    for one in steps(shard):
        assert one.worth == pytest.approx(float(shard.columns.cost @ one.chosen), abs=1e-9)
        taken = [set(np.flatnonzero(one.chosen))]
        for b in range(shard.columns.blocks):
            mine = tuple(o for o in range(shard.columns.first[b], shard.columns.first[b + 1]) if o in taken[0])
            assert one.broken > 0 or mine in calendars(shard.columns, b)
        if one.broken == 0:
            judged = evaluate(bare, plan_at(room(shard), one.chosen))
            assert not judged.breaches
            assert not judged.missed


def slots() -> Shard:
    """Three blocks of worths 5, 4, 3 for two places of half a unit, each with something lesser beside; a budget of 3
    of which the dear ones use 2 each."""
    blocks = [[(0, 1, v, {0: 0.5, 1: 2.0}), (1, 2, 1.0, {1: 0.5})] for v in (5.0, 4.0, 3.0)]
    return Shard(columns(blocks, 2), switched([], rows=2), linking([-np.inf, -np.inf], [1.2, 4.5]))


def test_rows_that_count_alike_are_packs_of_whole_places() -> None:
    found = room(slots())
    assert (found.packs.tolist(), found.sums.tolist(), found.room.tolist()) == ([0], [1], [2])
    assert (found.low.tolist(), found.high.tolist(), found.lost) == ([-np.inf], [4.5], False)
    assert found.pack_columns[1].tolist() == [0, 0, 0]
    assert found.sum_columns[2].tolist() == [2.0, 0.5] * 3


@pytest.mark.parametrize(
    ("rows", "packs"),
    [
        (linking([-np.inf], [1.0]), [0]),
        (linking([-np.inf], [1.0], regret=2.0), []),  # soft
        (linking([1.0], [2.0]), []),  # at least
        (linking([0.0], [np.inf]), []),  # no limit above
    ],
)
def test_only_hard_rows_with_a_most_are_packs(rows: Any, packs: list[int]) -> None:
    events = columns([[(0, 1, 1.0, {0: 1.0})], [(0, 1, 1.0, {0: 1.0})]], 2)
    found = room(Shard(events, switched([], rows=1), rows))
    assert (found.packs.tolist(), found.sums.tolist()) == (packs, [] if packs else [0])


def test_a_pack_has_no_more_places_than_events() -> None:
    """A crumb of use against a large limit would be 10^18 places."""
    events = columns([[(0, 1, 1.0, {0: 1e-12})], [(0, 1, 1.0, {0: 1e-12})]], 2)
    shard = Shard(events, switched([], rows=1), linking([-np.inf], [1e6]))
    assert room(shard).room.tolist() == [2]
    assert steps(shard, passes=2)[-1].worth == 2.0


def test_crumbs_of_rounding_are_no_part_of_a_sum() -> None:
    events = columns([[(0, 1, 1.0, {0: 1.4e-14})], [(0, 1, 1.0, {0: 5.0})]], 2)
    found = room(Shard(events, switched([], rows=1), linking([-np.inf], [7.0])))
    assert (found.sum_columns[0].tolist(), found.sum_columns[2].tolist()) == ([0, 0, 1], [5.0])


def test_a_row_that_switches_break_lets_no_plan_through() -> None:
    """No event stands in it: one account may lose, and two do; a tier follows its events and is no reason."""
    events = columns([[(0, 1, 1.0, {})]], 2)
    rows, what = linking([-np.inf], [1.0]), switched([0.0, 0.0], [[1.0, 1.0]])
    assert not room_of(Shard(events, what, rows), rows.low, rows.high - 1).lost
    shard = Shard(events, what, rows)
    lost = room_of(shard, rows.low, rows.high - 2)
    assert lost.lost
    prices = Prices(np.zeros(1), 0.0, np.ones(1), np.zeros(2))
    assert all(one.broken == np.inf for one in walked(shard, lost, prices, passes=2))
    tiers = replace(rows, private=np.array([True]))
    assert not room_of(Shard(events, what, tiers), rows.low, rows.high - 2).lost
    soft = replace(rows, regret=np.array([1.0]))
    assert not room_of(Shard(events, what, soft), rows.low, rows.high - 2).lost


def test_two_places_and_a_budget_by_hand() -> None:
    """5 and 4 have the places and use 4; a lesser one of the third fits beside them: 10, the best there is."""
    found = [one for one in steps(slots(), passes=20) if one.broken == 0]
    assert max(one.worth for one in found) == 10.0


def test_the_same_seed_walks_the_same_way() -> None:
    first, second = steps(slots(), seed=3), steps(slots(), seed=3)
    assert [one.worth for one in first] == [one.worth for one in second]
    assert all(np.array_equal(a.chosen, b.chosen) for a, b in zip(first, second, strict=True))


def test_a_plan_to_go_on_from_is_the_first_step() -> None:
    start = np.array([True, True, False, True, False, False])
    first, *later = steps(slots(), start=start)
    assert first.chosen.tolist() == start.tolist()
    assert (first.worth, first.broken) == (7.0, 0.0)
    assert len(later) == 8


def test_who_finds_a_pack_full_is_left_out_of_a_plan_to_go_on_from() -> None:
    start = np.array([True, False, True, False, True, True])
    assert steps(slots(), start=start)[0].chosen.tolist() == [True, False, True, False, False, True]


def test_a_plan_as_it_is_taken() -> None:
    found = room(slots())
    state = state_of(found)
    settle(found, state, np.array([True, False, True, False, False, True]))
    assert state[0].tolist() == [True, False, True, False, False, True]
    assert state[2].tolist() == [2]
    assert set(state[3][:2].tolist()) == {0, 2}
    assert held(found, state[0]).tolist() == [4.5]


def two_sums() -> Room:
    """At most 1 000 of the one, at least 50 of the other."""
    events = columns([[(0, 1, 1.0, {0: 600.0, 1: 30.0})], [(0, 1, 1.0, {0: 500.0, 1: 20.0})]], 2)
    return room(Shard(events, switched([], rows=2), linking([-np.inf, 50.0], [1000.0, np.inf])))


def test_limits_have_half_of_what_the_judge_accepts() -> None:
    found = two_sums()
    assert tolerance(found) == pytest.approx([2e-6, 1e-6 + 5e-8], rel=1e-9)
    low, high = limits(found)
    assert high[0] - 1000 == pytest.approx(1e-6, rel=1e-3)
    assert 50 - low[1] == pytest.approx(0.525e-6, rel=1e-3)
    assert outside(found, np.array([1000.0, 50.0])).tolist() == [0, 0]
    assert outside(found, np.array([1100.0, 20.0])) == pytest.approx([100, 30])


def test_what_is_not_kept_gets_dearer_and_stiffer_and_falls_back_once_it_is() -> None:
    found, ones = two_sums(), np.ones(2)
    price, fine = np.array([2.0, -3.0]), np.array([4.0, 5.0])
    first = (np.array([1.0, -1.0]), ones, ones)
    dear, stiff = adapted(found, np.array([1100.0, 20.0]), (price, fine), first)
    assert dear == pytest.approx([2 + 2 * DEARER + LEAST_DEARER, -3 - 3 * DEARER - LEAST_DEARER])
    assert stiff == pytest.approx(fine * STIFFER)
    back, soft = adapted(found, np.array([900.0, 60.0]), (price, fine), first)
    assert back == pytest.approx([1 + CHEAPER, -1 - 2 * CHEAPER])
    assert soft == pytest.approx(fine * SOFTER)
    assert adapted(found, np.array([1100.0, 60.0]), (price, fine * 100), first)[1][0] == STIFFEST


def test_prices_keep_the_sign_that_their_limit_has() -> None:
    found, ones = two_sums(), np.ones(2)
    price, _ = adapted(found, np.array([900.0, 60.0]), (np.array([-2.0, 2.0]), ones), (np.zeros(2), ones, ones))
    assert price.tolist() == [0, 0]


def test_who_is_most_decided_goes_first() -> None:
    """Blocks by how much their events are of two minds: the second is sure, the third more than the first."""
    found = room(slots())
    assert decided(found, np.array([0.5, 0.5, 1.0, 0.0, 0.1, 0.9])).tolist() == [1, 2, 0]
    assert mean_worth(found.columns, np.array([1.0, 1.0, 0, 0, 0, 0])) == 3.0
    assert mean_worth(found.columns, np.zeros(6)) == 0.0
