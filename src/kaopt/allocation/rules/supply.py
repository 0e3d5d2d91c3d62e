r"""Nothing is promoted that cannot be made in time: stock and production serve every week's demand while still fresh.

What is made in week v serves the weeks v ... v+L, L being the strictest freshness of the accounts that list the SKU,
in whole weeks; opening stock counts as made in the week before the horizon. Production serves all demand if and only
if every run of weeks finds enough: the weeks that may serve a week form intervals whose ends move on together, so
Hall's condition over intervals is exact (D. Gale, A theorem on flows in networks, Pacific J. Math. 7, 1957; A. J.
Hoffman, Some recent applications of the theory of linear inequalities, 1960). Weeks that begin before L find the
same production as those from the first week, which need more: one row stands for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.exact_sum import totals
from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import scope
from kaopt.offers import Offers, Reach, make_offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.switches import Switches, make_switches, no_switches

NAME = "supply"
UNIT = "case"
FORMULA = (
    r"\sum_{t=u}^{w} \sum_a V_{ast} \le \sum_{v=\max(u-L_s,\,-1)}^{w} C_{sv} \quad \forall s,\; u \le w"
    r" \qquad (C_{s,-1}: \text{opening stock})"
)
SAME = 1e-9  # of weeks: a freshness that reaches a whole week but for rounding reaches it


class Settings(RuleSettings):
    """Always holds; the table capacity has the limits, the table skus the opening stock. Without a row, no limit."""

    hard: Literal[True] = True


@dataclass(frozen=True, eq=False)
class Short:
    """A SKU that could run short: runs of weeks `begin` ... `end` for which `there` cases can be had."""

    sku: int
    begin: Ints
    end: Ints
    there: Floats


def switches(world: Scenario, offers: Offers, settings: Settings) -> Switches:
    """Demand from the first week up to each week of a SKU that could run short: runs are differences of two."""
    short = shorts(world, offers)
    if not short:
        return no_switches(len(world.treatments.treatment))
    here, weekly = [one.sku for one in short], (world.base_cases.sum(axis=0), peak(world, offers).all_at_once)
    base, most = (np.cumsum(cases, axis=1)[here] for cases in weekly)
    return make_switches(
        NAME,
        settings,
        tuple(scope(world, -1, one.sku, to_week=w + 1) for one in short for w in range(world.weeks)),
        account=-1,
        treatments=np.zeros(len(world.treatments.treatment), bool),
        whole=False,
        high=most.ravel(),
        nothing=base.ravel(),
    )


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """What each week adds to demand so far, and one row per run of weeks whose demand could exceed what there is."""
    short, weeks = shorts(world, offers), world.weeks
    own = len(offers) + offers.switches.own(NAME, settings)
    bodies, names = [sp.csr_matrix((0, offers.columns))], []
    low, high = [np.zeros(0)], [np.zeros(0)]
    for n, one in enumerate(short):
        so_far = own[n * weeks : (n + 1) * weeks]
        bodies += [added(world, offers, one.sku, so_far), differences(one, so_far, offers.columns)]
        base = world.base_cases[:, one.sku].sum(axis=0)
        low += [base, np.full(len(one.there), -np.inf)]
        high += [base, one.there]
        names += [scope(world, -1, one.sku, to_week=w + 1) for w in range(weeks)]
        names += [scope(world, -1, one.sku, weeks=f"{u + 1}-{w + 1}") for u, w in zip(one.begin, one.end, strict=True)]
    body = sp.csr_matrix(sp.vstack(bodies))
    return make_rows(NAME, UNIT, tuple(names), body, low=np.concatenate(low), high=np.concatenate(high))


def added(world: Scenario, offers: Offers, sku: int, so_far: Ints) -> sp.csr_matrix:
    """[W, columns] demand so far, less that of the week before, less what events add: the base of the week."""
    effects, weeks = offers.effects, world.weeks
    week = np.where(effects.sku == sku, effects.week, -1)
    events = sums(week, effects.offer, -effects.cases, (weeks, offers.columns))
    here = np.arange(weeks)
    ends = (np.concatenate([here, here[1:]]), np.concatenate([so_far, so_far[:-1]]))
    steps = sp.csr_matrix((np.concatenate([np.ones(weeks), -np.ones(weeks - 1)]), ends), shape=events.shape)
    return sp.csr_matrix(events + steps)


def differences(short: Short, so_far: Ints, columns: int) -> sp.csr_matrix:
    """[runs, columns] demand up to the end of each run, less that before its begin."""
    run = np.arange(len(short.begin))
    later = run[short.begin > 0]
    ends = (np.concatenate([run, later]), np.concatenate([so_far[short.end], so_far[short.begin[later] - 1]]))
    signs = np.concatenate([np.ones(len(run)), -np.ones(len(later))])
    return sp.csr_matrix((signs, ends), shape=(len(run), columns))


def shorts(world: Scenario, offers: Offers) -> list[Short]:
    """SKUs with the runs of weeks whose demand could exceed what there is for it."""
    if world.capacity is None:
        return []
    most, found = peak(world, offers).one_at_a_time, []
    for s in np.flatnonzero(world.listed.any(axis=0) & np.isfinite(world.capacity).any(axis=1)).tolist():
        begin, end = np.triu_indices(world.weeks)
        fresh = fresh_weeks(world, s)
        kept = (begin == 0) | (begin >= fresh)
        begin, end = begin[kept], end[kept]
        there = there_is(world, s, np.maximum(begin - fresh, -1), end)
        needed = np.concatenate([[0.0], np.cumsum(most[s])])
        short = needed[end + 1] - needed[begin] > there
        if short.any():
            found.append(Short(s, begin[short], end[short], there[short]))
    return found


def fresh_weeks(world: Scenario, sku: int) -> int:
    """Whole weeks for which goods are fresh enough for every account that lists the SKU."""
    age = world.accounts.acceptance_age[world.listed[:, sku]].min()
    return int(age * world.skus.shelf_life[sku] / 7 + SAME)


def there_is(world: Scenario, sku: int, begin: Ints, end: Ints) -> Floats:
    """Cases made in the weeks begin ... end, week -1 being the opening stock."""
    assert world.capacity is not None
    made = np.concatenate([[float(world.skus.opening_cases[sku])], world.capacity[sku]])
    limited = np.isfinite(made)
    total = np.concatenate([[0.0], np.cumsum(np.where(limited, made, 0.0))])
    endless = np.concatenate([[0], np.cumsum(~limited)])
    return np.where(endless[end + 2] > endless[begin + 1], np.inf, total[end + 2] - total[begin + 1])


def peak(world: Scenario, offers: Offers) -> Reach:
    """Cases that no plan exceeds: base, and the most that offers add; of a part the others' most as well."""
    if offers.part is None:
        return reach(world, offers, world.base_cases)
    added, base = offers.reach or reach_of(world), world.base_cases.sum(axis=0)
    return Reach(base + added.one_at_a_time, base + added.all_at_once)


