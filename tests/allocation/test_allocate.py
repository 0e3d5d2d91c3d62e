"""The verb as a whole: worlds solved by hand and by enumeration, and everything that may go wrong on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from kaopt.allocation import allocate as verb
from kaopt.allocation import model, problem
from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.problem import (
    Problem,
    chosen,
    from_arrays,
    groups_of,
    plan_of,
    problem_of,
    program_of,
    rule_of_rows,
)
from kaopt.allocation.search.search import search
from kaopt.errors import ContradictionError, InfeasibleError, NoPlanError
from kaopt.plan import Breach, Plan
from kaopt.progress import Progress
from kaopt.scenario.model import BudgetLine, Lock, Scenario
from kaopt.scenario.settings import Objective, Solve
from tests.allocation.brute import best
from tests.allocation.rule_cases import CASES, SETTINGS, Case
from tests.allocation.strategies import ruled
from tests.worlds import world

EXACT = Solve(gap=1e-7, time_limit=30.0)


def budget(here: Scenario, high: float, low: float = 0.0) -> Scenario:
    """The world with one limit on all spend."""
    accounts, _, weeks = here.shape
    kinds = len(here.treatments.treatment)
    line = BudgetLine("total", np.ones(accounts, bool), np.ones(weeks, bool), np.ones(kinds, bool), low, high)
    return replace(here, budget=(line,))


def middling(**given: object) -> Scenario:
    """Two accounts, two SKUs, eight weeks, a budget for about half of what pays, rests of a week."""
    here = replace(budget(world(), 6000.0), rules={"spacing": (SETTINGS["spacing"](gap=1),)}, solve=EXACT)
    return replace(here, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES[::3], ids=str)
def test_worlds_solved_by_hand(case: Case) -> None:
    assert_as_by_hand(case)


@pytest.mark.thorough
@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_worlds_solved_by_hand(case: Case) -> None:
    assert_as_by_hand(case)


def assert_as_by_hand(case: Case) -> None:
    plan = allocate(replace(case.world(), solve=EXACT))
    assert plan.certificate is not None
    assert plan.certificate.objective == pytest.approx(case.best, rel=1e-9, abs=1e-6)
    assert plan.certificate.bound >= case.best - 1e-9 * abs(case.best)
    assert plan.certificate.status == "optimal"
    assert plan.certificate.breaches == ()


@given(here=ruled())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_bound_optimum_plan_against_every_plan_judged(here: Scenario) -> None:
    offers = problem.make_offers(here)
    assume(0 < len(offers) <= 9)
    here = replace(here, solve=EXACT)
    try:
        truth = best(here, offers).objective
    except ValueError:
        with pytest.raises(InfeasibleError):
            allocate(here)
        return
    certificate = allocate(here).certificate
    assert certificate is not None
    assert certificate.bound >= truth - 1e-6
    assert certificate.objective == pytest.approx(truth, rel=1e-6, abs=1e-6)
    assert certificate.gap <= 1e-6


@pytest.mark.thorough
@given(here=ruled())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_bound_optimum_plan_against_every_plan_judged_more_often(here: Scenario) -> None:
    test_bound_optimum_plan_against_every_plan_judged.hypothesis.inner_test(here)


def test_the_certificate_says_what_is_so() -> None:
    here = middling()
    plan = allocate(here)
    judged = evaluate(here, plan)
    certificate = plan.certificate
    assert certificate is not None
    assert certificate.objective == judged.objective
    assert certificate.realised_objective == judged.realised_objective
    share = (certificate.bound - certificate.objective) / certificate.objective
    assert certificate.gap == pytest.approx(share, abs=1e-15)
    assert certificate.gap <= certificate.asked_gap == 1e-7
    assert certificate.variables == len(problem_of(here).offers)
    assert certificate.solver == "HiGHS 1.13.1"
    assert 0.1 < certificate.seconds < 60
    assert len(plan.reason) == len(plan)


def test_the_same_plan_twice_and_within_the_asked_gap() -> None:
    rules = {"spacing": (SETTINGS["spacing"](gap=2),)}
    here = budget(replace(world(4, 2, 26), solve=Solve(gap=0.02, time_limit=60.0), rules=rules), 25_000.0)
    first, second = allocate(here), allocate(here)
    for name in ("account", "sku", "week", "weeks", "treatment"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()
    assert first.certificate is not None
    assert second.certificate is not None
    assert first.certificate.gap <= 0.02
    assert (first.certificate.bound, first.certificate.gap) == (second.certificate.bound, second.certificate.gap)


def test_nothing_to_offer_is_a_plan_of_nothing() -> None:
    closed = middling()
    plan = allocate(replace(closed, eligible=np.zeros_like(closed.eligible)))
    assert len(plan) == 0
    assert plan.certificate is not None
    assert (plan.certificate.objective, plan.certificate.gap, plan.certificate.status) == (0.0, 0.0, "optimal")


def test_nothing_pays_is_a_plan_of_nothing() -> None:
    plan = allocate(middling(objective=Objective(maximize="profit"), treatments=dear(middling())))
    assert len(plan) == 0
    assert plan.certificate is not None
    assert (plan.certificate.objective, plan.certificate.gap) == (0.0, 0.0)


def dear(here: Scenario) -> object:
    return replace(here.treatments, fixed_cost=np.full_like(here.treatments.fixed_cost, 1e6))


# why each event is there


def test_reasons() -> None:
    locks = (Lock(0, 0, 2, 1, 1, "committed"), Lock(1, 1, 5, 1, -1, "must"))
    count = SETTINGS["promotion_count"](min=1, per="account_sku")
    profit = Objective(maximize="profit")
    here = world(2, 2, 8, sku_columns={"unit_cost": [25.0, 54.0]}, locks=locks, objective=profit)
    here = replace(here, rules={"promotion_count": (count,)}, solve=EXACT)
    plan = allocate(here)
    told = {(a, s, w): r for a, s, w, r in zip(plan.account, plan.sku, plan.week, plan.reason, strict=True)}
    assert told[(0, 0, 2)] == "committed"
    assert any(r == "must" and (a, s) == (1, 1) and w in (4, 5) for (a, s, w), r in told.items())
    judged = evaluate(here, plan)
    rest = [i for i, reason in enumerate(plan.reason) if reason in ("pays", "serves targets")]
    assert {plan.reason[i] for i in rest} == {"pays", "serves targets"}
    for i in rest:
        assert (plan.reason[i] == "pays") == (judged.ledger.event_contribution[i] >= 0)


# what cannot be


def test_rules_that_cannot_hold_are_named() -> None:
    many = SETTINGS["promotion_count"](min=5, per="account_sku")
    floor = SETTINGS["sales_target"]()
    here = budget(middling(rules={"promotion_count": (many,), "spacing": (SETTINGS["spacing"](gap=0),)}), 900.0)
    with pytest.raises(InfeasibleError) as told:
        allocate(replace(here, rules=here.rules | {"sales_target": (floor,)}))
    assert told.value.conflicts == (("promotion_count", "budget"),)
    assert "promotion_count + budget" in str(told.value)
    assert told.value.exit_code == 3


def test_a_conflict_of_whole_numbers_alone_is_named() -> None:
    """Between 1.2 and 1.8 times one event's spend: half events keep the budget, whole ones cannot."""
    here = replace(world(1, 1, 3, treatment_columns={"lengths": [(1,), ()]}), solve=EXACT)
    spend = problem_of(here).offers.spend
    here = budget(here, 1.8 * spend[0], 1.2 * spend[0])
    with pytest.raises(InfeasibleError) as told:
        allocate(here)
    assert told.value.conflicts == (("budget",),)


