r"""High-margin products make up at least the required share of net sales."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "margin_mix"
UNIT = "share of 1"
FORMULA = r"\sum_{s \in H} R_{as} - m \sum_s R_{as} \ge 0, \qquad R_{as} = R^0_{as} + \sum_o \Delta R_{os} x_o"


class Settings(RuleSettings):
    """The least share. A regret is per percentage point of the scope's base net sales that high-margin sales lack."""

    min: Annotated[Share, Field(description="least share of high-margin products in net sales")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "total"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total, in money: what high-margin products sell above their required part."""
    accounts, effects = world.shape[0], offers.effects
    over = world.skus.high_margin - settings.min  # money above the required part, per money of net sales
    base = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=2)
    amount = effects.net_revenue * over[effects.sku]
    if settings.per == "total":
        base = base.sum(axis=0, keepdims=True)
    size = len(base)
    place = offers.account[effects.offer] if settings.per == "account" else np.zeros_like(effects.offer)
    point = base.sum(axis=1) / 100
    regret = np.array([regret_of(world, settings, 1 / p) if p > 0 else np.nan for p in point])
    return make_rows(
        NAME,
        "money",
        tuple(scope(world, a if settings.per == "account" else -1) for a in range(min(size, accounts))),
        sums(place, effects.offer, amount, (size, len(offers))),
        low=np.where(point > 0, 0.0, -np.inf),
        regret=regret,
        used_without=base @ over,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Divide high-margin sales by all sales; judged in money, told as a share."""
    high = np.flatnonzero(world.skus.high_margin).tolist()
    everyone = list(range(world.shape[0]))
    found: tuple[Breach, ...] = ()
    for group in [[a] for a in everyone] if settings.per == "account" else [everyone]:
        base = fsum((world.base_cases[group] * world.net_per_case[group][:, :, None]).ravel())
        every = fsum(ledger.net_revenue[group].ravel())
        dear = fsum(ledger.net_revenue[group][:, high].ravel())
        lacking = settings.min * every - dear
        if base > 0 and lacking > slack(every):
            name = scope(world, group[0] if settings.per == "account" else -1)
            found += (Breach(NAME, name, dear / every, settings.min, UNIT, 100 * lacking / base),)
    return found
