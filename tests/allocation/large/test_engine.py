"""The engine for large scenarios on small worlds, where the truth is known: bound >= optimum >= plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings

from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.large.engine import Found, Quest, searched
from kaopt.allocation.large.streams import Told
from kaopt.allocation.large.verb import is_large
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.solve import CLOSE, Limits
from kaopt.errors import InfeasibleError, InputError, NoPlanError
from kaopt.scenario.model import Scenario
from tests.allocation.strategies import ruled, worlds

QUIET = settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))


def found_in(world: Scenario) -> Found:
    """What the engine makes of a world of any size."""
    return searched(Quest(Told(world, RULES), Limits(seconds=60.0), 0.0))


def holds(world: Scenario) -> None:
    """No plan above the optimum, no bound below it, no plan with a breach."""
    exact = replace(world, solve=world.solve.model_copy(update={"gap": 0.0, "engine": "arrays"}))
    try:
        optimum = allocate(exact).certificate
        found = found_in(world)
    except (InfeasibleError, InputError, NoPlanError):
        assume(False)
    assert optimum is not None
    room = CLOSE * max(1.0, abs(optimum.objective))
    assert found.bound >= optimum.objective - room
    if found.plan is not None:
        judged = evaluate(world, found.plan)
        assert not judged.breaches
        assert judged.objective <= optimum.bound + room


@QUIET
@given(worlds())
def test_no_bound_is_below_the_optimum_and_no_plan_above_it(world: Scenario) -> None:
    holds(world)


@pytest.mark.thorough
@settings(parent=QUIET, max_examples=2000)
@given(worlds())
def test_two_thousand_worlds(world: Scenario) -> None:
    holds(world)


@QUIET
@given(ruled())
def test_with_every_rule(world: Scenario) -> None:
    holds(world)


@QUIET
@given(worlds())
def test_the_same_again(world: Scenario) -> None:
    first, second = found_in(world), found_in(world)
    assert first.bound == second.bound
    assert first.objective == second.objective


def test_small_worlds_do_not_go_shard_by_shard() -> None:
    from benchmarks.generator import draw, read

    assert not is_large(read(draw("S1", 1)))
