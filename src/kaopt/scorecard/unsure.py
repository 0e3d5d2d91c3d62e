"""How far planned figures may be off because responses to promotions are estimates: worlds sampled for one plan.

In each world every event brings what the response of that world says; where events meet, what they bring together
beyond their sum stays as planned. Rebates by tier follow the world's sales.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.allocation.rules import rebate
from kaopt.eligible import Events
from kaopt.plan import Plan
from kaopt.response.sample import Sampling, sampled, uncertain
from kaopt.sampled import totals
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.risk_settings import Risk
from kaopt.scorecard.money import Year

WORLDS = 200


@dataclass(frozen=True, eq=False)
class Spread:
    """[K, A] by how much each account's year differs from the planned one in each sampled world."""

    cases: Floats
    net_revenue: Floats  # money, before rebates by tier as in `Year`
    contribution: Floats  # money, after all trade spend


def spread_of(world: Scenario, plan: Plan, year: Year) -> Spread | None:
    """The plan in sampled worlds; None where the response has no standard errors."""
    if not uncertain(world):
        return None
    risk = world.risk or Risk()
    events = Events(plan.account, plan.sku, plan.week, plan.weeks, plan.treatment)
    how = Sampling(WORLDS, risk.seed, "score", risk.common, stratified=True)
    planned = next(totals(world, events, [world.response]))
    names = ("cases", "net_revenue", "contribution")
    table = np.zeros((len(names), WORLDS, len(world.accounts.account)))
    for number, one in enumerate(totals(world, events, sampled(world, how))):
        for n, name in enumerate(names):
            change = getattr(one, name) - getattr(planned, name)
            table[n, number] = np.bincount(plan.account, change, table.shape[2])
    cases, net, contribution = table
    return Spread(cases, net, contribution - rebates(world, year, cases, net))


def rebates(world: Scenario, year: Year, cases: Floats, net: Floats) -> Floats:
    """[K, A] how much more is due in rebates by tier when so much more is sold."""
    found = np.zeros_like(net)
    for one in world.rebates:
        sold, more = (year.cases, cases) if one.measure == "cases" else (year.net_revenue, net)
        planned = float(sold[one.account])
        due = [rebate.due(one, planned + float(change)) for change in more[:, one.account]]
        found[:, one.account] += np.array(due) - rebate.due(one, planned)
    return found
