"""Plans against sampled worlds: two worlds by hand, small ones against every plan, what is proven, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kaopt.allocation.allocate import allocate, solved
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.explain.explanation import explain
from kaopt.allocation.plans.bench import bench_of
from kaopt.allocation.plans.near import near
from kaopt.allocation.problem import problem_of
from kaopt.allocation.risk.averse import CERTAIN, Quest, pursued
from kaopt.allocation.risk.cuts import completed, master_of, overvalued, with_cut
from kaopt.allocation.risk.judge import Drawn, judged_in, refuse_unconfirmed
from kaopt.allocation.risk.worlds import Worlds, drawing, pick_of, worlds_of
from kaopt.allocation.rules import RULES
from kaopt.allocation.solver.process import Child
from kaopt.allocation.together import meeting_cells
from kaopt.errors import ContradictionError, InputError
from kaopt.progress import silent
from kaopt.response.sample import sampled
from kaopt.scenario.risk_settings import Risk
from kaopt.scenario.settings import Objective, Rolling
from kaopt.statistics.worst import blend, tail_mean
from tests.allocation.risk.uncertain import FEW, every_plan, unsure
from tests.planning.small import SETTINGS, small
from tests.worlds import plan

ONE = {"promotion_count": {"max": 1, "per": "account"}}
RULED = {"spacing": {"gap": 1}, "promotion_count": {"max": 2, "per": "account"}}


@pytest.fixture(scope="module")
def child():
    with Child() as process:
        yield process


@pytest.fixture(scope="module")
def made():
    return solved(unsure(1, **ONE))


def laid_out(here, child):
    return bench_of(here, problem_of(here, RULES), RULES, child, silent)


@pytest.mark.parametrize(("weight", "account", "value"), [(0.0, 1, 15), (0.3, 1, 10.5), (0.4, 0, 10), (1.0, 0, 10)])
def test_two_worlds_by_hand(child, weight, account, value) -> None:
    """One promotion in all: worth 10 for sure at the first account, 30 or nothing at the second.

    On average the second is worth 15, in the worse half of the worlds 0: from a weight of 1/3 on, the first is better.
    """
    here = replace(small(1), rules={})
    bench = laid_out(here, child)
    offers = bench.problem.offers
    values = np.where(offers.account == 0, 10.0, np.array([[30.0], [0.0]]))
    worlds = Worlds(values, offers.account, np.array([[0, 0], [1, 1]]), Risk(level=0.5, weight=weight))
    one = replace(bench, program=at_most_one(bench.program, len(offers)))
    found = pursued(Quest(one, worlds, None), one.program.low, 10.0)
    chosen = np.flatnonzero(found.x[: len(offers)])
    assert offers.account[chosen].tolist() == [account]
    assert found.value == pytest.approx(value) and found.bound == pytest.approx(value)


def at_most_one(program, offers):
    from kaopt.allocation.plans.bench import with_row

    return with_row(program, "one", np.where(np.arange(len(program.cost)) < offers, 1.0, 0.0), high=1.0)


def searched(here, child):
    """The best solution of a world under its risk, and its plan."""
    bench = laid_out(here, child)
    worlds = worlds_of(here, bench.problem.offers, here.risk)
    found = pursued(Quest(bench, worlds, None), bench.program.low, 20.0)
    return found, bench.plan(found.x)


def holds_against_every_plan(here, child) -> None:
    risk = here.risk
    best = max(blend(values, risk.level, risk.weight) for _, values in every_plan(here))
    found, _ = searched(here, child)
    assert found.value == pytest.approx(best, rel=1e-7)
    assert best - 1e-6 <= found.bound <= best + 1e-4 * abs(best)


@pytest.mark.parametrize(("seed", "weight", "common"), [(1, 0.5, 0.0), (2, 1.0, 0.7)])
def test_no_plan_has_a_better_mean_and_tail(child, seed, weight, common) -> None:
    holds_against_every_plan(unsure(seed, FEW.model_copy(update={"weight": weight, "common": common}), **RULED), child)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4, 44))
def test_no_plan_has_a_better_mean_and_tail_in_many_worlds(child, seed) -> None:
    luck = np.random.default_rng(seed)
    update = {"weight": luck.choice([0.0, 0.3, 0.7, 1.0]), "level": luck.choice([0.5, 0.8, 0.9, 0.96])}
    risk = FEW.model_copy(update=update | {"seed": seed, "common": luck.choice([0.0, 0.5])})
    rules = RULED if seed % 2 else {"promotion_count": {"min": 2, "per": "account", "hard": False, "regret": 30.0}}
    holds_against_every_plan(unsure(seed, risk, budget=luck.uniform(1000, 4000), **rules), child)


def test_the_certificate_is_what_the_evaluator_finds(made) -> None:
    here, plan_ = unsure(1, **ONE), made.plan
    values = next(values for found, values in every_plan(here) if same(found, plan_))
    sealed = plan_.certificate
    assert sealed.objective == pytest.approx(blend(values, FEW.level, FEW.weight), rel=1e-9)
    assert sealed.realised_objective == pytest.approx(sealed.objective, rel=1e-9)  # nothing meets
    assert sealed.gap == pytest.approx((sealed.bound - sealed.objective) / abs(sealed.objective), abs=1e-12)
    assert (sealed.status, sealed.breaches) == ("optimal", ())
    assert CERTAIN not in sealed.notes


def test_a_careful_plan_has_the_better_tail_and_the_lesser_mean(child) -> None:
    risks = [FEW.model_copy(update={"weight": w}) for w in (0.0, 1.0)]
    bold, careful = (searched(unsure(1, risk, **ONE), child)[1] for risk in risks)
    plans = every_plan(unsure(1, **ONE))
    steady, daring = (next(values for found, values in plans if same(found, one)) for one in (careful, bold))
    assert steady.mean() < daring.mean()
    assert tail_mean(steady, FEW.level) > tail_mean(daring, FEW.level)


def same(one, other):
    return [list(x) for x in (one.account, one.week, one.treatment)] == [
        list(x) for x in (other.account, other.week, other.treatment)
    ]


def test_without_standard_errors_it_is_the_ordinary_plan_and_says_so() -> None:
    here = small(1, **RULED)
    plain = allocate(here)
    careful = allocate(replace(here, risk=FEW))
    assert same(plain, careful)
    assert careful.certificate.objective == pytest.approx(plain.certificate.objective, rel=1e-9)
    assert CERTAIN in careful.certificate.notes and careful.outlook.certain
    assert careful.outlook.knowing.most.mean == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("mode", ["pairs", None])
def test_what_events_bring_together_is_counted_once(mode) -> None:
    """Without standard errors every world is the year of the estimates, in which dips meet the next promotion."""
    rules = {} if mode is None else {"overlap": {"mode": mode}}
    here = small(1, budget=1e6, promotion_count={"min": 3, "per": "account"}, **rules)
    dipping = replace(here.response, dip=np.full((2, 1), 0.2), dip_weeks=np.full((2, 1), 1))
    here = replace(here, response=dipping, risk=FEW.model_copy(update={"knowing": 0}))
    found = allocate(here)
    judged = evaluate(here, found)
    assert found.certificate.objective == pytest.approx(judged.objective, rel=1e-9)
    assert found.certificate.realised_objective == pytest.approx(judged.realised_objective, rel=1e-9)
    assert meeting_cells(here, found) > 0


def test_years_in_which_events_meet_are_lived_in_sampled_worlds() -> None:
    """All worlds of the tail and of the mean are lived where there are few of them."""
    risk = Risk(samples=10, draws=10, level=0.5, weight=0.3, knowing=0, fresh=10)
    here = unsure(1, risk)
    here = replace(here, response=replace(here.response, dip=np.full((2, 1), 0.6), dip_weeks=np.full((2, 1), 2)))
    given_ = plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0), (1, 0, 0, 1, 0), (1, 0, 2, 1, 0))
    judged = judged_in(here, given_, risk, RULES)
    drawn = Drawn(list(sampled(here, drawing(risk))), pick_of(here, risk))
    whole = [evaluate(replace(here, response=drawn.response(m)), given_) for m in range(10)]
    alone, years = (np.array([getattr(one, what) for one in whole]) for what in ("objective", "realised_objective"))
    assert judged.lived == pytest.approx(alone, rel=1e-9)
    change, worst = years - alone, np.argsort(alone)[:5]
    assert judged.together == pytest.approx(0.7 * change.mean() + 0.3 * change[worst].mean(), rel=1e-9)
    assert judged.together < -1


def test_any_cuts_bound_every_plan_from_above(child) -> None:
    """The master counts a plan as worth its risk or more; with the plan's own tail as a cut, exactly that."""
    here = unsure(2, FEW.model_copy(update={"weight": 0.7}))
    bench = laid_out(here, child)
    worlds = worlds_of(here, bench.problem.offers, here.risk)
    master = master_of(bench, worlds)
    luck = np.random.default_rng(5)
    for _ in range(6):
        for _ in range(20):
            x = luck.integers(0, 2, len(bench.program.cost)).astype(float)
            counted = float(master.program.cost @ completed(master, worlds, x)) + master.program.offset
            assert counted >= worlds.value(bench, x) - 1e-9
        if overvalued(master, worlds, x):
            master = with_cut(master, worlds, x)
        assert not overvalued(master, worlds, x)
    assert master.cuts >= 3


