"""Promotions that meet: forbidden by rows that say no more and no less than the judge, or valued as they meet."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
import scipy.sparse as sp

from kaopt.allocation import meetings, together
from kaopt.allocation.allocate import allocate
from kaopt.allocation.evaluate import evaluate
from kaopt.allocation.model import build, to_program
from kaopt.allocation.pair_year import residuals
from kaopt.allocation.problem import from_arrays, problem_of
from kaopt.allocation.rules import overlap, with_switches
from kaopt.demand import Event
from kaopt.errors import InputError
from kaopt.offers import make_offers
from kaopt.scenario.model import Scenario
from kaopt.scenario.settings import Objective
from tests.allocation.brute import best, missed, plan_of, subsets
from tests.allocation.case import LOSING, plain
from tests.test_exactness import PAIRS, rich
from tests.worlds import plan

FORBID = overlap.Settings()
DIPPING = {"response_columns": {"dip": 0.5, "dip_weeks": 1}}
MATES = {"response_columns": {"cross": 0.5}, "sku_columns": {"cluster": "c"}}


def paired(shape: tuple[int, int, int], **given: object) -> Scenario:
    return plain(shape, rules=PAIRS, **given)


# --- forbid


@pytest.mark.parametrize("seed", range(15))
def test_rows_and_judge_forbid_the_same_plans(seed: int) -> None:
    here, luck = rich(seed), np.random.default_rng(seed)
    offers = make_offers(here)
    rows = overlap.rows(here, offers, FORBID)
    verdicts = set()
    for _ in range(8):
        chosen = np.isin(np.arange(len(offers)), luck.integers(0, max(len(offers), 1), int(luck.integers(1, 5))))
        judged = replace(here, rules={"overlap": (FORBID,)})
        broken = {b.scope for b in evaluate(judged, plan_of(offers, chosen)).breaches if b.rule == "overlap"}
        by_rows = {s for s, beyond in zip(rows.scopes, missed(rows, tuple(chosen)), strict=True) if beyond > 0}
        at_once = {b for b in evaluate(here, plan_of(offers, chosen)).breaches if b.rule == "one_event"}
        assert by_rows <= broken or at_once  # events that run at once break `one_event`
        assert bool(by_rows) == bool(broken) or at_once
        verdicts.add(bool(broken))
    assert verdicts


def test_rows_by_hand() -> None:
    """One SKU, three weeks, a dip of a week: week 1 is touched by the events of weeks 0 and 1, week 2 by 1 and 2."""
    here = plain((1, 1, 3), **DIPPING)
    rows = overlap.rows(here, make_offers(here), FORBID)
    assert rows.matrix.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    assert rows.scopes == ("account=A1 sku=S1 week=2", "account=A1 sku=S1 week=3")
    assert rows.high.tolist() == [1, 1]


def test_where_nothing_reaches_beyond_its_own_weeks_nothing_is_forbidden() -> None:
    """Events of one and two weeks do run into each other here; that is the matter of `one_event`."""
    here = plain((1, 2, 3), treatment_columns={"lengths": [(1, 2)]})
    assert len(overlap.rows(here, make_offers(here), FORBID)) == 0


def test_a_mate_that_sells_nothing_cannot_be_hurt() -> None:
    base = np.full((1, 2, 1), 100.0)
    base[0, 1] = 0.0
    here = plain((1, 2, 1), base_cases=base, **MATES)
    rows = overlap.rows(here, make_offers(here), FORBID)
    assert rows.scopes == ("account=A1 sku=S1 week=1",)  # S2's event takes from S1, S1's from nobody
    found = evaluate(replace(here, rules={"overlap": (FORBID,)}), plan((0, 0, 0, 1, 0), (0, 1, 0, 1, 0)))
    assert [(b.rule, b.scope, b.used) for b in found.breaches] == [("overlap", "account=A1 sku=S1 week=1", 2)]


def test_rows_that_others_imply_are_left_out() -> None:
    body = sp.csr_matrix(np.array([[1, 1, 0], [1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]], float))
    assert overlap.strongest(body).tolist() == [False, True, False, False, False]


# --- pairs


def test_a_pair_by_hand() -> None:
    """`show` doubles, its dip leaves 2^-0.5: together the second week sells 141.4, added up it would be 170.7."""
    here = paired((1, 1, 2), **DIPPING)
    part, *others = residuals(here, Event(0, 0, 0, 1, 0), Event(0, 0, 1, 1, 0))
    lost = 200 * 2**-0.5 - (200 + 100 * 2**-0.5 - 100)
    assert (part.week, part.payer, others) == (1, 0, [])
    assert part.cases == pytest.approx(lost) and part.contribution == pytest.approx(25 * lost)
    assert part.spend == pytest.approx(0, abs=1e-12)
    found = evaluate(here, plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0)))
    assert found.objective == pytest.approx(found.realised_objective)
    assert found.objective == pytest.approx(25 * (100 + 200 * 2**-0.5 - 100) - 1000)


def test_who_sells_less_pays_less_discount() -> None:
    """A cut of 10 % settled on sell-in: the guest's dip takes 58.6 of 200 cases, at 5 money each."""
    here = paired((1, 1, 2), treatment_columns={"depth": [0.1], "pass_through": [0.0]}, **DIPPING)
    part = residuals(here, Event(0, 0, 0, 1, 0), Event(0, 0, 1, 1, 0))[0]
    assert part.spend == pytest.approx(-5 * (200 - 200 * 2**-0.5))


