r"""We win share: we grow at least as the customer does, and are at least the target part of the customer's category."""

from __future__ import annotations

from math import fsum, isnan
from typing import Annotated, Literal, Self

import numpy as np
import scipy.sparse as sp
from pydantic import Field, model_validator

from kaopt.allocation.exact_sum import total
from kaopt.allocation.ledger import Ledger
from kaopt.allocation.rows import Rows, make_rows, sums
from kaopt.allocation.rules.judge import at_least
from kaopt.allocation.rules.rule import regret_of, scope
from kaopt.offers import Offers
from kaopt.plan import Breach
from kaopt.scenario.columns import Floats
from kaopt.scenario.kinds import Share
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import RuleSettings

NAME = "market_share"
UNIT = "money"
FORMULA = (
    r"R^0_a + \sum_{o \in a} \Delta R_o x_o \ge \gamma\,(1 + g_a)\, R^{\text{last year}}_a \quad \forall a, \qquad "
    r"Q^0_a + \sum_{o \in a} \Delta Q_o x_o \ge \sigma \left((1 + g_a)\, C^{\text{last year}}_a "
    r"+ \nu \sum_{o \in a} \Delta Q_o x_o\right) \quad (Q: \text{our retail sales})"
)

Per = Literal["account", "total"]
Side = tuple[Floats, Floats, Floats]  # [O] what offers add; [A] what there is without any; [A] what is asked, NaN: none


class Settings(RuleSettings):
    """The growth index is (1 + our growth) / (1 + the customer's growth); both measures are multiplied out.

    The category is the customer's of last year, grown as the customer, and by the part of our own growth that is new
    to it. Retail sales are without value-added tax, at the promotion's price; a regret is per money of sales lacking.
    """

    min_growth_index: Annotated[
        Annotated[float, Field(gt=0)] | None, Field(description="least growth index; 1 = share is held")
    ] = None
    share_of_category: Annotated[Share | None, Field(description="least part of the category's retail sales")] = None
    new_to_category: Annotated[Share, Field(description="part of our extra retail sales that the category gains")] = 0.0
    per: Annotated[Per, Field(description="each account that has the figures, or their sum")] = "account"

    @model_validator(mode="after")
    def a_measure_is_asked(self) -> Self:
        """At least one of the two."""
        if self.min_growth_index is None and self.share_of_category is None:
            raise ValueError("must have `min_growth_index` or `share_of_category`")
        return self


def rows(world: Scenario, offers: Offers, settings: Settings) -> Rows:
    """One row per measure and account, or per measure for all accounts together, over the horizon."""
    sides: list[tuple[str | None, Side]] = []
    if settings.min_growth_index is not None:
        sides.append((None, growth(world, offers, settings.min_growth_index)))
    if settings.share_of_category is not None:
        sides.append(("category", category(world, offers, settings)))
    names: list[str] = []
    matrices, low, without = [sp.csr_matrix((0, len(offers)))], [], []
    for share, (adds, base, asked) in sides:
        known = ~np.isnan(asked)
        each: list[int] = np.flatnonzero(known).tolist()
        groups = [[a] for a in each] if settings.per == "account" else [each] if each else []
        belongs = np.zeros((len(groups), len(known)))
        for row, group in enumerate(groups):
            belongs[row, group] = 1.0
        by_account = sums(offers.account, np.arange(len(offers)), adds, (len(known), len(offers)))
        names += [scope(world, group[0] if settings.per == "account" else -1, share=share) for group in groups]
        matrices.append(sp.csr_matrix(sp.csr_matrix(belongs) @ by_account))
        low.append(belongs @ np.where(known, asked, 0.0))
        without.append(belongs @ base)
    return make_rows(
        NAME,
        UNIT,
        tuple(names),
        sp.vstack(matrices, format="csr"),
        low=np.concatenate([np.zeros(0), *low]),
        regret=regret_of(world, settings),
        used_without=np.concatenate([np.zeros(0), *without]),
    )


def growth(world: Scenario, offers: Offers, index: float) -> Side:
    """Our net sales, against last year's grown as the customer grows."""
    table = world.accounts
    base = (world.base_cases * world.net_per_case[:, :, None]).sum(axis=(1, 2))
    return offers.net_revenue, base, index * (1 + table.customer_growth) * table.last_year_revenue


def category(world: Scenario, offers: Offers, settings: Settings) -> Side:
    """Our retail sales, less what they make the category grow, against the part asked of the grown category."""
    assert settings.share_of_category is not None
    table, effects, share = world.accounts, offers.effects, settings.share_of_category
    sold = np.bincount(effects.offer, weights=effects.retail_sales, minlength=len(offers)).astype(float)
    price = np.nan_to_num(world.base_price) / (1 + table.vat)[:, None, None]
    base = (world.base_cases * price).sum(axis=(1, 2))
    asked = share * (1 + table.customer_growth) * table.category_revenue
    return sold * (1 - share * settings.new_to_category), base, asked


def breaches(world: Scenario, ledger: Ledger, settings: Settings) -> tuple[Breach, ...]:
    """Hold our sales against last year's grown as the customer grows, and against the category as it will be."""
    table = world.accounts
    found: tuple[Breach, ...] = ()
    if settings.min_growth_index is not None:
        for account, group in groups_of(world, table.last_year_revenue, settings):
            theirs = fsum(float(table.last_year_revenue[a]) * (1 + float(table.customer_growth[a])) for a in group)
            used = total(ledger.net_revenue[group])
            found += at_least(NAME, scope(world, account), used, settings.min_growth_index * theirs, UNIT)
    if settings.share_of_category is not None:
        for account, group in groups_of(world, table.category_revenue, settings):
            theirs = fsum(float(table.category_revenue[a]) * (1 + float(table.customer_growth[a])) for a in group)
            used = total(ledger.retail_sales[group])
            more = settings.new_to_category * (used - fsum(shelf(world, a) for a in group))
            name = scope(world, account, share="category")
            found += at_least(NAME, name, used, settings.share_of_category * (theirs + more), UNIT)
    return found


def groups_of(world: Scenario, figure: Floats, settings: Settings) -> list[tuple[int, list[int]]]:
    """Accounts whose figure and growth are known: one by one, or (as account -1) together."""
    pairs = zip(figure.tolist(), world.accounts.customer_growth.tolist(), strict=True)
    known = [a for a, (last, grown) in enumerate(pairs) if not isnan(last) and not isnan(grown)]
    if settings.per == "account":
        return [(a, [a]) for a in known]
    return [(-1, known)] if known else []


def shelf(world: Scenario, account: int) -> float:
    """Our retail sales at an account without any event, where the price is known."""
    cases, price = world.base_cases[account], world.base_price[account]
    return total((cases * price / (1 + world.accounts.vat[account]))[~np.isnan(price)])
