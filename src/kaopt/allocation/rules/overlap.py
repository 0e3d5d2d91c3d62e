r"""No week of a SKU feels two promotions at once: neither another's dip or stocked-up shelves nor a mate's gain.

`forbid`: such plans are shut out, so that what the optimiser adds up is what the year will be. `pairs`: they are
allowed and valued exactly, each pair that meets by what it brings beyond the sum of both alone; what three at once
add to that is not seen. A week in which two promotions of one SKU would run is the matter of `one_event`, not of
this rule. Residuals count in objective, spend, contribution and the retailer's profit; revenue targets add up events.
"""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field

from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.ledger_make import CREDIT_TOLERANCE
from kaopt.allocation.meetings import meetings_of
from kaopt.allocation.pair_year import residuals
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.switches import Switches, make_switches, no_switches
from kaopt.touched import parts, touched

NAME = "overlap"
UNIT = "event"
FORMULA = r"\sum_{o \text{ touches } (a,s,w)} x_o \le 1 \quad \forall a, s, w"


class Settings(RuleSettings):
    """What happens where two promotions meet."""

    hard: Literal[True] = True
    mode: Annotated[
        Literal["forbid", "pairs"],
        Field(description="forbid: no plan in which two promotions meet; pairs: valued as they meet (small worlds)"),
    ] = "forbid"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """What forbids promotions to meet, or what says that a pair meets where both are chosen and only there."""
    return paired(world, offers, settings) if settings.mode == "pairs" else forbidden(world, offers)


def switches(world: Scenario, offers: Offers, settings: Settings) -> Switches:
    """For `pairs`: a share of each residual, from 0 to 1; it is whole where the choice is."""
    kinds = len(world.treatments.treatment)
    if settings.mode != "pairs":
        return no_switches(kinds)
    met = meetings_of(world, offers)
    return make_switches(
        NAME,
        settings,
        tuple(scope(world, int(a), week=int(w) + 1) for a, w in zip(offers.account[met.first], met.week, strict=True)),
        account=offers.account[met.first],
        week=met.week,
        treatments=np.arange(kinds)[None, :] == met.payer[:, None],
        whole=False,
        spend=met.spend,
        contribution=met.contribution,
        retailer=met.retailer,
        credit=met.credit,
    )


def paired(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """For each residual z of offers o and p: z <= x_o, z <= x_p, z >= x_o + x_p - 1."""
    met = meetings_of(world, offers)
    size, z = len(met), len(offers) + offers.switches.own(NAME, settings)
    row, ones = np.arange(size), np.ones(size)
    entries = [(row, met.first, -ones), (row, z, ones)]
    entries += [(size + row, met.second, -ones), (size + row, z, ones)]
    entries += [(2 * size + row, met.first, ones), (2 * size + row, met.second, ones), (2 * size + row, z, -ones)]
    i, j, value = (np.concatenate(one) for one in zip(*entries, strict=True))
    matrix = sp.csr_matrix((value, (i, j)), shape=(3 * size, offers.columns))
    high = np.concatenate([0 * ones, 0 * ones, ones])
    names = tuple(offers.switches.scope[n - len(offers)] for n in z)
    return make_rows(NAME, UNIT, names * 3, matrix, high=high)


def forbidden(world: Scenario, offers: Offers) -> Rows:
    """One row per account-SKU-week that two offers can touch, without rows that others imply."""
    _, skus, weeks = world.shape
    effects, running = offers.effects, active(offers)
    touched = np.flatnonzero(running | (effects.cases != 0) | (effects.sell_out != 0))
    offer = effects.offer[touched]
    cell = (offers.account[offer] * skus + effects.sku[touched]) * weeks + effects.week[touched]
    cells, row, count = np.unique(cell, return_inverse=True, return_counts=True)
    from_outside = np.bincount(row, weights=~running[touched], minlength=len(cells)) > 0
    crowded = (count > 1) & from_outside
    number = np.where(crowded, np.cumsum(crowded) - 1, -1)
    matrix = sums(number[row], offer, np.ones(len(offer)), (int(crowded.sum()), len(offers)))
    kept = np.flatnonzero(strongest(matrix))
    places = zip(*(one.tolist() for one in np.unravel_index(cells[crowded][kept], world.shape)), strict=True)
    scopes = tuple(scope(world, a, s, week=w + 1) for a, s, w in places)
    return make_rows(NAME, UNIT, scopes, matrix[kept], high=1.0)


def active(offers: Offers) -> Bools:
    """[E] the entries of `Offers.effects` that lie in the event's own promoted weeks."""
    effects, o = offers.effects, offers.effects.offer
    inside = (effects.week >= offers.week[o]) & (effects.week < offers.week[o] + offers.weeks[o])
    own: Bools = inside & (effects.sku == offers.sku[o])
    return own


def strongest(matrix: sp.csr_matrix) -> Bools:
    """[M] the packing rows whose offers are not all in another row; of equal ones, the first."""
    size = np.diff(matrix.indptr)
    common = sp.coo_matrix(matrix @ matrix.T)
    i, j = common.row, common.col
    inside = (common.data == size[i]) & ((size[j] > size[i]) | ((size[j] == size[i]) & (j < i)))
    best = np.ones(len(size), bool)
    best[i[inside]] = False
    return best


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Cells of the plan that two events touch, at least one of them from outside its own weeks."""
    if settings.mode == "pairs":
        return ()
    events, outside = np.zeros(world.shape, dtype=np.int64), np.zeros(world.shape, dtype=bool)
    for part in parts(ledger.plan):
        found = touched(world, part)
        cell = found.cell(world, part)
        felt = (np.take(world.base_cases, cell) > 0) & ((found.effect != 0) | (found.back != 0))
        np.add.at(events.reshape(-1), cell[found.active | felt], 1)
        outside.reshape(-1)[cell[felt & ~found.active]] = True
    broken: list[Breach] = []
    for account, sku, week in np.argwhere(outside & (events > 1)).tolist():
        name = scope(world, account, sku, week=week + 1)
        broken += at_most(NAME, name, float(events[account, sku, week]), 1.0, UNIT)
    return tuple(broken)


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """For `pairs`: what each pair brings beyond both events alone; a year lived through has it already."""
    if settings.mode != "pairs" or ledger.lived:
        return ()
    spend = ledger.event_spend.sum(axis=1)
    earns = ledger.event_contribution >= world.objective.hurdle * spend - CREDIT_TOLERANCE
    return tuple(
        Charge(
            rule=NAME,
            scope=scope(world, one.account, week=part.week + 1),
            account=one.account,
            week=part.week,
            treatments=(part.payer,) if part.payer >= 0 else (),
            spend=part.spend,
            contribution=part.contribution,
            retailer=part.retailer,
            credit=part.cases * (int(earns[n]) + int(earns[m])) / 2,
        )
        for (n, one), (m, other) in combinations(enumerate(events_of(ledger.plan)), 2)
        if one.account == other.account
        for part in residuals(world, one, other)
    )
