"""Each rule's rows written out number by number, and what the judge says of plans that break them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import RULES
from kaopt.offers import Offers, make_offers
from kaopt.plan import Breach
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.rule_cases import SETTINGS, line, plain
from tests.worlds import plan

BY_NAME = {rule.NAME: rule for rule in RULES}
INF = np.inf


def rows_of(name: str, world: Scenario, **settings: Any) -> Rows:
    """The rule's rows in a world, whether or not the world names it."""
    return BY_NAME[name].rows(world, make_offers(world), SETTINGS[name](**settings))


def dense(rows: Rows) -> list[list[float]]:
    """The matrix as plain numbers."""
    return rows.matrix.toarray().round(9).tolist()


def broken(name: str, world: Scenario, *events: tuple[int, int, int, int, int], **settings: Any) -> tuple[Breach, ...]:
    """What the rule alone says of a plan."""
    ledger = evaluate(replace(world, rules={}), plan(*events)).ledger
    return BY_NAME[name].breaches(world, ledger, SETTINGS[name](**settings))


def starts(offers: Offers) -> list[tuple[int, int, int, int]]:
    """Account, SKU, week and length of each offer."""
    columns = (offers.account, offers.sku, offers.week, offers.weeks)
    return [tuple(int(v) for v in one) for one in zip(*columns, strict=True)]


def test_one_event_is_an_interval_matrix() -> None:
    """Three weeks, lengths 1 and 2: offers (0,1) (0,2) (1,1) (1,2) (2,1); a week with one offer only needs no row."""
    world = plain((1, 1, 3), treatment_columns={"lengths": [(1, 2)]})
    assert starts(make_offers(world)) == [(0, 0, 0, 1), (0, 0, 0, 2), (0, 0, 1, 1), (0, 0, 1, 2), (0, 0, 2, 1)]
    rows = rows_of("one_event", world)
    assert dense(rows) == [[1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 1, 1]]
    assert rows.scopes == tuple(f"account=A1 sku=S1 week={w}" for w in (1, 2, 3))
    assert (rows.high == 1).all() and (rows.low == -INF).all() and np.isnan(rows.regret).all()


def test_one_event_keeps_calendars_apart() -> None:
    """Two accounts with two SKUs: what runs at one of them blocks nothing at another."""
    assert len(rows_of("one_event", plain((2, 2, 3)))) == 0  # one offer a week each
    rows = rows_of("one_event", plain((2, 2, 2), treatment_columns={"lengths": [(1, 2)]}))
    assert len(rows) == 8
    assert np.asarray((rows.matrix > 0).sum(axis=1)).ravel().tolist() == [2] * 8


def test_one_event_leaves_its_rows_to_spacing() -> None:
    world = plain((1, 1, 3), treatment_columns={"lengths": [(1, 2)]}, rules={"spacing": (SETTINGS["spacing"](gap=0),)})
    assert len(rows_of("one_event", world)) == 0
    assert dense(rows_of("spacing", world, gap=0)) == dense(rows_of("one_event", replace(world, rules={})))


def test_spacing_blocks_the_weeks_after_an_event() -> None:
    """Four weeks, gap 2: an event covers its week and two more, cut at the end of the horizon."""
    rows = rows_of("spacing", plain((1, 1, 4)), gap=2)
    assert dense(rows) == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1]]
    assert rows.scopes == tuple(f"account=A1 sku=S1 week={w}" for w in (2, 3, 4))


def test_spacing_counts_the_free_weeks() -> None:
    world = plain((2, 1, 8))
    events = [(0, 0, 0, 1, 0), (0, 0, 2, 1, 0), (0, 0, 6, 1, 0), (1, 0, 1, 1, 0)]
    assert broken("spacing", world, *events, gap=1) == ()
    assert broken("spacing", world, *events, gap=3) == (Breach("spacing", "account=A1 sku=S1 week=3", 1, 3, "week", 2),)
    assert len(broken("spacing", world, *reversed(events), gap=4)) == 2


COUNTED = plain((2, 1, 3), treatment_columns={"lengths": [(1, 2)], "slots": [3]})  # five offers at each account


