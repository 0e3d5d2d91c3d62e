"""Years lived in blocks, wherever there is a processor free: the only place here that knows the simulation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from types import MappingProxyType

import numpy as np

from kaopt.experiments.measures import MEASURES
from kaopt.experiments.question import Question
from kaopt.experiments.settings import Measured
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.replicate import BLOCK, live_block
from kaopt.fulfilment.simulate import service_of
from kaopt.fulfilment.warmup import settled
from kaopt.plan import Plan
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario

__all__ = ["BLOCK", "Bench", "Task", "bench_of", "work"]

ROOM = 400_000_000  # bytes of prepared inputs that a process keeps; what does not fit is prepared again


@dataclass(frozen=True)
class Task:
    """Some years of one policy."""

    policy: int
    first: int
    end: int

    @property
    def size(self) -> int:
        """How many years."""
        return self.end - self.first


@dataclass(frozen=True, eq=False)
class Bench:
    """What every process needs, sent once; `ready` fills as policies are met."""

    worlds: tuple[Scenario, ...]
    plans: tuple[Plan, ...]
    measures: tuple[Measured, ...]
    seed: int
    ready: dict[int, Inputs] = field(default_factory=dict)

    def inputs(self, policy: int) -> Inputs:
        """What the years of a policy share, prepared at its first year in this process."""
        if policy not in self.ready:
            made = prepare(settled(self.worlds[policy], self.seed), self.plans[policy], self.seed)
            while self.ready and (len(self.ready) + 1) * size_of(made) > ROOM:
                self.ready.pop(next(iter(self.ready)))
            self.ready[policy] = made
        return self.ready[policy]


def bench_of(question: Question) -> Bench:
    """The worlds without what no year looks at, so that they travel."""
    return Bench(tuple(map(light, question.worlds)), question.plans, question.measures, question.seed)


def light(world: Scenario) -> Scenario:
    """A world without its papers; mappings that cannot be changed cannot travel either, and become plain ones."""
    plain = {one.name: getattr(world, one.name) for one in fields(world)}
    plain = {name: dict(value) for name, value in plain.items() if isinstance(value, MappingProxyType)}
    return replace(world, **plain | {name: {} for name in ("rules", "provenance", "resolved", "inputs")})


def size_of(part: object) -> int:
    """Bytes of the arrays in prepared inputs and their parts."""
    if isinstance(part, np.ndarray):
        return part.nbytes
    if is_dataclass(part):
        return sum(size_of(getattr(part, one.name)) for one in fields(part))
    return sum(map(size_of, part)) if isinstance(part, tuple) else 0


def work(bench: Bench, task: Task) -> Floats:
    """[years, measures] what is measured of the years of a task."""
    inputs = bench.inputs(task.policy)
    service = service_of(inputs, live_block(inputs, range(task.first, task.end)))
    accounts = bench.worlds[task.policy].accounts.account
    columns = []
    for one in bench.measures:
        who = [accounts.index(one.account)] if one.account else range(len(accounts))
        columns.append(MEASURES[one.measure].read(service, np.array(who, dtype=np.int64)))
    return np.stack(columns, axis=1).astype(float)
