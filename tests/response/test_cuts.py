"""Which price cut where: the small problem by hand, against every alternative, and what a fit tells of it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from kaopt.response.cuts import (
    ALIKE,
    CUTS,
    HABIT,
    MARGIN,
    PLAUSIBLE,
    WEEKS,
    Outcome,
    Worth,
    best,
    earned,
    outcome,
    plan_values,
    summary,
    trade_of,
    worths,
)
from kaopt.response.halves import METHODS, Belief, Half, Pair, pairs, splits
from kaopt.response.structure import Structure
from tests.response.histories import planted


def trade(units=(100.0, 50.0), price=(2.0, 4.0), margin=(0.6, 1.0)):
    index = pd.MultiIndex.from_tuples([(f"A{n}", "S") for n in range(len(units))], names=["account", "sku"])
    return pd.DataFrame({"units": units, "price": price, "margin": margin}, index)


def belief(*elasticity):
    return Belief(tuple((f"A{n}", "S") for n in range(len(elasticity))), {"elasticity": np.array(elasticity)})


def test_a_cut_by_hand():
    """20 % off at elasticity -2: 100 units become 156.25; 56.25 more at 0.60, 0.40 off each of 156.25, eight weeks."""
    seen = outcome(belief(-2.0, 0.0), trade())
    at = CUTS.tolist().index(0.20)
    assert seen.margin[0, at] == pytest.approx(WEEKS * 56.25 * 0.6)
    assert seen.spent[0, at] == pytest.approx(WEEKS * 156.25 * 0.4)
    assert seen.margin[1].tolist() == [0.0] * len(CUTS)
    assert seen.spent[1] == pytest.approx(WEEKS * 50 * 4.0 * CUTS)


def test_nobody_believes_more_than_is_plausible():
    wild, most = outcome(belief(-1500.0, 9.0), trade()), outcome(belief(PLAUSIBLE[0], PLAUSIBLE[1]), trade())
    assert wild.margin.tolist() == most.margin.tolist() and wild.spent.tolist() == most.spent.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_choice_is_the_best_of_the_relaxed_problem(seed):
    """Two independent ways: one price of money, and a linear program."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    seen = outcome(belief(*rng.uniform(-5, -0.2, 6)), trade(*(rng.uniform(1, 9, 6) for _ in range(3))))
    budget = float(seen.spent[:, HABIT].sum()) * rng.uniform(0.2, 1.2)
    plan = best(seen, seen, budget)
    assert (plan >= 0).all() and (plan.sum(1) <= 1 + 1e-9).all()
    assert (plan * seen.spent).sum() == pytest.approx(budget)
    one_each = np.kron(np.eye(6), np.ones(len(CUTS)))
    rows = np.vstack([seen.spent.ravel(), one_each])
    found = linprog(-seen.margin.ravel(), A_ub=rows, b_ub=np.r_[budget, np.ones(6)], bounds=(0, 1))
    assert (plan * seen.margin).sum() == pytest.approx(-found.fun, rel=1e-9)


def test_whole_cuts_are_never_better():
    """Every combination of whole cuts within the budget earns less than the plan that may take parts."""
    seen = outcome(belief(-3.0, -1.0, -2.0), trade((9.0, 20.0, 7.0), (2.0, 1.0, 3.0), (1.0, 0.5, 1.0)))
    budget = 20.0
    most = (best(seen, seen, budget) * seen.margin).sum()
    for choice in product(range(-1, len(CUTS)), repeat=3):
        taken = [(n, c) for n, c in enumerate(choice) if c >= 0]
        if sum(seen.spent[one] for one in taken) <= budget:
            assert sum(seen.margin[one] for one in taken) <= most + 1e-9


def test_money_is_spent_as_the_judge_says():
    """The planner thinks that nobody reacts to cuts at A1; the judge sees more sales and thus more spent at A0."""
    seen, judge = outcome(belief(-2.0, 0.0), trade()), outcome(belief(-4.0, -4.0), trade())
    budget = 0.5 * float(judge.spent[0, -1])
    plan = best(seen, judge, budget)
    assert (plan * judge.spent).sum() == pytest.approx(budget)
    assert plan[1].tolist() == [0.0] * len(CUTS)
    assert earned(plan, judge, budget) == pytest.approx(100 * (plan * judge.margin).sum() / budget)


def test_a_plan_that_finds_nothing_worth_while_earns_nothing():
    seen, judge = outcome(belief(0.0, 0.0), trade()), outcome(belief(-3.0, -3.0), trade())
    plan = best(seen, judge, 100.0)
    assert plan.sum() == 0.0 and earned(plan, judge, 100.0) == 0.0


def test_a_large_budget_is_not_spent_on_what_earns_less():
    seen = outcome(belief(-2.0, -2.0), trade())
    plan = best(seen, seen, 1e9)
    assert plan[:, -1].tolist() == [1.0, 1.0]  # the deepest cut has the most extra margin


def test_who_knows_the_slopes_plans_better_than_habit():
    truth = belief(-4.0, -0.5)
    half = Half("all", dict.fromkeys(METHODS, truth))
    found = {(one.method, one.judge): one.earned for one in worths(Pair(half, half), trade())}
    for judge in ("partial_pooling", "least_squares"):
        assert found["partial_pooling", judge] == found["least_squares", judge] > found[ALIKE, judge]
    judge = outcome(truth, trade())
    by_hand = 100 * judge.margin[:, HABIT].sum() / judge.spent[:, HABIT].sum()
    assert found[ALIKE, "partial_pooling"] == pytest.approx(by_hand)


