r"""A mechanic is announced early enough: its lead time fits the account's notice and the days left until the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.locks import signed
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "lead_time"
UNIT = "day"
FORMULA = r"x_o = 0 \quad \forall o:\; \min(\text{notice}_{a_o}, \text{start}_{w_o} - \text{today}) < \text{lead}_{k_o}"


class Settings(RuleSettings):
    """Always holds; lead times stand with the mechanics, notice with the accounts. Committed events are exempt."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """None: events that come too late are never offered."""
    return no_rows(NAME, UNIT, offers)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Events whose mechanic needs more days than there are."""
    found: tuple[Breach, ...] = ()
    exempt = signed(world)
    for event in events_of(ledger.plan):
        days = int(world.accounts.notice_days[event.account])
        if world.planned_on is not None:
            days = min(days, (world.start - world.planned_on).days + 7 * event.week)
        if event not in exempt:
            name = scope(world, event.account, event.sku, week=event.week + 1)
            found += at_least(NAME, name, days, int(world.treatments.lead_time[event.treatment]), UNIT)
    return found


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """The weeks in which an event of each mechanic may start."""
    lead = world.treatments.lead_time
    starts: Bools = np.repeat((world.accounts.notice_days[:, None] >= lead)[:, :, None], world.weeks, axis=2)
    if world.planned_on is not None:
        days = [(world.start + timedelta(weeks=week) - world.planned_on).days for week in range(world.weeks)]
        starts &= np.array(days)[None, None, :] >= lead[None, :, None]
    return Calendar(starts=starts)