def reach_of(world: Scenario) -> Reach:
    """What the offers of all accounts can add, account by account: for parts, which know their own offers only."""
    accounts, *shape = world.shape
    one_at_a_time, all_at_once = np.zeros((2, *shape))
    for account in range(accounts):
        here = slice(account, account + 1)
        found = reach(world, make_offers(world, here), np.zeros((1, *shape)))
        one_at_a_time += found.one_at_a_time
        all_at_once += found.all_at_once
    return Reach(one_at_a_time, all_at_once)


def reach(world: Scenario, offers: Offers, base: Floats) -> Reach:
    """[S, W] the offers' most beside `base` [accounts of the offers, S, W]: the best lift everywhere, or every lift."""
    effects, (_, skus, weeks), place = offers.effects, world.shape, np.cumsum(offers.covers(world)) - 1
    own = offers.sku[effects.offer] == effects.sku
    lift = np.maximum(effects.cases, 0.0)
    where = (place[offers.account[effects.offer]], effects.sku, effects.week)
    best, from_mates = np.zeros((2, *base.shape))
    np.maximum.at(best, where, np.where(own, lift, 0.0))
    np.add.at(from_mates, where, np.where(own, 0.0, lift))
    every = np.bincount(effects.sku * weeks + effects.week, lift, minlength=skus * weeks).reshape(skus, weeks)
    return Reach(np.asarray((base + best + from_mates).sum(axis=0)), np.asarray(base.sum(axis=0) + every))


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """None: how demand adds up costs nothing."""
    return ()


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold the demand of every run of weeks against stock and production that may serve it."""
    found: list[Breach] = []
    capacity = [] if world.capacity is None else world.capacity.tolist()
    for sku, made in enumerate(capacity):
        buyers = [a for a in range(world.shape[0]) if world.listed[a, sku]]
        if not buyers or min(made) == np.inf:
            continue
        days = min(float(world.accounts.acceptance_age[a]) for a in buyers) * int(world.skus.shelf_life[sku])
        fresh = floor(days / 7 + SAME)
        asked = totals(ledger.cases[:, sku].T.ravel(), np.arange(world.weeks + 1) * world.shape[0]).tolist()
        for first in range(world.weeks):
            if 0 < first < fresh:
                continue
            there = sum(made[max(first - fresh, 0) : first])
            there += float(world.skus.opening_cases[sku]) if first - fresh < 0 else 0.0
            needed = 0.0
            for last in range(first, world.weeks):
                there, needed = there + made[last], needed + asked[last]
                if needed > there:
                    name = scope(world, -1, sku, weeks=f"{first + 1}-{last + 1}")
                    found += at_most(NAME, name, needed, there, UNIT)
    return tuple(found)
