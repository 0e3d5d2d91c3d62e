"""What becomes of every rule where accounts are planned one by one: kept by the year, priced, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large.carried import year_of
from kaopt.allocation.large.engine import searched
from kaopt.allocation.large.quest import Quest
from kaopt.allocation.large.shard import shard_of
from kaopt.allocation.large.streams import Told
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.solve import CLOSE, Limits
from kaopt.errors import InfeasibleError, InputError
from tests.allocation.case import closed
from tests.allocation.large.small import one_process
from tests.allocation.rule_cases import CASES, SETTINGS, Case, plain

# year: each account-SKU's own program keeps it; closed: what it forbids is not on offer; opened: events are out while
# the switch that they need is off; priced: its rows have prices; refused: an InputError that names it
BECOMES = {
    "one_event": {"year"},
    "overlap": {"priced"},
    "spacing": {"year"},
    "promotion_count": {"year", "priced"},  # the year keeps a most number of each account-SKU, and no other count
    "blackout": {"closed"},
    "lead_time": {"closed", "priced"},  # of what was told the customer, some has to stay
    "locks": {"closed", "priced"},
    "festival": {"priced"},
    "exclusion": {"priced"},
    "fees": {"opened"},
    "rebate": {"priced"},
    "budget": {"priced"},
    "display_slots": {"priced"},
    "agreement": {"priced"},
    "execution": {"priced"},
    "sales_target": {"priced"},
    "market_share": {"priced"},
    "margin_mix": {"priced"},
    "profit_floor": {"priced"},
    "contribution_floor": {"priced"},
    "spend_rate": {"priced"},
    "spend_return": {"priced"},
    "max_losing": {"priced"},
    "retailer": {"priced"},
    "supply": {"refused"},
    "credit": {"priced"},
    "rhythm": {"priced"},
    "stability": {"priced"},
}
ONCE = Case("promotion_count", "once a year each SKU", 2000, 4000, settings=({"max": 1, "per": "account_sku"},))
EVERY = (*CASES, ONCE)


@pytest.fixture(scope="module", autouse=True)
def solver() -> Iterator[None]:
    """One solver's process for all."""
    with one_process():
        yield


def becomes(case: Case) -> str:
    """What becomes of a case's rule."""
    world = case.world()
    try:
        shard = shard_of(world, None, RULES)
    except InputError as refused:
        (fault,) = refused.faults
        assert f"the rule {case.rule} " in str(fault)
        assert "Set solve.engine: arrays." in str(fault)
        return "refused"
    if case.rule in year_of(world, RULES).carried:
        return "year"
    if case.rule == "fees":
        return "opened" if shard.switched.opens.any() else "nothing"
    rows = {name.split()[0] for name, _ in (*shard.rows.names, *shard.never)}
    return "priced" if case.rule in rows else "closed"


def test_the_table_names_every_rule_once() -> None:
    assert list(BECOMES) == [rule.NAME for rule in RULES]


@pytest.mark.parametrize("rule", BECOMES)
def test_what_becomes_of_a_rule(rule: str) -> None:
    """Over all cases in which the rule binds."""
    assert {becomes(case) for case in EVERY if case.rule == rule} == BECOMES[rule]


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_no_bound_is_below_the_best_by_hand_and_no_plan_above_it(case: Case) -> None:
    world = case.world()
    try:
        found = searched(Quest(Told(world, RULES), Limits(seconds=60.0), 0.0, begun=monotonic()))
    except InputError:
        assert BECOMES[case.rule] == {"refused"}
        return
    room = CLOSE * max(1.0, abs(case.best))
    assert found.bound >= case.best - room
    if found.plan is not None:
        judged = evaluate(world, found.plan)
        assert not judged.breaches
        assert judged.objective <= case.best + room


def test_what_nothing_keeps_is_refused_by_name() -> None:
    """A least number of events at an account where none is on offer."""
    asked: dict[str, Any] = {"min": 1, "per": "account"}
    count = SETTINGS["promotion_count"](**asked)
    world = plain((1, 1, 2), rules={"promotion_count": (count,)}, eligible=closed((1, 1, 2), 0, 1))
    with pytest.raises(InfeasibleError, match="account=A1"):
        searched(Quest(Told(world, RULES), Limits(seconds=60.0), 0.0, begun=monotonic()))
