"""The calendars that planners draw by habit: one mechanic, every p weeks, on the n best SKUs of every account.

`python -m benchmarks.equal_spacing SCENARIO` lists them all with objective and breaches, beside the optimised plan.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

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


@dataclass(frozen=True)
class Habit:
    """One mechanic for so many weeks, every `period` weeks, on the `best` SKUs; shifted by account and SKU or not."""

    treatment: int
    length: int
    period: int
    best: int
    shifted: bool

    def name(self, world: ka.Scenario) -> str:
        """In words."""
        what = f"{world.treatments.treatment[self.treatment]} for {self.length} weeks every {self.period}"
        return f"{what} on {self.best} SKUs" + (", shifted" if self.shifted else "")


def habits(world: ka.Scenario) -> Iterator[Habit]:
    """Every mechanic and length, every period, for the n best SKUs; at once everywhere or shifted."""
    skus = len(world.skus.sku)
    for k, lengths in enumerate(world.treatments.lengths):
        for length, period, best in product(lengths, PERIODS, [*(n for n in BEST if n < skus), skus]):
            if period > length:
                yield Habit(k, length, period, best, False)
                yield Habit(k, length, period, best, True)


def plan(world: ka.Scenario, habit: Habit) -> ka.Plan:
    """The events of one such calendar; where a week is closed or the notice too short there is none."""
    accounts, _, weeks = world.shape
    k, length = habit.treatment, habit.length
    notice = world.treatments.lead_time[k] <= world.accounts.notice_days
    events = []
    for a in range(accounts):
        top = np.argsort(-world.base_cases[a].sum(axis=1), kind="stable")[: habit.best]
        for rank, s in enumerate(int(one) for one in top if world.listed[a, one] and notice[a]):
            first = (3 * a + 2 * rank) % habit.period if habit.shifted else 0
            starts = range(first, weeks - length + 1, habit.period)
            events += [(a, s, w, length, k) for w in starts if world.eligible[a, s, k, w : w + length].all()]
    columns = np.array(events, dtype=np.int64).reshape(-1, 5).T
    return ka.Plan(*columns)


def judged(world: ka.Scenario) -> Iterator[Calendar]:
    """All of them before the evaluator."""
    for habit in habits(world):
        one = plan(world, habit)
        found = ka.evaluate(world, one)
        yield Calendar(habit.name(world), one, found.objective, tuple(sorted({b.rule for b in found.breaches})))


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
