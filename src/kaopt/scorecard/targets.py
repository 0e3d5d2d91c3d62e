"""Which targets hold for which accounts: from tables, rules and the scenario's own `targets`.

`accounts` are one account or all. A rule that holds per account is a target of each and, ratios being what they
are, of all together; a rule that holds in total is a target of the total only.
"""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import numpy as np

from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario

COUNTED = {"events": "promotions_due", "displays": "displays_due"}


def is_total(world: Scenario, accounts: Ints) -> bool:
    """True where the figures are of all accounts together."""
    return len(accounts) == len(world.accounts.account)


def sales(world: Scenario, accounts: Ints) -> float:
    """Promised net sales value, money; none in total unless every account has one."""
    asked = np.fmax(world.accounts.sales_target, promised(world, "revenue"))
    return float(asked[accounts].sum())


def promised(world: Scenario, what: str) -> Floats:
    """[A] the most that a clause of the agreement promises of everything that the account buys; NaN where none does."""
    least = np.full(len(world.accounts.account), nan)
    for clause in world.agreements:
        whole = clause.skus.all() and clause.weeks.all() and clause.treatments.all()
        if whole and clause.what == what and clause.least > 0:
            least[clause.account] = np.fmax(least[clause.account], clause.least)
    return least


def high_margin(world: Scenario, accounts: Ints) -> float:
    """Least share of high-margin products in net sales value."""
    total = is_total(world, accounts)
    asked = [
        value
        for one, value in settings(world, "margin_mix", "min")
        if not getattr(one, "patterns", None) and (total or getattr(one, "per", "account") == "account")
    ]
    return first(world.targets.high_margin, *asked)


def growth_index(world: Scenario, accounts: Ints) -> float:
    """Least growth index against the customer."""
    return first(world.targets.growth_index, *said(world, "market_share", "min_growth_index", accounts))


def contribution(world: Scenario, accounts: Ints) -> float:
    """Least contribution after fixed fees: the scenario's own in total, and profit floors on all that is earned."""
    said = settings(world, "profit_floor", "min")
    whole = [(one, m) for one, m in said if getattr(one, "level", "incremental") == "account"]
    floors = [float(m) for one, m in whole if fits(world, one, accounts)]
    if is_total(world, accounts) and world.targets.contribution is not None:
        floors.append(float(world.targets.contribution))
    return max(floors, default=nan)


def extra_contribution(world: Scenario, accounts: Ints) -> float:
    """Least contribution over doing nothing: the objective's floor in total, else a profit floor."""
    said = settings(world, "profit_floor", "min")
    more = [(one, m) for one, m in said if getattr(one, "level", "incremental") == "incremental"]
    floors = [float(m) for one, m in more if fits(world, one, accounts)]
    if is_total(world, accounts) and world.objective.contribution_floor is not None:
        floors.append(float(world.objective.contribution_floor))
    return max(floors, default=nan)


def fits(world: Scenario, setting: Any, accounts: Ints) -> bool:
    """True where a floor in money is meant for just these accounts; floors of accounts do not add up to a total."""
    per = getattr(setting, "per", "account")
    return len(accounts) == 1 if per == "account" else is_total(world, accounts)


def fill_rate(world: Scenario, accounts: Ints, weight: Floats) -> float:
    """Order fill rate demanded; in total the scenario's own, else what meeting every customer's target comes to."""
    general = first(world.targets.fill_rate)
    asked = world.accounts.fill_target[accounts]
    if len(accounts) == 1 and not np.isnan(asked[0]):
        return float(asked[0])
    if not isnan(general) or weight[accounts].sum() == 0:
        return general
    return float((asked * weight[accounts]).sum() / weight[accounts].sum())


def execution(world: Scenario, accounts: Ints, what: str) -> float:
    """Promotions (`events`) or display-weeks (`displays`) due in the horizon; NaN where nothing was promised.

    The larger of what the agreement promises and what a rule asks for, account by account, then in total.
    """
    clauses = promised(world, "promotions" if what == "events" else what)
    due = np.fmax(getattr(world.accounts, COUNTED[what]).astype(float), clauses)
    overall = 0.0
    for one, least in settings(world, "promotion_count", "min"):
        if getattr(one, "what", "events") != what or least == "agreement":
            continue
        periods = int(world.quarter.max()) + 1 if getattr(one, "period", "year") == "quarter" else 1
        match getattr(one, "per", "account"):
            case "account":
                due = np.maximum(due, float(least) * periods)
            case "account_sku":
                due = np.maximum(due, float(least) * periods * world.listed.sum(axis=1))
            case _:
                overall = max(overall, float(least) * periods)
    total = float(due[accounts].sum())
    return (max(total, overall) if is_total(world, accounts) else total) or nan


def said(world: Scenario, rule: str, name: str, accounts: Ints) -> list[float]:
    """What a rule says under a name to these accounts, in the order of its settings."""
    total = is_total(world, accounts)
    return [value for one, value in settings(world, rule, name) if total or getattr(one, "per", "account") == "account"]


def settings(world: Scenario, rule: str, name: str) -> list[tuple[Any, Any]]:
    """A rule's settings with what each says under a name; rules belong to another room and may lack one."""
    found = [(one, getattr(one, name, None)) for one in world.rules.get(rule, ())]
    return [(one, value) for one, value in found if value is not None]


def first(*values: float | None) -> float:
    """The first value that is given."""
    return next((float(v) for v in values if v is not None), nan)