def test_prices_explain_what_offers_are_worth_to_the_risk() -> None:
    here = unsure(1, FEW.model_copy(update={"weight": 1.0}), budget=1500.0)
    known = solved(here)
    offers = known.problem.offers
    mean = worlds_of(here, offers, here.risk).mean
    told = explain(here, known)
    # the surest account's offers keep their worth, the other's lose what their tail takes
    lost = mean - offers.value
    assert lost[offers.account == 1].max() > 5 * np.abs(lost[offers.account == 0]).max()
    reduced = told.prices.reduced[: len(offers)]
    used = (told.prices.share[: len(offers)] > 1e-6) & (told.prices.share[: len(offers)] < 1 - 1e-6)
    assert np.abs(reduced[used]).max(initial=0.0) < 1e-3 * np.abs(offers.value).max()


def test_what_does_not_go_together_is_refused() -> None:
    here = unsure(1)
    for wrong, what in (
        ({"objective": Objective(maximize="lexicographic")}, "objective.maximize"),
        ({"rolling": Rolling()}, "rolling"),
    ):
        with pytest.raises(InputError) as caught:
            allocate(replace(here, **wrong))
        assert [fault.column for fault in caught.value.faults] == [what]
    with pytest.raises(InputError) as caught:
        near(replace(here, rules={"spacing": (SETTINGS["spacing"](gap=1),)}), plan((0, 0, 0, 1, 0)))
    assert [fault.column for fault in caught.value.faults] == ["risk"]


def test_what_the_evaluator_does_not_confirm_is_not_reported() -> None:
    here = unsure(1, **ONE)
    fine = judged_in(here, plan((0, 0, 1, 1, 0)), FEW, RULES)
    refuse_unconfirmed(fine, fine.lived, fine.objective)
    wrong = fine.lived.copy()
    wrong[7] *= 1.001
    with pytest.raises(ContradictionError, match="two things in sampled world 8"):
        refuse_unconfirmed(fine, wrong, fine.objective)
    with pytest.raises(ContradictionError, match="proven bound"):
        refuse_unconfirmed(fine, fine.lived, 0.99 * fine.objective)
    broken = judged_in(here, plan((0, 0, 0, 1, 0), (0, 0, 2, 1, 0)), FEW, RULES)
    with pytest.raises(ContradictionError, match="promotion_count"):
        refuse_unconfirmed(broken, broken.lived, 1e9)


def test_where_nothing_may_be_promoted_the_plan_is_empty() -> None:
    here = unsure(1)
    made_ = allocate(replace(here, eligible=np.zeros_like(here.eligible)))
    assert len(made_) == 0 and made_.certificate.objective == 0.0
    assert made_.outlook.plans["risk"].tail.mean == 0.0
