"""Perishable stock against theory, lived through in the product's own world."""

from __future__ import annotations

from itertools import product
from math import exp
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from kaopt.fulfilment.replicate import Outcome
from kaopt.scenario.model import Scenario
from tests.fulfilment.helpers import calm, z_score
from tests.validation.scaled import customers, own_fill, results

# Case 12: units come and are asked for by Poisson, live for a time; oldest first, what is missing is lost --------
UNIT = 1000  # days in the time unit of the rates
CASES = [(10.0, 10.0, 1.0), (12.0, 10.0, 2.0), (9.0, 10.0, 2.0)]  # supply, demand, life
COUNT = 12  # SKUs, each with its own supply and its own customer: the cases in turn


class Perishable(NamedTuple):
    """Shares of supply that outdate and of demand that is lost, mean age at issue."""

    waste: float
    lost: float
    age: float


def in_theory(supply: float, demand: float, life: float) -> Perishable:
    """By level crossing of the age of the oldest unit (Graves 1982; Kaspi and Perry 1983)."""
    theta = demand - supply
    span = (exp(theta * life) - 1) / theta if theta else life
    rate = 1 / (span + exp(theta * life) / supply)  # of outdating
    empty = rate * exp(theta * life) / supply
    age = 1 / theta - life / (exp(theta * life) - 1) if theta else life / 2
    return Perishable(rate / supply, empty, age)


def test_theory_is_as_published() -> None:
    assert in_theory(*CASES[0]) == pytest.approx((1 / 11, 1 / 11, 0.5), abs=1e-9)
    assert in_theory(*CASES[1]) == pytest.approx((0.169250, 0.003100, 1.537315), abs=1e-6)
    assert in_theory(*CASES[2]) == pytest.approx((0.015411, 0.113870, 0.686965), abs=1e-6)
    for supply, demand, life in CASES:  # what comes in is issued or outdates
        found = in_theory(supply, demand, life)
        assert supply * (1 - found.waste) == pytest.approx(demand * (1 - found.lost))


def perishables(weeks: int) -> Scenario:
    """Goods that come in whatever is planned (`intake_cases`, Poisson) and are free at once; nothing else is made.

    What came in on a morning is scrapped `life` days later, to the day; a customer asks for a case at a time. Between
    two of either there are a hundred days on average, a life is one or two thousand.
    """
    supply, demand, life = np.array([CASES[n % len(CASES)] for n in range(COUNT)]).T
    days = life * UNIT
    sku = {
        "intake_cases": 7 * supply / UNIT,
        "level_cases": 0.0,  # production adds nothing
        "shelf_life": days + 1,
        "scrap_age": (days - 1) / (days + 1),  # older than life - 1 days at midnight
    }
    rules = {"warmup_weeks": 1500, "lead_days": 0, "production": {"rule": "plan", "daily": True}}
    return customers(COUNT, COUNT, weeks, rate=7 * demand / UNIT, sku=sku, supply=rules)


def figures(found: list[Outcome], which: int, weeks: int) -> Perishable:
    """[R x SKUs] each; the age at issue by Little's law: all cases leave issued, or at the end of their lives."""
    supply, _, life = CASES[which]
    came = supply * 7 * weeks / UNIT
    waste = np.stack([one.write_off for one in found])[:, which :: len(CASES)].ravel() / came
    stock = np.stack([one.stock_cases for one in found])[:, which :: len(CASES)].ravel()
    lost = 1 - own_fill(found)[:, which :: len(CASES)].ravel()
    age = (stock / supply - waste * life) / (1 - waste)
    return Perishable(waste, lost, age)


def compare(weeks: int, replications: int) -> None:
    found = results(perishables(weeks), range(replications))
    for which, case in enumerate(CASES):
        for values, exact in zip(figures(found, which, weeks), in_theory(*case), strict=True):
            assert abs(z_score(values, exact)) <= 4


@pytest.mark.thorough
def test_fifo_with_lost_sales_wastes_loses_and_ages_as_theory_says() -> None:
    compare(12_000, 16)


def test_a_short_life_of_perishables_is_as_theory_says() -> None:
    compare(2000, 2)


# Case 13: De Moor, Gijsbrechts and Boute (2022): life of two days, lead time of one, base stock ---------------------
COSTS = {"order": 3, "lost": 5, "waste": 7, "hold": 1}
BEST = {"fifo": (7, 15.131612), "lifo": (5, 16.062607)}  # base stock and cost a day
MOST = 60  # demand of a day; beyond it the chance is below 1e-18


