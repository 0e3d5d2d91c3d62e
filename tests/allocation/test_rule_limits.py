"""Each rule at its limit, by hand: exactly there is allowed, one unit over is a breach of one unit.

The plain world (see `rule_cases`): an event of one week sells 100 cases more, spends 500, brings 4 500 of net sales
and 2 000 of contribution; a week without events sells 100 cases for 5 000 at each account-SKU.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rules import RULES
from kaopt.plan import Breach
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective
from tests.allocation.rule_cases import SETTINGS, line, plain
from tests.allocation.test_rule_rows import broken, rows_of
from tests.worlds import plan

Event = tuple[int, int, int, int, int]
NAN, INF = float("nan"), np.inf
ONE: Event = (0, 0, 0, 1, 0)
LONG = {"lengths": [(1, 2)]}


def told(found: tuple[Breach, ...]) -> list[tuple[str, float, float, float]]:
    """Scope, used, limit and shortfall of each breach."""
    return [(one.scope, round(one.used, 6), round(one.limit, 6), round(one.shortfall, 6)) for one in found]


def at(*weeks: int, account: int = 0, sku: int = 0) -> list[Event]:
    """Events of one week in these weeks."""
    return [(account, sku, week, 1, 0) for week in weeks]


# one_event, spacing


def test_one_event_two_at_once() -> None:
    world = plain((2, 2, 4), treatment_columns=LONG)
    assert broken("one_event", world, (0, 0, 0, 2, 0), (0, 0, 2, 2, 0)) == ()  # back to back
    assert broken("one_event", world, ONE, (0, 1, 0, 1, 0), (1, 0, 0, 1, 0)) == ()  # other calendars
    found = broken("one_event", world, (0, 1, 0, 2, 0), (0, 1, 1, 2, 0), (0, 1, 1, 1, 0))
    assert told(found) == [("account=A1 sku=S2 week=2", 3, 1, 2)]
    assert (found[0].rule, found[0].unit) == ("one_event", "event")


@pytest.mark.parametrize(("second", "expected"), [(4, []), (3, [(1, 2, 1)]), (2, [(0, 2, 2)]), (1, [])])
def test_spacing_counts_from_the_end_of_an_event(second: int, expected: list[tuple[float, ...]]) -> None:
    """An event in weeks 0 and 1 and a rest of two: the next may start in week 4. An overlap is another rule's."""
    world = plain((1, 1, 6), treatment_columns=LONG)
    found = told(broken("spacing", world, (0, 0, 0, 2, 0), (0, 0, second, 1, 0), gap=2))
    assert found == [(f"account=A1 sku=S1 week={second + 1}", *one) for one in expected]


def test_spacing_knows_no_event_before_the_first_and_no_order() -> None:
    world = plain((1, 2, 6))
    assert broken("spacing", world, *at(0), gap=6) == ()
    assert broken("spacing", world, *at(0), *at(1, sku=1), gap=6) == ()
    assert told(broken("spacing", world, *at(5, 0, 3), gap=2)) == [("account=A1 sku=S1 week=6", 1, 2, 1)]


