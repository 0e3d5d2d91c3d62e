"""Picking and receiving one order: the compiled loops against plain Python, case by case."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import docking, kernels, luck, stock
from kaopt.fulfilment.kernels import AGE, DAMAGED, LATE_DOCK, LATE_LOAD, LATE_TRIP, LOST, ORDERED, PAPER, PICK_CUT
from kaopt.fulfilment.policies.gating import acceptance
from tests.fulfilment.helpers import unhurried

SKUS = 3
DAY_DUE = 20


def terms_of(sent: list[int], accepted: list[int], **given: float) -> stock.Terms:
    """What one account (A1) knows of its SKUs: greatest ages that are sent and accepted; rates are 0 if not given."""
    names = [("A1", f"S{s + 1}") for s in range(len(sent))]
    return stock.Terms(
        keys=luck.keys_of(5, 0),
        account_keys=np.array([luck.name_key("A1")], dtype=np.uint64),
        line_keys=np.array([[luck.name_key(*pair) for pair in names]], dtype=np.uint64),
        ages=np.array([[sent], [accepted]]),
        mistake=given.get("mistake", 0.0),
        rates=np.array([[given.get("paper", 0.0)], [given.get("damage", 0.0)]]),
        prices=np.array([[10.0, 20.0, 40.0][: len(sent)]]),
        flow=np.zeros((5, len(sent)), np.int64),
    )


def order_of(capacity: int = 10**6, week: int = 2, day: int = DAY_DUE) -> stock.Order:
    return stock.Order(0, day, week, 0, 1, day, capacity, 0)


def stocked(*lots: list[tuple[int, int]]) -> stock.Lots:
    """Lots (production day, cases) of each SKU, in order of date."""
    free = stock.Lots.empty(len(lots))
    for s, held in enumerate(lots):
        for made, cases in held:
            free = stock.bring_in(free, np.array([s]), (made, made), np.array([cases]))
    return free


# picking -------------------------------------------------------------------------------------------------------------


def test_the_gate_looks_at_the_last_day_on_which_the_account_would_take_it() -> None:
    """Accepted up to 10 days: on day 20 goods of day 10 may be sent, goods of day 9 may not."""
    for last_day, picked in ((20, [(10, 4), (15, 2)]), (21, [(15, 6)]), (19, [(9, 3), (10, 3)])):
        order = order_of()._replace(last_day=last_day)
        lots = stocked([(9, 3), (10, 4), (15, 9)])
        _, pieces, cases = kernels.pick(lots, terms_of([10], [10]), np.array([6]), order)
        assert [tuple(p) for p in pieces[:, kernels.BORN :].tolist()] == picked and cases == 6


@pytest.mark.parametrize(
    ("want", "capacity", "too_old", "no_stock", "cut", "got"),
    [
        (8, 99, 0, 0, 0, 8),
        (10, 99, 2, 0, 0, 8),  # two of the old three would have done
        (11, 99, 3, 0, 0, 8),
        (15, 99, 3, 4, 0, 8),
        (15, 5, 3, 4, 3, 5),  # crews are to blame only for what there was
        (4, 0, 0, 0, 4, 0),
    ],
)
def test_what_is_missing_has_its_cause(
    want: int, capacity: int, too_old: int, no_stock: int, cut: int, got: int
) -> None:
    lots = stocked([(5, 3), (12, 8)])
    lines, _, cases = kernels.pick(lots, terms_of([10], [10]), np.array([want]), order_of(capacity))
    told = lines[0, [LOST + kernels.TOO_OLD, LOST + kernels.NO_STOCK, LOST + PICK_CUT]].tolist()
    assert told == [too_old, no_stock, cut] and cases == got
    assert lots.held[0] == 11 - got


def test_the_newest_lot_goes_by_mistake_as_often_as_the_setting_says() -> None:
    def newest(mistake: float, days: int) -> list[bool]:
        terms = terms_of([99], [99], mistake=mistake)
        found = []
        for day in range(days):
            lots = stocked([(day - 5, 9), (day - 1, 9)])
            _, pieces, _ = kernels.pick(lots, terms, np.array([4]), order_of(day=day))
            found.append(int(pieces[0, kernels.BORN]) == day - 1)
        return found

    assert not any(newest(0.0, 20)) and all(newest(1.0, 20))
    some, more = newest(0.2, 1000), newest(0.5, 1000)
    assert abs(sum(some) - 200) <= 4 * (1000 * 0.2 * 0.8) ** 0.5
    assert all(b for a, b in zip(some, more, strict=True) if a)  # the same luck: more mistakes hold the fewer


def test_another_line_is_last_each_day() -> None:
    """Three lines, crews for two: over many days the cut falls on each of them."""
    cut = set()
    for day in range(30):
        lots = stocked(*[[(day, 9)]] * SKUS)
        lines, _, _ = kernels.pick(lots, terms_of([9] * 3, [9] * 3), np.array([5, 5, 5]), order_of(10, day=day))
        assert sorted(lines[:, LOST + PICK_CUT].tolist()) == [0, 0, 5]
        cut.add(int(lines[:, LOST + PICK_CUT].argmax()))
    assert cut == {0, 1, 2}


lots_of_a_sku = st.dictionaries(st.integers(0, DAY_DUE), st.integers(1, 30), max_size=6).map(
    lambda d: sorted(d.items())
)


@unhurried
@given(
    st.lists(lots_of_a_sku, min_size=SKUS, max_size=SKUS),
    st.lists(st.integers(0, 60), min_size=SKUS, max_size=SKUS),
    st.lists(st.integers(0, 25), min_size=SKUS, max_size=SKUS),
    st.integers(0, 150),
    st.floats(0, 1),
)
def test_picking_is_counted_case_by_case(
    held: list[list[tuple[int, int]]], want: list[int], ages: list[int], capacity: int, mistake: float
) -> None:
    lots, terms = stocked(*held), terms_of(ages, ages, mistake=mistake)
    lines, pieces, cases = kernels.pick(lots, terms, np.array(want), order_of(capacity))
    fit = [sum(n for made, n in held[s] if DAY_DUE - made <= ages[s]) for s in range(SKUS)]
    whole = [sum(n for _, n in held[s]) for s in range(SKUS)]
    assert lines[:, kernels.SKU].tolist() == [s for s in range(SKUS) if want[s]]
    could = sum(min(want[s], fit[s]) for s in range(SKUS))
    assert cases == min(could, capacity) == pieces[:, kernels.AMOUNT].sum()
    assert lines[:, LOST + PICK_CUT].sum() == could - cases
    for n, s in enumerate(lines[:, kernels.SKU]):
        mine = pieces[pieces[:, kernels.LINE] == n]
        got = mine[:, kernels.AMOUNT].sum()
        assert lines[n, LOST:].sum() + got == want[s]
        assert lines[n, LOST + kernels.TOO_OLD] == min(max(want[s] - fit[s], 0), whole[s] - fit[s])
        assert (DAY_DUE - mine[:, kernels.BORN] <= ages[s]).all()
        assert (mine[:, kernels.AMOUNT] > 0).all()
        assert lots.held[s] == whole[s] - got and terms.flow[kernels.AWAY, s] == got


# receiving -----------------------------------------------------------------------------------------------------------


class Arrival(NamedTuple):
    """An order on its trucks."""

    pieces: list[tuple[int, int, int]]  # line, production day, cases
    room: int
    verdicts: list[tuple[int, int, int]]  # of each truck: cause or -1, day of check-in, punctual


@st.composite
def arrivals(draw: Any) -> Arrival:
    pieces = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(5, 20), st.integers(1, 15)), max_size=8))
    pieces.sort(key=lambda one: one[0])
    room = draw(st.integers(1, 25))
    trucks = -(-sum(cases for _, _, cases in pieces) // room)
    verdict = st.sampled_from([-1, -1, -1, LATE_LOAD, LATE_TRIP, LATE_DOCK])
    fleet = [(draw(verdict), draw(st.integers(20, 21)), draw(st.integers(0, 1))) for _ in range(trucks)]
    return Arrival(pieces, room, fleet)


def lines_for(arrival: Arrival, short: list[int]) -> np.ndarray:
    """Three lines that ordered what was picked and `short` more that was not there."""
    lines = np.zeros((SKUS, 2 + kernels.CAUSES), np.int64)
    lines[:, kernels.SKU] = range(SKUS)
    for line, _, cases in arrival.pieces:
        lines[line, ORDERED] += cases
    lines[:, ORDERED] += short
    lines[:, LOST + kernels.NO_STOCK] = short
    return lines


def fleet_of(arrival: Arrival) -> np.ndarray:
    return np.array(arrival.verdicts, dtype=np.int64).reshape(-1, 3)


def by_hand(arrival: Arrival, terms: stock.Terms) -> list[tuple[int, int, int, int]]:
    """Each case in turn: (line, truck, production day, cause or -1)."""
    cases = [(line, born) for line, born, amount in arrival.pieces for _ in range(amount)]
    told = []
    for n, (line, born) in enumerate(cases):
        verdict, day, _ = arrival.verdicts[n // arrival.room]
        who = terms.line_keys[0, line]
        if verdict < 0 and day - born > terms.ages[1, 0, line]:
            verdict = AGE
        elif verdict < 0 and luck.uniform(terms.keys[luck.DAMAGE], who, DAY_DUE) < terms.rates[1, 0]:
            verdict = DAMAGED
        elif verdict < 0 and luck.uniform(terms.keys[luck.PAPER], who, DAY_DUE) < terms.rates[0, 0]:
            verdict = PAPER
        told.append((line, n // arrival.room, born, verdict))
    return told


@unhurried
@given(
    arrivals(),
    st.lists(st.integers(0, 15), min_size=3, max_size=3),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from([0.0, 0.5]),
    st.integers(-1, 3),
)
def test_receiving_is_counted_case_by_case(
    arrival: Arrival, ages: list[int], short: list[int], paper: float, damage: float, week: int
) -> None:
    terms, ledger = terms_of([99] * 3, ages, paper=paper, damage=damage), stock.Ledger.empty(1, SKUS, 4)
    lines, pieces = lines_for(arrival, short), np.array(arrival.pieces, dtype=np.int64).reshape(-1, 3)
    away = [sum(n for line, _, n in arrival.pieces if line == s) for s in range(SKUS)]
    terms.flow[kernels.AWAY] = away
    told = by_hand(arrival, terms)
    picked = (lines, pieces, len(told))
    back, wrong = docking.receive(picked, (arrival.room, fleet_of(arrival)), order_of(week=week), terms, ledger)
    assert wrong == 0
    returned: dict[tuple[int, int, int], int] = {}
    for line, truck, born, cause in told:
        if cause >= 0 and cause != DAMAGED:
            returned[truck, line, born] = returned.get((truck, line, born), 0) + 1
    summed: dict[tuple[int, int, int], int] = {}
    for truck, s, born, cases in back.tolist():
        summed[truck, s, born] = summed.get((truck, s, born), 0) + cases
    assert summed == returned
    accepted = [sum(1 for line, _, _, cause in told if line == s and cause < 0) for s in range(SKUS)]
    damaged = [sum(1 for line, _, _, cause in told if line == s and cause == DAMAGED) for s in range(SKUS)]
    assert terms.flow[kernels.ACCEPTED].tolist() == accepted and terms.flow[kernels.DISPOSED].tolist() == damaged
    assert terms.flow.sum(axis=0).tolist() == away  # what was away is accepted, destroyed, or still away
    if week < 0:
        assert all(not array.any() for array in ledger)
        return
    prices = terms.prices[0]
    assert ledger.damaged.tolist() == damaged
    assert ledger.cases[0, week].tolist() == [lines[:, ORDERED].sum(), sum(accepted)]
    assert ledger.value[0, week, 1] == prices @ np.array(accepted)
    for cause in range(kernels.CAUSES):
        lost = [sum(1 for line, _, _, c in told if line == s and c == cause) for s in range(SKUS)]
        lost = short if cause == kernels.NO_STOCK else lost
        assert ledger.lost[0, :, cause].tolist() == lost
        assert ledger.value[0, week, 2 + cause] == prices @ np.array(lost)
    full = sum(a == o for a, o in zip(accepted, lines[:, ORDERED], strict=True))
    on_time = all(punctual for _, _, punctual in arrival.verdicts)
    assert ledger.counts.tolist() == [[3, full, 1, full == 3, full == 3 and on_time]]


@pytest.mark.parametrize(("share", "life", "last"), [(1 / 3, 270, 90), (1 / 3, 100, 33), (0.5, 45, 22), (0.7, 10, 7)])
def test_the_last_day_of_acceptance(share: float, life: int, last: int) -> None:
    """floor(share x life) days old is accepted, a day older is refused for its age."""
    limit = int(acceptance(np.array([share]), np.array([life]))[0, 0])
    for age, accepted in ((last, 6), (last + 1, 0)):
        arrival = Arrival([(0, DAY_DUE - age, 6)], 10, [(-1, DAY_DUE, 1)])
        lines = lines_for(arrival, [0, 0, 0])[:1]
        ledger, terms = stock.Ledger.empty(1, 1, 4), terms_of([999], [limit])
        picked = (lines, np.array(arrival.pieces), 6)
        docking.receive(picked, (10, fleet_of(arrival)), order_of(), terms, ledger)
        assert ledger.cases[0, 2].tolist() == [6, accepted] and ledger.lost[0, 0, AGE] == 6 - accepted


def test_a_line_that_does_not_add_up_is_told() -> None:
    terms, ledger = terms_of([9] * 3, [9] * 3), stock.Ledger.empty(1, SKUS, 4)
    arrival = Arrival([(0, 19, 6), (1, 19, 3)], 10, [(-1, DAY_DUE, 1)])
    lines = lines_for(arrival, [0, 0, 0])
    lines[0, ORDERED] += 1  # one more case was ordered than anybody knows of
    lines[1, LOST + AGE], lines[1, LOST + PAPER] = -1, 1  # adds up, but by a loss below nothing
    picked = (lines, np.array(arrival.pieces), 9)
    assert docking.receive(picked, (10, fleet_of(arrival)), order_of(), terms, ledger)[1] == 2
