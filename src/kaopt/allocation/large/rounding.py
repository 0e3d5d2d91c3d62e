"""From the ascent's average to a plan, account by account: what it is of one mind about stands, a solver does the rest.

Between accounts there are only amounts that add up; they are paid at their prices. Within an account, blocks meet in
packs (display slots): which of their near-best years fit together is a small program over the few events that the
ascent has taken at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.walk import Room
from kaopt.allocation.large.walk import limits as limits_of
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.program import Program
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.scenario.columns import Bools, Floats, Ints

TAKEN = 0.02  # share of the sweeps from which an event is looked at
SURE = 0.97  # and from which it stands, where its whole block is as sure
LOYAL = 0.8  # a block stands as it was before where none of its events was off by more in the sweeps


@dataclass(frozen=True, eq=False)
class Draft:
    """What rounding goes by: worths once sums are paid [E], how often events were taken [E], each one's block."""

    room: Room
    worth: Floats
    often: Floats
    before: Bools  # [E] a plan at hand
    block: Ints
    counting: sp.csr_matrix  # [packs, E]
    adding: sp.csr_matrix  # [sums, E]
    price: Floats  # of each sum
    owner: Ints  # [sums] the account of which it speaks alone, -1: of several


def draft_of(room: Room, price: Floats, often: Floats, before: Bools) -> Draft:
    """`price`: of each sum; `before` [E]: a plan at hand, or none."""
    columns = room.columns
    start, row, value = room.sum_columns
    body = sp.csc_matrix((value, row, start), shape=(len(room.sums), len(columns)))
    first, pack = room.pack_columns
    counting = sp.csr_matrix(sp.csc_matrix((np.ones(len(pack)), pack, first), shape=(len(room.packs), len(columns))))
    block = np.repeat(np.arange(columns.blocks), np.diff(columns.first))
    account = np.repeat(columns.account, np.diff(start))
    low, high = np.full(len(room.sums), len(columns)), np.full(len(room.sums), -1)
    np.minimum.at(low, row, account)
    np.maximum.at(high, row, account)
    owner = np.where(low == high, low, -1)
    return Draft(room, columns.cost - body.T @ price, often, before, block, counting, sp.csr_matrix(body), price, owner)


def rounded(draft: Draft, limits: Limits, child: Child) -> Bools:
    """[E] a plan that keeps every year and every pack; sums may be off."""
    columns, chosen = draft.room.columns, np.zeros(len(draft.often), dtype=bool)
    edges = np.flatnonzero(np.diff(columns.account, prepend=-1, append=-1))
    for begin, end in pairwise(edges.tolist()):
        mine = slice(begin, end)
        chosen[mine] = rounded_account(draft, mine, limits, child)
    return chosen


def rounded_account(draft: Draft, mine: slice, limits: Limits, child: Child) -> Any:
    """One account's part."""
    often, block = draft.often[mine], draft.block[mine] - draft.block[mine.start]
    counting = draft.counting[:, mine]
    chosen, unsure = settled(draft, mine)
    open_ = np.flatnonzero(unsure[block] & (often > TAKEN))
    if not len(open_):
        return chosen
    left = draft.room.room - counting @ chosen.astype(float)
    packs = counting[:, open_]
    tight = np.flatnonzero(np.diff(packs.tocsr().indptr) > 0)
    places = mine.start + open_
    covers, most = years(draft, places)
    own = np.flatnonzero(draft.owner == draft.room.columns.account[mine.start])
    adding = draft.adding[own][:, mine]
    given, sums = adding @ chosen.astype(float), adding[:, open_]
    body = sp.vstack([covers, packs.tocsr()[tight], sums], format="csr")
    none = np.full(len(most) + len(tight), -np.inf)
    low, high = limits_of(draft.room)
    program = Program(
        cost=draft.worth[places] + sums.T @ draft.price[own],
        offset=0.0,
        matrix=sp.csr_matrix(body),
        row_low=np.concatenate([none, low[own] - given]),
        row_high=np.concatenate([most, left[tight], high[own] - given]),
        low=np.zeros(len(open_)),
        high=np.ones(len(open_)),
        integer=np.ones(len(open_), dtype=bool),
    )
    found = solve(program, limits, child=child).x
    if found is None:
        found = solve(without(program, len(own), draft.worth[places]), limits, child=child).x
    if found is not None:
        chosen[open_] = found > 0.5
    return chosen


def settled(draft: Draft, mine: slice) -> tuple[Bools, Bools]:
    """[e] what stands of an account, and [b] the blocks that are left open: unsure, or too many in one pack."""
    often, before = draft.often[mine], draft.before[mine]
    block, counting = draft.block[mine] - draft.block[mine.start], draft.counting[:, mine]
    loyal = (np.bincount(block, weights=np.abs(often - before) > LOYAL) == 0) & (np.bincount(block, weights=before) > 0)
    unsure = (np.bincount(block, weights=(often > 1 - SURE) & (often < SURE)) > 0) & ~loyal
    chosen = np.where(loyal[block], before, often >= SURE) & ~unsure[block]
    crowded = counting @ chosen.astype(float) > draft.room.room
    unsure |= np.bincount(block, weights=chosen * (counting.T @ crowded.astype(float))) > 0
    return chosen & ~unsure[block], unsure


def without(program: Program, sums: int, worth: Floats) -> Program:
    """The program without its last rows, which are paid at their prices instead."""
    count = len(program.row_high) - sums
    low, high = program.row_low[:count], program.row_high[:count]
    return replace(program, cost=worth, matrix=program.matrix[:count], row_low=low, row_high=high)


def years(draft: Draft, places: Ints) -> tuple[sp.csr_matrix, Floats]:
    """Rows of the blocks of some events: one at a time with its gap, and at most so many; with their limits."""
    columns, block = draft.room.columns, draft.block[places]
    week, end = columns.week[places], columns.end[places]
    rows: list[Any] = []
    limits: list[float] = []
    edges = np.flatnonzero(np.diff(block, prepend=-1, append=-1))
    for begin, stop in pairwise(edges.tolist()):
        starts = np.unique(week[begin:stop])
        covered = (week[begin:stop] <= starts[:, None]) & (end[begin:stop] > starts[:, None])
        later = np.append(covered[1:] & True, np.zeros((1, stop - begin), bool), axis=0)
        inside = np.all(~covered | later, axis=1)  # a row that the next one implies
        kept = np.flatnonzero(~inside & (covered.sum(axis=1) > 1))
        at, column = np.nonzero(covered[kept])
        rows.append((len(limits) + at, begin + column))
        limits += [1.0] * len(kept)
        most = int(columns.most[block[begin]])
        if len(starts) > most:
            rows.append((np.full(stop - begin, len(limits)), np.arange(begin, stop)))
            limits.append(float(most))
    at = np.concatenate([np.zeros(0, np.int64), *(one for one, _ in rows)])
    column = np.concatenate([np.zeros(0, np.int64), *(one for _, one in rows)])
    body = sp.csr_matrix((np.ones(len(at)), (at, column)), shape=(len(limits), len(places)))
    return body, np.array(limits)