@pytest.mark.parametrize(
    ("what", "unit", "each"),
    [
        ("events", "event", [1, 1, 1, 1, 1]),
        ("weeks", "week", [1, 2, 1, 2, 1]),
        ("displays", "display-week", [3, 6, 3, 6, 3]),
    ],
)
def test_promotion_count_counts_events_weeks_or_displays(what: str, unit: str, each: list[float]) -> None:
    rows = rows_of("promotion_count", COUNTED, min=1, max=4, what=what)
    assert dense(rows) == [each + [0] * 5, [0] * 5 + each]
    assert (rows.low.tolist(), rows.high.tolist(), rows.unit) == ([1, 1], [4, 4], unit)
    assert rows.scopes == ("account=A1", "account=A2")
    total = rows_of("promotion_count", COUNTED, max=4, what=what, per="total")
    assert dense(total) == [each * 2] and total.scopes == ("total",) and total.low.tolist() == [-INF]


def test_promotion_count_per_sku_leaves_out_what_is_not_sold() -> None:
    listed = np.array([[True, False], [True, True]])
    rows = rows_of("promotion_count", plain((2, 2, 1), listed=listed), min=1, per="account_sku")
    assert rows.scopes == ("account=A1 sku=S1", "account=A2 sku=S1", "account=A2 sku=S2")
    assert dense(rows) == np.eye(3).tolist()


def test_promotion_count_puts_an_event_into_the_quarter_of_its_start_and_weeks_where_they_fall() -> None:
    """26 weeks: an event of weeks 13 and 14 starts in the first quarter and runs in both."""
    shape = (1, 1, 26)
    open_weeks = np.zeros((1, 1, 1, 26), bool)
    open_weeks[..., 12:14] = True
    world = plain(shape, eligible=open_weeks, treatment_columns={"lengths": [(2,)]})
    assert starts(make_offers(world)) == [(0, 0, 12, 2)]
    by_event = rows_of("promotion_count", world, max=5, period="quarter")
    by_week = rows_of("promotion_count", world, max=5, period="quarter", what="weeks")
    assert dense(by_event) == [[1], [0]] and dense(by_week) == [[1], [1]]
    assert by_event.scopes == ("account=A1 quarter=1", "account=A1 quarter=2")
    told = broken("promotion_count", world, (0, 0, 12, 2, 0), max=0, period="quarter", what="weeks")
    assert [(b.scope, b.used) for b in told] == [("account=A1 quarter=1", 1), ("account=A1 quarter=2", 1)]
    (one,) = broken("promotion_count", world, (0, 0, 12, 2, 0), max=0, period="quarter")
    assert one == Breach("promotion_count", "account=A1 quarter=1", 1, 0, "event", 1)


def test_promotion_count_reads_the_agreement() -> None:
    columns = {"promotions_due": [2, 0], "displays_due": [5, 7]}
    world = plain((2, 1, 3), account_columns=columns)
    events = rows_of("promotion_count", world, min="agreement")
    assert (events.scopes, events.low.tolist()) == (("account=A1",), [2])  # nothing promised, no row
    shown = rows_of("promotion_count", world, max="agreement", what="displays")
    assert shown.high.tolist() == [5, 7]
    both = rows_of("promotion_count", world, min="agreement", what="displays", per="total")
    assert both.low.tolist() == [12]
    (told,) = broken("promotion_count", world, (0, 0, 0, 1, 0), min="agreement")
    assert told == Breach("promotion_count", "account=A1", 1, 2, "event", 1)


@pytest.mark.parametrize("name", ["blackout", "lead_time"])
def test_what_is_never_offered_needs_no_row(name: str) -> None:
    world = plain((1, 1, 3), treatment_columns={"lead_time": [90]}, account_columns={"notice_days": 7})
    assert len(rows_of(name, world)) == 0


