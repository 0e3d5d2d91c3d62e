"""The ledger of many events at once against the same event by event, to the last digit; and some at a time."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt import touched as table
from kaopt.allocation import exact_sum, ledger_make
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.ledger_make import BY_WEEK, ledger_of, realised
from kaopt.demand import Demand, Touch, events_of, live, touches
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.touched import of_accounts, parts, running, some, touched
from tests.allocation import event_by_event
from tests.allocation.brute import plan_of
from tests.test_exactness import rich
from tests.worlds import plan, world

OF_EVENTS = {
    "event_incremental_cases": "cases",
    "event_net_revenue": "net_revenue",
    "event_contribution": "contribution",
    "event_retailer": "retailer",
}
PLANS = st.tuples(st.integers(0, 2**20), st.sampled_from([0.02, 0.1, 0.4]))


def drawn(seed: int, share: float) -> tuple[Scenario, Plan]:
    """A world with every mechanism of demand, and any of its offers in any order, at once and meeting too."""
    here, luck = rich(seed), np.random.default_rng((seed, 3))
    offers = make_offers(here)
    chosen = plan_of(offers, (luck.random(len(offers)) < share).astype(int))
    return here, some(chosen, luck.permutation(len(chosen)))


@given(PLANS)
@settings(max_examples=60, deadline=None)
def test_the_table_says_what_one_event_after_the_other_does(case: tuple[int, float]) -> None:
    here, chosen = drawn(*case)
    found = touched(here, chosen)
    columns = [getattr(found, one.name).tolist() for one in fields(Touch)]
    told: list[list[Touch]] = [[] for _ in range(len(chosen))]
    for event, *row in zip(found.event.tolist(), *columns, strict=True):
        told[event].append(Touch(*row))
    for mine, event in zip(told, events_of(chosen), strict=True):
        expected = sorted(touches(here, event), key=lambda one: (one.sku, one.week))
        assert sorted(mine, key=lambda one: (one.sku, one.week)) == expected
    assert (np.diff(found.event) >= 0).all()


@given(PLANS)
@settings(max_examples=40, deadline=None)
def test_event_by_event_and_all_at_once_are_the_same_to_the_last_digit(case: tuple[int, float]) -> None:
    here, chosen = drawn(*case)
    ledger = ledger_of(here, chosen)
    agree(here, ledger, [event_by_event.alone(here, event) for event in events_of(chosen)])
    agree(here, realised(here, ledger), event_by_event.lived(here, chosen, ledger.realised))


def agree(here: Scenario, ledger: Ledger, each: list[list[event_by_event.Change]]) -> None:
    """Every figure of the events; and the weeks, where these are the sum of events."""
    for name, what in OF_EVENTS.items():
        assert np.array_equal(getattr(ledger, name), event_by_event.added_up(each, what)), name
    for n, changes in enumerate(each):
        own = [one for one in changes if one.active]
        spent = {one.cell[2] - ledger.plan.week[n]: (one.spend, one.discount) for one in own}
        for week, pair in enumerate(zip(ledger.event_spend[n], ledger.event_discount[n], strict=True)):
            assert pair == spent.get(week, (0.0, 0.0))
        assert ledger.event_base_cases[n] == pytest.approx(sum(one.base for one in own), rel=1e-12)
        assert ledger.event_cases[n] == pytest.approx(sum(one.base + one.cases for one in own), rel=1e-12, abs=1e-9)
    idle = ledger_of(here, Plan.nothing())
    if not ledger.lived:
        for name in BY_WEEK:
            expected = getattr(idle, name) + event_by_event.in_cells(here, each, name)
            assert np.array_equal(getattr(ledger, name), expected), name


@given(PLANS)
@settings(max_examples=15, deadline=None)
def test_some_events_at_a_time_are_all_events(case: tuple[int, float]) -> None:
    """However few are worked on together, and whichever loop adds them up."""
    here, chosen = drawn(*case)
    whole = evaluate(here, chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "PART", 3)
        patch.setattr(ledger_make, "PART", 3)
        patch.setattr(exact_sum, "COMPILED", 2)
        assert len(list(parts(chosen))) == -(-len(chosen) // 3)
        again = evaluate(here, chosen)
    assert (again.objective, again.realised_objective) == (whole.objective, whole.realised_objective)
    assert (again.contribution, again.incremental_cases) == (whole.contribution, whole.incremental_cases)
    for one in fields(Ledger):
        if one.name not in ("plan", "realised", "charges", "idle"):
            assert np.array_equal(getattr(again.ledger, one.name), getattr(whole.ledger, one.name)), one.name
    for one in fields(Demand):
        mine, theirs = (getattr(found.ledger.realised, one.name) for found in (again, whole))
        assert np.array_equal(mine, theirs), one.name


def test_spend_stands_in_the_weeks_of_the_event() -> None:
    """A display of 300 a week: week 3 of the horizon is the event's first."""
    here = world(1, 1, 6, treatment_columns={"lengths": [(1,), (1, 2)]})
    ledger = ledger_of(here, plan((0, 0, 2, 2, 1), (0, 0, 5, 1, 1)))
    assert ledger.event_spend.tolist() == [[300.0, 300.0], [300.0, 0.0]]
    weeks = np.array([False, False, True, False, False, True])
    assert ledger.spent_in(weeks).tolist() == [[300.0, 0.0], [300.0, 0.0]]
    assert ledger.spent_in(~weeks, np.array([0])).tolist() == [[0.0, 300.0]]


def test_two_events_of_a_cell_are_charged_one_after_the_other() -> None:
    """0.1 + 0.2 + 0.3 is not 0.1 + 0.3 + 0.2 in floats: weekly and lump sum of the first come before the second's."""
    costs = {"weekly_cost": [0.1, 0.3], "fixed_cost": [0.2, 0.7]}
    year = live(world(1, 1, 2, treatment_columns=costs), plan((0, 0, 0, 1, 0), (0, 0, 0, 1, 1)))
    assert year.fees[0, 0, 0] == ((0.1 + 0.2) + 0.3) + 0.7
    assert year.treatment[0, 0].tolist() == [1, -1]


def test_weeks_in_which_events_run() -> None:
    chosen = plan((1, 0, 3, 2, 0), (0, 1, 0, 1, 0), (1, 1, 7, 3, 1))
    event, week = running(chosen)
    assert list(zip(event.tolist(), week.tolist(), strict=True)) == [(0, 3), (0, 4), (1, 0), (2, 7), (2, 8), (2, 9)]
    event, week = running(chosen, 8)
    assert list(zip(event.tolist(), week.tolist(), strict=True)) == [(0, 3), (0, 4), (1, 0), (2, 7)]
    assert [one.tolist() for one in of_accounts(world(3), chosen)] == [[1], [0, 2], []]
