"""Forward buying, settlement, tax and the retailer, and which events may be planned at all: by hand and as laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.meetings import meetings_of
from kaopt.allocation.pair_year import residuals
from kaopt.allocation.rules import rule_settings
from kaopt.allocation.together import NOBODY, meeting_cells, residual_note
from kaopt.demand import Event
from kaopt.effects import Effects
from kaopt.eligible import eligible_events, open_cells
from kaopt.offers import Offers, make_offers
from kaopt.scenario.model import Lock, Scenario
from tests.allocation.case import plain
from tests.test_exactness import event_of, rich
from tests.worlds import plan, world

SEEDS = range(8)
FENCE = rule_settings()["lead_time"]


def amount(offers: Offers, o: int, name: str) -> np.ndarray:
    part = slice(offers.effects.start[o], offers.effects.start[o + 1])
    found: np.ndarray = getattr(offers.effects, name)[part]
    return found


# --- laws of every event


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_shopper_pays_more_is_what_we_the_retailer_and_the_gifts_get(seed: int) -> None:
    """Our net sales + the retailer's profit + gifts = retail sales, in every week whose price is known."""
    here = rich(seed)
    offers = make_offers(here)
    e: Effects = offers.effects
    known = ~np.isnan(here.base_price[offers.account[e.offer], e.sku, e.week])
    assert known.any()
    got = e.net_revenue + e.retailer + e.gifts
    assert got[known] == pytest.approx(e.retail_sales[known], rel=1e-9, abs=1e-7)
    assert not e.retailer[~known].any() and not e.retail_sales[~known].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_over_the_horizon_an_event_ships_what_it_sells_and_no_week_ships_less_than_nothing(seed: int) -> None:
    here = rich(seed)
    offers = make_offers(here)
    e = offers.effects
    ship, sell = (np.bincount(e.offer, weights=one, minlength=len(offers)) for one in (e.cases, e.sell_out))
    assert ship == pytest.approx(sell, abs=1e-7)
    assert (here.base_cases[offers.account[e.offer], e.sku, e.week] + e.cases >= -1e-9).all()


@pytest.mark.parametrize("seed", range(4))
def test_scan_back_saves_the_discount_on_what_is_stocked_and_nothing_else(seed: int) -> None:
    """Settled on sell-out instead of sell-in, an event's spend falls by stock x list price x depth."""
    here = rich(seed)
    kinds = len(here.treatments.treatment)
    by_scan, by_order = (
        make_offers(replace(here, treatments=replace(here.treatments, settled=(how,) * kinds)))
        for how in ("sell_out", "sell_in")
    )
    for o in range(len(by_order)):
        ahead = amount(by_order, o, "cases") - amount(by_order, o, "sell_out")
        a, s, k = by_order.account[o], by_order.sku[o], by_order.treatment[o]
        stocked = float(ahead[ahead > 0].sum())
        saved = stocked * here.skus.list_price[s] * here.treatments.depth[k]
        assert by_order.spend[o] - by_scan.spend[o] == pytest.approx(saved, abs=1e-7)
        assert by_scan.contribution[o] - by_order.contribution[o] == pytest.approx(saved, abs=1e-6), a
        assert (amount(by_scan, o, "cases") == amount(by_order, o, "cases")).all()


# --- by hand


def test_a_price_with_tax_is_the_price_without_it() -> None:
    """67.8 at 13 % is 60: doubling 100 cases sells 6 000 more, of which 5 000 buys them and the 500 fee is kept."""
    taxed = plain((1, 1, 1), account_columns={"vat": 0.13}, base_price=np.full((1, 1, 1), 67.8))
    free = plain((1, 1, 1), base_price=np.full((1, 1, 1), 60.0))
    for here in (taxed, free):
        effects = make_offers(here).effects
        assert effects.retail_sales == pytest.approx([6000.0])
        assert effects.retailer == pytest.approx([6000 - 5000 + 500])


