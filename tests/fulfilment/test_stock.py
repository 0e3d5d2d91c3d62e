"""Lots: the compiled loops against a plain list of lots, base-stock loss against Erlang, and the proof of balance."""

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
from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import (
    ACCEPTED_CASES,
    AGE_SUM,
    AMOUNT,
    AWAY,
    BORN,
    CASES,
    COUNTED,
    DISPOSED_CASES,
    HOMES,
    LINE,
    MADE_CASES,
    ON_HAND,
    OPENING_CASES,
    ORDERED,
    PIECES,
    SKU,
    TRUCK,
    WRITTEN_OFF,
)
from kaopt.fulfilment.loops import calls, lots, nights, receipt, slots
from kaopt.fulfilment.policies.issuing import by_date
from kaopt.fulfilment.state import goods_of, orders_of
from kaopt.fulfilment.year import held, prove_balance
from tests.fulfilment.helpers import calm, live, ready, unhurried, z_score
from tests.fulfilment.shelves import HERE, Lot, begun, rows, shelf, taken

entries = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(1, 20)), max_size=50)


def plain(puts: list[Lot]) -> list[Lot]:
    """The same with a dictionary."""
    held: dict[tuple[int, int], int] = {}
    for rank, made, cases in puts:
        held[rank, made] = held.get((rank, made), 0) + cases
    return [(*lot, cases) for lot, cases in sorted(held.items())]


@unhurried
@given(entries)
def test_lots_stand_in_the_order_in_which_they_leave(puts: list[Lot]) -> None:
    assert rows(shelf(puts)) == plain(puts)


@unhurried
@given(entries, st.integers(0, 9), st.integers(0, 200), st.booleans())
def test_taking_follows_rank_and_age_limit(puts: list[Lot], oldest: int, want: int, newest: bool) -> None:
    state, stock = shelf(puts), plain(puts)
    pieces = taken(state, (oldest, newest, 0), want)
    expected, left = [], []
    for rank, made, cases in reversed(stock) if newest else stock:
        got = min(cases, want) if made >= oldest else 0
        want -= got
        expected += [(made, got)] if got else []
        left += [(rank, made, cases - got)] if cases > got else []
    assert pieces == expected
    assert [row for row in rows(state) if row[2] > 0] == (left[::-1] if newest else left)


@unhurried
@given(entries, st.integers(0, 12))
def test_stock_is_counted_by_age(puts: list[Lot], oldest: int) -> None:
    goods = goods_of(shelf(puts))
    fit, whole = lots.stock_of((goods.cells[0], goods.ends[0]), 0, oldest)
    assert whole == sum(cases for _, _, cases in puts)
    assert fit == sum(cases for _, made, cases in puts if made >= oldest)


@unhurried
@given(entries, st.integers(0, 20), st.integers(-1, 12), st.integers(-1, 12))
def test_midnight_writes_off_and_counts(puts: list[Lot], day: int, keep: int, count: int) -> None:
    state = shelf(puts, kept=keep, counts=count)
    nights.midnight(state, day)
    goods = goods_of(state)
    report, kept = goods.report[:, 0, 0], [(made, cases) for _, made, cases in puts if day - made <= keep]
    assert report[ON_HAND] == sum(cases for _, cases in kept) == held(goods)[HERE]
    assert report[AGE_SUM] == sum((day - made) * cases for made, cases in kept)
    assert report[COUNTED] == sum(cases for made, cases in kept if day - made <= count)
    assert report[WRITTEN_OFF] == sum(cases for _, _, cases in puts) - report[ON_HAND]
    assert goods.flow[DISPOSED_CASES, 0] == report[WRITTEN_OFF]


