r"""Selling is even: no week takes more than its share of its month, and stock is not pushed ahead of sales."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
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

NAME = "rhythm"
UNIT = "share of 1"
FORMULA = r"V_w \le \sigma\, \frac{4}{n_m} \sum_{v \in m} V_v \quad \forall w \in m \quad (n_m \le 4 \text{ weeks})"
MONTH = 4  # weeks


class Settings(RuleSettings):
    """Months are four weeks in a row; where the last has n < 4 weeks, its limit is 4/n times as high, at most 1.

    A regret is per percentage point of the month's base cases that a week sells above its share.
    """

    max_share: Annotated[Share, Field(ge=1 / MONTH, description="most that a week may take of its month's cases")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """A row per place and week, in cases: what the week sells above its share of the month."""
    accounts, _, weeks = world.shape
    effects = offers.effects
    month = np.arange(weeks) // MONTH
    length = np.bincount(month)[month]
    share = np.minimum(1.0, settings.max_share * MONTH / length)
    part = np.eye(weeks) - share[:, None] * (month[:, None] == month[None, :])  # week x week that counts
    base = world.base_cases.sum(axis=1)
    place = offers.account[effects.offer]
    if settings.per == "total":
        base, place, accounts = base.sum(axis=0, keepdims=True), np.zeros_like(place), 1
    weekly = sums(place * weeks + effects.week, effects.offer, effects.cases, (accounts * weeks, len(offers)))
    matrix = sp.csr_matrix(sp.kron(sp.eye_array(accounts), sp.csr_matrix(part)) @ weekly)
    point = (base @ (month[:, None] == month[None, :])).ravel() / 100
    regret = np.array([regret_of(world, settings, 1 / p) if p > 0 else np.nan for p in point])
    limited = np.tile(share < 1, accounts) & (point > 0)
    return make_rows(
        NAME,
        "case",
        tuple(
            scope(world, a if settings.per == "account" else -1, week=w + 1)
            for a in range(accounts)
            for w in range(weeks)
        ),
        matrix,
        high=np.where(limited, 0.0, np.inf),
        regret=regret,
        used_without=(base @ part.T).ravel(),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Divide each week's cases by those of its month; judged in cases, told as a share."""
    everyone = list(range(world.shape[0]))
    found: tuple[Breach, ...] = ()
    for group in [[a] for a in everyone] if settings.per == "account" else [everyone]:
        for begin in range(0, world.weeks, MONTH):
            weeks = range(begin, min(begin + MONTH, world.weeks))
            limit = min(1.0, settings.max_share * MONTH / len(weeks))
            normal = fsum(world.base_cases[group][:, :, list(weeks)].ravel())
            sold = {week: fsum(ledger.cases[group][:, :, week].ravel()) for week in weeks}
            whole = fsum(sold.values())
            for week, cases in sold.items():
                over = cases - limit * whole
                if limit < 1 and normal > 0 and over > slack(whole):
                    name = scope(world, group[0] if settings.per == "account" else -1, week=week + 1)
                    found += (Breach(NAME, name, cases / whole, limit, UNIT, 100 * over / normal),)
    return found
