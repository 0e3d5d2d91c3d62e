"""Fees and rebates: no plan can be valued two ways, the rows are as tight as rows can be, every plan tried by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kaopt.allocation.allocate import allocate
from kaopt.allocation.attainable import least, most
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.ledger import Charge
from kaopt.allocation.model import build, to_program
from kaopt.allocation.problem import Problem, from_arrays
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules import all_rows, fees, max_losing, rebate
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.program import Program
from kaopt.allocation.tiers import Scale, all_unit, gap, scales, stepped
from kaopt.errors import InfeasibleError
from kaopt.offers import Offers, make_offers, weight_at
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Weights
from kaopt.scenario.terms import Rebate
from tests.allocation.brute import decided, defining, plan_of, settled, still, subsets
from tests.allocation.case import PROFIT, SETTINGS, SHOW_OR_HUGE, plain
from tests.allocation.cases_money import fee, monthly, quarterly
from tests.allocation.cases_money import rebate as by_tier
from tests.allocation.strategies import about_money, paid, ruled, worlds
from tests.worlds import plan

MONEY = ("spend", "contribution", "retailer")


@st.composite
def charged(draw: st.DrawFn, most_offers: int = 1000) -> Scenario:
    """A random world with fees, rebates and fixed fees, and with at most so many offers."""
    here = draw(worlds(clusters=False, dip_weeks=1))
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    here = paid(here, luck, often=1.0)
    for _ in range(200):
        if len(make_offers(here)) <= most_offers:
            break
        open_ = np.flatnonzero(here.eligible)
        fewer = here.eligible.copy()
        fewer.flat[luck.choice(open_, max(len(open_) // 4, 1), replace=False)] = False
        here = replace(here, eligible=fewer)
    return here


def one_at_a_time(offers: Offers, luck: np.random.Generator, share: float) -> np.ndarray:
    """A random choice in which no account-SKU-week has two events."""
    chosen, taken = np.zeros(len(offers)), set()
    for o in luck.permutation(len(offers)):
        cells = {(offers.account[o], offers.sku[o], offers.week[o] + n) for n in range(offers.weeks[o])}
        if luck.random() < share and not cells & taken:
            chosen[o], taken = 1.0, taken | cells
    return chosen


@given(charged(), st.integers(0, 2**31), st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=30, deadline=None)
def test_no_plan_can_be_valued_two_ways(here: Scenario, seed: int, share: float) -> None:
    """The most and the least money that the switches allow beside a plan are both what the judge charges."""
    offers = decided(here)
    chosen = one_at_a_time(offers, np.random.default_rng(seed), share)
    charges = evaluate(here, plan_of(offers, chosen)).ledger.charges
    own = offers.switches
    for what in MONEY:
        amounts = getattr(own, what)
        due = sum(getattr(one, what) for one in charges)
        for sign in (1.0, -1.0):
            columns = settled(here, offers, chosen, sign * amounts)
            assert columns is not None
            assert amounts @ columns[len(offers) :] == pytest.approx(due, rel=1e-6, abs=1e-6 * (1 + abs(amounts).sum()))


@given(charged())
@settings(max_examples=60, deadline=None)
def test_doing_nothing_is_what_the_switches_say_without_events(here: Scenario) -> None:
    """`nothing` keeps every defining row and costs what the judge charges a world without events."""
    offers = decided(here)
    idle = np.concatenate([np.zeros(len(offers)), offers.switches.nothing])
    body, low, high = defining(here, offers)
    used, size = body @ idle, 1e-9 * (1 + abs(body) @ abs(idle))
    assert (used >= low - size).all() and (used <= high + size).all()
    ledger = evaluate(here, plan()).ledger
    assert ledger.charges == ledger.idle
    for what in MONEY:
        due = sum(getattr(one, what) for one in ledger.idle)
        assert getattr(offers.switches, what) @ offers.switches.nothing == pytest.approx(due, rel=1e-9, abs=1e-6)


# bounds of what can be sold


@given(charged(most_offers=9), st.sampled_from(["net_revenue", "incremental_cases", "contribution"]))
@settings(max_examples=40, deadline=None)
def test_the_most_and_the_least_are_attained_by_plans(here: Scenario, what: str) -> None:
    """Every plan with one event at a time, tried: the best and the worst of each account are the ends."""
    offers = make_offers(here)
    amount = getattr(offers, what)
    top, bottom = np.zeros(here.shape[0]), np.zeros(here.shape[0])
    for events in subsets(len(offers)):
        cells = [
            (offers.account[o], offers.sku[o], w)
            for o in np.flatnonzero(events)
            for w in range(offers.week[o], offers.week[o] + offers.weeks[o])
        ]
        if len(set(cells)) == len(cells):
            sums = np.bincount(offers.account, weights=amount * events, minlength=here.shape[0])
            top, bottom = np.maximum(top, sums), np.minimum(bottom, sums)
    assert most(here, offers, amount) == pytest.approx(top, rel=1e-12, abs=1e-9)
    assert least(here, offers, amount) == pytest.approx(bottom, rel=1e-12, abs=1e-9)


def test_long_events_beat_short_ones_where_they_bring_more() -> None:
    """Three weeks; events of one week bring 2, 1, 2 and of two weeks 4: 4 + 2 is the most."""
    here = plain((1, 1, 3), treatment_columns={"lengths": [(1, 2)]})
    offers = make_offers(here)
    amount = np.where(offers.weeks == 2, 4.0, np.array([2.0, 1.0, 2.0])[offers.week])
    assert most(here, offers, amount).tolist() == [6.0]
    assert least(here, offers, amount).tolist() == [0.0]


# fees


@given(charged())
@settings(max_examples=60, deadline=None)
def test_fee_rows_hold_the_largest_sets_and_each_once(here: Scenario) -> None:
    """Per fee and period: the sets of offers that run together, none inside another, every week's set inside one."""
    offers = decided(here)
    rows = fees.rows(here, offers, fees.Settings())
    body = rows.matrix.toarray()
    events, paid_by = body[:, : len(offers)] > 0, body[:, len(offers) :] < 0
    sets: dict[int, list[frozenset[int]]] = {}
    for i in np.flatnonzero(events.any(axis=1)):
        sets.setdefault(int(np.flatnonzero(paid_by[i])[0]), []).append(frozenset(np.flatnonzero(events[i]).tolist()))
    for kept in sets.values():
        assert not any(one < other or (one == other and one is not other) for one in kept for other in kept)
    own = offers.switches.own("fees", fees.Settings())
    due = {(offers.switches.scope[z]): int(z) for z in own}
    for one in here.fees:
        for o in range(len(offers)):
            a, s, k = offers.account[o], offers.sku[o], offers.treatment[o]
            if one.accounts[a] and one.skus[s] and one.treatments[k]:
                for w in range(offers.week[o], offers.week[o] + offers.weeks[o]):
                    z = due[fees.named(here, one, int(a), w)]
                    assert any(o in crowd for crowd in sets[z])