def test_blackout_counts_the_closed_weeks_of_an_event() -> None:
    open_weeks = np.ones((1, 2, 1, 4), bool)
    open_weeks[0, 0, 0, 1] = False
    world = plain(
        (1, 2, 4), eligible=open_weeks, listed=np.array([[True, False]]), treatment_columns={"lengths": [(1, 3)]}
    )
    told = broken("blackout", world, (0, 0, 0, 3, 0), (0, 0, 3, 1, 0), (0, 1, 0, 1, 0), (0, 0, 2, 2, 0))
    assert [(b.scope, b.used, b.limit, b.unit) for b in told] == [
        ("account=A1 sku=S1 week=1", 1, 0, "closed week"),  # one of three is closed
        ("account=A1 sku=S2 week=1", 1, 0, "closed week"),  # not sold
        ("account=A1 sku=S1 week=3", 2, 0, "closed week"),  # two weeks is no length of this mechanic
    ]


def test_lead_time_is_the_shorter_of_notice_and_days_left() -> None:
    columns = {"account_columns": {"notice_days": [20, 90]}, "treatment_columns": {"lead_time": [30]}}
    world = plain((2, 1, 6), planned_on=date(2026, 12, 28), **columns)  # 7 days before the first week
    told = broken("lead_time", world, (0, 0, 5, 1, 0), (1, 0, 0, 1, 0), (1, 0, 3, 1, 0), (1, 0, 4, 1, 0))
    assert [(b.scope, b.used, b.limit) for b in told] == [
        ("account=A1 sku=S1 week=6", 20, 30),
        ("account=A2 sku=S1 week=1", 7, 30),
        ("account=A2 sku=S1 week=4", 28, 30),
    ]
    assert starts(make_offers(world)) == [(1, 0, 4, 1), (1, 0, 5, 1)]


def test_locks_cover_and_fix() -> None:
    """Offers (0,1) (0,2) (1,1) (1,2) (2,1): both weeks of the first lock are covered, the last event is signed."""
    locks = (Lock(0, 0, 0, 2, -1, "must"), Lock(0, 0, 2, 1, 0, "committed"))
    rows = rows_of("locks", plain((1, 1, 3), locks=locks, treatment_columns={"lengths": [(1, 2)]}))
    assert dense(rows) == [[1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 1]]
    assert (rows.low.tolist(), rows.high.tolist()) == ([1, 1, 1], [INF, INF, 1])
    assert rows.scopes[2] == "account=A1 sku=S1 week=3 treatment=show lock=committed"


def test_a_lock_on_a_treatment_is_not_met_by_another() -> None:
    kinds = {"treatment": ["a", "b"], "family": ["x", "x"], "display": [1.0, 1.0], "slots": [1, 1],
             "weekly_cost": [1.0, 1.0], "lengths": [(1,), (1,)], "depth": [0.0, 0.0]}  # fmt: skip
    world = plain((1, 1, 1), locks=(Lock(0, 0, 0, 1, 1, "must"),), treatment_columns=kinds)
    assert dense(rows_of("locks", world)) == [[0, 1]]
    assert len(broken("locks", world, (0, 0, 0, 1, 0))) == 1
    assert broken("locks", world, (0, 0, 0, 1, 1)) == ()


def test_budget_adds_up_spend_where_and_when_it_accrues() -> None:
    """500 a week and 70 in the first: a node over the second week sees 500 of an event that starts in the first."""
    shape = (2, 1, 2)
    nodes = (
        line(shape, high=1000.0, low=100.0),
        line(shape, scope="A2 w2", high=300.0, accounts=np.array([False, True]), weeks=np.array([False, True])),
        line(shape, scope="other mechanics", high=1.0, treatments=np.zeros(1, bool)),
        line(shape, scope="no limit"),
    )
    columns = {"fixed_cost": [70.0], "lengths": [(1, 2)]}
    world = plain(shape, budget=nodes, treatment_columns=columns)
    rows = rows_of("budget", world)
    assert dense(rows) == [[570, 1070, 570] * 2, [0, 0, 0, 0, 500, 570], [0] * 6]
    assert (rows.low.tolist(), rows.high.tolist()) == ([100, -INF, -INF], [1000, 300, 1])
    told = broken("budget", world, (0, 0, 0, 1, 0), (1, 0, 0, 2, 0))
    assert told == (
        Breach("budget", "total", 1640.0, 1000.0, "money", 640.0),
        Breach("budget", "A2 w2", 500.0, 300.0, "money", 200.0),
    )
    assert broken("budget", world) == (Breach("budget", "total", 0.0, 100.0, "money", 100.0),)


