"""Perishable stock against theory, through the product's own lots, issuing rules, midnights and luck.

The loops are driven by hand, with no world around them: `lots.put` and `lots.take`, `nights.count_lots`, `luck`. A day
of the loops stands for a minute; the mean time between two events is 10 000 of them.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import exp
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import BORN
from kaopt.fulfilment.loops import lots, nights
from kaopt.fulfilment.state import goods_of
from tests.fulfilment.helpers import unhurried, z_score
from tests.fulfilment.shelves import FOR_EVER, HERE, rows, shelf, taken

# Case 12: units come and are asked for by Poisson, live for a time; oldest first, what is missing is lost --------
UNIT = 100_000  # minutes in the time unit of the rates: 10 000 between two events
CASES = [(10.0, 10.0, 1.0), (12.0, 10.0, 2.0), (9.0, 10.0, 2.0)]  # supply, demand, life


class Perishable(NamedTuple):
    """Shares of supply that outdate and of demand that is lost, mean age at issue."""

    waste: float
    lost: float
    age: float


def in_theory(supply: float, demand: float, life: float) -> Perishable:
    """By level crossing of the age of the oldest unit (Graves 1982; Kaspi and Perry 1983)."""
    theta = demand - supply
    span = (exp(theta * life) - 1) / theta if theta else life
    rate = 1 / (span + exp(theta * life) / supply)  # of outdating
    empty = rate * exp(theta * life) / supply
    age = 1 / theta - life / (exp(theta * life) - 1) if theta else life / 2
    return Perishable(rate / supply, empty, age)


def test_theory_is_as_published() -> None:
    assert in_theory(*CASES[0]) == pytest.approx((1 / 11, 1 / 11, 0.5), abs=1e-9)
    assert in_theory(*CASES[1]) == pytest.approx((0.169250, 0.003100, 1.537315), abs=1e-6)
    assert in_theory(*CASES[2]) == pytest.approx((0.015411, 0.113870, 0.686965), abs=1e-6)
    for supply, demand, life in CASES:  # what comes in is issued or outdates
        found = in_theory(supply, demand, life)
        assert supply * (1 - found.waste) == pytest.approx(demand * (1 - found.lost))


def lived(rates: tuple[float, float, float], replication: int, events: int = 5000) -> Perishable:
    """One run: supply and demand in the order of their moments, the first tenth left out."""
    keys, kept = luck.keys_of(5, replication), round(rates[2] * UNIT)
    gaps = [
        [luck.exponential(keys[purpose], 1, n) * UNIT / rate for n in range(events)]
        for purpose, rate in ((luck.RELEASE, rates[0]), (luck.TRIP, rates[1]))
    ]
    when = [np.cumsum(one).round().astype(np.int64) for one in gaps]
    end = int(min(one[-1] for one in when))
    moments = sorted((int(t), kind) for kind in (0, 1) for t in when[kind] if t <= end)
    state, piece = shelf([(n, 0, 1) for n in range(1, 60)]), np.zeros((99, 5), np.int64)  # grown once, so that it
    goods = goods_of(state)  # never grows again
    stock, goods.ends[HERE] = (goods.cells[0], goods.ends[0]), 0
    came = wasted = asked = lost = 0
    ages = []
    for t, kind in moments:
        _, _, _, old = nights.count_lots(stock, 0, t, (kept, FOR_EVER))
        counts = t > end // 10
        wasted += int(old) * counts
        if kind == 0:
            lots.put(state, HERE, (t, t), 1)
            came += counts
            continue
        asked += counts
        if lots.take(stock, 0, (-FOR_EVER, False, 0), 1, (piece, 0, 0))[0]:
            ages += [(t - int(piece[0, BORN])) / UNIT] * counts
        else:
            lost += counts
    assert goods_of(state).cells.shape == goods.cells.shape
    return Perishable(wasted / came, lost / asked, float(np.mean(ages)))


@pytest.mark.parametrize("rates", CASES)
def test_fifo_with_lost_sales_wastes_loses_and_ages_as_theory_says(rates: tuple[float, float, float]) -> None:
    runs = np.array([lived(rates, replication) for replication in range(16)])
    for column, exact in enumerate(in_theory(*rates)):
        assert abs(z_score(runs[:, column], exact)) <= 4


# Case 13: De Moor, Gijsbrechts and Boute (2022): life of two days, lead time of one, base stock ---------------------
COSTS = {"order": 3, "lost": 5, "waste": 7, "hold": 1}
MOST = 60  # demand of a day; beyond it the chance is below 1e-18


def chances() -> np.ndarray:
    """Gamma demand of mean 4 and coefficient of variation 0.5, rounded."""
    law, whole = stats.gamma(4), np.arange(MOST)
    return law.cdf(whole + 0.5) - np.where(whole > 0, law.cdf(whole - 0.5), 0)


@cache
def day(old: int, fresh: int, demand: int, newest: bool) -> tuple[int, int, int]:
    """Through the product's lots: cases lost, wasted and left after a day that began with these cases."""
    state = shelf([lot for lot in ((0, 0, old), (1, 1, fresh)) if lot[2]])
    sold = sum(amount for _, amount in taken(state, (0, newest, 0), demand))
    goods = goods_of(state)
    left, _, _, wasted = nights.count_lots((goods.cells[0], goods.ends[0]), 0, 2, (1, FOR_EVER))
    return demand - sold, int(wasted), int(left)


