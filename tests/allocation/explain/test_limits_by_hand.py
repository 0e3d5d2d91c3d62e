"""Prices, steps, reasons and what money buys in worlds whose figures fit on the back of an envelope.

In the plain world an event costs 500 and brings 100 cases and 2 000 of contribution: 4 money per money of budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.allocation.explain.buys import buys, least, ratio, worth_per_100
from kaopt.allocation.explain.cell import Asked, offers_of
from kaopt.allocation.explain.prices import money_of, places
from kaopt.allocation.explain.relaxed import Relaxed, relaxed_of
from kaopt.allocation.explain.steps import DEAREST, STEP, dearest, steps
from kaopt.allocation.explain.why import why
from kaopt.allocation.problem import Problem, from_arrays, problem_of
from kaopt.allocation.rows import make_rows
from kaopt.allocation.solver.process import Child
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import InfeasibleError, InputError
from kaopt.plan import Plan
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.case import LOSING, SETTINGS, SHOW_OR_HUGE, line, plain

FOUR = (1, 1, 4)
SECONDS = Limits(seconds=20)
Solver = Callable[[Scenario], Relaxed]


@pytest.fixture(scope="module")
def at_ease() -> Iterator[Solver]:
    """The relaxation of a world, all solved by one process."""
    with Child() as child:
        yield partial(relaxed_of, child=child)


def poor(high: float) -> Scenario:
    return plain(FOUR, budget=(line(FOUR, high=high),))


@pytest.mark.parametrize(
    ("high", "down", "up"),
    [
        (1200.0, 4.0, 4.0),  # 2.4 events: five percent more or less is a part of an event
        (1960.0, 4.0, 4 * 40 / 98),  # the next 98 buy the last 40 of the fourth event, then nothing
    ],
)
def test_five_percent_of_a_budget(high: float, down: float, up: float, at_ease: Solver) -> None:
    relaxed = at_ease(poor(high))
    found = steps(relaxed.prices, relaxed.gated, relaxed.root, SECONDS)
    (one,) = (one for one in found if relaxed.problem.rows[one.block].rule == "budget")
    assert (one.side, one.limit) == ("max", high)
    assert (one.down, one.up) == pytest.approx((down, up))
    assert STEP == 0.05


def test_the_step_of_a_minimum_costs_what_its_events_lose(at_ease: Solver) -> None:
    """3 promised events at a loss of 500 each: 5 % more or less are 0.15 events, each worth -500."""
    rules = {"promotion_count": (SETTINGS["promotion_count"](min=3),)}
    relaxed = at_ease(plain(FOUR, rules=rules, treatment_columns=LOSING))
    (one,) = steps(relaxed.prices, relaxed.gated, relaxed.root, SECONDS)
    assert (one.side, one.limit) == ("min", 3.0)
    assert (one.price, one.down, one.up) == pytest.approx((-500.0, -500.0, -500.0))


def test_the_budget_is_tested_first_and_each_rule_once(at_ease: Solver) -> None:
    """A line of each account and one of both: the dearest of the three stands for all, before the slots."""
    shape = (2, 1, 4)
    first = np.array([True, False])
    lines = (line(shape, high=900.0, accounts=first), line(shape, high=700.0, accounts=~first))
    here = plain(shape, budget=lines, account_columns={"display_slots": 1})
    relaxed = at_ease(here)
    found = dearest(relaxed.prices, relaxed.gated)
    rules = [relaxed.problem.rows[one.block].rule for one in found]
    assert rules[0] == "budget" and len(set(rules)) == len(rules) <= DEAREST
    assert (found[0].limit, found[0].price) == (900.0, pytest.approx(4.0))


# --- a promise that pays


def test_an_event_that_loses_is_paid_by_the_promise_that_it_keeps(at_ease: Solver) -> None:
    """2 500 of value, 3 000 of spend: the promise pays the 500 that are missing, and nothing is left."""
    rules = {"promotion_count": (SETTINGS["promotion_count"](min=3),)}
    here = plain(FOUR, rules=rules, treatment_columns=LOSING)
    told = why(here, None, "A1", "S1", 1, relaxed=at_ease(here))
    assert (told.value, told.cost) == (pytest.approx(2500.0), pytest.approx(3000.0))
    assert told.charges == {"promotion_count": pytest.approx(-500.0)}
    assert told.total == pytest.approx(0.0, abs=1e-9)


def test_what_the_week_charges_is_what_the_better_event_of_it_earns(at_ease: Solver) -> None:
    """`show` earns 2 000, `huge` 500 in the same week: the week is worth 2 000, so `huge` is 1 500 short."""
    here = plain((1, 1, 1), treatment_columns=SHOW_OR_HUGE)
    told = why(here, None, "A1", "S1", 1, relaxed=at_ease(here))
    assert (told.offer["treatment"], told.chosen) == ("show", True)
    (other,) = told.others
    assert other.offer["treatment"] == "huge" and not other.chosen
    assert told.total - other.total == pytest.approx(1500.0)
    assert other.value - other.cost == pytest.approx(500.0)
    brief = told.as_dict()
    assert brief["others"] == [{**other.offer, "chosen": False, "total": other.total}]
    assert brief["value"] - brief["cost"] - sum(brief["charges"].values()) == pytest.approx(brief["total"])


def test_a_plan_is_told_by_its_own_events_not_by_the_best(at_ease: Solver) -> None:
    here = plain((1, 1, 1), treatment_columns=SHOW_OR_HUGE)
    huge = Plan(*(np.array([x]) for x in (0, 0, 0, 1, 1)))
    told = why(here, huge, "A1", "S1", 1, relaxed=at_ease(here))
    assert (told.offer["treatment"], told.chosen, told.of_plan) == ("huge", True, True)
    assert told.others[0].total > told.total


# --- which offers are meant


def test_offers_that_start_in_the_week_and_chosen_ones_that_run_in_it() -> None:
    """Events of one and two weeks: in week 2 start two; a chosen one of weeks 1 and 2 belongs to it as well."""
    here = plain((1, 1, 3), treatment_columns={"lengths": [(1, 2)]})
    offers = problem_of(here).offers
    spans = list(zip(offers.week.tolist(), offers.weeks.tolist(), strict=True))
    assert spans == [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1)]

    def found(week: int, chosen: int = -1, **asked: object) -> list[int]:
        mark = np.arange(5) == chosen
        return offers_of(here, offers, Asked("A1", "S1", week, **asked), mark).tolist()  # type: ignore[arg-type]

    assert found(2) == [2, 3]
    assert found(2, chosen=1) == [1, 2, 3]
    assert found(3, chosen=1) == [4]  # it is over by then
    assert found(2, weeks=2) == [3] and found(2, chosen=1, weeks=2) == [1, 3]
    assert found(2, treatment="show", weeks=1) == [2]
    with pytest.raises(InputError, match="no length of it fits"):
        found(3, weeks=2)
    with pytest.raises(InputError, match="show"):
        found(1, treatment="shov")


def test_the_reasons_are_those_of_the_mechanic_that_is_asked_for() -> None:
    """`show` is closed in week 1, `huge` open: one offer for who asks for any, the closing for who asks for `show`."""
    mask = np.ones((1, 1, 2, 2), bool)
    mask[0, 0, 0, 0] = False
    here = plain((1, 1, 2), treatment_columns=SHOW_OR_HUGE, eligible=mask)
    offers = problem_of(here).offers
    none = np.zeros(len(offers), bool)
    assert len(offers_of(here, offers, Asked("A1", "S1", 1), none)) == 1
    with pytest.raises(InputError, match=r"closed for it \(blackout\)"):
        offers_of(here, offers, Asked("A1", "S1", 1, "show"), none)


# --- prices


def test_rows_that_no_offer_moves_have_no_place_in_the_program_unless_they_are_soft() -> None:
    problem = problem_of(plain((1, 1, 2)))
    body = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    hard = make_rows("hard", "event", ("a", "b", "c"), body, high=1.0)
    soft = make_rows("soft", "event", ("a", "b", "c"), body, low=1.0, regret=[2.0, 2.0, np.nan])
    asked = Problem(problem.offers, (hard, soft))
    assert [place.tolist() for _, place in places(asked)] == [[0, -1, 1], [2, 3, 4]]
    names = from_arrays(asked).row_names
    told = [names[i] for _, place in places(asked) for i in place if i >= 0]
    assert told == list(names) and len(names) == 5


@pytest.mark.parametrize(
    ("aim", "worth"),
    [("profitable_volume", 20.0), ("lexicographic", 20.0), ("profit", 1.0), ("value", 1.0)],
)
def test_what_a_unit_of_the_objective_is_in_money(aim: str, worth: float) -> None:
    assert money_of(plain(FOUR, objective=Objective(maximize=aim, case_value=20.0))) == worth  # type: ignore[arg-type]


def test_a_world_without_offers_is_worth_nothing_and_has_no_prices(at_ease: Solver) -> None:
    relaxed = at_ease(plain(FOUR, eligible=np.zeros((1, 1, 1, 4), bool), budget=(line(FOUR, high=1200.0),)))
    assert relaxed.prices.value == 0.0 and len(relaxed.prices.reduced) == 0
    assert not any(price.any() for price in relaxed.prices.blocks)


def test_a_world_without_a_plan_has_no_prices_either(at_ease: Solver) -> None:
    rules = {"promotion_count": (SETTINGS["promotion_count"](min=2),)}
    with pytest.raises(InfeasibleError, match="promotion_count"):
        at_ease(plain(FOUR, rules=rules, budget=(line(FOUR, high=900.0),)))


# --- what money buys


def test_money_that_is_left_over_buys_nothing(at_ease: Solver) -> None:
    """8 000 for four weeks: `show` takes 2 000 of it. `huge` in its place would earn 500 instead of 2 000.

    The 6 000 that are left buy nothing, so a budget that is not used up charges nothing: what a week charges, from
    500 to 2 000, is more than `huge` earns and no more than `show` does.
    """
    every = line(FOUR, high=8000.0, treatments=np.ones(2, bool))
    here = plain(FOUR, treatment_columns=SHOW_OR_HUGE, budget=(every,))
    relaxed = at_ease(here)
    offers = relaxed.problem.offers
    chosen = (offers.treatment == 0).astype(float)
    told = {(one.by, one.name): one for one in buys(here, relaxed.prices, chosen)}
    assert (told["treatment", "show"].spend, told["treatment", "show"].average) == (2000.0, pytest.approx(20.0))
    huge = told["treatment", "huge"]
    assert huge.spend == 0.0 and np.isnan(huge.average) and np.isnan(huge.last)
    assert 100 * (500 - 2000) / 7000 - 1e-9 <= huge.next <= 1e-9
    assert -1e-9 <= told["treatment", "show"].last <= 100 * (2000 - 500) / 500 + 1e-9
    assert told["total", "total"].cases == pytest.approx(400.0)
    assert [one.by for one in buys(here, relaxed.prices, chosen)] == [
        "total", "account", "family", "treatment", "treatment", "sku",
    ]  # fmt: skip


def test_the_group_that_spends_most_is_told_first_and_free_events_have_no_worth(at_ease: Solver) -> None:
    """A2 is given two events, A1 one; `gratis` costs nothing, so 100 of it buys no number."""
    shape = (2, 1, 2)
    columns = {
        "treatment": ["show", "gratis"], "family": ["display", "other"], "display": [1.0, 0.5], "slots": [1, 0],
        "weekly_cost": [500.0, 0.0], "lengths": [(1,), (1,)], "depth": [0.0, 0.0],
    }  # fmt: skip
    here = plain(shape, treatment_columns=columns)
    relaxed = at_ease(here)
    offers = relaxed.problem.offers
    chosen = ((offers.treatment == 0) & ((offers.account == 1) | (offers.week == 0))).astype(float)
    found = buys(here, relaxed.prices, chosen)
    assert [one.name for one in found if one.by == "account"] == ["A2", "A1"]
    assert [one.spend for one in found if one.by == "account"] == [1000.0, 500.0]
    worth = worth_per_100(relaxed.prices)
    assert (np.isnan(worth) == (offers.treatment == 1)).all()
    (gratis,) = (one for one in found if one.name == "gratis")
    assert np.isnan([gratis.average, gratis.last, gratis.next]).all()


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6)), max_size=6))
@settings(max_examples=30, deadline=None)
def test_the_least_of_what_is_known(values: list[float]) -> None:
    known = [one for one in values if one == one]
    found = least(np.array(values, float))
    assert found == min(known) if known else np.isnan(found)


def test_cases_per_hundred() -> None:
    assert ratio(30.0, 600.0) == 5.0 and np.isnan(ratio(30.0, 0.0))


def test_a_budget_twice_as_large_as_needed_charges_nobody(at_ease: Solver) -> None:
    here = poor(4000.0)
    told = why(here, None, "A1", "S1", 2, relaxed=at_ease(here))
    assert "budget" not in told.charges and told.chosen
    assert told.total + sum(told.charges.values()) == pytest.approx(2000.0)


def test_the_next_hundred_goes_to_the_best_that_is_left_and_the_last_to_the_least_that_is_taken(
    at_ease: Solver,
) -> None:
    """1 200 pay 2.4 of four `show`; `dear` brings the same 2 500 before spend for 1 000: 150 per 100 against 400."""
    columns = SHOW_OR_HUGE | {"treatment": ["show", "dear"], "display": [1.0, 1.0], "weekly_cost": [500.0, 1000.0]}
    here = plain(FOUR, treatment_columns=columns, budget=(line(FOUR, high=1200.0, treatments=np.ones(2, bool)),))
    told = {one.name: one for one in buys(here, at_ease(here).prices, np.zeros(8))}
    assert (told["show"].last, told["show"].next) == (pytest.approx(400.0), pytest.approx(400.0))
    assert np.isnan(told["dear"].last) and told["dear"].next == pytest.approx(150.0)
    assert (told["total"].last, told["total"].next) == (pytest.approx(400.0), pytest.approx(400.0))
