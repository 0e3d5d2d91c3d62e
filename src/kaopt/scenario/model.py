"""The Scenario: everything that one decision knows of its world, frozen, with arrays inside.

Index letters: a account, s SKU, k treatment, w week (0-based inside, 1-based in files).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.ledger_settings import Calibrate
from kaopt.scenario.network import Network
from kaopt.scenario.risk_settings import Risk
from kaopt.scenario.settings import Objective, Rolling, RuleSettings, Solve, Supply, Targets, Words
from kaopt.scenario.tables import Accounts, Skus, Treatments
from kaopt.scenario.terms import Fee, Rebate

WEEKS_PER_QUARTER = 13
EMPTY: Mapping[str, Any] = MappingProxyType({})


def _empty() -> Any:
    return field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, eq=False)
class Response:
    """Response coefficients, each [A, S]; meaning and form in `kaopt.response.model`."""

    elasticity: Floats
    display: Floats
    feature: Floats
    gift: Floats
    fatigue: Floats
    dip: Floats
    dip_weeks: Ints
    cross: Floats
    forward_buy: Floats
    forward_weeks: Ints
    price_display: Floats
    price_feature: Floats
    display_feature: Floats
    elasticity_se: Floats
    display_se: Floats
    feature_se: Floats
    price_display_se: Floats
    price_feature_se: Floats
    display_feature_se: Floats
    dip_se: Floats
    cross_se: Floats


@dataclass(frozen=True)
class Lock:
    """What is settled beforehand: `kind` must, forbidden or committed; `treatment` -1 = any; `week` 0-based.

    An event of the plan to stay near (`Scenario.given`) has the kind given.
    """

    account: int
    sku: int
    week: int
    weeks: int
    treatment: int
    kind: str
    because: str = ""


@dataclass(frozen=True, eq=False)
class BudgetLine:
    """Spend within [low, high] money over the accounts [A], weeks [W] and treatments [K] that are marked."""

    scope: str
    accounts: Bools
    weeks: Bools
    treatments: Bools
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Clause:
    """A promise of an annual agreement: between `least` and `most` of `what` for what is marked.

    `what`: promotions, displays (display-weeks), activities, cases or revenue; see the table agreements.
    """

    scope: str
    account: int
    what: str
    skus: Bools  # [S]
    weeks: Bools  # [W]
    treatments: Bools  # [K]
    least: float
    most: float
    because: str = ""


@dataclass(frozen=True, eq=False)
class Scenario:
    """One world and how to decide in it. Money in `currency`, volume in cases."""

    name: Words
    folder: Path
    model: str  # the recipe of models/allocation
    start: date
    weeks: int
    planned_on: date | None
    currency: str
    accounts: Accounts
    skus: Skus
    treatments: Treatments
    listed: Bools  # [A, S] the account sells the SKU
    base_cases: Floats  # [A, S, W] case/week, 0 where not listed
    base_price: Floats  # [A, S, W] retail price, money/case
    response: Response
    eligible: Bools  # [A, S, K, W] the treatment may be active in the week
    locks: tuple[Lock, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    fees: tuple[Fee, ...] = ()  # that events open; fees due anyway stand in `accounts.contract_fee`
    rebates: tuple[Rebate, ...] = ()  # by tier; the flat ones stand in `accounts.rebate`
    agreements: tuple[Clause, ...] = ()
    capacity: Floats | None = None  # [S, W] cases that can be produced, inf where there is no limit; None: no limits
    given: tuple[Lock, ...] = ()  # events of the plan to stay near; the scenario's own `plan` where it has one
    objective: Objective = field(default_factory=Objective)
    rules: Mapping[str, tuple[RuleSettings, ...]] = _empty()  # rule name -> its settings, possibly several
    supply: Supply = field(default_factory=Supply)
    network: Network = field(default_factory=Network)  # warehouses, plants, doors … where tables name them
    solve: Solve = field(default_factory=Solve)
    rolling: Rolling | None = None  # None: the horizon is planned at once
    risk: Risk | None = None  # None: planned for the estimates of the response as if they were certain
    targets: Targets = field(default_factory=Targets)
    calibrate: Calibrate = field(default_factory=Calibrate)
    own_policies: Mapping[str, Any] = _empty()  # in Python, by family; never from a file of the scenario
    assumptions: tuple[str, ...] = ()  # what no data gave, in a sentence each
    plan_file: Path | None = None
    provenance: Mapping[str, str] = _empty()  # dotted setting -> file:line that it came from
    inputs: Mapping[str, str] = _empty()  # file -> sha256
    resolved: Mapping[str, Any] = _empty()  # the merged settings as plain data

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of accounts, SKUs and weeks."""
        return len(self.accounts.account), len(self.skus.sku), self.weeks

    @property
    def quarter(self) -> Ints:
        """[W] the quarter of each week, from 0; a quarter has 13 weeks, the last one takes what is over."""
        last = max(self.weeks // WEEKS_PER_QUARTER - 1, 0)
        return np.minimum(np.arange(self.weeks) // WEEKS_PER_QUARTER, last).astype(np.int64)

    @property
    def fences(self) -> tuple[int, int]:
        """Days from `planned_on` in which nothing changes, and in which given events stay; the rule lead_time's."""
        said = self.rules.get("lead_time", ())  # rules belong to another room and may lack a fence
        frozen, slushy = (max((int(getattr(one, name, 0)) for one in said), default=0) for name in ("frozen", "slushy"))
        return frozen, max(frozen, slushy)

    @property
    def standing(self) -> tuple[Lock, ...]:
        """Given events that start inside a fence: they stay, even where they are closed or too late by now."""
        if self.planned_on is None:
            return ()
        left, fence = (self.start - self.planned_on).days, self.fences[1]
        return tuple(one for one in self.given if left + 7 * one.week < fence)

    @property
    def net_per_case(self) -> Floats:
        """[A, S] net sales value of a case without any event, money/case."""
        kept = 1 - self.accounts.on_invoice - self.accounts.rebate
        return kept[:, None] * self.skus.list_price[None, :]

    @property
    def margin_per_case(self) -> Floats:
        """[A, S] contribution of a case without any event, money/case."""
        return self.net_per_case - self.skus.unit_cost[None, :] - self.accounts.logistics[:, None]
