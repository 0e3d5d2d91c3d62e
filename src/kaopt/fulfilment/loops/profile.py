"""How old goods are, night by night in the warehouse and when they meet the inspector, and what failed first."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCEPTED,
    BLAME,
    BY_LINE,
    BY_ORDER,
    BY_OTIF,
    CASES,
    CAUSE,
    FIRST,
    LAST,
    LATE,
    LATE_CAUSE,
    LINES,
    LOSS_LINE,
    LOSSES,
    MADE,
    ORDERED,
    TRIES,
)


@compiled
def add_ages(stock: Any, s: Any, day: Any, row: Any) -> None:
    """Add one SKU's lots to its profile by age in days; the last entry holds every greater age.

    `stock`: cells and ends of the warehouse.
    """
    cells, ends = stock
    last = len(row) - 1
    for i in range(ends[s, FIRST], ends[s, LAST]):
        row[min(max(day - cells[s, i, MADE], 0), last)] += cells[s, i, CASES]


@compiled
def blame(state: Any, slot: Any, a: Any) -> None:
    """Count the lines and the order that failed, each under the cause that failed it first."""
    order, lines, losses, blamed = state.order[slot], state.line[slot], state.loss[slot], state.blamed[a]
    for k in range(order[LOSSES] - 1, -1, -1):  # backwards, so that the first remains
        lines[losses[k, LOSS_LINE], BLAME] = losses[k, CAUSE]
    short = False
    for n in range(order[LINES]):
        if lines[n, ACCEPTED] < lines[n, ORDERED]:
            blamed[BY_LINE, lines[n, BLAME]] += 1
            short = True
    if short:
        blamed[BY_ORDER, losses[0, CAUSE]] += 1
        blamed[BY_OTIF, losses[0, CAUSE]] += 1
    elif order[LATE] > 0 or order[TRIES] > 0:
        blamed[BY_OTIF, order[LATE_CAUSE]] += 1
