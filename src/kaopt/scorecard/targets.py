"""Which targets hold for which accounts: from tables, rules and the scenario's own `targets`."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np

from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario


def in_sum(column: Floats, accounts: Ints) -> float:
    """A target that adds up over accounts; none in total unless every account has one."""
    return float(column[accounts].sum())


def sales(world: Scenario, accounts: Ints) -> float:
    """Promised net sales value, money."""
    return in_sum(world.accounts.sales_target, accounts)


def high_margin(world: Scenario) -> float:
    """Least share of high-margin products in net sales value."""
    return first(world.targets.high_margin, *said(world, "margin_mix", "min"))


def growth_index(world: Scenario) -> float:
    """Least growth index against the customer."""
    return first(world.targets.growth_index, *said(world, "market_share", "min_growth_index"))


def contribution(world: Scenario, accounts: Ints) -> float:
    """Least contribution after fixed fees; in total only, as the scenario states it in total."""
    if len(accounts) < len(world.accounts.account):
        return nan
    return first(world.targets.contribution)


def extra_contribution(world: Scenario, accounts: Ints) -> float:
    """Least contribution over doing nothing, the objective's floor; in total only."""
    if len(accounts) < len(world.accounts.account):
        return nan
    return first(world.objective.contribution_floor)


def fill_rate(world: Scenario, accounts: Ints, weight: Floats) -> float:
    """Order fill rate demanded; in total the scenario's own, else what meeting every customer's target comes to."""
    general = first(world.targets.fill_rate)
    asked = world.accounts.fill_target[accounts]
    if len(accounts) == 1 and not np.isnan(asked[0]):
        return float(asked[0])
    if not np.isnan(general) or weight[accounts].sum() == 0:
        return general
    return float((asked * weight[accounts]).sum() / weight[accounts].sum())


def promotions(world: Scenario, accounts: Ints) -> float:
    """Promotions due in the horizon, by agreement or by rule; NaN where nothing was promised."""
    due = world.accounts.promotions_due.astype(float)
    for setting in world.rules.get("promotion_count", ()):
        if read(setting, "per") == "account" and read(setting, "period", "within", "window") in (None, "", "year"):
            due = np.maximum(due, float(read(setting, "min") or 0))
    return in_sum(due, accounts) or nan


def displays(world: Scenario, accounts: Ints) -> float:
    """Display-weeks due in the horizon; NaN where nothing was promised."""
    return in_sum(world.accounts.displays_due.astype(float), accounts) or nan


def said(world: Scenario, rule: str, name: str) -> list[float]:
    """What a rule's settings say under a name, in their order."""
    return [value for one in world.rules.get(rule, ()) if (value := read(one, name)) is not None]


def read(setting: Any, *names: str) -> Any:
    """The first of these attributes that a setting has; rules belong to another room and may lack one."""
    return next((getattr(setting, name) for name in names if hasattr(setting, name)), None)


def first(*values: float | None) -> float:
    """The first value that is given."""
    return next((float(v) for v in values if v is not None), nan)
