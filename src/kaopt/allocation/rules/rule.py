"""What a rule is: a module that says one sentence of a manager twice, as linear rows and as plain arithmetic.

The two are written apart on purpose and tested against each other; no helper serves both but the names of scopes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from kaopt.allocation.ledger import Charge, Ledger
from kaopt.allocation.rows import Rows
from kaopt.errors import Fault
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.cells import matches
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.sources import suggest
from kaopt.switches import Switches


class Rule(Protocol):
    """One rule. Its docstring's first line is the manager's sentence."""

    NAME: str  # as in `rules:` of a scenario, in prices, conflicts and reports
    UNIT: str  # natural unit of what is used and of regrets
    FORMULA: str  # LaTeX

    @property
    def Settings(self) -> type[RuleSettings]:
        """What a scenario may say about the rule."""

    def rows(self, world: Scenario, offers: Offers, settings: Any) -> Rows:
        """The sentence as linear rows over offers."""

    def breaches(self, world: Scenario, ledger: Ledger, settings: Any) -> tuple[Breach, ...]:
        """Where a plan breaks the sentence, restated on the evaluator's ledger."""


class SwitchRule(Rule, Protocol):
    """A rule that needs columns beside the offers; where these carry money, `charges` says the same on a plan."""

    def switches(self, world: Scenario, offers: Offers, settings: Any) -> Switches:
        """What is decided beside the offers; `rows` finds them by `offers.switches.own(NAME, settings)`."""

    def charges(self, world: Scenario, ledger: Ledger, settings: Any) -> tuple[Charge, ...]:
        """What follows from a plan beside its events; none where the switches carry no money."""


class NamingRule(Rule, Protocol):
    """A rule whose settings name things of the world."""

    def faults(self, world: Scenario, settings: Any) -> Iterator[Fault]:
        """Names that nobody knows, and what else the settings ask in vain."""


class CalendarRule(Rule, Protocol):
    """A rule inside one account-SKU's own year, which also describes itself to a dynamic program."""

    def calendar(self, world: Scenario, settings: Any) -> Calendar:
        """The sentence as data."""


@dataclass(frozen=True, eq=False)
class Bound:
    """Between `least` and `most` of `what` (events by first week, promoted weeks, displays) in the marked weeks."""

    what: str
    weeks: Bools  # [W]
    least: float
    most: float


@dataclass(frozen=True, eq=False)
class Calendar:
    """What a rule asks of every listed account-SKU's year; several calendars hold together."""

    gap: int = 0  # free weeks after an event
    bounds: tuple[Bound, ...] = ()
    forced: tuple[Lock, ...] = ()  # must: promoted in each of these weeks; committed: this very event
    allowed: Bools | None = field(default=None)  # [A, S, K, W] weeks in which a treatment may be active
    starts: Bools | None = field(default=None)  # [A, K, W] weeks in which an event may start


def scope(world: Scenario, account: int = -1, sku: int = -1, **more: object) -> str:
    """The name of a row for people: `account=W sku=S12 week=7`; `total` where nothing is given."""
    parts = [f"account={world.accounts.account[account]}"] if account >= 0 else []
    parts += [f"sku={world.skus.sku[sku]}"] if sku >= 0 else []
    parts += [f"{name}={value}" for name, value in more.items() if value is not None]
    return " ".join(parts) or "total"


def known(rule: str, setting: str, pattern: str, names: Iterable[str]) -> Iterator[Fault]:
    """A fault where a name, or a pattern with `*`, in a rule's settings means nothing of the world."""
    every = sorted({one for one in names if one})
    if pattern != "*" and not any(matches(pattern, every)):
        expected = "must be a known name, or a pattern with * that fits one"
        yield Fault("scenario.yaml", None, f"rules.{rule}.{setting}", pattern, expected, suggest(pattern, every))


def regret_of(world: Scenario, settings: RuleSettings, units: float = 1.0) -> float:
    """Objective units per unit of a soft row's activity, where one such unit is `units` natural ones; NaN if hard.

    Regrets are stated in money; `profitable_volume` counts cases, worth `case_value` money each.
    """
    if settings.hard:
        return float(np.nan)
    aim = world.objective
    worth = settings.regret * units
    if aim.maximize == "lexicographic":  # shortfalls are a stage of their own, where none may count nothing
        return worth or units
    return worth / aim.case_value if worth and aim.maximize == "profitable_volume" else worth
