r"""All trade spend together takes at most so much of gross sales, at every account or in total.

Trade spend is what promotions cost, standing discount, flat rebate, rebates by tier, fees that the plan opens and the
agreement's fixed fees; gross sales are cases at list price. Multiplied out, so that the row is linear.
"""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.beside import beside, trade_spend
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.kinds import Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "spend_rate"
UNIT = "share of 1"
FORMULA = (
    r"F_a + \sum_{o \in a} c_o x_o + \sum_{z \in a} c_z z \le (\phi - d_a - \rho_a) G_a \quad \forall a, \qquad "
    r"G_a = \sum_{s,w} p_s V_{asw}"
)


class Settings(RuleSettings):
    """The highest rate. A regret is per percentage point of the scope's gross sales without events."""

    max: Annotated[Share, Field(description="highest share of all trade spend in gross sales at list price")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total, in money: what is spent above the allowed share."""
    accounts, effects, each = world.shape[0], offers.effects, settings.per == "account"
    standing = world.accounts.on_invoice + world.accounts.rebate - settings.max  # of each money of gross sales
    place, of_switch = offers.account[effects.offer], offers.switches.account
    gross = effects.cases * world.skus.list_price[effects.sku]
    over = effects.spend + gross * standing[place]
    base = (world.base_cases * world.skus.list_price[None, :, None]).sum(axis=(1, 2))
    without = world.accounts.contract_fee + base * standing
    if not each:
        place, of_switch = np.zeros_like(place), np.zeros_like(of_switch)
        base, without = base.sum(keepdims=True), without.sum(keepdims=True)
    size = accounts if each else 1
    body, _ = beside(
        sums(place, effects.offer, over, (size, len(offers))), offers, of_switch, trade_spend(offers)
    )
    point = base / 100
    return make_rows(
        NAME,
        "money",
        tuple(scope(world, a if each else -1) for a in range(size)),
        body,
        high=np.where(point > 0, 0.0, np.inf),
        regret=np.array([regret_of(world, settings, 1 / p) if p > 0 else np.nan for p in point]),
        used_without=without,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Divide all trade spend by gross sales; judged in money, told as a share."""
    table, price = world.accounts, world.skus.list_price[None, :, None]
    found: tuple[Breach, ...] = ()
    for a in range(world.shape[0]) if settings.per == "account" else (-1,):
        group = [a] if a >= 0 else list(range(world.shape[0]))
        normal = total(world.base_cases[group] * price)
        sales = {b: total(ledger.cases[[b]] * price) for b in group}
        terms = [sales[b] * (table.on_invoice[b] + table.rebate[b]) + table.contract_fee[b] for b in group]
        events = ledger.event_spend[np.isin(ledger.plan.account, group)]
        rebates = [-one.contribution for one in ledger.charges if one.rule == "rebate" and one.account in group]
        fees = [one.spend for one in ledger.charges if one.rule != "rebate" and (a < 0 or one.account == a)]
        spent = total(events, terms, rebates, fees)
        gross = fsum(sales.values())
        above = spent - settings.max * gross
        if normal > 0 and above > slack(gross):
            rate = spent / gross if gross > 0 else np.inf
            found += (Breach(NAME, scope(world, a), rate, settings.max, UNIT, 100 * above / normal),)
    return found
