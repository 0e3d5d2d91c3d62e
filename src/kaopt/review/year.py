"""A year that was lived: what was promoted, what was learned from it, and what would have sold without promotions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.plan import Plan
from kaopt.review.believed import belief_of
from kaopt.review.learn import ALONE, PATTERNS, Belief, Learned, Weeks, draws, learned
from kaopt.review.promotions import (
    Design,
    Run,
    design,
    happened_runs,
    planned_runs,
    planned_strength,
    promoted,
    taken_by_mates,
)
from kaopt.review.sales import Sales
from kaopt.review.signs import with_signs
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario

SIGNS = np.array([-1, 1, 1, 1, 0, 0, 0])  # of `TERMS`; 0: either
DRAWS, SEED = 400, 1


@dataclass(frozen=True, eq=False)
class Year:
    """A plan, what came of it, and what to believe. Series are the account-SKUs that are sold, [N]."""

    world: Scenario
    plan: Plan
    sales: Sales
    planned: tuple[Run, ...]
    runs: tuple[Run, ...]  # that took place
    ran: Bools  # [A, S, W]
    intended: Floats  # [A, S, W, M] strength planned
    strength: Floats  # [A, S, W, M] strength found; where nothing was seen, as planned
    as_planned: Design
    as_run: Design
    believed: Floats  # [A, S, P] coefficients of the plan
    series: Ints  # [N, 2] account and SKU
    number: Ints  # [A, S] of each series, -1 where the SKU is not sold
    belief: Belief
    learned: Learned
    coefficients: Floats  # [A, S, P] learned, signs kept
    base: Floats  # [A, S, W] case that would have sold without any promotion
    drawn: Floats  # [D, N, P] coefficients drawn from what was learned, signs kept

    def expected(self, coefficients: Floats) -> Floats:
        """[A, S, W] case that the weeks sell on average as they were run, with coefficients [A, S, P]."""
        active, after = self.as_run.effect(coefficients)
        return np.asarray(self.base * np.exp(active + after + taken_by_mates(self.world, active)))


def lived(world: Scenario, plan: Plan, sales: Sales) -> Year:
    """Set the sales beside the plan and learn from them."""
    planned, intended = planned_runs(world, plan), planned_strength(world, plan)
    strength = found_strength(intended, sales)
    ran = np.where(sales.executed == 1, True, promoted(strength))
    runs = happened_runs(planned, ran)
    as_planned, as_run = design(world, intended, planned), design(world, strength, runs)
    series, number = np.argwhere(world.listed), np.full(world.listed.shape, -1)
    number[series[:, 0], series[:, 1]] = np.arange(len(series))
    belief = belief_of(world, series)
    believed = grid(world, series, belief.value)
    coefficients = believed
    for patterns in ((ALONE,), PATTERNS):  # what other SKUs take is first taken as believed, then as learned
        weeks = weeks_of(world, sales, as_run, coefficients, number)
        found = learned(belief, weeks, patterns)
        signed = with_signs(found.value, found.covariance, SIGNS)
        coefficients = grid(world, series, signed)
    samples = draws(belief, weeks, found, count=DRAWS, seed=SEED)
    return Year(
        world=world,
        plan=plan,
        sales=sales,
        planned=tuple(planned),
        runs=tuple(runs),
        ran=ran,
        intended=intended,
        strength=strength,
        as_planned=as_planned,
        as_run=as_run,
        believed=believed,
        series=series,
        number=number,
        belief=belief,
        learned=found,
        coefficients=coefficients,
        base=world.base_cases * np.exp(level_of(world, weeks, found, signed, series))[:, :, None],
        drawn=np.where(samples * SIGNS >= 0, samples, 0.0),
    )


def found_strength(intended: Floats, sales: Sales) -> Floats:
    """[A, S, W, M] what the sales say of each week; what they do not say is as planned, or nothing if not executed."""
    said = np.concatenate([sales.log_ratio[..., None], sales.stores], axis=-1)
    otherwise = np.where((sales.executed == 0)[..., None], 0.0, intended)
    return np.asarray(np.where(np.isfinite(said), said, otherwise))


def weeks_of(world: Scenario, sales: Sales, run: Design, coefficients: Floats, number: Ints) -> Weeks:
    """The weeks that can teach something: ln of units over base, less what the other SKUs' promotions took."""
    a, s, w = np.nonzero(sales.believed & (world.base_cases > 0) & world.listed[:, :, None])
    taken = taken_by_mates(world, run.effect(coefficients)[0])
    y = np.log(sales.units[a, s, w] / world.base_cases[a, s, w]) - taken[a, s, w]
    return Weeks(number[a, s], run.active[a, s, w] + run.after[a, s, w], y)


def level_of(world: Scenario, weeks: Weeks, found: Learned, signed: Floats, series: Ints) -> Floats:
    """[A, S] ln of the mean week without promotions over the base of the plan; 0 where nothing was seen."""
    rest = weeks.y - (weeks.x * signed[weeks.at]).sum(1)
    count = np.maximum(found.weeks, 1)
    level = np.bincount(weeks.at, rest, len(series)) / count
    return grid(world, series, np.where(found.weeks > 0, level + found.variance / 2, 0.0))


def grid(world: Scenario, series: Ints, values: Floats) -> Floats:
    """[A, S, …] the values [N, …] of the series; 0 for what is not sold."""
    out = np.zeros((*world.listed.shape, *values.shape[1:]))
    out[series[:, 0], series[:, 1]] = values
    return out
