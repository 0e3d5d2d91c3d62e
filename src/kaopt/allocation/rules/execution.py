r"""What really happens in the stores is what was promised: planned promotions and displays times compliance."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "execution"
UNIT = "event"
UNITS = {"events": "event", "displays": "display-week"}
FORMULA = r"\sum_{o \in a} \kappa_a\, n_o x_o \ge N_a \quad \forall a \quad (\kappa_a: \text{compliance})"


class Settings(RuleSettings):
    """What was promised stands with the accounts (promotions_due, displays_due), so does compliance."""

    what: Annotated[Literal["events", "displays"], Field(description="promotions, or display-weeks")] = "events"
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account that was promised something, or one over all accounts, in what is expected to happen."""
    table, kinds = world.accounts, world.treatments
    accounts = world.shape[0]
    if settings.what == "events":
        offer, each = np.arange(len(offers)), np.ones(len(kinds.treatment))
        due = table.promotions_due.astype(float)
    else:
        offer, _ = active_weeks(world, offers)
        each = np.where(kinds.display > 0, np.maximum(kinds.slots, 1), kinds.slots).astype(float)
        due = table.displays_due.astype(float)
    account = offers.account[offer]
    amount = table.compliance[account] * each[offers.treatment[offer]]
    if settings.per == "total":
        account, accounts, due = np.zeros_like(account), 1, due.sum(keepdims=True)
    return make_rows(
        NAME,
        UNITS[settings.what],
        tuple(scope(world, a if settings.per == "account" else -1) for a in range(accounts)),
        sums(account, offer, amount, (accounts, len(offers))),
        low=np.where(due > 0, due, -np.inf),
        regret=regret_of(world, settings),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count what is planned, take the part of it that each account carries out, and hold it against the promise."""
    table, kinds = world.accounts, world.treatments
    plan, slots = ledger.plan, kinds.slots[ledger.plan.treatment]
    shown = np.where(kinds.display[plan.treatment] > 0, np.maximum(slots, 1), slots)
    weeks = np.minimum(plan.weeks, world.weeks - plan.week)
    planned = np.zeros(world.shape[0], dtype=np.int64)
    np.add.at(planned, plan.account, 1 if settings.what == "events" else shown * weeks)
    promised = (table.promotions_due if settings.what == "events" else table.displays_due).tolist()
    expected = [float(kept) * count for kept, count in zip(table.compliance, planned.tolist(), strict=True)]
    unit = UNITS[settings.what]
    if settings.per == "total":
        return at_least(NAME, "total", fsum(expected), float(sum(promised)), unit)
    found: tuple[Breach, ...] = ()
    for account, (real, due) in enumerate(zip(expected, promised, strict=True)):
        found += at_least(NAME, scope(world, account), real, float(due), unit)
    return found
