"""Prices of linking rows by dual ascent, with the average of what blocks take on the way: almost a plan.

Rows that are used beyond their limits get dearer, others cheaper; steps are scaled row by row, as Kingma and Ba (2015,
Adam) do. The average of the later sweeps tends to a solution of the linear relaxation (Barahona and Anbil 2000, The
volume algorithm): where it is near 0 or 1, a good plan can hardly differ from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

import numpy as np

from kaopt.allocation.large.loose import Loose, loose_of
from kaopt.allocation.large.pool import reach
from kaopt.allocation.large.shard import Linking, Shard
from kaopt.allocation.large.years import desk_of, squares, sweep
from kaopt.scenario.columns import Bools, Floats

FIRST_STEP, LAST_STEP = 0.1, 0.0005  # of a row's natural price
STRIDE = 1.0  # first step, of how far prices may go
LEAST_PRICE = 0.05  # natural price of a row, as a part of what an event brings on average per its mean use
SOON, LATE = 0.8, 0.95  # memories of the direction and of its size
AVERAGED = 0.5  # share of the sweeps, the last ones, whose mean is taken

Tell = Callable[[int, float], bool]  # sweeps done and bound; True: stop here


@dataclass(frozen=True, eq=False)
class Prices:
    """Where the ascent ended: the best prices [L], their bound (not rounded safely), and the mean of later sweeps."""

    prices: Floats
    bound: float
    often: Floats  # [E]
    switches: Floats  # [Z]


@dataclass(frozen=True, eq=False)
class Desk:
    """A shard made ready for sweeps."""

    shard: Shard
    loose: Loose
    on: Bools  # [Z] switches that open events
    shut: Bools  # [E] events whose switch is off
    room: tuple[np.ndarray, ...]

    def answer(self, prices: Floats, often: Floats) -> tuple[float, Floats, Floats]:
        """Bound without the limits' part, what linking rows then hold [L], and the switches [Z]."""
        columns = self.shard.columns
        held = np.zeros(len(self.shard.rows))
        terms = (prices, self.shut, held, often)
        years = sweep(columns.calendar, columns.cost, columns.used, terms, self.room)
        worth, switches = self.loose.answer(prices, self.on)
        return float(years.sum()) + worth, held + self.shard.switched.matrix @ switches, switches


def desk_at(shard: Shard, on: Bools | None = None) -> Desk:
    """Ready to sweep; `on` [Z]: the switches that open events, all where nothing is said."""
    columns = shard.columns
    on = shard.switched.opens if on is None else on
    shut = np.any((columns.opener >= 0) & ~np.append(on, True)[columns.opener], axis=1)
    return Desk(shard, loose_of(shard.switched, shard.rows), on, shut, desk_of(columns))


def ascend(
    desk: Desk, *, sweeps: int, start: Floats | None = None, near: Floats | float = np.inf, tell: Tell | None = None
) -> Prices:
    """The best prices after so many sweeps; `start`: prices to begin with, to stay `near` [L], in natural prices.

    The less far prices may go, the shorter the steps.
    """
    rows, unit = desk.shard.rows, natural(desk.shard)
    low, high = reach(rows)
    low, high = np.where(desk.loose.settled, 0.0, low), np.where(desk.loose.settled, 0.0, high)
    y = np.clip(np.zeros(len(rows)) if start is None else start, low, high)
    low, high = np.maximum(low, y - near * unit), np.minimum(high, y + near * unit)
    first = np.minimum(FIRST_STEP, STRIDE * near)
    way, size = np.zeros(len(y)), np.zeros(len(y))
    often, switches, counted = np.zeros(len(desk.shard.columns)), np.zeros(len(desk.shard.switched)), 0
    best, found = np.inf, y
    for n in range(sweeps):
        if n == int((1 - AVERAGED) * sweeps):
            often[:], switches[:], counted = 0.0, 0.0, 0
        worth, held, on = desk.answer(y, often)
        switches, counted = switches + on, counted + 1
        bound = worth + paid(rows, y)
        if bound < best:
            best, found = bound, y
        if tell is not None and tell(n + 1, best):
            break
        slope = excess(rows, held, y) * unit
        way, size = SOON * way + (1 - SOON) * slope, LATE * size + (1 - LATE) * slope * slope
        length = LAST_STEP + (first - LAST_STEP) * (1 + cos(pi * (n + 1) / sweeps)) / 2
        move = way / (1 - SOON ** (n + 1)) / (np.sqrt(size / (1 - LATE ** (n + 1))) + 1e-9)
        y = np.clip(y + length * unit * move, low, high)
    return Prices(found, best, often / max(counted, 1), switches / max(counted, 1))


def paid(rows: Linking, prices: Floats) -> float:
    """What the limits are worth at the prices."""
    used = np.flatnonzero(prices)
    return float(prices[used] @ np.where(prices[used] > 0, rows.high[used], rows.low[used]))


def excess(rows: Linking, held: Floats, prices: Floats) -> Floats:
    """[L] how much is used beyond the limit that the price speaks of; what no price is asked for counts as nothing."""
    over, under = held - rows.high, held - rows.low
    free = np.where(over > 0, over, np.minimum(under, 0.0))
    return np.asarray(np.where(prices > 0, over, np.where(prices < 0, under, free)))


def natural(shard: Shard) -> Floats:
    """[L] the size of a row's price: worth per use of the events in it, and at least a part of what one brings."""
    columns, body = shard.columns, shard.switched.matrix
    worth, square = squares(len(shard.rows), columns.cost, columns.used)
    worth += abs(body) @ np.abs(shard.switched.cost)
    square += body.multiply(body) @ np.ones(len(shard.switched))
    gain = columns.cost[columns.cost > 0]
    count = np.bincount(columns.row, minlength=len(shard.rows)) + np.bincount(body.indices, minlength=len(shard.rows))
    typical = np.sqrt(square / np.maximum(count, 1))  # use of one event
    least = LEAST_PRICE * (float(gain.mean()) if len(gain) else 1.0) / np.maximum(typical, 1e-300)
    quotient = worth / np.maximum(square, 1e-300)
    return np.asarray(np.where(count > 0, np.maximum(quotient, least), 1.0))
