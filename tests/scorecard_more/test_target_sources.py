"""Where targets come from: the most that is promised, rules per account or in total, and worlds of one account."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from kaopt.allocation.rules import margin_mix, market_share, profit_floor, promotion_count
from kaopt.scenario.model import Clause, Scenario
from kaopt.scenario.settings import Objective, Targets
from kaopt.scorecard import targets
from tests.worlds import world

BOTH, FIRST, SECOND = np.array([0, 1]), np.array([0]), np.array([1])


def clause(account: int, what: str, least: float, **marks: Any) -> Clause:
    """A promise of everything in a world of two SKUs, eight weeks and two mechanics, unless marked."""
    whole = {"skus": np.ones(2, bool), "weeks": np.ones(8, bool), "treatments": np.ones(2, bool)}
    return Clause("scope", account, what, least=least, most=np.inf, **(whole | marks))


def here(*clauses: Clause, rules: dict[str, tuple[Any, ...]] | None = None, **given: Any) -> Scenario:
    return world(2, 2, 8, agreements=clauses, rules=MappingProxyType(rules or {}), **given)


# --- what is promised


def test_the_largest_of_several_promises_holds() -> None:
    made = here(clause(1, "promotions", 3), clause(1, "promotions", 7), clause(1, "promotions", 5))
    assert targets.promised(made, "promotions").tolist() == pytest.approx([nan, 7.0], nan_ok=True)


@pytest.mark.parametrize(
    "narrow",
    [
        {"skus": np.array([True, False])},
        {"weeks": np.array([True] * 7 + [False])},
        {"treatments": np.array([False, True])},
    ],
)
def test_a_promise_of_a_part_is_no_promise_of_the_whole(narrow: dict[str, Any]) -> None:
    made = here(clause(0, "promotions", 9, **narrow))
    assert np.isnan(targets.promised(made, "promotions")).all()
    assert isnan(targets.execution(made, FIRST, "events"))


def test_promises_of_another_thing_and_of_nothing_are_left_out() -> None:
    made = here(clause(0, "displays", 9), clause(1, "promotions", 0.0))
    assert np.isnan(targets.promised(made, "promotions")).all()
    assert targets.promised(made, "displays").tolist() == pytest.approx([9.0, nan], nan_ok=True)


@pytest.mark.parametrize(
    ("table", "clauses", "found"), [(100.0, 120.0, 120.0), (100.0, 90.0, 100.0), (nan, 90.0, 90.0)]
)
def test_sales_are_the_more_of_the_accounts_table_and_the_agreement(table: float, clauses: float, found: float) -> None:
    """A2 promises 50 in its table and nothing else: together what A1 promises and 50."""
    made = here(clause(0, "revenue", clauses), account_columns={"sales_target": [table, 50.0]})
    assert targets.sales(made, FIRST) == found
    assert targets.sales(made, BOTH) == found + 50
    assert targets.sales(made, SECOND) == 50


def test_all_sales_are_promised_only_where_every_account_promises() -> None:
    made = here(clause(0, "revenue", 90.0))
    assert targets.sales(made, FIRST) == 90 and isnan(targets.sales(made, SECOND)) and isnan(targets.sales(made, BOTH))


# --- promotions and displays


def test_promotions_due_are_the_most_of_table_clause_and_rule_account_by_account() -> None:
    """A1: 2 in its table, 6 in a clause, 4 by the rule; A2: 5, none, 4. So 6 and 5, and 11 together."""
    made = here(
        clause(0, "promotions", 6),
        account_columns={"promotions_due": [2, 5]},
        rules={"promotion_count": (promotion_count.Settings(min=4),)},
    )
    assert [targets.execution(made, one, "events") for one in (FIRST, SECOND, BOTH)] == [6, 5, 11]


def test_displays_have_their_own_column_clause_and_rule() -> None:
    """A rule on displays is none on promotions, and the other way round; weeks are neither."""
    rules = (
        promotion_count.Settings(min=3, what="displays"),
        promotion_count.Settings(min=8),
        promotion_count.Settings(min=99, what="weeks"),
    )
    made = here(clause(1, "displays", 7), account_columns={"displays_due": [4, 1]}, rules={"promotion_count": rules})
    assert [targets.execution(made, one, "displays") for one in (FIRST, SECOND, BOTH)] == [4, 7, 11]
    assert [targets.execution(made, one, "events") for one in (FIRST, SECOND, BOTH)] == [8, 8, 16]


def test_a_number_for_each_sku_counts_only_what_is_listed() -> None:
    """A1 sells both SKUs, A2 one: 2 x 3 and 1 x 3."""
    made = here(
        rules={"promotion_count": (promotion_count.Settings(min=3, per="account_sku"),)},
        listed=np.array([[True, True], [False, True]]),
    )
    assert [targets.execution(made, one, "events") for one in (FIRST, SECOND, BOTH)] == [6, 3, 9]


def test_a_number_in_total_is_no_target_of_an_account() -> None:
    made = here(rules={"promotion_count": (promotion_count.Settings(min=3, per="total"),)})
    assert isnan(targets.execution(made, FIRST, "events"))
    assert targets.execution(made, BOTH, "events") == 3


def test_a_number_for_each_quarter_is_due_in_every_quarter_of_the_horizon() -> None:
    """A year has four: 2 in each are 8 of each account, 16 together; 5 in each in total are 20, which is more."""
    each, total = (
        promotion_count.Settings(min=2, period="quarter"),
        promotion_count.Settings(min=5, period="quarter", per="total"),
    )
    year = world(2, 2, 52, rules=MappingProxyType({"promotion_count": (each, total)}))
    assert int(year.quarter.max()) + 1 == 4
    assert [targets.execution(year, one, "events") for one in (FIRST, BOTH)] == [8, 20]


def test_nothing_promised_is_no_target_and_not_a_target_of_nothing() -> None:
    assert isnan(targets.execution(here(), BOTH, "events"))
    assert isnan(targets.execution(here(rules={"promotion_count": (promotion_count.Settings(max=4),)}), BOTH, "events"))


# --- ratios and floors


def test_the_scenarios_own_word_goes_before_every_rule() -> None:
    rules = {
        "margin_mix": (margin_mix.Settings(min=0.3),),
        "market_share": (market_share.Settings(min_growth_index=1.1),),
    }
    plain = here(rules=rules)
    own = replace(plain, targets=Targets(high_margin=0.2, growth_index=0.0))
    assert (targets.high_margin(plain, BOTH), targets.growth_index(plain, BOTH)) == (0.3, 1.1)
    assert (targets.high_margin(own, BOTH), targets.growth_index(own, BOTH)) == (0.2, 0.0)  # a word of nothing too


def test_a_mix_of_brands_is_no_share_of_high_margin_products() -> None:
    """The first setting names brands, the second bounds from above: only the third says it of high margins."""
    mixes = (margin_mix.Settings(min=0.6, brand="B*"), margin_mix.Settings(max=0.9), margin_mix.Settings(min=0.25))
    assert targets.high_margin(here(rules={"margin_mix": mixes}), BOTH) == 0.25
    assert isnan(targets.high_margin(here(rules={"margin_mix": mixes[:2]}), BOTH))


def test_a_ratio_in_total_is_not_asked_of_each_account() -> None:
    rules = {
        "margin_mix": (margin_mix.Settings(min=0.3, per="total"), margin_mix.Settings(min=0.2, per="account")),
        "market_share": (market_share.Settings(min_growth_index=1.1, per="total"),),
    }
    made = here(rules=rules)
    assert [targets.high_margin(made, one) for one in (FIRST, BOTH)] == [0.2, 0.3]
    assert isnan(targets.growth_index(made, FIRST)) and targets.growth_index(made, BOTH) == 1.1


def test_the_highest_floor_of_money_holds_and_floors_of_accounts_do_not_add_up() -> None:
    floors = tuple(profit_floor.Settings(min=value) for value in (10.0, 30.0, 20.0))
    made = here(rules={"profit_floor": floors})
    assert targets.extra_contribution(made, FIRST) == 30
    assert isnan(targets.extra_contribution(made, BOTH))
    total = replace(made, objective=Objective(contribution_floor=-5.0))
    assert targets.extra_contribution(total, BOTH) == -5.0  # to lose no more than five is a floor as well
    assert targets.extra_contribution(total, SECOND) == 30


def test_the_least_contribution_of_the_scenario_is_of_all_together() -> None:
    made = here(targets=Targets(contribution=1000.0))
    assert targets.contribution(made, BOTH) == 1000 and isnan(targets.contribution(made, FIRST))


def test_in_a_world_of_one_account_it_is_the_total_too() -> None:
    """Every floor counts, those per account and those in total: the highest holds."""
    floors = (profit_floor.Settings(min=40.0), profit_floor.Settings(min=30.0, per="total"))
    one = world(1, 1, 8, rules=MappingProxyType({"profit_floor": floors}), objective=Objective(contribution_floor=35.0))
    assert targets.is_total(one, FIRST)
    assert targets.extra_contribution(one, FIRST) == 40
    assert targets.extra_contribution(replace(one, objective=Objective(contribution_floor=50.0)), FIRST) == 50


# --- the fill rate


def test_the_fill_rate_of_all_weighs_every_customers_own_by_its_orders() -> None:
    """98 % of 300 and 90 % of 100: 384 of 400."""
    made = here(account_columns={"fill_target": [0.98, 0.90]})
    weight = np.array([300.0, 100.0])
    assert targets.fill_rate(made, BOTH, weight) == pytest.approx(0.96)
    assert targets.fill_rate(made, SECOND, weight) == 0.90
    assert isnan(targets.fill_rate(made, BOTH, np.zeros(2)))  # nobody orders: nothing to weigh by


def test_a_general_fill_rate_holds_in_total_and_where_a_customer_says_nothing() -> None:
    made = here(account_columns={"fill_target": [0.98, nan]}, targets=Targets(fill_rate=0.95))
    assert [targets.fill_rate(made, one, np.ones(2)) for one in (FIRST, SECOND, BOTH)] == [0.98, 0.95, 0.95]


# --- rules that one writes oneself


def test_a_rule_of_ones_own_may_lack_every_setting() -> None:
    """Settings without the name are passed over; without `per` they are of each account."""
    bare, said = SimpleNamespace(), SimpleNamespace(min_growth_index=1.2)
    made = here(rules={"market_share": (bare, said), "profit_floor": (bare,), "promotion_count": (bare,)})
    assert targets.settings(made, "market_share", "min_growth_index") == [(said, 1.2)]
    assert targets.growth_index(made, FIRST) == targets.growth_index(made, BOTH) == 1.2
    assert isnan(targets.extra_contribution(made, FIRST)) and isnan(targets.execution(made, BOTH, "events"))
    assert targets.settings(made, "no_such_rule", "min") == []


def test_the_first_value_given_counts_even_if_it_is_nothing() -> None:
    assert targets.first(None, 0.0, 5.0) == 0.0
    assert isnan(targets.first(None)) and isnan(targets.first())


def test_a_floor_on_all_that_is_earned_is_no_floor_on_what_promotions_add() -> None:
    """`level: account` asks 1 000 of the whole contribution after fees, and nothing of the increment."""
    whole = profit_floor.Settings(min=1000.0, level="account")
    made = here(rules={"profit_floor": (whole,)})
    assert isnan(targets.extra_contribution(made, FIRST)) and targets.contribution(made, FIRST) == 1000.0
    assert isnan(targets.contribution(made, BOTH))  # floors of accounts do not add up
    more = here(rules={"profit_floor": (profit_floor.Settings(min=1000.0),)})
    assert targets.extra_contribution(more, FIRST) == 1000.0 and isnan(targets.contribution(more, FIRST))
    total = profit_floor.Settings(min=500.0, level="account", per="total")
    both = here(rules={"profit_floor": (total,)}, targets=Targets(contribution=700.0))
    assert targets.contribution(both, BOTH) == 700.0  # the higher of the two