def test_no_time_still_leaves_a_plan_and_an_honest_gap() -> None:
    plan = allocate(replace(budget(world(6, 3, 20), 20_000.0), solve=Solve(gap=1e-7, time_limit=0.01)))
    assert plan.certificate is not None
    assert plan.certificate.status == "stopped"
    assert plan.certificate.gap > 1e-7
    assert plan.certificate.breaches == ()


def test_a_limit_without_a_plan_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def empty_handed(*given: object) -> object:
        found = search(*given)  # type: ignore[arg-type]
        found.x = None
        return found

    monkeypatch.setattr(verb, "search", empty_handed)
    with pytest.raises(NoPlanError, match="more time"):
        allocate(middling())


def test_a_judge_who_disagrees_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def severe(*given: object) -> object:
        return replace(evaluate(*given), breaches=(Breach("budget", "total", 2.0, 1.0, "money", 1.0),))  # type: ignore[arg-type]

    monkeypatch.setattr(verb, "evaluate", severe)
    with pytest.raises(ContradictionError, match="budget total: 2 against 1 money") as told:
        allocate(middling())
    assert told.value.exit_code == 7


@pytest.mark.parametrize("shift", [5.0, -5.0])
def test_a_judge_who_values_otherwise_stops_everything(shift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*given: object) -> object:
        judged = evaluate(*given)  # type: ignore[arg-type]
        return replace(judged, objective=judged.objective + shift)

    monkeypatch.setattr(verb, "evaluate", other)
    with pytest.raises(ContradictionError, match="two things"):
        allocate(middling())


