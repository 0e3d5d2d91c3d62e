"""What each kind of event does, week by week from its first: the same wherever in the year it starts.

A kind is an account, a SKU, a length and a mechanic. Events of a kind differ in base volume alone, so what follows from
the response is computed once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kaopt.eligible import Events
from kaopt.response.model import strength
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Marks:
    """Effects on ln cases of kinds, [T] entries: own active weeks, then the weeks after, then cluster mates."""

    kind: Ints
    sku: Ints  # whose sales change
    lag: Ints  # weeks after the event's first week
    effect: Floats
    active: Bools  # in the event's own promoted weeks
    ahead: Floats  # weeks of base volume bought ahead, of which this week's orders fall by an equal part
    over: Ints  # number of such parts


@dataclass(frozen=True, eq=False)
class Patterns:
    """The kinds that events are of and what each does: `marks` of kind q are `start[q]:start[q+1]`."""

    kind: Ints  # [O] of each event
    start: Ints  # [Q + 1]
    marks: Marks
    account: Ints  # [T]
    treatment: Ints  # [T]


def patterns_of(world: Scenario, events: Events, first: float | None = None) -> Patterns:
    """The patterns of the events, sorted by account, SKU, length and mechanic; formulas in `kaopt.response.model`.

    `first`: the effect of an event's first week, to which all its effects are proportional; None: the response's own.
    """
    kinds, kind = kinds_of(world, events)
    effect = first_of(world, kinds) if first is None else np.full(len(kinds.account), first)
    kept = 1 - world.response.fatigue[kinds.account, kinds.sku]
    q, lag = ragged(np.minimum(kinds.weeks, world.weeks))
    ones = np.ones(len(q), dtype=np.int64)
    own = Marks(q, kinds.sku[q], lag, effect[q] * kept[q] ** lag, ones > 0, np.zeros(len(q)), ones)
    last = effect * kept ** (kinds.weeks - 1)
    marks = joined(own, after(world, kinds, last), mates_of(world, kinds, own))
    start = np.searchsorted(marks.kind, np.arange(len(kinds.account) + 1))
    return Patterns(kind, start, marks, kinds.account[marks.kind], kinds.treatment[marks.kind])


def kinds_of(world: Scenario, events: Events) -> tuple[Events, Ints]:
    """The kinds as events of week 0, and [O] which of them each event is."""
    _, skus, _ = world.shape
    mechanics, longest = len(world.treatments.treatment), int(events.weeks.max(initial=0)) + 1
    least = int(events.account.min(initial=world.shape[0]))
    number = (((events.account - least) * skus + events.sku) * longest + events.weeks) * mechanics + events.treatment
    there = np.zeros(int(number.max(initial=-1)) + 1, bool)  # marked and counted, which sorts sooner than sorting
    there[number] = True
    kind = (np.cumsum(there) - 1)[number]
    found, treatment = np.divmod(np.flatnonzero(there), mechanics)
    found, weeks = np.divmod(found, longest)
    account, sku = np.divmod(found, skus)
    return Events(account + least, sku, np.zeros_like(sku), weeks, treatment), kind


def first_of(world: Scenario, events: Events) -> Floats:
    """[O] the effect on ln cases of each event's first week."""
    least, most = int(events.account.min(initial=world.shape[0])), int(events.account.max(initial=-1))
    with np.errstate(divide="ignore", invalid="ignore"):  # a cut of 100 % is never offered
        every = strength(world, slice(least, most + 1))
    found: Floats = every[events.account - least, events.sku, events.treatment]
    return found


def after(world: Scenario, kinds: Events, last: Floats) -> Marks:
    """The weeks after each event: the dip of its `last` week's effect [Q], and the orders for what was bought ahead."""
    how, a, s = world.response, kinds.account, kinds.sku
    left = np.maximum(world.weeks - kinds.weeks, 0)
    dipping = np.where(how.dip[a, s] > 0, np.minimum(left, how.dip_weeks[a, s]), 0)
    ahead = how.forward_buy[a, s] * world.treatments.depth[kinds.treatment]  # weeks of base volume
    falling = np.where(ahead > 0, np.minimum(left, how.forward_weeks[a, s]), 0)
    q, lag = ragged(np.maximum(dipping, falling))
    length = np.maximum(how.dip_weeks[a, s], 1)[q]
    share = how.dip[a, s][q] * (length - lag) / length
    effect = np.where(lag < dipping[q], -share * last[q], 0.0)
    part = np.where(lag < falling[q], ahead[q], 0.0)
    over = np.maximum(how.forward_weeks[a, s], 1)[q]
    return Marks(q, s[q], kinds.weeks[q] + lag, effect, np.zeros(len(q), bool), part, over)


def mates_of(world: Scenario, kinds: Events, own: Marks) -> Marks:
    """What the active weeks `own` take from the other SKUs of the cluster."""
    _, cluster = np.unique(world.skus.cluster, return_inverse=True)
    alone = np.array([one == "" for one in world.skus.cluster], dtype=bool)
    cross = world.response.cross[kinds.account, kinds.sku]
    mates = [np.zeros(0, np.int64)] * len(cluster)
    for s in np.unique(kinds.sku[cross != 0]).tolist():
        mates[s] = np.flatnonzero((cluster == cluster[s]) & ~alone & (np.arange(len(cluster)) != s))
    count = np.array([len(m) for m in mates], dtype=np.int64)
    start, flat = np.cumsum(count) - count, np.concatenate(mates)
    mark, nth = ragged(np.where(cross[own.kind] != 0, count[own.sku], 0))
    q, mate = own.kind[mark], flat[start[own.sku[mark]] + nth]
    sold = world.listed[kinds.account[q], mate]
    q, mate, mark = q[sold], mate[sold], mark[sold]
    none = np.zeros(len(mark))
    return Marks(q, mate, own.lag[mark], -cross[q] * own.effect[mark], none.astype(bool), none, own.over[mark])


def joined(*parts: Marks) -> Marks:
    """All marks sorted by kind, the parts' order kept within each."""
    order = np.argsort(np.concatenate([p.kind for p in parts]), kind="stable")
    return Marks(*(np.concatenate([getattr(p, one.name) for p in parts])[order] for one in fields(Marks)))


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [O]: which entry belongs to which o, and its place there: 2, 0, 1 -> (0, 0, 2), (0, 1, 0)."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
