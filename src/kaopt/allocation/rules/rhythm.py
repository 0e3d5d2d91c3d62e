r"""Selling is even: no week takes more than its share of its month, and no stock is pushed far ahead of its sale."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, model_validator

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats
from kaopt.scenario.kinds import Effect, Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "rhythm"
UNIT = "share of 1"
FORMULA = (
    r"V_w \le \sigma\, \frac{4}{n_m} \sum_{v \in m} V_v \quad \forall w \in m \quad (n_m \le 4 \text{ weeks}), \qquad "
    r"\sum_{v \le w} (V_v - D_v) \le h\, \bar{V}^0 \quad \forall w \quad (D: \text{sell-out})"
)
MONTH = 4  # weeks


class Settings(RuleSettings):
    """Months are four weeks in a row; where the last has n < 4 weeks, its limit is 4/n times as high, at most 1.

    A regret is per percentage point of the month's base cases that a week ships above its share, and per week of mean
    base cases that lies ahead of its sale at the end of a week.
    """

    max_share: Annotated[
        Annotated[Share, Field(ge=1 / MONTH)] | None,
        Field(description="most that a week may ship of its month's cases"),
    ] = None
    max_ahead: Annotated[
        Effect | None,
        Field(description="most that customers may hold above what they sell, in weeks of mean base cases"),
    ] = None
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "account"

    @model_validator(mode="after")
    def something_is_limited(self) -> Self:
        """At least one of the two."""
        if self.max_share is None and self.max_ahead is None:
            raise ValueError("must have `max_share` or `max_ahead`")
        return self


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """In cases, a row per place and week: shipped above the month's share; ahead of sales at the week's end."""
    accounts, _, weeks = world.shape
    month = np.arange(weeks) // MONTH
    together = (month[:, None] == month[None, :]).astype(float)  # [W, W] weeks of one month
    base = world.base_cases.sum(axis=1)
    if settings.per == "total":
        base, accounts = base.sum(axis=0, keepdims=True), 1
    share = np.minimum(1.0, (settings.max_share or 1.0) * MONTH / together.sum(axis=1))
    part = np.eye(weeks) - share[:, None] * together
    points, mean = (base @ together).ravel() / 100, np.repeat(base.mean(axis=1), weeks)
    even = np.where(np.tile(share < 1, accounts) & (points > 0), 0.0, np.inf)
    shipped = by_week(offers, offers.effects.cases, settings, (accounts, weeks))
    held = by_week(offers, offers.effects.cases - offers.effects.sell_out, settings, (accounts, weeks))
    held.eliminate_zeros()  # what is sold when it is shipped lies nowhere
    ahead = over_time(np.tril(np.ones((weeks, weeks))), held, accounts)
    room = np.inf if settings.max_ahead is None else settings.max_ahead
    reach = np.asarray(ahead.maximum(0).sum(axis=1)).ravel()
    if settings.per == "total" and offers.part is not None:
        reach = np.where(reach > 0, np.inf, 0.0)  # other accounts may hold as much as they like
    places = [(a if settings.per == "account" else -1, w + 1) for a in range(accounts) for w in range(weeks)]
    unit = np.concatenate([points, mean])
    return make_rows(
        NAME,
        "case",
        (
            *(scope(world, a, week=w) for a, w in places),
            *(scope(world, a, week=w, stock="ahead") for a, w in places),
        ),
        sp.vstack([over_time(part, shipped, accounts), ahead], format="csr"),
        high=np.concatenate([even, np.where((mean > 0) & (reach > room * mean), room * mean, np.inf)]),
        regret=np.array([regret_of(world, settings, 1 / one) if one > 0 else np.nan for one in unit]),
        used_without=np.concatenate([(base @ part.T).ravel(), np.zeros(accounts * weeks)]),
    )


def by_week(offers: Offers, cases: Floats, settings: Settings, shape: tuple[int, int]) -> sp.csr_matrix:
    """[places x weeks, O] what each offer adds to cases of a place's week."""
    places, weeks = shape
    account = offers.account[offers.effects.offer]
    place = account if settings.per == "account" else np.zeros_like(account)
    return sums(place * weeks + offers.effects.week, offers.effects.offer, cases, (places * weeks, len(offers)))


def over_time(weights: Floats, weekly: sp.csr_matrix, places: int) -> sp.csr_matrix:
    """Weighted sums [W, W] of the weeks, place by place."""
    return sp.csr_matrix(sp.kron(sp.eye_array(places), sp.csr_matrix(weights)) @ weekly)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Month by month who ships too much in a week, then week by week what lies ahead of its sale."""
    everyone = list(range(world.shape[0]))
    found: list[Breach] = []
    for group in [[a] for a in everyone] if settings.per == "account" else [everyone]:
        account = group[0] if settings.per == "account" else -1
        if settings.max_share is not None:
            for begin in range(0, world.weeks, MONTH):
                found += uneven(world, ledger, (group, account, begin), settings.max_share)
        if settings.max_ahead is not None:
            found += loaded(world, ledger, (group, account), settings.max_ahead)
    return tuple(found)


def uneven(world: Scenario, ledger: Ledger, where: tuple[list[int], int, int], max_share: float) -> tuple[Breach, ...]:
    """Weeks of the month that begins at a week which take too much of it; judged in cases, told as a share."""
    group, account, begin = where
    weeks = range(begin, min(begin + MONTH, world.weeks))
    limit = min(1.0, max_share * MONTH / len(weeks))
    normal = total(world.base_cases[group][:, :, weeks])
    sold = {week: total(ledger.cases[group, :, week]) for week in weeks}
    whole = fsum(sold.values())
    found: list[Breach] = []
    for week, cases in sold.items():
        over = cases - limit * whole
        if limit < 1 and normal > 0 and over > slack(whole):
            name = scope(world, account, week=week + 1)
            found += (Breach(NAME, name, cases / whole, limit, UNIT, 100 * over / normal),)
    return tuple(found)


def loaded(world: Scenario, ledger: Ledger, where: tuple[list[int], int], weeks: float) -> tuple[Breach, ...]:
    """Week's ends at which customers hold more than so many weeks of mean base cases above what they have sold."""
    group, account = where
    mean = total(world.base_cases[group]) / world.weeks
    by_week = [one[group].reshape(-1, world.weeks).T.ravel() for one in (ledger.cases, ledger.sell_out)]
    each = world.shape[1] * len(group)  # amounts of a week
    found: list[Breach] = []
    for week in range(world.weeks) if mean > 0 else ():
        shipped, sold = (total(one[: each * (week + 1)]) for one in by_week)
        over = shipped - sold - weeks * mean
        if over > slack(weeks * mean, shipped):
            name = scope(world, account, week=week + 1, stock="ahead")
            found += (Breach(NAME, name, (shipped - sold) / mean, weeks, "week", over / mean),)
    return tuple(found)
