"""What a plan can bring at most, the tiers that this leaves, money beside the events, and what rules shut out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.attainable import least, most
from kaopt.allocation.beside import beside, trade_spend
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.search.opening import in_question
from kaopt.allocation.search.relax import Relaxation
from kaopt.allocation.tiers import BELOW, CLEAR, OFFERED, Tier, all_unit, gap, scales, stepped, wide_enough
from kaopt.allocation.wishes.widest import outside, shut_by, signed, widest
from kaopt.offers import Offers, make_offers
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Lock, Scenario
from kaopt.switches import joined, make_switches
from tests.allocation.brute import subsets
from tests.allocation.case import closed, plain
from tests.allocation.cases_money import rebate
from tests.worlds import world

WEEKS = (1, 1, 4)


# the most and the least


def by_trying(here: Scenario, offers: Offers, amount: Floats) -> float:
    """The most of all sets of events of one account-SKU of which no two meet in a week."""
    found = -inf
    for chosen in subsets(len(offers)):
        weeks = [w for o in np.flatnonzero(chosen) for w in range(offers.week[o], offers.week[o] + offers.weeks[o])]
        if len(weeks) == len(set(weeks)):
            found = max(found, float(np.dot(chosen, amount)))
    return found


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_the_most_of_a_calendar_by_trying_every_one(seed: int) -> None:
    """Cuts of one or two weeks and displays of one, in three weeks: eight events with amounts drawn for each."""
    here = world(1, 1, 3)
    offers = make_offers(here)
    assert len(offers) == 8
    amount = np.random.default_rng(seed).normal(1, 3, 8)
    assert most(here, offers, amount) == pytest.approx([by_trying(here, offers, amount)], abs=1e-9)
    assert least(here, offers, amount) == pytest.approx([-by_trying(here, offers, -amount)], abs=1e-9)


def test_a_long_event_takes_the_place_of_two() -> None:
    """Four weeks: cuts of two weeks bring 5 each, of one week 2, displays 1, in the third week 9.

    Weeks 1-2 by a long cut, then the display of 9, then a short cut: 5 + 9 + 2 = 16. Beside nothing but losses: 0.
    """
    here = world(1, 1, 4)
    offers = make_offers(here)
    amount = np.where(offers.treatment == 1, 1.0, np.where(offers.weeks == 2, 5.0, 2.0))
    amount[(offers.treatment == 1) & (offers.week == 2)] = 9.0
    assert most(here, offers, amount).tolist() == [16.0]
    assert least(here, offers, amount).tolist() == [0.0]
    assert most(here, offers, -amount).tolist() == [0.0]
    assert least(here, offers, -amount).tolist() == [-16.0]


def test_accounts_are_apart_and_their_products_add_up() -> None:
    """Two weeks of `show`: account 1 gets 1 + 2 of the first product and 10 + 20 of the second, account 2 nothing."""
    here = plain((2, 2, 2))
    offers = make_offers(here)
    weight = np.where(offers.sku == 0, 1.0, 10.0) * (offers.week + 1)
    assert most(here, offers, np.where(offers.account == 0, weight, -weight)).tolist() == [33.0, 0.0]
    assert least(here, offers, np.where(offers.account == 0, weight, -weight)).tolist() == [0.0, -33.0]


def test_an_event_that_runs_beyond_the_horizon_ends_with_it() -> None:
    """Events of ten weeks in a horizon of three all meet: the best alone, 4."""
    here = plain((1, 1, 3))
    offers = make_offers(here)
    long = replace(offers, weeks=offers.weeks + 9)
    assert most(here, offers, np.array([3.0, 4.0, 2.0])).tolist() == [9.0]
    assert most(here, long, np.array([3.0, 4.0, 2.0])).tolist() == [4.0]


# tiers


def test_tiers_end_where_no_plan_gets() -> None:
    """Base 2 x 5 000, each `show` adds 4 500: 10 000 to 19 000. The tier from 30 000 is out of reach.

    Under 15 000 no plan is offered for a hundred-thousandth of the 9 000 that may be sold more.
    """
    here = plain((1, 1, 2), rebates=(rebate((15_000.0, 0.01), (30_000.0, 0.02)),))
    (found,) = scales(here, make_offers(here))
    first, second = found.tiers
    assert (found.base, found.change.tolist()) == (10_000.0, pytest.approx([4500.0, 4500.0]))
    assert (first.low, first.high, first.rate) == (pytest.approx(10_000), pytest.approx(15_000 - 0.09, abs=1e-6), 0)
    assert second.low == pytest.approx(15_000 - slack(15_000.0), abs=1e-9)
    assert (second.high, second.rate) == (pytest.approx(19_000), 0.01)
    assert second.start == pytest.approx(150.0)
    assert second.high >= 19_000  # rounding cuts no plan off


def test_tiers_of_cases_and_of_another_account() -> None:
    """Each `show` sells 100 cases more, of its own account alone: 200 to 400, the tier from 250 in steps."""
    here = plain((2, 1, 2), rebates=(rebate((250.0, 2.0), measure="cases", kind="stepped", account=1),))
    (found,) = scales(here, make_offers(here))
    assert found.base == 200.0
    assert found.change.tolist() == pytest.approx([0, 0, 100, 100])
    low, high = found.tiers
    assert (low.low, low.high, low.rate, low.start) == (pytest.approx(200), 250, 0, 0)
    assert (high.low, high.high, high.rate, high.start) == (250, pytest.approx(400), 2.0, 0)
    assert low.width == pytest.approx(50)


def test_steps_by_hand() -> None:
    """10 % from 8 000, 20 % from 15 000. From 10 000 on: 200 are due at once, 700 at 15 000, 1 500 at 19 000."""
    tiers = stepped(rebate((8000.0, 0.1), (15_000.0, 0.2), kind="stepped"), 10_000.0, (10_000.0, 19_000.0))
    assert tiers == (Tier(10_000, 15_000, 0.1, pytest.approx(200)), Tier(15_000, 19_000, 0.2, pytest.approx(700)))
    assert tiers[1].start + tiers[1].rate * tiers[1].width == pytest.approx(1500)


edges = st.lists(st.floats(1, 1000), min_size=1, max_size=4, unique=True).map(sorted)
rates = st.lists(st.floats(0, 0.5), min_size=4, max_size=4)


@given(thresholds=edges, shares=rates, at=st.floats(0, 1), room=st.tuples(st.floats(0, 900), st.floats(1, 900)))
@settings(max_examples=30, deadline=None)
def test_steps_are_the_rebate_at_every_amount(
    thresholds: list[float], shares: list[float], at: float, room: tuple[float, float]
) -> None:
    """Said again as a sum: each rate on what is sold between its threshold and the next."""
    one = rebate(*zip(thresholds, shares, strict=False), kind="stepped")
    low, high = room[0], room[0] + room[1]
    sold = low + at * room[1]
    tops = [*thresholds[1:], inf]
    due = sum(r * max(min(sold, top) - t, 0) for t, top, r in zip(thresholds, tops, shares, strict=False))
    tiers = stepped(one, low, (low, high))
    assert tiers[0].low == low and tiers[-1].high == high
    assert [a.high for a in tiers[:-1]] == [b.low for b in tiers[1:]]  # no gap, no overlap
    here = next(tier for tier in tiers if tier.low <= sold <= tier.high)
    assert here.start + here.rate * (sold - here.low) == pytest.approx(due, abs=1e-6)


@given(thresholds=edges, shares=rates, at=st.floats(0, 1), base=st.floats(0, 900), more=st.floats(10, 900))
@settings(max_examples=30, deadline=None)
def test_a_rate_on_everything_is_that_of_the_tier_reached(
    thresholds: list[float], shares: list[float], at: float, base: float, more: float
) -> None:
    """At most one tier holds an amount, and it is the judge's; none only just under a threshold; always one at base."""
    one = rebate(*zip(thresholds, shares, strict=False))
    sold, wide = base + at * more, max(CLEAR * more, BELOW * slack(1000.0))
    tiers = all_unit(one, base, (base, base + more))
    assert any(tier.low <= base <= tier.high for tier in tiers)
    held = [tier for tier in tiers if tier.low <= sold <= tier.high]
    if any(abs(sold - t) <= 2 * wide for t in thresholds):
        return  # where it is near a threshold, examples by hand say what holds
    rate = max([0.0, *(t for t in thresholds if t <= sold)])
    expected = dict(zip(thresholds, shares, strict=False)).get(rate, 0.0)
    assert [tier.rate for tier in held] == [expected]
    assert held[0].start + held[0].rate * (sold - held[0].low) == pytest.approx(expected * sold)


