r"""At most so many accounts lose money.

An account loses money where its whole contribution is below 0: base and promotions, after fees that the plan opens,
rebates by tier and the agreement's fixed fees. An account that cannot lose has no row, one that cannot but lose counts
from the start; the others may fall as far below 0 as the worst calendar of each SKU takes them, and no further.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
import scipy.sparse as sp
from pydantic import Field

from kaopt.allocation.attainable import least
from kaopt.allocation.beside import beside
from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_most, charged, slack
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.allocation.tiers import scales
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.switches import Switches, make_switches

NAME = "max_losing"
UNIT = "account"
FORMULA = (
    r"C^0_a - F_a + \sum_{o \in a} \Delta C_o x_o + \sum_{z \in a} C_z z \ge -M_a b_a \quad \forall a, \qquad "
    r"\sum_a b_a \le n, \qquad b_a \in \{0, 1\}"
)


class Settings(RuleSettings):
    """How many accounts may lose money."""

    max: Annotated[int, Field(ge=0, description="most accounts that may lose money")]


def switches(world: Scenario, offers: Offers, settings: Settings) -> Switches:
    """One per account: 1 where it loses money. It carries none itself; fees and rebates come before it."""
    base, by_tier = whole_without(world, offers)
    loses = base + by_tier < -np.array([slack(0.0, float(one)) for one in abs(base)])
    here = np.flatnonzero(offers.covers(world))
    return make_switches(
        NAME,
        settings,
        tuple(scope(world, int(a)) + " loses" for a in here),
        account=here,
        treatments=np.zeros(len(world.treatments.treatment), bool),
        nothing=loses[here],
    )


def whole_without(world: Scenario, offers: Offers) -> tuple[Floats, Floats]:
    """[A] contribution of the base after fixed fees, and [A] what rebates and the like add to it without events."""
    base: Floats = (world.base_cases * world.margin_per_case[:, :, None]).sum(axis=(1, 2)) - world.accounts.contract_fee
    inside = offers.switches.account >= 0
    there = (offers.switches.contribution * offers.switches.nothing)[inside]
    by_tier = np.bincount(offers.switches.account[inside], weights=there, minlength=world.shape[0])
    return base, by_tier.astype(float)


def most_beside(world: Scenario, offers: Offers) -> Floats:
    """[A] the most that fees and rebates can take together: every fee, and of each rebate the dearest tier, filled."""
    taken = np.zeros(world.shape[0])
    for one in scales(world, offers):
        taken[one.rebate.account] += max(tier.start + tier.rate * tier.width for tier in one.tiers)
    beside_them = offers.switches
    others = np.array([rule != "rebate" for rule in beside_them.rule], dtype=bool)
    fixed = np.flatnonzero(others & (beside_them.account >= 0))
    cost = -beside_them.contribution[fixed]
    worst = np.maximum(cost * beside_them.low[fixed], cost * beside_them.high[fixed])
    taken += np.bincount(beside_them.account[fixed], weights=worst, minlength=len(taken))
    return taken


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """What makes each account one that loses, and how many may."""
    accounts, beside_them = world.shape[0], offers.switches
    base, _ = whole_without(world, offers)
    lowest = base + least(world, offers, offers.contribution) - most_beside(world, offers)
    here = offers.covers(world)
    open_ = np.flatnonzero((lowest < 0) & here)
    own = np.zeros(accounts, dtype=np.int64)
    own[here] = len(offers) + beside_them.own(NAME, settings)
    events = sums(offers.account, np.arange(len(offers)), offers.contribution, (accounts, len(offers)))
    body, _ = beside(events, offers, beside_them.account, beside_them.contribution)
    deep = sp.csr_matrix((-lowest[open_], (open_, own[open_])), shape=body.shape)
    count = sp.csr_matrix((np.ones(len(open_)), (0 * open_, own[open_])), shape=(1, body.shape[1]))
    names = tuple(scope(world, int(a)) for a in open_)
    return make_rows(
        NAME,
        UNIT,
        (*names, "total"),
        sp.vstack([(body + deep)[open_], count], format="csr"),
        low=np.append(np.zeros(len(open_)), -np.inf),
        high=np.append(np.full(len(open_), np.inf), settings.max),
        regret=np.append(np.full(len(open_), np.nan), regret_of(world, settings)),
        used_without=np.append(base[open_], 0.0),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count the accounts whose year ends below 0."""
    losing = 0
    for a in range(world.shape[0]):
        due = [-float(world.accounts.contract_fee[a]), *charged(ledger, "contribution", a)]
        losing += total(ledger.contribution[a], due) < -slack(0.0, total(np.abs(ledger.contribution[a]), np.abs(due)))
    return at_most(NAME, "total", float(losing), float(settings.max), UNIT)


def charges(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Charge, ...]:
    """A loss is no charge of its own."""
    return ()
