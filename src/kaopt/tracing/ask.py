"""Which order or which lot a user asks about, and the events of a traced year that answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kaopt.errors import Fault, InputError
from kaopt.fulfilment.calendar import DAY, WEEK
from kaopt.fulfilment.fields import ACCOUNT, TRACED
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.trace import (
    CLEARED,
    FOR_DAY,
    FREE_LOT,
    HOME_LOT,
    KIND_OF,
    MINUTE,
    ORDERED_LINE,
    SCRAPPED,
    SHORT_LINE,
    STARTED,
    TRIED_AGAIN,
    WHAT_SKU,
    WHICH_LOT,
    WHO,
)
from kaopt.fulfilment.world import live_traced
from kaopt.fulfilment.year import Year
from kaopt.scenario.columns import Ints

OF_NO_ORDER = (STARTED, FREE_LOT, CLEARED, SCRAPPED)
OF_NO_LOT = (ORDERED_LINE, TRIED_AGAIN, SHORT_LINE)


@dataclass(frozen=True)
class Asked:
    """What the command line says: ACCOUNT,WEEK or SKU,DAY as text, and the replication."""

    order: str | None = None
    lot: str | None = None
    replication: int = 0


@dataclass(frozen=True, eq=False)
class Told:
    """Events [n, ·] in the order in which they happened, with the year that they are of."""

    year: Year
    events: Ints

    @property
    def inputs(self) -> Inputs:
        """What the year was made of."""
        return self.year.inputs


def tell(inputs: Inputs, asked: Asked) -> Told:
    """Live the year once more with every event written down, and pick what was asked for."""
    if (asked.order is None) == (asked.lot is None):
        raise fault("--order or --lot", "", "one of them must be given: --order A1,W12 or --lot S1,80")
    pick = orders_like(inputs, asked.order) if asked.order is not None else lots_like(inputs, asked.lot or "")
    year = live_traced(inputs, asked.replication)
    rows = year.ledger.trace[: int(year.counters[TRACED])]
    # the time of day at which goods come home is not known: they stand at the end of it
    rows = rows[np.argsort(rows[:, MINUTE] + (DAY - 1) * (rows[:, KIND_OF] == HOME_LOT), kind="stable")]
    if asked.order is not None:
        doors, first, last = pick
        kinds = ~np.isin(rows[:, KIND_OF], OF_NO_ORDER)
        mine = np.isin(rows[:, WHO], doors) & (rows[:, FOR_DAY] >= first) & (rows[:, FOR_DAY] <= last) & kinds
    else:
        s, day, _ = pick
        mine = (rows[:, WHAT_SKU] == s) & (rows[:, WHICH_LOT] == day) & ~np.isin(rows[:, KIND_OF], OF_NO_LOT)
    return Told(year, rows[mine])


def orders_like(inputs: Inputs, text: str) -> tuple[list[int], int, int]:
    """Doors of the account, first and last day for which it asked: `A1,W12` a week of the horizon, `A1,D80` one day."""
    name, _, when = text.rpartition(",")
    found = re.fullmatch(r"([WwDd])(\d+)", when.strip())
    accounts = inputs.accounts.account
    if name not in accounts or not found:
        raise fault("--order", text, f"must be ACCOUNT,W12 or ACCOUNT,D80 with an account of {', '.join(accounts)}")
    number = int(found[2]) - 1
    doors = np.flatnonzero(inputs.terms.door[:, ACCOUNT] == accounts.index(name)).tolist()
    if found[1] in "Dd":
        return doors, number, number
    return doors, number * WEEK, number * WEEK + WEEK - 1


def lots_like(inputs: Inputs, text: str) -> tuple[int, int, int]:
    """SKU and production day of a lot: `S1,80` counts days from 1; 0 and less lie before the horizon."""
    name, _, day = text.rpartition(",")
    if name not in inputs.skus.sku or not re.fullmatch(r"[Dd]?-?\d+", day.strip()):
        raise fault("--lot", text, f"must be SKU,DAY with a SKU of {', '.join(inputs.skus.sku[:8])}")
    return inputs.skus.sku.index(name), int(day.strip().lstrip("Dd")) - 1, 0


def fault(where: str, found: str, expected: str) -> InputError:
    """What the command line should have said."""
    return InputError([Fault(where, None, None, found, expected, "See `kaopt trace --help`")])