def test_gaps_under_a_threshold() -> None:
    """Of 1 000, with a tolerance of 2e-6 and 0.5 to keep clear; what is sold anyway is in the tier it is judged in."""
    grain = slack(1000.0)
    assert grain == pytest.approx(2e-6)
    on = 1000 - OFFERED * grain
    assert gap(1000.0, 400.0, 0.5) == (999.5, on)  # far below
    assert gap(1000.0, 999.8, 0.5) == (999.8, on)  # within the gap: the tier below ends there
    assert gap(1000.0, 1000.0, 0.5) == (999.5, 1000.0)  # on it: the tier above begins there
    assert gap(1000.0, 1000 - 3 * grain, 0.5) == (999.5, 1000 - 3 * grain)  # as judged it has been reached
    assert gap(1000.0, 1000.3, 0.5) == (999.5, 1000.3)
    assert gap(1000.0, 4000.0, 0.5) == (999.5, on)  # far above
    assert gap(1000.0, 400.0, 0.0)[0] == pytest.approx(1000 - BELOW * grain, abs=1e-12)  # never closer than that


def test_outer_tiers_are_made_wide_enough() -> None:
    """Half a unit at least: the last grows upwards, the first downwards along its own line (10 % of 0.5 less)."""
    first, last = Tier(0.0, 0.0, 0.1, 2.0), Tier(1.0, 1.0, 0.2, 3.0)
    assert wide_enough((first, last), 0.5) == (Tier(-0.5, 0.0, 0.1, pytest.approx(1.95)), Tier(1.0, 1.5, 0.2, 3.0))
    middle = Tier(0.2, 0.2, 0.15, 2.5)
    assert wide_enough((first, middle, last), 0.5)[1] == middle
    assert wide_enough((last,), 0.5) == (Tier(1.0, 1.5, 0.2, 3.0),)
    large = (Tier(0.0, 4.0, 0.1, 0.0), Tier(4.0, 9.0, 0.2, 0.4))
    assert wide_enough(large, 0.5) == large


