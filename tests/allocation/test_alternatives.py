"""Alternatives: within what may be given up, as far apart as can be, and each claim true by other means."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.plans.alternatives import alternatives, differing
from kaopt.errors import InputError
from kaopt.scenario.settings import Objective
from tests.planning.small import events, every_plan, small
from tests.worlds import plan

COUNT = {"promotion_count": {"min": 1, "max": 2, "per": "account"}}


@pytest.fixture(scope="module", params=[1, 4])
def case(request):
    """A world, a choice of three alternatives within 20 %, and every plan that keeps the rules."""
    here = small(request.param, budget=3000.0, **COUNT)
    kept = [one for _, one in every_plan(here)[1] if not one.breaches]
    return here, alternatives(here, 3, within=0.2), kept


def test_the_best_is_the_best_and_every_other_is_within_the_loss(case):
    here, found, kept = case
    best = max(one.objective for one in kept)
    assert found.best.certificate.objective == pytest.approx(best, rel=1e-9)
    for one in found.alternatives:
        judged = evaluate(here, one.plan)
        assert not judged.breaches
        assert judged.objective >= 0.8 * best - 1e-6
        assert one.loss == pytest.approx((best - judged.objective) / best, abs=1e-9)
        assert one.plan.certificate.objective == judged.objective


def test_distances_are_what_they_say_and_nothing_is_farther(case):
    """The first alternative by trying every plan: the farthest from the best there is."""
    _, found, kept = case
    best = max(one.objective for one in kept)
    good = [one.ledger.plan for one in kept if one.objective >= 0.8 * best - 1e-6]
    for n, one in enumerate(found.alternatives):
        before = found.plans[: n + 1]
        assert one.distance == min(len(events(one.plan) ^ events(other)) for other in before)
        most = max(min(differing(plan_, other) for other in before) for plan_ in good)
        assert one.distance <= most <= one.most + 1e-9
        assert one.distance == most  # these worlds are small enough to be searched through


def test_every_plan_is_another_one(case):
    _, found, _ = case
    keys = [frozenset(events(one)) for one in found.plans]
    assert len(set(keys)) == len(keys) > 1


def test_the_certificate_speaks_of_the_best_bound(case):
    _, found, _ = case
    best = found.best.certificate
    for one in found.alternatives:
        made = one.plan.certificate
        assert made.bound == max(best.bound, made.objective)
        assert made.gap <= made.asked_gap + 1e-9
        assert made.notes[0].startswith(f"gives up {one.loss:.3%}")
        assert f"differs in {one.distance} events" in made.notes[1]


def test_each_alternative_is_farther_from_fewer_plans(case):
    """With every plan that is found, the next one has one more to keep away from."""
    _, found, _ = case
    assert all(a.distance >= b.distance for a, b in pairwise(found.alternatives))


def test_where_nothing_may_be_given_up_only_equal_plans_come():
    here = small(1, budget=3000.0, **COUNT)
    found = alternatives(here, 2, within=0.0)
    assert all(one.loss <= 1e-9 for one in found.alternatives)
    assert found.asked == 2


def test_differing_counts_events_of_either_plan():
    assert differing(plan((0, 0, 0, 1, 0), (0, 0, 2, 1, 0)), plan((0, 0, 2, 1, 0), (1, 0, 3, 1, 0))) == 2


def test_stages_have_no_alternatives():
    with pytest.raises(InputError, match="must be one objective here"):
        alternatives(replace(small(), objective=Objective(maximize="lexicographic")), 2, within=0.01)
