"""The engine `blocks`: a plan and a proven bound for scenarios of any size, shard by shard.

prices of shared rows from a few accounts -> every account sifted at these -> prices of all rows by dual ascent on
what is left -> a plan by rounding and walking -> the bound over all events, made anew account by account
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import fsum, inf, isfinite
from time import monotonic

import numpy as np

from kaopt.allocation.large.above import limits_above
from kaopt.allocation.large.ascent import Desk, Prices, ascend, desk_at
from kaopt.allocation.large.beginning import first_prices, named, places
from kaopt.allocation.large.pool import at_nothing, joined, refuse_what_cannot_hold
from kaopt.allocation.large.rounding import draft_of, rounded
from kaopt.allocation.large.shard import Columns, Linking, Shard, kept
from kaopt.allocation.large.streams import Known, Sifted, Task, Told, sifted, sifters
from kaopt.allocation.large.walk import Room, Step, room_of, walked
from kaopt.allocation.large.years import losses, totals
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.search.certify import up
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits, relative_gap
from kaopt.compute import Perform
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Bools, Floats

LOCAL = 40  # sweeps of an account on its own, at the first prices of shared rows
MOST = 3_000_000  # events of all accounts that are kept
PASSES = 40
ROUNDING, ROUGH, NODES = 20.0, 3e-3, 1  # wall seconds, gap and nodes of an account's rounding
QUICK = {"mip_pool_soft_limit": 10, "mip_heuristic_run_rens": False}  # a third of the time for a fiftieth of a percent


@dataclass(frozen=True)
class Course:
    """An ascent on sifted events: sweeps, what a kept event may lose (in mean worths), how far prices may go."""

    sweeps: int
    near: float
    reach: float  # in natural prices


ROUNDS = (Course(150, 0.15, 0.03), Course(300, 0.1, 0.02))
PLANNED = 1_500_000  # events of which a plan is made


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
    perform: Perform[Task, Sifted] | None = None  # who looks at accounts; None: this process

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
    with suppress(KeyboardInterrupt), sifters(quest.told) as perform:
        quest = replace(quest, perform=perform)
        known, look = first_prices(quest.told), Look(LOCAL, ROUNDS[0].near)
        for n, course in enumerate(ROUNDS):
            desk, prices = priced_anew(quest, found, (known, look), course)
            known, look = named(desk.shard.rows, prices.prices), Look(0, ROUNDS[min(n + 1, len(ROUNDS) - 1)].near)
        found.prices = known
        plan_from(quest, found, *narrowed(desk, prices))
        if not found.closed(quest.gap) and (quest.left > 0 or not isfinite(found.bound)):
            looked_at(quest, found, known, Look(0, 0.0))
        found.interrupted = False
    return found


def priced_anew(quest: Quest, found: Found, given: tuple[Known, Look], course: Course) -> tuple[Desk, Prices]:
    """Sift all accounts at known prices, then better the prices on what is left."""
    parts = looked_at(quest, found, *given)
    pool = joined([one.shard for one in parts])
    start, on = mean_prices(pool.rows, parts), np.concatenate([one.above.on for one in parts])
    parts.clear()
    desk = desk_at(pool, on)
    prices = ascend(desk, sweeps=course.sweeps, start=start, near=course.reach, tell=lambda _, __: quest.left <= 0)
    quest.tell("prices", f"{len(pool.columns)} events that matter", found)
    return desk, prices


def narrowed(desk: Desk, prices: Prices) -> tuple[Desk, Prices]:
    """What a plan is made from: events that were taken, or nearly, where there are too many to look at all."""
    columns = desk.shard.columns
    if len(columns) <= PLANNED:
        return desk, prices
    lost = losses(columns.calendar, columns.cost, columns.used, (prices.prices, desk.shut, 0, 0), desk.room)
    near = (prices.often > 0) | (lost <= float(np.quantile(lost, min(PLANNED / len(lost), 1.0), method="lower")))
    shard = replace(desk.shard, columns=kept(columns, near))
    return desk_at(shard, desk.on), replace(prices, often=prices.often[near])


def looked_at(quest: Quest, found: Found, known: Known, look: Look) -> list[Sifted]:
    """What matters of every account; where the prices of all rows are known, a bound as well."""
    parts: list[Sifted] = []
    share = min(MOST / max(quest.told.events, 1), 1.0)
    accounts = range(quest.told.world.shape[0])
    tasks = (Task(account, known, look.sweeps, share, look.near) for account in accounts)
    done = quest.perform(tasks) if quest.perform is not None else map(partial(sifted, quest.told), tasks)
    for account, one in enumerate(done):
        parts.append(one)
        quest.tell("sift", "accounts looked at", found, done=account + 1)
    found.events = sum(one.events for one in parts)
    if look.sweeps == 0:
        every = joined([replace(one.shard, columns=none_of(one.shard.columns)) for one in parts])
        refuse_what_cannot_hold(every)
        prices = np.array([known.get(name, 0.0) for name in every.rows.names])
        money = [*limits_above(every.rows, prices), *(one.above.value for one in parts), -at_nothing(every)]
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
    draft = draft_of(room, prices.prices[room.sums], prices.often)
    limits = Limits(seconds=ROUNDING, gap=ROUGH, nodes=NODES, options=QUICK)
    with Child(memory_gb=quest.limits.memory_gb) as child:
        start = rounded(draft, limits, child)
    quest.tell("round", "a draft of every account", found)
    for step in walked(shard, room, prices, passes=PASSES, start=start):
        take(quest, found, (shard, room, beside), step)
        if quest.left <= 0 and found.plan is not None:
            break
    if quest.save is not None and found.plan is not None:
        quest.save(found.plan)


def settled_switches(desk: Desk, prices: Prices) -> Floats:
    """[Z] switches as the ascent mostly had them."""
    switched = desk.shard.switched
    x = np.where(switched.whole, np.round(prices.switches), prices.switches)
    return np.where(switched.opens, desk.on.astype(float), x)


def take(quest: Quest, found: Found, desk: tuple[Shard, Room, Floats], step: Step) -> None:
    """Keep a plan that breaks nothing and is better; a fee that nothing opens is not paid."""
    shard, room, beside = desk
    switched = shard.switched
    needed = shard.columns.opener[step.chosen]
    opened = np.bincount(needed[needed >= 0], minlength=len(switched)) > 0
    x = np.where(switched.opens & ~opened, 0.0, beside)
    value = step.worth + float(switched.cost @ x)
    if step.broken > 0 or value <= found.objective or not holds(shard, step.chosen, x):
        return
    found.objective, found.plan = value, plan_at(room, step.chosen)
    quest.tell("walk", "a better plan", found)


def holds(shard: Shard, chosen: Bools, x: Floats) -> bool:
    """Whether every row holds in which nothing stands but events and what they open."""
    rows, body = shard.rows, shard.switched.matrix
    used = totals(len(rows), shard.columns.used, chosen.astype(float)) + body @ x
    free = np.asarray(abs(body[:, ~shard.switched.opens]).sum(axis=1)).ravel() > 0
    room = slack(0.0) + (slack(1.0) - slack(0.0)) * np.abs(np.where(np.isfinite(rows.high), rows.high, rows.low))
    return bool(np.all(free | ((used >= rows.low - room) & (used <= rows.high + room))))


def plan_at(room: Room, chosen: Bools) -> Plan:
    """The plan of the chosen events."""
    columns, o = room.columns, np.flatnonzero(chosen)
    wide = [getattr(columns, name)[o].astype(np.int64) for name in ("account", "sku", "week", "weeks", "treatment")]
    return Plan(*wide)
