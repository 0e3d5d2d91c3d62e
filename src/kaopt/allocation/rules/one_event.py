r"""One SKU runs at most one promotion at a time at an account."""

from __future__ import annotations

from typing import Literal

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.cover import cover, no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "one_event"
UNIT = "event"
FORMULA = r"\sum_{o \in (a,s):\; w_o \le w < w_o + r_o} x_o \le 1 \quad \forall a, s, w"


class Settings(RuleSettings):
    """Always holds; nothing to choose."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account-SKU-week; none where a spacing rule is set, whose rows imply these."""
    if world.rules.get("spacing"):
        return no_rows(NAME, UNIT, offers)
    matrix, scopes = cover(world, offers, gap=0)
    return make_rows(NAME, UNIT, scopes, matrix, high=1.0)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Weeks in which two events of one SKU run at once."""
    plan, skus = ledger.plan, world.shape[1]
    event, week = running(plan)
    wide = int(week.max(initial=0)) + 1
    cells, counts = np.unique((plan.account[event] * skus + plan.sku[event]) * wide + week, return_counts=True)
    found: list[Breach] = []
    for cell, count in zip(cells[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
        (account, sku), week_of_it = divmod(cell // wide, skus), cell % wide
        found += at_most(NAME, scope(world, account, sku, week=week_of_it + 1), count, 1.0, UNIT)
    return tuple(found)


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """No gap asked beyond the event's own weeks."""
    return Calendar()
