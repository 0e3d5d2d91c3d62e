r"""A plan that people have got used to changes in at most so many events."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_most
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.errors import Fault
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Bools
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "stability"
UNIT = "event"
FORMULA = r"\sum_{o \notin P} x_o + \sum_{o \in P} (1 - x_o) \le n \qquad (P: \text{the given plan})"


class Settings(RuleSettings):
    """A given event that is not kept is a change, so is a new one; given ones that nobody may offer now count too."""

    max_changes: Annotated[int, Field(ge=0, description="most events dropped or added")]
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "total"


def faults(world: Scenario, settings: Settings) -> Iterator[Fault]:
    """There must be a plan to stay near."""
    if not world.given:
        words = ("no plan", "must have a plan to stay near", "Add `plan: tables/plan.csv` with the plan to keep.")
        yield Fault("scenario.yaml", None, f"rules.{NAME}", *words)


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row: new events, and the given ones less those that are kept."""
    given = {(x.account, x.sku, x.week, x.weeks, x.treatment) for x in world.given}
    kept = among(offers, given)
    size = world.shape[0] if settings.per == "account" else 1
    place = offers.account if settings.per == "account" else np.zeros_like(offers.account)
    dropped = np.zeros(size)
    for one in given:
        dropped[one[0] if settings.per == "account" else 0] += 1
    return make_rows(
        NAME,
        UNIT,
        tuple(scope(world, a if settings.per == "account" else -1) for a in range(size)),
        sums(place, np.arange(len(offers)), np.where(kept, -1.0, 1.0), (size, len(offers))),
        high=float(settings.max_changes),
        regret=regret_of(world, settings),
        used_without=dropped,
    )


def among(offers: Offers, given: Collection[tuple[int, ...]]) -> Bools:
    """[O] offers that are among the given events (account, SKU, week, weeks, treatment); offers are sorted so."""
    columns = (offers.account, offers.sku, offers.week, offers.weeks, offers.treatment)
    asked = np.array(sorted(given), dtype=np.int64).reshape(-1, len(columns)).T
    number, wanted = np.zeros(len(offers), dtype=np.int64), np.zeros(asked.shape[1], dtype=np.int64)
    for column, values in zip(columns, asked, strict=True):
        size = 1 + max(int(column.max(initial=0)), int(values.max(initial=0)))
        number, wanted = number * size + column, wanted * size + values
    place = np.searchsorted(number, wanted)
    found = np.zeros(len(offers) + 1, dtype=bool)
    found[place[np.append(number, -1)[place] == wanted]] = True
    return found[:-1]


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count the events that only one of the two plans has."""
    before = {(x.account, x.sku, x.week, x.weeks, x.treatment) for x in world.given}
    plan = ledger.plan
    columns = (one.tolist() for one in (plan.account, plan.sku, plan.week, plan.weeks, plan.treatment))
    changed = before ^ set(zip(*columns, strict=True))
    found: tuple[Breach, ...] = ()
    for account in range(world.shape[0]) if settings.per == "account" else [-1]:
        count = sum(account in (-1, event[0]) for event in changed)
        found += at_most(NAME, scope(world, account), count, float(settings.max_changes), UNIT)
    return found
