"""Offers that no plan can hold: named by the limit that shuts them, by hand and against forcing them into a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.allocate import solved
from kaopt.allocation.explain.buys import buys, worth_per_100
from kaopt.allocation.explain.relaxed import relaxed_of
from kaopt.allocation.explain.shut import Shut, shutting_rows
from kaopt.allocation.explain.why import why
from kaopt.allocation.problem import program_of
from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.plan import Plan
from kaopt.report.why_text import why_text
from tests.allocation.explain.test_prices import FOUR, rich
from tests.allocation.programs import program, try_everything
from tests.allocation.rule_cases import SETTINGS, line, plain


def test_an_offer_dearer_than_its_budget_names_the_budget() -> None:
    """A display costs 500; the account may spend 400 and the company 800: the second would have room."""
    here = plain(FOUR, budget=(line(FOUR, high=800.0), replace(line(FOUR, high=400.0), scope="account A1")))
    told = why(here, Plan.nothing(), "A1", "S1", 2)
    assert told.shut == Shut("budget", "account A1", 500.0, 400.0, "money")
    assert told.total > 0 and not told.chosen  # worth its money, were there any
    assert told.value - told.cost - sum(told.charges.values()) == pytest.approx(told.total)
    assert told.as_dict()["shut"] == {
        "rule": "budget", "scope": "account A1", "used": 500.0, "limit": 400.0, "unit": "money"
    }  # fmt: skip
    english, chinese = why_text(here, told, "en"), why_text(here, told, "zh")
    assert "It can never fit, whatever else is planned: " in english and "account A1: 500 money against 400" in english
    assert "belongs into the plan" not in english and "400" in chinese.splitlines()[-1]


def test_what_fits_by_itself_is_not_shut() -> None:
    here = plain(FOUR, budget=(line(FOUR, high=500.0),))
    assert why(here, Plan.nothing(), "A1", "S1", 2).shut is None
    assert why(here, Plan.nothing(), "A1", "S1", 2).as_dict()["shut"] is None


def test_what_can_never_be_bought_is_not_what_the_next_money_buys() -> None:
    here = plain(FOUR, budget=(line(FOUR, high=400.0),))
    (total, *_) = buys(here, relaxed_of(here).prices, np.zeros(4))
    assert np.isnan(total.next) and total.spend == 0


def test_next_is_the_best_of_the_offers_that_some_plan_can_hold() -> None:
    """The dearest display is the best per yuan and above the budget of every week's money."""
    here = rich(budget=300.0)
    known = relaxed_of(here)
    shut, offers = known.prices.shut, known.problem.offers
    assert 0 < (shut >= 0).sum() < len(offers)
    assert (offers.spend[shut[: len(offers)] >= 0] > 300.0).all()
    assert (offers.spend[shut[: len(offers)] < 0] <= 300.0 + 1e-6).all()
    (total, *_) = buys(here, known.prices, solved(here).columns)
    left = worth_per_100(known.prices)
    further = (shut[: len(offers)] < 0) & (known.prices.share[: len(offers)] < 1 - 1e-7)
    assert total.next == pytest.approx(np.nanmax(left[further]))
    assert total.next < np.nanmax(left)  # of the shut ones


def test_a_minimum_shuts_out_what_would_miss_it() -> None:
    """Both others are needed for the 2 that are asked, and the third column takes one off."""
    one = program([0.0] * 3, [[1.0, 1.0, -1.0]], low=2.0)
    closed = replace(one, high=np.array([1.0, 1.0, 0.0]))
    assert shutting_rows(closed).tolist() == [-1, -1, 0]
    assert shutting_rows(one).tolist() == [-1, -1, -1]  # what is open is not shut


@pytest.mark.parametrize("seed", range(6))
def test_a_shut_offer_forced_into_a_plan_leaves_none_and_its_row_alone_says_so(seed: int) -> None:
    luck = np.random.default_rng(seed)
    body, limit = luck.integers(1, 9, (3, 6)).astype(float), luck.integers(3, 9, 3).astype(float)
    from kaopt.allocation.search.tighten import tightened

    tight = tightened(program(np.ones(6), body, high=limit))
    rows = shutting_rows(tight)
    assert ((rows >= 0) == (tight.high == 0)).all()
    for j in np.flatnonzero(rows >= 0).tolist():
        low = np.zeros(6)
        low[j] = 1.0
        alone = program(np.ones(6), body[[rows[j]]], high=limit[[rows[j]]])
        assert try_everything(replace(alone, low=low))[1] is None


def test_a_forced_offer_that_is_shut_has_no_plan_and_one_that_is_not_has_one() -> None:
    here = replace(
        rich(budget=300.0), rules={**rich().rules, "promotion_count": (SETTINGS["promotion_count"](max=3),)}
    )
    known = relaxed_of(here)
    gated = gate(program_of(here, known.problem))
    shut = known.prices.shut[: len(known.problem.offers)] >= 0
    for o in [*np.flatnonzero(shut)[:3].tolist(), *np.flatnonzero(~shut)[:3].tolist()]:
        low = gated.program.low.copy()
        low[o] = 1.0
        answer = solve(replace(gated.program, low=low), Limits(seconds=10.0))
        assert (answer.x is None) == bool(shut[o])
