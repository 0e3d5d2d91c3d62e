"""What was promoted when: runs of weeks with their mechanics, as planned and as found in the stores.

Strength [A, S, W, M] says how strong each of `MECHANICS` was: ln of the shelf price over the regular one; display,
feature and gift as shares of the stores. Coefficients [A, S, P] belong to `TERMS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kaopt.demand import cluster_mates, events_of
from kaopt.plan import Plan
from kaopt.scenario.columns import Bools, Floats
from kaopt.scenario.model import Scenario

MECHANICS = ("price", "display", "feature", "gift")
TERMS = ("elasticity", "display", "feature", "gift", "price_display", "price_feature", "display_feature")
CUT, SHOWN = 0.03, 0.05  # from here a lower price, or a display, counts as a promotion
MOVED = 4  # weeks that a promotion may move and still be the planned one


@dataclass(frozen=True)
class Run:
    """Weeks in a row in which an account promotes a SKU; `event` is the planned one it belongs to, -1: none."""

    account: int
    sku: int
    week: int  # first, 0-based
    weeks: int
    event: int = -1

    @property
    def span(self) -> range:
        """Its weeks."""
        return range(self.week, self.week + self.weeks)


def planned_runs(world: Scenario, plan: Plan) -> list[Run]:
    """One run for each event of the plan, inside the horizon."""
    return [Run(e.account, e.sku, e.week, min(e.weeks, world.weeks - e.week), n) for n, e in enumerate(events_of(plan))]


def planned_strength(world: Scenario, plan: Plan) -> Floats:
    """[A, S, W, M] what the plan says; nothing where it promotes nothing."""
    what, strength = world.treatments, np.zeros((*world.shape, len(MECHANICS)))
    for run in planned_runs(world, plan):
        k = int(plan.treatment[run.event])
        price = np.log(1 - what.depth[k] * what.pass_through[k])
        here = strength[run.account, run.sku, run.week : run.week + run.weeks]
        here += (price, what.display[k], what.feature[k], what.gift[k])
    return strength


def promoted(strength: Floats) -> Bools:
    """[...] where a strength [..., M] is more than the noise of weekly prices and counts."""
    return np.asarray((strength[..., 0] <= np.log(1 - CUT)) | (strength[..., 1:] >= SHOWN).any(axis=-1))


def happened_runs(planned: list[Run], seen: Bools) -> list[Run]:
    """The runs of the promoted weeks `seen` [A, S, W], each with the event that it belongs to.

    In its own weeks a run is the planned one, also where it went on longer or began earlier. A run elsewhere is the
    nearest planned one that did not take place at all within `MOVED` weeks: it was moved. What is left was not planned.
    """
    found: list[Run] = []
    by_series: dict[tuple[int, int], list[Run]] = {}
    for run in planned:
        by_series.setdefault((run.account, run.sku), []).append(run)
    for a, s in np.argwhere(seen.any(axis=2)).tolist():
        events = by_series.get((a, s), [])
        owner = owners(events, seen[a, s])
        found += [Run(a, s, week, weeks, event) for week, weeks, event in pieces(owner)]
    return found


NOBODY, QUIET = -1, -2  # a promoted week that no event owns; a week without promotion


def owners(events: list[Run], seen: Bools) -> list[int]:
    """[W] the event that each promoted week belongs to."""
    owner = [NOBODY if yes else QUIET for yes in seen.tolist()]
    for run in events:
        for week in run.span:
            owner[week] = run.event if seen[week] else QUIET
    for order in (range(1, len(owner)), range(len(owner) - 2, -1, -1)):  # longer than planned, then earlier
        step = 1 if order.step < 0 else -1
        for week in order:
            if owner[week] == NOBODY and owner[week + step] >= 0:
                owner[week] = owner[week + step]
    missed = {run.event: run.week for run in events if run.event not in owner}
    for week, weeks, event in pieces(owner):
        near = [(abs(start - week), n) for n, start in missed.items() if abs(start - week) <= MOVED]
        if event == NOBODY and near:
            moved = min(near)[1]
            del missed[moved]
            owner[week : week + weeks] = [moved] * weeks
    return owner


def pieces(owner: list[int]) -> list[tuple[int, int, int]]:
    """First week, length and event of each stretch of weeks of one owner; quiet weeks left out."""
    found: list[tuple[int, int, int]] = []
    for week, event in enumerate(owner):
        if event == QUIET:
            continue
        if found and found[-1][2] == event and sum(found[-1][:2]) == week:
            found[-1] = (found[-1][0], found[-1][1] + 1, event)
        else:
            found.append((week, 1, event))
    return found


@dataclass(frozen=True, eq=False)
class Design:
    """What coefficients [P] are multiplied with, each [A, S, W, P]: effects on ln cases are linear in them."""

    active: Floats  # of the week's own promotion, fatigue in it
    after: Floats  # of promotions that are over: the dip

    def effect(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """[A, S, W] effects on ln cases in active weeks and after, with coefficients [A, S, P]."""
        at = np.asarray(coefficients)[:, :, None, :]
        return np.asarray((self.active * at).sum(-1)), np.asarray((self.after * at).sum(-1))


def design(world: Scenario, strength: Floats, runs: Iterable[Run]) -> Design:
    """The form of `kaopt.response.model` for `strength` [A, S, W, M] promoted in `runs`."""
    how, active = world.response, multiplied(strength)
    after = np.zeros_like(active)
    for run in runs:
        a, s, kept = run.account, run.sku, 1 - how.fatigue[run.account, run.sku]
        for j, week in enumerate(run.span):
            active[a, s, week] *= kept**j
        last, length = active[a, s, run.week + run.weeks - 1], int(how.dip_weeks[a, s])
        for lag, week in enumerate(range(run.week + run.weeks, min(run.week + run.weeks + length, world.weeks))):
            after[a, s, week] -= how.dip[a, s] * (length - lag) / length * last
    return Design(active, after)


def multiplied(strength: Floats) -> Floats:
    """[..., P] what the coefficients of `TERMS` are multiplied with: strengths [..., M] and their products."""
    price, display, feature = strength[..., 0], strength[..., 1], strength[..., 2]
    products = (price * display, price * feature, display * feature)
    return np.concatenate([strength, np.stack(products, axis=-1)], axis=-1)


def taken_by_mates(world: Scenario, active: Floats) -> Floats:
    """[A, S, W] what the active effects [A, S, W] of cluster mates do to the ln cases of each SKU."""
    taken = np.zeros(world.shape)
    for a, s in np.argwhere(active.any(axis=2)).tolist():
        for mate in cluster_mates(world, a, s):
            taken[a, mate] -= world.response.cross[a, s] * active[a, s]
    return taken
