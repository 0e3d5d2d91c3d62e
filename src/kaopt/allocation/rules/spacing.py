r"""After a promotion a SKU runs without one for at least so many weeks at the account."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.cover import cover
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import some

NAME = "spacing"
UNIT = "week"
FORMULA = r"\sum_{o \in (a,s):\; w_o \le w < w_o + r_o + g} x_o \le 1 \quad \forall a, s, w"


class Settings(RuleSettings):
    """How long a SKU rests."""

    hard: Literal[True] = True
    gap: Annotated[int, Field(ge=0, description="free weeks between two events of one SKU at one account")]


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account-SKU-week: an event covers its own weeks and the weeks that it keeps free."""
    matrix, scopes = cover(world, offers, settings.gap)
    return make_rows(NAME, "event", scopes, matrix, high=1.0)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Events that start too soon after the one before; events that overlap break `one_event` instead."""
    order = np.lexsort((ledger.plan.week, ledger.plan.sku, ledger.plan.account))
    plan = some(ledger.plan, order)
    place, end = plan.account * world.shape[1] + plan.sku, plan.week + plan.weeks
    wide = int(end.max(initial=0)) + 1
    so_far = np.maximum.accumulate(place * wide + end)[:-1] - place[1:] * wide  # first week after all events so far
    free = plan.week[1:] - so_far
    near = np.flatnonzero((place[1:] == place[:-1]) & (free >= 0) & (free < settings.gap))
    found: list[Breach] = []
    for event, weeks in zip(events_of(some(plan, near + 1)), free[near].tolist(), strict=True):
        name = scope(world, event.account, event.sku, week=event.week + 1)
        found += at_least(NAME, name, weeks, settings.gap, UNIT)
    return tuple(found)


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """The gap."""
    return Calendar(gap=settings.gap)
