r"""No week holds more displays than the account has room for."""

from __future__ import annotations

import numpy as np

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "display_slots"
UNIT = "display"
FORMULA = r"\sum_{o \text{ runs in } (a,w)} d_{k_o} x_o \le D_a \quad \forall a, w"


class Settings(RuleSettings):
    """Always holds; slots stand with the accounts and with the mechanics."""


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account-week, where all offers together could ask for more than there is."""
    accounts, _, weeks = world.shape
    shown = np.flatnonzero(world.treatments.slots[offers.treatment])
    offer, week = active_weeks(world, offers, only=shown)
    slots = world.treatments.slots[offers.treatment[offer]].astype(float)
    matrix = sums(offers.account[offer] * weeks + week, offer, slots, (accounts * weeks, len(offers)))
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
    plan, slots = ledger.plan, world.accounts.display_slots
    event, week = running(plan, world.weeks)
    taken = np.zeros((world.shape[0], world.weeks), dtype=np.int64)
    np.add.at(taken, (plan.account[event], week), world.treatments.slots[plan.treatment[event]])
    found: list[Breach] = []
    for account, full in np.argwhere(taken > slots[:, None]).tolist():
        name = scope(world, account, week=full + 1)
        found += at_most(NAME, name, int(taken[account, full]), float(slots[account]), UNIT)
    return tuple(found)
