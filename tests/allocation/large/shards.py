"""Shards by hand and at random, and what is true of them by trying every plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.shard import Columns, Linking, Shard, Switched
from kaopt.scenario.columns import Bools, Floats

Event = tuple[int, int, float, dict[int, float]]  # week, end, cost, use of rows


def columns(blocks: list[list[Event]], horizon: int = 6, *, most: int = 9, opener: Any = None) -> Columns:
    """Events by block, in the order of their weeks; all of account 0."""
    events = [one for block in blocks for one in block]
    uses = [sorted(one[3].items()) for one in events]
    weeks, ends = (np.array([one[n] for one in events], dtype=np.int16) for n in (0, 1))
    size = len(events)
    return Columns(
        account=np.zeros(size, np.int16),
        sku=np.repeat(np.arange(len(blocks)), [len(one) for one in blocks]).astype(np.int16),
        week=weeks,
        weeks=(ends - weeks).astype(np.int16),
        treatment=np.zeros(size, np.int16),
        cost=np.array([one[2] for one in events], dtype=float),
        start=np.cumsum([0, *(len(one) for one in uses)]).astype(np.int64),
        row=np.array([row for one in uses for row, _ in one], dtype=np.int32),
        value=np.array([value for one in uses for _, value in one], dtype=float),
        opener=np.full((size, 1), -1, np.int32) if opener is None else np.asarray(opener, np.int32),
        first=np.cumsum([0, *(len(one) for one in blocks)]).astype(np.int64),
        end=ends,
        most=np.full(len(blocks), most, dtype=np.int64),
        horizon=horizon,
    )


def linking(low: Any, high: Any, *, regret: Any = np.nan, private: Any = False, beside: Any = False) -> Linking:
    """Rows between limits."""
    low = np.asarray(low, dtype=float)
    size = len(low)

    def each(values: Any, kind: Any) -> Any:
        return np.broadcast_to(np.asarray(values, kind), size).copy()

    names = tuple(("rule", f"row {n}") for n in range(size))
    return Linking(names, low, each(high, float), each(regret, float), each(private, bool), each(beside, bool))


def switched(cost: Any = (), matrix: Any = None, *, opens: Any = False, whole: Any = True, rows: int = 0) -> Switched:
    """Columns between 0 and 1; `matrix` [L, Z]."""
    cost = np.asarray(cost, dtype=float)
    size = len(cost)
    ones = np.ones(size)
    body = sp.csc_matrix(np.zeros((rows, size)) if matrix is None else np.asarray(matrix, dtype=float))
    kinds = [np.broadcast_to(np.asarray(one, bool), size).copy() for one in (whole, opens)]
    return Switched(cost, 0 * ones, ones, kinds[0], 0 * ones, kinds[1], np.zeros(size, np.int64), body)


def random_columns(luck: np.random.Generator, rows: int, switches: int = 0) -> Columns:
    """One to three blocks of up to six events each, over six weeks; some events need one or two of the switches."""
    gap, most = int(luck.integers(0, 2)), int(luck.integers(1, 4))
    blocks = []
    for _ in range(int(luck.integers(1, 4))):
        spans = sorted((int(w), int(min(w + luck.integers(1, 3), 6))) for w in luck.integers(0, 6, luck.integers(0, 7)))
        blocks.append([(w, min(e + gap, 6), float(luck.normal(2, 3)), uses(luck, rows)) for w, e in spans])
    size = sum(len(one) for one in blocks)
    opener = np.where(luck.random((size, 2)) < 0.4, luck.integers(-1, max(switches, 1), (size, 2)), -1)
    return columns(blocks, most=most, opener=opener if switches else None)


def uses(luck: np.random.Generator, rows: int) -> dict[int, float]:
    """What an event uses of some rows."""
    return {n: float(luck.choice([1.0, luck.normal(1, 1)])) for n in range(rows) if luck.random() < 0.6}


def random_shard(seed: int, *, fees: int = 2, tiers: bool = True) -> Shard:
    """Rows of every kind (at most, at least, equal, soft), fees that events open, and tiers that only rows of their own
    tie together; limits lie around what some plan uses, so that plans exist."""
    luck = np.random.default_rng(seed)
    rows = int(luck.integers(1, 4))
    events = random_columns(luck, rows, fees)
    own = 2 * tiers  # x1 + x2 = 1 and f <= x1, over three columns beside the events
    size = fees + 3 * tiers
    body = np.zeros((rows + own, size))
    body[:rows] = luck.normal(0, 1, (rows, size)) * (luck.random((rows, size)) < 0.5)
    if tiers:
        body[rows, fees : fees + 2] = 1.0
        body[rows + 1, [fees + 2, fees]] = 1.0, -1.0
    cost = luck.normal(0, 3, size)
    what = switched(cost, body, opens=np.arange(size) < fees, whole=np.arange(size) < fees + 2)
    shard = Shard(events, what, linking(np.zeros(rows + own), 0.0))
    used = held(shard, *next(plans(shard, luck)))[:rows]
    kind = luck.integers(0, 4, rows)
    low = np.where(np.isin(kind, (1, 2)), used - luck.choice([0.0, 0.5]), -np.inf)
    high = np.where(np.isin(kind, (0, 2)), used + luck.choice([0.0, 0.5]), np.inf)
    low, high = np.where(kind == 3, used, low), np.where(kind == 3, used, high)
    regret = np.where(luck.random(rows) < 0.4, luck.uniform(0, 3, rows), np.nan)
    ends = np.append(low, [1.0, -np.inf][:own]), np.append(high, [1.0, 0.0][:own])
    beside = np.arange(rows + own) >= rows
    return Shard(events, what, linking(*ends, regret=np.append(regret, [np.nan] * own), private=beside, beside=beside))


def calendars(what: Columns, b: int, shut: Bools | None = None) -> list[tuple[int, ...]]:
    """Every set of a block's events that keeps the gaps and the most number, by trying all."""
    mine = [o for o in range(what.first[b], what.first[b + 1]) if shut is None or not shut[o]]
    return [
        chosen
        for size in range(min(int(what.most[b]), len(mine)) + 1)
        for chosen in combinations(mine, size)
        if all(what.end[o] <= what.week[p] or what.end[p] <= what.week[o] for o, p in combinations(chosen, 2))
    ]


