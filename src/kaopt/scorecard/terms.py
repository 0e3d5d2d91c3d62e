"""What the agreement takes beside the events of a plan: fees that they open, rebates by tier, planned and delivered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.allocation.ledger_make import ledger_of, realised
from kaopt.allocation.rules import all_charges, fees, rebate
from kaopt.demand import Demand
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Terms:
    """[A] money of the year lived as planned."""

    opened: Floats  # fees that the plan's events open
    rebates: Floats  # by tier
    extra_rebates: Floats  # of which more than without any event


def terms_of(world: Scenario, plan: Plan) -> Terms:
    """The fees and rebates of a plan, in the year in which its events meet."""
    if not world.fees and not world.rebates:
        none = np.zeros(world.shape[0])
        return Terms(none, none, none)
    mine, idle = (due(world, one) for one in (plan, Plan.nothing()))
    return Terms(mine["fees"], mine["rebate"], mine["rebate"] - idle["rebate"])


def due(world: Scenario, plan: Plan) -> dict[str, Floats]:
    """[A] money by the name of the rule."""
    found = {"fees": np.zeros(world.shape[0]), "rebate": np.zeros(world.shape[0])}
    year = realised(world, ledger_of(world, plan))
    for one in all_charges(world, year, (fees, rebate)):
        found[one.rule][one.account] -= one.contribution
    return found


def rebates_saved(world: Scenario, demand: Demand, revenue: Floats, cases: Floats) -> Floats:
    """[R, A] rebates by tier that fall away where so much of the planned year is not sold, [R, A] money and cases."""
    found = np.zeros_like(revenue)
    for one in world.rebates:
        a, (amounts, less) = one.account, (demand.net_revenue, revenue)
        if one.measure == "cases":
            amounts, less = demand.cases, cases
        planned = float(amounts[a].sum())
        left = [rebate.due(one, planned - float(lost)) for lost in less[:, a]]
        found[:, a] += rebate.due(one, planned) - np.array(left)
    return found