# promotion_count


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"max": 3}, []),
        ({"max": 2}, [("account=A1", 3, 2, 1)]),
        ({"min": 1}, []),
        ({"min": 2}, [("account=A2", 1, 2, 1)]),
        ({"min": 4, "per": "total"}, []),
        ({"min": 5, "per": "total"}, [("total", 4, 5, 1)]),
        ({"max": 4, "per": "total"}, []),
        ({"max": 3, "per": "total"}, [("total", 4, 3, 1)]),
        ({"max": 2, "per": "account_sku"}, []),
        ({"max": 1, "per": "account_sku"}, [("account=A1 sku=S1", 2, 1, 1)]),
        ({"min": 1, "per": "account_sku"}, [("account=A2 sku=S1", 0, 1, 1)]),
        ({"min": 1, "max": 1, "per": "account_sku"}, [("account=A1 sku=S1", 2, 1, 1), ("account=A2 sku=S1", 0, 1, 1)]),
        ({"min": 0, "per": "account_sku"}, []),
    ],
)
def test_promotion_count_by_place(settings: dict[str, Any], expected: list[tuple[str, float, float, float]]) -> None:
    """Two at A1-S1, one at A1-S2, one at A2-S2."""
    events = [*at(0, 3), *at(1, sku=1), *at(2, account=1, sku=1)]
    assert told(broken("promotion_count", plain((2, 2, 5)), *events, **settings)) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"max": 1}, [("quarter=1", 2, 1, 1)]),
        ({"max": 2}, []),
        ({"min": 1}, []),
        ({"min": 2}, [("quarter=2", 1, 2, 1)]),
        ({"max": 3, "what": "weeks"}, []),
        ({"max": 2, "what": "weeks"}, [("quarter=1", 3, 2, 1)]),
        ({"min": 2, "what": "weeks"}, []),  # the event over the turn counts a week in either
        ({"min": 3, "what": "weeks"}, [("quarter=2", 2, 3, 1)]),
    ],
)
def test_promotion_count_by_quarter(settings: dict[str, Any], expected: list[tuple[str, float, float, float]]) -> None:
    """Two weeks from 0, two from 12 over the turn of the quarter, one in 15: a start counts whole, weeks apart."""
    world = plain((1, 1, 26), treatment_columns=LONG)
    events: list[Event] = [(0, 0, 0, 2, 0), (0, 0, 12, 2, 0), (0, 0, 15, 1, 0)]
    found = told(broken("promotion_count", world, *events, period="quarter", **settings))
    assert found == [(f"account=A1 {scope}", *rest) for scope, *rest in expected]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"min": "agreement"}, [("account=A2", 1, 2, 1)]),
        ({"min": "agreement", "per": "total"}, []),
        ({"max": "agreement"}, [("account=A1", 2, 1, 1)]),
        ({"max": "agreement", "per": "total"}, []),
        ({"min": "agreement", "what": "displays"}, [("account=A1", 2, 3, 1)]),
        ({"min": "agreement", "what": "displays", "per": "total"}, [("total", 3, 4, 1)]),
    ],
)
def test_promotion_count_as_agreed(settings: dict[str, Any], expected: list[tuple[str, float, float, float]]) -> None:
    """Agreed: 1 and 2 promotions, 3 and 1 display-weeks; held: 2 and 1 of either."""
    world = plain((2, 1, 3), account_columns={"promotions_due": [1, 2], "displays_due": [3, 1]})
    assert told(broken("promotion_count", world, *at(0, 2), *at(1, account=1), **settings)) == expected


# blackout, lead_time


def test_blackout_lets_open_weeks_pass_and_counts_the_others() -> None:
    open_ = np.ones((1, 1, 1, 4), bool)
    open_[..., 2] = False
    world = plain((1, 1, 4), eligible=open_, treatment_columns=LONG)
    assert broken("blackout", world, (0, 0, 0, 2, 0)) == ()
    assert told(broken("blackout", world, (0, 0, 1, 2, 0))) == [("account=A1 sku=S1 week=2", 1, 0, 1)]
    assert told(broken("blackout", world, (0, 0, 3, 2, 0))) == [("account=A1 sku=S1 week=4", 1, 0, 1)]  # past the end
    assert told(broken("blackout", world, (0, 0, 0, 3, 0))) == [("account=A1 sku=S1 week=1", 3, 0, 3)]  # no such length
    unlisted = replace(world, listed=np.zeros((1, 1), bool), base_cases=np.zeros((1, 1, 4)))
    assert told(broken("blackout", unlisted, (0, 0, 0, 2, 0))) == [("account=A1 sku=S1 week=1", 2, 0, 2)]
    free = replace(world, locks=(Lock(0, 0, 1, 2, 0, "committed"),))
    assert broken("blackout", free, (0, 0, 1, 2, 0)) == ()  # signed
    assert len(broken("blackout", free, (0, 0, 2, 1, 0))) == 1  # another event in the same weeks is not


