r"""What is settled stays: promoted where it must be, free where it is forbidden, and signed events as they are."""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import Event, events_of
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import some

NAME = "locks"
UNIT = "event"
FORMULA = (
    r"\sum_{o \text{ covers } (a,s,w)} x_o \ge 1 \;\; \forall\, \text{must}, \quad x_o = 1 \;\; \forall\, \text{signed}"
)


class Settings(RuleSettings):
    """Always holds; the locks stand in their own table."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """A cover row per week that must be promoted, a fixing row per signed event; what is forbidden is not offered."""
    chosen, scopes, high = [], [], []
    for lock in world.locks:
        if lock.kind == "committed":
            same = of_lock(offers, lock) & (offers.week == lock.week) & (offers.weeks == lock.weeks)
            chosen.append(same)
            scopes.append(named(world, lock, lock.week))
            high.append(1.0)
        for week in range(lock.week, lock.week + lock.weeks) if lock.kind == "must" else ():
            chosen.append(of_lock(offers, lock) & (offers.week <= week) & (week < offers.week + offers.weeks))
            scopes.append(named(world, lock, week))
            high.append(np.inf)
    matrix = sp.csr_matrix(np.array(chosen, dtype=float).reshape(len(chosen), len(offers)))
    return make_rows(NAME, UNIT, tuple(scopes), matrix, low=1.0, high=np.array(high))


def of_lock(offers: Offers, lock: Lock) -> Bools:
    """[O] offers of the lock's account, SKU and treatment."""
    here: Bools = (offers.account == lock.account) & (offers.sku == lock.sku)
    return here if lock.treatment < 0 else here & (offers.treatment == lock.treatment)


def named(world: Scenario, lock: Lock, week: int) -> str:
    """The scope of a lock in one of its weeks."""
    treatment = world.treatments.treatment[lock.treatment] if lock.treatment >= 0 else None
    return scope(world, lock.account, lock.sku, week=week + 1, treatment=treatment, lock=lock.kind)


def signed(world: Scenario) -> frozenset[Event]:
    """The events that are committed or inside a fence, and therefore exempt from what is closed or too late."""
    return frozenset(
        Event(lock.account, lock.sku, lock.week, lock.weeks, lock.treatment)
        for lock in (*world.locks, *world.standing)
        if lock.kind in ("committed", "given")
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Weeks that must be promoted and are not, signed events that are missing, events where none may be."""
    calendars, exempt = meant(world, ledger.plan), signed(world)
    found: list[Breach] = []
    for lock in world.locks:
        here = calendars.get((lock.account, lock.sku), [])
        mine = [event for event in here if lock.treatment in (-1, event.treatment)]
        if lock.kind == "committed":
            same = sum((event.week, event.weeks) == (lock.week, lock.weeks) for event in mine)
            found += at_least(NAME, named(world, lock, lock.week), same, 1.0, UNIT)
            found += at_most(NAME, named(world, lock, lock.week), same, 1.0, UNIT)
            continue
        for week in range(lock.week, lock.week + lock.weeks):
            running = [event for event in mine if event.week <= week < event.week + event.weeks]
            if lock.kind == "must":
                found += at_least(NAME, named(world, lock, week), len(running), 1.0, UNIT)
            else:
                unsigned = sum(event not in exempt for event in running)
                found += at_most(NAME, named(world, lock, week), unsigned, 0.0, UNIT)
    return tuple(found)


def meant(world: Scenario, plan: Plan) -> dict[tuple[int, int], list[Event]]:
    """The events of each account and SKU that a lock speaks of."""
    places = [lock.account * world.shape[1] + lock.sku for lock in world.locks]
    found: dict[tuple[int, int], list[Event]] = {}
    for event in events_of(some(plan, np.isin(plan.account * world.shape[1] + plan.sku, places))):
        found.setdefault((event.account, event.sku), []).append(event)
    return found


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """Weeks that must be promoted, events that are signed, weeks that stay free."""
    allowed = np.ones(world.eligible.shape, bool)
    for lock in world.locks:
        if lock.kind == "forbidden":
            which = slice(None) if lock.treatment < 0 else lock.treatment
            allowed[lock.account, lock.sku, which, lock.week : lock.week + lock.weeks] = False
    return Calendar(forced=tuple(lock for lock in world.locks if lock.kind != "forbidden"), allowed=allowed)