def test_display_slots_need_a_row_only_where_they_could_run_short() -> None:
    """Two SKUs of one slot each: room for two needs no row, room for one does."""
    shape = (2, 2, 2)
    rows = rows_of("display_slots", plain(shape, account_columns={"display_slots": [2, 1]}))
    assert rows.scopes == ("account=A2 week=1", "account=A2 week=2")
    assert dense(rows) == [[0, 0, 0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 0, 1]]
    assert rows.high.tolist() == [1, 1]


def test_display_slots_count_every_active_week() -> None:
    columns = {"slots": [2], "lengths": [(1, 2)]}
    world = plain((1, 1, 2), account_columns={"display_slots": 1}, treatment_columns=columns)
    assert dense(rows_of("display_slots", world)) == [[2, 2, 0], [0, 2, 2]]
    told = broken("display_slots", world, (0, 0, 0, 2, 0))
    assert told == tuple(Breach("display_slots", f"account=A1 week={w}", 2, 1.0, "display", 1.0) for w in (1, 2))


def test_sales_target_starts_from_base_sales() -> None:
    """Base 10 000, an event brings 4 500; 13 000 asked leaves 3 000. No target, no row."""
    world = plain((2, 1, 2), account_columns={"sales_target": [13_000.0, np.nan]})
    rows = rows_of("sales_target", world)
    assert dense(rows) == [[4500, 4500, 0, 0]]
    assert (rows.low.tolist(), rows.used_without.tolist(), rows.scopes) == ([3000], [10_000], ("account=A1",))
    total = rows_of("sales_target", world, per="total")
    assert (dense(total), total.low.tolist()) == ([[4500, 4500, 0, 0]], [3000])
    assert len(rows_of("sales_target", plain((2, 1, 2)), per="total")) == 0
    (told,) = broken("sales_target", world)
    assert told == Breach("sales_target", "account=A1", 10_000.0, 13_000.0, "money", 3000.0)


def test_sales_target_by_quarter_follows_the_season_of_base_sales() -> None:
    """A first quarter of 13 x 300 cases and a second of 13 x 100 take three quarters and one of the target."""
    base = np.concatenate([np.full(13, 300.0), np.full(13, 100.0)])[None, None, :]
    world = plain((1, 1, 26), base_cases=base, account_columns={"sales_target": 300_000.0})
    rows = rows_of("sales_target", world, period="quarter")
    assert rows.used_without.tolist() == pytest.approx([195_000, 65_000])
    assert (rows.low + rows.used_without).tolist() == pytest.approx([225_000, 75_000])
    assert rows.scopes == ("account=A1 quarter=1", "account=A1 quarter=2")
    told = broken("sales_target", world, period="quarter")
    assert [(b.used, b.limit) for b in told] == [(195_000, pytest.approx(225_000)), (65_000, pytest.approx(75_000))]


def test_market_share_asks_to_grow_as_the_customer_does() -> None:
    """9 000 last year, the customer grows 20 %, index 1.1: 11 880 asked, 10 000 sold without."""
    growth = {"last_year_revenue": [9000.0, 9000.0, np.nan], "customer_growth": [0.2, np.nan, 0.1]}
    world = plain((3, 1, 2), account_columns=growth)
    rows = rows_of("market_share", world, min_growth_index=1.1)
    assert rows.scopes == ("account=A1",) and rows.low.tolist() == pytest.approx([1880])
    assert dense(rows) == [[4500, 4500, 0, 0, 0, 0]]
    two = plain((3, 1, 2), account_columns=growth | {"customer_growth": 0.2})
    both = rows_of("market_share", two, min_growth_index=1.1, per="total")
    assert both.low.tolist() == pytest.approx([2 * 1880]) and dense(both) == [[4500] * 4 + [0, 0]]
    (told,) = broken("market_share", world, min_growth_index=1.1)
    assert (told.scope, told.used, told.limit) == ("account=A1", 10_000.0, pytest.approx(11_880))


