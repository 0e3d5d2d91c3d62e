"""What 100 of trade spend buys: on average in the plan, with the last 100 that it spends, and with the next.

For each account, mechanic, mechanic family and SKU, and for all together:

- `cases`: incremental cases per 100 of spend over all chosen events.
- `last`, `next`: in units of the objective, after every other rule is paid for. An event's worth there is its value
  less what the rules other than the budget charge it (so a display is worth what is left when its slot is paid,
  and an event that keeps a promise is worth the promise as well), per 100 of its spend. `last` is the least of the
  events that the relaxation takes, `next` the most of those that it does not take in full and that some plan can hold
  (see `shut`). In the best relaxed plan
  an event that is taken is worth at least what its budgets charge, one that is not at most that: within one budget
  `next` <= its price per 100 <= `last`, and no money can be moved to advantage. A large `average` beside a small
  `next` says that the good events of the group are all in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kaopt.allocation.explain.prices import Prices
from kaopt.scenario.columns import Floats, Ints, Texts
from kaopt.scenario.model import Scenario

PER = 100.0  # money
TAKEN = 1e-7  # share of an offer below which the relaxation does not take it


@dataclass(frozen=True)
class Buy:
    """One group and what its money buys; NaN where there is no such event or no spend."""

    by: str  # total, account, family, treatment, sku
    name: str
    spend: float  # money, of the plan's events
    cases: float  # incremental cases of the plan's events
    average: float  # incremental cases per 100 of spend
    last: float  # objective units per 100
    next: float  # objective units per 100


def buys(world: Scenario, prices: Prices, chosen: Floats) -> tuple[Buy, ...]:
    """Every group in which the plan spends or could spend, the largest spend first within each kind.

    `chosen`: [O] 1 for offers in the plan.
    """
    offers = prices.problem.offers
    worth = worth_per_100(prices)
    here, share = chosen[: len(offers)] > 0.5, prices.share[: len(offers)]
    further = (share < 1 - TAKEN) & (prices.shut[: len(offers)] < 0)
    found = []
    for by, names, group in groups(world, prices):
        for g in np.unique(group):
            mine = group == g
            spend = float(offers.spend[mine & here].sum())
            cases = float(offers.incremental_cases[mine & here].sum())
            last = worth[mine & (share > TAKEN)]
            following = worth[mine & further]
            found.append(
                Buy(by, names[g], spend, cases, ratio(cases, spend), least(last), -least(-following))
            )
    kinds = [by for by, _, _ in groups(world, prices)]
    return tuple(sorted(found, key=lambda one: (kinds.index(one.by), -one.spend)))


def groups(world: Scenario, prices: Prices) -> Iterator[tuple[str, Texts, Ints]]:
    """(kind, names, [O] place in names) of every way to look at the money."""
    offers = prices.problem.offers
    families = tuple(dict.fromkeys(world.treatments.family))
    family = np.array([families.index(one) for one in world.treatments.family], dtype=np.int64)
    yield "total", ("total",), np.zeros(len(offers), dtype=np.int64)
    yield "account", world.accounts.account, offers.account
    yield "family", families, family[offers.treatment]
    yield "treatment", world.treatments.treatment, offers.treatment
    yield "sku", world.skus.sku, offers.sku


def worth_per_100(prices: Prices) -> Floats:
    """[O] objective units per 100 of spend after all rules but the budget are paid; NaN where nothing is spent."""
    offers = prices.problem.offers
    left = prices.reduced[: len(offers)].copy()
    for rows, price in zip(prices.problem.rows, prices.blocks, strict=True):
        if rows.rule == "budget":
            left += (rows.matrix.T @ price)[: len(offers)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(offers.spend > 0, PER * left / offers.spend, np.nan)


def ratio(cases: float, spend: float) -> float:
    """Cases per 100 of spend."""
    return PER * cases / spend if spend > 0 else float("nan")


def least(values: Floats) -> float:
    """The least of the numbers among the values."""
    known = values[~np.isnan(values)]
    return float(known.min()) if len(known) else float("nan")
