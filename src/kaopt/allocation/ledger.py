"""The evaluator's account of a plan: what rules restate their sentence on."""

from __future__ import annotations

from dataclasses import dataclass

from kaopt.demand import Demand
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats


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