@given(charged())
@settings(max_examples=30, deadline=None)
def test_fee_rows_bound_no_less_than_a_row_for_every_offer_would(here: Scenario) -> None:
    """x <= z for every offer and period: implied by fewer rows, whose relaxation is never worse."""
    here = replace(here, rebates=(), objective=PROFIT)
    offers = decided(here)
    blocks = all_rows(here, offers)
    mine = [one for one in blocks if one.rule == "fees"]
    if not mine:
        return
    entries = mine[0].matrix.tocsr()
    pairs = {
        (int(o), int(z))
        for i in range(entries.shape[0])
        for row in [entries[[i]].tocoo()]
        for o, v in zip(row.coords[1], row.data, strict=True)
        if o < len(offers) and v > 0
        for z in row.coords[1][row.data < 0]
    }
    strong = np.zeros((len(pairs), offers.columns))
    for i, (o, z) in enumerate(sorted(pairs)):
        strong[i, o], strong[i, z] = 1.0, -1.0
    alone = replace(mine[0], matrix=sp.csr_matrix(strong), high=np.zeros(len(pairs)), low=np.full(len(pairs), -np.inf))
    rest = tuple(one for one in blocks if one.rule != "fees")
    assert relaxed(offers, blocks) <= relaxed(offers, (*rest, alone)) + 1e-6
    assert (entries[:, : len(offers)].max(axis=1).toarray() > 0).sum() <= len(pairs)