def test_a_planner_with_wrong_slopes_pays_for_it():
    right, wrong = belief(-4.0, -0.5), belief(-0.5, -4.0)
    made = Half("one", {"partial_pooling": right, "least_squares": wrong, "common_slopes": belief(-2.0, -2.0)})
    judge = Half("other", dict.fromkeys(METHODS, right))
    alike = trade(margin=(0.6, 1.2))  # the same share of the price, so that slopes alone decide
    found = {one.method: one.earned for one in worths(Pair(made, judge), alike) if one.judge == "least_squares"}
    ranked = ["partial_pooling", "common_slopes", "least_squares"]
    assert all(found[a] > found[b] for a, b in pairwise(ranked))


def test_volume_and_margin_are_the_same_for_all():
    sales = planted(6, 40, seed=3, spread=(0.7, 0.0, 0.0)).sales
    table = trade_of(sales)
    assert table["price"].tolist() == [3.0] * 6
    assert table["margin"].to_numpy() == pytest.approx(MARGIN * 3.0)
    quiet = sales[(sales["price"] == 3.0) & (sales["display"] == 0)]
    median = np.exp(np.log(quiet["units"]).groupby(quiet["account"]).mean()).to_numpy()
    assert table["units"].to_numpy() == pytest.approx(median, rel=0.15)


def test_costs_make_the_margin_where_they_are_known():
    sales = planted(3, 20, seed=4).sales
    cost = sales["account"].map({"A000": 1.0, "A001": 5.0})
    table = trade_of(sales.assign(cost=cost))
    assert table["margin"].tolist() == [2.0, 0.0, pytest.approx(MARGIN * 3.0)]


def test_halves_are_by_time_and_by_odd_and_even():
    sales = pd.DataFrame({"account": "A", "sku": "S", "week": [1, 2, 3, 7, 8]})
    first, other = splits(sales)
    assert first[:2] == ("first half", "second half") and first[2].tolist() == [True, True, True, False, False]
    assert other[:2] == ("odd weeks", "even weeks") and other[2].tolist() == [True, False, True, True, False]


def test_series_without_one_of_the_halves_are_left_out(monkeypatch):
    monkeypatch.setitem(METHODS, "partial_pooling", METHODS["common_slopes"])  # who fits does not matter here
    sales = planted(8, 16, seed=5).sales
    even_only = (sales["account"] != "A002") | (sales["week"] % 2 == 0)
    found = pairs(sales[even_only])
    assert [(one.made.name, one.judge.name) for one in found] == [
        ("first half", "second half"),
        ("second half", "first half"),
        ("odd weeks", "even weeks"),
        ("even weeks", "odd weeks"),
    ]
    sizes = [len(one.made.beliefs["partial_pooling"].series) for one in found]
    assert sizes == [8, 8, 7, 7]
    assert pairs(sales[sales["week"] == 1]) == []
    assert summary(plan_values(sales[sales["week"] == 1]), costs=False) == {}


def test_each_half_is_fitted_on_its_own_rows():
    sales = planted(10, 40, seed=6).sales
    late = sales["week"] > 20
    steeper = sales.assign(units=np.where(late, sales["units"] * (sales["price"] / 3.0) ** -2.0, sales["units"]))
    made = {one.made.name: one.made.beliefs for one in pairs(steeper)}
    for method in METHODS:
        early, then = (made[name][method].terms["elasticity"].mean() for name in ("first half", "second half"))
        assert then - early == pytest.approx(-2.0, abs=0.7)


def test_knowing_pays_on_a_planted_history():
    """Slopes differ much, halves have twelve weeks: both methods beat habit, pooling beats least squares."""
    sales = planted(30, 24, seed=7, spread=(0.5, 0.8, 0.3)).sales
    found = summary(plan_values(sales, Structure(own=("elasticity", "display"))), costs=False)
    assert found["order"][0] == "partial_pooling"
    by = "by_partial_pooling"
    earned_by = {name: one[by] for name, one in found["earned"].items()}
    assert earned_by["partial_pooling"] > earned_by["least_squares"] > earned_by[ALIKE]
    lead = found["lead_of_partial_pooling"]
    assert set(lead) == {"least_squares", "common_slopes", ALIKE}
    assert all(one["least"] <= one["mean"] <= one["most"] for one in lead.values())
    both = [np.mean(list(one.values())) for one in found["earned"].values()]
    names = list(found["earned"])
    gain = both[names.index("partial_pooling")] - both[names.index(ALIKE)]
    assert lead[ALIKE]["mean"] == pytest.approx(gain)


def test_the_summary_by_hand():
    rows = [("h1", "partial_pooling", 30.0), ("h1", ALIKE, 10.0), ("h2", "partial_pooling", 20.0), ("h2", ALIKE, 24.0)]
    found = summary([Worth(h, m, "partial_pooling", v) for h, m, v in rows], costs=True)
    assert found["earned"] == {"partial_pooling": {"by_partial_pooling": 25.0}, ALIKE: {"by_partial_pooling": 17.0}}
    assert found["order"] == ["partial_pooling", ALIKE] and found["margin"] == "price less cost"
    assert found["lead_of_partial_pooling"] == {ALIKE: {"least": -4.0, "mean": 8.0, "most": 20.0}}


def test_an_outcome_of_no_margin_buys_nothing():
    none = Outcome(np.zeros((2, len(CUTS))), np.ones((2, len(CUTS))))
    assert best(none, none, 1.0).sum() == 0.0
