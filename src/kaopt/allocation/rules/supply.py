r"""Nothing is promoted that cannot be made in time: stock and production serve every week's demand while still fresh.

What is made in week v serves the weeks v ... v+L, L being the strictest freshness of the accounts that list the SKU,
in whole weeks; opening stock counts as made in the week before the horizon. Production serves all demand if and only
if every run of weeks finds enough: the weeks that may serve a week form intervals whose ends move on together, so
Hall's condition over intervals is exact (D. Gale, A theorem on flows in networks, Pacific J. Math. 7, 1957; A. J.
Hoffman, Some recent applications of the theory of linear inequalities, 1960). Weeks that begin before L find the
same production as those from the first week, which need more: one row stands for all of them.
"""

from __future__ import annotations

from math import floor, fsum
from typing import Literal

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

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


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per SKU and run of weeks whose demand could exceed what there is for it."""
    if world.capacity is None:
        return no_rows(NAME, UNIT, offers)
    _, skus, weeks = world.shape
    effects = offers.effects
    weekly = sums(effects.sku * weeks + effects.week, effects.offer, effects.cases, (skus * weeks, len(offers)))
    base, most = world.base_cases.sum(axis=0), most_demand(world, offers)
    names, matrices, used, high = [], [sp.csr_matrix((0, len(offers)))], [], []
    for s in np.flatnonzero(world.listed.any(axis=0) & np.isfinite(world.capacity).any(axis=1)).tolist():
        begin, end = np.triu_indices(weeks)
        fresh = fresh_weeks(world, s)
        kept = (begin == 0) | (begin >= fresh)
        begin, end = begin[kept], end[kept]
        there = there_is(world, s, np.maximum(begin - fresh, -1), end)
        needed = np.concatenate([[0.0], np.cumsum(most[s])])
        short = needed[end + 1] - needed[begin] > there
        begin, end = begin[short], end[short]
        week = np.arange(weeks)
        window = sp.csr_matrix(((week >= begin[:, None]) & (week <= end[:, None])).astype(float))
        matrices.append(sp.csr_matrix(window @ weekly[s * weeks : (s + 1) * weeks]))
        used.append(window @ base[s])
        high.append(there[short])
        names += [scope(world, -1, s, weeks=f"{u + 1}-{w + 1}") for u, w in zip(begin, end, strict=True)]
    return make_rows(
        NAME,
        UNIT,
        tuple(names),
        sp.vstack(matrices, format="csr"),
        high=np.concatenate([np.zeros(0), *high]),
        used_without=np.concatenate([np.zeros(0), *used]),
    )


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


def most_demand(world: Scenario, offers: Offers) -> Floats:
    """[S, W] cases that no plan exceeds in which a SKU has one event at a time: base, and the best lift everywhere."""
    effects = offers.effects
    own = offers.sku[effects.offer] == effects.sku
    lift = np.maximum(effects.cases, 0.0)
    where = (offers.account[effects.offer], effects.sku, effects.week)
    best, from_mates = np.zeros((2, *world.shape))
    np.maximum.at(best, where, np.where(own, lift, 0.0))
    np.add.at(from_mates, where, np.where(own, 0.0, lift))
    return np.asarray((world.base_cases + best + from_mates).sum(axis=0))


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold the demand of every run of weeks against stock and production that may serve it."""
    found: tuple[Breach, ...] = ()
    capacity = [] if world.capacity is None else world.capacity.tolist()
    for sku, made in enumerate(capacity):
        buyers = [a for a in range(world.shape[0]) if world.listed[a, sku]]
        if not buyers or min(made) == np.inf:
            continue
        days = min(float(world.accounts.acceptance_age[a]) for a in buyers) * int(world.skus.shelf_life[sku])
        fresh = floor(days / 7 + SAME)
        asked = [fsum(week) for week in zip(*ledger.cases[:, sku].tolist(), strict=True)]
        for first in range(world.weeks):
            if 0 < first < fresh:
                continue
            there = sum(made[max(first - fresh, 0) : first])
            there += float(world.skus.opening_cases[sku]) if first - fresh < 0 else 0.0
            needed = 0.0
            for last in range(first, world.weeks):
                there, needed = there + made[last], needed + asked[last]
                name = scope(world, -1, sku, weeks=f"{first + 1}-{last + 1}")
                found += at_most(NAME, name, needed, there, UNIT) if there < np.inf else ()
    return found
