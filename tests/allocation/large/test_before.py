"""A search that goes on from the plan and the prices of a world much like this one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from benchmarks.generator import draw, read

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large import engine
from kaopt.allocation.large.engine import AGAIN, ROUNDS, searched
from kaopt.allocation.large.plans import at_hand, keys
from kaopt.allocation.large.quest import Before, Found, Quest
from kaopt.allocation.large.rounding import LOYAL, SURE, draft_of, settled
from kaopt.allocation.large.shard import Shard
from kaopt.allocation.large.streams import Told
from kaopt.allocation.large.walk import room_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.solve import Limits
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.vary import number_at, with_number
from tests.allocation.large.shards import columns, linking, switched

GAP = 1e-3


def weekly(count: int) -> Shard:
    """One account-SKU with an event in each of its first weeks, all in one row that never binds."""
    events = [(n, n + 1, 1.0, {0: 1.0}) for n in range(count)]
    return Shard(columns([events]), switched(rows=1), linking([-np.inf], [9.0]))


@cache
def drawn() -> Scenario:
    return read(draw("12x40", 1))


def cheaper(share: float) -> Scenario:
    """The drawn world with another total budget."""
    return with_number(drawn(), "budget.total", round(share * number_at(drawn(), "budget.total")))


@cache
def found(share: float) -> Found:
    return searched(Quest(Told(cheaper(share), RULES), Limits(seconds=300.0), GAP))


def from_before(share: float, before: Before) -> Found:
    """What a search finds from a plan and prices."""
    return searched(Quest(Told(cheaper(share), RULES), Limits(seconds=300.0), GAP, before=before))


@pytest.mark.thorough
@pytest.mark.parametrize("share", [0.9, 1.1])
def test_another_budget_is_as_well_planned_from_before_as_anew(share: float) -> None:
    first, anew = found(1.0), found(share)
    assert first.plan is not None and first.prices is not None and anew.plan is not None
    again = from_before(share, Before(first.prices, first.plan))
    assert again.plan is not None
    judged = evaluate(cheaper(share), again.plan, RULES)
    assert judged.breaches == ()
    assert judged.objective == pytest.approx(again.objective, rel=1e-9)
    assert again.bound >= max(again.objective, anew.objective)  # both bounds hold for both plans
    assert anew.bound >= again.objective
    assert again.bound - again.objective <= max(anew.bound - anew.objective, GAP * again.objective) * (1 + 1e-9)


@pytest.mark.thorough
def test_a_search_from_before_is_deterministic() -> None:
    first = found(1.0)
    assert first.plan is not None and first.prices is not None
    one, other = (from_before(1.0, Before(first.prices, first.plan)) for _ in range(2))
    assert one.plan is not None and other.plan is not None
    assert np.array_equal(keys(one.plan), keys(other.plan)) and one.bound.hex() == other.bound.hex()


@pytest.mark.parametrize(("bound", "heard"), [(10.0, ["before"]), (99.0, ["before", "anew"])])
def test_what_is_not_proven_from_before_is_done_anew(
    monkeypatch: pytest.MonkeyPatch, bound: float, heard: list[str]
) -> None:
    said: list[str] = []

    def instead(quest: Quest, found: Found, given: object, rounds: object) -> None:
        said.append("anew" if quest.before is None else "before")
        assert rounds == (ROUNDS if quest.before is None else AGAIN)
        found.objective, found.bound = 10.0, bound

    monkeypatch.setattr(engine, "from_prices", instead)
    monkeypatch.setattr(engine, "first_prices", lambda _: {})
    quest = Quest(Told(drawn(), RULES), Limits(seconds=60.0), GAP, before=Before({}, Plan.nothing()))
    assert not searched(quest).interrupted
    assert said == heard
    searched(replace(quest, before=None))
    assert said[len(heard) :] == ["anew"]


def test_events_of_the_plan_are_known_again() -> None:
    events = weekly(3).columns
    names = ("account", "sku", "week", "weeks", "treatment")
    plan = Plan(*(getattr(events, name)[[0, 2]].astype(np.int64) for name in names))
    quest = Quest(Told(drawn(), RULES), Limits(seconds=1.0), GAP, before=Before({}, plan))
    assert at_hand(quest, events).tolist() == [True, False, True]
    assert not at_hand(replace(quest, before=None), events).any()


def test_no_two_events_have_one_key() -> None:
    luck = np.random.default_rng(5)
    drawn = [luck.integers(0, most, 3_000) for most in (40, 500, 60, 5, 9)]
    events = {tuple(one) for one in np.array(drawn).T.tolist()}
    assert len(set(keys(Plan(*drawn)).tolist())) == len(events)


@pytest.mark.parametrize(
    ("often", "before", "stands", "open_"),
    [
        ([1.0, 0.0], [0, 0], [1, 0], False),  # the ascent is of one mind
        ([0.5, 0.5], [0, 0], [0, 0], True),  # it is not, and no plan is at hand
        ([0.5, 0.5], [0, 1], [0, 1], False),  # the plan at hand decides
        ([0.5, 0.5], [1, 0], [1, 0], False),
        ([1.0, 0.0], [0, 1], [1, 0], False),  # it is of one mind that the plan at hand is old
        ([0.9, 0.1], [0, 1], [0, 0], True),  # nearly
    ],
)
def test_a_block_stands_where_the_ascent_is_sure_or_as_it_was(
    often: list[float], before: list[int], stands: list[int], open_: bool
) -> None:
    assert LOYAL < 0.9 < SURE
    shard = weekly(2)
    room = room_of(shard, shard.rows.low, shard.rows.high)
    draft = draft_of(room, np.zeros(len(room.sums)), np.array(often), np.array(before, dtype=bool))
    chosen, unsure = settled(draft, slice(0, 2))
    assert (chosen.tolist(), unsure.tolist()) == ([bool(one) for one in stands], [open_])
