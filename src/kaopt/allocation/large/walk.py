"""From almost a plan to a plan: blocks are planned anew one at a time until every row is kept, then for gain.

It begins with what the ascent mostly took (`often`), most decided blocks first: a plan near the average of the ascent
is near the relaxation. What a row is used beyond its limits is fined, and its price rises until the row is kept; the
price of a row that is kept falls back to the ascent's. Deterministic for a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.ascent import Prices, natural
from kaopt.allocation.large.moves import leaving_costs, one_pass
from kaopt.allocation.large.shard import Columns, Shard
from kaopt.allocation.large.years import desk_of, totals
from kaopt.allocation.rules.judge import slack
from kaopt.scenario.columns import Bools, Floats, Ints

TRUST = 4.0  # in mean worths of an event: how much what the ascent mostly took counts at first
FIRST_FINE, LEAST_FINE = 2.0, 0.1  # of the price and of the natural price of a row
STIFFER, SOFTER, STIFFEST = 1.2, 0.9, 50.0  # growth and fall of fines, and the most, in first fines
DEARER, LEAST_DEARER, CHEAPER = 0.05, 0.0025, 0.9  # rise of a price (of itself, of the natural one), and its way back
HALF = 0.5  # of the limits' tolerance is used, the rest is left to rounding
FADING = 0.6  # share of the passes in which trust and the prices of places fade out
FILLING = 0.3  # share of the passes, the last ones, in which what is left of a limit is worth nothing
CRUMB = 1e-9  # of a unit: what rounding leaves in a sum, and what no solver takes
BEFORE = 2  # passes before somebody is pushed out of a place


@dataclass(frozen=True, eq=False)
class Room:
    """A shard as moves take it: linking rows told apart into packs (count alike, at most) and sums."""

    columns: Columns
    packs: Ints  # numbers of rows
    sums: Ints
    pack_columns: tuple[Any, Any]
    sum_columns: tuple[Any, Any, Any]
    room: Ints  # places of each pack
    low: Floats  # of each sum, switches taken off
    high: Floats
    lost: bool = False  # a row in which no event stands is not kept by the switches: no plan can be made beside them


@dataclass(frozen=True, eq=False)
class Step:
    """A plan on the way: events chosen [E], what they are worth, by how much rows are broken at most (share)."""

    chosen: Bools
    worth: float
    broken: float


def room_of(shard: Shard, low: Floats, high: Floats) -> Room:
    """Tell rows apart; `low`, `high` [L] what is left for events."""
    columns = shard.columns
    body = sp.csc_matrix((columns.value, columns.row, columns.start), shape=(len(shard.rows), len(columns)))
    least, most = np.full(len(low), np.inf), np.full(len(low), -np.inf)
    np.minimum.at(least, columns.row, columns.value)
    np.maximum.at(most, columns.row, columns.value)
    alike = (least == most) & (least > 0) & np.isfinite(high) & np.isinf(low) & np.isnan(shard.rows.regret)
    packs, sums = np.flatnonzero(alike), np.flatnonzero(~alike & (most > -np.inf))
    by_row = sp.csr_matrix(body)
    counting, adding = sp.csc_matrix(by_row[packs]), sp.csc_matrix(by_row[sums])
    adding.data[np.abs(adding.data) <= CRUMB] = 0.0
    adding.eliminate_zeros()
    return Room(
        columns=columns,
        packs=packs,
        sums=sums,
        pack_columns=(counting.indptr.astype(np.int64), counting.indices.astype(np.int64)),
        sum_columns=(adding.indptr.astype(np.int64), adding.indices.astype(np.int64), adding.data),
        room=np.clip(np.floor(high[packs] / least[packs] + 1e-6), 0, np.diff(counting.tocsr().indptr)).astype(np.int64),
        low=low[sums],
        high=high[sums],
        lost=bool(np.any((most == -np.inf) & missed(shard, low, high))),
    )


def missed(shard: Shard, low: Floats, high: Floats) -> Bools:
    """[L] hard rows that do not hold without events; none where a tier stands, as a tier follows the events."""
    rows, body = shard.rows, sp.csr_matrix(shard.switched.matrix)
    follows = np.asarray(abs(body[rows.private]).sum(axis=0)).ravel() > 0
    told = np.asarray(abs(body[:, follows]).sum(axis=1)).ravel() > 0
    ends = ((low, rows.low, 1.0), (high, rows.high, -1.0))
    short = [sign * left > slack(0.0) + (slack(1.0) - slack(0.0)) * np.abs(end) for left, end, sign in ends]
    return np.asarray(np.isnan(rows.regret) & ~told & (short[0] | short[1]))


def walked(
    shard: Shard, room: Room, prices: Prices, *, passes: int, seed: int = 0, start: Bools | None = None
) -> Iterator[Step]:
    """A plan after every pass over all blocks. `start`: a plan to go on from, within the places of all packs."""
    columns, often = room.columns, prices.often
    luck = np.random.default_rng(seed)
    first_price = prices.prices[room.sums]
    unit = natural(shard)[room.sums]
    base_fine = FIRST_FINE * np.abs(first_price) + LEAST_FINE * unit
    price, fine, state = first_price.copy(), base_fine.copy(), state_of(room)
    place_price = prices.prices[room.packs]
    mean = mean_worth(columns, often)
    hand = hand_of(room, first_price)
    if start is not None:
        settle(room, state, start)
        yield stepped(room, state)
    for n in range(passes):
        left = max(1 - n / (FADING * passes), 0.0) if start is None else 0.0
        worth = columns.cost + TRUST * mean * left * often
        state[1][:] = held(room, state[0])
        nouns = nouns_of(room, worth, (price, fine), left * place_price)
        order = decided(room, often) if n == 0 and start is None else luck.permutation(columns.blocks)
        one_pass(order, nouns, state, hand, (n >= BEFORE or start is not None, 0.0))
        yield stepped(room, state)
        paid = first_price * min(max((passes - n) / (FILLING * passes) - 1.0, 0.0), 1.0)
        price, fine = adapted(room, held(room, state[0]), (price, fine), (paid, base_fine, unit))


def stepped(room: Room, state: tuple[Any, ...]) -> Step:
    """Where the walk stands."""
    out = outside(room, held(room, state[0]))
    worth, crowded = float(room.columns.cost @ state[0]), room.lost or bool(np.any(state[2] > room.room))
    return Step(state[0].copy(), worth, np.inf if crowded else float((out / tolerance(room)).max(initial=0.0)))


def adapted(room: Room, used: Floats, now: tuple[Floats, Floats], first: tuple[Floats, Floats, Floats]) -> Any:
    """Prices and fines of the sums after a pass: dearer and stiffer where a limit is not kept."""
    (price, fine), (first_price, base_fine, unit) = now, first
    wrong = outside(room, used) > 0
    way = np.where(used > room.high, 1.0, -1.0)
    dearer = price + way * (DEARER * np.abs(price) + LEAST_DEARER * unit)
    price = np.where(wrong, dearer, first_price + (price - first_price) * CHEAPER)
    price = np.where(np.isinf(room.low), np.maximum(price, 0.0), price)
    price = np.where(np.isinf(room.high), np.minimum(price, 0.0), price)
    stiff = np.minimum(fine * STIFFER, STIFFEST * base_fine)
    return price, np.where(wrong, stiff, np.maximum(fine * SOFTER, base_fine))


def state_of(room: Room) -> tuple[Any, ...]:
    """No event chosen: chosen, held by sums, load of packs, occupants."""
    spare = int(room.columns.most.max(initial=0)) + 1
    places = int((room.room + spare).sum())
    chosen = np.zeros(len(room.columns), dtype=bool)
    return chosen, np.zeros(len(room.sums)), np.zeros(len(room.packs), np.int64), np.zeros(places, np.int64)


def nouns_of(room: Room, worth: Floats, paid: tuple[Floats, Floats], place_price: Floats) -> tuple[Any, ...]:
    """What the compiled moves read."""
    low, high = limits(room)
    sums = (*room.sum_columns, low, high, *paid)
    spare = int(room.columns.most.max(initial=0)) + 1
    place = np.concatenate([[0], np.cumsum(room.room + spare)[:-1]]).astype(np.int64)
    packs = (*room.pack_columns, room.room, place, place_price)
    return worth, sums, packs, room.columns.calendar, desk_of(room.columns)


def hand_of(room: Room, price: Floats) -> tuple[Any, ...]:
    """Each event's block, what leaving a place costs, the log of a move, and the blocks that it touches."""
    columns = room.columns
    block = np.repeat(np.arange(columns.blocks), np.diff(columns.first))
    start, row, value = room.sum_columns
    body = sp.csc_matrix((value, row, start), shape=(len(room.sums), len(columns)))
    worth = columns.cost - body.T @ price
    leaving = leaving_costs(worth, columns.calendar, (*room.pack_columns,))
    size = 64 * (int(columns.most.max(initial=0)) + 1)
    return block, leaving, np.zeros(size, np.int64), np.zeros(64, np.int64)


