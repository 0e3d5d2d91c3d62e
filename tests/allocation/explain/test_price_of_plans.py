"""The price of budget in constraints.csv against plans: both budgets are planned for, and what the second one gains.

A plan may miss its best by its certified gap, so the difference of two plans says something about a price where both
gaps are smaller than the difference; only such pairs are compared, and every world must have some.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaopt import pipeline
from kaopt.allocation.allocate import solved
from kaopt.allocation.explain.explanation import explain
from kaopt.allocation.explain.relaxed import relaxed_of
from kaopt.options import Options
from kaopt.plan import Certificate
from kaopt.report.binding import constraints_frame
from kaopt.scenario.model import BudgetLine, Scenario
from kaopt.scenario.settings import Objective
from tests.worlds import world

NEAR = 0.05  # how far a price may be from what plans show
SEEDS = (0, 1, 2, 3)
SHARES = (0.02, 0.05, 0.1)  # of the budget, to either side


def small(seed: int, share: float = 1.0) -> Scenario:
    """Five accounts of four SKUs, thirteen weeks, every amount different, one budget of six percent of sales."""
    luck, shape = np.random.default_rng(seed), (5, 4, 13)
    base = luck.uniform(50, 200, shape)
    limit = 0.06 * 20.0 * float(base.sum()) * share
    made = world(
        *shape,
        base_cases=base,
        treatment_columns={"lengths": [(1, 2), (1,)], "weekly_cost": [0.0, 180.0]},
        response_columns={
            "elasticity": -luck.uniform(1.5, 3.5, shape[:2]),
            "display": luck.uniform(0.3, 0.9, shape[:2]),
        },
        objective=Objective(maximize="profitable_volume"),
        budget=(BudgetLine("total", np.ones(5, bool), np.ones(13, bool), np.ones(2, bool), 0.0, limit),),
        account_columns={"display_slots": 2},
    )
    return replace(made, solve=made.solve.model_copy(update={"gap": 1e-4, "time_limit": 60.0}))


@dataclass(frozen=True)
class Pair:
    """Two plans, one with less and one with more to spend."""

    less: Certificate
    more: Certificate
    money: float  # between their budgets

    @property
    def gain(self) -> float:
        return self.more.objective - self.less.objective

    @property
    def telling(self) -> bool:
        """Both gaps are smaller than the difference."""
        return all(one.bound - one.objective < self.gain for one in (self.less, self.more))

    @property
    def price(self) -> float:
        return self.gain / self.money


@cache
def proof(seed: int, share: float) -> Certificate:
    certificate = solved(small(seed, share)).plan.certificate
    assert certificate is not None and not certificate.breaches
    return certificate


def pair(seed: int, share: float) -> Pair:
    money = 2 * share * float(small(seed).budget[0].high)
    return Pair(proof(seed, 1 - share), proof(seed, 1 + share), money)


def price_told(seed: int) -> float:
    """As the run's table tells it."""
    here = small(seed)
    done = solved(here)
    frame = constraints_frame(done.problem.rows, done.columns, explain(here, done))
    return price_in(frame)


def price_in(frame: pd.DataFrame) -> float:
    (told,) = frame[(frame["rule"] == "budget") & (frame["scope"] == "total") & (frame["side"] == "max")]["price"]
    return float(told)


def compared(seed: int, shares: tuple[float, ...]) -> int:
    """How many pairs say something; each of them agrees with the price."""
    told, pairs = price_told(seed), [pair(seed, share) for share in shares]
    telling = [one for one in pairs if one.telling]
    for one in telling:
        assert one.price == pytest.approx(told, rel=NEAR), (seed, one)
    return len(telling)


@pytest.mark.thorough
def test_a_tenth_of_the_budget_more_and_less_gains_what_the_price_says() -> None:
    assert compared(SEEDS[0], SHARES[-1:]) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_plans_gain_what_the_price_says_wherever_their_gaps_let_them_tell(seed: int) -> None:
    assert compared(seed, SHARES) >= 2


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_gains_the_same(seed: int) -> None:
    told, limit = price_told(seed), float(small(seed).budget[0].high)
    less, more = (relaxed_of(small(seed, share)).prices.value for share in (0.98, 1.02))
    assert (more - less) / (0.04 * limit) == pytest.approx(told, rel=NEAR)


def test_wide_gaps_tell_nothing() -> None:
    """Two plans of 100 and 110: with bounds of 105 and 112 they tell, with 105 and 121 they do not."""
    sure, unsure = (replace(proof(SEEDS[0], 1.1), objective=110.0, bound=bound) for bound in (112.0, 121.0))
    less = replace(sure, objective=100.0, bound=105.0)
    assert Pair(less, sure, 50.0).telling and Pair(less, sure, 50.0).price == 0.2
    assert not Pair(less, unsure, 50.0).telling
    assert not Pair(replace(less, bound=111.0), sure, 50.0).telling


def test_the_file_of_a_run_tells_this_price(tmp_path: Path) -> None:
    """constraints.csv as a run writes it."""
    outcome = pipeline.allocate_in(small(SEEDS[0]), Options(out=tmp_path))
    assert outcome.exit_code == 0
    told = price_in(pd.read_csv(Path(outcome.payload["run"]) / "constraints.csv"))
    both = pair(SEEDS[0], SHARES[-1])
    assert both.telling and both.price == pytest.approx(told, rel=NEAR)
