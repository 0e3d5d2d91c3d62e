r"""High-margin products, or any other mix of products or customers, make up the required share of net sales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, model_validator

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import slack
from kaopt.allocation.rules.rule import known, regret_of, scope
from kaopt.errors import Fault
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.cells import matches
from kaopt.scenario.columns import Bools
from kaopt.scenario.kinds import Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings
from kaopt.scenario.tables import Accounts, Skus

NAME = "margin_mix"
UNIT = "share of 1"
FORMULA = (
    r"m \sum_s R_{as} \le \sum_{s \in H} R_{as} \le M \sum_s R_{as}, \qquad "
    r"R_{as} = R^0_{as} + \sum_o \Delta R_{os} x_o"
)
PRODUCTS, CUSTOMERS = ("brand", "category", "sku"), ("channel", "segment")

Pattern = str | None


class Settings(RuleSettings):
    """Least and most share of a set: high-margin products, or what all given patterns (with `*`) fit.

    A regret is per percentage point of the scope's base net sales that the set lacks or has too much.
    """

    min: Annotated[Share | None, Field(description="least share of the set in net sales")] = None
    max: Annotated[Share | None, Field(description="most")] = None
    per: Annotated[Literal["account", "total"], Field(description="each account, or all together")] = "total"
    brand: Annotated[Pattern, Field(description="brands of the set; nothing named: high-margin products")] = None
    category: Annotated[Pattern, Field(description="categories of the set")] = None
    sku: Annotated[Pattern, Field(description="SKUs of the set")] = None
    channel: Annotated[Pattern, Field(description="channels whose accounts are the set, in total only")] = None
    segment: Annotated[Pattern, Field(description="segments whose accounts are the set, in total only")] = None

    @model_validator(mode="after")
    def a_share_is_asked(self) -> Self:
        """A limit, and a set that one account can have a share of."""
        if self.min is None and self.max is None:
            raise ValueError("must have `min` or `max`")
        if self.per == "account" and (self.channel or self.segment):
            raise ValueError("`channel` and `segment` go with `per: total`: an account is in or out")
        return self

    @property
    def patterns(self) -> dict[str, str]:
        """What narrows the set."""
        every = {name: getattr(self, name) for name in (*PRODUCTS, *CUSTOMERS)}
        return {name: pattern for name, pattern in every.items() if pattern is not None}


def faults(world: Scenario, settings: Settings) -> Iterator[Fault]:
    """Names that nobody knows."""
    for name, pattern in settings.patterns.items():
        yield from known(NAME, name, pattern, getattr(world.skus if name in PRODUCTS else world.accounts, name))


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per account or in total and limit, in money: what the set sells above its limiting part."""
    effects = offers.effects
    base = world.base_cases.sum(axis=2) * world.net_per_case
    mine = inside(world, settings)
    account = offers.account[effects.offer]
    cell = account * world.shape[1] + effects.sku
    place = account if settings.per == "account" else np.zeros_like(account)
    size = len(base) if settings.per == "account" else 1
    group = np.eye(len(base)) if settings.per == "account" else np.ones((1, len(base)))
    point = group @ base.sum(axis=1) / 100
    sides = [(share, side) for share, side in ((settings.min, "min"), (settings.max, "max")) if share is not None]
    matrices, without, names = [], [], []
    for share, side in sides:
        over = mine - share  # money above the limiting part, per money of net sales
        amount = effects.net_revenue * np.take(over, cell)
        matrices.append(sums(place, effects.offer, amount, (size, len(offers))))
        without.append(group @ (base * over).sum(axis=1))
        names += [named(world, settings, a if settings.per == "account" else -1, side) for a in range(size)]
    lower = np.repeat([side == "min" for _, side in sides], size)
    matters = np.tile(point > 0, len(sides))
    regret = np.array([regret_of(world, settings, 1 / p) if p > 0 else np.nan for p in point])
    return make_rows(
        NAME,
        "money",
        tuple(names),
        sp.vstack(matrices, format="csr"),
        low=np.where(lower & matters, 0.0, -np.inf),
        high=np.where(~lower & matters, 0.0, np.inf),
        regret=np.tile(regret, len(sides)),
        used_without=np.concatenate(without),
    )


def inside(world: Scenario, settings: Settings) -> Bools:
    """[A, S] what belongs to the set."""
    accounts, skus, _ = world.shape
    if not settings.patterns:
        return np.repeat(world.skus.high_margin[None, :], accounts, axis=0)
    mask = np.ones((accounts, skus), dtype=bool)
    for name, pattern in settings.patterns.items():
        if name in PRODUCTS:
            mask &= np.array(matches(pattern, getattr(world.skus, name)))[None, :]
        else:
            mask &= np.array(matches(pattern, getattr(world.accounts, name)))[:, None]
    return mask


def named(world: Scenario, settings: Settings, account: int, side: str) -> str:
    """The scope of a row: the account, the set, and which limit where it is the upper one."""
    patterns: dict[str, Any] = {**settings.patterns}
    if "sku" in patterns:  # `sku=` names one SKU in other scopes
        patterns["set"] = patterns.pop("sku")
    return scope(world, account, **patterns, side=side if side == "max" else None)


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Divide what the set sells by all sales; judged in money, told as a share."""
    everyone = list(range(world.shape[0]))
    found: tuple[Breach, ...] = ()
    ours = belonging(world, settings)
    for group in [[a] for a in everyone] if settings.per == "account" else [everyone]:
        base = total(world.base_cases[group] * world.net_per_case[group][:, :, None])
        every, part = total(ledger.net_revenue[group]), total(ledger.net_revenue[group][ours[group]])
        for limit, side, sign in ((settings.min, "min", 1.0), (settings.max, "max", -1.0)):
            off = 0.0 if limit is None else sign * (limit * every - part)
            if limit is not None and base > 0 and off > slack(every):
                name = named(world, settings, group[0] if settings.per == "account" else -1, side)
                found += (Breach(NAME, name, part / every if every else 0.0, limit, UNIT, 100 * off / base),)
    return found


def belonging(world: Scenario, settings: Settings) -> Bools:
    """[A, S] whether an account's sales of a SKU are in the set."""
    accounts, skus, _ = world.shape
    people = [all(fits(settings, world.accounts, name, a) for name in CUSTOMERS) for a in range(accounts)]
    goods = [all(fits(settings, world.skus, name, s) for name in PRODUCTS) for s in range(skus)]
    return np.outer(people, goods if settings.patterns else world.skus.high_margin)


def fits(settings: Settings, table: Accounts | Skus, name: str, number: int) -> bool:
    """Whether a product or a customer fits what the settings say of it."""
    pattern = settings.patterns.get(name)
    return pattern is None or matches(pattern, [getattr(table, name)[number]])[0]
