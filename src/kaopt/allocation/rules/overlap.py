r"""No week of a SKU feels two promotions at once: neither another's dip or stocked-up shelves nor a mate's gain.

`forbid`: such plans are shut out, so that what the optimiser adds up is what the year will be. A week in which two
promotions of one SKU would run is the matter of `one_event`, not of this rule.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import scope
from kaopt.demand import events_of, touches
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "overlap"
UNIT = "event"
FORMULA = r"\sum_{o \text{ touches } (a,s,w)} x_o \le 1 \quad \forall a, s, w"


class Settings(RuleSettings):
    """What happens where two promotions meet."""

    hard: Literal[True] = True
    mode: Annotated[Literal["forbid"], Field(description="forbid: no plan in which two promotions meet")] = "forbid"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
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
    events: Counter[tuple[int, int, int]] = Counter()
    outside: set[tuple[int, int, int]] = set()
    for event in events_of(ledger.plan):
        for touch in touches(world, event):
            cell = (event.account, touch.sku, touch.week)
            sells = world.base_cases[cell] > 0
            if touch.active or (sells and (touch.effect or touch.back)):
                events[cell] += 1
                outside |= set() if touch.active else {cell}
    found: tuple[Breach, ...] = ()
    for cell in sorted(outside):
        name = scope(world, cell[0], cell[1], week=cell[2] + 1)
        found += at_most(NAME, name, float(events[cell]), 1.0, UNIT)
    return found