def settle(room: Room, state: tuple[Any, ...], start: Bools) -> None:
    """Take a plan as it is, but for events that find a pack full."""
    chosen, _, load, occupant = state
    nouns = nouns_of(room, room.columns.cost, (room.low, room.low), room.low)
    (first, row), place = room.pack_columns, nouns[2][3]
    for o in np.flatnonzero(start):
        if np.any(load[row[first[o] : first[o + 1]]] >= room.room[row[first[o] : first[o + 1]]]):
            continue
        chosen[o] = True
        for p in row[first[o] : first[o + 1]]:
            occupant[place[p] + load[p]] = o
            load[p] += 1


def held(room: Room, chosen: Bools) -> Floats:
    """What the sums hold."""
    return np.asarray(totals(len(room.sums), room.sum_columns, chosen.astype(float)))


def tolerance(room: Room) -> Floats:
    """Of each sum's limit: what the exact check accepts."""
    finite = np.where(np.isfinite(room.high), room.high, np.where(np.isfinite(room.low), room.low, 0.0))
    return slack(0.0) + (slack(1.0) - slack(0.0)) * np.abs(finite)


def limits(room: Room) -> tuple[Floats, Floats]:
    """The sums' limits with half of what the exact check accepts."""
    return room.low - HALF * tolerance(room), room.high + HALF * tolerance(room)


def outside(room: Room, used: Floats) -> Floats:
    """By how much each sum is outside its limits."""
    low, high = limits(room)
    return np.maximum(np.maximum(used - high, low - used), 0.0)


def mean_worth(columns: Columns, often: Floats) -> float:
    """What an event of the average is worth."""
    return float(np.maximum(columns.cost, 0.0) @ often) / max(float(often.sum()), 1.0)


def decided(room: Room, often: Floats) -> Ints:
    """Blocks, those first about which the ascent was most of one mind."""
    columns = room.columns
    block = np.repeat(np.arange(columns.blocks), np.diff(columns.first))
    return np.argsort(np.bincount(block, weights=often * (1 - often), minlength=columns.blocks), kind="stable")
