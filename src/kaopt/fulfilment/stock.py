"""The goods and what is written down about them: lots by production date as arrays, terms, orders, the ledger."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kaopt.errors import ContradictionError
from kaopt.fulfilment.docking import restock
from kaopt.fulfilment.kernels import ACCEPTED, AWAY, CASES, CAUSES, DISPOSED, MADE_CASES, OPENING, put
from kaopt.fulfilment.luck import Keys
from kaopt.scenario.columns import Floats, Ints

FIRST_ROOM = 32  # lots per SKU at first; doubled when needed


class Lots(NamedTuple):
    """Free stock. Lots of a SKU stand in the order in which they leave."""

    cells: Ints  # [S, lot, (rank, production day, cases)]
    ends: Ints  # [S, 2] the SKU's lots are cells[s, first:last]

    @staticmethod
    def empty(skus: int) -> Lots:
        """No stock."""
        return Lots(np.zeros((skus, FIRST_ROOM, 3), np.int64), np.zeros((skus, 2), np.int64))

    @property
    def held(self) -> Ints:
        """[S] cases on hand, counted lot by lot."""
        return np.array([self.cells[s, a:b, CASES].sum() for s, (a, b) in enumerate(self.ends)], dtype=np.int64)


class Order(NamedTuple):
    """One delivery to an account, as the kernels see it."""

    account: int
    day: int  # of delivery, of the horizon
    week: int  # of the horizon, negative in the warm-up
    part: int  # which of the week's deliveries
    parts: int
    last_day: int  # the last day on which the account would take it
    capacity: int  # cases that can be picked in time
    leave: int  # planned departure, minute of the clock


class Terms(NamedTuple):
    """What one replication knows of accounts and goods, for the kernels."""

    keys: Keys  # [purpose]
    account_keys: Keys  # [A]
    line_keys: Keys  # [A, S]
    ages: Ints  # [2, A, S] greatest age at receipt: that is sent, that is accepted; day
    mistake: float  # chance that the newest lot is picked
    rates: Floats  # [2, A] chance of a paper mismatch, of damage, per line
    prices: Floats  # [A, S] money/case
    flow: Ints  # [5, S] cases opened with, made, accepted, disposed of, away (on the road)


class Ledger(NamedTuple):
    """What happened in the horizon, added up order by order."""

    value: Floats  # [A, W, 2 + C] ordered, accepted, lost by cause; money
    cases: Ints  # [A, W, 2] ordered, accepted
    lost: Ints  # [A, S, C] case
    counts: Ints  # [A, 5] lines, lines in full, orders, orders in full, orders on time in full
    damaged: Ints  # [S] cases that arrived damaged

    @staticmethod
    def empty(accounts: int, skus: int, weeks: int) -> Ledger:
        """Nothing has happened yet."""
        return Ledger(
            np.zeros((accounts, weeks, 2 + CAUSES)),
            np.zeros((accounts, weeks, 2), np.int64),
            np.zeros((accounts, skus, CAUSES), np.int64),
            np.zeros((accounts, 5), np.int64),
            np.zeros(skus, np.int64),
        )


def room_for(lots: Lots, more: int) -> Lots:
    """The same lots, with room for `more` further lots of any SKU."""
    held, room = int((lots.ends[:, 1] - lots.ends[:, 0]).max(initial=0)), lots.cells.shape[1]
    if held + more <= room:
        return lots
    wider = np.zeros((len(lots.ends), max(2 * room, held + more), 3), np.int64)
    wider[:, :room] = lots.cells
    return Lots(wider, lots.ends)


def bring_in(lots: Lots, skus: Ints, made: tuple[int, int], cases: Ints) -> Lots:
    """A lot of each of these SKUs becomes free stock; `made` = (rank, production day)."""
    lots = room_for(lots, 1)
    for s, amount in zip(skus, cases, strict=True):
        put(lots, (int(s), *made), int(amount))
    return lots


def bring_back(lots: Lots, returned: Ints, entry: tuple[int, bool], flow: Ints) -> Lots:
    """Refused goods [M, 4] are free stock again with their production dates; `entry` = (today, by date)."""
    lots = room_for(lots, len(returned))
    restock(lots, returned, entry, flow)
    return lots


def prove_balance(lots: Lots, quarantine: Ints, flow: Ints) -> None:
    """Opened with + made = accepted + disposed + on hand + away, exactly, SKU by SKU; else nothing is claimed."""
    came = flow[OPENING] + flow[MADE_CASES]
    went = flow[ACCEPTED] + flow[DISPOSED] + flow[AWAY] + lots.held + quarantine
    if not np.array_equal(came, went) or flow.min(initial=0) < 0 or _negative(lots):
        s = int(np.abs(came - went).argmax())
        raise ContradictionError(f"the simulation lost count of goods: SKU {s + 1}: {came[s]} in, {went[s]} out")


def _negative(lots: Lots) -> Any:
    return lots.cells[:, :, CASES].min(initial=0) < 0
