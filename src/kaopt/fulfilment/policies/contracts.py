"""What customers ask for at the dock and what their contracts deduct, as numbers that the loops read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np

from kaopt.fulfilment.fields import CAUSES as COUNT
from kaopt.fulfilment.fields import DISCOUNT_CHANCE, OF_DISCOUNT, OF_PRICE, OF_VALUE, PER_LINE, PER_ORDER, PER_TRUCK
from kaopt.fulfilment.policies.gating import acceptance
from kaopt.scenario.columns import Floats, Ints, columns_of
from kaopt.scenario.contract_rows import causes_of
from kaopt.scenario.model import Scenario
from kaopt.scenario.receiving import Receiving
from kaopt.service import CAUSES, FINE_CAUSES

CENTS = 100
NO_LIMIT = 2**62
# how a line is wrong where a clause does not say: what the dock refuses
WRONG = ("age", "paper", "damage")


@dataclass(frozen=True, eq=False)
class Rules:
    """How each account receives: the table `receiving` by account, with its defaults; [A] each."""

    days_left: Ints
    tolerance_days: Ints
    no_regress: Ints
    most_lots: Ints
    whole_line: Ints
    inspection: Floats
    price_error: Floats
    price_days: Ints
    backorder: Ints  # 1 where what failed is tried again
    standing: Ints  # 1 where that is done only when goods have come in
    cancel_days: Ints
    dispute_days: Ints


@dataclass(frozen=True, eq=False)
class Contract:
    """A fill rate that an account demands in each period, and what it deducts below; money."""

    account: int
    level: float
    period: Ints  # [W] which period a week belongs to, from 0
    rate: float  # of the value that is missing to the level
    amount: float  # for each period below


class _Clause(NamedTuple):
    """A row of the table clauses, for one account; its columns."""

    account: int
    clause: str
    period: str
    causes: str
    rate: float
    amount: float
    level: float
    chance: float


def rules_of(world: Scenario) -> Rules:
    """The table by account; an account without a row has the defaults."""
    table, accounts = world.network.receiving, world.accounts.account
    rows = {} if table is None else {who: n for n, who in enumerate(table.account)}
    found = {}
    for name, spec in columns_of(Receiving):
        given = getattr(table, name) if table is not None else ()
        found[name] = [given[rows[who]] if who in rows else spec.default for who in accounts]
    found["backorder"] = [one != "lost" for one in found["unfilled"]]
    found["standing"] = [one == "standing" for one in found["unfilled"]]
    kinds = {one.name: float if one.type == "Floats" else np.int64 for one in fields(Rules)}
    return Rules(**{name: np.array(found[name], dtype=kind) for name, kind in kinds.items()})


def accepted_ages(world: Scenario) -> Ints:
    """[A, S] the greatest age in days at receipt: the stricter of share of life and days left, plus what is tolerated.

    min(floor(share x life), life - days left) + tolerance, and never beyond the shelf life.
    """
    rules, life = rules_of(world), world.skus.shelf_life
    ages = np.minimum(acceptance(world.accounts.acceptance_age, life), life[None, :] - rules.days_left[:, None])
    ages = np.minimum(ages + rules.tolerance_days[:, None], life[None, :])
    whole: Ints = ages.astype(np.int64)
    return whole


def accounts_of(world: Scenario) -> tuple[Ints, Floats]:
    """[A, ·] what each account asks for: whole figures, rates."""
    rules, accounts = rules_of(world), world.accounts
    limit = np.where(np.isfinite(accounts.credit_limit), np.minimum(accounts.credit_limit, 1e15) * CENTS, NO_LIMIT)
    whole = (
        rules.no_regress,
        rules.whole_line,
        rules.most_lots,
        rules.cancel_days * rules.backorder,
        accounts.payment_days,
        rules.dispute_days,
        rules.price_days,
        limit.astype(np.int64),
        rules.no_regress * world.supply.gate,
        rules.standing,
    )
    damage = np.full(len(accounts.account), world.supply.damage)
    rates = (accounts.mismatch, damage, rules.inspection, rules.price_error)
    return np.stack(whole, axis=1).astype(np.int64), np.stack(rates, axis=1).astype(float)


def fines_of(world: Scenario) -> tuple[Floats, Floats]:
    """What clauses deduct: [2, A, C] by cause, and [A, ·] the rest. Clauses of one kind add up."""
    count = len(world.accounts.account)
    by_cause, fine = np.zeros((2, count, COUNT)), np.zeros((count, 5))
    by_cause[OF_VALUE] = world.accounts.penalty_rate[:, None]
    for one in _applied(world):
        who, kind = one.account, one.clause
        if kind == "failed_value":
            by_cause[OF_VALUE, who] += one.rate * _meant(one.causes, tuple(CAUSES))
        elif kind == "wrong_line":
            by_cause[PER_LINE, who] += one.amount * _meant(one.causes, WRONG)
        elif kind in ("late_truck", "late_order"):
            fine[who, PER_TRUCK if kind == "late_truck" else PER_ORDER] += one.amount
        elif kind == "price_difference":
            fine[who, OF_PRICE] += one.rate
        elif kind == "promotion_discount":
            fine[who, OF_DISCOUNT] += one.rate
            fine[who, DISCOUNT_CHANCE] = max(fine[who, DISCOUNT_CHANCE], one.chance)
    return by_cause, fine


def levels_of(world: Scenario) -> tuple[Contract, ...]:
    """The fill rates that contracts demand."""
    return tuple(
        Contract(one.account, one.level, _periods(world, one.period), one.rate, one.amount)
        for one in _applied(world)
        if one.clause == "fill_below"
    )


def level_terms(levels: tuple[Contract, ...], weeks: int) -> dict[str, Any]:
    """`level` [K, ·] what contracts demand and deduct; `level_week` [K, 1 + W] the account, each week's period."""
    demands = np.array([(one.level, one.rate, one.amount) for one in levels], dtype=float).reshape(-1, 3)
    periods = np.array([(one.account, *one.period.tolist()) for one in levels], dtype=np.int64)
    return {"level": demands, "level_week": periods.reshape(-1, 1 + weeks)}


