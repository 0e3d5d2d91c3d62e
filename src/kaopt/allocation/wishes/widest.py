"""The problem before anything is shut out: what is closed, forbidden or too late is offered and held at nothing.

So that a conflict can name the rules that have no rows because what they forbid is never offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kaopt.allocation.problem import Problem, problem_of
from kaopt.allocation.rules.rule import Rule
from kaopt.eligible import notice_kept, open_cells
from kaopt.offers import Offers
from kaopt.patterns import ragged
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Scenario


def widest(world: Scenario, rules: tuple[Rule, ...]) -> tuple[Problem, Mapping[str, Bools]]:
    """The problem over every event at a price in a listed place; and [O] what each of the silent rules shuts out."""
    what = replace(world.treatments, lead_time=np.zeros_like(world.treatments.lead_time))
    locks = tuple(one for one in world.locks if one.kind != "forbidden")
    wide = replace(world, treatments=what, locks=locks, eligible=np.ones_like(world.eligible), planned_on=None)
    problem = problem_of(wide, rules)
    return problem, shut_by(world, problem.offers)


def shut_by(world: Scenario, offers: Offers) -> dict[str, Bools]:
    """[O] by rule: the offers that it does not allow; what is signed is allowed by all."""
    free = replace(world, locks=tuple(one for one in world.locks if one.kind != "forbidden"))
    late = ~notice_kept(world)[offers.account, offers.treatment, offers.week]
    closed, forbidden = outside(offers, open_cells(free)), outside(offers, open_cells(world))
    loose = ~signed(world, offers)
    shut = {"blackout": closed & loose, "lead_time": late & loose, "locks": forbidden & ~closed & loose}
    return {rule: which for rule, which in shut.items() if np.any(which)}


def outside(offers: Offers, cells: Bools) -> Bools:
    """[O] offers that run in a week that is not open, [A, S, K, W]."""
    offer, nth = ragged(offers.weeks)
    where = (offers.account[offer], offers.sku[offer], offers.treatment[offer], offers.week[offer] + nth)
    return np.bincount(offer, weights=~cells[where], minlength=len(offers)) > 0


def signed(world: Scenario, offers: Offers) -> Bools:
    """[O] offers that are committed."""
    same = np.zeros(len(offers), bool)
    for lock in world.locks:
        if lock.kind == "committed":
            here = (offers.account == lock.account) & (offers.sku == lock.sku) & (offers.treatment == lock.treatment)
            same |= here & (offers.week == lock.week) & (offers.weeks == lock.weeks)
    return same
