"""One SKU's free stock in one warehouse: the product's own arrays and loops, for tests that drive them by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import AMOUNT, BORN, BY_DATE, CASES, COUNTS, FIRST, KEPT, LAST, MADE, RANK
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops import lots
from kaopt.fulfilment.state import goods_of
from tests.fulfilment.helpers import calm, ready

Lot = tuple[int, int, int]  # rank, production day, cases
HERE = (0, 0)  # the one warehouse and its one SKU
FOR_EVER = 10**12


@cache
def _inputs() -> Inputs:
    return ready(calm(supply={"warmup_weeks": 0}))


def begun(inputs: Inputs) -> Any:
    """The first minute of a replication, with nothing in stock."""
    state = begin(inputs, 0)
    goods = goods_of(state)
    for part in (goods.cells, goods.ends, goods.flow):
        part[:] = 0
    return state


def shelf(puts: list[Lot] | None = None, kept: int = FOR_EVER, counts: int = FOR_EVER, by_date: int = 1) -> Any:
    """A state that holds only these lots; `kept` and `counts`: greatest age that is kept, that production counts."""
    inputs = _inputs()
    sku, place = inputs.terms.sku.copy(), inputs.terms.place.copy()
    sku[0, KEPT], sku[0, COUNTS], place[0, BY_DATE] = kept, counts, by_date
    state = begun(replace(inputs, terms=inputs.terms._replace(sku=sku, place=place)))
    for rank, made, cases in puts or []:
        lots.put(state, HERE, (rank, made), cases)
    return state


def rows(state: Any) -> list[Lot]:
    """Rank, production day and cases of every lot, in the order in which they leave."""
    goods = goods_of(state)
    first, last = goods.ends[HERE][[FIRST, LAST]]
    return [tuple(row) for row in goods.cells[HERE][first:last, [RANK, MADE, CASES]].tolist()]


def taken(state: Any, rule: tuple[int, ...], want: int, room: int = 64) -> list[tuple[int, int]]:
    """Take by the product's own loop: production day and cases of each piece."""
    pieces = np.zeros((room, 4), np.int64)
    goods = goods_of(state)
    count = lots.take((goods.cells[0], goods.ends[0]), 0, rule, want, (pieces, 0, 0))[0]
    return [tuple(piece) for piece in pieces[:count, [BORN, AMOUNT]].tolist()]