def below(value: Floats, contract: Contract) -> Floats:
    """[C] what one year below the level costs; `value` [W, 2 + C] ordered, accepted, lost by cause.

    In each period: (rate x value that is missing to the level + amount) where fill < level. The causes bear it in
    proportion to the value that each of them lost in the period.
    """
    count = int(contract.period.max(initial=-1)) + 1
    sums = np.zeros((count, value.shape[1]))
    np.add.at(sums, contract.period, value)
    missing = contract.level * sums[:, 0] - sums[:, 1]
    short = missing > 1e-9 * sums[:, 0]
    fine = np.where(short, contract.rate * missing + contract.amount, 0.0)
    lost = sums[:, 2:].sum(axis=1, keepdims=True)
    share = np.divide(sums[:, 2:], lost, out=np.zeros_like(sums[:, 2:]), where=lost > 0)
    borne: Floats = fine @ share
    return borne


def _applied(world: Scenario) -> Iterator[_Clause]:
    """Each clause with each account that it is for."""
    table = world.network.clauses
    if table is None:
        return
    for n, pattern in enumerate(table.account):
        for a, who in enumerate(world.accounts.account):
            if fnmatchcase(who, pattern):
                numbers = (float(column[n]) for column in (table.rate, table.amount, table.level, table.chance))
                yield _Clause(a, table.clause[n], table.period[n], table.causes[n], *numbers)


def _meant(said: str, otherwise: tuple[str, ...]) -> Floats:
    """[C] 1 for the fine causes that a cell names."""
    named = {fine for one in causes_of(said) or otherwise for fine in CAUSES[one]}
    return np.array([float(one in named) for one in FINE_CAUSES])


def _periods(world: Scenario, period: str) -> Ints:
    """[W] the period of each week: the calendar month of its fourth day, the quarter of 13 weeks, or the horizon."""
    if period == "quarter":
        return world.quarter
    if period == "year":
        return np.zeros(world.weeks, np.int64)
    days = [world.start + timedelta(days=7 * w + 3) for w in range(world.weeks)]
    months = [12 * day.year + day.month for day in days]
    return np.array(months, dtype=np.int64) - months[0]
