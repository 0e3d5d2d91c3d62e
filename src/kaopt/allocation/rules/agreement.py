r"""Every promise of the annual agreements is kept: promotions, displays, activities, volume, revenue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum
from typing import Literal

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Clause, Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "agreement"
UNIT = "as promised"
UNITS = {
    "promotions": "event",
    "activities": "event",
    "displays": "display-week",
    "cases": "case",
    "revenue": "money",
}
FORMULA = r"P^{\min}_c \le P^0_c + \sum_o p_{oc} x_o \le P^{\max}_c \quad \forall \text{ clauses } c"

Counted = tuple[Ints, Floats]  # offers, and what each counts; an offer may stand several times


class Settings(RuleSettings):
    """Always holds; the clauses stand in the table agreements."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per clause."""
    parts = [amounts(world, offers, clause) for clause in world.agreements]
    row = np.repeat(np.arange(len(parts)), [len(offer) for offer, _ in parts])
    offer = np.concatenate([np.zeros(0, np.int64), *(one for one, _ in parts)])
    amount = np.concatenate([np.zeros(0), *(one for _, one in parts)])
    made = make_rows(
        NAME,
        UNIT,
        tuple(clause.scope for clause in world.agreements),
        sums(row, offer, amount, (len(parts), len(offers))),
        low=np.array([clause.least if clause.least > 0 else -np.inf for clause in world.agreements]),
        high=np.array([clause.most for clause in world.agreements]),
        used_without=np.array([anyway(world, clause) for clause in world.agreements]),
    )
    asked = [clause for clause in world.agreements if clause.least > 0 or clause.most < np.inf]
    return replace(made, units=tuple(UNITS[clause.what] for clause in asked))


def amounts(world: Scenario, offers: Offers, clause: Clause) -> Counted:
    """What each offer adds to a clause."""
    if clause.what in ("cases", "revenue"):
        effects = offers.effects
        inside = (offers.account[effects.offer] == clause.account) & clause.skus[effects.sku]
        inside &= clause.weeks[effects.week]
        added = effects.cases if clause.what == "cases" else effects.net_revenue
        return effects.offer[inside], added[inside]
    what, kinds = world.treatments, clause.treatments
    offer, week = np.arange(len(offers)), offers.week
    each = np.ones(len(kinds))
    if clause.what == "displays":
        offer, week = active_weeks(world, offers)
        each = np.where(what.display > 0, np.maximum(what.slots, 1), what.slots).astype(float)
    if clause.what == "activities":
        kinds = kinds & (what.depth == 0)
    treatment = offers.treatment[offer]
    counts = (offers.account[offer] == clause.account) & clause.skus[offers.sku[offer]]
    counts &= clause.weeks[week] & kinds[treatment]
    return offer[counts], each[treatment[counts]]


def anyway(world: Scenario, clause: Clause) -> float:
    """What a clause has without any event."""
    if clause.what not in ("cases", "revenue"):
        return 0.0
    sold = world.base_cases[clause.account][clause.skus][:, clause.weeks].sum(axis=1)
    price = world.net_per_case[clause.account][clause.skus] if clause.what == "revenue" else 1.0
    return float((sold * price).sum())


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """What the plan holds of each promise against what is promised."""
    return tuple(breach for one in held(world, ledger) for breach in one.breaches)


@dataclass(frozen=True)
class Held:
    """A clause, what a plan holds of it in `unit`, and where it breaks it."""

    clause: Clause
    used: float
    unit: str
    breaches: tuple[Breach, ...]


def held(world: Scenario, ledger: Ledger) -> tuple[Held, ...]:
    """Every clause of the agreements as a plan keeps it, counted or added up: what people check before they sign."""
    found = []
    for clause in world.agreements:
        unit = UNITS[clause.what]
        broken: tuple[Breach, ...] = ()
        if clause.what in ("cases", "revenue"):
            year = (ledger.cases if clause.what == "cases" else ledger.net_revenue)[clause.account]
            used = fsum(float(year[s, w]) for s, w in np.argwhere(np.outer(clause.skus, clause.weeks)))
        else:
            used = float(counted(world, ledger, clause))
        if clause.least > 0:
            broken += at_least(NAME, clause.scope, used, clause.least, unit)
        if clause.most < np.inf:
            broken += at_most(NAME, clause.scope, used, clause.most, unit)
        found.append(Held(clause, used, unit, broken))
    return tuple(found)


def counted(world: Scenario, ledger: Ledger, clause: Clause) -> int:
    """Events or display-weeks of the plan under a clause."""
    what, count = world.treatments, 0
    for event in events_of(ledger.plan):
        kind = event.treatment
        if event.account != clause.account or not clause.skus[event.sku] or not clause.treatments[kind]:
            continue
        if clause.what == "displays":
            slots = int(what.slots[kind])
            shown = max(slots, 1) if what.display[kind] > 0 else slots
            weeks = range(event.week, min(event.week + event.weeks, world.weeks))
            count += shown * sum(bool(clause.weeks[week]) for week in weeks)
        elif clause.what == "promotions" or what.depth[kind] == 0:
            count += bool(clause.weeks[event.week])
    return count
