"""One replication: its inputs, its clock and its state, and the proof that no case was lost count of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy

from kaopt.errors import ContradictionError
from kaopt.fulfilment.fields import ACCEPTED_CASES, AWAY, CASES, DISPOSED_CASES, FIRST, LAST, MADE_CASES, OPENING_CASES
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.nouns import Goods, Ledger, Orders, Pools
from kaopt.fulfilment.state import count_of, goods_of, ledger_of, orders_of, pools_of
from kaopt.scenario.columns import Ints


@dataclass(frozen=True, eq=False)
class Year:
    """The state of one replication, and views of it for reading."""

    inputs: Inputs
    state: Any
    env: simpy.Environment
    ties: int | None = None  # luck of the turns among things of the same minute; None: by number

    @property
    def now(self) -> int:
        """The minute of the clock."""
        return int(self.env.now)

    @property
    def goods(self) -> Goods:
        """Free stock, batches and the flow of cases."""
        return Goods(*goods_of(self.state))

    @property
    def orders(self) -> Orders:
        """The orders that are open."""
        return Orders(*orders_of(self.state))

    @property
    def pools(self) -> Pools:
        """Crews, docks and trucks."""
        return Pools(*pools_of(self.state))

    @property
    def ledger(self) -> Ledger:
        """What happened in the horizon."""
        return Ledger(*ledger_of(self.state))

    @property
    def counters(self) -> Ints:
        """Open orders, batches, lines that do not add up."""
        counters: Ints = count_of(self.state)
        return counters


def held(goods: Goods) -> Ints:
    """[P, S] cases of free stock, counted lot by lot."""
    n = np.arange(goods.cells.shape[2])
    inside = (n >= goods.ends[:, :, FIRST, None]) & (n < goods.ends[:, :, LAST, None])
    cases: Ints = np.where(inside, goods.cells[:, :, :, CASES], 0).sum(axis=2)
    return cases


def prove_balance(goods: Goods) -> None:
    """Opened with + made = accepted + disposed + on hand + coming + away, exactly, SKU by SKU."""
    flow, stock = goods.flow, held(goods)
    came = flow[OPENING_CASES] + flow[MADE_CASES]
    went = flow[ACCEPTED_CASES] + flow[DISPOSED_CASES] + flow[AWAY] + stock.sum(axis=0) + goods.coming.sum(axis=0)
    least = min(int(flow.min(initial=0)), int(stock.min(initial=0)), int(goods.cells[..., CASES].min(initial=0)))
    if not np.array_equal(came, went) or least < 0:
        s = int(np.abs(came - went).argmax())
        raise ContradictionError(f"the simulation lost count of goods: SKU {s + 1}: {came[s]} in, {went[s]} out")
