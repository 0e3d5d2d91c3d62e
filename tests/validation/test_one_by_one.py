"""Unit demand at random against theory: base stock and reorder points, lived through in the product's own world.

Each of twelve customers takes one case of its own SKU at a time, a hundred days after the last on average; what is
missing to a fixed level is ordered every morning and comes after a thousand days, so that ten cases are on order on
average. So a day, in which reviews and lead times are counted, is a thousandth of the lead time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from kaopt.fulfilment.replicate import Outcome
from kaopt.scenario.model import Scenario
from kaopt.scenario.receiving import Receiving
from kaopt.scenario.sites import LEAD_LAWS, Plants
from tests.fulfilment.helpers import z_score
from tests.validation.scaled import FOR_EVER, LEAD, customers, own_fill, own_fill_at_once, results
from tests.worlds import table

COUNT = 12
LOAD = 10.0  # cases on order on average
WARMUP = 600  # weeks: four lead times


def erlang_loss(servers: int, load: float) -> float:
    """Erlang's B by its recursion."""
    chance = 1.0
    for n in range(1, servers + 1):
        chance = load * chance / (n + load * chance)
    return chance


def lost_sales(weeks: int) -> Scenario:
    """Base stock 15 without backorders; three SKUs of each of four plants, whose lots take time by its own law."""
    plants = table(
        Plants,
        len(LEAD_LAWS),
        plant=LEAD_LAWS,
        lead_law=LEAD_LAWS,
        lead_days=float(LEAD),
        lead_cv=[0.0, 0.5, 0.3, 0.0],
    )
    sku = {"level_cases": 15.0, "plant": tuple(LEAD_LAWS[s % len(LEAD_LAWS)] for s in range(COUNT))}
    supply = {"warmup_weeks": WARMUP, "production": {"rule": "plan", "daily": True}}
    return customers(COUNT, COUNT, weeks, sku=sku, supply=supply, plants=plants)


@pytest.mark.thorough
def test_base_stock_with_lost_sales_is_erlangs_loss_whatever_the_law_of_the_lead_time() -> None:
    """Case 4: S = 15 at a load of 10; fixed, lognormal (cv 0.5), uniform (cv 0.3) and exponential lead times.

    A case that is missing is a server that is busy: one case in stock or on order for each of fifteen.
    """
    exact = 1 - erlang_loss(15, LOAD)
    assert exact == pytest.approx(0.963503, abs=5e-7)
    fill = own_fill(results(lost_sales(12_000), range(12)))  # [R, S]
    assert abs(z_score(fill.ravel(), exact)) <= 4
    for law in range(len(LEAD_LAWS)):
        assert abs(z_score(fill[:, law :: len(LEAD_LAWS)].ravel(), exact)) <= 4


# backorders: stock that comes in is theirs first ---------------------------------------------------------------------
POLICIES = [(14, 1), (12, 20)]  # reorder point, lot: base stock 15, and (R, Q)
EXACT = [(0.916542, 5.103479, 0.103479), (0.973454, 12.535987, 0.035987)]  # fill at once, on hand, backorders


def in_theory(reorder: int, lot: int, load: float) -> tuple[float, float, float]:
    """Fill at once, stock on hand and open backorders, averaged over positions R + 1 … R + Q (Hadley, Whitin 1963)."""
    n = np.arange(400)
    law = stats.poisson.pmf(n, load)
    levels = range(reorder + 1, reorder + lot + 1)
    fill = np.mean([stats.poisson.cdf(level - 1, load) for level in levels])
    on_hand = np.mean([(np.maximum(level - n, 0) * law).sum() for level in levels])
    owed = np.mean([(np.maximum(n - level, 0) * law).sum() for level in levels])
    return float(fill), float(on_hand), float(owed)


@pytest.mark.parametrize(("policy", "exact"), list(zip(POLICIES, EXACT, strict=True)))
def test_theory_is_as_published(policy: tuple[int, int], exact: tuple[float, float, float]) -> None:
    assert in_theory(*policy, LOAD) == pytest.approx(exact, abs=5e-7)


def backorders(weeks: int) -> Scenario:
    """Standing orders; the SKUs in turn under base stock 15 and in lots of 20 whenever the position is 12 or less.

    Whole lots above a fixed level (`rule: nQ`), which is the reorder point and one more; base stock has lots of one.
    """
    names = tuple(f"A{n + 1}" for n in range(COUNT))
    waiting: Any = table(Receiving, COUNT, account=names, unfilled=("standing",) * COUNT, cancel_days=FOR_EVER)
    reorder, lot = np.array([POLICIES[s % 2] for s in range(COUNT)], dtype=float).T
    sku = {"level_cases": reorder + 1, "lot_cases": lot}
    supply = {"lead_days": LEAD, "warmup_weeks": WARMUP, "production": {"rule": "nQ", "daily": True}}
    return customers(COUNT, COUNT, weeks, sku=sku, supply=supply, receiving=waiting)


@cache
def lived(weeks: int, count: int) -> list[Outcome]:
    return results(backorders(weeks), range(count))


def figures(found: list[Outcome], which: int, weeks: int) -> list[np.ndarray]:
    """Fill at once, stock on hand, open backorders of the SKUs under one policy, one replication after the other."""
    on_hand = np.stack([one.stock_cases for one in found])
    owed = np.stack([one.waited for one in found]) / (7 * weeks)
    return [kind[:, which::2].ravel() for kind in (own_fill_at_once(found), on_hand, owed)]


@pytest.mark.thorough
@pytest.mark.parametrize("which", [0, 1])
def test_reorder_points_with_poisson_demand(which: int) -> None:
    """Cases 6 and 7: base stock 15, and (R, Q) = (12, 20), at a load of 10: fill, stock and backorders."""
    found = lived(12_000, 16)
    for values, exact in zip(figures(found, which, 12_000), EXACT[which], strict=True):
        assert abs(z_score(values, exact)) <= 4
    assert (own_fill(found) == 1).all()  # in the end everything is delivered


def test_a_short_world_of_unit_demand_serves_as_theory_says() -> None:
    """The same scenarios, a tenth as long."""
    fill = own_fill(results(lost_sales(1200), range(2)))
    assert abs(z_score(fill.ravel(), 1 - erlang_loss(15, LOAD))) <= 4
    at_once, on_hand, _ = figures(lived(1200, 2), 0, 1200)
    assert abs(z_score(at_once, EXACT[0][0])) <= 4
    assert abs(z_score(on_hand, EXACT[0][1])) <= 4
