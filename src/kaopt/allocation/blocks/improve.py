"""From the blocks' own best years to a plan that keeps every row: a walk that re-plans one block at a time.

What is used of a row is paid at its price, fading as the walk goes on; what is outside a row's limits is fined. Rows
that count alike (a display slot) are fined so much that no step breaks them; amounts that add up (a budget, a target)
are hit by raising the price of whatever is not kept. A new year of a block is kept where it gains, or loses less than
a shrinking loss. Deterministic for a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.blocks.kernels import used, walk
from kaopt.allocation.blocks.prices import Prices, answer, natural, settled
from kaopt.allocation.blocks.structure import Blocks
from kaopt.scenario.columns import Bools, Floats, Ints

ROUND = 5e-10  # of a limit: what the exact check accepts, halved
FINE, LEAST_FINE = 1.5, 0.01  # first fines, in prices and in natural prices of a row
STIFFER = 1.3  # growth of the fine of a row that is outside its limits
DEARER, LEAST_DEARER = 0.05, 0.02  # growth of its price, in prices and in natural prices
SETTLING = 150  # passes at full prices and without loss at most: a plan soon
AFRESH = 25  # passes after which fines begin anew where there is no plan yet; prices stay
PASSES = 100  # over all blocks, after those
OPEN = 0.2  # a switch that the ascent had on this often is on
LOSS = 0.005  # of the mean worth of a block's year: what the first of them may lose


@dataclass(eq=False)
class Walk:
    """Where the walk stands: events and loose columns [N], and each linking row's [L] price and fine."""

    blocks: Blocks
    x: Floats
    price: Floats
    unit: Floats  # natural prices
    fine: Floats
    soft: Bools  # may be missed at a price, which is its fine, or is settled after the events
    packing: Bools  # counts alike and at most


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
    n, fine = -SETTLING, here.fine.copy()
    while n < passes and monotonic() <= until[best == -np.inf]:
        fading = 1.0 - max(n, 0) / passes
        loss = LOSS * mean * fading if n >= 0 else 0.0
        value = judged(here, one_pass(here, worth, fading, luck.permutation(len(blocks)), loss))
        n = 0 if n < 0 and value > -np.inf else n + 1
        if n < 0 and n % AFRESH == 0:
            here.fine = fine.copy()
        if value > best:
            best = value
            yield here.x.copy()


def judged(here: Walk, held: Floats) -> float:
    """What the plan is worth, regrets taken off; -inf where a hard row is not kept, which then gets dearer."""
    low, high = tight(here.blocks)
    outside = np.maximum(np.maximum(held - high, low - held), 0.0)
    wrong = (outside > 0) & ~here.soft
    here.fine[wrong] *= STIFFER
    way = np.where(wrong & ~here.packing, np.where(held > high, 1.0, -1.0), 0.0)
    here.price += way * (DEARER * np.abs(here.price) + LEAST_DEARER * here.unit)
    missed = float((here.fine * outside)[here.soft].sum())
    return -np.inf if wrong.any() else float(here.blocks.program.cost @ here.x) - missed


def begin(blocks: Blocks, prices: Prices) -> Walk:
    """What all blocks take at the best prices, switches as they mostly were; fines from the rows' prices."""
    program, body, unit = blocks.program, blocks.matrix, natural(blocks)
    alone = np.flatnonzero((np.diff(body.indptr) == 1) & ~program.integer & (program.low == 0) & (program.cost < 0))
    row, regret = body.indices[body.indptr[alone]], -program.cost[alone] / np.abs(body.data[body.indptr[alone]])
    fine, alike = FINE * np.abs(prices.linking) + LEAST_FINE * unit, packing(blocks)
    fine[alike] = float(np.abs(program.cost[: blocks.events]).max())
    later = settled_later(blocks, alone)
    soft, fine[later] = later.copy(), 0.0
    soft[row], fine[row] = True, regret
    x, loose = answer(blocks, prices.linking).x, np.arange(len(program.cost)) >= blocks.events
    x = np.where(loose & ~program.integer, prices.often, x)
    x[alone] = 0.0
    switch = np.flatnonzero(program.integer & loose)
    x[switch] = switched(blocks, prices)[switch]
    return Walk(blocks, x, prices.linking.copy(), unit, fine, soft, alike)


def switched(blocks: Blocks, prices: Prices) -> Floats:
    """[N] each switch on where the ascent had it on often enough; other columns at their lower end."""
    program = blocks.program
    switch = program.integer & (np.arange(len(program.cost)) >= blocks.events)
    return np.where(switch & (prices.often >= OPEN), program.high, program.low)


def packing(blocks: Blocks) -> Bools:
    """[L] rows of events alone that count each alike, and at most so many."""
    body = sp.csr_matrix(blocks.matrix)
    found, filled = np.zeros(body.shape[0], dtype=bool), np.flatnonzero(np.diff(body.indptr))
    starts = body.indptr[filled]
    least, most = np.minimum.reduceat(body.data, starts), np.maximum.reduceat(body.data, starts)
    last = np.maximum.reduceat(body.indices, starts)
    alike = (least == most) & (least > 0) & (last < blocks.events)
    found[filled] = alike & np.isfinite(blocks.high[filled]) & np.isinf(blocks.low[filled])
    return found


def settled_later(blocks: Blocks, alone: Ints) -> Bools:
    """[L] rows that columns beside the events can mend whatever the events are: tiers, fees that nothing opens."""
    program, events, body = blocks.program, blocks.events, blocks.matrix
    least, most = reach(body[:, :events], program.low[:events], program.high[:events])
    low, high = reach(body[:, events:], program.low[events:], program.high[events:])
    entries = body.tocoo()
    row, column = entries.coords
    free = ~program.integer & ~np.isin(np.arange(len(program.cost)), alone)
    beside, filled, touched = (np.zeros(len(blocks.low), dtype=bool) for _ in range(3))
    beside[row[column >= events]] = True
    filled[row[free[column]]] = True
    touched[row[column < events]] = True
    holds = (most + low <= blocks.high) & (least + high >= blocks.low)
    found: Bools = (beside & holds) | (filled & (blocks.low == blocks.high)) | ~touched
    return found


def reach(body: sp.csc_matrix, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """[L] least and most that columns within their limits bring to each row."""
    up, down = body.maximum(0), body.minimum(0)
    return np.asarray(up @ low + down @ high), np.asarray(up @ high + down @ low)


def one_pass(here: Walk, worth: Floats, fading: float, order: Ints, loss: float) -> Floats:
    """Re-plan every block once; returns what the linking rows then hold."""
    blocks = here.blocks
    held = used(here.x, blocks.columns, len(here.price))
    rows = (held, *tight(blocks), here.price * fading, here.fine)
    walk(order, worth, (blocks.calendar, blocks.columns), (here.x[: blocks.events], rows), loss)
    return np.asarray(used(here.x, blocks.columns, len(here.price)))


def tight(blocks: Blocks) -> tuple[Floats, Floats]:
    """Limits of the linking rows with the rounding that the exact check accepts."""
    low, high = (np.where(np.isfinite(one), np.maximum(np.abs(one), 1.0), 0.0) for one in (blocks.low, blocks.high))
    return blocks.low - ROUND * low, blocks.high + ROUND * high
