r"""The plan as a whole earns at least the floor that its objective names."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kaopt.allocation.beside import beside
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows
from kaopt.allocation.rules.cover import no_rows
from kaopt.allocation.rules.judge import at_least, charged_more
from kaopt.allocation.rules.rule import regret_of
from kaopt.allocation.tiers import rebates_elsewhere
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "contribution_floor"
UNIT = "money"
FORMULA = r"\sum_o \Delta C_o x_o + \sum_z C_z (z - z^0) \ge C^{\min}"


class Settings(RuleSettings):
    """Always holds; the floor stands in the scenario's `objective` section."""


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row over the contribution of all offers, fees and rebates, where there is a floor."""
    floor = world.objective.contribution_floor
    if floor is None:
        return no_rows(NAME, UNIT, offers)
    events = sp.csr_matrix(offers.contribution.reshape(1, -1))
    every = np.zeros(len(offers.switches), dtype=np.int64)
    body, anyway = beside(events, offers, every, offers.switches.contribution)
    without = -anyway - rebates_elsewhere(world, offers).sum()
    return make_rows(
        NAME, UNIT, ("total",), body, low=floor, regret=regret_of(world, settings), used_without=without
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up what all events earn and what fees and rebates take of it."""
    floor = world.objective.contribution_floor
    if floor is None:
        return ()
    earned = ledger.event_contribution, charged_more(ledger, "contribution")
    size = total(*(np.abs(one) for one in earned))
    return at_least(NAME, "total", total(*earned), floor, UNIT, size=size)
