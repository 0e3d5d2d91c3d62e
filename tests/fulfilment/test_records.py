"""Books that go wrong: who sees them, what becomes of an order, that counting mends them and that no case is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import CAUSE as CAUSE_OF
from kaopt.fulfilment.fields import COUNTED, LOSS_CASES, LOSSES, ON_HAND, PICKED
from kaopt.fulfilment.loops import lots, nights, records
from kaopt.fulfilment.loops.picking import pick
from kaopt.fulfilment.state import goods_of, orders_of
from kaopt.fulfilment.view import view_of
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from kaopt.scenario.model import Scenario
from kaopt.service import CAUSES, FINE_CAUSES
from tests.fulfilment.docks import DAY_DUE, dock, ordered, stocked
from tests.fulfilment.helpers import calm, fill, live, ready, unhurried, years
from tests.fulfilment.test_sites import net, warehouses

WRONG = {"error": 0.5, "cv": 0.5}


def books(said: dict[str, float] | None = None, skus: int = 2, weeks: int = 26) -> Scenario:
    """Two accounts; lots of two weeks, little in reserve, a book in two goes wrong every week by half of the stock."""
    sku = {"lot_cover_weeks": 2.0, "safety_weeks": 0.3, "shelf_life": 400}
    stock = {"records": WRONG if said is None else said}
    return calm(2, skus, weeks, sku_columns=sku, supply={"stock": stock, "warmup_weeks": 13})


def at_shelf(book: int, held: list[tuple[int, int]], want: int, capacity: int = 10**6) -> tuple[int, dict[str, int]]:
    """Cases picked for a line and what it lost, with what the books say too many; lots as (production day, cases)."""
    state = dock([30], [30], supply={"stock": {"records": {"error": 0.1}}})
    stocked(state, held)
    goods_of(state).book[0, 0] = book
    slot = ordered(state, [want])
    pick(state, slot, capacity)
    order, rows = orders_of(state).order[slot], orders_of(state).loss[slot]
    lost = {FINE_CAUSES[row[CAUSE_OF]]: int(row[LOSS_CASES]) for row in rows[: order[LOSSES]]}
    assert int(order[PICKED]) + sum(lost.values()) == want
    return int(order[PICKED]), lost


TODAY = DAY_DUE


@pytest.mark.parametrize(
    ("book", "want", "got", "lost"),
    [
        (0, 10, 7, {"no_stock": 3}),
        (2, 10, 7, {"wrong_record": 2, "no_stock": 1}),  # the books have 9: two are not found
        (5, 10, 7, {"wrong_record": 3}),
        (-5, 10, 2, {"wrong_record": 5, "no_stock": 3}),  # the books have 2: five lie there and nobody knows
        (-5, 2, 2, {}),
        (-50, 10, 0, {"wrong_record": 7, "no_stock": 3}),
        (50, 7, 7, {}),
    ],
)
def test_an_order_gets_what_the_books_have_and_the_picker_finds(
    book: int, want: int, got: int, lost: dict[str, int]
) -> None:
    assert at_shelf(book, [(TODAY, 7)], want) == (got, lost)


def test_what_is_too_old_or_cannot_be_carried_is_not_blamed_on_the_books() -> None:
    old = (TODAY - 31, 4)
    assert at_shelf(0, [old, (TODAY, 7)], 12) == (7, {"stock_too_old": 4, "no_stock": 1})
    assert at_shelf(3, [old, (TODAY, 7)], 12) == (7, {"stock_too_old": 4, "wrong_record": 1})
    assert at_shelf(-3, [(TODAY, 100)], 10, capacity=6) == (6, {"pick_cut": 4})
    assert at_shelf(-95, [(TODAY, 100)], 10, capacity=3) == (3, {"pick_cut": 2, "wrong_record": 5})


@settings(parent=unhurried, max_examples=40)
@given(st.integers(-20, 20), st.integers(0, 15), st.integers(0, 25), st.integers(0, 25))
def test_nothing_is_picked_that_books_or_shelf_do_not_have(book: int, held: int, want: int, capacity: int) -> None:
    if want == 0:
        return
    got, lost = at_shelf(book, [(TODAY, held)], want, capacity)
    assert got == min(want, capacity, held, max(held + book, 0))
    assert lost.get("pick_cut", 0) <= max(min(want, held + book) - capacity, 0)
    assert ("wrong_record" in lost) <= (book != 0)


def test_production_reads_the_books() -> None:
    """Of 100 cases on hand the books know 130 on one night and none at 101 too few."""
    for book, seen in ((30, 130), (-40, 60), (-101, 0)):
        state = begin(ready(calm(1, 1, supply={"stock": {"records": {"error": 1e-12}}})), 0)
        goods = goods_of(state)
        goods.cells[:], goods.ends[:] = 0, 0
        lots.put(state, (0, 0), (0, 0), 100)
        goods.book[0, 0] = book
        nights.midnight(state, 1)
        assert goods.report[[ON_HAND, COUNTED], 0, 0].tolist() == [100, seen]


def test_a_policy_of_the_users_own_reads_the_books_too() -> None:
    year = live(books())
    view = view_of(year, 0)
    on_hand = year.goods.report[ON_HAND] + year.goods.book
    assert np.array_equal(view.on_hand, np.maximum(on_hand, 0)) and (on_hand != year.goods.report[ON_HAND]).any()
    assert view_of(live(books({})), 0).on_hand.shape == (1, 2)


def same(one: Year, other: Year) -> bool:
    ledgers = all(np.array_equal(a, b) for a, b in zip(one.ledger, other.ledger, strict=True))
    return ledgers and np.array_equal(one.goods.flow, other.goods.flow)


def test_books_that_are_right_or_counted_every_night_change_nothing() -> None:
    plain = live(books({}))
    assert plain.goods.book.size == 0
    assert same(plain, live(books({"error": 1.0, "cv": 0.0})))
    assert same(plain, live(books(WRONG | {"count_days": 1})))
    assert not same(plain, live(books()))


def test_wrong_books_cost_fill_and_counting_brings_it_back() -> None:
    """Common luck: never counted, every four weeks, every week, never wrong."""
    asked = [books(WRONG | {"count_days": days}) for days in (0, 28, 7)] + [books({})]
    fills = [np.mean([fill(one) for one in years(world, 4)]) for world in asked]
    assert fills[0] < fills[1] < fills[2] < fills[3]
    assert fills[3] - fills[0] > 0.05
    lost = live(books()).ledger.lost.sum(axis=(0, 1))
    assert lost[FINE_CAUSES.index("wrong_record")] > 0 and "wrong_record" in CAUSES["shortage"]


def test_no_case_is_made_or_lost_by_a_book() -> None:
    """Conservation is proven after every event of a traced year."""
    year = live_traced(ready(books()), 1)
    assert year.ledger.cases[:, :, 0].sum() == year.ledger.cases[:, :, 1].sum() + year.ledger.lost.sum()
    assert np.abs(year.goods.book).sum() > 0


def test_another_sku_leaves_the_books_of_the_first_alone() -> None:
    """Nobody orders on these nights, so that stock and with it the size of an error is the same."""
    found = []
    for skus in (1, 3):
        state = begin(ready(books(WRONG | {"count_days": 5}, skus)), 0)
        goods = goods_of(state)
        goods.cells[:], goods.ends[:] = 0, 0
        for s in range(skus):
            lots.put(state, (0, s), (0, 0), 1000)
        seen = []
        for day in range(20):
            goods.report[ON_HAND] = 1000
            records.keep_books(state, day)
            seen.append(int(goods.book[0, 0]))
        found.append(seen)
    assert found[0] == found[1] and len(set(found[0])) > 2 and 0 in found[0][-5:]


def test_a_warehouse_has_books_of_its_own() -> None:
    here: dict[str, Any] = {"record_error": [0.0, 0.9], "count_days": [np.nan, 5]}
    world = net(books({"error": 0.2, "count_days": 30}), warehouses=warehouses("a", "b", **here))
    place, rate = ready(world).terms.place, ready(world).terms.place_rate
    assert place[:, 20].tolist() == [30, 5]
    assert rate[:, 10] == pytest.approx([0.0, 1 - 0.1 ** (1 / 7)]) and rate[:, 11].tolist() == [0.1, 0.1]