def test_stock_makes_room_again_and_again() -> None:
    """A window that slides over the array for ever, and one that has to grow."""
    state = shelf()
    room = goods_of(state).cells.shape[2]
    for day in range(5 * room):
        lots.put(state, HERE, (day, day), 1)
        if day >= 3:
            assert taken(state, (0, False, 0), 1) == [(day - 3, 1)]
    assert goods_of(state).cells.shape[2] == room
    many = shelf([(day, day, 1) for day in range(3 * room)])
    assert [made for _, made, _ in rows(many)] == list(range(3 * room))
    assert goods_of(many).cells.shape[2] == 4 * room


def test_open_orders_make_room_without_mixing_up_what_they_hold() -> None:
    """Thirty orders open at once, each with more pieces, losses and follow-ups than fit at first."""
    state, count = shelf(), 30
    mine = {}
    for n in range(count):
        slot = slots.open_order(state, 0, n % 8)
        slots.more_pieces(state, 100)
        slots.more_losses(state, 70)
        orders = orders_of(state)
        orders.line[slot, 0, ORDERED] = orders.piece[slot, 99, AMOUNT] = orders.loss[slot, 69, 0] = mine[slot] = n + 1
    orders = orders_of(state)
    assert len(mine) == count  # no slot twice
    for slot, n in mine.items():
        assert orders.line[slot, 0, ORDERED] == orders.piece[slot, 99, AMOUNT] == orders.loss[slot, 69, 0] == n
    for slot in mine:
        slots.close_order(state, slot)
    again = {slots.open_order(state, 0, 0) for _ in range(len(orders.order))}
    assert again == set(range(len(orders.order)))  # all of them are free again
    slots.more_follow(state, 50)
    assert len(orders_of(state).follow) >= 50


def refused(state: Any, pieces: list[tuple[int, int]]) -> int:
    """An order whose one truck comes home with these pieces (production day, cases)."""
    slot = slots.open_order(state, 0, 0)
    orders = orders_of(state)
    orders.line[slot, 0, SKU] = 0
    for k, (made, cases) in enumerate(pieces):
        piece = orders.piece[slot, k]
        piece[LINE], piece[BORN], piece[AMOUNT], piece[TRUCK] = 0, made, cases, 0
    orders.order[slot, PIECES], orders.order[slot, HOMES] = len(pieces), 1
    goods_of(state).flow[AWAY, 0] = sum(cases for _, cases in pieces)
    return int(slot)


@pytest.mark.parametrize(
    ("issue", "next_out"),
    [("fefo", 3), ("fifo", 8)],  # the returned lot of day 3 goes first by date, last by entry
)
def test_refused_goods_come_back_with_their_date(issue: str, next_out: int) -> None:
    dated = by_date(issue)
    state = shelf([(8 if dated else 13, 8, 40), (10 if dated else 15, 10, 40)], by_date=dated)
    receipt.come_home(state, refused(state, [(3, 7), (8, 5)]), 0, 20)
    assert sorted((made, cases) for _, made, cases in rows(state)) == (
        [(3, 7), (8, 45), (10, 40)] if dated else [(3, 7), (8, 5), (8, 40), (10, 40)]
    )
    assert taken(state, (0, False, 0), 1) == [(next_out, 1)]
    assert goods_of(state).flow[AWAY, 0] == 0


@pytest.mark.parametrize(
    ("row", "amount"),
    [(ACCEPTED_CASES, 1), (AWAY, 1), (MADE_CASES, 1), (DISPOSED_CASES, -1), (AWAY, -1)],
)
def test_one_lost_case_is_a_contradiction(row: int, amount: int) -> None:
    goods = goods_of(shelf([(0, 0, 30), (1, 1, 10)]))
    goods.flow[OPENING_CASES], goods.flow[MADE_CASES], goods.flow[ACCEPTED_CASES] = 25, 40, 20
    goods.coming[HERE] = 5
    prove_balance(goods)
    goods.flow[row] += amount
    with pytest.raises(ContradictionError, match="lost count"):
        prove_balance(goods)


