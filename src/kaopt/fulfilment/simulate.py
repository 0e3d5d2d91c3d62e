"""The verb: a plan's year lived through, as often as it takes to know the order fill rate."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from kaopt import compute
from kaopt.fulfilment.calendar import WEEK
from kaopt.fulfilment.fields import CAPACITY, CHANGEOVER, CHANGEOVERS, CUT, PLANNED, WORKDAYS
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.policies import ladder
from kaopt.fulfilment.replicate import USES, Outcome, blocks, count_block
from kaopt.fulfilment.warmup import settled
from kaopt.fulfilment.weekly import Tally, by_week, together
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.model import Scenario
from kaopt.scenario.receiving import CLAUSES
from kaopt.service import Aged, Ages, Plants, Service
from kaopt.statistics.interval import interval


def simulate(
    world: Scenario, plan: Plan, *, workers: int = 1, listener: Listener = silent, seed: int | None = None
) -> Service:
    """Live the plan's year through until the order fill rate is known well enough.

    Replications stop when the 95 % interval of total value fill is as narrow as `supply.replications.half_width`.
    The same seed gives the same luck to every plan, policy and number of workers. Raises ContradictionError where a
    case is lost count of.
    """
    began, rule = perf_counter(), world.supply.replications
    luck = world.supply.seed if seed is None else seed
    inputs = replace(prepare(settled(world, luck), plan, luck), by_week=True)
    outcomes: list[Outcome] = []
    sums: Tally | None = None
    runs = compute.map_ordered(count_block, inputs, blocks(rule), compute.Where(workers=workers))
    for block, counted in runs:
        outcomes += block
        sums = counted if sums is None else together(sums, counted)
        now = interval([one.fill for one in outcomes])
        text = f"order fill {now.mean:.1%} ± {now.half_width:.1%} after {len(outcomes)} years"
        listener(Progress("simulate", text, perf_counter() - began, done=len(outcomes), total=rule.max))
        if len(outcomes) >= rule.min and now.half_width <= rule.half_width:
            runs.close()
            break
    service = service_of(inputs, outcomes)
    return service if sums is None else replace(service, by_week=by_week(sums, len(outcomes)))


def lost_on_stock(inputs: Inputs, one: Outcome) -> float:
    """Money that a year's aged and damaged stock cost: goods, handling and disposal, less what outlets paid."""
    return ladder.loss(one.write_off, one.aged, inputs.supply, inputs.skus)


def service_of(inputs: Inputs, outcomes: list[Outcome]) -> Service:
    """All years together."""
    value = np.stack([one.value for one in outcomes])
    cases = np.stack([one.cases for one in outcomes]).astype(float)
    counts = np.stack([one.counts for one in outcomes]).astype(float)
    write_off = np.stack([one.write_off for one in outcomes]).astype(float)
    returned = np.stack([one.returned for one in outcomes]).astype(float)
    lost, fines = value[:, :, :, 2:], np.stack([one.fines for one in outcomes])
    return Service(
        ordered_value=value[:, :, :, 0],
        accepted_value=value[:, :, :, 1],
        lost_value=lost,
        ordered_cases=cases[:, :, :, 0],
        accepted_cases=cases[:, :, :, 1],
        lost_cases_by_sku=np.mean([one.lost for one in outcomes], axis=0),
        lines=counts[:, :, :2],
        orders=counts[:, :, 2:],
        penalties=fines.sum(axis=2),
        write_off_cases=write_off,
        write_off_value=np.array([lost_on_stock(inputs, one) for one in outcomes]),
        stock_age=np.stack([one.stock_age for one in outcomes]),
        stock_cases=np.stack([one.stock_cases for one in outcomes]),
        use={name: np.array([one.use[i] for one in outcomes]) for i, name in enumerate(USES)},
        warmup_weeks=inputs.warmup,
        clauses={clause: fines[:, :, k].sum(axis=2) for k, clause in enumerate(CLAUSES)},
        later_cases=np.stack([one.later for one in outcomes]).astype(float),
        later_value=np.stack([one.later_value for one in outcomes]),
        tried=np.stack([one.tried for one in outcomes]).astype(float),
        cash=np.stack([one.cash for one in outcomes]),
        blamed=np.stack([one.blamed for one in outcomes]).astype(float),
        ordered_cases_by_sku=np.mean([one.wanted for one in outcomes], axis=0),
        returned_cases=returned.sum(axis=2),
        returned_value=(returned * inputs.terms.price).sum(axis=2),
        unsold_value=np.array([one.unsold @ inputs.skus.unit_cost for one in outcomes]),
        ages=ages_of(outcomes),
        waits=np.stack([one.waits for one in outcomes]).astype(float),
        hire_cost=np.array([one.hired for one in outcomes], float) * float(inputs.supply.transport.hire_price or 0),
        plants=plants_of(inputs, outcomes),
        aged=aged_of(inputs, outcomes),
    )


def plants_of(inputs: Inputs, outcomes: list[Outcome]) -> Plants:
    """What plants made, how much of their capacity that took, and how often they stood still."""
    plant, days = inputs.terms.plant, slice(-inputs.first_day, inputs.weeks * WEEK - inputs.first_day)
    output = np.stack([one.output for one in outcomes]).astype(float)
    meant = inputs.sites.works[:, days].sum(axis=1)
    capacity = np.where(plant[:, CAPACITY] < 0, np.inf, plant[:, CAPACITY] * meant / plant[:, WORKDAYS])
    taken = output[:, :, PLANNED] + output[:, :, CHANGEOVERS] * plant[:, CHANGEOVER]
    limited = np.isfinite(capacity) & (capacity > 0)
    return Plants(
        made=output[:, :, PLANNED],
        cut=output[:, :, CUT],
        lots=output[:, :, CHANGEOVERS],
        capacity=capacity,
        used=np.where(limited, taken / np.where(limited, capacity, 1.0), np.nan),
        broken=np.stack([one.broken for one in outcomes]).astype(float),
        outside=np.stack([one.outside for one in outcomes]).astype(float),
    )


def aged_of(inputs: Inputs, outcomes: list[Outcome]) -> Aged:
    """What each step of the aged-stock ladder took, and what it brought."""
    rule = inputs.supply.stock
    return Aged(
        ways=tuple(rung.way for rung in ladder.in_turn(rule)),
        cases=np.stack([one.aged for one in outcomes]).astype(float),
        proceeds=np.stack([ladder.proceeds(one.aged, rule, inputs.skus).sum(axis=1) for one in outcomes]),
        by_sku=np.stack([ladder.proceeds(one.aged, rule, inputs.skus).sum(axis=0) for one in outcomes]),
    )


def ages_of(outcomes: list[Outcome]) -> Ages:
    """The age profiles of all years."""
    return Ages(
        stock=np.stack([one.stock_ages for one in outcomes]).astype(float),
        met=np.stack([one.met_ages for one in outcomes]).astype(float),
        past_limit=np.stack([one.past_limit for one in outcomes]),
    )
