"""The evaluator's account of a plan: what rules restate their sentence on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.demand import Demand
from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Floats, Ints


@dataclass(frozen=True)
class Charge:
    """What a plan brings or has to pay beside its events: a fee that it opens, a tier of rebate that it reaches."""

    rule: str
    scope: str
    account: int  # -1: of no one account
    week: int = -1  # in which it accrues, 0-based; -1: at no time of the horizon
    treatments: tuple[int, ...] = ()  # the mechanics that it belongs to
    spend: float = 0.0  # money that counts in budgets
    contribution: float = 0.0  # money
    retailer: float = 0.0  # money of the retailer's profit
    credit: float = 0.0  # cases of profitable volume


@dataclass(frozen=True, eq=False)
class Ledger:
    """A plan in money and volume. Event figures are of each event alone against doing nothing, [N] entries.

    L is the length of the longest event.
    From `cases` on, [A, S, W]: doing nothing plus the sum of all events alone (the model that the bound certifies);
    the retailer's figures count only where its price is known, its profit before the agreement's fixed fees.
    `realised`: the joint simulation, where effects of overlapping events multiply.
    """

    plan: Plan
    event_base_cases: Floats  # over active weeks
    event_cases: Floats  # over active weeks, shipped (sell-in)
    event_incremental_cases: Floats  # net of dip and cannibalisation
    event_net_revenue: Floats  # incremental, money
    event_spend: Floats  # [N, L] money, in each week of the event from its first
    event_discount: Floats  # [N, L] of which the price cut, money
    event_contribution: Floats  # incremental, money
    event_retailer: Floats  # incremental profit of the retailer, money
    event_credit: Floats  # cases that count as profitable volume
    cases: Floats  # case shipped and invoiced (sell-in)
    sell_out: Floats  # case that consumers buy
    net_revenue: Floats  # money
    contribution: Floats  # money
    retail_sales: Floats  # the retailer's, without value-added tax, money
    retailer: Floats  # the retailer's profit, money
    realised: Demand
    charges: tuple[Charge, ...] = ()  # of the plan
    idle: tuple[Charge, ...] = ()  # of the world without events: due anyway

    def spent_in(self, weeks: Bools, events: Ints | slice = slice(None)) -> Floats:
        """[n, L] the spend of some events in the marked weeks of the horizon [W]; 0 in the others."""
        spend = self.event_spend[events]
        week = self.plan.week[events, None] + np.arange(spend.shape[1])
        inside = (week < len(weeks)) & weeks[np.minimum(week, len(weeks) - 1)]
        return np.where(inside, spend, 0.0)

    @property
    def lived(self) -> bool:
        """True for the year lived through, in which what events bring together is counted already."""
        return self.cases is self.realised.cases
