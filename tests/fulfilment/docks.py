"""One order at one customer's dock: the product's own loops on a world that a test lays out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import (
    ACCEPT,
    AMOUNT,
    AWAY,
    BORN,
    CAUSE,
    DUE_DAY,
    FATE,
    LAST_DAY,
    LINE,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    ORDERED,
    PIECES,
    SENT,
    SKU,
    TRUCK,
    TRUCK_ROOM,
    WEEK,
)
from kaopt.fulfilment.loops import lots, receipt, slots
from kaopt.fulfilment.loops.picking import lose
from kaopt.fulfilment.state import goods_of, orders_of
from kaopt.scenario.receiving import Clauses, Receiving
from kaopt.service import FINE_CAUSES
from tests.fulfilment.helpers import calm, ready
from tests.fulfilment.shelves import begun
from tests.worlds import table

SKUS = 3
DAY_DUE = 20
WEEK_DUE = 2
PRICES = (10.0, 20.0, 40.0)
KEYS = luck.keys_of(11, 0)  # of `ready` and the first replication
LINE_KEYS = [np.uint64(luck.name_key("A1", f"S{s + 1}")) for s in range(SKUS)]
Piece = tuple[int, int, int]  # line, production day, cases


def cause(name: str) -> int:
    return FINE_CAUSES.index(name)


def receiving(accounts: int = 1, **given: Any) -> Receiving:
    """The table with a row for each account."""
    whole: Receiving = table(Receiving, accounts, account=[f"A{i + 1}" for i in range(accounts)], **given)
    return whole


def clauses(*rows: dict[str, Any]) -> Clauses:
    """The table from its rows, for account A1 where none is named."""
    names = {name for row in rows for name in row} | {"account"}
    full = [{"account": "A1"} | row for row in rows]
    specs = {name: column for name, column in Clauses.__dataclass_fields__.items() if name in names}
    given = {n: [row.get(n, specs[n].metadata["column"].default) for row in full] for n in names}
    whole: Clauses = table(Clauses, len(rows), **given)
    return whole


def dock(sent: list[int], accepted: list[int], room: int = 10**6, **given: Any) -> Any:
    """A state with nothing in stock; greatest ages that are sent and accepted by SKU, room of a truck."""
    supply = {"warmup_weeks": 0} | given.pop("supply", {})
    count = len(sent)
    world = calm(1, count, 8, supply=supply, sku_columns={"list_price": list(PRICES[:count])}, **given)
    inputs = ready(world)
    age, place = inputs.terms.age.copy(), inputs.terms.place.copy()
    age[SENT, 0], age[ACCEPT, 0], place[0, TRUCK_ROOM] = sent, accepted, room
    return begun(replace(inputs, terms=inputs.terms._replace(age=age, place=place)))


def stocked(state: Any, *held: list[tuple[int, int]]) -> Any:
    """Lots (production day, cases) of each SKU, in order of date."""
    for s, one in enumerate(held):
        for made, cases in one:
            lots.put(state, (0, s), (made, made), cases)
    return state


def ordered(state: Any, wanted: list[int], day: int = DAY_DUE, week: int = WEEK_DUE) -> int:
    """An order of these cases by SKU that is due on a day; a SKU without cases has no line."""
    slot = int(slots.open_order(state, 0, 0))
    order, lines = orders_of(state).order[slot], orders_of(state).line[slot]
    order[[DUE_DAY, LAST_DAY, WEEK]] = day, day, week
    lines[:] = 0
    for s, cases in enumerate(wanted):
        if cases:
            lines[order[LINES], [SKU, ORDERED]] = s, cases
            order[LINES] += 1
    return slot


def loaded(state: Any, slot: int, pieces: list[Piece]) -> None:
    """The warehouse has picked these pieces."""
    slots.more_pieces(state, len(pieces))
    rows, flow = orders_of(state).piece[slot], goods_of(state).flow
    for k, (line, born, cases) in enumerate(pieces):
        rows[k, [LINE, BORN, AMOUNT]] = line, born, cases
        flow[AWAY, orders_of(state).line[slot, line, SKU]] += cases
    orders_of(state).order[slot, PIECES] = len(pieces)


def missing(state: Any, slot: int, line: int, what: tuple[str, int]) -> None:
    """Some cases of a line were lost in the warehouse."""
    lose(state, slot, line, (cause(what[0]), what[1]))


def trucks(*said: tuple[int, int, int]) -> np.ndarray:
    """Verdict (cause or -1), day of check-in, in the window: one row for each truck."""
    rows = np.zeros((len(said), 4), np.int64)
    rows[:, :3] = np.array(said, dtype=np.int64).reshape(-1, 3)
    return rows


def at_dock(state: Any, slot: int, fleet: np.ndarray | None = None) -> list[tuple[int, int, int, int]]:
    """Receive what one truck brings on the day: line, production day, cases and fate (-1: accepted) of each piece."""
    receipt.receive(state, slot, trucks((-1, DAY_DUE, 1)) if fleet is None else fleet)
    return [tuple(row) for row in pieces_of(state, slot)[:, [LINE, BORN, AMOUNT, FATE]].tolist()]


def pieces_of(state: Any, slot: int) -> np.ndarray:
    orders = orders_of(state)
    found: np.ndarray = orders.piece[slot, : orders.order[slot, PIECES]]
    return found


def lines_of(state: Any, slot: int) -> np.ndarray:
    orders = orders_of(state)
    found: np.ndarray = orders.line[slot, : orders.order[slot, LINES]]
    return found


def losses_of(state: Any, slot: int) -> dict[tuple[int, str], int]:
    """Cases lost by line and cause."""
    orders, found = orders_of(state), {}
    for row in orders.loss[slot, : orders.order[slot, LOSSES]].tolist():
        key = row[LOSS_LINE], FINE_CAUSES[row[CAUSE]]
        found[key] = found.get(key, 0) + row[LOSS_CASES]
    return found


def going_home(state: Any, slot: int) -> dict[tuple[int, int, int], int]:
    """Cases on their way home by truck, line and production day."""
    found: dict[tuple[int, int, int], int] = {}
    for row in pieces_of(state, slot).tolist():
        if row[TRUCK] >= 0:
            key = row[TRUCK], row[LINE], row[BORN]
            found[key] = found.get(key, 0) + row[AMOUNT]
    return found
