"""Promises that need more room than there is: musts beyond a week's display slots, displays beyond those of a year.

A proof by adding up: promises that no offer serves twice, each kept by the offers that take least of the room.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.rows import Rows
from kaopt.allocation.rules.judge import slack
from kaopt.offers import Offers
from kaopt.scenario.columns import Floats, Ints


@dataclass(frozen=True, eq=False)
class Promise:
    """A hard minimum: the offers that help, by how much each, and how much is asked."""

    rule: str
    offers: Ints
    part: Floats
    least: float


@dataclass(frozen=True, eq=False)
class Room:
    """Hard maxima, none of which any offer widens: what offers take of each, [M, O]."""

    block: Rows
    scopes: tuple[str, ...]
    taken: sp.csr_matrix
    most: Floats


@dataclass(frozen=True)
class Crowd:
    """Promises of some rules that take `least` of a limit that allows `most`."""

    block: Rows
    scope: str
    rules: tuple[str, ...]
    least: float
    most: float


def crowds(offers: Offers, rows: tuple[Rows, ...]) -> Iterator[Crowd]:
    """Every limit that promises overfill; spend is `preflight.too_dear`'s."""
    promises = apart(offers, rows)
    for room in rooms(offers, rows):
        need = np.zeros(len(room.most))
        who: list[list[str]] = [[] for _ in room.most]
        for promise in promises:
            least = least_taken(room, promise)
            need += least
            for i in np.flatnonzero(least):
                who[i].append(promise.rule)
        for i in np.flatnonzero(need > room.most + slack(0.0, float(np.max(need, initial=0.0)))):
            yield Crowd(room.block, room.scopes[i], tuple(dict.fromkeys(who[i])), float(need[i]), float(room.most[i]))


def apart(offers: Offers, rows: tuple[Rows, ...]) -> list[Promise]:
    """Promises that share no offer, the narrowest first; those that a switch could keep are left out."""
    found = []
    for block in rows:
        for i in np.flatnonzero(np.isnan(block.regret) & (block.low > 0)):
            entries = slice(block.matrix.indptr[i], block.matrix.indptr[i + 1])
            helps = block.matrix.data[entries] > 0
            which, part = block.matrix.indices[entries][helps], block.matrix.data[entries][helps]
            if len(which) and which.max() < len(offers):
                found.append(Promise(block.rule, which.astype(np.int64), part, float(block.low[i])))
    free, kept = np.ones(len(offers), bool), []
    for one in sorted(found, key=lambda promise: len(promise.offers)):
        if free[one.offers].all():
            kept.append(one)
            free[one.offers] = False
    return kept


def rooms(offers: Offers, rows: tuple[Rows, ...]) -> Iterator[Room]:
    """The limits as they stand, and display slots of each account over all weeks together."""
    for block in rows:
        body = block.matrix[:, : len(offers)]
        widened = np.diff(sp.csr_matrix(block.matrix < 0).indptr) > 0
        beside = np.diff(block.matrix[:, len(offers) :].indptr) > 0
        sound = np.isnan(block.regret) & np.isfinite(block.high) & (block.low <= block.high)
        kept = np.flatnonzero(sound & ~widened & ~beside)
        if block.rule == "budget" or not len(kept):
            continue
        scopes = tuple(block.scopes[i] for i in kept)
        yield Room(block, scopes, sp.csr_matrix(body[kept]), block.high[kept])
        if block.rule == "display_slots":
            yield whole_year(block, Room(block, scopes, sp.csr_matrix(body[kept]), block.high[kept]))


def whole_year(block: Rows, room: Room) -> Room:
    """The weeks of each account added up."""
    names = [scope.rpartition(" week=")[0] for scope in room.scopes]
    every = tuple(dict.fromkeys(names))
    place = np.array([every.index(name) for name in names], dtype=np.int64)
    add = sp.csr_matrix((np.ones(len(place)), (place, np.arange(len(place)))), shape=(len(every), len(place)))
    return Room(block, every, sp.csr_matrix(add @ room.taken), np.asarray(add @ room.most))


def least_taken(room: Room, promise: Promise) -> Floats:
    """[M] what keeping the promise takes of each limit at least: nothing where any of its offers takes nothing."""
    taken = sp.csr_matrix(room.taken[:, promise.offers])
    least = np.zeros(len(room.most))
    for i in np.flatnonzero(np.diff(taken.indptr) == len(promise.offers)):
        row = taken[[i]].toarray().ravel()
        least[i] = float(np.min(row / promise.part)) * promise.least
    return least
