"""Why an offer is chosen: adds up, agrees with the offer table, and predicts what forcing it would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kaopt.allocation.allocate import allocate, solved
from kaopt.allocation.explain.relaxed import relaxed_of
from kaopt.allocation.explain.why import GIVEN_BACK, why
from kaopt.allocation.problem import chosen, program_of
from kaopt.allocation.search.gate import gate
from kaopt.allocation.solver.solve import Limits, solve
from kaopt.errors import InputError
from kaopt.plan import Plan
from kaopt.report.why_text import why_text
from kaopt.scenario.model import Lock
from kaopt.scenario.settings import Objective, Solve
from tests.allocation.explain.test_prices import FOUR, rich
from tests.allocation.rule_cases import line, plain


@pytest.mark.parametrize(
    "maximize",
    ["profit", *(pytest.param(one, marks=pytest.mark.thorough) for one in ("profitable_volume", "value"))],
)
def test_a_hundred_random_offers_add_up_to_the_table_and_the_reduced_cost(maximize: str) -> None:
    here = rich(maximize=maximize)
    relaxed = relaxed_of(here)
    plan, offers, money = allocate(here), relaxed.problem.offers, relaxed.prices.money
    here_now = chosen(relaxed.problem, plan)
    for o in np.random.default_rng(1).choice(len(offers), 100, replace=False).tolist():
        told = why(
            here,
            plan,
            here.accounts.account[offers.account[o]],
            here.skus.sku[offers.sku[o]],
            int(offers.week[o]) + 1,
            treatment=here.treatments.treatment[offers.treatment[o]],
            weeks=int(offers.weeks[o]),
            relaxed=relaxed,
        )
        assert told.value - told.cost - sum(told.charges.values()) == pytest.approx(told.total, abs=1e-9)
        assert told.cost == offers.spend[o]
        # what the objective counts of the offer, and what it leaves to the budget
        counted = told.value - told.cost - told.charges.get(GIVEN_BACK, 0.0)
        assert counted == pytest.approx(money * offers.value[o], abs=1e-6)
        assert told.total == pytest.approx(money * relaxed.prices.reduced[o], abs=1e-6)
        assert told.chosen == bool(here_now[o])
        assert told.offer["contribution"] == offers.contribution[o]


def test_an_offer_by_hand() -> None:
    """2 000 of contribution after 500 of spend; a yuan of budget is worth 4: nothing is left."""
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),))
    told = why(here, Plan.nothing(), "A1", "S1", 2)
    assert (told.value, told.cost, told.chosen) == (pytest.approx(2500.0), pytest.approx(500.0), False)
    assert told.charges == {"budget": pytest.approx(2000.0)}
    assert told.total == pytest.approx(0.0, abs=1e-9)
    assert told.of_plan


def test_an_objective_in_cases_leaves_spend_to_the_budget() -> None:
    """100 cases at 20 are 2 000; the objective does not count the 500, the budget charges 4 for each of them."""
    aim = Objective(maximize="profitable_volume", tie=0.0)
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),), objective=aim)
    told = why(here, None, "A1", "S1", 2)
    assert told.value == pytest.approx(2000.0)
    assert told.cost == pytest.approx(500.0)
    assert told.charges == {"budget": pytest.approx(2000.0), GIVEN_BACK: pytest.approx(-500.0)}
    assert told.total == pytest.approx(0.0, abs=1e-9)
    assert not told.of_plan


def test_the_chosen_offer_is_told_first_and_then_the_best() -> None:
    here = rich()
    plan = allocate(here)
    ids = (here.accounts.account[plan.account[0]], here.skus.sku[plan.sku[0]], int(plan.week[0]) + 1)
    told = why(here, plan, *ids)
    assert told.chosen
    assert told.offer["treatment"] == here.treatments.treatment[plan.treatment[0]]
    assert [one.total for one in told.others] == sorted((one.total for one in told.others), reverse=True)
    left = why(here, Plan.nothing(), *ids)
    assert not left.chosen
    assert left.total == max([left.total, *(one.total for one in left.others)])


def test_a_running_event_explains_every_week_that_it_covers() -> None:
    here = plain(FOUR, treatment_columns={"lengths": [(2,)]})
    plan = Plan(*(np.array([x]) for x in (0, 0, 1, 2, 0)))
    told = why(here, plan, "A1", "S1", 3)
    assert (told.chosen, told.offer["week"]) == (True, 2)


@pytest.mark.parametrize(
    ("changes", "week", "reason"),
    [
        ({"listed": np.zeros((1, 1), bool)}, 1, "does not sell"),
        ({"locks": (Lock(0, 0, 0, 1, -1, "forbidden"),)}, 1, "locks"),
        ({"planned_on": date(2026, 12, 28), "treatment_columns": {"lead_time": [14]}}, 1, "lead_time"),
        ({"treatment_columns": {"lengths": [(3,)]}}, 4, "no length"),
    ],
)
def test_where_nothing_may_start_the_rule_behind_it_is_named(changes: dict, week: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        why(plain(FOUR, **changes), Plan.nothing(), "A1", "S1", week)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(("A2", "S1", 1), "A1"), (("A1", "S2", 1), "S1"), (("A1", "S1", 5), "from 1 to 4"), (("A1", "S1", 0), "1 to 4")],
)
def test_what_nobody_knows_is_a_fault(asked: tuple[str, str, int], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        why(plain(FOUR), None, *asked)


def test_cases_that_are_worth_nothing_cannot_be_told_in_money() -> None:
    here = plain(FOUR, objective=Objective(maximize="profitable_volume", case_value=0))
    with pytest.raises(InputError, match="case_value"):
        why(here, None, "A1", "S1", 1)


def test_the_text_adds_up_in_both_languages() -> None:
    here = plain(FOUR, budget=(line(FOUR, high=1200.0),))
    told = why(here, Plan.nothing(), "A1", "S1", 2)
    for language, budget, verdict in (("en", "budget", "choice among equals"), ("zh", "预算", "可选可不选")):
        text = why_text(here, told, language)
        amounts = [float(row.split()[-1].replace(",", "")) for row in text.splitlines() if row.startswith("  ")]
        assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=2.0)
        assert budget in text
        assert verdict in text


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_the_sign_predicts_what_forcing_an_offer_does(seed: int) -> None:
    """An offer forced in that should stay out loses, and the other way round, for 95 of 100 offers that matter."""
    here = replace(rich(seed), solve=Solve(gap=0.0, time_limit=60))
    relaxed, done = relaxed_of(here), solved(here)
    program = gate(program_of(here, done.problem)).program
    best = done.plan.certificate.objective
    agree = matter = 0
    for o in np.random.default_rng(seed).choice(len(done.problem.offers), 60, replace=False).tolist():
        inside = done.columns[o] > 0.5
        low, high = program.low.copy(), program.high.copy()
        low[o] = high[o] = 0.0 if inside else 1.0
        forced = solve(replace(program, low=low, high=high), Limits(seconds=60, gap=0.0))
        change = best - forced.objective
        if change < 0.001 * best:
            continue
        matter += 1
        total = relaxed.prices.reduced[o]
        agree += total >= -1e-6 if inside else total <= 1e-6
    assert matter >= 20
    assert agree >= 0.95 * matter