def years(what: Columns, shut: Bools | None = None) -> Iterator[tuple[int, ...]]:
    """Every choice of a calendar for every block."""
    for chosen in product(*(calendars(what, b, shut) for b in range(what.blocks))):
        yield tuple(o for one in chosen for o in one)


def patterns(shard: Shard) -> Iterator[Floats]:
    """Every 0-1 choice of the columns beside the events."""
    yield from (np.array(one, dtype=float) for one in product((0.0, 1.0), repeat=len(shard.switched)))


def plans(shard: Shard, luck: np.random.Generator) -> Iterator[tuple[tuple[int, ...], Floats]]:
    """Plans at random, without a look at the rows."""
    while True:
        x = (luck.random(len(shard.switched)) < 0.5).astype(float)
        every = [calendars(shard.columns, b, shut_by(shard, x)) for b in range(shard.columns.blocks)]
        yield tuple(o for one in every for o in one[luck.integers(len(one))]), x


def shut_by(shard: Shard, x: Floats) -> Bools:
    """[E] events that need a switch which is off."""
    return np.array([any(z >= 0 and x[z] == 0 for z in needs) for needs in shard.columns.opener], dtype=bool)


def held(shard: Shard, chosen: tuple[int, ...], x: Floats) -> Floats:
    """[L] what a plan uses of the rows."""
    what, used = shard.columns, shard.switched.matrix @ x
    for o in chosen:
        for k in range(what.start[o], what.start[o + 1]):
            used[what.row[k]] += what.value[k]
    return np.asarray(used)


@dataclass(frozen=True)
class Best:
    """The best plan of a shard, what it is worth (regrets taken off), and how many there were that keep every row."""

    worth: float = -np.inf
    events: tuple[int, ...] = ()
    plans: int = 0


def best_plan(shard: Shard) -> Best:
    """By trying every plan."""
    rows, found, count = shard.rows, Best(), 0
    hard = np.isnan(rows.regret)
    for x in patterns(shard):
        for chosen in years(shard.columns, shut_by(shard, x)):
            used = held(shard, chosen, x)
            missed = np.maximum(np.maximum(rows.low - used, used - rows.high), 0.0)
            if np.any(missed[hard] > 1e-9):
                continue
            count += 1
            worth = float(shard.columns.cost[list(chosen)].sum() + shard.switched.cost @ x)
            worth -= float(missed[~hard] @ rows.regret[~hard])
            if worth > found.worth:
                found = Best(worth, chosen)
    return Best(found.worth, found.events, count)
