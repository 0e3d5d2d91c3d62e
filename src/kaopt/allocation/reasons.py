"""Why each chosen event is in the plan, in a word that a planner uses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.plan import Plan
from kaopt.scenario.columns import Texts
from kaopt.scenario.model import Lock, Scenario

COMMITTED, MUST, PAYS, SERVES = "committed", "must", "pays", "serves targets"
CENT = 1e-6  # money: an event that stands on the hurdle but for rounding pays


def with_reasons(world: Scenario, ledger: Ledger) -> Plan:
    """The ledger's plan with the reason of each event: what is signed, what must be, what pays, what targets need."""
    plan = ledger.plan
    pays = ledger.event_contribution >= world.objective.hurdle * ledger.event_spend.sum(axis=1) - CENT
    return replace(plan, reason=reasons(world, plan, pays))


def reasons(world: Scenario, plan: Plan, pays: np.ndarray) -> Texts:
    """The first reason that fits, in the order of the module's first line."""
    found = []
    for i in range(len(plan)):
        kinds = {lock.kind for lock in world.locks if asks_for(lock, plan, i)}
        if "committed" in kinds:
            found.append(COMMITTED)
        elif "must" in kinds:
            found.append(MUST)
        else:
            found.append(PAYS if pays[i] else SERVES)
    return tuple(found)


def asks_for(lock: Lock, plan: Plan, i: int) -> bool:
    """True where a lock wants this event: this very one if committed, any in its weeks if it is a must."""
    if (lock.account, lock.sku) != (plan.account[i], plan.sku[i]) or lock.treatment not in (-1, plan.treatment[i]):
        return False
    if lock.kind == "committed":
        return (lock.week, lock.weeks) == (plan.week[i], plan.weeks[i])
    return bool(lock.week < plan.week[i] + plan.weeks[i] and plan.week[i] < lock.week + lock.weeks)