def test_margin_mix_multiplies_the_ratio_out() -> None:
    """Asked 40 %: a high-margin event brings 0.6 of its 4 500, the other takes 0.4 of it; base 10 000 is even."""
    world = plain((1, 2, 1), sku_columns={"high_margin": [True, False]})
    rows = rows_of("margin_mix", world, min=0.4)
    assert dense(rows) == [[2700, -1800]]
    assert rows.used_without.tolist() == pytest.approx([1000]) and rows.low.tolist() == pytest.approx([-1000])
    told = broken("margin_mix", world, (0, 1, 0, 1, 0), min=0.4)
    assert told == (Breach("margin_mix", "total", pytest.approx(5000 / 14_500), 0.4, "share of 1", pytest.approx(8.0)),)
    soft = rows_of("margin_mix", world, min=0.4, hard=False, regret=30.0)
    assert soft.regret.tolist() == pytest.approx([0.3])  # a point is 100 money of 10 000


def test_margin_mix_counts_what_cluster_mates_lose() -> None:
    """Promoting the poor SKU halves the good one: the row sees both."""
    world = plain(
        (1, 2, 1), sku_columns={"high_margin": [True, False], "cluster": "c"}, response_columns={"cross": [[0.0, 1.0]]}
    )
    assert dense(rows_of("margin_mix", world, min=0.5)) == [[2250, -1250 - 2250]]


def test_margin_mix_skips_an_account_that_sells_nothing() -> None:
    base = np.full((2, 1, 1), 100.0)
    base[1] = 0.0
    rows = rows_of("margin_mix", plain((2, 1, 1), base_cases=base), min=0.2, per="account")
    assert rows.scopes == ("account=A1",)
    told = broken("margin_mix", plain((2, 1, 1), base_cases=base), min=0.2, per="account")
    assert [b.scope for b in told] == ["account=A1"]


def test_floors_are_about_contribution_over_doing_nothing() -> None:
    world = plain((2, 1, 1), objective=Objective(maximize="profit", contribution_floor=3000.0))
    assert dense(rows_of("profit_floor", world, min=1500.0)) == [[2000, 0], [0, 2000]]
    assert dense(rows_of("profit_floor", world, min=1500.0, per="total")) == [[2000, 2000]]
    floor = rows_of("contribution_floor", world)
    assert (dense(floor), floor.low.tolist()) == ([[2000, 2000]], [3000])
    assert len(rows_of("contribution_floor", plain((2, 1, 1)))) == 0
    told = broken("profit_floor", world, (0, 0, 0, 1, 0), min=1500.0)
    assert told == (Breach("profit_floor", "account=A2", 0.0, 1500.0, "money", 1500.0),)
    assert broken("contribution_floor", world, (0, 0, 0, 1, 0))[0].used == pytest.approx(2000)


@pytest.mark.parametrize(("aim", "rate"), [("profit", 1.0), ("value", 1.0), ("profitable_volume", 1 / 20)])
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("promotion_count", {"min": 1}),
        ("sales_target", {}),
        ("market_share", {"min_growth_index": 1.0}),
        ("profit_floor", {"min": 10.0}),
        ("budget", {}),
        ("display_slots", {}),
    ],
)
def test_a_regret_is_money_per_natural_unit(name: str, given: dict[str, Any], aim: str, rate: float) -> None:
    world = plain(
        (1, 2, 1),
        objective=Objective(maximize=aim, case_value=20.0),
        account_columns={"sales_target": 99_000.0, "display_slots": 1},
        budget=(line((1, 2, 1), high=1.0),),
    )
    rows = rows_of(name, world, hard=False, regret=7.0, **given)
    assert rows.regret.tolist() == pytest.approx([7.0 * rate])
    assert np.isnan(rows_of(name, world, **given).regret).all()