def chances() -> np.ndarray:
    """Gamma demand of mean 4 and coefficient of variation 0.5, rounded."""
    law, whole = stats.gamma(4), np.arange(MOST)
    return np.asarray(law.cdf(whole + 0.5) - np.where(whole > 0, law.cdf(whole - 0.5), 0))


def day(old: int, fresh: int, demand: int, issue: str) -> tuple[int, int, int]:
    """Cases lost, wasted and left after a day that began with these cases."""
    first = min(demand, fresh if issue == "lifo" else old)
    sold_fresh = first if issue == "lifo" else min(demand - first, fresh)
    sold_old = min(demand - first, old) if issue == "lifo" else first
    return demand - sold_fresh - sold_old, old - sold_old, fresh - sold_fresh


def cost_a_day(base_stock: int, issue: str) -> float:
    """Exact: the stationary distribution of (old, fresh) under an order up to the base stock at the start of a day."""
    states = [(old, fresh) for old, fresh in product(range(base_stock + 1), repeat=2) if old + fresh <= base_stock]
    at = {one: i for i, one in enumerate(states)}
    move, cost = np.zeros((len(states), len(states))), np.zeros(len(states))
    for (old, fresh), i in at.items():
        order = base_stock - old - fresh
        for demand, chance in enumerate(chances()):
            lost, wasted, left = day(old, fresh, demand, issue)
            move[i, at[left, order]] += chance
            parts = {"order": order, "lost": lost, "waste": wasted, "hold": left}
            cost[i] += chance * sum(COSTS[name] * cases for name, cases in parts.items())
    system = np.vstack([move.T - np.eye(len(states)), np.ones(len(states))])
    share = np.linalg.lstsq(system, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    return float(share @ cost)


@pytest.mark.parametrize("issue", BEST)
def test_the_best_base_stock_and_its_cost_are_the_published_ones(issue: str) -> None:
    best, exact = BEST[issue]
    costs = {level: cost_a_day(level, issue) for level in range(3, 10)}
    assert costs[best] == pytest.approx(exact, abs=1e-6)
    assert min(costs, key=lambda level: costs[level]) == best


SKUS = 30


def bakery(issue: str, level: int, weeks: int) -> Scenario:
    """A week is the day of the theory: one customer, served on Wednesdays; ordered on Mondays, there a week later.

    Thirty SKUs alike; weekly demand is gamma, to the nearest case; what is left on its second Monday is scrapped.
    """
    return calm(
        1,
        SKUS,
        weeks,
        base_cases=np.full((1, SKUS, weeks), 4.0),
        account_columns={"order_days": ((4,),)},
        sku_columns={"demand_cv": 0.5, "level_cases": float(level), "lot_cover_weeks": 0.0, "shelf_life": 20},
        supply={
            "lead_days": 7,
            "issue": issue,
            "gate": False,
            "position": "all",
            "pick_rate": 1e6,
            "production": {"rule": "plan"},
            "demand": {"law": "gamma", "rounding": "nearest"},
        },
    )


def cost_a_week(one: Outcome, weeks: int) -> float:
    """Of one SKU on average. On three nights of a week all is in stock, on four what is kept or scrapped in the end."""
    made, lost = one.output[0, 0] / SKUS / weeks, one.lost.sum() / SKUS / weeks
    waste, nights = one.write_off.sum() / SKUS / weeks, 7 * one.stock_cases.mean()
    kept = (nights - 3 * made - 4 * waste) / 7
    parts = {"order": made, "lost": lost, "waste": waste, "hold": kept}
    return float(sum(COSTS[name] * cases for name, cases in parts.items()))


@pytest.mark.parametrize("issue", BEST)
def test_a_base_stock_of_goods_that_live_for_two_days_costs_what_is_published(issue: str) -> None:
    level, exact = BEST[issue]
    found = results(bakery(issue, level, 400), range(10))
    assert abs(z_score([cost_a_week(one, 400) for one in found], exact)) <= 4
    assert np.std([cost_a_week(one, 400) for one in found]) < 0.02 * exact  # and so a fiftieth would be seen


@pytest.mark.thorough
@pytest.mark.parametrize("issue", BEST)
def test_a_long_run_of_that_base_stock_costs_what_is_published(issue: str) -> None:
    level, exact = BEST[issue]
    found = results(bakery(issue, level, 4000), range(20))
    assert abs(z_score([cost_a_week(one, 4000) for one in found], exact)) <= 4
