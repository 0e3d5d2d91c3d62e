r"""Promotions earn at least so much more than doing nothing, or the business so much in all, per account or in total.

Fees that a plan opens and rebates by tier count; `level: account` takes the agreement's fixed fees off as well.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.beside import beside
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least, charged, charged_more
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.allocation.tiers import rebates_elsewhere
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import SignedMoney
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "profit_floor"
UNIT = "money"
FORMULA = (
    r"\sum_{o \in a} \Delta C_o x_o + \sum_{z \in a} C_z (z - z^0) \ge C^{\min} \quad \forall a, \qquad "
    r"\text{account: } C^0_a - F_a + \sum_{o \in a} \Delta C_o x_o + \sum_{z \in a} C_z z \ge C^{\min}"
)

Per = Literal["account", "total"]
Level = Literal["incremental", "account"]


class Settings(RuleSettings):
    """The floor of contribution."""

    min: Annotated[SignedMoney, Field(description="least contribution, money")]
    per: Annotated[Per, Field(description="each account, or all together")] = "account"
    level: Annotated[Level, Field(description="what promotions add, or all that is earned")] = "incremental"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total over the contribution of offers, fees and rebates."""
    each = settings.per == "account"
    size = world.shape[0] if each else 1
    account, beside_it = offers.account, offers.switches.account
    if not each:
        account, beside_it = np.zeros_like(account), np.zeros_like(beside_it)
    events = sums(account, np.arange(len(offers)), offers.contribution, (size, len(offers)))
    body, anyway = beside(events, offers, beside_it, offers.switches.contribution)
    others = rebates_elsewhere(world, offers)
    anyway = anyway + (others if each else others.sum())
    base = (world.base_cases * world.margin_per_case[:, :, None]).sum(axis=(1, 2)) - world.accounts.contract_fee
    whole = base if each else base.sum(keepdims=True)
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, a if each else -1) for a in range(size)),
        body,
        low=settings.min,
        regret=regret_of(world, settings),
        used_without=whole if settings.level == "account" else -anyway,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up what the plan's events earn, or what the year earns, with fees and rebates."""
    found: tuple[Breach, ...] = ()
    for a in range(world.shape[0]) if settings.per == "account" else (-1,):
        if settings.level == "account":
            year = ledger.contribution if a < 0 else ledger.contribution[a]
            due = world.accounts.contract_fee if a < 0 else world.accounts.contract_fee[[a]]
            earned = [year.ravel(), -due, charged(ledger, "contribution", a)]
        else:
            mine = ledger.event_contribution[(ledger.plan.account == a) | (a < 0)]
            earned = [mine, charged_more(ledger, "contribution", a)]
        size = total(*(np.abs(one) for one in earned))
        found += at_least(NAME, scope(world, a), total(*earned), settings.min, UNIT, size=size)
    return found
