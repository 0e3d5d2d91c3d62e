"""The fewest changes, and the curve of changes: against trying every plan, and what cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pytest

from kaopt.allocation.evaluate import Evaluation, evaluate
from kaopt.allocation.explain.explanation import explain
from kaopt.allocation.plans.near import beside, near
from kaopt.allocation.plans.nearest import Near
from kaopt.allocation.rules import RULES, stability
from kaopt.allocation.search.relax import relax
from kaopt.allocation.solver.solve import Limits
from kaopt.errors import InfeasibleError, InputError
from kaopt.plan import Plan
from kaopt.progress import Progress
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from tests.planning.small import SETTINGS, events, every_plan, small
from tests.worlds import plan

RULED = {"spacing": {"gap": 1}, "promotion_count": {"min": 1, "max": 2, "per": "account"}}


@dataclass(frozen=True)
class Case:
    """A world, a plan that breaks its rules (three weeks in a row, nothing at the other account), and its curve."""

    here: Scenario
    given: Plan
    kept: list[Evaluation]  # every plan that keeps the rules
    found: Near

    def best(self, changes: int = 99) -> float:
        return max(one.objective for one in self.kept if changes_of(one, self.given) <= changes)

    def fewest(self, worth: float = -inf) -> int:
        return min(changes_of(one, self.given) for one in self.kept if one.objective >= worth - 1e-6)


@pytest.fixture(scope="module", params=[1, 3])
def case(request):
    here = small(request.param, budget=6000.0, **RULED)
    given = plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0), (0, 0, 2, 1, 0))
    kept = [one for _, one in every_plan(here)[1] if not one.breaches]
    return Case(here, given, kept, near(here, given))


def changes_of(one, given) -> int:
    return len(events(one.ledger.plan) ^ events(given))


def test_fewest_changes_and_every_point_are_those_of_trying_every_plan(case):
    found = case.found
    assert (found.proven, found.chosen.changes, found.at) == (case.fewest(), case.fewest(), 0)
    for point in found.points:
        allowed = 99 if point.allowed is None else point.allowed
        made = point.plan.certificate
        assert made.objective == pytest.approx(case.best(allowed), rel=1e-9)
        assert made.bound >= case.best(allowed) - 1e-6
        assert point.changes <= allowed
        assert point.changes == len(events(point.plan) ^ events(case.given))
        assert point.dropped == len(events(case.given) - events(point.plan))
        assert not evaluate(case.here, point.plan).breaches


def test_the_given_plan_is_judged_as_it_is(case):
    judged = evaluate(case.here, case.given)
    assert case.found.given_objective == judged.objective
    assert case.found.given_breaches == len(judged.breaches) > 0


def test_more_changes_never_bring_less_and_their_bounds_hold_for_fewer(case):
    points = case.found.points
    objectives = [one.objective for one in points]
    bounds = [one.plan.certificate.bound for one in points]
    assert objectives == sorted(objectives)
    assert bounds == sorted(bounds)
    assert points[-1].allowed is None


def test_the_chosen_point_stands_among_the_rules_of_the_run(case):
    found = case.found
    row = found.problem.rows[-1]
    assert (row.rule, row.high[0] + row.used_without[0]) == ("stability", found.proven)
    assert not evaluate(found.world, found.chosen.plan).breaches
    broken = [one.rule for one in evaluate(found.world, Plan.nothing()).breaches]
    assert ("stability" in broken) == (len(events(case.given)) > found.proven)


def test_so_many_changes_as_asked_and_no_change_where_none_is_needed(case):
    fewest = case.fewest()
    found = near(case.here, case.given, changes=fewest + 1)
    assert found.chosen.allowed == fewest + 1
    assert found.chosen.objective == pytest.approx(case.best(fewest + 1), rel=1e-9)
    again = near(case.here, found.chosen.plan)
    assert (again.proven, again.chosen.changes) == (0, 0)
    assert events(again.chosen.plan) == events(found.chosen.plan)


def test_too_few_changes_are_refused_with_the_number_that_is_needed(case):
    fewest = case.fewest()
    with pytest.raises(InfeasibleError, match=f"at least {fewest} are needed") as told:
        near(case.here, case.given, changes=fewest - 1)
    assert told.value.conflicts == (("stability",),)


def test_the_nearest_plan_within_a_share_of_the_best(case):
    best = case.best()
    found = near(case.here, case.given, within=0.1)
    assert found.chosen.changes == case.fewest(best - 0.1 * abs(best)) == found.proven
    assert found.chosen.objective >= best - 0.1 * abs(best) - 1e-6


def test_an_event_that_nobody_offers_is_a_change_that_cannot_be_spared():
    here = small(1, budget=6000.0)
    closed = here.eligible.copy()
    closed[0, 0, :, 0] = False
    here = replace(here, eligible=closed)
    found = near(here, plan((0, 0, 0, 1, 0), (0, 0, 2, 1, 0)))
    assert (found.proven, found.chosen.dropped, found.chosen.added) == (1, 1, 0)


def test_the_scenarios_own_rule_on_changes_speaks_of_its_own_plan_and_gives_way():
    here = small(1, stability={"max_changes": 0})
    own = replace(here, given=beside(here, plan((1, 0, 3, 1, 0))).given)
    found = near(own, plan((0, 0, 1, 1, 0)))
    assert found.chosen.changes == 0
    assert found.world.rules["stability"] == (SETTINGS["stability"](max_changes=0),)
    assert [lock.kind for lock in found.world.given] == ["given"]


def test_rules_that_cannot_hold_say_so():
    here = small(1, budget=1.0, promotion_count={"min": 1, "per": "account"})
    with pytest.raises(InfeasibleError):
        near(here, Plan.nothing())


def test_stages_have_no_curve():
    with pytest.raises(InputError, match="must be one objective here"):
        near(replace(small(), objective=Objective(maximize="lexicographic")), Plan.nothing())


def test_progress_is_told_and_every_better_plan_is_saved():
    told: list[Progress] = []
    saved: list[Plan] = []
    near(small(2, **RULED), plan((0, 0, 0, 1, 0)), rules=RULES, listener=told.append, save=saved.append)
    assert {"the fewest changes", "any number of changes"} <= {one.message for one in told if one.stage == "near"}
    assert all(not evaluate(small(2, **RULED), one).breaches for one in saved) and saved


@pytest.mark.thorough
def test_the_chosen_point_is_explained_by_the_relaxation_of_its_own_world(case):
    """What a further change is worth lies between what the last one brought and what the next would bring."""
    made = near(case.here, case.given, changes=case.fewest() + 1)
    told = explain(made.world, made.solved)
    assert told is not None and told.columns[: len(made.problem.offers)].sum() == len(made.chosen.plan)
    assert made.problem.rows[-1].rule == stability.NAME
    program, rows = made.solved.gated.program, made.problem.rows[-1]
    unit = abs(program.matrix[-1]).max() / abs(rows.matrix).max()  # of the program's row per change

    def worth(more: int) -> float:
        moved = program.row_high + np.append(np.zeros(len(program.row_high) - 1), more * unit)
        return relax(replace(program, row_high=moved), Limits(seconds=10.0)).value

    price = float(told.prices.blocks[-1][0])
    assert price > 0 and told.prices.value == pytest.approx(worth(0))
    assert worth(1) - worth(0) <= price + 1e-6 and worth(0) - worth(-1) >= price - 1e-6
