r"""Every buyer earns on our products at least what it earned last year, grown as asked: else it would not sign.

The retailer's profit is its sales at the till without value-added tax, less what it pays us, plus what we pay it:
promotion money, fees that the plan opens, rebates by tier and the agreement's fixed fees. It counts where the retail
price is known; accounts without a profit of last year are not asked for any.
"""

from __future__ import annotations

from math import fsum, isnan
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.beside import beside
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least, charged
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import Rate
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "retailer"
UNIT = "money"
FORMULA = (
    r"P^0_a + F_a + \sum_{o \in a} \Delta P_o x_o + \sum_{z \in a} P_z z "
    r"\ge (1 + g)\, P^{\text{last year}}_a \quad \forall a"
)


class Settings(RuleSettings):
    """How much more than last year the buyer shall earn. A regret is per money of its profit that is lacking."""

    growth: Annotated[Rate, Field(description="growth of the retailer's profit over last year's")] = 0.0
    per: Annotated[Literal["account", "total"], Field(description="each account, or all with a figure")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account whose profit of last year is known, or one for all of them together."""
    effects, switches = offers.effects, offers.switches
    last = world.accounts.retailer_profit_last_year
    known = ~np.isnan(last)
    each = settings.per == "account"
    row = np.where(known, np.cumsum(known) - 1 if each else 0, -1)  # [A] the row of each account
    size = int(known.sum()) if each else int(known.any())
    events = sums(row[offers.account[effects.offer]], effects.offer, effects.retailer, (size, len(offers)))
    place = np.where(switches.account >= 0, row[switches.account], -1) if len(switches) else switches.account
    body, _ = beside(events, offers, place, switches.retailer)
    price = np.where(np.isfinite(world.base_price), world.base_price, np.nan) / (1 + world.accounts.vat)[:, None, None]
    margin = world.base_cases * (price - world.net_per_case[:, :, None])
    base = np.nansum(margin, axis=(1, 2)) + world.accounts.contract_fee
    ids = np.flatnonzero(known)
    whole, asked = base[ids], (1 + settings.growth) * last[ids]
    if not each:
        whole, asked = whole.sum(keepdims=True)[:size], asked.sum(keepdims=True)[:size]
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, int(a)) for a in ids) if each else ("total",) * size,
        body,
        low=asked,
        regret=regret_of(world, settings),
        used_without=whole,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold what each buyer earns against last year."""
    last = world.accounts.retailer_profit_last_year.tolist()
    known = [a for a, profit in enumerate(last) if not isnan(profit)]
    groups = [[a] for a in known] if settings.per == "account" else [known] if known else []
    found: tuple[Breach, ...] = ()
    for group in groups:
        beside_events = [money for a in group for money in charged(ledger, "retailer", a)]
        earned = ledger.retailer[group], world.accounts.contract_fee[group], beside_events
        asked = (1 + settings.growth) * fsum(last[a] for a in group)
        name = scope(world, group[0] if settings.per == "account" else -1)
        size = total(*(np.abs(one) for one in earned))
        found += at_least(NAME, name, total(*earned), asked, UNIT, size=size)
    return found