def test_a_negative_lot_is_a_contradiction_even_where_the_sum_is_right() -> None:
    goods = goods_of(shelf([(0, 0, 30), (1, 1, 10)]))
    goods.flow[OPENING_CASES] = 40
    prove_balance(goods)
    goods.cells[0, 0, 0, CASES], goods.cells[0, 0, 1, CASES] = -1, 41
    with pytest.raises(ContradictionError):
        prove_balance(goods)


def test_what_is_away_when_the_year_ends_is_in_the_balance() -> None:
    """A year proves its own balance; here the figures behind it, on a world where nothing is lost."""
    year = live(calm(2, 2))
    flow = year.goods.flow
    assert flow[ACCEPTED_CASES].sum() > 0 == flow[DISPOSED_CASES].sum()
    came, went = flow[OPENING_CASES] + flow[MADE_CASES], flow[ACCEPTED_CASES] + flow[AWAY]
    assert np.array_equal(came, went + held(year.goods).sum(axis=0) + year.goods.coming.sum(axis=0))


def erlang_loss(servers: int, load: float) -> float:
    """Erlang's B from its definition: the last term over the sum of all."""
    terms = [1.0]
    for n in range(1, servers + 1):
        terms.append(terms[-1] * load / n)
    return terms[-1] / sum(terms)


def base_stock_fill(replication: int, lead: str, demands: int) -> float:
    """Share of unit demands served from stock: base stock 15, lost sales, lead time of mean 10 between-demand times."""
    keys, tick = luck.keys_of(99, replication), 1_000_000
    env, state, served = simpy.Environment(0), shelf([(0, 0, 15)]), 0
    goods, piece = goods_of(state), np.zeros((15, 4), np.int64)  # 15 lots at most: the shelf never grows
    stock = (goods.cells[0], goods.ends[0])
    arriving: deque[simpy.Event] = deque()

    def resupply(wait: int) -> Generator[Any, Any, None]:
        yield env.timeout(wait)
        lots.put(state, HERE, (env.now, env.now), 1)

    def customers() -> Generator[Any, Any, None]:
        nonlocal served
        for n in range(demands):
            yield env.timeout(round(tick * luck.exponential(keys[luck.RELEASE], 1, n)))
            if lots.take(stock, 0, (0, False, 0), 1, (piece, 0, 0))[0]:
                served += n >= demands // 10
                law = luck.exponential(keys[luck.LOAD], 2, n) if lead == "exponential" else 1.0
                arriving.append(env.process(resupply(round(10 * tick * law))))

    env.process(customers())
    env.run()
    return served / (demands - demands // 10)


@pytest.mark.parametrize("lead", ["exponential", "fixed"])
def test_base_stock_with_lost_sales_is_erlang_loss(lead: str) -> None:
    """Case 4: 1 - B(15, 10) = 0.963503 whatever the law of the lead time, through the product's lots and luck."""
    assert 1 - erlang_loss(15, 10.0) == pytest.approx(0.963503, abs=1e-6)
    fills = [base_stock_fill(r, lead, 4000) for r in range(20)]
    assert abs(z_score(fills, 1 - erlang_loss(15, 10.0))) <= 4


@unhurried
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 7), st.integers(0, 7))
def test_the_deliveries_of_a_week_add_up_to_its_cases(wanted: list[int], parts: int, week: int) -> None:
    days = tuple(range(1, parts + 1))
    inputs = ready(calm(1, len(wanted), account_columns={"order_days": (days,)}, supply={"warmup_weeks": 0}))
    state = begun(inputs)
    orders_of(state).wanted[0, week] = wanted
    total = np.zeros(len(wanted), int)
    for n in range(week * parts, (week + 1) * parts):
        slot = slots.open_order(state, 0, n)
        count = calls.write_lines(state, slot, n)
        lines = orders_of(state).line[slot, :count]
        assert (lines[:, ORDERED] > 0).all()
        spread = lines[:, ORDERED] - np.array(wanted)[lines[:, SKU]] / parts
        assert np.abs(spread).max(initial=0) < 1  # as even as whole cases can be
        total[lines[:, SKU]] += lines[:, ORDERED]
    assert total.tolist() == wanted