def test_a_discount_that_stays_with_the_shop_moves_no_price_and_no_case() -> None:
    """10 % off 50 on 100 cases, nothing passed on: 500 from us to the retailer, whose shoppers pay as before."""
    here = world(
        1, 1, 1, treatment_columns={"depth": [0.1, 0.0], "pass_through": [0.0, 0.0], "lengths": [(1,), ()]}
    )  # fmt: skip
    effects = make_offers(here).effects
    assert (effects.cases, effects.retail_sales) == (pytest.approx([0.0]), pytest.approx([0.0]))
    assert effects.retailer == pytest.approx([500.0])
    assert effects.net_revenue == effects.contribution == pytest.approx([-500.0])


def test_orders_fall_evenly_on_the_base_of_the_last_promoted_week() -> None:
    """20 % off x 3 weeks = 0.6 of the 150 of the last week: 90, which is 30 in each of three weeks after it."""
    base = np.array([100.0, 150, 40, 200, 200, 200])[None, None, :]
    here = world(1, 1, 6, base_cases=base, response_columns={"elasticity": 0, "forward_buy": 3.0, "forward_weeks": 3})
    offers = make_offers(here)
    cut = [o for o in range(len(offers)) if event_of(offers, o) == Event(0, 0, 0, 2, 0)]
    assert amount(offers, cut[0], "cases") == pytest.approx([0, 90, -30, -30, -30])
    assert amount(offers, cut[0], "discount") == pytest.approx([1000, 2400, 0, 0, 0])


def test_without_weeks_to_take_orders_back_nothing_is_stocked() -> None:
    """Neither where no week gives orders back, nor where the horizon ends with the event."""
    columns = {"elasticity": 0.0, "display": 0.0, "forward_buy": 3.0, "forward_weeks": 0}
    assert not make_offers(world(1, 1, 3, response_columns=columns)).effects.cases.any()
    late = make_offers(world(1, 1, 3, response_columns=columns | {"forward_weeks": 2}))
    stocked = {event_of(late, o): float(np.abs(amount(late, o, "cases")).sum()) > 0 for o in range(len(late))}
    assert stocked[Event(0, 0, 1, 1, 0)] and not stocked[Event(0, 0, 2, 1, 0)] and not stocked[Event(0, 0, 1, 2, 0)]


# --- two events that take back the same orders


def stocking(settled: str) -> Scenario:
    """Cuts of 20 % that sell nothing more, but are stocked: 8 x 20 % x 100 = 160 cases, over two weeks after."""
    return world(
        1, 1, 4,
        treatment_columns={"lengths": [(1,), ()], "settled": [settled, "sell_in"]},
        response_columns={"elasticity": 0.0, "forward_buy": 8.0, "forward_weeks": 2},
    )  # fmt: skip


def test_a_week_of_orders_is_given_back_once() -> None:
    """Both want 80 of week 3's 100: each gets 50, so each is stocked 30 less and week 3 sells 60 more than added up.

    Paid on orders, week 1 saves 30 x 10 of discount, week 2 its own 30 and the 80 that week 1 took from it: 1 100.
    """
    parts = residuals(stocking("sell_in"), Event(0, 0, 0, 1, 0), Event(0, 0, 1, 1, 0))
    assert [(one.week, one.payer) for one in parts] == [(0, 0), (1, 0), (2, -1)]
    assert [one.cases for one in parts] == pytest.approx([-30, -30, 60])
    assert [one.spend for one in parts] == pytest.approx([-300, -1100, 0])
    assert [one.contribution for one in parts] == pytest.approx([-750 + 300, -750 + 1100, 1500])
    assert [one.retailer for one in parts] == pytest.approx([1500 - 300, 1500 - 1100, -3000])