def relaxed(offers: Offers, blocks: tuple[Rows, ...]) -> float:
    """The best value where nothing need be whole."""
    worth = np.concatenate([offers.value, offers.switches.value])
    ends = Bounds(
        np.concatenate([np.zeros(len(offers)), offers.switches.low]),
        np.concatenate([np.ones(len(offers)), offers.switches.high]),
    )
    rows = [LinearConstraint(one.matrix, one.low, one.high) for one in blocks if len(one)]
    found = milp(-worth, bounds=ends, constraints=rows)
    assert found.x is not None
    return float(worth @ found.x)


def test_weeks_within_a_neighbours_are_left_out() -> None:
    """Events of two weeks from weeks 1, 2 and 3 of 4: {1}, {1, 2}, {2, 3}, {3}: two rows of two, one that asks."""
    here = plain((1, 1, 4), treatment_columns={"lengths": [(2,)]}, fees=(fee((1, 1, 4), 10.0),))
    rows = fees.rows(here, decided(here), fees.Settings())
    assert rows.scopes == (
        "account=A1 fee=listing sku=S1 week=2",
        "account=A1 fee=listing sku=S1 week=3",
        "account=A1 fee=listing",
    )
    assert rows.matrix.toarray().tolist() == [[1, 1, 0, -1], [0, 1, 1, -1], [-1, -1, -1, 1]]


def test_a_period_cuts_the_sets() -> None:
    """The same with months of two weeks: the event over the border is in both."""
    halves = replace(fee((1, 1, 4), 10.0), period=np.array([0, 0, 1, 1]), per="month")
    here = plain((1, 1, 4), treatment_columns={"lengths": [(2,)]}, fees=(halves,))
    rows = fees.rows(here, decided(here), fees.Settings())
    assert rows.matrix.toarray().tolist() == [
        [1, 1, 0, -1, 0],
        [0, 1, 1, 0, -1],
        [-1, -1, 0, 1, 0],
        [0, -1, -1, 0, 1],
    ]
    assert rows.scopes[2:] == ("account=A1 fee=listing month=1", "account=A1 fee=listing month=2")


def test_a_fee_is_charged_once_in_the_first_week_of_its_period() -> None:
    here = plain(
        (2, 1, 30), fees=(quarterly((2, 1, 30), 900.0, accounts=np.array([False, True])), fee((2, 1, 30), 70.0))
    )
    found = evaluate(here, plan((1, 0, 14, 1, 0), (1, 0, 16, 1, 0), (0, 0, 2, 1, 0)))
    money = {"spend": 900.0, "contribution": -900.0, "retailer": 900.0}
    assert found.ledger.charges == (
        Charge("fees", "account=A2 fee=listing quarter=2", 1, 13, (0,), **money),
        Charge("fees", "account=A1 fee=listing", 0, 0, (0,), spend=70.0, contribution=-70.0, retailer=70.0),
        Charge("fees", "account=A2 fee=listing", 1, 0, (0,), spend=70.0, contribution=-70.0, retailer=70.0),
    )
    assert found.objective == found.contribution == pytest.approx(3 * 2000 - 900 - 140)
    assert found.ledger.idle == ()


def test_an_event_past_the_horizon_opens_no_month_that_is_not_there() -> None:
    here = plain((1, 1, 5), fees=(monthly((1, 1, 5), 50.0),), treatment_columns={"lengths": [(3,)]})
    found = evaluate(here, plan((0, 0, 3, 3, 0)))
    assert [one.scope for one in found.ledger.charges] == [
        "account=A1 fee=listing month=1",
        "account=A1 fee=listing month=2",
    ]


# rebates


