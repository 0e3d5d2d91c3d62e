"""What a case of a rule is: a world so small that the best plan is found by hand, in which the rule binds.

The plain world: one treatment, `show`, doubles 100 cases a week for 500 money. A case sells at 50 and costs 25, so an
event of one week brings 100 cases, 4 500 of net revenue and 2 000 of contribution. In the losing world `show` costs
3 000: 2 000 of net revenue, 500 of contribution lost. Base net revenue is 5 000 per account-SKU-week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log
from types import MappingProxyType
from typing import Any

import numpy as np

from kaopt.allocation.rules import RULES, Rule, rule_settings
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.settings import Objective
from tests.worlds import world

NONE: Mapping[str, Any] = MappingProxyType({})
SETTINGS = rule_settings()
PROFIT = Objective(maximize="profit")


@dataclass(frozen=True)
class Case:
    """`best` with the rule and `best_without` it, in the objective's unit, worked out by hand."""

    rule: str
    about: str
    best: float
    best_without: float
    shape: tuple[int, int, int] = (1, 1, 2)
    settings: tuple[Mapping[str, Any], ...] = ()
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: NONE)  # further rules that hold in both
    given: Mapping[str, Any] = field(default_factory=lambda: NONE)

    def world(self) -> Scenario:
        """The world in which the rule holds."""
        rules = {name: (SETTINGS[name](**values),) for name, values in self.others.items()}
        if self.settings:
            rules[self.rule] = tuple(SETTINGS[self.rule](**values) for values in self.settings)
        return plain(self.shape, rules=rules, **self.given)

    def without(self) -> tuple[Scenario, tuple[Rule, ...]]:
        """The same world and all rules but this one."""
        here = self.world()
        rules = {name: values for name, values in here.rules.items() if name != self.rule}
        return replace(here, rules=rules), tuple(rule for rule in RULES if self.rule != rule.NAME)

    def __str__(self) -> str:
        return f"{self.rule}: {self.about}"


def plain(shape: tuple[int, int, int], **given: Any) -> Scenario:
    """The plain world of the module's docstring; `treatment_columns` are merged into it."""
    show = {"treatment": ["show"], "family": ["display"], "display": [1.0], "slots": [1], "weekly_cost": [500.0]}
    columns = show | {"lengths": [(1,)], "depth": [0.0]} | dict(given.pop("treatment_columns", {}))
    effects = {"elasticity": 0.0, "display": log(2)} | dict(given.pop("response_columns", {}))
    fixed: dict[str, Any] = {"base_cases": np.full(shape, 100.0), "objective": PROFIT} | given
    return world(*shape, treatment_columns=columns, response_columns=effects, **fixed)


def line(shape: tuple[int, int, int], **given: Any) -> BudgetLine:
    """A budget node over everything that is not narrowed."""
    accounts, _, weeks = shape
    everything = {"accounts": np.ones(accounts, bool), "weeks": np.ones(weeks, bool), "treatments": np.ones(1, bool)}
    return BudgetLine(**({"scope": "total", "low": 0.0, "high": np.inf} | everything | given))


def closed(shape: tuple[int, int, int], *weeks: int) -> Any:
    """[A, S, 1, W] eligibility with some weeks closed."""
    accounts, skus, length = shape
    mask = np.ones((accounts, skus, 1, length), bool)
    mask[..., list(weeks)] = False
    return mask


LOSING = {"weekly_cost": [3000.0]}
# `huge` brings 300 cases for 7 000: 500 of contribution against 2 000 of `show`
SHOW_OR_HUGE = {
    "treatment": ["show", "huge"],
    "family": ["display", "display"],
    "display": [1.0, 2.0],
    "slots": [1, 1],
    "weekly_cost": [500.0, 7000.0],
    "lengths": [(1,), (1,)],
    "depth": [0.0, 0.0],
}
VOLUME = Objective(maximize="profitable_volume", tie=0.0)
