"""Lots: the compiled kernels against a plain list of lots, base-stock loss against Erlang, and the proof of balance."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from kaopt.errors import ContradictionError
from kaopt.fulfilment import docking, kernels, luck, stock
from kaopt.fulfilment.policies.issuing import by_date
from tests.fulfilment.helpers import unhurried, z_score
from tests.fulfilment.test_pools import erlang_b

entries = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(1, 20)), max_size=50)


def lots_of(puts: list[tuple[int, int, int]]) -> stock.Lots:
    """One SKU's stock after these entries (rank, production day, cases)."""
    lots = stock.Lots.empty(1)
    for rank, made, cases in puts:
        lots = stock.bring_in(lots, np.array([0]), (rank, made), np.array([cases]))
    return lots


def rows(lots: stock.Lots) -> list[tuple[int, int, int]]:
    first, last = lots.ends[0]
    return [tuple(row) for row in lots.cells[0, first:last].tolist()]


def plain(puts: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The same with a dictionary."""
    held: dict[tuple[int, int], int] = {}
    for rank, made, cases in puts:
        held[rank, made] = held.get((rank, made), 0) + cases
    return [(*lot, cases) for lot, cases in sorted(held.items())]


@unhurried
@given(entries)
def test_lots_stand_in_the_order_in_which_they_leave(puts: list[tuple[int, int, int]]) -> None:
    assert rows(lots_of(puts)) == plain(puts)


@unhurried
@given(entries, st.integers(0, 9), st.integers(0, 200), st.booleans())
def test_taking_follows_rank_and_age_limit(
    puts: list[tuple[int, int, int]], oldest: int, want: int, newest: bool
) -> None:
    lots, held = lots_of(puts), plain(puts)
    pieces = np.zeros((len(held) + 1, 3), np.int64)
    count = kernels.take(lots, 0, (oldest, newest), want, pieces)
    taken, left = [], []
    for rank, made, cases in reversed(held) if newest else held:
        got = min(cases, want) if made >= oldest else 0
        want -= got
        taken += [(made, got)] if got else []
        left += [(rank, made, cases - got)] if cases > got else []
    assert [tuple(p) for p in pieces[:count, kernels.BORN :].tolist()] == taken
    assert [row for row in rows(lots) if row[2] > 0] == (left[::-1] if newest else left)


@unhurried
@given(entries, st.integers(0, 12))
def test_stock_is_counted_by_age(puts: list[tuple[int, int, int]], oldest: int) -> None:
    fit, whole = kernels.stock_of(lots_of(puts), 0, oldest)
    assert whole == sum(cases for _, _, cases in puts)
    assert fit == sum(cases for _, made, cases in puts if made >= oldest)


@unhurried
@given(entries, st.integers(0, 20), st.integers(-1, 12), st.integers(-1, 12))
def test_midnight_writes_off_and_counts(puts: list[tuple[int, int, int]], day: int, keep: int, count: int) -> None:
    lots, flow = lots_of(puts), np.zeros((5, 1), np.int64)
    report = docking.midnight(lots, day, np.array([[keep], [count]]), flow)[:, 0]
    kept = [(made, cases) for _, made, cases in puts if day - made <= keep]
    assert report[kernels.ON_HAND] == sum(cases for _, cases in kept) == lots.held[0]
    assert report[kernels.AGE_SUM] == sum((day - made) * cases for made, cases in kept)
    assert report[kernels.COUNTED] == sum(cases for made, cases in kept if day - made <= count)
    assert report[kernels.WRITTEN_OFF] == sum(cases for _, _, cases in puts) - report[kernels.ON_HAND]
    assert flow[kernels.DISPOSED, 0] == report[kernels.WRITTEN_OFF]


def test_stock_makes_room_again_and_again() -> None:
    """A window that slides over the array for ever, and one that has to grow."""
    lots, piece = stock.Lots.empty(1), np.zeros((1, 3), np.int64)
    for day in range(5 * stock.FIRST_ROOM):
        lots = stock.bring_in(lots, np.array([0]), (day, day), np.array([1]))
        if day >= 3:
            kernels.take(lots, 0, (0, False), 1, piece)
            assert piece[0, kernels.BORN] == day - 3
    assert lots.cells.shape[1] == stock.FIRST_ROOM
    many = lots_of([(day, day, 1) for day in range(3 * stock.FIRST_ROOM)])
    assert [made for _, made, _ in rows(many)] == list(range(3 * stock.FIRST_ROOM))


@pytest.mark.parametrize(
    ("issue", "next_out"),
    [("fefo", 3), ("fifo", 8)],  # the returned lot of day 3 goes first by date, last by entry
)
def test_refused_goods_come_back_with_their_date(issue: str, next_out: int) -> None:
    dated = by_date(issue)
    lots = lots_of([(8 if dated else 13, 8, 40), (10 if dated else 15, 10, 40)])
    flow = np.zeros((5, 1), np.int64)
    flow[kernels.AWAY] = 12
    lots = stock.bring_back(lots, np.array([[0, 0, 3, 7], [0, 0, 8, 5]]), (20, dated), flow)
    assert sorted((made, cases) for _, made, cases in rows(lots)) == (
        [(3, 7), (8, 45), (10, 40)] if dated else [(3, 7), (8, 5), (8, 40), (10, 40)]
    )
    piece = np.zeros((5, 3), np.int64)
    kernels.take(lots, 0, (0, False), 1, piece)
    assert piece[0, kernels.BORN] == next_out
    assert flow[kernels.AWAY, 0] == 0


@pytest.mark.parametrize(
    ("row", "amount"),
    [(kernels.ACCEPTED, 1), (kernels.AWAY, 1), (kernels.MADE_CASES, 1), (kernels.DISPOSED, -1), (kernels.AWAY, -1)],
)
def test_one_lost_case_is_a_contradiction(row: int, amount: int) -> None:
    lots, flow = lots_of([(0, 0, 30), (1, 1, 10)]), np.zeros((5, 1), np.int64)
    flow[kernels.OPENING], flow[kernels.MADE_CASES], flow[kernels.ACCEPTED] = 25, 40, 20
    quarantine = np.array([5])
    stock.prove_balance(lots, quarantine, flow)
    flow[row] += amount
    with pytest.raises(ContradictionError, match="lost count"):
        stock.prove_balance(lots, quarantine, flow)


def test_a_negative_lot_is_a_contradiction_even_where_the_sum_is_right() -> None:
    lots, flow = lots_of([(0, 0, 30), (1, 1, 10)]), np.zeros((5, 1), np.int64)
    flow[kernels.OPENING] = 40
    stock.prove_balance(lots, np.zeros(1, np.int64), flow)
    lots.cells[0, 0, kernels.CASES], lots.cells[0, 1, kernels.CASES] = -1, 41
    with pytest.raises(ContradictionError):
        stock.prove_balance(lots, np.zeros(1, np.int64), flow)


def base_stock_fill(replication: int, lead: str, demands: int) -> float:
    """Share of unit demands served from stock: base stock 15, lost sales, lead time of mean 10 between-demand times."""
    keys, tick = luck.keys_of(99, replication), 1_000_000
    env, lots, served = simpy.Environment(0), lots_of([(0, 0, 15)]), 0
    piece = np.zeros((15, 3), np.int64)
    arriving: deque[simpy.Event] = deque()

    def resupply(wait: int) -> Generator[Any, Any, None]:
        yield env.timeout(wait)
        stock.bring_in(lots, np.array([0]), (env.now, env.now), np.array([1]))

    def customers() -> Generator[Any, Any, None]:
        nonlocal served
        for n in range(demands):
            yield env.timeout(round(tick * luck.exponential(keys[luck.RELEASE], 1, n)))
            if kernels.take(lots, 0, (0, False), 1, piece):
                served += n >= demands // 10
                law = luck.exponential(keys[luck.LOAD], 2, n) if lead == "exponential" else 1.0
                arriving.append(env.process(resupply(round(10 * tick * law))))

    env.process(customers())
    env.run()
    return served / (demands - demands // 10)


@pytest.mark.parametrize("lead", ["exponential", "fixed"])
def test_base_stock_with_lost_sales_is_erlang_loss(lead: str) -> None:
    """Case 4: 1 - B(15, 10) = 0.963503 whatever the law of the lead time, through the product's lots and luck."""
    assert 1 - erlang_b(15, 10.0) == pytest.approx(0.963503, abs=1e-6)
    fills = [base_stock_fill(r, lead, 4000) for r in range(20)]
    assert abs(z_score(fills, 1 - erlang_b(15, 10.0))) <= 4


@unhurried
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 7), st.integers(-30, 60))
def test_the_deliveries_of_a_week_add_up_to_its_cases(wanted: list[int], parts: int, week: int) -> None:
    who = np.array([luck.name_key("A", str(s)) for s in range(len(wanted))], dtype=np.uint64)
    total = np.zeros(len(wanted), int)
    for part in range(parts):
        order = stock.Order(0, week * 7 + part, week, part, parts, 0, 0, 0)
        lines = kernels.lines_of(np.array(wanted), who, order, np.uint64(5))
        assert (lines[:, kernels.ORDERED] > 0).all()
        spread = lines[:, kernels.ORDERED] - np.array(wanted)[lines[:, kernels.SKU]] / parts
        assert np.abs(spread).max(initial=0) < 1  # as even as whole cases can be
        total[lines[:, kernels.SKU]] += lines[:, kernels.ORDERED]
    assert total.tolist() == wanted