@given(charged())
@settings(max_examples=60, deadline=None)
def test_tiers_hold_all_that_can_be_sold_and_the_gaps_are_as_stated(here: Scenario) -> None:
    offers = make_offers(here)
    for scale in scales(here, offers):
        top = scale.base + most(here, offers, scale.change)[scale.rebate.account]
        bottom = scale.base + least(here, offers, scale.change)[scale.rebate.account]
        tiers = scale.tiers
        assert tiers[0].low <= bottom and tiers[-1].high >= top
        assert tiers[0].low >= bottom - 2e-6 * (1 + abs(scale.base)) - 1e-8 * (scale.base - bottom)
        assert tiers[-1].high <= top + 2e-6 * (1 + abs(scale.base)) + 1e-8 * (top - scale.base)
        assert sum(one.low <= scale.base <= one.high for one in tiers) >= 1
        for one, other in pairwise(tiers):
            if scale.rebate.kind == "stepped":
                assert one.high == other.low
                assert other.start == pytest.approx(one.start + one.rate * one.width, abs=1e-6)
            else:
                assert (
                    9 * slack(other.low)
                    <= other.low - one.high
                    <= 1.1e-5 * (top - bottom) + 1e-5 * (1 + abs(other.low))
                )


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (900.0, (999.0, 1000 - slack(1000))),  # far below
        (999.5, (999.5, 1000 - slack(1000))),  # within the gap: the tier below reaches up to it
        (1000 - 7 * slack(1000), (1000 - 7 * slack(1000), 1000 - slack(1000))),  # not reached for the judge
        (1000 - 3 * slack(1000), (999.0, 1000 - 3 * slack(1000))),  # reached for the judge
        (1000.0, (999.0, 1000.0)),
        (1000.5, (999.0, 1000.5)),
        (1002.0, (999.0, 1000 - slack(1000))),
    ],
)
def test_doing_nothing_lies_in_the_tier_that_the_judge_says(base: float, expected: tuple[float, float]) -> None:
    assert gap(1000.0, base, 1.0) == pytest.approx(expected, rel=1e-15)


def test_without_a_clear_distance_the_gap_is_ten_tolerances() -> None:
    assert gap(1000.0, 0.0, 0.0) == pytest.approx((1000 - 10 * slack(1000), 1000 - slack(1000)), rel=1e-15)


def test_tiers_by_hand() -> None:
    """From 5 000 to 20 000, base 8 000: below 10 000 nothing, then 2 %, from 15 000 on 4 %; 30 000 is out of reach."""
    tiers = ((10_000.0, 15_000.0, 30_000.0), (0.02, 0.04, 0.08))
    flat = all_unit(Rebate(0, "revenue", "all_unit", *tiers), 8000.0, (5000.0, 20_000.0))
    assert [(one.low, one.high, one.rate, one.start) for one in flat] == [
        (5000.0, pytest.approx(10_000 - 0.15), 0.0, 0.0),
        (pytest.approx(10_000, abs=2e-5), pytest.approx(15_000 - 0.15), 0.02, pytest.approx(200, abs=1e-6)),
        (pytest.approx(15_000, abs=2e-5), 20_000.0, 0.04, pytest.approx(600, abs=1e-6)),
    ]
    steps = stepped(Rebate(0, "revenue", "stepped", *tiers), 8000.0, (5000.0, 20_000.0))
    assert [(one.low, one.high, one.rate, one.start) for one in steps] == [
        (5000.0, 10_000.0, 0.0, 0.0),
        (10_000.0, 15_000.0, 0.02, 0.0),
        (15_000.0, 20_000.0, 0.04, pytest.approx(100.0)),
    ]
    late = stepped(Rebate(0, "revenue", "stepped", *tiers), 18_000.0, (16_000.0, 20_000.0))
    assert [(one.low, one.high, one.start) for one in late] == [(16_000.0, 20_000.0, pytest.approx(140.0))]


