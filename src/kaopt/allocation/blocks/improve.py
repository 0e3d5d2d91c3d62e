"""From the blocks' own best years to a plan that keeps every row: a walk that re-plans one block at a time.

What is used of a row is paid at its price, fading as the walk goes on; what is outside a row's limits is fined, ever
more. A new year of a block is kept where it gains, or loses less than a shrinking loss. Deterministic for a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

import numpy as np

from kaopt.allocation.blocks.kernels import used, walk
from kaopt.allocation.blocks.prices import Prices, answer, natural, settled
from kaopt.allocation.blocks.structure import Blocks
from kaopt.scenario.columns import Bools, Floats, Ints

ROUND = 5e-10  # of a limit: what the exact check accepts, halved
FINE, LEAST_FINE = 1.5, 0.01  # first fines, in prices and in natural prices of a row
STIFFER = 1.3  # growth of the fine of a row that is outside its limits
SETTLING = 12  # passes at full prices and without loss: a plan soon
PASSES = 100  # over all blocks, after those
LOSS = 0.005  # of the mean worth of a block's year: what the first of them may lose


@dataclass(eq=False)
class Walk:
    """Where the walk stands: events and loose columns [N], what the rows hold, and what they are fined."""

    blocks: Blocks
    x: Floats
    fine: Floats  # [L]
    soft: Bools  # [L] rows that may be missed at a price: their fine is that price


def plans(
    blocks: Blocks, prices: Prices, *, seed: int, until: tuple[float, float], passes: int = PASSES
) -> Iterator[Floats]:
    """Plans [N] that keep all linking rows as far as events can, each better than the one before.

    `until`: on the monotonic clock, when to stop with a plan in hand, and when without one.
    """
    here = begin(blocks, prices)
    luck, best = np.random.default_rng(seed), -np.inf
    worth, _ = settled(blocks, blocks.program.cost[: blocks.events])
    mean = max(float(blocks.program.cost[: blocks.events] @ here.x[: blocks.events]), 1.0) / len(blocks)
    for n in range(-SETTLING, passes):
        fading = 1.0 - max(n, 0) / passes
        loss = LOSS * mean * fading if n >= 0 else 0.0
        held = one_pass(here, worth, prices.linking * fading, luck.permutation(len(blocks)), loss)
        value = judged(here, held)
        if value > best:
            best = value
            yield here.x.copy()
        if monotonic() > until[best == -np.inf]:
            return


def judged(here: Walk, held: Floats) -> float:
    """What the plan is worth, regrets taken off; -inf where a hard row is not kept, whose fine then grows."""
    low, high = tight(here.blocks)
    outside = np.maximum(np.maximum(held - high, low - held), 0.0)
    wrong = (outside > 0) & ~here.soft
    here.fine[wrong] *= STIFFER
    missed = float((here.fine * outside)[here.soft].sum())
    return -np.inf if wrong.any() else float(here.blocks.program.cost @ here.x) - missed


def begin(blocks: Blocks, prices: Prices) -> Walk:
    """What all blocks take at the best prices; fines from the rows' prices."""
    program, body = blocks.program, blocks.matrix
    alone = np.flatnonzero((np.diff(body.indptr) == 1) & ~program.integer & (program.low == 0) & (program.cost < 0))
    row, regret = body.indices[body.indptr[alone]], -program.cost[alone] / np.abs(body.data[body.indptr[alone]])
    fine = FINE * np.abs(prices.linking) + LEAST_FINE * natural(blocks)
    later = settled_later(blocks, alone)
    soft, fine[later] = later.copy(), 0.0
    soft[row], fine[row] = True, regret
    x = answer(blocks, prices.linking).x
    x[alone] = 0.0
    return Walk(blocks, x, fine, soft)


def settled_later(blocks: Blocks, alone: Ints) -> Bools:
    """[L] rows that columns beside the events can still mend when these are known: tiers, fees that nothing opens."""
    program, events = blocks.program, blocks.events
    beside = blocks.matrix[:, events:].tocoo()
    row, column = beside.coords[0], beside.coords[1] + events
    mends = ~program.integer[column] & ~np.isin(column, alone)
    mends |= program.integer[column] & np.where(beside.data > 0, blocks.high[row] < np.inf, blocks.low[row] > -np.inf)
    later = np.zeros(len(blocks.low), dtype=bool)
    later[row[mends]] = True
    touched = np.zeros(len(later), dtype=bool)
    touched[blocks.matrix[:, :events].indices] = True
    return later | ~touched


def one_pass(here: Walk, worth: Floats, price: Floats, order: np.ndarray, loss: float) -> Floats:
    """Re-plan every block once; returns what the linking rows then hold."""
    blocks = here.blocks
    held = used(here.x, blocks.columns, len(price))
    rows = (held, *tight(blocks), price, here.fine)
    walk(order, worth, (blocks.calendar, blocks.columns), (here.x[: blocks.events], rows), loss)
    return np.asarray(used(here.x, blocks.columns, len(price)))


def tight(blocks: Blocks) -> tuple[Floats, Floats]:
    """Limits of the linking rows with the rounding that the exact check accepts."""
    low, high = (np.where(np.isfinite(one), np.maximum(np.abs(one), 1.0), 0.0) for one in (blocks.low, blocks.high))
    return blocks.low - ROUND * low, blocks.high + ROUND * high
