# mypy: disable-error-code="no-untyped-call"
"""A bound over all events of a shard at given prices, every rounding on the safe side.

For any prices y, no plan is worth more than  sum of y_i limit_i  +  sum over blocks of the best year of the reduced
worths  +  the switches at their best  (Lagrangian relaxation). Reduced worths are raised by a bound of their rounding
error (Neumaier and Shcherbina 2004, as in `kaopt.allocation.search.certify`); a year adds at most as many of them as
it has events, none negative, so that its sum is off by no more than a unit per addition.

Fees are on or off, account by account: with one off, the events that need it are out. All on is where it begins; what
could be better with some off is looked into, one fee after the other, and what is not looked into counts as the bound
of its branch.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, inf
from typing import Any

import numpy as np
from numba import njit

from kaopt.allocation.large.loose import loose_of
from kaopt.allocation.large.shard import Linking, Shard
from kaopt.allocation.large.years import desk_of, year
from kaopt.allocation.search.certify import TINY, UNIT, above, up
from kaopt.scenario.columns import Bools, Floats

BRANCHES = 200  # patterns of fees that are looked into
SLIGHT = 0.1  # of the fees saved: what is gained by less is no reason to be without; at good prices many are even


@dataclass(frozen=True, eq=False)
class Above:
    """What a shard adds to a bound, and which of its switches were on there [Z]."""

    value: float
    on: Bools


@njit(cache=True)
def raised_years(calendar: Any, cost: Any, used: Any, terms: Any, desk: Any) -> Any:
    """[B] best years of reduced worths, each raised by its error. `terms`: prices, shut, errors (unit and least)."""
    prices, shut, error = terms
    first, _, _, most, _ = calendar
    start, row, value = used
    found = np.empty(len(first) - 1)
    for b in range(len(first) - 1):
        for o in range(first[b], first[b + 1]):
            left, size = cost[o], abs(cost[o])
            for k in range(start[o], start[o + 1]):
                paid = value[k] * prices[row[k]]
                left -= paid
                size += abs(paid)
            slack = (start[o + 1] - start[o] + 4.0) * error[0] * size + error[1]
            desk[0][o - first[b]] = 0.0 if shut[o] else left + 2.0 * slack
        found[b] = year(b, calendar, desk) * (1.0 + (most[b] + 2.0) * error[0])
    return found


def bound_above(shard: Shard, prices: Floats) -> Above:
    """No plan makes more of this account than the value, paid for its rows at `prices` [L] of the shard's own rows."""
    switched, rows = shard.switched, shard.rows
    loose = loose_of(switched, rows)
    y = np.where(loose.settled, 0.0, prices)
    left = switched.cost - switched.matrix.T @ y
    error = 64 * UNIT * (np.abs(switched.cost) + abs(switched.matrix).T @ np.abs(y)) + TINY
    openers = np.flatnonzero(switched.opens)
    beside, x = loose.best(left + error)
    beside = up(beside + 64 * UNIT * float(np.abs(left) @ np.abs(x)))
    fees = left[openers] + error[openers]
    value, on = patterned(shard, y, fees)
    x[openers] = on
    return Above(up(fsum([value, beside, *np.maximum(fees, 0.0).tolist()])), x > 0)


def patterned(shard: Shard, prices: Floats, fees: Floats) -> tuple[float, Bools]:
    """The most that events and the switches that open them bring together, over all patterns of these."""
    columns, openers = shard.columns, np.flatnonzero(shard.switched.opens)
    place = np.full(len(shard.switched) + 1, -1)
    place[openers] = np.arange(len(openers))
    needs = place[columns.opener]  # -1 stays -1: the last entry
    desk, errors = desk_of(columns), np.array([UNIT * 1.01, TINY])

    def years(on: Bools) -> float:
        shut = np.any((needs >= 0) & ~np.append(on, True)[needs], axis=1)
        found = raised_years(columns.calendar, columns.cost, columns.used, (prices, shut, errors), desk)
        return up(fsum(found.tolist()))

    every = np.ones(len(openers), dtype=bool)
    best = liked = up(years(every) + fsum(np.minimum(fees, 0.0).tolist()))
    liked_on = every
    open_ = [(0, every)]  # decided so far, pattern with the rest on at no cost
    looked = 0
    dear = np.flatnonzero(fees < 0)
    while open_:
        depth, on = open_.pop()
        for n in range(depth, len(dear)):
            without = on.copy()
            without[dear[n]] = False
            decided = [float(fees[j]) for j in dear[: n + 1] if without[j]]
            ceiling = up(years(without) + fsum(decided))
            looked += 1
            if ceiling <= best:
                continue
            alone = up(ceiling + fsum([float(fees[j]) for j in dear[n + 1 :]]))
            best = max(best, ceiling if n + 1 == len(dear) or looked > BRANCHES else alone)
            score = alone + SLIGHT * fsum(fees[~without].tolist())
            if score > liked:
                liked, liked_on = score, without
            if looked <= BRANCHES and ceiling > best:
                open_.append((n + 1, without))
    return best, liked_on


def limits_above(rows: Linking, prices: Floats) -> list[float]:
    """Numbers whose sum is what the limits are worth at the prices, none below the true product."""
    used = np.flatnonzero(prices)
    limit = np.where(prices[used] > 0, rows.high[used], rows.low[used])
    return [float(one) for one in above(prices[used] * limit)] if np.isfinite(limit).all() else [inf]
