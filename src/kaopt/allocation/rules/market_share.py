r"""We win share: our growth index against the customer's own growth is at least the target."""

from __future__ import annotations

from math import fsum, isnan
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "market_share"
UNIT = "money"
FORMULA = r"R^0_a + \sum_{o \in a} \Delta R_o x_o \ge \gamma\,(1 + g_a)\, R^{\text{last year}}_a \quad \forall a"

Per = Literal["account", "total"]


class Settings(RuleSettings):
    """The growth index (1 + our growth) / (1 + the customer's growth), multiplied out so that the row is linear."""

    min_growth_index: Annotated[float, Field(gt=0, description="least growth index; 1 = share is held")]
    per: Annotated[Per, Field(description="each account that has both figures, or their sum")] = "account"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account, or one for all accounts together, over the net sales of the horizon."""
    table = world.accounts
    keep_up = settings.min_growth_index * (1 + table.customer_growth) * table.last_year_revenue
    known = ~np.isnan(keep_up)
    base = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=(1, 2))
    each: list[int] = np.flatnonzero(known).tolist()
    groups = [[a] for a in each] if settings.per == "account" else [each]
    belongs = np.zeros((len(groups), len(known)))
    for row, group in enumerate(groups):
        belongs[row, group] = 1.0
    by_account = sums(offers.account, np.arange(len(offers)), offers.net_revenue, (len(known), len(offers)))
    low = belongs @ np.where(known, keep_up, 0.0)
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, group[0] if settings.per == "account" else -1) for group in groups),
        sp.csr_matrix(belongs) @ by_account,
        low=np.where(belongs.any(axis=1), low, -np.inf),
        regret=regret_of(world, settings),
        used_without=belongs @ base,
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold our sales against last year's, grown as the customer grows."""
    table = world.accounts
    figures = list(zip(table.last_year_revenue.tolist(), table.customer_growth.tolist(), strict=True))
    known = [a for a, (last, growth) in enumerate(figures) if not isnan(last) and not isnan(growth)]
    groups = [[a] for a in known] if settings.per == "account" else [known] if known else []
    found: tuple[Breach, ...] = ()
    for group in groups:
        theirs = fsum(figures[a][0] * (1 + figures[a][1]) for a in group)
        used = fsum(ledger.net_revenue[group].ravel())
        name = scope(world, group[0] if settings.per == "account" else -1)
        found += at_least(NAME, name, used, settings.min_growth_index * theirs, UNIT)
    return found
