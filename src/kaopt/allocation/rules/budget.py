r"""Trade spend stays within its budget: in total, by account, by quarter, and at any other node."""

from __future__ import annotations

from math import fsum

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.allocation.rules.rule import regret_of
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "budget"
UNIT = "money"
FORMULA = r"B^{\min}_n \le \sum_o \sum_{w \in n} c_{ow} x_o \le B^{\max}_n \quad \forall \text{ nodes } n"


class Settings(RuleSettings):
    """Always holds; the limits stand in the scenario's `budget` section."""


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per node over the spend that accrues in its weeks."""
    spent = np.flatnonzero(offers.effects.spend)
    offer, week, spend = offers.effects.offer[spent], offers.effects.week[spent], offers.effects.spend[spent]
    account, treatment = offers.account[offer], offers.treatment[offer]
    lines = []
    for line in world.budget:
        inside = line.accounts[account] & line.weeks[week] & line.treatments[treatment]
        total = np.bincount(offer[inside], weights=spend[inside], minlength=len(offers))
        lines.append(sp.csr_matrix(total.reshape(1, -1)))
    return make_rows(
        NAME,
        UNIT,
        tuple(line.scope for line in world.budget),
        sp.vstack(lines, format="csr") if lines else sp.csr_matrix((0, len(offers))),
        low=np.array([line.low if line.low > 0 else -np.inf for line in world.budget]),
        high=np.array([line.high for line in world.budget]),
        regret=regret_of(world, settings),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up what the plan spends at each node."""
    found: tuple[Breach, ...] = ()
    for line in world.budget:
        mine = [
            n for n, e in enumerate(events_of(ledger.plan)) if line.accounts[e.account] and line.treatments[e.treatment]
        ]
        spent = fsum(ledger.event_spend[mine][:, line.weeks].ravel())
        found += at_least(NAME, line.scope, spent, line.low, UNIT)
        if line.high < np.inf:
            found += at_most(NAME, line.scope, spent, line.high, UNIT)
    return found
