r"""Net sales reach what the agreement promises, in the year or in every quarter, per account or in total."""

from __future__ import annotations

from math import fsum, isnan
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "sales_target"
UNIT = "money"
FORMULA = r"R^0_{p} + \sum_o \Delta R_{op} x_o \ge T_p \quad \forall p \quad (T_{q} = T_{year} R^0_{q} / R^0_{year})"

Per = Literal["account", "total"]
Period = Literal["year", "quarter"]


class Settings(RuleSettings):
    """Where and how often the target holds; a quarter's part is its part of base sales."""

    per: Annotated[Per, Field(description="each account that has a target, or their sum")] = "account"
    period: Annotated[Period, Field(description="the whole horizon or each of its quarters")] = "year"


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account (or all that have a target) and period."""
    effects, accounts = offers.effects, world.shape[0]
    periods = int(world.quarter.max()) + 1 if settings.period == "quarter" else 1
    period = world.quarter if settings.period == "quarter" else np.zeros(world.weeks, dtype=np.int64)
    weekly = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=1)
    base = np.stack([weekly[:, period == p].sum(axis=1) for p in range(periods)], axis=1)
    target = world.accounts.sales_target[:, None] * base / np.maximum(base.sum(axis=1, keepdims=True), 1e-300)
    promised = ~np.isnan(world.accounts.sales_target)
    place = np.where(promised, np.arange(accounts) if settings.per == "account" else 0, -1)
    here = place[offers.account[effects.offer]]
    cell = np.where(here >= 0, here * periods + period[effects.week], -1)
    size = accounts if settings.per == "account" else 1
    if settings.per == "total":
        base, target = base[promised].sum(axis=0, keepdims=True), target[promised].sum(axis=0, keepdims=True)
    goal = np.where(np.isnan(target.ravel()) | (not promised.any()), -np.inf, target.ravel())
    return make_rows(
        NAME,
        UNIT,
        tuple(
            scope(world, a if settings.per == "account" else -1, quarter=p + 1 if periods > 1 else None)
            for a in range(size)
            for p in range(periods)
        ),
        sums(cell, effects.offer, effects.net_revenue, (size * periods, len(offers))),
        low=goal,
        regret=regret_of(world, settings),
        used_without=base.ravel(),
    )


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Add up net sales and hold them against the promise."""
    table = world.accounts
    promised = [a for a in range(len(table.account)) if not isnan(table.sales_target[a])]
    groups = [[a] for a in promised] if settings.per == "account" else [promised] if promised else []
    quarters = sorted(set(world.quarter.tolist())) if settings.period == "quarter" else [None]
    found: tuple[Breach, ...] = ()
    for group in groups:
        for quarter in quarters:
            weeks = [w for w in range(world.weeks) if quarter in (None, int(world.quarter[w]))]
            goal = fsum(float(table.sales_target[a]) * part_of_base(world, a, weeks) for a in group)
            used = total(ledger.net_revenue[group][:, :, weeks])
            label = scope(
                world,
                group[0] if settings.per == "account" else -1,
                quarter=quarter + 1 if quarter is not None and len(quarters) > 1 else None,
            )
            found += at_least(NAME, label, used, goal, UNIT)
    return found


def part_of_base(world: Scenario, account: int, weeks: list[int]) -> float:
    """The weeks' part of the account's net sales without any event."""
    sales = world.base_cases[account] * world.net_per_case[account][:, None]
    year = total(sales)
    return total(sales[:, weeks]) / year if year > 0 else 0.0
