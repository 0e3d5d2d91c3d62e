"""What `supply.stock:` may say: who is served which stock, what is kept for whom, what becomes of aged stock."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal

from pydantic import Field

from kaopt.scenario.kinds import Count, Days, Effect, Money, Share
from kaopt.scenario.section import Section

Tier = Annotated[int, Field(ge=1)]


class Rung(Section):
    """One step of the aged-stock ladder: what is done with stock from a certain age on, until the next step's age."""

    at: Share = 1.0  # stock older than this share of its shelf life, share of 1
    way: Literal["markdown", "transfer", "donate", "scrap"] = "scrap"  # sold cheaply, moved to an outlet, given away, …
    price: Share = 0.0  # markdown, transfer: what a case still brings, share of list price
    a_week: Effect = inf  # most that this way takes in a week, in weeks of the SKU's mean expected demand
    cost: Money = 0.0  # transport and handling, money per case; scrap costs `supply.disposal_cost` as well


class Records(Section):
    """How wrong the books of a warehouse are: production and orders go by the books, pickers by what they find."""

    error: Share = 0.0  # chance in a week that the books of a SKU go wrong; 0: they never do
    cv: Effect = 0.1  # by how much, as a share of its stock: standard deviation, more or less alike
    count_days: Count = 0  # days from one cycle count of a SKU to the next, which puts its books right; 0: none


class Stock(Section):
    """Which stock goes to whom. Tiers: column `tier` of the accounts, tier 1 is the strictest."""

    gate_days: Days = 0  # the gate sends only what will be acceptable for so many days more: room for a re-delivery
    mistake: Literal["newest", "random"] = "newest"  # the lot of an `issue_error`: the last in turn, or any at random
    newest_first: tuple[Tier, ...] = ()  # tiers whose orders get the newest lot first, whatever `issue` says
    serve: Literal["as_they_come", "strict_first", "lenient_first"] = "as_they_come"  # who is served first in a wave
    protect: Literal["nothing", "reserve", "nested"] = "nothing"  # what is kept for stricter tiers; nested: EMSR-b
    reserve_weeks: dict[Tier, Effect] = {}  # reserve: fresh stock kept for each tier, weeks of its expected demand
    protect_chance: Share | None = None  # nested: chance that the protected stock suffices; empty: from the values
    peg: bool = False  # lots are pegged to the promotion orders of the week, as the plan expects them
    stop_age: Share = 1.0  # key accounts are sent nothing that is older at receipt, share of shelf life
    key_tiers: Count = 1  # key accounts are those of the tiers up to this one
    scrap_age: Share = 1.0  # stock older than this is scrapped, share of shelf life
    records: Records = Records()  # see supply.stock.records
    ladder: tuple[Rung, ...] = ()  # what becomes of aged stock before that, youngest step first