# money beside the events


def with_three(here: Scenario) -> Offers:
    """Offers with a fee, a rebate's share of a tier that is due anyway, and a loss that costs nothing."""
    fee = make_switches("fees", 1, ("a",), account=0, treatments=[True], spend=100.0, contribution=-100.0)
    tier = make_switches("rebate", 2, ("b",), account=0, treatments=[True], nothing=0.5, contribution=-40.0, spend=0.0)
    loss = make_switches("max_losing", 3, ("c",), account=0, treatments=[True], nothing=1.0)
    return replace(make_offers(here), switches=joined([fee, tier, loss], 1))


def test_money_of_switches_stands_beside_that_of_events() -> None:
    """Two rows over two events: the fee in the first, the tier (half due anyway) in the second, the loss out."""
    offers = with_three(plain((1, 1, 2)))
    body = sp.csr_matrix(np.array([[1.0, 2.0], [3.0, 0.0]]))
    whole, anyway = beside(body, offers, np.array([0, 1, -1]), np.array([10.0, 20.0, 30.0]))
    assert whole.toarray().tolist() == [[1, 2, 10, 0, 0], [3, 0, 0, 20, 0]]
    assert anyway.tolist() == [0.0, 10.0]
    assert (whole @ np.array([1.0, 0, 1, 0.5, 1])).tolist() == [11.0, 13.0]


def test_trade_spend_is_fees_and_rebates() -> None:
    """The fee as it counts in budgets; the rebate, which does not, by what it takes off the contribution."""
    assert trade_spend(with_three(plain((1, 1, 2)))).tolist() == [100.0, 40.0, 0.0]


# what rules shut out


