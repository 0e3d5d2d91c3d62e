"""Which terms are taken: those that a history really has, and no others; widths on known quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kaopt.response import choose
from kaopt.response.choose import (
    FOLDS,
    MEMORIES,
    Scores,
    chosen,
    gain_of,
    memories,
    own_terms,
    plain,
    scored,
    shared_terms,
    width_of,
)
from kaopt.response.learn import NORMAL_80
from kaopt.response.structure import Lift, Structure, design
from tests.response.histories import planted

MAIN_TWO = Structure(own=("elasticity", "display"))


def scores(off, week=None, series=None, likelihood=None):
    off = np.asarray(off, float)
    size = len(off)
    return Scores(
        np.zeros(size, np.int64) if series is None else np.asarray(series),
        np.arange(size) if week is None else np.asarray(week),
        np.zeros(size) if likelihood is None else np.asarray(likelihood, float),
        off,
    )


def changed(sales, term, value):
    """The history with one more term of the form in its ln units."""
    frame = sales.sort_values(["account", "sku", "week"], ignore_index=True)
    lift = Lift({"elasticity": -2.2, "display": 0.9})
    x = design(frame, Structure(own=(), shared=(term,)), lift)[:, 1]
    return frame.assign(units=frame["units"] * np.exp(value * x))


def gain(sales, structure, horizon=4):
    return gain_of(scored(sales, structure, horizon), scored(sales, MAIN_TWO, horizon))


@pytest.fixture(scope="module")
def sales():
    return planted(30, 40, seed=21).sales


@pytest.fixture(scope="module")
def shelf():
    """Fifteen accounts with two SKUs."""
    whole = planted(30, 40, seed=22).sales
    number = whole["account"].str[1:].astype(int)
    return whole.assign(account="A" + (number // 2).astype(str), sku="S" + (number % 2).astype(str))


SLOW = [pytest.param(*one, marks=pytest.mark.thorough) for one in (("price_display", -3.0), ("season_sin1", 0.3))]


@pytest.mark.parametrize(("term", "value"), [("dip", 0.5), *SLOW])
def test_a_term_that_the_history_has_is_worth_it_and_one_that_it_lacks_is_not(sales, term, value):
    shape = MAIN_TWO.with_term(term, shared=True)
    won, error = gain(changed(sales, term, value), shape)
    assert won > 3 * error and won > choose.LEAST_GAIN
    lost, error = gain(sales, shape)
    assert lost <= max(error, choose.LEAST_GAIN)


@pytest.mark.thorough
def test_neighbours_count_where_they_take_from_each_other(shelf):
    shape = MAIN_TWO.with_term("cross", shared=True)
    won, error = gain(changed(shelf, "cross", 0.4), shape)
    assert won > 3 * error
    lost, error = gain(shelf, shape)
    assert lost <= max(error, choose.LEAST_GAIN)


def test_a_level_that_drifts_is_followed(sales):
    rng = np.random.default_rng(3)
    walk = rng.normal(0, 0.12, (30, 40)).cumsum(axis=1).ravel()
    remembering = Structure(own=MAIN_TWO.own, memory=8.0)
    won, error = gain(sales.assign(units=sales["units"] * np.exp(walk)), remembering)
    assert won > 3 * error
    assert gain(sales, remembering)[0] <= choose.LEAST_GAIN


@pytest.mark.thorough
def test_the_whole_search_finds_what_was_planted_and_nothing_else(shelf):
    told = []
    model, trials = chosen(changed(changed(shelf, "cross", 0.4), "dip", 0.5), 4, tell=told.append)
    assert set(model.structure.shared) == {"cross", "dip"} and set(model.structure.own) == {"elasticity", "display"}
    assert model.structure.memory is None and told == trials
    kept = [one for one in trials if one.kept]
    assert kept[-1].structure == model.structure and all(one.gain > choose.LEAST_GAIN for one in kept)
    assert 1.0 < model.width < 1.7


def test_the_plainest_model_has_what_ever_changed(sales):
    assert plain(sales).own == ("elasticity", "display")
    assert plain(sales.assign(display=0.0)).own == ("elasticity",)
    assert plain(sales.assign(feature=sales["display"])).own == ("elasticity", "display", "feature")


def test_what_is_tried_depends_on_the_history(sales, shelf):
    def tried(history, now=MAIN_TWO):
        return [what for what, _ in shared_terms(history, now)]

    assert tried(sales) == ["dip, shared"]
    assert tried(shelf) == ["dip, shared", "cross, shared"]
    long = sales.assign(week=sales["week"] * 3)
    assert tried(long) == ["dip, shared", "season, shared"]
    seasonal = Structure(own=MAIN_TWO.own, shared=("season_sin1", "season_cos1"))
    assert tried(long, seasonal) == ["dip, shared", "season, twice a year, shared"]
    assert tried(sales.assign(holiday=0.0, other_heat=1.0)) == ["dip, shared", "holiday, shared", "other_heat, shared"]
    moving = sales.assign(base_price=np.where(sales["week"] > 20, 3.3, 3.0))
    assert tried(moving) == ["dip, shared", "base_price, shared"]
    assert tried(sales, Structure(own=MAIN_TWO.own, shared=("dip",))) == []


def test_interactions_are_tried_of_what_is_there(sales):
    assert [what for what, _ in own_terms(sales, MAIN_TWO)] == ["price_display, shared", "price_display, own"]
    assert own_terms(sales, Structure()) == []
    assert own_terms(sales, MAIN_TWO.with_term("price_display", shared=True)) == []
    three = Structure(own=("elasticity", "display", "feature"))
    assert len(own_terms(sales, three)) == 6


def test_one_memory_at_most(sales):
    assert [one.memory for _, one in memories(sales, MAIN_TWO)] == list(MEMORIES)
    assert memories(sales, Structure(memory=4.0)) == []


def test_the_windows_are_the_last_weeks_each_once(sales):
    found = scored(sales, MAIN_TWO, 3)
    weeks, times = np.unique(found.week, return_counts=True)
    assert weeks.tolist() == list(range(40 - 3 * FOLDS + 1, 41)) and set(times) == {30}


def test_long_horizons_are_cut_to_what_the_history_allows(sales):
    assert len(scored(sales, MAIN_TWO, 26).off) == 30 * FOLDS * (40 // (2 * FOLDS))


def test_rows_are_scored_by_a_distribution_with_tails(sales):
    found = scored(sales, MAIN_TWO, 2)
    scale = (1 - 2 / choose.TAILS) ** 0.5
    inside = stats.t.logpdf(found.off / scale, choose.TAILS) - np.log(scale)
    assert 0.7 < found.off.std() < 1.4 and abs(found.off.mean()) < 0.2
    sd = np.exp(inside - found.likelihood)  # the spread that a row was scored with
    assert 0.15 < np.median(sd) < 0.5


def test_the_width_of_known_quantiles():
    """Off by exactly d in every week: nothing to doubt, so the width is d; half is believed where it is quieter."""
    assert width_of(scores([2.0] * 50)) == pytest.approx(2.0)
    assert width_of(scores([0.5] * 50)) == pytest.approx((0.5 + NORMAL_80) / 2)


def test_the_width_of_normal_errors_is_that_of_a_normal():
    off = np.random.default_rng(5).normal(size=20_000)
    found = width_of(scores(off, week=np.arange(20_000) % 400))
    assert found == pytest.approx(NORMAL_80, abs=0.05) and found > np.quantile(np.abs(off), 0.8)


def test_few_weeks_with_common_news_are_doubted_more():
    rng = np.random.default_rng(6)
    news = np.repeat(rng.normal(size=10), 100)
    alone = rng.normal(size=1000)
    weeks = np.repeat(np.arange(10), 100)
    surplus = [width_of(scores(one, week=weeks)) - np.quantile(np.abs(one), 0.8) for one in (2 * news, 2 * alone)]
    assert surplus[0] > 2 * surplus[1]


def test_a_gain_by_hand():
    """Series 0 gains 1 twice, series 1 loses 1 once and gains 1: mean 1/2; its error from sums by series."""
    new, old = (scores([0.0] * 4, series=[0, 0, 1, 1], likelihood=one) for one in ([1, 1, -1, 1], [0, 0, 0, 0]))
    mean, error = gain_of(new, old)
    assert mean == 0.5 and error == pytest.approx((1.0**2 + 1.0**2) ** 0.5 / 4)


def test_a_week_that_is_missing_is_no_window_of_its_own(sales):
    gap = sales[~sales["week"].isin([38, 39])]
    weeks = np.unique(scored(gap, MAIN_TWO, 2).week)
    assert weeks.tolist() == sorted(gap["week"].unique())[-2 * FOLDS :]
