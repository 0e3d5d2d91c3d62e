r"""Nothing runs where or when it is closed: only listed SKUs, open weeks, lengths that the mechanic allows."""

from __future__ import annotations

from typing import Literal

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.locks import signed
from kaopt.allocation.rules.rule import Calendar, scope
from kaopt.demand import Event, events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "blackout"
UNIT = "closed week"
FORMULA = r"x_o = 0 \quad \forall o:\; \exists w \in [w_o, w_o + r_o):\; \neg\,\text{open}(a_o, s_o, k_o, w)"


class Settings(RuleSettings):
    """Always holds; what is closed stands in the eligibility table. Events that are committed are exempt."""

    hard: Literal[True] = True


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """None: closed events are never offered."""
    return no_rows(NAME, UNIT, offers)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Weeks that each event runs in though they are closed for it; all of them where its length is not allowed."""
    found: tuple[Breach, ...] = ()
    exempt = signed(world)
    for event in events_of(ledger.plan):
        if event not in exempt:
            name = scope(world, event.account, event.sku, week=event.week + 1)
            found += at_most(NAME, name, closed_weeks(world, event), 0.0, UNIT)
    return found


def closed_weeks(world: Scenario, event: Event) -> int:
    """In how many of its weeks the event may not run."""
    a, s, k = event.account, event.sku, event.treatment
    what = world.treatments
    if not world.listed[a, s] or event.weeks not in what.lengths[k] or what.depth[k] * what.pass_through[k] >= 1:
        return event.weeks
    return sum(
        week >= world.weeks or not world.eligible[a, s, k, week] or not world.base_price[a, s, week] > 0
        for week in range(event.week, event.week + event.weeks)
    )


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """The open weeks."""
    return Calendar(allowed=world.eligible & world.listed[:, :, None, None])
