r"""Promotions earn at least so much more than doing nothing, at every account or in total."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import SignedMoney
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "profit_floor"
UNIT = "money"
FORMULA = r"\sum_{o \in a} \Delta C_o x_o \ge C^{\min} \quad \forall a"


class Settings(RuleSettings):
    """The floor of incremental contribution."""

    min: Annotated[SignedMoney, Field(description="least incremental contribution, money")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total over the contribution of offers."""
    size = world.shape[0] if settings.per == "account" else 1
    place = offers.account if settings.per == "account" else np.zeros_like(offers.account)
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, a if settings.per == "account" else -1) for a in range(size)),
        sums(place, np.arange(len(offers)), offers.contribution, (size, len(offers))),
        low=settings.min,
        regret=regret_of(world, settings),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up what the plan's events earn."""
    earned = [
        ledger.event_contribution[ledger.plan.account == a] if settings.per == "account" else ledger.event_contribution
        for a in range(world.shape[0] if settings.per == "account" else 1)
    ]
    found: tuple[Breach, ...] = ()
    for a, mine in enumerate(earned):
        name = scope(world, a if settings.per == "account" else -1)
        found += at_least(NAME, name, fsum(mine), settings.min, UNIT, size=fsum(abs(mine)))
    return found
