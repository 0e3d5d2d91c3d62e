"""The engine for large scenarios on small worlds, where the truth is known: bound >= optimum >= plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large.engine import searched
from kaopt.allocation.large.quest import Found, Quest
from kaopt.allocation.large.streams import Told
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.solve import CLOSE, Limits, relative_gap
from kaopt.errors import InfeasibleError, InputError
from kaopt.offers import make_offers
from kaopt.scenario.model import Scenario
from tests.allocation import brute
from tests.allocation.case import LOSING, plain
from tests.allocation.cases_money import rebate
from tests.allocation.large.small import Truth, around_a_plan, one_process, short, truth
from tests.allocation.strategies import ruled, worlds

QUIET = settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
CLOSED = CLOSE  # a gap up to which a plan is claimed to be the best
TRIED = 7  # offers up to which every plan is tried


@pytest.fixture(scope="module", autouse=True)
def solver() -> Iterator[None]:
    """One solver's process for all."""
    with one_process():
        yield


def found_in(world: Scenario) -> Found:
    """What the engine makes of a world of any size."""
    return searched(Quest(Told(world, RULES), Limits(seconds=60.0), 0.0, begun=monotonic()))


def holds(world: Scenario) -> None:
    """No plan above the optimum, no bound below it, no plan with a breach; what claims to be the best is the best."""
    known = truth(world)
    try:
        found = found_in(world)
    except InfeasibleError:
        assert known is None
        return
    except InputError as refused:
        assert "supply" in str(refused)
        assume(False)
        return
    agrees(world, found, known)


def agrees(world: Scenario, found: Found, known: Truth | None) -> None:
    """Hold what was found against the truth, and a gap of nothing against every plan that there is."""
    if known is not None:
        assert found.bound >= known.best - CLOSE * max(1.0, abs(known.best))
    if found.plan is None:
        return
    assert known is not None
    judged = evaluate(world, found.plan)
    room = CLOSE * max(1.0, abs(known.most))
    assert not judged.breaches
    assert judged.objective <= min(known.most, found.bound) + room
    if relative_gap(found.bound, judged.objective) <= CLOSED:
        assert judged.objective >= known.best - room
        if len(offers := make_offers(world)) <= TRIED:
            assert judged.objective >= brute.best(world, offers).objective - room


@QUIET
@given(worlds())
def test_no_bound_is_below_the_optimum_and_no_plan_above_it(world: Scenario) -> None:
    holds(world)


@QUIET
@given(around_a_plan())
def test_with_fees_tiers_and_limits_that_bind(world: Scenario) -> None:
    holds(world)


@QUIET
@given(ruled())
def test_with_every_rule(world: Scenario) -> None:
    holds(world)


@pytest.mark.thorough
@settings(parent=QUIET, max_examples=2000)
@given(st.one_of(worlds(), around_a_plan(), ruled()))
def test_two_thousand_worlds(world: Scenario) -> None:
    with short():
        holds(world)


@settings(parent=QUIET, max_examples=3)
@given(st.one_of(worlds(), around_a_plan()))
def test_the_same_again(world: Scenario) -> None:
    first, second = found_in(world), found_in(world)
    assert first.bound == second.bound
    assert first.objective == second.objective


@pytest.mark.parametrize("tiers", [((9_000.0, 0.01), (12_000.0, 0.02)), ((9_500.0, 0.02),)])
def test_tiers_of_an_account_without_anything_worth_doing_are_not_paid_twice(
    tiers: tuple[tuple[float, float], ...],
) -> None:
    """The first account's promotions lose, so that none of its events is kept, and only the tiers are left of it."""
    cases = np.array([[[100.0, 100.0]], [[1000.0, 1000.0]]])
    world = plain((2, 1, 2), base_cases=cases, rebates=(rebate(*tiers),), treatment_columns=LOSING)
    found, known = found_in(world), truth(world)
    assert known is not None
    assert known.best == pytest.approx(44_000)
    assert found.bound >= known.best
    agrees(world, found, known)


def test_a_gap_of_nothing_is_claimed_and_true() -> None:
    """Three weeks, one slot, two SKUs: every plan is tried."""
    world = plain((1, 2, 3), account_columns={"display_slots": [1]})
    found = found_in(world)
    best = brute.best(world, make_offers(world)).objective
    assert found.objective == pytest.approx(best) == pytest.approx(6_000)
    assert relative_gap(found.bound, found.objective) <= CLOSED


def test_an_interruption_keeps_what_there_is() -> None:
    """Whoever listens interrupts once a plan is told."""

    def stop(word: object) -> None:
        if getattr(word, "stage", "") == "walk":
            raise KeyboardInterrupt

    world = plain((1, 2, 3))
    found = searched(Quest(Told(world, RULES), Limits(seconds=60.0), 0.0, stop, begun=monotonic()))
    assert found.interrupted
    assert found.plan is not None
    assert not evaluate(world, found.plan).breaches
    assert not found_in(replace(world, weeks=3)).interrupted