@pytest.mark.parametrize(
    ("lead", "notice", "ahead", "week", "short"),
    [
        (21, 21, None, 0, 0),
        (22, 21, None, 0, 1),
        (21, 99, 21, 0, 0),
        (22, 99, 21, 0, 1),
        (28, 99, 21, 1, 0),  # a week later there are 28 days
        (29, 99, 21, 1, 1),
        (29, 28, 21, 5, 1),  # what the account wants is less than what is left
    ],
)
def test_lead_time_to_the_day(lead: int, notice: int, ahead: int | None, week: int, short: int) -> None:
    today = None if ahead is None else date(2027, 1, 4) - timedelta(days=ahead)
    columns = {"account_columns": {"notice_days": notice}, "treatment_columns": {"lead_time": lead}}
    world = plain((1, 1, 6), planned_on=today, **columns)
    found = [one.shortfall for one in broken("lead_time", world, *at(week))]
    assert found == ([short] if short else [])
    rule = {one.NAME: one for one in RULES}["lead_time"]
    calendar = rule.calendar(world, SETTINGS["lead_time"]())  # type: ignore[attr-defined]
    assert bool(calendar.starts[0, 0, week]) is (not short)  # the dynamic program hears the same


# locks


@pytest.mark.parametrize(
    ("lock", "events", "expected"),
    [
        (Lock(0, 0, 1, 2, -1, "must"), [(0, 0, 1, 2, 0)], []),
        (Lock(0, 0, 1, 2, -1, "must"), [(0, 0, 0, 2, 0)], [("week=3 lock=must", 0, 1, 1)]),
        (Lock(0, 0, 1, 2, -1, "must"), [], [("week=2 lock=must", 0, 1, 1), ("week=3 lock=must", 0, 1, 1)]),
        (Lock(0, 0, 1, 1, -1, "must"), [(0, 1, 1, 1, 0)], [("week=2 lock=must", 0, 1, 1)]),
        (Lock(0, 0, 1, 2, -1, "forbidden"), [(0, 0, 0, 1, 0), (0, 0, 3, 1, 0)], []),
        (Lock(0, 0, 1, 2, -1, "forbidden"), [(0, 0, 0, 2, 0)], [("week=2 lock=forbidden", 1, 0, 1)]),
        (Lock(0, 0, 1, 2, 0, "committed"), [(0, 0, 1, 2, 0)], []),
        (Lock(0, 0, 1, 2, 0, "committed"), [(0, 0, 1, 1, 0)], [("week=2 treatment=show lock=committed", 0, 1, 1)]),
        (Lock(0, 0, 1, 2, 0, "committed"), [(0, 0, 1, 2, 0)] * 2, [("week=2 treatment=show lock=committed", 2, 1, 1)]),
    ],
)
def test_locks_week_by_week(lock: Lock, events: list[Event], expected: list[tuple[str, float, float, float]]) -> None:
    world = plain((1, 2, 4), locks=(lock,), treatment_columns=LONG)
    found = told(broken("locks", world, *events))
    assert found == [(f"account=A1 sku=S1 {scope}", *rest) for scope, *rest in expected]


# budget, display_slots


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"high": 1500.0}, []),
        ({"high": 1499.0}, [("total", 1500, 1499, 1)]),
        ({"low": 1500.0}, []),
        ({"low": 1501.0}, [("total", 1500, 1501, 1)]),
        ({"high": 500.0, "accounts": np.array([False, True])}, []),
        ({"high": 999.0, "accounts": np.array([True, False])}, [("total", 1000, 999, 1)]),
        ({"high": 499.0, "weeks": np.array([False, True, False])}, [("total", 500, 499, 1)]),
        ({"high": 0.0, "weeks": np.array([False, False, True])}, []),
        ({"high": 0.0, "treatments": np.array([False])}, []),
    ],
)
def test_budget_to_the_unit(node: dict[str, Any], expected: list[tuple[str, float, float, float]]) -> None:
    """A1 runs in weeks 0 and 1, A2 in week 0: three times 500."""
    world = plain((2, 1, 3), budget=(line((2, 1, 3), **node),))
    assert told(broken("budget", world, *at(0, 1), *at(0, account=1))) == expected


