"""What was ordered and what was lost by account, SKU and week, where somebody asked for it; else nothing is counted."""

from __future__ import annotations

from typing import Any

from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    ACCOUNT,
    CAUSE,
    DOOR,
    LINES,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    MISSED,
    ORDERED,
    SKU,
    WEEK,
)
from kaopt.fulfilment.loops.slots import longer

# of what was lost: account (0 where one row stands for all), week, SKU, cause, cases
WHOSE, WEEK_OF_LOSS, SKU_OF_LOSS, CAUSE_OF_LOSS, CASES_OF_LOSS = range(5)
COLUMNS = 5


@compiled
def count_week(state: Any, slot: Any) -> None:
    """Add an order that is settled to its week; its losses are rows, because few cells have any."""
    order, lines, losses = state.order[slot], state.line[slot], state.loss[slot]
    row = state.door[order[DOOR], ACCOUNT] if state.weekly.shape[0] > 1 else 0
    ordered = state.weekly[row, order[WEEK]]
    for n in range(order[LINES]):
        ordered[lines[n, SKU]] += lines[n, ORDERED]
    while state.count[MISSED] + order[LOSSES] > state.missed.shape[0]:
        state.missed = longer(state.missed)
    for k in range(order[LOSSES]):
        lost = state.missed[state.count[MISSED]]
        lost[WHOSE], lost[WEEK_OF_LOSS] = row, order[WEEK]
        lost[SKU_OF_LOSS], lost[CAUSE_OF_LOSS] = lines[losses[k, LOSS_LINE], SKU], losses[k, CAUSE]
        lost[CASES_OF_LOSS] = losses[k, LOSS_CASES]
        state.count[MISSED] += 1
