"""Shards put together: rows found again by name, events one after another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.large.shard import Columns, Linking, Name, Shard, Switched
from kaopt.errors import ContradictionError, InfeasibleError
from kaopt.scenario.columns import Floats, Ints

CLOSE = 1e-9


def joined(shards: list[Shard]) -> Shard:
    """One shard of all their accounts, in their order."""
    number: dict[Name, int] = {}
    maps = [numbered(number, one.rows) for one in shards]
    rows = table(number, zip(maps, (one.rows for one in shards), strict=True))
    return Shard(
        side_by_side([one.columns for one in shards], maps, [len(one.switched) for one in shards]),
        beside([one.switched for one in shards], maps, len(number)),
        rows,
        tuple(dict.fromkeys(name for one in shards for name in one.never)),
    )


def numbered(number: dict[Name, int], rows: Linking) -> Ints:
    """[l] the common number of each of a shard's rows."""
    return np.array([number.setdefault(name, len(number)) for name in rows.names], dtype=np.int32)


def table(number: dict[Name, int], parts: Iterable[tuple[Ints, Linking]]) -> Linking:
    """The common rows; shards that say different things of one row are an error, never a choice."""
    low, high, regret = (np.full(len(number), np.nan) for _ in range(3))
    seen, private = np.zeros((2, len(number)), dtype=bool)
    beside = np.ones(len(number), dtype=bool)
    for places, rows in parts:
        for mine, theirs in ((low, rows.low), (high, rows.high)):
            before = seen[places]
            if not np.allclose(mine[places[before]], theirs[before], rtol=CLOSE, atol=CLOSE):
                raise ContradictionError("two shards state different limits of one row")
            mine[places] = theirs
        regret[places] = rows.regret
        private[places] = rows.private
        beside[places] &= rows.beside
        seen[places] = True
    return Linking(tuple(number), low, high, regret, private, beside)


def side_by_side(parts: list[Columns], maps: list[Ints], switches: list[int]) -> Columns:
    """The events of all parts, with common row numbers and switches counted through."""
    before = np.cumsum([0, *switches])
    wide = max(one.opener.shape[1] for one in parts)
    moved = [
        replace(one, row=places[one.row], opener=openers(one, int(shift), wide))
        for one, places, shift in zip(parts, maps, before, strict=False)
    ]
    found: dict[str, Any] = {}
    for field in fields(Columns):
        values = [getattr(one, field.name) for one in moved]
        found[field.name] = values[0] if field.name == "horizon" else np.concatenate(values)
    found["start"], found["first"] = chained([one.start for one in moved]), chained([one.first for one in moved])
    return Columns(**found)


def openers(columns: Columns, shift: int, wide: int) -> Any:
    """[E, wide] which switches events need, counted from another first one."""
    found = np.full((len(columns), wide), -1, dtype=np.int32)
    found[:, : columns.opener.shape[1]] = np.where(columns.opener >= 0, columns.opener + shift, -1)
    return found


def chained(edges: list[Ints]) -> Ints:
    """Edges of parts as edges of all."""
    shift = np.cumsum([0, *(one[-1] for one in edges)])
    return np.concatenate([[0], *(one[1:] + s for one, s in zip(edges, shift, strict=False))]).astype(np.int64)


def beside(parts: list[Switched], maps: list[Ints], rows: int) -> Switched:
    """The switches of all parts."""
    bodies = []
    for one, places in zip(parts, maps, strict=True):
        entries = sp.coo_matrix(one.matrix)
        at, column = entries.coords
        bodies.append(sp.csc_matrix((entries.data, (places[at], column)), shape=(rows, len(one))))
    names = ("cost", "low", "high", "whole", "nothing", "opens", "account")
    values: dict[str, Any] = {name: np.concatenate([getattr(one, name) for one in parts]) for name in names}
    return Switched(**values, matrix=sp.csc_matrix(sp.hstack(bodies)))


def reach(rows: Linking) -> tuple[Floats, Floats]:
    """[L] between what a price may lie: its sign by the row's limits, its size by what missing the row costs."""
    most = np.where(np.isnan(rows.regret), np.inf, rows.regret)
    return np.where(np.isinf(rows.low), 0.0, -most), np.where(np.isinf(rows.high), 0.0, most)


def at_nothing(shard: Shard) -> float:
    """What a world without events is worth: its switches, less the regret of what soft rows miss there."""
    still = shard.switched.nothing
    return float(shard.switched.cost @ still) - regret(shard.rows, shard.switched.matrix @ still)


def regret(rows: Linking, held: Floats) -> float:
    """What soft rows cost where so much is held [L]."""
    soft = np.flatnonzero(~np.isnan(rows.regret))
    missed = np.maximum(np.maximum(rows.low[soft] - held[soft], held[soft] - rows.high[soft]), 0.0)
    return float(missed @ rows.regret[soft])


def refuse_what_cannot_hold(shard: Shard) -> None:
    """A hard row that no event and no switch of any account touches, and that does not hold so, is an error."""
    touched = set(shard.rows.names)
    if never := [name for name in shard.never if name not in touched]:
        raise InfeasibleError(f"nothing on offer can ever keep: {', '.join(' '.join(name) for name in never[:5])}")
