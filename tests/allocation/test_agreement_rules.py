"""Rules of the annual agreement, number by number: rows, limits, what the judge says, calendars, names nobody knows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rows import make_rows, widened
from kaopt.allocation.rules import agreement, all_rows, festival, lead_time
from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.plan import Plan
from kaopt.report.binding import constraints_frame
from kaopt.scenario.model import Clause, Lock, Scenario
from kaopt.scorecard import targets
from tests.allocation.brute import decided, plan_of
from tests.allocation.case import SETTINGS, plain
from tests.allocation.cases_agreement import clause, given
from tests.allocation.test_rule_limits import ONE, at, told
from tests.allocation.test_rule_rows import broken, dense, rows_of, starts

INF = np.inf
LONG = {"lengths": [(1, 2)]}


def named(world: Scenario, rule: str, **settings: Any) -> str:
    """What is wrong with a rule's names, in one text."""
    with pytest.raises(InputError) as wrong:
        all_rows(replace(world, rules={rule: (SETTINGS[rule](**settings),)}), make_offers(world))
    return str(wrong.value)


# exclusion


def test_a_cluster_has_one_row_a_week_not_one_a_pair() -> None:
    world = plain((1, 4, 2), sku_columns={"cluster": ["c", "c", "c", ""]})
    rows = rows_of("exclusion", world, per="cluster")
    assert rows.scopes == ("account=A1 cluster=c week=1", "account=A1 cluster=c week=2")
    assert dense(rows) == [[1, 0] * 3 + [0, 0], [0, 1] * 3 + [0, 0]] and rows.high.tolist() == [1, 1]
    assert len(rows_of("exclusion", world, per="cluster", max=3)) == 0  # cannot be more


def test_a_row_that_says_the_same_again_is_left_out() -> None:
    """Events of two weeks from week 1 and 2 of three: weeks 1 and 2 differ; one event of two weeks gives one row."""
    world = plain((1, 2, 2), sku_columns={"cluster": "c"}, treatment_columns={"lengths": [(2,)]})
    assert rows_of("exclusion", world, per="cluster").scopes == ("account=A1 cluster=c week=1",)
    soft = rows_of("exclusion", world, per="cluster", hard=False, regret=1.0)
    assert len(soft) == 2  # each week counts its own regret
    longer = replace(world, weeks=3, eligible=np.ones((1, 2, 1, 3), bool), base_cases=np.full((1, 2, 3), 100.0))
    longer = replace(longer, base_price=np.full((1, 2, 3), 62.5))
    assert len(rows_of("exclusion", longer, per="cluster")) == 3


def test_brands_meet_only_where_both_are_sold() -> None:
    """A row for a pair of SKUs joins all lengths of either; the second account does not list brand B."""
    listed = np.array([[True, True, True], [True, True, False]])
    world = plain((2, 3, 2), sku_columns={"brand": ["A", "A", "B"]}, listed=listed, treatment_columns=LONG)
    rows = rows_of("exclusion", world, brands=(("A", "B"),))
    assert rows.scopes[:2] == ("account=A1 sku=S1 beside=S3 week=1", "account=A1 sku=S1 beside=S3 week=2")
    assert len(rows) == 4 and all(scope.startswith("account=A1") for scope in rows.scopes)
    assert dense(rows)[0] == [1, 1, 0] + [0] * 3 + [1, 1, 0] + [0] * 6
    assert dense(rows)[1] == [0, 1, 1] + [0] * 3 + [0, 1, 1] + [0] * 6
    meeting = broken("exclusion", world, (0, 0, 0, 2, 0), (0, 2, 1, 1, 0), (1, 0, 1, 1, 0), brands=(("A", "B"),))
    assert told(meeting) == [("account=A1 sku=S1 beside=S3 week=2", 2, 1, 1)]
    assert broken("exclusion", world, (0, 0, 0, 1, 0), (0, 1, 0, 1, 0), brands=(("A", "B"),)) == ()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"below": 56.25}, []),  # at the limit is not below it
        ({"below": 56.26}, [("sku=S1 accounts=A1|A3 week=1", 2, 1, 1)]),
        ({"depth": 0.1}, [("sku=S1 accounts=A1|A3 week=1", 2, 1, 1)]),
        ({"depth": 0.11}, []),
    ],
)
def test_rivals_at_their_limit(settings: dict[str, float], expected: list[tuple[str, float, float, float]]) -> None:
    """10 % off 62.50 is 56.25. The second account is no rival, the other SKU another matter."""
    world = plain((3, 2, 1), treatment_columns={"depth": [0.1]})
    events = [*at(0), *at(0, account=1), *at(0, account=2), *at(0, sku=1)]
    assert told(broken("exclusion", world, *events, accounts=(("A1", "A3"),), **settings)) == expected
    rows = rows_of("exclusion", world, accounts=(("A1", "A3"),), **settings)
    assert len(rows) == (2 if expected else 0)


