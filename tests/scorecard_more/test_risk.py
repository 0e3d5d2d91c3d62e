"""How likely a customer misses what is agreed, and what the worst years cost: by hand, in text and on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kaopt.plan import Plan
from kaopt.report.page import render
from kaopt.report.result import RunResult
from kaopt.scenario.network import Network
from kaopt.scenario.receiving import Clauses
from kaopt.scorecard import risk
from kaopt.summary import WORDS, risk_text
from tests import worlds
from tests.report import samples
from tests.report.test_service_view import counted

YEARS = 40


def run(target: float = 0.9, **clause: Any) -> RunResult:
    """Two accounts, a year, 40 times: A1 fills 81 %, 82 % … 100 % twice; penalties of year r are 10 (r + 1)."""
    world = worlds.world(2, 2, 52, account_columns={"fill_target": [target, np.nan]})
    if clause:
        rows = {"account": ["A1", "A*"], "clause": "fill_below", "period": "year", "level": clause["levels"]}
        world = replace(world, network=Network(clauses=worlds.table(Clauses, 2, **rows)))
    service = samples.service(world, Plan.nothing(), replications=YEARS)
    ordered = np.full((YEARS, 2, 52), 100.0)
    fill = 0.81 + 0.01 * (np.arange(YEARS) % 20)
    penalties = np.zeros_like(service.penalties)
    penalties[:, 0, 0] = 10.0 * (np.arange(YEARS) + 1)
    made = {"ordered_value": ordered, "accepted_value": ordered * fill[:, None, None], "penalties": penalties}
    return samples.run(world, Plan.nothing(), service=replace(service, **made))


def test_the_chance_of_a_year_below_the_agreed_fill() -> None:
    """81 … 89 % are below 90 %: 18 of 40 years; the exact interval is that of 18 successes in 40 (.293 to .615)."""
    made = run()
    assert made.service is not None
    (one,) = risk.misses(made.world, made.service)
    assert (one.account, one.level, one.chance.count, one.chance.of) == (0, 0.9, 18, 40)
    assert (one.chance.low, one.chance.high) == pytest.approx((0.2926, 0.6151), abs=1e-4)


def test_what_a_clause_demands_counts_more_than_the_target() -> None:
    made = run(levels=[0.85, 0.95])
    assert made.service is not None
    found = risk.misses(made.world, made.service)
    assert [(one.account, one.level, one.chance.count) for one in found] == [(0, 0.95, 28), (1, 0.95, 28)]


def test_the_worst_twentieth_of_the_years() -> None:
    """The two worst of forty: (400 + 390) / 2; fewer than twenty years say nothing, nor do years without penalties."""
    service = run().service
    assert service is not None
    worst = risk.worst_penalties(service)
    assert worst is not None and worst.mean == pytest.approx(395) and worst.low < 395 < worst.high
    half = replace(service, ordered_value=service.ordered_value[:, :, :26])
    doubled = risk.worst_penalties(half)
    assert doubled is not None and doubled.mean == pytest.approx(790)  # half a year's, a year
    assert risk.worst_penalties(replace(service, penalties=service.penalties[:19])) is None
    assert risk.worst_penalties(replace(service, penalties=0 * service.penalties)) is None


def test_both_are_told_in_both_languages() -> None:
    made = run()
    assert risk_text(made, WORDS["en"]) == [
        "A1 below 90.0%: in 45% of years (95 % interval 29% to 62%)",
        risk_text(made, WORDS["en"])[1],
    ]
    assert "worst twentieth of years: 395 (" in risk_text(made, WORDS["en"])[1]
    assert "A1 低于 90.0%" in risk_text(made, WORDS["zh"])[0] and "395" in risk_text(made, WORDS["zh"])[1]
    assert risk_text(replace(made, service=None), WORDS["en"]) == []
    supply = made.world.supply.model_copy(update={"warmup": "auto"})
    settled = replace(made, world=replace(made.world, supply=supply))
    assert "26 weeks of warm-up" in risk_text(settled, WORDS["en"])[0]
    assert made.service is not None
    page = render(replace(made, service=counted(made.service)))
    for said in ("How bad a year may be", "坏年景", "45", "395"):
        assert said in page
    assert "How bad a year may be" not in render(replace(made, service=None))


def test_of_many_customers_the_likeliest_to_be_missed_are_named_and_the_rest_counted() -> None:
    """Account n of eight is below its level in the first 5 n of 40 years: A8 in all of them, A1 in five."""
    world = worlds.world(8, 1, 4, account_columns={"fill_target": [0.9] * 8})
    service = samples.service(world, Plan.nothing(), replications=YEARS)
    ordered = np.full((YEARS, 8, 4), 100.0)
    missed = np.arange(YEARS)[:, None] < 5 * np.arange(1, 9)
    accepted = np.where(missed[:, :, None], 80.0, 95.0) * np.ones((1, 1, 4))
    made = {"ordered_value": ordered, "accepted_value": accepted, "penalties": 0 * service.penalties}
    told = risk_text(samples.run(world, Plan.nothing(), service=replace(service, **made)), WORDS["en"])
    assert [line.split()[0] for line in told[:5]] == ["A8", "A7", "A6", "A5", "A4"]
    assert told[5:] == ["and 3 accounts less often; 4 of 8 miss their level in more than half of the years"]
