r"""What is spent on promotions brings back at least so much: the net return, at every account or in total.

Net return = (incremental margin - spend) / spend: above 0 promotions earn more than they cost. Spend is that of the
events and of the fees that they open; rebates by tier that more sales cost are taken off the margin. Multiplied out,
so that the row is linear; a plan that spends nothing has no return and keeps the rule.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.beside import beside
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import charged, charged_more, slack
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.allocation.tiers import rebates_elsewhere
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import Rate
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "spend_return"
UNIT = "money"
FORMULA = (
    r"\sum_{o \in a} (\Delta C_o - \eta c_o) x_o + \sum_{z \in a} (C_z (z - z^0) - \eta c_z z) \ge 0 \quad \forall a"
)


class Settings(RuleSettings):
    """The least return. A regret is per money of contribution that is lacking."""

    min: Annotated[Rate, Field(description="least net return: (incremental margin - spend) / spend")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "total"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total, in money: what is earned above the return asked for."""
    each = settings.per == "account"
    size = world.shape[0] if each else 1
    place, of_switch = offers.account, offers.switches.account
    if not each:
        place, of_switch = np.zeros_like(place), np.zeros_like(of_switch)
    over = offers.contribution - settings.min * offers.spend
    events = sums(place, np.arange(len(offers)), over, (size, len(offers)))
    beside_them = offers.switches.contribution - settings.min * offers.switches.spend
    body, anyway = beside(events, offers, of_switch, beside_them)
    others = rebates_elsewhere(world, offers)
    anyway = anyway + (others if each else others.sum())
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, a if each else -1) for a in range(size)),
        body,
        low=0.0,
        regret=regret_of(world, settings),
        used_without=-anyway,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold what promotions earn against what was asked of the money spent."""
    found: tuple[Breach, ...] = ()
    for a in range(world.shape[0]) if settings.per == "account" else (-1,):
        mine = (ledger.plan.account == a) | (a < 0)
        spent = total(ledger.event_spend[mine], charged(ledger, "spend", a))
        amounts = ledger.event_contribution[mine], charged_more(ledger, "contribution", a)
        earned, asked = total(*amounts), settings.min * spent
        if earned < asked - slack(asked, total(*(np.abs(one) for one in amounts)) + abs(spent)):
            found += (Breach(NAME, scope(world, a), earned, asked, UNIT, asked - earned),)
    return found
