"""The engine `blocks`: a plan and a proven bound for scenarios of any size, shard by shard.

prices of shared rows from a few accounts -> every account sifted at these -> prices of all rows by dual ascent on
what is left -> a plan by rounding and walking -> the bound over all events, made anew account by account
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import fsum, isfinite

import numpy as np

from kaopt.allocation.large.above import limits_above
from kaopt.allocation.large.ascent import Desk, Prices, ascend, desk_at
from kaopt.allocation.large.beginning import first_prices, named, places
from kaopt.allocation.large.plans import at_hand, opened, plan_from
from kaopt.allocation.large.pool import at_nothing, joined, refuse_what_cannot_hold
from kaopt.allocation.large.quest import Found, Quest
from kaopt.allocation.large.shard import Columns, Linking, Shard, kept
from kaopt.allocation.large.streams import Known, Sifted, Task, sifted, sifters
from kaopt.allocation.large.years import losses
from kaopt.allocation.search.certify import up
from kaopt.scenario.columns import Floats

LOCAL = 40  # sweeps of an account on its own, at the first prices of shared rows
MANY = 0.1  # of an account's events: a row that holds as many is a budget or a target
MOST = 3_000_000  # events of all accounts that are kept


@dataclass(frozen=True)
class Course:
    """An ascent on sifted events: sweeps, what a kept event may lose (in mean worths), how far prices may go."""

    sweeps: int
    near: float
    reach: float  # in natural prices
    wide: float = 0.0  # the same for rows that hold many events


ROUNDS = (Course(150, 0.15, 0.03), Course(300, 0.1, 0.02))
AGAIN = (Course(80, 0.15, 0.03, 0.4), Course(100, 0.1, 0.02, 0.05))  # from the prices of a world much like this one
PLANNED = 1_500_000  # events of which a plan is made


@dataclass(frozen=True)
class Look:
    """How accounts are looked at: sweeps of their own, and what a kept event may lose."""

    sweeps: int
    near: float


def searched(quest: Quest) -> Found:
    """The best plan and bound within the limits; an interruption leaves what there is.

    What is known beforehand makes it short; where the asked gap is not proven from there, it is all done anew.
    """
    found = Found(interrupted=True)
    with suppress(KeyboardInterrupt), sifters(quest.told) as perform:
        quest = replace(quest, perform=perform)
        if quest.before is not None:
            from_prices(quest, found, (quest.before.prices, Look(0, AGAIN[0].near)), AGAIN)
        if quest.before is None or (not found.closed(quest.gap) and quest.left > 0):
            anew = replace(quest, before=None)
            from_prices(anew, found, (first_prices(quest.told), Look(LOCAL, ROUNDS[0].near)), ROUNDS)
        found.interrupted = False
    return found


def from_prices(quest: Quest, found: Found, given: tuple[Known, Look], rounds: tuple[Course, ...]) -> None:
    """Rounds of looks and ascents, a plan, and its bound."""
    for n, course in enumerate(rounds):
        desk, prices = priced_anew(quest, found, given, course)
        look = Look(0, rounds[min(n + 1, len(rounds) - 1)].near)
        given = named(desk.shard.rows, prices.prices), look
    found.prices = given[0]
    plan_from(quest, found, *narrowed(desk, prices))
    if not found.closed(quest.gap) and (quest.left > 0 or not isfinite(found.bound)):
        looked_at(quest, found, given[0], Look(0, 0.0))


def priced_anew(quest: Quest, found: Found, given: tuple[Known, Look], course: Course) -> tuple[Desk, Prices]:
    """Sift all accounts at known prices, then better the prices on what is left."""
    parts = looked_at(quest, found, *given)
    pool = joined([one.shard for one in parts])
    start, on = mean_prices(pool.rows, parts), np.concatenate([one.above.on for one in parts])
    parts.clear()
    desk = desk_at(pool, on | opened(pool.switched, pool.columns, at_hand(quest, pool.columns)))
    near = reaches(pool, course)
    prices = ascend(desk, sweeps=course.sweeps, start=start, near=near, tell=lambda _, __: quest.left <= 0)
    quest.tell("prices", f"{len(pool.columns)} events that matter", found)
    return desk, prices


def reaches(pool: Shard, course: Course) -> Floats:
    """[L] how far prices may go: a changed budget moves the prices of rows that hold many events, hardly of others."""
    columns = pool.columns
    held = np.bincount(columns.row, minlength=len(pool.rows))
    owner = np.repeat(columns.account, np.diff(columns.start))
    least = np.full(len(pool.rows), np.iinfo(np.int64).max)
    np.minimum.at(least, columns.row, np.bincount(columns.account)[owner])
    return np.where(held >= MANY * least, max(course.wide, course.reach), course.reach)


def narrowed(desk: Desk, prices: Prices) -> tuple[Desk, Prices]:
    """What a plan is made from: events whose fees are paid, and where they are too many those taken, or nearly."""
    columns, near = desk.shard.columns, ~desk.shut
    if len(columns) > PLANNED:
        lost = losses(columns.calendar, columns.cost, columns.used, (prices.prices, desk.shut, 0, 0), desk.room)
        near &= (prices.often > 0) | (lost <= float(np.quantile(lost, PLANNED / len(lost), method="lower")))
    if near.all():
        return desk, prices
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
