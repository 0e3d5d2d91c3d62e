"""The evaluator's account of a plan: what rules restate their sentence on."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.demand import Demand
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats


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

    `cases`, `net_revenue`, `contribution`: doing nothing plus the sum of all events alone, [A, S, W] (the model
    that the bound certifies). `realised`: the joint simulation, where effects of overlapping events multiply.
    """

    plan: Plan
    event_base_cases: Floats  # over active weeks
    event_cases: Floats  # over active weeks
    event_incremental_cases: Floats  # net of dip and cannibalisation
    event_net_revenue: Floats  # incremental, money
    event_spend: Floats  # [N, W] money accrued per week
    event_contribution: Floats  # incremental, money
    event_credit: Floats  # cases that count as profitable volume
    cases: Floats
    net_revenue: Floats
    contribution: Floats
    realised: Demand
    charges: tuple[Charge, ...] = ()  # of the plan
    idle: tuple[Charge, ...] = ()  # of the world without events: due anyway
