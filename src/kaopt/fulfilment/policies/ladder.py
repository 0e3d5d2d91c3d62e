"""What becomes of aged stock: marked down, moved to an outlet, given away, scrapped; and what that brings and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kaopt.fulfilment.policies.gating import days_of, unsaleable
from kaopt.fulfilment.policies.own import changed
from kaopt.scenario.columns import Bools, Floats, Ints
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Supply
from kaopt.scenario.stock_settings import Rung, Stock
from kaopt.scenario.tables import Skus

UNPAID = ("donate", "scrap")
MOST = 2.0**40  # cases a day where a way has no limit


def tables(world: Scenario, accepted: Ints, places: int) -> dict[str, Any]:
    """What is kept, and what each step takes, as the user's own policy or the settings say; see the functions below.

    `accepted` [A, S] greatest age at receipt; `places` warehouses.
    """
    rule, skus, weekly = world.supply.stock, world.skus, world.base_cases.sum(axis=0).mean(axis=1)
    built_in = {
        "kept": kept(accepted, world.listed, skus, rule),
        "age": rungs(rule, skus.shelf_life),
        "cases": rates(rule, weekly, places),
    }
    return changed(world, "ladder", built_in)


def kept(accepted: Ints, listed: Bools, skus: Skus, rule: Stock) -> Ints:
    """[S] the greatest age that stays in the warehouse; older goods are scrapped.

    Without a ladder nothing stays that no account accepts; with one, an outlet may still take it.
    """
    life = skus.shelf_life
    most = life if rule.ladder else unsaleable(accepted, listed, life)
    return np.minimum(most, days_of(np.minimum(skus.scrap_age, rule.scrap_age), life))


def rungs(rule: Stock, life: Ints) -> Ints:
    """[S, R] each step takes stock that is older than so many days, youngest step first."""
    steps = [days_of(rung.at, life) for rung in in_turn(rule)]
    return np.stack(steps, axis=1) if steps else np.zeros((0, 0), np.int64)


def rates(rule: Stock, weekly: Floats, places: int) -> Floats:
    """[S, R] most cases that each step takes in a day from one of the warehouses; `weekly` [S] mean demand, cases."""
    none = np.full(len(weekly), MOST)
    steps = [weekly * rung.a_week / 7 / places if rung.a_week < MOST else none for rung in in_turn(rule)]
    return np.stack(steps, axis=1) if steps else np.zeros((0, 0))


def in_turn(rule: Stock) -> Sequence[Rung]:
    """The steps by age."""
    return sorted(rule.ladder, key=lambda rung: rung.at)


def unpaid(aged: Ints, rule: Stock) -> Ints:
    """[S] cases that nobody paid for; `aged` [R, S] what each step took."""
    free = np.array([rung.way in UNPAID for rung in in_turn(rule)], dtype=bool)
    cases: Ints = aged[free].sum(axis=0)
    return cases


def proceeds(aged: Ints, rule: Stock, skus: Skus) -> Floats:
    """[R, S] money that each step brought: marked down and transferred cases at their share of list price."""
    paid = np.array([0.0 if rung.way in UNPAID else rung.price for rung in in_turn(rule)])
    money: Floats = paid[:, None] * aged * skus.list_price
    return money


def loss(write_off: Ints, aged: Ints, supply: Supply, skus: Skus) -> float:
    """Money that aged and damaged stock cost in all: goods, handling and disposal, less what the outlets paid.

    `write_off` [S] cases that nobody paid for, those of the ladder `aged` [R, S] among them.
    """
    rule = supply.stock
    scrapped = write_off - unpaid(aged, rule)
    handling = np.array([rung.cost + supply.disposal_cost * (rung.way == "scrap") for rung in in_turn(rule)])
    spent = scrapped @ (skus.unit_cost + supply.disposal_cost) + (aged @ skus.unit_cost).sum()
    return float(spent + handling @ aged.sum(axis=1) - proceeds(aged, rule, skus).sum())
