"""Cases by account, SKU and week, added up over replications: what simulations report, and experiments do without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.fulfilment.fields import CAUSES, MISSED
from kaopt.fulfilment.inputs import Inputs
from kaopt.fulfilment.loops.weekly import CASES_OF_LOSS, CAUSE_OF_LOSS, SKU_OF_LOSS, WEEK_OF_LOSS, WHOSE
from kaopt.fulfilment.year import Year
from kaopt.scenario.columns import Ints
from kaopt.service import ByWeek

MOST = 500_000  # cells of account x SKU x week; beyond it a spreadsheet opens no such table, and accounts are one row


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over some years: cases ordered, and lost by cause where any were."""

    ordered: Ints  # [A, W, S]
    cell: Ints  # [n] ascending index into [A, W, S, C]
    lost: Ints  # [n] case


def rows_by_week(inputs: Inputs) -> int:
    """Rows of accounts that are counted: each, one for all where that would be too much, none where nobody asks."""
    accounts, skus, weeks = inputs.shape
    if not inputs.by_week:
        return 0
    return accounts if accounts * skus * weeks <= MOST else 1


def tally_of(year: Year) -> Tally:
    """What one year counted."""
    ledger, (_, skus, weeks) = year.ledger, year.inputs.shape
    rows = ledger.missed[: year.counters[MISSED]]
    cell = (rows[:, WHOSE] * weeks + rows[:, WEEK_OF_LOSS]) * skus + rows[:, SKU_OF_LOSS]
    return Tally(ledger.weekly, *summed(cell * CAUSES + rows[:, CAUSE_OF_LOSS], rows[:, CASES_OF_LOSS]))


def summed(cell: Ints, cases: Ints) -> tuple[Ints, Ints]:
    """Each cell once, ascending, with the sum of its cases."""
    first, where = np.unique(cell, return_inverse=True)
    sums = np.zeros(len(first), np.int64)
    np.add.at(sums, where, cases)
    return first, sums


def together(one: Tally, other: Tally) -> Tally:
    """The sums of both."""
    cells, lost = np.concatenate([one.cell, other.cell]), np.concatenate([one.lost, other.lost])
    return Tally(one.ordered + other.ordered, *summed(cells, lost))


def by_week(tally: Tally, years: int) -> ByWeek:
    """The mean of so many years."""
    return ByWeek(tally.ordered / years, tally.cell, tally.lost / years)