def test_budget_charges_a_long_event_in_the_weeks_in_which_it_runs() -> None:
    first = np.array([True, False, False])
    for high, count in ((500.0, 0), (499.0, 1)):
        world = plain((1, 1, 3), budget=(line((1, 1, 3), high=high, weeks=first),), treatment_columns=LONG)
        assert len(broken("budget", world, (0, 0, 0, 2, 0))) == count


@pytest.mark.parametrize(("room", "expected"), [(3, []), (2, [("account=A1 week=2", 3, 2, 1)])])
def test_display_slots_to_the_slot(room: int, expected: list[tuple[str, float, float, float]]) -> None:
    """Three SKUs in week 1 at A1, of which one since week 0; A2 has its own room."""
    columns = {"account_columns": {"display_slots": room}, "treatment_columns": LONG}
    events: list[Event] = [(0, 0, 0, 2, 0), (0, 1, 1, 1, 0), (0, 2, 1, 1, 0), (1, 0, 1, 1, 0)]
    assert told(broken("display_slots", plain((2, 3, 3), **columns), *events)) == expected


# targets and floors in money


@pytest.mark.parametrize(
    ("target", "settings", "expected"),
    [
        ([14_500.0, NAN], {}, []),
        ([14_501.0, NAN], {}, [("account=A1", 14_500, 14_501, 1)]),
        ([NAN, 10_000.0], {}, []),
        ([NAN, 10_001.0], {}, [("account=A2", 10_000, 10_001, 1)]),
        ([14_400.0, 10_100.0], {"per": "total"}, []),  # what one has too much helps the other
        ([14_400.0, 10_101.0], {"per": "total"}, [("total", 24_500, 24_501, 1)]),
        ([NAN, 10_001.0], {"per": "total"}, [("total", 10_000, 10_001, 1)]),  # only who promised counts
        ([NAN, NAN], {}, []),
        ([NAN, NAN], {"per": "total"}, []),
    ],
)
def test_sales_target_to_the_unit(
    target: list[float], settings: dict[str, Any], expected: list[tuple[str, float, float, float]]
) -> None:
    """Two weeks, one event at A1: 14 500 there, 10 000 at A2. A row for every promise and for nothing else."""
    world = plain((2, 1, 2), account_columns={"sales_target": target})
    assert told(broken("sales_target", world, ONE, **settings)) == expected
    promised = int((~np.isnan(target)).sum())
    rows = rows_of("sales_target", world, **settings)
    assert len(rows) == (min(promised, 1) if settings else promised)
    if len(rows):
        goals = np.array(target)[~np.isnan(target)]
        assert (rows.low + rows.used_without).tolist() == pytest.approx([goals.sum()] if settings else goals.tolist())


def test_sales_target_by_quarter_has_the_season_of_base_sales() -> None:
    """13 weeks of 100 cases and 13 of 300: a quarter and three quarters of 280 000 promised."""
    base = np.concatenate([np.full(13, 100.0), np.full(13, 300.0)]).reshape(1, 1, 26)
    world = plain((1, 1, 26), base_cases=base, account_columns={"sales_target": 280_000.0})
    found = told(broken("sales_target", world, *at(0), period="quarter"))
    assert found == [("account=A1 quarter=1", 69_500, 70_000, 500), ("account=A1 quarter=2", 195_000, 210_000, 15_000)]
    found = told(broken("sales_target", world, *at(0, 2), *at(13), period="quarter"))
    assert found == [("account=A1 quarter=2", 209_500, 210_000, 500)]
    assert broken("sales_target", world, *at(0, 2), *at(13, 15), period="quarter") == ()


