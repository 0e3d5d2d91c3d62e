"""A program in whole numbers for solvers that know no others, loosened by no more than the rounding.

Every row and the objective are multiplied by a power of two and rounded so that no plan is lost and none is worth
less than before (columns are never negative): a row's entries are rounded down and its limit up, for a least amount
the other way round; values are rounded up. What is proven of this program therefore holds for the true one. A plan of
it may break a true row by what was rounded, and has to be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from benchmarks.peers.worker import Message

# Bits of a row's largest entry: 2 000 chosen events are off by 3e-5 of it together at most. CP-SAT 9.15 claims wrong
# optima for 3 of 100 small programs with 33 or 36 bits (its presolve does), for none of 400 with up to 30.
ROW_BITS = 26
VALUE_BITS = 10  # after the point of the objective's unit
ENDS = np.iinfo(np.int64)


@dataclass(frozen=True, eq=False)
class Whole:
    """A program in whole numbers: maximise cost @ x, low <= body @ x <= high; a row for every limit."""

    cost: np.ndarray  # [N]
    unit: float  # of the objective, per unit of cost
    body: sp.csr_matrix  # [M, N]
    low: np.ndarray  # [M] the least whole number where there is none
    high: np.ndarray  # [M] the largest whole number where there is none


def in_whole_numbers(model: Message) -> Whole:
    """The program loosened to whole numbers; every limit of a row makes a row of its own."""
    if np.any(model["low"] < 0):
        raise ValueError("a column may be negative: rounding would not be on the safe side")
    body = sp.csr_matrix(sp.csc_matrix((model["value"], model["index"], model["start"]), shape=model["shape"]))
    body.sort_indices()
    scale = scales(body)
    entries = body.data * np.repeat(scale, np.diff(body.indptr))
    above, below = np.isfinite(model["row_high"]), np.isfinite(model["row_low"])
    upper = sp.csr_matrix((np.floor(entries), body.indices, body.indptr), shape=body.shape)[above]
    lower = sp.csr_matrix((np.ceil(entries), body.indices, body.indptr), shape=body.shape)[below]
    none = [np.full(int(np.sum(some)), end) for some, end in ((above, ENDS.min), (below, ENDS.max))]
    high = np.ceil(model["row_high"][above] * scale[above]).astype(np.int64)
    low = np.floor(model["row_low"][below] * scale[below]).astype(np.int64)
    both = sp.csr_matrix(sp.vstack([upper, lower]))
    both.data = both.data.astype(np.int64)
    return Whole(
        cost=np.ceil(-model["cost"] * 2.0**VALUE_BITS).astype(np.int64),
        unit=2.0**-VALUE_BITS,
        body=both,
        low=np.concatenate([none[0], low]),
        high=np.concatenate([high, none[1]]),
    )


def scales(body: sp.csr_matrix) -> np.ndarray:
    """[M] 1 for rows of whole entries, else the power of two that gives the largest entry `ROW_BITS` bits."""
    largest = np.maximum(abs(body).max(axis=1).toarray().ravel(), 2.0**-60)
    broken = body.copy()
    broken.data = (body.data != np.round(body.data)).astype(float)
    whole = broken.max(axis=1).toarray().ravel() == 0
    return np.where(whole, 1.0, np.exp2(ROW_BITS - np.ceil(np.log2(largest))))