def test_with_scan_back_stock_only_moves_cases_between_weeks() -> None:
    parts = residuals(stocking("sell_out"), Event(0, 0, 0, 1, 0), Event(0, 0, 1, 1, 0))
    assert [one.cases for one in parts] == pytest.approx([-30, -30, 60])
    assert [one.spend for one in parts] == [0, 0, 0]
    assert sum(one.contribution for one in parts) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_pair_of_the_table_is_what_the_two_events_are_lived_through(seed: int) -> None:
    """Residuals by pair, week and payer from the arrays, and event by event in plain arithmetic."""
    here = rich(seed)
    offers = make_offers(here)
    found = meetings_of(here, offers)
    keys = zip(*(getattr(found, name).tolist() for name in ("first", "second", "week", "payer")), strict=True)
    table = {key: z for z, key in enumerate(keys)}
    pairs = sorted({key[:2] for key in table})
    assert pairs
    luck = np.random.default_rng(seed)
    some = [pairs[i] for i in luck.permutation(len(pairs))[:12]]
    some += [tuple(sorted(luck.integers(0, len(offers), 2).tolist())) for _ in range(8)]
    for first, second in some:
        if first == second:
            continue
        mine = {key: z for key, z in table.items() if key[:2] == (first, second)}
        parts = {(p.week, p.payer): p for p in residuals(here, event_of(offers, first), event_of(offers, second))}
        for key in {*((week, payer) for _, _, week, payer in mine), *parts}:
            z, part = mine.get((first, second, *key)), parts.get(key)
            for name in ("cases", "spend", "contribution", "retailer"):
                told = 0.0 if z is None else getattr(found, name)[z]
                assert told == pytest.approx(0.0 if part is None else getattr(part, name), rel=1e-7, abs=1e-6), name


# --- where events meet


DIPPING = {"response_columns": {"dip": 0.5, "dip_weeks": 2}}


def test_cells_in_which_events_meet_are_counted_once() -> None:
    """Events of weeks 1, 2 and 3 with dips of two weeks: week 2 is met by 2, 3 by 3, 4 by 2, 5 by 1."""
    here = plain((2, 1, 6), **DIPPING)
    three = plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0), (0, 0, 2, 1, 0))
    assert meeting_cells(here, three) == 3
    assert meeting_cells(here, plan((0, 0, 0, 1, 0), (1, 0, 1, 1, 0))) == 0  # another account
    assert meeting_cells(here, plan((0, 0, 0, 1, 0), (0, 0, 3, 1, 0))) == 0  # the dip is over


def test_a_week_that_sells_nothing_is_met_only_by_who_promotes_it() -> None:
    """A dip reaches a week without sales: nothing can fall there, although an event runs in it."""
    base = np.array([100.0, 0.0, 100.0, 100.0])[None, None, :]
    here = plain((1, 1, 4), base_cases=base, response_columns={"dip": 0.5, "dip_weeks": 1})
    assert meeting_cells(here, plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0))) == 0
    assert meeting_cells(replace(here, base_cases=base + 1), plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0))) == 1


def test_the_note_of_two_mates_and_a_third() -> None:
    """Each doubles and halves its mates: the third keeps 25 of 100 cases, where adding up leaves it none."""
    here = plain((1, 3, 1), response_columns={"cross": 1.0}, sku_columns={"cluster": "c"})
    judged = evaluate(here, plan((0, 0, 0, 1, 0), (0, 1, 0, 1, 0)))
    note = residual_note(here, judged)
    change = judged.realised_objective - judged.objective
    # each promoted SKU sells 200 x 1/2 = 100 where 200 and -50 add up to 150; the third 25 where 0 is added up
    assert change == pytest.approx(25 * (2 * (100 - 150) + 25))
    assert "in 3 account-SKU-weeks" in note and "1,875 CNY" in note and " less than " in note
    assert residual_note(here, evaluate(here, plan((0, 0, 0, 1, 0)))) == NOBODY


# --- what may be planned


def keys(here: Scenario) -> list[tuple[int, ...]]:
    found = eligible_events(here)
    return list(zip(*(getattr(found, n).tolist() for n in ("week", "weeks", "treatment")), strict=True))


