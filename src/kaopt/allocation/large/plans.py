"""From prices to a plan: what the ascent mostly took is rounded, then walked on until every row is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kaopt.allocation.large.ascent import Desk, Prices
from kaopt.allocation.large.pool import at_nothing
from kaopt.allocation.large.quest import Found, Quest
from kaopt.allocation.large.rounding import draft_of, rounded
from kaopt.allocation.large.shard import Columns, Shard, Switched
from kaopt.allocation.large.walk import Room, Step, room_of, walked
from kaopt.allocation.large.years import totals
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits
from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Floats

PASSES = 40
ROUNDING, ROUGH, NODES = 20.0, 3e-3, 1  # wall seconds, gap and nodes of an account's rounding
QUICK = {"mip_pool_soft_limit": 10, "mip_heuristic_run_rens": False}  # a third of the time for a fiftieth of a percent


def plan_from(quest: Quest, found: Found, desk: Desk, prices: Prices) -> None:
    """Round what the ascent mostly took, then walk until every row is kept and nothing is gained."""
    shard = desk.shard
    beside = settled_switches(desk, prices)
    held = shard.switched.matrix @ beside
    room = room_of(shard, shard.rows.low - held, shard.rows.high - held)
    for start in starts(quest, found, (shard, room), prices):
        for step in walked(shard, room, prices, passes=PASSES, start=start):
            take(quest, found, (shard, room, beside), step)
            if found.closed(quest.gap) or (quest.left <= 0 and found.plan is not None):
                break
        if found.plan is not None:
            break
    if quest.save is not None and found.plan is not None:
        quest.save(found.plan)


def starts(quest: Quest, found: Found, place: tuple[Shard, Room], prices: Prices) -> Iterator[Bools | None]:
    """Where a walk begins, one after the other until one ends in a plan: near a plan at hand, near the ascent, free."""
    shard, room = place
    limits = Limits(seconds=ROUNDING, gap=ROUGH, nodes=NODES, options=QUICK)
    none, here = np.zeros(len(shard.columns), dtype=bool), at_hand(quest, shard.columns)
    with Child(memory_gb=quest.limits.memory_gb) as child:
        for before in (here, none) if here.any() else (none,):
            draft = draft_of(room, prices.prices[room.sums], prices.often, before)
            start = rounded(draft, limits, child)
            quest.tell("round", "a draft of every account", found)
            yield start
    yield None


def at_hand(quest: Quest, columns: Columns) -> Bools:
    """[E] which events are of the plan at hand."""
    if quest.before is None:
        return np.zeros(len(columns), dtype=bool)
    plan = quest.before.plan
    return np.isin(keys(columns), keys(plan))


def opened(switched: Switched, columns: Columns, chosen: Bools) -> Bools:
    """[Z] switches that the chosen events need."""
    needed = columns.opener[chosen]
    return np.asarray(np.bincount(needed[needed >= 0], minlength=len(switched)) > 0)


def keys(events: Any) -> Any:
    """A number for every event."""
    found = events.account.astype(np.int64)
    for name, size in (("sku", 1 << 20), ("week", 1 << 10), ("weeks", 1 << 7), ("treatment", 1 << 7)):
        found = found * size + getattr(events, name)
    return found


def settled_switches(desk: Desk, prices: Prices) -> Floats:
    """[Z] switches as the ascent mostly had them."""
    switched = desk.shard.switched
    x = np.where(switched.whole, np.round(prices.switches), prices.switches)
    return np.where(switched.opens, desk.on.astype(float), x)


def take(quest: Quest, found: Found, desk: tuple[Shard, Room, Floats], step: Step) -> None:
    """Keep a plan that breaks nothing and is better; a fee that nothing opens is not paid."""
    shard, room, beside = desk
    switched = shard.switched
    x = np.where(switched.opens, opened(switched, shard.columns, step.chosen), beside)
    value = step.worth + float(switched.cost @ x) - at_nothing(shard)
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
