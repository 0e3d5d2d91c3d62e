r"""At least, or at most, so many promotions, promoted weeks or displays in the year or in every quarter."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.cover import active_weeks
from kaopt.allocation.rules.judge import at_least, at_most
from kaopt.allocation.rules.rule import Bound, Calendar, regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach, Plan
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.touched import running

NAME = "promotion_count"
UNIT = "event"
UNITS = {"events": "event", "weeks": "week", "displays": "display-week"}
FORMULA = r"n^{\min} \le \sum_{o \in \text{scope}} n_o x_o \le n^{\max}"

Per = Literal["account", "account_sku", "total"]
Period = Literal["year", "quarter"]
What = Literal["events", "weeks", "displays"]
Number = Annotated[int, Field(ge=0)] | Literal["agreement"]


class Settings(RuleSettings):
    """How many, of what, where and how often."""

    min: Annotated[Number | None, Field(description="least number; `agreement`: as the accounts table promises")] = None
    max: Annotated[Number | None, Field(description="most; `agreement` as for min")] = None
    per: Annotated[Per, Field(description="each account, each listed SKU of it, or all together")] = "account"
    period: Annotated[Period, Field(description="the whole horizon or each of its quarters")] = "year"
    what: Annotated[What, Field(description="events by first week, promoted weeks, display-weeks")] = "events"

    @model_validator(mode="after")
    def agreement_is_known(self) -> Self:
        """An agreement promises events or display-weeks of an account in the year, nothing finer."""
        if "agreement" in (self.min, self.max) and (
            self.what == "weeks" or self.per == "account_sku" or self.period == "quarter"
        ):
            raise ValueError("`agreement` is known for events and displays, per account or total, in the year")
        return self


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per scope and period."""
    accounts, skus, _ = world.shape
    periods = int(world.quarter.max()) + 1 if settings.period == "quarter" else 1
    where = {
        "account": (offers.account, accounts),
        "account_sku": (offers.account * skus + offers.sku, accounts * skus),
        "total": (np.zeros_like(offers.account), 1),
    }
    place, size = where[settings.per]
    if settings.what == "events":
        offer, week = np.arange(len(offers)), offers.week
    else:
        offer, week = active_weeks(world, offers)
    quarter = world.quarter[week] if settings.period == "quarter" else np.zeros_like(week)
    amount = each(world, settings)[offers.treatment[offer]]
    matrix = sums(place[offer] * periods + quarter, offer, amount, (size * periods, len(offers)))
    asked = np.ones(size, dtype=bool)
    if settings.per == "account_sku":
        asked = (world.listed & offers.covers(world)[:, None]).ravel()
    cells = np.flatnonzero(np.repeat(asked, periods)).tolist()
    return make_rows(
        NAME,
        UNITS[settings.what],
        tuple(name(world, settings, cell // periods, cell % periods) for cell in cells),
        matrix[cells],
        low=np.repeat(limit(world, settings, settings.min, -np.inf), periods)[cells],
        high=np.repeat(limit(world, settings, settings.max, np.inf), periods)[cells],
        regret=regret_of(world, settings),
    )


def each(world: Scenario, settings: Settings) -> Floats:
    """[K] what one event (or one week of it) of a treatment counts; a display takes one slot unless it says more."""
    what = world.treatments
    if settings.what == "displays":
        return np.where(what.display > 0, np.maximum(what.slots, 1), what.slots).astype(float)
    return np.ones(len(what.treatment))


def limit(world: Scenario, settings: Settings, number: Number | None, none: float) -> Floats:
    """[places] the limit in each place; a minimum of nothing is none."""
    accounts, skus, _ = world.shape
    size = {"account": accounts, "account_sku": accounts * skus, "total": 1}[settings.per]
    if number is None:
        return np.full(size, none)
    if number == "agreement":
        due = world.accounts.displays_due if settings.what == "displays" else world.accounts.promotions_due
        values = np.asarray(due if settings.per == "account" else [due.sum()], dtype=float)
    else:
        values = np.full(size, float(number))
    return np.where((values == 0) & (none < 0), none, values)


def name(world: Scenario, settings: Settings, place: int, quarter: int) -> str:
    """The scope of a row; what and min or max come with the unit and the limits."""
    account, sku = divmod(place, world.shape[1]) if settings.per == "account_sku" else (place, -1)
    period = quarter + 1 if settings.period == "quarter" else None
    return scope(world, -1 if settings.per == "total" else account, sku, quarter=period)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Count what the plan holds, place by place and period by period."""
    counts, unit = counted(world, ledger.plan, settings), UNITS[settings.what]
    sold = world.listed.reshape(-1, 1) if settings.per == "account_sku" else np.ones((len(counts), 1), dtype=bool)
    accounts = [-1] if settings.per == "total" else list(range(world.shape[0]))
    limits = [[promised(world, settings, one, a) for a in accounts] for one in (settings.min, settings.max)]
    least, most = (np.repeat(np.array(one, dtype=float), len(counts) // len(accounts))[:, None] for one in limits)
    found: list[Breach] = []
    for place, quarter in np.argwhere(sold & ((counts < least) | (counts > most))).tolist():
        account, count = accounts[place * len(accounts) // len(counts)], int(counts[place, quarter])
        sku = place % world.shape[1] if settings.per == "account_sku" else -1
        label = scope(world, account, sku, quarter=quarter + 1 if settings.period == "quarter" else None)
        if (low := promised(world, settings, settings.min, account)) is not None:
            found += at_least(NAME, label, count, low, unit)
        if (high := promised(world, settings, settings.max, account)) is not None:
            found += at_most(NAME, label, count, high, unit)
    return tuple(found)


def counted(world: Scenario, plan: Plan, settings: Settings) -> Ints:
    """[places, quarters] what the plan holds in each account, account-SKU or in all; the whole year is one quarter."""
    accounts, skus, weeks = world.shape
    size = {"total": 1, "account": accounts, "account_sku": accounts * skus}[settings.per]
    event, week = (np.arange(len(plan)), plan.week) if settings.what == "events" else running(plan, weeks)
    slots, shows = world.treatments.slots, world.treatments.display > 0
    counts_as = np.where(shows, np.maximum(slots, 1), slots) if settings.what == "displays" else np.ones_like(slots)
    place = np.zeros_like(event) if settings.per == "total" else plan.account[event]
    if settings.per == "account_sku":
        place = place * skus + plan.sku[event]
    quarters = world.quarter if settings.period == "quarter" else np.zeros(weeks, dtype=np.int64)
    found = np.zeros((size, int(quarters.max()) + 1), dtype=np.int64)
    np.add.at(found, (place, quarters[np.minimum(week, weeks - 1)]), counts_as[plan.treatment[event]])
    return found


def promised(world: Scenario, settings: Settings, number: Number | None, account: int) -> float | None:
    """A limit as a plain number for one account, or for all together."""
    if number != "agreement":
        return number
    table = world.accounts
    due = (table.promotions_due if settings.what == "events" else table.displays_due).tolist()
    return float(sum(due) if account < 0 else due[account])


def calendar(world: Scenario, settings: Settings) -> Calendar:
    """Bounds of one account-SKU; a limit per account or in total is no calendar matter."""
    if settings.per != "account_sku":
        return Calendar()
    quarters = world.quarter if settings.period == "quarter" else np.zeros(world.weeks, dtype=np.int64)
    least = 0.0 if settings.min is None else float(settings.min)
    most = np.inf if settings.max is None else float(settings.max)
    return Calendar(bounds=tuple(Bound(settings.what, quarters == q, least, most) for q in np.unique(quarters)))
