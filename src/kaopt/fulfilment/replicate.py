"""How often the year is lived through, and what all those years say together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from kaopt import compute
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.interval import interval, paired
from kaopt.fulfilment.kernels import AGE_SUM, CAUSES, ON_HAND, WRITTEN_OFF
from kaopt.fulfilment.world import live_through
from kaopt.fulfilment.year import Year
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Replications
from kaopt.service import Service

__all__ = ["interval", "paired", "simulate"]
BLOCK = 8  # replications that go to a worker together; fixed, so that results do not depend on the workers
USES = ("pick", "dock", "truck")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one year left behind; shapes as in Service without [R]."""

    value: Floats  # [A, W, 2 + C]
    cases: Ints  # [A, W, 2]
    lost: Ints  # [A, S, C]
    counts: Ints  # [A, 5]
    write_off: Ints  # [S] case
    stock_cases: Floats  # [S]
    stock_age: Floats  # [S]
    use: tuple[float, ...]  # as USES

    @property
    def fill(self) -> float:
        """Value fill over all accounts; 1 where nothing was ordered."""
        ordered = self.value[:, :, 0].sum()
        return float(self.value[:, :, 1].sum() / ordered) if ordered > 0 else 1.0


def simulate(
    world: Scenario, plan: Plan, *, workers: int = 1, listener: Listener = silent, seed: int | None = None
) -> Service:
    """Live the plan's year through until the order fill rate is known well enough.

    Replications stop when the 95 % interval of total value fill is as narrow as `supply.replications.half_width`.
    The same seed gives the same luck to every plan, policy and number of workers. Raises ContradictionError where a
    case is lost count of.
    """
    began, rule = perf_counter(), world.supply.replications
    inputs = prepare(world, plan, world.supply.seed if seed is None else seed)
    outcomes: list[Outcome] = []
    runs = compute.map_ordered(live_block, inputs, blocks(rule), workers=workers)
    for block in runs:
        outcomes += block
        now = interval([one.fill for one in outcomes])
        text = f"order fill {now.mean:.1%} ± {now.half_width:.1%} after {len(outcomes)} years"
        listener(Progress("simulate", text, perf_counter() - began, best=now.mean, done=len(outcomes), total=rule.max))
        if len(outcomes) >= rule.min and now.half_width <= rule.half_width:
            runs.close()
            break
    return service_of(inputs, outcomes)


def blocks(rule: Replications) -> Iterator[range]:
    """The replications in blocks: up to the least number, then on to the most."""
    done, most = 0, max(rule.min, rule.max)
    while done < most:
        stop = min(done + BLOCK, rule.min if done < rule.min else most)
        yield range(done, stop)
        done = stop


def live_block(inputs: Inputs, replications: range) -> list[Outcome]:
    """Some years, one after the other."""
    return [outcome(live_through(inputs, one)) for one in replications]


def outcome(year: Year) -> Outcome:
    """What is kept of a year."""
    days, supply = 7 * year.inputs.weeks, year.inputs.supply
    report = year.stock_days
    possible = (year.shift.length * 60, supply.docks * 1440, supply.trucks * 1440)
    return Outcome(
        value=year.ledger.value,
        cases=year.ledger.cases,
        lost=year.ledger.lost,
        counts=year.ledger.counts,
        write_off=report[WRITTEN_OFF] + year.ledger.damaged,
        stock_cases=report[ON_HAND] / days,
        stock_age=report[AGE_SUM] / np.maximum(report[ON_HAND], 1),
        use=tuple(busy / (one * days) if one else 0.0 for busy, one in zip(year.busy, possible, strict=True)),
    )


def service_of(inputs: Inputs, outcomes: list[Outcome]) -> Service:
    """All years together."""
    value = np.stack([one.value for one in outcomes])
    cases = np.stack([one.cases for one in outcomes]).astype(float)
    counts = np.stack([one.counts for one in outcomes]).astype(float)
    write_off = np.stack([one.write_off for one in outcomes]).astype(float)
    lost = value[:, :, :, 2 : 2 + CAUSES]
    return Service(
        ordered_value=value[:, :, :, 0],
        accepted_value=value[:, :, :, 1],
        lost_value=lost,
        ordered_cases=cases[:, :, :, 0],
        accepted_cases=cases[:, :, :, 1],
        lost_cases_by_sku=np.mean([one.lost for one in outcomes], axis=0),
        lines=counts[:, :, :2],
        orders=counts[:, :, 2:],
        penalties=lost.sum(axis=2) * inputs.accounts.penalty_rate[None, :, None],
        write_off_cases=write_off,
        write_off_value=write_off @ (inputs.skus.unit_cost + inputs.supply.disposal_cost),
        stock_age=np.stack([one.stock_age for one in outcomes]),
        stock_cases=np.stack([one.stock_cases for one in outcomes]),
        use={name: np.array([one.use[i] for one in outcomes]) for i, name in enumerate(USES)},
        warmup_weeks=inputs.warmup,
    )
