"""Shards hold what the whole program holds: events, rows by name, fees, and what can never be kept."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaopt.allocation.large.carried import year_of
from kaopt.allocation.large.shard import Columns, Shard, distinct, kept, shard_of, stacked
from kaopt.allocation.rows import make_rows, widened
from kaopt.allocation.rules import RULES, all_rows, settings_of, with_switches
from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.scenario.model import Scenario
from tests.allocation.case import plain
from tests.allocation.cases_money import fee, rebate
from tests.allocation.large.shards import columns, random_columns
from tests.allocation.large.small import around_a_plan
from tests.allocation.rule_cases import CASES
from tests.allocation.strategies import ruled


def whole(world: Scenario) -> Shard:
    """All accounts as one shard; worlds that are refused count as none."""
    try:
        return shard_of(world, None, RULES)
    except InputError:
        assume(False)
        raise


def dense(what: Columns, rows: int) -> Any:
    """[L, E] what events use."""
    return sp.csc_matrix((what.value, what.row, what.start), shape=(rows, len(what))).toarray()


@settings(deadline=None, max_examples=12)
@given(st.one_of(ruled(), around_a_plan()))
def test_rows_are_those_of_every_engine_but_what_is_carried(world: Scenario) -> None:
    """By rule and scope: the same limits, regrets and numbers; fees and calendars are kept otherwise."""
    shard, offers = whole(world), with_switches(world, make_offers(world))
    body = np.hstack([dense(shard.columns, len(shard.rows)), shard.switched.matrix.toarray()])
    carried = {*year_of(world, RULES).carried, "fees"}
    number, seen = {name: n for n, name in enumerate(shard.rows.names)}, 0
    for rule in RULES:
        for m, how in enumerate(settings_of(world, rule) if rule.NAME not in carried else ()):
            rows = widened(rule.rows(world, offers, how), offers.columns)
            for i, scope in enumerate(distinct(rows.scopes)):
                if not rows.matrix[i].nnz:
                    continue
                n, seen = number[rule.NAME if m == 0 else f"{rule.NAME} {m + 1}", scope], seen + 1
                assert np.array_equal(body[n], rows.matrix[i].toarray()[0])
                ends = ("low", "high", "regret")
                for name in ends:
                    assert np.array_equal(getattr(shard.rows, name)[n], getattr(rows, name)[i], equal_nan=True)
                assert shard.rows.beside[n] == (not rows.matrix[i, : len(offers)].nnz)
    assert seen == len(shard.rows)
    assert shard.columns.cost.tolist() == offers.value.tolist()
    assert shard.switched.cost.tolist() == offers.switches.value.tolist()


@settings(deadline=None, max_examples=12)
@given(ruled())
def test_calendars_are_what_the_carried_rows_allow(world: Scenario) -> None:
    """Two events of a block fit the year exactly where the rows of what is carried allow both."""
    what, offers = whole(world).columns, with_switches(world, make_offers(world))
    names = year_of(world, RULES).carried
    rows = [widened(one, offers.columns) for one in all_rows(world, offers) if one.rule in names]
    body = sp.vstack([sp.csr_matrix((0, offers.columns)), *(one.matrix for one in rows)], format="csc")
    high = np.concatenate([np.zeros(0), *(one.high for one in rows)])
    for b in range(what.blocks):
        mine = range(what.first[b], what.first[b + 1])
        for o, p in combinations(mine, 2):
            apart = what.end[o] <= what.week[p] or what.end[p] <= what.week[o]
            used = (body[:, [o]] + body[:, [p]]).toarray().ravel()
            assert (apart and what.most[b] > 1) == bool(np.all(used <= high)), (o, p)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_some_of_the_events_are_these_and_blocks_stay(seed: int) -> None:
    luck = np.random.default_rng(seed)
    what = random_columns(luck, 3, 2)
    keep = luck.random(len(what)) < 0.5
    some = kept(what, keep)
    assert some.blocks == what.blocks
    assert np.array_equal(dense(some, 3), dense(what, 3)[:, keep])
    assert [one.tolist() for one in np.split(some.cost, some.first[1:-1])] == [
        what.cost[a:b][keep[a:b]].tolist() for a, b in zip(what.first, what.first[1:], strict=False)
    ] or not len(keep)
    for name in ("account", "sku", "week", "weeks", "treatment", "cost", "opener", "end"):
        assert np.array_equal(getattr(some, name), getattr(what, name)[keep])
    assert (some.most.tolist(), some.horizon) == (what.most.tolist(), what.horizon)
    everything = kept(what, np.ones(len(what), bool))
    assert all(np.array_equal(getattr(everything, f.name), getattr(what, f.name)) for f in fields(Columns))


def test_none_of_the_events() -> None:
    some = kept(columns([[(0, 1, 2.0, {0: 1.0})], []], 3), np.zeros(1, bool))
    assert (len(some), some.blocks, some.start.tolist(), some.first.tolist()) == (0, 2, [0], [0, 0, 0])


def test_an_account_alone_by_hand() -> None:
    """Two weeks, a fee, a rebate and a row of slots: two events that need the first switch; tiers beside."""
    shape = (2, 1, 2)
    terms = {"fees": (fee(shape, 300.0),), "rebates": (rebate((5_000.0, 0.01), (12_000.0, 0.02)),)}
    shard = shard_of(plain(shape, **terms), np.array([0]), RULES)
    assert shard.columns.cost.tolist() == [2000.0, 2000.0]
    assert (shard.columns.week.tolist(), shard.columns.end.tolist()) == ([0, 1], [1, 2])
    assert shard.columns.opener.tolist() == [[0], [0]]
    assert shard.switched.cost[0] == -300
    assert shard.switched.opens.tolist() == [True, *([False] * (len(shard.switched) - 1))]
    assert set(shard.switched.account.tolist()) == {0}
    tiers = [n for n, (rule, _) in enumerate(shard.rows.names) if rule.split()[0] == "rebate"]
    assert shard.rows.private[tiers].all()
    assert shard.rows.beside[tiers].tolist() == [False, *([True] * (len(tiers) - 1))]
    assert shard.rows.names[tiers[1]][1] == "account=A1 rebate=revenue #2"
    other = shard_of(plain(shape, **terms), np.array([1]), RULES)
    assert len(other.switched) == 1  # the rebate is the first account's


def test_scopes_that_occur_again_are_numbered() -> None:
    assert distinct(("a", "b")) == ("a", "b")
    assert distinct(("a", "b", "a", "a")) == ("a", "b", "a #2", "a #3")


def test_rows_that_touch_nothing_are_no_rows_and_hard_ones_that_miss_are_told() -> None:
    """Of four rows one has a column; of the empty ones a soft one is let be, one holds, one never can."""
    offers = make_offers(plain((1, 1, 2)))
    body = sp.csr_matrix(np.array([[1.0, 0], [0, 0], [0, 0], [0, 0]]))
    low, regret = np.array([0.0, 1.0, 1.0, 0.0]), np.array([np.nan, 2.0, np.nan, np.nan])
    rows = make_rows("budget", "money", ("here", "soft", "never", "kept"), body, low=low, regret=regret)
    found, linking, never = stacked([(700, rows)], offers)
    assert found.toarray().tolist() == [[1.0, 0.0]]
    assert linking.names == ((700, "here"),)
    assert never == ((700, "never"),)
    below = make_rows("budget", "money", ("below",), sp.csr_matrix((1, 2)), high=-1.0)
    assert stacked([(3, below)], offers)[2] == ((3, "below"),)


def test_what_belongs_to_no_account_is_refused_by_name() -> None:
    """Cases made ahead for the promotions of any account."""
    (case,) = (one for one in CASES if one.about == "opening stock of 50 and 300 made serve one event")
    with pytest.raises(InputError) as caught:
        shard_of(case.world(), None, RULES)
    (fault,) = caught.value.faults
    assert "supply" in str(fault)
    assert "solve.engine: arrays" in str(fault)
