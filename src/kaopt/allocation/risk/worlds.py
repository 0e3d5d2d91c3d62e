"""The sampled worlds that a plan is made for: what every offer is worth in each, and what a solution is worth in all.

Rules hold as planned, at the estimates of the response; so do the fees, rebates by tier and regrets of soft rules that
follow from them. What differs from world to world is what events bring: cases, spend and contribution, and with these
whether an event has earned its volume credit.

An event's worth hangs on its own account-SKU's response alone. Where errors are independent, a few draws of each
account-SKU therefore make many worlds: in each world every account-SKU takes one of its draws, all of them equally
often over the worlds, met at random. A tail of many worlds can be learned from; one of a few worlds is mostly chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.allocation.plans.bench import Bench
from kaopt.eligible import Events
from kaopt.offers import Offers
from kaopt.response.sample import Sampling, uniforms
from kaopt.sampled import values
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.risk_settings import Risk
from kaopt.statistics.worst import blend, blend_weights


@dataclass(frozen=True, eq=False)
class Worlds:
    """Offers in the draws of their account-SKUs, the draw of each account-SKU in each world, how worlds are weighed."""

    values: Floats  # [J, O] objective of each offer by draw
    block: Ints  # [O] account-SKU of each offer, sorted
    pick: Ints  # [M, B] draw of each account-SKU in each world
    risk: Risk

    @property
    def mean(self) -> Floats:
        """[O] the mean worth of each offer: every draw is there equally often."""
        return np.asarray(self.values.mean(axis=0))

    def lived(self, x: Floats) -> Floats:
        """[M] what the events of a solution are worth in each world."""
        used = np.flatnonzero(x[: len(self.block)])
        return met(self.values[:, used] * x[used], self.block[used], self.pick)

    def weighed(self, weights: Floats) -> Floats:
        """[O] the mean worth of each offer when the worlds have these weights [M]."""
        held = np.flatnonzero(weights)
        shape = (self.pick.shape[1], len(self.values))
        place = np.arange(shape[0]) * shape[1] + self.pick[held]
        share = np.bincount(place.ravel(), np.repeat(weights[held], shape[0]), shape[0] * shape[1]).reshape(shape)
        return np.asarray(np.einsum("jo,jo->o", self.values, share.T[:, self.block]))

    def weights(self, x: Floats) -> Floats:
        """[M] the weights of the worlds by which a solution is valued: the least that the risk allows."""
        return blend_weights(self.lived(x), self.risk.level, self.risk.weight)

    def value(self, bench: Bench, x: Floats) -> float:
        """What a solution is worth: its events by mean and tail, what stands beside them as planned."""
        return blend(self.lived(x), self.risk.level, self.risk.weight) + beside(bench, x)


def met(worth: Floats, block: Ints, pick: Ints) -> Floats:
    """[M] the sums of worlds, from what each event is worth by draw, [J, N], its account-SKU [N] and `pick` [M, B]."""
    if not len(block):
        return np.zeros(len(pick))
    names, start = np.unique(block, return_index=True)
    sums = np.add.reduceat(worth, start, axis=1)
    return np.asarray(sums[pick[:, names], np.arange(len(names))].sum(axis=1))


def beside(bench: Bench, x: Floats) -> float:
    """What the switches of a solution and the misses of its soft rules are worth, measured from doing nothing."""
    program, events = bench.program, len(bench.problem.offers)
    rest = slice(events, program.matrix.shape[1])
    return float(program.cost[rest] @ x[rest]) + program.offset


def drawing(risk: Risk) -> Sampling:
    """The draws that a plan is made for: stratified, so that few of them have nearly the right mean."""
    return Sampling(risk.draws, risk.seed, "plan", risk.common, stratified=True)


def fresh(risk: Risk) -> Sampling:
    """Further worlds, independent of each other and of those of the plan."""
    return Sampling(risk.fresh, risk.seed, "fresh", risk.common)


def worlds_in(risk: Risk) -> int:
    """How many worlds a plan is made for: `samples`, rounded up so that every draw is there equally often."""
    return risk.draws if risk.common > 0 else -(-risk.samples // risk.draws) * risk.draws


def pick_of(world: Scenario, risk: Risk) -> Ints:
    """[M, B] the draw of each account-SKU in each world; with errors in common, world and draw are one."""
    accounts, skus, _ = world.shape
    if risk.common > 0:
        return np.repeat(np.arange(risk.draws)[:, None], accounts * skus, axis=1)
    how = Sampling(worlds_in(risk), risk.seed, "plan")
    names: list[tuple[str, ...]] = [(account, sku) for account in world.accounts.account for sku in world.skus.sku]
    return np.asarray(np.argsort(uniforms(how, names, "meeting"), axis=1).T % risk.draws)


def worlds_of(world: Scenario, offers: Offers, risk: Risk) -> Worlds:
    """Value every offer in every draw."""
    block = offers.account * len(world.skus.sku) + offers.sku
    return Worlds(values(world, events_of(offers), drawing(risk)), block, pick_of(world, risk), risk)


def events_of(offers: Offers) -> Events:
    """The offers' events, in their order."""
    return Events(offers.account, offers.sku, offers.week, offers.weeks, offers.treatment)
