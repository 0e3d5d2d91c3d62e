"""Every stock policy with every other, at random: no case is lost count of, and what must not change does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment.fields import DISPOSED_CASES, FIRST, LAST, WRITTEN_OFF
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from tests import worlds
from tests.fulfilment.helpers import calm, live

WEEKS = 10
shares = st.sampled_from([0.2, 0.4, 0.6, 0.8, 1.0])
rungs = st.fixed_dictionaries(
    {"at": shares, "way": st.sampled_from(["markdown", "transfer", "donate", "scrap"])},
    optional={"price": shares, "a_week": st.sampled_from([0.05, 0.5]), "cost": st.just(2.0)},
)
stocks = st.fixed_dictionaries(
    {},
    optional={
        "gate_days": st.integers(0, 5),
        "mistake": st.sampled_from(["newest", "random"]),
        "newest_first": st.sampled_from([(1,), (2, 3)]),
        "serve": st.sampled_from(["strict_first", "lenient_first"]),
        "protect": st.sampled_from(["reserve", "nested"]),
        "reserve_weeks": st.just({1: 0.5, 2: 0.2}),
        "protect_chance": st.sampled_from([0.3, 0.9]),
        "peg": st.booleans(),
        "stop_age": shares,
        "key_tiers": st.integers(0, 3),
        "scrap_age": shares,
        "ladder": st.lists(rungs, max_size=3).map(tuple),
    },
)
supplies = st.fixed_dictionaries(
    {"stock": stocks, "issue": st.sampled_from(["fefo", "fifo", "lifo", "freshest"])},
    optional={"gate": st.booleans(), "issue_error": st.just(0.3), "position": st.just("all")},
)


def world_of(supply: dict[str, Any], **sku: Any) -> Scenario:
    """Three accounts of three tiers; papers go wrong, so that goods come back."""
    columns = {"acceptance_age": [0.3, 0.5, 0.9], "mismatch": 0.2, "penalty_rate": [0.1, 0.05, 0.0]}
    noisy = {"shelf_life": 50, "demand_cv": 0.5, "lot_cover_weeks": 2.0, "safety_weeks": 0.0} | sku
    given = {"warmup_weeks": 4, "disposal_cost": 2.0} | supply
    return calm(3, 2, WEEKS, account_columns=columns, sku_columns=noisy, supply=given)


def wanted(year: Year) -> np.ndarray:
    cases: np.ndarray = year.orders.wanted
    return cases


@settings(deadline=None, max_examples=40)
@given(supplies)
def test_no_mixture_of_policies_loses_count(supply: dict[str, Any]) -> None:
    """`live` proves the balance of goods and of every line; here what the ledger says of them besides."""
    plan = worlds.plan((0, 0, 4, 2, 0))
    year, plain = live(world_of(supply), plan), live(world_of({}), plan)
    assert np.array_equal(wanted(year), wanted(plain))  # a policy changes no demand
    ledger, goods = year.ledger, year.goods
    cases = ledger.cases.sum(axis=1)
    assert np.array_equal(cases[:, 0], cases[:, 1] + ledger.lost.sum(axis=(1, 2)))
    assert ledger.aged.min(initial=0) >= 0
    gone = goods.days[WRITTEN_OFF].sum(axis=0) + ledger.aged.sum(axis=0) + ledger.damaged
    assert (goods.flow[DISPOSED_CASES] >= gone).all()  # and what left before the horizon
    assert (goods.ends[:, :, FIRST] <= goods.ends[:, :, LAST]).all()


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(["strict_first", "lenient_first"]), st.integers(1, 3))
def test_with_stock_for_everyone_no_rule_of_sharing_matters(serve: str, tier: int) -> None:
    """Plenty of stock that nobody refuses: serving in turn and keeping back change nothing that a customer sees."""
    plenty = {"safety_weeks": 20.0, "shelf_life": 9999}
    rules = {"serve": serve, "protect": "reserve", "reserve_weeks": {tier: 1.0}}
    ruled, plain = live(world_of({"stock": rules}, **plenty)), live(world_of({}, **plenty))
    assert np.array_equal(ruled.ledger.lost, plain.ledger.lost)
    assert np.array_equal(ruled.ledger.value, plain.ledger.value)
