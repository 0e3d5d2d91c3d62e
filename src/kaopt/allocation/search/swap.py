"""Another plan from a plan at hand: events exchanged for others of the same account and SKU, the cheapest first."""

from __future__ import annotations

import numpy as np

from kaopt.allocation.search.start import ROUND, Hand, slack
from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Floats, Ints


def swapped(program: Program, x: Floats, block: Ints, wish: Floats) -> Floats:
    """A solution in which as many events as may be are exchanged for wished ones of their block, within all rows.

    `x` keeps every row; `block` [O] says where an event stands, `wish` [O] is above 0 for what is wished for and below
    0 for what is not. What soft rows miss stays as it is.
    """
    hand = at(program, x)
    for loss, out, into in exchanges(program, hand, block, wish):
        if not hand.chosen[out] or hand.chosen[into] or not np.isfinite(loss):
            continue
        hand.put(out, -1.0)
        if hand.fits(into):
            hand.put(into, 1.0)
            if kept(hand, out) and kept(hand, into):
                continue
            hand.put(into, -1.0)
        hand.put(out, 1.0)
    return np.where(program.integer & ((x > 0.5) != hand.chosen), hand.chosen.astype(float), x)


def at(program: Program, x: Floats) -> Hand:
    """The columns as `x` has them, every row with its limits: what soft rows miss is held fast."""
    hand = Hand(program)
    hand.chosen = program.integer & (x > 0.5)
    hand.used = (program.matrix @ x).tolist()
    hand.low = (program.row_low - ROUND * slack(program.row_low)).tolist()
    hand.high = (program.row_high + ROUND * slack(program.row_high)).tolist()
    return hand


def exchanges(program: Program, hand: Hand, block: Ints, wish: Floats) -> list[tuple[float, int, int]]:
    """Loss of objective, event to give back, event to take: within a block, ordered by loss for what is gained."""
    count = len(block)
    free = (program.low[:count] <= 0) & (program.high[:count] >= 1)
    members: dict[int, list[int]] = {}
    for j in np.flatnonzero(free & (wish > 0) & ~hand.chosen[:count]).tolist():
        members.setdefault(int(block[j]), []).append(j)
    moves = []
    for out in np.flatnonzero(free & hand.chosen[:count] & (wish <= 0)).tolist():
        for into in members.get(int(block[out]), ()):
            loss = float(program.cost[out] - program.cost[into])
            moves.append((loss / float(wish[into] - wish[out]), out, into))
    return sorted(moves)


def kept(hand: Hand, column: int) -> bool:
    """True where the rows of a column are within their limits."""
    rows = hand.row[hand.start[column] : hand.start[column + 1]]
    return all(hand.low[i] <= hand.used[i] <= hand.high[i] for i in rows)