def test_an_event_needs_every_one_of_its_weeks_open() -> None:
    """Week 3 of five is closed: of two-week events those of weeks 1 and 4 are left, of one-week events four."""
    mask = np.ones((1, 1, 1, 5), bool)
    mask[..., 2] = False
    here = plain((1, 1, 5), eligible=mask, treatment_columns={"lengths": [(1, 2)]})
    assert keys(here) == [(0, 1, 0), (0, 2, 0), (1, 1, 0), (3, 1, 0), (3, 2, 0), (4, 1, 0)]


@pytest.mark.parametrize(("lead", "notice", "early", "weeks"), [
    (14, 14, 0, [2, 3]),  # on the first day of week 1: week 3 starts in 14 days, just in time
    (14, 14, 1, [2, 3]),
    (14, 14, 7, [1, 2, 3]),
    (14, 13, 60, []),  # the account is told later than the mechanic needs
    (0, 0, 0, [0, 1, 2, 3]),
])  # fmt: skip
def test_lead_times_against_notice_and_today(lead: int, notice: int, early: int, weeks: list[int]) -> None:
    here = plain(
        (1, 1, 4),
        planned_on=date(2027, 1, 4) - timedelta(days=early),
        account_columns={"notice_days": notice},
        treatment_columns={"lead_time": [lead]},
    )
    assert [week for week, _, _ in keys(here)] == weeks


def test_inside_the_frozen_fence_only_what_was_given_is_on_offer() -> None:
    """Frozen for 14 days: weeks 1 and 2 take nothing new. The given event of week 2 stands, that of week 3 may move."""
    given = (Lock(0, 0, 1, 1, 0, "given"), Lock(0, 0, 2, 1, 0, "given"))
    closed = np.ones((1, 1, 1, 4), bool)
    closed[..., 1:3] = False
    here = plain((1, 1, 4), planned_on=date(2027, 1, 4), rules={"lead_time": (FENCE(frozen=14),)}, given=given)
    assert keys(here) == [(1, 1, 0), (2, 1, 0), (3, 1, 0)]
    assert keys(replace(here, eligible=closed)) == [(1, 1, 0), (3, 1, 0)]  # closed since: only the fence keeps it
    assert keys(replace(here, eligible=closed, rules={})) == [(0, 1, 0), (3, 1, 0)]


@pytest.mark.parametrize(
    ("lock", "shut"),
    [
        (Lock(0, 0, 1, 2, -1, "forbidden"), {(0, 0, k, w) for k in (0, 1) for w in (1, 2)}),
        (Lock(0, 1, 3, 9, 1, "forbidden"), {(0, 1, 1, 3)}),  # beyond the horizon there is nothing to shut
        (Lock(0, 0, 1, 2, -1, "must"), set()),
    ],
)
def test_a_forbidden_event_shuts_its_own_weeks_and_mechanic(lock: Lock, shut: set[tuple[int, ...]]) -> None:
    found = np.argwhere(~open_cells(world(1, 2, 4, locks=(lock,))))
    assert set(map(tuple, found.tolist())) == shut


def test_what_was_signed_for_a_later_year_or_without_a_mechanic_adds_nothing() -> None:
    locks = (Lock(0, 0, 4, 1, 0, "committed"), Lock(0, 0, 1, 1, -1, "committed"), Lock(0, 0, 1, 1, 0, "must"))
    here = plain((1, 1, 4), locks=locks, eligible=np.zeros((1, 1, 1, 4), bool))
    assert keys(here) == []
    assert keys(replace(here, locks=(Lock(0, 0, 3, 2, 0, "committed"),))) == [(3, 2, 0)]  # it ends next year


def test_a_cut_to_the_last_cent_is_never_offered() -> None:
    """Half off passed on twice is a shelf price of nothing, a hair less is a price."""
    for passed, count in ((2.0, 0), (1.99, 3)):
        here = plain((1, 1, 3), treatment_columns={"depth": [0.5], "pass_through": [passed]})
        assert len(keys(here)) == count
