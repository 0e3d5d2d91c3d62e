"""One stage after another: against trying every plan, with what is given up and what is proven of each stage."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate, judged, money_of, price, regret, soft_misses, worth
from kaopt.allocation.plans.bench import with_row
from kaopt.allocation.plans.lexicographic import CONTRIBUTION, SHORTFALL, VOLUME, levels
from kaopt.allocation.problem import problem_of, program_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.rules.rule import regret_of
from kaopt.offers import make_offers, weight_of
from kaopt.scenario.settings import Objective, Weights
from tests.allocation.programs import program
from tests.planning.small import SETTINGS, every_plan, small
from tests.worlds import plan

STAGES = Objective(maximize="lexicographic", tolerance=1e-9)
SOFT = {
    "promotion_count": {"min": 3, "per": "account", "hard": False, "regret": 0.0},
    "spacing": {"gap": 1},
}


@pytest.fixture(scope="module", params=[1, 2, 3])
def case(request):
    here = replace(small(request.param, budget=2500.0, **SOFT), objective=STAGES)
    plans = [one for _, one in every_plan(here)[1] if not one.breaches]
    return here, plans, allocate(here)


def key(here, one):
    """What is compared first, second and third, rounded so that equal is equal."""
    reached = levels(here, one, RULES)
    return tuple(round(reached[name], 6) for name in (SHORTFALL, VOLUME, CONTRIBUTION))


def test_the_plan_is_the_first_in_the_order_of_the_stages(case):
    here, plans, found = case
    assert key(here, evaluate(here, found)) == max(key(here, one) for one in plans)


def test_the_certificate_speaks_of_the_volume(case):
    here, plans, found = case
    made, one = found.certificate, evaluate(here, found)
    assert made.objective == one.objective == pytest.approx(sum(one.ledger.event_credit))
    assert made.status == "optimal"
    rivals = [other.objective for other in plans if key(here, other)[0] >= key(here, one)[0]]
    assert made.bound >= max(rivals) - 1e-6


def test_the_notes_tell_every_stage_with_its_limit(case):
    here, _, found = case
    short, volume, money = found.certificate.notes[:3]
    reached = levels(here, evaluate(here, found), RULES)
    assert short.startswith(f"stage 1, {SHORTFALL}: {-reached[SHORTFALL]:.6g} regret, no less than ")
    assert volume.startswith(f"stage 2, {VOLUME}: {reached[VOLUME]:.6g} case, no more than ")
    assert money.startswith(f"stage 3, {CONTRIBUTION}: {reached[CONTRIBUTION]:.6g} money, no more than ")


def test_shortfalls_come_first_however_little_volume_they_bring(case):
    """The same world with regrets that volume outweighs gives a plan with more volume and more shortfall."""
    here, _, found = case
    weighed = replace(here, objective=Objective(maximize="profitable_volume", case_value=1e6))
    other = evaluate(here, replace(allocate(weighed), certificate=None))
    assert levels(here, other, RULES)[SHORTFALL] <= levels(here, evaluate(here, found), RULES)[SHORTFALL] + 1e-9
    assert other.objective >= found.certificate.objective - 1e-6


def test_without_soft_rules_there_are_two_stages():
    here = replace(small(1, budget=2500.0), objective=STAGES)
    notes = allocate(here).certificate.notes
    assert notes[0].startswith(f"stage 1, {VOLUME}") and notes[1].startswith(f"stage 2, {CONTRIBUTION}")


def test_the_tolerance_is_what_a_later_stage_may_give_up():
    """With all of it to give, the last stage is alone; with none, volume stays."""
    strict = replace(small(3, budget=2500.0), objective=STAGES)
    free = replace(strict, objective=Objective(maximize="lexicographic", tolerance=1.0))
    most = max(sum(one.ledger.event_contribution) for _, one in every_plan(free)[1] if not one.breaches)
    assert sum(evaluate(free, allocate(free)).ledger.event_contribution) == pytest.approx(most)
    assert allocate(strict).certificate.objective >= allocate(free).certificate.objective


def test_a_regret_weighs_a_shortfall_and_none_counts_one_for_each_unit():
    here = replace(small(1), objective=STAGES)
    kind = SETTINGS["promotion_count"]
    none, some = (kind(min=1, hard=False, regret=money) for money in (0.0, 7.0))
    assert (price(here, none), price(here, some)) == (1.0, 7.0)
    assert (regret_of(here, none, 2.0), regret_of(here, some, 2.0)) == (2.0, 14.0)
    assert price(replace(here, objective=Objective(maximize="profit")), none) == 0.0


def test_regrets_are_no_part_of_the_volume():
    here = replace(small(1, **SOFT), objective=STAGES)
    nothing = evaluate(here, plan())
    verdicts = judged(here, nothing.ledger, RULES)
    assert sum(money or 0.0 for _, money in verdicts) == 6.0  # three promotions missing at each of two accounts
    assert money_of(verdicts) == soft_misses(here, nothing.ledger, RULES)
    assert (regret(here, money_of(verdicts)), worth(here, nothing.ledger), nothing.objective) == (0.0, 0.0, 0.0)


# --- weights


def test_a_weight_multiplies_an_events_value_in_both_twins():
    weights = Weights(account={"A1": 2.0}, segment={"big": 3.0, "small": 0.5}, brand={"one": 10.0})
    plain = small(1)
    heavy = replace(plain, objective=plain.objective.model_copy(update={"weights": weights}))
    before, after = make_offers(plain), make_offers(heavy)
    factor = np.where(before.account == 0, 60.0, 5.0)  # A1 is big: 2 x 3 x 10; A2 is small: 0.5 x 10
    np.testing.assert_allclose(after.value, factor * before.value, rtol=1e-12)
    np.testing.assert_array_equal(weight_of(heavy, before.account, before.sku), factor)
    one = plan((0, 0, 1, 1, 0), (1, 0, 2, 1, 0))
    alone = [evaluate(plain, plan(event)).objective for event in ((0, 0, 1, 1, 0), (1, 0, 2, 1, 0))]
    assert evaluate(heavy, one).objective == pytest.approx(60 * alone[0] + 5 * alone[1], rel=1e-12)


@pytest.mark.parametrize("aim", ["profit", "value", "profitable_volume", "lexicographic"])
def test_the_table_and_the_evaluator_agree_under_weights(aim):
    weights = Weights(account={"A2": 4.0}, brand={"one": 0.25})
    here = replace(small(2), objective=Objective(maximize=aim, weights=weights, tie=1e-3))
    offers = make_offers(here)
    for chosen, one in every_plan(here)[1][1::37]:
        assert one.objective == pytest.approx(float(offers.value @ np.array(chosen)), rel=1e-9, abs=1e-9)


def test_a_weight_turns_the_plan_to_its_account():
    """One promotion can be paid: it goes to the better account, and to the other one where that counts enough."""
    here = small(1, promotion_count={"max": 1, "per": "total"})
    first = allocate(here)
    other = ("A1", "A2")[1 - int(first.account[0])]
    turned = replace(here, objective=here.objective.model_copy(update={"weights": Weights(account={other: 50.0})}))
    assert here.accounts.account[int(allocate(turned).account[0])] == other


# --- a further row


def test_a_further_row_keeps_its_meaning_at_any_scale():
    base = program([1.0, 1.0, 1.0], [[1.0, 1.0, 1.0]], high=2.0)
    for scale in (1e-6, 1.0, 1e6):
        more = with_row(base, "more", scale * np.array([3.0, 0.0, 1.0]), low=scale * 3.0)
        row = more.matrix.toarray()[-1]
        assert 0.5 <= np.abs(row).max() <= 2.0
        assert row / row[0] * 3.0 == pytest.approx([3.0, 0.0, 1.0])
        assert (more.row_low[-1] / row[0] * 3.0, more.row_high[-1]) == (pytest.approx(3.0), inf)
        assert more.row_names[-1] == "more"


def test_dust_beside_a_large_entry_is_allowed_for():
    base = program([1.0, 1.0], [[1.0, 1.0]], high=2.0)
    more = with_row(base, "more", np.array([1.0, 1e-12]), low=1.0, high=1.0)
    assert more.matrix.toarray()[-1].tolist() == [1.0, 0.0]
    assert (more.row_low[-1], more.row_high[-1]) == (1.0 - 1e-12, 1.0 + 1e-12)


def test_the_rows_of_soft_rules_keep_their_regrets_as_costs():
    here = replace(small(1, **SOFT), objective=STAGES)
    problem = problem_of(here)
    made = program_of(here, problem)
    assert np.count_nonzero(made.cost[problem.offers.columns :]) > 0
