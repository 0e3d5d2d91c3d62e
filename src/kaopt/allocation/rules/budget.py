r"""Trade spend stays within its budget: in total, by account, by quarter, and at any other node."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.allocation.rules.rule import regret_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import of_accounts

NAME = "budget"
UNIT = "money"
FORMULA = (
    r"B^{\min}_n \le \sum_o \sum_{w \in n} c_{ow} x_o + \sum_{z \in n} c_z z \le B^{\max}_n"
    r" \quad \forall \text{ nodes } n"
)


class Settings(RuleSettings):
    """Always holds; the limits stand in the scenario's `budget` section."""


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per node over the spend that accrues in its weeks, fees included that only its mechanics open."""
    spent = np.flatnonzero(offers.effects.spend)
    offer, week, spend = offers.effects.offer[spent], offers.effects.week[spent], offers.effects.spend[spent]
    account, treatment = offers.account[offer], offers.treatment[offer]
    fees, lines = offers.switches, []
    for line in world.budget:
        inside = line.accounts[account] & line.weeks[week] & line.treatments[treatment]
        total = np.bincount(offer[inside], weights=spend[inside], minlength=len(offers))
        within = line.accounts[fees.account] & line.weeks[fees.week] & ~(fees.treatments & ~line.treatments).any(axis=1)
        opened = np.where(within & (fees.account >= 0) & (fees.week >= 0), fees.spend, 0.0)
        lines.append(sp.csr_matrix(np.concatenate([total, opened]).reshape(1, -1)))
    return make_rows(
        NAME,
        UNIT,
        tuple(line.scope for line in world.budget),
        sp.vstack(lines, format="csr") if lines else sp.csr_matrix((0, offers.columns)),
        low=np.array([line.low if line.low > 0 else -np.inf for line in world.budget]),
        high=np.array([line.high for line in world.budget]),
        regret=regret_of(world, settings),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up what the plan spends at each node."""
    found: tuple[Breach, ...] = ()
    every = of_accounts(world, ledger.plan) if world.budget else []
    for line in world.budget:
        here = np.concatenate([every[a] for a in np.flatnonzero(line.accounts)] or [np.zeros(0, np.int64)])
        mine = here[line.treatments[ledger.plan.treatment[here]]]
        fees = [
            one.spend
            for one in ledger.charges
            if one.account >= 0 and one.week >= 0 and line.accounts[one.account] and line.weeks[one.week]
            if all(line.treatments[k] for k in one.treatments)
        ]
        spent = total(ledger.spent_in(line.weeks, mine), fees)
        found += at_least(NAME, line.scope, spent, line.low, UNIT)
        if line.high < np.inf:
            found += at_most(NAME, line.scope, spent, line.high, UNIT)
    return found
