"""A program seen as many calendars that meet in a few rows: each account-SKU's year is a block of its own.

Nothing here is trusted: it is read off the matrix, and what it leads to (a bound, a plan) is checked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.solver.program import Program
from kaopt.scenario.columns import Bools, Floats, Ints

FEWEST = 2  # blocks that make it worth while


@dataclass(frozen=True, eq=False)
class Places:
    """Where a column stands: its account-SKU and first week; -1 for columns that are no event."""

    block: Ints  # [N], sorted where it is not -1
    week: Ints  # [N], sorted within a block
    sku: Ints | None = None  # [N], where that is known


@dataclass(frozen=True, eq=False)
class Blocks:
    """Events first (sorted by block and week), then loose columns; cover rows belong to one block, the others link."""

    program: Program
    first: Ints  # [B + 1] a block's columns are first[b]:first[b + 1]
    week: Ints  # [E] of each event
    end: Ints  # [E] first week in which the block may start another event
    most: Ints  # [B] events in the whole horizon
    weeks: int
    cover: Ints  # rows of the program: at most one of the events that run in a week of a block
    cover_block: Ints
    cover_week: Ints
    linking: Ints  # all other rows
    matrix: sp.csc_matrix  # [L, N] linking rows
    low: Floats  # [L]
    high: Floats  # [L]

    @property
    def columns(self) -> tuple[Any, Any, Any]:
        """The linking rows as the kernels take them."""
        return self.matrix.indptr, self.matrix.indices, self.matrix.data

    @property
    def calendar(self) -> tuple[Ints, Ints, Ints, Ints, int]:
        """The years as the kernels take them."""
        return self.first, self.week, self.end, self.most, self.weeks

    @property
    def events(self) -> int:
        """Number of columns that are events."""
        return len(self.week)

    def __len__(self) -> int:
        """Number of blocks."""
        return len(self.first) - 1


def blocks_of(program: Program, places: Places | None) -> Blocks | None:
    """The blocks of a program; None where there are none to speak of."""
    if places is None:
        return None
    block, week = places.block, places.week
    events = int(np.sum(block >= 0))
    key = block[:events] * (int(week.max(initial=0)) + 1) + week[:events]
    if not events or np.any(block[:events] < 0) or np.any(np.diff(key) < 0):
        return None
    names, number = np.unique(block[:events], return_inverse=True)
    if len(names) < FEWEST:
        return None
    numbers = np.concatenate([number, np.full(len(block) - events, -1)])
    covering = covers(program, numbers)
    cover, linking = np.flatnonzero(covering), np.flatnonzero(~covering)
    body = program.matrix[cover]
    cover_week = np.maximum.reduceat(week[body.indices], body.indptr[:-1]) if len(cover) else np.zeros(0, np.int64)
    end = week[:events] + 1
    np.maximum.at(end, body.indices, np.repeat(cover_week + 1, np.diff(body.indptr)))
    weeks = int(max(end.max(), week.max() + 1))
    return Blocks(
        program=program,
        first=np.searchsorted(number, np.arange(len(names) + 1)).astype(np.int64),
        week=week[:events].astype(np.int64),
        end=end.astype(np.int64),
        most=most_of(program, numbers, weeks // int((end - week[:events]).min()) + 1),
        weeks=weeks,
        cover=cover,
        cover_block=numbers[body.indices[body.indptr[:-1]]],
        cover_week=cover_week.astype(np.int64),
        linking=linking,
        matrix=sp.csc_matrix(program.matrix[linking]),
        low=program.row_low[linking],
        high=program.row_high[linking],
    )


def most_of(program: Program, block: Ints, room: int) -> Ints:
    """[B] how many events a block's year may hold: by a row that counts all of them alike, else `room`."""
    body, size = program.matrix, np.bincount(block[block >= 0])
    filled = np.flatnonzero(np.diff(body.indptr))
    most = np.full(len(size), room, dtype=np.int64)
    if len(filled):
        starts, inside = body.indptr[filled], block[body.indices]
        here = inside[starts]
        alike = np.minimum.reduceat(body.data, starts) == np.maximum.reduceat(body.data, starts)
        alone = (np.minimum.reduceat(inside, starts) == here) & (np.maximum.reduceat(inside, starts) == here)
        counts = alike & alone & (here >= 0) & (body.data[starts] > 0) & np.isfinite(program.row_high[filled])
        counts &= np.diff(body.indptr)[filled] == size[np.maximum(here, 0)]
        limit = np.floor(program.row_high[filled] / np.maximum(body.data[starts], 1e-9) + 1e-9)
        np.minimum.at(most, here[counts], np.maximum(limit[counts], 0).astype(np.int64))
    return most


def covers(program: Program, block: Ints) -> Bools:
    """[M] rows that say: at most one of these events of one block."""
    body = program.matrix
    found = np.zeros(body.shape[0], dtype=bool)
    filled = np.flatnonzero(np.diff(body.indptr))
    if not len(filled):
        return found
    starts, inside = body.indptr[filled], block[body.indices]
    least, most = np.minimum.reduceat(body.data, starts), np.maximum.reduceat(body.data, starts)
    one_block = (np.minimum.reduceat(inside, starts) == np.maximum.reduceat(inside, starts)) & (inside[starts] >= 0)
    limit = program.row_high[filled]
    at_most_one = (least == most) & (least > 0) & (limit == least) & (program.row_low[filled] <= 0)
    found[filled] = one_block & at_most_one
    return found
