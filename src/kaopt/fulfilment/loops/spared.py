"""A year in which something never goes wrong: what lateness or shortage really costs is the difference to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kaopt.fulfilment.calendar import DAY
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import (
    AMOUNT,
    AWAY,
    BORN,
    CAUSE,
    CAUSES,
    LAST_DAY,
    LINE,
    LOSS_CASES,
    LOSS_LINE,
    LOSSES,
    LOST,
    MADE_CASES,
    PICKED,
    PIECES,
    PUNCTUAL,
    RECEIVED,
    SKU,
    SPARED,
    TRUCK,
    VERDICT,
)
from kaopt.fulfilment.loops.lots import copy
from kaopt.fulfilment.loops.slots import more_pieces
from kaopt.service import CAUSES as GROUPS
from kaopt.service import FINE_CAUSES

NO_SHORTAGE, NO_LATENESS = 1, 2  # of span[SPARED]
SHORT, DELAYED = (
    np.array([cause in GROUPS[group] for cause in FINE_CAUSES] + [False]) for group in ("shortage", "late")
)


@compiled
def appear(state: Any, slot: Any, now: Any) -> None:
    """What is missing when an order is loaded appears, made on that day."""
    order, lines, losses, flow = state.order[slot], state.line[slot], state.loss[slot], state.flow
    if not state.span[SPARED] & NO_SHORTAGE or order[LOSSES] == 0:
        return
    more_pieces(state, order[PIECES] + order[LOSSES])
    pieces, kept = state.piece[slot], 0
    for k in range(order[LOSSES]):
        if not SHORT[losses[k, CAUSE]]:
            copy(losses, losses, (k, kept))
            kept += 1
            continue
        n, cases, piece = losses[k, LOSS_LINE], losses[k, LOSS_CASES], pieces[order[PIECES]]
        piece[LINE], piece[BORN], piece[AMOUNT], piece[TRUCK] = n, now // DAY, cases, -1
        lines[n, LOST] -= cases
        flow[MADE_CASES, lines[n, SKU]] += cases
        flow[AWAY, lines[n, SKU]] += cases
        order[PIECES] += 1
        order[PICKED] += cases
    order[LOSSES] = kept


@compiled
def on_time(state: Any, slot: Any, fleet: Any) -> None:
    """Every truck was in the window, whatever happened on the way."""
    if not state.span[SPARED] & NO_LATENESS:
        return
    for t in range(len(fleet)):
        if DELAYED[min(max(fleet[t, VERDICT], -1), CAUSES)]:
            fleet[t, VERDICT] = -1
        fleet[t, RECEIVED] = min(fleet[t, RECEIVED], state.order[slot, LAST_DAY])
        fleet[t, PUNCTUAL] = 1
