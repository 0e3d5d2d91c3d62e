"""Shards put together are the shard of all their accounts, row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.pool import at_nothing, joined, reach, refuse_what_cannot_hold, regret
from kaopt.allocation.large.shard import Shard, shard_of
from kaopt.allocation.rules import RULES
from kaopt.errors import ContradictionError, InfeasibleError, InputError
from kaopt.scenario.model import Scenario
from tests.allocation.case import line, plain
from tests.allocation.large.shards import columns, linking, switched
from tests.allocation.large.small import around_a_plan
from tests.allocation.rule_cases import CASES, Case
from tests.allocation.strategies import ruled


def switch_keys(shard: Shard) -> list[tuple[Any, ...]]:
    """What each switch is, with what it uses of rows by name."""
    what, names = shard.switched, shard.rows.names
    body = sp.csc_matrix(what.matrix)
    return [
        (
            int(what.account[z]),
            *(float(one[z]) for one in (what.cost, what.low, what.high, what.nothing)),
            bool(what.whole[z]),
            bool(what.opens[z]),
            tuple(sorted((*names[body.indices[k]], body.data[k]) for k in range(body.indptr[z], body.indptr[z + 1]))),
        )
        for z in range(len(what))
    ]


def event_uses(shard: Shard) -> list[dict[Any, float]]:
    """What each event uses of rows by name."""
    what, names = shard.columns, shard.rows.names
    return [
        {names[what.row[k]]: float(what.value[k]) for k in range(what.start[o], what.start[o + 1])}
        for o in range(len(what))
    ]


def same(pool: Shard, whole: Shard) -> None:
    """Row by row, event by event, switch by switch. A part cannot know of a rhythm in total that all keep it."""
    extra = set(pool.rows.names) - set(whole.rows.names)
    assert all(rule.split()[0] == "rhythm" for rule, _ in extra)
    assert set(whole.rows.names) <= set(pool.rows.names)
    place = [pool.rows.names.index(name) for name in whole.rows.names]
    for name in ("low", "high", "regret", "private", "beside"):
        mine, theirs = getattr(pool.rows, name)[place], getattr(whole.rows, name)
        assert np.allclose(mine, theirs, rtol=1e-9, atol=1e-6, equal_nan=True), name
    for name in ("account", "sku", "week", "weeks", "treatment", "cost", "end", "first", "most"):
        assert np.array_equal(getattr(pool.columns, name), getattr(whole.columns, name)), name
    for mine, theirs in zip(event_uses(pool), event_uses(whole), strict=True):
        assert {name: one for name, one in mine.items() if name not in extra} == pytest.approx(theirs, rel=1e-9)
    ours, all_ = switch_keys(pool), switch_keys(whole)
    assert sorted(map(repr, ours)) == sorted(map(repr, all_)) or extra
    for mine, theirs in zip(pool.columns.opener, whole.columns.opener, strict=True):
        assert sorted(repr(ours[z]) for z in mine if z >= 0) == sorted(repr(all_[z]) for z in theirs if z >= 0)
    assert set(pool.never) - set(pool.rows.names) == set(whole.never)


def by_accounts(world: Scenario) -> list[Shard]:
    return [shard_of(world, np.array([account]), RULES) for account in range(world.shape[0])]


@settings(deadline=None, max_examples=15)
@given(st.one_of(ruled(), around_a_plan()))
def test_accounts_put_together_are_the_whole(world: Scenario) -> None:
    try:
        whole = shard_of(world, None, RULES)
    except InputError:
        assume(False)
    same(joined(by_accounts(world)), whole)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_case_of_a_rule_put_together(case: Case) -> None:
    world = case.world()
    try:
        whole = shard_of(world, None, RULES)
    except InputError as refused:
        assert "supply" in str(refused)
        return
    same(joined(by_accounts(world)), whole)


def hand(low: float, *, never: tuple[Any, ...] = ()) -> Shard:
    """An event of worth 1 and a fee that opens it, in one row."""
    events = columns([[(0, 1, 1.0, {0: 2.0})]], 2, opener=[[0]])
    return Shard(events, switched([-1.0], [[3.0]], opens=True), linking([low], [9.0]), never)


def test_two_by_hand() -> None:
    pool = joined([hand(0.0), hand(0.0)])
    assert (pool.columns.start.tolist(), pool.columns.first.tolist()) == ([0, 1, 2], [0, 1, 2])
    assert pool.columns.row.tolist() == [0, 0]
    assert pool.columns.opener.tolist() == [[0], [1]]
    assert pool.switched.matrix.toarray().tolist() == [[3.0, 3.0]]
    assert (pool.rows.names, pool.rows.high.tolist()) == ((("rule", "row 0"),), [9.0])


def test_shards_that_disagree_about_a_row_are_an_error() -> None:
    with pytest.raises(ContradictionError, match="different limits"):
        joined([hand(0.0), hand(1.0)])


def test_rows_without_events_of_one_account_may_hold_events_of_another() -> None:
    empty = replace(hand(0.0), columns=columns([]), rows=linking([0.0], [9.0], beside=True))
    assert joined([empty, hand(0.0)]).rows.beside.tolist() == [False]
    assert joined([empty, empty]).rows.beside.tolist() == [True]


def test_what_cannot_hold_is_refused_by_name_where_nobody_helps() -> None:
    refuse_what_cannot_hold(hand(0.0, never=(("rule", "row 0"),)))  # another account's events are in the row
    with pytest.raises(InfeasibleError, match="can ever keep: rule the promise"):
        refuse_what_cannot_hold(hand(0.0, never=(("rule", "the promise"),)))


def test_a_budget_that_nothing_can_spend_is_refused_by_its_name() -> None:
    """100 to be spent where no week is open."""
    launch = line((1, 1, 2), scope="launch", low=100.0)
    world = plain((1, 1, 2), eligible=np.zeros((1, 1, 1, 2), bool), budget=(launch,))
    with pytest.raises(InfeasibleError, match="launch"):
        refuse_what_cannot_hold(joined(by_accounts(world)))


def test_between_what_a_price_may_lie() -> None:
    inf = np.inf
    low, high = reach(linking([-inf, 1.0, 1.0, 1.0], [1.0, inf, 1.0, 2.0], regret=[np.nan, np.nan, np.nan, 3.0]))
    assert low.tolist() == [0, -inf, -inf, -3]
    assert high.tolist() == [inf, 0, inf, 3]


def test_a_world_without_events_and_what_soft_rows_miss_there() -> None:
    """A fixed tier of -5 uses 4 of what may be 1 at a regret of 2: -5 - 6; hard rows have no regret."""
    rows = linking([-np.inf, 2.0, 0.0], [1.0, 9.0, 0.0], regret=[2.0, 0.5, np.nan])
    assert regret(rows, np.array([4.0, 1.0, 7.0])) == 3 * 2 + 0.5
    tier = replace(switched([-5.0], [[4.0], [2.0], [0.0]]), nothing=np.ones(1))
    assert at_nothing(Shard(columns([]), tier, rows)) == -11