@pytest.mark.parametrize("stage", ["relax", "start", "solve"])
def test_ctrl_c_gives_the_best_plan_so_far(stage: str) -> None:
    """However early: once the offers are made there is a plan."""
    here = replace(budget(world(6, 3, 20), 20_000.0), solve=Solve(gap=1e-9, time_limit=120.0))
    saved: list[Plan] = []

    def interrupt(event: Progress) -> None:
        if event.stage == stage:
            raise KeyboardInterrupt

    plan = allocate(here, listener=interrupt, save=saved.append)
    assert plan.certificate is not None
    assert plan.certificate.status == "interrupted"
    assert evaluate(here, plan).breaches == ()
    assert [evaluate(here, one).breaches for one in saved] == [()] * len(saved)


# the problem as arrays


@given(here=ruled())
@settings(max_examples=25, deadline=None)
def test_arrays_and_pyomo_make_the_same_program(here: Scenario) -> None:
    made = problem_of(here)
    try:
        readable = model.to_program(model.build(here, made.offers, made.rows))
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            from_arrays(made)
        return
    direct = from_arrays(made)
    offers = len(made.offers)
    assert np.array_equal(direct.cost[:offers], readable.cost[:offers])
    assert direct.offset == pytest.approx(readable.offset)
    assert np.array_equal(direct.row_low, readable.row_low)
    assert np.array_equal(direct.row_high, readable.row_high)
    assert np.array_equal(direct.matrix[:, :offers].toarray(), readable.matrix[:, :offers].toarray())
    assert signature(direct, offers) == signature(readable, offers)
    assert len(rule_of_rows(made)) == direct.matrix.shape[0] == len(direct.row_names)


def signature(one: problem.Program, offers: int) -> list[tuple[float, ...]]:
    """What soft rows may miss, whatever the order of those columns."""
    body = one.matrix[:, offers:].toarray()
    return sorted((float(c), *column) for c, column in zip(one.cost[offers:], body.T.tolist(), strict=True))


def test_many_offers_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    here = middling()
    readable = allocate(here).certificate
    monkeypatch.setattr(problem, "READABLE", 0)
    direct = allocate(here).certificate
    assert readable is not None
    assert direct is not None
    assert direct.objective == pytest.approx(readable.objective, rel=1e-12)
    assert program_of(here, problem_of(here)).row_names[0].startswith("spacing [")


def test_plans_and_choices_are_the_same_thing() -> None:
    made = problem_of(middling())
    rng = np.random.default_rng(3)
    x = (rng.random(len(made.offers)) < 0.1).astype(float)
    assert np.array_equal(chosen(made, plan_of(made.offers, x)), x)
    elsewhere = Plan(*(np.array([0]) for _ in range(3)), np.array([7]), np.array([0]))
    assert chosen(made, elsewhere).sum() == 0


def test_groups_label_what_counts_together() -> None:
    here = world(2, 1, 26)
    made = problem_of(here)
    labels = groups_of(here, made.offers, len(made.offers) + 3)
    assert [len(np.unique(one[:-3])) for one in labels] == [2, 4, 6, 4, 12]
    assert all((one[-3:] == -1).all() for one in labels)


def test_a_problem_made_before_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    here = middling()
    made = problem_of(here)
    monkeypatch.setattr(verb, "problem_of", lambda *_, **__: pytest.fail("made again"))
    fewer = Problem(made.offers, tuple(block for block in made.rows if block.rule != "spacing"))
    with pytest.raises(ContradictionError, match="spacing"):
        allocate(here, problem=fewer)
    assert len(allocate(here, problem=made)) > 0