def test_who_shuts_what_out() -> None:
    """`show` needs 14 days; today is 7 days before week 1 (too late), week 2 is closed, 3 forbidden, 4 free."""
    here = plain(
        WEEKS,
        planned_on=date(2026, 12, 28),
        eligible=closed(WEEKS, 1),
        locks=(Lock(0, 0, 2, 1, 0, "forbidden"),),
        treatment_columns={"lead_time": [14]},
    )
    problem, shut = widest(here, RULES)
    assert problem.offers.week.tolist() == [0, 1, 2, 3]
    assert {rule: np.flatnonzero(which).tolist() for rule, which in shut.items()} == {
        "lead_time": [0],
        "blackout": [1],
        "locks": [2],
    }
    assert make_offers(here).week.tolist() == [3]


def test_what_is_signed_is_shut_out_by_nobody() -> None:
    """Signed in the closed week 2: only week 3, closed as well, is shut. Nothing shut, no rule named."""
    here = plain(WEEKS, eligible=closed(WEEKS, 1, 2), locks=(Lock(0, 0, 1, 1, 0, "committed"),))
    problem, shut = widest(here, RULES)
    assert signed(here, problem.offers).tolist() == [False, True, False, False]
    assert {rule: which.tolist() for rule, which in shut.items()} == {"blackout": [False, False, True, False]}
    assert widest(plain(WEEKS), RULES)[1] == {}


def test_an_event_is_outside_with_any_of_its_weeks() -> None:
    """Cuts of one and two weeks in three, the second closed for them: only the short ones of weeks 1 and 3 stay."""
    here = world(1, 1, 3)
    offers = make_offers(here)
    cells = np.ones((1, 1, 2, 3), bool)
    cells[0, 0, 0, 1] = False
    stays = [(w, n) for w, n, k, out in zip(
        offers.week.tolist(), offers.weeks.tolist(), offers.treatment.tolist(), outside(offers, cells), strict=True
    ) if k == 0 and not out]
    assert stays == [(0, 1), (2, 1)]
    assert not outside(offers, cells)[offers.treatment == 1].any()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_what_nobody_shuts_out_is_what_is_offered(seed: int) -> None:
    """Two ways to the same events: the widest problem less what its rules shut, and the offers of the world itself."""
    luck = np.random.default_rng(seed)
    free = world(1, 2, 3)
    locks = [Lock(0, int(luck.integers(2)), int(luck.integers(3)), 1, int(luck.integers(-1, 2)), "forbidden")]
    if luck.random() < 0.5:
        locks.append(Lock(0, int(luck.integers(2)), int(luck.integers(2)), 2, 0, "committed"))
    here = replace(
        free,
        eligible=luck.random(free.eligible.shape) < 0.7,
        listed=np.array([[True, bool(luck.random() < 0.7)]]),
        locks=tuple(locks),
        planned_on=date(2026, 12, 28),
        treatments=replace(free.treatments, lead_time=luck.choice([0, 10], 2)),
    )
    wide = widest(here, ())[0].offers
    kept = np.ones(len(wide), bool)
    for which in shut_by(here, wide).values():
        kept &= ~which

    def events(offers: Offers, among: object = slice(None)) -> list[tuple[int, ...]]:
        names = ("account", "sku", "week", "weeks", "treatment")
        return list(zip(*(getattr(offers, name)[among].tolist() for name in names), strict=True))

    assert events(wide, kept) == events(make_offers(here))


# which columns a relaxation is solved on


def test_columns_in_question_are_those_used_or_cheap() -> None:
    """Of 20 000 the tenth that cost least, ties included, and one that is used though it seems dear; of few, all."""
    reduced = -np.arange(20_000.0)
    reduced[2000:2005] = reduced[1999]
    x = np.zeros(20_000)
    x[19_000] = 0.5
    found = in_question(Relaxation("stopped", 0.0, x, np.zeros(1), reduced), len(x))
    assert found.tolist() == [*range(2005), 19_000]
    few = Relaxation("stopped", 0.0, np.zeros(900), np.zeros(1), -np.arange(900.0))
    assert len(in_question(few, 900)) == 900


def test_columns_beside_the_events_are_always_in_question() -> None:
    """2 000 events of which the dear half is left out, and three columns beside them that are dearer still."""
    total, events = 2_003, 2_000
    reduced = np.concatenate([-np.arange(events, dtype=float), np.full(3, -1e9)])
    found = in_question(Relaxation("stopped", 0.0, np.zeros(total), np.zeros(1), reduced), events)
    assert found.tolist() == [*range(1_000), 2_000, 2_001, 2_002]
