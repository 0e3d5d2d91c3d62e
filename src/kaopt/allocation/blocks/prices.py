"""Prices of the rows in which calendars meet, by dual ascent: a bound to a hundredth of a percent within seconds.

At given prices every block takes its best year by dynamic programming; rows that are used beyond their limits get
dearer, others cheaper (steps scaled row by row, as Kingma and Ba (2015, Adam) do). The prices of the cover rows
follow from the program itself: what a week of the calendar is worth. Any prices prove a bound (`certify`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, inf, pi
from time import monotonic

import numpy as np

from kaopt.allocation.blocks.kernels import NEVER, best_years, priced, used
from kaopt.allocation.blocks.structure import Blocks
from kaopt.scenario.columns import Floats

SWEEPS = 200
FIRST_STEP, LAST_STEP = 0.1, 0.0005  # of a row's natural price
LEAST_PRICE = 0.05  # natural price of a row, as a part of what an event brings on average
SOON, LATE = 0.8, 0.95  # memories of the direction and of its size


@dataclass(frozen=True, eq=False)
class Prices:
    """Where the ascent ended: prices of linking rows [L], the bound that they give, and how often columns were in."""

    linking: Floats
    bound: float  # not rounded safely
    often: Floats  # [N] share of the later sweeps in which the column was taken


@dataclass(frozen=True, eq=False)
class Answer:
    """What all blocks take at given prices."""

    bound: float
    x: Floats  # [N]
    rest: Floats  # [B, weeks + 1] worth of the rest of the year


def answer(blocks: Blocks, prices: Floats) -> Answer:
    """Every block's best year, and every loose column's better end."""
    program = blocks.program
    left = priced(program.cost, prices, blocks.columns)
    x = np.where(left > 0, program.high, program.low)
    loose = float(left[blocks.events :] @ x[blocks.events :])
    worth, always = settled(blocks, left[: blocks.events])
    rest = np.zeros((len(blocks), blocks.weeks + 1))
    total = best_years(worth, blocks.calendar, rest, x[: blocks.events])
    with np.errstate(invalid="ignore"):
        limits = prices * np.where(prices > 0, blocks.high, blocks.low)
    paid = float(np.where(prices == 0, 0.0, limits).sum())
    return Answer(program.offset + paid + total + loose - always, x, rest)


def settled(blocks: Blocks, worth: Floats) -> tuple[Floats, float]:
    """Worths under which a block never takes a column that must be out and always one that must be in; their bonus."""
    program, events = blocks.program, blocks.events
    must = (program.low[:events] > 0) & (program.high[:events] > 0)
    bonus = 10 * float(np.abs(worth).max(initial=1.0)) * blocks.weeks if must.any() else 0.0
    held = np.where(program.high[:events] <= 0, NEVER, worth + np.where(must, bonus, 0.0))
    return held, bonus * int(must.sum())


def ascend(blocks: Blocks, *, sweeps: int = SWEEPS, until: float = inf, start: Floats | None = None) -> Prices:
    """Prices after so many sweeps; the best of them, not the last. Steps shrink sooner where `until` comes sooner."""
    low, high = reach_of_prices(blocks)
    unit = natural(blocks)
    y = np.clip(np.zeros(len(unit)) if start is None else start, low, high)
    way, size, often = np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(blocks.program.cost))
    best, found, counted, begun, part = inf, y, 0, monotonic(), 0.0
    for n in range(sweeps):
        now = answer(blocks, y)
        if now.bound < best:
            best, found = now.bound, y
        if part >= 0.5:
            often, counted = often + now.x, counted + 1
        part = max((n + 1) / sweeps, (monotonic() - begun) / max(until - begun, 1e-9))
        if part >= 1:
            break
        slope = excess(blocks, now.x, y) * unit
        way, size = SOON * way + (1 - SOON) * slope, LATE * size + (1 - LATE) * slope * slope
        step = LAST_STEP + FIRST_STEP * (1 + cos(pi * part)) / 2
        move = way / (1 - SOON ** (n + 1)) / (np.sqrt(size / (1 - LATE ** (n + 1))) + 1e-9)
        y = np.clip(y + step * unit * move, low, high)
    return Prices(found, best, often / counted if counted else answer(blocks, found).x)


def excess(blocks: Blocks, x: Floats, y: Floats) -> Floats:
    """[L] how much is used beyond the limit that the price speaks of; what no price is asked for counts as nothing."""
    held = used(x, blocks.columns, len(y))
    over, under = held - blocks.high, held - blocks.low
    free = np.where(over > 0, over, np.minimum(under, 0.0))
    return np.asarray(np.where(y > 0, over, np.where(y < 0, under, free)))


def natural(blocks: Blocks) -> Floats:
    """[L] the size of a row's price: worth per use of the columns in it, and at least a part of what an event brings.

    Rows are scaled so that their largest entry is near 1: a row of events that only cost has a price all the same.
    """
    worth = np.abs(blocks.program.cost)
    body = abs(blocks.matrix)
    square = np.asarray(body.multiply(body).sum(axis=1)).ravel()
    gain = np.maximum(blocks.program.cost[: blocks.events], 0.0)
    least = LEAST_PRICE * float(gain[gain > 0].mean()) if np.any(gain > 0) else 1.0
    return np.asarray(np.maximum(np.asarray(body @ worth).ravel() / np.maximum(square, 1e-12), least))


def reach_of_prices(blocks: Blocks) -> tuple[Floats, Floats]:
    """[L] between what a price may lie: its sign by the row's limits, its size by what missing the row costs."""
    low = np.where(np.isinf(blocks.low), 0.0, -inf)
    high = np.where(np.isinf(blocks.high), 0.0, inf)
    program, body = blocks.program, blocks.matrix
    alone = np.flatnonzero((np.diff(body.indptr) == 1) & ~program.integer & (program.low == 0) & (program.cost < 0))
    row, value = body.indices[body.indptr[alone]], body.data[body.indptr[alone]]
    cost = program.cost[alone] / value
    np.maximum.at(low, row[value > 0], cost[value > 0])
    np.minimum.at(high, row[value < 0], cost[value < 0])
    return low, np.maximum(high, low)


def duals_of(blocks: Blocks, prices: Floats) -> Floats:
    """[M] duals of all rows: the linking ones at their prices, the cover rows at the worth of their week."""
    rest = answer(blocks, prices).rest
    duals = np.zeros(blocks.program.matrix.shape[0])
    duals[blocks.linking] = prices
    factor = blocks.program.row_high[blocks.cover]  # a cover row's coefficient, 1 as rules make it
    worth = rest[blocks.cover_block, blocks.cover_week] - rest[blocks.cover_block, blocks.cover_week + 1]
    duals[blocks.cover] = np.maximum(worth, 0.0) / factor
    return duals
