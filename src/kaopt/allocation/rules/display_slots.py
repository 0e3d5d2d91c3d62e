r"""No week holds more displays than the account has room for."""

from __future__ import annotations

from collections import Counter

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.demand import events_of
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "display_slots"
UNIT = "display"
FORMULA = r"\sum_{o \text{ runs in } (a,w)} d_{k_o} x_o \le D_a \quad \forall a, w"


class Settings(RuleSettings):
    """Always holds; slots stand with the accounts and with the mechanics."""


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account-week, where all offers together could ask for more than there is."""
    accounts, _, weeks = world.shape
    offer, week = active_weeks(world, offers)
    slots = world.treatments.slots[offers.treatment[offer]].astype(float)
    taken = np.flatnonzero(slots)
    cell = offers.account[offer] * weeks + week
    matrix = sums(cell[taken], offer[taken], slots[taken], (accounts * weeks, len(offers)))
    room = np.repeat(world.accounts.display_slots, weeks).astype(float)
    scarce = np.flatnonzero(np.asarray(matrix.sum(axis=1)).ravel() > room)
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, int(c // weeks), week=int(c % weeks) + 1) for c in scarce),
        matrix[scarce],
        high=room[scarce],
        regret=regret_of(world, settings),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count the slots that running events take."""
    taken: Counter[tuple[int, int]] = Counter()
    for event in events_of(ledger.plan):
        for week in range(event.week, min(event.week + event.weeks, world.weeks)):
            taken[event.account, week] += int(world.treatments.slots[event.treatment])
    return tuple(
        breach
        for (account, week), count in sorted(taken.items())
        for breach in at_most(
            NAME, scope(world, account, week=week + 1), count, float(world.accounts.display_slots[account]), UNIT
        )
    )
