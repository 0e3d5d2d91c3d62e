"""Three views of cause: what the customer books first, what removing one cause gives, and a fair share (Shapley).

A refused truck comes home, its goods age, and are refused for age the next time: the customer's list blames freshness,
the cause is the truck. Counterfactual years tell the two apart (Shapley 1953; Shorrocks 2013, J. Econ. Inequality 11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial
from time import perf_counter

import numpy as np

from kaopt import compute
from kaopt.causes.spare import SPARABLE, spare
from kaopt.fulfilment.inputs import Inputs, prepare
from kaopt.fulfilment.replicate import BLOCK, Outcome, live_block
from kaopt.fulfilment.warmup import settled
from kaopt.plan import Plan
from kaopt.progress import Listener, Progress, silent
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.model import Scenario
from kaopt.service import CAUSES, FINE_CAUSES

Task = tuple[tuple[str, ...], range]  # causes that never happen, years
OLD = FINE_CAUSES.index("stock_too_old")  # short for the customer, age for the warehouse


@dataclass(frozen=True, eq=False)
class Causes:
    """Value fill of every year under every set of causes that never happen; the last column: all accounts together."""

    groups: tuple[str, ...]  # [G] causes that happen
    fill: Floats  # [2**G, R, A + 1] bit g of the first index: cause g never happens
    first: Floats  # [R, A + 1, G] share of ordered value lost, by the cause that the customer books
    left: Floats  # [R, A + 1] share lost to what cannot be taken away: mistakes of others

    @property
    def gap(self) -> Floats:
        """[R, A + 1] what is missing to a year without any of these causes."""
        missing: Floats = self.fill[-1] - self.fill[0]
        return missing

    @property
    def alone(self) -> Floats:
        """[R, A + 1, G] what fill gains where one cause alone never happens (leave-one-out)."""
        return np.stack([self.fill[1 << g] - self.fill[0] for g in range(len(self.groups))], axis=-1)

    @cached_property
    def shapley(self) -> Floats:
        """[R, A + 1, G] mean gain over every order in which the causes could be taken away; adds up to the gap."""
        count, found = len(self.groups), []
        for g in range(count):
            others = [o for o in range(count) if o != g]
            share = np.zeros(self.fill.shape[1:])
            for size in range(count):
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                for some in combinations(others, size):
                    without = sum(1 << o for o in some)
                    share += weight * (self.fill[without | 1 << g] - self.fill[without])
            found.append(share)
        return np.stack(found, axis=-1) if found else np.zeros((*self.fill.shape[1:], 0))


def attribute(
    world: Scenario, plan: Plan, *, years: int | None = None, workers: int = 1, listener: Listener = silent
) -> Causes:
    """Live every year once for each set of causes that may be spared, with the same luck.

    `years`: replications; else `supply.replications.min`. With G causes that happen, 2**G times as many years.
    """
    count, began = years or world.supply.replications.min, perf_counter()
    inputs = prepare(settled(world, world.supply.seed), plan, world.supply.seed)
    with compute.crew(work, inputs, compute.Where(workers=workers)) as perform:
        blocks = [range(first, min(first + BLOCK, count)) for first in range(0, count, BLOCK)]

        def lived(groups: tuple[str, ...]) -> Floats:
            found = np.concatenate(list(perform([(groups, block) for block in blocks])))
            what = f"without {', '.join(groups)}" if groups else "as it is"
            text = f"{what}: order fill {found[:, -1, 0].mean():.1%}"
            listener(Progress("causes", text, perf_counter() - began))
            return found

        base = lived(())
        groups = happening(base)
        while (more := happening(last := lived(groups))) and set(more) - set(groups):
            groups = tuple(g for g in SPARABLE if g in groups or g in more)
        every = [base, *(lived(some) for some in between(groups)), last] if groups else [base]
    order = tuple(CAUSES)
    return Causes(
        groups=groups,
        fill=np.stack([one[..., 0] for one in every]),
        first=base[..., [1 + order.index(g) for g in groups]],
        left=base[..., [1 + n for n, g in enumerate(order) if g not in groups]].sum(axis=-1),
    )


def between(groups: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every set of causes but none and all, in the order of its bits."""
    for bits in range(1, 2 ** len(groups) - 1):
        yield tuple(g for n, g in enumerate(groups) if bits >> n & 1)


def happening(lived: Floats) -> tuple[str, ...]:
    """The causes that lose something in these years."""
    seen = lived[:, -1].sum(axis=0)
    found = {g for n, g in enumerate(CAUSES) if seen[1 + n] > 0} | ({"age"} if seen[-1] > 0 else set())
    return tuple(g for g in SPARABLE if g in found)


def work(inputs: Inputs, task: Task) -> Floats:
    """[years, A + 1, 2 + groups] fill, share lost by cause, and share that the gate kept back, of some years."""
    groups, years = task
    return np.stack([shares(one) for one in live_block(spare(inputs, groups), years)])


def shares(one: Outcome) -> Floats:
    """[A + 1, ·] of one year: each account, and all of them together."""
    value = one.value.sum(axis=1)
    value = np.concatenate([value, value.sum(axis=0, keepdims=True)])
    ordered = value[:, 0]
    lost = np.stack([value[:, 2:][:, mask].sum(axis=1) for mask in MASKS], axis=1)
    columns = np.concatenate([value[:, 1:2], lost, value[:, 2 + OLD : 3 + OLD]], axis=1)
    part: Floats = np.divide(columns, ordered[:, None], out=np.zeros_like(columns), where=ordered[:, None] > 0)
    part[ordered == 0, 0] = 1.0
    return part


MASKS: tuple[Bools, ...] = tuple(np.array([fine in many for fine in FINE_CAUSES]) for many in CAUSES.values())