@pytest.mark.parametrize(
    ("last", "growth", "index", "expected"),
    [
        ([10_000.0, 8_000.0], [0.45, 0.25], 1.0, []),
        ([10_000.0, 8_000.0], [0.45, 0.25], 1.1, [("account=A1", 14_500, 15_950), ("account=A2", 10_000, 11_000)]),
        ([10_000.0, 8_000.0], [0.4501, 0.25], 1.0, [("account=A1", 14_500, 14_501)]),
        ([NAN, 8_000.0], [9.0, 0.25], 1.0, []),
        ([10_000.0, 8_000.0], [NAN, NAN], 1.0, []),
    ],
)
def test_market_share_to_the_unit(
    last: list[float], growth: list[float], index: float, expected: list[tuple[str, float, float]]
) -> None:
    world = plain((2, 1, 2), account_columns={"last_year_revenue": last, "customer_growth": growth})
    found = told(broken("market_share", world, ONE, min_growth_index=index))
    assert [one[:3] for one in found] == expected
    known = int((~np.isnan(last) & ~np.isnan(growth)).sum())
    assert len(rows_of("market_share", world, min_growth_index=index)) == known


def test_market_share_in_total_leaves_out_who_has_no_figures() -> None:
    columns = {"last_year_revenue": [10_000.0, NAN], "customer_growth": [0.5, 0.1]}
    world = plain((2, 1, 2), account_columns=columns)
    assert told(broken("market_share", world, ONE, min_growth_index=1.0, per="total")) == [("total", 14500, 15000, 500)]
    both = replace(world, accounts=replace(world.accounts, last_year_revenue=np.array([10_000.0, 8_636.0])))
    assert told(broken("market_share", both, ONE, min_growth_index=1.0, per="total")) == []  # 24 499.6 of 24 500
    nobody = replace(world, accounts=replace(world.accounts, customer_growth=np.array([NAN, 0.1])))
    assert broken("market_share", nobody, min_growth_index=9.0, per="total") == ()
    assert len(rows_of("market_share", nobody, min_growth_index=9.0, per="total")) == 0


@pytest.mark.parametrize(
    ("least", "per", "expected"),
    [
        (0.5, "total", []),
        (0.51, "total", [("total", 0.5, 0.51, 1)]),  # 200 of 20 000 are a point
        (0.5, "account", [("account=A2", 0.25, 0.5, 25)]),
        (0.75, "account", [("account=A2", 0.25, 0.75, 50)]),
        (0.25, "account", []),
    ],
)
def test_margin_mix_to_the_point(least: float, per: str, expected: list[tuple[str, float, float, float]]) -> None:
    """High-margin goods are three quarters of A1's sales and a quarter of A2's."""
    base = np.array([[150.0, 50.0], [50.0, 150.0]]).reshape(2, 2, 1)
    world = plain((2, 2, 1), base_cases=base, sku_columns={"high_margin": [True, False]})
    assert told(broken("margin_mix", world, min=least, per=per)) == expected


@pytest.mark.parametrize(
    ("floor", "per", "expected"),
    [
        (4000, "total", []),
        (4001, "total", [("total", 4000, 4001, 1)]),
        (0, "account", []),
        (1, "account", [("account=A2", 0, 1, 1)]),
        (4001, "account", [("account=A1", 4000, 4001, 1), ("account=A2", 0, 4001, 4001)]),
    ],
)
def test_profit_floor_to_the_unit(floor: float, per: str, expected: list[tuple[str, float, float, float]]) -> None:
    assert told(broken("profit_floor", plain((2, 1, 2)), *at(0, 1), min=floor, per=per)) == expected


@pytest.mark.parametrize(
    ("floor", "expected"), [(2000.0, []), (2001.0, [("total", 2000, 2001, 1)]), (None, []), (-1.0, [])]
)
def test_contribution_floor_to_the_unit(floor: float | None, expected: list[tuple[str, float, float, float]]) -> None:
    world = plain((1, 1, 2), objective=Objective(maximize="profit", contribution_floor=floor))
    assert told(broken("contribution_floor", world, ONE)) == expected
    assert len(rows_of("contribution_floor", world)) == (floor is not None)


# what is missed softly

SHARE = {"account_columns": {"last_year_revenue": 20_000.0, "customer_growth": 0.25}}