def test_events_that_run_at_once_or_apart_have_no_residual() -> None:
    here = paired((2, 1, 4), treatment_columns={"lengths": [(1, 2)]}, **DIPPING)
    first = Event(0, 0, 0, 2, 0)
    for other in (Event(0, 0, 1, 1, 0), Event(0, 0, 3, 1, 0)):
        assert residuals(here, first, other) == []


WORLDS = {
    "dip": paired((1, 1, 4), **DIPPING),
    "a dip that makes the second not worth its fee": paired(
        (1, 1, 4), treatment_columns={"weekly_cost": [1400.0]}, **DIPPING
    ),
    "mates": paired((1, 3, 2), **MATES),
    "volume": paired(
        (1, 2, 3), objective=Objective(tie=1e-3), sku_columns={"cluster": "c"},
        response_columns={"cross": 0.8, "dip": 0.6, "dip_weeks": 2},
    ),
    "repelled": paired((1, 2, 2), response_columns={"display": log(2), "cross": -0.5}, sku_columns={"cluster": "c"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_the_best_plan_with_pairs_is_the_best_of_all_plans_lived_through(name: str) -> None:
    here = WORLDS[name]
    offers = make_offers(here)
    certificate = allocate(here).certificate
    assert certificate is not None and certificate.gap <= 1e-3
    expected = best(here, offers)
    assert certificate.objective == pytest.approx(expected.objective, rel=1e-3)
    if here.objective.maximize == "profit" and here.shape[1] == 1:
        lived = [evaluate(here, plan_of(offers, one)) for one in subsets(len(offers))]
        assert certificate.realised_objective == pytest.approx(max(one.realised_objective for one in lived), rel=1e-3)
        assert certificate.realised_objective == pytest.approx(certificate.objective, rel=1e-9)


def test_leaving_pairs_out_promises_more_and_brings_less() -> None:
    """Three events of 368 and the last of 1 100 add up to 2 204; each of the three meetings costs 732 of it."""
    here = WORLDS["a dip that makes the second not worth its fee"]
    blind, seeing = allocate(replace(here, rules={})).certificate, allocate(here).certificate
    assert blind is not None and seeing is not None
    dip = 2500 * (1 - 2**-0.5)
    assert blind.objective == pytest.approx(4 * 1100 - 3 * dip)
    assert blind.realised_objective == pytest.approx(4 * 1100 - 6 * dip)
    assert seeing.objective == pytest.approx(2 * 1100 - dip) == seeing.realised_objective


@pytest.mark.parametrize("name", WORLDS)
def test_model_and_arrays_say_the_same_of_pairs(name: str) -> None:
    here = WORLDS[name]
    problem = problem_of(here)
    arrays, pyomo = from_arrays(problem), to_program(build(here, problem.offers, problem.rows))
    assert (arrays.matrix != pyomo.matrix).nnz == 0
    assert arrays.cost == pytest.approx(pyomo.cost)
    assert not arrays.integer[len(problem.offers) :].any() and arrays.integer[: len(problem.offers)].all()


def test_too_many_pairs_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    here = WORLDS["mates"]
    monkeypatch.setattr(meetings, "PAIRS", 2)
    with pytest.raises(InputError, match=r"rules\.overlap\.mode.*at most 2.*forbid") as caught:
        with_switches(here, make_offers(here))
    assert "pairs of offers" in str(caught.value)
    monkeypatch.setattr(meetings, "CELLS", 1)
    with pytest.raises(InputError, match="account-SKU-weeks"):
        with_switches(here, make_offers(here))


# --- what is said of it


def test_the_note_counts_cells_and_tells_the_difference() -> None:
    here = plain((1, 1, 2), **DIPPING)
    both = evaluate(here, plan((0, 0, 0, 1, 0), (0, 0, 1, 1, 0)))
    note = together.residual_note(here, both)
    lost = both.objective - both.realised_objective
    assert "in 1 account-SKU-weeks" in note and f"{lost:,.0f} CNY" in note and " less than " in note
    alone = evaluate(here, plan((0, 0, 0, 1, 0)))
    assert together.residual_note(here, alone) == together.NOBODY


def test_a_certificate_says_whether_promotions_meet() -> None:
    certificate = allocate(plain((1, 1, 2), **DIPPING)).certificate
    assert certificate is not None and any("account-SKU-weeks" in note for note in certificate.notes)
    apart = allocate(plain((1, 1, 2), treatment_columns=LOSING, rules={})).certificate
    assert apart is not None and together.NOBODY in apart.notes
