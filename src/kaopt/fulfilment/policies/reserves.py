"""What is kept back for whom: reserves of fresh stock by tier, nested protection levels, lots pegged to promotions.

Protection levels: EMSR-b (Belobaba 1992; Talluri and van Ryzin 2004, section 2.2.4.2), the rule of airline seats: for
the tiers 1 … j keep so much that their demand until the next lot is greater with the chance f(j+1) / f(1 … j) only,
where f is what a case is worth to its tier, the penalty for failing included, weighted by demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaopt.fulfilment import luck
from kaopt.fulfilment.fields import ACCEPT, ACCOUNT, LEAD_DAYS, WAREHOUSE
from kaopt.fulfilment.nouns import Terms
from kaopt.fulfilment.policies.own import changed
from kaopt.fulfilment.policies.tiers import tiers
from kaopt.scenario.columns import Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.stock_settings import Stock

REVIEW = 7  # days until production looks again
ANY_AGE = 2**40
JUST = 1e-9  # a whole number of cases stays that number when it is rounded up


@dataclass(frozen=True, eq=False)
class Wants:
    """What one tier wants of one SKU from one warehouse, by week; each [P, S, T]."""

    mean: Floats  # case/week
    variance: Floats  # of a week's cases
    worth: Floats  # money: cases x (price + penalty)


def with_reserves(terms: Terms, world: Scenario, base: Floats, uplift: Floats) -> Terms:
    """The terms with what must be kept back; `base`, `uplift` [A, S, T] expected cases by week, warm-up first."""
    rule, part = world.supply.stock, shares(terms, len(base))
    if rule.protect != "nothing" or "reserves" in world.own_policies:
        tier = tiers(world)
        wants = [of_tier(world, part * (tier == t)[:, None], base, uplift) for t in range(tier.max(initial=0) + 1)]
        days = terms.plant[terms.makes, LEAD_DAYS] + REVIEW
        levels = nested(wants, days, rule) if rule.protect == "nested" else reserved(wants, rule)
        if rule.protect == "nothing":
            levels = np.zeros_like(levels)
        built_in = {"level": levels, "age": ages_of(world, tier, terms.age[ACCEPT])}
        kept = changed(world, "reserves", built_in)
        terms = terms._replace(guard_age=kept["age"], guard_level=kept["level"])
    if rule.peg:
        promoted = uplift > 0
        cases = np.einsum("ap,ast->pst", part, (base + uplift) * promoted)
        strict = np.where(promoted.any(axis=2), terms.age[ACCEPT], ANY_AGE).min(axis=0, initial=ANY_AGE)
        pegged = promoted.astype(np.int64)
        terms = terms._replace(pegged=pegged, peg_week=whole(cases), peg_age=strict.astype(np.int64))
    return terms


def whole(cases: Floats) -> Ints:
    """Rounded up."""
    return np.ceil(cases - JUST).astype(np.int64)


def shares(terms: Terms, accounts: int) -> Floats:
    """[A, P] the part of each account's orders that each warehouse sends."""
    part = np.zeros((accounts, len(terms.place)))
    sent = (terms.share[:, :, 1] - terms.share[:, :, 0]).sum(axis=1)
    np.add.at(part, (terms.door[:, ACCOUNT], terms.door[:, WAREHOUSE]), sent)
    total = part.sum(axis=1, keepdims=True)
    return _ratio(part, np.broadcast_to(total, part.shape))


def ages_of(world: Scenario, tier: Ints, accepted: Ints) -> Ints:
    """[G, S] the greatest age of what is kept for the tiers 0 … g, the last tier left out: all of them accept it."""
    inside = np.where(world.listed, accepted, ANY_AGE)
    ages = [inside[tier <= g].min(axis=0) for g in range(int(tier.max(initial=0)))]
    return np.array(ages, dtype=np.int64).reshape(len(ages), accepted.shape[1])


def of_tier(world: Scenario, part: Floats, base: Floats, uplift: Floats) -> Wants:
    """The expected demand of a tier; `part` [A, P] is 0 for the accounts of others."""
    spread = (world.skus.demand_cv[None, :, None] * base) ** 2 + (world.supply.uplift_cv * uplift) ** 2
    worth = world.net_per_case * (1 + world.accounts.penalty_rate)[:, None]
    return Wants(
        mean=np.einsum("ap,ast->pst", part, base + uplift),
        variance=np.einsum("ap,ast->pst", part**2, spread),
        worth=np.einsum("ap,as,ast->pst", part, worth, base + uplift),
    )


def reserved(wants: list[Wants], rule: Stock) -> Ints:
    """[P, G, S, T] cases kept for the tiers 0 … g: each tier's weeks of its demand, added up."""
    kept = [rule.reserve_weeks.get(t + 1, 0.0) * one.mean for t, one in enumerate(wants[:-1])]
    return whole(_stacked(np.cumsum(kept, axis=0) if kept else kept, wants[0].mean.shape))


def nested(wants: list[Wants], days: Ints, rule: Stock) -> Ints:
    """[P, G, S, T] protection levels; `days` [S] until the next lot can be free."""
    ahead = [Wants(over(one.mean, days), over(one.variance, days), over(one.worth, days)) for one in wants]
    levels = []
    for g in range(len(ahead) - 1):
        mean, variance, worth = (sum(getattr(one, name) for one in ahead[: g + 1]) for name in FIELDS)
        mine = _ratio(worth, mean)
        chance = 1 - _ratio(_ratio(ahead[g + 1].worth, ahead[g + 1].mean), mine)
        if rule.protect_chance is not None:
            chance = np.full(mean.shape, rule.protect_chance)
        level = np.maximum(mean + np.sqrt(variance) * _quantile(chance), 0.0)
        levels.append(np.where(chance > 0, level, 0.0))
    return whole(_stacked(levels, wants[0].mean.shape))


FIELDS = ("mean", "variance", "worth")
_quantile = np.vectorize(lambda p: luck.quantile(min(max(p, 1e-12), 1 - 1e-12)), otypes=[float])


def over(weekly: Floats, days: Ints) -> Floats:
    """[P, S, T] the sum over the next `days` [S], from the start of each week; the last week goes on for ever."""
    longest = int(-(-days.max(initial=0) // 7)) + 1
    known = np.concatenate([weekly, np.repeat(weekly[:, :, -1:], longest, axis=2)], axis=2)
    total = np.concatenate([np.zeros((*known.shape[:2], 1)), known.cumsum(axis=2)], axis=2)
    result, start = np.zeros_like(weekly), np.arange(weekly.shape[2])
    for s, span in enumerate(days.tolist()):
        full, rest = divmod(span, 7)
        upto = total[:, s, start + full] + known[:, s, start + full] * (rest / 7)
        result[:, s] = upto - total[:, s, start]
    return result


def _ratio(over: Floats, under: Floats) -> Floats:
    return np.divide(over, under, out=np.zeros_like(over), where=under > 0)


def _stacked(levels: object, shape: tuple[int, ...]) -> Floats:
    """[P, G, S, T] of G tables [P, S, T]."""
    table = np.array(levels, dtype=float).reshape(-1, *shape)
    return np.ascontiguousarray(table.transpose(1, 0, 2, 3))