@pytest.mark.parametrize(
    ("name", "given", "settings", "objective"),
    [
        ("promotion_count", {}, {"max": 1, "regret": 700}, 4000 - 700),
        ("promotion_count", {}, {"min": 4, "regret": 700}, 4000 - 2 * 700 + 4 * 700),
        ("profit_floor", {}, {"min": 5000, "regret": 0.5}, 4000 - 500 + 2500),
        ("sales_target", {"account_columns": {"sales_target": 25_000.0}}, {"regret": 0.1}, 4000 - 100 + 1000),
        ("market_share", SHARE, {"min_growth_index": 1.0, "regret": 0.1}, 4000 - 100 + 1000),
    ],
)
def test_a_soft_rule_costs_its_regret_against_that_of_doing_nothing(
    name: str, given: dict[str, Any], settings: dict[str, Any], objective: float
) -> None:
    """Three weeks, two events: 4 000 earned, 24 000 sold; what doing nothing would miss is no cost of the plan."""
    world = plain((1, 1, 3), **given)
    world = replace(world, rules={name: (SETTINGS[name](hard=False, **settings),)})
    judged = evaluate(world, plan(*at(0, 2)))
    assert judged.breaches == ()
    assert [one.rule for one in judged.missed] == [name]
    assert judged.objective == pytest.approx(objective)
    hard = replace(world, rules={name: (SETTINGS[name](**settings),)})
    found = evaluate(hard, plan(*at(0, 2)))
    assert [one.rule for one in found.breaches] == [name]
    assert found.missed == ()
    assert found.objective == pytest.approx(4000)


# what settings say


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("spacing", {}, "gap\n  Field required"),
        ("spacing", {"gap": -1}, "greater than or equal to 0"),
        ("spacing", {"gap": 1.5}, "valid integer"),
        ("spacing", {"gap": 1, "hard": False}, "Input should be True"),
        ("spacing", {"gap": 1, "per": "account"}, "Extra inputs are not permitted"),
        ("promotion_count", {"min": -1}, "greater than or equal to 0"),
        ("promotion_count", {"max": "contract"}, "Input should be 'agreement'"),
        ("promotion_count", {"per": "sku"}, "'account', 'account_sku' or 'total'"),
        ("promotion_count", {"period": "month"}, "'year' or 'quarter'"),
        ("promotion_count", {"what": "days"}, "'events', 'weeks' or 'displays'"),
        ("promotion_count", {"min": "agreement", "what": "weeks"}, "`agreement` is known for events and displays"),
        ("promotion_count", {"max": "agreement", "period": "quarter"}, "per account or total, in the year"),
        ("sales_target", {"per": "account_sku"}, "'account' or 'total'"),
        ("sales_target", {"period": "week"}, "'year' or 'quarter'"),
        ("market_share", {}, "must have `min_growth_index` or `share_of_category`"),
        ("market_share", {"min_growth_index": 0}, "greater than 0"),
        ("margin_mix", {}, "must have `min` or `max`"),
        ("margin_mix", {"min": 0.5, "per": "sku"}, "'account' or 'total'"),
        ("profit_floor", {}, "min\n  Field required"),
        ("profit_floor", {"min": 0, "per": "quarter"}, "'account' or 'total'"),
        ("budget", {"max": 5}, "Extra inputs are not permitted"),
        ("display_slots", {"max": 5}, "Extra inputs are not permitted"),
        ("one_event", {"hard": False}, "Input should be True"),
        ("lead_time", {"hard": False}, "Input should be True"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_words(name: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SETTINGS[name](**given)
    assert words in str(refused.value)


@pytest.mark.parametrize("share", [-0.01, 1.01])
def test_a_share_lies_between_nothing_and_all(share: float) -> None:
    with pytest.raises(ValidationError):
        SETTINGS["margin_mix"](min=share)
    assert [SETTINGS["margin_mix"](min=one).min for one in (0.0, 1.0)] == [0.0, 1.0]  # type: ignore[attr-defined]
