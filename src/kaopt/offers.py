"""Every eligible promotion event with its effects by week: the table that both models read.

An event's effects are simulated once, alone against doing nothing; the rows of the rules are linear in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kaopt.effects import Effects, effects_of, marks_of
from kaopt.eligible import eligible_events
from kaopt.scenario.columns import Bools, Floats, Ints, Texts
from kaopt.scenario.model import Scenario
from kaopt.switches import Switches, no_switches

CREDIT_TOLERANCE = 1e-6  # money: an event that stands on the hurdle but for rounding has passed it


@dataclass(frozen=True, eq=False)
class Reach:
    """What the offers of all accounts can add to the cases of each SKU-week, [S, W] each."""

    one_at_a_time: Floats  # with one event at a time in every account-SKU, and all that mates may gain
    all_at_once: Floats


@dataclass(frozen=True, eq=False)
class Offers:
    """Eligible events; aligned arrays with [O] entries, sorted by account, SKU, week, weeks, treatment."""

    account: Ints
    sku: Ints
    week: Ints  # first week, 0-based
    weeks: Ints  # length
    treatment: Ints
    base_cases: Floats  # of the SKU over the active weeks, without the event
    cases: Floats  # of the SKU over the active weeks, with it
    incremental_cases: Floats  # net of dip and of what cluster mates lose
    net_revenue: Floats  # incremental, money
    spend: Floats  # trade spend, money
    contribution: Floats  # incremental, money
    credit: Floats  # cases that count as profitable volume
    value: Floats  # coefficient in the objective, in its unit
    effects: Effects
    switches: Switches = field(default_factory=no_switches)  # what rules decide beside the offers
    part: Ints | None = None  # the accounts whose offers these are, all of each; None: every account
    reach: Reach | None = None  # of all accounts, where a part is to know it (limits of supply hold for all together)

    def __len__(self) -> int:
        """Number of offers."""
        return len(self.account)

    @property
    def columns(self) -> int:
        """Everything that is decided: offers, then switches."""
        return len(self.account) + len(self.switches)

    def of(self, first: int, last: int = -1) -> slice:
        """The offers of an account, or of all accounts from the first to the last: they stand together."""
        begin, end = np.searchsorted(self.account, [first, max(first, last) + 1]).tolist()
        return slice(begin, end)

    def covers(self, world: Scenario) -> Bools:
        """[A] the accounts whose offers these are."""
        found = np.full(world.shape[0], self.part is None)
        found[[] if self.part is None else self.part] = True
        return found


def make_offers(world: Scenario, accounts: Ints | slice | None = None) -> Offers:
    """Everything that may be promoted, with what each event brings, costs and takes from other weeks and SKUs.

    Sorted by account, SKU, week, weeks, treatment. Memory is linear in offers x weeks touched. `accounts`: of these
    only, exactly as they stand in the whole (no event changes anything at another account); rules say about such a
    part what they say about its offers in the whole.
    """
    part = None if accounts is None else np.unique(np.arange(world.shape[0])[accounts])
    events = eligible_events(world, part)
    marks = marks_of(world, events)
    effects = effects_of(world, events, marks)
    base, here = effects.base[marks.running], effects.offer[marks.running]

    def total(offer: Ints, amount: Floats) -> Floats:
        return np.bincount(offer, weights=amount, minlength=len(events.account)).astype(float, copy=False)

    spend = total(here, effects.spend[marks.running])
    contribution, added = (total(effects.offer, one) for one in (effects.contribution, effects.cases))
    earns = contribution >= world.objective.hurdle * spend - CREDIT_TOLERANCE
    credit = np.where(earns, added, 0.0)
    return Offers(
        account=events.account,
        sku=events.sku,
        week=events.week,
        weeks=events.weeks,
        treatment=events.treatment,
        base_cases=total(here, base),
        cases=total(here, base + effects.cases[marks.running]),
        incremental_cases=added,
        net_revenue=total(effects.offer, effects.net_revenue),
        spend=spend,
        contribution=contribution,
        credit=credit,
        value=value_of(world, credit, contribution) * weight_of(world, events.account, events.sku),
        effects=effects,
        part=part,
    )


def value_of(world: Scenario, credit: Floats, contribution: Floats) -> Floats:
    """[O] what an offer is worth in the objective before weights: cases where volume is maximised, else money.

    `lexicographic`: of the stage that the certificate is about, the volume.
    """
    aim = world.objective
    if aim.maximize == "lexicographic":
        return credit
    if aim.maximize == "profitable_volume":
        return credit + aim.tie * contribution
    if aim.maximize == "value":
        return contribution + aim.case_value * credit
    return contribution


def weight_of(world: Scenario, account: Ints, sku: Ints) -> Floats:
    """[O] how much events count: the product of the weights of their account, its segment and the SKU's brand."""
    by_brand = weights_by(world.objective.weights.brand, world.skus.brand)
    every = np.multiply.outer(weight_at(world, np.arange(world.shape[0])), by_brand)  # [A, S]
    return np.asarray(np.take(every, account * world.shape[1] + sku))


def weight_at(world: Scenario, account: Ints) -> Floats:
    """[Z] how much that counts which belongs to an account and no SKU (fees, rebates); 1 for what has none (-1)."""
    weights, accounts = world.objective.weights, world.accounts
    here = weights_by(weights.account, accounts.account) * weights_by(weights.segment, accounts.segment)
    return np.asarray(np.append(here, 1.0)[account])


def weights_by(given: dict[str, float], names: Texts) -> Floats:
    """The weight of each name; 1 where none is said."""
    return np.array([given.get(name, 1.0) for name in names], dtype=float)
