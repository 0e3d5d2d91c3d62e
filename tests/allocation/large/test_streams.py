"""What is sifted out of an account: its best years stay, and its part of the bound is that of all its events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.above import bound_above
from kaopt.allocation.large.ascent import ascend, desk_at
from kaopt.allocation.large.shard import Shard, shard_of
from kaopt.allocation.large.streams import Task, Told, priced, sifted, typical
from kaopt.allocation.rules import RULES
from kaopt.scenario.model import Scenario
from tests.allocation.case import LOSING, plain
from tests.allocation.large.shards import columns, linking, random_shard, switched
from tests.allocation.strategies import worlds

WORLD = plain((2, 1, 3))


def by_hand(shard: Shard, **how: float) -> list[float]:
    """The worths of what is kept of a shard."""
    told = Told(WORLD, RULES, {0: shard})
    return sifted(told, Task(0, {}, **how)).shard.columns.cost.tolist()  # type: ignore[arg-type]


def one_block() -> Shard:
    """One event of four a year: 10, 9, 6 and -1."""
    events = [(week, 9, worth, {}) for week, worth in enumerate((10.0, 9.0, 6.0, -1.0))]
    return Shard(columns([events], 9), switched([]), linking([], []))


def test_what_a_year_may_lose_with_an_event_that_is_kept() -> None:
    """They lose 0, 1, 4 and 11 of a mean worth of 10; the nearest half are two."""
    assert by_hand(one_block()) == [10]
    assert by_hand(one_block(), near=0.1) == [10, 9]
    assert by_hand(one_block(), near=0.4) == [10, 9, 6]
    assert by_hand(one_block(), near=9.0) == [10, 9, 6, -1]
    assert by_hand(one_block(), near=9.0, share=0.5) == [10, 9]


def test_prices_that_are_known_stay_and_others_are_found() -> None:
    """One place for two at a known price of 7: neither is worth it; found by itself it lies from 4 to 5."""
    events = columns([[(0, 1, 5.0, {0: 1.0})], [(0, 1, 4.0, {0: 1.0})]], 2)
    shard = Shard(events, switched([], rows=1), linking([-np.inf], [1.0]))
    told = Told(WORLD, RULES, {0: shard})
    known = sifted(told, Task(0, {("rule", "row 0"): 7.0}, sweeps=200))
    assert (known.prices.tolist(), len(known.shard.columns), known.events) == ([7.0], 0, 2)
    alone = sifted(told, Task(0, {}, sweeps=200, near=0.1))
    assert 3.9 <= alone.prices[0] <= 5.1
    assert alone.shard.columns.cost[0] == 5.0
    fixed, start = priced(shard, {("rule", "row 0"): 7.0, ("more", "other"): 1.0})
    assert (fixed.tolist(), start.tolist()) == ([True], [7.0])
    assert [one.tolist() for one in priced(shard, {})] == [[False], [0.0]]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_bound_is_that_of_all_events_and_the_best_years_stay(seed: int) -> None:
    shard = random_shard(seed)
    known = dict(zip(shard.rows.names, ascend(desk_at(shard), sweeps=30).prices.tolist(), strict=True))
    found = sifted(Told(WORLD, RULES, {0: shard}), Task(0, known))
    assert found.above.value == bound_above(shard, found.prices).value
    assert found.events == len(shard.columns)
    assert found.shard.rows is shard.rows
    assert found.shard.switched is shard.switched
    if found.events and found.above.on[shard.switched.opens].all():
        some = bound_above(found.shard, found.prices)
        assert some.value == pytest.approx(found.above.value, abs=1e-9)


def test_an_account_without_events() -> None:
    found = sifted(Told(WORLD, RULES, {0: Shard(columns([]), switched([]), linking([], []))}), Task(0, {}, 5))
    assert (len(found.shard.columns), found.events, found.above.value) == (0, 0, pytest.approx(0))


def test_an_account_in_which_all_loses_keeps_nothing() -> None:
    told = Told(plain((1, 1, 3), treatment_columns=LOSING), RULES)
    found = sifted(told, Task(0, {}, 20, near=0.15))
    assert (len(found.shard.columns), found.events) == (0, 3)


@settings(deadline=None, max_examples=20)
@given(worlds())
def test_shards_are_made_again_or_at_hand(world: Scenario) -> None:
    """There are never more events than told, and what is at hand is what would be made."""
    told = Told(world, RULES)
    made = [told.shard(account) for account in range(world.shape[0])]
    assert told.events >= sum(len(one.columns) for one in made)
    for account, one in enumerate(made):
        same = shard_of(world, np.array([account]), RULES)
        assert same.columns.cost.tolist() == one.columns.cost.tolist()
        assert same.rows.names == one.rows.names
    assert replace(told, shards={0: made[0]}).shard(0) is made[0]


def test_how_many_events_there_can_be() -> None:
    """2 accounts, one SKU, 3 weeks, lengths 1 and 2."""
    assert Told(plain((2, 1, 3), treatment_columns={"lengths": [(1, 2)]}), RULES).events == 12
    assert Told(WORLD, RULES).events == 6


def test_what_an_event_of_the_best_years_is_worth() -> None:
    shard = one_block()
    assert typical(shard, np.array([1.0, 0, 1.0, 0])) == 8
    assert typical(shard, np.array([0, 0, 0, 1.0])) == 0
    assert typical(shard, np.zeros(4)) == 0
