"""Stock in hand when the clock starts: each SKU somewhere in its own lot cycle."""

from __future__ import annotations

from math import ceil
from typing import Any

from kaopt.fulfilment import luck
from kaopt.fulfilment.compiled import compiled
from kaopt.fulfilment.fields import BY_DATE, COUNTS, COVER_DAYS, FIRST_DAY, KEPT, NAME, OPENING_CASES
from kaopt.fulfilment.loops.lots import put
from kaopt.fulfilment.loops.production import JUST, cover, lot, target


@compiled
def stock_up(state: Any) -> None:
    """Fill every warehouse with the target and a part of a lot that luck decides."""
    day = state.span[FIRST_DAY]
    for p in range(state.coming.shape[0]):
        for s in range(state.coming.shape[1]):
            left = luck.uniform(state.keys[luck.OPENING], state.sku_key[s], state.place[p, NAME])
            level = target(state, (p, s), day) + left * part_of_lot(state, (p, s), day)
            cases = ceil(max(level, 0.0) - JUST)
            if cases > 0:
                passed = round((1 - left) * state.sku[s, COVER_DAYS])
                # a fresh start: nothing that production would not count is there on the first day
                limit = max(min(state.sku[s, KEPT], state.sku[s, COUNTS]), 0)
                born = day - min(state.lane[state.makes[s], p] + passed, limit)
                put(state, (p, s), (born if state.place[p, BY_DATE] else day, born), cases)
                state.flow[OPENING_CASES, s] += cases


@compiled
def part_of_lot(state: Any, where: Any, day: Any) -> Any:
    """A warehouse's part of a lot that serves several, by what each will sell; case."""
    own, s, places = cover(state, where, day), where[1], state.coming.shape[0]
    every = 0.0
    for p in range(places):
        every += cover(state, (p, s), day)
    return lot(state, s, day) * (own / every if every > 0 else 1 / places)
