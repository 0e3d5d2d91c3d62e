"""Why each chosen event is in the plan, in a word that a planner uses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Texts
from kaopt.scenario.model import Lock, Scenario

COMMITTED, MUST, PAYS, SERVES = "committed", "must", "pays", "serves targets"
CENT = 1e-6  # money: an event that stands on the hurdle but for rounding pays


def with_reasons(world: Scenario, ledger: Ledger) -> Plan:
    """The ledger's plan with the reason of each event: what is signed, what must be, what pays, what targets need."""
    plan = ledger.plan
    pays = ledger.event_contribution >= world.objective.hurdle * ledger.event_spend.sum(axis=1) - CENT
    return replace(plan, reason=reasons(world, plan, pays))


def reasons(world: Scenario, plan: Plan, pays: Bools) -> Texts:
    """The first reason that fits, in the order of the module's first line."""
    found = np.where(pays, PAYS, SERVES).astype(object)
    for kind, word in (("must", MUST), ("committed", COMMITTED)):
        for lock in world.locks:
            if lock.kind == kind:
                found[asked_for(lock, plan)] = word
    return tuple(found.tolist())


def asked_for(lock: Lock, plan: Plan) -> Bools:
    """[N] the events that a lock wants: this very one if committed, any in its weeks if it is a must."""
    here = (plan.account == lock.account) & (plan.sku == lock.sku)
    if lock.treatment >= 0:
        here &= plan.treatment == lock.treatment
    if lock.kind == "committed":
        return np.asarray(here & (plan.week == lock.week) & (plan.weeks == lock.weeks))
    return np.asarray(here & (lock.week < plan.week + plan.weeks) & (plan.week < lock.week + lock.weeks))
