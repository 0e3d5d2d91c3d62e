"""Case 14: the inventory model of Law and Kelton, Simulation Modeling and Analysis, section 1.5, as a whole scenario.

Demands come at random, on average ten a month, for 1, 2, 3 or 4 items with chances 1/6, 1/3, 1/3 and 1/6: four
customers who call off so much each, for each of nine SKUs, which are nine policies that meet the same demand. A month
is a thousand and one days, 143 weeks; stock is reviewed on its first morning, and where it is below s, all to S is
ordered (`rule: sS` above the fixed level s) and comes after half a month to a month (`lead_law: uniform`). What is
missing waits for goods (standing orders). 120 months from a stock of 60.
"""

from __future__ import annotations

import numpy as np
import pytest

from kaopt.fulfilment.replicate import Outcome
from kaopt.scenario.model import Scenario
from kaopt.scenario.receiving import Receiving
from kaopt.scenario.sites import OpeningLots, Plants
from tests.fulfilment.helpers import z_score
from tests.validation.scaled import FOR_EVER, customers, results
from tests.worlds import table

# mean cost of a month over 4 000 replications of the model, each ± at most 0.13
KNOWN = {
    (20, 40): 125.20,
    (20, 60): 119.00,
    (20, 80): 121.32,
    (20, 100): 127.02,
    (40, 60): 125.82,
    (40, 80): 125.45,
    (40, 100): 131.59,
    (60, 80): 143.98,
    (60, 100): 144.17,
}
MONTH, MONTHS = 143, 120  # weeks; months
BEGUN, LOTS = 0, 2  # columns of `Outcome.output`


def world() -> Scenario:
    """One plant for each SKU, so that its lots are known."""
    low, high = np.array(list(KNOWN), dtype=float).T
    count, names = len(KNOWN), tuple(f"A{n + 1}" for n in range(4))
    plants = tuple(f"P{n + 1}" for n in range(count))
    cv = (0.5 / np.sqrt(12)) / 0.75  # of a uniform law between 0.5 and 1
    return customers(
        4,
        count,
        MONTHS * MONTH,
        rate=10 / MONTH * np.array([1 / 6, 1 / 3, 1 / 3, 1 / 6]),
        size=np.arange(1, 5),
        sku={"level_cases": low, "lot_cases": high - low, "plant": plants},
        supply={"production": {"rule": "sS", "every_weeks": MONTH}},
        receiving=table(Receiving, 4, account=names, unfilled=("standing",) * 4, cancel_days=FOR_EVER),
        plants=table(Plants, count, plant=plants, lead_law="uniform", lead_days=0.75 * 7 * MONTH, lead_cv=cv),
        lots=table(OpeningLots, count, sku=tuple(f"S{n + 1}" for n in range(count)), cases=60.0),
    )


def cost_a_month(one: Outcome) -> np.ndarray:
    """[S] 32 for an order and 3 for each of its items, 1 for an item in stock, 5 for one that is owed."""
    ordering = 32 * one.output[:, LOTS] + 3 * one.output[:, BEGUN]
    return np.asarray(ordering / MONTHS + one.stock_cases + 5 * one.waited / (7 * MONTH * MONTHS))


def at_mean_demand(costs: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """[R] costs as they would have been at the mean demand of 25 items a month: a control variate."""
    slope = np.cov(costs, demand)[0, 1] / demand.var(ddof=1)
    return np.asarray(costs - slope * (demand - 25))


@pytest.mark.thorough
def test_policies_of_law_and_kelton_cost_what_they_are_known_to_cost() -> None:
    found = results(world(), range(30))
    costs = np.stack([cost_a_month(one) for one in found])
    demand = np.array([one.wanted[:, 0].sum() / MONTHS for one in found])
    assert abs(z_score(demand, 25)) <= 4
    for policy, known in enumerate(KNOWN.values()):
        assert abs(z_score(at_mean_demand(costs[:, policy], demand), known)) <= 4
    best = list(KNOWN)[int(costs.mean(axis=0).argmin())]
    assert best == (20, 60)
