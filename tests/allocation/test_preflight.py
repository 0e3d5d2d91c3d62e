"""Preflight: every finding is a proof, by hand and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.wishes.preflight import check
from kaopt.offers import make_offers
from kaopt.scenario.model import Lock, Scenario
from tests.allocation.brute import plan_of, subsets
from tests.allocation.rule_cases import CASES, SETTINGS, Case, line, plain
from tests.allocation.strategies import ruled

COUNT = SETTINGS["promotion_count"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_worlds_that_have_a_plan_give_no_finding(case: Case) -> None:
    assert check(case.world()) == ()


@given(ruled())
@settings(max_examples=60, deadline=None)
def test_a_finding_means_that_no_plan_exists(world: Scenario) -> None:
    offers = make_offers(world)
    if len(offers) <= 9 and check(world):
        assert all(evaluate(world, plan_of(offers, chosen)).breaches for chosen in subsets(len(offers)))


def test_promises_dearer_than_the_budget() -> None:
    """Three promotions at 500 each, the cheapest there is, do not fit into 1 499; they fit into 1 500."""
    rules = {"promotion_count": (COUNT(min=3),)}
    (fault,) = check(plain((1, 2, 3), rules=rules, budget=(line((1, 2, 3), high=1499.0),)))
    assert fault.column == "budget [total]"
    assert fault.found == "what `promotion_count` promises costs at least 1,500"
    assert fault.expected == "the budget total allows 1,499 money"
    assert check(plain((1, 2, 3), rules=rules, budget=(line((1, 2, 3), high=1500.0),))) == ()


def test_promises_of_several_accounts_add_up() -> None:
    rules = {"promotion_count": (COUNT(min=1),)}
    assert len(check(plain((3, 1, 2), rules=rules, budget=(line((3, 1, 2), high=1400.0),)))) == 1
    only_two = line((3, 1, 2), high=1400.0, accounts=np.array([True, True, False]))
    assert check(plain((3, 1, 2), rules=rules, budget=(only_two,))) == ()


def test_a_target_out_of_reach() -> None:
    """Two weeks bring 9 000 on 10 000; longer events bring no more than their weeks."""
    columns = {"account_columns": {"sales_target": 19_001.0}, "treatment_columns": {"lengths": [(1, 2)]}}
    (fault,) = check(plain((1, 1, 2), rules={"sales_target": (SETTINGS["sales_target"](),)}, **columns))
    assert (fault.column, fault.found) == ("rules.sales_target [account=A1]", "at least 19,001 money")
    assert fault.expected == "all eligible promotions together bring at most 19,000 money"
    columns["account_columns"] = {"sales_target": 19_000.0}
    assert check(plain((1, 1, 2), rules={"sales_target": (SETTINGS["sales_target"](),)}, **columns)) == ()


def test_a_rest_between_promotions_is_taken_into_account() -> None:
    """Five weeks with a rest of two hold two promotions, not three."""
    spacing = (SETTINGS["spacing"](gap=2),)
    assert check(plain((1, 1, 5), rules={"spacing": spacing, "promotion_count": (COUNT(min=2),)})) == ()
    assert len(check(plain((1, 1, 6), rules={"spacing": spacing, "promotion_count": (COUNT(min=3),)}))) == 1


def test_the_least_above_the_most() -> None:
    (fault,) = check(plain((1, 1, 5), rules={"promotion_count": (COUNT(min=3, max=2),)}))
    assert fault.found == "at least 3 and at most 2 event"


def test_a_soft_target_is_never_a_finding() -> None:
    assert check(plain((1, 1, 1), rules={"promotion_count": (COUNT(min=3, hard=False, regret=1.0),)})) == ()


def test_a_lock_that_no_offer_can_meet() -> None:
    world = plain((1, 1, 2), locks=(Lock(0, 0, 1, 1, -1, "must"), Lock(0, 0, 1, 1, -1, "forbidden")))
    (fault,) = check(world)
    assert fault.column == "rules.locks [account=A1 sku=S1 week=2 lock=must]"


def test_a_finding_points_to_the_line_that_states_the_rule() -> None:
    here = {"rules.promotion_count": "scenarios/x/scenario.yaml:31"}
    (fault,) = check(plain((1, 1, 1), rules={"promotion_count": (COUNT(min=3),)}, provenance=here))
    assert (fault.file, fault.line) == ("scenarios/x/scenario.yaml", 31)
    (fault,) = check(plain((1, 1, 1), rules={"promotion_count": (COUNT(min=3),)}))
    assert (fault.file, fault.line) == ("scenario.yaml", None)


def test_one_promotion_may_keep_two_promises() -> None:
    """Two weeks that must be promoted, one event of two weeks at 500 a piece: 500 is enough."""
    locks = (Lock(0, 0, 0, 2, -1, "must"),)
    columns = {"weekly_cost": [0.0], "fixed_cost": [500.0], "lengths": [(2,)]}
    assert check(plain((1, 1, 2), locks=locks, treatment_columns=columns, budget=(line((1, 1, 2), high=500.0),))) == ()


def test_sales_that_cost_more_than_the_budget() -> None:
    """2 000 of net sales cost 3 000 at S1, which helps; at S2 an event only loses: 4 000 need 6 000 at least."""
    columns = {"account_columns": {"sales_target": 15_000.0 + 4000.0}, "treatment_columns": {"weekly_cost": [3000.0]}}
    columns["base_cases"] = np.array([[[100.0, 100.0], [50.0, 50.0]]])
    rules = {"sales_target": (SETTINGS["sales_target"](),)}
    assert check(plain((1, 2, 2), rules=rules, budget=(line((1, 2, 2), high=6000.0),), **columns)) == ()
    (fault,) = check(plain((1, 2, 2), rules=rules, budget=(line((1, 2, 2), high=5999.0),), **columns))
    assert fault.found == "what `sales_target` promises costs at least 6,000"