@given(st.integers(0, 2**31), st.sampled_from(["all_unit", "stepped"]), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_the_relaxation_is_the_convex_hull_of_tiers_and_sales(seed: int, kind: str, count: int) -> None:
    """At any sales the least rebate that halves allow is the lower convex envelope of what each tier costs at its ends.

    No valid rows over these columns can do better. Stepped rates that never fall cost no less than they really do.
    """
    luck = np.random.default_rng(seed)
    here = plain((1, 1, 2), treatment_columns={"weekly_cost": [float(luck.uniform(0, 9000))]})
    spots = np.sort(luck.uniform(5000, 21_000, count))
    term = Rebate(0, "revenue", kind, tuple(spots.tolist()), tuple(luck.uniform(0, 0.3, count).tolist()))  # type: ignore[arg-type]
    here = replace(here, rebates=(term,))
    offers = decided(here)
    (scale,) = scales(here, offers)
    own, body = offers.switches, rebate.rows(here, offers, rebate.Settings())
    corners = [(x, one.start + one.rate * (x - one.low)) for one in scale.tiers for x in (one.low, one.high)]
    for share in luck.uniform(0, 1, 4):
        sold = scale.tiers[0].low + share * (scale.tiers[-1].high - scale.tiers[0].low)
        limits = np.array([scale.base - sold if i == 0 else 0.0 for i in range(len(body))])
        mine = body.matrix[:, len(offers) :]
        found = milp(
            own.retailer,
            bounds=Bounds(own.low, own.high),
            constraints=LinearConstraint(mine, body.low + limits, body.high + limits),
        )
        assert found.x is not None
        envelope = min(
            (y * (q - sold) + v * (sold - p)) / (q - p) if q > p else min(y, v)
            for p, y in corners
            for q, v in corners
            if p <= sold <= q
        )
        assert own.retailer @ found.x == pytest.approx(envelope, rel=1e-6, abs=1e-2)


def big_m(offers: Offers, parts: tuple[Scale, ...]) -> tuple[sp.csr_matrix, np.ndarray]:
    """Rebates as textbooks write them: rows with a large number M, twice all sales or all rebate, for each tier.

    rebate >= rate_j sales - M (1 - z_j), sales >= T_j z_j - M (1 - z_j), sales <= T_{j+1} + M (1 - z_j), one z in all.
    Columns: offers, then of each rebate its money and the z of its tiers. Gives the matrix and the rows' minima.
    """
    bodies, minima, first = [], [], len(offers)
    width = first + sum(1 + len(one.tiers) for one in parts)
    for scale in parts:
        tiers, sold = scale.tiers, abs(scale.base) + abs(scale.change).sum() + 1
        big = 2 * sold * max(1.0, *(one.rate for one in tiers))  # a rate per case may be above 1
        body, low = np.zeros((3 * len(tiers) + 2, width)), np.zeros(3 * len(tiers) + 2)
        for j, one in enumerate(tiers):
            rows = slice(3 * j, 3 * j + 3)
            body[rows, : len(offers)] = np.outer([-one.rate, 1.0, -1.0], scale.change)
            body[3 * j, first] = 1.0
            body[rows, first + 1 + j] = -big
            low[rows] = np.array([one.rate * scale.base, one.low - scale.base, scale.base - one.high]) - big
        body[-2:, first + 1 : first + 1 + len(tiers)] = [[1.0], [-1.0]]
        low[-2:] = 1.0, -1.0
        bodies.append(sp.csr_matrix(body))
        minima.append(low)
        first += 1 + len(tiers)
    return sp.vstack(bodies, format="csr"), np.concatenate(minima)


def two_bounds(here: Scenario) -> tuple[float, float]:
    """The relaxation's best profit with the hull of the tiers, and with large numbers."""
    offers = decided(here)
    blocks, parts = all_rows(here, offers), scales(here, offers)
    idle = float(offers.switches.contribution @ offers.switches.nothing)
    body, low = big_m(offers, parts)
    worth = np.concatenate([offers.value, *(np.append(-1.0, np.zeros(len(one.tiers))) for one in parts)])
    events = [one for one in blocks if one.rule != "rebate"]
    shaped = [
        sp.hstack([one.matrix[:, : len(offers)], sp.csr_matrix((len(one), len(worth) - len(offers)))]) for one in events
    ]
    rows = [LinearConstraint(m, one.low, one.high) for m, one in zip(shaped, events, strict=True)]
    ends = Bounds(
        np.zeros(len(worth)), np.where(np.arange(len(worth)) < len(offers), 1.0, np.where(worth < 0, 1e12, 1.0))
    )
    found = milp(-worth, bounds=ends, constraints=[*rows, LinearConstraint(body, low, np.inf)])
    assert found.x is not None
    return relaxed(offers, blocks) - idle, float(worth @ found.x) - idle


@given(charged())
@settings(max_examples=40, deadline=None)
def test_tiers_bound_at_least_as_tightly_as_large_numbers_do(here: Scenario) -> None:
    terms = tuple(one for one in here.rebates if one.kind == "all_unit")
    here = replace(here, fees=(), objective=PROFIT, rebates=terms)
    if terms and len(make_offers(here)):
        hull, large = two_bounds(here)
        assert hull <= large + 1e-6 * (1 + abs(large))


def test_how_much_tighter_by_hand() -> None:
    """Base 10 000, two events of 4 500 for 2 000 each; from 15 000 on 20 % of everything: 3 800 for both.

    Hull: up to 15 000, free of rebate, 5 000 / 4 500 events fit; beyond, money of sales costs 3 800 / 4 000. With large
    numbers part of a tier costs nothing, and both events look free. The best plan is one event: 2 000.
    """
    hull, large = two_bounds(plain((1, 1, 2), rebates=(by_tier((15_000, 0.2)),)))
    assert hull == pytest.approx(2000 * 5000 / 4500, abs=0.1)
    assert large == pytest.approx(4000)


# losing accounts


def test_an_account_may_fall_as_far_as_its_worst_calendar_and_terms_take_it() -> None:
    """Base 5 000 less 4 000; at worst two events at -3 500, 200 for listing and 10 % on the most that can be sold."""
    here = plain(
        (1, 1, 2),
        treatment_columns=SHOW_OR_HUGE | {"weekly_cost": [500.0, 11_000.0]},
        account_columns={"contract_fee": 4000.0},
        fees=(fee((1, 1, 2), 200.0, kinds=2),),
        rebates=(by_tier((0, 0.1)),),
        rules={"max_losing": (SETTINGS["max_losing"](max=0),)},
    )
    offers = decided(here)
    rows = max_losing.rows(here, offers, SETTINGS["max_losing"](max=0))
    deepest = 5000 - 4000 - 2 * 3500 - 200 - 0.1 * (10_000 + 2 * 4500)
    assert rows.matrix.toarray()[0, -1] == pytest.approx(-deepest, rel=1e-6)
    assert rows.scopes == ("account=A1", "total")
    assert rows.used_without.tolist() == [1000.0, 0.0]


def test_an_account_that_cannot_lose_has_no_row() -> None:
    none = SETTINGS["max_losing"](max=0)
    here = plain((2, 1, 1), account_columns={"contract_fee": [0.0, 4000.0]}, rules={"max_losing": (none,)})
    rows = max_losing.rows(here, decided(here), none)
    assert rows.scopes == ("account=A2", "total")


# every plan


def best_two_ways(here: Scenario) -> tuple[float | None, list[float | None]]:
    """The best value by trying every plan with the judge alone; by a solver on the Pyomo model, and on the arrays."""
    offers = decided(here)
    judged = [evaluate(here, plan_of(offers, events)) for events in subsets(len(offers))]
    tried = max((one.objective for one in judged if not one.breaches), default=None)
    try:
        rows = all_rows(here, offers)
        programs = [to_program(build(here, offers, rows)), from_arrays(Problem(offers, rows))]
    except InfeasibleError:
        return tried, [None, None]
    return tried, [optimum(one) for one in programs]


def optimum(program: Program) -> float | None:
    """The best value of a program; None where nothing keeps every row."""
    if not len(program.cost):
        return program.offset
    ready = gate(program).program
    found = milp(
        -ready.cost,
        integrality=ready.integer.astype(int),
        bounds=Bounds(ready.low, ready.high),
        constraints=LinearConstraint(ready.matrix, ready.row_low, ready.row_high),
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else float(ready.cost @ found.x + ready.offset)


@st.composite
def moneyed(draw: st.DrawFn) -> Scenario:
    """A small world with fees and rebates in which rules about money hold."""
    here = draw(charged(most_offers=5))
    luck = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    soft = {"hard": False, "regret": float(luck.uniform(0.1, 300))} if draw(st.booleans()) else {}
    rules = about_money(luck, soft, draw(st.sampled_from(["account", "total"])))
    kept = draw(st.sets(st.sampled_from(sorted(rules)), max_size=3))
    return replace(here, rules={name: tuple(SETTINGS[name](**one) for one in rules[name]) for name in kept})


def agree(here: Scenario) -> None:
    tried, solved = best_two_ways(here)
    assert [one is None for one in solved] == [tried is None] * 2
    if tried is not None:
        assert solved == pytest.approx([tried] * 2, rel=1e-6, abs=1e-3)


@given(moneyed())
@settings(max_examples=12, deadline=None)
def test_the_model_finds_the_best_of_all_plans(here: Scenario) -> None:
    agree(here)


@pytest.mark.thorough
@given(moneyed())
@settings(max_examples=400, deadline=None)
def test_the_model_finds_the_best_of_all_plans_in_hundreds_of_worlds(here: Scenario) -> None:
    agree(here)


@pytest.mark.thorough
@given(ruled())
@settings(max_examples=100, deadline=None)
def test_the_model_finds_the_best_of_all_plans_under_all_rules(here: Scenario) -> None:
    if len(make_offers(here)) <= 6:
        agree(here)


# --- weights of the objective


@pytest.mark.parametrize(("amount", "events", "worth"), [(2500, 2, 4500.0), (4001, 0, 0.0)])
def test_a_fee_counts_as_often_as_its_account(amount: float, events: int, worth: float) -> None:
    """Two events of 2 000 and a fee of 2 500, all counted three times; a fee of 4 001 is too dear at any weight."""
    aim = PROFIT.model_copy(update={"weights": Weights(account={"A1": 3.0})})
    found = allocate(plain((1, 1, 2), fees=(fee((1, 1, 2), amount),), objective=aim))
    assert found.certificate is not None
    assert (len(found), found.certificate.objective) == (events, pytest.approx(worth))
    judged = evaluate(plain((1, 1, 2), fees=(fee((1, 1, 2), amount),), objective=aim), found)
    assert judged.contribution == pytest.approx(worth / 3)  # money in the till is not weighted


@pytest.mark.parametrize("maximize", ["profit", "value", "profitable_volume", "lexicographic"])
@given(charged(most_offers=40), st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_the_table_and_the_evaluator_count_fees_and_rebates_alike_under_weights(
    maximize: str, here: Scenario, seed: int
) -> None:
    """Events and switches of any plan, at random weights, to the same objective as the evaluator's own arithmetic."""
    luck = np.random.default_rng(seed)
    counts = luck.uniform(0.1, 9, here.shape[0]).tolist()
    weights = Weights(account=dict(zip(here.accounts.account, counts, strict=True)))
    update = {"maximize": maximize, "weights": weights, "tie": 0.01}
    here = replace(here, objective=here.objective.model_copy(update=update), rules={})
    offers = decided(here)
    chosen = one_at_a_time(offers, luck, 0.5)
    columns = settled(here, offers, chosen)
    assume(columns is not None)
    value = np.concatenate([offers.value, offers.switches.value])
    table = float(value @ (columns - still(offers)))
    assert evaluate(here, plan_of(offers, chosen)).objective == pytest.approx(table, rel=1e-9, abs=1e-6)


def test_what_belongs_to_no_account_counts_once() -> None:
    aim = PROFIT.model_copy(update={"weights": Weights(account={"A1": 3.0}, segment={"key": 2.0})})
    here = plain((2, 1, 1), objective=aim, account_columns={"segment": ["key", "other"]})
    assert weight_at(here, np.array([0, 1, -1])).tolist() == [6.0, 1.0, 1.0]
