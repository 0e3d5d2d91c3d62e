"""Plans in fresh worlds: against the evaluator and known laws, and what knowing is worth by trying every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.plans.bench import bench_of
from kaopt.allocation.problem import problem_of
from kaopt.allocation.risk.outlook import (
    against,
    influence,
    interval_of_tail,
    knowing,
    lived_fresh,
    outlook_of,
    tail_difference,
)
from kaopt.allocation.risk.worlds import drawing, fresh, worlds_in
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.process import Child
from kaopt.progress import silent
from kaopt.response.sample import sampled
from kaopt.scenario.risk_settings import Risk
from kaopt.statistics.worst import tail_mean
from tests.allocation.brute import plan_of, subsets
from tests.allocation.risk.uncertain import FEW, unsure

RULED = {"spacing": {"gap": 1}, "promotion_count": {"max": 2, "per": "account"}}
TAIL_OF_NORMAL = -1.754983  # mean of the lowest tenth: -pdf(1.2816) / .1


@pytest.fixture(scope="module")
def bench():
    here = unsure(2, **RULED)
    with Child() as child:
        yield bench_of(here, problem_of(here, RULES), RULES, child, silent)


def solution(bench, *offers):
    x = np.zeros(len(bench.program.cost))
    x[list(offers)] = 1.0
    return x


def test_worlds_are_rounded_up_so_that_every_draw_is_there_equally_often() -> None:
    assert worlds_in(Risk(samples=2001, draws=100)) == 2100
    assert worlds_in(Risk(samples=2000, draws=100, common=0.1)) == 100
    assert drawing(FEW).purpose != fresh(FEW).purpose


def test_fresh_worlds_as_the_evaluator_sees_them(bench) -> None:
    risk = FEW.model_copy(update={"fresh": 12})
    plans = {"one": solution(bench, 0, 5), "other": solution(bench, 2)}
    found = lived_fresh(bench, risk, plans)
    for number, response in enumerate(sampled(bench.world, fresh(risk))):
        there = replace(bench.world, response=response)
        for name, x in plans.items():
            assert found[name][number] == pytest.approx(evaluate(there, bench.plan(x)).objective, rel=1e-9)


def test_the_tail_of_a_normal_law_lies_in_its_interval() -> None:
    luck = np.random.default_rng(11)
    found = [interval_of_tail(luck.normal(size=500), 0.9) for _ in range(300)]
    covered = np.mean([one.low <= TAIL_OF_NORMAL <= one.high for one in found])
    assert 0.9 < covered < 0.985
    assert np.mean([one.mean for one in found]) == pytest.approx(TAIL_OF_NORMAL, abs=0.02)


def test_the_influence_has_the_tails_mean() -> None:
    lived = np.random.default_rng(3).normal(size=200)
    assert influence(lived, 0.9).mean() == pytest.approx(tail_mean(lived, 0.9))


def test_a_difference_in_the_same_worlds_is_known_better() -> None:
    luck = np.random.default_rng(5)
    lived = luck.normal(100, 10, 1000)
    other = lived + luck.normal(1, 1, 1000)
    found = tail_difference(other, lived, 0.9)
    alone = interval_of_tail(lived, 0.9)
    assert found.low < 1 < found.high and found.high - found.low < 0.3 * (alone.high - alone.low)
    one = against(other, lived, 0.8)
    assert one.mean.mean == pytest.approx(float(np.mean(other - lived)))
    assert one.tail.mean == pytest.approx(tail_mean(other, 0.8) - tail_mean(lived, 0.8))
    assert one.tenth.mean == pytest.approx(tail_mean(other, 0.9) - tail_mean(lived, 0.9))


def test_what_knowing_is_worth_by_trying_every_plan(bench) -> None:
    x, offers = solution(bench, 0, 5), bench.problem.offers
    told = knowing(bench, FEW, x, 20.0)
    kept = [one for one in subsets(len(offers)) if not evaluate(bench.world, plan_of(offers, one)).breaches]
    lost = []
    for response in list(sampled(bench.world, fresh(FEW)))[: FEW.knowing]:
        there = replace(bench.world, response=response)
        single = np.array([evaluate(there, plan_of(offers, one)).objective for one in np.eye(len(offers), dtype=int)])
        lost.append(max(single @ np.array(one) for one in kept) - single @ x[: len(offers)])
    assert told.worlds == FEW.knowing == 2
    assert told.found.mean == pytest.approx(np.mean(lost), rel=1e-7)
    assert told.found.mean <= told.most.mean <= told.found.mean + 1e-4 * abs(np.mean(lost))
    assert told.found.half_width == pytest.approx(12.7062 * np.std(lost, ddof=1) / np.sqrt(2), rel=1e-4)


def test_an_outlook_as_json(bench) -> None:
    plans = {"estimates": solution(bench, 1), "mean": solution(bench, 0), "risk": solution(bench, 0, 5)}
    risk = FEW.model_copy(update={"knowing": 1, "level": 0.8})
    made = outlook_of(bench, risk, plans, 10.0)
    told = made.as_dict()
    assert list(told["plans"]) == ["estimates", "mean", "risk"] and list(told["against"]) == ["estimates", "mean"]
    assert told["knowing"]["found"]["low"] is None  # one world says nothing of the spread
    assert (told["samples"], told["fresh"], told["level"], told["certain"]) == (40, 200, 0.8, False)
    for one in made.plans.values():
        assert one.tenth.mean <= one.tail.mean <= one.mean.mean
    gap = made.plans["risk"].mean.mean - made.plans["mean"].mean.mean
    assert made.against["mean"].mean.mean == pytest.approx(gap)
