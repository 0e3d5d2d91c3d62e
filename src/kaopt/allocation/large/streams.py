"""Passes over all accounts, one shard at a time, made and forgotten: what matters is sifted out, bounds are proven.

A task is an account with the prices of its rows; the result depends on nothing else, so that it does not matter in
which process, or on which machine, it is done.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kaopt.allocation.large.above import Above, bound_above
from kaopt.allocation.large.ascent import ascend, desk_at
from kaopt.allocation.large.shard import Name, Shard, kept, shard_of
from kaopt.allocation.large.travel import light, packed
from kaopt.allocation.large.years import losses
from kaopt.allocation.rules.rule import Rule
from kaopt.compute import Perform, Where, crew
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.model import Scenario

DUST = 1e-12  # of the dearest event
Known = dict[Name, float]  # prices by row


@dataclass(frozen=True, eq=False)
class Told:
    """What every task shares; `shards`: those at hand, so that they need not be made again."""

    world: Scenario
    rules: tuple[Rule, ...]
    shards: dict[int, Shard] = field(default_factory=dict)

    @property
    def events(self) -> int:
        """How many events there can be in all."""
        accounts, skus, weeks = self.world.shape
        return accounts * skus * weeks * sum(len(lengths) for lengths in self.world.treatments.lengths)

    def shard(self, account: int) -> Shard:
        """An account's shard."""
        here = self.shards.get(account)
        return here if here is not None else shard_of(self.world, np.array([account]), self.rules)

    def __reduce__(self) -> tuple[Any, ...]:
        """To a worker without any shard; rules go first, for the world's settings may be of a rule's own class."""
        return told, (packed(self.rules), light(self.world))


def told(rules: tuple[Rule, ...], world: Scenario) -> Told:
    """What a worker is told."""
    return Told(world, rules)


@dataclass(frozen=True, eq=False)
class Task:
    """An account, the prices of its rows as far as they are known, and sweeps to find the others' with."""

    account: int
    known: Known
    sweeps: int = 0
    share: float = 1.0  # of the events, the nearest ones, that are kept at most
    near: float = 0.0  # what a year may lose with an event that is kept, in mean worths of an event


@dataclass(frozen=True, eq=False)
class Sifted:
    """What matters of an account: its near-best events, the prices of its rows, and its part of the bound there."""

    shard: Shard
    prices: Floats
    above: Above
    events: int  # before sifting


def sifters(told: Told) -> AbstractContextManager[Perform[Task, Sifted]]:
    """Who does the tasks, by `solve.compute`: this process, several, or a cluster; results in order."""
    return crew(sifted, told, Where(**dict(told.world.solve.compute)))


def sifted(told: Told, task: Task) -> Sifted:
    """The events of an account that come near its best years, at the given prices."""
    shard = told.shard(task.account)
    fixed, start = priced(shard, task.known)
    columns = shard.columns
    prices = ascend(desk_at(shard), sweeps=max(task.sweeps, 1), start=start, near=np.where(fixed, 0.0, np.inf))
    above = bound_above(shard, prices.prices)
    if not len(columns):
        return Sifted(shard, prices.prices, above, 0)
    desk = desk_at(shard)  # what a fee that is not paid here would open may be wanted yet
    lost = losses(columns.calendar, columns.cost, columns.used, (prices.prices, desk.shut, 0, 0), desk.room)
    dust = DUST * float(np.abs(columns.cost).max())  # what rounding makes of a loss of nothing
    most = min(task.near * typical(shard, prices.often), float(np.quantile(lost, task.share, method="lower")))
    near = lost <= most + dust
    return Sifted(replace(shard, columns=kept(columns, near)), prices.prices, above, len(columns))


def priced(shard: Shard, known: Known) -> tuple[Bools, Floats]:
    """[L] which of a shard's rows have a known price, and the prices, 0 where none is known."""
    fixed = np.array([name in known for name in shard.rows.names], dtype=bool)
    return fixed, np.array([known.get(name, 0.0) for name in shard.rows.names])


def typical(shard: Shard, often: Floats) -> float:
    """What an event of the best years is worth on average."""
    return float(np.maximum(shard.columns.cost, 0.0) @ often) / max(float(often.sum()), 1e-9)
