"""Offers of some whole accounts: exactly these rows of the whole, however the accounts are parted."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.effects import Details, Effects
from kaopt.offers import Offers, make_offers
from kaopt.scenario.model import Lock, Scenario
from tests.allocation.strategies import ruled
from tests.worlds import world

ENTRIES = [one.name for one in fields(Effects) if one.name not in ("start", "offer", "told")]
DETAILS = [one.name for one in fields(Details)]
COLUMNS = [one.name for one in fields(Offers) if one.name not in ("effects", "switches", "part", "reach")]


def put_together(parts: list[Offers]) -> Offers:
    """The offers of several parts one after another, sorted by account."""
    account = np.concatenate([one.account for one in parts])
    order = np.argsort(account, kind="stable")
    counts = np.concatenate([np.diff(one.effects.start) for one in parts])
    begins = np.cumsum(counts) - counts
    entries = np.concatenate([np.arange(begins[o], begins[o] + counts[o]) for o in order] + [np.zeros(0, np.int64)])
    every = {n: np.concatenate([getattr(p, n) for p in parts])[order] for n in COLUMNS}
    rows = entries.astype(np.int64)
    inside = {n: np.concatenate([getattr(p.effects, n) for p in parts])[rows] for n in ENTRIES}
    told = Details(**{n: np.concatenate([getattr(p.effects, n) for p in parts])[rows] for n in DETAILS})
    start = np.concatenate([[0], np.cumsum(counts[order])]).astype(np.int64)
    offer = np.repeat(np.arange(len(account)), counts[order])
    return Offers(effects=Effects(start=start, offer=offer, told=lambda: told, **inside), **every)


def same(one: Offers, other: Offers) -> None:
    """Bit for bit."""
    for name in COLUMNS:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("start", "offer", *ENTRIES, *DETAILS):
        assert np.array_equal(getattr(one.effects, name), getattr(other.effects, name)), name


def wider(here: Scenario) -> Scenario:
    """A third account as the first, a fourth as the last: small worlds have two at most."""
    places = np.array([*range(here.shape[0]), 0, here.shape[0] - 1])

    def rows(table: Any) -> Any:
        values = {one.name: getattr(table, one.name) for one in fields(table)}
        picked = {n: tuple(v[p] for p in places) if isinstance(v, tuple) else v[places] for n, v in values.items()}
        return replace(table, **picked)

    every = {name: getattr(here, name)[places] for name in ("listed", "base_cases", "base_price", "eligible")}
    return replace(here, accounts=rows(here.accounts), response=rows(here.response), **every)


@given(ruled(), st.lists(st.integers(0, 2), min_size=4, max_size=4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_parts_of_any_partition_are_the_whole(here: Scenario, label: list[int], replanned: bool) -> None:
    """Clusters, cross effects, forward buying, locks and a given plan inside a fence."""
    here = wider(here)
    if replanned:
        fence: Any = type("Fence", (), {"frozen": 10, "slushy": 20})()
        here = replace(here, planned_on=date(2026, 12, 28), rules={"lead_time": (fence,)})
    whole = make_offers(here)
    accounts = np.array(label[: here.shape[0]])
    parts = [make_offers(here, np.flatnonzero(accounts == one)) for one in range(3)]
    same(put_together(parts), whole)
    for one, part in enumerate(parts):
        assert (accounts[part.account] == one).all()
        assert (part.covers(here) == (accounts == one)).all()
    assert whole.covers(here).all()


def test_parts_are_named_by_numbers_by_a_slice_or_by_a_mask() -> None:
    here = world(3, 2, 4)
    whole = make_offers(here)
    for asked in (np.array([2, 1, 2]), slice(1, None), np.array([False, True, True])):
        found = make_offers(here, asked)
        assert found.part is not None and found.part.tolist() == [1, 2]
        assert len(found) == int((whole.account > 0).sum())
    none = make_offers(here, np.zeros(0, np.int64))
    assert len(none) == 0 and len(none.effects.offer) == 0 and not none.covers(here).any()


def test_locks_of_other_accounts_are_no_part() -> None:
    locks = (Lock(1, 0, 0, 1, -1, "forbidden"), Lock(2, 0, 1, 3, 0, "committed"))
    here = world(3, 1, 4, locks=locks)
    without = make_offers(replace(here, locks=()), slice(0, 1))
    same(make_offers(here, slice(0, 1)), without)
    assert 3 in make_offers(here, slice(2, 3)).weeks and 3 not in without.weeks


def test_an_account_that_is_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(IndexError):
        make_offers(world(2, 1, 3), np.array([2]))
