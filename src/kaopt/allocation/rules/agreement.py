r"""Every promise of the annual agreements is kept: promotions, displays, activities, volume, revenue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, line_of, make_rows, of_lines
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Clause, Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import of_accounts, running, some

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
    made = make_rows(
        NAME,
        UNIT,
        tuple(clause.scope for clause in world.agreements),
        of_lines([line_of(*part) for part in parts], len(offers)),
        low=np.array([clause.least if clause.least > 0 else -np.inf for clause in world.agreements]),
        high=np.array([clause.most for clause in world.agreements]),
        used_without=np.array([anyway(world, clause) for clause in world.agreements]),
    )
    asked = [clause for clause in world.agreements if clause.least > 0 or clause.most < np.inf]
    return replace(made, units=tuple(UNITS[clause.what] for clause in asked))


def amounts(world: Scenario, offers: Offers, clause: Clause) -> Counted:
    """What each offer adds to a clause."""
    if clause.what in ("cases", "revenue"):
        return sold(offers, clause)
    what, kinds, mine = world.treatments, clause.treatments, offers.of(clause.account)
    offer, week = np.arange(mine.start, mine.stop), offers.week[mine]
    each = np.ones(len(kinds))
    if clause.what == "displays":
        offer, week = active_weeks(world, offers, only=offer)
        each = np.where(what.display > 0, np.maximum(what.slots, 1), what.slots).astype(float)
    if clause.what == "activities":
        kinds = kinds & (what.depth == 0)
    treatment = offers.treatment[offer]
    counts = clause.skus[offers.sku[offer]] & clause.weeks[week] & kinds[treatment]
    return offer[counts], each[treatment[counts]]


def sold(offers: Offers, clause: Clause) -> Counted:
    """What each offer sells more under a clause; where it holds for everything, by offer."""
    mine, effects, cases = offers.of(clause.account), offers.effects, clause.what == "cases"
    if clause.skus.all() and clause.weeks.all():
        return np.arange(mine.start, mine.stop), (offers.incremental_cases if cases else offers.net_revenue)[mine]
    here = slice(int(effects.start[mine.start]), int(effects.start[mine.stop]))
    inside = clause.skus[effects.sku[here]] & clause.weeks[effects.week[here]]
    return effects.offer[here][inside], (effects.cases if cases else effects.net_revenue)[here][inside]


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
    found, every = [], of_accounts(world, ledger.plan)
    for clause in world.agreements:
        unit = UNITS[clause.what]
        broken: tuple[Breach, ...] = ()
        if clause.what in ("cases", "revenue"):
            year = (ledger.cases if clause.what == "cases" else ledger.net_revenue)[clause.account]
            used = total(year[np.ix_(clause.skus, clause.weeks)])
        else:
            used = float(counted(world, some(ledger.plan, every[clause.account]), clause))
        if clause.least > 0:
            broken += at_least(NAME, clause.scope, used, clause.least, unit)
        if clause.most < np.inf:
            broken += at_most(NAME, clause.scope, used, clause.most, unit)
        found.append(Held(clause, used, unit, broken))
    return tuple(found)


def counted(world: Scenario, plan: Plan, clause: Clause) -> int:
    """Events or display-weeks of the account's plan under a clause."""
    what = world.treatments
    plan = some(plan, clause.skus[plan.sku] & clause.treatments[plan.treatment])
    if clause.what == "displays":
        event, week = running(plan, world.weeks)
        slots = what.slots[plan.treatment[event]]
        shown = np.where(what.display[plan.treatment[event]] > 0, np.maximum(slots, 1), slots)
        return int(shown[clause.weeks[week]].sum())
    starts = clause.weeks[np.minimum(plan.week, world.weeks - 1)]
    return int((starts & ((clause.what == "promotions") | (what.depth[plan.treatment] == 0))).sum())
