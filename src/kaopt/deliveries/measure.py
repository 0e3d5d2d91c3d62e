"""Service counted, not estimated: on time, in full and both, by line and by order."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kaopt.deliveries.records import Records
from kaopt.scenario.columns import Bools, Floats, Ints


@dataclass(frozen=True)
class Shares:
    """Shares of 1 of all lines or all orders; None where the records do not say. `otif`: on time and in full."""

    on_time: float | None
    in_full: float | None
    otif: float | None


@dataclass(frozen=True)
class Measured:
    """The service that the records show. An order is on time (in full, both) where all of its lines are."""

    line: Shares
    order: Shares

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return {"service": asdict(self)}


def measured(records: Records) -> Measured:
    """Line and order service, exact counts."""
    on_time, in_full = records.on_time, records.in_full
    both = None if on_time is None or in_full is None else on_time & in_full
    marks = (on_time, in_full, both)
    return Measured(
        line=Shares(*(None if one is None else float(one.mean()) for one in marks)),
        order=Shares(*(None if one is None else float(all_of(one, records.order).mean()) for one in marks)),
    )


def tally(group: Ints, size: int, weights: Floats | Bools | None = None) -> Floats:
    """[size] how many rows each group has, or the sum of their weights."""
    return np.bincount(group, None if weights is None else weights.astype(float), size).astype(float)


def all_of(marks: Bools, order: Ints) -> Bools:
    """[O] true where a mark holds for every line of an order."""
    failed = np.bincount(order, ~marks)
    return np.asarray(failed == 0)
