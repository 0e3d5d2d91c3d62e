"""Rows over the weeks that events cover: an interval matrix, so that one account-SKU alone is integral."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.rule import scope
from kaopt.eligible import Events
from kaopt.offers import Offers
from kaopt.patterns import ragged
from kaopt.scenario.columns import Ints, Texts
from kaopt.scenario.model import Scenario

EVERY = slice(None)


def no_rows(rule: str, unit: str, offers: Offers) -> Rows:
    """Nothing to add to the model."""
    return make_rows(rule, unit, (), sp.csr_matrix((0, len(offers))))


def active_weeks(
    world: Scenario, offers: Offers | Events, gap: int = 0, *, only: Ints | slice = EVERY
) -> tuple[Ints, Ints]:
    """(offer, week) of every week of the horizon in which an offer runs, or that it keeps free after its end.

    `only`: of these offers.
    """
    week, weeks = offers.week[only], offers.weeks[only]
    offer, nth = ragged(np.minimum(week + weeks + gap, world.weeks) - week)
    week = week[offer] + nth
    return (offer if only is EVERY else np.arange(len(offers.week))[only][offer]), week


def distinct(number: Ints) -> tuple[Ints, Ints]:
    """The different numbers in order, and the place of each among them; they lie close, so they are marked off."""
    if not len(number):
        return number, number
    least = int(number.min())
    there = np.zeros(int(number.max()) - least + 1, dtype=bool)
    there[number - least] = True
    return least + np.flatnonzero(there), (np.cumsum(there) - 1)[number - least]


def cover(world: Scenario, offers: Offers, gap: int) -> tuple[sp.csr_matrix, Texts]:
    """Matrix and names of account-SKU-weeks that more than one offer covers (active, or blocked after its end)."""
    _, skus, weeks = world.shape
    offer, week = active_weeks(world, offers, gap)
    cell = (offers.account[offer] * skus + offers.sku[offer]) * weeks + week
    cells, row = distinct(cell)
    crowded = np.bincount(row, minlength=len(cells)) > 1
    number = np.where(crowded, np.cumsum(crowded) - 1, -1)
    kept = cells[crowded]
    matrix = sums(number[row], offer, np.ones(len(offer)), (len(kept), len(offers)))
    names = tuple(scope(world, int(c // weeks // skus), int(c // weeks % skus), week=int(c % weeks) + 1) for c in kept)
    return matrix, names
