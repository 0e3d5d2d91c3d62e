"""From a plan and its simulated service to the five KPIs, in total and by account."""

from __future__ import annotations

import numpy as np

from kaopt.plan import Plan
from kaopt.scenario.columns import Ints
from kaopt.scenario.model import Scenario
from kaopt.scorecard import fill, kpis, profit
from kaopt.scorecard.figures import Scorecard, Scores
from kaopt.scorecard.money import losses_of, year_of
from kaopt.scorecard.sums import Sums
from kaopt.scorecard.unsure import spread_of
from kaopt.service import Service

PLANNED_ONLY = 0.95


def score(world: Scenario, plan: Plan, service: Service | None = None) -> Scorecard:
    """Say whether to sign a plan: sales, share, execution, profit and order fill rate against their targets.

    Sales, share and profit as planned (all events of the plan together, `kaopt.demand`) and, where a service is
    given, as delivered. Total figures are sums over the accounts; ratios are computed from sums, never averaged.
    """
    year, demand = year_of(world, plan)
    spread = spread_of(world, plan, year)
    losses = None if service is None else losses_of(world, plan, demand, service)
    confidence = PLANNED_ONLY if service is None else service.confidence
    names = world.accounts.account
    everyone = np.arange(len(names))

    def of(accounts: Ints) -> Scores:
        return scores(Sums(world, accounts, year, losses, confidence, spread), service)

    return Scorecard(
        name=world.name.en or world.name.zh,
        currency=world.currency,
        replications=0 if service is None else service.replications,
        confidence=confidence,
        total=of(everyone),
        accounts={name: of(everyone[a : a + 1]) for a, name in enumerate(names)},
        worlds=0 if spread is None else len(spread.cases),
    )


def scores(of: Sums, service: Service | None) -> Scores:
    """The five in the domain's order."""
    return Scores(kpis.sales(of), kpis.share(of), kpis.execution(of), profit.profit(of), fill.fill_rate(of, service))
