r"""Trade spend stays within its budget: in total, by account, by quarter, and at any other node."""

from __future__ import annotations

import numpy as np

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, line_of, make_rows, of_lines
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.allocation.rules.rule import regret_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import BudgetLine, Scenario
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
    where = (offers.effects.offer[spent], offers.effects.week[spent], offers.effects.spend[spent])
    fees, lines = offers.switches, []
    for line in world.budget:
        column, amount = line_of(*spent_within(line, offers, where))
        within = line.accounts[fees.account] & line.weeks[fees.week] & ~(fees.treatments & ~line.treatments).any(axis=1)
        opened = np.flatnonzero(within & (fees.account >= 0) & (fees.week >= 0))
        lines.append((np.concatenate([column, len(offers) + opened]), np.concatenate([amount, fees.spend[opened]])))
    return make_rows(
        NAME,
        UNIT,
        tuple(line.scope for line in world.budget),
        of_lines(lines, offers.columns),
        low=np.array([line.low if line.low > 0 else -np.inf for line in world.budget]),
        high=np.array([line.high for line in world.budget]),
        regret=regret_of(world, settings),
    )


def spent_within(line: BudgetLine, offers: Offers, spent: tuple[Ints, Ints, Floats]) -> tuple[Ints, Floats]:
    """Offers and money of the entries `spent` (offer, week, money) at a node; a mask of everything is not looked at."""
    account = np.flatnonzero(line.accounts)
    if not len(account):
        return np.zeros(0, np.int64), np.zeros(0)
    span = offers.of(int(account[0]), int(account[-1]))
    together = len(account) == account[-1] + 1 - account[0]
    if together and line.weeks.all() and line.treatments.all():
        return np.arange(span.start, span.stop), offers.spend[span]
    begin, end = np.searchsorted(spent[0], [span.start, span.stop])
    offer, week, money = spent[0][begin:end], spent[1][begin:end], spent[2][begin:end]
    if not together:
        inside = line.accounts[offers.account[offer]]
        offer, week, money = offer[inside], week[inside], money[inside]
    if not line.weeks.all():
        inside = line.weeks[week]
        offer, money = offer[inside], money[inside]
    if not line.treatments.all():
        inside = line.treatments[offers.treatment[offer]]
        offer, money = offer[inside], money[inside]
    return offer, money


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
