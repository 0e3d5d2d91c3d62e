"""Which switches an event needs: a fee that it opens. The rows x <= z are kept by leaving events out, not priced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.rows import Rows
from kaopt.offers import Offers
from kaopt.scenario.columns import Ints


@dataclass(frozen=True, eq=False)
class Openers:
    """`needs` [O, n] the switches of each offer, counted from the first switch; -1: no more.

    A run over the end of a quarter opens two fees, and others may be due in the same weeks.
    """

    needs: Ints

    @staticmethod
    def none(offers: Offers) -> Openers:
        """No offer needs a switch."""
        return Openers(np.full((len(offers), 1), -1, dtype=np.int32))


def openers_of(rows: Rows, offers: Offers) -> Openers:
    """Read the rows sum x - z <= 0 of a rule; its other rows only close what nothing opens."""
    events, body = len(offers), rows.matrix.tocoo()
    at, column = body.coords
    beside = column >= events
    closing = beside & (body.data < 0)  # the one switch of a row that opens it
    switch = np.full(len(rows), -1, dtype=np.int64)
    switch[at[closing]] = column[closing] - events
    opened = ~beside & (switch[at] >= 0) & (body.data > 0)
    shape = (events, len(offers.switches))
    pairs = sp.csr_matrix((np.ones(int(opened.sum())), (column[opened], switch[at[opened]])), shape=shape)
    pairs.sum_duplicates()
    count = np.diff(pairs.indptr)
    event = np.repeat(np.arange(events), count)
    nth = np.arange(len(event)) - pairs.indptr[event]
    needs = np.full((events, int(count.max(initial=1))), -1, dtype=np.int32)
    needs[event, nth] = pairs.indices
    return Openers(needs.astype(np.int64))
