"""A traced year is the same year, conserves goods in every event, and its events add up to the ledger."""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.errors import ContradictionError
from kaopt.fulfilment import world as shell
from kaopt.fulfilment.fields import CASES, FIRST, LAST, TRACED
from kaopt.fulfilment.loops import nights
from kaopt.fulfilment.loops.trace import (
    CHECKED_IN,
    FREE_LOT,
    HOW_MANY,
    KIND_OF,
    MINUTE,
    ORDERED_LINE,
    PICKED_LOT,
    RECEIVED_LOT,
    SCRAPPED,
    SHORT_LINE,
    WHAT_SKU,
    WHICH_LOT,
    WHY,
)
from kaopt.fulfilment.state import goods_of
from kaopt.fulfilment.world import live_through, live_traced
from kaopt.fulfilment.year import Year
from kaopt.service import FINE_CAUSES
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.test_simulate import rough
from tests.fulfilment.test_year import MORNING


def traced(year: Year) -> np.ndarray:
    rows: np.ndarray = year.ledger.trace[: year.counters[TRACED]]
    return rows


def test_a_traced_year_is_the_same_year() -> None:
    """Bit by bit in everything that a year leaves behind; and a year that is not traced writes nothing down."""
    inputs = ready(rough())
    plain, told = live_through(inputs, 3), live_traced(inputs, 3)
    for mine, other in ((plain.ledger, told.ledger), (plain.goods, told.goods), (plain.pools, told.pools)):
        for name, one, same in zip(mine._fields, mine, other, strict=True):
            assert name == "trace" or np.array_equal(one, same), name
    assert plain.ledger.trace.size == 0 == plain.counters[TRACED]
    assert len(traced(told)) > 1000


def test_events_add_up_to_the_year() -> None:
    """Without warm-up and with everything settled: lines, picks, refusals and losses of the trace are the ledger's."""
    inputs = ready(rough(supply={"warmup_weeks": 0}))
    year = live_traced(inputs, 0)
    rows = traced(year)
    kind, cases, why = rows[:, KIND_OF], rows[:, HOW_MANY], rows[:, WHY]
    assert cases[kind == ORDERED_LINE].sum() == year.ledger.cases[:, :, 0].sum()
    seen = kind == RECEIVED_LOT
    assert cases[kind == PICKED_LOT].sum() == cases[seen].sum()
    assert cases[seen & (why < 0)].sum() == year.ledger.cases[:, :, 1].sum()
    lost = year.ledger.lost.sum(axis=(0, 1))
    for c, name in enumerate(FINE_CAUSES):
        assert cases[(seen | (kind == SHORT_LINE)) & (why == c)].sum() == lost[c], name
    for s in range(4):
        accepted = cases[seen & (why < 0) & (rows[:, WHAT_SKU] == s)].sum()
        assert accepted == year.orders.wanted[:, :, s].sum() - year.ledger.lost[:, s].sum()


def test_nothing_leaves_a_lot_that_did_not_come_into_it() -> None:
    """A lot that became free in the traced year: picked from it at most what came, counting what came home."""
    rows = traced(live_traced(ready(rough()), 1))
    begun = set(map(tuple, rows[rows[:, KIND_OF] == FREE_LOT][:, [WHAT_SKU, WHICH_LOT]].tolist()))
    assert len(begun) > 5
    for s, made in begun:
        mine = rows[(rows[:, WHAT_SKU] == s) & (rows[:, WHICH_LOT] == made)]
        kind, cases = mine[:, KIND_OF], mine[:, HOW_MANY]
        accepted = cases[(kind == RECEIVED_LOT) & (mine[:, WHY] < 0)].sum()
        assert accepted + cases[kind == SCRAPPED].sum() <= cases[kind == FREE_LOT].sum()


def test_time_is_whole_minutes_and_trucks_come_after_their_orders() -> None:
    year = live_traced(ready(rough()), 2)
    rows = traced(year)
    assert rows.dtype == np.int64 and isinstance(year.env.now, int)
    first = rows[rows[:, KIND_OF] == ORDERED_LINE][0]
    mine = rows[(rows[:, 2:4] == first[2:4]).all(axis=1)]
    gate = mine[mine[:, KIND_OF] == CHECKED_IN]
    assert len(gate) and (gate[:, MINUTE] > first[MINUTE]).all()


def test_a_case_that_vanishes_is_found_in_the_event_in_which_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thief at one midnight puts the case back the next night: only a proof after every event sees it."""
    honest, nightly = nights.midnight, {"taken": False}

    def thief(state: object, day: int) -> None:
        goods = goods_of(state)
        first, last = goods.ends[0, 0, [FIRST, LAST]]
        if nightly["taken"]:
            goods.cells[0, 0, first, CASES] += 1
            nightly["taken"] = False
        honest(state, day)
        if day == 10 and last > first:
            goods.cells[0, 0, goods.ends[0, 0, FIRST], CASES] -= 1
            nightly["taken"] = True

    monkeypatch.setattr(nights, "midnight", thief)
    inputs = ready(calm(1, 1, 4, supply={"warmup_weeks": 0}))
    live_through(inputs, 0)
    assert not nightly["taken"]
    with pytest.raises(ContradictionError, match="lost count"):
        live_traced(inputs, 0)


@pytest.mark.parametrize("luck", [1, 2, 3])
def test_turns_by_luck_keep_the_phases(monkeypatch: pytest.MonkeyPatch, luck: int) -> None:
    """Events of one minute and phase come in another order; phases, and backorders before new orders, stay."""
    inputs = ready(calm(6, 1, 4, base_cases=np.full((6, 1, 4), 30.0), account_columns=MORNING, supply={"trucks": 2}))
    seen: list[tuple[int, int]] = []
    honest = shell.receipt.ship

    def watch(state: object, slot: int, minute: int) -> int:
        seen.append((minute, slot))
        return int(honest(state, slot, minute))

    monkeypatch.setattr(shell.receipt, "ship", watch)
    by_number = live_through(inputs, 0)
    order, seen = seen, []
    by_luck = live_through(inputs, 0, ties=luck)
    assert [minute for minute, _ in order] == [minute for minute, _ in seen]
    assert by_luck.ledger.cases[:, :, 0].sum() == by_number.ledger.cases[:, :, 0].sum()
    assert not np.array_equal(by_luck.ledger.value, by_number.ledger.value)  # two trucks: the others are too late
