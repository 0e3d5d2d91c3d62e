"""The calendars that planners draw by habit: one mechanic, every p weeks, on the n best SKUs of every account.

`python -m benchmarks.equal_spacing SCENARIO` lists them all with objective and breaches, beside the optimised plan.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import kaopt as ka

PERIODS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 26)
BEST = (1, 2, 3, 5, 8)


@dataclass(frozen=True)
class Calendar:
    """A calendar by habit and what the evaluator says of it."""

    name: str
    plan: ka.Plan
    objective: float
    broken: tuple[str, ...]  # names of the rules that it breaks


def calendars(world: ka.Scenario) -> Iterator[tuple[str, ka.Plan]]:
    """Every mechanic and length, every period, for the n best SKUs; at once everywhere or shifted by account and SKU."""
    _, skus, _ = world.shape
    for k, treatment in enumerate(world.treatments.treatment):
        for length in world.treatments.lengths[k]:
            for period in (p for p in PERIODS if p > length):
                for best in [n for n in BEST if n < skus] + [skus]:
                    for shifted in (False, True):
                        name = f"{treatment} for {length} weeks every {period} on {best} SKUs" + ", shifted" * shifted
                        yield name, plan(world, k, length, period, best, shifted)


def plan(world: ka.Scenario, k: int, length: int, period: int, best: int, shifted: bool) -> ka.Plan:
    """The events of one such calendar; where a week is closed or the notice too short there is none."""
    accounts, _, weeks = world.shape
    notice = world.treatments.lead_time[k] <= world.accounts.notice_days
    events = []
    for a in range(accounts):
        top = np.argsort(-world.base_cases[a].sum(axis=1), kind="stable")[:best]
        for rank, s in enumerate(int(one) for one in top if world.listed[a, one] and notice[a]):
            first = (3 * a + 2 * rank) % period if shifted else 0
            for week in range(first, weeks - length + 1, period):
                if world.eligible[a, s, k, week : week + length].all():
                    events.append((a, s, week, length, k))
    columns = np.array(events, dtype=np.int64).reshape(-1, 5).T
    return ka.Plan(*columns)


def judged(world: ka.Scenario) -> Iterator[Calendar]:
    """All of them before the evaluator."""
    for name, one in calendars(world):
        found = ka.evaluate(world, one)
        yield Calendar(name, one, found.objective, tuple(sorted({b.rule for b in found.breaches})))


def main() -> None:
    """List them, the best last, and the optimised plan below."""
    world = ka.load(sys.argv[1])
    found = sorted(judged(world), key=lambda c: c.objective)
    clean = [one for one in found if not one.broken]
    for one in found if "--all" in sys.argv else clean:
        print(f"{one.objective:14,.1f}  {len(one.plan):5d} events  {one.name}  {', '.join(one.broken)}")
    made = ka.allocate(world)
    assert made.certificate is not None
    print(f"{len(found)} calendars, {len(clean)} without a breach")
    print(f"{made.certificate.objective:14,.1f}  {len(made):5d} events  optimised; doing nothing 0.0")


if __name__ == "__main__":
    main()
