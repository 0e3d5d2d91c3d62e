r"""One SKU runs at most one promotion at a time at an account."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.cover import cover, no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

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
    running = Counter(
        (event.account, event.sku, week)
        for event in events_of(ledger.plan)
        for week in range(event.week, event.week + event.weeks)
    )
    return tuple(
        breach
        for (account, sku, week), count in sorted(running.items())
        for breach in at_most(NAME, scope(world, account, sku, week=week + 1), count, 1.0, UNIT)
    )


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """No gap asked beyond the event's own weeks."""
    return Calendar()
