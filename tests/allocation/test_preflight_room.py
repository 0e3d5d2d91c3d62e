"""Promises that need more room than there is, by hand; that every finding is a proof is tested in `test_preflight`."""

from __future__ import annotations

import pytest

from kaopt.allocation.wishes.preflight import check
from kaopt.scenario.model import Lock
from tests.allocation.rule_cases import SETTINGS, plain

COUNT = SETTINGS["promotion_count"]
TWO_SKUS = (1, 2, 2)
MUSTS = (Lock(0, 0, 0, 1, -1, "must"), Lock(0, 1, 0, 1, -1, "must"))


def test_two_musts_and_one_slot() -> None:
    (fault,) = check(plain(TWO_SKUS, locks=MUSTS, account_columns={"display_slots": 1}))
    assert fault.column == "rules.display_slots [account=A1 week=1]"
    assert fault.found == "what `locks` asks takes at least 2"
    assert fault.expected == "display_slots account=A1 week=1 allows 1 display"
    assert check(plain(TWO_SKUS, locks=MUSTS, account_columns={"display_slots": 2})) == ()


def test_a_must_that_needs_no_display_takes_no_slot() -> None:
    """`cut` keeps the second must without a display."""
    columns = {"treatment": ["show", "cut"], "family": ["display", "price"], "display": [1.0, 0.0], "slots": [1, 0]}
    columns |= {"weekly_cost": [500.0, 0.0], "lengths": [(1,), (1,)], "depth": [0.0, 0.1]}
    world = plain(TWO_SKUS, locks=MUSTS, account_columns={"display_slots": 1}, treatment_columns=columns)
    assert check(world) == ()


@pytest.mark.parametrize(("promised", "findings"), [(4, 0), (5, 1), (8, 1)])
def test_a_display_promise_above_the_slots_of_the_year(promised: int, findings: int) -> None:
    """Two weeks of two slots hold four displays, of four that three SKUs could show."""
    rules = {"promotion_count": (COUNT(min=promised, what="displays"),)}
    found = check(plain((1, 4, 2), rules=rules, account_columns={"display_slots": 2}))
    assert len(found) == findings
    for fault in found:
        assert fault.column == "rules.display_slots [account=A1]"
        assert fault.expected == "display_slots account=A1 allows 4 display"


def test_promises_of_two_rules_are_added_where_no_offer_serves_both() -> None:
    """A must at S1 and one event at each SKU: the event of S2 needs a slot of its own in the only week."""
    rules = {"promotion_count": (COUNT(min=1, per="account_sku"),)}
    (fault,) = check(plain((1, 2, 1), rules=rules, account_columns={"display_slots": 1}))[:1]
    assert fault.found == "what `promotion_count` asks takes at least 2"


def test_the_most_events_of_a_quarter_against_musts() -> None:
    musts = tuple(Lock(0, 0, week, 1, -1, "must") for week in range(3))
    (fault,) = check(plain((1, 1, 4), rules={"promotion_count": (COUNT(max=2),)}, locks=musts))
    assert fault.column == "rules.promotion_count [account=A1]"
    assert fault.found == "what `locks` asks takes at least 3"