def test_what_shoppers_see_is_what_is_passed_on() -> None:
    world = plain((2, 1, 1), treatment_columns={"depth": [0.2], "pass_through": [0.5]})
    assert len(rows_of("exclusion", world, accounts=(("A1", "A2"),), depth=0.1)) == 1
    assert len(rows_of("exclusion", world, accounts=(("A1", "A2"),), depth=0.15)) == 0


@pytest.mark.parametrize(
    ("rule", "settings", "words"),
    [
        ("exclusion", {}, "must name"),
        ("exclusion", {"accounts": (("X", "Y"),)}, "goes with"),
        ("exclusion", {"per": "cluster", "below": 5.0}, "goes with"),
        ("exclusion", {"accounts": (("X", "Y"),), "below": 5.0, "depth": 0.1}, "one of"),
        ("exclusion", {"brands": (("A",),)}, "at least 2 items"),
        ("margin_mix", {"min": 0.1, "per": "account", "channel": "hyper"}, "in or out"),
        ("rhythm", {}, "max_share"),
        ("rhythm", {"max_share": 0.2}, "greater than or equal to 0.25"),
        ("festival", {"weeks": ()}, "at least 1 item"),
        ("stability", {"max_changes": -1}, "greater than or equal to 0"),
        ("agreement", {"hard": False}, "Input should be True"),
        ("supply", {"hard": False}, "Input should be True"),
    ],
)
def test_settings_that_make_no_sense(rule: str, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SETTINGS[rule](**settings)


@pytest.mark.parametrize(
    ("rule", "settings", "words"),
    [
        ("exclusion", {"brands": (("Fizz", "Laef"),)}, "rules.exclusion.brands = Laef: .* Did you mean 'Leaf'"),
        ("exclusion", {"accounts": (("A1", "B"),), "depth": 0.1}, "rules.exclusion.accounts = B"),
        (
            "festival",
            {"weeks": (1,), "family": "dispaly"},
            "rules.festival.family = dispaly: .* Did you mean 'display'",
        ),
        ("festival", {"weeks": (1,), "account": "B*"}, r"rules.festival.account = B\*"),
        ("margin_mix", {"min": 0.1, "category": "tea"}, "rules.margin_mix.category = tea"),
        ("stability", {"max_changes": 3}, "must have a plan to stay near"),
    ],
)
def test_names_that_nobody_knows_are_told_before_anything_is_solved(
    rule: str, settings: dict[str, Any], words: str
) -> None:
    world = plain((1, 2, 1), sku_columns={"brand": ["Fizz", "Leaf"]})
    assert re.search(words, named(world, rule, **settings))
    with pytest.raises(InputError):
        evaluate(replace(world, rules={rule: (SETTINGS[rule](**settings),)}), plan_of(make_offers(world), (0, 0)))


# agreement, execution


def test_clauses_count_where_things_fall() -> None:
    """An event of weeks 2 and 3: a promotion of week 2, a display in either; sales and their costs week by week."""
    shape = (1, 1, 3)
    late = np.array([False, False, True])
    clauses = tuple(
        replace(clause(shape, what, least=1.0, weeks=late), scope=what)
        for what in ("promotions", "displays", "cases", "revenue")
    )
    world = plain(shape, agreements=clauses, treatment_columns=LONG | {"slots": [3]})
    rows = rows_of("agreement", world)  # offers (0,1) (0,2) (1,1) (1,2) (2,1)
    assert rows.scopes == ("promotions", "displays", "cases", "revenue")
    assert dense(rows) == [[0, 0, 0, 0, 1], [0, 0, 0, 3, 3], [0, 0, 0, 100, 100], [0, 0, 0, 4500, 4500]]
    assert rows.used_without.tolist() == [0, 0, 100, 5000]
    found = broken(
        "agreement", replace(world, agreements=tuple(replace(c, least=1e4) for c in clauses)), (0, 0, 1, 2, 0)
    )
    assert [(b.scope, b.used, b.unit) for b in found] == [
        ("promotions", 0, "event"), ("displays", 3, "display-week"), ("cases", 200, "case"), ("revenue", 9500, "money"),
    ]  # fmt: skip


def test_a_clause_sees_only_what_it_names() -> None:
    """Of two accounts, two SKUs and two mechanics: the second SKU's first mechanic at the first account."""
    kinds = {"treatment": ["a", "b"], "family": ["x", "y"], "display": [1.0, 1.0], "slots": [0, 0],
             "weekly_cost": [1.0, 1.0], "lengths": [(1,), (1,)], "depth": [0.0, 0.1]}  # fmt: skip
    only = {"skus": np.array([False, True]), "treatments": np.array([True, False])}
    both = {"skus": np.array([True, True]), "treatments": np.array([True, True])}
    clauses = (clause((2, 2, 1), "promotions", most=0.0, **only), clause((2, 2, 1), "activities", most=0.0, **both))
    rows = rows_of("agreement", plain((2, 2, 1), agreements=clauses, treatment_columns=kinds))
    assert dense(rows) == [[0, 0, 1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0, 0]]


def test_a_clause_without_a_limit_asks_nothing() -> None:
    world = plain((1, 1, 2), agreements=(clause((1, 1, 2), "promotions"),))
    assert len(rows_of("agreement", world)) == 0 and broken("agreement", world, ONE) == ()


def test_execution_is_what_is_expected_to_happen() -> None:
    columns = {"compliance": [0.8, 0.5], "promotions_due": [2, 0], "displays_due": [0, 3]}
    world = plain((2, 1, 3), account_columns=columns)
    rows = rows_of("execution", world)
    assert (rows.scopes, dense(rows), rows.low.tolist()) == (("account=A1",), [[0.8] * 3 + [0] * 3], [2])
    total = rows_of("execution", world, what="displays", per="total")
    assert (total.unit, dense(total), total.low.tolist()) == ("display-week", [[0.8] * 3 + [0.5] * 3], [3])
    assert told(broken("execution", world, *at(0, 1))) == [("account=A1", 1.6, 2, 0.4)]
    assert broken("execution", world, *at(0, 1, 2)) == ()  # 2.4
    assert told(broken("execution", world, *at(0, 1), *at(0, account=1), what="displays")) == [
        ("account=A2", 0.5, 3, 2.5)
    ]


# festival, rhythm


def test_a_festival_asks_for_events_that_run_in_its_weeks() -> None:
    world = plain((1, 2, 3), treatment_columns=LONG, listed=np.array([[True, False]]))
    rows = rows_of("festival", world, weeks=(2, 9), per="account_sku")
    assert (rows.scopes, dense(rows)) == (("account=A1 sku=S1 week=2",), [[0, 1, 1, 1, 0]])
    assert told(broken("festival", world, (0, 0, 0, 1, 0), weeks=(1, 2))) == [("account=A1 week=2", 0, 1, 1)]
    assert broken("festival", world, (0, 0, 0, 2, 0), weeks=(1, 2), per="account_sku") == ()
    assert told(broken("festival", world, ONE, weeks=(1,), per="total", min=2, family="dis*")) == [
        ("family=dis* week=1", 1, 2, 1)
    ]


@pytest.mark.parametrize(
    ("settings", "forced"),
    [
        ({"per": "account_sku"}, 3),
        ({"per": "account_sku", "sku": "S1"}, 2),
        ({"per": "account_sku", "family": "display"}, 3),
        ({"per": "account_sku", "min": 2}, 0),
        ({"per": "account_sku", "hard": False}, 0),
        ({"per": "account"}, 0),
    ],
)
def test_a_festival_of_each_sku_is_a_matter_of_its_calendar(settings: dict[str, Any], forced: int) -> None:
    world = plain((2, 2, 2), listed=np.array([[True, True], [True, False]]))
    data = festival.calendar(world, SETTINGS["festival"](weeks=(2, 8), **settings))
    assert [(x.week, x.kind, x.treatment) for x in data.forced] == [(1, "must", -1)] * forced


@pytest.mark.parametrize(("share", "weeks"), [(0.4, []), (0.399, [1]), (0.3, [1])])
def test_even_selling_at_its_limit(share: float, weeks: list[int]) -> None:
    """One event in four weeks: 200 of 500 cases."""
    found = broken("rhythm", plain((2, 1, 4)), ONE, max_share=share)
    assert [(b.scope, b.used, b.limit) for b in found] == [(f"account=A1 week={w}", 0.4, share) for w in weeks]
    if weeks:
        assert found[0].shortfall == pytest.approx(100 * (200 - share * 500) / 400)


def test_a_short_last_month_has_a_limit_as_much_higher() -> None:
    """Of seven weeks the last three are a month: 0.3 becomes 0.4; one week alone has none."""
    assert broken("rhythm", plain((1, 1, 7)), (0, 0, 5, 1, 0), max_share=0.3)[0].limit == pytest.approx(0.4)
    assert broken("rhythm", plain((1, 1, 5)), (0, 0, 4, 1, 0), max_share=0.3) == ()
    rows = rows_of("rhythm", plain((1, 1, 5)), max_share=0.3)
    assert len(rows) == 4
    assert dense(rows)[1] == pytest.approx([-30, 70, -30, -30, 0])
    assert (rows.used_without[1], rows.high[1]) == (pytest.approx(-20), pytest.approx(20))


def test_stock_ahead_of_its_sale_is_added_up_week_by_week() -> None:
    """10 % off and 20 weeks of base per unit of depth: 200 ahead, taken back in two weeks of 100; mean base 100."""
    world = plain(
        (1, 1, 4),
        treatment_columns={"depth": [0.1], "lengths": [(1,)]},
        response_columns={"forward_buy": 20.0, "forward_weeks": 2},
    )
    rows = rows_of("rhythm", world, max_ahead=0.9)
    # the event of week 3 can take back only 100 in the one week left; that of week 4 buys nothing ahead
    assert dense(rows) == [[200, 0, 0, 0], [100, 200, 0, 0], [0, 100, 100, 0]]
    assert rows.high.tolist() == pytest.approx([90] * 3) and rows.scopes[0] == "account=A1 week=1 stock=ahead"
    assert told(broken("rhythm", world, ONE, max_ahead=1.0)) == [("account=A1 week=1 stock=ahead", 2, 1, 1)]
    assert broken("rhythm", world, ONE, max_ahead=2.0) == ()


# stability, lead time


def test_changes_are_events_dropped_and_events_added() -> None:
    world = plain((2, 1, 4), given=given(0, 2))
    rows = rows_of("stability", world, max_changes=1)
    assert dense(rows) == [[-1, 1, -1, 1, 1, 1, 1, 1]]
    assert (rows.used_without.tolist(), rows.high.tolist()) == ([2], [-1])
    for events, changes in (([], 2), (at(0, 2), 0), (at(0, 1), 2), (at(0, 1, 2, 3), 2), (at(1), 3)):
        found = broken("stability", world, *events, max_changes=0)
        assert [b.used for b in found] == ([changes] if changes else [])
    moved = broken("stability", world, *at(2), *at(0, account=1), max_changes=0, per="account")
    assert told(moved) == [("account=A1", 1, 0, 1), ("account=A2", 1, 0, 1)]


def test_a_given_event_named_twice_is_one() -> None:
    world = plain((1, 1, 3), given=given(0, 0))
    assert rows_of("stability", world, max_changes=0).used_without.tolist() == [1]
    assert [b.used for b in broken("stability", world, max_changes=0)] == [1]


@pytest.mark.parametrize(
    ("fences", "offered", "stays"),
    [
        ({}, [0, 1, 2, 3], []),
        ({"frozen": 7}, [0, 1, 2, 3], [0]),  # week 1 is given
        ({"frozen": 8}, [0, 2, 3], [0]),  # week 2 starts on the eighth day, its event is not given
        ({"slushy": 14}, [0, 1, 2, 3], [0]),
        ({"slushy": 15}, [0, 1, 2, 3], [0, 2]),
        ({"frozen": 8, "slushy": 15}, [0, 2, 3], [0, 2]),
    ],
)
def test_fences_count_days_from_today(fences: dict[str, int], offered: list[int], stays: list[int]) -> None:
    """Planned on the first day of week 1, with events given in weeks 1 and 3."""
    rules = {"lead_time": (SETTINGS["lead_time"](**fences),)}
    world = plain((1, 1, 4), rules=rules, given=given(0, 2), planned_on=date(2027, 1, 4))
    offers = make_offers(world)
    assert [week for _, _, week, _ in starts(offers)] == offered
    rows = rows_of("lead_time", world, **fences)
    assert [offered[i] for i in rows.matrix.indices] == stays
    calendar = lead_time.calendar(world, rules["lead_time"][0])
    assert [one.week for one in calendar.forced] == stays and {one.kind for one in calendar.forced} <= {"committed"}
    assert calendar.starts is not None
    assert sorted({*np.flatnonzero(calendar.starts[0, 0]).tolist(), *stays}) == offered


def test_inside_the_frozen_fence_nothing_comes_and_nothing_goes() -> None:
    rules = {"lead_time": (SETTINGS["lead_time"](frozen=15),)}
    world = plain((1, 1, 4), rules=rules, given=given(0), planned_on=date(2027, 1, 4))
    ledger = evaluate(world, plan_of(make_offers(world), (0, 0))).ledger
    assert [b.scope for b in lead_time.breaches(world, ledger, rules["lead_time"][0])] == [
        "account=A1 sku=S1 week=1 treatment=show fence=stays"
    ]
    free = replace(world, rules={})
    added = evaluate(free, plan_of(make_offers(free), (1, 1, 0, 0))).ledger
    assert told(lead_time.breaches(world, added, rules["lead_time"][0])) == [
        ("account=A1 sku=S1 week=2 fence=frozen", 7, 15, 8)
    ]
    assert lead_time.breaches(replace(world, planned_on=None), ledger, rules["lead_time"][0]) == ()


def test_what_stands_inside_a_fence_is_exempt_from_what_is_closed_since() -> None:
    rules = {"lead_time": (SETTINGS["lead_time"](frozen=7),)}
    shut = np.zeros((1, 1, 1, 2), bool)
    locks = (Lock(0, 0, 0, 1, -1, "forbidden"),)
    world = plain((1, 1, 2), rules=rules, given=given(0), eligible=shut, locks=locks, planned_on=date(2027, 1, 4))
    offers = make_offers(world)
    assert starts(offers) == [(0, 0, 0, 1)]
    assert evaluate(world, plan_of(offers, (1,))).breaches == ()


# credit


def test_windows_are_whole_weeks_of_the_payment_term() -> None:
    columns = {"payment_days": [15, 7, 90], "credit_limit": [1e5, INF, 2e4]}
    rows = rows_of("credit", plain((3, 1, 4), account_columns=columns))
    assert rows.scopes == ("account=A1 weeks=1-3", "account=A1 weeks=2-4", "account=A3 weeks=1-4")
    assert rows.used_without.tolist() == [15_000, 15_000, 20_000]
    assert dense(rows)[0] == [5000, 5000, 5000, 0] + [0] * 8
    assert told(broken("credit", plain((3, 1, 4), account_columns=columns), *at(1, account=2))) == [
        ("account=A3 weeks=1-4", 25_000, 20_000, 5000)
    ]


def test_an_invoice_knows_standing_discounts_and_price_cuts_but_no_fee() -> None:
    """100 more cases at 45 net; of 200 cases 5 off each; the 500 of display money comes after."""
    columns = {"payment_days": 7, "credit_limit": 1.0, "on_invoice": 0.1}
    world = plain((1, 1, 2), account_columns=columns, treatment_columns={"depth": [0.1]})
    rows = rows_of("credit", world)
    assert (dense(rows), rows.used_without.tolist()) == ([[3500, 0], [0, 3500]], [4500, 4500])
    scanned = replace(world, treatments=replace(world.treatments, settled=("sell_out",)))
    assert dense(rows_of("credit", scanned)) == [[4500, 0], [0, 4500]]
    assert [b.used for b in broken("credit", world, ONE)] == [8000, 4500]
    assert [b.used for b in broken("credit", scanned, ONE)] == [9000, 4500]


# mix and share


def test_a_mix_has_a_row_for_each_limit() -> None:
    """Base 5 000 of each SKU; brand B between 30 and 60 %."""
    world = plain((1, 2, 1), sku_columns={"brand": ["A", "B"]})
    rows = rows_of("margin_mix", world, min=0.3, max=0.6, brand="B")
    assert rows.scopes == ("brand=B", "brand=B side=max")
    assert dense(rows) == [[-1350, 3150], [-2700, 1800]]
    assert rows.used_without.tolist() == pytest.approx([2000, -1000])
    assert (rows.low.tolist(), rows.high.tolist()) == ([pytest.approx(-2000), -INF], [INF, pytest.approx(1000)])
    told_ = broken("margin_mix", world, (0, 1, 0, 1, 0), min=0.3, max=0.6, brand="B")
    assert told(told_) == [("brand=B side=max", round(9500 / 14_500, 6), 0.6, 8.0)]


def test_a_set_is_what_all_patterns_fit() -> None:
    columns = {"channel": ["hyper", "trade"], "segment": ["x", "x"]}
    world = plain((2, 2, 1), account_columns=columns, sku_columns={"category": ["tea", "cola"]})
    rows = rows_of("margin_mix", world, min=0.0, channel="hyper", category="t*", segment="x")
    assert dense(rows) == [[4500, 0, 0, 0]] and rows.scopes == ("category=t* channel=hyper segment=x",)
    one = rows_of("margin_mix", world, min=0.0, sku="S2", per="account")
    assert one.scopes == ("account=A1 set=S2", "account=A2 set=S2")


def test_share_of_category_counts_what_shoppers_pay_and_what_the_category_gains() -> None:
    """56.25 in the promoted week: 200 of them for 100 at 62.50, so 5 000 more; half of that is new to the category."""
    columns = {"category_revenue": [50_000.0, np.nan], "customer_growth": 0.1, "last_year_revenue": 1.0}
    world = plain((2, 1, 1), account_columns=columns, treatment_columns={"depth": [0.1]})
    rows = rows_of("market_share", world, share_of_category=0.2, new_to_category=0.5)
    assert rows.scopes == ("account=A1 share=category",)
    assert dense(rows) == [[4500, 0]]  # 5 000 less a fifth of 2 500
    assert rows.used_without.tolist() == [6250] and rows.low.tolist() == pytest.approx([11_000 - 6250])
    found = broken("market_share", world, ONE, share_of_category=0.21, new_to_category=0.5)
    assert told(found) == [("account=A1 share=category", 11_250, 0.21 * 57_500, round(0.21 * 57_500 - 11_250, 6))]
    both = rows_of("market_share", world, share_of_category=0.2, min_growth_index=1.0)
    assert both.scopes == ("account=A1", "account=A2", "account=A1 share=category")


def test_every_clause_is_told_with_what_the_plan_holds_of_it() -> None:
    clauses = (clause((1, 1, 2), "promotions", least=2.0), clause((1, 1, 2), "cases", least=250.0, most=300.0))
    world = plain((1, 1, 2), agreements=clauses)
    one, two = agreement.held(world, evaluate(world, plan_of(make_offers(world), (1, 0))).ledger)
    assert (one.used, one.unit, len(one.breaches)) == (1, "event", 1)
    assert (two.clause, two.used, two.unit, two.breaches) == (clauses[1], 300, "case", ())


def test_promises_of_everything_are_targets_of_the_scorecard() -> None:
    """The larger of table and clause; a clause about some weeks is no target of the year."""
    shape = (2, 1, 2)
    late = np.array([False, True])
    clauses = (
        clause(shape, "promotions", least=5.0),
        clause(shape, "promotions", least=9.0, weeks=late),
        clause(shape, "displays", least=1.0),
        clause(shape, "revenue", least=7000.0),
        clause(shape, "revenue", most=8000.0, account=1),
    )
    columns = {"promotions_due": [3, 4], "displays_due": [2, 0], "sales_target": [6000.0, 1000.0]}
    world = plain(shape, agreements=clauses, account_columns=columns)
    first, both = np.array([0]), np.array([0, 1])
    assert [targets.execution(world, x, "events") for x in (first, both)] == [5, 9]
    assert targets.execution(world, first, "displays") == 2
    assert [targets.sales(world, x) for x in (first, both)] == [7000, 8000]
    assert np.isnan(targets.sales(plain(shape), first))


def test_every_clause_has_its_own_unit_in_rows_breaches_and_the_table_of_limits() -> None:
    """Promotions are counted, cases and revenue added up; a clause that asks nothing has no row and takes no unit."""
    kinds = (("promotions", 2.0), ("cases", 0.0), ("displays", 3.0), ("revenue", 1e6), ("activities", 1.0))
    here = plain((1, 1, 3))
    clauses = tuple(clause_of(what, least) for what, least in kinds)
    here = replace(here, agreements=clauses)
    offers = decided(here)
    (block,) = (one for one in all_rows(here, offers) if one.rule == "agreement")
    assert block.units == ("event", "display-week", "money", "event")
    assert [block.unit_at(i) for i in range(len(block))] == [*block.units]
    assert widened(block, offers.columns + 1).units == block.units
    broken = {one.scope: one.unit for one in evaluate(here, Plan.nothing()).breaches}
    assert broken == dict(zip(block.scopes, block.units, strict=True))
    frame = constraints_frame((block,), np.zeros(offers.columns))
    assert frame["unit"].tolist() == [*block.units]


def clause_of(what: str, least: float) -> Clause:
    every = {name: np.ones(size, bool) for name, size in (("skus", 1), ("weeks", 3), ("treatments", 1))}
    return Clause(account=0, what=what, least=least, most=np.inf, scope=f"account=A1 {what}", **every)


def test_rows_of_one_unit_need_not_repeat_it() -> None:
    block = make_rows("budget", "money", ("total",), np.ones((1, 2)), high=1.0)
    assert block.units == () and block.unit_at(0) == "money"
