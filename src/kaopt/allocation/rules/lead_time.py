r"""A mechanic is announced early enough: its lead time fits the account's notice and the days left until the start."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.locks import signed
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import Event, events_of
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Bools, Ints
from kaopt.scenario.kinds import Days
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import some

NAME = "lead_time"
UNIT = "day"
FORMULA = (
    r"x_o = 0 \quad \forall o:\; \min(\text{notice}_{a_o}, \text{start}_{w_o} - \text{today}) < \text{lead}_{k_o}"
    r", \qquad x_o = 1 \quad \forall o \in P:\; \text{start}_{w_o} - \text{today} < \text{fence}"
)


class Settings(RuleSettings):
    """Always holds; lead times stand with the mechanics, notice with the accounts. Committed events are exempt.

    Fences are for a plan that is made again: what the given plan has inside them stays, even where it could not be
    arranged any more; inside the frozen one nothing is added.
    """

    hard: Literal[True] = True
    frozen: Annotated[Days, Field(description="days from today: nothing is added, nothing of the given plan drops")] = 0
    slushy: Annotated[Days, Field(description="days from today: the given plan stays, what is in time may come")] = 0


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """A fixing row per given event inside a fence; events that come too late are never offered."""
    stays = world.standing if max(settings.frozen, settings.slushy) > 0 else ()
    same = [
        (offers.account == x.account)
        & (offers.sku == x.sku)
        & (offers.week == x.week)
        & (offers.weeks == x.weeks)
        & (offers.treatment == x.treatment)
        for x in stays
    ]
    matrix = sp.csr_matrix(np.array(same, dtype=float).reshape(len(same), len(offers)))
    return make_rows(NAME, "event", tuple(named(world, x) for x in stays), matrix, low=1.0, high=1.0)


def named(world: Scenario, lock: Lock) -> str:
    """The scope of a given event."""
    treatment = world.treatments.treatment[lock.treatment]
    return scope(world, lock.account, lock.sku, week=lock.week + 1, treatment=treatment, fence="stays")


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Events whose mechanic needs more days than there are, and what is dropped or added inside a fence."""
    found: list[Breach] = []
    exempt = signed(world)
    left = None if world.planned_on is None else (world.start - world.planned_on).days
    for event in events_of(some(ledger.plan, late(world, ledger.plan, settings, left))):
        days = int(world.accounts.notice_days[event.account])
        if left is not None:
            days = min(days, left + 7 * event.week)
        if event not in exempt:
            name = scope(world, event.account, event.sku, week=event.week + 1)
            found += at_least(NAME, name, days, int(world.treatments.lead_time[event.treatment]), UNIT)
            if left is not None:
                found += at_least(NAME, f"{name} fence=frozen", left + 7 * event.week, settings.frozen, UNIT)
    if left is not None:
        fence = max(settings.frozen, settings.slushy)
        found += dropped(world, ledger, (left, fence))
    return tuple(found)


def late(world: Scenario, plan: Plan, settings: Settings, left: int | None) -> Ints:
    """The events that have fewer days than their mechanic needs or than the frozen fence; `left` until week 1."""
    days, needed = world.accounts.notice_days[plan.account], world.treatments.lead_time[plan.treatment]
    if left is None:
        return np.flatnonzero(days < needed)
    until = left + 7 * plan.week
    return np.flatnonzero((np.minimum(days, until) < needed) | (until < settings.frozen))


def dropped(world: Scenario, ledger: Ledger, days: tuple[int, int]) -> tuple[Breach, ...]:
    """Given events that are missing though they start inside the fence; `days` left until week 1, and of the fence."""
    left, fence = days
    inside = [lock for lock in world.given if left + 7 * lock.week < fence]
    count = Counter(events_of(ledger.plan) if inside else ())
    found: list[Breach] = []
    for lock in inside:
        event = Event(lock.account, lock.sku, lock.week, lock.weeks, lock.treatment)
        found += at_least(NAME, named(world, lock), count[event], 1.0, "event")
    return tuple(found)


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """The weeks in which an event of each mechanic may start, and what stays as it is."""
    lead = world.treatments.lead_time
    starts: Bools = np.repeat((world.accounts.notice_days[:, None] >= lead)[:, :, None], world.weeks, axis=2)
    if world.planned_on is not None:
        days = [(world.start + timedelta(weeks=week) - world.planned_on).days for week in range(world.weeks)]
        starts &= np.array(days)[None, None, :] >= np.maximum(lead, settings.frozen)[None, :, None]
    return Calendar(starts=starts, forced=tuple(replace(one, kind="committed") for one in world.standing))
