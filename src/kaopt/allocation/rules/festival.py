r"""The weeks that matter are covered: in each week of a festival at least so many promotions run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import Calendar, known, regret_of, scope
from kaopt.errors import Fault
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.cells import matches
from kaopt.scenario.kinds import WeekSet
from kaopt.scenario.model import Lock, Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "festival"
UNIT = "event"
FORMULA = r"\sum_{o \text{ runs in } w} x_o \ge n \quad \forall w \in \text{festival}"

Per = Literal["account", "account_sku", "total"]


class Settings(RuleSettings):
    """Which weeks, and what must run in each of them; patterns take `*`. Weeks after the horizon ask nothing."""

    weeks: Annotated[WeekSet, Field(min_length=1, description="weeks to cover, 5-6|40")]
    min: Annotated[int, Field(ge=1, description="least events that run in each of these weeks")] = 1
    per: Annotated[Per, Field(description="at each account, for each listed SKU of it, or all together")] = "account"
    account: Annotated[str, Field(description="accounts that are meant")] = "*"
    brand: Annotated[str, Field(description="brands that count")] = "*"
    sku: Annotated[str, Field(description="SKUs that count")] = "*"
    family: Annotated[str, Field(description="mechanic families that count")] = "*"


def faults(world: Scenario, settings: Settings) -> Iterator[Fault]:
    """Names that nobody knows."""
    yield from known(NAME, "account", settings.account, world.accounts.account)
    yield from known(NAME, "brand", settings.brand, world.skus.brand)
    yield from known(NAME, "sku", settings.sku, world.skus.sku)
    yield from known(NAME, "family", settings.family, world.treatments.family)


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """A cover row per place and week."""
    accounts, skus, weeks = world.shape
    here = np.array(matches(settings.account, world.accounts.account))
    meant = np.array(matches(settings.brand, world.skus.brand)) & np.array(matches(settings.sku, world.skus.sku))
    kinds = np.array(matches(settings.family, world.treatments.family))
    offer, week = active_weeks(world, offers)
    account, sku = offers.account[offer], offers.sku[offer]
    counts = here[account] & meant[sku] & kinds[offers.treatment[offer]]
    if settings.per == "account_sku":
        place, size = account * skus + sku, accounts * skus
        asked = (here[:, None] & meant[None, :] & world.listed).ravel()
    elif settings.per == "account":
        place, size, asked = account, accounts, here
    else:
        place, size, asked = np.zeros_like(account), 1, np.ones(1, bool)
    matrix = sums(np.where(counts, place * weeks + week, -1), offer, np.ones(len(offer)), (size * weeks, len(offers)))
    chosen = [p * weeks + w - 1 for p in np.flatnonzero(asked).tolist() for w in settings.weeks if w <= weeks]
    return make_rows(
        NAME,
        UNIT,
        tuple(named(world, settings, c // weeks, c % weeks) for c in chosen),
        matrix[chosen],
        low=float(settings.min),
        regret=regret_of(world, settings),
    )


def named(world: Scenario, settings: Settings, place: int, week: int) -> str:
    """The scope of a row: the place by number, and what counts there."""
    account, sku = divmod(place, world.shape[1]) if settings.per == "account_sku" else (place, -1)
    patterns = {name: getattr(settings, name) for name in ("brand", "family")}
    said = {name: value for name, value in patterns.items() if value != "*"}
    return scope(world, -1 if settings.per == "total" else account, sku, **said, week=week + 1)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count what runs in each week of the festival, place by place."""
    accounts = [a for a, hit in enumerate(matches(settings.account, world.accounts.account)) if hit]
    plan = ledger.plan
    brands = matches(settings.brand, world.skus.brand)
    skus = [s for s, hit in enumerate(matches(settings.sku, world.skus.sku)) if hit and brands[s]]
    families = matches(settings.family, world.treatments.family)
    event, when = running(plan, world.weeks)
    event, when = (one[np.array(families, dtype=bool)[plan.treatment[event]]] for one in (event, when))
    count_of = np.zeros(world.shape, dtype=np.int64)
    np.add.at(count_of, (plan.account[event], plan.sku[event], when), 1)
    per = settings.per
    if per == "account_sku":
        places = [(a * world.shape[1] + s, [a], [s]) for a in accounts for s in skus if world.listed[a, s]]
    else:
        places = [(a, [a], skus) for a in accounts] if per == "account" else [(0, accounts, skus)]
    found: list[Breach] = []
    for number, some, mine in places:
        for week in (w - 1 for w in settings.weeks if w <= world.weeks):
            count = int(count_of[np.ix_(some, mine, [week])].sum())
            found += at_least(NAME, named(world, settings, number, week), count, float(settings.min), UNIT)
    return tuple(found)


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """Weeks that each listed SKU must be promoted in; what counts only by family or between SKUs is no calendar's."""
    families = set(world.treatments.family)
    plain = settings.min == 1 and all(matches(settings.family, families))
    if settings.per != "account_sku" or not plain or not settings.hard:
        return Calendar()
    accounts = np.flatnonzero(matches(settings.account, world.accounts.account))
    skus = np.array(matches(settings.brand, world.skus.brand)) & matches(settings.sku, world.skus.sku)
    forced = [
        Lock(int(a), int(s), week - 1, 1, -1, "must")
        for a in accounts
        for s in np.flatnonzero(skus & world.listed[a])
        for week in settings.weeks
        if week <= world.weeks
    ]
    return Calendar(forced=tuple(forced))
