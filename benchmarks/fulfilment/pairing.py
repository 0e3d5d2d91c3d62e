"""What shared luck is worth with three trucks fewer, over a range of fleets: `python -m benchmarks.fulfilment.pairing`.

Ratio: the variance of the difference of two unrelated samples over that of the same luck lived twice. Were orders
independent, and could three trucks fewer only ever spoil one, no pairing could do better than `best`: of a share f of
orders that change, the difference keeps the variance f (1 - f). `use`: trucks that a delivery day needs on average over
the fleet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from benchmarks.fulfilment.worlds import world_of
from kaopt import api
from kaopt.fulfilment.begin import begin
from kaopt.fulfilment.fields import DAY_OF, WEEK_OF
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.loops import timing
from kaopt.fulfilment.replicate import Outcome, live_block
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

CASE2 = "scenarios/case2_order_penalties"
SEED, FEWER = 7, 3
# world, cases of a truck, fleets
TABLE = (
    ("small", 20, (42, 39, 36, 33, 30)),
    ("small", 10, (63, 60, 57, 54, 51)),
    ("before", 200, (23, 20, 17, 14)),
    ("after", 200, (23, 20, 17, 14)),
    ("after, plenty", 200, (23, 20, 17, 14)),
)


@dataclass(frozen=True)
class Pairing:
    """Two fleets that met the same luck; shares of 1."""

    use: float
    otif: tuple[float, float]
    case: tuple[float, float]
    otif_ratio: float
    case_ratio: float

    @property
    def best(self) -> float:
        """The greatest ratio of OTIF that keys could reach, were orders independent."""
        more, less = self.otif
        changed = more - less
        if changed <= 0:
            return inf
        return (more * (1 - more) + less * (1 - less)) / (changed * (1 - changed))


def world_named(name: str) -> tuple[Scenario, Plan]:
    """The benchmark's small world, or case 2 before or after; `plenty`: with stock for every order."""
    if name == "small":
        return world_of("small"), Plan.nothing()
    variant = "after" if name.startswith("after") else None
    stock = ("tables.skus.*.safety_weeks=12",) if name.endswith("plenty") else ()
    world = api.load(CASE2, variant=variant, overrides=stock)
    assert world.plan_file is not None  # case 2 has one
    return world, api.load_plan(world, world.plan_file)


def inputs_of(given: tuple[Scenario, Plan], cases: float, trucks: int) -> Inputs:
    """The same year with another fleet."""
    supply = given[0].supply.model_copy(update={"truck_cases": float(cases), "trucks": trucks})
    return prepare(replace(given[0], supply=supply), given[1], SEED)


def needed(inputs: Inputs) -> float:
    """Trucks that a day with deliveries needs on average."""
    state, due = begin(inputs, 0), inputs.terms.due
    days: dict[int, int] = {}
    for d in range(len(due)):
        for n in range(due.shape[1]):
            if due[d, n, WEEK_OF] >= 0:
                day = int(due[d, n, DAY_OF])
                days[day] = days.get(day, 0) + int(timing.trucks_planned(state, d, n))
    return float(np.mean([count for count in days.values() if count]))


def shares(one: Outcome) -> tuple[float, float]:
    """OTIF and case fill of a year."""
    orders, cases = one.counts.sum(axis=0), one.cases.sum(axis=(0, 1))
    return float(orders[4] / orders[2]), float(cases[1] / cases[0])


def pairs(name: str, cases: float, fleets: tuple[int, ...], years: int) -> Iterator[tuple[int, Pairing]]:
    """Each fleet against the one with three trucks fewer, as far as both are asked for."""
    given, lived, use = world_named(name), {}, {}
    for trucks in fleets:
        inputs = inputs_of(given, cases, trucks)
        use[trucks] = needed(inputs) / trucks
        lived[trucks] = np.array([shares(one) for one in live_block(inputs, range(years))])
    for trucks in fleets:
        if trucks - FEWER in lived:
            more, less = lived[trucks], lived[trucks - FEWER]
            otif, case = (ratio(more[:, i], less[:, i]) for i in range(2))
            means = [(float(more[:, i].mean()), float(less[:, i].mean())) for i in range(2)]
            yield trucks, Pairing(use[trucks], means[0], means[1], otif, case)


def ratio(one: Floats, other: Floats) -> float:
    """Variance of the difference of unrelated samples over that of the pairs; infinite where no year differs."""
    together = float((one - other).var(ddof=1))
    return float(one.var(ddof=1) + other.var(ddof=1)) / together if together > 0 else inf


def main() -> int:
    """Print the table."""
    head = f"{'world':14} {'truck':>5} {'trucks':>9} {'use':>4}"
    print(f"{head}  {'OTIF':>14} {'ratio':>7} {'best':>7}  {'case fill':>14} {'ratio':>7}")
    for name, cases, fleets in TABLE:
        for trucks, one in pairs(name, cases, fleets, 40):
            fleet = f"{trucks} > {trucks - FEWER}"
            otif, case = (f"{100 * more:.2f} > {100 * less:.2f}" for more, less in (one.otif, one.case))
            worth = f"{otif:>14} {one.otif_ratio:7.1f} {one.best:7.1f}  {case:>14} {one.case_ratio:7.1f}"
            print(f"{name:14} {cases:5} {fleet:>9} {one.use:4.0%}  {worth}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
