"""Picking and receiving one order: the compiled loops against plain Python, case by case."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import (
    ACCEPTED_CASES,
    AGE,
    AMOUNT,
    AWAY,
    BORN,
    CAUSES,
    DAMAGED,
    DISPOSED_CASES,
    LAST_DAY,
    LATE_DOCK,
    LATE_LOAD,
    LATE_TRIP,
    LINE,
    LOST,
    NO_STOCK,
    ORDERED,
    PAPER,
    PICKED,
    SKU,
    WRONG_LINES,
)
from kaopt.fulfilment.loops.books import enter
from kaopt.fulfilment.loops.picking import DOORS, lose, pick
from kaopt.fulfilment.loops.receipt import receive
from kaopt.fulfilment.nouns import Ledger
from kaopt.fulfilment.policies.gating import acceptance
from kaopt.fulfilment.state import count_of, goods_of, ledger_of, orders_of
from kaopt.fulfilment.year import held
from tests.fulfilment.docks import (
    DAY_DUE,
    KEYS,
    LINE_KEYS,
    PRICES,
    SKUS,
    at_dock,
    dock,
    going_home,
    lines_of,
    loaded,
    losses_of,
    missing,
    ordered,
    pieces_of,
    stocked,
    trucks,
)
from tests.fulfilment.helpers import unhurried

# picking -------------------------------------------------------------------------------------------------------------


def test_the_gate_looks_at_the_last_day_on_which_the_account_would_take_it() -> None:
    """Accepted up to 10 days: on day 20 goods of day 10 may be sent, goods of day 9 may not."""
    for last_day, picked in ((20, [(10, 4), (15, 2)]), (21, [(15, 6)]), (19, [(9, 3), (10, 3)])):
        state = stocked(dock([10], [10]), [(9, 3), (10, 4), (15, 9)])
        slot = ordered(state, [6])
        orders_of(state).order[slot, LAST_DAY] = last_day
        pick(state, slot, 10**6)
        assert [tuple(row) for row in pieces_of(state, slot)[:, [BORN, AMOUNT]].tolist()] == picked
        assert orders_of(state).order[slot, PICKED] == 6


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
    state = stocked(dock([10], [10]), [(5, 3), (12, 8)])
    slot = ordered(state, [want])
    pick(state, slot, capacity)
    told = {(0, "stock_too_old"): too_old, (0, "no_stock"): no_stock, (0, "pick_cut"): cut}
    assert losses_of(state, slot) == {key: cases for key, cases in told.items() if cases}
    assert orders_of(state).order[slot, PICKED] == got
    assert held(goods_of(state))[0, 0] == 11 - got


def test_the_newest_lot_goes_by_mistake_as_often_as_the_setting_says() -> None:
    def newest(mistake: float, days: int) -> list[bool]:
        found, state = [], dock([9999], [9999], supply={"issue_error": mistake})
        for day in range(days):
            goods_of(state).ends[:] = 0
            stocked(state, [(day - 5, 9), (day - 1, 9)])
            slot = ordered(state, [4], day=day)
            pick(state, slot, 10**6)
            found.append(int(pieces_of(state, slot)[0, BORN]) == day - 1)
        return found

    assert not any(newest(0.0, 20)) and all(newest(1.0, 20))
    some, more = newest(0.2, 1000), newest(0.5, 1000)
    assert abs(sum(some) - 200) <= 4 * (1000 * 0.2 * 0.8) ** 0.5
    assert all(b for a, b in zip(some, more, strict=True) if a)  # the same luck: more mistakes hold the fewer


def test_another_line_is_last_each_day() -> None:
    """Three lines, crews for two: over many days the cut falls on each of them."""
    cut = set()
    for day in range(30):
        state = stocked(dock([9] * 3, [9] * 3), *[[(day, 9)]] * SKUS)
        slot = ordered(state, [5, 5, 5], day=day)
        pick(state, slot, 10)
        ((line, why),) = losses_of(state, slot)
        assert losses_of(state, slot)[line, why] == 5 and why == "pick_cut"
        cut.add(line)
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
    lots: list[list[tuple[int, int]]], want: list[int], ages: list[int], capacity: int, mistake: float
) -> None:
    state = stocked(dock(ages, ages, supply={"issue_error": mistake}), *lots)
    slot = ordered(state, want)
    pick(state, slot, capacity)
    fit = [sum(n for made, n in lots[s] if DAY_DUE - made <= ages[s]) for s in range(SKUS)]
    whole = [sum(n for _, n in lots[s]) for s in range(SKUS)]
    lines, pieces, lost = lines_of(state, slot), pieces_of(state, slot), losses_of(state, slot)
    assert lines[:, SKU].tolist() == [s for s in range(SKUS) if want[s]]
    could, cases = sum(min(want[s], fit[s]) for s in range(SKUS)), orders_of(state).order[slot, PICKED]
    assert cases == min(could, capacity) == pieces[:, AMOUNT].sum()
    assert sum(amount for (_, why), amount in lost.items() if why == "pick_cut") == could - cases
    for n, s in enumerate(lines[:, SKU].tolist()):
        mine = pieces[pieces[:, LINE] == n]
        got = mine[:, AMOUNT].sum()
        assert sum(amount for (line, _), amount in lost.items() if line == n) + got == want[s]
        assert lost.get((n, "stock_too_old"), 0) == min(max(want[s] - fit[s], 0), whole[s] - fit[s])
        assert (DAY_DUE - mine[:, BORN] <= ages[s]).all()
        assert (mine[:, AMOUNT] > 0).all()
        assert held(goods_of(state))[0, s] == whole[s] - got and goods_of(state).flow[AWAY, s] == got


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
    count = -(-sum(cases for _, _, cases in pieces) // room)
    verdict = st.sampled_from([-1, -1, -1, LATE_LOAD, LATE_TRIP, LATE_DOCK])
    fleet = [(draw(verdict), draw(st.integers(20, 21)), draw(st.integers(0, 1))) for _ in range(count)]
    return Arrival(pieces, room, fleet)


def by_hand(arrival: Arrival, ages: list[int], paper: float, damage: float) -> list[tuple[int, int, int, int]]:
    """Each case in turn: (line, truck, production day, cause or -1)."""
    cases = [(line, born) for line, born, amount in arrival.pieces for _ in range(amount)]
    told, cell = [], DAY_DUE * DOORS
    for n, (line, born) in enumerate(cases):
        verdict, day, _ = arrival.verdicts[n // arrival.room]
        if verdict < 0 and day - born > ages[line]:
            verdict = AGE
        elif verdict < 0 and luck.uniform(KEYS[luck.DAMAGE], LINE_KEYS[line], cell) < damage:
            verdict = DAMAGED
        elif verdict < 0 and luck.uniform(KEYS[luck.PAPER], LINE_KEYS[line], cell) < paper:
            verdict = PAPER
        told.append((line, n // arrival.room, born, verdict))
    return told


def arrived(state: Any, arrival: Arrival, short: list[int], week: int = 2) -> int:
    """An order of what was picked and of `short` more that was not there, at the dock."""
    wanted = [sum(n for line, _, n in arrival.pieces if line == s) + short[s] for s in range(len(short))]
    slot = ordered(state, [max(cases, 1) for cases in wanted], week=week)
    lines_of(state, slot)[:, ORDERED] = wanted
    loaded(state, slot, arrival.pieces)
    for line, cases in enumerate(short):
        missing(state, slot, line, ("no_stock", cases))
    receive(state, slot, trucks(*arrival.verdicts))
    enter(state, slot)
    return slot


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
    state = dock([99] * 3, ages, arrival.room, account_columns={"mismatch": paper}, supply={"damage": damage})
    before = [array.copy() for array in ledger_of(state)]
    slot = arrived(state, arrival, short, week)
    away = [sum(n for line, _, n in arrival.pieces if line == s) for s in range(SKUS)]
    told, flow, ledger = by_hand(arrival, ages, paper, damage), goods_of(state).flow, Ledger(*ledger_of(state))
    assert count_of(state)[WRONG_LINES] == 0
    returned: dict[tuple[int, int, int], int] = {}
    for line, truck, born, why in told:
        if why >= 0 and why != DAMAGED:
            returned[truck, line, born] = returned.get((truck, line, born), 0) + 1
    assert going_home(state, slot) == returned
    accepted = [sum(1 for line, _, _, why in told if line == s and why < 0) for s in range(SKUS)]
    damaged = [sum(1 for line, _, _, why in told if line == s and why == DAMAGED) for s in range(SKUS)]
    assert flow[ACCEPTED_CASES].tolist() == accepted and flow[DISPOSED_CASES].tolist() == damaged
    # what was away is accepted, destroyed, or still away
    assert flow[[ACCEPTED_CASES, DISPOSED_CASES, AWAY]].sum(axis=0).tolist() == away
    if week < 0:
        assert all(np.array_equal(now, old) for now, old in zip(ledger, before, strict=True))
        return
    prices, wanted = np.array(PRICES), np.array(away) + short
    assert ledger.damaged.tolist() == damaged
    assert ledger.cases[0, week].tolist() == [wanted.sum(), sum(accepted)]
    assert ledger.value[0, week, 1] == prices @ np.array(accepted)
    for why in range(CAUSES):
        lost = [sum(1 for line, _, _, c in told if line == s and c == why) for s in range(SKUS)]
        lost = short if why == NO_STOCK else lost
        assert ledger.lost[0, :, why].tolist() == lost
        assert ledger.value[0, week, 2 + why] == prices @ np.array(lost)
    full = sum(a == o for a, o in zip(accepted, wanted.tolist(), strict=True))
    on_time = all(punctual for _, _, punctual in arrival.verdicts)
    assert ledger.counts.tolist() == [[3, full, 1, full == 3, full == 3 and on_time]]


@pytest.mark.parametrize(("share", "life", "last"), [(1 / 3, 270, 90), (1 / 3, 100, 33), (0.5, 45, 22), (0.7, 10, 7)])
def test_the_last_day_of_acceptance(share: float, life: int, last: int) -> None:
    """floor(share x life) days old is accepted, a day older is refused for its age."""
    limit = int(acceptance(np.array([share]), np.array([life]))[0, 0])
    for age, fate in ((last, -1), (last + 1, AGE)):
        state = dock([999], [limit])
        slot = ordered(state, [6])
        loaded(state, slot, [(0, DAY_DUE - age, 6)])
        assert at_dock(state, slot) == [(0, DAY_DUE - age, 6, fate)]
        enter(state, slot)
        ledger = Ledger(*ledger_of(state))
        assert ledger.cases[0, 2].tolist() == [6, 6 * (fate < 0)] and ledger.lost[0, 0, AGE] == 6 * (fate == AGE)


def test_a_line_that_does_not_add_up_is_told() -> None:
    state = dock([9] * 3, [9] * 3)
    slot = ordered(state, [7, 3])  # one more case of the first was ordered than anybody knows of
    loaded(state, slot, [(0, 19, 6), (1, 19, 4)])  # one more of the second is accepted …
    receive(state, slot, trucks((-1, DAY_DUE, 1)))
    lines_of(state, slot)[1, LOST] -= 1  # … and taken off its losses: adds up, but by a loss below nothing
    enter(state, slot)
    assert count_of(state)[WRONG_LINES] == 2


def test_a_loss_of_nothing_is_not_written_down() -> None:
    state = dock([9], [9])
    slot = ordered(state, [7])
    lose(state, slot, 0, (NO_STOCK, 0))
    assert losses_of(state, slot) == {} and lines_of(state, slot)[0, LOST] == 0
