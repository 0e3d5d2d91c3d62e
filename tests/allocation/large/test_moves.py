"""Moves keep their books: what is held, how full places are and who is in them follow from what is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.moves import (
    change,
    cheapest,
    drop,
    entry,
    leaving_costs,
    move,
    one_pass,
    put,
    replan,
    worth_of,
)
from kaopt.allocation.large.shard import Shard
from kaopt.allocation.large.walk import Room, hand_of, held, nouns_of, room_of, state_of
from tests.allocation.large.shards import calendars, columns, linking, random_columns, switched

SEEDS = st.integers(0, 2**32 - 1)
Books = tuple[Room, Any, Any, Any]


def books(shard: Shard, *, fine: float = 2.0, price: float = 0.0, place_price: float = 0.0) -> Books:
    """A shard as moves take it, with nothing chosen: room, nouns, state and hand."""
    room = room_of(shard, shard.rows.low, shard.rows.high)
    sums = np.full(len(room.sums), 1.0)
    nouns = nouns_of(room, room.columns.cost, (price * sums, fine * sums), np.full(len(room.packs), place_price))
    return room, nouns, state_of(room), hand_of(room, price * sums)


def crowded(seed: int) -> Shard:
    """Up to four blocks whose events count alike in two rows of few places, and add up in two others."""
    luck = np.random.default_rng(seed)
    blocks = []
    for _ in range(int(luck.integers(1, 5))):
        spans = sorted((int(w), int(min(w + luck.integers(1, 3), 6))) for w in luck.integers(0, 6, luck.integers(1, 6)))
        alike = [{n: 1.0 for n in (0, 1) if luck.random() < 0.5} for _ in spans]
        adding = [{n: float(luck.uniform(0.5, 3)) for n in (2, 3) if luck.random() < 0.7} for _ in spans]
        worth = luck.normal(3, 3, len(spans)).tolist()
        blocks.append([(w, e, v, a | b) for (w, e), v, a, b in zip(spans, worth, alike, adding, strict=True)])
    high = [float(luck.integers(0, 3)), float(luck.integers(1, 3)), luck.uniform(0, 6), np.inf]
    low = [-np.inf, -np.inf, -np.inf, luck.uniform(0, 4)]
    return Shard(columns(blocks, most=int(luck.integers(1, 4))), switched([], rows=4), linking(low, high))


def kept(room: Room, nouns: Any, state: Any) -> None:
    """The books, written anew from what is chosen."""
    chosen, sums, load, occupant = state
    start, row, _, place, _ = nouns[2]
    assert sums == pytest.approx(held(room, chosen), abs=1e-9)
    for p in range(len(room.packs)):
        inside = [o for o in np.flatnonzero(chosen) if p in row[start[o] : start[o + 1]]]
        assert load[p] == len(inside)
        assert sorted(occupant[place[p] : place[p] + load[p]]) == inside
    for b in range(room.columns.blocks):
        mine = range(room.columns.first[b], room.columns.first[b + 1])
        assert tuple(o for o in mine if chosen[o]) in calendars(room.columns, b)


def value(room: Room, nouns: Any, state: Any) -> float:
    """What a state is worth: events, places at their prices, sums at their prices and fines."""
    worth, sums, packs, _, _ = nouns
    places = sum(packs[4][p] * state[2][p] for p in range(len(room.packs)))
    return float(worth @ state[0]) - places + sum(worth_of(state[1][i], i, sums) for i in range(len(room.sums)))


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_books_are_right_after_any_moves_and_gains_are_what_they_say(seed: int) -> None:
    """Blocks in any order, pushing or not, now and then at a loss that may be: value rises by what a move says."""
    luck = np.random.default_rng(seed)
    room, nouns, state, hand = books(crowded(seed), place_price=float(luck.choice([0.0, 1.0])))
    for _ in range(15):
        before, pushing = value(room, nouns, state), bool(luck.random() < 0.6)
        gain = move(int(luck.integers(room.columns.blocks)), nouns, state, hand, (pushing, float(luck.choice([0, 3]))))
        kept(room, nouns, state)
        assert value(room, nouns, state) - before == pytest.approx(gain, abs=1e-8)
        assert np.all(state[2] <= room.room)


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_a_move_that_would_lose_too_much_changes_nothing(seed: int) -> None:
    """No loss is small enough: whatever was tried is undone, to the last bit where uses are whole numbers."""
    shard = crowded(seed)
    whole = np.maximum(np.round(shard.columns.value), 1.0)
    shard.columns.value[:] = whole
    room, nouns, state, hand = books(shard)
    luck = np.random.default_rng(seed)
    one_pass(luck.permutation(room.columns.blocks), nouns, state, hand, (True, 0.0))
    before = [one.copy() for one in state[:3]]
    inside = who(room, nouns, state)
    for b in range(room.columns.blocks):
        assert move(b, nouns, state, hand, (True, -np.inf)) == 0.0
        assert all(np.array_equal(one, other) for one, other in zip(before, state[:3], strict=True))
        assert who(room, nouns, state) == inside


def who(room: Room, nouns: Any, state: Any) -> list[set[int]]:
    """Who is in each pack."""
    place = nouns[2][3]
    return [set(state[3][place[p] : place[p] + state[2][p]].tolist()) for p in range(len(room.packs))]


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_without_packs_a_block_planned_anew_is_at_its_best(seed: int) -> None:
    """Sums are not fined at all: the best of its calendars, by trying all."""
    luck = np.random.default_rng(seed)
    what = random_columns(luck, 1)
    shard = Shard(what, switched([], rows=1), linking([-np.inf], [np.inf]))
    room, nouns, state, hand = books(shard, fine=0.0, price=0.5)
    use = np.zeros(len(what))
    np.add.at(use, np.repeat(np.arange(len(what)), np.diff(what.start)), what.value)
    left = what.cost - 0.5 * use
    for b in range(what.blocks):
        best = max(sum(left[list(one)]) for one in calendars(what, b))
        assert replan(b, False, nouns, state, hand[1]) == pytest.approx(best, abs=1e-9)
    assert value(room, nouns, state) == pytest.approx(float(left @ state[0]), abs=1e-9)


def two_for_one_place(first: float, second: float) -> Books:
    """Two blocks that want one place; the first has another event of 2 without a place, in the same week."""
    blocks = [[(0, 1, first, {0: 1.0}), (0, 1, 2.0, {})], [(0, 1, second, {0: 1.0})]]
    shard = Shard(columns(blocks, 2), switched([], rows=1), linking([-np.inf], [1.0]))
    return books(shard)


def test_whoever_loses_less_leaves() -> None:
    """The first has the place for 5 and would take 2 instead: it leaves for 4, not for 2."""
    for second, chosen, gain in ((4.0, [False, True, True], 1.0), (2.0, [True, False, False], 0.0)):
        _, nouns, state, hand = two_for_one_place(5.0, second)
        assert hand[1].tolist() == [3.0, 0.0, second]
        move(0, nouns, state, hand, (False, 0.0))
        assert state[0].tolist() == [True, False, False]
        assert move(1, nouns, state, hand, (False, 0.0)) == 0.0
        assert move(1, nouns, state, hand, (True, 0.0)) == gain
        assert state[0].tolist() == chosen


def test_what_places_cost() -> None:
    """The price where there is room, what the cheapest loses where not, never without pushing."""
    _, nouns, state, hand = two_for_one_place(5.0, 4.0)
    nouns[2][4][:] = 0.5
    assert entry(2, nouns[2], state, hand[1], False) == 0.5
    put(0, nouns[0], nouns[1], nouns[2], state)
    assert entry(2, nouns[2], state, hand[1], True) == 3.0
    assert entry(2, nouns[2], state, hand[1], False) > 1e200
    assert cheapest(0, 1, nouns[2], state, hand) == 0
    assert cheapest(0, 0, nouns[2], state, hand) == -1


def test_what_goes_in_comes_out_again() -> None:
    """A sum with room for 3 at a price of 1 and a fine of 2: 2, then 4 of it; 5 - 2, then 4 - 2 - 2 x 1."""
    events = columns([[(0, 1, 5.0, {0: 2.0})], [(0, 1, 4.0, {0: 2.0 + 1e-9})]], 2)
    shard = Shard(events, switched([], rows=1), linking([-np.inf], [3.0]))
    _, (worth, sums, packs, _, _), state, _ = books(shard, price=1.0)
    assert put(0, worth, sums, packs, state) == 3.0
    assert change(1, 1.0, sums, state[1], False) == pytest.approx(-4.0)
    assert put(1, worth, sums, packs, state) == pytest.approx(0.0, abs=1e-5)  # half of the tolerance of 3 is not fined
    assert drop(1, worth, sums, packs, state) == pytest.approx(0.0, abs=1e-5)
    assert drop(0, worth, sums, packs, state) == -3.0
    assert state[1][0] == pytest.approx(0.0, abs=1e-15)
    assert not state[0].any()


def test_a_place_is_worth_what_the_best_without_one_brings_less() -> None:
    """By place: two places of 7 with 3 instead are 2 each; an event that runs longer is no stead for a short one."""
    blocks = [[(0, 2, 7.0, {0: 1.0, 1: 1.0}), (0, 2, 3.0, {}), (1, 2, 5.0, {0: 1.0}), (1, 3, 4.0, {})]]
    what = columns(blocks, 3)
    packs = (what.start, what.row.astype(np.int64))
    assert leaving_costs(what.cost, what.calendar, packs).tolist() == [2.0, 0.0, 5.0, 0.0]
