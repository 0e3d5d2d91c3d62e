"""The engine `blocks`: a plan and a proven bound for scenarios of any size, shard by shard.

prices of shared rows from a few accounts -> every account sifted at these -> prices of all rows by dual ascent on
what is left -> a plan by rounding and walking -> the bound over all events, made anew account by account
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import fsum, inf, isfinite
from time import monotonic

import numpy as np

from kaopt.allocation.large.above import limits_above
from kaopt.allocation.large.ascent import Desk, Prices, ascend, desk_at
from kaopt.allocation.large.pool import joined, reach
from kaopt.allocation.large.rounding import draft_of, rounded
from kaopt.allocation.large.shard import Columns, Linking, kept
from kaopt.allocation.large.streams import Known, Sifted, Task, Told, sifted
from kaopt.allocation.large.walk import Room, Step, room_of, walked
from kaopt.allocation.search.certify import up
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits, relative_gap
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Bools, Floats

SAMPLE = 1_500_000  # events of the accounts from which the first prices are taken
SAMPLE_SWEEPS, LOCAL = 100, 40  # of the first ascents
# of an ascent on sifted events: sweeps, what a kept event may lose (mean worths), how far prices may go (natural ones)
ROUNDS = ((150, 0.15, 0.03), (300, 0.1, 0.02))
MOST = 3_000_000  # events of all accounts that are kept
FEWEST = 4  # accounts to begin with
PASSES = 40
ROUNDING, ROUGH, NODES = 20.0, 3e-3, 1  # wall seconds, gap and nodes of an account's rounding
QUICK = {"mip_pool_soft_limit": 10, "mip_heuristic_run_rens": False}  # a third of the time for a fiftieth of a percent


@dataclass(frozen=True)
class Look:
    """How accounts are looked at: sweeps of their own, and what a kept event may lose."""

    sweeps: int
    near: float


@dataclass(eq=False)
class Found:
    """What is known so far; everything else is forgotten."""

    plan: Plan | None = None
    objective: float = -inf
    bound: float = inf
    prices: Known | None = None
    events: int = 0
    interrupted: bool = False

    def closed(self, gap: float) -> bool:
        """True where the asked gap is proven."""
        return isfinite(self.bound) and relative_gap(self.bound, self.objective) <= gap


@dataclass(frozen=True, eq=False)
class Quest:
    """What is asked: the world, its rules, when to stop, and who wants to know."""

    told: Told
    limits: Limits
    gap: float
    listener: Listener = silent
    save: Callable[[Plan], None] | None = None
    begun: float = 0.0

    @property
    def left(self) -> float:
        """Wall seconds until the limit."""
        return self.limits.seconds - (monotonic() - self.begun)

    def tell(self, stage: str, message: str, found: Found, done: int | None = None) -> None:
        """Report where the search stands."""
        best = found.objective if isfinite(found.objective) else None
        bound = found.bound if isfinite(found.bound) else None
        gap = relative_gap(found.bound, found.objective) if best is not None and bound is not None else None
        self.listener(Progress(stage, message, monotonic() - self.begun, best, bound, gap, done=done))


def searched(quest: Quest) -> Found:
    """The best plan and bound within the limits; an interruption leaves what there is."""
    found = Found(interrupted=True)
    with suppress(KeyboardInterrupt):
        known, sweeps = first_prices(quest), LOCAL
        for further, near, reached in ROUNDS:
            parts = looked_at(quest, found, known, Look(sweeps, near))
            pool = joined([one.shard for one in parts])
            desk = desk_at(pool, np.concatenate([one.above.on for one in parts]))
            start = mean_prices(pool.rows, parts)
            prices = ascend(desk, sweeps=further, start=start, near=reached, tell=lambda n, bound: quest.left <= 0)
            known, sweeps = named(pool.rows, prices.prices), 0
            quest.tell("prices", f"{len(pool.columns)} events that matter", found)
        found.prices = known
        plan_from(quest, found, desk, prices)
        if not found.closed(quest.gap) and (quest.left > 0 or not isfinite(found.bound)):
            looked_at(quest, found, known, Look(0, 0.0))
        found.interrupted = False
    return found


def named(rows: Linking, prices: Floats) -> Known:
    """Prices by row, as far as a row can have them."""
    low, high = reach(rows)
    return dict(zip(rows.names, np.clip(prices, low, high).tolist(), strict=True))


def first_prices(quest: Quest) -> Known:
    """Prices of the rows that accounts share, from a few accounts, limits cut to their part of the base sales."""
    world = quest.told.world
    sales = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=(1, 2))
    shards = {account: quest.told.shard(account) for account in few(quest, sales)}
    pool = joined(list(shards.values()))
    seen = np.bincount([n for one in shards.values() for n in places(pool.rows, one.rows)], minlength=len(pool.rows))
    part = float(sales[list(shards)].sum() / max(sales.sum(), 1e-9))
    scale = np.where(seen > 1, part, 1.0)
    rows = replace(pool.rows, low=scaled(pool.rows.low, scale), high=scaled(pool.rows.high, scale))
    prices = ascend(desk_at(replace(pool, rows=rows)), sweeps=SAMPLE_SWEEPS)
    return {name: one for n, (name, one) in enumerate(named(rows, prices.prices).items()) if seen[n] > 1}


def few(quest: Quest, sales: Floats) -> list[int]:
    """Accounts of all sizes, as many as have `SAMPLE` events."""
    each = quest.told.events // max(len(sales), 1)
    count = min(max(SAMPLE // max(each, 1), FEWEST), len(sales))
    order = np.argsort(sales, kind="stable")
    if count == len(order):
        return list(range(count))
    inside = np.linspace(0, len(order) - 1, count + 2).round().astype(int)[1:-1]
    return sorted(int(order[n]) for n in inside)


def places(rows: Linking, part: Linking) -> list[int]:
    """Where the rows of a part stand among all."""
    number = {name: n for n, name in enumerate(rows.names)}
    return [number[name] for name in part.names]


def scaled(limits: Floats, scale: Floats) -> Floats:
    """Limits times a scale; what is open stays open."""
    return np.where(np.isfinite(limits), limits * scale, limits)


def looked_at(quest: Quest, found: Found, known: Known, look: Look) -> list[Sifted]:
    """What matters of every account; where the prices of all rows are known, a bound as well."""
    parts: list[Sifted] = []
    share = min(MOST / max(quest.told.events, 1), 1.0)
    for account in range(quest.told.world.shape[0]):
        parts.append(sifted(quest.told, Task(account, known, look.sweeps, share, look.near)))
        quest.tell("sift", "accounts looked at", found, done=account + 1)
    found.events = sum(one.events for one in parts)
    if look.sweeps == 0:
        rows = joined([replace(one.shard, columns=none_of(one.shard.columns)) for one in parts]).rows
        prices = np.array([known.get(name, 0.0) for name in rows.names])
        money = [*limits_above(rows, prices), *(one.above.value for one in parts), *(-one.nothing for one in parts)]
        found.bound = min(found.bound, up(fsum(money)))
        quest.tell("prove", "bound proven", found)
    return parts


def none_of(columns: Columns) -> Columns:
    """No events."""
    return kept(columns, np.zeros(len(columns), dtype=bool))


def mean_prices(rows: Linking, parts: list[Sifted]) -> Floats:
    """[L] prices of all rows: those of the accounts, the mean where several have one."""
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for one in parts:
        at = places(rows, one.shard.rows)
        total[at] += one.prices
        count[at] += 1
    return total / np.maximum(count, 1)


def plan_from(quest: Quest, found: Found, desk: Desk, prices: Prices) -> None:
    """Round what the ascent mostly took, then walk until every row is kept and nothing is gained."""
    shard = desk.shard
    beside = settled_switches(desk, prices)
    held = shard.switched.matrix @ beside
    room = room_of(shard, shard.rows.low - held, shard.rows.high - held)
    worth = float(shard.switched.cost @ beside)
    draft = draft_of(room, prices.prices[room.sums], prices.often)
    limits = Limits(seconds=ROUNDING, gap=ROUGH, nodes=NODES, options=QUICK)
    with Child(memory_gb=quest.limits.memory_gb) as child:
        start = rounded(draft, limits, child)
    quest.tell("round", "a draft of every account", found)
    for step in walked(shard, room, prices, passes=PASSES, start=start):
        take(quest, found, room, step, worth)
        if quest.left <= 0 and found.plan is not None:
            break
    if quest.save is not None and found.plan is not None:
        quest.save(found.plan)


def settled_switches(desk: Desk, prices: Prices) -> Floats:
    """[Z] switches as the ascent mostly had them."""
    switched = desk.shard.switched
    x = np.where(switched.whole, np.round(prices.switches), prices.switches)
    return np.where(switched.opens, desk.on.astype(float), x)


def take(quest: Quest, found: Found, room: Room, step: Step, beside: float) -> None:
    """Keep a plan that breaks nothing and is better."""
    value = step.worth + beside
    if step.broken > 0 or value <= found.objective:
        return
    found.objective, found.plan = value, plan_at(room, step.chosen)
    quest.tell("walk", "a better plan", found)


def plan_at(room: Room, chosen: Bools) -> Plan:
    """The plan of the chosen events."""
    columns, o = room.columns, np.flatnonzero(chosen)
    wide = [getattr(columns, name)[o].astype(np.int64) for name in ("account", "sku", "week", "weeks", "treatment")]
    return Plan(*wide)