def cost_a_day(base_stock: int, newest: bool) -> float:
    """Exact: the stationary distribution of (old, fresh) under an order up to the base stock at the start of a day."""
    states = [(old, fresh) for old, fresh in product(range(base_stock + 1), repeat=2) if old + fresh <= base_stock]
    at = {one: i for i, one in enumerate(states)}
    move, cost = np.zeros((len(states), len(states))), np.zeros(len(states))
    for (old, fresh), i in at.items():
        order = base_stock - old - fresh
        for demand, chance in enumerate(chances()):
            lost, wasted, left = day(old, fresh, demand, newest)
            move[i, at[left, order]] += chance
            parts = {"order": order, "lost": lost, "waste": wasted, "hold": left}
            cost[i] += chance * sum(COSTS[name] * cases for name, cases in parts.items())
    system = np.vstack([move.T - np.eye(len(states)), np.ones(len(states))])
    share = np.linalg.lstsq(system, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    return float(share @ cost)


def test_costs_of_base_stock_are_exact() -> None:
    assert cost_a_day(5, newest=True) == pytest.approx(16.062607, abs=1e-6)
    assert cost_a_day(7, newest=False) == pytest.approx(15.131612, abs=1e-6)


@pytest.mark.thorough
@pytest.mark.parametrize(("newest", "best"), [(True, 5), (False, 7)])
def test_the_best_base_stock_is_the_published_one(newest: bool, best: int) -> None:
    costs = {level: cost_a_day(level, newest) for level in range(3, 10)}
    assert min(costs, key=lambda level: costs[level]) == best


# Case 10: Little's law and the identity of ages, path by path -------------------------------------------------------
steps = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9)), max_size=3), st.integers(0, 25)), max_size=25
)


@unhurried
@given(steps, st.integers(1, 8), st.booleans(), st.integers(0, 2))
def test_nights_in_stock_are_the_dwell_of_what_left(days: list[Any], kept: int, newest: bool, turn: int) -> None:
    """Sum over nights of stock = sum over cases of nights in the warehouse; and the same for ages at midnight.

    Goods arrive some days old, leave by an order or are written off at midnight, whatever the rule of issue; day by
    day and in whole cases, so that both sides are equal to the last case.
    """
    state, stays = shelf(kept=kept), np.zeros(2, np.int64)
    nights_held, ages_held = 0, 0
    entered: dict[int, list[list[int]]] = {}  # by production day: [cases, day of entry], first in first out

    def left(made: int, cases: int, today: int) -> None:
        queue = entered[made]
        while cases:
            part = min(cases, queue[0][0])
            stay = today - queue[0][1]  # midnights from the one after entry to the one before leaving
            first = queue[0][1] + 1 - made
            stays[:] += part * stay, part * (stay * first + stay * (stay - 1) // 2)
            queue[0][0] -= part
            cases -= part
            if not queue[0][0]:
                queue.pop(0)

    for today, (arrivals, want) in enumerate(days):
        for age, cases in arrivals:
            lots.put(state, HERE, (today - age, today - age), cases)
            entered.setdefault(today - age, []).append([cases, today])
        goods = goods_of(state)
        held = len(rows(state))
        for made, cases in taken(state, (-FOR_EVER, newest, min(turn, max(held - 1, 0))), want):
            left(made, cases, today)
        before = {made: cases for _, made, cases in rows(state)}
        stock, ages, _, _ = nights.count_lots((goods.cells[0], goods.ends[0]), 0, today + 1, (kept, FOR_EVER))
        for made, cases in before.items():
            if today + 1 - made > kept and cases:
                left(made, cases, today)
        nights_held, ages_held = nights_held + int(stock), ages_held + int(ages)
    for _, made, cases in rows(state):
        if cases:
            left(made, cases, len(days))
    assert nights_held == stays[0] and ages_held == stays[1]
